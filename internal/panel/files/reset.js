"use strict";

// The code stands in the address after #, which browsers send nowhere. It is
// put into the form and taken out of the address, so that it stays out of history.
// The field is hidden before anything is painted: who has the code need not see it.
const given = location.hash.slice(1);
if (given) {
  document.documentElement.classList.add("given");
  history.replaceState(null, "", location.pathname);
}
document.addEventListener("DOMContentLoaded", () => {
  const code = document.getElementById("code");
  if (!code) {
    return;
  }
  if (given) {
    code.value = given;
  }
  if (code.value) { // also what the server gave back after a refusal
    document.documentElement.classList.add("given");
    document.getElementById("password").focus();
  }
});

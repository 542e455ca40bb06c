"use strict";

// The token stands in the address after #, which browsers send nowhere. It is
// taken out of the address at once, so that it stays out of history and shots.
const token = new URLSearchParams(location.hash.slice(1)).get("token") || "";
history.replaceState(null, "", location.pathname);

const byId = (id) => document.getElementById(id);
const form = byId("form");

if (form) {
  byId("no-token").hidden = token !== "";
  byId("submit").disabled = token === "";
  form.addEventListener("submit", submit);
  byId("copy").addEventListener("click", copy);
  byId("email").focus();
}

function showErrors(problem) {
  const fields = ["email", "password"];
  const messages = { form: "" };
  for (const { field, message } of problem.errors || []) {
    messages[fields.includes(field) ? field : "form"] = message;
  }
  if (!problem.errors) {
    messages.form = problem.detail;
  }
  for (const name of fields) {
    byId(name + "-error").textContent = messages[name] || "";
    byId(name).setAttribute("aria-invalid", messages[name] ? "true" : "false");
  }
  byId("form-error").textContent = messages.form;
  const first = fields.find((name) => messages[name]);
  if (first) {
    byId(first).focus();
  }
}

async function submit(event) {
  event.preventDefault();
  const button = byId("submit");
  button.disabled = true;
  showErrors({ detail: "" });
  try {
    const answer = await fetch("api/v1/setup", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ token, email: byId("email").value, password: byId("password").value }),
    });
    const body = await answer.json();
    if (answer.ok) {
      finish(body.api_key);
      return;
    }
    showErrors(body);
  } catch {
    showErrors({ detail: "The server did not answer. Is it still running?" });
  }
  button.disabled = false;
}

function finish(key) {
  byId("api-key").value = key;
  byId("commands").textContent = [
    "export LATCHKEY_URL=" + location.origin + location.pathname.replace(/\/setup$/, ""),
    "export LATCHKEY_API_KEY=" + key,
    "latchkey apps create Demo",
    "latchkey licenses create --app Demo --amount 5 --duration 30d",
  ].join("\n");
  byId("password").value = "";
  byId("ask").hidden = true;
  byId("done").hidden = false;
  byId("done-title").focus();
}

async function copy() {
  const key = byId("api-key");
  try {
    await navigator.clipboard.writeText(key.value);
    byId("copied").textContent = "Copied.";
  } catch {
    getSelection().selectAllChildren(key);
    byId("copied").textContent = "Selected: copy it with your keyboard.";
  }
}

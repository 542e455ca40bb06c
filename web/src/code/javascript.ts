import { type Language, quotedForJavaScript } from './values'

export const javascript: Language = {
  id: 'javascript',
  name: 'JavaScript',
  needs: 'Node.js 18',
  code: ({ url, app, license }) => `import { createHash, createPublicKey, verify } from "node:crypto";
import { hostname, userInfo } from "node:os";

const api = ${quotedForJavaScript(url + '/api/1.3/')};
const app = { name: ${quotedForJavaScript(app.name)}, ownerid: ${quotedForJavaScript(app.ownerId)} };
const key = createPublicKey({
  key: Buffer.from("302a300506032b6570032100" + ${quotedForJavaScript(app.compatKey)}, "hex"),
  format: "der",
  type: "spki",
});

async function call(form) {
  const answer = await fetch(api, {
    method: "POST",
    body: new URLSearchParams({ ...app, ...form }),
    redirect: "error",
    signal: AbortSignal.timeout(10_000),
  });
  const text = await answer.text();
  // An answer that this application's key has not signed just now is none.
  const sent = answer.headers.get("x-signature-timestamp") ?? "";
  const signature = Buffer.from(answer.headers.get("x-signature-ed25519") ?? "", "hex");
  const body = verify(null, Buffer.from(sent + text), key, signature) ? JSON.parse(text) : {};
  if (Math.abs(Date.now() / 1000 - Number(sent)) > 60 || body.ownerid !== app.ownerid) {
    throw new Error("This answer is not for us.");
  }
  if (!body.success) throw new Error(body.message);
  return body;
}

const hwid = createHash("sha256").update(hostname() + "-" + userInfo().username).digest("hex");
const { sessionid } = await call({ type: "init", ver: ${quotedForJavaScript(app.version)} });
const user = await call({ type: "license", sessionid, key: ${quotedForJavaScript(license)}, hwid });
console.log("Hello,", user.info.username);
`,
}

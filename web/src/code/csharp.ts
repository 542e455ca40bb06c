import { type Language, quoted } from './values'

export const csharp: Language = {
  id: 'csharp',
  name: 'C#',
  needs: 'dotnet add package BouncyCastle.Cryptography',
  code: ({ url, app, license }) => `using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Org.BouncyCastle.Crypto.Parameters;
using Org.BouncyCastle.Crypto.Signers;

const string api = ${quoted(url + '/api/1.3/')};
const string ownerId = ${quoted(app.ownerId)};
var key = new Ed25519PublicKeyParameters(Convert.FromHexString(${quoted(app.compatKey)}));
using var http = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(10) };

async Task<JsonElement> Call(Dictionary<string, string> form)
{
    form["name"] = ${quoted(app.name)};
    form["ownerid"] = ownerId;
    var answer = await http.PostAsync(api, new FormUrlEncodedContent(form));
    var body = await answer.Content.ReadAsByteArrayAsync();
    // An answer that this application's key has not signed just now is none.
    var sent = answer.Headers.GetValues("x-signature-timestamp").Single();
    byte[] message = [.. Encoding.ASCII.GetBytes(sent), .. body];
    var verifier = new Ed25519Signer();
    verifier.Init(false, key);
    verifier.BlockUpdate(message, 0, message.Length);
    var genuine = verifier.VerifySignature(Convert.FromHexString(answer.Headers.GetValues("x-signature-ed25519").Single()));
    var age = Math.Abs(DateTimeOffset.UtcNow.ToUnixTimeSeconds() - long.Parse(sent));
    if (!genuine || age > 60) throw new Exception("This answer is not for us.");
    var json = JsonDocument.Parse(body).RootElement;
    if (json.GetProperty("ownerid").GetString() != ownerId) throw new Exception("This answer is not for us.");
    if (!json.GetProperty("success").GetBoolean()) throw new Exception(json.GetProperty("message").GetString());
    return json;
}

var hwid = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Environment.MachineName + "-" + Environment.UserName)));
var init = await Call(new() { ["type"] = "init", ["ver"] = ${quoted(app.version)} });
var user = await Call(new()
{
    ["type"] = "license",
    ["sessionid"] = init.GetProperty("sessionid").GetString()!,
    ["key"] = ${quoted(license)},
    ["hwid"] = hwid,
});
Console.WriteLine("Hello, " + user.GetProperty("info").GetProperty("username").GetString());
`,
}

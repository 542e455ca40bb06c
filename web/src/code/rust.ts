import { type Language, quotedForRust as quoted } from './values'

export const rust: Language = {
  id: 'rust',
  name: 'Rust',
  needs: 'cargo add ureq@2 ring@0.17 serde_json@1 hex@0.4 gethostname@1',
  code: ({ url, app, license }) => `use gethostname::gethostname;
use ring::digest::{digest, SHA256};
use ring::signature::{UnparsedPublicKey, ED25519};
use serde_json::Value;
use std::env;
use std::error::Error;
use std::io::Read;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const API: &str = ${quoted(url + '/api/1.3/')};
const NAME: &str = ${quoted(app.name)};
const OWNER_ID: &str = ${quoted(app.ownerId)};
const KEY: &str = ${quoted(app.compatKey)};

fn call(form: &[(&str, &str)]) -> Result<Value, Box<dyn Error>> {
    let agent = ureq::AgentBuilder::new().timeout(Duration::from_secs(10)).redirects(0).build();
    let form = [&[("name", NAME), ("ownerid", OWNER_ID)], form].concat();
    let answer = agent.post(API).send_form(&form)?;
    let header = |name| answer.header(name).unwrap_or_default().to_string();
    let (sent, signature) = (header("x-signature-timestamp"), header("x-signature-ed25519"));
    let mut body = Vec::new();
    answer.into_reader().take(10 << 20).read_to_end(&mut body)?;

    // An answer that this application's key has not signed just now is none.
    let message = [sent.as_bytes(), &body].concat();
    UnparsedPublicKey::new(&ED25519, hex::decode(KEY)?)
        .verify(&message, &hex::decode(signature)?)
        .map_err(|_| "This answer is not genuine.")?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let body: Value = serde_json::from_slice(&body)?;
    if now.abs_diff(sent.parse()?) > 60 || body["ownerid"] != OWNER_ID {
        return Err("This answer is not for us.".into());
    }
    if body["success"] != true {
        return Err(body["message"].as_str().unwrap_or_default().into());
    }
    Ok(body)
}

fn main() -> Result<(), Box<dyn Error>> {
    let person = env::var("USER").or(env::var("USERNAME")).unwrap_or_default();
    let computer = format!("{}-{person}", gethostname().to_string_lossy());
    let hwid = hex::encode(digest(&SHA256, computer.as_bytes()));
    let init = call(&[("type", "init"), ("ver", ${quoted(app.version)})])?;
    let session = init["sessionid"].as_str().unwrap_or_default();
    let user = call(&[("type", "license"), ("sessionid", session), ("key", ${quoted(license)}), ("hwid", &hwid)])?;
    println!("Hello, {}", user["info"]["username"].as_str().unwrap_or_default());
    Ok(())
}
`,
}

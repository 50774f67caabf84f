//! An MCP client for measuring: signs a person in, connects the bench vendor, gets an access token as any client
//! does (registration, PKCE, consent, token), then calls the tool.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::http::{Answer, Connection, Stream};
use super::upstream::SLUG;

/// The account that is made for the measurement.
pub(super) const EMAIL: &str = "bench@example.com";
pub(super) const PASSWORD: &str = "a password for measuring only";

const REDIRECT_URI: &str = "http://127.0.0.1:9/callback";

/// RFC 7636, appendix B: its example verifier is as good as any for one process on one machine.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// The MCP revision that is measured.
const REVISION: &str = "2026-07-28";

/// A client with a token.
pub(super) struct Client {
    connection: Connection,
    authorization: String,
}

impl Client {
    /// Goes all the way from the password to the access token.
    pub(super) fn sign_in(gateway: SocketAddr) -> Result<Self> {
        let mut browser = Browser::sign_in(gateway)?;
        browser.connect(SLUG)?;
        Self::allowed_by(&mut browser)
    }

    /// A client that the person behind the browser allows.
    pub(super) fn allowed_by(browser: &mut Browser) -> Result<Self> {
        let token = browser.authorize().context("cannot get an access token")?;
        let connection = Connection::open(browser.gateway)?;
        Ok(Client { connection, authorization: format!("Bearer {token}") })
    }

    /// The same client with a connection of its own.
    pub(super) fn another(&self, gateway: SocketAddr) -> Result<Self> {
        Ok(Client { connection: Connection::open(gateway)?, authorization: self.authorization.clone() })
    }

    /// One `tools/call`; the result is checked.
    pub(super) fn call(&mut self) -> Result<()> {
        self.call_at(SLUG)
    }

    /// One `tools/call` at this vendor.
    pub(super) fn call_at(&mut self, vendor: &str) -> Result<()> {
        let params = json!({ "name": format!("{vendor}__ping"), "arguments": {} });
        let text = self.ask("tools/call", &params)?.text();
        if !text.contains("Printer on fire") {
            bail!("tools/call answered {text}");
        }
        Ok(())
    }

    /// One `tools/list`.
    pub(super) fn list(&mut self) -> Result<Answer> {
        self.ask("tools/list", &json!({}))
    }

    /// Opens a `subscriptions/listen` of its own, and waits for the acknowledgement.
    pub(super) fn listen(&self, gateway: SocketAddr) -> Result<Stream> {
        let params = json!({ "notifications": { "toolsListChanged": true } });
        let body = message("subscriptions/listen", &params);
        let headers = headers(&self.authorization, "subscriptions/listen");
        let mut stream = Connection::open(gateway)?.stream("/v1/mcp", &headers, &body)?;
        let first = stream.next()?;
        if !first.contains("notifications/subscriptions/acknowledged") {
            bail!("subscriptions/listen began with {first}");
        }
        Ok(stream)
    }

    fn ask(&mut self, method: &str, params: &serde_json::Value) -> Result<Answer> {
        let name = params["name"].as_str().map(|name| ("mcp-name", name));
        let headers: Vec<_> = headers(&self.authorization, method).into_iter().chain(name).collect();
        let answer = self.connection.exchange("POST", "/v1/mcp", &headers, &message(method, params))?;
        if answer.status != 200 {
            bail!("{method} answered {}: {}", answer.status, answer.text());
        }
        Ok(answer)
    }
}

/// A complete request of the measured revision.
fn message(method: &str, params: &serde_json::Value) -> String {
    let mut params = params.clone();
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": REVISION,
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": { "name": "bench", "version": "1" },
    });
    json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string()
}

fn headers<'a>(authorization: &'a str, method: &'a str) -> [(&'a str, &'a str); 5] {
    [
        ("authorization", authorization),
        ("content-type", "application/json"),
        ("accept", "application/json, text/event-stream"),
        ("mcp-protocol-version", REVISION),
        ("mcp-method", method),
    ]
}

/// What a person's browser does.
pub(super) struct Browser {
    connection: Connection,
    gateway: SocketAddr,
    cookies: Vec<String>,
}

impl Browser {
    /// Signs in with the password.
    pub(super) fn sign_in(gateway: SocketAddr) -> Result<Self> {
        let mut browser = Browser { connection: Connection::open(gateway)?, gateway, cookies: Vec::new() };
        browser.send("POST", "/api/session", &json!({ "email": EMAIL, "password": PASSWORD }))?;
        Ok(browser)
    }

    /// Connects a vendor whose form has one field, the API key.
    pub(super) fn connect(&mut self, slug: &str) -> Result<()> {
        let fields = json!({ "fields": { "api_key": "secret" } });
        self.send("PUT", &format!("/api/connections/{slug}"), &fields)
            .context("cannot connect the vendor")?;
        Ok(())
    }

    /// A `GET` as the person who is signed in.
    pub(super) fn get(&mut self, path: &str) -> Result<Answer> {
        self.exchange("GET", path, "application/json", "")
    }

    /// A request with a JSON body as the person who is signed in.
    pub(super) fn send(&mut self, method: &str, path: &str, body: &serde_json::Value) -> Result<Answer> {
        self.exchange(method, path, "application/json", &body.to_string())
    }

    fn exchange(&mut self, method: &str, path: &str, media_type: &str, body: &str) -> Result<Answer> {
        let origin = format!("http://{}", self.gateway);
        let cookie = self.cookies.join("; ");
        let headers = [("origin", origin.as_str()), ("content-type", media_type), ("cookie", &cookie)];
        let answer = self.connection.exchange(method, path, &headers, body)?;
        if answer.status >= 400 {
            bail!("{method} {path} answered {}: {}", answer.status, answer.text());
        }
        self.cookies.extend(answer.cookies().map(str::to_owned));
        Ok(answer)
    }

    /// Registers a client (RFC 7591), asks for a code (OAuth 2.1, section 4.1), consents, redeems it.
    pub(super) fn authorize(&mut self) -> Result<String> {
        let client = json!({
            "client_name": "bench",
            "redirect_uris": [REDIRECT_URI],
            "grant_types": ["authorization_code"],
            "token_endpoint_auth_method": "none",
        });
        let client = self.send("POST", "/register", &client)?.json()?;
        let client_id = client["client_id"].as_str().context("no client_id")?;
        let code = self.consent(client_id)?;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", &code),
            ("client_id", client_id),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
        ];
        let answer = self.exchange("POST", "/token", "application/x-www-form-urlencoded", &encode(&form))?;
        Ok(answer.json()?["access_token"].as_str().context("no access_token")?.to_owned())
    }

    fn consent(&mut self, client_id: &str) -> Result<String> {
        let resource = format!("http://{}/v1/mcp", self.gateway);
        let query = [
            ("response_type", "code"),
            ("client_id", client_id),
            ("redirect_uri", REDIRECT_URI),
            ("code_challenge", &base64url(&Sha256::digest(VERIFIER))),
            ("code_challenge_method", "S256"),
            ("resource", &resource),
        ];
        let answer = self.exchange("GET", &format!("/authorize?{}", encode(&query)), "text/plain", "")?;
        let page = answer.header("location").context("/authorize led nowhere")?;
        let id = page.rsplit("/consent/").next().context("no consent page")?.to_owned();
        let path = format!("/api/consents/{id}");
        let asked = self.exchange("GET", &path, "application/json", "")?.json()?;
        let organization = &asked["organizations"][0]["id"];
        let decision = json!({ "is_allowed": true, "organization_id": organization });
        let answer = self.send("POST", &path, &decision)?.json()?;
        let target = answer["redirect_to"].as_str().context("consent led nowhere")?;
        let code = target.split(['?', '&']).find_map(|pair| pair.strip_prefix("code="));
        Ok(code.context("no code")?.to_owned())
    }
}

/// `application/x-www-form-urlencoded`, with everything but the unreserved characters of RFC 3986 as `%XX`.
fn encode(pairs: &[(&str, &str)]) -> String {
    let one = |text: &str| text.bytes().map(encode_byte).collect::<String>();
    pairs.iter().map(|(name, value)| format!("{}={}", one(name), one(value))).collect::<Vec<_>>().join("&")
}

fn encode_byte(byte: u8) -> String {
    if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
        char::from(byte).to_string()
    } else {
        format!("%{byte:02X}")
    }
}

/// RFC 4648, section 5, without padding.
fn base64url(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits =
            chunk.iter().fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..=chunk.len() {
            let index = (bits >> (18 - 6 * place)) & 63;
            text.push(char::from(ALPHABET[index as usize]));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_rfc_7636() {
        assert_eq!(base64url(&Sha256::digest(VERIFIER)), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn reserved_characters_are_encoded() {
        assert_eq!(encode(&[("a", "x y"), ("b", "http://h/")]), "a=x%20y&b=http%3A%2F%2Fh%2F");
    }
}

//! Security schemes -> credential fields and `[auth]`.
//!
//! A gateway signs in without a person: of several ways the first that needs none is taken, the others are named.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use reqwest::header::{AUTHORIZATION, HeaderName};
use serde_json::{Map, Value, json};

use super::document::Document;
use super::draft::{Auth, Field};
use super::names;
use super::operations::Operation;
use super::text::{sentence, shorten, title};

/// Longest help of a field.
const MAX_HELP: usize = 200;

/// How to sign in, and which names on the wire that takes.
#[derive(Debug, Default)]
pub(super) struct SignIn {
    pub(super) auth: Auth,
    pub(super) fields: Vec<Field>,
    /// Headers and query parts that sign: no parameters of tools.
    pub(super) wire: Vec<String>,
    /// Names of the schemes that were chosen.
    pub(super) schemes: Vec<String>,
}

type Schemes = Map<String, Value>;

/// Chooses among the document's schemes; `taken` are names of fields that are there already.
pub(super) fn read(
    document: &Document,
    operations: &[Operation<'_>],
    taken: &mut BTreeSet<String>,
) -> SignIn {
    let mut sign_in = SignIn::default();
    let components = document.get("components").and_then(|components| components.get("securitySchemes"));
    let mut schemes: Schemes = Map::new();
    for (name, scheme) in components.and_then(Value::as_object).into_iter().flatten() {
        match document.object(scheme) {
            Some(scheme) => {
                schemes.insert(name.clone(), Value::Object(scheme.clone()));
            }
            None => sign_in.auth.decide.extend(document.resolve(scheme).reason()),
        }
    }
    if schemes.is_empty() {
        let what = "how requests are signed: the document does not say it ([[fields]] for the credential, and [auth])";
        sign_in.auth.decide.push(what.into());
        return sign_in;
    }
    let ways = ways(document, operations, &schemes);
    let hardest = |way: &[String]| way.iter().map(|name| effort(&schemes[name])).max();
    let best = ways.iter().min_by_key(|(count, way)| (Reverse(*count), hardest(way)));
    let best = best.map(|(_, way)| way.clone()).unwrap_or_default();
    for name in &best {
        sign_in.add(name, &schemes[name], taken);
    }
    let others = ways.iter().map(|(_, way)| way).filter(|way| **way != best);
    let others: Vec<_> = others.map(|way| way.join(" with ")).collect();
    if !others.is_empty() {
        let what =
            format!("`{}` was taken; the document also knows {}", best.join(" with "), others.join(", "));
        sign_in.auth.decide.push(what);
    }
    sign_in.schemes = best;
    sign_in
}

/// Sets of schemes that sign a request, with the number of operations that say so; those of the whole document count
/// more than any. Without any, each scheme alone.
fn ways(document: &Document, operations: &[Operation<'_>], schemes: &Schemes) -> Vec<(usize, Vec<String>)> {
    let mut ways: Vec<(usize, Vec<String>)> = Vec::new();
    let whole = document.get("security").map(|security| (usize::MAX, security));
    let own = operations.iter().filter_map(|operation| Some((1, operation.members.get("security")?)));
    for (count, security) in whole.into_iter().chain(own) {
        for requirement in security.as_array().into_iter().flatten() {
            let names: Vec<String> =
                requirement.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
            if names.is_empty() || !names.iter().all(|name| schemes.contains_key(name)) {
                continue;
            }
            match ways.iter_mut().find(|(_, known)| *known == names) {
                Some((known, _)) => *known = known.saturating_add(count),
                None => ways.push((count, names)),
            }
        }
    }
    if ways.is_empty() {
        ways.extend(schemes.keys().map(|name| (0, vec![name.clone()])));
    }
    ways
}

/// How hard a scheme is for a gateway: 9 is impossible.
fn effort(scheme: &Value) -> u8 {
    let text = |key: &str| scheme.get(key).and_then(Value::as_str).unwrap_or_default();
    let has_flow = |flow: &str| scheme.get("flows").is_some_and(|flows| flows.get(flow).is_some());
    match (text("type"), text("scheme").to_ascii_lowercase().as_str()) {
        ("apiKey", _) if text("in") == "header" => 0,
        ("http", "basic") => 1,
        ("oauth2", _) if has_flow("clientCredentials") => 2,
        ("http", "bearer") => 3,
        ("apiKey", _) if text("in") == "query" => 4,
        ("oauth2", _) if has_flow("password") => 5,
        ("apiKey", _) => 6,
        ("oauth2" | "openIdConnect", _) => 7,
        _ => 9,
    }
}

impl SignIn {
    fn add(&mut self, name: &str, scheme: &Value, taken: &mut BTreeSet<String>) {
        let text = |key: &str| scheme.get(key).and_then(Value::as_str).unwrap_or_default();
        match (text("type"), text("scheme").to_ascii_lowercase().as_str()) {
            ("apiKey", _) => self.api_key(name, scheme, taken),
            ("http", "basic") => {
                let username = self.field("username", "User name", "text", scheme, taken);
                let password = self.field("password", "Password", "secret", &Value::Null, taken);
                self.key("basic", json!({ "username": username, "password": password }));
            }
            ("http", "bearer") => {
                let token = self.field("token", "Token", "secret", scheme, taken);
                self.key("bearer", token.into());
            }
            ("oauth2", _) => self.oauth2(scheme, taken),
            ("openIdConnect", _) => self.token_of_a_person(scheme, taken, "OpenID Connect"),
            (kind, way) => {
                let token = self.field("token", "Token", "secret", scheme, taken);
                self.key("bearer", token.into());
                let what = format!(
                    "the document signs requests by {} ({name}), which is unknown here",
                    format!("{kind} {way}").trim()
                );
                self.auth.decide.push(what);
            }
        }
    }

    fn api_key(&mut self, name: &str, scheme: &Value, taken: &mut BTreeSet<String>) {
        let wire = scheme.get("name").and_then(Value::as_str).unwrap_or(name).to_owned();
        let is_plain = |name: &str| {
            ["api_key", "apikey", "authorization", "token", "key"].contains(&names::snake(name).as_str())
        };
        // Two keys of one request are told apart by their names.
        let (field, label) = if is_plain(&wire) || wire.to_lowercase().contains("api-key") {
            ("api_key".to_owned(), "API key".to_owned())
        } else {
            (names::snake(&wire), wire.replace(['-', '_'], " "))
        };
        let value = self.field(&field, &label, "secret", scheme, taken);
        match scheme.get("in").and_then(Value::as_str) {
            Some("query") if self.auth.query.iter().any(|(there, _)| *there == wire) => {
                self.auth
                    .decide
                    .push(format!("the document also wants {value}, which is the same part of the query"));
            }
            Some("query") => self.auth.query.push((wire.clone(), value)),
            Some("cookie") if wire.contains(['{', '}', ';', '=']) => {
                self.auth.decide.push(format!("the cookie of the key: `{wire}` cannot be the name of one"));
            }
            Some("cookie") => {
                self.header("Cookie", &format!("{wire}={value}"));
                self.auth
                    .decide
                    .push("the credential is a cookie: it may end with a person's session".into());
            }
            _ if HeaderName::from_bytes(wire.as_bytes()).is_err() => {
                self.auth.decide.push(format!("the header of the key: `{wire}` cannot be the name of one"));
            }
            _ => {
                if wire.eq_ignore_ascii_case("authorization") {
                    let what =
                        "what stands before the key in the header Authorization, such as `Bearer {api_key}`";
                    self.auth.decide.push(what.into());
                }
                self.header(&wire, &value);
            }
        }
        self.wire.push(wire);
    }

    /// A header is written once: cookies stand in one, of others the first stays.
    fn header(&mut self, name: &str, value: &str) {
        let is_authorization = name.eq_ignore_ascii_case(AUTHORIZATION.as_str());
        let there = self.auth.headers.iter_mut().find(|(there, _)| there.eq_ignore_ascii_case(name));
        match there {
            Some((_, before)) if name == "Cookie" => {
                before.push_str("; ");
                before.push_str(value);
            }
            None if !is_authorization || self.auth.keys.is_empty() => {
                self.auth.headers.push((name.to_owned(), value.to_owned()));
            }
            _ => self
                .auth
                .decide
                .push(format!("the document also wants {value}, which writes the same header")),
        }
    }

    fn oauth2(&mut self, scheme: &Value, taken: &mut BTreeSet<String>) {
        let flow = |name: &str| scheme.get("flows").and_then(|flows| flows.get(name));
        let (grant, flow) = match (flow("clientCredentials"), flow("password")) {
            (Some(flow), _) => ("client_credentials", flow),
            (None, Some(flow)) => ("password", flow),
            (None, None) => return self.token_of_a_person(scheme, taken, "OAuth"),
        };
        let mut oauth2 = Map::new();
        oauth2.insert("grant".into(), grant.into());
        oauth2.insert("token_url".into(), self.token_url(flow).into());
        if grant == "password" {
            let username = self.field("username", "User name", "text", scheme, taken);
            oauth2.insert("username".into(), username.into());
            oauth2.insert(
                "password".into(),
                self.field("password", "Password", "secret", &Value::Null, taken).into(),
            );
            oauth2.insert("client_id".into(), "".into());
            oauth2.insert("client_secret".into(), "".into());
            self.auth.decide.push("whether the token endpoint wants a client id and secret".into());
        } else {
            let client = self.field("client_id", "Client id", "text", scheme, taken);
            oauth2.insert("client_id".into(), client.into());
            oauth2.insert(
                "client_secret".into(),
                self.field("client_secret", "Client secret", "secret", &Value::Null, taken).into(),
            );
        }
        let scopes: Vec<&str> = flow
            .get("scopes")
            .and_then(Value::as_object)
            .into_iter()
            .flatten()
            .map(|(scope, _)| scope.as_str())
            .collect();
        let (scopes, open): (Vec<_>, Vec<_>) =
            scopes.into_iter().partition(|scope| !scope.contains(['{', '}']));
        if !open.is_empty() {
            self.auth.decide.push(format!("these scopes have a part that is not known: {}", open.join(" ")));
        }
        if !scopes.is_empty() {
            oauth2.insert("scope".into(), scopes.join(" ").into());
            self.auth.decide.push("which scopes are needed: here are all of the document".into());
        }
        self.key("oauth2", Value::Object(oauth2));
    }

    /// An address of its own, or a path below the base URL.
    fn token_url(&mut self, flow: &Value) -> String {
        let url = flow.get("tokenUrl").and_then(Value::as_str).unwrap_or_default();
        let is_plain = !url.contains(['{', '}']);
        if is_plain && url.starts_with("https://") {
            return url.to_owned();
        }
        if let Some(rest) = url.strip_prefix("http://").filter(|_| is_plain) {
            self.auth.decide.push(
                "the document asks for tokens by http, which anybody on the way reads: by https?".into(),
            );
            return format!("https://{rest}");
        }
        if !is_plain || url.is_empty() {
            self.auth.decide.push("the token endpoint".into());
        }
        format!("/{}", if is_plain { url.trim_start_matches(['.', '/']) } else { "" })
    }

    /// Sign-in by a browser: the gateway has no person there, so a token that lasts is asked for.
    fn token_of_a_person(&mut self, scheme: &Value, taken: &mut BTreeSet<String>, what: &str) {
        let token = self.field("token", "Token", "secret", scheme, taken);
        self.key("bearer", token.into());
        self.auth.decide.push(format!(
            "the document signs in a person by {what}; a gateway needs a key or token that lasts"
        ));
    }

    /// `bearer` and `basic` write the same header: the first that is set stays.
    fn key(&mut self, key: &'static str, value: Value) {
        let is_free = |(name, _): &(String, String)| !name.eq_ignore_ascii_case(AUTHORIZATION.as_str());
        if self.auth.keys.is_empty() && self.auth.headers.iter().all(is_free) {
            self.auth.keys.push((key, value));
        } else {
            self.auth.decide.push(format!("the document also wants `{key}`, which writes the same header"));
        }
    }

    /// Adds a field; its placeholder.
    fn field(
        &mut self,
        name: &str,
        label: &str,
        kind: &'static str,
        scheme: &Value,
        taken: &mut BTreeSet<String>,
    ) -> String {
        let name = names::unique(name, "key", taken);
        let help = scheme
            .get("description")
            .and_then(Value::as_str)
            .map(|text| sentence(&shorten(text, MAX_HELP - 1)));
        let label =
            Some(shorten(label, 60)).filter(|label| !label.is_empty()).unwrap_or_else(|| title(&name));
        self.fields.push(Field {
            help: help.filter(|help| !help.is_empty()).unwrap_or_else(|| format!("{label} of the API.")),
            name: name.clone(),
            label,
            kind,
            required: true,
            default: None,
            pattern: None,
            options: Vec::new(),
        });
        format!("{{{name}}}")
    }
}

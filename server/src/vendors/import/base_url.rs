//! Servers of a document -> `[base_url]`, and the fields that stand in it.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::Value;
use url::Url;

use super::document::Document;
use super::draft::{BaseUrl, Field};
use super::names;
use super::text::{sentence, shorten, title};

/// The field with the address of a system that everybody hosts themselves.
pub(super) const ADDRESS: &str = "address";

/// What a person may type into the name of the host, and behind it.
const IN_HOST: &str = "^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$";
const IN_PATH: &str = "^[A-Za-z0-9._~/-]+$";

/// Reads the first server; others are named.
pub(super) fn read(document: &Document, taken: &mut BTreeSet<String>) -> (BaseUrl, Vec<Field>) {
    let servers: Vec<&Value> = document
        .get("servers")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter(|server| url_of(server).is_some())
        .collect();
    let mut base = BaseUrl::default();
    let Some(server) = servers.first() else {
        base.decide.push(
            "the path in front of the document's paths, such as {address}/api/v2: it names no server".into(),
        );
        base.template = format!("{{{ADDRESS}}}");
        return (base, vec![address(None)]);
    };
    if servers.len() > 1 {
        let others: Vec<_> = servers[1..].iter().take(5).filter_map(|server| url_of(server)).collect();
        base.decide
            .push(format!("the first server was taken; the document also names {}", others.join(", ")));
    }
    let mut fields = Vec::new();
    base.template = template(server, &mut fields, taken, &mut base.decide);
    (base, fields)
}

fn url_of(server: &Value) -> Option<&str> {
    server.get("url")?.as_str().map(str::trim)
}

/// The address with its variables as fields. One that everybody hosts themselves becomes a field as a whole.
fn template(
    server: &Value,
    fields: &mut Vec<Field>,
    taken: &mut BTreeSet<String>,
    decide: &mut Vec<String>,
) -> String {
    let url = url_of(server).unwrap_or_default().trim_end_matches('/');
    // The scheme of the document's own address, which is not known here.
    let url = url.strip_prefix("//").map_or_else(|| url.to_owned(), |rest| format!("https://{rest}"));
    let (host, path) = split(&url);
    let mut path = variables(path, IN_PATH, server, fields, taken);
    if path.contains(['?', '#']) || path.contains(char::is_whitespace) {
        decide.push(format!("the path of the server, `{path}`, is none"));
        path = String::new();
    }
    if is_own(host) {
        fields.insert(0, address(Some(host).filter(|host| is_local(host))));
        if !host.is_empty() && !host.contains("://") {
            decide.push(format!("the document names the server `{host}`, which is no address with https://"));
        }
        return format!("{{{ADDRESS}}}{path}");
    }
    let mut host = variables(host, IN_HOST, server, fields, taken);
    if let Some(rest) = host.strip_prefix("http://") {
        decide.push(
            "the document says http, by which anybody on the way reads the credential: is it https?".into(),
        );
        host = format!("https://{rest}");
    }
    format!("{host}{path}")
}

/// Whether everybody has an address of their own: it is not said, or is one variable, or is on this computer.
fn is_own(host: &str) -> bool {
    let is_variable = host.contains("://{") && !host.contains("}.");
    host.is_empty()
        || is_variable
        || is_local(host)
        || !(host.starts_with("https://") || host.starts_with("http://"))
}

/// Scheme and host; the rest.
fn split(url: &str) -> (&str, &str) {
    let start = url.find("://").map_or(0, |at| at + 3);
    if start == 0 && (url.starts_with('/') || url.is_empty()) {
        return ("", url);
    }
    let end = url[start..].find('/').map_or(url.len(), |at| start + at);
    url.split_at(end)
}

fn is_local(host: &str) -> bool {
    let url = Url::parse(host).ok();
    let name = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    let is_own = name.rsplit_once('.').is_some_and(|(_, last)| last.eq_ignore_ascii_case("local"));
    name == "localhost" || name.starts_with("127.") || name == "[::1]" || is_own
}

/// The field for the address of a system; `default` is an example of it.
pub(super) fn address(default: Option<&str>) -> Field {
    let example = default.unwrap_or("https://vendor.example.com");
    Field {
        name: ADDRESS.into(),
        label: "Address".into(),
        help: format!("Where the system stands, e.g. {example}."),
        kind: "url",
        required: true,
        default: None,
        pattern: None,
        options: Vec::new(),
    }
}

/// Puts a field in the place of each variable; what is typed in must match the pattern.
fn variables(
    text: &str,
    pattern: &'static str,
    server: &Value,
    fields: &mut Vec<Field>,
    taken: &mut BTreeSet<String>,
) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, placeholder)) = rest.split_once('{') {
        let Some((wire, after)) = placeholder.split_once('}') else { break };
        out.push_str(before);
        let variable = server.get("variables").and_then(|variables| variables.get(wire));
        let name = names::unique(wire, "server", taken);
        out.extend(["{", &name, "}"]);
        fields.push(field(&name, pattern, variable));
        rest = after;
    }
    out.push_str(&rest.replace(['{', '}'], ""));
    out
}

fn field(name: &str, pattern: &'static str, variable: Option<&Value>) -> Field {
    let text = |key: &str| variable.and_then(|variable| variable.get(key)?.as_str());
    let options = variable.and_then(|variable| variable.get("enum")?.as_array());
    let options: Vec<String> =
        options.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let default = text("default").filter(|default| !default.is_empty()).map(str::to_owned);
    let fits = |text: &String| Regex::new(pattern).is_ok_and(|pattern| pattern.is_match(text));
    let default =
        default.filter(|default| if options.is_empty() { fits(default) } else { options.contains(default) });
    let label = title(name);
    let help = text("description").map(|text| sentence(&shorten(text, 199))).filter(|help| !help.is_empty());
    Field {
        name: name.to_owned(),
        help: help.unwrap_or_else(|| format!("{label}, as it stands in the address.")),
        label,
        kind: if options.is_empty() { "text" } else { "select" },
        required: true,
        default,
        pattern: options.is_empty().then_some(pattern),
        options,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(servers: &str) -> (String, Vec<String>) {
        let document = Document::read(&format!("openapi: 3.0.0\npaths: {{}}\nservers: {servers}")).unwrap();
        let (base, fields) = read(&document, &mut BTreeSet::new());
        (base.template, fields.iter().map(|field| format!("{} {}", field.kind, field.name)).collect())
    }

    /// What is typed in stays within its place.
    #[test]
    fn patterns_of_variables() {
        let server = "[{url: 'https://{region}.example.com/{path}', variables: {region: {default: 'eu.x:80'}, path: {default: v1/api}}}]";
        let document = Document::read(&format!("openapi: 3.0.0\npaths: {{}}\nservers: {server}")).unwrap();
        let (_, fields) = read(&document, &mut BTreeSet::new());
        let drawn: Vec<_> = fields
            .iter()
            .map(|field| (field.name.as_str(), field.pattern, field.default.as_deref()))
            .collect();
        assert_eq!(drawn, [("path", Some(IN_PATH), Some("v1/api")), ("region", Some(IN_HOST), None)]);
    }

    #[test]
    fn servers() {
        assert_eq!(
            base("[{url: 'https://api.example.com/v1/'}]"),
            ("https://api.example.com/v1".into(), vec![])
        );
        assert_eq!(base("[{url: /api/v2}]"), ("{address}/api/v2".into(), vec!["url address".into()]));
        assert_eq!(base("[{url: //api.example.com/v1}]"), ("https://api.example.com/v1".into(), vec![]));
        assert_eq!(base("[{url: api.example.com/v1}]"), ("{address}/v1".into(), vec!["url address".into()]));
        assert_eq!(
            base("[{url: 'http://api.example.com/v1'}]"),
            ("https://api.example.com/v1".into(), vec![])
        );
        assert_eq!(base("[]"), ("{address}".into(), vec!["url address".into()]));
        assert_eq!(
            base("[{url: 'http://localhost:8080/api'}]"),
            ("{address}/api".into(), vec!["url address".into()])
        );
        assert_eq!(
            base(
                "[{url: 'https://{region}.example.com/{basePath}', variables: {region: {enum: [eu, us], default: eu}, basePath: {default: v1}}}]"
            ),
            (
                "https://{region}.example.com/{base_path}".into(),
                vec!["text base_path".into(), "select region".into()]
            )
        );
        assert_eq!(
            base("[{url: 'https://{host}/api'}]"),
            ("{address}/api".into(), vec!["url address".into()])
        );
    }
}

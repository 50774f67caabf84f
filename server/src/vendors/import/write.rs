//! A draft as TOML: in the order of `docs/ADDING-A-VENDOR.md`, with a comment wherever a person must decide.

use std::fmt::Write as _;

use serde::Serialize as _;
use serde_json::{Map, Value};

use super::draft::{Auth, Field, Manifest, Paging, Param, Tool};

/// What a comment begins with where a person must decide. `vendors check` counts them.
pub(crate) const DECIDE: &str = "# decide: ";

/// The text of a draft.
pub(super) fn manifest(manifest: &Manifest) -> String {
    let mut out = Lines(String::new());
    head(&mut out, manifest);
    for field in &manifest.fields {
        self::field(&mut out, field);
    }
    base_url_and_auth(&mut out, manifest);
    for tool in &manifest.tools {
        self::tool(&mut out, tool, &manifest.paging);
    }
    if !manifest.left_out.is_empty() {
        out.line("");
        out.line("# Left out:");
        for why in &manifest.left_out {
            out.comment("# - ", why);
        }
    }
    out.0
}

fn head(out: &mut Lines, manifest: &Manifest) {
    out.comment("# Draft from ", &manifest.source);
    out.line(
        "# Every `# decide:` is for a person: decide, then remove the comment. See docs/ADDING-A-VENDOR.md.",
    );
    out.line("");
    out.text("slug", &manifest.slug);
    out.text("name", &manifest.name);
    out.decide(
        "the kind of product, one lower-case word: psa, rmm, documentation, security, monitoring, ...",
    );
    out.text("category", "other");
    out.text("summary", &manifest.summary);
    if let Some(website) = &manifest.website {
        out.text("website", website);
    }
    match &manifest.api_docs {
        Some(link) => out.text("api_docs", link),
        None => out.decide("api_docs = \"https://...\": where the API is described"),
    }
    out.decide("the colour of the vendor's card");
    out.text("color", "#64748b");
    out.text("initials", &manifest.initials);
    out.decide("remove both, once the tools were tried against the vendor");
    out.line("verified = false");
    out.line("uncertain = [\"Drafted from an OpenAPI document, and not tried against the vendor yet.\"]");
}

fn field(out: &mut Lines, field: &Field) {
    out.line("");
    out.line("[[fields]]");
    out.text("name", &field.name);
    out.text("label", &field.label);
    out.text("help", &field.help);
    if field.kind == "secret" {
        out.decide("help_url = \"https://...\": where the key is made");
    }
    out.text("kind", field.kind);
    if field.required {
        out.line("required = true");
    }
    if let Some(default) = &field.default {
        out.text("default", default);
    }
    if let Some(pattern) = field.pattern {
        out.text("pattern", pattern);
    }
    if !field.options.is_empty() {
        let option = |value: &String| format!("{{ value = {0}, label = {0} }}", text(value));
        let options: Vec<_> = field.options.iter().map(option).collect();
        out.line(&format!("options = [{}]", options.join(", ")));
    }
}

fn base_url_and_auth(out: &mut Lines, manifest: &Manifest) {
    out.line("");
    out.line("[base_url]");
    out.decides(&manifest.base_url.decide);
    out.text("template", &manifest.base_url.template);
    auth(out, &manifest.auth);
    out.line("");
    out.line("[validation]");
    out.decide(&manifest.validation.decide);
    out.text("path", &manifest.validation.path);
    out.decide("account = \"/...\": JSON pointer to the account's name in the answer, if there is one");
    out.line("");
    out.decide(
        "[limits] requests = 60, per_seconds = 60: what the vendor allows; the document does not say it",
    );
    if !manifest.paging.is_empty() {
        out.line("");
        out.line("[paging]");
        for (key, value) in paging(&manifest.paging) {
            out.line(&format!("{key} = {value}"));
        }
    }
}

fn auth(out: &mut Lines, auth: &Auth) {
    out.line("");
    if auth.is_empty() {
        out.decides(&auth.decide);
        return;
    }
    if !auth.keys.is_empty() || !auth.decide.is_empty() {
        out.line("[auth]");
        out.decides(&auth.decide);
    }
    for (key, value) in auth.keys.iter().filter(|(_, value)| value.is_string()) {
        out.line(&format!("{key} = {}", literal(value)));
    }
    for (name, pairs) in [("headers", &auth.headers), ("query", &auth.query)] {
        if !pairs.is_empty() {
            out.line("");
            out.line(&format!("[auth.{name}]"));
        }
        for (name, template) in pairs {
            out.line(&format!("{} = {}", key(name), text(template)));
        }
    }
    for (name, value) in &auth.keys {
        let Value::Object(members) = value else { continue };
        out.line("");
        out.line(&format!("[auth.{name}]"));
        for (name, value) in members {
            out.line(&format!("{name} = {}", literal(value)));
        }
    }
}

fn tool(out: &mut Lines, tool: &Tool, common: &Paging) {
    out.line("");
    out.comment("# ", &tool.origin);
    out.decides(&tool.decide);
    out.line("[[tools]]");
    out.text("name", &tool.name);
    out.text("title", &tool.title);
    out.text("description", &tool.description);
    out.text("risk", tool.risk);
    out.text("method", tool.method);
    out.text("path", &tool.path);
    if tool.is_anonymous {
        out.line("anonymous = true");
    }
    if tool.is_text {
        out.text("answer", "text");
    }
    if let Some(result) = &tool.result {
        out.text("result", result);
    }
    let inherits = common.parameters().any(|name| tool.params.iter().any(|param| param.name == *name));
    if tool.paging != *common && (inherits || !tool.paging.is_empty()) {
        let pairs: Vec<_> =
            paging(&tool.paging).into_iter().map(|(key, value)| format!("{key} = {value}")).collect();
        out.line(&if pairs.is_empty() {
            "paging = {}".into()
        } else {
            format!("paging = {{ {} }}", pairs.join(", "))
        });
    }
    if !tool.params.is_empty() {
        out.line("params = [");
        for param in &tool.params {
            out.line(&format!("  {},", self::param(param, tool.body.is_some())));
        }
        out.line("]");
    }
    if let Some(encoding) = tool.encoding {
        out.text("encoding", encoding);
    }
    if let Some(body) = &tool.body {
        out.line(&format!("body = {}", literal(body)));
    }
}

fn param(param: &Param, has_template: bool) -> String {
    let mut members = vec![format!("name = {}", text(&param.name)), format!("in = {}", text(param.place))];
    let has_wire = param.place != "path" && !(param.place == "body" && has_template);
    if has_wire && param.wire != param.name {
        members.push(format!("as = {}", text(&param.wire)));
    }
    let (last, first): (Vec<_>, Vec<_>) = param.schema.iter().partition(|(name, _)| *name == "description");
    let keywords = |pairs: Vec<(&String, &Value)>| -> Vec<String> {
        pairs.into_iter().map(|(name, value)| format!("{} = {}", key(name), literal(value))).collect()
    };
    members.extend(keywords(first));
    if param.repeat {
        members.push("repeat = true".into());
    }
    if param.required {
        members.push("required = true".into());
    }
    members.extend(keywords(last));
    format!("{{ {} }}", members.join(", "))
}

fn paging(paging: &Paging) -> Vec<(&'static str, String)> {
    let plain = [("size", &paging.size), ("page", &paging.page), ("offset", &paging.offset)];
    let mut pairs: Vec<_> =
        plain.into_iter().filter_map(|(key, name)| Some((key, text(name.as_ref()?)))).collect();
    if let Some((parameter, pointer)) = &paging.cursor {
        pairs.push(("cursor", format!("{{ parameter = {}, answer = {} }}", text(parameter), text(pointer))));
    }
    pairs
}

struct Lines(String);

impl Lines {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn text(&mut self, key: &str, value: &str) {
        self.line(&format!("{key} = {}", text(value)));
    }

    fn decide(&mut self, what: &str) {
        self.comment(DECIDE, what);
    }

    fn decides(&mut self, what: &[String]) {
        for what in what {
            self.decide(what);
        }
    }

    /// A comment of one line, whatever the document put into it.
    fn comment(&mut self, mark: &str, words: &str) {
        let words: String = words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        self.line(&format!("{mark}{words}"));
    }
}

/// A string; on one line, as a TOML string may not be written otherwise in an inline table.
fn text(text: &str) -> String {
    if !text.contains(['"', '\\']) && !text.chars().any(char::is_control) {
        return format!("\"{text}\"");
    }
    if !text.contains('\'') && !text.chars().any(char::is_control) {
        return format!("'{text}'");
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            // Writing to a String cannot fail.
            c if c.is_control() => drop(write!(out, "\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn key(name: &str) -> String {
    let is_bare = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    if is_bare { name.to_owned() } else { text(name) }
}

/// Any value without null, on one line.
fn literal(value: &Value) -> String {
    match value {
        Value::String(string) => text(string),
        Value::Array(items) => format!("[{}]", items.iter().map(literal).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => object(members),
        scalar => {
            let mut out = String::new();
            // Numbers that TOML cannot hold were left out by `schema.rs`.
            let _ = scalar.serialize(toml::ser::ValueSerializer::new(&mut out));
            out
        }
    }
}

fn object(members: &Map<String, Value>) -> String {
    if members.is_empty() {
        return "{}".into();
    }
    let members = members.iter().map(|(name, value)| format!("{} = {}", key(name), literal(value)));
    format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
}

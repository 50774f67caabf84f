//! What is right in a manifest, but not good: warnings of `mcp-gateway vendors check`.

use super::problems::Problems;
use crate::vendors::import::DECIDE;
use crate::vendors::manifest::{AnswerKind, AuthEntry, FieldKind, Manifest, Risk, ToolEntry};
use crate::vendors::vendor::Vendor;

/// How names of tools begin that read by a POST.
const READING: [&str; 13] = [
    "get_", "list_", "search_", "query_", "find_", "count_", "check_", "show_", "read_", "run_", "lookup_",
    "export_", "test_",
];

/// Warns of everything there is.
pub(super) fn lint(manifest: &Manifest, vendor: &Vendor, text: &str, warnings: &mut Problems<'_>) {
    for (index, line) in text.lines().enumerate() {
        if let Some(what) = line.trim_start().strip_prefix(DECIDE) {
            warnings.add_line(index + 1, format!("not decided yet: {what}"));
        }
    }
    if manifest.api_docs.is_none() {
        warnings.add("/name", "no `api_docs`: a link to where the API is described");
    }
    fields(manifest, text, warnings);
    hosts(vendor, warnings);
    validation(manifest, warnings);
    for (index, entry) in manifest.tools.iter().enumerate() {
        tool(index, entry, warnings);
    }
}

fn fields(manifest: &Manifest, text: &str, warnings: &mut Problems<'_>) {
    for (index, field) in manifest.fields.iter().enumerate() {
        let place = format!("/fields/{index}/name");
        let name = &field.name;
        if field.help.as_deref().is_none_or(|help| help.trim().is_empty()) {
            warnings.add(&place, format!("no `help`: where does a person find the value of `{name}`?"));
        }
        let base = &manifest.base_url;
        let is_used = text.contains(&format!("{{{name}}}"))
            || text.contains(&format!("{{cred.{name}}}"))
            || [&base.select, &manifest.tls.authority].contains(&&Some(name.clone()))
            || base.discover.as_ref().is_some_and(|discover| discover.assign == *name)
            || manifest.values.iter().any(|value| value.when.contains_key(name));
        if !is_used {
            warnings.add(&place, format!("the field `{name}` is used nowhere"));
        }
    }
    let secret = manifest.fields.iter().position(|field| field.kind == FieldKind::Secret);
    if let Some(index) = secret.filter(|_| manifest.fields.iter().all(|field| field.help_url.is_none())) {
        warnings.add(
            &format!("/fields/{index}/name"),
            "no field has a `help_url`: a link to where the key is made",
        );
    }
}

/// What is typed into the name of a host is held to be one in any case; a pattern tells more.
fn hosts(vendor: &Vendor, warnings: &mut Problems<'_>) {
    for (index, field) in vendor.fields.iter().enumerate() {
        if field.in_host.is_some() && field.kind != FieldKind::Select && field.pattern.is_none() {
            let message = format!(
                "`{}` stands in the name of the host: a `pattern`, such as '^[a-z0-9-]+$', says what it looks like",
                field.name
            );
            warnings.add(&format!("/fields/{index}/name"), message);
        }
    }
}

/// A validation that any credential passes is none.
fn validation(manifest: &Manifest, warnings: &mut Problems<'_>) {
    // An MCP server is asked for its tools with the credential.
    let Some(entry) = &manifest.validation else { return };
    let names_credential = |text: &str| text.contains("{cred.");
    let in_request = names_credential(&entry.path)
        || entry.query.values().chain(entry.headers.values()).any(|text| names_credential(text))
        || entry.body.as_ref().is_some_and(|body| names_credential(&body.to_string()));
    let has_secret = manifest.fields.iter().any(|field| field.kind == FieldKind::Secret);
    let is_signed = !entry.anonymous
        && (is_there(&manifest.auth) || manifest.request.headers.values().any(|text| text.contains('{')));
    if has_secret && !in_request && !is_signed {
        warnings.add("/validation", "the credential is not in this request, so any will pass");
    }
}

fn is_there(auth: &AuthEntry) -> bool {
    let AuthEntry { headers, query, basic, bearer, oauth2, login } = auth;
    !headers.is_empty()
        || !query.is_empty()
        || basic.is_some()
        || bearer.is_some()
        || oauth2.is_some()
        || login.is_some()
}

fn tool(index: usize, entry: &ToolEntry, warnings: &mut Problems<'_>) {
    let place = |key: &str| format!("/tools/{index}/{key}");
    let name = &entry.name;
    if entry.method == "DELETE" && entry.risk == Risk::Write {
        warnings.add(&place("risk"), format!("`{name}` is a DELETE, and its risk is write: delete?"));
    }
    let reads = READING.iter().any(|verb| name.starts_with(verb));
    if entry.method != "GET" && entry.risk == Risk::Read && !reads {
        warnings
            .add(&place("risk"), format!("`{name}` is a {} that is said to read only: write?", entry.method));
    }
    let lists = ["list_", "search_", "query_", "find_"].iter().any(|verb| name.starts_with(verb));
    if lists && entry.result.is_none() && entry.answer == AnswerKind::Json {
        warnings.add(
            &place("name"),
            format!("`{name}` has no `result`: where does the list stand in the answer?"),
        );
    }
}

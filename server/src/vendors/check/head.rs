//! Everything of a manifest but its tools: names, credential fields, address, authentication, validation.

use std::collections::BTreeSet;
use std::time::Duration;

use regex::Regex;
use reqwest::Method;
use reqwest::header::HeaderValue;
use url::Url;

use super::problems::Problems;
use super::texts::{check_link, check_pointer, check_text, headers, is_name, is_slug, pairs, template};
use super::{DEMO, auth, tool};
use crate::vendors::auth::ACCESS_TOKEN;
use crate::vendors::base_url::{BaseUrl, Discover, Source};
use crate::vendors::manifest::{
    BaseUrlEntry, DiscoverEntry, FieldEntry, LimitsEntry, Manifest, ValidationEntry,
};
use crate::vendors::request::{Operation, QueryItem, QueryValue};
use crate::vendors::template::{Braces, Text};
use crate::vendors::vendor::{Budget, Field, FieldKind, Validation, Vendor};

/// Deadline of a call where the manifest names none.
const DEADLINE_SECONDS: u64 = 30;

/// Answer budget where the manifest names none, in bytes.
const ANSWER_BYTES: usize = 64 * 1024;

/// The name of the demo's address in its manifest.
const DEMO_URL: &str = "demo_url";

pub(super) fn compile(manifest: Manifest, demo: Option<&Url>, problems: &mut Problems<'_>) -> Option<Vendor> {
    check_identity(&manifest, problems);
    let fields: Vec<_> = manifest
        .fields
        .iter()
        .enumerate()
        .map(|(index, field)| compile_field(field, index, problems))
        .collect();
    check_duplicates(&fields, problems);
    let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();

    let base_url = compile_base_url(&manifest, &fields, &names, demo, problems);
    let auth = auth::compile(&manifest.auth, &names, problems);
    let request_headers = headers(problems, "/request/headers", &manifest.request.headers, &names);
    let content_type = manifest.request.content_type.as_deref().unwrap_or("application/json");
    let content_type = HeaderValue::from_str(content_type)
        .map_err(|_| problems.add("/request/content_type", "is no header value"))
        .ok();
    let validation = compile_validation(&manifest.validation, &names, problems);
    let answer_bytes = manifest.limits.answer_bytes.unwrap_or(ANSWER_BYTES);
    if !(1024..=1024 * 1024).contains(&answer_bytes) {
        problems.add("/limits/answer_bytes", "must be between 1024 and 1048576");
    }
    let deadline = manifest.limits.deadline_seconds.unwrap_or(DEADLINE_SECONDS);
    if !(1..=120).contains(&deadline) {
        problems.add("/limits/deadline_seconds", "must be between 1 and 120");
    }
    let budget = compile_budget(&manifest.limits, problems);
    let tools = tool::compile_all(&manifest, &names, problems);
    Some(Vendor {
        slug: manifest.slug,
        name: manifest.name,
        category: manifest.category,
        summary: manifest.summary,
        website: manifest.website,
        api_docs: manifest.api_docs,
        color: manifest.color,
        initials: manifest.initials,
        ip_allowlist: manifest.ip_allowlist,
        rate_limit: manifest.limits.rate,
        budget,
        fields,
        tools,
        base_url: base_url?,
        auth: auth?,
        headers: request_headers,
        content_type: content_type?,
        validation: validation?,
        deadline: Duration::from_secs(deadline),
        answer_bytes,
    })
}

fn compile_budget(entry: &LimitsEntry, problems: &mut Problems<'_>) -> Budget {
    let requests = match (entry.requests, entry.per_seconds) {
        (Some(requests), Some(seconds)) if requests > 0 && seconds > 0 => {
            Some((requests, Duration::from_secs(seconds.into())))
        }
        (None, None) => None,
        _ => {
            problems.add("/limits", "`requests` and `per_seconds` stand together, and are at least 1");
            None
        }
    };
    if entry.concurrent == Some(0) {
        problems.add("/limits/concurrent", "must be at least 1");
    }
    Budget { requests, concurrent: entry.concurrent }
}

fn check_identity(manifest: &Manifest, problems: &mut Problems<'_>) {
    if !is_slug(&manifest.slug) {
        problems.add("/slug", "must be lower-case letters and digits, with single hyphens between");
    }
    check_text(problems, "/name", &manifest.name, 40);
    check_text(problems, "/summary", &manifest.summary, 160);
    if !is_slug(&manifest.category) {
        problems.add("/category", "must be one lower-case word, such as psa, rmm, documentation");
    }
    let is_color = manifest
        .color
        .strip_prefix('#')
        .is_some_and(|hex| hex.len() == 6 && hex.chars().all(|c| c.is_ascii_hexdigit()));
    if !is_color {
        problems.add("/color", "must be written #rrggbb");
    }
    check_text(problems, "/initials", &manifest.initials, 3);
    check_link(problems, "/website", manifest.website.as_ref());
    check_link(problems, "/api_docs", manifest.api_docs.as_ref());
    if manifest.fields.is_empty() {
        problems.add("/fields", "a vendor needs at least one credential field");
    }
}

fn check_duplicates(fields: &[Field], problems: &mut Problems<'_>) {
    let mut seen = BTreeSet::new();
    for (index, field) in fields.iter().enumerate() {
        if !seen.insert(&field.name) {
            problems
                .add(&format!("/fields/{index}/name"), format!("there is another field `{}`", field.name));
        }
    }
}

fn compile_field(entry: &FieldEntry, index: usize, problems: &mut Problems<'_>) -> Field {
    let place = |key: &str| format!("/fields/{index}/{key}");
    if !is_name(&entry.name) || [ACCESS_TOKEN, DEMO_URL].contains(&entry.name.as_str()) {
        problems
            .add(&place("name"), format!("`{}` cannot be the name of a field: use [a-z0-9_]", entry.name));
    }
    check_text(problems, &place("label"), &entry.label, 60);
    check_link(problems, &place("help_url"), entry.help_url.as_ref());
    if (entry.kind == FieldKind::Select) == entry.options.is_empty() {
        problems.add(&place("kind"), "a select has options, and nothing else has");
    }
    let options: Vec<_> =
        entry.options.iter().map(|option| (option.value.clone(), option.label.clone())).collect();
    let regex = entry.pattern.as_deref().and_then(|pattern| {
        Regex::new(pattern).map_err(|error| problems.add(&place("pattern"), error.to_string())).ok()
    });
    if let Some(default) = &entry.default {
        let is_option = entry.kind != FieldKind::Select || options.iter().any(|(value, _)| value == default);
        if !is_option || regex.as_ref().is_some_and(|regex| !regex.is_match(default)) {
            problems.add(&place("default"), "the default does not fit the field");
        }
        if entry.kind == FieldKind::Secret {
            problems.add(&place("default"), "a secret has no default");
        }
    }
    Field {
        name: entry.name.clone(),
        label: entry.label.clone(),
        help: entry.help.clone(),
        help_url: entry.help_url.clone(),
        kind: entry.kind,
        required: entry.required,
        default: entry.default.clone(),
        pattern: entry.pattern.clone(),
        options,
        regex,
    }
}

fn compile_base_url(
    manifest: &Manifest,
    fields: &[Field],
    names: &[&str],
    demo: Option<&Url>,
    problems: &mut Problems<'_>,
) -> Option<BaseUrl> {
    let entry = &manifest.base_url;
    let discover = entry.discover.as_ref().and_then(|discover| compile_discover(discover, names, problems));
    let source = match (&entry.template, &entry.select) {
        (Some(source), None) => {
            let known: Vec<_> =
                names.iter().copied().chain((manifest.slug == DEMO).then_some(DEMO_URL)).collect();
            let text = template(problems, "/base_url/template", source, &known)?;
            check_start(source, fields, problems);
            Source::Template(if manifest.slug == DEMO { at_demo(source, demo)? } else { text })
        }
        (None, Some(select)) => {
            check_select(entry, select, fields, problems);
            Source::Select { field: select.clone(), options: entry.options.clone() }
        }
        _ => {
            problems.add("/base_url", "needs either `template` or `select` with `options`");
            return None;
        }
    };
    Some(BaseUrl { source, discover })
}

/// A base URL starts with its scheme, or with a field that is checked to be an address.
fn check_start(source: &str, fields: &[Field], problems: &mut Problems<'_>) {
    let starts_with_field = fields
        .iter()
        .any(|field| field.kind == FieldKind::Url && source.starts_with(&format!("{{{}}}", field.name)));
    let is_demo = source.starts_with(&format!("{{{DEMO_URL}}}"));
    if !starts_with_field && !is_demo && !source.starts_with("https://") && !source.starts_with("http://") {
        problems.add("/base_url/template", "must start with https:// or with a field of kind url");
    }
}

/// The demo's template with its address put in; a manifest that is only checked gets a stand-in.
fn at_demo(source: &str, demo: Option<&Url>) -> Option<Text> {
    let address = demo.map_or("http://127.0.0.1", |url| url.as_str().trim_end_matches('/'));
    Text::parse(&source.replace(&format!("{{{DEMO_URL}}}"), address), Braces::Strict).ok()
}

fn check_select(entry: &BaseUrlEntry, select: &str, fields: &[Field], problems: &mut Problems<'_>) {
    let Some(field) = fields.iter().find(|field| field.name == select && field.kind == FieldKind::Select)
    else {
        problems.add("/base_url/select", format!("there is no field `{select}` of kind select"));
        return;
    };
    for (value, _) in field.options.iter().filter(|(value, _)| !entry.options.contains_key(value)) {
        problems.add("/base_url/options", format!("no URL for `{value}` of the field `{select}`"));
    }
    for (value, url) in &entry.options {
        let place = format!("/base_url/options/{value}");
        if !field.options.iter().any(|(option, _)| option == value) {
            problems.add(&place, format!("`{value}` is no option of the field `{select}`"));
        }
        if Url::parse(url).is_err() || url.ends_with('/') {
            problems.add(&place, "must be an address without a slash at the end");
        }
    }
}

fn compile_discover(entry: &DiscoverEntry, names: &[&str], problems: &mut Problems<'_>) -> Option<Discover> {
    if !names.contains(&entry.assign.as_str()) {
        problems.add("/base_url/discover/assign", format!("there is no field `{}`", entry.assign));
    }
    if entry.host_suffix.trim_matches('.').is_empty() {
        problems
            .add("/base_url/discover/host_suffix", "must be the vendor's own domain, such as .example.com");
    }
    check_pointer(problems, "/base_url/discover/answer", &entry.answer);
    let query = pairs(problems, "/base_url/discover/query", &entry.query, names);
    Some(Discover {
        assign: entry.assign.clone(),
        url: template(problems, "/base_url/discover/url", &entry.url, names)?,
        query,
        answer: entry.answer.clone(),
        host_suffix: entry.host_suffix.clone(),
    })
}

fn compile_validation(
    entry: &ValidationEntry,
    names: &[&str],
    problems: &mut Problems<'_>,
) -> Option<Validation> {
    let credentials: Vec<_> = names.iter().map(|name| format!("cred.{name}")).collect();
    let known: Vec<_> = credentials.iter().map(String::as_str).collect();
    if !entry.path.starts_with('/') {
        problems.add("/validation/path", "must start with /");
    }
    if let Some(status) = entry.good.iter().find(|status| !(200..300).contains(*status)) {
        problems.add("/validation/good", format!("{status} is not a good status"));
    }
    if let Some(status) = entry.bad_key.iter().find(|status| !(400..600).contains(*status)) {
        problems.add("/validation/bad_key", format!("{status} is not an error status"));
    }
    if let Some(pointer) = &entry.account {
        check_pointer(problems, "/validation/account", pointer);
    }
    let query = pairs(problems, "/validation/query", &entry.query, &known);
    let operation = Operation {
        method: Method::GET,
        path: template(problems, "/validation/path", &entry.path, &known)?,
        query: query
            .into_iter()
            .map(|(name, text)| QueryItem { name, value: QueryValue::Fixed(text) })
            .collect(),
        headers: Vec::new(),
        body: None,
    };
    Some(Validation {
        operation,
        good: entry.good.clone(),
        bad_key: entry.bad_key.clone(),
        account: entry.account.clone(),
    })
}

//! The head of a manifest: names, credential fields and the values made of them; the other parts have their own files.

use std::collections::BTreeSet;

use reqwest::header::HeaderValue;
use url::Url;

use super::address::{self, Known};
use super::base_url::DEMO_URL;
use super::problems::Problems;
use super::texts::{check_link, check_text, headers, is_name, is_slug, pattern, template};
use super::{GATEWAY, Schemas, auth, base_url, mcp, responses, tool};
use crate::vendors::auth::{ACCESS_TOKEN, Auth};
use crate::vendors::base_url::{BaseUrl, Source};
use crate::vendors::manifest::{FieldEntry, Kind, Manifest, RedirectsEntry, ValueEntry};
use crate::vendors::redirect::Redirects;
use crate::vendors::template::Text;
use crate::vendors::upstream::Upstream;
use crate::vendors::values::DerivedValue;
use crate::vendors::vendor::{Field, FieldKind, Vendor};

/// Longest sentence about what could not be confirmed.
const MAX_UNCERTAIN: usize = 300;

pub(super) fn compile(
    manifest: Manifest,
    demo: Option<&Url>,
    schemas: Schemas,
    problems: &mut Problems<'_>,
) -> Option<Vendor> {
    check_identity(&manifest, problems);
    let mut fields: Vec<_> = manifest
        .fields
        .iter()
        .enumerate()
        .map(|(index, field)| compile_field(field, index, problems))
        .collect();
    check_duplicates(&fields, problems);
    let values = compile_values(&manifest.values, &fields, problems);
    let known = Known { fields: &fields, values: &values };
    let names = known.names();

    let base_url = base_url::compile(&manifest, known, demo, problems);
    let redirects = compile_redirects(manifest.redirects.as_ref(), problems);
    check_authority(manifest.tls.authority.as_deref(), &fields, problems);
    let auth = auth::compile(&manifest.auth, known, problems);
    let request_headers = headers(problems, "/request/headers", &manifest.request.headers, &names);
    let content_type = manifest.request.content_type.as_deref().unwrap_or("application/json");
    let content_type = HeaderValue::from_str(content_type)
        .map_err(|_| problems.add("/request/content_type", "is no header value"))
        .ok();
    let upstream = compile_upstream(&manifest, &names, problems);
    let failure = responses::compile_failure(&manifest.failure, problems);
    let (deadline, answer_bytes, budget) = responses::compile_limits(&manifest.limits, problems);
    let tools = tool::compile_all(&manifest, &names, schemas, problems);
    let (base_url, auth) = (base_url?, auth?);
    let hosts = address::hosts(known, &addresses(&base_url, &auth), problems);
    fields.iter_mut().zip(hosts).for_each(|(field, host)| field.in_host = host);
    check_defaults(&fields, problems);
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
        uncertain: manifest.uncertain,
        fields,
        tools,
        base_url,
        redirects,
        values,
        authority: manifest.tls.authority,
        auth,
        headers: request_headers,
        content_type: content_type?,
        upstream: upstream?,
        failure,
        deadline,
        answer_bytes,
    })
}

/// Every template of an address, with its place.
fn addresses<'m>(base_url: &'m BaseUrl, auth: &'m Auth) -> Vec<(&'static str, &'m Text)> {
    let base = match &base_url.source {
        Source::Template(text) => Some(("/base_url/template", text)),
        Source::Select { .. } => None,
    };
    let lookup = base_url.discover.as_ref().map(|discover| ("/base_url/discover/url", &discover.url));
    let token = auth.token.as_ref().map(|token| ("/auth", &token.url));
    [base, lookup, token].into_iter().flatten().collect()
}

fn check_defaults(fields: &[Field], problems: &mut Problems<'_>) {
    for (index, field) in fields.iter().enumerate() {
        if field.in_host.is_some()
            && field.default.as_deref().is_some_and(|default| !field.can_be_host(default))
        {
            problems
                .add(&format!("/fields/{index}/default"), "the default cannot stand in the name of a host");
        }
    }
}

/// What the kind of the vendor asks for.
fn compile_upstream(manifest: &Manifest, names: &[&str], problems: &mut Problems<'_>) -> Option<Upstream> {
    match (manifest.kind, &manifest.validation) {
        (Kind::Mcp, _) => Some(Upstream::Mcp(mcp::compile(manifest, problems))),
        (Kind::Rest, Some(validation)) => {
            mcp::check_absent(manifest, problems);
            responses::compile_validation(validation, names, problems)
                .map(|validation| Upstream::Rest(Box::new(validation)))
        }
        (Kind::Rest, None) => {
            problems.add("/", "missing field `validation`");
            None
        }
    }
}

fn check_identity(manifest: &Manifest, problems: &mut Problems<'_>) {
    if !is_slug(&manifest.slug) {
        problems.add("/slug", "must be lower-case letters and digits, with single hyphens between");
    }
    if manifest.slug == GATEWAY {
        problems.add("/slug", format!("the gateway's own tools begin with `{GATEWAY}`"));
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
    if manifest.verified != manifest.uncertain.is_empty() {
        problems.add("/verified", "`verified = false` and `uncertain` (what is not known) stand together");
    }
    for (index, text) in manifest.uncertain.iter().enumerate() {
        check_text(problems, &format!("/uncertain/{index}"), text, MAX_UNCERTAIN);
    }
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
    let regex = entry.pattern.as_deref().and_then(|source| pattern(problems, &place("pattern"), source));
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
        in_host: None,
    }
}

fn compile_values(
    entries: &[ValueEntry],
    fields: &[Field],
    problems: &mut Problems<'_>,
) -> Vec<DerivedValue> {
    let mut known: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
    let mut values = Vec::new();
    for (index, entry) in entries.iter().enumerate() {
        let place = |key: &str| format!("/values/{index}/{key}");
        let is_field = fields.iter().any(|field| field.name == entry.name);
        if !is_name(&entry.name) || is_field || [ACCESS_TOKEN, DEMO_URL].contains(&entry.name.as_str()) {
            let message =
                format!("`{}` cannot be the name of a value: use [a-z0-9_], and no field's name", entry.name);
            problems.add(&place("name"), message);
        }
        for (field, is) in &entry.when {
            check_condition(problems, &place(&format!("when/{field}")), field, is, fields);
        }
        let when = entry.when.iter().map(|(field, is)| (field.clone(), is.clone())).collect();
        let template = template(problems, &place("template"), &entry.template, &known);
        values.extend(template.map(|template| DerivedValue { name: entry.name.clone(), template, when }));
        known.push(&entry.name);
    }
    values
}

fn check_condition(problems: &mut Problems<'_>, place: &str, field: &str, is: &str, fields: &[Field]) {
    match fields.iter().find(|found| found.name == field) {
        None => problems.add(place, format!("there is no field `{field}`")),
        Some(found)
            if found.kind == FieldKind::Select && !found.options.iter().any(|(value, _)| value == is) =>
        {
            problems.add(place, format!("`{is}` is no option of the field `{field}`"));
        }
        Some(_) => {}
    }
}

fn compile_redirects(entry: Option<&RedirectsEntry>, problems: &mut Problems<'_>) -> Option<Redirects> {
    let host_suffixes = &entry?.host_suffixes;
    if host_suffixes.is_empty() || host_suffixes.iter().any(|suffix| suffix.trim_matches('.').is_empty()) {
        problems.add("/redirects/host_suffixes", "must be the vendor's own domains, such as .example.com");
    }
    Some(Redirects { host_suffixes: host_suffixes.clone() })
}

fn check_authority(authority: Option<&str>, fields: &[Field], problems: &mut Problems<'_>) {
    let is_there =
        |name| fields.iter().any(|field| field.name == name && field.kind == FieldKind::Certificate);
    if let Some(name) = authority.filter(|name| !is_there(*name)) {
        problems.add("/tls/authority", format!("there is no field `{name}` of kind certificate"));
    }
}

//! The `[base_url]` part of a manifest: template, select or lookup.

use url::Url;

use super::DEMO;
use super::address::{Known, is_safe};
use super::problems::Problems;
use super::texts::{check_pointer, is_name, pairs, pattern, template};
use crate::vendors::base_url::{BaseUrl, Discover, Form, Source};
use crate::vendors::manifest::{BaseUrlEntry, DiscoverEntry, Manifest};
use crate::vendors::template::{Braces, Text};
use crate::vendors::vendor::{Field, FieldKind};

/// The name of the demo's address in its manifest.
pub(crate) const DEMO_URL: &str = "demo_url";

pub(super) fn compile(
    manifest: &Manifest,
    known: Known<'_>,
    demo: Option<&Url>,
    problems: &mut Problems<'_>,
) -> Option<BaseUrl> {
    let entry = &manifest.base_url;
    let discover = entry.discover.as_ref().and_then(|discover| compile_discover(discover, known, problems));
    let source = match (&entry.template, &entry.select) {
        (Some(source), None) => {
            let assigned = discover.as_ref().map(|discover| discover.assign.as_str());
            let demo_url = (manifest.slug == DEMO).then_some(DEMO_URL);
            let names: Vec<_> = known.names().into_iter().chain(assigned).chain(demo_url).collect();
            let text = template(problems, "/base_url/template", source, &names)?;
            if text.host_parts().iter().any(|(name, _)| name.is_some() && *name == assigned) {
                let message = "what is discovered is a whole address (`host_suffix`), or behind the host";
                problems.add("/base_url/template", message);
            }
            if manifest.slug == DEMO {
                Source::Template(at_demo(source, demo)?)
            } else {
                known.check_start(&text, false, "/base_url/template", problems);
                Source::Template(text)
            }
        }
        (None, Some(select)) => {
            check_select(entry, select, known.fields, problems);
            Source::Select { field: select.clone(), options: entry.options.clone() }
        }
        _ => {
            problems.add("/base_url", "needs either `template` or `select` with `options`");
            return None;
        }
    };
    Some(BaseUrl { source, discover })
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
        if Url::parse(url).is_err() || url.ends_with('/') || !is_safe(url) {
            problems.add(&place, "must be an address with https://, without a slash at the end");
        }
    }
}

fn compile_discover(
    entry: &DiscoverEntry,
    known: Known<'_>,
    problems: &mut Problems<'_>,
) -> Option<Discover> {
    let names = &known.names();
    if !is_name(&entry.assign) {
        problems.add("/base_url/discover/assign", format!("`{}` is no name: use [a-z0-9_]", entry.assign));
    }
    let form = compile_form(entry, problems);
    check_pointer(problems, "/base_url/discover/answer", &entry.answer);
    let query = pairs(problems, "/base_url/discover/query", &entry.query, names);
    let url = template(problems, "/base_url/discover/url", &entry.url, names)?;
    known.check_start(&url, false, "/base_url/discover/url", problems);
    Some(Discover { assign: entry.assign.clone(), url, query, answer: entry.answer.clone(), form: form? })
}

fn compile_form(entry: &DiscoverEntry, problems: &mut Problems<'_>) -> Option<Form> {
    match (&entry.host_suffix, &entry.pattern) {
        (Some(suffix), None) if !suffix.trim_matches('.').is_empty() => {
            Some(Form::Address { host_suffix: suffix.clone() })
        }
        (Some(_), None) => {
            let message = "must be the vendor's own domain, such as .example.com";
            problems.add("/base_url/discover/host_suffix", message);
            None
        }
        (None, Some(source)) => {
            if !source.starts_with('^') || !source.ends_with('$') {
                problems.add("/base_url/discover/pattern", "must match the whole answer: ^...$");
            }
            pattern(problems, "/base_url/discover/pattern", source)?;
            // `^a|b$` begins and ends so, and is not whole.
            pattern(problems, "/base_url/discover/pattern", &format!("^(?:{source})$")).map(Form::Text)
        }
        _ => {
            let message = "needs `host_suffix` (the answer is an address) or `pattern` (a part of the path)";
            problems.add("/base_url/discover", message);
            None
        }
    }
}

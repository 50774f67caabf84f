//! The requests of `expectations/` against what public documents say.
//!
//! A file of `documents/` holds what somebody read of one vendor's API, in its OpenAPI document, on its pages or in a
//! public client: operations with the names that they know. It was written past the manifests and the expectations, and
//! holds facts only. A tool that no document knows has to say so: `verified = false`, with a reason.

use std::collections::BTreeSet;
use std::path::Path;

use gateway_server::vendors::Catalog;
use serde::Deserialize;
use serde_json::Value;

use crate::contract::{self, Call, Contract, Exchange};
use crate::rig;

/// A name that stands for any.
const ANY: &str = "*";

/// Open-source systems that the tests run for real.
const REAL: [&str; 3] = ["alertmanager", "demo", "icinga2"];

/// One file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reading {
    slug: String,
    documents: Vec<Document>,
    operations: Vec<Operation>,
}

/// What was read.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    id: String,
    /// An address, or repository, path and commit.
    source: String,
    kind: Kind,
    /// On which day, `2026-11-23`.
    read: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Openapi,
    Page,
    /// A public program that talks to the vendor.
    Client,
    /// What else stands in a public repository: the vendor's own code, or notes of calls that were made.
    Repository,
}

/// A request that a document knows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Operation {
    /// `GET /path/{id}`, as on the wire.
    request: String,
    /// Every name that the document knows.
    #[serde(default)]
    query: BTreeSet<String>,
    /// Members of a JSON body, or names of a form, on the top level.
    #[serde(default)]
    body: BTreeSet<String>,
    /// Of either, what must be there.
    #[serde(default)]
    required: BTreeSet<String>,
    /// Of GraphQL the fields of the root, of JSON-RPC the methods: one of them must be asked for.
    #[serde(default)]
    fields: BTreeSet<String>,
    document: String,
}

impl Operation {
    /// How many literal bytes of its path are in the request's path; `None` if it is about another request.
    fn fits(&self, request: &str) -> Option<usize> {
        let (own, asked): (Vec<_>, Vec<_>) =
            (self.request.split('/').collect(), request.split('/').collect());
        if own.len() != asked.len() {
            return None;
        }
        own.iter().zip(asked).map(|(own, asked)| segment(own, asked)).sum()
    }

    /// What of a request it does not know, or misses.
    fn differs(&self, exchange: &Exchange) -> Vec<String> {
        let (query, body) = (exchange.query_names(), exchange.body_names());
        let unknown = |kind: &str, sent: &BTreeSet<String>, known: &BTreeSet<String>| -> Vec<String> {
            let free = known.contains(ANY) || (kind == "body" && !self.fields.is_empty());
            let names = sent.iter().filter(|name| !free && !known.contains(*name));
            names.map(|name| format!("{kind} has no `{name}`")).collect()
        };
        let mut found = unknown("query", &query, &self.query);
        found.extend(unknown("body", &body, &self.body));
        let missing = self.required.iter().filter(|name| !query.contains(*name) && !body.contains(*name));
        found.extend(missing.map(|name| format!("`{name}` is required")));
        found
    }

    /// Whether it is about what the body asks for.
    fn asked_for(&self, exchange: &Exchange) -> bool {
        let text = exchange.body.as_ref().map(|body| asked(body).to_owned()).unwrap_or_default();
        let words: BTreeSet<_> = text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '.').collect();
        self.fields.is_empty() || self.fields.iter().any(|field| words.contains(field.as_str()))
    }
}

/// The document of a GraphQL request, or the method of a JSON-RPC one.
fn asked(body: &Value) -> &str {
    ["query", "method"].iter().find_map(|name| body.get(name)?.as_str()).unwrap_or_default()
}

/// How many literal bytes of `template` are in `asked`, or `None` if they differ. At most one `{name}` is in it.
fn segment(template: &str, asked: &str) -> Option<usize> {
    let Some((before, rest)) = template.split_once('{') else {
        return (template == asked).then_some(template.len());
    };
    let (_, after) = rest.split_once('}')?;
    let middle = asked.strip_prefix(before)?.strip_suffix(after)?;
    (!middle.is_empty()).then_some(before.len() + after.len())
}

fn readings() -> Vec<Reading> {
    rig::files("tests/vendors/documents").iter().map(|file| read(file)).collect()
}

fn read(file: &Path) -> Reading {
    let text = std::fs::read_to_string(file).unwrap();
    let reading: Reading =
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    assert_eq!(Some(reading.slug.as_ref()), file.file_stem(), "a file has its vendor's name");
    reading
}

/// Vendors of whom an OpenAPI document was read.
pub(crate) fn with_openapi() -> BTreeSet<String> {
    let is_openapi = |document: &Document| matches!(document.kind, Kind::Openapi);
    let with = readings().into_iter().filter(|reading| reading.documents.iter().any(is_openapi));
    with.map(|reading| reading.slug).collect()
}

/// What one call sends that no operation knows.
fn unknown(reading: &Reading, call: &Call) -> Option<String> {
    let request = &call.exchange.request;
    let fitting = reading.operations.iter().filter(|operation| operation.asked_for(&call.exchange));
    let best = fitting.filter_map(|operation| Some((operation.fits(request)?, operation)));
    let Some((_, operation)) = best.max_by_key(|(literal, _)| *literal) else {
        return Some("no document knows it".to_owned());
    };
    let differs = operation.differs(&call.exchange);
    (!differs.is_empty()).then(|| format!("{} ({})", differs.join(", "), operation.document))
}

#[test]
fn every_request_is_known_to_a_document_or_its_tool_says_that_it_is_not() {
    let (catalog, problems) = Catalog::load(None, None);
    assert!(problems.is_empty(), "{problems:#?}");
    let contracts: Vec<Contract> = contract::all();
    let mut failures = Vec::new();
    for reading in readings() {
        let vendor = catalog.vendor(&reading.slug).unwrap();
        let own = contracts.iter().filter(|contract| contract.slug == reading.slug);
        for call in own.flat_map(|contract| &contract.calls) {
            let tool = vendor.tools.iter().find(|tool| tool.name == call.tool).unwrap();
            if let Some(what) = unknown(&reading, call).filter(|_| tool.uncertain.is_none()) {
                failures.push(format!("{}: {}: {what}", tool.full_name, call.exchange.request));
            }
        }
    }
    failures.dedup();
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_vendor_was_read_about() {
    let (catalog, _) = Catalog::load(None, None);
    let known: BTreeSet<_> = readings().into_iter().map(|reading| reading.slug).collect();
    let missing: Vec<_> = catalog
        .vendors()
        .map(|vendor| vendor.slug.as_str())
        .filter(|slug| !REAL.contains(slug) && !known.contains(*slug))
        .collect();
    assert!(missing.is_empty(), "nobody read the documents of {missing:?}");
}

#[test]
fn every_operation_names_what_was_read() {
    for reading in readings() {
        let ids: BTreeSet<_> = reading.documents.iter().map(|document| document.id.as_str()).collect();
        let named: BTreeSet<_> =
            reading.operations.iter().map(|operation| operation.document.as_str()).collect();
        assert!(named.is_subset(&ids), "{}: {named:?} of {ids:?}", reading.slug);
        for Document { source, kind, read, .. } in &reading.documents {
            assert!(!source.trim().is_empty() && read.len() == 10, "{}: {source} {read}", reading.slug);
            let page = matches!(kind, Kind::Page);
            assert!(!page || source.starts_with("https://"), "{}: {source}", reading.slug);
        }
    }
}

//! The operations of a document: which there are, and which are wanted.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::document::{Document, Target};
use super::error::ImportError;

/// The methods that tools have, as documents and as requests write them.
pub(super) const METHODS: [(&str, &str); 5] =
    [("get", "GET"), ("post", "POST"), ("put", "PUT"), ("patch", "PATCH"), ("delete", "DELETE")];

/// How many similar names an unknown `--include` is answered with.
const SUGGESTIONS: usize = 3;

/// How similar they must be (Jaro-Winkler, 1 is the same).
const SIMILAR: f64 = 0.75;

/// One operation, with its path's parameters.
#[derive(Debug)]
pub(super) struct Operation<'d> {
    pub(super) id: Option<&'d str>,
    /// Upper-case.
    pub(super) method: &'static str,
    pub(super) path: &'d str,
    pub(super) tags: Vec<&'d str>,
    pub(super) members: &'d Map<String, Value>,
    /// Those of the operation replace those of the path (same name and place).
    pub(super) parameters: Vec<&'d Map<String, Value>>,
    /// References in the place of parameters that lead nowhere.
    pub(super) broken: Vec<String>,
    pub(super) is_deprecated: bool,
    /// Where it is, if not at the document's own servers.
    pub(super) server: Option<&'d str>,
}

impl<'d> Operation<'d> {
    /// `GET /path`.
    pub(super) fn place(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// A text member, if there is one with words in it.
    pub(super) fn text(&self, key: &str) -> Option<&'d str> {
        self.members.get(key).and_then(Value::as_str).filter(|text| !text.trim().is_empty())
    }

    fn is_named(&self, name: &str) -> bool {
        self.id.is_some_and(|id| id.eq_ignore_ascii_case(name)) || self.place().eq_ignore_ascii_case(name)
    }

    fn is_tagged(&self, name: &str) -> bool {
        self.tags.iter().any(|tag| tag.eq_ignore_ascii_case(name))
    }
}

/// The operations that are wanted (all, without `include`), in the order of the document; then, of all, the paths that
/// cannot be read, with the reason.
pub(super) fn select<'d>(
    document: &'d Document,
    include: &[String],
) -> Result<(Vec<Operation<'d>>, Vec<String>), ImportError> {
    let (mut operations, mut unread) = collect(document);
    for name in include {
        if !operations.iter().any(|operation| operation.is_named(name) || operation.is_tagged(name)) {
            return Err(ImportError::UnknownInclude {
                name: name.clone(),
                similar: similar(&operations, name),
            });
        }
    }
    if !include.is_empty() {
        unread.clear();
        operations.retain(|operation| {
            include.iter().any(|name| operation.is_named(name) || operation.is_tagged(name))
        });
    }
    check_ids(&operations)?;
    Ok((operations, unread))
}

/// Whether an operation was asked for by its own name.
pub(super) fn is_asked_for(operation: &Operation<'_>, include: &[String]) -> bool {
    include.iter().any(|name| operation.is_named(name))
}

fn check_ids(operations: &[Operation<'_>]) -> Result<(), ImportError> {
    let mut seen: BTreeMap<&str, &Operation<'_>> = BTreeMap::new();
    for operation in operations {
        let Some(id) = operation.id else { continue };
        if let Some(first) = seen.insert(id, operation) {
            let (first, second) = (first.place(), operation.place());
            return Err(ImportError::DuplicateOperation { id: id.to_owned(), first, second });
        }
    }
    Ok(())
}

fn collect(document: &Document) -> (Vec<Operation<'_>>, Vec<String>) {
    let (mut operations, mut unread) = (Vec::new(), Vec::new());
    let paths = document.get("paths").and_then(Value::as_object);
    for (path, item) in paths.into_iter().flatten().filter(|(path, _)| !path.starts_with("x-")) {
        let item = match item_of(document, path, item) {
            Ok(item) => item,
            Err(why) => {
                unread.push(format!("{path}: {why}"));
                continue;
            }
        };
        for (key, method) in METHODS {
            let Some(members) = item.get(key).and_then(Value::as_object) else { continue };
            let (parameters, broken) = parameters(document, item, members);
            let tags = members.get("tags").and_then(Value::as_array);
            operations.push(Operation {
                id: members.get("operationId").and_then(Value::as_str).filter(|id| !id.trim().is_empty()),
                method,
                path,
                tags: tags.into_iter().flatten().filter_map(Value::as_str).collect(),
                members,
                parameters,
                broken,
                is_deprecated: members.get("deprecated").is_some_and(|is| is == true),
                server: [members, item].into_iter().find_map(|place| {
                    place.get("servers")?.as_array()?.iter().find_map(|server| server.get("url")?.as_str())
                }),
            });
        }
    }
    (operations, unread)
}

/// What stands at a path, or why it cannot be read.
fn item_of<'d>(
    document: &'d Document,
    path: &str,
    item: &'d Value,
) -> Result<&'d Map<String, Value>, String> {
    if !path.starts_with('/') {
        return Err("a path begins with `/`".to_owned());
    }
    let target = document.resolve(item);
    let Target::Value(item) = target else { return Err(target.reason().unwrap_or_default()) };
    item.as_object().ok_or_else(|| "it is no object".to_owned())
}

type Parameters<'d> = (Vec<&'d Map<String, Value>>, Vec<String>);

fn parameters<'d>(
    document: &'d Document,
    item: &'d Map<String, Value>,
    operation: &'d Map<String, Value>,
) -> Parameters<'d> {
    let mut found: Vec<&Map<String, Value>> = Vec::new();
    let mut broken = Vec::new();
    let lists = [item, operation].into_iter().filter_map(|members| members.get("parameters")?.as_array());
    for parameter in lists.flatten() {
        let value = match document.resolve(parameter) {
            Target::Value(value) => value,
            target => {
                broken.extend(target.reason());
                continue;
            }
        };
        let Some(members) = value.as_object() else { continue };
        let key = |members: &Map<String, Value>| (members.get("name").cloned(), members.get("in").cloned());
        found.retain(|earlier| key(earlier) != key(members));
        found.push(members);
    }
    (found, broken)
}

fn similar(operations: &[Operation<'_>], name: &str) -> Vec<String> {
    let names = operations.iter().flat_map(|operation| operation.id.iter().chain(&operation.tags).copied());
    let mut rated: Vec<(f64, &str)> = names
        .map(|known| (strsim::jaro_winkler(&known.to_lowercase(), &name.to_lowercase()), known))
        .filter(|(score, _)| *score >= SIMILAR)
        .collect();
    rated.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    rated.dedup_by(|a, b| a.1 == b.1);
    rated.into_iter().take(SUGGESTIONS).map(|(_, known)| known.to_owned()).collect()
}

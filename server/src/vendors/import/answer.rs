//! What an operation answers: where the list stands, and how one pages through it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::document::{Document, Target};
use super::draft::{Paging, Param, Tool};
use super::names::snake;
use super::operations::Operation;

/// How deep `allOf` of an answer is looked into.
const MAX_PARTS: usize = 8;

/// The good answer of an operation.
#[derive(Debug, Default)]
pub(super) struct Answer {
    /// Pointer to the list.
    pub(super) list: Option<String>,
    /// Only text.
    pub(super) is_text: bool,
    /// Wire names of the members of the answer.
    members: Vec<String>,
}

pub(super) fn read(document: &Document, operation: &Operation<'_>) -> Answer {
    let responses = operation.members.get("responses").and_then(Value::as_object);
    let good = responses.into_iter().flatten().find(|(status, _)| status.starts_with('2'));
    let response = good.and_then(|(_, response)| document.object(response));
    let content = response.and_then(|response| response.get("content")?.as_object());
    let Some(content) = content.filter(|content| !content.is_empty()) else { return Answer::default() };
    let Some((_, media)) = content.iter().find(|(kind, _)| kind.contains("json") || *kind == "*/*") else {
        return Answer { is_text: true, ..Answer::default() };
    };
    let mut answer = Answer::default();
    let Some(schema) = media.get("schema") else { return answer };
    if is_array(document, schema) {
        answer.list = Some(String::new());
        return answer;
    }
    let mut lists = Vec::new();
    members(document, schema, MAX_PARTS, &mut BTreeSet::new(), &mut answer.members, &mut lists);
    if let [list] = lists.as_slice()
        && is_envelope(operation.path, list)
    {
        answer.list = Some(format!("/{}", list.replace('~', "~0").replace('/', "~1")));
    }
    answer
}

/// Whether a member is what was asked for: a record has lists of its own, which are not.
fn is_envelope(path: &str, list: &str) -> bool {
    let last = path.rsplit('/').next().unwrap_or_default();
    let usual =
        ["items", "data", "results", "result", "records", "entries", "list", "values", "content", "rows"];
    let list = snake(list);
    !last.ends_with('}') && (usual.contains(&list.as_str()) || snake(last) == list)
}

fn is_array(document: &Document, schema: &Value) -> bool {
    let kind = document.object(schema).and_then(|schema| schema.get("type"));
    kind.is_some_and(|kind| {
        kind == "array" || kind.as_array().is_some_and(|kinds| kinds.contains(&"array".into()))
    })
}

/// `seen` are the parts that were read: one may be named twice, or be a part of itself.
fn members(
    document: &Document,
    schema: &Value,
    depth: usize,
    seen: &mut BTreeSet<*const Value>,
    names: &mut Vec<String>,
    lists: &mut Vec<String>,
) {
    let Target::Value(schema) = document.resolve(schema) else { return };
    if !seen.insert(std::ptr::from_ref(schema)) {
        return;
    }
    for (name, member) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        names.push(name.clone());
        if is_array(document, member) {
            lists.push(name.clone());
        }
    }
    let parts = schema.get("allOf").and_then(Value::as_array).into_iter().flatten();
    for part in parts.filter(|_| depth > 0) {
        members(document, part, depth - 1, seen, names, lists);
    }
}

/// The parameters that page, where their names leave no doubt.
pub(super) fn paging(answer: &Answer, params: &[Param]) -> Paging {
    let find = |names: &[&str], kind: &str| {
        let wanted = |param: &&Param| {
            param.place == "query"
                && param.schema.get("type").is_some_and(|found| found == kind)
                && names.contains(&param.name.as_str())
        };
        params.iter().find(wanted).map(|param| param.name.clone())
    };
    let size = find(
        &["limit", "page_size", "per_page", "page_limit", "size", "count", "max_results", "top"],
        "integer",
    );
    let page = find(&["page", "page_number", "page_index", "page_no"], "integer");
    let offset = find(&["offset", "skip", "start", "start_at"], "integer");
    let cursor = cursor(answer, params);
    // A size alone pages nothing.
    if page.is_none() && offset.is_none() && cursor.is_none() {
        return Paging::default();
    }
    let offset = offset.filter(|_| page.is_none());
    Paging { size, page, offset, cursor }
}

/// A parameter whose next value stands in the answer, by its own name or with `next` before it.
fn cursor(answer: &Answer, params: &[Param]) -> Option<(String, String)> {
    let is_cursor =
        |name: &str| ["cursor", "token"].iter().any(|word| name.split('_').any(|part| part == *word));
    params.iter().filter(|param| param.place == "query" && is_cursor(&param.name)).find_map(|param| {
        let member = answer.members.iter().find(|member| {
            let member = snake(member);
            member == param.name || member == format!("next_{}", param.name)
        })?;
        Some((param.name.clone(), format!("/{}", member.replace('~', "~0").replace('/', "~1"))))
    })
}

/// What most tools that page have in common.
pub(super) fn common_paging(tools: &[Tool]) -> Paging {
    let mut counts: BTreeMap<&Paging, usize> = BTreeMap::new();
    for tool in tools.iter().filter(|tool| !tool.paging.is_empty()) {
        *counts.entry(&tool.paging).or_default() += 1;
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map(|(paging, _)| paging.clone()).unwrap_or_default()
}

//! The tools of a manifest: names, annotations, answers. Parameters and requests have their own files.

use std::collections::BTreeSet;

use super::Schemas;
use super::problems::Problems;
use super::texts::{check_pointer, check_text, is_name};
use crate::vendors::hide::Hidden;
use crate::vendors::manifest::{AnswerKind, Manifest, Paging, ToolEntry};
use crate::vendors::schema::{Arguments, SchemaText, object_schema};
use crate::vendors::select;
use crate::vendors::vendor::{Action, Risk, Tool};

/// Claude puts its own prefix in front and breaks above 64.
const MAX_FULL_NAME: usize = 48;

/// Longest description of a tool, in characters.
const MAX_DESCRIPTION: usize = 160;

/// Longest reason why something could not be confirmed.
const MAX_REASON: usize = 220;

/// Longest title.
const MAX_TITLE: usize = 60;

pub(super) fn compile_all(
    manifest: &Manifest,
    fields: &[&str],
    schemas: Schemas,
    problems: &mut Problems<'_>,
) -> Vec<Tool> {
    check_paging(problems, "/paging", &manifest.paging);
    let mut seen = BTreeSet::new();
    let mut tools = Vec::new();
    for entry in &manifest.tools {
        let index = entry.index;
        if !seen.insert(&entry.name) {
            problems.add(&format!("/tools/{index}/name"), format!("there is another tool `{}`", entry.name));
        }
        let tool =
            Compiler { entry, index, fields, schemas, problems }.compile(&manifest.slug, &manifest.paging);
        tools.extend(tool);
    }
    tools.sort_by(|a, b| a.full_name.cmp(&b.full_name));
    tools
}

/// Works on one tool.
pub(super) struct Compiler<'m, 't, 'p> {
    pub(super) entry: &'m ToolEntry,
    pub(super) index: usize,
    pub(super) fields: &'m [&'m str],
    pub(super) schemas: Schemas,
    pub(super) problems: &'p mut Problems<'t>,
}

impl Compiler<'_, '_, '_> {
    fn compile(mut self, slug: &str, paging: &Paging) -> Option<Tool> {
        let full_name = format!("{}__{}", slug.replace('-', "_"), self.entry.name);
        self.check_identity(&full_name);
        self.check_params();
        let has_fields = self.has_fields(paging);
        let fields = has_fields.then(select::schema);
        let params =
            self.entry.params.iter().map(|param| (param.name.as_str(), &param.schema, param.required));
        let schema = object_schema(params.chain(fields.iter().map(|schema| (select::FIELDS, schema, false))));
        if self.schemas == Schemas::Check
            && let Err(message) = Arguments::check_schema(&schema)
        {
            self.problem("params", message);
        }
        let input_schema = SchemaText::new(&schema);
        let operation = self.operation();
        if let Some(pointer) = &self.entry.result {
            check_pointer(self.problems, &format!("/tools/{}/result", self.index), pointer);
        }
        self.check_answer();
        self.check_paging();
        Some(Tool {
            full_name,
            name: self.entry.name.clone(),
            title: self.entry.title.clone(),
            description: self.entry.description.clone(),
            arguments: Arguments::new(&schema, input_schema.clone()),
            input_schema,
            risk: self.entry.risk,
            idempotent: self
                .entry
                .idempotent
                .unwrap_or(self.entry.risk == Risk::Read || self.entry.method != "POST"),
            uncertain: self.entry.uncertain.clone(),
            action: Action::Request(operation?),
            result: self.entry.result.clone(),
            answer: self.entry.answer,
            hidden: self.entry.hide.iter().map(|text| Hidden::parse(text)).collect(),
            paging: self.paging(self.entry.paging.as_ref().unwrap_or(paging)),
            has_fields,
        })
    }

    /// Whether the gateway adds its own choice of members: to tools that list, if the vendor has no such parameter.
    fn has_fields(&self, paging: &Paging) -> bool {
        let pages = self.paging(self.entry.paging.as_ref().unwrap_or(paging)).parameters().next().is_some();
        let verbs = ["list_", "search_", "query_", "find_"];
        let lists = pages || verbs.iter().any(|verb| self.entry.name.starts_with(verb));
        let is_free = self.entry.params.iter().all(|param| param.name != select::FIELDS);
        lists && is_free && self.entry.risk == Risk::Read && self.entry.result.is_some()
    }

    pub(super) fn problem(&mut self, key: &str, message: impl Into<String>) {
        self.problems.add(&format!("/tools/{}/{key}", self.index), message);
    }

    fn check_identity(&mut self, full_name: &str) {
        let name = &self.entry.name;
        if !is_name(name) {
            self.problem("name", format!("`{name}` cannot be the name of a tool: use [a-z0-9_]"));
        }
        if full_name.len() > MAX_FULL_NAME {
            let message = format!(
                "`{full_name}` has {} characters, at most {MAX_FULL_NAME} are allowed",
                full_name.len()
            );
            self.problem("name", message);
        }
        let place = |key: &str| format!("/tools/{}/{key}", self.index);
        check_text(self.problems, &place("title"), &self.entry.title, MAX_TITLE);
        check_text(self.problems, &place("description"), &self.entry.description, MAX_DESCRIPTION);
        if self.entry.risk == Risk::Read && !matches!(self.entry.method.as_str(), "GET" | "POST") {
            self.problem("risk", format!("a {} does not only read", self.entry.method));
        }
    }

    /// The keys about the answer fit each other.
    fn check_answer(&mut self) {
        if !self.entry.hide.is_empty() && self.entry.answer == AnswerKind::Text {
            self.problem("hide", "nothing can be found in a text: `answer` must be json");
        }
        match (&self.entry.uncertain, self.entry.verified) {
            (Some(text), false) => {
                let place = format!("/tools/{}/uncertain", self.index);
                check_text(self.problems, &place, text, MAX_REASON);
            }
            (None, true) => {}
            _ => self.problem("verified", "`verified = false` and `uncertain` (the reason) stand together"),
        }
    }

    /// A tool's own paging names parameters that it has.
    fn check_paging(&mut self) {
        let Some(paging) = &self.entry.paging else { return };
        check_paging(self.problems, &format!("/tools/{}/paging", self.index), paging);
        let after = paging.after.as_ref().map(|after| &after.parameter);
        let cursor = paging.cursor.as_ref().map(|cursor| &cursor.parameter);
        let named = [paging.size.as_ref(), paging.page.as_ref(), paging.offset.as_ref(), after, cursor];
        let missing: Vec<_> = named.into_iter().flatten().filter(|name| !self.has_param(name)).collect();
        for name in missing {
            let place = format!("/tools/{}/paging", self.index);
            self.problems.add(&place, format!("there is no parameter `{name}`"));
        }
    }

    fn has_param(&self, name: &str) -> bool {
        self.entry.params.iter().any(|param| param.name == name)
    }

    /// What of the vendor's paging this tool has.
    fn paging(&self, paging: &Paging) -> Paging {
        let has = |name: &String| self.has_param(name);
        Paging {
            size: paging.size.clone().filter(has),
            page: paging.page.clone().filter(has),
            offset: paging.offset.clone().filter(has),
            after: paging.after.clone().filter(|after| has(&after.parameter)),
            cursor: paging.cursor.clone().filter(|cursor| has(&cursor.parameter)),
            next: paging.next.clone(),
            fixed_size: paging.fixed_size,
        }
    }
}

/// What does not depend on the tool.
fn check_paging(problems: &mut Problems<'_>, place: &str, paging: &Paging) {
    let cursor = paging.cursor.as_ref().map(|cursor| &cursor.answer);
    let after = paging.after.as_ref().map(|after| &after.member);
    for pointer in [paging.next.as_ref(), cursor, after].into_iter().flatten() {
        check_pointer(problems, place, pointer);
    }
    if paging.fixed_size == Some(0) {
        problems.add(&format!("{place}/fixed_size"), "must be at least 1");
    }
}

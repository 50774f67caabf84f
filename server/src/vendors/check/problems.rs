//! The mistakes found in a manifest, each with its line.

use std::cell::OnceCell;
use std::fmt;
use std::path::{Path, PathBuf};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::shape;
use crate::vendors::manifest::{Kind, Manifest, ToolEntry};

/// One mistake in a manifest file. Prints as `file:line: message`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestProblem {
    /// The file.
    pub file: PathBuf,
    /// Line, from 1; the first one where the mistake is about the file as a whole.
    pub line: usize,
    /// What is wrong and what would be right.
    pub message: String,
}

impl fmt::Display for ManifestProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file.display(), self.line, self.message)
    }
}

/// Collects problems of one file; places are given as paths such as `/tools/3/params/0/name`.
pub(super) struct Problems<'t> {
    file: &'t Path,
    text: &'t str,
    /// As far as it could be read; read when a place is looked up.
    table: OnceCell<Spanned<DeTable<'t>>>,
    found: Vec<ManifestProblem>,
}

impl<'t> Problems<'t> {
    pub(super) fn new(file: &'t Path, text: &'t str) -> Self {
        Self { file, text, table: OnceCell::new(), found: Vec::new() }
    }

    /// A mistake at a place in the document, or at the nearest thing around it that is there.
    pub(super) fn add(&mut self, place: &str, message: impl Into<String>) {
        let table = self.table.get_or_init(|| DeTable::parse_recoverable(self.text).0);
        let offset = offset_of(table, place);
        self.add_at(offset, message.into());
    }

    /// Something at a line, from 1.
    pub(super) fn add_line(&mut self, line: usize, message: impl Into<String>) {
        self.found.push(ManifestProblem { file: self.file.to_owned(), line, message: message.into() });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// All of them, by line.
    pub(super) fn into_sorted(mut self) -> Vec<ManifestProblem> {
        self.found.sort_by_key(|problem| problem.line);
        self.found
    }

    /// Reads the file's shape. Every syntax error is reported, or else every wrong key and type.
    pub(super) fn read(&mut self) -> Option<Manifest> {
        let (mut table, errors) = DeTable::parse_recoverable(self.text);
        for error in &errors {
            self.add_error(error);
        }
        if !errors.is_empty() {
            return None;
        }
        let tools = table.get_mut().remove("tools");
        let whole = table.span();
        let head = Spanned::new(whole, DeValue::Table(table.into_inner()));
        let head: Option<Manifest> = shape::read(head, |error| self.add_error(error));
        let is_mcp = head.as_ref().is_some_and(|manifest| manifest.kind == Kind::Mcp);
        let tools = if is_mcp { self.refuse_tools(tools.as_ref()) } else { self.read_tools(tools) };
        let mut manifest = head?;
        manifest.tools = tools;
        Some(manifest)
    }

    /// An MCP server is asked for its tools.
    fn refuse_tools(&mut self, tools: Option<&Spanned<DeValue<'_>>>) -> Vec<ToolEntry> {
        if let Some(tools) = tools {
            let message = "a vendor of kind mcp has no [[tools]]: its server is asked for them";
            self.add_at(tools.span().start, message.into());
        }
        Vec::new()
    }

    fn read_tools(&mut self, tools: Option<Spanned<DeValue<'_>>>) -> Vec<ToolEntry> {
        let Some(tools) = tools else {
            self.add("/", "no [[tools]]: a vendor needs at least one");
            return Vec::new();
        };
        let start = tools.span().start;
        let DeValue::Array(entries) = tools.into_inner() else {
            self.add_at(start, "`tools` must be an array of tables: [[tools]]".into());
            return Vec::new();
        };
        entries
            .into_iter()
            .enumerate()
            .filter_map(|(index, entry)| {
                let start = entry.span().start;
                let tool = shape::read::<ToolEntry>(entry, |error| match error.span() {
                    Some(_) => self.add_error(error),
                    None => self.add_at(start, error.message().to_owned()),
                });
                tool.map(|tool| ToolEntry { index, ..tool })
            })
            .collect()
    }

    fn add_error(&mut self, error: &toml::de::Error) {
        let offset = error.span().map_or(0, |span| span.start);
        self.add_at(offset, error.message().to_owned());
    }

    fn add_at(&mut self, offset: usize, message: String) {
        let before = self.text.get(..offset).unwrap_or_default();
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        self.found.push(ManifestProblem { file: self.file.to_owned(), line, message });
    }
}

/// Byte offset of a place, or of the nearest thing around it that is in the document.
fn offset_of(table: &Spanned<DeTable<'_>>, place: &str) -> usize {
    let mut steps = place.split('/').filter(|step| !step.is_empty());
    let Some((key, mut value)) = steps.next().and_then(|step| entry(table.get_ref(), step)) else { return 0 };
    let mut offset = key;
    for step in steps {
        let next = match value.get_ref() {
            DeValue::Table(table) => entry(table, step),
            DeValue::Array(items) => step
                .parse()
                .ok()
                .and_then(|index: usize| items.get(index))
                .map(|item| (item.span().start, item)),
            _ => None,
        };
        let Some((start, inner)) = next else { break };
        (offset, value) = (start, inner);
    }
    offset
}

fn entry<'a, 'i>(table: &'a DeTable<'i>, key: &str) -> Option<(usize, &'a Spanned<DeValue<'i>>)> {
    table.iter().find(|(name, _)| name.get_ref() == key).map(|(name, value)| (name.span().start, value))
}

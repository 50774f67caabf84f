//! One `[[tools]]` entry of a manifest, with its parameters and paging.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

/// How the lists of a tool are paged, by the names of its parameters: for the note under an answer (`vendors/paging.rs`).
#[derive(Debug, Default, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Paging {
    pub(crate) size: Option<String>,
    pub(crate) page: Option<String>,
    /// Counts records, from 0.
    pub(crate) offset: Option<String>,
    pub(crate) after: Option<AfterEntry>,
    pub(crate) cursor: Option<CursorEntry>,
    /// JSON pointer to the address of the next page.
    pub(crate) next: Option<String>,
    /// Records on a page, where no parameter says it.
    pub(crate) fixed_size: Option<u64>,
}

/// A parameter that takes what the answer says about the next page.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CursorEntry {
    pub(crate) parameter: String,
    /// JSON pointer into the answer, to the value or to an address that holds it.
    pub(crate) answer: String,
}

/// A parameter that continues behind the last record: its value is a member of that record.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AfterEntry {
    pub(crate) parameter: String,
    pub(crate) member: String,
    /// The record with this value belongs to the next page, so that a number is to be one larger.
    #[serde(default)]
    pub(crate) inclusive: bool,
}

/// One tool.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ToolEntry {
    /// Its place among the `[[tools]]` of the file.
    #[serde(skip)]
    pub(crate) index: usize,
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) risk: Risk,
    pub(crate) idempotent: Option<bool>,
    pub(crate) method: String,
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) query: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) params: Vec<ParamEntry>,
    pub(crate) body: Option<Value>,
    #[serde(default)]
    pub(crate) encoding: Encoding,
    /// Sent without the credential.
    #[serde(default)]
    pub(crate) anonymous: bool,
    pub(crate) result: Option<String>,
    #[serde(default)]
    pub(crate) answer: AnswerKind,
    /// Members (by name, anywhere) and places (JSON pointers) that are taken out of the answer.
    #[serde(default)]
    pub(crate) hide: Vec<String>,
    /// Instead of the vendor's.
    pub(crate) paging: Option<Paging>,
    #[serde(default = "yes")]
    pub(crate) verified: bool,
    /// Why it could not be confirmed.
    pub(crate) uncertain: Option<String>,
}

impl ToolEntry {
    /// Whether a fixed part of the query is made of this parameter, so that it is not sent under its own name.
    pub(crate) fn is_in_query(&self, param: &str) -> bool {
        self.query.values().any(|text| text.contains(&format!("{{{param}}}")))
    }
}

fn yes() -> bool {
    true
}

/// How a body is written.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Encoding {
    /// As JSON.
    #[default]
    Json,
    /// As `application/x-www-form-urlencoded`: one pair per member.
    Form,
    /// As `multipart/form-data` (RFC 7578): one part per member, of JSON where it is no text.
    Multipart,
}

/// What a tool may do; becomes the MCP annotations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Changes nothing.
    Read,
    /// Adds or changes.
    Write,
    /// Removes.
    Delete,
    /// Reveals secrets, runs code, or changes who may do what.
    Admin,
}

/// What a good answer is.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AnswerKind {
    /// JSON, or nothing.
    #[default]
    Json,
    /// Any text.
    Text,
}

/// One parameter: its place in the request, and its JSON Schema in the remaining keys.
#[derive(Debug, Deserialize)]
pub(crate) struct ParamEntry {
    pub(crate) name: String,
    #[serde(rename = "in")]
    pub(crate) place: Place,
    #[serde(rename = "as")]
    pub(crate) wire: Option<String>,
    #[serde(default)]
    pub(crate) required: bool,
    #[serde(default)]
    pub(crate) repeat: bool,
    #[serde(flatten)]
    pub(crate) schema: Map<String, Value>,
}

/// Where a parameter goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Place {
    Path,
    Query,
    Header,
    Body,
}

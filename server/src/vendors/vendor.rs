//! A vendor as the gateway uses it: a manifest that was checked and compiled by [`super::check`].

use std::time::Duration;

use regex::Regex;
use reqwest::header::{HeaderName, HeaderValue};

use super::auth::Auth;
use super::base_url::BaseUrl;
use super::failure::Failure;
use super::hide::Hidden;
use super::host::HostPart;
use super::manifest::AnswerKind;
pub use super::manifest::{FieldKind, Risk};
use super::paging::Paging;
use super::redirect::Redirects;
use super::request::Operation;
use super::schema::{Arguments, SchemaText};
use super::template::Text;
use super::upstream::{RemoteTool, Upstream};
use super::values::DerivedValue;

/// An outside system with an API.
#[derive(Debug)]
pub struct Vendor {
    /// Stable id: `[a-z0-9-]`.
    pub slug: String,
    /// Name for people.
    pub name: String,
    /// Kind of product, one lower-case word: `psa`, `rmm`, `documentation`, ...
    pub category: String,
    /// One sentence.
    pub summary: String,
    /// The product's site.
    pub website: Option<String>,
    /// The vendor's API documentation.
    pub api_docs: Option<String>,
    /// Background of the card's initials: `#rrggbb`.
    pub color: String,
    /// One to three characters for the card.
    pub initials: String,
    /// The vendor has IP allow-lists: a hint when calls hang or are refused.
    pub ip_allowlist: bool,
    /// Documented rate limit, in words.
    pub rate_limit: Option<String>,
    /// The same as figures.
    pub budget: Budget,
    /// What could not be confirmed about this vendor, in sentences.
    pub uncertain: Vec<String>,
    /// The credential form, in its order.
    pub fields: Vec<Field>,
    /// Sorted by full name; none if they are asked from the vendor.
    pub tools: Vec<Tool>,
    pub(crate) base_url: BaseUrl,
    pub(crate) redirects: Option<Redirects>,
    pub(crate) values: Vec<DerivedValue>,
    /// The field with the certificate of a private authority.
    pub(crate) authority: Option<String>,
    pub(crate) auth: Auth,
    pub(crate) headers: Vec<(HeaderName, Text)>,
    pub(crate) content_type: HeaderValue,
    pub(crate) upstream: Upstream,
    pub(crate) failure: Failure,
    pub(crate) deadline: Duration,
    pub(crate) answer_bytes: usize,
}

/// How much may be asked for, as far as the vendor says it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Budget {
    /// With one credential; what reads, if `writes` is there.
    pub requests: Option<Rate>,
    /// With one credential, of requests that change something.
    pub writes: Option<Rate>,
    /// With all credentials together, where the vendor counts by address.
    pub gateway: Option<Rate>,
    /// With one credential at the same time.
    pub concurrent: Option<u32>,
}

/// Requests in a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    /// So many ...
    pub requests: u32,
    /// ... in so long.
    pub window: Duration,
}

/// One field of the credential form.
#[derive(Debug)]
pub struct Field {
    /// Id: `[a-z0-9_]`.
    pub name: String,
    /// Label of the input.
    pub label: String,
    /// Where to find the value at the vendor.
    pub help: Option<String>,
    /// A page that explains it.
    pub help_url: Option<String>,
    /// How it is typed in.
    pub kind: FieldKind,
    /// Must be filled.
    pub required: bool,
    /// Used if left empty.
    pub default: Option<String>,
    /// Regular expression that the value must match.
    pub pattern: Option<String>,
    /// Value and label of each choice of a select.
    pub options: Vec<(String, String)>,
    /// It stands in the name of the vendor's host, so that it can be nothing else.
    pub(crate) in_host: Option<HostPart>,
}

impl Field {
    /// Whether a value has the form of [`Field::pattern`]. That is compiled each time: people fill a form seldom, and what is
    /// compiled is a hundred times as large.
    pub(crate) fn fits(&self, value: &str) -> bool {
        let regex = self.pattern.as_deref().and_then(|pattern| Regex::new(pattern).ok());
        regex.is_none_or(|regex| regex.is_match(value))
    }
}

/// One vendor operation, as MCP shows it.
#[derive(Debug)]
pub struct Tool {
    /// `vendor__tool`, at most 48 characters of `[a-z0-9_]`.
    pub full_name: String,
    /// Name within the vendor.
    pub name: String,
    /// Title for people.
    pub title: String,
    /// What it does, for a model that must choose.
    pub description: String,
    /// JSON Schema of the arguments: an object without additional properties.
    pub input_schema: SchemaText,
    /// What it may do.
    pub risk: Risk,
    /// Calling it twice does no more than calling it once.
    pub idempotent: bool,
    /// Why it could not be confirmed, if so.
    pub uncertain: Option<String>,
    pub(crate) arguments: Arguments,
    pub(crate) action: Action,
    pub(crate) result: Option<String>,
    pub(crate) answer: AnswerKind,
    pub(crate) hidden: Vec<Hidden>,
    pub(crate) paging: Paging,
    /// The gateway gave it the argument [`select::FIELDS`](super::select::FIELDS).
    pub(crate) has_fields: bool,
}

/// What a call of a tool sends.
#[derive(Debug)]
pub(crate) enum Action {
    /// This request.
    Request(Operation),
    /// A `tools/call` to the vendor's MCP server.
    Remote(RemoteTool),
}

/// How a credential is proven.
#[derive(Debug)]
pub(crate) struct Validation {
    pub(crate) operation: Operation,
    pub(crate) good: Vec<u16>,
    pub(crate) bad_key: Vec<u16>,
    pub(crate) account: Option<String>,
    /// Asked after a good answer, and must be good as well.
    pub(crate) then: Option<Box<Validation>>,
}

impl Tool {
    /// Whether it may destroy something, for the annotations. What an MCP server does not deny is believed of it (MCP
    /// 2026-07-28, schema, `ToolAnnotations`).
    pub fn may_destroy(&self) -> bool {
        match (self.risk, &self.action) {
            (Risk::Read, _) | (Risk::Write, Action::Request(_)) => false,
            (Risk::Write, Action::Remote(remote)) => !remote.is_harmless,
            (Risk::Delete | Risk::Admin, _) => true,
        }
    }
}

impl Vendor {
    /// Whether its tools are asked from the vendor with each credential, and are not in [`Vendor::tools`].
    pub fn has_discovered_tools(&self) -> bool {
        matches!(self.upstream, Upstream::Mcp(_))
    }

    /// The values in a credential that must never be seen, longest first.
    pub(crate) fn secrets<'c>(&self, credentials: &'c super::Credentials) -> Vec<&'c str> {
        self.fields
            .iter()
            .filter(|field| field.kind == FieldKind::Secret)
            .filter_map(|field| credentials.get(&field.name))
            .collect()
    }
}

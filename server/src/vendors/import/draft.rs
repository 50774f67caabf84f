//! What a draft is made of, before it is written.

use serde_json::{Map, Value};

/// Everything a draft says.
#[derive(Debug, Default)]
pub(super) struct Manifest {
    pub(super) slug: String,
    pub(super) name: String,
    pub(super) summary: String,
    pub(super) website: Option<String>,
    pub(super) api_docs: Option<String>,
    pub(super) initials: String,
    /// Where the draft comes from, for its first line.
    pub(super) source: String,
    pub(super) fields: Vec<Field>,
    pub(super) base_url: BaseUrl,
    pub(super) auth: Auth,
    pub(super) validation: Validation,
    /// That of most tools.
    pub(super) paging: Paging,
    pub(super) tools: Vec<Tool>,
    /// Operations without a tool, and why.
    pub(super) left_out: Vec<String>,
}

/// A credential field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) label: String,
    pub(super) help: String,
    /// `text`, `secret`, `select`, `url`.
    pub(super) kind: &'static str,
    pub(super) required: bool,
    pub(super) default: Option<String>,
    pub(super) pattern: Option<&'static str>,
    pub(super) options: Vec<String>,
}

/// Where the API stands.
#[derive(Debug, Default)]
pub(super) struct BaseUrl {
    pub(super) template: String,
    pub(super) decide: Vec<String>,
}

/// Who is asking: the keys of `[auth]`, in their order.
#[derive(Debug, Default)]
pub(super) struct Auth {
    pub(super) headers: Vec<(String, String)>,
    pub(super) query: Vec<(String, String)>,
    /// `basic`, `bearer`, `oauth2`.
    pub(super) keys: Vec<(&'static str, Value)>,
    pub(super) decide: Vec<String>,
}

impl Auth {
    pub(super) fn is_empty(&self) -> bool {
        self.headers.is_empty() && self.query.is_empty() && self.keys.is_empty()
    }
}

/// The request that proves a credential.
#[derive(Debug, Default)]
pub(super) struct Validation {
    pub(super) path: String,
    pub(super) decide: String,
}

/// Parameters that page.
#[derive(Debug, Default, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Paging {
    pub(super) size: Option<String>,
    pub(super) page: Option<String>,
    pub(super) offset: Option<String>,
    /// Parameter, and pointer into the answer.
    pub(super) cursor: Option<(String, String)>,
}

impl Paging {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The parameters it names.
    pub(super) fn parameters(&self) -> impl Iterator<Item = &String> {
        let cursor = self.cursor.as_ref().map(|(parameter, _)| parameter);
        [self.size.as_ref(), self.page.as_ref(), self.offset.as_ref(), cursor].into_iter().flatten()
    }
}

/// One tool.
#[derive(Debug, Default)]
pub(super) struct Tool {
    pub(super) name: String,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) risk: &'static str,
    pub(super) method: &'static str,
    pub(super) path: String,
    pub(super) params: Vec<Param>,
    pub(super) body: Option<Value>,
    /// Where it is not JSON.
    pub(super) encoding: Option<&'static str>,
    pub(super) is_text: bool,
    pub(super) result: Option<String>,
    pub(super) paging: Paging,
    pub(super) is_anonymous: bool,
    /// Method, path and operation id, as the document has them.
    pub(super) origin: String,
    pub(super) decide: Vec<String>,
}

/// One parameter of a tool.
#[derive(Debug, Clone)]
pub(super) struct Param {
    pub(super) name: String,
    /// `path`, `query`, `header`, `body`.
    pub(super) place: &'static str,
    /// The name on the wire.
    pub(super) wire: String,
    pub(super) required: bool,
    pub(super) repeat: bool,
    /// The JSON Schema keywords a manifest knows; with `type` and `description`.
    pub(super) schema: Map<String, Value>,
}

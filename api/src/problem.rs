//! Every error of `/api`: `application/problem+json` (RFC 9457) with a stable code.

use serde::{Deserialize, Serialize};

/// What went wrong, for programs (`code`) and for people (`title`, `detail`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// The HTTP status again.
    pub status: u16,
    /// Stable, `snake_case`; what a program decides by.
    pub code: String,
    /// One short sentence, the same for every problem of this code.
    pub title: String,
    /// What happened this time and what to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// Which fields of the request are wrong; empty if the request as a whole is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
    /// Seconds to wait before the next try, where that helps (as in the `Retry-After` header).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
    /// The id under which the operator finds this request in the log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// One wrong field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// The field's name as sent, e.g. `email` or `fields.api_key`.
    pub field: String,
    /// What is wrong with it, as a sentence.
    pub message: String,
}

impl Problem {
    /// The message for the field, if it is one of the wrong ones.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.errors.iter().find(|error| error.field == name).map(|error| error.message.as_str())
    }

    /// The one sentence to show to a person.
    pub fn sentence(&self) -> &str {
        self.detail.as_deref().unwrap_or(&self.title)
    }
}

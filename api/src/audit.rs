//! Audit rows: the words in which who did what is written down. The page that reads them comes later.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How an audited action ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Done.
    Ok,
    /// The vendor, or the gateway itself, could not do it.
    Error,
    /// Not allowed, not connected, or not known.
    Denied,
}

impl Outcome {
    /// As stored and as sent: `ok`, `error`, `denied`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Denied => "denied",
        }
    }
}

impl FromStr for Outcome {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "ok" => Ok(Self::Ok),
            "error" => Ok(Self::Error),
            "denied" => Ok(Self::Denied),
            other => Err(format!("unknown outcome {other:?}")),
        }
    }
}

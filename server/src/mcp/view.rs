//! What an address shows of the caller's tools: all at `/v1/mcp`, one vendor's at `/v1/{vendor}/mcp`; and with
//! `?tools=search`, for people with hundreds of tools, only those that find and call the others.
//!
//! The layer [`read_view`] comes before the bearer check: which vendors there are is no secret, and whoever mistypes an
//! address should hear that, not be sent to sign in for it.

use axum::{
    extract::{Request, State},
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use serde::{Deserialize, Serialize};

use super::error;
use crate::{
    auth::client_ip::ClientIp,
    oauth::{
        error::OAuthError,
        resource::{Address, Resource, vendor_in},
    },
    state::AppState,
    vendors::Catalog,
};

/// The parameter of the query that chooses the [`Mode`].
const PARAMETER: &str = "tools";

/// Which of the caller's tools are shown, and how. A session keeps the view it was opened with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) struct View {
    /// The vendor whose endpoint it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// How they are shown.
    #[serde(default)]
    pub mode: Mode,
}

/// How tools are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Mode {
    /// All are listed.
    #[default]
    All,
    /// Only those are listed that find and call the others.
    Search,
}

impl View {
    /// Whether the vendor's tools can be reached at this address.
    pub(super) fn has_vendor(&self, slug: &str) -> bool {
        self.vendor.as_deref().is_none_or(|only| only == slug)
    }
}

/// The layer that reads the view from the address; the requests it lets through carry a [`View`] and an [`Address`]. Nobody
/// has signed in yet, so what is refused is counted by address.
pub(super) async fn read_view(
    State(state): State<AppState>,
    ClientIp(address): ClientIp,
    mut request: Request,
    next: Next,
) -> Response {
    let refuse = |answer: Response| match state.limits.count_stranger(address) {
        Ok(()) => answer,
        Err(wait) => OAuthError::throttled(wait.as_secs()).into_response(),
    };
    let vendor = match vendor_in(request.uri().path()) {
        None => None,
        Some(slug) if state.catalog.vendor(slug).is_some() => Some(slug.to_owned()),
        Some(slug) => return refuse(unknown_vendor(&state.catalog, slug)),
    };
    let query = request.uri().query();
    let Some(mode) = mode(query.unwrap_or_default()) else {
        let message = "The parameter tools of the address must be \"search\" or \"all\", once.";
        return refuse(error::refuse(StatusCode::BAD_REQUEST, message));
    };
    let resource = vendor.as_deref().map(Resource::of_vendor).unwrap_or_default();
    let address = Address::new(resource, query);
    request.extensions_mut().insert(address);
    request.extensions_mut().insert(View { vendor, mode });
    next.run(request).await
}

/// Other parameters mean nothing here; a token among them is never looked at (MCP authorization, "Token Requirements").
fn mode(query: &str) -> Option<Mode> {
    let pairs: Vec<(String, String)> = serde_urlencoded::from_str(query).unwrap_or_default();
    let mut values = pairs.iter().filter(|(name, _)| name == PARAMETER).map(|(_, value)| value.as_str());
    match (values.next(), values.next()) {
        (None | Some("all"), None) => Some(Mode::All),
        (Some("search"), None) => Some(Mode::Search),
        _ => None,
    }
}

fn unknown_vendor(catalog: &Catalog, slug: &str) -> Response {
    let hint =
        suggest(catalog, slug).map_or_else(String::new, |known| format!(" Did you mean /v1/{known}/mcp?"));
    let message = format!("There is no vendor of this name.{hint} All vendors' tools are at /v1/mcp.");
    error::refuse(StatusCode::NOT_FOUND, message)
}

/// The vendor that somebody probably meant, by its slug.
pub(super) fn suggest<'c>(catalog: &'c Catalog, meant: &str) -> Option<&'c str> {
    catalog.similar(meant).first().map(|vendor| vendor.slug.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_query_chooses_the_mode() {
        assert_eq!(mode(""), Some(Mode::All));
        assert_eq!(mode("a=b&tools=all"), Some(Mode::All));
        assert_eq!(mode("tools=search&access_token=x"), Some(Mode::Search));
        for wrong in [
            "tools=",
            "tools",
            "tools=Search",
            "tools=none",
            "tools=search&tools=search",
            "tools=all&tools=x",
        ] {
            assert_eq!(mode(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn every_mode_has_an_address_of_its_own() {
        for query in ["tools=all", "tools=search"] {
            assert!(mode(query).is_some(), "{query}");
            let address = Address::new(Resource::default(), Some(query));
            assert_eq!(address.url("https://g.example"), format!("https://g.example/v1/mcp?{query}"));
        }
    }

    #[test]
    fn a_mistyped_vendor_is_recognised() {
        let catalog = Catalog::load(None, None).0;
        assert_eq!(suggest(&catalog, "it-glue"), Some("itglue"));
        assert_eq!(suggest(&catalog, "ITGLUE"), Some("itglue"));
        assert_eq!(suggest(&catalog, "datto_rmm"), Some("datto-rmm"));
        assert_eq!(suggest(&catalog, "autotsk"), Some("autotask"));
        assert_eq!(suggest(&catalog, "zzzz"), None);
        assert_eq!(suggest(&catalog, &"é".repeat(100_000)), None);
    }

    #[test]
    fn a_view_without_a_vendor_has_all() {
        assert!(View::default().has_vendor("itglue"));
        let one = View { vendor: Some("itglue".to_owned()), mode: Mode::All };
        assert!(one.has_vendor("itglue") && !one.has_vendor("autotask"));
    }
}

//! `GET /connect/{vendor}`: where the link leads that an app shows when a vendor is not connected.
//!
//! Only the person whose app was told the link may follow it (MCP 2026-07-28, elicitation, "Phishing"): otherwise somebody
//! could have another person store a credential for a call of their own.

use axum::{
    extract::{Path, Query, State},
    http::{HeaderValue, StatusCode, Uri, header},
    response::{IntoResponse as _, Redirect, Response},
};
use gateway_api::paths;
use serde::Deserialize;

use crate::{auth::session::MaybeMember, oauth::page::error_page, state::AppState};

/// The query: see [`super::connecting::TICKET`].
#[derive(Debug, Deserialize)]
pub(super) struct Link {
    #[serde(default)]
    ticket: String,
}

/// Opens the vendor's form in the settings; asks to sign in before, if need be.
pub(super) async fn get_connect(
    State(state): State<AppState>,
    MaybeMember(member): MaybeMember,
    Path(slug): Path<String>,
    Query(link): Query<Link>,
    uri: Uri,
) -> Response {
    let Some(vendor) = state.catalog.vendor(&slug) else {
        let sentence = "This gateway knows no vendor of this name.";
        return error_page(StatusCode::NOT_FOUND, "There is no such vendor", sentence);
    };
    let Some(member) = member else {
        let here = uri.path_and_query().map_or("/", |here| here.as_str());
        return go(&paths::fill("/auth/login?return_to={path}", &[here]));
    };
    if !state.mcp.seals.is_ticket(&link.ticket, member.user.id, &vendor.slug, state.clock.now()) {
        let sentence = format!(
            "It is too old, or it was made for another person than {}, who is signed in here. Go back to your app and \
             have it call {} again.",
            member.user.name, vendor.name
        );
        return error_page(StatusCode::FORBIDDEN, "This link is not for you", &sentence);
    }
    go(&format!("/settings?connect={}", vendor.slug))
}

/// 303; the address has a ticket in it, which nobody else needs to see.
fn go(to: &str) -> Response {
    let headers = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    (headers, Redirect::to(to)).into_response()
}

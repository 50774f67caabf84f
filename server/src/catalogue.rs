//! `GET /vendors` and `GET /vendors/{slug}`: the public pages of what can be connected, from the manifests. Joins `web`,
//! which answers, to `api`, which knows; `gateway_app::catalogue` draws.
//!
//! They are the same for everybody and change with the manifests or the release only, so browsers keep them and ask by
//! `ETag` whether they still are right.

mod search;

use axum::{
    Router,
    extract::{Path, Query, Request, State},
    http::StatusCode,
    response::Response,
    routing::get,
};
use gateway_app::catalogue::CataloguePage;
use serde::Deserialize;

use crate::{api::vendors, state::AppState, web};

/// A search may be this long, in characters; what is beyond is not read.
const QUERY_LENGTH: usize = 100;

/// What may stand behind the `?`.
#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(default)]
    q: String,
}

/// The pages.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/vendors", get(list_vendors))
        .route("/vendors/", get(list_vendors))
        .route("/vendors/{slug}", get(get_vendor))
}

/// What is supported, or what of it a search finds.
async fn list_vendors(
    State(state): State<AppState>,
    Query(asked): Query<Asked>,
    request: Request,
) -> Response {
    let query: String = asked.q.trim().chars().take(QUERY_LENGTH).collect();
    let page = CataloguePage::Listing(search::search(&state.catalog, query));
    web::public_page(&request, StatusCode::OK, page)
}

/// One vendor, or those that may be meant.
async fn get_vendor(State(state): State<AppState>, Path(slug): Path<String>, request: Request) -> Response {
    if let Some(vendor) = state.catalog.vendor(&slug) {
        let page = CataloguePage::Vendor(Box::new(vendors::details(vendor)));
        return web::public_page(&request, StatusCode::OK, page);
    }
    let slug: String = slug.chars().take(QUERY_LENGTH).collect();
    let similar = search::similar(&state.catalog, &slug);
    web::public_page(&request, StatusCode::NOT_FOUND, CataloguePage::Unknown { slug, similar })
}

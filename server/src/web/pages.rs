//! A page request: what it begins with is asked for, the rest is `gateway_app`'s.

use std::future::Future;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{Html, IntoResponse, Response},
};
use gateway_app::{
    bootstrap::{Bootstrap, Wanted},
    shell::{self, Page},
};

use super::{assets, headers};
use crate::error::ApiError;

/// Answers any path nobody else answers: with a page, with the way to another one, or with the page that says that
/// there is none.
pub(super) async fn answer<F, Answer>(bootstrap: F, request: Request) -> Response
where
    F: Fn(Parts, Wanted) -> Answer,
    Answer: Future<Output = Bootstrap>,
{
    let (parts, _) = request.into_parts();
    if !matches!(parts.method, Method::GET | Method::HEAD) || !takes_html(&parts.headers) {
        return ApiError::NotFound.into_response();
    }
    let path = parts.uri.path().to_owned();
    let path_and_query = parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let bootstrap = bootstrap(parts, Wanted::by_path(&path)).await;
    let mut response = respond(shell::render(&path_and_query, &bootstrap, &assets::current()));
    response.headers_mut().extend(headers::for_page(&path));
    response
}

fn respond(page: Page) -> Response {
    match page {
        Page::Html { status, html } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, Html(html)).into_response()
        }
        Page::Redirect(target) => {
            let target = HeaderValue::try_from(target).unwrap_or(HeaderValue::from_static("/"));
            (StatusCode::SEE_OTHER, [(header::LOCATION, target)], Body::empty()).into_response()
        }
    }
}

/// Browsers ask for `text/html`; who asks for JSON shall not get HTML.
fn takes_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_none_or(|accept| accept.contains("text/html") || accept.contains("*/*"))
}

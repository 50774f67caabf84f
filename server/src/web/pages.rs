//! A page request: what it begins with is asked for, the rest is `gateway_app`'s.

use std::{future::Future, pin::Pin};

use axum::{
    extract::Request,
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use futures::{Stream, stream};
use gateway_app::{
    bootstrap::{Bootstrap, Wanted},
    shell::Shell,
};
use leptos::prelude::*;
use leptos_axum::ResponseOptions;

use super::{assets, headers};
use crate::{dialect::Dialect, error::ApiError};

/// Answers any path nobody else answers: with a page, with the way to another one, or with the page that says that
/// there is none.
pub(super) async fn answer<F, Answer>(bootstrap: F, request: Request) -> Response
where
    F: Fn(Parts, Wanted) -> Answer,
    Answer: Future<Output = Bootstrap>,
{
    let (parts, body) = request.into_parts();
    if Dialect::of(parts.uri.path()) != Dialect::Page {
        // `dialect::speak` says it in the words of the program that asks.
        return StatusCode::NOT_FOUND.into_response();
    }
    if !matches!(parts.method, Method::GET | Method::HEAD) || !takes_html(&parts.headers) {
        return ApiError::NotFound.into_response();
    }
    let path = parts.uri.path().to_owned();
    let path_and_query = parts.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    let bootstrap = bootstrap(parts.clone(), Wanted::by_path(&path)).await;
    let mut response = match Shell::new(&path_and_query, bootstrap, assets::current()) {
        Ok(shell) => render(shell, Request::from_parts(parts, body)).await,
        Err(target) => see_other(&target),
    };
    response.headers_mut().extend(headers::for_page(&path));
    response
}

async fn render(shell: Shell, request: Request) -> Response {
    let app = move || {
        provide_context(shell.clone());
        shell.app()
    };
    leptos_axum::handle_response_inner(|| (), app, request, in_one_piece).await
}

type Html = Pin<Box<dyn Stream<Item = String> + Send>>;

/// Renders the whole document at once. The scripts with which a stream would bring later data are left out: there is
/// none, and the `Content-Security-Policy` would not let them run.
fn in_one_piece<View: IntoView>(
    app: View,
    _scripts: Box<dyn FnOnce() -> Html + Send>,
    _is_streaming: bool,
) -> Pin<Box<dyn Future<Output = Html> + Send>> {
    let body = app.to_html();
    let (status, html) = expect_context::<Shell>().document(&body);
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    expect_context::<ResponseOptions>().set_status(status);
    Box::pin(async move { Box::pin(stream::once(async move { html })) as Html })
}

fn see_other(target: &str) -> Response {
    let target = HeaderValue::try_from(target).unwrap_or(HeaderValue::from_static("/"));
    (StatusCode::SEE_OTHER, [(header::LOCATION, target)]).into_response()
}

/// Browsers ask for `text/html`; who asks for JSON shall not get HTML.
pub(super) fn takes_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_none_or(|accept| accept.contains("text/html") || accept.contains("*/*"))
}

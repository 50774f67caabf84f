//! Pages that are the same for everybody: browsers keep them, and ask whether they are still right.

use axum::{
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::{Html, IntoResponse as _, Response},
};
use axum_extra::headers::{ETag, HeaderMapExt as _, IfNoneMatch};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gateway_app::catalogue::CataloguePage;
use sha2::{Digest as _, Sha256};

use super::{assets, headers, pages::takes_html};
use crate::error::ApiError;

/// Answers with the page; with 304 where the browser has it already (RFC 9110, section 13.1.2). Its tag is a hash of its
/// content, so every replica of a release gives the same.
pub fn public_page(request: &Request, status: StatusCode, page: CataloguePage) -> Response {
    if !takes_html(request.headers()) {
        return ApiError::NotFound.into_response();
    }
    let html = page.document(&assets::current());
    let mut headers = headers::for_page(request.uri().path());
    let is_kept = status == StatusCode::OK;
    if is_kept {
        let tag = HeaderValue::try_from(format!("\"{}\"", URL_SAFE_NO_PAD.encode(Sha256::digest(&html))));
        headers.retain(|(name, _)| name != header::CACHE_CONTROL);
        // Always asked again: after an update the old page would name files that are gone.
        headers.push((header::CACHE_CONTROL, HeaderValue::from_static("public, no-cache")));
        headers.extend(tag.map(|tag| (header::ETAG, tag)));
    }
    let mut response = Html(html).into_response();
    *response.status_mut() = status;
    response.headers_mut().extend(headers);
    if is_kept && is_known(request, &response) {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.body_mut() = axum::body::Body::empty();
        response.headers_mut().remove(header::CONTENT_LENGTH);
        response.headers_mut().remove(header::CONTENT_TYPE);
    }
    response
}

/// The browser has the page of this tag.
fn is_known(request: &Request, response: &Response) -> bool {
    let asked = request.headers().typed_get::<IfNoneMatch>();
    let tag = response.headers().typed_get::<ETag>();
    asked.zip(tag).is_some_and(|(asked, tag)| !asked.precondition_passes(&tag))
}

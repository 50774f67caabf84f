//! The guard against requests that another web site makes a signed-in browser send.
//!
//! Three facts about every unsafe request to `/api`: `Sec-Fetch-Site` (Fetch Metadata) says same-origin, or where a
//! browser does not send that, `Origin` is ours; and a body is JSON, which no form of another site can send without
//! asking first (CORS preflight, which we do not answer). The cookie's `SameSite=Lax` is the fourth line.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

use crate::{error::ApiError, state::AppState};

/// The layer over `/api`.
pub async fn same_origin_only(State(state): State<AppState>, request: Request, next: Next) -> Response {
    match check(request.method(), request.headers(), &state.config.public_url) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

fn check(method: &Method, headers: &HeaderMap, own_origin: &str) -> Result<(), ApiError> {
    if method.is_safe() {
        return Ok(());
    }
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match (text("sec-fetch-site"), text("origin")) {
        // Neither header: not a browser, so there is no cookie to misuse.
        (Some("same-origin" | "none"), _) | (None, None) => {}
        (None, Some(origin)) if origin == own_origin => {}
        _ => return Err(ApiError::ForbiddenOrigin),
    }
    let content_type = text(header::CONTENT_TYPE.as_str());
    let is_json = content_type.is_some_and(|value| {
        value.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
    });
    let is_empty = content_type.is_none()
        && text(header::CONTENT_LENGTH.as_str()).is_none_or(|length| length == "0")
        && !headers.contains_key(header::TRANSFER_ENCODING);
    if is_json || is_empty {
        return Ok(());
    }
    let why = "The request needs the header Content-Type: application/json.".to_owned();
    Err(ApiError::Body(StatusCode::UNSUPPORTED_MEDIA_TYPE, why))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    const OWN: &str = "https://gateway.example";

    fn try_post(headers: &[(&'static str, &'static str)]) -> Result<(), u16> {
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        check(&Method::POST, &headers, OWN).map_err(|error| error.problem().status)
    }

    #[test]
    fn own_pages_and_programs_pass() {
        let json = ("content-type", "application/json; charset=utf-8");
        assert_eq!(try_post(&[json, ("sec-fetch-site", "same-origin"), ("origin", OWN)]), Ok(()));
        assert_eq!(try_post(&[json, ("origin", OWN)]), Ok(()));
        assert_eq!(try_post(&[json]), Ok(()));
        assert_eq!(try_post(&[("content-length", "0")]), Ok(()));
    }

    #[test]
    fn other_sites_do_not() {
        let json = ("content-type", "application/json");
        assert_eq!(try_post(&[json, ("sec-fetch-site", "cross-site"), ("origin", OWN)]), Err(403));
        assert_eq!(try_post(&[json, ("sec-fetch-site", "same-site")]), Err(403));
        assert_eq!(try_post(&[json, ("origin", "https://evil.example")]), Err(403));
        assert_eq!(try_post(&[json, ("origin", "null")]), Err(403));
    }

    #[test]
    fn a_form_is_not_json() {
        assert_eq!(try_post(&[("content-type", "text/plain"), ("content-length", "2")]), Err(415));
        assert_eq!(try_post(&[("content-length", "2")]), Err(415));
        assert_eq!(try_post(&[("transfer-encoding", "chunked")]), Err(415));
    }
}

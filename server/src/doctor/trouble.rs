//! What it means when something answers as no gateway does. It is nearly always what stands in between.

use axum::http::{StatusCode, header};
use url::Url;

use super::{finding::Finding, probe::Answer};

/// Why this answer is not the expected one, and what to do.
pub(super) fn unexpected(answer: &Answer, expected: &str) -> Finding {
    let status = answer.status;
    let what = |happened: &str| format!("{happened} Expected: {expected}.");
    if status.is_redirection() {
        return redirected(answer, expected);
    }
    let (happened, advice) = match status {
        StatusCode::UNAUTHORIZED | StatusCode::PROXY_AUTHENTICATION_REQUIRED => (
            format!("The answer is {status}, but not the gateway's."),
            "Something in front asks for a password of its own. Let /v1/, /.well-known/, /register, /authorize, /token \
             and /revoke pass it: MCP clients know only the gateway's own sign-in.",
        ),
        StatusCode::FORBIDDEN => (
            "The answer is 403 Forbidden.".to_owned(),
            "Either a firewall or bot protection in front refuses programs: let these paths pass. Or the proxy sends \
             another Host header: let it pass the original one (nginx: proxy_set_header Host $host).",
        ),
        StatusCode::NOT_FOUND => (
            "The answer is 404 Not Found.".to_owned(),
            "The reverse proxy does not pass this path on to the gateway, or adds a prefix. Give the gateway a host of \
             its own, and pass on everything.",
        ),
        StatusCode::METHOD_NOT_ALLOWED => (
            "The answer is 405 Method Not Allowed.".to_owned(),
            "Something in front answers itself, or lets only GET pass. Let POST, GET and DELETE pass.",
        ),
        StatusCode::PAYLOAD_TOO_LARGE => (
            "The answer is 413 Payload Too Large.".to_owned(),
            "Allow bodies of 4 MB in the reverse proxy (nginx: client_max_body_size 4m).",
        ),
        StatusCode::TOO_MANY_REQUESTS => (
            "The answer is 429 Too Many Requests.".to_owned(),
            "Wait a minute and try again. If it comes at once, a proxy in front limits requests, or the gateway takes \
             all callers for one: name the proxy in --trusted-proxies.",
        ),
        StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT => (
            format!("The answer is {status}."),
            "The reverse proxy does not reach the gateway, or the gateway does not reach its database. Ask /ready on \
             the gateway's own address, and compare it with the proxy's upstream.",
        ),
        status if status.is_server_error() => (
            format!("The answer is {status}."),
            "Look into the gateway's log; the line has the id that the answer carries in x-request-id.",
        ),
        _ if answer.is_html() => (
            format!("The answer is a web page (status {})", status.as_u16()) + ", not the gateway's.",
            "Another program answers at this address, or a page of the proxy (maintenance, sign-in, bot check). Pass \
             every path of this host on to the gateway.",
        ),
        status => (
            format!("The answer is {status}, in a form that the gateway does not have."),
            "Check that this address leads to the gateway, and that nothing in between rewrites answers.",
        ),
    };
    Finding::failed(what(&happened), advice)
}

/// A POST that is redirected becomes a GET, or stays where it is: no client gets through.
fn redirected(answer: &Answer, expected: &str) -> Finding {
    let location = answer.header(header::LOCATION).and_then(|to| answer.url.join(to).ok());
    let Some(to) = location else {
        return Finding::failed(
            format!("The answer is {}, a redirect to nowhere. Expected: {expected}.", answer.status),
            "Mend the redirect in the reverse proxy.",
        );
    };
    let shown = without_query(&to);
    let what = format!("The answer is {}, a redirect to {shown}. Expected: {expected}.", answer.status);
    let is_upgrade =
        answer.url.scheme() == "http" && to.scheme() == "https" && to.host() == answer.url.host();
    let advice = if is_upgrade {
        format!("Give clients the https address: {shown}. A redirect loses what a client posts.")
    } else if to.host() == answer.url.host() {
        "Let the reverse proxy pass the path on as it is, also without a slash at its end.".to_owned()
    } else {
        format!(
            "Something in front sends callers to {} first, perhaps to sign in. Let /v1/, /.well-known/, /register, \
             /authorize, /token and /revoke pass it, or give clients the address it redirects to.",
            to.host_str().unwrap_or("another place")
        )
    };
    Finding::failed(what, advice)
}

/// A URL as it can be shown: its query may hold what is nobody's business.
pub(super) fn without_query(url: &Url) -> String {
    let mut shown = url.clone();
    shown.set_query(None);
    shown.set_fragment(None);
    shown.into()
}

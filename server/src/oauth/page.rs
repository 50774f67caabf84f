//! The page a person sees when an authorization request cannot be answered to the client, or not without asking them.

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse as _, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use sha2::{Digest as _, Sha256};

/// Enough to look like the pages of `gateway-app` (`style/tokens.css`).
const STYLE: &str = "\
:root{color-scheme:light dark;--ground:#f5f6f9;--surface:#fff;--ink:#171c28;--line:#dde1ea;--accent:#2f4fd0}\
@media(prefers-color-scheme:dark){:root{--ground:#0f131a;--surface:#181d27;--ink:#e8ebf2;--line:#2b3241;--accent:#93a9ff}}\
body{margin:0;padding:4rem 1rem;background:var(--ground);color:var(--ink);\
font:1rem/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,\"Noto Sans\",\"Liberation Sans\",Arial,sans-serif}\
main{max-width:28rem;margin:auto;padding:2rem;border:1px solid var(--line);border-radius:.875rem;background:var(--surface)}\
p{overflow-wrap:anywhere}\
h1{margin:0;font-size:1.375rem;line-height:1.25}\
a{color:var(--accent)}\
";

/// A page with a title, a sentence, and a way on. It loads nothing and runs nothing, so nothing is allowed to.
pub fn error_page(status: StatusCode, title: &str, sentence: &str) -> Response {
    page(status, title, sentence, "")
}

/// The same with a link away from the gateway: its text and its address.
pub fn error_page_with_link(
    status: StatusCode,
    title: &str,
    sentence: &str,
    (text, address): (&str, &str),
) -> Response {
    let (text, address) = (escape(text), escape(address));
    page(status, title, sentence, &format!("<p><a rel=\"noreferrer\" href=\"{address}\">{text}</a></p>\n"))
}

fn page(status: StatusCode, title: &str, sentence: &str, link: &str) -> Response {
    let (title, sentence) = (escape(title), escape(sentence));
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<main>\n<h1>{title}</h1>\n<p>{sentence}</p>\n{link}<p><a href=\"/\">Go to the gateway</a></p>\n\
         </main>\n</body>\n</html>\n"
    );
    let policy = HeaderValue::try_from(policy()).expect("base64 is a header's text");
    let headers: [(HeaderName, HeaderValue); 3] = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (header::CONTENT_SECURITY_POLICY, policy),
    ];
    (status, headers, Html(html)).into_response()
}

/// Permits this very style and nothing else (Content Security Policy Level 3, "Hash usage for inline elements").
fn policy() -> String {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

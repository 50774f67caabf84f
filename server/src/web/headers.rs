//! What a browser may do with a page.

use axum::http::{HeaderName, HeaderValue, header};

/// Only our own files run and load; no inline script or style, no frame around us, no form to elsewhere. WASM needs
/// `wasm-unsafe-eval` (Content Security Policy Level 3, "WebAssembly Integration"), which permits no JavaScript `eval`.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
    img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const CROSS_ORIGIN_OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");

/// The headers of the page at `path`.
pub(super) fn for_page(path: &str) -> Vec<(HeaderName, HeaderValue)> {
    let mut headers = vec![
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        // A page is made for one person at one moment.
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        // Not `no-referrer`: that would make browsers send `Origin: null` with our own forms.
        (header::REFERRER_POLICY, "same-origin"),
        (CROSS_ORIGIN_RESOURCE_POLICY, "same-origin"),
        (PERMISSIONS_POLICY, "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    ];
    if !is_part_of_sign_in(path) {
        headers.push((CROSS_ORIGIN_OPENER_POLICY, "same-origin"));
    }
    headers.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect()
}

/// A web client may have opened these pages in a pop-up and wait there for the answer; an opener policy on any page
/// in between would cut the two apart. They are protected from frames and foreign scripts all the same.
fn is_part_of_sign_in(path: &str) -> bool {
    path.starts_with("/auth/") || path.starts_with("/consent/")
}

//! The built UI: files that `cargo xtask build` left in `target/ui`, embedded in release builds and read from there
//! in debug builds. Their names change with their content, so browsers keep them for ever.

use axum::{
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use gateway_app::shell::Assets;
use rust_embed::{Embed, EmbeddedFile};

#[derive(Embed)]
#[folder = "../target/ui"]
#[allow_missing = true]
struct Files;

/// Compressed neighbours of a file, the better one first: content coding (RFC 9110 section 8.4.1) and ending.
const CODINGS: [(&str, &str); 2] = [("br", "br"), ("gzip", "gz")];

/// What the manifest names; nothing if the UI was not built. Read at each page: in a debug build it may change.
pub(super) fn current() -> Assets {
    let manifest = Files::get("manifest.json");
    manifest.and_then(|file| serde_json::from_slice(&file.data).ok()).unwrap_or_default()
}

/// `GET /pkg/{file}`
pub(super) async fn serve(Path(name): Path<String>, headers: HeaderMap) -> Response {
    let path = format!("pkg/{name}");
    // All files lie side by side. In a path, `%2F` arrives as `/`, and debug builds read from the disk.
    if name.contains(['/', '\\']) {
        return not_found();
    }
    if let Some((coding, file)) = best_coding(&path, &headers) {
        return ([(header::CONTENT_ENCODING, coding)], respond(&path, file)).into_response();
    }
    match Files::get(&path) {
        Some(file) => respond(&path, file),
        None => not_found(),
    }
}

fn not_found() -> Response {
    (StatusCode::NOT_FOUND, [(header::CACHE_CONTROL, "no-store")], "no such file").into_response()
}

fn best_coding(path: &str, headers: &HeaderMap) -> Option<(&'static str, EmbeddedFile)> {
    let accepted = headers.get(header::ACCEPT_ENCODING)?.to_str().ok()?;
    CODINGS
        .into_iter()
        .filter(|(coding, _)| accepts(accepted, coding))
        .find_map(|(coding, ending)| Files::get(&format!("{path}.{ending}")).map(|file| (coding, file)))
}

/// `coding` is named in an `Accept-Encoding` and not with weight 0 (RFC 9110 section 12.5.3).
fn accepts(accepted: &str, coding: &str) -> bool {
    accepted.split(',').any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(coding));
        let weight =
            parts.find_map(|part| part.strip_prefix("q=")).and_then(|weight| weight.parse::<f32>().ok());
        is_named && weight.is_none_or(|weight| weight > 0.0)
    })
}

fn respond(path: &str, file: EmbeddedFile) -> Response {
    let mime = match path.rsplit_once('.') {
        Some((_, "js")) => "text/javascript; charset=utf-8",
        Some((_, "css")) => "text/css; charset=utf-8",
        // Without this very type the browser cannot compile while it loads.
        Some((_, "wasm")) => "application/wasm",
        _ => "application/octet-stream",
    };
    let headers = [
        (header::CONTENT_TYPE, mime),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
        (header::VARY, "accept-encoding"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, file.data.into_owned()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_read_as_the_rfc_says() {
        assert!(accepts("gzip, deflate, br, zstd", "br"));
        assert!(accepts("BR;q=0.5", "br"));
        assert!(!accepts("br;q=0, gzip", "br"));
        assert!(!accepts("identity", "gzip"));
    }

    #[tokio::test]
    async fn nothing_outside_the_folder_is_served() {
        for name in ["../manifest.json", "..%2Fmanifest.json", "/etc/passwd", "nothing.js", ""] {
            let response = serve(Path(name.to_owned()), HeaderMap::new()).await;
            assert_eq!(response.status(), StatusCode::NOT_FOUND, "{name}");
        }
    }
}

//! Server-side rendering: from a path and a [`Bootstrap`] to a whole HTML document.
//!
//! It is one synchronous call without streaming: all data is in the bootstrap already. That is why the pages
//! carry no inline script at all, which `leptos_axum`'s streaming cannot do without, and why the
//! `Content-Security-Policy` needs no nonce. `server/src/web/` serves what is made here.

use std::fmt::Write as _;

use leptos::{prelude::*, reactive::owner::Owner};
use serde::Deserialize;

use crate::{
    App, Bootstrap,
    bootstrap::ELEMENT_ID,
    gate,
    head::{Head, PRODUCT},
    place::Place,
};

/// The built UI's files, as `cargo xtask build` names them in `target/ui/manifest.json`. Empty if it was not
/// built: the pages are then rendered without style and script.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Assets {
    /// The module that loads the WASM and hydrates the page.
    pub script: Option<String>,
    /// The style sheet.
    pub css: Option<String>,
    /// What the script will need next.
    #[serde(default)]
    pub preload: Vec<String>,
}

/// What to answer to a page request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// This document, with this status.
    Html {
        /// 200, or 404 for a path without a page, or that of the trouble shown.
        status: u16,
        /// The whole document.
        html: String,
    },
    /// Go there instead (303).
    Redirect(String),
}

/// Makes the page at `path_and_query` (starting with `/`) for `bootstrap`.
pub fn render(path_and_query: &str, bootstrap: &Bootstrap, assets: &Assets) -> Page {
    let place = Place::new(path_and_query);
    if let Some(target) = gate::redirect(&place, bootstrap) {
        return Page::Redirect(target);
    }

    let head = Head::default();
    let owner = Owner::new_root(None);
    let body = owner.with(|| {
        provide_context(place);
        provide_context(head.clone());
        view! { <App bootstrap=bootstrap.clone()/> }.to_html()
    });
    owner.unset_with_forced_cleanup();

    let parts = head.0.lock().map(|parts| parts.clone()).unwrap_or_default();
    let title = parts.title.map_or_else(|| PRODUCT.to_owned(), |title| format!("{title} · {PRODUCT}"));
    Page::Html { status: parts.status.unwrap_or(200), html: document(&title, &body, bootstrap, assets) }
}

fn document(title: &str, body: &str, bootstrap: &Bootstrap, assets: &Assets) -> String {
    let mut links = String::new();
    if let Some(css) = &assets.css {
        // Writing to a String cannot fail.
        let _ = write!(links, "<link rel=\"stylesheet\" href=\"{}\">", escape(css));
    }
    for file in &assets.preload {
        let href = escape(file);
        let _ = match file.rsplit_once('.') {
            Some((_, "wasm")) => write!(
                links,
                "<link rel=\"preload\" as=\"fetch\" type=\"application/wasm\" crossorigin href=\"{href}\">"
            ),
            _ => write!(links, "<link rel=\"modulepreload\" href=\"{href}\">"),
        };
    }
    if let Some(script) = &assets.script {
        let _ = write!(links, "<script type=\"module\" src=\"{}\"></script>", escape(script));
    }
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title>\
         <link rel=\"icon\" type=\"image/svg+xml\" href=\"/favicon.svg\">{links}\
         <script type=\"application/json\" id=\"{ELEMENT_ID}\">{data}</script></head>\
         <body>{body}<noscript><p class=\"noscript\">This page can be read without JavaScript, but signing in \
         and connecting vendors need it. Please switch it on.</p></noscript></body></html>",
        title = escape(title),
        data = embedded_json(bootstrap),
    )
}

/// JSON that cannot end its script element or open a comment: `<` only ever stands inside JSON strings, where
/// `\u003c` means the same (HTML, 4.12.1.3 "Restrictions for contents of script elements").
fn embedded_json(bootstrap: &Bootstrap) -> String {
    serde_json::to_string(bootstrap).expect("a bootstrap has only strings as keys").replace('<', "\\u003c")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests;

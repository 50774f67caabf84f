//! Server-side rendering: from a path and a [`Bootstrap`] to a whole HTML document.
//!
//! `server/src/web/pages.rs` hands a [`Shell`] to `leptos_axum`. The page is rendered in one go: all its data is in the
//! bootstrap already, so nothing is streamed after it. That is why the pages carry no inline script at all, and why the
//! `Content-Security-Policy` needs no nonce.

use std::{collections::BTreeMap, fmt::Write as _};

use leptos::prelude::*;
use serde::Deserialize;

use crate::{
    App, Bootstrap,
    bootstrap::ELEMENT_ID,
    bundle::Bundle,
    gate,
    head::{Head, PRODUCT},
    place::Place,
};

/// The built UI's files, as `cargo xtask build` names them in `target/ui/manifest.json`. Empty if it was not
/// built: the pages are then rendered without style and script.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Assets {
    /// The style sheet.
    pub css: Option<String>,
    /// What makes the pages live, by the bundle's name.
    #[serde(default)]
    pub bundles: BTreeMap<String, Scripts>,
}

/// The files of one bundle.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Scripts {
    /// The module that loads the WASM, which takes the page over.
    pub script: String,
    /// What the script will need next.
    pub preload: Vec<String>,
}

/// One page on its way to the browser.
#[derive(Clone)]
pub struct Shell {
    place: Place,
    head: Head,
    bootstrap: Bootstrap,
    assets: Assets,
}

impl Shell {
    /// The page at `path_and_query` (starting with `/`) for `bootstrap`.
    ///
    /// # Errors
    /// Where to go instead, if this page is not for this person.
    pub fn new(path_and_query: &str, bootstrap: Bootstrap, assets: Assets) -> Result<Self, String> {
        let place = Place::new(path_and_query);
        match gate::redirect(&place, &bootstrap) {
            Some(target) => Err(target),
            None => Ok(Self { place, head: Head::default(), bootstrap, assets }),
        }
    }

    /// The UI. To be called, and rendered, inside a reactive owner.
    pub fn app(&self) -> impl IntoView + use<> {
        provide_context(self.place.clone());
        provide_context(self.head.clone());
        view! { <App bootstrap=self.bootstrap.clone() reach=self.bundle().reach()/> }
    }

    /// The document around the rendered UI, and its status: 200, 404 for a path without a page, or that of the trouble
    /// shown.
    pub fn document(&self, body: &str) -> (u16, String) {
        let parts = self.head.0.lock().map(|parts| parts.clone()).unwrap_or_default();
        let title = parts.title.map_or_else(|| PRODUCT.to_owned(), |title| format!("{title} · {PRODUCT}"));
        let links = links(self.assets.css.as_deref(), self.assets.bundles.get(self.bundle().name()));
        (parts.status.unwrap_or(200), document(&title, body, &self.bootstrap, &links))
    }

    fn bundle(&self) -> Bundle {
        Bundle::of(self.place.route())
    }
}

/// The elements of the head that load style and script, all at once: none has to wait for another to ask for it.
fn links(css: Option<&str>, scripts: Option<&Scripts>) -> String {
    let mut links = String::new();
    if let Some(css) = css {
        // Writing to a String cannot fail.
        let _ = write!(links, "<link rel=\"stylesheet\" href=\"{}\">", escape(css));
    }
    let Some(Scripts { script, preload }) = scripts else { return links };
    for file in preload {
        let href = escape(file);
        let _ = match file.rsplit_once('.') {
            Some((_, "wasm")) => write!(
                links,
                "<link rel=\"preload\" as=\"fetch\" type=\"application/wasm\" crossorigin href=\"{href}\">"
            ),
            _ => write!(links, "<link rel=\"modulepreload\" href=\"{href}\">"),
        };
    }
    let _ = write!(links, "<script type=\"module\" src=\"{}\"></script>", escape(script));
    links
}

/// A page that nobody takes over: it has no script, and needs none.
pub(crate) fn static_document(title: &str, body: &str, assets: &Assets) -> String {
    let title = format!("{title} · {PRODUCT}");
    format!("{}</head><body>{body}</body></html>", head(&title, &links(assets.css.as_deref(), None)))
}

/// The beginning of every page, up to what stands last in its head.
fn head(title: &str, links: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{title}</title>\
         <link rel=\"icon\" type=\"image/svg+xml\" href=\"/favicon.svg\">{links}",
        title = escape(title),
    )
}

fn document(title: &str, body: &str, bootstrap: &Bootstrap, links: &str) -> String {
    format!(
        "{head}<script type=\"application/json\" id=\"{ELEMENT_ID}\">{data}</script></head>\
         <body>{body}<noscript><p class=\"noscript\">This page can be read without JavaScript, but signing in \
         and connecting vendors need it. Please switch it on.</p></noscript></body></html>",
        head = head(title, links),
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

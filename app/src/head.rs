//! A page's title and status: set by the page, used by the server for `<title>` and the status line, and in the
//! browser for `document.title`.

use leptos::prelude::*;

/// The product's name on screen.
pub(crate) const PRODUCT: &str = "MSP MCP Gateway";

/// On the server: what the rendered page wants for its head.
#[cfg(feature = "ssr")]
#[derive(Clone, Default)]
pub(crate) struct Head(pub(crate) std::sync::Arc<std::sync::Mutex<HeadParts>>);

/// The title and the HTTP status.
#[cfg(feature = "ssr")]
#[derive(Clone, Default)]
pub(crate) struct HeadParts {
    pub(crate) title: String,
    pub(crate) status: Option<u16>,
}

/// This page is called `title`.
pub(crate) fn use_title(title: &str) {
    let full = if title.is_empty() { PRODUCT.to_owned() } else { format!("{title} · {PRODUCT}") };
    #[cfg(feature = "ssr")]
    if let Some(Head(parts)) = use_context::<Head>()
        && let Ok(mut parts) = parts.lock()
    {
        parts.title.clone_from(&full);
    }
    Effect::new(move || document().set_title(&full));
}

/// This page answers with `status` instead of 200.
pub(crate) fn use_status(status: u16) {
    #[cfg(feature = "ssr")]
    if let Some(Head(parts)) = use_context::<Head>()
        && let Ok(mut parts) = parts.lock()
    {
        parts.status = Some(status);
    }
    #[cfg(not(feature = "ssr"))]
    let _ = status;
}

//! A page's title and status: told by the page while the server renders it. In the browser nothing is left to do.

/// The product's name on screen.
#[cfg(feature = "ssr")]
pub(crate) const PRODUCT: &str = "MSP MCP Gateway";

/// On the server: what the rendered page wants for its head.
#[cfg(feature = "ssr")]
#[derive(Clone, Default)]
pub(crate) struct Head(pub(crate) std::sync::Arc<std::sync::Mutex<HeadParts>>);

/// The title and the HTTP status.
#[cfg(feature = "ssr")]
#[derive(Clone, Default)]
pub(crate) struct HeadParts {
    pub(crate) title: Option<&'static str>,
    pub(crate) status: Option<u16>,
}

/// This page is called `title`.
#[cfg_attr(not(feature = "ssr"), expect(unused_variables, reason = "the server has set it"))]
pub(crate) fn set_title(title: &'static str) {
    #[cfg(feature = "ssr")]
    change(|parts| parts.title = Some(title));
}

/// This page answers with `status` instead of 200.
#[cfg_attr(not(feature = "ssr"), expect(unused_variables, reason = "the server has set it"))]
pub(crate) fn set_status(status: u16) {
    #[cfg(feature = "ssr")]
    change(|parts| parts.status = Some(status));
}

#[cfg(feature = "ssr")]
fn change(change: impl FnOnce(&mut HeadParts)) {
    if let Some(Head(parts)) = leptos::prelude::use_context::<Head>()
        && let Ok(mut parts) = parts.lock()
    {
        change(&mut parts);
    }
}

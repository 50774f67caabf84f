//! With `--demo`, every page says so.

use leptos::prelude::*;

use crate::context::use_gateway;

/// Says that a demo vendor is there, and with which key it is connected.
#[component]
pub(crate) fn DemoBanner(
    /// The key; there is one with `--demo` only.
    key: Option<String>,
) -> impl IntoView {
    let is_demo = use_gateway().sign_in.with_value(|options| options.is_demo);
    is_demo.then(|| {
        view! {
            <aside class="demo-banner" aria-label="Demo">
                <p>
                    <strong>"Demo. "</strong>
                    "This gateway has a built-in ticket desk with sample data. No vendor account at hand? \
                     Connect the demo vendor"
                    {key.map(|key| view! { " with the API key " <code class="demo-banner__key">{key}</code> }.into_any())}
                    "."
                </p>
            </aside>
        }.into_any()
    })
}

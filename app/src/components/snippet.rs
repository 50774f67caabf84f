//! Something to copy into a terminal or a file.

use leptos::prelude::*;

use super::copy_button::CopyButton;

/// The text as code, with a copy button.
#[component]
pub(crate) fn Snippet(
    /// The text.
    #[prop(into)]
    text: String,
    /// What it is, e.g. "the command".
    what: &'static str,
) -> impl IntoView {
    view! {
        <div class="snippet">
            <pre class="snippet__code" tabindex="0" aria-label=what><code>{text.clone()}</code></pre>
            <CopyButton text what/>
        </div>
    }
}

//! A button that does something, as soon as the page is alive.

use leptos::prelude::*;

use crate::context::use_gateway;

/// The button. Not generic in what it does, as there are many of them.
#[component]
pub(crate) fn ActionButton(
    /// What stands on it.
    text: &'static str,
    /// Its name, where the text alone says too little: "Revoke Claude Code".
    #[prop(optional, into)]
    label: Option<String>,
    /// How it looks.
    #[prop(default = "button")]
    class: &'static str,
    /// What it does.
    #[prop(into)]
    on_press: Callback<()>,
) -> impl IntoView {
    let gateway = use_gateway();
    view! {
        <button type="button" class=class aria-label=label disabled=move || gateway.is_dead.get() on:click=move |_| on_press.run(())>
            {text}
        </button>
    }
}

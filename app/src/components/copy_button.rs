//! Copies a text.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};

use crate::context::use_gateway;

/// "Copy", for a moment "Copied".
#[component]
pub(crate) fn CopyButton(
    /// What to copy.
    text: String,
    /// What it is, for the button's name: "Copy the command".
    what: &'static str,
) -> impl IntoView {
    let gateway = use_gateway();
    let outcome = RwSignal::new("Copy");
    let copy = move |_| {
        let text = text.clone();
        spawn_local(async move {
            let written =
                wasm_bindgen_futures::JsFuture::from(window().navigator().clipboard().write_text(&text));
            outcome.try_set(if written.await.is_ok() { "Copied" } else { "Not allowed" });
            set_timeout(
                move || {
                    outcome.try_set("Copy");
                },
                Duration::from_secs(2),
            );
        });
    };
    view! {
        <button
            type="button"
            class="button button--small copy-button"
            aria-label=move || format!("{} {what}", outcome.get())
            disabled=move || gateway.is_dead.get()
            on:click=copy
        >
            {move || outcome.get()}
        </button>
        <span class="visually-hidden" role="status">
            {move || if outcome.get() == "Copy" { String::new() } else { format!("{}: {what}", outcome.get()) }}
        </span>
    }
}

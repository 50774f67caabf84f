//! The button that sends a form.

use leptos::prelude::*;

use crate::{context::use_gateway, submission::Submission};

/// Can be pressed once the page is alive: before that, pressing it would send the form the old way and reload
/// the page. Stays focusable while the call runs.
#[component]
pub(crate) fn SubmitButton(
    /// What it does, e.g. "Sign in".
    #[prop(into)]
    label: Signal<String>,
    /// What happens meanwhile, e.g. "Signing in…".
    #[prop(into)]
    busy_label: Signal<String>,
    /// The call it starts.
    submission: Submission,
    /// It takes something away for good.
    #[prop(optional)]
    is_danger: bool,
) -> impl IntoView {
    let gateway = use_gateway();
    let is_busy = submission.is_busy;
    view! {
        <button
            type="submit"
            class=if is_danger { "button button--danger" } else { "button button--primary" }
            class:is-busy=move || is_busy.get()
            disabled=move || gateway.is_dead.get()
            aria-disabled=move || is_busy.get().then_some("true")
        >
            {move || if is_busy.get() { busy_label.get() } else { label.get() }}
        </button>
    }
}

//! Asks once before something is taken away or handed over, naming the thing.

use leptos::prelude::*;

use super::{
    modal::{CancelButton, Modal},
    problem_notice::ProblemNotice,
};
use crate::submission::Submission;

/// A question with one answer of consequence.
#[component]
pub(crate) fn ConfirmDialog(
    /// The question, e.g. "Disconnect Datto RMM?".
    #[prop(into)]
    title: String,
    /// What will follow from it.
    #[prop(into)]
    consequence: String,
    /// The button's words, e.g. "Disconnect".
    action: &'static str,
    /// Nothing is taken away.
    #[prop(optional)]
    is_harmless: bool,
    /// The call that does it.
    submission: Submission,
    /// Starts the call.
    #[prop(into)]
    on_confirm: Callback<()>,
    /// What else is to be decided.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let is_busy = submission.is_busy;
    view! {
        <Modal title>
            <p class="modal__text">{consequence}</p>
            {children.map(|children| children())}
            <ProblemNotice problem=submission.problem/>
            <div class="modal__actions">
                <CancelButton/>
                <button
                    type="button"
                    class=if is_harmless { "button button--primary" } else { "button button--danger" }
                    class:is-busy=move || is_busy.get()
                    aria-disabled=move || is_busy.get().then_some("true")
                    on:click=move |_| on_confirm.run(())
                >
                    {action}
                </button>
            </div>
        </Modal>
    }
}

//! A form that is nothing but fields and a button, on the page or in a dialog.

use leptos::{ev::SubmitEvent, prelude::*};

use super::{
    field::{Field, FieldSpec},
    modal::{CancelButton, Modal},
    problem_notice::ProblemNotice,
    submit_button::SubmitButton,
};
use crate::{forms::FormValues, submission::Submission};

/// What a form says and asks.
pub(crate) struct FormSpec {
    /// Its name for screen readers and tests; in a dialog the dialog's title says it.
    pub(crate) name: &'static str,
    /// The fields, in order.
    pub(crate) fields: Vec<FieldSpec>,
    /// The button's words, e.g. "Create a Team".
    pub(crate) action: &'static str,
    /// The same while it is done, e.g. "Creating the team…".
    pub(crate) busy: &'static str,
    /// It takes something away for good.
    pub(crate) is_danger: bool,
}

/// The form.
#[component]
pub(crate) fn FieldsForm(
    /// What it asks.
    spec: FormSpec,
    /// The call it makes.
    submission: Submission,
    /// Starts the call with what was filled in.
    #[prop(into)]
    on_submit: Callback<FormValues>,
    /// It stands in a dialog, beside "Cancel".
    #[prop(optional)]
    is_in_modal: bool,
) -> impl IntoView {
    let submit = move |event: SubmitEvent| {
        if let Some(values) = FormValues::of(&event) {
            on_submit.run(values);
        }
    };
    let problem = submission.problem;
    let placed = spec.fields.iter().map(|field| field.name.clone()).collect();
    let (label, busy_label, is_danger) = (spec.action, spec.busy, spec.is_danger);
    let button = move || view! { <SubmitButton label busy_label submission is_danger/> };
    view! {
        <form class=if is_in_modal { "form" } else { "form form--on-page" } method="post" aria-label=(!is_in_modal).then_some(spec.name) on:submit=submit>
            <ProblemNotice problem fields=placed/>
            {spec.fields.into_iter().map(|spec| view! { <Field spec problem/> }).collect_view()}
            {if is_in_modal {
                view! { <div class="modal__actions"><CancelButton/>{button()}</div> }.into_any()
            } else {
                button().into_any()
            }}
        </form>
    }
}

/// The form in a dialog.
#[component]
pub(crate) fn FormDialog(
    /// The dialog's heading.
    #[prop(into)]
    title: String,
    /// What is to be known before.
    #[prop(into)]
    text: String,
    /// What it asks.
    spec: FormSpec,
    /// The call it makes.
    submission: Submission,
    /// Starts the call.
    #[prop(into)]
    on_submit: Callback<FormValues>,
) -> impl IntoView {
    view! {
        <Modal title>
            {(!text.is_empty()).then(|| view! { <p class="modal__text">{text}</p> }.into_any())}
            <FieldsForm spec submission on_submit is_in_modal=true/>
        </Modal>
    }
}

/// A field for the name of a team or a sub-team.
pub(crate) fn name_field(label: &str, now: Option<String>) -> FieldSpec {
    FieldSpec {
        form: "name",
        name: "name".to_owned(),
        label: label.to_owned(),
        input_type: "text",
        autocomplete: "off",
        is_required: true,
        default: now,
        max_length: Some(100),
        ..FieldSpec::default()
    }
}

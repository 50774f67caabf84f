//! Name, e-mail and password of a new account: the first one and those that sign up themselves.

use std::future::Future;

use gateway_api::{me::Me, problem::Problem};
use leptos::{ev::SubmitEvent, prelude::*};

use super::{
    field::{Field, FieldSpec},
    problem_notice::ProblemNotice,
    submit_button::SubmitButton,
};
use crate::{
    forms::{FormValues, leave_for},
    submission::Submission,
};

/// Bounds of a password, as the server checks them ([`gateway_api::accounts`]).
pub(crate) const PASSWORD_MIN: u32 = 12;
/// See [`PASSWORD_MIN`].
pub(crate) const PASSWORD_MAX: u32 = 200;

/// What the form asks for.
pub(crate) struct NewAccount {
    pub(crate) name: String,
    pub(crate) email: String,
    pub(crate) password: String,
}

/// Makes an account with `create` and then goes to `target`.
#[component]
pub(crate) fn AccountForm<F, Answer>(
    /// The call that makes it.
    create: F,
    /// Where to go then.
    target: String,
) -> impl IntoView
where
    F: Fn(NewAccount) -> Answer + Send + Sync + 'static,
    Answer: Future<Output = Result<Me, Problem>> + 'static,
{
    let submission = Submission::new();
    let submit = move |event: SubmitEvent| {
        let Some(values) = FormValues::of(&event) else { return };
        let account = NewAccount {
            name: values.trimmed("name"),
            email: values.trimmed("email"),
            password: values.text("password"),
        };
        let target = target.clone();
        submission.run(create(account), move |_| leave_for(&target));
    };
    let problem = submission.problem;
    view! {
        <form class="form" method="post" on:submit=submit>
            <ProblemNotice problem fields=vec!["name".to_owned(), "email".to_owned(), "password".to_owned()]/>
            <Field spec=name() problem/>
            <Field spec=email() problem/>
            <Field spec=new_password("password", "Password") problem/>
            <SubmitButton label="Create account" busy_label="Creating the account…" submission/>
        </form>
    }
}

fn name() -> FieldSpec {
    FieldSpec {
        form: "account",
        name: "name".to_owned(),
        label: "Name".to_owned(),
        input_type: "text",
        autocomplete: "name",
        is_required: true,
        max_length: Some(100),
        ..FieldSpec::default()
    }
}

fn email() -> FieldSpec {
    FieldSpec {
        form: "account",
        name: "email".to_owned(),
        label: "E-mail".to_owned(),
        input_type: "email",
        autocomplete: "username",
        is_required: true,
        max_length: Some(254),
        ..FieldSpec::default()
    }
}

/// A field for a password that is being chosen.
pub(crate) fn new_password(name: &str, label: &str) -> FieldSpec {
    FieldSpec {
        form: "account",
        name: name.to_owned(),
        label: label.to_owned(),
        input_type: "password",
        autocomplete: "new-password",
        is_required: true,
        min_length: Some(PASSWORD_MIN),
        max_length: Some(PASSWORD_MAX),
        help: Some(format!("At least {PASSWORD_MIN} characters. A few unrelated words are fine.")),
        ..FieldSpec::default()
    }
}

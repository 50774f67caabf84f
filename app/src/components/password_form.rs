//! Changes the password.

use gateway_api::accounts::ChangePassword;
use leptos::{ev::SubmitEvent, html::Form, prelude::*};

use super::{
    account_form::new_password,
    field::{Field, FieldSpec},
    problem_notice::ProblemNotice,
    submit_button::SubmitButton,
};
use crate::{client, forms::FormValues, submission::Submission};

/// Current and new password. The e-mail address is in it, hidden, for password managers.
#[component]
pub(crate) fn PasswordForm(
    /// Whose password it is.
    email: String,
) -> impl IntoView {
    let submission = Submission::new();
    let form = NodeRef::<Form>::new();
    let is_changed = RwSignal::new(false);
    let submit = move |event: SubmitEvent| {
        let Some(values) = FormValues::of(&event) else { return };
        is_changed.set(false);
        let body = ChangePassword {
            current_password: values.text("current_password"),
            new_password: values.text("new_password"),
        };
        submission.run(client::change_password(body), move |()| {
            is_changed.try_set(true);
            if let Some(form) = form.try_get_untracked().flatten() {
                form.reset();
            }
        });
    };
    let problem = submission.problem;
    view! {
        <form class="form" method="post" node_ref=form on:submit=submit>
            <ProblemNotice problem fields=vec!["current_password".to_owned(), "new_password".to_owned()]/>
            <input type="email" name="email" value=email autocomplete="username" readonly class="visually-hidden"
                tabindex="-1" aria-hidden="true"/>
            <Field spec=current_password() problem/>
            <Field spec=new_password("new_password", "New password") problem/>
            <p class="hint">"This ends your other sessions and revokes your authorized apps: connect them again afterwards."</p>
            <SubmitButton label="Change password" busy_label="Changing…" submission/>
            <p class="form__done" role="status">
                {move || is_changed.get().then_some("The password is changed. Your other sessions have ended.")}
            </p>
        </form>
    }
}

fn current_password() -> FieldSpec {
    FieldSpec {
        form: "account",
        name: "current_password".to_owned(),
        label: "Current password".to_owned(),
        input_type: "password",
        autocomplete: "current-password",
        is_required: true,
        ..FieldSpec::default()
    }
}

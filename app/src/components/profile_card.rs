//! The person: name, e-mail, password, and the ends of sessions.

use gateway_api::me::UserView;
use leptos::prelude::*;

use super::{password_form::PasswordForm, problem_notice::ProblemNotice, site_header::SignOutButton};
use crate::{client, context::use_gateway, forms::leave_for, submission::Submission};

/// Who is signed in, and what they can do about it.
#[component]
pub(crate) fn ProfileCard() -> impl IntoView {
    let gateway = use_gateway();
    // Not followed: somebody may be typing a new password below when the rest of `me` changes.
    let user = gateway.me.with_untracked(|me| me.as_ref().map(|me| me.user.clone()));
    view! {
        <section class="card profile-card" aria-labelledby="profile-title">
            <h2 class="card__title" id="profile-title">"Profile"</h2>
            {user.map(|user| view! { <Person user/> })}
            <SessionEnds/>
        </section>
    }
}

#[component]
fn Person(user: UserView) -> impl IntoView {
    let services = user.sign_in_services.join(", ");
    view! {
        <dl class="facts">
            <div><dt>"Name"</dt><dd dir="auto">{user.name}</dd></div>
            <div><dt>"E-mail"</dt><dd>{user.email.clone()}</dd></div>
            {(!services.is_empty()).then(|| view! { <div><dt>"Signs in with"</dt><dd>{services}</dd></div> }.into_any())}
        </dl>
        {user.has_password.then(|| view! {
            <details class="disclosure">
                <summary>"Change password"</summary>
                <PasswordForm email=user.email/>
            </details>
        }.into_any())}
    }
}

#[component]
fn SessionEnds() -> impl IntoView {
    let gateway = use_gateway();
    let everywhere = Submission::new();
    let sign_out_everywhere = move |_| everywhere.run(client::delete_sessions(), |()| leave_for("/"));
    view! {
        <ProblemNotice problem=everywhere.problem/>
        <div class="button-row">
            <SignOutButton class="button"/>
            <button
                type="button"
                class="button"
                class:is-busy=move || everywhere.is_busy.get()
                disabled=move || gateway.is_dead.get()
                aria-describedby="everywhere-help"
                on:click=sign_out_everywhere
            >
                "Sign out everywhere"
            </button>
        </div>
        <p class="hint" id="everywhere-help">
            "Everywhere ends your sessions in all browsers. Authorized apps keep working until you revoke them."
        </p>
    }
}

//! `/auth/sign-up`: a local account for anyone where the operator opened that (`--sign-up open`), and for invited people.

use gateway_api::accounts::CreateAccount;
use leptos::prelude::*;

use crate::{
    client,
    components::account_form::{AccountForm, NewAccount},
    head::set_title,
    place::use_place,
    return_to,
};

/// The page.
#[component]
pub(crate) fn SignUpPage() -> impl IntoView {
    set_title("Create account");
    let target = return_to::checked(use_place().query("return_to").as_deref());
    let login = return_to::login_url(&target);
    let invitation = return_to::invitation(&target).map(str::to_owned);
    let is_invited = invitation.is_some();
    let create = move |NewAccount { name, email, password }| {
        client::create_account(CreateAccount { name, email, password, invitation: invitation.clone() })
    };
    view! {
        <div class="narrow card card--raised">
            <h1 class="narrow__title">"Create account"</h1>
            {is_invited.then(|| view! {
                <p class="hint">"You are invited to a team. With your account you can accept."</p>
            }.into_any())}
            <AccountForm create target/>
            <p class="narrow__foot">"Already have one? " <a href=login>"Sign in"</a></p>
        </div>
    }
}

//! `/auth/sign-up`: a local account for anyone, where the operator opened that (`--sign-up open`).

use gateway_api::accounts::CreateAccount;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    client,
    components::account_form::{AccountForm, NewAccount},
    head::use_title,
    return_to,
};

/// The page.
#[component]
pub(crate) fn SignUpPage() -> impl IntoView {
    use_title("Create account");
    let target =
        use_query_map().with_untracked(|query| return_to::checked(query.get("return_to").as_deref()));
    let login = return_to::login_url(&target);
    let create = |NewAccount { name, email, password }| {
        client::create_account(CreateAccount { name, email, password })
    };
    view! {
        <div class="narrow card card--raised">
            <h1 class="narrow__title">"Create account"</h1>
            <AccountForm create target/>
            <p class="narrow__foot">"Already have one? " <a href=login rel="external">"Sign in"</a></p>
        </div>
    }
}

//! `/auth/setup`: the first account, made with the one-time link that the server printed when it started.

use gateway_api::accounts::CreateFirstAccount;
use leptos::prelude::*;

use crate::{
    client,
    components::{
        account_form::{AccountForm, NewAccount},
        snippet::Snippet,
    },
    context::use_gateway,
    head::set_title,
    place::use_place,
    return_to,
};

/// The page.
#[component]
pub(crate) fn SetupPage() -> impl IntoView {
    set_title("Set up");
    let needs_setup = use_gateway().sign_in.with_value(|options| options.needs_setup);
    let token = use_place().query("token").filter(|token| !token.is_empty());
    view! {
        <div class="narrow card card--raised">
            {match (needs_setup, token) {
                (false, _) => view! { <AlreadyDone/> }.into_any(),
                (true, None) => view! { <WhereTheLinkIs/> }.into_any(),
                (true, Some(token)) => view! { <FirstAccount token/> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn FirstAccount(token: String) -> impl IntoView {
    let create = move |NewAccount { name, email, password }| {
        client::create_first_account(CreateFirstAccount { token: token.clone(), name, email, password })
    };
    view! {
        <h1 class="narrow__title">"Welcome. Make the first account."</h1>
        <p class="hint">"It is yours: you sign in with it, connect vendors, and later invite others."</p>
        <AccountForm create target=return_to::DEFAULT.to_owned()/>
    }
}

#[component]
fn WhereTheLinkIs() -> impl IntoView {
    view! {
        <h1 class="narrow__title">"Almost there: make the first account"</h1>
        <p>
            "This gateway has no account yet. Only its operator may make the first one: the server \
             printed a one-time link when it started. Open that link; it looks like this:"
        </p>
        <pre class="snippet__code" tabindex="0" aria-label="an example of the link"><code>"…/auth/setup?token=…"</code></pre>
        <p>"Is that out of reach? On the server, an account can also be made with:"</p>
        <Snippet
            text="mcp-gateway user create --email you@example.com --name \"Your Name\" --password-stdin"
            what="the command"
        />
        <p class="hint">"Then " <a href="/auth/login">"sign in"</a> "."</p>
    }
}

#[component]
fn AlreadyDone() -> impl IntoView {
    view! {
        <h1 class="narrow__title">"This gateway is already set up"</h1>
        <p>"The set-up link works once, and has been used."</p>
        <div class="button-row">
            <a class="button button--primary" href="/auth/login">"Sign in"</a>
        </div>
    }
}

//! `/`: what this is, and the way in.

use gateway_api::session::SignInOptions;
use leptos::prelude::*;

use crate::{components::snippet::Snippet, context::use_gateway};

/// The page.
#[component]
pub(crate) fn HomePage() -> impl IntoView {
    let gateway = use_gateway();
    let url = gateway.public_url.get_value() + gateway_api::paths::MCP;
    view! {
        <section class="hero">
            <div class="hero__text">
                <h1 class="hero__title">"All your MSP tools, one line to Claude"</h1>
                <p class="hero__lead">
                    "Connect PSA, RMM, documentation and monitoring once. Claude reaches them through a single \
                     address, with your permissions, and never sees a key."
                </p>
                <div class="button-row">
                    {move || {
                        let options = gateway.sign_in.get_value();
                        if gateway.me.with(Option::is_some) {
                            view! { <SignedInWays/> }.into_any()
                        } else {
                            view! { <SignedOutWays options/> }.into_any()
                        }
                    }}
                </div>
                <p><a href="/vendors">"See all vendors and their tools"</a></p>
            </div>
            <div class="hero__aside">
                <p class="hero__caption">"The one address for Claude"</p>
                <Snippet text=url what="the address"/>
            </div>
        </section>
        <ul class="promises" role="list">
            <Promise title="Keys stay here"
                text="Credentials are checked with the vendor, encrypted with AES-256-GCM, and used on the server only."/>
            <Promise title="You decide who calls"
                text="Every app asks for your permission first. Revoke it, and its next call is refused."/>
            <Promise title="Nothing fails silently"
                text="A vendor that refuses or hangs says so, in its own words, to you and to Claude."/>
        </ul>
    }
}

#[component]
fn SignedInWays() -> impl IntoView {
    view! {
        <a class="button button--primary button--large" href="/settings">"Go to Settings"</a>
        <a class="button button--large" href="/connect">"Connect Claude"</a>
    }
}

#[component]
fn SignedOutWays(options: SignInOptions) -> impl IntoView {
    if options.needs_setup && options.services.is_empty() {
        return view! {
            <a class="button button--primary button--large" href="/auth/setup">"Set up this gateway"</a>
        }
        .into_any();
    }
    view! {
        <a class="button button--primary button--large" href="/auth/login">"Sign in"</a>
        {options.is_sign_up_open.then(|| view! {
            <a class="button button--large" href="/auth/sign-up">"Create account"</a>
        }.into_any())}
    }
    .into_any()
}

#[component]
fn Promise(title: &'static str, text: &'static str) -> impl IntoView {
    view! {
        <li class="promise">
            <h2 class="promise__title">{title}</h2>
            <p class="promise__text">{text}</p>
        </li>
    }
}

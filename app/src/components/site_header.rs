//! The head of every page: where one is, in whose name, and the ways on.

use leptos::prelude::*;

use super::{brand_mark::BrandMark, organization_switch::OrganizationSwitch};
use crate::{
    client,
    context::use_gateway,
    forms::leave_for,
    place::{Route, use_place},
    submission::Submission,
};

/// Brand, and for signed-in people the organization with its plan, the pages and Sign out.
#[component]
pub(crate) fn SiteHeader() -> impl IntoView {
    let gateway = use_gateway();
    let is_signed_in = Memo::new(move |_| gateway.me.with(Option::is_some));
    view! {
        <header class="site-header">
            <div class="site-header__inner">
                <a class="brand" href="/"><BrandMark/><span class="brand__name">"MCP Gateway"</span></a>
                {move || if is_signed_in.get() {
                    view! { <SignedInPart/> }.into_any()
                } else {
                    view! { <SignedOutPart/> }.into_any()
                }}
            </div>
        </header>
    }
}

#[component]
fn SignedInPart() -> impl IntoView {
    let gateway = use_gateway();
    let can_audit = move || {
        gateway.is_owner() && gateway.me.with(|me| me.as_ref().is_some_and(|me| me.plan.has_audit_log))
    };
    view! {
        <OrganizationSwitch/>
        <nav class="site-nav" aria-label="Main">
            <PageLink href="/settings" route=Route::Settings text="Settings"/>
            <PageLink href="/team" route=Route::Team text="Manage Team"/>
            {move || can_audit().then(|| view! { <PageLink href="/audit" route=Route::Audit text="Audit"/> })}
            <PageLink href="/connect" route=Route::Connect text="Connect Claude"/>
        </nav>
        <SignOutButton class="button button--quiet site-header__sign-out"/>
    }
}

#[component]
fn PageLink(href: &'static str, route: Route, text: &'static str) -> impl IntoView {
    let is_here = use_place().route() == route;
    view! { <a href=href aria-current=is_here.then_some("page")>{text}</a> }
}

/// "Sign in", except where that is what the page is about.
#[component]
fn SignedOutPart() -> impl IntoView {
    let is_sign_in_page =
        matches!(use_place().route(), Route::Login | Route::SignUp | Route::Setup | Route::Invite);
    view! {
        <nav class="site-nav site-nav--signed-out" aria-label="Main">
            <a href="/vendors">"Vendors"</a>
            {(!is_sign_in_page).then(|| view! { <a href="/auth/login">"Sign in"</a> }.into_any())}
        </nav>
    }
}

/// Ends this session and leads to the first page.
#[component]
pub(crate) fn SignOutButton(
    /// How it looks.
    class: &'static str,
) -> impl IntoView {
    let gateway = use_gateway();
    let submission = Submission::new();
    let sign_out = move |_| submission.run(client::delete_session(), |()| leave_for("/"));
    view! {
        <button type="button" class=class disabled=move || gateway.is_dead.get() on:click=sign_out>
            {move || if submission.problem.get().is_some() { "Sign out (try again)" } else { "Sign out" }}
        </button>
    }
}

//! The head of every page: where one is, in whose name, and the ways on.

use gateway_api::{me::Me, organizations::OrganizationSummary};
use leptos::prelude::*;

use super::{brand_mark::BrandMark, plan_badge::PlanBadge};
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
    view! {
        <header class="site-header">
            <div class="site-header__inner">
                <a class="brand" href="/"><BrandMark/><span class="brand__name">"MCP Gateway"</span></a>
                {move || match gateway.me.get() {
                    Some(me) => view! { <SignedInPart me/> }.into_any(),
                    None => view! { <SignedOutPart/> }.into_any(),
                }}
            </div>
        </header>
    }
}

#[component]
fn SignedInPart(me: Me) -> impl IntoView {
    let organization = me.organization().cloned();
    view! {
        {organization.map(|organization| view! { <Organization organization/> })}
        <nav class="site-nav" aria-label="Main">
            <PageLink href="/settings" route=Route::Settings text="Settings"/>
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

#[component]
fn Organization(organization: OrganizationSummary) -> impl IntoView {
    view! {
        <div class="site-header__organization">
            <span class="site-header__organization-name" title=organization.name.clone()>
                {organization.name.clone()}
            </span>
            <PlanBadge plan=organization.plan/>
        </div>
    }
}

/// "Sign in", except where that is what the page is about.
#[component]
fn SignedOutPart() -> impl IntoView {
    let is_sign_in_page = matches!(use_place().route(), Route::Login | Route::SignUp | Route::Setup);
    view! {
        <nav class="site-nav site-nav--signed-out" aria-label="Main">
            {(!is_sign_in_page).then(|| view! { <a href="/auth/login">"Sign in"</a> })}
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
        <button type="button" class=class disabled=move || !gateway.is_alive.get() on:click=sign_out>
            {move || if submission.problem.get().is_some() { "Sign out (try again)" } else { "Sign out" }}
        </button>
    }
}

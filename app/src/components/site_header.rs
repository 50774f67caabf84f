//! The head of every page: where one is, in whose name, and the ways on.

use gateway_api::{me::Me, organizations::OrganizationSummary};
use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_url};

use super::{brand_mark::BrandMark, plan_badge::PlanBadge};
use crate::{client, context::use_gateway, forms::leave_for, submission::Submission};

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
            <A href="/settings">"Settings"</A>
            <A href="/connect">"Connect Claude"</A>
        </nav>
        <SignOutButton class="button button--quiet site-header__sign-out"/>
    }
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
    let url = use_url();
    let is_sign_in_page = move || url.with(|url| url.path().starts_with("/auth/"));
    view! {
        <nav class="site-nav site-nav--signed-out" aria-label="Main">
            {move || (!is_sign_in_page()).then(|| view! { <a href="/auth/login" rel="external">"Sign in"</a> })}
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

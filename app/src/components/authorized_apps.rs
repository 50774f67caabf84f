//! The MCP clients that may act for the person.

use gateway_api::grants::GrantView;
use leptos::prelude::*;

use super::{
    action_button::ActionButton, confirm_dialog::ConfirmDialog, list_failure::ListFailure, when::When,
};
use crate::{
    client,
    context::{Gateway, Load, use_gateway},
    submission::Submission,
};

/// The list, each with Revoke.
#[component]
pub(crate) fn AuthorizedApps() -> impl IntoView {
    let gateway = use_gateway();
    view! {
        <section class="card" aria-labelledby="apps-title">
            <h2 class="card__title" id="apps-title">"Authorized apps"</h2>
            <p class="hint">"Programs that may use this gateway in your name. Revoking takes effect on their next call."</p>
            {move || match gateway.grants.get() {
                Load::Loading => view! { <Placeholder/> }.into_any(),
                Load::Failed(problem) => {
                    view! { <ListFailure problem on_retry=move |()| gateway.load_settings()/> }.into_any()
                }
                Load::Ready(grants) if grants.is_empty() => view! { <Nothing/> }.into_any(),
                Load::Ready(grants) => view! {
                    <ul class="app-list" role="list">
                        {grants.into_iter().map(|grant| view! { <App grant/> }).collect_view()}
                    </ul>
                }.into_any(),
            }}
        </section>
    }
}

#[component]
fn Placeholder() -> impl IntoView {
    view! { <div class="skeleton skeleton--row" role="status"><span class="visually-hidden">"Loading…"</span></div> }
}

#[component]
fn Nothing() -> impl IntoView {
    view! { <p class="empty">"None yet. " <a href="/connect">"Connect Claude"</a> " to this gateway."</p> }
}

#[component]
fn App(grant: GrantView) -> impl IntoView {
    let gateway = use_gateway();
    let name = grant.client_name.clone();
    let label = format!("Revoke {name}");
    let (host, created_at, last_used_at) =
        (grant.redirect_host.clone(), grant.created_at, grant.last_used_at);
    let (organization, grant_scope) = (grant.organization_name.clone(), grant.scope.clone());
    let revoke = move |()| {
        let grant = grant.clone();
        gateway.open_dialog(move || view! { <RevokeDialog grant=grant.clone()/> });
    };
    view! {
        <li class="app-list__item">
            <div class="app-list__text">
                <h3 class="app-list__name">{name}</h3>
                <p class="app-list__facts">
                    <span>{access(&grant_scope)}</span>
                    <span>"returns to " <code>{host}</code></span>
                    <span>"in " <bdi>{organization}</bdi></span>
                    <span>"since " <When at=created_at/></span>
                    <span>
                        {match last_used_at {
                            Some(at) => view! { "last used " <When at/> }.into_any(),
                            None => "not used yet".into_any(),
                        }}
                    </span>
                </p>
            </div>
            <ActionButton text="Revoke" label class="button button--small" on_press=revoke/>
        </li>
    }
}

/// What an app may do, in words. `mcp` was everything, before there were three scopes.
fn access(scope: &str) -> &'static str {
    let has = |name| scope.split(' ').any(|one| one == name);
    if has("mcp:admin") || has("mcp") {
        "may do everything"
    } else if has("mcp:write") {
        "may read and change"
    } else {
        "read only"
    }
}

#[component]
fn RevokeDialog(grant: GrantView) -> impl IntoView {
    let gateway = use_gateway();
    let submission = Submission::new();
    let id = grant.id;
    let revoke = move |()| {
        submission.run(client::delete_grant(id), move |()| {
            forget(gateway, id);
            gateway.close_dialog();
        });
    };
    view! {
        <ConfirmDialog
            title=format!("Revoke {}?", grant.client_name)
            consequence="It is signed out on its next call, and must ask for your permission to come back."
            action="Revoke"
            submission
            on_confirm=revoke
        />
    }
}

fn forget(gateway: Gateway, id: gateway_api::ids::GrantId) {
    gateway.grants.update(|load| {
        if let Load::Ready(list) = load {
            list.retain(|grant| grant.id != id);
        }
    });
}

//! What is shared in the organization, for those who use it: that it is there and whether it works, never a value.

use gateway_api::connections::ConnectionView;
use leptos::prelude::*;

use super::{list_failure::ListFailure, standing::state_of, vendor_badge::VendorBadge, when::When};
use crate::{
    context::{Gateway, Load, use_gateway},
    target::Target,
};

/// The list.
#[component]
pub(crate) fn SharedList() -> impl IntoView {
    let gateway = use_gateway();
    view! { {move || {
        match gateway.shared.get() {
        Load::Loading => view! {
            <div class="skeleton skeleton--row" role="status"><span class="visually-hidden">"Loading…"</span></div>
        }
        .into_any(),
        Load::Failed(problem) => {
            view! { <ListFailure problem on_retry=move |()| gateway.load_settings()/> }.into_any()
        }
        Load::Ready(list) if list.is_empty() => view! { <Nothing/> }.into_any(),
        Load::Ready(list) => view! {
            <ul class="app-list" role="list">
                {list.into_iter().map(|connection| view! { <Shared connection/> }).collect_view()}
            </ul>
        }
        .into_any(),
    }
    }} }
}

#[component]
fn Nothing() -> impl IntoView {
    let gateway = use_gateway();
    let text = move || match (gateway.has_sharing(), gateway.is_owner()) {
        (false, _) => "Credentials shared with everyone in a team need Pro.",
        (true, true) => "Nothing is shared yet. Connect vendors for everyone under Manage Team.",
        (true, false) => "Nothing is shared yet. An owner of the team can connect vendors for everyone.",
    };
    view! { <p class="empty">{move || text()}</p> }
}

#[component]
fn Shared(connection: ConnectionView) -> impl IntoView {
    let gateway = use_gateway();
    let vendor = gateway
        .vendors
        .with_untracked(|load| load.items().iter().find(|vendor| vendor.slug == connection.vendor).cloned());
    let (class, state) = state_of(&connection, || "Works".to_owned());
    let checked_at = connection.checked_at;
    let sharers = match connection.team {
        Some(team) => team.name,
        None => format!("everyone in {}", untrack(|| gateway.organization_name())),
    };
    view! {
        <li class="app-list__item shared-list__item">
            {vendor.map(|vendor| view! { <VendorBadge color=vendor.color initials=vendor.initials/> })}
            <div class="app-list__text">
                <h3 class="app-list__name">{connection.vendor_name}</h3>
                <p class="app-list__facts">
                    <span>"for " <bdi>{sharers}</bdi></span>
                    {connection.account.map(|account| view! { <span>"as " <bdi>{account}</bdi></span> }.into_any())}
                    <span>"checked " <When at=checked_at/></span>
                </p>
            </div>
            <p class=class>{state}</p>
        </li>
    }
}

/// Who uses `target`'s connections beside the person, to be named in a sentence.
pub(crate) fn sharers(gateway: Gateway, target: Target) -> Option<String> {
    match target {
        Target::Personal => None,
        Target::Organization(_) => Some(format!("Everyone in {}", gateway.organization_name())),
        Target::Team(_, id) => gateway.teams.with(|load| {
            let team = load.items().iter().find(|team| team.id == id)?;
            Some(format!("Everyone in {}", team.name))
        }),
    }
}

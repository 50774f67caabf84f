//! "Your Connections": the grid, the plan's limit, and the dialogs the cards open.

use gateway_api::{
    connections::{ConnectionView, Scope},
    problem::Problem,
    vendors::VendorView,
};
use leptos::prelude::*;

use super::{
    confirm_dialog::ConfirmDialog,
    connect_dialog::ConnectDialog,
    list_failure::ListFailure,
    orphan_connections::OrphanConnections,
    vendor_card::{Asked, title_id},
    vendor_grid::VendorGrid,
};
use crate::{
    client,
    context::{Gateway, Load, use_gateway},
    forms::focus_soon,
    submission::Submission,
};

/// The whole section.
#[component]
pub(crate) fn ConnectionsSection() -> impl IntoView {
    let asked = RwSignal::new(None::<Asked>);
    view! {
        <section class="connections" aria-labelledby="connections-title">
            <div class="section-head">
                <h2 id="connections-title">"Your Connections"</h2>
                <Limit/>
            </div>
            <p class="hint">"Vendors connected with your own credentials. Only your own calls use them."</p>
            <Lists asked/>
            {move || asked.get().map(|what| view! { <AskedDialog what asked/> })}
        </section>
    }
}

/// How far the plan goes, said before a click runs into it.
#[component]
fn Limit() -> impl IntoView {
    let gateway = use_gateway();
    move || {
        let max = gateway.personal_connections_max()?;
        let used = gateway.personal_connections_used();
        let plan = gateway.me.with(|me| me.as_ref().map_or("", |me| me.plan.plan.title()));
        let text = if used >= max {
            format!(
                "{used} of {max} personal connections used. {plan} allows no more: disconnect one to connect another."
            )
        } else {
            format!("{used} of {max} personal connections used ({plan})")
        };
        let class = if used >= max { "plan-limit plan-limit--reached" } else { "plan-limit" };
        Some(view! { <p class=class id="plan-limit">{text}</p> })
    }
}

/// Whether both lists are there. Their later changes are the grid's own business, so this draws it once.
#[derive(Clone, PartialEq)]
enum Phase {
    Loading,
    Failed(Problem),
    Ready(Vec<VendorView>),
}

fn phase(gateway: Gateway) -> Phase {
    let connections = gateway.connections.with(|load| match load {
        Load::Loading => Some(Phase::Loading),
        Load::Failed(problem) => Some(Phase::Failed(problem.clone())),
        Load::Ready(_) => None,
    });
    connections.unwrap_or_else(|| match gateway.vendors.get() {
        Load::Loading => Phase::Loading,
        Load::Failed(problem) => Phase::Failed(problem),
        Load::Ready(vendors) => Phase::Ready(vendors),
    })
}

#[component]
fn Lists(asked: RwSignal<Option<Asked>>) -> impl IntoView {
    let gateway = use_gateway();
    let phase = Memo::new(move |_| phase(gateway));
    move || match phase.get() {
        Phase::Loading => view! { <Placeholder/> }.into_any(),
        Phase::Failed(problem) => {
            view! { <ListFailure problem on_retry=move |()| gateway.load_settings()/> }.into_any()
        }
        Phase::Ready(vendors) => {
            let slugs = vendors.iter().map(|vendor| vendor.slug.clone()).collect();
            view! { <OrphanConnections known=slugs asked/> <VendorGrid vendors asked/> }.into_any()
        }
    }
}

/// Cards without words, of the size the real ones will have.
#[component]
fn Placeholder() -> impl IntoView {
    view! {
        <p class="visually-hidden" role="status">"Loading the vendors…"</p>
        <div class="vendor-grid" aria-hidden="true">
            {(0..6).map(|_| view! { <div class="skeleton skeleton--card"></div> }).collect_view()}
        </div>
    }
}

#[component]
fn AskedDialog(what: Asked, asked: RwSignal<Option<Asked>>) -> impl IntoView {
    match what {
        Asked::Connect(vendor) => view! { <Connect vendor is_replacement=false asked/> }.into_any(),
        Asked::Replace(vendor) => view! { <Connect vendor is_replacement=true asked/> }.into_any(),
        Asked::Disconnect(slug, name) => view! { <Disconnect slug name asked/> }.into_any(),
    }
}

#[component]
fn Connect(vendor: VendorView, is_replacement: bool, asked: RwSignal<Option<Asked>>) -> impl IntoView {
    let gateway = use_gateway();
    let heading = title_id(&vendor.slug);
    let on_connected = move |connection: ConnectionView| {
        gateway.keep_connection(connection);
        asked.set(None);
        focus_soon(&heading);
    };
    view! { <ConnectDialog vendor is_replacement on_connected on_close=move |()| asked.set(None)/> }
}

#[component]
fn Disconnect(slug: String, name: String, asked: RwSignal<Option<Asked>>) -> impl IntoView {
    let gateway = use_gateway();
    let submission = Submission::new();
    let disconnect = move |()| {
        let (slug, heading) = (slug.clone(), title_id(&slug));
        submission.run(client::delete_connection(slug.clone()), move |()| {
            gateway.drop_connection(&slug);
            asked.set(None);
            focus_soon(&heading);
        });
    };
    view! {
        <ConfirmDialog
            title=format!("Disconnect {name}?")
            consequence=format!("Your stored credentials are deleted. Claude can no longer use {name} in your name \
                                 until you connect it again.")
            action="Disconnect"
            submission
            on_confirm=disconnect
            on_close=move |()| asked.set(None)
        />
    }
}

/// The person's own connections among all they can use.
pub(crate) fn personal(gateway: Gateway) -> Vec<ConnectionView> {
    gateway.connections.with(|load| match load {
        Load::Ready(list) => list.iter().filter(|one| one.scope == Scope::Personal).cloned().collect(),
        Load::Loading | Load::Failed(_) => Vec::new(),
    })
}

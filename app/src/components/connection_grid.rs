//! The vendors with somebody's connections to them, and the dialogs the cards open.

use gateway_api::{connections::ConnectionView, problem::Problem, vendors::VendorView};
use leptos::prelude::*;

use super::{
    confirm_dialog::ConfirmDialog,
    connect_dialog::ConnectDialog,
    list_failure::ListFailure,
    orphan_connections::OrphanConnections,
    shared_list::sharers,
    vendor_card::{Asked, title_id},
    vendor_grid::VendorGrid,
};
use crate::{
    client,
    context::{Gateway, Load, use_gateway},
    forms::focus_soon,
    submission::Submission,
    target::Target,
};

/// The grid, or why it is not there.
#[component]
pub(crate) fn ConnectionGrid(
    /// Whose connections.
    target: Signal<Target>,
) -> impl IntoView {
    let asked = RwSignal::new(None::<Asked>);
    view! {
        <Lists target asked/>
        {move || asked.get().map(|what| {
            let target = target.get_untracked();
            view! { <AskedDialog what target asked/> }
        })}
    }
}

/// Whether both lists are there. Their later changes are the grid's own business, so this draws it once.
#[derive(Clone, PartialEq)]
enum Phase {
    Loading,
    Failed(Problem),
    Ready(Vec<VendorView>),
}

fn phase(gateway: Gateway, target: Target) -> Phase {
    let list = if target.is_shared() { gateway.shared } else { gateway.connections };
    let connections = list.with(|load| match load {
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
fn Lists(target: Signal<Target>, asked: RwSignal<Option<Asked>>) -> impl IntoView {
    let gateway = use_gateway();
    let phase = Memo::new(move |_| phase(gateway, target.get()));
    let retry = move |()| {
        if target.get_untracked().is_shared() { gateway.load_team() } else { gateway.load_settings() }
    };
    move || match phase.get() {
        Phase::Loading => view! { <Placeholder/> }.into_any(),
        Phase::Failed(problem) => view! { <ListFailure problem on_retry=retry/> }.into_any(),
        Phase::Ready(vendors) => {
            let known = vendors.iter().map(|vendor| vendor.slug.clone()).collect();
            view! { <OrphanConnections known target asked/> <VendorGrid vendors target asked/> }.into_any()
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
fn AskedDialog(what: Asked, target: Target, asked: RwSignal<Option<Asked>>) -> impl IntoView {
    match what {
        Asked::Connect(vendor) => view! { <Connect vendor target is_replacement=false asked/> }.into_any(),
        Asked::Replace(vendor) => view! { <Connect vendor target is_replacement=true asked/> }.into_any(),
        Asked::Disconnect(slug, name) => view! { <Disconnect slug name target asked/> }.into_any(),
    }
}

#[component]
fn Connect(
    vendor: VendorView,
    target: Target,
    is_replacement: bool,
    asked: RwSignal<Option<Asked>>,
) -> impl IntoView {
    let gateway = use_gateway();
    let heading = title_id(&vendor.slug);
    let on_connected = move |connection: ConnectionView| {
        gateway.keep_connection(connection);
        asked.set(None);
        focus_soon(&heading);
    };
    let sharers = untrack(|| sharers(gateway, target));
    view! {
        <ConnectDialog vendor target sharers is_replacement on_connected on_close=move |()| asked.set(None)/>
    }
}

#[component]
fn Disconnect(slug: String, name: String, target: Target, asked: RwSignal<Option<Asked>>) -> impl IntoView {
    let gateway = use_gateway();
    let submission = Submission::new();
    let disconnect = move |()| {
        let (slug, heading) = (slug.clone(), title_id(&slug));
        submission.run(client::delete_connection(target, slug.clone()), move |()| {
            gateway.drop_connection(target, &slug);
            asked.set(None);
            focus_soon(&heading);
        });
    };
    let consequence = match untrack(|| sharers(gateway, target)) {
        None => format!(
            "Your stored credentials are deleted. Claude can no longer use {name} in your name until you connect it \
             again, unless your team shares it."
        ),
        Some(sharers) => format!(
            "The stored credentials are deleted. {sharers} can no longer use {name} through Claude, but with \
             credentials of their own."
        ),
    };
    view! {
        <ConfirmDialog
            title=format!("Disconnect {name}?")
            consequence
            action="Disconnect"
            submission
            on_confirm=disconnect
            on_close=move |()| asked.set(None)
        />
    }
}

//! The vendors with somebody's connections to them.

use gateway_api::{problem::Problem, vendors::VendorView};
use leptos::prelude::*;

use super::{list_failure::ListFailure, orphan_connections::OrphanConnections, vendor_grid::VendorGrid};
use crate::{
    context::{Gateway, Load, use_gateway},
    target::Target,
};

/// The grid, or why it is not there.
#[component]
pub(crate) fn ConnectionGrid(
    /// Whose connections.
    target: Signal<Target>,
) -> impl IntoView {
    let gateway = use_gateway();
    let phase = Memo::new(move |_| phase(gateway, target.get()));
    let retry = move |()| {
        if target.get_untracked().is_shared() { gateway.load_team() } else { gateway.load_settings() }
    };
    view! { {move || match phase.get() {
        Phase::Loading => view! { <Placeholder/> }.into_any(),
        Phase::Failed(problem) => view! { <ListFailure problem on_retry=retry/> }.into_any(),
        Phase::Ready(vendors) => {
            let known = vendors.iter().map(|vendor| vendor.slug.clone()).collect();
            view! { <OrphanConnections known target/> <VendorGrid vendors target/> }.into_any()
        }
    }} }
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

/// Cards without words, of the size the real ones will have.
#[component]
fn Placeholder() -> impl IntoView {
    view! {
        <p class="visually-hidden" role="status">"Loading the vendors…"</p>
        <div class="vendor-grid" aria-hidden="true">
            {(0..6).map(|_| view! { <div class="skeleton skeleton--card"></div> }.into_any()).collect_view()}
        </div>
    }
}

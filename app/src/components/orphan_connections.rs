//! Connections to vendors that are no longer in the catalogue: they stay visible, and can be deleted.

use leptos::prelude::*;

use super::vendor_card::{Asked, title_id};
use crate::{context::use_gateway, target::Target};

/// The list; nothing if there are none.
#[component]
pub(crate) fn OrphanConnections(
    /// The slugs of the catalogue.
    known: Vec<String>,
    /// Whose connections.
    target: Signal<Target>,
    /// Where the buttons put what is asked.
    asked: RwSignal<Option<Asked>>,
) -> impl IntoView {
    let gateway = use_gateway();
    move || {
        gateway
            .connections_of(target.get())
            .into_iter()
            .filter(|connection| !known.contains(&connection.vendor))
            .map(|connection| {
                let name = connection.vendor_name;
                let disconnect = Asked::Disconnect(connection.vendor.clone(), name.clone());
                view! {
                    <div class="notice notice--warning orphan">
                        <p id=title_id(&connection.vendor)>
                            <strong>{name.clone()}</strong>
                            " is connected, but this gateway no longer knows the vendor. Its tools cannot be called."
                        </p>
                        <button type="button" class="button button--small" aria-label=format!("Disconnect {name}")
                            disabled=move || !gateway.is_alive.get()
                            on:click=move |_| asked.set(Some(disconnect.clone()))>
                            "Disconnect"
                        </button>
                    </div>
                }
            })
            .collect_view()
    }
}

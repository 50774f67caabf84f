//! Connections to vendors that are no longer in the catalogue: they stay visible, and can be deleted.

use leptos::prelude::*;

use super::{action_button::ActionButton, vendor_card::title_id, vendor_dialogs::ask_to_disconnect};
use crate::{context::use_gateway, target::Target};

/// The list; nothing if there are none.
#[component]
pub(crate) fn OrphanConnections(
    /// The slugs of the catalogue.
    known: Vec<String>,
    /// Whose connections.
    target: Signal<Target>,
) -> impl IntoView {
    let gateway = use_gateway();
    view! { {move || {
        gateway
            .connections_of(target.get())
            .into_iter()
            .filter(|connection| !known.contains(&connection.vendor))
            .map(|connection| {
                let name = connection.vendor_name;
                let (slug, named) = (connection.vendor.clone(), name.clone());
                view! {
                    <div class="notice notice--warning orphan">
                        <p id=title_id(&connection.vendor)>
                            <strong>{name.clone()}</strong>
                            " is connected, but this gateway no longer knows the vendor. Its tools cannot be called."
                        </p>
                        <ActionButton text="Disconnect" label=format!("Disconnect {name}") class="button button--small"
                            on_press=move |()| ask_to_disconnect(gateway, target, slug.clone(), named.clone())/>
                    </div>
                }.into_any()
            })
            .collect_view()
    }} }
}

//! The dialogs that the cards of vendors open: the form, and the question before a connection goes.

use gateway_api::{connections::ConnectionView, vendors::VendorView};
use leptos::prelude::*;

use super::{
    confirm_dialog::ConfirmDialog, connect_dialog::ConnectDialog, shared_list::sharers, vendor_card::title_id,
};
use crate::{
    client,
    context::{Gateway, use_gateway},
    forms::focus_soon,
    submission::Submission,
    target::Target,
};

/// Asks for the credentials of `vendor`, for `target` as it is chosen now.
pub(crate) fn open_form(gateway: Gateway, target: Signal<Target>, vendor: VendorView, is_replacement: bool) {
    let target = target.get_untracked();
    gateway.open_dialog(move || view! { <Form vendor=vendor.clone() target is_replacement/> });
}

/// Asks before the connection is deleted. Slug and name: the manifest may be gone.
pub(crate) fn ask_to_disconnect(gateway: Gateway, target: Signal<Target>, slug: String, name: String) {
    let target = target.get_untracked();
    gateway.open_dialog(move || view! { <Disconnect slug=slug.clone() name=name.clone() target/> });
}

#[component]
fn Form(vendor: VendorView, target: Target, is_replacement: bool) -> impl IntoView {
    let gateway = use_gateway();
    let heading = title_id(&vendor.slug);
    let on_connected = move |connection: ConnectionView| {
        gateway.keep_connection(connection);
        gateway.close_dialog();
        focus_soon(&heading);
    };
    let sharers = untrack(|| sharers(gateway, target));
    view! { <ConnectDialog vendor target sharers is_replacement on_connected/> }
}

#[component]
fn Disconnect(slug: String, name: String, target: Target) -> impl IntoView {
    let gateway = use_gateway();
    let submission = Submission::new();
    let disconnect = move |()| {
        let (slug, heading) = (slug.clone(), title_id(&slug));
        submission.run(client::delete_connection(target, slug.clone()), move |()| {
            gateway.drop_connection(target, &slug);
            gateway.close_dialog();
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
        <ConfirmDialog title=format!("Disconnect {name}?") consequence action="Disconnect" submission
            on_confirm=disconnect/>
    }
}

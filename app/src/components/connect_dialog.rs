//! The form of a vendor's credentials, to connect it or to replace what is stored.

use std::collections::BTreeMap;

use gateway_api::{
    connections::{ConnectionView, PutConnection},
    vendors::VendorView,
};
use leptos::{ev::SubmitEvent, prelude::*};

use super::{
    modal::{CancelButton, Modal},
    problem_notice::ProblemNotice,
    submit_button::SubmitButton,
    vendor_card::connect_title,
    vendor_field::VendorField,
};
use crate::{client, forms::FormValues, submission::Submission, target::Target};

/// Asks for the credentials and has the vendor check them. Whatever fails, what was typed stays.
#[component]
pub(crate) fn ConnectDialog(
    /// Whose form it is.
    vendor: VendorView,
    /// Who is to have it, and how they are called if that is not the person alone.
    target: Target,
    /// See `target`.
    sharers: Option<String>,
    /// There is a connection, whose credentials this replaces.
    is_replacement: bool,
    /// The vendor accepted them, and they are stored.
    #[prop(into)]
    on_connected: Callback<ConnectionView>,
) -> impl IntoView {
    let title = if is_replacement {
        format!("Replace the credentials of {}", vendor.name)
    } else {
        connect_title(&vendor.name, target.is_shared())
    };
    view! { <Modal title><CredentialForm vendor target sharers is_replacement on_connected/></Modal> }
}

#[component]
fn CredentialForm(
    vendor: VendorView,
    target: Target,
    sharers: Option<String>,
    is_replacement: bool,
    on_connected: Callback<ConnectionView>,
) -> impl IntoView {
    let submission = Submission::new();
    let names: Vec<String> = vendor.fields.iter().map(|field| field.name.clone()).collect();
    let placed = names.iter().map(|name| format!("fields.{name}")).collect();
    let slug = vendor.slug.clone();
    let submit = move |event: SubmitEvent| {
        let Some(values) = FormValues::of(&event) else { return };
        let body = PutConnection { fields: filled(&names, &values) };
        submission.run(client::put_connection(target, slug.clone(), body), move |connection| {
            on_connected.run(connection);
        });
    };
    let (problem, is_busy) = (submission.problem, submission.is_busy);
    let name = vendor.name.clone();
    let asking = format!("Asking {name}…");
    let progress = asking.clone();
    view! {
        <form class="form" method="post" aria-label="Credentials" on:submit=submit>
            <Introduction vendor=vendor.clone()/>
            {sharers.map(|sharers| view! {
                <p class="notice notice--info" dir="auto">{sharers} " can use it at once, and never sees the credentials."</p>
            }.into_any())}
            <ProblemNotice problem fields=placed refusal_title=format!("{name} refused these credentials")/>
            {vendor.fields.into_iter().enumerate().map(|(index, field)| {
                view! { <VendorField field is_first=index == 0 problem/> }
            }).collect_view()}
            <p class="hint">
                {format!("{name} is asked first. Only what it accepts is stored, encrypted, and never shown again.")}
            </p>
            <div class="progress" role="status" class:progress--on=move || is_busy.get()>
                <span class="visually-hidden">{move || is_busy.get().then(|| progress.clone())}</span>
            </div>
            <div class="modal__actions">
                <CancelButton/>
                <SubmitButton label=if is_replacement { "Replace" } else { "Connect" } busy_label=asking submission/>
            </div>
        </form>
    }
}

#[component]
fn Introduction(vendor: VendorView) -> impl IntoView {
    view! {
        <p class="modal__text">
            {vendor.summary}
            {vendor.website.map(|url| view! {
                " " <a href=url target="_blank" rel="noreferrer">{format!("{}’s site", vendor.name)}</a>
            }.into_any())}
        </p>
        {(!vendor.is_verified).then(|| view! {
            <p class="notice notice--warning">
                <span>
                    "Not everything about " {vendor.name.clone()} " could be confirmed. "
                    <a href=format!("/vendors/{}", vendor.slug) target="_blank">"What is open"</a>
                </span>
            </p>
        }.into_any())}
        {vendor.has_ip_allowlist.then(|| view! {
            <p class="notice notice--info">
                {format!("{} can restrict API access to known addresses. If it does for you, allow this gateway’s \
                          address there first.", vendor.name)}
            </p>
        }.into_any())}
    }
}

/// Empty optional fields are left out: for the API, absent and empty are not the same.
fn filled(names: &[String], values: &FormValues) -> BTreeMap<String, String> {
    names
        .iter()
        .map(|name| (name.clone(), values.text(name)))
        .filter(|(_, value)| !value.is_empty())
        .collect()
}

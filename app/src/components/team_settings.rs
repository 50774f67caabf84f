//! The team itself: another name, or the end of it.

use gateway_api::{events::Change, organizations::OrganizationSummary};
use leptos::prelude::*;

use super::{
    action_button::ActionButton,
    field::FieldSpec,
    fields_form::{FormDialog, FormSpec, name_field},
};
use crate::{
    client,
    context::use_gateway,
    forms::{FormValues, leave_for},
    submission::Submission,
};

/// For owners.
#[component]
pub(crate) fn TeamSettings() -> impl IntoView {
    let gateway = use_gateway();
    let is_personal =
        move || gateway.organization.with(|one| one.as_ref().is_some_and(|one| one.is_personal));
    let rename = move |()| {
        let Some(organization) = gateway.organization.get_untracked() else { return };
        gateway.open_dialog(move || view! { <Rename organization=organization.clone()/> });
    };
    let delete = move |()| {
        let Some(organization) = gateway.organization.get_untracked() else { return };
        gateway.open_dialog(move || view! { <Delete organization=organization.clone()/> });
    };
    view! {
        <section class="card" aria-labelledby="settings-title">
            <h2 class="card__title" id="settings-title">"This team"</h2>
            <div class="button-row">
                <ActionButton text="Rename Team" on_press=rename/>
                {move || (!is_personal()).then(|| view! {
                    <ActionButton text="Delete Team" on_press=delete/>
                })}
            </div>
            {move || (!is_personal()).then(|| view! {
                <p class="hint">"To hand the team over, make somebody an owner in the list of members."</p>
            }.into_any())}
        </section>
    }
}

#[component]
fn Rename(organization: OrganizationSummary) -> impl IntoView {
    let gateway = use_gateway();
    let submission = Submission::new();
    let rename = move |values: FormValues| {
        submission.run(client::update_organization(organization.id, values.trimmed("name")), move |()| {
            gateway.changed(Change::Organization);
            gateway.close_dialog();
        });
    };
    let fields = vec![FieldSpec { has_focus: true, ..name_field("Team name", Some(organization.name)) }];
    let spec =
        FormSpec { name: "Rename Team", fields, action: "Rename", busy: "Renaming…", is_danger: false };
    view! {
        <FormDialog title="Rename Team" text="" spec submission on_submit=rename/>
    }
}

#[component]
fn Delete(organization: OrganizationSummary) -> impl IntoView {
    let submission = Submission::new();
    let delete = move |values: FormValues| {
        submission.run(client::delete_organization(organization.id, values.trimmed("name")), |()| {
            leave_for("/settings?done=deleted");
        });
    };
    let text = "Its members, invitations, sub-teams, stored credentials and apps’ permissions go with it. This cannot be \
                undone.";
    let fields = vec![FieldSpec {
        has_focus: true,
        help: Some(format!("Type “{}” to confirm.", organization.name)),
        ..name_field("Team name", None)
    }];
    let spec =
        FormSpec { name: "Delete Team", fields, action: "Delete Team", busy: "Deleting…", is_danger: true };
    view! {
        <FormDialog title=format!("Delete {}?", organization.name) text spec submission on_submit=delete/>
    }
}

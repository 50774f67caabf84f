//! Pro by a code.

use leptos::prelude::*;

use super::{
    field::FieldSpec,
    fields_form::{FieldsForm, FormSpec},
};
use crate::{
    client,
    context::use_gateway,
    forms::{FormValues, leave_for},
    place::use_place,
    submission::Submission,
};

/// Asks for the code, and comes back to this page with all that Pro includes.
#[component]
pub(crate) fn UpgradeForm() -> impl IntoView {
    let gateway = use_gateway();
    let submission = Submission::new();
    let here = use_place().path().to_owned();
    let upgrade = move |values: FormValues| {
        let Some(organization) = gateway.organization_id() else { return };
        let there = here.clone() + "?done=upgraded";
        submission.run(client::upgrade_organization(organization, values.trimmed("code")), move |()| {
            leave_for(&there);
        });
    };
    let spec = FormSpec {
        name: "Upgrade",
        fields: vec![FieldSpec { is_required: true, ..code_field("upgrade", "code") }],
        action: "Upgrade to Pro",
        busy: "Upgrading…",
        is_danger: false,
    };
    view! { <FieldsForm spec submission on_submit=upgrade/> }
}

/// The field for what the source calls an invite code: it unlocks Pro.
pub(crate) fn code_field(form: &'static str, name: &str) -> FieldSpec {
    FieldSpec {
        form,
        name: name.to_owned(),
        label: "Invite code".to_owned(),
        input_type: "text",
        autocomplete: "off",
        max_length: Some(200),
        help: Some("Unlocks Pro. You get it from the people who run this gateway.".to_owned()),
        ..FieldSpec::default()
    }
}

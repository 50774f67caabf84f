//! "Create a Team".

use gateway_api::organizations::CreateOrganization;
use leptos::prelude::*;

use super::{
    fields_form::{FieldsForm, FormSpec, name_field},
    upgrade_form::code_field,
};
use crate::{
    client,
    forms::{FormValues, leave_for},
    submission::Submission,
};

/// Asks for its name and, perhaps, the code for Pro; then works in the new team.
#[component]
pub(crate) fn CreateTeamForm() -> impl IntoView {
    let submission = Submission::new();
    let create = move |values: FormValues| {
        let code = Some(values.trimmed("upgrade_code")).filter(|code| !code.is_empty());
        let body = CreateOrganization { name: values.trimmed("name"), upgrade_code: code };
        submission.run(client::create_organization(body), |_| leave_for("/settings?done=created"));
    };
    let spec = FormSpec {
        name: "Create a Team",
        fields: vec![name_field("Team name", None), code_field("create-team", "upgrade_code")],
        action: "Create a Team",
        busy: "Creating the team…",
        is_danger: false,
    };
    view! { <FieldsForm spec submission on_submit=create/> }
}

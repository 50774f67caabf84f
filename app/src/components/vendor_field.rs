//! A field of a vendor's credential form, from its manifest.

use gateway_api::{
    problem::Problem,
    vendors::{FieldKind, FieldView},
};
use leptos::prelude::*;

use super::field::{Field, FieldSpec};

/// The field, as the manifest describes it.
#[component]
pub(crate) fn VendorField(
    /// From the manifest.
    field: FieldView,
    /// It is the first of the form.
    is_first: bool,
    /// Why the form was refused, if it was.
    #[prop(into)]
    problem: Signal<Option<Problem>>,
) -> impl IntoView {
    view! { <Field spec=FieldSpec { has_focus: is_first, ..spec_of(field) } problem/> }
}

fn spec_of(field: FieldView) -> FieldSpec {
    let is_secret = field.kind == FieldKind::Secret;
    FieldSpec {
        form: "vendor",
        error_name: Some(format!("fields.{}", field.name)),
        name: field.name,
        label: field.label,
        input_type: match field.kind {
            FieldKind::Secret => "password",
            FieldKind::Url => "url",
            FieldKind::Text | FieldKind::Select => "text",
        },
        // "new-password" keeps browsers from offering the person's own passwords as a vendor's key.
        autocomplete: if is_secret { "new-password" } else { "off" },
        is_required: field.is_required,
        default: field.default,
        pattern: field.pattern,
        help: field.help,
        help_url: field.help_url,
        choices: field.options.into_iter().map(|option| (option.value, option.label)).collect(),
        ..FieldSpec::default()
    }
}

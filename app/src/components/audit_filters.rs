//! What the audit log is narrowed to. A plain GET form: the filters are the page's address, to be kept and sent on.

use std::collections::BTreeMap;

use gateway_api::{audit::AuditEventView, paths};
use js_sys::Date;
use leptos::{ev::SubmitEvent, prelude::*};
use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::HtmlInputElement;

use super::field::{Field, FieldSpec};
use crate::{
    forms::{FormValues, leave_for},
    place::{Place, use_place},
};

/// The names of the filters, in the form and in the address ([`gateway_api::audit::AuditFilter`]).
const NAMES: [&str; 7] = ["actor", "client", "vendor", "tool", "outcome", "since", "until"];

/// The form.
#[component]
pub(crate) fn AuditFilters(
    /// What is on the page; its values are offered while somebody types.
    rows: RwSignal<Vec<AuditEventView>>,
) -> impl IntoView {
    let place = use_place();
    let rows = rows.get_untracked();
    let days = [place.query("since"), place.query("until")];
    Effect::new(move || {
        show_day("audit-since", days[0].as_deref(), 0.0);
        show_day("audit-until", days[1].as_deref(), 1.0);
    });
    let submit = move |event: SubmitEvent| {
        if let Some(values) = FormValues::of(&event) {
            leave_for(&address(&values));
        }
    };
    // A map, as forms of credentials are: no other way of sorting is compiled.
    let of = |row_value: fn(&AuditEventView) -> Option<String>| {
        let values: BTreeMap<_, _> =
            rows.iter().filter_map(row_value).map(|value| (value, String::new())).collect();
        values.into_keys().collect::<Vec<_>>()
    };
    let specs = [
        text(&place, "actor", "Person", of(|row| Some(row.actor.clone()))),
        text(&place, "client", "Client", of(|row| row.client_name.clone())),
        text(&place, "vendor", "Vendor", of(|row| row.vendor.clone())),
        text(&place, "tool", "Tool", of(|row| row.tool.clone())),
        outcome(&place),
        day(&place, "since", "From"),
        day(&place, "until", "To"),
    ];
    let problem = Signal::stored(None);
    view! {
        <form class="card audit-filters" method="get" action="/audit" role="search" aria-label="Filters" on:submit=submit>
            {specs.map(|spec| view! { <Field spec problem/> })}
            <div class="button-row audit-filters__actions">
                <button type="submit" class="button button--primary">"Filter"</button>
                <a class="button" href="/audit">"Clear"</a>
            </div>
        </form>
    }
}

fn filter(place: &Place, name: &str, label: &str) -> FieldSpec {
    FieldSpec {
        form: "audit",
        name: name.to_owned(),
        label: label.to_owned(),
        input_type: "text",
        autocomplete: "off",
        is_plainly_optional: true,
        default: Some(place.query(name).unwrap_or_default()),
        ..FieldSpec::default()
    }
}

fn text(place: &Place, name: &str, label: &str, suggestions: Vec<String>) -> FieldSpec {
    FieldSpec { suggestions, ..filter(place, name, label) }
}

fn outcome(place: &Place) -> FieldSpec {
    let choices = [("", "Any"), ("ok", "OK"), ("error", "Error"), ("denied", "Denied")];
    let choices = choices.map(|(value, label)| (value.to_owned(), label.to_owned())).to_vec();
    FieldSpec { choices, ..filter(place, "outcome", "Outcome") }
}

/// A day. The server, which does not know the person's zone, writes the one at Greenwich.
fn day(place: &Place, name: &str, label: &str) -> FieldSpec {
    let spec = filter(place, name, label);
    let default = spec.default.as_deref().and_then(|moment| moment.get(..10)).map(str::to_owned);
    FieldSpec { input_type: "date", default, ..spec }
}

/// The page with what was filled in. Days become moments: from the beginning of the first to the end of the last, in
/// the person's zone.
fn address(values: &FormValues) -> String {
    let mut query = String::new();
    for name in NAMES {
        let value = values.trimmed(name);
        let value = match name {
            "since" => moment(&value, 0),
            "until" => moment(&value, 1),
            _ => Some(value).filter(|value| !value.is_empty()),
        };
        if let Some(value) = value {
            query.push(if query.is_empty() { '?' } else { '&' });
            query.push_str(&paths::fill("{name}={value}", &[name, &value]));
        }
    }
    format!("/audit{query}")
}

/// The beginning of `day` (`2026-11-23`), or of a later one.
fn moment(day: &str, later: i32) -> Option<String> {
    let mut parts = day.split('-').map(|part| part.parse::<i32>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let date = Date::new_with_year_month_day(u32::try_from(year).ok()?, month - 1, day + later);
    (!date.get_time().is_nan()).then(|| date.to_iso_string().into())
}

/// Puts the local day of `moment` into the field; `earlier` milliseconds before it, as the end of a day is the
/// beginning of the next.
fn show_day(id: &str, moment: Option<&str>, earlier: f64) {
    // A day without a time came from a form that was sent before this script was there; it says what it says.
    let Some(moment) = moment.filter(|moment| moment.contains('T')) else { return };
    let end = Date::new(&JsValue::from_str(moment)).get_time() - earlier;
    let date = Date::new(&JsValue::from_f64(end));
    let field = document().get_element_by_id(id).and_then(|field| field.dyn_into::<HtmlInputElement>().ok());
    if let Some(field) = field.filter(|_| !end.is_nan()) {
        field.set_value(&format!(
            "{:04}-{:02}-{:02}",
            date.get_full_year(),
            date.get_month() + 1,
            date.get_date()
        ));
    }
}

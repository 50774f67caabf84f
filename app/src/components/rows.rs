//! A list whose items stay as they are while their key stays: an open row stays open, a focused button focused.

use leptos::prelude::*;

/// One item: its key, and what draws it. One type for all lists, so that the keeping is compiled once.
pub(crate) type Row = (String, ViewFn);

/// An item called `key`, drawn by `draw`.
pub(crate) fn row<View: IntoView + 'static>(
    key: String,
    draw: impl Fn() -> View + Send + Sync + 'static,
) -> Row {
    (key, ViewFn::from(move || draw().into_any()))
}

/// The items.
#[component]
pub(crate) fn Rows(
    /// What is in the list now.
    each: Signal<Vec<Row>>,
) -> impl IntoView {
    view! { <For each=move || each.get() key=|row| row.0.clone() children=|row| row.1.run()/> }
}

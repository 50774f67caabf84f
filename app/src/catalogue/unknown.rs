//! `/vendors/{slug}` of no vendor: 404, with those that may be meant.

use gateway_api::vendors::VendorView;
use leptos::prelude::*;

use super::address;

/// The page.
#[component]
pub(super) fn Unknown(
    /// What was asked for.
    slug: String,
    /// What may be meant.
    similar: Vec<VendorView>,
) -> impl IntoView {
    view! {
        <div class="narrow card">
            <h1 class="narrow__title">"There is no such vendor"</h1>
            <p>"This gateway knows no vendor called “" <bdi>{slug}</bdi> "”."</p>
            {(!similar.is_empty()).then(|| view! {
                <p>"Did you mean one of these?"</p>
                <ul class="suggestions">
                    {similar.into_iter().map(|vendor| view! {
                        <li><a href=address(&vendor.slug)>{vendor.name}</a></li>
                    }.into_any()).collect_view()}
                </ul>
            }.into_any())}
            <div class="button-row">
                <a class="button button--primary" href="/vendors">"See all vendors"</a>
            </div>
        </div>
    }
}

//! The vendors as cards, with search and a filter by category.

use std::collections::BTreeMap;

use gateway_api::vendors::VendorView;
use leptos::prelude::*;

use super::{
    category,
    rows::{Rows, row},
    standing::Standing,
    vendor_card::VendorCard,
    vendor_dialogs::open_form,
};
use crate::{context::use_gateway, place::use_place, search::Search, target::Target};

/// All vendors that match what is searched for.
#[component]
pub(crate) fn VendorGrid(
    /// The catalogue.
    vendors: Vec<VendorView>,
    /// Whose connections the cards are about.
    target: Signal<Target>,
) -> impl IntoView {
    let (search, chosen) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let categories = categories(&vendors);
    let all = StoredValue::new(vendors);
    open_asked_for(all, target);
    let cards = Signal::derive(move || {
        let (search, chosen) = (Search::new(&search.get()), chosen.get());
        all.with_value(|all| {
            let matching = all.iter().filter(|vendor| is_match(vendor, &search, &chosen)).cloned();
            let card = |vendor: VendorView| {
                row(vendor.slug.clone(), move || view! { <VendorCard vendor=vendor.clone() target/> })
            };
            matching.map(card).collect::<Vec<_>>()
        })
    });
    view! {
            <div class="vendor-filter" role="search">
                <div class="field">
                    <label class="field__label" for="vendor-search">"Search vendors"</label>
                    <input class="input" type="search" id="vendor-search" autocomplete="off" spellcheck="false"
                        on:input:target=move |event| search.set(event.target().value())/>
                </div>
                <div class="field">
                    <label class="field__label" for="vendor-category">"Category"</label>
                    <select class="input select" id="vendor-category" autocomplete="off"
                        on:change:target=move |event| chosen.set(event.target().value())>
                        <option value="">"All"</option>
                        {categories.into_iter().map(|(title, slug)| {
    view! { <option value=slug>{title}</option> }.into_any()
                        }).collect_view()}
                    </select>
                </div>
                <p class="vendor-filter__count" role="status">{move || count(cards.with(Vec::len))}</p>
            </div>
            <ul class="vendor-grid" role="list">
                <Rows each=cards/>
            </ul>
            {move || cards.with(Vec::is_empty).then(|| view! {
                <p class="empty">"No vendor matches. Clear the search, or choose another category."</p>
            }.into_any())}
        }
}

/// Opens the form of the vendor that the address names: there a link leads that an app showed because the vendor is not
/// connected (`server/src/mcp/connect_page.rs`). Effects run in the browser only.
fn open_asked_for(all: StoredValue<Vec<VendorView>>, target: Signal<Target>) {
    let (gateway, slug) = (use_gateway(), use_place().query("connect"));
    Effect::new(move || {
        let is_asked_for = |vendor: &&VendorView| Some(&vendor.slug) == slug.as_ref();
        let vendor = all.with_value(|all| all.iter().find(is_asked_for).cloned());
        if let Some(vendor) = vendor
            && untrack(|| {
                !target.get().is_shared() && !Standing::of(gateway, target.get(), &vendor.slug).is_connected
            })
        {
            open_form(gateway, target, vendor, false);
        }
    });
}

/// The titles of the categories, and their slugs.
fn categories(vendors: &[VendorView]) -> BTreeMap<String, String> {
    let titled = |vendor: &VendorView| (category::title(&vendor.category), vendor.category.clone());
    vendors.iter().map(titled).collect()
}

fn is_match(vendor: &VendorView, search: &Search, chosen: &str) -> bool {
    (chosen.is_empty() || vendor.category == chosen)
        && search.is_in(&[&vendor.name, &vendor.slug, &vendor.summary])
}

fn count(number: usize) -> String {
    match number {
        1 => "1 vendor".to_owned(),
        number => format!("{number} vendors"),
    }
}

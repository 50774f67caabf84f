//! The vendors as cards: what is connected first, with search and a filter by category. Of the rest only the first are
//! shown until somebody searches, chooses a category, or asks for all.

use std::collections::BTreeMap;

use gateway_api::vendors::VendorView;
use leptos::prelude::*;

use super::{
    action_button::ActionButton,
    category,
    rows::{Rows, row},
    standing::Standing,
    vendor_card::{VendorCard, title_id},
    vendor_dialogs::open_form,
};
use crate::{
    context::{Gateway, use_gateway},
    forms::focus_soon,
    place::use_place,
    search::Search,
    target::Target,
};

/// So many cards are there at first, and all that are in use.
const FIRST: usize = 12;

/// All vendors that match what is searched for.
#[component]
pub(crate) fn VendorGrid(
    /// The catalogue.
    vendors: Vec<VendorView>,
    /// Whose connections the cards are about.
    target: Signal<Target>,
) -> impl IntoView {
    let gateway = use_gateway();
    let (search, chosen) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    let total = vendors.len();
    let is_whole = RwSignal::new(total <= FIRST + 1);
    let categories = categories(&vendors);
    let first_target = target.get_untracked();
    let all = StoredValue::new(in_order(gateway, first_target, vendors));
    let ordered_for = StoredValue::new(first_target);
    open_asked_for(all, target, is_whole);
    let is_folded = move || !is_whole.get() && search.with(String::is_empty) && chosen.with(String::is_empty);
    let cards = Signal::derive(move || {
        let (whose, is_folded) = (target.get(), is_folded());
        let (search, chosen) = (Search::new(&search.get()), chosen.get());
        if ordered_for.get_value() != whose {
            ordered_for.set_value(whose);
            all.update_value(|all| *all = in_order(gateway, whose, std::mem::take(all)));
        }
        let is_in_use = |vendor: &VendorView| Standing::of(gateway, whose, &vendor.slug).rank() < 2;
        let card = |vendor: &VendorView| {
            let vendor = vendor.clone();
            row(vendor.slug.clone(), move || view! { <VendorCard vendor=vendor.clone() target/> })
        };
        all.with_value(|all| {
            let shown = all.iter().enumerate().filter(|(at, vendor)| {
                (!is_folded || *at < FIRST || is_in_use(vendor)) && is_match(vendor, &search, &chosen)
            });
            shown.map(|(_, vendor)| card(vendor)).collect::<Vec<_>>()
        })
    });
    let show_all = move |()| {
        // The button goes, so the focus goes on to the first card that was not there.
        let next = cards.with_untracked(Vec::len);
        is_whole.set(true);
        if let Some((slug, _)) = cards.with_untracked(|cards| cards.get(next).cloned()) {
            focus_soon(&title_id(&slug));
        }
    };
    view! {
        <Filter categories search chosen count=Signal::derive(move || count(cards.with(Vec::len), total))/>
        <ul class="vendor-grid" role="list">
            <Rows each=cards/>
        </ul>
        {move || is_folded().then(|| view! {
            <ActionButton text="Show all vendors" on_press=show_all/>
        }.into_any())}
        {move || cards.with(Vec::is_empty).then(|| view! {
            <p class="empty">"No vendor matches. Clear the search, or choose another category."</p>
        }.into_any())}
    }
}

/// What narrows the grid, and how much is left.
#[component]
fn Filter(
    categories: BTreeMap<String, String>,
    search: RwSignal<String>,
    chosen: RwSignal<String>,
    count: Signal<String>,
) -> impl IntoView {
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
            <p class="vendor-filter__count" role="status">{move || count.get()}</p>
        </div>
    }
}

/// What is connected comes first, then what others share, then the rest; each by name. Asked when the grid is drawn or
/// turns to another target, not when a connection comes or goes: no card jumps away from who works on it.
fn in_order(gateway: Gateway, target: Target, mut vendors: Vec<VendorView>) -> Vec<VendorView> {
    untrack(|| vendors.sort_by_cached_key(|vendor| Standing::of(gateway, target, &vendor.slug).rank()));
    vendors
}

/// Opens the form of the vendor that the address names: there a link leads that an app showed because the vendor is not
/// connected (`server/src/mcp/connect_page.rs`). Effects run in the browser only.
fn open_asked_for(all: StoredValue<Vec<VendorView>>, target: Signal<Target>, is_whole: RwSignal<bool>) {
    let (gateway, slug) = (use_gateway(), use_place().query("connect"));
    Effect::new(move || {
        let is_asked_for = |vendor: &&VendorView| Some(&vendor.slug) == slug.as_ref();
        let vendor = all.with_value(|all| all.iter().find(is_asked_for).cloned());
        if let Some(vendor) = vendor
            && untrack(|| {
                !target.get().is_shared() && !Standing::of(gateway, target.get(), &vendor.slug).is_connected
            })
        {
            // Its card has the focus when the form is closed.
            is_whole.set(true);
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

fn count(number: usize, total: usize) -> String {
    match (number, total) {
        (1, 1) => "1 vendor".to_owned(),
        (number, total) if number == total => format!("{number} vendors"),
        (number, total) => format!("{number} of {total} vendors"),
    }
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn the_count_says_what_is_left_out() {
        assert_eq!(count(1, 1), "1 vendor");
        assert_eq!(count(26, 26), "26 vendors");
        assert_eq!(count(12, 26), "12 of 26 vendors");
    }
}

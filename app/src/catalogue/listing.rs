//! `/vendors`: what is supported, by category, or what a search has found.

use std::collections::BTreeMap;

use leptos::prelude::*;

use super::{Found, Search, address, count};
use crate::components::{category, tool_count, vendor_badge::VendorBadge};

/// At most this many titles of tools are named under a vendor that was found.
const NAMED_TOOLS: usize = 4;

/// The page.
#[component]
pub(super) fn Listing(
    /// What is shown.
    search: Search,
) -> impl IntoView {
    let Search { query, found, vendors, tools } = search;
    let is_search = !query.is_empty();
    let is_empty = found.is_empty();
    let result = format!("{} of {} for “{query}”", found.len(), count(vendors, "vendor"));
    let groups = by_category(found);
    let jumps = groups.iter().map(|(title, found)| (title.clone(), found.len())).collect::<Vec<_>>();
    view! {
        <div class="catalogue-head">
            <h1 class="page-title">"Vendors"</h1>
            <p class="catalogue-lead">
                {format!("What this gateway can connect to Claude: {} with {}.", count(vendors, "vendor"), count(tools, "tool"))}
            </p>
        </div>
        <form class="catalogue-search" role="search" method="get" action="/vendors">
            <div class="field">
                <label class="field__label" for="q">"Search vendors and tools"</label>
                <input class="input" type="search" id="q" name="q" value=query maxlength="100" autocomplete="off"
                    spellcheck="false"/>
            </div>
            <button class="button button--primary" type="submit">"Search"</button>
        </form>
        {if is_search {
            view! { <p class="catalogue-count">{result} " " <a href="/vendors">"Show all vendors"</a></p> }.into_any()
        } else {
            view! { <Jumps jumps/> }.into_any()
        }}
        {is_empty.then(|| view! {
            <p class="empty">"No vendor and no tool matches. Try another word, or a part of one."</p>
        }.into_any())}
        {groups.into_iter().map(|(title, found)| view! { <Category title found/> }).collect_view()}
    }
}

/// By the titles of the categories.
fn by_category(found: Vec<Found>) -> BTreeMap<String, Vec<Found>> {
    let mut groups = BTreeMap::<String, Vec<Found>>::new();
    for one in found {
        groups.entry(category::title(&one.vendor.category)).or_default().push(one);
    }
    groups
}

/// The `id` of a category's heading.
fn anchor(title: &str) -> String {
    format!("category-{}", title.to_lowercase().replace(' ', "-"))
}

#[component]
fn Jumps(jumps: Vec<(String, usize)>) -> impl IntoView {
    view! {
        <nav aria-label="Categories">
            <ul class="chips" role="list">
                {jumps.into_iter().map(|(title, number)| {
                    let href = format!("#{}", anchor(&title));
                    view! { <li><a class="chip" href=href>{title} " " <span>{number}</span></a></li> }.into_any()
                }).collect_view()}
            </ul>
        </nav>
    }
}

#[component]
fn Category(title: String, found: Vec<Found>) -> impl IntoView {
    let id = anchor(&title);
    view! {
        <section class="catalogue-section" aria-labelledby=id>
            <h2 id=id.clone()>{title}</h2>
            <ul class="vendor-grid" role="list">
                {found.into_iter().map(|found| view! { <Card found/> }).collect_view()}
            </ul>
        </section>
    }
}

#[component]
fn Card(found: Found) -> impl IntoView {
    let Found { vendor, tools } = found;
    let more = tools.len().saturating_sub(NAMED_TOOLS);
    let named = tools.into_iter().take(NAMED_TOOLS).collect::<Vec<_>>().join(", ");
    let brings = tool_count::of(&vendor);
    view! {
        <li>
            <article class="card catalogue-card">
                <div class="vendor-card__head">
                    <VendorBadge color=vendor.color initials=vendor.initials/>
                    <div class="vendor-card__names">
                        <h3><a href=address(&vendor.slug)>{vendor.name}</a></h3>
                        <p class="vendor-card__category">{brings}</p>
                    </div>
                </div>
                <p class="vendor-card__summary">{vendor.summary}</p>
                {(!named.is_empty()).then(|| view! {
                    <p class="catalogue-card__tools">
                        {named} {(more > 0).then(|| format!(" and {more} more"))}
                    </p>
                }.into_any())}
            </article>
        </li>
    }
}

//! `/vendors/{slug}`: what a vendor wants to be connected, what it allows, and what it can do.

use gateway_api::vendors::{FieldKind, FieldView, VendorDetails};
use leptos::prelude::*;

use super::tools::Tools;
use crate::components::{category, tool_count, vendor_badge::VendorBadge};

/// The page.
#[component]
pub(super) fn VendorPage(
    /// The vendor.
    details: VendorDetails,
) -> impl IntoView {
    let (slug, name) = (details.vendor.slug.clone(), details.vendor.name.clone());
    view! {
        <nav class="breadcrumb" aria-label="Breadcrumb"><a href="/vendors">"All vendors"</a></nav>
        <Head details=details.clone()/>
        <div class="columns">
            <Credentials fields=details.vendor.fields.clone()/>
            <Limits details=details.clone()/>
        </div>
        <Uncertain uncertain=details.uncertain.clone()/>
        <Tools slug name tools=details.tools/>
    }
}

#[component]
fn Head(details: VendorDetails) -> impl IntoView {
    let vendor = details.vendor;
    let brings = tool_count::of(&vendor);
    let has_links = vendor.website.is_some() || details.api_docs.is_some();
    view! {
        <div class="catalogue-head">
            <div class="vendor-card__head">
                <VendorBadge color=vendor.color initials=vendor.initials/>
                <div class="vendor-card__names">
                    <h1 class="page-title">{vendor.name.clone()}</h1>
                    <p class="vendor-card__category">
                        {category::title(&vendor.category)} " · " {brings}
                    </p>
                </div>
            </div>
            <p class="catalogue-lead">{vendor.summary}</p>
            {has_links.then(|| view! {
                <p class="catalogue-links">
                    {vendor.website.map(|url| outside(url, format!("{}’s site", vendor.name)))}
                    {details.api_docs.map(|url| outside(url, "API documentation".to_owned()))}
                </p>
            }.into_any())}
            <div class="button-row">
                <a class="button button--primary" href=format!("/settings?connect={}", vendor.slug)>
                    "Connect " {vendor.name}
                </a>
            </div>
        </div>
    }
}

/// A link to the vendor's own pages; plain text where the manifest has words instead of an address.
fn outside(url: String, text: String) -> AnyView {
    if url.starts_with("https://") || url.starts_with("http://") {
        view! { <a href=url target="_blank" rel="noreferrer">{text}</a> }.into_any()
    } else {
        view! { <span>{text} ": " {url}</span> }.into_any()
    }
}

#[component]
fn Credentials(fields: Vec<FieldView>) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="credentials">
            <h2 id="credentials">"What connecting asks for"</h2>
            <dl class="asked">
                {fields.into_iter().map(|field| view! { <Asked field/> }).collect_view()}
            </dl>
            <p class="hint">"The vendor is asked first. What it accepts is stored encrypted, and never shown again."</p>
        </section>
    }
}

#[component]
fn Asked(field: FieldView) -> impl IntoView {
    let facts = facts_of(&field);
    view! {
        <div>
            <dt>{field.label} " " <span class="hint">{facts}</span></dt>
            <dd>
                {field.help}
                {field.help_url.map(|url| view! { " " {outside(url, "Where to find it".to_owned())} }.into_any())}
            </dd>
        </div>
    }
}

/// `secret`, `one of US, EU; optional`.
fn facts_of(field: &FieldView) -> String {
    let kind = match field.kind {
        FieldKind::Text => "text".to_owned(),
        FieldKind::Secret => "secret".to_owned(),
        FieldKind::Url => "address".to_owned(),
        FieldKind::Select => {
            let labels: Vec<_> = field.options.iter().map(|option| option.label.as_str()).collect();
            format!("one of {}", labels.join(", "))
        }
    };
    if field.is_required { kind } else { format!("{kind}; optional") }
}

#[component]
fn Limits(details: VendorDetails) -> impl IntoView {
    let rate = details.rate_limit.unwrap_or_else(|| "The vendor documents none.".to_owned());
    let mut paging: Vec<&str> =
        details.tools.iter().flat_map(|tool| &tool.paging).map(String::as_str).collect();
    paging.sort_unstable();
    paging.dedup();
    let allow_list = if details.vendor.has_ip_allowlist {
        "The vendor can restrict API access to known addresses. If it does for you, allow this gateway’s address there."
    } else {
        "None that the gateway knows of."
    };
    view! {
        <section class="card" aria-labelledby="limits">
            <h2 id="limits">"Limits"</h2>
            <dl class="asked">
                <div><dt>"Rate limit"</dt><dd>{rate}</dd></div>
                <div>
                    <dt>"Paging"</dt>
                    <dd>{if details.vendor.tool_count.is_none() {
                        "As each of its tools says.".into_any()
                    } else if paging.is_empty() {
                        "Lists come whole.".into_any()
                    } else {
                        view! { "Long lists are continued with " {names(&paging)} "." }.into_any()
                    }}</dd>
                </div>
                <div><dt>"IP allow-list"</dt><dd>{allow_list}</dd></div>
            </dl>
        </section>
    }
}

/// Names as code, with commas between.
fn names(names: &[&str]) -> AnyView {
    let name = |(at, name): (usize, &&str)| {
        view! { {(at > 0).then_some(", ")} <code>{(*name).to_owned()}</code> }.into_any()
    };
    names.iter().enumerate().map(name).collect_view().into_any()
}

#[component]
fn Uncertain(uncertain: Vec<String>) -> impl IntoView {
    (!uncertain.is_empty()).then(|| {
        view! {
            <section class="notice notice--warning" aria-labelledby="uncertain">
                <h2 class="notice__title" id="uncertain">"What could not be confirmed"</h2>
                <p>
                    "This vendor’s system was not at hand, and its public documentation leaves these points open. \
                     They may work as they are, or need a correction:"
                </p>
                <ul>
                    {uncertain.into_iter().map(|one| view! { <li>{one}</li> }.into_any()).collect_view()}
                </ul>
            </section>
        }
        .into_any()
    })
}

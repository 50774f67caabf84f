//! Each page, as it is sent.

use gateway_api::vendors::{FieldKind, FieldView, ToolArgument, ToolRisk, VendorTool};

use super::*;

fn view(slug: &str, name: &str, category: &str) -> VendorView {
    VendorView {
        slug: slug.to_owned(),
        name: name.to_owned(),
        category: category.to_owned(),
        summary: "Tickets & <clients>.".to_owned(),
        website: Some("https://vendor.example".to_owned()),
        color: "#e6522c".to_owned(),
        initials: "AD".to_owned(),
        tool_count: Some(1),
        has_ip_allowlist: true,
        is_verified: false,
        fields: vec![FieldView {
            name: "api_key".to_owned(),
            label: "API key".to_owned(),
            help: Some("Admin > API.".to_owned()),
            help_url: Some("https://vendor.example/keys".to_owned()),
            kind: FieldKind::Secret,
            is_required: true,
            default: None,
            pattern: None,
            options: Vec::new(),
        }],
    }
}

fn details() -> VendorDetails {
    VendorDetails {
        vendor: view("acme", "Acme Desk", "psa"),
        api_docs: Some("in the console".to_owned()),
        rate_limit: Some("100 a minute".to_owned()),
        uncertain: vec!["Whether the key expires.".to_owned()],
        tools: vec![VendorTool {
            name: "acme__close_ticket".to_owned(),
            title: "Close ticket".to_owned(),
            description: "Close one.".to_owned(),
            risk: ToolRisk::Delete,
            is_verified: false,
            uncertain: Some("The path.".to_owned()),
            arguments: vec![ToolArgument {
                name: "state".to_owned(),
                kind: "string".to_owned(),
                is_required: true,
                description: Some("New state.".to_owned()),
                default: Some("\"done\"".to_owned()),
                choices: vec!["\"done\"".to_owned(), "\"gone\"".to_owned()],
            }],
            paging: vec!["page".to_owned()],
        }],
    }
}

fn document(page: CataloguePage) -> String {
    let assets = Assets { css: Some("/pkg/style-1.css".to_owned()), ..Assets::default() };
    // Between texts that change, Leptos puts an empty comment; here nothing ever changes.
    page.document(&assets).replace("<!>", "")
}

fn assert_has(html: &str, parts: &[&str]) {
    for part in parts {
        assert!(html.contains(part), "{part} in {html}");
    }
}

#[test]
fn nothing_runs_on_them() {
    let html = document(CataloguePage::Vendor(Box::new(details())));
    assert_has(
        &html,
        &["<link rel=\"stylesheet\" href=\"/pkg/style-1.css\">", "<title>Acme Desk · MSP MCP Gateway"],
    );
    for absent in ["<script", "style=", "bootstrap", "noscript"] {
        assert!(!html.contains(absent), "{absent} in {html}");
    }
}

#[test]
fn a_vendor_says_everything() {
    let html = document(CataloguePage::Vendor(Box::new(details())));
    assert_has(
        &html,
        &[
            "Acme Desk</h1>",
            "PSA · 1 tool",
            "Tickets &amp; &lt;clients&gt;.",
            "href=\"/settings?connect=acme\"",
            "API documentation: in the console",
            "API key <span class=\"hint\">secret</span>",
            "href=\"https://vendor.example/keys\"",
            "100 a minute",
            "<code>page</code>",
            "known addresses",
            "Whether the key expires.",
            "1 delete",
            "<code>acme__close_ticket</code>",
            "Not confirmed: The path.",
            "1 argument",
            "string, required",
            "New state. One of \"done\", \"gone\". Without it: \"done\".",
        ],
    );
}

#[test]
fn vendors_are_listed_by_category() {
    let found =
        |slug: &str, name: &str, category: &str| Found { vendor: view(slug, name, category), tools: vec![] };
    let search = Search {
        query: String::new(),
        found: vec![found("a", "Apple", "rmm"), found("b", "Berry", "psa")],
        vendors: 2,
        tools: 1,
    };
    let html = document(CataloguePage::Listing(search));
    assert_has(
        &html,
        &[
            "2 vendors with 1 tool.",
            "href=\"#category-psa\"",
            "id=\"category-rmm\"",
            "<a href=\"/vendors/a\">Apple</a>",
        ],
    );
    assert!(html.find("Berry").unwrap() < html.find("Apple").unwrap(), "PSA comes before RMM");
}

#[test]
fn a_search_says_what_it_found_and_is_text() {
    let tools = ["One", "Two", "Three", "Four", "Five"].map(str::to_owned).to_vec();
    let search = Search {
        query: "\"><b>x".to_owned(),
        found: vec![Found { vendor: view("a", "Apple", "rmm"), tools }],
        vendors: 26,
        tools: 760,
    };
    let html = document(CataloguePage::Listing(search));
    assert_has(&html, &["1 of 26 vendors for “", "One, Two, Three, Four and 1 more", "Show all vendors"]);
    assert!(!html.contains("<b>x"), "{html}");
    let nothing = Search { query: "zzz".to_owned(), found: vec![], vendors: 26, tools: 760 };
    assert_has(&document(CataloguePage::Listing(nothing)), &["No vendor and no tool matches."]);
}

#[test]
fn an_unknown_name_leads_on() {
    let page =
        CataloguePage::Unknown { slug: "<acm>".to_owned(), similar: vec![view("acme", "Acme Desk", "psa")] };
    let html = document(page);
    assert_has(
        &html,
        &["&lt;acm&gt;", "Did you mean", "<a href=\"/vendors/acme\">Acme Desk</a>", "See all vendors"],
    );
}

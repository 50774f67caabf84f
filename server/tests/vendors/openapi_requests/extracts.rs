//! Every request of the expectations, against the extract of its vendor's document in `../openapi/` (where each is from
//! stands in its README). `../contract/` proves that these requests are what the gateway sends.

use std::collections::BTreeSet;

use super::document::{Body, Document, Sent};
use crate::contract::{self, Call, Contract};
use crate::documents;

/// Vendors with an extract, and the path that stands before those of the extract.
const EXTRACTS: [(&str, &str); 17] = [
    ("atera", ""),
    ("autotask", "/ATServicesRest"),
    ("auvik", "/v1"),
    ("connectwise-automate", "/cwa"),
    ("connectwise-psa", "/v2025_1/apis/3.0"),
    ("datto-rmm", "/api"),
    ("freshdesk", "/api/v2"),
    ("halopsa", "/api"),
    ("hudu", "/api/v1"),
    ("huntress", ""),
    ("knowbe4", ""),
    ("liongard", ""),
    ("meraki", "/api/v1"),
    ("ninjaone", ""),
    ("redmine", ""),
    ("sentinelone", ""),
    ("syncro", "/api/v1"),
];

type Names = &'static [&'static str];

/// Tools whose operation the vendor's document does not have; that is said on their vendor's page, or known from others.
const NOT_IN_DOCUMENT: [(&str, Names); 3] = [
    (
        "connectwise-automate",
        &[
            "get_alert",
            "get_client",
            "get_ticket",
            "list_alerts",
            "list_client_extra_fields",
            "list_tickets",
            "run_script",
        ],
    ),
    ("freshdesk", &["find_company_by_name", "find_contact_by_name", "get_current_agent"]),
    ("liongard", &["get_device", "get_identity", "query_devices", "query_identities", "query_timeline"]),
];

/// What differs from the document on purpose: vendor, tools, the problems that each of them has, why.
const DIFFERS: [(&str, Names, Names, &str); 6] = [
    ("freshdesk", &["search_tickets"], &["query has no page"], "freshdesk-api, a public client, sends it"),
    (
        "knowbe4",
        &[
            "get_phishing_campaign",
            "get_phishing_security_test",
            "get_test_recipient",
            "list_campaign_security_tests",
            "list_phishing_security_tests",
            "list_test_recipients",
        ],
        &["query has no campaign_type"],
        "a public MCP server for this API sends it",
    ),
    (
        "knowbe4",
        &["list_training_campaigns"],
        &["query has no exclude_percentages"],
        "a public MCP server for this API sends it",
    ),
    (
        "knowbe4",
        &["get_training_enrollment", "list_training_enrollments"],
        &["query has no include_campaign_id"],
        "a public MCP server for this API sends it",
    ),
    (
        "knowbe4",
        &["list_training_enrollments"],
        &[
            "query has no campaign_id",
            "query has no exclude_archived_users",
            "query has no include_employee_number",
            "query has no include_store_purchase_id",
            "query has no store_purchase_id",
            "query has no user_id",
        ],
        "a public MCP server for this API sends them",
    ),
    (
        "liongard",
        &["list_agents"],
        &["query has no conditions"],
        "the vendor's own PowerShell module sends it",
    ),
];

/// Vendor, tool and problem of each.
fn differences() -> BTreeSet<(&'static str, &'static str, &'static str)> {
    let mut all = BTreeSet::new();
    for (slug, tools, problems, _) in DIFFERS {
        for tool in tools {
            all.extend(problems.iter().map(|problem| (slug, *tool, *problem)));
        }
    }
    all
}

fn sent(contract: &Contract, call: &Call) -> Sent {
    let exchange = &call.exchange;
    let (method, path) = exchange.request.split_once(' ').unwrap();
    let parts = exchange.parts();
    Sent {
        method: method.to_owned(),
        path: path.to_owned(),
        query: exchange.query_pairs(),
        headers: Some(contract.header_names(exchange)),
        body: exchange.body.clone().map(Body::Json).or(parts.map(Body::Parts)),
    }
}

#[test]
fn what_vendors_are_sent_is_what_their_documents_say() {
    let (contracts, meant) = (contract::all(), differences());
    let mut problems = Vec::new();
    let (mut absent, mut differing) = (BTreeSet::new(), BTreeSet::new());
    for (slug, base) in EXTRACTS {
        let document = Document::read(&format!("{slug}.json"), base);
        for contract in contracts.iter().filter(|contract| contract.slug == slug) {
            for call in &contract.calls {
                let sent = sent(contract, call);
                if !document.has(&sent) {
                    absent.insert((slug, call.tool.as_str()));
                    continue;
                }
                for problem in document.problems(&sent) {
                    let found = (slug, call.tool.as_str(), problem.as_str());
                    if let Some(known) = meant.iter().find(|known| **known == found) {
                        differing.insert(*known);
                    } else {
                        problems.push(format!("{slug} {}: {problem}", call.tool));
                    }
                }
            }
        }
    }
    assert!(problems.is_empty(), "{} differ:\n{}", problems.len(), problems.join("\n"));
    let known = NOT_IN_DOCUMENT.iter().flat_map(|(slug, tools)| tools.iter().map(|tool| (*slug, *tool)));
    assert_eq!(absent, known.collect(), "operations that are not in their documents");
    assert_eq!(differing, meant, "still differ");
}

#[test]
fn every_openapi_document_that_was_read_has_an_extract() {
    let extracts = EXTRACTS.map(|(slug, _)| slug);
    let mut missing = documents::with_openapi();
    missing.retain(|slug| !extracts.contains(&slug.as_str()));
    assert!(missing.is_empty(), "there is no extract of the documents of {missing:?}");
}

//! `/audit`.

use gateway_api::{
    Page as ListPage,
    audit::{AuditEventView, Outcome},
};

use super::*;

fn call() -> AuditEventView {
    AuditEventView {
        id: ID.parse().unwrap(),
        at: moment(),
        user_id: Some(ID.parse().unwrap()),
        actor: "Ada <b>".to_owned(),
        client_id: Some("client-1".to_owned()),
        client_name: Some("Claude Code".to_owned()),
        action: "tool.call".to_owned(),
        vendor: Some("alertmanager".to_owned()),
        tool: Some("alertmanager__get_alerts".to_owned()),
        target: None,
        outcome: Outcome::Denied,
        reason: Some("The tool is switched off.".to_owned()),
        credential_scope: Some(Scope::Organization),
        duration_ms: Some(12.4),
        request_id: Some("r-42".to_owned()),
    }
}

fn with_rows(rows: Vec<AuditEventView>, next: Option<&str>) -> Bootstrap {
    let page = ListPage { items: rows, next_cursor: next.map(str::to_owned) };
    let data = PageData { audit: Some(Ok(page)), ..PageData::default() };
    Bootstrap { data, ..on_pro(Role::Owner) }
}

#[test]
fn a_row_shows_what_happened_and_opens_to_the_rest() {
    let page = body("/audit", &with_rows(vec![call()], Some("next")));
    assert_has(
        &page,
        &[
            "Ada &lt;b&gt;",
            "Claude Code",
            "alertmanager__get_alerts",
            "Denied",
            "12 ms",
            ">Team</td>",
            "The tool is switched off.",
            "r-42",
            ">Older</button>",
        ],
    );
    assert_lacks(&body("/audit", &with_rows(vec![call()], None)), &["Older"]);
}

#[test]
fn the_filters_are_the_address_and_hold_for_the_export_too() {
    let path = "/audit?actor=Ada%20%26%20Co&outcome=denied&since=2026-11-03T23:00:00Z";
    let page = body(path, &with_rows(vec![call()], None));
    assert_has(&page, &["value=\"Ada &amp; Co\"", "value=\"denied\" selected", "value=\"2026-11-03\""]);
    let export =
        format!("/api/organizations/{ID}/audit.csv?actor=Ada%20%26%20Co&amp;outcome=denied&amp;since=");
    assert_has(&page, &[&export]);
}

#[test]
fn nothing_to_show_is_said_as_it_is() {
    assert_has(&body("/audit", &with_rows(Vec::new(), None)), &["Nothing has happened yet."]);
    assert_has(&body("/audit?tool=x", &with_rows(Vec::new(), None)), &["Nothing matches these filters."]);
    assert_has(&body("/audit?tool=", &with_rows(Vec::new(), None)), &["Nothing has happened yet."]);
    let mut failed = on_pro(Role::Owner);
    assert_has(&body("/audit", &failed), &["Loading…"]);
    failed.data.audit = Some(Err(problem(422, "invalid", "The filter is wrong.")));
    let page = body("/audit", &failed);
    assert_has(&page, &["The filter is wrong.", "Try again"]);
    assert_lacks(&page, &["Nothing has happened"]);
}

#[test]
fn who_may_not_read_it_is_told_why() {
    let page = body("/audit", &on_pro(Role::Member));
    assert_has(&page, &["Only the owners of the team can read its audit log."]);
    assert_lacks(&page, &["Export CSV"]);
    let page = body("/audit", &somebody());
    assert_has(&page, &["The audit log needs Pro.", "Upgrade to Pro"]);
    assert_lacks(&page, &["Export CSV", "Filter</button>"]);
}

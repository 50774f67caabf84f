//! The audit log, as owners read it: by filters, page by page, as a file; and how it gets shorter again.

use std::{collections::HashSet, time::Duration};

use gateway_api::{
    Page,
    audit::AuditEventView,
    ids::{OrganizationId, UserId},
    me::Me,
    organizations::Role,
    plans::Plan,
};
use gateway_server::jobs;
use gateway_store::{
    audit::{self as rows, AuditRow},
    members, organizations,
    organizations::Membership,
};
use reqwest::{StatusCode, header};
use serde_json::Value;

use crate::gateway::{Browser, Gateway, problem};

/// An owner on the plan Pro, whose log holds only what a test writes.
struct Log {
    gateway: Gateway,
    owner: Browser,
    user: UserId,
    organization: OrganizationId,
}

impl Log {
    async fn new() -> Self {
        Self::with(&[]).await
    }

    async fn with(options: &[&str]) -> Self {
        let gateway = Gateway::start_with(options).await;
        let owner = gateway.member("ada@msp.example").await;
        let me: Me = owner.get_json("/api/me").await;
        let mut transaction = gateway.state.database.write().await.unwrap();
        organizations::set_plan(&mut transaction, me.organization_id, Plan::Pro).await.unwrap();
        transaction.commit().await.unwrap();
        // What signing in wrote is older than everything else.
        gateway.clock.advance(Duration::from_secs(60));
        Self { gateway, owner, user: me.user.id, organization: me.organization_id }
    }

    /// A row of this moment.
    fn row(&self) -> AuditRow {
        AuditRow {
            id: self.gateway.clock.new_uuid().to_string(),
            at: self.gateway.clock.now(),
            organization_id: Some(self.organization.to_string()),
            user_id: Some(self.user.to_string()),
            actor: "Ada Lovelace".to_owned(),
            client_id: Some("0199c1c4-7a5e-7000-8000-0000000000c1".to_owned()),
            client_name: Some("Claude".to_owned()),
            action: "tool.call".to_owned(),
            vendor: Some("demo".to_owned()),
            tool: Some("demo__get_summary".to_owned()),
            target: None,
            outcome: "ok".to_owned(),
            reason: None,
            credential_scope: Some("personal".to_owned()),
            duration_us: Some(1_234),
            request_id: None,
        }
    }

    async fn write(&self, rows: Vec<AuditRow>) {
        let mut transaction = self.gateway.state.database.write().await.unwrap();
        rows::insert(&mut transaction, rows).await.unwrap();
        transaction.commit().await.unwrap();
    }

    /// Rows that differ in `change`, in the order of time.
    async fn write_each(&self, count: usize, change: impl Fn(usize, &mut AuditRow)) -> Vec<String> {
        let mut rows: Vec<_> = (0..count).map(|_| self.row()).collect();
        rows.iter_mut().enumerate().for_each(|(index, row)| change(index, row));
        let ids = rows.iter().map(|row| row.id.clone()).collect();
        self.write(rows).await;
        ids
    }

    fn path(&self, query: &str) -> String {
        format!("/api/organizations/{}/audit?{query}", self.organization)
    }

    fn csv_path(&self, query: &str) -> String {
        format!("/api/organizations/{}/audit.csv?{query}", self.organization)
    }

    async fn page(&self, query: &str) -> Page<AuditEventView> {
        self.owner.get_json(&self.path(query)).await
    }

    async fn ids(&self, query: &str) -> Vec<String> {
        self.page(query).await.items.iter().map(|item| item.id.to_string()).collect()
    }

    /// The lines of the file, without its head.
    async fn csv(&self, query: &str) -> Vec<Vec<String>> {
        let answer = self.owner.get(&self.csv_path(query)).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let text = answer.text().await.unwrap();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
    }
}

#[tokio::test]
async fn every_filter_finds_its_rows() {
    let log = Log::new().await;
    let other_client = "https://claude.ai/oauth/client.json";
    let ids = log
        .write_each(7, |index, row| match index {
            0 => row.user_id = Some("0199c1c4-7a5e-7000-8000-0000000000a1".to_owned()),
            1 => row.actor = "Bob, \"the builder\"".to_owned(),
            2 => row.client_id = Some(other_client.to_owned()),
            3 => row.client_name = Some("Claude Code".to_owned()),
            4 => row.vendor = Some("itglue".to_owned()),
            5 => row.tool = Some("demo__nothing".to_owned()),
            _ => row.outcome = "denied".to_owned(),
        })
        .await;
    let only = |query: &'static str, index: usize| (query.to_owned(), vec![ids[index].clone()]);
    let but = |query: String, index: usize| {
        let others = ids.iter().enumerate().rev().filter(|(other, _)| *other != index);
        (query, others.map(|(_, id)| id.clone()).collect::<Vec<_>>())
    };
    for (query, expected) in [
        only("actor=0199c1c4-7a5e-7000-8000-0000000000a1", 0),
        only("actor=Bob%2C+%22the+builder%22", 1),
        only("client=https%3A%2F%2Fclaude.ai%2Foauth%2Fclient.json", 2),
        only("client=Claude+Code", 3),
        only("vendor=itglue", 4),
        only("tool=demo__nothing", 5),
        only("outcome=denied", 6),
        only("outcome=denied&vendor=demo&actor=Ada+Lovelace&client=Claude&tool=demo__get_summary", 6),
        but("client=0199c1c4-7a5e-7000-8000-0000000000c1".to_owned(), 2),
        but("vendor=demo".to_owned(), 4),
        ("actor=ada+lovelace".to_owned(), Vec::new()),
        ("outcome=error".to_owned(), Vec::new()),
        ("vendor=itglue&outcome=denied".to_owned(), Vec::new()),
        ("vendor=%27+OR+1%3D1+--".to_owned(), Vec::new()),
    ] {
        assert_eq!(log.ids(&query).await, expected, "{query}");
    }
    let ok = log.ids("outcome=ok&tool=demo__nothing").await;
    assert_eq!(ok, [ids[5].clone()]);
}

#[tokio::test]
async fn since_and_until_are_exact() {
    let log = Log::new().await;
    let mut ids = Vec::new();
    // 12:01:00.000000, .000500 in the same millisecond, and .001000 in the next.
    for _ in 0..3 {
        ids.extend(log.write_each(1, |_, _| {}).await);
        log.gateway.clock.advance(Duration::from_micros(500));
    }
    let newest_first = |range: std::ops::Range<usize>| ids[range].iter().rev().cloned().collect::<Vec<_>>();
    for (query, expected) in [
        ("since=2026-11-23T12:01:00Z", newest_first(0..3)),
        ("since=2026-11-23T12:01:00.0005Z", newest_first(1..3)),
        ("since=2026-11-23T13:01:00.001%2B01:00", newest_first(2..3)),
        ("since=2026-11-23T12:01:00Z&until=2026-11-23T12:01:00.0005Z", newest_first(0..1)),
        ("since=2026-11-23T12:01:00Z&until=2026-11-23T12:01:00.001Z", newest_first(0..2)),
        ("since=2026-11-24", Vec::new()),
        ("until=2026-11-23", Vec::new()),
    ] {
        assert_eq!(log.ids(query).await, expected, "{query}");
    }
    assert!(log.ids("until=2026-11-24").await.len() > 3, "with what signing in wrote");
}

#[tokio::test]
async fn pages_follow_each_other_without_gap_or_overlap() {
    let log = Log::new().await;
    let mut ids = log.write_each(10, |_, _| {}).await;
    ids.reverse();
    let (mut seen, mut cursor, mut sizes) = (Vec::new(), String::new(), Vec::new());
    loop {
        let page = log.page(&format!("tool=demo__get_summary&limit=3&cursor={cursor}")).await;
        sizes.push(page.items.len());
        seen.extend(page.items.iter().map(|item| item.id.to_string()));
        // What happens meanwhile does not shift what is still to come.
        log.write_each(1, |_, _| {}).await;
        let Some(next) = page.next_cursor else { break };
        cursor = next;
    }
    assert_eq!((seen, sizes), (ids, vec![3, 3, 3, 1]));
    let all = log.page("tool=demo__get_summary&limit=14").await;
    assert_eq!((all.items.len(), all.next_cursor), (14, None), "a full last page has no next one");
}

#[tokio::test]
async fn a_row_is_told_completely() {
    let log = Log::new().await;
    log.write_each(1, |_, row| {
        row.outcome = "error".to_owned();
        row.reason = Some("vendor_error (HTTP 500)".to_owned());
        row.target = Some("Customer A".to_owned());
        row.request_id = Some("0199".to_owned());
    })
    .await;
    let page: Value = log.owner.get_json(&log.path("outcome=error")).await;
    insta::assert_json_snapshot!(page, { ".items[].id" => "[id]", ".items[].user_id" => "[user]" }, @r#"
    {
      "items": [
        {
          "id": "[id]",
          "at": "2026-11-23T12:01:00Z",
          "user_id": "[user]",
          "actor": "Ada Lovelace",
          "client_id": "0199c1c4-7a5e-7000-8000-0000000000c1",
          "client_name": "Claude",
          "action": "tool.call",
          "vendor": "demo",
          "tool": "demo__get_summary",
          "target": "Customer A",
          "outcome": "error",
          "reason": "vendor_error (HTTP 500)",
          "credential_scope": "personal",
          "duration_ms": 1.234,
          "request_id": "0199"
        }
      ]
    }
    "#);
}

#[tokio::test]
async fn the_file_holds_what_the_pages_hold() {
    let log = Log::new().await;
    log.write_each(5, |index, row| row.outcome = if index % 2 == 0 { "ok" } else { "denied" }.to_owned())
        .await;
    for query in ["", "outcome=denied"] {
        let ids = log.ids(query).await;
        let lines = log.csv(&format!("{query}&limit=1&cursor=")).await;
        assert_eq!(lines.iter().map(|line| line[0].clone()).collect::<Vec<_>>(), ids, "{query}");
    }
    let answer = log.owner.get(&log.csv_path("outcome=denied")).await;
    let header = |name| answer.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header(header::CONTENT_TYPE), "text/csv; charset=utf-8");
    let disposition = header(header::CONTENT_DISPOSITION);
    assert!(disposition.starts_with("attachment; filename=\"audit-"), "{disposition}");
    assert!(disposition.ends_with("-2026-11-23.csv\""), "{disposition}");
    let exports = log.gateway.audit(&log.owner).await;
    let exports = exports.iter().filter(|row| row.action == "audit.export" && row.actor == "Ada Lovelace");
    assert_eq!(exports.count(), 3, "that it was exported is on record");
}

#[tokio::test]
async fn no_cell_is_a_formula() {
    let log = Log::new().await;
    let evil = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "a \"b\", c\nd", "Łukasz 🛠"];
    log.write_each(evil.len(), |index, row| row.actor = evil[index].to_owned()).await;
    let actors: Vec<_> =
        log.csv("tool=demo__get_summary").await.into_iter().map(|line| line[4].clone()).rev().collect();
    assert_eq!(actors, ["'=1+1", "'+1", "'-1", "'@SUM(A1)", "'\t=1", "'\r=1", "a \"b\", c\nd", "Łukasz 🛠"]);
}

#[tokio::test]
async fn a_long_file_comes_whole() {
    let log = Log::new().await;
    let ids: HashSet<_> = log.write_each(10_000, |_, _| {}).await.into_iter().collect();
    let lines = log.csv("vendor=demo").await;
    assert_eq!(lines.len(), 10_000);
    assert_eq!(lines.into_iter().map(|line| line[0].clone()).collect::<HashSet<_>>(), ids);
}

#[tokio::test]
async fn a_file_that_breaks_off_is_no_short_file() {
    let log = Log::new().await;
    // Behind the second page it is not known where to go on.
    log.write_each(3_000, |index, row| {
        if index == 1_000 {
            row.id.replace_range(30.., "-broken");
        }
    })
    .await;
    let answer = log.owner.get(&log.csv_path("vendor=demo")).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert!(answer.bytes().await.is_err(), "the end of the body is missing");
}

#[tokio::test]
async fn who_may_read_it() {
    let log = Log::new().await;
    let stranger = log.gateway.member("eve@msp.example").await;
    let colleague = log.gateway.member("bob@msp.example").await;
    let me: Me = colleague.get_json("/api/me").await;
    let mut transaction = log.gateway.state.database.write().await.unwrap();
    let membership = Membership {
        organization_id: log.organization,
        user_id: me.user.id,
        role: Role::Member,
        joined_at: log.gateway.clock.now(),
    };
    members::insert(&mut transaction, &membership).await.unwrap();
    transaction.commit().await.unwrap();

    for path in [log.path(""), log.csv_path("")] {
        let refused = |browser: Browser| {
            let path = path.clone();
            async move {
                let (status, code, _) = problem(browser.get(&path).await).await;
                (status, code)
            }
        };
        assert_eq!(refused(log.gateway.browser()).await, (401, "not_signed_in".to_owned()));
        assert_eq!(refused(stranger.clone()).await, (404, "not_found".to_owned()));
        assert_eq!(refused(colleague.clone()).await, (403, "forbidden".to_owned()));
        let unknown = path.replace(&log.organization.to_string(), "not-an-id");
        assert_eq!(log.owner.get(&unknown).await.status(), StatusCode::NOT_FOUND);
        assert_eq!(log.owner.get(&path).await.status(), StatusCode::OK);
    }

    let mut transaction = log.gateway.state.database.write().await.unwrap();
    organizations::set_plan(&mut transaction, log.organization, Plan::Free).await.unwrap();
    transaction.commit().await.unwrap();
    for path in [log.path(""), log.csv_path("")] {
        let (status, code, body) = problem(log.owner.get(&path).await).await;
        assert_eq!((status, code.as_str()), (403, "plan_required"));
        assert!(body["detail"].as_str().unwrap().contains("Pro"), "{body}");
    }
}

#[tokio::test]
async fn an_organization_sees_its_own_rows_only() {
    let log = Log::new().await;
    let other = log.gateway.member("eve@msp.example").await;
    let me: Me = other.get_json("/api/me").await;
    log.write_each(2, |index, row| {
        row.organization_id = (index == 0).then(|| me.organization_id.to_string());
    })
    .await;
    assert!(log.ids("tool=demo__get_summary").await.is_empty());
    assert!(log.csv("tool=demo__get_summary").await.is_empty());
}

#[tokio::test]
async fn wrong_filters_are_named() {
    let log = Log::new().await;
    for (query, fields) in [
        ("outcome=good", vec!["outcome"]),
        ("since=yesterday&until=2026-02-30", vec!["since", "until"]),
        ("limit=0", vec!["limit"]),
        ("limit=201", vec!["limit"]),
        ("limit=x", vec!["limit"]),
        ("cursor=eHh4", vec!["cursor"]),
    ] {
        for path in [log.path(query), log.csv_path(query)] {
            let (status, code, body) = problem(log.owner.get(&path).await).await;
            assert_eq!((status, code.as_str()), (422, "validation_failed"), "{path}");
            let named: Vec<_> =
                body["errors"].as_array().unwrap().iter().map(|error| &error["field"]).collect();
            assert_eq!(named, fields, "{path}");
        }
    }
    assert_eq!(log.owner.get(&log.path("actor=&client=&since=&limit=&x=1")).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_page_is_rendered_with_its_rows() {
    let log = Log::new().await;
    let ids = log.write_each(2, |index, row| row.vendor = Some(["demo", "itglue"][index].to_owned())).await;
    let html = log.owner.get("/audit?vendor=itglue").await.text().await.unwrap();
    assert!(html.contains(&ids[1]) && !html.contains(&ids[0]), "{html}");
}

#[tokio::test]
async fn rows_go_when_they_are_old_enough() {
    let log = Log::with(&["--audit-retention", "30d"]).await;
    log.write_each(501, |_, _| {}).await;
    log.gateway.clock.advance(Duration::from_secs(29 * 24 * 3600));
    let young = log.write_each(1, |_, _| {}).await;
    assert_eq!(jobs::prune_audit(&log.gateway.state).await.unwrap(), 0, "nothing is old enough");
    log.gateway.clock.advance(Duration::from_secs(24 * 3600 + 1));
    let deleted = jobs::prune_audit(&log.gateway.state).await.unwrap();
    assert!(deleted > 501, "{deleted}: also what signing in wrote");
    let mut connection = log.gateway.state.database.read().await.unwrap();
    let left = rows::list(&mut connection, log.organization, 1000).await.unwrap();
    assert_eq!(left.into_iter().map(|row| row.id).collect::<Vec<_>>(), young);
}

#[tokio::test]
async fn rows_can_be_kept_for_good() {
    let log = Log::with(&["--audit-retention", "forever"]).await;
    log.write_each(1, |_, _| {}).await;
    log.gateway.clock.advance(Duration::from_secs(20 * 365 * 24 * 3600));
    assert_eq!(jobs::prune_audit(&log.gateway.state).await.unwrap(), 0);
}

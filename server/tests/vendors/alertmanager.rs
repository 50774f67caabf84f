//! Every Alertmanager tool against a real one (Debian package `prometheus-alertmanager`), behind basic authentication.

use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use gateway_server::vendors::{CallError, Catalog, Verdict};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::rig::{Rig, loopback};

const BINARY: &str = "/usr/bin/prometheus-alertmanager";
pub(crate) const USER: &str = "gateway";
pub(crate) const PASSWORD: &str = "gateway-test-password";

/// bcrypt of the password, at the lowest cost.
const PASSWORD_HASH: &str = "$2y$04$abcdefghijklmnopqrstuuQACIWmWaOK5f6GAnikXVLbIuTv.EL7m";

/// How long it may take to start.
const START: Duration = Duration::from_secs(20);

/// A running Alertmanager in its own folder; killed when dropped.
pub(crate) struct Alertmanager {
    pub(crate) url: String,
    process: Child,
    _folder: TempDir,
}

impl Alertmanager {
    pub(crate) async fn start() -> Self {
        assert!(Path::new(BINARY).exists(), "{BINARY} is missing: apt-get install prometheus-alertmanager");
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.display().to_string()
        };
        let config = file("am.yml", "route: {receiver: none}\nreceivers: [{name: none}]\n");
        let web = file("web.yml", &format!("basic_auth_users: {{{USER}: '{PASSWORD_HASH}'}}\n"));
        let port = free_port();
        let process = Command::new(BINARY)
            .args([format!("--config.file={config}"), format!("--web.config.file={web}")])
            .arg(format!("--storage.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .arg("--cluster.listen-address=")
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(folder.path().join("log")).unwrap())
            .spawn()
            .unwrap();
        let running = Self { url: format!("http://127.0.0.1:{port}"), process, _folder: folder };
        running.wait_until_ready(port).await;
        running
    }

    /// There is no event to wait for but the port itself.
    async fn wait_until_ready(&self, port: u16) {
        let answers = async {
            while tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(START, answers).await.expect("Alertmanager does not listen");
    }

    fn rig(&self, password: &str) -> Rig {
        let (catalog, _) = Catalog::load(None, None);
        let form = [("base_url", self.url.as_str()), ("username", USER), ("password", password)];
        Rig::new(&catalog, "alertmanager", loopback(), &form)
    }
}

impl Drop for Alertmanager {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

fn names(alerts: &Value) -> Vec<&str> {
    alerts.as_array().unwrap().iter().map(|alert| alert["labels"]["alertname"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_wrong_password_is_refused() {
    let alertmanager = Alertmanager::start().await;
    let refused = alertmanager.rig("wrong").validate().await.unwrap_err();
    assert_eq!(refused, CallError::Unauthorized { status: 401, message: Some("Unauthorized".into()) });
    assert_eq!(refused.verdict(), Verdict::BadCredential);
    let accepted = alertmanager.rig(PASSWORD).validate().await.unwrap();
    assert_eq!(accepted.account, None, "Alertmanager has no accounts");
    let nobody = Rig::new(
        &Catalog::load(None, None).0,
        "alertmanager",
        loopback(),
        &[("base_url", &alertmanager.url)],
    );
    assert_eq!(nobody.validate().await.unwrap_err().status(), Some(401));
}

#[tokio::test]
async fn every_tool() {
    let alertmanager = Alertmanager::start().await;
    let rig = alertmanager.rig(PASSWORD);
    reads_and_sends_alerts(&rig).await;
    silences(&rig).await;
    refusals(&rig).await;
    rig.assert_all_exercised([
        "get_status",
        "list_receivers",
        "list_alerts",
        "list_firing_alerts",
        "list_alert_groups",
        "send_alert",
        "list_silences",
        "get_silence",
        "create_silence",
        "silence_alert",
        "update_silence",
        "expire_silence",
    ]);
}

async fn reads_and_sends_alerts(rig: &Rig) {
    assert_eq!(rig.json("get_status", json!({})).await["cluster"]["status"], "disabled");
    assert_eq!(rig.json("list_receivers", json!({})).await, json!([{"name": "none"}]));
    let disk = json!({"labels": {"alertname": "DiskFull", "severity": "critical", "host": "a b&c"}, "annotations": {"summary": "97 %"}});
    let sent = rig.call("send_alert", disk).await.unwrap();
    assert_eq!(sent.text, "Done (HTTP 200 OK, no content).");
    rig.call("send_alert", json!({"labels": {"alertname": "Load", "severity": "warning"}, "generator_url": "http://example.com/x"})).await.unwrap();

    let all = rig.json("list_alerts", json!({})).await;
    assert_eq!(names(&all).len(), 2);
    let critical = rig
        .json(
            "list_alerts",
            json!({"filter": ["severity=\"critical\"", "host=\"a b&c\""], "receiver": "no.*"}),
        )
        .await;
    assert_eq!(
        (names(&critical), &critical[0]["annotations"]["summary"]),
        (vec!["DiskFull"], &json!("97 %"))
    );
    assert_eq!(rig.json("list_alerts", json!({"active": false})).await, json!([]));
    let groups = rig.json("list_alert_groups", json!({"filter": ["alertname=\"Load\""]})).await;
    assert_eq!(groups[0]["alerts"].as_array().unwrap().len(), 1);
}

async fn silences(rig: &Rig) {
    let times = json!({"starts_at": "2026-01-01T00:00:00Z", "ends_at": "2099-01-01T00:00:00Z", "created_by": "test", "comment": "known"});
    let with = |more: Value| {
        let mut arguments = times.as_object().unwrap().clone();
        arguments.extend(more.as_object().unwrap().clone());
        Value::Object(arguments)
    };
    let by_name = rig.json("silence_alert", with(json!({"alert_name": "DiskFull"}))).await;
    assert!(by_name["silenceID"].is_string());
    let firing = rig.json("list_firing_alerts", json!({})).await;
    assert_eq!(names(&firing), ["Load"]);

    let matcher = json!([{"name": "alertname", "value": "Lo.*", "isRegex": true, "isEqual": true}]);
    let created = rig.json("create_silence", with(json!({"matchers": matcher}))).await;
    let id = created["silenceID"].as_str().unwrap().to_owned();
    assert_eq!(rig.json("list_firing_alerts", json!({"filter": ["severity=\"warning\""]})).await, json!([]));
    assert_eq!(rig.json("get_silence", json!({"silence_id": id})).await["comment"], "known");
    let updated = rig
        .json(
            "update_silence",
            with(json!({"silence_id": id, "matchers": matcher, "comment": "still known"})),
        )
        .await;
    let id = updated["silenceID"].as_str().unwrap().to_owned();
    let listed = rig.json("list_silences", json!({"filter": ["alertname=~\"Lo.*\""]})).await;
    let active: Vec<_> =
        listed.as_array().unwrap().iter().filter(|silence| silence["status"]["state"] == "active").collect();
    assert_eq!((active.len(), &active[0]["comment"]), (1, &json!("still known")));

    rig.call("expire_silence", json!({"silence_id": id})).await.unwrap();
    assert_eq!(rig.json("get_silence", json!({"silence_id": id})).await["status"]["state"], "expired");
    assert_eq!(names(&rig.json("list_firing_alerts", json!({})).await), ["Load"]);
}

async fn refusals(rig: &Rig) {
    let bad = rig.call("list_alerts", json!({"filter": ["no matcher at all"]})).await.unwrap_err();
    assert!(
        matches!(&bad, CallError::Rejected { status: 400, message: Some(text) } if text.contains("bad matcher")),
        "{bad}"
    );
    let missing = rig
        .call("get_silence", json!({"silence_id": "00000000-0000-4000-8000-000000000000"}))
        .await
        .unwrap_err();
    assert!(matches!(missing, CallError::NotFound { status: 404, .. }), "{missing}");
    for wrong in [json!({"silence_id": "../alerts"}), json!({"silence_id": 7}), json!({})] {
        let refused = rig.call("get_silence", wrong.clone()).await;
        assert!(matches!(refused, Err(CallError::Arguments(_))), "{wrong}: {refused:?}");
    }
}

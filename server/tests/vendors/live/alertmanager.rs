//! A real Alertmanager (Debian package `prometheus-alertmanager`), behind basic authentication.

use gateway_server::vendors::{CallError, Catalog, Verdict};
use serde_json::json;
use tokio::sync::OnceCell;

use super::Table;
use super::program::{Program, binary};
use crate::rig::{Rig, loopback};

pub(crate) const USER: &str = "gateway";
pub(crate) const PASSWORD: &str = "gateway-test-password";

/// bcrypt of the password, at the lowest cost.
const PASSWORD_HASH: &str = "$2y$04$abcdefghijklmnopqrstuuQACIWmWaOK5f6GAnikXVLbIuTv.EL7m";

/// Two receivers, and a rule by which one alert silences another.
const CONFIGURATION: &str = r#"
route: {receiver: none, group_by: [alertname], routes: [{receiver: night, matchers: ['shift="night"']}]}
receivers: [{name: none}, {name: night}]
inhibit_rules: [{source_matchers: ['alertname="SiteDown"'], target_matchers: ['severity="warning"'], equal: [site]}]
"#;

/// One for all tests of a process; it stops with the process.
static ALERTMANAGER: OnceCell<Program> = OnceCell::const_new();

async fn running() -> &'static Program {
    ALERTMANAGER.get_or_init(start).await
}

/// One of the caller's own.
pub(crate) async fn start() -> Program {
    let alertmanager = binary("ALERTMANAGER", "/usr/bin/prometheus-alertmanager", "prometheus-alertmanager");
    let mut program = Program::prepare("alertmanager");
    let configuration = program.write("am.yml", CONFIGURATION);
    let web = program.write("web.yml", &format!("basic_auth_users: {{{USER}: '{PASSWORD_HASH}'}}\n"));
    let words = [
        format!("--config.file={configuration}"),
        format!("--web.config.file={web}"),
        format!("--storage.path={}", program.path("data")),
        format!("--web.listen-address=127.0.0.1:{}", program.choose_port()),
        "--cluster.listen-address=".to_owned(),
    ];
    program.start(&alertmanager, &words).await;
    program
}

/// A client of this Alertmanager, with some of the fields of the form.
fn rig(program: &Program, account: &[(&str, &str)]) -> Rig {
    let url = format!("http://127.0.0.1:{}", program.port);
    let form: Vec<_> = [("base_url", url.as_str())].into_iter().chain(account.iter().copied()).collect();
    Rig::new(&Catalog::load(None, None).0, "alertmanager", loopback(), &form)
}

#[tokio::test]
async fn who_is_accepted() {
    let program = running().await;
    let accepted = rig(program, &[("username", USER), ("password", PASSWORD)]).validate().await.unwrap();
    assert_eq!(accepted.account, None, "Alertmanager has no accounts");
    let refused = rig(program, &[("username", USER), ("password", "wrong")]).validate().await.unwrap_err();
    assert_eq!(refused, CallError::Unauthorized { status: 401, message: Some("Unauthorized".into()) });
    assert_eq!(refused.verdict(), Verdict::BadCredential);
    assert_eq!(rig(program, &[]).validate().await.unwrap_err().status(), Some(401));
}

#[tokio::test]
async fn every_tool() {
    let program = running().await;
    let mut table = Table::read("alertmanager.toml");
    let accepted = rig(program, &[("username", USER), ("password", PASSWORD)]);
    table.run(&accepted).await;
    for account in [&[("username", USER), ("password", "wrong")][..], &[]] {
        let is_right = |error: &CallError| matches!(error, CallError::Unauthorized { status: 401, .. });
        table.refused(&rig(program, account), |_| true, is_right).await;
    }
    for wrong in [json!({"silence_id": "../alerts"}), json!({"silence_id": 7}), json!({})] {
        let refused = accepted.call("get_silence", wrong.clone()).await;
        assert!(matches!(refused, Err(CallError::Arguments(_))), "{wrong}: {refused:?}");
    }
}

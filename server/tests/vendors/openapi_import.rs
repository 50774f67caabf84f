//! `vendors import-openapi` with three documents of others (`openapi/README.md`); one draft is used for real.

use std::path::Path;

use gateway_server::vendors::{
    CallError, Catalog, Draft, Risk, Vendor, examine_file, import_openapi, read_document,
};
use serde_json::json;

use crate::live::alertmanager::{self, PASSWORD, USER};
use crate::rig::{Rig, loopback};

fn draft(file: &str, slug: &str, include: &[&str]) -> Draft {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vendors/openapi").join(file);
    let include: Vec<_> = include.iter().map(|name| (*name).to_owned()).collect();
    import_openapi(&read_document(&file).unwrap(), slug, &include).unwrap()
}

/// The vendor of a draft as it is; `vendors check` finds nothing wrong, and a warning for everything that is open.
fn load(draft: &Draft, slug: &str) -> std::sync::Arc<Vendor> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(format!("{slug}.toml"));
    draft.save(slug, &file, false).unwrap();
    let findings = examine_file(&file).unwrap();
    assert_eq!(findings.problems, []);
    let open =
        findings.warnings.iter().filter(|warning| warning.message.starts_with("not decided yet")).count();
    assert_eq!(open, draft.decisions);
    let (catalog, problems) = Catalog::load(Some(dir.path()), None);
    assert!(problems.is_empty(), "{problems:#?}");
    std::sync::Arc::clone(catalog.vendor(slug).unwrap())
}

fn tools(vendor: &Vendor) -> Vec<(&str, Risk)> {
    vendor.tools.iter().map(|tool| (tool.name.as_str(), tool.risk)).collect()
}

/// Swagger 2.0, YAML: only what `# decide:` asks for is edited, then a real Alertmanager is called.
#[tokio::test]
async fn alertmanager_from_its_document() {
    let draft = draft("alertmanager.yaml", "am", &[]);
    let vendor = load(&draft, "am");
    assert_eq!(
        tools(&vendor),
        [
            ("delete_silence", Risk::Delete),
            ("get_silence", Risk::Read),
            ("get_status", Risk::Read),
            ("list_alert_groups", Risk::Read),
            ("list_alerts", Risk::Read),
            ("list_receivers", Risk::Read),
            ("list_silences", Risk::Read),
            ("post_alerts", Risk::Write),
            ("post_silences", Risk::Write),
        ]
    );
    let sign_in = "# decide: how requests are signed: the document does not say it ([[fields]] for the credential, and [auth])";
    let fields = "[[fields]]\nname = \"username\"\nlabel = \"User name\"\nkind = \"text\"\n\n[[fields]]\nname = \"password\"\nlabel = \"Password\"\nkind = \"secret\"\n\n[auth]\nbasic = { username = \"{username}\", password = \"{password}\" }";
    let mut text = draft.text.clone();
    for (from, to) in [("template = \"{address}\"", "template = \"{address}/api/v2\""), (sign_in, fields)] {
        assert!(text.contains(from), "{text}");
        text = text.replace(from, to);
    }
    let alertmanager = alertmanager::start().await;
    let address = format!("http://127.0.0.1:{}", alertmanager.port);
    let form =
        |password| [("address", address.clone()), ("username", USER.to_owned()), ("password", password)];
    let rig = |password: &str| {
        let form = form(password.to_owned());
        let form: Vec<_> = form.iter().map(|(name, value)| (*name, value.as_str())).collect();
        Rig::from_text("am", &text, loopback(), &form)
    };
    assert!(matches!(rig("wrong").validate().await, Err(CallError::Unauthorized { .. })));
    let rig = rig(PASSWORD);
    rig.validate().await.unwrap();
    assert_eq!(rig.json("get_status", json!({})).await["cluster"]["status"], "disabled");
    rig.call("post_alerts", json!({"alerts": [{"labels": {"alertname": "DiskFull", "host": "a b&c"}}]}))
        .await
        .unwrap();
    let found =
        rig.json("list_alerts", json!({"filter": ["host=\"a b&c\"", "alertname=\"DiskFull\""]})).await;
    assert_eq!(found[0]["labels"]["alertname"], "DiskFull");
    let silence = json!({"matchers": [{"name": "alertname", "value": "DiskFull", "isRegex": false}],
        "starts_at": "2026-01-01T00:00:00Z", "ends_at": "2099-01-01T00:00:00Z", "created_by": "test", "comment": "known"});
    let made = rig.json("post_silences", silence).await;
    let id = made["silenceID"].as_str().unwrap();
    assert_eq!(rig.json("get_silence", json!({"silence_id": id})).await["comment"], "known");
    rig.call("delete_silence", json!({"silence_id": id})).await.unwrap();
    let refused = rig.call("get_silence", json!({"silence_id": "no id"})).await.unwrap_err();
    assert!(matches!(refused, CallError::Arguments(_)), "the document says it is a UUID: {refused}");
    assert!(matches!(rig.call("post_silences", json!({})).await, Err(CallError::Arguments(_))));
}

/// OpenAPI 3.0, JSON with a byte order mark, a generator's long names, bearer token, continuation tokens.
#[test]
fn dialogporten() {
    let draft = draft("dialogporten.json", "dialogporten", &[]);
    let vendor = load(&draft, "dialogporten");
    assert_eq!(vendor.tools.len() + draft.left_out, 29);
    assert!(
        vendor
            .tools
            .iter()
            .all(|tool| tool.full_name.len() <= 48 && tool.full_name.starts_with("dialogporten__"))
    );
    for line in [
        "template = \"https://altinn-dev-api.azure-api.net/dialogporten\"",
        "bearer = \"{token}\"",
        "cursor = { parameter = \"continuation_token\", answer = \"/continuationToken\" }",
    ] {
        assert!(draft.text.lines().any(|found| found == line), "no {line} in\n{}", draft.text);
    }
    let chosen = self::draft("dialogporten.json", "dialogporten", &["V1EndUserDialogsSearch_SearchDialog"]);
    assert_eq!(load(&chosen, "dialogporten").tools.len(), 1);
}

/// OpenAPI 3.1, YAML: types with null, no servers, two ways to sign in.
#[test]
fn airflow() {
    let draft = draft("airflow-fab.yaml", "airflow", &[]);
    let vendor = load(&draft, "airflow");
    assert_eq!(vendor.tools.len() + draft.left_out, 14);
    for line in [
        "bearer = \"{token}\"",
        "template = \"{address}\"",
        "# decide: `HTTPBearer` was taken; the document also knows OAuth2PasswordBearer",
    ] {
        assert!(draft.text.lines().any(|found| found == line), "no {line} in\n{}", draft.text);
    }
    let roles =
        vendor.tools.iter().find(|tool| tool.name == "get_roles" || tool.name == "list_roles").unwrap();
    assert_eq!(roles.input_schema.object()["properties"]["limit"]["type"], "integer");
    let chosen = self::draft("airflow-fab.yaml", "airflow", &["GET /auth/fab/v1/roles", "create_user"]);
    assert_eq!(load(&chosen, "airflow").tools.len(), 2);
}

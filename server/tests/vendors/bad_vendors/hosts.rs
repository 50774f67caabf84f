//! Credentials that name another host than the manifest's: nothing is sent, wherever the name stands.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use gateway_server::vendors::{CallError, Catalog, check_fields};
use serde_json::json;
use tokio::net::TcpListener;

use super::MANIFEST;
use crate::rig::{Rig, loopback};

/// A manifest whose host is made of the field `tenant`.
fn manifest(parts: &str) -> String {
    let tenant =
        "{ name = \"tenant\", label = \"Tenant\", kind = \"text\", required = true },\n  { name = \"key\"";
    MANIFEST
        .replace("{ name = \"key\"", tenant)
        .replace("base_url = { template = \"{base_url}\" }\nauth = { bearer = \"{key}\" }", parts)
}

#[tokio::test]
async fn a_stored_value_that_names_another_host() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let evil = format!("{}/x?", listener.local_addr().unwrap());
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&connections);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    let bearer = "auth = { bearer = \"{key}\" }";
    let token = "grant = \"client_credentials\", client_id = \"a\", client_secret = \"{key}\"";
    for parts in [
        format!("base_url = {{ template = \"https://{{tenant}}.example.com\" }}\n{bearer}"),
        format!(
            "values = [{{ name = \"host\", template = \"{{tenant}}.example.com\" }}]\n\
             base_url = {{ template = \"https://{{host}}/api\" }}\n{bearer}"
        ),
        format!(
            "base_url = {{ template = \"{{base_url}}\" }}\n\
             auth = {{ oauth2 = {{ {token}, token_url = \"https://{{tenant}}.example.com/token\" }} }}"
        ),
        format!(
            "base_url = {{ template = \"{{base_url}}/{{path}}\", discover = {{ assign = \"path\", \
             url = \"https://{{tenant}}.example.com\", answer = \"/x\", pattern = '^x$' }} }}\n{bearer}"
        ),
    ] {
        let text = manifest(&parts);
        let form =
            |tenant| [("base_url", "http://127.0.0.1:1"), ("key", "hunter2secret"), ("tenant", tenant)];
        let mut rig = Rig::from_text("bad", &text, loopback(), &form("acme"));
        let owned = form(evil.as_str()).map(|(name, value)| (name.to_owned(), value.to_owned()));
        let told = check_fields(&rig.vendor, &owned.clone().into()).unwrap_err();
        assert_eq!(told.iter().map(|problem| problem.field.as_str()).collect::<Vec<_>>(), ["tenant"]);
        rig.credentials = owned.into_iter().collect();
        let error = rig.call("get_it", json!({})).await.unwrap_err();
        assert!(matches!(error, CallError::Credential(_)), "{parts}: {error}");
        assert!(matches!(rig.validate().await, Err(CallError::Credential(_))), "{parts}");
    }
    assert_eq!(connections.load(Ordering::SeqCst), 0);
}

/// Every field that is typed into the name of a host has a pattern of its own in our manifests.
#[test]
fn our_manifests_say_what_hosts_look_like() {
    let (catalog, problems) = Catalog::load(None, None);
    assert!(problems.is_empty(), "{problems:#?}");
    for (slug, field, evil) in [
        ("freshdesk", "domain", "evil.example/x?"),
        ("liongard", "instance", "evil.example#"),
        ("syncro", "subdomain", "a@evil.example"),
        ("connectwise-psa", "api_host", "evil.example/x"),
    ] {
        let vendor = catalog.vendor(slug).unwrap();
        let told = check_fields(vendor, &[(field.to_owned(), evil.to_owned())].into()).unwrap_err();
        assert!(told.iter().any(|problem| problem.field == field), "{slug}: {told:?}");
    }
}

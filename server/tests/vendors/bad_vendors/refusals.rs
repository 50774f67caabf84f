//! Vendors that refuse: a tool, or the credential. The validation request tells which, and who is refused again and again is
//! not asked any more: wrong sign-ins lock accounts.

use std::sync::Arc;
use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};

use axum::extract::Request;
use gateway_server::vendors::{CallError, CredentialKey, Hold, Verdict};
use serde_json::json;

use super::tokens::TOKENS;
use super::{MANIFEST, json_answer, serve, with_manifest};
use crate::rig::Rig;

/// What the server answers to the validation and to everything else, and how often it was asked.
#[derive(Default)]
struct Desk {
    validation: AtomicU16,
    tool: AtomicU16,
    proofs: AtomicUsize,
    calls: AtomicUsize,
}

impl Desk {
    fn asked(&self) -> (usize, usize) {
        (self.calls.load(Ordering::SeqCst), self.proofs.load(Ordering::SeqCst))
    }
}

async fn desk(validation: u16, tool: u16) -> (Rig, Arc<Desk>) {
    with(MANIFEST, validation, tool).await
}

async fn with(manifest: &str, validation: u16, tool: u16) -> (Rig, Arc<Desk>) {
    let desk = Arc::new(Desk { validation: validation.into(), tool: tool.into(), ..Desk::default() });
    let shared = Arc::clone(&desk);
    let url = serve(move |request: Request| {
        let desk = Arc::clone(&shared);
        async move {
            let is_proof = request.uri().path() == "/me";
            let (status, count) =
                if is_proof { (&desk.validation, &desk.proofs) } else { (&desk.tool, &desk.calls) };
            count.fetch_add(1, Ordering::SeqCst);
            json_answer(status.load(Ordering::SeqCst), &json!({"message": "no"}))
        }
    })
    .await;
    (with_manifest(manifest, &url), desk)
}

async fn call(rig: &Rig) -> CallError {
    rig.call("get_it", json!({})).await.unwrap_err()
}

#[tokio::test]
async fn a_revoked_key_that_answers_403() {
    for status in [401, 403] {
        let (rig, desk) = desk(403, status).await;
        let error = call(&rig).await;
        assert_eq!(error, CallError::Unauthorized { status, message: Some("no".into()) });
        assert_eq!(error.verdict(), Verdict::BadCredential);
        assert_eq!(desk.asked(), (1, 1));
    }
}

#[tokio::test]
async fn a_permission_that_is_missing() {
    for status in [401, 403] {
        let (rig, desk) = desk(200, status).await;
        for _ in 0..20 {
            let error = call(&rig).await;
            assert_eq!(error, CallError::NotPermitted { status, message: Some("no".into()) });
            assert_eq!(error.verdict(), Verdict::CouldNotTell);
            let words = error.explain();
            assert!(words.contains("accepts the credential") && words.contains("permission"), "{words}");
        }
        assert_eq!(desk.asked(), (20, 1), "one proof a minute, and nothing is held");
    }
}

#[tokio::test]
async fn who_cannot_be_asked_proves_nothing() {
    for (validation, status) in [(500, 401), (429, 403), (302, 401)] {
        let (rig, desk) = desk(validation, status).await;
        let error = call(&rig).await;
        assert_eq!(error, CallError::Forbidden { status, message: Some("no".into()) });
        assert_eq!(desk.asked(), (1, 1));
    }
}

#[tokio::test]
async fn where_403_is_never_a_bad_key() {
    let manifest = MANIFEST.replace("path = \"/me\"", "path = \"/me\", bad_key = [401]");
    let (rig, desk) = with(&manifest, 401, 403).await;
    assert!(matches!(call(&rig).await, CallError::Forbidden { status: 403, .. }));
    assert_eq!(desk.asked(), (1, 0));
}

#[tokio::test]
async fn all_who_doubt_wait_for_one_proof() {
    let (rig, desk) = desk(200, 403).await;
    let errors = futures::future::join_all((0..10).map(|_| call(&rig))).await;
    assert!(errors.iter().all(|error| matches!(error, CallError::NotPermitted { .. })), "{errors:?}");
    assert_eq!(desk.asked(), (10, 1));
}

#[tokio::test]
async fn a_credential_that_is_refused_again_and_again_is_held() {
    let (mut rig, desk) = desk(401, 401).await;
    for _ in 0..3 {
        assert!(matches!(call(&rig).await, CallError::Unauthorized { .. }));
    }
    for _ in 0..17 {
        let held = call(&rig).await;
        assert!(
            matches!(&held, CallError::Held { why: Hold::Refused, wait } if wait.as_secs() >= 58),
            "{held}"
        );
        assert_eq!(held.verdict(), Verdict::BadCredential);
        let words = held.explain();
        assert!(words.starts_with("Nothing was sent") && words.contains("Replace the credential"), "{words}");
    }
    assert!(matches!(rig.validate().await, Err(CallError::Held { .. })), "nobody else signs in with it");
    assert_eq!(desk.asked(), (3, 1), "four wrong sign-ins of twenty calls");
    rig.key = CredentialKey { version: 2, ..rig.key };
    desk.tool.store(200, Ordering::SeqCst);
    rig.call("get_it", json!({})).await.expect("a replaced credential is free at once");
    rig.key = CredentialKey { version: 1, ..rig.key };
    assert!(matches!(call(&rig).await, CallError::Held { .. }));
    rig.client.forget(rig.key.id);
    rig.call("get_it", json!({})).await.expect("a person's test frees it");
}

/// A sign-in that is refused has proven it: nothing else is sent.
#[tokio::test]
async fn a_refused_sign_in_is_a_proof() {
    let (rig, desk) = with(TOKENS, 200, 401).await;
    for _ in 0..3 {
        assert!(matches!(call(&rig).await, CallError::Unauthorized { .. }));
    }
    assert!(matches!(call(&rig).await, CallError::Held { why: Hold::Refused, .. }));
    assert_eq!(desk.asked(), (3, 0));
}

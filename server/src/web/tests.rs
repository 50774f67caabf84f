//! Pages over HTTP: statuses, headers, redirects.

use axum::{
    body::{Body, to_bytes},
    http::{Response, StatusCode},
};
use gateway_api::{problem::Problem, session::SignInOptions};
use gateway_app::bootstrap::PageData;
use tower::ServiceExt as _;

use super::*;

fn nobody() -> Bootstrap {
    Bootstrap {
        me: None,
        sign_in: SignInOptions {
            has_local_accounts: true,
            is_sign_up_open: false,
            needs_setup: false,
            services: Vec::new(),
            is_demo: false,
        },
        public_url: "http://127.0.0.1:8080".to_owned(),
        demo_key: None,
        data: PageData::default(),
        trouble: None,
    }
}

async fn get_from(router: Router, path: &str, accept: &str) -> Response<Body> {
    let request = Request::builder().uri(path).header(header::ACCEPT, accept).body(Body::empty()).unwrap();
    router.oneshot(request).await.unwrap()
}

async fn get_page(path: &str) -> Response<Body> {
    get_from(routes(|_, _| async { nobody() }), path, "text/html,*/*;q=0.8").await
}

#[tokio::test]
async fn pages_come_with_a_strict_policy_and_are_not_kept() {
    let response = get_page("/").await;
    assert_eq!(response.status(), StatusCode::OK);
    let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe-inline"), "{policy}");
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    assert_eq!(response.headers()["cross-origin-opener-policy"], "same-origin");
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    assert!(body.starts_with(b"<!DOCTYPE html>"));
}

#[tokio::test]
async fn pages_of_a_sign_in_keep_their_opener() {
    let response = get_page("/auth/login").await;
    assert_eq!(response.status(), StatusCode::OK);
    assert!(!response.headers().contains_key("cross-origin-opener-policy"));
}

#[tokio::test]
async fn nobody_is_sent_to_sign_in_and_back() {
    let response = get_page("/connect").await;
    assert_eq!(response.status(), StatusCode::SEE_OTHER);
    assert_eq!(response.headers()[header::LOCATION], "/auth/login?return_to=%2Fconnect");
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn what_is_not_there_is_404_in_the_language_asked_for() {
    let response = get_page("/nothing-here").await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert!(response.headers()[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/html"));
    let router = routes(|_, _| async { nobody() });
    let response = get_from(router, "/nothing-here", "application/json").await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert_eq!(response.headers()[header::CONTENT_TYPE], "application/problem+json");
    let router = routes(|_, _| async { nobody() });
    let response = get_from(router, "/api/nothing", "text/html").await;
    assert_eq!(response.status(), StatusCode::NOT_FOUND, "no page under a path of programs");
    assert!(!response.headers().contains_key(header::CONTENT_TYPE));
}

#[tokio::test]
async fn trouble_is_a_page_with_its_status() {
    let router = routes(|_, _| async {
        let problem = Problem {
            status: 503,
            code: "unavailable".to_owned(),
            title: "The database does not answer.".to_owned(),
            detail: None,
            errors: Vec::new(),
            retry_after: None,
            request_id: None,
        };
        Bootstrap::of_trouble(problem, "http://127.0.0.1:8080".to_owned())
    });
    assert_eq!(get_from(router, "/settings", "text/html").await.status(), StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_page_says_what_data_it_wants() {
    let router = routes(|parts: Parts, wanted| async move {
        assert_eq!(wanted == Wanted::Settings, parts.uri.path() == "/settings");
        nobody()
    });
    assert_eq!(get_from(router.clone(), "/settings", "text/html").await.status(), StatusCode::SEE_OTHER);
    assert_eq!(get_from(router, "/", "text/html").await.status(), StatusCode::OK);
}

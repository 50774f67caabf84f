//! The public pages of the vendors.

use std::time::Duration;

use reqwest::{Client, Response, StatusCode, header};

use crate::gateway::Gateway;

/// Of somebody who is not signed in.
fn client() -> Client {
    Client::builder().timeout(Duration::from_secs(30)).build().unwrap()
}

async fn get(gateway: &Gateway, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = client().get(format!("{}{path}", gateway.url)).header("accept", "text/html");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

async fn html(gateway: &Gateway, path: &str) -> String {
    get(gateway, path, &[]).await.text().await.unwrap()
}

#[tokio::test]
async fn anybody_reads_what_is_supported() {
    let gateway = Gateway::start().await;
    for path in ["/vendors", "/vendors/", "/vendors/demo", "/vendors?q=ticket"] {
        let answer = get(&gateway, path, &[]).await;
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        let policy = answer.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert_eq!(answer.headers()["x-content-type-options"], "nosniff");
        assert_eq!(answer.headers()["x-frame-options"], "DENY");
        assert!(!answer.headers().contains_key(header::SET_COOKIE));
        assert!(!answer.text().await.unwrap().contains("<script"), "{path}");
    }
}

#[tokio::test]
async fn every_vendor_has_a_page_with_all_its_tools_and_fields() {
    let gateway = Gateway::start().await;
    let list = html(&gateway, "/vendors").await;
    for vendor in gateway.state.catalog.vendors() {
        let path = format!("/vendors/{}", vendor.slug);
        assert!(list.contains(&format!("href=\"{path}\"")), "{path}");
        let page = html(&gateway, &path).await;
        assert!(page.len() < 200_000, "{path} has {} bytes", page.len());
        for tool in &vendor.tools {
            assert!(page.contains(&tool.full_name), "{path}: {}", tool.full_name);
        }
        for field in &vendor.fields {
            let label = field.label.replace('&', "&amp;");
            assert!(page.contains(&label), "{path}: {label}");
        }
        assert_eq!(page.contains("What could not be confirmed"), !vendor.uncertain.is_empty(), "{path}");
        let unconfirmed = vendor.tools.iter().filter(|tool| tool.uncertain.is_some()).count();
        assert_eq!(page.matches("Not confirmed: ").count(), unconfirmed, "{path}");
    }
}

#[tokio::test]
async fn a_search_needs_no_script() {
    let gateway = Gateway::start().await;
    let found = html(&gateway, "/vendors?q=GLUE").await;
    assert!(found.contains("IT Glue") && !found.contains("href=\"/vendors/hudu\""), "{found}");
    let nasty = html(&gateway, "/vendors?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").await;
    assert!(!nasty.contains("<script"), "{nasty}");
    assert!(nasty.contains("No vendor and no tool matches."));
    let twice = get(&gateway, "/vendors?q=a&q=b", &[]).await;
    assert_eq!(twice.status(), StatusCode::BAD_REQUEST);
    let long = get(&gateway, &format!("/vendors?q={}", "x".repeat(5000)), &[]).await;
    assert!(long.text().await.unwrap().len() < 5000, "only its beginning is said again");
}

#[tokio::test]
async fn an_unknown_vendor_is_404_with_a_suggestion() {
    let gateway = Gateway::start().await;
    let answer = get(&gateway, "/vendors/it-glue", &[]).await;
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
    let page = answer.text().await.unwrap();
    assert!(page.contains("There is no such vendor") && page.contains("href=\"/vendors/itglue\""), "{page}");
    let nasty = html(&gateway, "/vendors/%3Cimg%20src=x%3E").await;
    assert!(!nasty.contains("<img") && !nasty.contains("Did you mean"), "{nasty}");
}

#[tokio::test]
async fn a_page_that_did_not_change_is_not_sent_again() {
    let gateway = Gateway::start().await;
    let first = get(&gateway, "/vendors/demo", &[]).await;
    assert_eq!(first.headers()[header::CACHE_CONTROL], "public, no-cache");
    let tag = first.headers()[header::ETAG].to_str().unwrap().to_owned();
    for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
        let again = get(&gateway, "/vendors/demo", &[("if-none-match", &known)]).await;
        assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{known}");
        assert_eq!(again.headers()[header::ETAG], tag.as_str());
        assert_eq!(again.text().await.unwrap(), "");
    }
    let other = get(&gateway, "/vendors", &[("if-none-match", &tag)]).await;
    assert_eq!(other.status(), StatusCode::OK, "another page has another tag");
}

#[tokio::test]
async fn programs_and_other_methods_get_no_page() {
    let gateway = Gateway::start().await;
    let url = format!("{}/vendors", gateway.url);
    let client = client();
    let answer = client.get(&url).header("accept", "application/json").send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::NOT_FOUND);
    assert_eq!(answer.headers()[header::CONTENT_TYPE], "application/problem+json");
    assert_eq!(client.post(&url).send().await.unwrap().status(), StatusCode::METHOD_NOT_ALLOWED);
}

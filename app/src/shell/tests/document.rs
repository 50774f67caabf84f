//! What every page has in common, and pages without data of their own.

use super::*;

#[test]
fn the_document_carries_its_assets_and_no_inline_code() {
    let (status, html) = html("/", &nobody());
    assert_eq!(status, 200);
    for part in [
        "<title>MSP MCP Gateway</title>",
        "<script type=\"module\" src=\"/pkg/entry-start-1.js\"></script>",
        "<link rel=\"stylesheet\" href=\"/pkg/style-1.css\">",
        "<link rel=\"modulepreload\" href=\"/pkg/entry-1.js\">",
        "href=\"/pkg/entry-1_bg.wasm\"",
    ] {
        assert!(html.contains(part), "{part} in {html}");
    }
    assert_eq!(html.matches("<script").count(), 2);
    assert!(!html.contains("style=") && !html.contains(" onclick"));
}

#[test]
fn a_page_loads_its_own_bundle_and_no_other() {
    let pages = [("/settings", "settings"), ("/team", "team"), ("/audit", "audit"), ("/connect", "entry")];
    for (path, bundle) in pages {
        let (_, html) = html(path, &somebody());
        assert_eq!(html.matches("/pkg/").count(), 4, "style, glue, WASM, start: {html}");
        assert_eq!(html.matches(&format!("/pkg/{bundle}-")).count(), 3, "{path}: {html}");
    }
}

#[test]
fn the_embedded_data_cannot_end_its_element() {
    let mut bootstrap = somebody();
    bootstrap.me.as_mut().unwrap().user.name = "</script><script>alert(1)</script><!--".to_owned();
    let (_, html) = html("/settings", &bootstrap);
    assert!(!html.contains("<script>alert"), "{html}");
    let data = html.split_once("id=\"bootstrap\">").unwrap().1.split_once("</script>").unwrap().0;
    assert_eq!(serde_json::from_str::<Bootstrap>(data).unwrap(), bootstrap);
}

#[test]
fn connect_fills_in_the_real_address() {
    let body = body("/connect", &somebody());
    let command = "claude mcp add --transport http msp-mcp-gateway https://gateway.example/v1/mcp";
    assert!(body.contains(command) && body.contains("npx -y mcp-remote https://gateway.example/v1/mcp"));
    assert!(body.contains("Waiting for Claude"));
}

#[test]
fn unknown_paths_are_404_for_everybody() {
    for path in ["/nothing", "//evil.example", "/settings/x", "/%ff"] {
        assert_eq!(html(path, &nobody()).0, 404, "{path}");
        assert_eq!(html(path, &somebody()).0, 404, "{path}");
    }
}

#[test]
fn trouble_replaces_every_page() {
    let problem = Problem {
        request_id: Some("r-1".to_owned()),
        ..problem(503, "unavailable", "The database does not answer.")
    };
    let (status, html) = html("/settings", &Bootstrap::of_trouble(problem, "http://x".to_owned()));
    assert_eq!(status, 503);
    assert!(html.contains("The database does not answer.") && html.contains("r-1"));
}

#[test]
fn demo_says_so_with_its_key() {
    let mut demo = nobody();
    demo.sign_in.is_demo = true;
    demo.demo_key = Some("demo-key".to_owned());
    assert!(body("/", &demo).contains("demo-key"));
}

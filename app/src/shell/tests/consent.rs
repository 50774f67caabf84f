//! `/consent/{id}`.

use super::*;

#[test]
fn consent_names_the_host_and_escapes_the_name() {
    let mut bootstrap = somebody();
    bootstrap.data.consent = Some(Ok(consent()));
    let body = body(&format!("/consent/{ID}"), &bootstrap);
    assert!(body.contains("localhost:33418") && body.contains("&lt;b&gt;Claude&lt;/b&gt;"), "{body}");
    assert!(body.contains("Allow") && body.contains("Deny"));
    assert_has(&body, &["Means mcp:read", "name=\"mcp:write\""]);
    bootstrap.data.consent = Some(Err(problem(404, "not_found", "Not found.")));
    assert!(super::body(&format!("/consent/{ID}"), &bootstrap).contains("cannot be answered"));
}

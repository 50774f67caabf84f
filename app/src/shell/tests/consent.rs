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
    assert!(body.contains("Any program on this computer") && !body.contains("says who it is"), "{body}");
    let known = ConsentView {
        client_id: "https://app.example/client.json".to_owned(),
        client_host: Some("app.example".to_owned()),
        redirect_host: "claude.ai".to_owned(),
        redirect_uri: "https://claude.ai/cb".to_owned(),
        is_loopback: false,
        ..consent()
    };
    bootstrap.data.consent = Some(Ok(known));
    let body = super::body(&format!("/consent/{ID}"), &bootstrap);
    assert_has(
        &body,
        &["says who it is at <strong class=\"consent__host\">app.example</strong>", "claude.ai"],
    );
    assert_lacks(&body, &["Any program on this computer"]);
    bootstrap.data.consent = Some(Err(problem(404, "not_found", "Not found.")));
    assert!(super::body(&format!("/consent/{ID}"), &bootstrap).contains("cannot be answered"));
}

//! What a client finds out about the server before it has a token.

use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::flow::error_of;
use crate::gateway::Gateway;

#[tokio::test]
async fn the_resource_names_its_authorization_server() {
    let gateway = Gateway::start().await;
    for path in ["/.well-known/oauth-protected-resource", "/.well-known/oauth-protected-resource/v1/mcp"] {
        let document: Value = gateway.browser().get_json(path).await;
        assert_eq!(
            document,
            json!({
                "resource": format!("{}/v1/mcp", gateway.url),
                "resource_name": "MSP MCP Gateway",
                "authorization_servers": [gateway.url],
                "scopes_supported": ["mcp:read", "mcp:write", "mcp:admin"],
                "bearer_methods_supported": ["header"],
            })
        );
    }
}

#[tokio::test]
async fn the_authorization_server_says_what_it_can_do() {
    let gateway = Gateway::start().await;
    let url = &gateway.url;
    for path in ["/.well-known/oauth-authorization-server", "/.well-known/oauth-authorization-server/v1/mcp"]
    {
        let document: Value = gateway.browser().get_json(path).await;
        assert_eq!(
            document,
            json!({
                "issuer": url,
                "authorization_endpoint": format!("{url}/authorize"),
                "token_endpoint": format!("{url}/token"),
                "registration_endpoint": format!("{url}/register"),
                "revocation_endpoint": format!("{url}/revoke"),
                "jwks_uri": format!("{url}/.well-known/jwks.json"),
                "scopes_supported": ["mcp:read", "mcp:write", "mcp:admin", "offline_access"],
                "response_types_supported": ["code"],
                "response_modes_supported": ["query"],
                "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
                "token_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
                "revocation_endpoint_auth_methods_supported": ["none", "client_secret_basic", "client_secret_post"],
                "code_challenge_methods_supported": ["S256"],
                "authorization_response_iss_parameter_supported": true,
                "protected_resources": [format!("{url}/v1/mcp")],
                "client_id_metadata_document_supported": true,
            })
        );
    }
    let jwks: Value = gateway.browser().get_json("/.well-known/jwks.json").await;
    assert_eq!(jwks["keys"].as_array().unwrap().len(), 1);
    assert_eq!(jwks["keys"][0]["alg"], "ES256");
    assert!(jwks["keys"][0].get("d").is_none(), "never the private part");
}

#[tokio::test]
async fn clients_in_a_browser_may_ask() {
    let gateway = Gateway::start().await;
    let client = gateway.browser().http;
    for path in ["/token", "/register", "/revoke", "/.well-known/oauth-protected-resource/v1/mcp"] {
        let preflight = client
            .request(Method::OPTIONS, format!("{}{path}", gateway.url))
            .header(header::ORIGIN, "https://inspector.example")
            .header(header::ACCESS_CONTROL_REQUEST_METHOD, "POST")
            .header(header::ACCESS_CONTROL_REQUEST_HEADERS, "content-type,mcp-protocol-version")
            .send();
        let answer = preflight.await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK, "{path}");
        assert_eq!(answer.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*");
        assert!(!answer.headers().contains_key(header::ACCESS_CONTROL_ALLOW_CREDENTIALS));
        let allowed = answer.headers()[header::ACCESS_CONTROL_ALLOW_HEADERS].to_str().unwrap();
        assert!(allowed.contains("mcp-protocol-version"), "{allowed}");
    }
    let page =
        client.get(format!("{}/authorize", gateway.url)).header(header::ORIGIN, "https://evil.example");
    assert!(!page.send().await.unwrap().headers().contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN));
}

#[tokio::test]
async fn a_wrong_method_gets_an_error_of_the_protocol() {
    let gateway = Gateway::start().await;
    let browser = gateway.browser();
    for path in ["/token", "/register", "/revoke"] {
        assert_eq!(error_of(browser.get(path).await).await, (405, "invalid_request".to_owned()), "{path}");
    }
    let answer = browser.delete("/.well-known/jwks.json").await;
    assert_eq!(error_of(answer).await, (405, "invalid_request".to_owned()));
    let answer = browser.post("/authorize", &json!({})).await;
    assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn what_we_are_not_is_a_clear_404() {
    let gateway = Gateway::start().await;
    for path in ["openid-configuration", "oauth-authorization-server/other", "oauth-protected-resource/other"]
    {
        let answer = gateway.browser().get(&format!("/.well-known/{path}")).await;
        assert_eq!(answer.headers()[header::ACCESS_CONTROL_ALLOW_ORIGIN], "*", "{path}");
        assert_eq!(error_of(answer).await.0, 404, "{path}");
    }
}

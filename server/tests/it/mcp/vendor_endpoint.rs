//! `/v1/{vendor}/mcp`: one vendor's tools, for clients that can take only so many.

use reqwest::{Method, StatusCode, header};
use serde_json::{Value, json};

use super::client::{Client, read, text, with_demo};
use crate::gateway::Gateway;

const ENDPOINT: &str = "/v1/demo/mcp";

#[tokio::test]
async fn it_has_the_vendors_tools_and_no_others() {
    let gateway = Gateway::start().await;
    let (_, everywhere) = with_demo(&gateway, "ada@msp.example").await;
    let client = everywhere.at(&gateway, ENDPOINT);
    let names = client.tool_names().await;
    let others: Vec<_> = names.iter().filter(|name| !name.starts_with("demo__")).collect();
    assert_eq!(others, ["gateway__list_connections"]);
    let all = everywhere.tool_names().await;
    assert!(names.iter().all(|name| all.contains(name)) && all.len() == names.len() + 1);
    assert_eq!(client.call("demo__get_summary", json!({})).await["isError"], false);

    let params = json!({"name": "itglue__search_organizations", "arguments": {}});
    let elsewhere = client.modern("tools/call", params.clone()).await;
    assert_eq!(elsewhere.body["error"]["code"], -32602, "not here: {}", elsewhere.body);
    let itglue = everywhere.at(&gateway, "/v1/itglue/mcp");
    assert_eq!(itglue.tool_names().await, ["gateway__list_connections"]);
    assert_eq!(
        itglue.modern("tools/call", params).await.body["result"]["isError"],
        true,
        "here, but not connected"
    );

    let search = everywhere.at(&gateway, "/v1/demo/mcp?tools=search");
    let own = ["gateway__call_tool", "gateway__list_connections", "gateway__search_tools"];
    assert_eq!(search.tool_names().await, own);
}

#[tokio::test]
async fn its_sessions_are_its_own() {
    let gateway = Gateway::start().await;
    let (_, everywhere) = with_demo(&gateway, "ada@msp.example").await;
    let client = everywhere.at(&gateway, ENDPOINT);
    let session = client.initialize("2025-11-25").await;
    let listed = client.legacy(&session, "tools/list", json!({})).await;
    let names: Vec<&str> = listed.body["result"]["tools"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|tool| tool["name"].as_str())
        .collect();
    assert!(
        names.len() > 5
            && names.iter().all(|name| name.starts_with("demo__") || name.ends_with("connections"))
    );
    for other in [&everywhere, &everywhere.at(&gateway, "/v1/itglue/mcp")] {
        assert_eq!(other.legacy(&session, "tools/list", json!({})).await.status, 404);
        let request = other.request(Method::GET).header("Mcp-Session-Id", &session);
        assert_eq!(request.send().await.unwrap().status(), 404);
    }
    let unified = everywhere.initialize("2025-11-25").await;
    assert_eq!(client.legacy(&unified, "tools/list", json!({})).await.status, 404);
    assert_eq!(client.legacy(&session, "ping", json!({})).await.status, 200);
}

#[tokio::test]
async fn an_unknown_vendor_is_told_before_anybody_signs_in() {
    let gateway = Gateway::start().await;
    let http = gateway.browser().http;
    for (slug, hint) in
        [("it-glue", "Did you mean /v1/itglue/mcp?"), ("datto_rmm", "/v1/datto-rmm/mcp?"), ("zzzzzz", "")]
    {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            let answer = http.request(method, format!("{}/v1/{slug}/mcp", gateway.url)).send().await.unwrap();
            let answer = read(answer).await;
            assert_eq!((answer.status, &answer.body["error"]["code"]), (404, &json!(-32600)), "{slug}");
            let message = answer.body["error"]["message"].as_str().unwrap();
            assert!(
                message.contains(hint) && message.contains("Did you mean") != hint.is_empty(),
                "{message}"
            );
        }
        let metadata = format!("{}/.well-known/oauth-protected-resource/v1/{slug}/mcp", gateway.url);
        assert_eq!(http.get(metadata).send().await.unwrap().status(), 404);
    }
}

#[tokio::test]
async fn its_metadata_is_about_this_very_address() {
    let gateway = Gateway::start().await;
    let http = gateway.browser().http;
    let url = format!("{}{ENDPOINT}", gateway.url);
    for method in [Method::GET, Method::POST] {
        let answer = http.request(method, &url).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        let challenge = answer.headers()[header::WWW_AUTHENTICATE].to_str().unwrap();
        let metadata = format!("{}/.well-known/oauth-protected-resource{ENDPOINT}", gateway.url);
        assert!(challenge.contains(&format!("resource_metadata=\"{metadata}\"")), "{challenge}");
        let document: Value = http.get(metadata).send().await.unwrap().json().await.unwrap();
        assert_eq!(document["resource"], url, "what the client connects to, for equality");
        assert_eq!(document["authorization_servers"], json!([gateway.url]));
    }
    let server = format!("{}/.well-known/oauth-authorization-server{ENDPOINT}", gateway.url);
    let document: Value = http.get(server).send().await.unwrap().json().await.unwrap();
    assert_eq!(document["issuer"], gateway.url);
}

#[tokio::test]
async fn a_token_for_it_opens_nothing_else() {
    let gateway = Gateway::start().await;
    let (browser, everywhere) = with_demo(&gateway, "ada@msp.example").await;
    let narrow = Client::connect_to(&gateway, &browser, ENDPOINT).await;
    // The order matters: what was verified is remembered.
    for _ in 0..2 {
        for path in ["/v1/mcp", "/v1/itglue/mcp", "/v1/mcp?tools=search"] {
            let other = narrow.at(&gateway, path);
            let answer = other.modern_request("tools/list", &json!({})).send().await.unwrap();
            assert_eq!(answer.status(), 401, "{path}");
            let challenge = answer.headers()[header::WWW_AUTHENTICATE].to_str().unwrap();
            assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
        }
        assert!(narrow.tool_names().await.len() > 5);
        assert!(
            everywhere.at(&gateway, ENDPOINT).tool_names().await.len() > 5,
            "a part of what it may anyway"
        );
    }
    // Nor does it hear what else there is.
    let vendors = async |client: &Client| -> Value {
        let listed = client.call("gateway__list_connections", json!({})).await;
        let listed: Value = serde_json::from_str(text(&listed)).unwrap();
        let of =
            |key: &str| listed[key].as_array().unwrap().iter().map(|one| one["vendor"].clone()).collect();
        json!([Value::Array(of("connections")), Value::Array(of("not_connected"))])
    };
    assert_eq!(vendors(&narrow).await, json!([["demo"], []]));
    assert!(vendors(&everywhere).await[1].as_array().unwrap().len() > 20);
}

#[tokio::test]
async fn what_is_granted_for_it_is_not_exchanged_for_more() {
    let gateway = Gateway::start().await;
    let (browser, _) = with_demo(&gateway, "ada@msp.example").await;
    let (client_id, tokens) = Client::tokens_for(&gateway, &browser, ENDPOINT).await;
    let http = gateway.browser().http;
    let ask = async |refresh_token: &str, resource: String| -> (StatusCode, Value) {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", &client_id),
            ("refresh_token", refresh_token),
            ("resource", &resource),
        ];
        let answer = http.post(format!("{}/token", gateway.url)).form(&form).send().await.unwrap();
        (answer.status(), answer.json().await.unwrap())
    };
    let refresh_token = tokens["refresh_token"].as_str().unwrap();
    for path in ["/v1/mcp", "/v1/itglue/mcp", "/v1/nobody/mcp"] {
        let (status, answer) = ask(refresh_token, format!("{}{path}", gateway.url)).await;
        assert_eq!((status, &answer["error"]), (StatusCode::BAD_REQUEST, &json!("invalid_target")), "{path}");
    }
    let (status, answer) = ask(refresh_token, format!("{}{ENDPOINT}", gateway.url)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let token = answer["access_token"].as_str().unwrap().to_owned();
    let client =
        Client { http: http.clone(), url: format!("{}{ENDPOINT}", gateway.url), token: token.clone() };
    assert!(client.tool_names().await.len() > 5);

    let form = [("client_id", client_id.as_str()), ("token", &token)];
    let revoked = http.post(format!("{}/revoke", gateway.url)).form(&form).send().await.unwrap();
    assert_eq!(revoked.status(), StatusCode::OK);
    assert_eq!(
        client.modern("tools/list", json!({})).await.status,
        401,
        "its access token revokes the grant"
    );
}

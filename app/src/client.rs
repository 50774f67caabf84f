//! The typed client of our JSON API: one async function per endpoint, used in the browser only.
//!
//! Every failure is a [`Problem`], also those in which the gateway did not answer at all, so that pages have one
//! kind of error to show. The session travels in its `HttpOnly` cookie; nothing here can see it.

use gateway_api::{
    Page,
    accounts::{ChangePassword, CreateAccount, CreateFirstAccount},
    connect::ConnectStatus,
    connections::{ConnectionView, PutConnection, TestResult},
    consent::{ConsentAnswer, ConsentDecision, ConsentView},
    grants::GrantView,
    ids::{AuthorizationRequestId, GrantId},
    me::Me,
    paths,
    problem::Problem,
    session::SignIn,
    vendors::VendorView,
};
use gloo_net::http::{Request, RequestBuilder, Response};
use serde::{Serialize, de::DeserializeOwned};

/// `POST /api/session`.
pub(crate) async fn create_session(body: SignIn) -> Result<Me, Problem> {
    send(Request::post(paths::SESSION), &body).await
}

/// `DELETE /api/session`.
pub(crate) async fn delete_session() -> Result<(), Problem> {
    send_empty(Request::delete(paths::SESSION)).await
}

/// `DELETE /api/sessions`.
pub(crate) async fn delete_sessions() -> Result<(), Problem> {
    send_empty(Request::delete(paths::SESSIONS)).await
}

/// `POST /api/setup`.
pub(crate) async fn create_first_account(body: CreateFirstAccount) -> Result<Me, Problem> {
    send(Request::post(paths::SETUP), &body).await
}

/// `POST /api/accounts`.
pub(crate) async fn create_account(body: CreateAccount) -> Result<Me, Problem> {
    send(Request::post(paths::ACCOUNTS), &body).await
}

/// `PUT /api/me/password`.
pub(crate) async fn change_password(body: ChangePassword) -> Result<(), Problem> {
    let request = json_request(Request::put(paths::ME_PASSWORD), &body).map_err(not_sent)?;
    answer(request).await.map(drop)
}

/// `GET /api/vendors`.
pub(crate) async fn list_vendors() -> Result<Vec<VendorView>, Problem> {
    list(paths::VENDORS).await
}

/// `GET /api/connections`.
pub(crate) async fn list_connections() -> Result<Vec<ConnectionView>, Problem> {
    list(paths::CONNECTIONS).await
}

/// `PUT /api/connections/{vendor}`.
pub(crate) async fn put_connection(vendor: String, body: PutConnection) -> Result<ConnectionView, Problem> {
    send(Request::put(&paths::fill(paths::CONNECTION, &[&vendor])), &body).await
}

/// `POST /api/connections/{vendor}/test`.
pub(crate) async fn test_connection(vendor: String) -> Result<TestResult, Problem> {
    let body = serde_json::json!({});
    send(Request::post(&paths::fill(paths::CONNECTION_TEST, &[&vendor])), &body).await
}

/// `DELETE /api/connections/{vendor}`.
pub(crate) async fn delete_connection(vendor: String) -> Result<(), Problem> {
    send_empty(Request::delete(&paths::fill(paths::CONNECTION, &[&vendor]))).await
}

/// `GET /api/grants`.
pub(crate) async fn list_grants() -> Result<Vec<GrantView>, Problem> {
    list(paths::GRANTS).await
}

/// `DELETE /api/grants/{id}`.
pub(crate) async fn delete_grant(id: GrantId) -> Result<(), Problem> {
    send_empty(Request::delete(&paths::fill(paths::GRANT, &[&id.to_string()]))).await
}

/// `GET /api/consents/{id}`.
pub(crate) async fn get_consent(id: AuthorizationRequestId) -> Result<ConsentView, Problem> {
    get(&paths::fill(paths::CONSENT, &[&id.to_string()])).await
}

/// `POST /api/consents/{id}`.
pub(crate) async fn decide_consent(
    id: AuthorizationRequestId,
    body: ConsentDecision,
) -> Result<ConsentAnswer, Problem> {
    send(Request::post(&paths::fill(paths::CONSENT, &[&id.to_string()])), &body).await
}

/// `GET /api/connect`.
pub(crate) async fn get_connect_status() -> Result<ConnectStatus, Problem> {
    get(paths::CONNECT).await
}

/// All pages of a list.
async fn list<T: DeserializeOwned>(path: &str) -> Result<Vec<T>, Problem> {
    let mut items = Vec::new();
    let mut address = path.to_owned();
    loop {
        let page: Page<T> = get(&address).await?;
        items.extend(page.items);
        match page.next_cursor {
            Some(cursor) => address = path.to_owned() + &paths::fill("?cursor={cursor}", &[&cursor]),
            None => return Ok(items),
        }
    }
}

async fn get<T: DeserializeOwned>(path: &str) -> Result<T, Problem> {
    let request = Request::get(path).header("Accept", "application/json").build().map_err(not_sent)?;
    decode(answer(request).await?).await
}

async fn send<T: DeserializeOwned>(builder: RequestBuilder, body: &impl Serialize) -> Result<T, Problem> {
    decode(answer(json_request(builder, body).map_err(not_sent)?).await?).await
}

async fn send_empty(builder: RequestBuilder) -> Result<(), Problem> {
    answer(builder.build().map_err(not_sent)?).await.map(drop)
}

fn json_request(builder: RequestBuilder, body: &impl Serialize) -> Result<Request, gloo_net::Error> {
    let text = serde_json::to_string(body).expect("request bodies have only strings as keys");
    builder.header("Content-Type", "application/json").header("Accept", "application/json").body(text)
}

/// The response, if it is a good one; else the problem it carries.
async fn answer(request: Request) -> Result<Response, Problem> {
    let response = request.send().await.map_err(not_sent)?;
    if response.ok() {
        return Ok(response);
    }
    let status = response.status();
    let text = response.text().await.unwrap_or_default();
    Err(serde_json::from_str(&text).unwrap_or_else(|_| Problem {
        status,
        detail: Some(format!(
            "Status {status}. Something between this page and the gateway may have answered."
        )),
        ..problem("unexpected_answer", "That did not work.")
    }))
}

async fn decode<T: DeserializeOwned>(response: Response) -> Result<T, Problem> {
    let text = response.text().await.map_err(not_sent)?;
    serde_json::from_str(&text).map_err(|_| Problem {
        status: response.status(),
        detail: Some("The gateway may have been updated meanwhile. Reload the page.".to_owned()),
        ..problem("unexpected_answer", "The answer could not be read.")
    })
}

fn not_sent(_error: gloo_net::Error) -> Problem {
    Problem {
        detail: Some("Check the network connection and try again.".to_owned()),
        ..problem("unreachable", "The gateway did not answer.")
    }
}

fn problem(code: &str, title: &str) -> Problem {
    Problem {
        status: 0,
        code: code.to_owned(),
        title: title.to_owned(),
        detail: None,
        errors: Vec::new(),
        retry_after: None,
        request_id: None,
    }
}

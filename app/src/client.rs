//! The typed client of our JSON API: one async function per endpoint, used in the browser only. The functions stand
//! in `client/`, by what they are about; here is how a call is made.
//!
//! Every failure is a [`Problem`], also those in which the gateway did not answer at all, so that pages have one
//! kind of error to show. The session travels in its `HttpOnly` cookie; nothing here can see it.

mod account;
mod apps;
mod audit;
mod connections;
mod invitations;
mod members;
mod organizations;
mod service_clients;
mod teams;

use gateway_api::{Page, ids::OrganizationId, paths, problem::Problem};
use gloo_net::http::{Method, Request, RequestBuilder, Response};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

pub(crate) use self::{
    account::*, apps::*, audit::*, connections::*, invitations::*, members::*, organizations::*,
    service_clients::*, teams::*,
};

/// All pages of a list.
async fn list<T: DeserializeOwned>(path: &str) -> Result<Vec<T>, Problem> {
    let mut items = Vec::new();
    for text in pages(path).await? {
        let page: Page<T> = serde_json::from_str(&text).map_err(unreadable)?;
        items.extend(page.items);
    }
    Ok(items)
}

/// What a page says about the next one.
#[derive(Deserialize)]
struct Next {
    next_cursor: Option<String>,
}

/// The texts of all pages of a list; not generic, so that it is compiled once.
async fn pages(path: &str) -> Result<Vec<String>, Problem> {
    let mut texts = Vec::new();
    let mut address = path.to_owned();
    loop {
        let text = call(Method::GET, &address, None).await?;
        let next: Next = serde_json::from_str(&text).map_err(unreadable)?;
        texts.push(text);
        match next.next_cursor {
            Some(cursor) => address = path.to_owned() + &paths::fill("?cursor={cursor}", &[&cursor]),
            None => return Ok(texts),
        }
    }
}

async fn get<T: DeserializeOwned>(path: &str) -> Result<T, Problem> {
    ask(Method::GET, path, None).await
}

async fn post<T: DeserializeOwned>(path: &str, body: &impl Serialize) -> Result<T, Problem> {
    ask(Method::POST, path, Some(json(body))).await
}

/// A call with an answer.
async fn ask<T: DeserializeOwned>(method: Method, path: &str, body: Option<String>) -> Result<T, Problem> {
    let text = call(method, path, body).await?;
    serde_json::from_str(&text).map_err(unreadable)
}

/// A call whose answer does not matter, or is empty.
async fn tell(method: Method, path: &str, body: Option<String>) -> Result<(), Problem> {
    call(method, path, body).await.map(drop)
}

/// What all endpoints have in common; not generic, so that it is compiled once.
async fn call(method: Method, path: &str, body: Option<String>) -> Result<String, Problem> {
    let builder = RequestBuilder::new(path).method(method).header("Accept", "application/json");
    let request = match body {
        Some(body) => builder.header("Content-Type", "application/json").body(body),
        None => builder.build(),
    };
    answer(request.map_err(not_sent)?).await
}

/// The response's text, if it is a good one; else the problem it carries.
async fn answer(request: Request) -> Result<String, Problem> {
    let response = request.send().await.map_err(not_sent)?;
    if response.ok() {
        return response.text().await.map_err(not_sent);
    }
    Err(refusal(response).await)
}

async fn refusal(response: Response) -> Problem {
    let status = response.status();
    let text = response.text().await.unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_else(|_| Problem {
        status,
        detail: Some(format!(
            "Status {status}. Something between this page and the gateway may have answered."
        )),
        ..problem("unexpected_answer", "That did not work.")
    })
}

fn json(body: &impl Serialize) -> String {
    serde_json::to_string(body).expect("request bodies have only strings as keys")
}

/// A path of one organization; `rest` are the parameters after it.
fn in_organization(path: &str, organization: OrganizationId, rest: &[&str]) -> String {
    let organization = organization.to_string();
    let mut values = vec![organization.as_str()];
    values.extend(rest);
    paths::fill(path, &values)
}

fn unreadable(_error: serde_json::Error) -> Problem {
    Problem {
        detail: Some("The gateway may have been updated meanwhile. Reload the page.".to_owned()),
        ..problem("unexpected_answer", "The answer could not be read.")
    }
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

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

use std::{future::Future, pin::Pin};

use gateway_api::{Page, ids::OrganizationId, paths, problem::Problem};
use gloo_net::http::{Method, Request, RequestBuilder, Response};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::json;

pub(crate) use self::{
    account::*, apps::*, audit::*, connections::*, invitations::*, members::*, organizations::*,
    service_clients::*, teams::*,
};

/// A call that runs when it is awaited. Boxed, so that what awaits it is small: each endpoint has a state machine of its
/// own, which would otherwise hold all of those below.
type Calling<T> = Pin<Box<dyn Future<Output = Result<T, Problem>>>>;

/// All pages of a list.
fn list<T: DeserializeOwned + 'static>(path: &str) -> Calling<Vec<T>> {
    let texts = pages(path.to_owned());
    Box::pin(async move {
        let mut items = Vec::new();
        for text in texts.await? {
            let page: Page<T> = json::read(&text).ok_or_else(unreadable)?;
            items.extend(page.items);
        }
        Ok(items)
    })
}

/// What a page says about the next one.
#[derive(Deserialize)]
struct Next {
    next_cursor: Option<String>,
}

/// The texts of all pages of a list; not generic, so that it is compiled once.
fn pages(path: String) -> Calling<Vec<String>> {
    Box::pin(async move {
        let mut texts = Vec::new();
        let mut address = path.clone();
        loop {
            let text = call(Method::GET, &address, None).await?;
            let next: Next = json::read(&text).ok_or_else(unreadable)?;
            texts.push(text);
            match next.next_cursor {
                Some(cursor) => address = path.clone() + &paths::fill("?cursor={cursor}", &[&cursor]),
                None => return Ok(texts),
            }
        }
    })
}

fn get<T: DeserializeOwned + 'static>(path: &str) -> Calling<T> {
    ask(Method::GET, path, None)
}

fn post<T: DeserializeOwned + 'static>(path: &str, body: &impl Serialize) -> Calling<T> {
    ask(Method::POST, path, Some(json(body)))
}

/// A call with an answer.
fn ask<T: DeserializeOwned + 'static>(method: Method, path: &str, body: Option<String>) -> Calling<T> {
    let text = call(method, path, body);
    Box::pin(async move { json::read(&text.await?).ok_or_else(unreadable) })
}

/// A call whose answer does not matter, or is empty.
fn tell(method: Method, path: &str, body: Option<String>) -> Calling<()> {
    let text = call(method, path, body);
    Box::pin(async move { text.await.map(drop) })
}

/// What all endpoints have in common; not generic, so that it is compiled once.
fn call(method: Method, path: &str, body: Option<String>) -> Calling<String> {
    let builder = RequestBuilder::new(path).method(method).header("Accept", "application/json");
    let request = match body {
        Some(body) => builder.header("Content-Type", "application/json").body(body),
        None => builder.build(),
    };
    Box::pin(async move { answer(request.map_err(not_sent)?).await })
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
    json::read(&text).unwrap_or_else(|| Problem {
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

fn unreadable() -> Problem {
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

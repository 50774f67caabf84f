//! Vendors that hang, redirect, flood, break off, or answer nonsense: each gets a clear error, in time. Here are their
//! servers; the tests stand by what is bad about them.

mod absent;
mod answers;
mod drip;
mod echo;
mod hidden;
mod hosts;
mod moved;
mod odd_tokens;
mod odd_zones;
mod pace;
mod paging;
mod redirects;
mod refusals;
mod tokens;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::Response;
use axum::routing::any;
use bytes::Bytes;
use gateway_server::vendors::{CallError, NetworkSettings};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::rig::{Rig, loopback};
pub(crate) use answers::gzip_bomb;
pub(crate) use drip::dripping;
pub(crate) use tokens::json_answer;

const MANIFEST: &str = r##"
slug = "bad"
name = "Bad"
category = "test"
summary = "Misbehaves."
color = "#000000"
initials = "B"
ip_allowlist = true
fields = [
  { name = "base_url", label = "Address", kind = "url", required = true },
  { name = "key", label = "Key", kind = "secret", required = true },
]
base_url = { template = "{base_url}" }
auth = { bearer = "{key}" }
validation = { path = "/me" }
[[tools]]
name = "get_it"
title = "Get it"
description = "Gets it."
risk = "read"
method = "GET"
path = "/it"
[[tools]]
name = "do_it"
title = "Do it"
description = "Does it."
risk = "write"
method = "POST"
path = "/it"
[[tools]]
name = "list_them"
title = "List them"
description = "Lists them."
risk = "read"
method = "GET"
path = "/them"
result = ""
params = [
  { name = "size", in = "query", type = "integer", description = "Size of a page." },
  { name = "page", in = "query", type = "integer", description = "Page." },
]
[[tools]]
name = "list_accounts"
title = "List accounts"
description = "Lists accounts without their passwords."
risk = "read"
method = "GET"
path = "/accounts"
result = "/rows"
hide = ["password", "otp_secret"]
[paging]
size = "size"
page = "page"
"##;

/// The credential's secret, with characters that others write differently.
const KEY: &str = "hunter2&secret/key+";

fn rig(url: &str) -> Rig {
    with_settings(url, loopback())
}

fn with_settings(url: &str, settings: NetworkSettings) -> Rig {
    Rig::from_text("bad", MANIFEST, settings, &[("base_url", url), ("key", KEY)])
}

fn with_manifest(text: &str, url: &str) -> Rig {
    Rig::from_text("bad", text, loopback(), &[("base_url", url), ("key", KEY)])
}

/// A server that answers everything in one way.
pub(crate) async fn serve<F, R>(answer: F) -> String
where
    F: Fn(Request) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Response<Body>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let router = Router::new().fallback(any(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    url
}

async fn serve_fixed(
    status: u16,
    headers: &'static [(&'static str, &'static str)],
    body: impl Into<Bytes>,
) -> String {
    let body = body.into();
    serve(move |_| {
        let body = body.clone();
        async move {
            let mut response = Response::builder().status(status);
            for (name, value) in headers {
                response = response.header(*name, *value);
            }
            response.body(Body::from(body)).unwrap()
        }
    })
    .await
}

async fn get(url: &str) -> Result<String, CallError> {
    rig(url).call("get_it", json!({})).await.map(|answer| answer.text)
}

/// A server below HTTP: `answer` gets the number of the connection.
async fn raw(answer: impl Fn(usize) -> Vec<u8> + Send + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        for number in 0.. {
            let Ok((mut stream, _)) = listener.accept().await else { return };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(&answer(number)).await;
        }
    });
    url
}

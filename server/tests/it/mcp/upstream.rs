//! A vendor whose behaviour the test decides: a manifest, and a server that answers when it is told to.

use std::net::SocketAddr;

use reqwest::StatusCode;
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::client::Client;
use crate::gateway::{Browser, Gateway};

const MANIFEST: &str = r##"
slug = "desk"
name = "Test desk"
category = "psa"
summary = "A desk for tests."
color = "#123456"
initials = "TD"

[[fields]]
name = "api_key"
label = "API key"
kind = "secret"
required = true

[base_url]
template = "ADDRESS"

[auth.headers]
X-Api-Key = "{api_key}"

[validation]
path = "/account"

[[tools]]
name = "get_ticket"
title = "Get ticket"
description = "Get a ticket."
risk = "read"
method = "GET"
path = "/tickets/{id}"
params = [{ name = "id", in = "path", type = "integer", minimum = 1, required = true, description = "Id." }]
"##;

/// The desk's manifest, for a server there.
pub(crate) fn manifest(address: SocketAddr) -> String {
    MANIFEST.replace("ADDRESS", &format!("http://{address}"))
}

/// The vendor's server; requests wait in it until the test answers them.
pub(crate) struct Upstream {
    listener: TcpListener,
    pub(crate) address: SocketAddr,
}

/// A request that waits for its answer.
pub(crate) struct Waiting {
    stream: TcpStream,
    /// Method and path.
    pub(crate) line: String,
    /// All of the head.
    pub(crate) head: String,
}

impl Upstream {
    /// On a free port.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        Self { listener, address }
    }

    /// A gateway that knows the desk, a person who has connected it, and their client.
    pub(crate) async fn connected(&self) -> (Gateway, Browser, Client) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("desk.toml"), manifest(self.address)).unwrap();
        let path = folder.path().to_str().unwrap();
        let gateway = Gateway::start_with(&["--vendors-dir", path, "--vendor-networks", "127.0.0.0/8"]).await;
        let browser = gateway.member("ada@msp.example").await;
        let client = Client::connect(&gateway, &browser).await;
        self.put(&browser, "the key").await;
        (gateway, browser, client)
    }

    /// Connects, or replaces the key.
    pub(crate) async fn put(&self, browser: &Browser, key: &str) {
        let form = json!({"fields": {"api_key": key}});
        let (answer, ()) = tokio::join!(browser.put("/api/connections/desk", &form), self.answer(200, "{}"));
        assert!([StatusCode::OK, StatusCode::CREATED].contains(&answer.status()), "{}", answer.status());
    }

    /// The next request.
    pub(crate) async fn accept(&self) -> Waiting {
        let (mut stream, _) = self.listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        Waiting { stream, line: head.lines().next().unwrap().to_owned(), head }
    }

    /// Answers the next request.
    pub(crate) async fn answer(&self, status: u16, body: &str) {
        self.accept().await.answer(status, body).await;
    }
}

impl Waiting {
    /// The connection ends with the answer, so that the next request makes a new one.
    pub(crate) async fn answer(self, status: u16, body: &str) {
        self.answer_with(status, &[], body).await;
    }

    /// The same with further headers.
    pub(crate) async fn answer_with(mut self, status: u16, headers: &[(&str, &str)], body: &str) {
        let usual = [("content-type", "application/json"), ("connection", "close")];
        let mut head = format!("HTTP/1.1 {status} X\r\n");
        for (name, value) in usual.iter().chain(headers) {
            head.extend([name, ": ", value, "\r\n"]);
        }
        let whole = format!("{head}content-length: {}\r\n\r\n{body}", body.len());
        self.stream.write_all(whole.as_bytes()).await.unwrap();
        self.stream.shutdown().await.unwrap();
    }

    /// Waits until the gateway hangs up.
    pub(crate) async fn hung_up(mut self) {
        let mut byte = [0];
        assert!(matches!(self.stream.read(&mut byte).await, Ok(0) | Err(_)), "more bytes came");
    }
}

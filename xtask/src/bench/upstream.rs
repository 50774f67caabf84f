//! A vendor for measuring: a loopback HTTP server that answers every request with the same 150 bytes, at once or late.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::workspace;

/// The vendor's slug; its tool is `bench__ping`.
pub(super) const SLUG: &str = "bench";

/// About the size of the answers that other gateways are measured with.
const BODY: &str = r#"{"id":4711,"subject":"Printer on fire","status":"open","priority":"high","customer":"Example Dental","queue":"Service Desk","created":"2026-11-23T08:00Z"}"#;

/// Starts the server on a free port; it ends with this process. Calls of its tool are answered after `delay`.
pub(super) fn start(delay: Duration) -> Result<SocketAddr> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("cannot listen on 127.0.0.1")?;
    let address = listener.local_addr().context("cannot learn the port")?;
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || serve(stream, delay));
        }
    });
    Ok(address)
}

/// Writes the manifest that makes this server a vendor of the gateway.
pub(super) fn write_manifest(dir: &Path, slug: &str, address: SocketAddr) -> Result<()> {
    let manifest = format!(
        r##"slug = "{slug}"
name = "Bench"
category = "demo"
summary = "Answers at once, for measuring."
color = "#334155"
initials = "BE"

[[fields]]
name = "api_key"
label = "API key"
kind = "secret"
required = true

[base_url]
template = "http://{address}"

[auth.headers]
X-Api-Key = "{{api_key}}"

[validation]
path = "/account"

[[tools]]
name = "ping"
title = "Ping"
description = "Answer at once."
risk = "read"
method = "GET"
path = "/ping"
"##
    );
    workspace::write(&dir.join(format!("{slug}.toml")), manifest)
}

/// Answers each request head; none of them has a body. An error means that the client is gone.
fn serve(stream: TcpStream, delay: Duration) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let answer = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{BODY}",
        BODY.len()
    );
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    while reader.read_line(&mut line).ok()? > 0 {
        if line.starts_with("GET /ping") {
            std::thread::sleep(delay);
        }
        if line.trim_end().is_empty() {
            reader.get_mut().write_all(answer.as_bytes()).ok()?;
        }
        line.clear();
    }
    Some(())
}

//! A vendor for measuring: a loopback HTTP server that answers every request with the same 150 bytes, at once or late.

use std::fmt::Write as _;
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

/// Starts the server on a free port; it ends with this process.
pub(super) fn start() -> Result<SocketAddr> {
    start_slow(Duration::ZERO)
}

/// The same, but calls of its tool are answered after `delay`.
pub(super) fn start_slow(delay: Duration) -> Result<SocketAddr> {
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
pub(super) fn write_manifest(dir: &Path, address: SocketAddr) -> Result<()> {
    workspace::write(&dir.join(format!("{SLUG}.toml")), manifest(SLUG, address))
}

/// Writes the manifest of a vendor at the same server that has many tools, each about as long as real ones.
pub(super) fn write_large_manifest(dir: &Path, slug: &str, address: SocketAddr, tools: usize) -> Result<()> {
    let mut text = manifest(slug, address);
    for number in 0..tools {
        write!(text, "{}", large_tool(number)).context("a string takes everything")?;
    }
    workspace::write(&dir.join(format!("{slug}.toml")), text)
}

fn large_tool(number: usize) -> String {
    let parameter = |name: &str, kind: &str| {
        format!(
            "  {{ name = \"{name}\", in = \"query\", type = \"{kind}\", description = \"Only those whose {name} is \
             this one, as the vendor writes it.\" }},\n"
        )
    };
    let parameters: String =
        [("name", "string"), ("status", "string"), ("company_id", "integer"), ("page_size", "integer")]
            .map(|(name, kind)| parameter(name, kind))
            .concat();
    format!(
        r#"
[[tools]]
name = "list_things_{number}"
title = "List things of kind {number}"
description = "Lists the things of kind {number}, the newest first: name, status, company and when they were changed last."
risk = "read"
method = "GET"
path = "/things/{number}"
params = [
{parameters}]
"#
    )
}

fn manifest(slug: &str, address: SocketAddr) -> String {
    format!(
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
    )
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
        if line.starts_with("GET /ping") && !delay.is_zero() {
            std::thread::sleep(delay);
        }
        if line.trim_end().is_empty() {
            reader.get_mut().write_all(answer.as_bytes()).ok()?;
        }
        line.clear();
    }
    Some(())
}

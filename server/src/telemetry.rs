//! The log: on standard error, for people by default, as JSON for machines.

use std::io::{IsTerminal as _, stderr};

use clap::ValueEnum;
use tracing_subscriber::{EnvFilter, fmt};

/// The form of a log line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What the client side of rmcp says holds what servers said to it, who may repeat a credential. It is answered to those
/// who asked, without secrets, and never logged.
const NEVER: [&str; 3] = [
    "rmcp::transport::worker=off",
    "rmcp::transport::streamable_http_client=off",
    "rmcp::transport::common=off",
];

/// Starts logging; `filter` is of the form `info,gateway_server=debug`.
pub fn start(format: LogFormat, filter: &str) -> anyhow::Result<()> {
    let mut filter = EnvFilter::try_new(filter)?;
    for directive in NEVER {
        filter = filter.add_directive(directive.parse()?);
    }
    // Colours are for terminals: a file or a journal gets plain text.
    let builder = fmt().with_env_filter(filter).with_writer(stderr).with_ansi(stderr().is_terminal());
    match format {
        LogFormat::Text => builder.with_target(false).init(),
        LogFormat::Json => builder.json().init(),
    }
    Ok(())
}

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
const NEVER: [&str; 4] = [
    "rmcp::service=off",
    "rmcp::transport::worker=off",
    "rmcp::transport::streamable_http_client=off",
    "rmcp::transport::common=off",
];

/// What is logged; `text` is of the form `info,gateway_server=debug`.
pub fn filter(text: &str) -> anyhow::Result<EnvFilter> {
    let mut filter = EnvFilter::try_new(text)?;
    for directive in NEVER {
        filter = filter.add_directive(directive.parse()?);
    }
    Ok(filter)
}

/// Starts logging through this [`filter`].
pub fn start(format: LogFormat, filter: &str) -> anyhow::Result<()> {
    let filter = self::filter(filter)?;
    // Colours are for terminals: a file or a journal gets plain text.
    let builder = fmt().with_env_filter(filter).with_writer(stderr).with_ansi(stderr().is_terminal());
    match format {
        LogFormat::Text => builder.with_target(false).init(),
        LogFormat::Json => builder.json().init(),
    }
    Ok(())
}

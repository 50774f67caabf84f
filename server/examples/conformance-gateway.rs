//! The gateway with the fixture of the official conformance suite compiled in (`src/mcp/conformance/`); otherwise it is
//! `mcp-gateway`, options and all. For `cargo xtask conformance`; nobody else should run it.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    match gateway_server::cli::run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

//! The binary `mcp-gateway`. Start reading in `cli/mod.rs`.

use std::process::ExitCode;

#[cfg(feature = "fuzzing")]
compile_error!("the feature `fuzzing` is for fuzz/ alone: the gateway carries none of it");

#[tokio::main]
async fn main() -> ExitCode {
    match gateway_server::cli::run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The causes behind it, each once: "cannot listen on 127.0.0.1:80: permission denied".
            tracing::error!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

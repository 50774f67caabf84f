//! `cargo xtask run`: from a fresh clone to a running gateway.

use std::os::unix::process::CommandExt;
use std::process::Command;

use anyhow::{Context, Result};

use crate::ui::{self, Mode};
use crate::{server, workspace};

/// What follows `cargo xtask run`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// More options for `mcp-gateway serve`, after `--`: for example `-- --listen 127.0.0.1:9000`
    #[arg(last = true, value_name = "OPTIONS")]
    gateway: Vec<String>,
}

/// Builds what is out of date, then becomes the gateway: it keeps this process, so that Ctrl-C and signals reach it
/// directly and the shell waits for its orderly end.
pub(crate) fn run(options: &Options) -> Result<()> {
    ui::build(Mode::Dev)?;
    let gateway = server::build_dev()?;
    let mut command = Command::new(&gateway);
    command.current_dir(workspace::root()).args(["serve", "--demo"]).args(&options.gateway);
    println!("==> {}", crate::step::show(&command));
    let error = command.exec();
    Err(error).with_context(|| format!("cannot start {}", gateway.display()))
}

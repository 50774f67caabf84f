//! `mcp-gateway vendors`: for those who write manifests.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Subcommand;

use super::say;

#[derive(Debug, Subcommand)]
pub(super) enum VendorsCommand {
    /// Explain every mistake in a manifest, with its line.
    Check {
        /// The manifest.
        file: PathBuf,
    },
}

pub(super) fn run(command: &VendorsCommand) -> anyhow::Result<()> {
    match command {
        VendorsCommand::Check { file } => check_manifest(file),
    }
}

fn check_manifest(file: &Path) -> anyhow::Result<()> {
    let problems = crate::vendors::check_file(file).with_context(|| file.display().to_string())?;
    if problems.is_empty() {
        say(&format!("{}: good\n", file.display()));
        return Ok(());
    }
    for problem in &problems {
        say(&format!("{problem}\n"));
    }
    bail!("{} has {} problem(s)", file.display(), problems.len())
}

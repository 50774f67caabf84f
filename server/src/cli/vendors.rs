//! `mcp-gateway vendors`: for those who write manifests.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};

use super::{say, table::printable};
use crate::vendors::{Findings, examine_file, import_openapi, read_document};

#[derive(Debug, Subcommand)]
pub(super) enum VendorsCommand {
    /// Explain every mistake in manifests, with its line, and warn of what is right but not good.
    ///
    /// Exits with 1 if a manifest has mistakes. Warnings alone do not fail.
    Check {
        /// The manifests.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Draft a manifest from an OpenAPI document (3.0, 3.1, 3.2 or Swagger 2.0; JSON or YAML).
    ///
    /// The draft has the credential fields, the address and a tool for each operation, with the risk that its method
    /// suggests. Every `# decide:` in it is a question to you: answer them, try the tools, and run `vendors check`.
    /// Nothing is fetched: references to other files or hosts are named in the draft.
    ImportOpenapi(ImportOpenapi),
}

#[derive(Debug, Args)]
pub(super) struct ImportOpenapi {
    /// The document.
    file: PathBuf,
    /// What the vendor is called in names, e.g. `acme`: tools become `acme__list_tickets`. At most 24 characters.
    #[arg(long)]
    slug: String,
    /// Take only these operations: a tag, an operationId, or `GET /path`. Takes several, so it stands behind the
    /// document. Deprecated operations are taken only by their operationId.
    #[arg(long, value_name = "TAG|OPERATION", num_args = 1..)]
    include: Vec<String>,
    /// Write to this file, called like the slug (`acme.toml`), instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the output file if it exists.
    #[arg(long, requires = "output")]
    force: bool,
}

pub(super) fn run(command: &VendorsCommand) -> anyhow::Result<()> {
    match command {
        VendorsCommand::Check { files } => check_manifests(files),
        VendorsCommand::ImportOpenapi(arguments) => import(arguments),
    }
}

fn check_manifests(files: &[PathBuf]) -> anyhow::Result<()> {
    let mut problems = 0;
    for file in files {
        problems += match examine_file(file).with_context(|| file.display().to_string()) {
            Ok(findings) => tell(file, &findings)?,
            Err(error) => {
                say(&format!("{}\n", printable(&format!("{error:#}"))))?;
                1
            }
        };
    }
    match problems {
        0 => Ok(()),
        1 => bail!("1 problem"),
        _ => bail!("{problems} problems"),
    }
}

/// Prints what is wrong with a manifest; how much that is.
fn tell(file: &Path, findings: &Findings) -> anyhow::Result<usize> {
    for problem in &findings.problems {
        say(&format!("{}\n", printable(&problem.to_string())))?;
    }
    for warning in &findings.warnings {
        let text = format!("{}:{}: warning: {}", warning.file.display(), warning.line, warning.message);
        say(&format!("{}\n", printable(&text)))?;
    }
    if findings.problems.is_empty() {
        let warnings = match findings.warnings.len() {
            0 => String::new(),
            1 => ", with 1 warning".to_owned(),
            count => format!(", with {count} warnings"),
        };
        say(&format!("{}: good{warnings}\n", file.display()))?;
    }
    Ok(findings.problems.len())
}

fn import(arguments: &ImportOpenapi) -> anyhow::Result<()> {
    let ImportOpenapi { file, slug, include, output, force } = arguments;
    let draft = import_openapi(&read_document(file)?, slug, include)?;
    let Some(output) = output else {
        return say(&draft.text);
    };
    draft.save(slug, output, *force)?;
    say(&format!(
        "wrote {}: {} tools, {} operations left out, {} places to decide (grep '# decide:')\n",
        output.display(),
        draft.tools,
        draft.left_out,
        draft.decisions
    ))
}

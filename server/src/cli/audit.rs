//! `mcp-gateway audit`: the whole log, also of what concerns no organization, and of organizations that are gone.

use std::io::Write as _;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use gateway_api::ids::OrganizationId;
use gateway_store::{Timestamp, audit::Filter};

use super::{by_operator, open};
use crate::{
    audit::{Event, action, export, filter::parse_moment},
    clock::Clock,
    config::DataOptions,
};

#[derive(Debug, Subcommand)]
pub(super) enum AuditCommand {
    /// Write audit rows to standard output as CSV (RFC 4180), the newest first.
    Export(Export),
}

#[derive(Debug, Args)]
pub(super) struct Export {
    /// Only this organization, by its id; it may have been deleted. Without it: everything.
    #[arg(long, value_name = "ID")]
    organization: Option<OrganizationId>,
    /// Not before this moment: a date like 2026-11-23 (in UTC), or a time like 2026-11-23T08:00:00Z.
    #[arg(long, value_name = "DATE", value_parser = parse_moment)]
    since: Option<Timestamp>,
    /// Before this moment.
    #[arg(long, value_name = "DATE", value_parser = parse_moment)]
    until: Option<Timestamp>,
    #[command(flatten)]
    data: DataOptions,
}

pub(super) async fn run(command: AuditCommand) -> anyhow::Result<()> {
    match command {
        AuditCommand::Export(arguments) => export(&arguments).await,
    }
}

async fn export(arguments: &Export) -> anyhow::Result<()> {
    let database = open(&arguments.data).await?;
    let filter = Filter { since: arguments.since, until: arguments.until, ..Filter::default() };
    let mut export = export::Export::new(arguments.organization, filter);
    let mut out = std::io::stdout();
    while let Some(piece) = export.next(&database).await? {
        out.write_all(&piece).context("standard output")?;
    }
    out.flush().context("standard output")?;
    let event = Event { organization: arguments.organization, ..by_operator(action::AUDIT_EXPORT) };
    let mut transaction = database.write().await?;
    event.write(&Clock::system(), &mut transaction).await?;
    transaction.commit().await?;
    Ok(())
}

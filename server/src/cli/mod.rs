//! The command line: `mcp-gateway --help`. One file per noun.

mod audit;
mod code;
mod doctor;
mod keys;
mod organization;
mod table;
mod user;
mod vendors;

use std::{
    io::{self, Write as _},
    sync::Arc,
};

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use gateway_store::{Database, Purpose};

use crate::{
    audit::Event,
    clock::Clock,
    config::{DataOptions, ServeOptions},
    serve::{Gateway, announce},
    telemetry::{self, LogFormat},
};

/// A self-hosted MCP gateway for managed service providers: vendor credentials stay here, Claude gets tools.
#[derive(Debug, Parser)]
#[command(name = "mcp-gateway", version, long_about = None)]
pub struct Cli {
    /// Without a command: serve, with the environment's settings.
    #[command(subcommand)]
    command: Option<Command>,

    /// How log lines look.
    #[arg(long, global = true, env = "MCP_GATEWAY_LOG_FORMAT", default_value = "text", value_enum)]
    log_format: LogFormat,

    /// What is logged: error, warn, info, debug, or per module as in `info,gateway_server=debug`.
    #[arg(
        long,
        global = true,
        env = "MCP_GATEWAY_LOG",
        default_value = "warn,rmcp=error,gateway_server=info",
        value_name = "FILTER"
    )]
    log: String,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the gateway.
    Serve(Box<ServeOptions>),
    /// Make accounts, set passwords.
    #[command(subcommand)]
    User(user::UserCommand),
    /// Make, list and take back the codes that upgrade an organization to Pro.
    #[command(subcommand)]
    Code(code::CodeCommand),
    /// List organizations, set their plan.
    #[command(subcommand)]
    Organization(organization::OrganizationCommand),
    /// Rotate the keys that sign access tokens.
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Read the audit log.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Take the steps of an MCP client towards a gateway, and say what happened at each and what to do.
    Doctor(doctor::Doctor),
    /// Write vendor manifests: check them, draft one from an OpenAPI document.
    #[command(subcommand)]
    Vendors(vendors::VendorsCommand),
}

/// Runs the command line.
pub async fn run() -> anyhow::Result<()> {
    let cli = Cli::parse();
    telemetry::start(cli.log_format, &cli.log).context("--log")?;
    match cli.command.unwrap_or_else(default_command) {
        Command::Serve(options) => serve(&options).await,
        Command::User(command) => user::run(command).await,
        Command::Code(command) => code::run(command).await,
        Command::Organization(command) => organization::run(command).await,
        Command::Keys(command) => keys::run(command).await,
        Command::Audit(command) => audit::run(command).await,
        Command::Doctor(arguments) => doctor::run(arguments).await,
        Command::Vendors(command) => vendors::run(&command),
    }
}

/// `mcp-gateway` alone is `mcp-gateway serve`, with the environment's settings.
fn default_command() -> Command {
    let cli = Cli::parse_from(["mcp-gateway", "serve"]);
    cli.command.expect("`serve` is a command")
}

async fn serve(options: &ServeOptions) -> anyhow::Result<()> {
    let gateway = Gateway::start(options, Clock::system()).await?;
    say(&announce(&gateway).await?)?;
    gateway.run(shutdown_signal()).await?;
    Ok(())
}

/// Ctrl-C, or what service managers send.
async fn shutdown_signal() {
    let terminate = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminate => {}
    }
}

fn by_operator(action: &'static str) -> Event {
    Event { actor: "operator".to_owned(), action, ..Event::default() }
}

async fn open(options: &DataOptions) -> anyhow::Result<Arc<Database>> {
    crate::serve::make_data_folder(&options.data_dir)?;
    Ok(Arc::new(Database::open(&options.database_url(), Purpose::Command).await?))
}

/// Standard output is for what the user asked for; the log goes to standard error. Whoever reads it may stop before the end,
/// as `head` does.
fn say(text: &str) -> anyhow::Result<()> {
    let mut output = io::stdout().lock();
    match output.write_all(text.as_bytes()).and_then(|()| output.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        _ => Ok(()),
    }
}

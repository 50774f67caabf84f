//! The command line: `mcp-gateway --help`.

use std::{io::Read as _, path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use clap::{Args, Parser, Subcommand};
use gateway_api::plans::Plan;
use gateway_store::{
    Database, Event, Purpose, StoreError, Topic, audit as audit_rows, sessions, upgrade_codes,
    upgrade_codes::NewUpgradeCode, users,
};
use secrecy::SecretString;

use crate::{
    audit::{self, action},
    auth::{passwords, passwords::Passwords, people},
    clock::{Clock, hash_token, random_token},
    config::{DataOptions, ServeOptions},
    serve::{Gateway, announce},
    telemetry::{self, LogFormat},
};

/// A self-hosted MCP gateway for managed service providers: vendor credentials stay here, Claude gets tools.
#[derive(Debug, Parser)]
#[command(name = "mcp-gateway", version, about, long_about = None)]
pub struct Cli {
    /// Without a command: serve, with everything at its default.
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
    User(UserCommand),
    /// Make codes that upgrade an organization to Pro.
    #[command(subcommand)]
    Code(CodeCommand),
    /// Check vendor manifests.
    #[command(subcommand)]
    Vendors(VendorsCommand),
}

#[derive(Debug, Subcommand)]
enum UserCommand {
    /// Make a local account.
    Create(CreateUser),
    /// Set a new password for a local account; ends its sessions.
    ResetPassword(ResetPassword),
}

#[derive(Debug, Args)]
struct CreateUser {
    /// The e-mail address to sign in with.
    #[arg(long)]
    email: String,
    /// How the person is called.
    #[arg(long)]
    name: String,
    /// Read the password (12 to 200 characters) from standard input.
    #[arg(long, required = true)]
    password_stdin: bool,
    /// The plan of the organization that is made with the account.
    #[arg(long, env = "MCP_GATEWAY_DEFAULT_PLAN", default_value = "free", value_name = "free|pro")]
    plan: Plan,
    #[command(flatten)]
    data: DataOptions,
}

#[derive(Debug, Args)]
struct ResetPassword {
    /// The e-mail address of the account.
    #[arg(long)]
    email: String,
    /// Read the new password (12 to 200 characters) from standard input.
    #[arg(long, required = true)]
    password_stdin: bool,
    #[command(flatten)]
    data: DataOptions,
}

#[derive(Debug, Subcommand)]
enum CodeCommand {
    /// Make an upgrade code and print it: only now, for only its hash is kept.
    Create(CreateCode),
}

#[derive(Debug, Args)]
struct CreateCode {
    /// How many organizations it may upgrade.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(i32).range(1..=100_000))]
    uses: i32,
    /// How long it is good, e.g. 30d or 12h. Without it: for good.
    #[arg(long, value_parser = humantime::parse_duration, value_name = "DURATION")]
    expires_in: Option<Duration>,
    #[command(flatten)]
    data: DataOptions,
}

#[derive(Debug, Subcommand)]
enum VendorsCommand {
    /// Explain every mistake in a manifest, with its line.
    Check {
        /// The manifest.
        file: PathBuf,
    },
}

/// Runs the command line.
pub async fn run() -> anyhow::Result<()> {
    let cli = Cli::parse();
    telemetry::start(cli.log_format, &cli.log).context("--log")?;
    match cli.command.unwrap_or_else(default_command) {
        Command::Serve(options) => serve(&options).await,
        Command::User(UserCommand::Create(arguments)) => create_user(arguments).await,
        Command::User(UserCommand::ResetPassword(arguments)) => reset_password(arguments).await,
        Command::Code(CodeCommand::Create(arguments)) => create_code(arguments).await,
        Command::Vendors(VendorsCommand::Check { file }) => check_manifest(&file),
    }
}

/// `mcp-gateway` alone is `mcp-gateway serve`, with the environment's settings.
fn default_command() -> Command {
    let cli = Cli::parse_from(["mcp-gateway", "serve"]);
    cli.command.expect("`serve` is a command")
}

async fn serve(options: &ServeOptions) -> anyhow::Result<()> {
    let gateway = Gateway::start(options, Clock::system()).await?;
    say(&announce(&gateway).await?);
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

async fn create_user(arguments: CreateUser) -> anyhow::Result<()> {
    let clock = Clock::system();
    let password = read_password()?;
    let wrong = people::check_account(&arguments.name, &arguments.email, &password);
    if let Some(error) = wrong.first() {
        bail!("{}: {}", error.field, error.message);
    }
    let hash = hash(password).await?;
    let database = open(&arguments.data).await?;
    let mut transaction = database.write().await?;
    let (user, organization) =
        people::create(&mut transaction, &clock, arguments.plan, (&arguments.name, &arguments.email)).await?;
    match users::insert_local_account(&mut transaction, &user, &hash).await {
        Err(StoreError::Conflict) => {
            bail!("there is an account with the e-mail address {} already", arguments.email)
        }
        result => result?,
    }
    let event = audit::Event {
        organization: Some(organization.id),
        user: Some(user.id),
        target: Some(user.name.clone()),
        ..by_operator(action::ACCOUNT_CREATE)
    };
    audit_rows::insert(&mut transaction, vec![event.row(&clock)]).await?;
    transaction.commit().await?;
    say(&format!("made the account {} ({})\n", user.email, user.id));
    Ok(())
}

async fn reset_password(arguments: ResetPassword) -> anyhow::Result<()> {
    let clock = Clock::system();
    let password = read_password()?;
    passwords::check(&password).map_err(|why| anyhow::anyhow!("password: {why}"))?;
    let hash = hash(password).await?;
    let database = open(&arguments.data).await?;
    let mut transaction = database.write().await?;
    let account = users::find_local_account(&mut transaction, &arguments.email).await?;
    let account = account
        .with_context(|| format!("there is no local account with the e-mail address {}", arguments.email))?;
    users::set_password_hash(&mut transaction, account.user_id, &hash, clock.now()).await?;
    sessions::delete_of_user(&mut transaction, account.user_id, None).await?;
    let event = audit::Event { user: Some(account.user_id), ..by_operator(action::PASSWORD_CHANGE) };
    audit_rows::insert(&mut transaction, vec![event.row(&clock)]).await?;
    transaction.publish(Event::Changed(Topic::User, account.user_id.uuid()));
    transaction.commit().await?;
    say("the password is set, and every session of this account has ended\n");
    Ok(())
}

async fn create_code(arguments: CreateCode) -> anyhow::Result<()> {
    let clock = Clock::system();
    let code = random_token();
    let now = clock.now();
    let new = NewUpgradeCode {
        id: clock.new_id(),
        code_hash: hash_token(&code),
        max_uses: arguments.uses,
        created_at: now,
        expires_at: arguments.expires_in.map(|duration| now.plus(duration)),
    };
    let database = open(&arguments.data).await?;
    let mut transaction = database.write().await?;
    upgrade_codes::insert(&mut transaction, &new).await?;
    let event = audit::Event { target: Some(new.id.to_string()), ..by_operator(action::CODE_CREATE) };
    audit_rows::insert(&mut transaction, vec![event.row(&clock)]).await?;
    transaction.commit().await?;
    say(&format!("{code}\n"));
    Ok(())
}

fn check_manifest(file: &std::path::Path) -> anyhow::Result<()> {
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

fn by_operator(action: &'static str) -> audit::Event {
    audit::Event { actor: "operator".to_owned(), action, ..audit::Event::default() }
}

async fn open(options: &DataOptions) -> anyhow::Result<Arc<Database>> {
    crate::serve::make_data_folder(&options.data_dir)?;
    Ok(Arc::new(Database::open(&options.database_url(), Purpose::Command).await?))
}

async fn hash(password: String) -> anyhow::Result<String> {
    let passwords = Passwords::new().map_err(|error| anyhow::anyhow!("argon2: {error}"))?;
    Ok(passwords.hash(SecretString::from(password)).await?)
}

fn read_password() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin().take(4096).read_to_string(&mut text).context("standard input")?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// Standard output is for what the user asked for; the log goes to standard error.
#[expect(clippy::print_stdout, reason = "this is the command line")]
fn say(text: &str) {
    print!("{text}");
}

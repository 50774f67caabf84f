//! `mcp-gateway user`: accounts that the operator makes.

use std::io::Read as _;

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand};
use gateway_api::plans::Plan;
use gateway_store::{Event, StoreError, Topic, sessions, users};
use secrecy::SecretString;

use super::{by_operator, open, say};
use crate::{
    audit::{self, action},
    auth::{passwords, passwords::Passwords, people},
    clock::Clock,
    config::{DataOptions, parse_plan},
    oauth::grants::revoke_all_of,
};

#[derive(Debug, Subcommand)]
pub(super) enum UserCommand {
    /// Make a local account.
    Create(CreateUser),
    /// Set a new password for a local account; ends its sessions and revokes its authorized apps.
    ResetPassword(ResetPassword),
}

#[derive(Debug, Args)]
pub(super) struct CreateUser {
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
    #[arg(long, env = "MCP_GATEWAY_DEFAULT_PLAN", default_value = "free", value_parser = parse_plan(), value_name = "PLAN")]
    plan: Plan,
    #[command(flatten)]
    data: DataOptions,
}

#[derive(Debug, Args)]
pub(super) struct ResetPassword {
    /// The e-mail address of the account.
    #[arg(long)]
    email: String,
    /// Read the new password (12 to 200 characters) from standard input.
    #[arg(long, required = true)]
    password_stdin: bool,
    #[command(flatten)]
    data: DataOptions,
}

pub(super) async fn run(command: UserCommand) -> anyhow::Result<()> {
    match command {
        UserCommand::Create(arguments) => create_user(arguments).await,
        UserCommand::ResetPassword(arguments) => reset_password(arguments).await,
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
    event.write(&clock, &mut transaction).await?;
    transaction.commit().await?;
    say(&format!("made the account {} ({})\n", user.email, user.id))
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
    event.write(&clock, &mut transaction).await?;
    let by =
        audit::Event { reason: Some("password changed".to_owned()), ..by_operator(action::GRANT_REVOKE) };
    let apps = revoke_all_of(&clock, &mut transaction, account.user_id, &by).await?;
    transaction.publish(Event::Changed(Topic::User, account.user_id.uuid()));
    transaction.commit().await?;
    say(&format!(
        "the password is set; every session of this account has ended, and {apps} authorized app(s) must be connected \
         again\n"
    ))
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

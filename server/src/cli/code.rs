//! `mcp-gateway code`: what upgrades an organization to Pro.

use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use gateway_api::ids::UpgradeCodeId;
use gateway_store::{
    Timestamp,
    upgrade_codes::{self, CodeRefusal, CodeUse, NewUpgradeCode, UpgradeCode},
};

use super::{
    by_operator, open, say,
    table::{self, moment, printable},
};
use crate::{
    audit::{self, action},
    clock::{Clock, hash_token, random_token},
    config::DataOptions,
};

#[derive(Debug, Subcommand)]
pub(super) enum CodeCommand {
    /// Make an upgrade code and print it: only now, for only its hash is kept.
    Create(CreateCode),
    /// List all codes: how often each may be used, and which organizations used it. The codes themselves are not kept.
    List {
        #[command(flatten)]
        data: DataOptions,
    },
    /// Take a code back: it upgrades nothing more. Organizations that it has upgraded stay as they are.
    Revoke {
        /// The code's id, as `mcp-gateway code list` shows it.
        id: UpgradeCodeId,
        #[command(flatten)]
        data: DataOptions,
    },
}

#[derive(Debug, Args)]
pub(super) struct CreateCode {
    /// How many organizations it may upgrade.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(i32).range(1..=100_000))]
    uses: i32,
    /// How long it is good, e.g. 30d or 12h. Without it: for good.
    #[arg(long, value_parser = humantime::parse_duration, value_name = "DURATION")]
    expires_in: Option<Duration>,
    #[command(flatten)]
    data: DataOptions,
}

pub(super) async fn run(command: CodeCommand) -> anyhow::Result<()> {
    match command {
        CodeCommand::Create(arguments) => create_code(arguments).await,
        CodeCommand::List { data } => list_codes(&data).await,
        CodeCommand::Revoke { id, data } => revoke_code(id, &data).await,
    }
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
    event.write(&clock, &mut transaction).await?;
    transaction.commit().await?;
    say(&format!("{code}\n"))
}

async fn list_codes(data: &DataOptions) -> anyhow::Result<()> {
    let database = open(data).await?;
    let mut connection = database.read().await?;
    let codes = upgrade_codes::list(&mut connection).await?;
    let uses = upgrade_codes::list_uses(&mut connection).await?;
    if codes.is_empty() {
        return say("there are no codes; `mcp-gateway code create` makes one\n");
    }
    let head = ["ID", "USED", "STATE", "MADE", "EXPIRES", "USED BY"].map(str::to_owned).to_vec();
    let now = Clock::system().now();
    let rows = codes.iter().map(|code| row(code, &uses, now));
    say(&table::lines(&std::iter::once(head).chain(rows).collect::<Vec<_>>()))
}

fn row(code: &UpgradeCode, uses: &[CodeUse], now: Timestamp) -> Vec<String> {
    let state = match code.refusal(now) {
        None => "good",
        Some(CodeRefusal::Expired) => "expired",
        Some(CodeRefusal::UsedUp) => "used up",
        Some(CodeRefusal::Revoked | CodeRefusal::Unknown) => "revoked",
    };
    let by: Vec<_> = uses.iter().filter(|one| one.code_id == code.id).map(user_of).collect();
    vec![
        code.id.to_string(),
        format!("{} of {}", code.used, code.max_uses),
        state.to_owned(),
        moment(code.created_at),
        code.expires_at.map_or_else(|| "never".to_owned(), moment),
        by.join(", "),
    ]
}

fn user_of(one: &CodeUse) -> String {
    let deleted = || format!("{} (deleted)", one.organization_id);
    one.organization_name.as_deref().map_or_else(deleted, printable)
}

async fn revoke_code(id: UpgradeCodeId, data: &DataOptions) -> anyhow::Result<()> {
    let clock = Clock::system();
    let database = open(data).await?;
    let mut transaction = database.write().await?;
    let code = upgrade_codes::revoke(&mut transaction, id, clock.now()).await?;
    let code = code.with_context(|| {
        format!("there is no code with the id {id}; `mcp-gateway code list` shows the ids")
    })?;
    let event = audit::Event { target: Some(id.to_string()), ..by_operator(action::CODE_REVOKE) };
    event.write(&clock, &mut transaction).await?;
    transaction.commit().await?;
    let left = code.max_uses.saturating_sub(code.used);
    say(&format!("revoked: {left} of {} use(s) were left, and nobody can use them any more\n", code.max_uses))
}

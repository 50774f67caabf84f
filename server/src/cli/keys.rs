//! `mcp-gateway keys`: the keys that sign access tokens.

use std::{path::PathBuf, sync::Arc};

use anyhow::bail;
use clap::{Args, Subcommand};
use gateway_store::{
    Event,
    signing_keys::{self, SigningKeyRow},
};

use super::{
    by_operator, open, say,
    table::{self, moment},
};
use crate::{
    audit::{self, action},
    clock::Clock,
    config::{DataOptions, master_key_path},
    oauth::keys,
    vault::{MasterKeys, Vault},
};

#[derive(Debug, Subcommand)]
pub(super) enum KeysCommand {
    /// List the keys: which one signs, and until when the older ones verify.
    List {
        #[command(flatten)]
        data: DataOptions,
    },
    /// Make a new key, which signs from now on. Nobody is signed out: tokens that are out there stay good until they
    /// expire.
    Rotate(Rotate),
}

#[derive(Debug, Args)]
pub(super) struct Rotate {
    /// Distrust the older keys at once, for example because one became known. Every app must refresh its token, which it
    /// does by itself; nobody must sign in again.
    #[arg(long)]
    distrust_older: bool,
    /// File with the master key(s) of the gateway. Without it: `master.key` in the data folder.
    #[arg(long, env = "MCP_GATEWAY_MASTER_KEY_FILE", value_name = "FILE")]
    master_key_file: Option<PathBuf>,
    #[command(flatten)]
    data: DataOptions,
}

pub(super) async fn run(command: KeysCommand) -> anyhow::Result<()> {
    match command {
        KeysCommand::List { data } => list_keys(&data).await,
        KeysCommand::Rotate(arguments) => rotate_keys(&arguments).await,
    }
}

async fn list_keys(data: &DataOptions) -> anyhow::Result<()> {
    let database = open(data).await?;
    let keys = signing_keys::list(&mut database.read().await?).await?;
    if keys.is_empty() {
        return say("there are no keys yet; the first start of the gateway makes one\n");
    }
    let head = ["ID", "MADE", "STATE"].map(str::to_owned).to_vec();
    let rows = keys.iter().map(row);
    say(&table::lines(&std::iter::once(head).chain(rows).collect::<Vec<_>>()))
}

fn row(key: &SigningKeyRow) -> Vec<String> {
    let state = match key.retired_at {
        None => "signs".to_owned(),
        Some(at) => format!("verifies until {}", moment(keys::verifies_until(at))),
    };
    vec![key.id.to_string(), moment(key.created_at), state]
}

async fn rotate_keys(arguments: &Rotate) -> anyhow::Result<()> {
    let clock = Clock::system();
    let file = master_key_path(arguments.master_key_file.as_deref(), &arguments.data.data_dir);
    if !file.exists() {
        bail!(
            "there is no master key file {}: give the gateway's own --data-dir or --master-key-file, or start the \
             gateway once, which makes both kinds of keys",
            file.display()
        );
    }
    let database = open(&arguments.data).await?;
    let vault = Vault::open(MasterKeys::read_or_make(&file)?, Arc::clone(&database), &clock).await?;
    let next = keys::make_next(&database, &vault, &clock).await?;
    let mut transaction = database.write().await?;
    let retired = keys::rotate(&mut transaction, &next, !arguments.distrust_older).await?;
    let event = audit::Event {
        target: Some(next.id.to_string()),
        reason: arguments.distrust_older.then(|| "older keys distrusted".to_owned()),
        ..by_operator(action::KEYS_ROTATE)
    };
    event.write(&clock, &mut transaction).await?;
    // Rare enough to let every replica read everything again.
    transaction.publish(Event::Everything);
    transaction.commit().await?;
    say(&format!("the key {} signs from now on{}\n", next.id, about_older(retired, arguments)))
}

fn about_older(retired: usize, arguments: &Rotate) -> &'static str {
    match (retired, arguments.distrust_older) {
        (0, _) => "",
        (_, false) => "; tokens that the older key signed stay good until they expire",
        (_, true) => "; tokens that older keys signed are good no more, so every app refreshes its own",
    }
}

//! The two databases that everything is tested on, and how a test run is told which.

use std::process::Command;

use anyhow::{Context, Result};

use crate::postgres::Cluster;

/// Names the engine for the integration and end-to-end tests: `sqlite` (also without it) or `postgres`.
const ENGINE: &str = "GATEWAY_TEST_ENGINE";

/// The URL of a PostgreSQL whose user may create databases: each test makes its own.
const POSTGRES_URL: &str = "GATEWAY_TEST_POSTGRES_URL";

/// A database engine of the gateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Engine {
    /// The default: one file.
    Sqlite,
    /// The scale-out engine.
    Postgres,
}

impl Engine {
    /// As people write it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Engine::Sqlite => "SQLite",
            Engine::Postgres => "PostgreSQL",
        }
    }
}

/// A running engine: for PostgreSQL a throw-away cluster, gone when this is dropped.
pub(crate) struct RunningEngine {
    engine: Engine,
    cluster: Option<Cluster>,
}

impl RunningEngine {
    /// Starts what the engine needs.
    pub(crate) fn start(engine: Engine) -> Result<Self> {
        let cluster = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(Cluster::start().context("no PostgreSQL to test on")?),
        };
        Ok(RunningEngine { engine, cluster })
    }

    /// Tells a test command which engine to use.
    pub(crate) fn configure(&self, command: &mut Command) {
        command.env_remove(POSTGRES_URL);
        match &self.cluster {
            None => command.env(ENGINE, "sqlite"),
            Some(cluster) => command.env(ENGINE, "postgres").env(POSTGRES_URL, cluster.url()),
        };
    }

    /// Which engine this is.
    pub(crate) fn engine(&self) -> Engine {
        self.engine
    }
}

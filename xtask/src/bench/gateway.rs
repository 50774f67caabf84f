//! A gateway that is measured: started on a free loopback port, stopped as an operator would.

use std::fs::File;
use std::io::Write;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::http::Connection;
use crate::{postgres, step};

/// How long a start may take at all.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often a starting gateway is asked: finer than what is measured.
const PAUSE: Duration = Duration::from_millis(2);

/// A running gateway.
pub(super) struct Gateway {
    child: Child,
    address: SocketAddr,
    /// From the start of the process to the first `200` of `/ready`.
    pub(super) time_to_ready: Duration,
}

impl Gateway {
    /// Starts the program on this data folder and waits until it is ready.
    pub(super) fn start(binary: &Path, data: &Path) -> Result<Self> {
        Self::start_with(binary, data, |_| {})
    }

    /// The same with more options.
    pub(super) fn start_with(binary: &Path, data: &Path, more: impl FnOnce(&mut Command)) -> Result<Self> {
        let address = SocketAddr::from(([127, 0, 0, 1], postgres::free_port()?));
        let log_file = data.join("bench.log");
        let log = File::create(&log_file).with_context(|| format!("cannot write {}", log_file.display()))?;
        let mut command = Command::new(binary);
        command.args(["serve", "--listen", &address.to_string(), "--data-dir"]).arg(data);
        more(&mut command);
        for (name, _) in
            std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("MCP_GATEWAY_"))
        {
            command.env_remove(name);
        }
        command.stdin(Stdio::null()).stderr(log.try_clone().context("cannot share the log")?).stdout(log);
        let start = Instant::now();
        let child = command.spawn().with_context(|| format!("cannot start {}", binary.display()))?;
        let mut gateway = Gateway { child, address, time_to_ready: Duration::ZERO };
        gateway.wait_until_ready(start, &log_file)?;
        Ok(gateway)
    }

    /// The process, for `/proc`.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The status of a `GET`.
    pub(super) fn get(&self, path: &str) -> Result<u16> {
        status_of(self.address, path)
    }

    /// Ends it by SIGTERM, and says when it ended badly.
    pub(super) fn stop(mut self) -> Result<()> {
        step::run(Command::new("kill").args(["-TERM", &self.pid().to_string()]))?;
        let status = self.child.wait().context("cannot wait for the gateway's end")?;
        if !status.success() {
            bail!("the gateway did not end in an orderly way: {status}");
        }
        Ok(())
    }

    fn wait_until_ready(&mut self, start: Instant, log_file: &PathBuf) -> Result<()> {
        let log = || std::fs::read_to_string(log_file).unwrap_or_default();
        loop {
            if matches!(status_of(self.address, "/ready"), Ok(200)) {
                self.time_to_ready = start.elapsed();
                return Ok(());
            }
            if let Some(status) = self.child.try_wait().context("cannot look after the gateway")? {
                bail!("the gateway ended while starting ({status}):\n{}", log());
            }
            if start.elapsed() > PATIENCE {
                bail!("the gateway is not ready after {}:\n{}", step::seconds(PATIENCE), log());
            }
            std::thread::sleep(PAUSE);
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        // Does nothing after `stop`: the process is gone then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Makes an account on the command line, on SQLite in the data folder or on this database.
pub(super) fn create_user(
    binary: &Path,
    data: &Path,
    database: Option<&str>,
    (email, password): (&str, &str),
) -> Result<()> {
    let mut command = Command::new(binary);
    command.args(["user", "create", "--email", email, "--name", "Bench", "--password-stdin", "--data-dir"]);
    command.arg(data).args(database.map(|url| format!("--database-url={url}")));
    let mut child = command.stdin(Stdio::piped()).spawn().context("cannot make an account")?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(password.as_bytes()).context("cannot hand over the password")?;
    }
    let status = child.wait().context("cannot wait for the account")?;
    if !status.success() {
        bail!("the gateway made no account ({status})");
    }
    Ok(())
}

/// Gives an organization the plan Pro, on this database.
pub(super) fn upgrade(binary: &Path, data: &Path, url: &str, organization: &str) -> Result<()> {
    let mut command = Command::new(binary);
    command.args(["organization", "set-plan", organization, "pro", "--database-url", url, "--data-dir"]);
    step::run(command.arg(data))
}

fn status_of(address: SocketAddr, path: &str) -> Result<u16> {
    Ok(Connection::open(address)?.exchange("GET", path, &[], "")?.status)
}

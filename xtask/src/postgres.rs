//! A throw-away PostgreSQL from the installed binaries: its own folder, a free loopback port, a random password.
//!
//! The system's PostgreSQL service is neither used nor started. A small shell process watches this one by a pipe
//! and stops the cluster when the pipe closes: at the regular end, after a failure, on Ctrl-C, and even when xtask
//! is killed.

use std::fs::File;
use std::io::Read;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};

use crate::stamp::hex;
use crate::tools::{apt, on_path};
use crate::{step, workspace};

/// Durability is of no use to a database that is thrown away; speed is.
const SETTINGS: &str = "-c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=300 \
                        -c fsync=off -c synchronous_commit=off -c full_page_writes=off";

/// Waits for the pipe to close, then stops the cluster and removes its folder. `$1` is the folder, the rest is
/// `pg_ctl` with what must stand before it.
const WATCHER: &str = "trap '' INT TERM HUP; dir=$1; shift; cat >/dev/null; \
                       \"$@\" stop --silent --mode=immediate --pgdata=\"$dir/data\" >/dev/null 2>&1; rm -rf \"$dir\"";

/// How often another free port is tried, should someone take the one found.
const PORT_ATTEMPTS: u32 = 3;

/// A running cluster; it stops and disappears with this value.
pub(crate) struct Cluster {
    url: String,
    watcher: Child,
}

impl Cluster {
    /// Makes and starts a cluster.
    pub(crate) fn start() -> Result<Self> {
        let installation = Installation::find_or_install()?;
        step::step("PostgreSQL: start a throw-away cluster", || start(&installation))
    }

    /// `postgres://..` for the cluster's superuser.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.watcher.stdin.take());
        let _ = self.watcher.wait();
    }
}

/// The server's programs, and as whom they run: PostgreSQL refuses to run as root.
struct Installation {
    bin: PathBuf,
    user: Option<&'static str>,
}

impl Installation {
    fn find_or_install() -> Result<Self> {
        let bin = if let Some(bin) = find_bin() {
            bin
        } else {
            apt::install(&["postgresql"])?;
            find_bin()
                .context("the package postgresql was installed, but initdb is not where Debian puts it")?
        };
        let user = apt::is_root().then(|| if exists("postgres") { "postgres" } else { "nobody" });
        Ok(Installation { bin, user })
    }

    /// One of the server's programs, as the right user.
    fn command(&self, program: &str, dir: &Path) -> Command {
        let mut words = self.words(program).into_iter();
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words).current_dir(dir);
        command
    }

    fn words(&self, program: &str) -> Vec<PathBuf> {
        let become_user = self.user.map(|user| ["runuser", "-u", user, "--"].map(PathBuf::from));
        become_user.into_iter().flatten().chain([self.bin.join(program)]).collect()
    }
}

fn start(installation: &Installation) -> Result<Cluster> {
    let dir = tempfile::Builder::new()
        .prefix("gateway-postgres-")
        .tempdir()
        .context("cannot make a folder")?
        .keep();
    let watcher = watch(installation, &dir)?;
    let mut cluster = Cluster { url: String::new(), watcher };
    let password = random_password()?;
    init(installation, &dir, &password)?;
    let port = start_on_free_port(installation, &dir)?;
    cluster.url = format!("postgres://postgres:{password}@127.0.0.1:{port}/postgres");
    Ok(cluster)
}

fn watch(installation: &Installation, dir: &Path) -> Result<Child> {
    let mut command = Command::new("sh");
    command.args(["-c", WATCHER, "sh"]).arg(dir).args(installation.words("pg_ctl"));
    // A process group of its own: the terminal's Ctrl-C is not for it.
    let command = command.current_dir("/").process_group(0).stdin(Stdio::piped());
    command.spawn().context("cannot start the shell that watches over the cluster")
}

fn init(installation: &Installation, dir: &Path, password: &str) -> Result<()> {
    let password_file = dir.join("password");
    workspace::write(&password_file, password)?;
    if let Some(user) = installation.user {
        step::output(Command::new("chown").args(["-R", user]).arg(dir))?;
    }
    let mut initdb = installation.command("initdb", dir);
    initdb.args(["--no-sync", "--no-instructions", "--encoding=UTF8", "--locale=C"]);
    initdb.args(["--username=postgres", "--auth=scram-sha-256"]).arg("--pwfile").arg(&password_file);
    step::output(initdb.arg("--pgdata").arg(dir.join("data")))
        .context("cannot make a PostgreSQL cluster")
        .map(drop)
}

fn start_on_free_port(installation: &Installation, dir: &Path) -> Result<u16> {
    let log = dir.join("log");
    let mut attempt = 1;
    loop {
        let port = free_port()?;
        let mut pg_ctl = installation.command("pg_ctl", dir);
        pg_ctl.args(["start", "--wait", "--silent", "--timeout=60"]).arg("--log").arg(&log);
        pg_ctl.arg("--pgdata").arg(dir.join("data")).arg("--options").arg(format!("-p {port} {SETTINGS}"));
        match step::run(pg_ctl.stdin(Stdio::null())) {
            Ok(()) => return Ok(port),
            Err(_) if attempt < PORT_ATTEMPTS => attempt += 1,
            Err(error) => {
                let log = std::fs::read_to_string(&log).unwrap_or_default();
                return Err(error)
                    .with_context(|| format!("PostgreSQL does not start; its log says:\n{log}"));
            }
        }
    }
}

/// A port on which nobody listens on loopback just now.
pub(crate) fn free_port() -> Result<u16> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).context("cannot listen on 127.0.0.1")?;
    Ok(listener.local_addr().context("cannot learn the port")?.port())
}

/// Other people on this machine can reach the port too, and the cluster's superuser can run programs.
fn random_password() -> Result<String> {
    let mut bytes = [0; 16];
    let mut source = File::open("/dev/urandom").context("cannot open /dev/urandom")?;
    source.read_exact(&mut bytes).context("cannot read /dev/urandom")?;
    Ok(hex(&bytes))
}

/// Debian keeps the server's programs off `PATH`, one folder per major version: the newest.
fn find_bin() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = versions
        .filter_map(|entry| {
            Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin")))
        })
        .filter(|(_, bin)| bin.join("initdb").exists())
        .max_by_key(|(version, _)| *version);
    newest.map(|(_, bin)| bin).or_else(|| on_path("initdb")?.parent().map(Path::to_path_buf))
}

fn exists(user: &str) -> bool {
    step::succeeds(Command::new("id").args(["-u", user]))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs where PostgreSQL is installed already; a unit test installs nothing.
    #[test]
    fn a_cluster_answers_and_leaves_nothing_behind() {
        if find_bin().is_none() {
            return;
        }
        let cluster = Cluster::start().unwrap();
        let installation = Installation::find_or_install().unwrap();
        let mut psql = Command::new(installation.bin.join("psql"));
        let answer = step::output(psql.args([cluster.url(), "-Atc", "show data_directory"])).unwrap();
        let data = PathBuf::from(answer.trim());
        assert!(data.starts_with(std::env::temp_dir()));
        drop(cluster);
        assert!(!data.parent().unwrap().exists());
    }
}

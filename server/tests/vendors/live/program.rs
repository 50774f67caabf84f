//! A real program in a folder of its own, on a loopback port of its own.
//!
//! A small shell process watches the test by a pipe. It stops the program and removes the folder when the pipe closes:
//! when the value is dropped, and as well when the test process ends in any other way.

use std::fs::File;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// `$1` is the folder, the rest the program with its words.
const WATCHER: &str = "dir=$1; shift; \"$@\" & pid=$!; trap '' INT TERM HUP; cat >/dev/null; kill -TERM $pid; wait $pid; rm -rf \"$dir\"";

/// How long a program may take to start.
const START: Duration = Duration::from_secs(30);

/// A folder, a port, and the program once it is started.
pub(crate) struct Program {
    pub(crate) port: u16,
    pub(crate) folder: PathBuf,
    watcher: Option<Child>,
}

impl Program {
    /// A folder for a program.
    pub(crate) fn prepare(name: &str) -> Self {
        let folder = tempfile::Builder::new().prefix(&format!("gateway-{name}-")).tempdir().unwrap().keep();
        Self { port: 0, folder, watcher: None }
    }

    /// A free port; asked for last, so that nobody else takes it before the program does.
    pub(crate) fn choose_port(&mut self) -> u16 {
        self.port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        self.port
    }

    /// Writes a file of the folder; its full path.
    pub(crate) fn write(&self, name: &str, text: &str) -> String {
        std::fs::write(self.folder.join(name), text).unwrap();
        self.path(name)
    }

    /// The full path of a file or folder in the folder.
    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// Starts the program, and waits until it listens.
    pub(crate) async fn start(&mut self, program: &Path, words: &[String]) {
        let log = File::create(self.folder.join("output")).unwrap();
        let mut watcher = Command::new("sh");
        watcher.args(["-c", WATCHER, "sh"]).arg(&self.folder).arg(program).args(words);
        watcher.stdin(Stdio::piped()).stdout(log.try_clone().unwrap()).stderr(log);
        // A process group of its own: who stops the test by its group leaves the stopping of the program to the watcher.
        self.watcher = Some(watcher.current_dir(&self.folder).process_group(0).spawn().unwrap());
        // There is no event to wait for but the port itself.
        let listens = async {
            while tokio::net::TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        if tokio::time::timeout(START, listens).await.is_err() {
            let log = std::fs::read_to_string(self.folder.join("output")).unwrap_or_default();
            panic!("{} does not listen on port {}:\n{log}", program.display(), self.port);
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        match &mut self.watcher {
            Some(watcher) => {
                drop(watcher.stdin.take());
                watcher.wait().ok();
            }
            None => drop(std::fs::remove_dir_all(&self.folder)),
        }
    }
}

/// The program that a variable names, or the one of a Debian package; without it the test fails.
pub(crate) fn binary(variable: &str, debian: &str, package: &str) -> PathBuf {
    let file = std::env::var_os(variable).map_or_else(|| debian.into(), PathBuf::from);
    assert!(
        file.exists(),
        "{} is missing. `cargo xtask test` installs it; by hand: `apt-get install {package}`, or set {variable}",
        file.display()
    );
    file
}

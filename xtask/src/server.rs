//! The native build: the binary `mcp-gateway`.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::ui::Manifest;
use crate::{step, workspace};

const PACKAGE: &str = "gateway-server";
const BINARY: &str = "mcp-gateway";

const CONFORMANCE_EXAMPLE: &str = "conformance-gateway";

/// What cargo is told to compile the fixture in.
pub(crate) const CONFORMANCE: [&str; 4] =
    ["--features", "gateway-server/conformance", "--example", CONFORMANCE_EXAMPLE];

/// Tells the server's build script which UI is to be embedded: when the value changes, cargo embeds anew, which the
/// appearance of files with new names alone would not bring about.
const UI_VERSION: &str = "GATEWAY_UI_VERSION";

/// Builds for running and testing; this server reads the UI from `target/ui` while it runs.
pub(crate) fn build_dev() -> Result<PathBuf> {
    step::step("server: compile", || {
        step::run(workspace::cargo().args(["build", "--package", PACKAGE, "--bin", BINARY, "--locked"]))
    })?;
    Ok(dev_binary())
}

/// Builds the gateway with the fixture of the conformance suite. The choice of packages and of a target with development
/// dependencies is that of the tests, so that every dependency is the one that was compiled for them.
pub(crate) fn build_conformance() -> Result<PathBuf> {
    step::step("server: compile with the conformance fixture", || {
        let mut cargo = workspace::cargo();
        cargo.args(["build", "--workspace", "--exclude", workspace::BROWSER_ONLY, "--locked"]);
        step::run(cargo.args(CONFORMANCE))
    })?;
    let example = format!("{CONFORMANCE_EXAMPLE}{}", std::env::consts::EXE_SUFFIX);
    Ok(workspace::target_dir().join("debug/examples").join(example))
}

/// Where a development build puts the server.
pub(crate) fn dev_binary() -> PathBuf {
    binary_in(&workspace::target_dir().join("debug"))
}

/// Builds the release, with the UI inside.
pub(crate) fn build_release(ui: &Manifest) -> Result<PathBuf> {
    step::step("server: compile the release", || {
        let mut cargo = workspace::cargo();
        cargo.args(["build", "--release", "--package", PACKAGE, "--bin", BINARY, "--locked"]);
        // The names of the start modules change with the files they name.
        let scripts = ui.bundles.values().map(|bundle| bundle.script.as_str());
        let version: Vec<_> = scripts.chain([ui.css.as_str()]).collect();
        step::run(cargo.env(UI_VERSION, version.join(" ")))
    })?;
    Ok(release_binary())
}

/// Where a release build puts the server.
pub(crate) fn release_binary() -> PathBuf {
    binary_in(&workspace::target_dir().join("release"))
}

fn binary_in(dir: &Path) -> PathBuf {
    dir.join(format!("{BINARY}{}", std::env::consts::EXE_SUFFIX))
}

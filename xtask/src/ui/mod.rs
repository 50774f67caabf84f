//! The UI as files: WebAssembly and its glue for each bundle, the style sheet, hashed names, compressed twins, the manifest.
//!
//! Start at [`build`]. Three stages, each skipped when what it reads has not changed:
//! [`script`] (cargo, wasm-bindgen, `wasm-opt`), [`style`] (Lightning CSS), [`publish`] (names, compression,
//! `manifest.json`, the swap into `target/ui`).

mod compress;
mod names;
mod publish;
mod script;
mod style;
mod wasm_opt;

use std::path::PathBuf;

use anyhow::Result;

use crate::workspace;

pub(crate) use publish::{Bundle, Manifest};

/// What the UI is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Running and testing: quick to build, nothing compressed.
    Dev,
    /// The release: size first, `wasm-opt`, brotli and gzip twins beside each file.
    Optimised,
}

impl Mode {
    /// The cargo profile in the workspace's `Cargo.toml`.
    fn cargo_profile(self) -> &'static str {
        match self {
            Mode::Dev => "wasm-dev",
            Mode::Optimised => "wasm-release",
        }
    }

    /// Half-finished files of this mode: both are kept, so that going from one to the other is quick.
    fn work_dir(self) -> PathBuf {
        workspace::ui_work_dir().join(self.cargo_profile())
    }
}

/// The UI that was built last.
pub(crate) fn last() -> Result<Manifest> {
    publish::read_manifest(&workspace::ui_dir())
}

/// Builds the UI into `target/ui`, and returns what its manifest says. The server embeds or reads that folder.
pub(crate) fn build(mode: Mode) -> Result<Manifest> {
    let work = mode.work_dir();
    workspace::create_dir(&work)?;
    let scripts = script::build(mode, &work)?;
    let css = style::build(&workspace::root().join("style/main.css"), &work)?;
    publish::publish(mode, &scripts, &css, &workspace::ui_dir())
}

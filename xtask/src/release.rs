//! `cargo xtask build`: the release, one file with everything inside.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::ui::{self, Manifest, Mode};
use crate::{conformance, server};

/// What a release build made.
pub(crate) struct Release {
    /// The self-contained program.
    pub(crate) binary: PathBuf,
    /// The UI inside it.
    pub(crate) ui: Manifest,
}

/// What the last release build made.
pub(crate) fn last() -> Result<Release> {
    Ok(Release { binary: server::release_binary(), ui: ui::last()? })
}

/// Builds the optimised UI and the server that embeds it.
pub(crate) fn build() -> Result<Release> {
    let ui = ui::build(Mode::Optimised)?;
    let binary = server::build_release(&ui)?;
    conformance::check_plain(&binary)?;
    let size = binary.metadata().with_context(|| format!("cannot find {}", binary.display()))?.len();
    println!("{} ({} MB, UI inside)", binary.display(), size / 1_000_000);
    Ok(Release { binary, ui })
}

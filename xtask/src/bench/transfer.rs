//! What a browser downloads to make a page live: scripts and WebAssembly, as brotli sends them.

use anyhow::{Context, Result};

use super::Figure;
use crate::ui::Manifest;
use crate::workspace;

const LIMIT_KB: f64 = 250.0;

/// Adds up the compressed files that the manifest names.
pub(super) fn measure(ui: &Manifest) -> Result<Figure> {
    let mut bytes = 0;
    let mut parts = Vec::new();
    for path in std::iter::once(&ui.script).chain(&ui.preload) {
        let size = compressed_size(path)?;
        bytes += size;
        let kind = path.rsplit('.').next().unwrap_or_default();
        parts.push(format!("{kind} {:.1}", kb(size)));
    }
    let detail = format!("{}; css {:.1} besides", parts.join(", "), kb(compressed_size(&ui.css)?));
    Ok(Figure {
        name: "WASM and JS transferred, brotli",
        value: kb(bytes),
        limit: LIMIT_KB,
        unit: "KB",
        detail,
    })
}

fn compressed_size(path: &str) -> Result<u32> {
    let file = workspace::ui_dir().join(format!("{}.br", path.trim_start_matches('/')));
    let size = file.metadata().with_context(|| format!("cannot find {}", file.display()))?.len();
    u32::try_from(size).with_context(|| format!("{} is larger than 4 GB", file.display()))
}

fn kb(bytes: u32) -> f64 {
    f64::from(bytes) / 1000.0
}

//! What a browser downloads to make a page live: scripts and WebAssembly, as brotli sends them. A page loads one
//! bundle; the largest counts.

use anyhow::{Context, Result};

use super::Figure;
use crate::ui::{Bundle, Manifest};
use crate::workspace;

const LIMIT_KB: f64 = 250.0;

/// Adds up the compressed files that the manifest names, bundle by bundle.
pub(super) fn measure(ui: &Manifest) -> Result<Figure> {
    let (mut largest, mut total) = (0, 0);
    let mut parts = Vec::new();
    for (name, bundle) in &ui.bundles {
        let size = bundle_size(bundle)?;
        largest = largest.max(size);
        total += size;
        parts.push(format!("{name} {:.1}", kb(size)));
    }
    let css = kb(compressed_size(&ui.css)?);
    let detail = format!("{}; who opens all: {:.1}; css {css:.1} besides", parts.join(", "), kb(total));
    Ok(Figure {
        name: "WASM and JS of one page, brotli",
        value: kb(largest),
        limit: LIMIT_KB,
        unit: "KB",
        detail,
    })
}

fn bundle_size(bundle: &Bundle) -> Result<u32> {
    std::iter::once(&bundle.script).chain(&bundle.preload).map(|path| compressed_size(path)).sum()
}

fn compressed_size(path: &str) -> Result<u32> {
    let file = workspace::ui_dir().join(format!("{}.br", path.trim_start_matches('/')));
    let size = file.metadata().with_context(|| format!("cannot find {}", file.display()))?.len();
    u32::try_from(size).with_context(|| format!("{} is larger than 4 GB", file.display()))
}

fn kb(bytes: u32) -> f64 {
    f64::from(bytes) / 1000.0
}

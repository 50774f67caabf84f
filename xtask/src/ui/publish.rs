//! `target/ui`: the finished files under names that change with their content, and the manifest that names them.
//!
//! A page loads the style sheet and the files of one bundle; every path under `/pkg/` may be cached for ever. The start
//! modules exist so that the content security policy needs no inline script.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::names::hashed;
use super::script::Script;
use super::{Mode, compress};
use crate::stamp::{Inputs, unless_current};
use crate::{step, workspace};

/// `manifest.json`, read by the server; paths as a browser asks for them.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// The style sheet.
    pub(crate) css: String,
    /// What makes the pages live, by the bundle's name.
    pub(crate) bundles: BTreeMap<String, Bundle>,
}

/// The files of a bundle.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bundle {
    /// The module that starts it.
    pub(crate) script: String,
    /// What the script will ask for: the glue module, then the WebAssembly.
    pub(crate) preload: Vec<String>,
}

struct Asset {
    name: String,
    content: Vec<u8>,
}

/// Puts the finished UI into `ui`, replacing what was there, unless it is there already.
pub(crate) fn publish(mode: Mode, scripts: &[Script], css: &Path, ui: &Path) -> Result<Manifest> {
    let css = workspace::read(css)?;
    let mut inputs = Inputs::of_this_program()?;
    inputs.add(mode.cargo_profile(), &css);
    let mut contents = Vec::new();
    for script in scripts {
        let (js, wasm) = (workspace::read(&script.js)?, workspace::read(&script.wasm)?);
        inputs.add(&script.name, &js);
        inputs.add("wasm", &wasm);
        contents.push((script.name.as_str(), js, wasm));
    }

    let manifest_file = ui.join("manifest.json");
    let stamp = inputs.stamp();
    unless_current(&ui.join(".stamp"), &stamp, &[&manifest_file], || {
        let (manifest, assets) = name_all(contents, css);
        let name =
            if mode == Mode::Optimised { "UI: hashed names, brotli, gzip" } else { "UI: hashed names" };
        step::step(name, || replace(ui, &manifest, &assets, mode == Mode::Optimised))
    })?;
    read_manifest(ui)
}

/// What the folder of a finished UI says about itself.
pub(super) fn read_manifest(ui: &Path) -> Result<Manifest> {
    let file = ui.join("manifest.json");
    let text = workspace::read(&file)?;
    serde_json::from_slice(&text).with_context(|| format!("{} is broken: remove it", file.display()))
}

/// `scripts` are name, glue and WebAssembly of each bundle.
fn name_all(scripts: Vec<(&str, Vec<u8>, Vec<u8>)>, css: Vec<u8>) -> (Manifest, Vec<Asset>) {
    let path = |asset: &Asset| format!("/pkg/{}", asset.name);
    let css = Asset { name: hashed("style", ".css", &css), content: css };
    let mut manifest = Manifest { css: path(&css), bundles: BTreeMap::new() };
    let mut assets = vec![css];
    for (name, js, wasm) in scripts {
        let js = Asset { name: hashed(name, ".js", &js), content: js };
        let wasm = Asset { name: hashed(name, "_bg.wasm", &wasm), content: wasm };
        let start = start_module(&js.name, &wasm.name).into_bytes();
        let start = Asset { name: hashed(&format!("{name}-start"), ".js", &start), content: start };
        let bundle = Bundle { script: path(&start), preload: vec![path(&js), path(&wasm)] };
        manifest.bundles.insert(name.to_owned(), bundle);
        assets.extend([start, js, wasm]);
    }
    (manifest, assets)
}

/// Loads the WebAssembly, which takes the page over. The URLs are relative to this module, so the UI also works
/// behind a path prefix.
fn start_module(js: &str, wasm: &str) -> String {
    format!(
        "import init from \"./{js}\";\n\
         await init({{ module_or_path: new URL(\"./{wasm}\", import.meta.url) }});\n"
    )
}

/// Writes everything into a new folder first, then changes the folders over: a running server sees the old UI or
/// the new one.
fn replace(ui: &Path, manifest: &Manifest, assets: &[Asset], is_compressed: bool) -> Result<()> {
    let (new, old) = (ui.with_extension("new"), ui.with_extension("old"));
    workspace::remove_dir(&new)?;
    workspace::remove_dir(&old)?;
    let pkg = new.join("pkg");
    workspace::create_dir(&pkg)?;
    for asset in assets {
        let path = pkg.join(&asset.name);
        workspace::write(&path, &asset.content)?;
        if is_compressed {
            compress::write_twins(&path, &asset.content)?;
        }
    }
    let mut text = serde_json::to_string_pretty(manifest).context("cannot write the manifest as JSON")?;
    text.push('\n');
    workspace::write(&new.join("manifest.json"), text)?;
    if ui.exists() {
        std::fs::rename(ui, &old).with_context(|| format!("cannot move {} aside", ui.display()))?;
    }
    std::fs::rename(&new, ui).with_context(|| format!("cannot move {} into place", new.display()))?;
    workspace::remove_dir(&old)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    struct Fixture {
        dir: tempfile::TempDir,
        scripts: [Script; 2],
        css: PathBuf,
    }

    impl Fixture {
        fn new() -> Self {
            let dir = tempfile::tempdir().unwrap();
            let scripts = ["entry", "team"].map(|name| {
                let file = |ending: &str| dir.path().join(format!("{name}{ending}"));
                let script = Script { name: name.to_owned(), js: file(".js"), wasm: file("_bg.wasm") };
                std::fs::write(&script.js, format!("export default function init() {{}} // {name}")).unwrap();
                std::fs::write(&script.wasm, format!("\0asm {name}")).unwrap();
                script
            });
            let css = dir.path().join("style.css");
            std::fs::write(&css, "body{margin:0}").unwrap();
            Fixture { dir, scripts, css }
        }

        fn publish(&self, mode: Mode) -> Manifest {
            publish(mode, &self.scripts, &self.css, &self.ui()).unwrap()
        }

        fn ui(&self) -> PathBuf {
            self.dir.path().join("ui")
        }

        fn files(&self) -> Vec<String> {
            let entries = std::fs::read_dir(self.ui().join("pkg")).unwrap();
            let mut names: Vec<_> =
                entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        }
    }

    #[test]
    fn the_manifest_names_files_that_are_there() {
        let fixture = Fixture::new();
        let manifest = fixture.publish(Mode::Dev);
        let scripts =
            manifest.bundles.values().flat_map(|bundle| bundle.preload.iter().chain([&bundle.script]));
        let named: Vec<_> = scripts.chain([&manifest.css]).collect();
        for path in &named {
            assert!(fixture.ui().join(path.trim_start_matches('/')).is_file(), "{path}");
        }
        assert_eq!(fixture.files().len(), named.len());
        assert!(manifest.bundles["team"].preload[1].ends_with("_bg.wasm"));
    }

    #[test]
    fn each_start_module_names_glue_and_wasm_of_its_bundle() {
        let fixture = Fixture::new();
        let manifest = fixture.publish(Mode::Dev);
        for (name, bundle) in &manifest.bundles {
            let start = fixture.ui().join(bundle.script.trim_start_matches('/'));
            let start = std::fs::read_to_string(start).unwrap();
            for path in &bundle.preload {
                let file = path.trim_start_matches("/pkg/");
                assert!(file.starts_with(name) && start.contains(file), "{start}");
            }
        }
    }

    #[test]
    fn old_names_go_and_unchanged_names_stay() {
        let fixture = Fixture::new();
        let before = fixture.publish(Mode::Dev);
        std::fs::write(&fixture.css, "body{margin:1px}").unwrap();
        let after = fixture.publish(Mode::Dev);
        assert_ne!(before.css, after.css);
        assert_eq!(before.bundles, after.bundles);
        assert_eq!(fixture.files().len(), 7);
    }

    #[test]
    fn a_release_has_compressed_twins_and_development_has_none() {
        let fixture = Fixture::new();
        fixture.publish(Mode::Optimised);
        let files = fixture.files();
        for ending in [".br", ".gz"] {
            assert_eq!(files.iter().filter(|name| name.ends_with(ending)).count(), 7, "{files:?}");
        }
        fixture.publish(Mode::Dev);
        assert_eq!(fixture.files().len(), 7);
    }
}

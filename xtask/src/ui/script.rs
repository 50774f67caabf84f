//! The UI's WebAssembly and the JavaScript that loads it: cargo for the browser, wasm-bindgen, `wasm-opt`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use super::{Mode, wasm_opt};
use crate::stamp::{Inputs, unless_current};
use crate::tools::node::{self, Binaryen};
use crate::tools::wasm_target::WasmToolchain;
use crate::{step, workspace};

/// One bundle: the two files that wasm-bindgen writes.
pub(crate) struct Script {
    /// The bundle's name: that of its file in `frontend/src/bin/`.
    pub(crate) name: String,
    /// The module with `init`, which runs the WebAssembly.
    pub(crate) js: PathBuf,
    /// The WebAssembly it loads.
    pub(crate) wasm: PathBuf,
}

/// Compiles the crate `gateway-frontend` and makes its programs loadable by a browser, in `work`, side by side.
pub(crate) fn build(mode: Mode, work: &Path) -> Result<Vec<Script>> {
    let bundles = bundles()?;
    let compiled = compile(mode)?;
    let binaryen = match mode {
        Mode::Dev => None,
        Mode::Optimised => node::binaryen()?,
    };
    let prepare = |name| prepare(mode, name, &compiled, binaryen.as_ref(), work);
    std::thread::scope(|scope| {
        let running: Vec<_> = bundles.into_iter().map(|name| scope.spawn(|| prepare(name))).collect();
        let done = running.into_iter().map(std::thread::ScopedJoinHandle::join);
        done.map(|script| script.map_err(|_| anyhow::anyhow!("the work on a bundle stopped unexpectedly"))?)
            .collect()
    })
}

/// The names of the bundles: each has a file in `frontend/src/bin/`.
fn bundles() -> Result<Vec<String>> {
    let folder = workspace::root().join("frontend/src/bin");
    let files = std::fs::read_dir(&folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let names = files.map(|file| Ok(file?.path().file_stem().unwrap_or_default().to_string_lossy().into()));
    let mut names: Vec<String> = names.collect::<std::io::Result<_>>()?;
    names.sort();
    Ok(names)
}

fn prepare(
    mode: Mode,
    name: String,
    compiled: &Path,
    binaryen: Option<&Binaryen>,
    work: &Path,
) -> Result<Script> {
    let compiled = compiled.join(format!("{name}.wasm"));
    let mut inputs = Inputs::of_this_program()?;
    inputs.add("wasm", &workspace::read(&compiled)?);
    inputs.add("wasm-opt", if binaryen.is_some() { node::BINARYEN.as_bytes() } else { b"none" });

    let file = |ending: &str| work.join(format!("{name}{ending}"));
    let (js, wasm, stamp_file) = (file(".js"), file("_bg.wasm"), file(".stamp"));
    unless_current(&stamp_file, &inputs.stamp(), &[&js, &wasm], || {
        step::step(&format!("wasm-bindgen {name}"), || bind(mode, &name, &compiled, work))?;
        shrink(mode, binaryen, &name, &wasm)
    })?;
    Ok(Script { name, js, wasm })
}

/// Compiles, and says in which folder the modules are.
fn compile(mode: Mode) -> Result<PathBuf> {
    let toolchain = WasmToolchain::find_or_install()?;
    let profile = mode.cargo_profile();
    step::step("UI: compile to WebAssembly", || {
        let mut cargo = toolchain.cargo_build();
        cargo.args(["--package", workspace::BROWSER_ONLY, "--profile", profile, "--locked"]);
        step::run(&mut cargo)
    })?;
    Ok(workspace::target_dir().join(workspace::WASM_TARGET).join(profile))
}

/// wasm-bindgen, in this process: the same version as the library in the lockfile, by construction.
fn bind(mode: Mode, name: &str, compiled: &Path, work: &Path) -> Result<()> {
    let is_release = mode == Mode::Optimised;
    let mut bindgen = Bindgen::new();
    bindgen.web(true)?.input_path(compiled).out_name(name).omit_default_module_path(true);
    bindgen.remove_name_section(is_release).remove_producers_section(is_release);
    let mut output = bindgen.generate_output().context("wasm-bindgen refused the compiled UI")?;
    let inline = output.snippets().iter().filter(|(_, scripts)| !scripts.is_empty()).map(|(name, _)| name);
    let foreign: Vec<_> = inline.chain(output.local_modules().keys()).cloned().collect();
    if !foreign.is_empty() {
        bail!(
            "a dependency of the UI brings JavaScript of its own, and xtask/src/ui/publish.rs only knows {name}.js: {}",
            foreign.join(", ")
        );
    }
    output.emit(work).context("cannot write what wasm-bindgen made")
}

fn shrink(mode: Mode, binaryen: Option<&Binaryen>, name: &str, wasm: &Path) -> Result<()> {
    match (mode, binaryen) {
        (Mode::Dev, _) => Ok(()),
        (Mode::Optimised, Some(binaryen)) => {
            step::step(&format!("wasm-opt {name}"), || wasm_opt::shrink(binaryen, wasm))
        }
        (Mode::Optimised, None) => {
            println!(
                "    wasm-opt: not done, for there is no node and npm here: the UI works, but is larger than it could be."
            );
            println!("    To have it, install both (Debian: `apt-get install nodejs npm`) and build again.");
            Ok(())
        }
    }
}

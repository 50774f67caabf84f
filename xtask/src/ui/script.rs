//! The UI's WebAssembly and the JavaScript that loads it: cargo for the browser, wasm-bindgen, `wasm-opt`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use super::{Mode, wasm_opt};
use crate::stamp::{Inputs, unless_current};
use crate::tools::node::{self, Binaryen};
use crate::tools::wasm_target::WasmToolchain;
use crate::{step, workspace};

/// The two files that wasm-bindgen writes.
pub(crate) struct Script {
    /// The module with `init` and `hydrate`.
    pub(crate) js: PathBuf,
    /// The WebAssembly it loads.
    pub(crate) wasm: PathBuf,
}

/// Compiles the crate `gateway-frontend` and makes it loadable by a browser, in `work`.
pub(crate) fn build(mode: Mode, work: &Path) -> Result<Script> {
    let compiled = compile(mode)?;
    let binaryen = match mode {
        Mode::Dev => None,
        Mode::Optimised => node::binaryen()?,
    };
    let mut inputs = Inputs::of_this_program()?;
    inputs.add("wasm", &workspace::read(&compiled)?);
    inputs.add("wasm-opt", if binaryen.is_some() { node::BINARYEN.as_bytes() } else { b"none" });

    let script = Script { js: work.join("app.js"), wasm: work.join("app_bg.wasm") };
    unless_current(&work.join("script.stamp"), &inputs.stamp(), &[&script.js, &script.wasm], || {
        step::step("wasm-bindgen", || bind(mode, &compiled, work))?;
        shrink(mode, binaryen.as_ref(), &script.wasm)
    })?;
    Ok(script)
}

/// Compiles, and says where the module is.
fn compile(mode: Mode) -> Result<PathBuf> {
    let toolchain = WasmToolchain::find_or_install()?;
    let profile = mode.cargo_profile();
    step::step("UI: compile to WebAssembly", || {
        let mut cargo = toolchain.cargo_build();
        cargo.args(["--package", workspace::BROWSER_ONLY, "--profile", profile, "--locked"]);
        step::run(&mut cargo)
    })?;
    let file = format!("{}.wasm", workspace::BROWSER_ONLY.replace('-', "_"));
    Ok(workspace::target_dir().join(workspace::WASM_TARGET).join(profile).join(file))
}

/// wasm-bindgen, in this process: the same version as the library in the lockfile, by construction.
fn bind(mode: Mode, compiled: &Path, work: &Path) -> Result<()> {
    let is_release = mode == Mode::Optimised;
    let mut bindgen = Bindgen::new();
    bindgen.web(true)?.input_path(compiled).out_name("app").omit_default_module_path(true);
    bindgen.remove_name_section(is_release).remove_producers_section(is_release);
    let mut output = bindgen.generate_output().context("wasm-bindgen refused the compiled UI")?;
    let inline = output.snippets().iter().filter(|(_, scripts)| !scripts.is_empty()).map(|(name, _)| name);
    let foreign: Vec<_> = inline.chain(output.local_modules().keys()).cloned().collect();
    if !foreign.is_empty() {
        bail!(
            "a dependency of the UI brings JavaScript of its own, and xtask/src/ui/publish.rs only knows app.js: {}",
            foreign.join(", ")
        );
    }
    output.emit(work).context("cannot write what wasm-bindgen made")
}

fn shrink(mode: Mode, binaryen: Option<&Binaryen>, wasm: &Path) -> Result<()> {
    match (mode, binaryen) {
        (Mode::Dev, _) => Ok(()),
        (Mode::Optimised, Some(binaryen)) => step::step("wasm-opt -Oz", || wasm_opt::shrink(binaryen, wasm)),
        (Mode::Optimised, None) => {
            println!(
                "    wasm-opt: not done, for there is no node and npm here: the UI works, but is larger than it could be."
            );
            println!("    To have it, install both (Debian: `apt-get install nodejs npm`) and build again.");
            Ok(())
        }
    }
}

//! `wasm-opt -Oz` from npm's `binaryen`: takes a quarter and more off the WebAssembly of a release.

use std::path::Path;
use std::process::Command;

use anyhow::Result;

use crate::step;
use crate::tools::node::Binaryen;

/// What rustc's `wasm32-unknown-unknown` (LLVM's "generic" WebAssembly of Rust 1.82 and later) and wasm-bindgen may
/// use. Named one by one, because a stripped module no longer says it itself.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Without nested expressions the control flow is found anew (`rereloop`), and the size passes find more to share; they
/// run twice, because the first round opens ways for the second. 2 % less after brotli than `-Oz` alone.
const PASSES: [&str; 4] = ["--flatten", "--rereloop", "-Oz", "-Oz"];

/// Makes a module smaller, in place.
pub(crate) fn shrink(binaryen: &Binaryen, wasm: &Path) -> Result<()> {
    let mut command = Command::new(&binaryen.node);
    command.arg(&binaryen.wasm_opt).args(PASSES).args(FEATURES).arg(wasm).arg("-o").arg(wasm);
    step::run(&mut command)
}

//! Rust for the browser: rustup's `wasm32-unknown-unknown`, or Debian's own compiler where rustup cannot fetch it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{apt, on_path};
use crate::{step, workspace};

/// Debian's newer compiler, kept for its browsers, with the standard library as source.
const DEBIAN_PACKAGES: [&str; 4] = ["rustc-web", "cargo-web", "rust-web-src", "lld-22"];

/// Where Debian's packages put what is needed: compiler, cargo, the standard library's source.
const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_LIBRARY: &str = "lib/rustlib/src/rust/library/std";
/// Rust's own name for its linker is `rust-lld`, which Debian does not package; this is the same program.
const DEBIAN_LINKER: &str = "/usr/lib/llvm-22/bin/wasm-ld";

/// A compiler that can make WebAssembly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WasmToolchain {
    /// The compiler that builds everything else; it has the target.
    Default,
    /// `/usr/bin/cargo`, which builds the standard library for the target itself.
    Debian,
}

impl WasmToolchain {
    /// Finds a way, or makes one: first rustup, then Debian's packages.
    pub(crate) fn find_or_install() -> Result<Self> {
        if default_has_target() {
            return Ok(WasmToolchain::Default);
        }
        // Remembered, because asking rustup again costs a time-out on a closed network.
        let remembered = workspace::tools_dir().join("wasm-with-debians-rust");
        if remembered.exists() && debian_is_ready() {
            return Ok(WasmToolchain::Debian);
        }
        match add_with_rustup() {
            Ok(()) => return Ok(WasmToolchain::Default),
            Err(error) => println!("    {error:#}\n    Trying Debian's own Rust compiler instead."),
        }
        if !debian_is_ready() {
            apt::install(&DEBIAN_PACKAGES).with_context(|| {
                format!(
                    "the compiler cannot make WebAssembly: please run `rustup target add {}`",
                    workspace::WASM_TARGET
                )
            })?;
        }
        workspace::create_dir(&workspace::tools_dir())?;
        workspace::write(
            &remembered,
            "rustup could not add the target; delete this file to let xtask ask again\n",
        )?;
        Ok(WasmToolchain::Debian)
    }

    /// `cargo build --target wasm32-unknown-unknown` with this compiler.
    pub(crate) fn cargo_build(self) -> Command {
        self.cargo("build")
    }

    /// A cargo command for the browser's target with this compiler.
    pub(crate) fn cargo(self, verb: &str) -> Command {
        let mut command = match self {
            WasmToolchain::Default => workspace::cargo(),
            WasmToolchain::Debian => debian_cargo(),
        };
        command.args([verb, "--target", workspace::WASM_TARGET]);
        if self == WasmToolchain::Debian {
            command.args(["-Z", "build-std=std,panic_abort"]);
        }
        command
    }
}

/// Whether the default compiler has the target's standard library, by whatever way it came.
fn default_has_target() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let mut ask = Command::new(rustc);
    ask.current_dir(workspace::root()).args(["--print", "target-libdir", "--target", workspace::WASM_TARGET]);
    let Ok(dir) = step::output(&mut ask) else { return false };
    std::fs::read_dir(dir.trim()).is_ok_and(|mut files| files.next().is_some())
}

fn add_with_rustup() -> Result<()> {
    let rustup = on_path("rustup").context("there is no rustup here to add the WebAssembly target with")?;
    let mut command = Command::new(rustup);
    command.current_dir(workspace::root()).args(["target", "add", workspace::WASM_TARGET]);
    step::step("rustup target add wasm32-unknown-unknown", || step::run(&mut command))
}

/// Debian's cargo. `build-std` is a nightly feature, which `RUSTC_BOOTSTRAP` opens on a stable compiler; rustup's
/// settings and libraries must not reach it.
fn debian_cargo() -> Command {
    let mut command = Command::new(DEBIAN_CARGO);
    command.current_dir(workspace::root());
    for (name, _) in workspace::cargo().get_envs() {
        command.env_remove(name);
    }
    // RUSTFLAGS stays: the server is compiled with it too, and both must draw the same HTML (.cargo/config.toml).
    for name in ["RUSTUP_TOOLCHAIN", "RUSTUP_HOME", "RUSTC_WRAPPER"] {
        command.env_remove(name);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs = std::iter::once(PathBuf::from("/usr/bin")).chain(std::env::split_paths(&path));
    if let Ok(path) = std::env::join_paths(dirs) {
        command.env("PATH", path);
    }
    command.env("RUSTC", DEBIAN_RUSTC).env("RUSTC_BOOTSTRAP", "1");
    command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", DEBIAN_LINKER);
    command
}

/// Whether Debian's compiler is there together with the standard library's source.
fn debian_is_ready() -> bool {
    if ![DEBIAN_CARGO, DEBIAN_LINKER].iter().all(|program| Path::new(program).exists()) {
        return false;
    }
    let sysroot = step::output(Command::new(DEBIAN_RUSTC).args(["--print", "sysroot"]));
    sysroot.is_ok_and(|sysroot| Path::new(sysroot.trim()).join(DEBIAN_LIBRARY).is_dir())
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    #[test]
    fn debians_cargo_builds_the_standard_library_and_forgets_rustup() {
        let command = WasmToolchain::Debian.cargo_build();
        assert_eq!(command.get_program(), DEBIAN_CARGO);
        let words: Vec<_> = command.get_args().map(OsStr::to_string_lossy).collect();
        assert_eq!(words.join(" "), "build --target wasm32-unknown-unknown -Z build-std=std,panic_abort");
        let variables: std::collections::HashMap<_, _> = command.get_envs().collect();
        assert_eq!(variables[OsStr::new("RUSTC_BOOTSTRAP")], Some(OsStr::new("1")));
        assert_eq!(variables[OsStr::new("RUSTUP_TOOLCHAIN")], None);
        // By the program's name the compiler knows how to talk to it.
        let linker = variables[OsStr::new("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER")].unwrap();
        assert_eq!(Path::new(linker).file_name(), Some(OsStr::new("wasm-ld")));
        let path = variables[OsStr::new("PATH")].unwrap().to_string_lossy();
        assert!(path.starts_with("/usr/bin:"), "{path}");
    }
}

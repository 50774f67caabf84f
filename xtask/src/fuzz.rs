//! `cargo xtask fuzz`: looks for inputs that break a property of `server/src/fuzzing.rs`, with libFuzzer.
//!
//! What is kept of it is `fuzz/corpus/`: `--minimize` leaves the smallest set that reaches as much, which
//! `cargo xtask test` tries again without any of this. An input that breaks something is in `fuzz/artifacts/`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::{step, workspace};

/// Known to work with the pinned compiler.
const CARGO_FUZZ: &str = "0.13.2";
/// Longest inputs, in bytes: a manifest with two tools has 3 KB.
const MAX_INPUT: u32 = 8192;

/// What follows `cargo xtask fuzz`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// How long, for each target
    #[arg(long, default_value_t = 300)]
    seconds: u32,
    /// Afterwards throw away the inputs that reach nothing new
    #[arg(long)]
    minimize: bool,
    /// All without one
    #[arg(value_enum)]
    targets: Vec<Target>,
}

/// What reads the input; the names are those of `fuzz/fuzz_targets/`.
#[derive(Clone, Copy, clap::ValueEnum)]
enum Target {
    /// A POST to the MCP endpoint
    Message,
    /// A vendor's manifest
    Manifest,
    /// Redirect URIs, addresses of client metadata documents, resource indicators
    Addresses,
}

impl Target {
    const ALL: [Self; 3] = [Self::Message, Self::Manifest, Self::Addresses];

    const fn name(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::Manifest => "manifest",
            Self::Addresses => "addresses",
        }
    }
}

/// One target after the other, up to the first that finds something.
pub(crate) fn run(options: &Options) -> Result<()> {
    let cargo_fuzz = find_or_install()?;
    step::step("fuzz: compile", || step::run(&mut command(&cargo_fuzz, "build")))?;
    let targets = if options.targets.is_empty() { &Target::ALL[..] } else { &options.targets };
    for target in targets {
        let name = format!("fuzz {} for {} s", target.name(), options.seconds);
        step::step(&name, || fuzz(&cargo_fuzz, *target, options.seconds))?;
        if options.minimize {
            step::step(&format!("minimize the corpus of {}", target.name()), || {
                step::run(command(&cargo_fuzz, "cmin").arg(target.name()))
            })?;
        }
    }
    Ok(())
}

fn fuzz(cargo_fuzz: &Path, target: Target, seconds: u32) -> Result<()> {
    let mut fuzz = command(cargo_fuzz, "run");
    fuzz.args([target.name(), "--", "-timeout=20", "-print_final_stats=1"]);
    fuzz.arg(format!("-max_total_time={seconds}")).arg(format!("-max_len={MAX_INPUT}"));
    step::run(&mut fuzz)
        .with_context(|| format!("an input that breaks {} is in fuzz/artifacts", target.name()))
}

/// `cargo fuzz`, in its own target folder. It may use nightly features of the compiler, which `RUSTC_BOOTSTRAP` opens on a
/// stable one. Without sanitizers: our code has no `unsafe`, and what they watch takes twice the time.
fn command(cargo_fuzz: &Path, verb: &str) -> Command {
    let mut command = Command::new(cargo_fuzz);
    command.args([verb, "--sanitizer", "none"]).current_dir(workspace::root().join("fuzz"));
    for (name, _) in workspace::cargo().get_envs() {
        command.env_remove(name);
    }
    command.env_remove("CARGO_TARGET_DIR").env("RUSTC_BOOTSTRAP", "1");
    command
}

fn find_or_install() -> Result<PathBuf> {
    let root = workspace::tools_dir().join("cargo-fuzz");
    let program = root.join("bin/cargo-fuzz");
    let is_current = |program: &Path| {
        step::output(Command::new(program).arg("--version"))
            .is_ok_and(|said| said.trim().ends_with(CARGO_FUZZ))
    };
    if !is_current(&program) {
        step::step(&format!("cargo install cargo-fuzz {CARGO_FUZZ}"), || {
            let mut install = workspace::cargo();
            install.args(["install", "cargo-fuzz", "--version", CARGO_FUZZ, "--locked", "--force", "--root"]);
            step::run(install.arg(&root))
        })?;
        ensure!(is_current(&program), "{} is not cargo-fuzz {CARGO_FUZZ}", program.display());
    }
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_its_program_and_its_corpus() {
        let fuzz = workspace::root().join("fuzz");
        for target in Target::ALL {
            assert!(fuzz.join("fuzz_targets").join(target.name()).with_extension("rs").is_file());
            assert!(fuzz.join("corpus").join(target.name()).is_dir());
        }
        assert_eq!(std::fs::read_dir(fuzz.join("fuzz_targets")).unwrap().count(), Target::ALL.len());
    }

    #[test]
    fn the_compiler_of_the_workspace_is_told_to_instrument() {
        let command = command(Path::new("/there/cargo-fuzz"), "build");
        let variable = |name: &str| command.get_envs().find(|(known, _)| *known == name).unwrap().1;
        assert_eq!(variable("RUSTC_BOOTSTRAP"), Some("1".as_ref()));
        assert_eq!(variable("CARGO_TARGET_DIR"), None);
        assert!(command.get_current_dir().unwrap().ends_with("fuzz"));
    }
}

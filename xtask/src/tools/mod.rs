//! Finding the programs that the work needs, and installing those that are missing.
//!
//! [`apt`] for what Debian packages, [`node`] for what npm packages, [`python`] for what `PyPI` has, [`systems`] for the
//! vendors' systems that tests talk to, [`wasm_target`] for Rust in the browser.

pub(crate) mod apt;
pub(crate) mod node;
pub(crate) mod python;
pub(crate) mod systems;
pub(crate) mod wasm_target;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// The full path of a program on `PATH`.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| is_program(file))
}

/// A program on `PATH`, or installed from the Debian package that has it. `variable` lets a person name another one.
pub(crate) fn program(name: &str, debian_package: &str, variable: &str) -> Result<PathBuf> {
    if let Some(chosen) = std::env::var_os(variable) {
        let chosen = PathBuf::from(chosen);
        if !is_program(&chosen) {
            bail!("{variable} is set to {}, which is not a program", chosen.display());
        }
        return Ok(chosen);
    }
    if let Some(found) = on_path(name).or_else(|| of_the_system(name)) {
        return Ok(found);
    }
    apt::install(&[debian_package]).with_context(|| {
        format!("`{name}` is needed and missing; install it, or set {variable} to its path")
    })?;
    on_path(name)
        .or_else(|| of_the_system(name))
        .with_context(|| format!("the package {debian_package} was installed, but brought no `{name}`"))
}

/// A program that Debian keeps off the `PATH` of people who are not root.
fn of_the_system(name: &str) -> Option<PathBuf> {
    Some(Path::new("/usr/sbin").join(name)).filter(|file| is_program(file))
}

/// Whether a file is there and may be executed by someone.
fn is_program(file: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    file.metadata().is_ok_and(|facts| facts.is_file() && facts.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found_on_the_path() {
        assert!(on_path("sh").is_some_and(|path| path.is_absolute()));
        assert!(on_path("no-such-program-anywhere").is_none());
    }

    #[test]
    fn a_folder_or_a_plain_file_is_no_program() {
        let file = tempfile::NamedTempFile::new().unwrap();
        assert!(!is_program(file.path()));
        assert!(!is_program(file.path().parent().unwrap()));
    }
}

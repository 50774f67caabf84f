//! Programs from `PyPI`, pinned, in a virtual environment under `target/tools`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use super::{apt, on_path};
use crate::stamp::{Inputs, unless_current};
use crate::{step, workspace};

/// Debian's Python, and what makes environments of it.
const DEBIAN_PACKAGES: [&str; 2] = ["python3", "python3-venv"];
const DEBIAN_PYTHON: &str = "/usr/bin/python3";

/// The virtual environment with everything in this requirements file; made anew when the file changes.
pub(crate) fn environment(requirements: &Path) -> Result<PathBuf> {
    let environment = workspace::tools_dir().join("python");
    let mut inputs = Inputs::new();
    inputs.add("requirements.txt", &workspace::read(requirements)?);
    unless_current(&environment.join(".xtask-stamp"), &inputs.stamp(), &[&environment.join("bin")], || {
        step::step("pip install for end2end", || install(&environment, requirements))
    })?;
    Ok(environment)
}

fn install(environment: &Path, requirements: &Path) -> Result<()> {
    workspace::create_dir(&workspace::tools_dir())?;
    make(environment)?;
    let mut pip = Command::new(environment.join("bin/python"));
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"]);
    step::run(pip.arg(requirements)).with_context(|| {
        format!("please install {} with pip into {}", requirements.display(), environment.display())
    })
}

/// An empty environment, by the Python that is here, or else by Debian's.
fn make(environment: &Path) -> Result<()> {
    if let Some(python) = on_path("python3")
        && step::succeeds(&mut venv(&python, environment))
    {
        return Ok(());
    }
    apt::install(&DEBIAN_PACKAGES).context("Python with its module `venv` is needed")?;
    step::run(&mut venv(Path::new(DEBIAN_PYTHON), environment))
}

fn venv(python: &Path, environment: &Path) -> Command {
    let mut command = Command::new(python);
    command.args(["-m", "venv", "--clear"]).arg(environment);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_environment_is_not_built_upon() {
        let command = venv(Path::new("/usr/bin/python3"), Path::new("/tmp/there"));
        let words: Vec<_> = command.get_args().map(std::ffi::OsStr::to_string_lossy).collect();
        assert_eq!(words.join(" "), "-m venv --clear /tmp/there");
    }
}

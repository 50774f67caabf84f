//! Debian's packages, installed as root or with sudo.

use std::process::Command;

use anyhow::{Context, Result, bail};

use super::on_path;
use crate::step;

/// Installs packages; says what a person has to type where this process may not do it.
pub(crate) fn install(packages: &[&str]) -> Result<()> {
    let by_hand = format!("sudo apt-get install {}", packages.join(" "));
    if on_path("apt-get").is_none() {
        bail!(
            "missing: {}. This is no Debian system, so please install that in your system's way",
            packages.join(", ")
        );
    }
    let Some(become_root) = privilege() else {
        bail!("missing: {}. Not root, and no sudo: please run `{by_hand}`", packages.join(", "));
    };
    step::step(&format!("apt-get install {}", packages.join(" ")), || {
        if apt_get(become_root, "install", packages).is_ok() {
            return Ok(());
        }
        // The usual reason is that the lists of packages are old, or were never fetched. A machine may name other
        // sources than Debian's, and one of them that does not answer must not be in the way: the install decides.
        if let Err(error) = apt_get(become_root, "update", &[]) {
            println!("    {error:#}\n    Going on with the lists that came.");
        }
        apt_get(become_root, "install", packages)
    })
    .with_context(|| format!("please run `{by_hand}`"))
}

/// The words to put before a command that needs root: none for root itself. `None` when there is no way.
fn privilege() -> Option<&'static [&'static str]> {
    if is_root() {
        return Some(&[]);
    }
    on_path("sudo")?;
    let may_without_asking = step::succeeds(Command::new("sudo").args(["-n", "true"]));
    let can_ask = std::io::IsTerminal::is_terminal(&std::io::stdin());
    (may_without_asking || can_ask).then_some(&["sudo"])
}

/// Whether this process runs as root.
pub(crate) fn is_root() -> bool {
    step::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// `SYSTEMD_OFFLINE` keeps packages from starting their services: the tests start their own, in throw-away folders.
fn apt_get(become_root: &[&str], verb: &str, packages: &[&str]) -> Result<()> {
    let words =
        become_root.iter().chain(&["env", "DEBIAN_FRONTEND=noninteractive", "SYSTEMD_OFFLINE=1", "apt-get"]);
    let mut words = words.copied();
    let mut command = Command::new(words.next().unwrap_or("env"));
    command.args(words).args(["--yes", "--quiet", verb]);
    if verb == "install" {
        command.arg("--no-install-recommends");
    }
    step::run(command.args(packages))
}

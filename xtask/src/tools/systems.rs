//! Vendors' systems that run on this machine: the Rust tests start them in throw-away folders
//! (`server/tests/vendors/live/`).

use std::path::PathBuf;
use std::process::Command;

use anyhow::Result;

/// The programs, by the variable that names each to the tests.
pub(crate) struct Systems(Vec<(&'static str, PathBuf)>);

/// Program, Debian package, variable.
const SYSTEMS: [[&str; 3]; 2] = [
    ["prometheus-alertmanager", "prometheus-alertmanager", "ALERTMANAGER"],
    ["icinga2", "icinga2-bin", "ICINGA2"],
];

impl Systems {
    /// Finds them, or installs them from Debian.
    pub(crate) fn find_or_install() -> Result<Self> {
        let find = |[name, package, variable]: [&'static str; 3]| {
            Ok((variable, super::program(name, package, variable)?))
        };
        SYSTEMS.into_iter().map(find).collect::<Result<_>>().map(Self)
    }

    /// Tells the tests where they are.
    pub(crate) fn configure(&self, command: &mut Command) {
        command.envs(self.0.iter().map(|(variable, program)| (variable, program)));
    }
}

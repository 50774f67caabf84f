//! Skipping what is up to date: a stage's stamp is the hash of everything it reads, kept beside what it writes.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use crate::workspace;

/// Collects what a stage depends on.
pub(crate) struct Inputs(Sha256);

impl Inputs {
    /// Nothing yet.
    pub(crate) fn new() -> Self {
        Inputs(Sha256::new())
    }

    /// Begins with this program itself: a changed xtask may write other output from the same input.
    pub(crate) fn of_this_program() -> Result<Self> {
        // Not by its name: cargo may have built xtask anew while this one runs, and then the name is another's.
        let facts =
            Path::new("/proc/self/exe").metadata().context("cannot examine the running xtask program")?;
        let built = facts.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let mut inputs = Inputs::new();
        inputs.add("program", format!("{} {built:?}", facts.len()).as_bytes());
        Ok(inputs)
    }

    /// Adds one input. Name and length keep neighbouring inputs apart.
    pub(crate) fn add(&mut self, name: &str, content: &[u8]) {
        self.0.update(format!("{name}\0{}\0", content.len()));
        self.0.update(content);
    }

    /// The stamp of all inputs added so far.
    pub(crate) fn stamp(self) -> String {
        hex(&self.0.finalize())
    }
}

/// Runs `work` unless `stamp_file` holds this very stamp and every one of `outputs` is there. The stamp is written
/// last, so an interrupted stage is done again.
pub(crate) fn unless_current(
    stamp_file: &Path,
    stamp: &str,
    outputs: &[&PathBuf],
    work: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let is_current = std::fs::read_to_string(stamp_file).is_ok_and(|found| found == stamp);
    if is_current && outputs.iter().all(|output| output.exists()) {
        return Ok(());
    }
    work()?;
    workspace::write(stamp_file, stamp)
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp_of(parts: &[(&str, &str)]) -> String {
        let mut inputs = Inputs::new();
        for (name, content) in parts {
            inputs.add(name, content.as_bytes());
        }
        inputs.stamp()
    }

    #[test]
    fn a_stamp_depends_on_names_content_and_borders() {
        assert_eq!(stamp_of(&[("a", "x"), ("b", "y")]), stamp_of(&[("a", "x"), ("b", "y")]));
        assert_ne!(stamp_of(&[("a", "x")]), stamp_of(&[("a", "y")]));
        assert_ne!(stamp_of(&[("a", "x")]), stamp_of(&[("b", "x")]));
        assert_ne!(stamp_of(&[("a", "xy"), ("b", "")]), stamp_of(&[("a", "x"), ("b", "y")]));
    }

    #[test]
    fn work_is_skipped_only_when_stamp_and_outputs_are_there() {
        let dir = tempfile::tempdir().unwrap();
        let (stamp_file, output) = (dir.path().join("stamp"), dir.path().join("output"));
        let mut runs = 0;
        let mut once = |stamp: &str| {
            unless_current(&stamp_file, stamp, &[&output], || {
                runs += 1;
                workspace::write(&output, "done")
            })
            .unwrap();
            runs
        };
        assert_eq!(once("one"), 1);
        assert_eq!(once("one"), 1, "up to date");
        assert_eq!(once("two"), 2, "another stamp");
        std::fs::remove_file(&output).unwrap();
        assert_eq!(once("two"), 3, "an output is gone");
    }

    #[test]
    fn failed_work_leaves_no_stamp() {
        let dir = tempfile::tempdir().unwrap();
        let stamp_file = dir.path().join("stamp");
        let failed = unless_current(&stamp_file, "one", &[], || anyhow::bail!("no"));
        assert!(failed.is_err() && !stamp_file.exists());
    }
}

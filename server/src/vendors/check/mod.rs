//! Checks a manifest and compiles it: text -> [`Vendor`], or every mistake with its line.
//!
//! Everything a request needs (templates, header names, schemas, patterns) is parsed here once, so that a call only
//! fills it in, and a vendor that was loaded cannot fail for its manifest.

mod auth;
mod base_url;
mod head;
mod mcp;
mod operation;
mod param;
mod problems;
mod responses;
mod texts;
mod tool;

use std::io;
use std::path::Path;

use url::Url;

pub use problems::ManifestProblem;

use self::problems::Problems;
use super::vendor::Vendor;

/// Largest manifest that is read, in bytes.
const MAX_FILE: u64 = 1024 * 1024;

/// Slug of the vendor inside the binary; its address is known only at start.
pub(crate) const DEMO: &str = "demo";

/// Checks one manifest file, for `mcp-gateway vendors check FILE`. An empty list means that it is right; an error, that
/// the file cannot be read.
pub fn check_file(path: &Path) -> io::Result<Vec<ManifestProblem>> {
    let text = read_file(path)?;
    Ok(compile(path, &text, None, Schemas::Check).err().unwrap_or_default())
}

/// A manifest file as text.
pub(crate) fn read_file(path: &Path) -> io::Result<String> {
    if std::fs::metadata(path)?.len() > MAX_FILE {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "a manifest is at most 1 MiB"));
    }
    std::fs::read_to_string(path)
}

/// What is done about the schemas of the arguments, which is most of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Schemas {
    /// Each is compiled.
    Check,
    /// They are right: a test has checked those inside the binary.
    Trust,
}

/// Checks and compiles a manifest. `demo` is the address of the demo ticket desk, which only its manifest may use.
pub(crate) fn compile(
    file: &Path,
    text: &str,
    demo: Option<&Url>,
    schemas: Schemas,
) -> Result<Vendor, Vec<ManifestProblem>> {
    let mut problems = Problems::new(file, text);
    let vendor = problems.read().and_then(|manifest| {
        if file.file_stem().is_none_or(|stem| stem != manifest.slug.as_str()) {
            problems.add("/slug", format!("the file must be called {}.toml, as its slug", manifest.slug));
        }
        head::compile(manifest, demo, schemas, &mut problems)
    });
    match vendor {
        Some(vendor) if problems.is_empty() => Ok(vendor),
        _ => Err(problems.into_sorted()),
    }
}

#[cfg(test)]
mod tests;

//! Checks a manifest and compiles it: text -> [`Vendor`], or every mistake with its line.
//!
//! Everything a request needs (templates, header names, schemas, patterns) is parsed here once, so that a call only
//! fills it in, and a vendor that was loaded cannot fail for its manifest.

mod address;
mod auth;
mod base_url;
mod head;
mod lint;
mod mcp;
mod operation;
mod param;
mod problems;
mod responses;
mod shape;
mod texts;
mod tool;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use url::Url;

pub(crate) use base_url::DEMO_URL;
pub use problems::ManifestProblem;
pub(crate) use texts::is_slug;

use self::problems::Problems;
use super::vendor::Vendor;

/// Largest manifest that is read, in bytes.
pub(crate) const MAX_FILE: u64 = 1024 * 1024;

/// Slug of the vendor inside the binary; its address is known only at start.
pub(crate) const DEMO: &str = "demo";

/// What the names of the gateway's own tools begin with: no vendor's slug.
pub(crate) const GATEWAY: &str = "gateway";

/// Checks one manifest file, for `mcp-gateway vendors check FILE`. An empty list means that it is right; an error, that
/// the file cannot be read.
pub fn check_file(path: &Path) -> io::Result<Vec<ManifestProblem>> {
    let text = read_file(path)?;
    Ok(compile(path, &text, None, Schemas::Check).err().unwrap_or_default())
}

/// What there is to say about a manifest.
#[derive(Debug, Default)]
pub struct Findings {
    /// Why it cannot be loaded, by line.
    pub problems: Vec<ManifestProblem>,
    /// What is right but not good, by line. Only told of a manifest without problems.
    pub warnings: Vec<ManifestProblem>,
}

/// Checks one manifest file like [`check_file`], and warns of what could be better.
pub fn examine_file(path: &Path) -> io::Result<Findings> {
    let text = read_file(path)?;
    let vendor = match compile(path, &text, None, Schemas::Check) {
        Ok(vendor) => vendor,
        Err(problems) => return Ok(Findings { problems, warnings: Vec::new() }),
    };
    let mut warnings = Problems::new(path, &text);
    if let Some(manifest) = warnings.read() {
        lint::lint(&manifest, &vendor, &text, &mut warnings);
    }
    Ok(Findings { problems: Vec::new(), warnings: warnings.into_sorted() })
}

/// A manifest file as text.
pub(crate) fn read_file(path: &Path) -> io::Result<String> {
    let too_large = || io::Error::new(io::ErrorKind::FileTooLarge, "a manifest is at most 1 MiB");
    read_at_most(path, MAX_FILE)?.ok_or_else(too_large)
}

/// The text of a file of at most `limit` bytes; none if it has more. It may be a pipe, which has no size beforehand.
pub(crate) fn read_at_most(path: &Path, limit: u64) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Ok(None);
    }
    let text = String::from_utf8(bytes);
    text.map(Some).map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "it is not text in UTF-8"))
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

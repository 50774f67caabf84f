//! Compressed twins: `file.br` and `file.gz` beside each file, made once here instead of at every request.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::workspace;

/// The highest brotli quality, and the largest window that every browser takes (RFC 7932, section 9.1).
const BROTLI_QUALITY: i32 = 11;
const BROTLI_WINDOW_BITS: i32 = 22;

/// Writes `path.br` and `path.gz`.
pub(crate) fn write_twins(path: &Path, content: &[u8]) -> Result<()> {
    workspace::write(&beside(path, "br"), brotli(content)?)?;
    workspace::write(&beside(path, "gz"), gzip(content)?)
}

fn brotli(content: &[u8]) -> Result<Vec<u8>> {
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW_BITS,
        size_hint: content.len(),
        ..Default::default()
    };
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut &content[..], &mut compressed, &parameters).context("brotli failed")?;
    Ok(compressed)
}

fn gzip(content: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(content).context("gzip failed")?;
    encoder.finish().context("gzip failed")
}

fn beside(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    name.into()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn twins_open_to_the_same_content_and_are_smaller() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("app.js");
        let content = "export function hydrate() {}\n".repeat(200).into_bytes();
        write_twins(&path, &content).unwrap();

        let packed = std::fs::read(dir.path().join("app.js.br")).unwrap();
        let mut opened = Vec::new();
        brotli::BrotliDecompress(&mut &packed[..], &mut opened).unwrap();
        assert_eq!(opened, content);
        assert!(packed.len() < content.len());

        let packed = std::fs::read(dir.path().join("app.js.gz")).unwrap();
        let mut opened = Vec::new();
        flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut opened).unwrap();
        assert_eq!(opened, content);
    }
}

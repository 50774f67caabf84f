//! Names that change with the content, so that a browser may keep a file for ever.

use sha2::{Digest, Sha256};

use crate::stamp::hex;

/// `app`, `_bg.wasm` and the content become `app-<first 12 hex digits of its SHA-256>_bg.wasm`.
pub(crate) fn hashed(stem: &str, ending: &str, content: &[u8]) -> String {
    let hash = hex(&Sha256::digest(content));
    format!("{stem}-{}{ending}", &hash[..12])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_holds_twelve_digits_of_the_contents_hash() {
        // SHA-256 of "abc": FIPS 180-4's example, ba7816bf 8f01cfea ...
        assert_eq!(hashed("app", "_bg.wasm", b"abc"), "app-ba7816bf8f01_bg.wasm");
        assert_ne!(hashed("app", ".js", b"abc"), hashed("app", ".js", b"abd"));
    }
}

//! What must be true whatever bytes arrive, at the three places that read what strangers write: messages, manifests,
//! addresses. Each function fails loudly when its input breaks a property. `fuzz/` looks for such inputs
//! (`cargo xtask fuzz`); the test below tries again those that were kept.

pub use crate::{
    mcp::fuzzing::check_message, oauth::fuzzing::check_addresses, vendors::fuzzing::check_manifest,
};

#[cfg(test)]
mod tests {
    use std::{fs, panic, path::Path};

    use super::*;

    /// The inputs that are worth keeping, as many as reach everything that the fuzzer has reached.
    const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus");

    fn replay(target: &str, check: fn(&[u8])) {
        let mut files: Vec<_> =
            fs::read_dir(Path::new(CORPUS).join(target)).unwrap().map(|file| file.unwrap().path()).collect();
        files.sort();
        assert!(files.len() >= 10, "only {} inputs for {target}", files.len());
        for file in files {
            let input = fs::read(&file).unwrap();
            assert!(panic::catch_unwind(|| check(&input)).is_ok(), "{} breaks a property", file.display());
        }
    }

    #[test]
    fn the_corpus_of_messages_holds() {
        replay("message", check_message);
    }

    #[test]
    fn the_corpus_of_manifests_holds() {
        replay("manifest", check_manifest);
    }

    #[test]
    fn the_corpus_of_addresses_holds() {
        replay("addresses", check_addresses);
    }
}

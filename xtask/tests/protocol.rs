//! `docs/PROTOCOL.md` names the tests that show what it says: each of them must be there.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The text of every Rust file below a folder.
fn sources(folder: &Path, text: &mut String) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&fs::read_to_string(&path).expect("sources are text"));
        }
    }
}

/// The names of tests in the last column: words of three parts and more.
fn named_tests(document: &str) -> BTreeSet<&str> {
    let rows = document.lines().filter(|line| line.starts_with("| ") && line.matches('|').count() == 5);
    let tests = rows.filter_map(|row| row.rsplit('|').nth(1));
    let words = tests.flat_map(|cell| cell.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'));
    words.filter(|word| word.matches('_').count() >= 2).collect()
}

#[test]
fn every_named_test_is_there() {
    let document = fs::read_to_string(root().join("docs/PROTOCOL.md")).unwrap();
    let named = named_tests(&document);
    assert!(named.len() > 60, "the table has {} tests: has its form changed?", named.len());
    let mut text = String::new();
    sources(&root().join("server"), &mut text);
    let missing: Vec<_> = named.into_iter().filter(|name| !text.contains(&format!("fn {name}("))).collect();
    assert!(missing.is_empty(), "docs/PROTOCOL.md names tests that are not there: {missing:#?}");
}

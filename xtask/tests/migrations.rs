//! Both databases get the same migrations: the same names under `migrations/sqlite` and `migrations/postgres`, each
//! with its `up.sql`. What they contain is compared by the integration tests, which run on both.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn folder(engine: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("migrations").join(engine)
}

fn names(engine: &str) -> BTreeSet<String> {
    let entries =
        std::fs::read_dir(folder(engine)).unwrap_or_else(|error| panic!("migrations/{engine}: {error}"));
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn both_engines_have_the_same_migrations() {
    let (sqlite, postgres) = (names("sqlite"), names("postgres"));
    assert_eq!(sqlite, postgres);
    assert!(!sqlite.is_empty());
    for engine in ["sqlite", "postgres"] {
        for name in &sqlite {
            let up = folder(engine).join(name).join("up.sql");
            assert!(up.is_file(), "{} is missing", up.display());
        }
    }
}

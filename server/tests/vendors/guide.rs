//! `docs/ADDING-A-VENDOR.md`: what it shows is taken out of it and tried, so that it stays true.

use gateway_server::vendors::check_file;

use crate::contract::differences;

const GUIDE: &str = include_str!("../../../docs/ADDING-A-VENDOR.md");

/// The block of this language (`toml`, `text`) that says `slug = "{slug}"`.
fn block(language: &str, slug: &str) -> &'static str {
    let fence = format!("```{language}\n");
    let blocks = GUIDE.split(fence.as_str()).skip(1).filter_map(|rest| rest.split_once("```"));
    let line = format!("slug = \"{slug}\"");
    let mut found = blocks.map(|(block, _)| block).filter(|block| block.contains(&line));
    let block = found.next().unwrap_or_else(|| panic!("no {language} block of {slug}"));
    assert!(found.next().is_none(), "more than one {language} block of {slug}");
    block
}

#[tokio::test]
async fn the_walk_is_true() {
    assert_eq!(differences(block("toml", "prometheus"), block("text", "prometheus")).await, [""; 0]);
}

#[tokio::test]
async fn the_file_with_everything_is_true() {
    assert_eq!(differences(block("toml", "acme"), block("text", "acme")).await, [""; 0]);
}

#[test]
fn both_files_pass_the_check() {
    let folder = tempfile::tempdir().unwrap();
    for slug in ["prometheus", "acme"] {
        let file = folder.path().join(format!("{slug}.toml"));
        std::fs::write(&file, block("toml", slug)).unwrap();
        assert_eq!(check_file(&file).unwrap(), [], "{slug}");
    }
}

#[test]
fn a_mistake_is_told_as_the_walk_says() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("prometheus.toml");
    std::fs::write(&file, block("toml", "prometheus").replace("{username}", "{user}")).unwrap();
    let told = check_file(&file).unwrap()[0].to_string();
    let (_, told) = told.rsplit_once('/').unwrap();
    assert!(GUIDE.contains(told), "{told}");
}

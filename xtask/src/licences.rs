//! Licences of every dependency against the list in `deny.toml`; more where cargo-deny is installed.
//!
//! cargo-deny itself takes many minutes to compile, so it is used where it is, and never installed. Without it the
//! licences are checked here, by the same list; what then stays unchecked is said.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::{step, workspace};

#[derive(Deserialize)]
struct Rules {
    licenses: Licences,
}

#[derive(Deserialize)]
struct Licences {
    allow: BTreeSet<String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
}

/// Checks the dependencies for the server's platform and for the browser.
pub(crate) fn check() -> Result<()> {
    if step::succeeds(workspace::cargo().args(["deny", "--version"])) {
        return step::run(workspace::cargo().args(["deny", "check", "licenses", "bans", "sources"]));
    }
    let rules = workspace::read(&workspace::root().join("deny.toml"))?;
    let rules: Rules = toml::from_slice(&rules).context("deny.toml cannot be read")?;
    let mut refused = BTreeMap::new();
    let mut count = 0;
    for platform in [host()?, workspace::WASM_TARGET.to_owned()] {
        let packages = packages(&platform)?;
        count += packages.len();
        refused.extend(packages.into_iter().filter_map(|package| refusal(package, &rules.licenses.allow)));
    }
    if !refused.is_empty() {
        let list: Vec<_> =
            refused.iter().map(|(package, licence)| format!("  {package}: {licence}")).collect();
        bail!("these dependencies' licences are not in deny.toml's list:\n{}", list.join("\n"));
    }
    println!(
        "    {count} packages have allowed licences. cargo-deny is not installed: bans, sources and advisories"
    );
    println!("    were not checked with it (the arrows between our crates are, by xtask/tests/arrows.rs).");
    Ok(())
}

fn packages(platform: &str) -> Result<Vec<Package>> {
    let mut cargo = workspace::cargo();
    cargo.args(["metadata", "--format-version", "1", "--locked", "--filter-platform", platform]);
    let metadata: Metadata = serde_json::from_str(&step::output(&mut cargo)?)
        .context("cannot read what `cargo metadata` printed")?;
    Ok(metadata.packages)
}

fn host() -> Result<String> {
    let facts = step::output(workspace::cargo().args(["--version", "--verbose"]))?;
    let host = facts.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.context("`cargo --version --verbose` does not name the host")?.to_owned())
}

fn refusal(package: Package, allowed: &BTreeSet<String>) -> Option<(String, String)> {
    let licence = package.license.unwrap_or_else(|| "none stated".into());
    (!is_allowed(&licence, allowed)).then(|| (format!("{} {}", package.name, package.version), licence))
}

/// Evaluates an SPDX licence expression (SPDX specification, annex D; an old `/` means OR). Some alternative must be
/// allowed in all its parts. Nesting is as deep as crates have it: parentheses around groups of one operator.
fn is_allowed(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let mut tokens = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    tokens.push(' ');
    let tokens: Vec<&str> = tokens.split_whitespace().collect();
    let mut rest = tokens.as_slice();
    any_of(&mut rest, allowed) && rest.is_empty()
}

fn any_of(tokens: &mut &[&str], allowed: &BTreeSet<String>) -> bool {
    let mut result = all_of(tokens, allowed);
    while take(tokens, "OR") {
        result |= all_of(tokens, allowed);
    }
    result
}

fn all_of(tokens: &mut &[&str], allowed: &BTreeSet<String>) -> bool {
    let mut result = one(tokens, allowed);
    while take(tokens, "AND") {
        result &= one(tokens, allowed);
    }
    result
}

fn one(tokens: &mut &[&str], allowed: &BTreeSet<String>) -> bool {
    if take(tokens, "(") {
        let result = any_of(tokens, allowed);
        return take(tokens, ")") && result;
    }
    let Some((licence, rest)) = tokens.split_first() else { return false };
    *tokens = rest;
    if take(tokens, "WITH") {
        let Some((exception, rest)) = tokens.split_first() else { return false };
        *tokens = rest;
        return allowed.contains(&format!("{licence} WITH {exception}"));
    }
    allowed.contains(*licence)
}

fn take(tokens: &mut &[&str], word: &str) -> bool {
    match tokens.split_first() {
        Some((first, rest)) if *first == word => {
            *tokens = rest;
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_evaluated() {
        let allowed = ["MIT", "ISC", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"];
        let allowed = allowed.into_iter().map(str::to_owned).collect();
        for good in [
            "MIT",
            "GPL-3.0 OR MIT",
            "GPL-3.0/MIT",
            "MIT AND ISC",
            "(GPL-3.0 OR MIT) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception",
            "Apache-2.0 WITH LLVM-exception OR GPL-3.0",
        ] {
            assert!(is_allowed(good, &allowed), "{good}");
        }
        for bad in
            ["GPL-3.0", "MIT AND GPL-3.0", "(MIT OR ISC) AND GPL-3.0", "Apache-2.0", "", "MIT ISC", "(MIT"]
        {
            assert!(!is_allowed(bad, &allowed), "{bad}");
        }
    }

    #[test]
    fn a_package_without_licence_is_refused() {
        let package = Package { name: "x".into(), version: "1.0.0".into(), license: None };
        assert_eq!(refusal(package, &BTreeSet::new()), Some(("x 1.0.0".into(), "none stated".into())));
    }
}

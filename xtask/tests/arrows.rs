//! The arrows between our crates (docs/ARCHITECTURE.md): who may depend on whom, and on what never.
//!
//! ```text
//! frontend --> app --> api            server --> store --> api
//! xtask (alone)                       server --> app (feature ssr), api
//! ```

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde::Deserialize;

/// One row of the table of crates.
struct Rule {
    package: &'static str,
    /// Our own crates it may depend on directly.
    may_use: &'static [&'static str],
    /// Crates of others that it must not depend on directly; tests may.
    never_uses: &'static [&'static str],
}

const RULES: [Rule; 6] = [
    Rule {
        package: "gateway-api",
        may_use: &[],
        never_uses: &["axum", "diesel", "diesel-async", "leptos", "tokio"],
    },
    Rule { package: "gateway-store", may_use: &["gateway-api"], never_uses: &["axum", "leptos", "reqwest"] },
    Rule {
        package: "gateway-server",
        may_use: &["gateway-api", "gateway-store", "gateway-app"],
        never_uses: &["diesel", "diesel-async", "diesel_migrations"],
    },
    Rule {
        package: "gateway-app",
        may_use: &["gateway-api"],
        never_uses: &["axum", "diesel", "diesel-async", "reqwest", "tokio"],
    },
    Rule {
        package: "gateway-frontend",
        may_use: &["gateway-app"],
        never_uses: &["axum", "diesel", "diesel-async", "reqwest", "tokio"],
    },
    Rule {
        package: "xtask",
        may_use: &[],
        never_uses: &["axum", "diesel", "diesel-async", "leptos", "tokio"],
    },
];

/// What must not reach the browser, by whatever way.
const NEVER_IN_THE_BROWSER: [&str; 8] =
    ["axum", "diesel", "diesel-async", "hyper", "openidconnect", "reqwest", "rmcp", "tokio"];

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

/// What one package breaks of its rule, in words.
fn breaches(rule: &Rule, dependencies: &BTreeSet<String>, ours: &BTreeSet<String>) -> Vec<String> {
    let foreign = dependencies.iter().filter(|name| rule.never_uses.contains(&name.as_str()));
    let own = dependencies.iter().filter(|name| {
        ours.contains(*name) && !rule.may_use.contains(&name.as_str()) && *name != rule.package
    });
    own.chain(foreign).map(|name| format!("{} must not use {name}", rule.package)).collect()
}

fn cargo(arguments: &[&str]) -> String {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let output = Command::new(cargo).current_dir(root).args(arguments).output().unwrap();
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Direct dependencies of each of our packages; what only tests use does not count.
fn direct_dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = cargo(&["metadata", "--format-version", "1", "--no-deps", "--offline", "--locked"]);
    let metadata: Metadata = serde_json::from_str(&metadata).unwrap();
    let not_for_tests = |dependency: &Dependency| dependency.kind.as_deref() != Some("dev");
    let of = |package: Package| {
        let names = package.dependencies.into_iter().filter(not_for_tests).map(|dependency| dependency.name);
        (package.name, names.collect())
    };
    metadata.packages.into_iter().map(of).collect()
}

#[test]
fn every_crate_keeps_to_its_arrows() {
    let packages = direct_dependencies();
    let ours: BTreeSet<String> = packages.keys().cloned().collect();
    let ruled: BTreeSet<String> = RULES.iter().map(|rule| rule.package.to_owned()).collect();
    assert_eq!(ours, ruled, "a crate without a rule, or a rule without a crate");
    let broken: Vec<_> =
        RULES.iter().flat_map(|rule| breaches(rule, &packages[rule.package], &ours)).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn a_broken_arrow_is_found() {
    let set = |names: &[&str]| names.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    let ours = set(&["gateway-api", "gateway-store", "gateway-app"]);
    let found = breaches(&RULES[3], &set(&["gateway-api", "gateway-store", "leptos", "tokio"]), &ours);
    assert_eq!(found, ["gateway-app must not use gateway-store", "gateway-app must not use tokio"]);
}

/// The whole closure of the WebAssembly, features resolved for it alone: `cargo tree` resolves like the build does.
#[test]
fn the_browser_gets_nothing_of_the_server() {
    let tree = cargo(&[
        "tree",
        "--package=gateway-frontend",
        "--target=wasm32-unknown-unknown",
        "--edges=normal",
        "--prefix=none",
        "--format={lib}",
        "--locked",
    ]);
    let closure: BTreeSet<String> = tree
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(|name| name.replace('_', "-"))
        .collect();
    assert!(closure.contains("leptos"), "this is not the UI's tree: {tree}");
    let found: Vec<_> = NEVER_IN_THE_BROWSER.iter().filter(|name| closure.contains(**name)).collect();
    assert!(found.is_empty(), "in the browser's WebAssembly: {found:?}");
}

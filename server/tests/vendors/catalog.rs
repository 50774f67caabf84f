//! The catalog as a whole: what is embedded, what a folder adds, what is reported.

use std::collections::BTreeSet;
use std::time::Duration;

use gateway_server::vendors::{Catalog, FieldKind, Rate, Risk, check_file, examine_file};
use serde_json::Value;
use url::Url;

use crate::rig;

#[test]
fn every_embedded_manifest_is_right() {
    let demo = Url::parse("http://127.0.0.1:1/").unwrap();
    let (catalog, problems) = Catalog::load(None, Some(&demo));
    assert!(problems.is_empty(), "{problems:#?}");
    assert!(catalog.vendors().is_sorted_by_key(|vendor| vendor.name.to_lowercase()));
    let tools: usize = catalog.vendors().map(|vendor| vendor.tools.len()).sum();
    assert!((catalog.vendors().count(), tools) >= (26, 760), "{tools}");
    for vendor in catalog.vendors() {
        assert!(vendor.tools.len() >= 8, "{} has {} tools", vendor.slug, vendor.tools.len());
        assert!(vendor.tools.is_sorted_by_key(|tool| &tool.full_name));
        assert!(vendor.fields.iter().any(|field| field.help.is_some()));
        for tool in &vendor.tools {
            let (found, same) = catalog.tool(&tool.full_name).unwrap();
            assert_eq!((&found.slug, &same.name), (&vendor.slug, &tool.name));
        }
    }
}

/// Loading trusts the schemas of the embedded manifests: here they are checked.
#[test]
fn every_embedded_schema_is_right() {
    for file in rig::manifest_files() {
        assert_eq!(check_file(&file).unwrap(), []);
    }
}

/// Our own manifests are as good as we ask of others; what is left has a reason.
#[test]
fn warnings_have_a_reason() {
    let known = [
        ("demo", "no `api_docs`"), // it is a part of the gateway
        ("demo", "no field has a `help_url`"),
        ("ninjaone", "`reset_alert` is a DELETE"), // it comes back with the next condition
        ("ninjaone", "`cancel_device_maintenance` is a DELETE"),
        ("redmine", "`remove_issue_watcher` is a DELETE"),
        ("sentinelone", "no `api_docs`"), // behind the vendor's sign-in
        ("syncro", "`list_asset_patches` has no `result`"), // the document does not say its form
    ];
    let mut found = Vec::new();
    for file in rig::manifest_files() {
        let slug = file.file_stem().unwrap().display().to_string();
        let warnings = examine_file(&file).unwrap().warnings;
        found.extend(warnings.into_iter().map(|warning| (slug.clone(), warning.message)));
    }
    for (slug, message) in &found {
        let is_known = known.iter().any(|(vendor, words)| vendor == slug && message.contains(words));
        assert!(is_known, "{slug}: {message}");
    }
    assert_eq!(found.len(), known.len(), "{found:?}");
}

/// `tools.csv` was made from the facts that were gathered of each vendor, past the manifests. It differs from them where a
/// manifest says why: what reveals keys is `admin`, what cannot be undone is `delete`, and what hides its secrets is `read`.
#[test]
fn risks_and_places_of_results_are_those_of_the_facts() {
    let mut facts =
        csv::Reader::from_path(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vendors/tools.csv")).unwrap();
    let facts: BTreeSet<[String; 4]> = facts.deserialize().map(Result::unwrap).collect();
    let mut said = BTreeSet::new();
    for manifest in rig::written_manifests() {
        let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        let slug = text(&manifest, "slug").unwrap();
        for tool in manifest["tools"].as_array().into_iter().flatten().filter(|_| slug != "demo") {
            let result = text(tool, "result").unwrap_or_else(|| "none".to_owned());
            said.insert([slug.clone(), text(tool, "name").unwrap(), text(tool, "risk").unwrap(), result]);
        }
    }
    let differences: Vec<_> = said.symmetric_difference(&facts).collect();
    assert!(differences.is_empty(), "{differences:#?}");
}

#[test]
fn names_and_annotations() {
    let (catalog, _) = Catalog::load(None, None);
    assert!(catalog.vendor("demo").is_none() && catalog.tool("demo__get_ticket").is_none());
    let (vendor, tool) = catalog.tool("datto_rmm__run_quick_job").unwrap();
    assert_eq!((vendor.slug.as_str(), tool.risk, tool.idempotent), ("datto-rmm", Risk::Admin, true));
    let (_, tool) = catalog.tool("autotask__search_tickets").unwrap();
    assert_eq!((tool.risk, tool.idempotent), (Risk::Read, true));
    assert_eq!(tool.input_schema.object()["additionalProperties"], false);
    let region =
        catalog.vendor("itglue").unwrap().fields.iter().find(|field| field.name == "region").unwrap();
    assert_eq!(
        (region.kind, region.options.len(), region.default.as_deref()),
        (FieldKind::Select, 3, Some("us"))
    );
}

#[test]
fn a_folder_adds_replaces_and_reports() {
    let dir = tempfile::tempdir().unwrap();
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../vendors/itglue.toml");
    let itglue = std::fs::read_to_string(source).unwrap();
    std::fs::write(
        dir.path().join("itglue.toml"),
        itglue.replace("name = \"IT Glue\"", "name = \"Our IT Glue\""),
    )
    .unwrap();
    std::fs::write(dir.path().join("second.toml"), itglue.replace("slug = \"itglue\"", "slug = \"second\""))
        .unwrap();
    std::fs::write(dir.path().join("broken.toml"), "slug = \"broken\"\nname = 1\n").unwrap();
    std::fs::write(dir.path().join("notes.txt"), "not a manifest").unwrap();
    let (catalog, problems) = Catalog::load(Some(dir.path()), None);
    assert_eq!(catalog.vendor("itglue").unwrap().name, "Our IT Glue");
    assert!(catalog.tool("second__get_organization").is_some() && catalog.vendor("broken").is_none());
    assert!(
        !problems.is_empty() && problems.iter().all(|problem| problem.file.ends_with("broken.toml")),
        "{problems:#?}"
    );

    let (catalog, problems) = Catalog::load(Some(&dir.path().join("missing")), None);
    assert!(catalog.vendor("itglue").is_some() && problems.len() == 1);
}

#[test]
fn check_file_prints_line_and_reason() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("broken.toml");
    std::fs::write(&file, "slug = \"broken\"\nname = 1\n").unwrap();
    let printed: Vec<_> = check_file(&file).unwrap().iter().map(ToString::to_string).collect();
    assert!(
        printed[1].ends_with("broken.toml:2: invalid type: integer `1`, expected a string"),
        "{printed:#?}"
    );
    assert!(check_file(&dir.path().join("missing.toml")).is_err());
}

/// What counts apart, as the vendors say it.
#[test]
fn budgets_of_writes_and_of_addresses() {
    let (catalog, _) = Catalog::load(None, None);
    let budget = |slug: &str| catalog.vendor(slug).unwrap().budget;
    let rate = |requests, seconds| Some(Rate { requests, window: Duration::from_secs(seconds) });
    let datto = budget("datto-rmm");
    assert_eq!((datto.requests, datto.writes, datto.gateway), (rate(600, 60), rate(100, 60), None));
    let syncro = budget("syncro");
    assert_eq!((syncro.requests, syncro.gateway), (None, rate(180, 60)), "per address of the gateway");
    let meraki = budget("meraki");
    assert_eq!((meraki.requests, meraki.gateway), (rate(10, 1), rate(100, 1)));
}

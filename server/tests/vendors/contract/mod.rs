//! Every tool of every vendor against what it must send.
//!
//! A file of `expectations/` holds one vendor with one kind of credential: what a person fills in, what is asked for
//! first (a token, an address), the validation, and calls with example arguments. What stands there comes from the facts
//! that were gathered of the vendor's public documentation, past our manifest and engine. To add a vendor is to add a
//! file here, and one in `documents/`.

mod file;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use gateway_server::vendors::{Answer, CallError, Catalog, Tool, Vendor};
use serde_json::{Map, Value};

use crate::recording::Recording;
use crate::rig::{Rig, loopback, manifest};

pub(crate) use file::{Call, Contract, Exchange, all};
use file::{SERVER, files, pairs};

/// Tested by files of their own, against the real thing or with more than a table can say.
const ELSEWHERE: [&str; 2] = ["alertmanager", "demo"];

/// The argument that the gateway adds to tools that list; tested in `format.rs`.
const FIELDS: &str = "fields";

/// One file with the server that it speaks of.
struct Run {
    name: String,
    contract: Contract,
    server: Recording,
}

impl Run {
    async fn new(file: &Path) -> Self {
        let server = Recording::start().await;
        let name = file.file_stem().unwrap_or_default().display().to_string();
        Self { name, contract: Contract::read(file, &server.url), server }
    }

    /// Sends everything the file names; what differs from it, one line each.
    async fn failures(&self, catalog: &Catalog) -> Vec<String> {
        let Self { contract, server, .. } = self;
        let rig = Rig::new(catalog, &contract.slug, loopback(), &pairs(&contract.form));
        contract.before.iter().for_each(|exchange| server.expect(exchange.expected("application/json")));
        let mut failures = Vec::new();
        if let Some(validation) = &contract.validation {
            validation.exchanges().for_each(|exchange| server.expect(contract.expected(exchange)));
            let validated = rig.validate().await;
            failures.extend(self.found("validation"));
            match validated {
                Ok(validated) if validated.account == validation.account => {}
                other => failures.push(format!("{}: validation: {other:?}", self.name)),
            }
        }
        for call in &contract.calls {
            server.expect(contract.expected(&call.exchange));
            let result = rig.call(&call.tool, Value::Object(call.arguments.clone())).await;
            failures.extend(self.found(&call.tool));
            if let Err(error) = result {
                failures.push(format!("{}: {}: {error}", self.name, call.tool));
            }
        }
        failures
    }

    fn found(&self, what: &str) -> Vec<String> {
        let found = self.server.take_failures().into_iter();
        found.map(|failure| format!("{}: {what}: {failure}", self.name)).collect()
    }
}

/// Files that are each about another vendor: their manifests are loaded together.
async fn run(files: Vec<PathBuf>) -> Vec<String> {
    let runs = futures::future::join_all(files.iter().map(|file| Run::new(file))).await;
    let folder = tempfile::tempdir().unwrap();
    for Run { contract, .. } in &runs {
        let file = folder.path().join(format!("{}.toml", contract.slug));
        std::fs::write(file, manifest(&contract.slug, &pairs(&contract.replace))).unwrap();
    }
    let (catalog, problems) = Catalog::load(Some(folder.path()), None);
    assert!(problems.is_empty(), "{problems:#?}");
    let failures = runs.iter().map(|run| run.failures(&catalog));
    futures::future::join_all(failures).await.into_iter().flatten().collect()
}

/// What comes after a call that the vendor refuses: the validation, and how the vendor answers it.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Proof {
    NotAsked,
    Accepted,
    /// As the call itself.
    Refused,
}

/// The first call of a tool in the vendor's file, answered so; also what came otherwise than expected.
pub(crate) async fn answered(
    slug: &str,
    tool: &str,
    (status, answer): (u16, &Value),
    proof: Proof,
) -> (Result<Answer, CallError>, Vec<String>) {
    let file = files().into_iter().find(|file| file.file_stem().is_some_and(|name| name == slug));
    let Run { contract, server, .. } = Run::new(&file.unwrap_or_else(|| panic!("no file of {slug}"))).await;
    let manifest = manifest(slug, &pairs(&contract.replace));
    let rig = Rig::from_text(slug, &manifest, loopback(), &pairs(&contract.form));
    contract.before.iter().for_each(|exchange| server.expect(exchange.expected("application/json")));
    let call = contract.calls.iter().find(|call| call.tool == tool);
    let call = call.unwrap_or_else(|| panic!("{slug}: no call of {tool}"));
    server.expect(contract.expected(&call.exchange).answer(status, answer));
    let validation = contract.validation.as_ref().unwrap_or_else(|| panic!("{slug}: no validation"));
    match proof {
        Proof::NotAsked => {}
        Proof::Accepted => {
            validation.exchanges().for_each(|exchange| server.expect(contract.expected(exchange)));
        }
        Proof::Refused => server.expect(contract.expected(&validation.exchange).answer(status, answer)),
    }
    let result = rig.call(tool, Value::Object(call.arguments.clone())).await;
    (result, server.take_failures())
}

/// How a vendor of this manifest differs from these expectations, both as text; also what they leave out.
pub(crate) async fn differences(manifest: &str, expectations: &str) -> Vec<String> {
    let server = Recording::start().await;
    let contract = Contract::parse(expectations, &server.url).unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(format!("{}.toml", contract.slug)), manifest).unwrap();
    let (catalog, problems) = Catalog::load(Some(folder.path()), None);
    assert!(problems.is_empty(), "{problems:#?}");
    let vendor = catalog.vendor(&contract.slug).unwrap();
    let contracts = std::slice::from_ref(&contract);
    let mut differences = [missing(vendor, contracts), unused(vendor, contracts)].concat();
    let run = Run { name: contract.slug.clone(), contract, server };
    differences.extend(run.failures(&catalog).await);
    differences
}

#[tokio::test]
async fn every_request_is_as_documented() {
    let mut rounds: Vec<(BTreeSet<String>, Vec<PathBuf>)> = Vec::new();
    for file in files() {
        let slug = Contract::read(&file, SERVER).slug;
        match rounds.iter_mut().find(|(slugs, _)| !slugs.contains(&slug)) {
            Some((slugs, files)) => {
                slugs.insert(slug);
                files.push(file);
            }
            None => rounds.push((BTreeSet::from([slug]), vec![file])),
        }
    }
    let mut failures = Vec::new();
    for (_, files) in rounds {
        failures.extend(run(files).await);
    }
    assert!(failures.is_empty(), "{} differ:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn every_tool_has_an_expectation() {
    let (catalog, problems) = Catalog::load(None, None);
    assert!(problems.is_empty(), "{problems:#?}");
    let contracts = all();
    let missing: Vec<_> = catalog
        .vendors()
        .filter(|vendor| !ELSEWHERE.contains(&vendor.slug.as_str()))
        .flat_map(|vendor| missing(vendor, &contracts))
        .collect();
    assert!(missing.is_empty(), "no expectation: {missing:#?}");
}

#[test]
fn every_argument_has_an_expectation() {
    let (catalog, _) = Catalog::load(None, None);
    let contracts = all();
    let vendors = catalog.vendors().filter(|vendor| !ELSEWHERE.contains(&vendor.slug.as_str()));
    let unused: Vec<_> = vendors.flat_map(|vendor| unused(vendor, &contracts)).collect();
    assert!(unused.is_empty(), "{} are in no expectation:\n{}", unused.len(), unused.join("\n"));
}

/// The arguments of a vendor's tools that no call gives, but the gateway's own choice of members.
fn unused(vendor: &Vendor, contracts: &[Contract]) -> Vec<String> {
    let own: Vec<_> = contracts.iter().filter(|contract| contract.slug == vendor.slug).collect();
    let unused_of = |tool: &Tool| {
        let calls = own.iter().flat_map(|contract| &contract.calls).filter(|call| call.tool == tool.name);
        let given: BTreeSet<_> = calls.flat_map(|call| call.arguments.keys()).collect();
        let schema = tool.input_schema.object();
        let known = schema["properties"].as_object().into_iter().flat_map(Map::keys);
        let unused = known.filter(|name| !given.contains(name) && *name != FIELDS);
        unused.map(|name| format!("{} {name}", tool.full_name)).collect::<Vec<_>>()
    };
    vendor.tools.iter().flat_map(unused_of).collect()
}

/// The tools of a vendor, and its validation, that no file names.
fn missing(vendor: &Vendor, contracts: &[Contract]) -> Vec<String> {
    let own: Vec<_> = contracts.iter().filter(|contract| contract.slug == vendor.slug).collect();
    let called: BTreeSet<_> =
        own.iter().flat_map(|contract| contract.calls.iter().map(|call| call.tool.as_str())).collect();
    let tools = vendor.tools.iter().filter(|tool| !called.contains(tool.name.as_str()));
    let mut missing: Vec<_> = tools.map(|tool| tool.full_name.clone()).collect();
    if !own.iter().any(|contract| contract.validation.is_some()) {
        missing.push(format!("{}: validation", vendor.slug));
    }
    missing
}

//! What tools make of a vendor's answer: what nobody may see of it, how a failure is told.
//!
//! A file of `answers/` is about the vendor of its name: a tool's first request of `expectations/`, and how the vendor
//! answers it there. The forms of answers come from the vendor's documentation or from the real system.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use gateway_server::vendors::{Answer, CallError};
use serde::Deserialize;
use serde_json::Value;

use crate::contract::{Proof, answered};
use crate::rig;

/// One file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    answers: Vec<Told>,
}

/// One answer, and what is to be told of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    tool: String,
    #[serde(default = "ok")]
    status: u16,
    answer: Value,
    /// Texts that must be there.
    #[serde(default)]
    shows: Vec<String>,
    /// Texts that must not be there.
    #[serde(default)]
    hides: Vec<String>,
    /// [`CallError::code`]; without it the call is good.
    error: Option<String>,
    /// In the words of the error.
    says: Option<String>,
    /// The seconds that the error asks to wait.
    waits: Option<u64>,
}

fn ok() -> u16 {
    200
}

fn files() -> Vec<(String, File)> {
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).unwrap();
        let file = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path.file_stem().unwrap().display().to_string(), file)
    };
    rig::files("tests/vendors/answers").into_iter().map(read).collect()
}

impl Told {
    /// What a refused call makes the gateway ask.
    fn proof(&self) -> Proof {
        match self.error.as_deref() {
            Some("credential_refused") => Proof::Refused,
            Some("not_permitted") => Proof::Accepted,
            _ => Proof::NotAsked,
        }
    }

    fn differs(&self, result: &Result<Answer, CallError>) -> Option<String> {
        let (code, text) = match result {
            Ok(answer) => (None, answer.text.clone()),
            Err(error) => (Some(error.code()), error.to_string()),
        };
        if code != self.error.as_deref() {
            return Some(format!("{code:?} instead of {:?}: {text}", self.error));
        }
        let absent = self.shows.iter().chain(&self.says).find(|words| !text.contains(words.as_str()));
        if let Some(words) = absent {
            return Some(format!("no {words} in {text}"));
        }
        if let Some(words) = self.hides.iter().find(|words| text.contains(words.as_str())) {
            return Some(format!("{words} is shown in {text}"));
        }
        let waits = match result {
            Err(CallError::RateLimited { retry_after, .. }) => *retry_after,
            _ => None,
        };
        (waits != self.waits.map(Duration::from_secs)).then(|| format!("waits for {waits:?}"))
    }
}

#[tokio::test]
async fn every_answer_is_told_as_it_should_be() {
    let mut failures = Vec::new();
    for (slug, file) in files() {
        for told in &file.answers {
            let (result, mut found) =
                answered(&slug, &told.tool, (told.status, &told.answer), told.proof()).await;
            found.extend(told.differs(&result));
            failures.extend(found.into_iter().map(|what| format!("{slug}: {}: {what}", told.tool)));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Vendors whose failures tests of their own tell: `live/`.
const REAL: [&str; 2] = ["alertmanager", "icinga2"];

/// A `hide` or a `[failure]` that goes away is missed.
#[test]
fn what_manifests_say_of_answers_is_tried() {
    let tried = |slug: &str, is_so: fn(&Told) -> bool| -> BTreeSet<String> {
        let files = files();
        let told = files.iter().filter(|(name, _)| name == slug).flat_map(|(_, file)| &file.answers);
        told.filter(|told| is_so(told)).map(|told| told.tool.clone()).collect()
    };
    let mut missing = Vec::new();
    for manifest in rig::written_manifests() {
        let slug = manifest["slug"].as_str().unwrap();
        let hiding = tried(slug, |told| !told.hides.is_empty());
        let tools = manifest["tools"].as_array().into_iter().flatten();
        for tool in tools.filter(|tool| tool.get("hide").is_some()) {
            let name = tool["name"].as_str().unwrap();
            if !hiding.contains(name) {
                missing.push(format!("{slug}: {name} hides something"));
            }
        }
        let has_failures = manifest.get("failure").is_some() && !REAL.contains(&slug);
        if has_failures && tried(slug, |told| told.error.is_some()).is_empty() {
            missing.push(format!("{slug}: [failure]"));
        }
    }
    assert!(missing.is_empty(), "answers/ has nothing of {missing:#?}");
}

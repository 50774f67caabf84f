//! Vendors that run on this machine: every tool of their manifests against the real software.
//!
//! A table, one TOML file per vendor, holds calls in order: what is sent, what must come back, and for everything that
//! changes something the calls that read the effect back. [`Table::run`] fails if a tool of the manifest is not in the
//! table; [`Table::refused`] sends every tool once more with a credential that must not get through.

pub(crate) mod alertmanager;
mod icinga2;
mod program;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use gateway_server::vendors::{CallError, Risk};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::rig::Rig;

/// How long an effect may take to be seen: some software answers first and acts then.
const EFFECT: Duration = Duration::from_secs(15);

/// The pause before it is looked for again.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// A vendor's calls, in order.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    steps: Vec<Step>,
    /// Values of earlier answers, for `{name}` in what follows.
    #[serde(skip)]
    kept: BTreeMap<String, String>,
}

/// A call and what must come of it.
#[derive(Deserialize, Clone)]
#[serde(deny_unknown_fields)]
struct Step {
    tool: String,
    #[serde(default)]
    arguments: Map<String, Value>,
    /// Values at JSON pointers of the answer.
    #[serde(default)]
    has: BTreeMap<String, Value>,
    /// Values of all items of a list, in any order: the list's pointer, `/*`, the pointer in the item.
    #[serde(default)]
    lists: BTreeMap<String, Vec<Value>>,
    /// Name -> JSON pointer to the text that is kept under it.
    #[serde(default)]
    keep: BTreeMap<String, String>,
    /// The code of the error that must come instead.
    fails: Option<String>,
    /// Words in its message.
    says: Option<String>,
    /// Reads that show the effect.
    #[serde(default)]
    then: Vec<Step>,
}

impl Table {
    fn read(file: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vendors/live").join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        toml::from_str(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
    }

    /// Makes all calls; every tool must be among them with success, and what it changes be read back.
    async fn run(&mut self, rig: &Rig) {
        rig.assert_all_exercised(
            self.steps.iter().filter(|step| step.fails.is_none()).map(|step| step.tool.as_str()),
        );
        for (index, step) in self.steps.clone().into_iter().enumerate() {
            let what = format!("step {}, {}", index + 1, step.tool);
            let is_read = risk(rig, &step.tool) == Risk::Read;
            assert!(
                is_read || step.fails.is_some() || !step.then.is_empty(),
                "{what}: nothing reads it back"
            );
            self.make(rig, &step).await.unwrap_or_else(|problem| panic!("{what}: {problem}"));
            for read in &step.then {
                assert!(risk(rig, &read.tool) == Risk::Read, "{what}: then {}, which is no read", read.tool);
                self.see(rig, read).await.unwrap_or_else(|problem| {
                    panic!("{what}: then {} {:?}: {problem}", read.tool, read.arguments)
                });
            }
        }
    }

    /// Makes one call; what is wrong with its answer.
    async fn make(&mut self, rig: &Rig, step: &Step) -> Result<(), String> {
        let result = rig.call(&step.tool, self.filled(&Value::Object(step.arguments.clone()))).await;
        match (result, &step.fails) {
            (Err(error), Some(code)) => {
                let words = step.says.as_deref().unwrap_or_default();
                let is_right = error.code() == code && error.to_string().contains(words);
                is_right
                    .then_some(())
                    .ok_or_else(|| format!("expected {code} ({words}), came {}: {error}", error.code()))
            }
            (Ok(answer), Some(code)) => Err(format!("expected {code}, came {}", answer.text)),
            (Err(error), None) => Err(error.explain()),
            (Ok(answer), None) => {
                let answer = serde_json::from_str(&answer.text).unwrap_or(Value::String(answer.text));
                self.check(step, &answer)
            }
        }
    }

    /// Makes a reading call again until it shows what it must.
    async fn see(&mut self, rig: &Rig, step: &Step) -> Result<(), String> {
        let end = tokio::time::Instant::now() + EFFECT;
        loop {
            match self.make(rig, step).await {
                Err(_) if tokio::time::Instant::now() < end => tokio::time::sleep(LOOK_AGAIN).await,
                result => return result,
            }
        }
    }

    fn check(&mut self, step: &Step, answer: &Value) -> Result<(), String> {
        for (pointer, expected) in &step.has {
            let expected = self.filled(expected);
            let came = answer.pointer(pointer);
            if came != Some(&expected) {
                return Err(format!("{pointer}: expected {expected}, came {came:?} in {answer}"));
            }
        }
        for (pointer, expected) in &step.lists {
            let mut expected: Vec<_> = expected.iter().map(|value| self.filled(value).to_string()).collect();
            let (list, item) = pointer.split_once("/*").ok_or("`lists` needs /*")?;
            let items = answer
                .pointer(list)
                .and_then(Value::as_array)
                .ok_or_else(|| format!("no list at {list}: {answer}"))?;
            let mut came: Vec<_> =
                items.iter().map(|found| found.pointer(item).unwrap_or(&Value::Null).to_string()).collect();
            expected.sort();
            came.sort();
            if came != expected {
                return Err(format!("{pointer}: expected {expected:?}, came {came:?}"));
            }
        }
        for (name, pointer) in &step.keep {
            let text = answer
                .pointer(pointer)
                .and_then(Value::as_str)
                .ok_or_else(|| format!("no text at {pointer}: {answer}"))?;
            self.kept.insert(name.clone(), text.to_owned());
        }
        Ok(())
    }

    /// With `{name}` replaced by what was kept under it.
    fn filled(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => {
                let fill = |text: String, (name, kept): (&String, &String)| {
                    text.replace(&format!("{{{name}}}"), kept)
                };
                Value::String(self.kept.iter().fold(text.clone(), fill))
            }
            Value::Array(items) => items.iter().map(|item| self.filled(item)).collect(),
            Value::Object(members) => {
                members.iter().map(|(name, value)| (name.clone(), self.filled(value))).collect()
            }
            other => other.clone(),
        }
    }

    /// Every tool once, as it succeeded before, with a credential that must not get through.
    async fn refused(
        &self,
        rig: &Rig,
        is_meant: impl Fn(Risk) -> bool,
        is_right: impl Fn(&CallError) -> bool,
    ) {
        let mut seen = BTreeSet::new();
        for step in self.steps.iter().filter(|step| step.fails.is_none()) {
            if !is_meant(risk(rig, &step.tool)) || !seen.insert(&step.tool) {
                continue;
            }
            // As if its person had just tested it: who is refused again and again is held.
            rig.client.forget(rig.key.id);
            match rig.call(&step.tool, self.filled(&Value::Object(step.arguments.clone()))).await {
                Err(error) if is_right(&error) => {}
                other => panic!("{}: {other:?}", step.tool),
            }
        }
        assert!(!seen.is_empty());
    }
}

fn risk(rig: &Rig, tool: &str) -> Risk {
    rig.vendor.tools.iter().find(|found| found.name == tool).unwrap_or_else(|| panic!("no tool {tool}")).risk
}

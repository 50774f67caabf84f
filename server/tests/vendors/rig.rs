//! A vendor whose manifest points at a server of the test, and a client that may reach it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use gateway_server::vendors::{
    Answer, CallError, Catalog, CredentialKey, Credentials, NetworkSettings, Validated, Vendor, VendorClient,
    check_fields,
};
use serde_json::Value;
use uuid::Uuid;

/// One vendor, one credential, one client.
pub(crate) struct Rig {
    pub(crate) vendor: Arc<Vendor>,
    pub(crate) client: VendorClient,
    pub(crate) credentials: Credentials,
    pub(crate) key: CredentialKey,
}

impl Rig {
    /// A vendor of the catalog.
    pub(crate) fn new(
        catalog: &Catalog,
        slug: &str,
        settings: NetworkSettings,
        form: &[(&str, &str)],
    ) -> Self {
        let vendor = Arc::clone(catalog.vendor(slug).unwrap_or_else(|| panic!("no vendor {slug}")));
        let form = form.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let credentials = check_fields(&vendor, &form).unwrap_or_else(|problems| panic!("{problems:?}"));
        let client = VendorClient::new(settings).unwrap();
        Self { vendor, client, credentials, key: CredentialKey { id: Uuid::from_u128(7), version: 1 } }
    }

    /// A vendor of ours with addresses replaced in its manifest, which is then loaded from a folder.
    pub(crate) fn redirected(slug: &str, replace: &[(&str, &str)], form: &[(&str, &str)]) -> Self {
        Self::from_text(slug, &manifest(slug, replace), loopback(), form)
    }

    /// A vendor from the text of a manifest.
    pub(crate) fn from_text(
        slug: &str,
        text: &str,
        settings: NetworkSettings,
        form: &[(&str, &str)],
    ) -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join(format!("{slug}.toml")), text).unwrap();
        let (catalog, problems) = Catalog::load(Some(dir.path()), None);
        assert!(problems.is_empty(), "{problems:#?}");
        Self::new(&catalog, slug, settings, form)
    }

    pub(crate) async fn call(&self, tool: &str, arguments: Value) -> Result<Answer, CallError> {
        let tool = self
            .vendor
            .tools
            .iter()
            .find(|found| found.name == tool)
            .unwrap_or_else(|| panic!("no tool {tool}"));
        let Value::Object(arguments) = arguments else { panic!("arguments are an object") };
        self.client.call(&self.vendor, tool, &self.credentials, self.key, arguments).await
    }

    /// A call whose answer is JSON.
    pub(crate) async fn json(&self, tool: &str, arguments: Value) -> Value {
        let answer = self.call(tool, arguments).await.unwrap_or_else(|error| panic!("{tool}: {error}"));
        serde_json::from_str(&answer.text).unwrap_or_else(|error| panic!("{tool}: {error}: {}", answer.text))
    }

    pub(crate) async fn validate(&self) -> Result<Validated, CallError> {
        self.client.validate(&self.vendor, &self.credentials, self.key).await
    }

    /// Fails unless every tool of the manifest, and no other, was exercised.
    #[track_caller]
    pub(crate) fn assert_all_exercised<'t>(&self, tools: impl IntoIterator<Item = &'t str>) {
        let exercised: BTreeSet<_> = tools.into_iter().collect();
        let there: BTreeSet<_> = self.vendor.tools.iter().map(|tool| tool.name.as_str()).collect();
        assert_eq!(exercised, there);
    }
}

/// The files of a folder, which is named from the crate's; by name.
pub(crate) fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// The files of our manifests.
pub(crate) fn manifest_files() -> Vec<PathBuf> {
    files("../vendors")
}

/// Our manifests as they are written, past what the gateway makes of them.
pub(crate) fn written_manifests() -> Vec<Value> {
    let read = |file: &PathBuf| toml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    manifest_files().iter().map(read).collect()
}

/// The text of a manifest of ours with addresses replaced, and without its rate: a test calls faster, and what is about
/// rates stands in `bad_vendors/pace.rs`.
pub(crate) fn manifest(slug: &str, replace: &[(&str, &str)]) -> String {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vendors").join(format!("{slug}.toml"));
    let mut text = std::fs::read_to_string(file).unwrap();
    for (from, to) in replace {
        assert!(text.contains(from), "{slug}.toml has no {from}");
        text = text.replace(from, to);
    }
    let is_rate = |line: &&str| {
        ["requests = ", "per_seconds = ", "concurrent = ", "writes = ", "gateway = "]
            .iter()
            .any(|key| line.starts_with(key))
    };
    text.lines().filter(|line| !is_rate(line)).collect::<Vec<_>>().join("\n")
}

/// Loopback allowed, and little patience.
pub(crate) fn loopback() -> NetworkSettings {
    NetworkSettings {
        allowed: vec!["127.0.0.0/8".parse().unwrap()],
        deadline: Duration::from_secs(10),
        ..NetworkSettings::default()
    }
}

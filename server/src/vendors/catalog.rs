//! All vendors: the manifests inside the binary, and those of a folder that add to them or replace them.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rust_embed::RustEmbed;
use url::Url;

use super::check::{DEMO, ManifestProblem, Schemas, compile, read_file};
use super::vendor::{Tool, Vendor};

/// How alike a name must be to what was asked for, to be suggested (0 to 1).
const ALIKE: f64 = 0.7;
/// In characters: longer than every slug is; the distance of long texts is expensive.
const LONGEST_MEANT: usize = 64;

#[derive(RustEmbed)]
#[folder = "../vendors"]
struct Embedded;

/// The vendors of this process; made at start, never changed.
#[derive(Debug, Default)]
pub struct Catalog {
    /// Sorted by name.
    vendors: Vec<Arc<Vendor>>,
    by_slug: HashMap<String, usize>,
    /// Full tool name -> vendor and position.
    tools: HashMap<String, (usize, usize)>,
    /// Of vendors that are asked for their tools: what their tools' names begin with, and the vendor.
    discovering: Vec<(String, usize)>,
}

impl Catalog {
    /// Loads the embedded manifests and those of a folder. A bad file is left out and reported; the others load.
    /// The demo ticket desk is there only with its address.
    pub fn load(vendors_dir: Option<&Path>, demo: Option<&Url>) -> (Self, Vec<ManifestProblem>) {
        let mut problems = Vec::new();
        let mut files = embedded();
        files.extend(folder(vendors_dir, &mut problems));
        let mut vendors = BTreeMap::new();
        for compiled in compile_all(&files, demo) {
            match compiled {
                Ok(vendor) if vendor.slug == DEMO && demo.is_none() => {}
                Ok(vendor) => {
                    vendors.insert(vendor.slug.clone(), vendor);
                }
                Err(found) => problems.extend(found),
            }
        }
        (Self::index(vendors.into_values().collect()), problems)
    }

    /// A vendor by its slug.
    pub fn vendor(&self, slug: &str) -> Option<&Arc<Vendor>> {
        self.by_slug.get(slug).map(|index| &self.vendors[*index])
    }

    /// The vendors that somebody may mean who misspelt a slug or a name, the likeliest first.
    pub fn similar(&self, meant: &str) -> Vec<&Arc<Vendor>> {
        let meant: String =
            meant.chars().take(LONGEST_MEANT).collect::<String>().to_lowercase().replace('_', "-");
        let likeness = |vendor: &Vendor| {
            let name = vendor.name.to_lowercase();
            strsim::jaro_winkler(&meant, &vendor.slug).max(strsim::jaro_winkler(&meant, &name))
        };
        let mut alike: Vec<_> = self.vendors().map(|vendor| (likeness(vendor), vendor)).collect();
        alike.retain(|(likeness, _)| *likeness >= ALIKE);
        alike.sort_by(|(one, _), (other, _)| other.total_cmp(one));
        alike.into_iter().map(|(_, vendor)| vendor).collect()
    }

    /// Every vendor, sorted by name.
    pub fn vendors(&self) -> impl Iterator<Item = &Arc<Vendor>> {
        self.vendors.iter()
    }

    /// A tool by its full name, `vendor__tool`.
    pub fn tool(&self, full_name: &str) -> Option<(&Arc<Vendor>, &Tool)> {
        let (vendor, tool) = self.tools.get(full_name)?;
        let vendor = &self.vendors[*vendor];
        Some((vendor, &vendor.tools[*tool]))
    }

    /// The vendor that must be asked whether it has a tool of this full name.
    pub fn discovering(&self, full_name: &str) -> Option<&Arc<Vendor>> {
        let (_, vendor) = self.discovering.iter().find(|(prefix, _)| full_name.starts_with(prefix))?;
        Some(&self.vendors[*vendor])
    }

    fn index(mut vendors: Vec<Vendor>) -> Self {
        vendors.sort_by_cached_key(|vendor| (vendor.name.to_lowercase(), vendor.slug.clone()));
        let vendors: Vec<_> = vendors.into_iter().map(Arc::new).collect();
        let by_slug =
            vendors.iter().enumerate().map(|(index, vendor)| (vendor.slug.clone(), index)).collect();
        let tools = vendors.iter().enumerate().flat_map(|(index, vendor)| {
            vendor
                .tools
                .iter()
                .enumerate()
                .map(move |(position, tool)| (tool.full_name.clone(), (index, position)))
        });
        let tools = tools.collect();
        let asked = vendors.iter().enumerate().filter(|(_, vendor)| vendor.has_discovered_tools());
        let discovering =
            asked.map(|(index, vendor)| (format!("{}__", vendor.slug.replace('-', "_")), index)).collect();
        Self { vendors, by_slug, tools, discovering }
    }
}

/// A manifest file before it is compiled.
struct Source {
    file: PathBuf,
    text: String,
    schemas: Schemas,
}

/// Compiles files on every core there is, in their order: a start should not wait for hundreds of tools.
fn compile_all(files: &[Source], demo: Option<&Url>) -> Vec<Result<Vendor, Vec<ManifestProblem>>> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let compile = move |source: &Source| compile(&source.file, &source.text, demo, source.schemas);
        let parts = files.chunks(files.len().div_ceil(threads).max(1));
        let workers: Vec<_> =
            parts.map(|part| scope.spawn(move || part.iter().map(compile).collect::<Vec<_>>())).collect();
        let join = |worker: std::thread::ScopedJoinHandle<'_, Vec<_>>| {
            worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        workers.into_iter().flat_map(join).collect()
    })
}

fn embedded() -> Vec<Source> {
    let files = Embedded::iter().filter(|name| is_manifest(Path::new(name.as_ref())));
    files
        .filter_map(|name| {
            let text = String::from_utf8(Embedded::get(&name)?.data.into_owned()).ok()?;
            Some(Source { file: Path::new("vendors").join(name.as_ref()), text, schemas: Schemas::Trust })
        })
        .collect()
}

fn folder(dir: Option<&Path>, problems: &mut Vec<ManifestProblem>) -> Vec<Source> {
    let Some(dir) = dir else { return Vec::new() };
    let mut unreadable = |file: &Path, error: std::io::Error| {
        problems.push(ManifestProblem {
            file: file.to_owned(),
            line: 1,
            message: format!("cannot be read: {error}"),
        });
    };
    let entries = match std::fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) => {
            unreadable(dir, error);
            return Vec::new();
        }
    };
    let mut files: Vec<_> =
        entries.flatten().map(|entry| entry.path()).filter(|path| is_manifest(path)).collect();
    files.sort();
    files
        .into_iter()
        .filter_map(|file| {
            let text = read_file(&file).map_err(|error| unreadable(&file, error)).ok()?;
            Some(Source { file, text, schemas: Schemas::Check })
        })
        .collect()
}

fn is_manifest(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "toml")
}

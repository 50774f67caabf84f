//! An OpenAPI document -> the draft of a manifest: `mcp-gateway vendors import-openapi`.
//!
//! Reads OpenAPI 3.0 to 3.2 and Swagger 2.0, JSON or YAML. A draft says what the document says, passes `vendors check`,
//! and marks with `# decide:` what only a person can know. Nothing is fetched, whatever the document refers to.
//!
//! The way of a document: [`document`] reads it (an old one by [`swagger2`]), [`operations`] finds what is wanted,
//! [`auth`] and [`base_url`] make the head, [`tools`] the rest, from [`params`], [`body`], [`answer`] and [`schema`] ([`keywords`]);
//! [`write`] makes it text.

mod answer;
mod auth;
mod base_url;
mod body;
mod document;
mod draft;
mod error;
mod keywords;
mod names;
mod operations;
mod params;
mod schema;
mod swagger2;
mod text;
mod tools;
mod write;

use std::collections::BTreeSet;
use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use serde_json::Value;
use url::Url;

use self::document::Document;
use self::draft::Manifest;
pub use self::error::ImportError;
use self::text::{plain, sentence, shorten, title};
pub(crate) use self::write::DECIDE;
use super::auth::ACCESS_TOKEN;
use super::check::{DEMO, DEMO_URL, GATEWAY, MAX_FILE, Schemas, compile, is_slug, read_at_most};

/// Longest slug: it stands in the name of every tool, which has 48 characters in all.
const MAX_SLUG: usize = 24;

/// A manifest that a person will go on with.
#[derive(Debug)]
pub struct Draft {
    /// The TOML text.
    pub text: String,
    /// How many tools it has.
    pub tools: usize,
    /// How many operations became no tool; the text says why.
    pub left_out: usize,
    /// How many places a person must decide.
    pub decisions: usize,
}

/// Makes the draft of a vendor from the text of a document. `include` chooses operations by tag, by operationId, or as
/// `GET /path`; without any, all are taken.
pub fn import_openapi(text: &str, slug: &str, include: &[String]) -> Result<Draft, ImportError> {
    check_slug(slug)?;
    let document = Document::read(text)?;
    let (operations, left_out) = operations::select(&document, include)?;
    let mut manifest = head(&document, slug);
    manifest.left_out = left_out;
    // No field can be called so, or only that of the address.
    let mut taken = BTreeSet::from([ACCESS_TOKEN, DEMO_URL, base_url::ADDRESS].map(str::to_owned));
    let (base_url, fields) = base_url::read(&document, &mut taken);
    let sign_in = auth::read(&document, &operations, &mut taken);
    manifest.base_url = base_url;
    manifest.fields = fields;
    tools::add(&mut manifest, &document, &operations, include, &sign_in);
    add_sign_in(&mut manifest, sign_in);
    if manifest.tools.is_empty() {
        return Err(ImportError::NoTools(manifest.left_out));
    }
    manifest.validation = tools::validation(&manifest.tools);
    manifest.paging = answer::common_paging(&manifest.tools);
    finish(&manifest)
}

impl Draft {
    /// Writes it to a file, which must be called like its slug; one that is there is replaced only with `force`.
    pub fn save(&self, slug: &str, file: &Path, force: bool) -> Result<(), ImportError> {
        if file.file_name().is_none_or(|name| name != format!("{slug}.toml").as_str()) {
            return Err(ImportError::FileName { slug: slug.to_owned(), file: file.to_owned() });
        }
        let mut options = OpenOptions::new();
        options.write(true).create_new(!force).create(force).truncate(force);
        let written = options.open(file).and_then(|mut opened| opened.write_all(self.text.as_bytes()));
        written.map_err(|source| match source.kind() {
            std::io::ErrorKind::AlreadyExists => ImportError::Exists(file.to_owned()),
            _ => ImportError::File { file: file.to_owned(), source },
        })
    }
}

/// Reads a document from a file, as text.
pub fn read_document(file: &Path) -> Result<String, ImportError> {
    let failed = |source| ImportError::File { file: file.to_owned(), source };
    let text = read_at_most(file, document::MAX_DOCUMENT as u64).map_err(failed)?;
    text.ok_or(ImportError::TooLarge { limit: document::MAX_DOCUMENT })
}

/// Writes the draft, and reads it back as `vendors check` does.
fn finish(manifest: &Manifest) -> Result<Draft, ImportError> {
    let text = write::manifest(manifest);
    let tools = manifest.tools.len();
    if text.len() as u64 > MAX_FILE {
        return Err(ImportError::DraftTooLarge { tools });
    }
    let file = format!("{}.toml", manifest.slug);
    compile(Path::new(&file), &text, None, Schemas::Check).map_err(ImportError::Unsound)?;
    let decisions = text.lines().filter(|line| line.starts_with(DECIDE)).count();
    Ok(Draft { text, tools, left_out: manifest.left_out.len(), decisions })
}

/// The fields of the sign-in, behind those of the address.
fn add_sign_in(manifest: &mut Manifest, sign_in: auth::SignIn) {
    manifest.auth = sign_in.auth;
    manifest.fields.extend(sign_in.fields);
    if manifest.fields.is_empty() {
        // A manifest has at least one field; the only thing that can differ is the address.
        let url = std::mem::take(&mut manifest.base_url.template);
        let mut field = base_url::address(None);
        field.default = Some(url);
        manifest.base_url.template = format!("{{{}}}", field.name);
        manifest.fields.push(field);
    }
}

fn check_slug(slug: &str) -> Result<(), ImportError> {
    let refused = |reason| Err(ImportError::Slug { slug: slug.to_owned(), reason });
    if !is_slug(slug) {
        return refused("must be lower-case letters and digits, with single hyphens between");
    }
    if [GATEWAY, DEMO].contains(&slug) {
        return refused("tools of the gateway itself begin with it");
    }
    if slug.len() > MAX_SLUG {
        return refused("at most 24 characters, for it stands in the name of every tool");
    }
    Ok(())
}

/// Names and links, from `info`.
fn head(document: &Document, slug: &str) -> Manifest {
    let info = |key: &str| document.get("info").and_then(|info| info.get(key)?.as_str()).map(plain);
    let link = |place: &str| {
        document.at(place).and_then(Value::as_str).filter(|link| is_link(link)).map(str::to_owned)
    };
    let full =
        info("title").filter(|name| !name.is_empty()).unwrap_or_else(|| title(&slug.replace('-', "_")));
    let words: Vec<&str> = full.split(' ').collect();
    let bare: Vec<&str> =
        words.iter().copied().filter(|word| !["API", "REST", "Api"].contains(word)).collect();
    let name = shorten(&if bare.is_empty() { words.join(" ") } else { bare.join(" ") }, 40);
    let summary = info("summary").or_else(|| info("description")).filter(|text| !text.is_empty());
    let letters = name.split(' ').filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let initials: String = letters.flat_map(char::to_uppercase).take(2).collect();
    Manifest {
        slug: slug.to_owned(),
        summary: sentence(&shorten(summary.as_deref().unwrap_or(&full), 159)),
        initials: if initials.is_empty() { slug.chars().take(2).collect() } else { initials },
        website: link("/info/contact/url"),
        api_docs: link("/externalDocs/url"),
        source: format!(
            "{} document \"{full}\", version {}.",
            document.version,
            info("version").unwrap_or_default()
        ),
        name,
        ..Manifest::default()
    }
}

fn is_link(link: &str) -> bool {
    Url::parse(link).is_ok_and(|url| url.scheme() == "https")
}

#[cfg(test)]
mod tests;

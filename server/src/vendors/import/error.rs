//! Why a document gives no draft. Whatever stands here, nothing was written.

use std::path::PathBuf;

use crate::vendors::ManifestProblem;

/// Why an OpenAPI document could not be made into a draft.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file is larger than any document should be.
    #[error("the document is larger than {} MiB", .limit / (1024 * 1024))]
    TooLarge {
        /// The limit, in bytes.
        limit: usize,
    },
    /// Neither JSON nor YAML, or nested too deeply to be read.
    #[error("the document cannot be read as {format}: {reason}")]
    Syntax {
        /// What it seems to be: JSON or YAML.
        format: &'static str,
        /// What the parser says, with its line.
        reason: String,
    },
    /// It can be read, and is something else.
    #[error("this is no OpenAPI document: {0}")]
    NotOpenApi(String),
    /// A version that is unknown here.
    #[error("the document is of version {0}; OpenAPI 3.0 to 3.2 and Swagger 2.0 can be read")]
    Version(String),
    /// Two operations have the same id (OpenAPI: it MUST be unique).
    #[error(
        "the operationId `{id}` stands at {first} and at {second}; it must be unique: rename one of them"
    )]
    DuplicateOperation {
        /// The id.
        id: String,
        /// Method and path of the first.
        first: String,
        /// Method and path of the second.
        second: String,
    },
    /// `--include` names nothing of this document.
    #[error("--include {name}: there is no such tag and no such operation{}", suggestion(.similar))]
    UnknownInclude {
        /// What was asked for.
        name: String,
        /// What it may have meant.
        similar: Vec<String>,
    },
    /// The slug is not of the form of slugs, or too long.
    #[error("--slug {slug}: {reason}")]
    Slug {
        /// What was asked for.
        slug: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// No operation could become a tool.
    #[error("no operation can become a tool{}", reasons(.0))]
    NoTools(Vec<String>),
    /// The draft would be larger than a manifest may be.
    #[error(
        "the draft of {tools} tools is larger than a manifest may be: choose some by --include TAG or OPERATION"
    )]
    DraftTooLarge {
        /// How many tools it has.
        tools: usize,
    },
    /// The draft does not pass the check of manifests, which is a mistake of the import.
    #[error("the draft would not pass `vendors check`: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Unsound(Vec<ManifestProblem>),
    /// The output file is there already.
    #[error("{} exists; --force replaces it", .0.display())]
    Exists(PathBuf),
    /// The output file must be called like the slug.
    #[error("a manifest is called like its slug: {slug}.toml, not {}", .file.display())]
    FileName {
        /// The slug.
        slug: String,
        /// The name that was asked for.
        file: PathBuf,
    },
    /// Reading or writing failed.
    #[error("{}", .file.display())]
    File {
        /// Which file.
        file: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

fn suggestion(similar: &[String]) -> String {
    if similar.is_empty() { String::new() } else { format!("; did you mean {}?", similar.join(", ")) }
}

fn reasons(reasons: &[String]) -> String {
    if reasons.is_empty() {
        "; the document has no paths".to_owned()
    } else {
        format!(": {}", reasons.iter().take(5).cloned().collect::<Vec<_>>().join("; "))
    }
}

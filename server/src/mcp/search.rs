//! Finding tools by words (BM25), for models that cannot be shown hundreds of them. The index is made once, with the
//! catalogue, and one for each list of an MCP vendor; who may use what is asked of each hit.
//!
//! Words are compared by their stems, so that "ticket" finds tickets. A word that occurs nowhere stands for those it
//! begins ("org"), else for those that are spelled almost like it ("tikcet").

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use bm25::{Embedder, EmbedderBuilder, Scorer, Tokenizer};
use rust_stemmers::{Algorithm, Stemmer};

use crate::vendors::{Catalog, SchemaText, Tool, Vendor};

/// What a hit in the name or title counts, against one in the description.
const WEIGHT_OF_NAME: f32 = 3.0;
/// What a hit in the vendor's name or kind counts.
const WEIGHT_OF_VENDOR: f32 = 2.0;
/// The most words of a query that are looked at.
const MAX_WORDS: usize = 32;
/// Shorter words are no beginnings: too much begins with them.
const MIN_BEGINNING: usize = 3;
/// How alike two words must be to be taken for the same (0 to 1).
const ALIKE: f64 = 0.75;

/// Everything that can be found.
pub(super) struct SearchIndex {
    tools: Vec<Entry>,
    fields: [Field; 3],
    /// Every stem that occurs.
    vocabulary: BTreeSet<String>,
}

/// What is said of a tool that was found.
pub(super) struct Entry {
    /// The vendor's slug.
    vendor: Arc<str>,
    /// `vendor__tool`.
    pub(super) name: String,
    /// What it does.
    pub(super) description: String,
    /// Of its arguments.
    pub(super) input_schema: SchemaText,
}

/// One field of all tools, with statistics of its own.
struct Field {
    weight: f32,
    embedder: Embedder<u32, Words>,
    scorer: Scorer<usize>,
}

/// Splits a text into the stems of its words.
struct Words(Stemmer);

impl Words {
    fn new() -> Self {
        Self(Stemmer::create(Algorithm::English))
    }

    fn stems(&self, text: &str) -> impl Iterator<Item = String> {
        let lower = text.to_lowercase();
        let words = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(|word| self.0.stem(word).into_owned()).collect::<Vec<_>>().into_iter()
    }
}

impl Tokenizer for Words {
    fn tokenize(&self, input_text: &str) -> Vec<String> {
        self.stems(input_text).collect()
    }
}

impl Entry {
    fn new(vendor: Arc<str>, tool: &Tool) -> Self {
        let (name, description) = (tool.full_name.clone(), tool.description.clone());
        Self { vendor, name, description, input_schema: tool.input_schema.clone() }
    }
}

impl Field {
    fn new(weight: f32, texts: &[String]) -> Self {
        let corpus: Vec<&str> = texts.iter().map(String::as_str).collect();
        let builder = EmbedderBuilder::<u32, Words>::with_tokenizer_and_fit_to_corpus(Words::new(), &corpus);
        let embedder = builder.build();
        let mut scorer = Scorer::new();
        for (number, text) in texts.iter().enumerate() {
            scorer.upsert(&number, embedder.embed(text));
        }
        Self { weight, embedder, scorer }
    }
}

impl SearchIndex {
    /// Of all tools of all vendors.
    pub(super) fn new(catalog: &Catalog) -> Self {
        Self::of(catalog.vendors().map(|vendor| (&**vendor, vendor.tools.as_slice())))
    }

    /// Of these tools.
    pub(super) fn of<'v>(listed: impl Iterator<Item = (&'v Vendor, &'v [Tool])>) -> Self {
        let (mut tools, mut names, mut vendors, mut descriptions) = (vec![], vec![], vec![], vec![]);
        for (vendor, its_tools) in listed {
            let slug: Arc<str> = vendor.slug.as_str().into();
            for tool in its_tools {
                names.push(format!("{} {}", tool.full_name, tool.title));
                vendors.push(format!("{} {} {}", vendor.name, vendor.slug, vendor.category));
                descriptions.push(tool.description.clone());
                tools.push(Entry::new(Arc::clone(&slug), tool));
            }
        }
        let words = Words::new();
        let texts = names.iter().chain(&vendors).chain(&descriptions);
        let vocabulary = texts.flat_map(|text| words.stems(text)).collect();
        let fields = [
            Field::new(WEIGHT_OF_NAME, &names),
            Field::new(WEIGHT_OF_VENDOR, &vendors),
            Field::new(1.0, &descriptions),
        ];
        Self { tools, fields, vocabulary }
    }

    /// The tools that fit and that `may_use` lets through, by the vendor's slug and the tool's name; each with its score.
    pub(super) fn hits(&self, query: &str, may_use: impl Fn(&str, &str) -> bool) -> Vec<(f32, &Entry)> {
        let query = self.understand(query);
        let mut scores = HashMap::<usize, f32>::new();
        for field in &self.fields {
            for hit in field.scorer.matches(&field.embedder.embed(&query)) {
                *scores.entry(hit.id).or_default() += field.weight * hit.score;
            }
        }
        let hits = scores.into_iter().map(|(number, score)| (score, &self.tools[number]));
        let usable = hits.filter(|(_, entry)| may_use(&entry.vendor, &entry.name));
        usable.collect()
    }

    /// The query's words, those that occur nowhere replaced by what was probably meant.
    fn understand(&self, query: &str) -> String {
        let stems: Vec<String> = Words::new().stems(query).take(MAX_WORDS).collect();
        let mut understood: Vec<&str> = Vec::new();
        for stem in &stems {
            if self.vocabulary.contains(stem) {
                understood.push(stem);
            } else {
                understood.extend(self.meant(stem));
            }
        }
        understood.join(" ")
    }

    fn meant(&self, stem: &str) -> Vec<&str> {
        let known = || self.vocabulary.iter().map(String::as_str);
        if stem.chars().count() >= MIN_BEGINNING {
            let begun: Vec<&str> = known().filter(|word| word.starts_with(stem)).collect();
            if !begun.is_empty() {
                return begun;
            }
        }
        let likeness = |word: &str| strsim::normalized_damerau_levenshtein(word, stem);
        let alike: Vec<(f64, &str)> =
            known().map(|word| (likeness(word), word)).filter(|(likeness, _)| *likeness >= ALIKE).collect();
        let best = alike.iter().map(|(likeness, _)| *likeness).fold(0.0, f64::max);
        alike.into_iter().filter(|(likeness, _)| *likeness >= best).map(|(_, word)| word).collect()
    }
}

/// The best `limit` hits, the best first. Equal ones by name, so that the same question has the same answer.
pub(super) fn best(mut hits: Vec<(f32, &Entry)>, limit: usize) -> Vec<&Entry> {
    hits.sort_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.1.name.cmp(&other.1.name)));
    hits.into_iter().take(limit).map(|(_, entry)| entry).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> SearchIndex {
        let catalog = Catalog::load(None, None).0;
        SearchIndex::new(&catalog)
    }

    fn found(index: &SearchIndex, query: &str) -> Vec<String> {
        best(index.hits(query, |_, _| true), 5).iter().map(|tool| tool.name.clone()).collect()
    }

    #[test]
    fn words_are_found_in_every_form() {
        let index = index();
        for query in ["ticket", "tickets", "TICKETS", "tikcets", "ticke"] {
            let names = found(&index, query);
            assert!(
                !names.is_empty() && names.iter().all(|name| name.contains("ticket")),
                "{query}: {names:?}"
            );
        }
        assert!(found(&index, "passw")[0].contains("password"), "a beginning");
    }

    #[test]
    fn the_vendor_and_the_name_weigh_more_than_the_description() {
        let index = index();
        assert!(found(&index, "IT Glue passwords")[0].starts_with("itglue__"));
        assert!(found(&index, "autotask search tickets")[0].starts_with("autotask__search_ticket"));
        let all = found(&index, "datto rmm devices");
        assert!(all[0].starts_with("datto_rmm__") && all[0].contains("device"), "{all:?}");
    }

    #[test]
    fn only_what_may_be_used_is_found_and_the_same_every_time() {
        let index = index();
        let of =
            |vendor: &'static str| best(index.hits("search list get", move |slug, _| slug == vendor), 500);
        assert!(!of("itglue").is_empty());
        assert!(of("itglue").iter().all(|tool| tool.name.starts_with("itglue__")));
        assert_eq!(found(&index, "list"), found(&index, "list"));
    }

    #[test]
    fn nothing_is_found_for_nothing() {
        let index = index();
        for query in ["", "   ", "!!!", "\u{0}", "qqqqxxxx", "🦀"] {
            assert!(found(&index, query).is_empty(), "{query:?}");
        }
        let long = "ticket ".repeat(10_000);
        assert!(!found(&index, &long).is_empty());
    }
}

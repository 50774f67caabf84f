//! Finding vendors: by words of what they are and do, and by a name that is nearly right.

use gateway_api::vendors::VendorView;
use gateway_app::catalogue::{Found, Search};

use crate::{
    api::vendors,
    vendors::{Catalog, Tool, Vendor},
};

/// At most this many are suggested.
const SUGGESTIONS: usize = 3;

/// The vendors that have every word of `query`, in what they are or in one of their tools; all of them without a word.
pub(super) fn search(catalog: &Catalog, query: String) -> Search {
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    Search {
        found: catalog.vendors().filter_map(|vendor| find(vendor, &words)).collect(),
        vendors: catalog.vendors().count(),
        tools: catalog.vendors().map(|vendor| vendor.tools.len()).sum(),
        query,
    }
}

fn find(vendor: &Vendor, words: &[String]) -> Option<Found> {
    let name = format!("{} {} {}", vendor.name, vendor.slug, vendor.category).to_lowercase();
    let summary = vendor.summary.to_lowercase();
    let unnamed: Vec<&str> = words.iter().map(String::as_str).filter(|word| !name.contains(word)).collect();
    // What the vendor does not say itself, one of its tools must say.
    let open: Vec<&str> = unnamed.iter().copied().filter(|word| !summary.contains(word)).collect();
    let mut tools = tools_with(vendor, &unnamed);
    if tools.is_empty() {
        tools = tools_with(vendor, &open);
    }
    (open.is_empty() || !tools.is_empty()).then(|| Found { vendor: vendors::view(vendor), tools })
}

/// The titles of the tools that have all the words; none without a word.
fn tools_with(vendor: &Vendor, words: &[&str]) -> Vec<String> {
    let has_all = |tool: &&Tool| {
        let text = format!("{} {} {}", tool.title, tool.name, tool.description).to_lowercase();
        !words.is_empty() && words.iter().all(|word| text.contains(word))
    };
    vendor.tools.iter().filter(has_all).map(|tool| tool.title.clone()).collect()
}

/// The vendors that may be meant by `slug`, the likeliest first.
pub(super) fn similar(catalog: &Catalog, slug: &str) -> Vec<VendorView> {
    catalog.similar(slug).into_iter().take(SUGGESTIONS).map(|vendor| vendors::view(vendor)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(query: &str) -> Vec<String> {
        let (catalog, _) = Catalog::load(None, None);
        search(&catalog, query.to_owned()).found.into_iter().map(|found| found.vendor.slug).collect()
    }

    #[test]
    fn every_word_counts_wherever_it_stands() {
        let (catalog, _) = Catalog::load(None, None);
        assert_eq!(names("").len(), catalog.vendors().count());
        assert_eq!(names("  GLUE "), ["itglue"]);
        assert_eq!(names("no-such-thing"), [""; 0]);
        let silences = search(&catalog, "alertmanager silence".to_owned());
        assert_eq!(silences.found.len(), 1);
        let tools = &silences.found[0].tools;
        assert!(!tools.is_empty() && tools.len() < 12, "those about silences: {tools:?}");
        assert!(names("ticket").len() > 3 && !names("ticket").contains(&"meraki".to_owned()));
    }

    #[test]
    fn a_slip_leads_to_the_right_one() {
        let (catalog, _) = Catalog::load(None, None);
        let first = |slug: &str| similar(&catalog, slug).first().map(|vendor| vendor.slug.clone());
        assert_eq!(first("it-glue").as_deref(), Some("itglue"));
        assert_eq!(first("Autotsk").as_deref(), Some("autotask"));
        assert_eq!(first("halo").as_deref(), Some("halopsa"));
        assert_eq!(first("qqqq"), None);
        assert!(similar(&catalog, "connectwise").len() >= 2);
    }
}

//! Finding what somebody types in a list that is on the page already.

use js_sys::JsString;

/// What is searched for. Case does not matter; the browser knows how, and Rust's own tables of it are 25 KB.
pub(crate) struct Search(String);

impl Search {
    pub(crate) fn new(typed: &str) -> Self {
        let typed = typed.trim();
        Self(if typed.is_empty() { String::new() } else { lower(typed) })
    }

    /// One of the texts has it. Everything has nothing, which is all that the server ever asks.
    pub(crate) fn is_in(&self, texts: &[&str]) -> bool {
        self.0.is_empty() || texts.iter().any(|text| lower(text).contains(&self.0))
    }
}

fn lower(text: &str) -> String {
    JsString::from(text).to_lower_case().into()
}

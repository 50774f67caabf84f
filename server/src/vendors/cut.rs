//! Cuts a JSON answer at an item boundary of its list, without building a tree of it.

use std::fmt;

use serde::Deserialize as _;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// An answer that was cut.
#[derive(Debug)]
pub(crate) struct Cut {
    /// Valid JSON with fewer items.
    pub(crate) text: String,
    /// Items left.
    pub(crate) shown: usize,
    /// Items there were.
    pub(crate) total: usize,
}

/// Keeps as many items of the list at `pointer` (RFC 6901) as fit into `budget` bytes in all. `None` if there is no list,
/// or not even one item fits.
pub(crate) fn cut(text: &str, pointer: &str, budget: usize) -> Option<Cut> {
    let list = find(text, pointer)?;
    let items: Vec<&RawValue> = serde_json::from_str(list).ok()?;
    let offset = list.as_ptr() as usize - text.as_ptr() as usize;
    let (before, after) = (&text[..offset], &text[offset + list.len()..]);
    let mut left = budget.checked_sub(before.len() + after.len() + "[]".len())?;
    let mut shown = 0_usize;
    for item in &items {
        let Some(rest) = left.checked_sub(item.get().len() + ",".len()) else { break };
        (left, shown) = (rest, shown + 1);
    }
    if shown == 0 {
        return None;
    }
    let kept: Vec<_> = items[..shown].iter().map(|item| item.get()).collect();
    Some(Cut { text: format!("{before}[{}]{after}", kept.join(",")), shown, total: items.len() })
}

/// The raw text at a pointer.
pub(crate) fn find<'t>(text: &'t str, pointer: &str) -> Option<&'t str> {
    let mut current = <&RawValue>::deserialize(&mut serde_json::Deserializer::from_str(text)).ok()?.get();
    for step in pointer.split('/').skip(1) {
        let name = step.replace("~1", "/").replace("~0", "~");
        current = serde_json::Deserializer::from_str(current).deserialize_map(Member(&name)).ok()??.get();
    }
    Some(current)
}

/// Picks one member of an object; serde skips the others without keeping them.
struct Member<'n>(&'n str);

impl<'de> Visitor<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value::<&'de RawValue>()?;
            if name == self.0 {
                found = Some(value);
            }
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_at_items() {
        let text = r#"{"page": {"next": "x"}, "items": [{"id":1}, {"id":2},{"id":3}], "z": 1}"#;
        let cut = cut(text, "/items", text.len() - 5).unwrap();
        assert_eq!(cut.text, r#"{"page": {"next": "x"}, "items": [{"id":1},{"id":2}], "z": 1}"#);
        assert_eq!((cut.shown, cut.total), (2, 3));
    }

    #[test]
    fn top_level_and_nested_lists() {
        assert_eq!(cut(" [10,20,30]\n", "", 10).unwrap().text, " [10,20]\n");
        assert_eq!(cut(r#"{"a":{"b/c":[1,2]}}"#, "/a/b~1c", 18).unwrap().shown, 1);
    }

    #[test]
    fn nothing_to_cut() {
        assert!(cut("{}", "/items", 1).is_none());
        assert!(cut(r#"{"items":{}}"#, "/items", 1).is_none());
        assert!(cut(r#"{"items":["too large"]}"#, "/items", 16).is_none());
        assert!(cut("[1,", "", 2).is_none());
        assert!(cut("7", "/items", 2).is_none());
    }

    proptest::proptest! {
        #[test]
        fn always_json_within_the_budget(items in proptest::collection::vec(".{0,20}", 1..30), budget in 20_usize..400) {
            let text = serde_json::json!({"before": 1, "items": items, "after": [2]}).to_string();
            if let Some(cut) = cut(&text, "/items", budget) {
                proptest::prop_assert!(cut.text.len() <= budget);
                let value: serde_json::Value = serde_json::from_str(&cut.text).unwrap();
                let kept = value["items"].as_array().unwrap();
                proptest::prop_assert_eq!(kept.len(), cut.shown);
                proptest::prop_assert!(kept.iter().zip(&items).all(|(kept, item)| kept == item));
            }
        }
    }
}

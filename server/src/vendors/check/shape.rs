//! Reads a part of a manifest by serde, and goes on behind a mistake: every wrong key and type is told in one run.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeValue, Error, ValueDeserializer};

/// Most mistakes that are told of one part.
const MAX_MISTAKES: usize = 50;

/// The part, if nothing is wrong with its shape. Each mistake is reported; what it is about is then taken out, and the
/// rest is read again.
pub(super) fn read<T: DeserializeOwned>(
    part: Spanned<DeValue<'_>>,
    mut report: impl FnMut(&Error),
) -> Option<T> {
    let mut rest = part;
    let mut removed = Vec::new();
    for round in 0..MAX_MISTAKES {
        let error = match T::deserialize(ValueDeserializer::from(rest.clone())) {
            Ok(read) => return (round == 0).then_some(read),
            Err(error) => error,
        };
        // What was taken out is missing now, and was told already.
        let missing = error.message().strip_prefix("missing field `").and_then(|rest| rest.split('`').next());
        if !missing.is_some_and(|name| removed.iter().any(|known| known == name)) {
            report(&error);
        }
        removed.push(remove(&mut rest, &error.span()?)?);
    }
    None
}

/// Takes out the key or value at a place; its key.
fn remove(value: &mut Spanned<DeValue<'_>>, place: &Range<usize>) -> Option<String> {
    match value.get_mut() {
        DeValue::Table(table) => {
            let is_here =
                |(key, value): &(&Spanned<_>, &Spanned<_>)| key.span() == *place || value.span() == *place;
            let key = table.iter().find(is_here).map(|(key, _)| key.get_ref().to_string());
            if let Some(key) = key {
                table.remove(key.as_str());
                return Some(key);
            }
            table.iter_mut().find_map(|(_, value)| remove(value, place))
        }
        DeValue::Array(items) => {
            let before = items.len();
            *items = items.iter().filter(|item| item.span() != *place).cloned().collect();
            if items.len() < before {
                return Some(String::new());
            }
            items.iter_mut().find_map(|item| remove(item, place))
        }
        _ => None,
    }
}

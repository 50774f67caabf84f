//! The gateway's own argument of tools that list: which members of each item are wanted, so that more items fit.

use serde_json::value::RawValue;
use serde_json::{Map, Value, json};

use super::cut::find;

/// The name of the argument; a vendor's own parameter of this name comes first.
pub(crate) const FIELDS: &str = "fields";

/// How many members one call may ask for.
const MAX_FIELDS: usize = 50;

/// How many names the note about an unknown member suggests.
const MAX_NAMES: usize = 40;

/// The JSON Schema of the argument.
pub(crate) fn schema() -> Map<String, Value> {
    let item = json!({"type": "string", "minLength": 1, "maxLength": 100});
    let mut schema = Map::new();
    schema.insert("type".into(), json!("array"));
    schema.insert("items".into(), item);
    schema.insert("maxItems".into(), MAX_FIELDS.into());
    schema
        .insert("description".into(), json!("Only these members of each item, such as id or company.name."));
    schema
}

/// Takes the argument away from what the vendor gets.
pub(crate) fn take(arguments: &mut Map<String, Value>) -> Vec<String> {
    match arguments.remove(FIELDS) {
        Some(Value::Array(fields)) => {
            fields.into_iter().filter_map(|field| field.as_str().map(str::to_owned)).collect()
        }
        _ => Vec::new(),
    }
}

/// The answer with these members of each item of the list at `pointer` (RFC 6901), and a note if one of them is in no
/// item. Anything that is no list, and any list without wishes, stays as it is.
pub(crate) fn select(text: String, pointer: &str, fields: &[String]) -> String {
    if fields.is_empty() {
        return text;
    }
    selected(&text, pointer, fields).unwrap_or(text)
}

fn selected(text: &str, pointer: &str, fields: &[String]) -> Option<String> {
    let list = find(text, pointer)?;
    let items: Vec<&RawValue> = serde_json::from_str(list).ok()?;
    let offset = list.as_ptr() as usize - text.as_ptr() as usize;
    let mut is_found = vec![false; fields.len()];
    let mut first = None;
    let mut kept = Vec::with_capacity(items.len());
    for item in items {
        let value: Value = serde_json::from_str(item.get()).ok()?;
        let mut picked = Value::Null;
        for (field, is_found) in fields.iter().zip(&mut is_found) {
            let steps: Vec<&str> = field.split('.').collect();
            *is_found |= pick(&value, &steps, &mut picked);
        }
        first.get_or_insert(value);
        kept.push(if picked.is_null() { json!({}) } else { picked }.to_string());
    }
    let selected = format!("{}[{}]{}", &text[..offset], kept.join(","), &text[offset + list.len()..]);
    let unknown: Vec<&str> = fields
        .iter()
        .zip(&is_found)
        .filter(|(_, is_found)| !**is_found)
        .map(|(field, _)| field.as_str())
        .collect();
    match first {
        Some(first) if !unknown.is_empty() => Some(format!("{selected}\n\n{}", note(&unknown, &first))),
        _ => Some(selected),
    }
}

/// Copies one member; in a list, of each element. False if it is not there.
fn pick(from: &Value, steps: &[&str], to: &mut Value) -> bool {
    match (from, steps) {
        (value, []) => {
            *to = value.clone();
            true
        }
        (Value::Object(members), [step, rest @ ..]) => {
            let Some(member) = members.get(*step) else { return false };
            if !to.is_object() {
                *to = json!({});
            }
            let mut picked = to.get(*step).cloned().unwrap_or_default();
            let is_found = pick(member, rest, &mut picked);
            if is_found {
                to[*step] = picked;
            }
            is_found
        }
        (Value::Array(items), steps) => {
            let mut picked = to.as_array().cloned().unwrap_or_default();
            picked.resize(items.len(), Value::Null);
            let found = items.iter().zip(&mut picked).map(|(item, to)| pick(item, steps, to));
            let is_found = found.fold(false, |any, one| any | one);
            if is_found {
                *to = picked.into();
            }
            is_found
        }
        _ => false,
    }
}

fn note(unknown: &[&str], item: &Value) -> String {
    let names: Vec<&str> =
        item.as_object().into_iter().flat_map(Map::keys).map(String::as_str).take(MAX_NAMES).collect();
    format!("[No item has {}. The first item's members: {}.]", unknown.join(", "), names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(text: &str, pointer: &str, fields: &[&str]) -> String {
        select(text.to_owned(), pointer, &fields.iter().map(|field| (*field).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn members_of_each_item() {
        let text = r#"{"page": 1, "items": [{"id":1,"a":{"b":2,"c":3},"t":[{"x":1,"y":2}]},{"id":2}], "more": true}"#;
        assert_eq!(
            chosen(text, "/items", &["id"]),
            r#"{"page": 1, "items": [{"id":1},{"id":2}], "more": true}"#
        );
        assert_eq!(
            chosen(text, "/items", &["a.b", "id", "t.y", "a.c"]),
            r#"{"page": 1, "items": [{"a":{"b":2,"c":3},"id":1,"t":[{"y":2}]},{"id":2}], "more": true}"#
        );
        assert_eq!(chosen("[{\"id\":1,\"n\":2}]", "", &["n"]), "[{\"n\":2}]");
    }

    #[test]
    fn what_is_not_there_is_said() {
        let note = "[No item has nme, id.x. The first item's members: id, name.]";
        assert_eq!(
            chosen(r#"[{"id":1,"name":"a"}]"#, "", &["nme", "id", "id.x"]),
            format!("[{{\"id\":1}}]\n\n{note}")
        );
        assert_eq!(chosen("[]", "", &["id"]), "[]");
    }

    #[test]
    fn what_is_no_list_stays() {
        for text in ["{\"items\":{\"id\":1}}", "7", "not json", "{\"items\":null}"] {
            assert_eq!(chosen(text, "/items", &["id"]), text);
        }
        assert_eq!(chosen("[{\"id\":1, \"n\":2}]", "", &[]), "[{\"id\":1, \"n\":2}]");
    }
}

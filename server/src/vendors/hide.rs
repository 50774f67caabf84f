//! Takes parts out of an answer that nobody should see: passwords beside what was asked for, keys of the caller.

use serde_json::Value;

/// What is taken out.
#[derive(Debug)]
pub(crate) enum Hidden {
    /// Members of this name, wherever they stand.
    Member(Box<str>),
    /// One place (RFC 6901).
    Place(Box<str>),
}

impl Hidden {
    /// A JSON pointer starts with a slash; anything else is a name.
    pub(crate) fn parse(text: &str) -> Self {
        if text.starts_with('/') { Self::Place(text.into()) } else { Self::Member(text.into()) }
    }
}

/// The JSON text without its hidden parts; a text that is no JSON is given back as it is.
pub(crate) fn hide(text: String, hidden: &[Hidden]) -> String {
    if hidden.is_empty() {
        return text;
    }
    let Ok(mut value) = serde_json::from_str::<Value>(&text) else { return text };
    for part in hidden {
        match part {
            Hidden::Member(name) => remove_member(&mut value, name),
            Hidden::Place(pointer) => remove_place(&mut value, pointer),
        }
    }
    value.to_string()
}

fn remove_member(value: &mut Value, name: &str) {
    match value {
        Value::Object(members) => {
            members.shift_remove(name);
            members.values_mut().for_each(|value| remove_member(value, name));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| remove_member(value, name)),
        _ => {}
    }
}

fn remove_place(value: &mut Value, pointer: &str) {
    let Some((parent, last)) = pointer.rsplit_once('/') else { return };
    let name = last.replace("~1", "/").replace("~0", "~");
    if let Some(Value::Object(members)) = value.pointer_mut(parent) {
        members.shift_remove(&name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without(text: &str, parts: &[&str]) -> String {
        hide(text.to_owned(), &parts.iter().map(|part| Hidden::parse(part)).collect::<Vec<_>>())
    }

    #[test]
    fn names_and_places() {
        let text = r#"{"user":{"api_key":"k","login":"a"},"list":[{"password":"p","id":1}],"api_key":1}"#;
        assert_eq!(
            without(text, &["password", "/user/api_key"]),
            r#"{"user":{"login":"a"},"list":[{"id":1}],"api_key":1}"#
        );
        assert_eq!(without(text, &[]), text);
        assert_eq!(without("no json", &["a"]), "no json");
        assert_eq!(without(r#"{"a":1}"#, &["/b/c"]), r#"{"a":1}"#);
    }
}

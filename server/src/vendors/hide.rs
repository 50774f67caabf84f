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

/// The JSON text without its hidden parts. Nothing where there are some and the text is no JSON: what cannot be found in it
/// must not be seen either.
pub(crate) fn hide(text: String, hidden: &[Hidden]) -> Option<String> {
    if hidden.is_empty() {
        return Some(text);
    }
    let mut value = serde_json::from_str::<Value>(&text).ok()?;
    for part in hidden {
        match part {
            Hidden::Member(name) => remove_member(&mut value, name),
            Hidden::Place(pointer) => remove_place(&mut value, pointer),
        }
    }
    Some(value.to_string())
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
        hidden(text, parts).unwrap()
    }

    fn hidden(text: &str, parts: &[&str]) -> Option<String> {
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
        assert_eq!(without(r#"{"a":1}"#, &["/b/c"]), r#"{"a":1}"#);
        assert_eq!(without(r#"{"p\u0061ss":1}"#, &["pass"]), "{}");
    }

    #[test]
    fn what_cannot_be_read_is_not_shown() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        for text in ["no json", r#"[{"pass":"x"}] end"#, r#"["\ud83d"]"#, "[\"\u{1}\"]", "[1", &deep] {
            assert_eq!(hidden(text, &["pass"]), None, "{text}");
            assert_eq!(without(text, &[]), text);
        }
    }
}

//! JSON body templates with typed substitution.
//!
//! The rules (those of the vendor facts):
//! - `"{name}"` standing alone is replaced by the argument with its type; inside a longer text it is inserted as text;
//!   `{cred.field}` is a credential field.
//! - An object member whose argument is unset is dropped, as is an object or array that becomes empty by that;
//!   a literal `{}` or `[]` stays.
//! - An array element with an unset argument is dropped whole. The elements of an array that is the whole body are
//!   records instead: their unset members are dropped, and the record only if nothing of it is left but literals.
//! - The element `"...{name}"` is replaced by the elements of the argument.
//! - An object with the member `"$if" = "{name}"` is dropped if that argument is unset, whatever else is set in it.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};

use super::credentials::Credentials;
use super::template::{Braces, Text};

/// The member that says without which arguments an object makes no sense.
const ONLY_IF: &str = "$if";

/// A parsed body template.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    Literal(Value),
    Argument(Box<str>),
    Text(Text),
    Object { members: Vec<(Box<str>, Node)>, only_if: Vec<Box<str>> },
    Array(Vec<Element>),
}

#[derive(Debug, Clone)]
pub(crate) enum Element {
    One(Node),
    Spread(Box<str>),
}

/// A filled template; borrows the arguments instead of copying them.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Filled<'a> {
    Value(&'a Value),
    Text(String),
    Object(#[serde(serialize_with = "members")] Vec<(&'a str, Filled<'a>)>),
    Array(Vec<Filled<'a>>),
}

fn members<S: serde::Serializer>(members: &[(&str, Filled<'_>)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(members.iter().map(|(name, value)| (name, value)))
}

/// What a template is filled with.
#[derive(Clone, Copy)]
pub(crate) struct Values<'a> {
    pub(crate) arguments: &'a Map<String, Value>,
    pub(crate) credentials: &'a Credentials,
}

impl<'a> Values<'a> {
    /// An argument or (`cred.field`) a credential as text; lists are joined by commas.
    pub(crate) fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        match name.strip_prefix("cred.") {
            Some(field) => self.credentials.get(field).map(Cow::Borrowed),
            None => self.arguments.get(name).and_then(value_text),
        }
    }

    fn is_set(&self, name: &str) -> bool {
        match name.strip_prefix("cred.") {
            Some(field) => self.credentials.get(field).is_some(),
            None => self.arguments.get(name).is_some_and(|value| !value.is_null()),
        }
    }
}

/// A JSON value as the text of a path segment, query or header value; `null` is unset.
pub(crate) fn value_text(value: &Value) -> Option<Cow<'_, str>> {
    Some(match value {
        Value::Null => return None,
        Value::String(text) => Cow::Borrowed(text),
        Value::Array(items) => items.iter().filter_map(value_text).collect::<Vec<_>>().join(",").into(),
        other => other.to_string().into(),
    })
}

impl Node {
    /// Parses a template; the error says what is wrong.
    pub(crate) fn parse(template: &Value) -> Result<Self, String> {
        Ok(match template {
            Value::String(source) => {
                let text = Text::parse(source, Braces::Literal)?;
                match text.sole_name() {
                    Some(name) if !name.starts_with("cred.") => Self::Argument(name.into()),
                    _ if text.names().is_empty() => Self::Literal(template.clone()),
                    _ => Self::Text(text),
                }
            }
            Value::Object(members) if !members.is_empty() => Self::Object {
                members: members
                    .iter()
                    .filter(|(name, _)| *name != ONLY_IF)
                    .map(|(name, value)| Ok((name.as_str().into(), Self::parse(value)?)))
                    .collect::<Result<_, String>>()?,
                only_if: members.get(ONLY_IF).map(condition).transpose()?.unwrap_or_default(),
            },
            Value::Array(items) if !items.is_empty() => {
                Self::Array(items.iter().map(Element::parse).collect::<Result<_, String>>()?)
            }
            literal => Self::Literal(literal.clone()),
        })
    }

    /// Every name the template refers to.
    pub(crate) fn names(&self) -> Vec<&str> {
        match self {
            Self::Literal(_) => Vec::new(),
            Self::Argument(name) => vec![name],
            Self::Text(text) => text.names(),
            Self::Object { members, only_if } => {
                let named = members.iter().flat_map(|(_, node)| node.names());
                named.chain(only_if.iter().map(|name| &**name)).collect()
            }
            Self::Array(items) => items.iter().flat_map(Element::names).collect(),
        }
    }

    /// The whole body; an empty object or array if nothing of it is left.
    pub(crate) fn fill_body<'a>(&'a self, values: Values<'a>) -> Filled<'a> {
        match self {
            Self::Array(items) => Filled::Array(
                items
                    .iter()
                    .flat_map(|item| match item {
                        Element::One(node) if !node.is_all_unset(values) => {
                            node.fill(values).into_iter().collect()
                        }
                        Element::One(_) => Vec::new(),
                        Element::Spread(name) => spread(name, values),
                    })
                    .collect(),
            ),
            other => other.fill(values).unwrap_or(Filled::Object(Vec::new())),
        }
    }

    fn fill<'a>(&'a self, values: Values<'a>) -> Option<Filled<'a>> {
        match self {
            Self::Literal(value) => Some(Filled::Value(value)),
            Self::Argument(name) => {
                values.arguments.get(&**name).filter(|value| !value.is_null()).map(Filled::Value)
            }
            Self::Text(text) => text.fill(&|name| values.text(name)).map(Filled::Text),
            Self::Object { only_if, .. } if only_if.iter().any(|name| !values.is_set(name)) => None,
            Self::Object { members, .. } => {
                let filled: Vec<_> = members
                    .iter()
                    .filter_map(|(name, node)| node.fill(values).map(|value| (&**name, value)))
                    .collect();
                (!filled.is_empty()).then_some(Filled::Object(filled))
            }
            Self::Array(items) => {
                let filled: Vec<_> = items
                    .iter()
                    .flat_map(|item| match item {
                        Element::One(node) if node.has_unset(values) => Vec::new(),
                        Element::One(node) => node.fill(values).into_iter().collect(),
                        Element::Spread(name) => spread(name, values),
                    })
                    .collect();
                (!filled.is_empty()).then_some(Filled::Array(filled))
            }
        }
    }

    fn has_unset(&self, values: Values<'_>) -> bool {
        self.names().into_iter().any(|name| !values.is_set(name))
    }

    fn is_all_unset(&self, values: Values<'_>) -> bool {
        let names = self.names();
        !names.is_empty() && names.into_iter().all(|name| !values.is_set(name))
    }
}

impl Filled<'_> {
    /// The text, if it is one.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Value(Value::String(text)) | Self::Text(text) => Some(text),
            _ => None,
        }
    }
}

impl Element {
    fn parse(template: &Value) -> Result<Self, String> {
        let spread =
            template.as_str().and_then(|text| text.strip_prefix("...")).filter(|rest| rest.starts_with('{'));
        match spread {
            None => Node::parse(template).map(Self::One),
            Some(rest) => Text::parse(rest, Braces::Literal)?
                .sole_name()
                .map(|name| Self::Spread(name.into()))
                .ok_or_else(|| format!("`...{rest}`: an array is spread by \"...{{name}}\" alone")),
        }
    }

    fn names(&self) -> Vec<&str> {
        match self {
            Self::One(node) => node.names(),
            Self::Spread(name) => vec![name],
        }
    }
}

/// The names in `"{a}"` or `"{a}{b}"`.
fn condition(value: &Value) -> Result<Vec<Box<str>>, String> {
    let names = value.as_str().map(|text| Text::parse(text, Braces::Strict)).transpose()?;
    let names: Vec<_> = names.iter().flat_map(Text::names).map(Into::into).collect();
    if names.is_empty() {
        Err(format!("`{ONLY_IF}` takes placeholders, such as \"{{name}}\""))
    } else {
        Ok(names)
    }
}

fn spread<'a>(name: &str, values: Values<'a>) -> Vec<Filled<'a>> {
    match values.arguments.get(name) {
        Some(Value::Array(items)) => items.iter().map(Filled::Value).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[track_caller]
    #[expect(clippy::needless_pass_by_value, reason = "json! values read better at the call")]
    fn check(template: Value, arguments: Value, expected: Value) {
        let Value::Object(arguments) = arguments else { unreachable!("arguments are an object") };
        let credentials: Credentials = [("org".to_owned(), "acme".to_owned())].into_iter().collect();
        let node = Node::parse(&template).unwrap();
        let filled = node.fill_body(Values { arguments: &arguments, credentials: &credentials });
        assert_eq!(serde_json::to_value(&filled).unwrap(), expected);
    }

    #[test]
    fn keeps_types() {
        check(
            json!({"a": "{a}", "b": "{b}", "c": "n {a}"}),
            json!({"a": 7, "b": [true]}),
            json!({"a": 7, "b": [true], "c": "n 7"}),
        );
    }

    #[test]
    fn unset_members_leave_no_trace() {
        let template =
            json!({"data": {"type": "x", "attributes": {"name": "{name}"}}, "empty": {}, "list": []});
        check(template, json!({}), json!({"data": {"type": "x"}, "empty": {}, "list": []}));
        check(json!({"a": "{a}"}), json!({"a": null}), json!({}));
    }

    #[test]
    fn array_elements_go_whole() {
        let template =
            json!({"filter": [{"op": "eq", "f": "{a}", "v": "{b}"}, {"op": "gte", "v": "{c}"}, "...{more}"]});
        check(
            template.clone(),
            json!({"a": 1, "c": 0, "more": [{"x": 1}, 2]}),
            json!({"filter": [{"op": "gte", "v": 0}, {"x": 1}, 2]}),
        );
        check(template, json!({}), json!({}));
    }

    #[test]
    fn objects_that_need_something() {
        let template = json!({"comment": {"$if": "{text}", "body": "{text}", "public": "{public}"}, "x": 1});
        check(template.clone(), json!({"public": true}), json!({"x": 1}));
        check(
            template,
            json!({"public": true, "text": "t"}),
            json!({"comment": {"body": "t", "public": true}, "x": 1}),
        );
        assert!(Node::parse(&json!({"$if": true, "a": 1})).is_err());
    }

    #[test]
    fn elements_of_an_array_body_are_records() {
        let template = json!([{"labels": "{labels}", "startsAt": "{starts_at}"}]);
        check(template, json!({"labels": {"a": "b"}}), json!([{"labels": {"a": "b"}}]));
        let patch = json!([{"op": "replace", "path": "x", "value": "{x}"}, {"op": "replace", "path": "y", "value": "{y}"}]);
        check(patch, json!({"y": 2}), json!([{"op": "replace", "path": "y", "value": 2}]));
    }

    #[test]
    fn whole_body_and_credentials() {
        check(json!("{udfs}"), json!({"udfs": {"udf1": ""}}), json!({"udf1": ""}));
        check(json!({"org": "{cred.org}", "no": "{cred.none}"}), json!({}), json!({"org": "acme"}));
    }

    #[test]
    fn arguments_are_never_templates() {
        check(
            json!({"a": "{a}", "b": "x{a}"}),
            json!({"a": "{b}{cred.org}"}),
            json!({"a": "{b}{cred.org}", "b": "x{b}{cred.org}"}),
        );
    }
}

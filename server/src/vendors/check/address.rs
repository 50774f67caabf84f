//! Templates of addresses: how they begin, and which fields stand in the name of their host.

use super::problems::Problems;
use crate::vendors::host::HostPart;
use crate::vendors::template::Text;
use crate::vendors::values::DerivedValue;
use crate::vendors::vendor::{Field, FieldKind};

/// What templates may name: fields, and the values made of them. A value is made of fields and of values before it.
#[derive(Clone, Copy)]
pub(super) struct Known<'m> {
    pub(super) fields: &'m [Field],
    pub(super) values: &'m [DerivedValue],
}

/// A field, or base64, that stands in the name of a host.
type InHost<'m> = (Option<&'m str>, HostPart);

impl<'m> Known<'m> {
    /// All names.
    pub(super) fn names(self) -> Vec<&'m str> {
        let fields = self.fields.iter().map(|field| field.name.as_str());
        fields.chain(self.values.iter().map(|value| value.name.as_str())).collect()
    }

    /// An address is sent credentials, so nobody on the way may read it: https, this computer, or what a person typed in.
    /// `is_below` if it may stand below the base URL.
    pub(super) fn check_start(self, text: &Text, is_below: bool, place: &str, problems: &mut Problems<'_>) {
        let is_below = is_below && text.first_literal().is_some_and(|literal| literal.starts_with('/'));
        if !is_below && !self.is_address(text, self.values.len()) {
            problems.add(place, "must start with https:// or with a field of kind url");
        }
    }

    /// Whether a template is one of an address; `before` counts the values that it may name.
    fn is_address(self, text: &Text, before: usize) -> bool {
        let Some(name) = text.first_name() else {
            let literal = text.first_literal().unwrap_or_default();
            return literal.starts_with("https://") || (is_local(literal) && text.host_parts().is_empty());
        };
        let mut values = self.values_named(name, before).peekable();
        let is_url = |field: &Field| field.kind == FieldKind::Url && field.name == name;
        self.fields.iter().any(is_url)
            || (values.peek().is_some() && values.all(|(at, value)| self.is_address(&value.template, at)))
    }

    fn values_named(self, name: &str, before: usize) -> impl Iterator<Item = (usize, &'m DerivedValue)> {
        self.values[..before].iter().enumerate().filter(move |(_, value)| value.name == name)
    }

    /// What an address has in the name of its host, or in that of the address that it begins with.
    fn in_host(self, address: &'m Text, before: usize, found: &mut Vec<InHost<'m>>) {
        if let Some(name) = address.first_name() {
            for (at, value) in self.values_named(name, before) {
                self.in_host(&value.template, at, found);
            }
        }
        for (name, part) in address.host_parts() {
            match name {
                Some(name) => self.in_part(name, part, before, found),
                None => found.push((None, part)),
            }
        }
    }

    /// What a name in the name of a host is made of.
    fn in_part(self, name: &'m str, part: HostPart, before: usize, found: &mut Vec<InHost<'m>>) {
        if self.fields.iter().any(|field| field.name == name) {
            found.push((Some(name), part));
        }
        for (at, DerivedValue { template, .. }) in self.values_named(name, before) {
            if template.has_base64() {
                found.push((None, part));
            }
            let part = if template.sole_name().is_some() { part } else { HostPart::Part };
            template.names().into_iter().for_each(|name| self.in_part(name, part, at, found));
        }
    }
}

/// How each field stands in the name of a host, in the order of the fields. Told are those that cannot.
pub(super) fn hosts(
    known: Known<'_>,
    addresses: &[(&str, &Text)],
    problems: &mut Problems<'_>,
) -> Vec<Option<HostPart>> {
    let mut hosts = vec![None; known.fields.len()];
    for (place, address) in addresses {
        let mut found = Vec::new();
        known.in_host(address, known.values.len(), &mut found);
        for (name, part) in found {
            let Some(index) = known.fields.iter().position(|field| Some(field.name.as_str()) == name) else {
                problems.add(place, "base64 cannot stand in the name of a host");
                continue;
            };
            let field = &known.fields[index];
            if matches!(field.kind, FieldKind::Url | FieldKind::Certificate) {
                problems.add(place, format!("`{{{}}}` is no part of the name of a host", field.name));
            }
            if hosts[index] != Some(HostPart::Part) {
                hosts[index] = Some(part);
            }
        }
    }
    hosts
}

fn is_local(address: &str) -> bool {
    let host = address.strip_prefix("http://").and_then(|rest| rest.split([':', '/', '?', '#']).next());
    host.is_some_and(|host| host == "127.0.0.1" || host == "localhost")
}

/// Whether a whole address may be sent credentials.
pub(super) fn is_safe(address: &str) -> bool {
    address.starts_with("https://") || is_local(address)
}

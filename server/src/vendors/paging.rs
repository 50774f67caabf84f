//! How a list goes on: the note under an answer that says which arguments bring the rest of a page that was cut, or the next.
//!
//! What the vendor says itself comes first: a `Link` header ([`super::link`]), an address or a cursor in the answer. Otherwise
//! a page that is full may not be the last. The note names arguments of the tool, never the vendor's address.

use reqwest::header::HeaderMap;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::body::value_text;
use super::cut::find;
use super::link::{NextLink, next_link};
pub(crate) use super::manifest::Paging;
use super::redact::Redactor;
use super::request::{QueryItem, QueryValue};

/// Longest value that a note repeats, in bytes; cursors are long.
const MAX_VALUE: usize = 1000;

/// Most arguments that a note names.
const MAX_ARGUMENTS: usize = 3;

impl Paging {
    /// The names of those parameters.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &str> {
        self.leading().chain(self.size.as_deref())
    }

    /// Those that lead to another page.
    fn leading(&self) -> impl Iterator<Item = &str> {
        let continued = [
            self.after.as_ref().map(|after| &after.parameter),
            self.cursor.as_ref().map(|cursor| &cursor.parameter),
        ];
        let counted = [&self.page, &self.offset].map(Option::as_ref);
        counted.into_iter().chain(continued).flatten().map(String::as_str)
    }
}

/// What was asked for.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'c> {
    pub(crate) paging: &'c Paging,
    pub(crate) query: &'c [QueryItem],
    pub(crate) arguments: &'c Map<String, Value>,
    /// The tool has the gateway's argument `fields`.
    pub(crate) has_fields: bool,
    /// Of what the note repeats.
    pub(crate) redactor: &'c Redactor,
}

/// What the vendor says about the next page.
#[derive(Debug, PartialEq, Eq)]
enum Next {
    Unsaid,
    /// There is none.
    Last,
    /// There is one, but not by arguments of this tool.
    There,
    /// These arguments bring it.
    By(String),
}

/// One page of a list, as it came.
pub(crate) struct Page<'c> {
    asked: Asked<'c>,
    next: Next,
    items: Vec<&'c RawValue>,
}

impl<'c> Page<'c> {
    /// The list at `pointer` of an answer; none if there is no list.
    pub(crate) fn of(asked: Asked<'c>, headers: &HeaderMap, text: &'c str, pointer: &str) -> Option<Self> {
        let items = serde_json::from_str(find(text, pointer)?).ok()?;
        let next = asked.next(headers, text);
        Some(Self { asked, next, items })
    }

    /// A note under a page that is shown whole, if another may follow.
    pub(crate) fn more(&self) -> Option<String> {
        let last = self.items.last()?.get();
        match &self.next {
            Next::By(arguments) => Some(format!("[The next page: {arguments}.]")),
            Next::There => Some("[There are more: narrow it with filters.]".to_owned()),
            Next::Unsaid if self.is_full() => {
                let larger = || match &self.asked.paging.size {
                    Some(size) => format!("a larger {size}, or filters"),
                    None => "filters".to_owned(),
                };
                let how = self.asked.following(self.items.len(), last).unwrap_or_else(larger);
                Some(format!("[A full page: there may be more; {how}.]"))
            }
            Next::Unsaid | Next::Last => None,
        }
    }

    /// How to get what is left out behind the first `shown` items.
    pub(crate) fn rest(&self, shown: usize) -> String {
        let last = shown.checked_sub(1).and_then(|last| self.items.get(last)).map(|item| item.get());
        if let Some(arguments) = last.and_then(|last| self.asked.behind(shown, last)) {
            return format!("for the rest call again with {arguments}");
        }
        let narrower = self.narrower();
        if let Some(size) = &self.asked.paging.size {
            return format!("for the rest call again with {size} at most {shown}, or {narrower}");
        }
        let following = match &self.next {
            Next::By(arguments) => Some(arguments.clone()),
            Next::Unsaid if self.is_full() => {
                self.items.last().and_then(|last| self.asked.following(self.items.len(), last.get()))
            }
            _ => None,
        };
        match following {
            Some(arguments) => format!("{narrower}; the next page: {arguments}"),
            None => narrower.to_owned(),
        }
    }

    fn narrower(&self) -> &'static str {
        if self.asked.has_fields { "choose fewer fields, or filters" } else { "narrow it with filters" }
    }

    fn is_full(&self) -> bool {
        let size = self.asked.size();
        size.is_some_and(|size| size > 0 && self.items.len() as u64 >= size)
    }
}

impl Asked<'_> {
    fn number(&self, name: &str) -> Option<u64> {
        self.arguments.get(name)?.as_u64()
    }

    fn size(&self) -> Option<u64> {
        let sent = self.paging.size.as_ref().and_then(|size| self.number(size));
        sent.or(self.paging.fixed_size)
    }

    /// Arguments for what stands behind the first `shown` items of this page.
    fn behind(&self, shown: usize, last: &str) -> Option<String> {
        let continued = self.after(last).or_else(|| self.skip(shown));
        if continued.is_some() || self.paging.next.is_some() {
            return continued;
        }
        let (size, page) = (self.paging.size.as_ref()?, self.paging.page.as_ref()?);
        let before = self.number(page).unwrap_or(1).checked_sub(1)?;
        let skipped = if before == 0 { 0 } else { before.checked_mul(self.size()?)? };
        let shown = shown as u64;
        // Smaller pages begin elsewhere: the one that the next item stands on.
        let next = skipped.checked_add(shown)? / shown + 1;
        Some(format!("{size}={shown}, {page}={next}"))
    }

    /// Arguments for the page behind this one.
    fn following(&self, items: usize, last: &str) -> Option<String> {
        self.after(last).or_else(|| self.skip(items)).or_else(|| {
            // Where an address says what comes next, nobody knows whether pages count from 0 or 1.
            let page = self.paging.page.as_ref().filter(|_| self.paging.next.is_none())?;
            Some(format!("{page}={}", self.number(page).unwrap_or(1).checked_add(1)?))
        })
    }

    /// `min_id=4712`, from the last item.
    fn after(&self, last: &str) -> Option<String> {
        let after = self.paging.after.as_ref()?;
        let last: Value = serde_json::from_str(last).ok()?;
        let value = last.pointer(&after.member)?;
        let value = match value.as_i64() {
            Some(number) => number.saturating_add(after.inclusive.into()).to_string(),
            None => value.as_str()?.to_owned(),
        };
        self.argument(&after.parameter, &value)
    }

    fn skip(&self, items: usize) -> Option<String> {
        let offset = self.paging.offset.as_ref()?;
        Some(format!("{offset}={}", self.number(offset).unwrap_or(0).checked_add(items as u64)?))
    }

    fn next(&self, headers: &HeaderMap, text: &str) -> Next {
        match next_link(headers) {
            NextLink::At(address) => return self.by_address(&address),
            NextLink::Last => return Next::Last,
            NextLink::Unsaid => {}
        }
        let said = |pointer: &str| match serde_json::from_str(find(text, pointer)?).ok()? {
            Value::String(text) => Some(text).filter(|text| !text.is_empty()),
            Value::Number(number) => Some(number.to_string()),
            _ => None,
        };
        if let Some(pointer) = &self.paging.next {
            return said(pointer).map_or(Next::Last, |address| self.by_address(&address));
        }
        match &self.paging.cursor {
            Some(cursor) => match said(&cursor.answer) {
                // Base64 has no question mark.
                Some(address) if address.contains('?') => self.by_address(&address),
                Some(value) => self.argument(&cursor.parameter, &value).map_or(Next::There, Next::By),
                None => Next::Last,
            },
            None => Next::Unsaid,
        }
    }

    /// The arguments of this tool that stand in the next page's address and differ from what was sent: those that lead to
    /// another page, if there are any.
    fn by_address(&self, address: &str) -> Next {
        let query =
            address.split('#').next().unwrap_or_default().split_once('?').map_or("", |(_, query)| query);
        let pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
        let changed = self.query.iter().filter_map(|item| {
            let QueryValue::Argument { name, .. } = &item.value else { return None };
            let mut named = pairs.iter().filter(|(wire, _)| wire.eq_ignore_ascii_case(&item.name));
            let (Some((_, value)), None) = (named.next(), named.next()) else { return None };
            let sent = self.arguments.get(&**name);
            let is_new =
                sent.is_none_or(|sent| !sent.is_array() && value_text(sent).as_deref() != Some(value));
            let is_size = self.paging.size.as_deref() == Some(name);
            (is_new && !is_size).then_some((&**name, &**value))
        });
        let changed: Vec<_> = changed.collect();
        let leading: Vec<_> = changed
            .iter()
            .filter(|(name, _)| self.paging.leading().any(|leading| leading == *name))
            .collect();
        let chosen = if leading.is_empty() { changed.iter().collect() } else { leading };
        let arguments: Option<Vec<_>> =
            chosen.iter().take(MAX_ARGUMENTS).map(|(name, value)| self.argument(name, value)).collect();
        match arguments {
            Some(arguments) if !arguments.is_empty() => Next::By(arguments.join(", ")),
            _ => Next::There,
        }
    }

    /// `name=value`, in quotes where the value would not end by itself; none if it is too long to be repeated, or must not be.
    fn argument(&self, name: &str, value: &str) -> Option<String> {
        let is_plain = value.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"[],;".contains(&byte));
        if value.is_empty() || value.len() > MAX_VALUE || self.redactor.clean(value.to_owned()) != value {
            return None;
        }
        Some(if is_plain { format!("{name}={value}") } else { format!("{name}={}", Value::from(value)) })
    }
}

#[cfg(test)]
mod tests;

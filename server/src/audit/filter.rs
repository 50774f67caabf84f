//! Which audit rows, from the query of a URL or from the command line.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use gateway_api::{audit::AuditFilter, ids::AuditEventId, problem::FieldError};
use gateway_store::{
    Timestamp,
    audit::{Actor, Client, Filter},
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};
use uuid::Uuid;

/// How many rows a page has, if nothing else is asked for.
const DEFAULT_LIMIT: u32 = 50;
/// How many rows a page has at most.
const MAX_LIMIT: u32 = 200;

/// A filter and how many rows a page shall have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Which rows.
    pub filter: Filter,
    /// How many.
    pub limit: u32,
}

/// Reads the query of a URL. What is empty does not narrow; what it does not know it ignores.
pub fn parse(query: &str) -> Result<Wanted, Vec<FieldError>> {
    let mut asked = AuditFilter::default();
    let mut errors = Vec::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if value.is_empty() {
            continue;
        }
        let value = value.into_owned();
        match name.as_ref() {
            "actor" => asked.actor = Some(value),
            "client" => asked.client = Some(value),
            "vendor" => asked.vendor = Some(value),
            "tool" => asked.tool = Some(value),
            "outcome" => asked.outcome = Some(value),
            "since" => asked.since = Some(value),
            "until" => asked.until = Some(value),
            "cursor" => asked.cursor = Some(value),
            "limit" => match value.parse() {
                Ok(limit) => asked.limit = Some(limit),
                Err(_) => errors.push(wrong("limit", LIMIT_WANTED)),
            },
            _ => {}
        }
    }
    let wanted = resolve(asked, &mut errors);
    if errors.is_empty() { Ok(wanted) } else { Err(errors) }
}

const LIMIT_WANTED: &str = "This must be a number from 1 to 200.";
const MOMENT_WANTED: &str = "This must be a date like 2026-11-23 or a time like 2026-11-23T08:00:00Z.";

fn resolve(asked: AuditFilter, errors: &mut Vec<FieldError>) -> Wanted {
    let mut read = |field: &str, text: Option<String>| {
        let moment = parse_moment(&text?);
        moment.map_err(|_| errors.push(wrong(field, MOMENT_WANTED))).ok()
    };
    let (since, until) = (read("since", asked.since), read("until", asked.until));
    let outcome = asked.outcome.and_then(|outcome| {
        let outcome = outcome.parse();
        outcome.map_err(|_| errors.push(wrong("outcome", "This must be ok, error or denied."))).ok()
    });
    let before = asked.cursor.and_then(|cursor| {
        let id = read_cursor(&cursor);
        if id.is_none() {
            errors.push(wrong("cursor", "This is not a cursor that a page of this log gave."));
        }
        id
    });
    let limit = asked.limit.unwrap_or(DEFAULT_LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        errors.push(wrong("limit", LIMIT_WANTED));
    }
    let actor = asked.actor.map(|text| text.parse().map_or(Actor::Name(text), Actor::Id));
    let client = asked.client.map(client);
    let (vendor, tool) = (asked.vendor, asked.tool);
    Wanted { filter: Filter { actor, client, vendor, tool, outcome, since, until, before }, limit }
}

/// Ids of clients are UUIDs (RFC 7591 registrations) or https URLs (client id metadata documents); all else is a name.
fn client(text: String) -> Client {
    if text.starts_with("https://") || text.parse::<Uuid>().is_ok() {
        Client::Id(text)
    } else {
        Client::Name(text)
    }
}

/// A moment as people write it: RFC 3339, or a date, which is its first moment in UTC.
pub fn parse_moment(text: &str) -> Result<Timestamp, &'static str> {
    let read = |text: &str| OffsetDateTime::parse(text, &Rfc3339);
    let moment = read(text).or_else(|_| read(&format!("{text}T00:00:00Z"))).map_err(|_| MOMENT_WANTED)?;
    Ok(moment.into())
}

/// Where the next page begins: after this row.
pub fn write_cursor(id: AuditEventId) -> String {
    URL_SAFE_NO_PAD.encode(id.uuid().as_bytes())
}

fn read_cursor(cursor: &str) -> Option<AuditEventId> {
    let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
    Some(AuditEventId::from_uuid(Uuid::from_slice(&bytes).ok()?))
}

fn wrong(field: &str, message: &str) -> FieldError {
    FieldError { field: field.to_owned(), message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(query: &str) -> Vec<String> {
        parse(query).unwrap_err().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn what_is_empty_or_unknown_does_not_narrow() {
        let wanted = Wanted { filter: Filter::default(), limit: 50 };
        assert_eq!(parse(""), Ok(wanted.clone()));
        assert_eq!(parse("actor=&since=&limit=&utm_source=x"), Ok(wanted));
    }

    #[test]
    fn wrong_values_are_all_named() {
        assert_eq!(fields("outcome=OK&since=soon&until=2026-13-01"), ["since", "until", "outcome"]);
        assert_eq!(fields("limit=0&cursor=x"), ["cursor", "limit"]);
        assert_eq!(fields("limit=201"), ["limit"]);
        assert_eq!(fields("limit=-1"), ["limit"]);
        assert_eq!(fields("limit=many"), ["limit"]);
    }

    #[test]
    fn people_and_clients_are_ids_or_names() {
        let id = "019aa09a-2a7b-7000-8000-000000000000";
        let filter = |query: &str| parse(query).unwrap().filter;
        assert_eq!(filter(&format!("actor={id}")).actor, Some(Actor::Id(id.parse().unwrap())));
        assert_eq!(filter("actor=Ada%20Lovelace").actor, Some(Actor::Name("Ada Lovelace".to_owned())));
        assert_eq!(filter(&format!("client={id}")).client, Some(Client::Id(id.to_owned())));
        let url = "https://claude.ai/oauth/client.json";
        assert_eq!(filter(&format!("client={url}")).client, Some(Client::Id(url.to_owned())));
        assert_eq!(filter("client=Claude+Code").client, Some(Client::Name("Claude Code".to_owned())));
    }

    #[test]
    fn moments_are_rfc_3339_or_dates() {
        let noon = Timestamp::from_micros(1_795_435_200_000_000);
        assert_eq!(parse_moment("2026-11-23T12:00:00Z"), Ok(noon));
        assert_eq!(parse_moment("2026-11-23T13:00:00+01:00"), Ok(noon));
        assert_eq!(parse_moment("2026-11-23").unwrap().until(noon).as_secs(), 12 * 3600);
        for wrong in ["", "yesterday", "2026-11-31", "2026-11-23T12:00:00", "23.11.2026"] {
            assert!(parse_moment(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_cursor_leads_back_to_its_row() {
        let id = "019aa09a-2a7b-7000-8000-000000000000".parse().unwrap();
        let query = format!("cursor={}", write_cursor(id));
        assert_eq!(parse(&query).unwrap().filter.before, Some(id));
    }
}

//! Audit rows as CSV: RFC 4180, and safe to open in a spreadsheet.

use std::borrow::Cow;

use csv::{Terminator, WriterBuilder};
use gateway_store::audit::AuditRow;
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

const COLUMNS: [&str; 16] = [
    "id",
    "at",
    "organization_id",
    "user_id",
    "actor",
    "client_id",
    "client_name",
    "action",
    "vendor",
    "tool",
    "target",
    "outcome",
    "reason",
    "credential_scope",
    "duration_ms",
    "request_id",
];

/// The line with the names of the columns.
pub(super) fn head() -> Result<Vec<u8>, csv::Error> {
    write(std::iter::once(COLUMNS.map(Cow::Borrowed)))
}

/// A line for each row.
pub(super) fn lines(rows: &[AuditRow]) -> Result<Vec<u8>, csv::Error> {
    write(rows.iter().map(cells))
}

fn write<'a>(lines: impl Iterator<Item = [Cow<'a, str>; COLUMNS.len()]>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(Vec::new());
    for line in lines {
        writer.write_record(line.iter().map(|cell| inert(cell).into_owned()))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

fn cells(row: &AuditRow) -> [Cow<'_, str>; COLUMNS.len()] {
    let at = OffsetDateTime::from(row.at).format(&Rfc3339).unwrap_or_default();
    [
        text(&row.id),
        Cow::Owned(at),
        maybe(row.organization_id.as_ref()),
        maybe(row.user_id.as_ref()),
        text(&row.actor),
        maybe(row.client_id.as_ref()),
        maybe(row.client_name.as_ref()),
        text(&row.action),
        maybe(row.vendor.as_ref()),
        maybe(row.tool.as_ref()),
        maybe(row.target.as_ref()),
        text(&row.outcome),
        maybe(row.reason.as_ref()),
        maybe(row.credential_scope.as_ref()),
        row.duration_us.map_or(Cow::Borrowed(""), |us| Cow::Owned(milliseconds(us))),
        maybe(row.request_id.as_ref()),
    ]
}

fn text(text: &str) -> Cow<'_, str> {
    Cow::Borrowed(text)
}

fn maybe(text: Option<&String>) -> Cow<'_, str> {
    Cow::Borrowed(text.map_or("", String::as_str))
}

/// `1.234`: exactly, without the roundings of floating point.
fn milliseconds(us: i64) -> String {
    format!("{}.{:03}", us / 1000, us.rem_euclid(1000))
}

/// Spreadsheets take cells that begin with these for formulas: a leading apostrophe says that it is text (OWASP, "CSV
/// Injection").
fn inert(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

#[cfg(test)]
mod tests {
    use gateway_store::Timestamp;

    use super::*;

    fn row() -> AuditRow {
        AuditRow {
            id: "0".to_owned(),
            at: Timestamp::from_micros(1_795_435_200_000_000),
            organization_id: None,
            user_id: None,
            actor: "=HYPERLINK(\"http://evil.example\")".to_owned(),
            client_id: None,
            client_name: Some("a, \"b\"\nc".to_owned()),
            action: "tool.call".to_owned(),
            vendor: Some("+1".to_owned()),
            tool: Some("-1".to_owned()),
            target: Some("@x".to_owned()),
            outcome: "ok".to_owned(),
            reason: Some("\tx".to_owned()),
            credential_scope: None,
            duration_us: Some(1_050),
            request_id: None,
        }
    }

    #[test]
    fn cells_are_quoted_and_no_formulas() {
        let lines = String::from_utf8(lines(&[row()]).unwrap()).unwrap();
        assert_eq!(
            lines,
            "0,2026-11-23T12:00:00Z,,,\"'=HYPERLINK(\"\"http://evil.example\"\")\",,\"a, \"\"b\"\"\nc\",tool.call,\
             '+1,'-1,'@x,ok,'\tx,,1.050,\r\n"
        );
        let head = String::from_utf8(head().unwrap()).unwrap();
        assert!(head.starts_with("id,at,organization_id,") && head.ends_with(",request_id\r\n"), "{head}");
    }
}

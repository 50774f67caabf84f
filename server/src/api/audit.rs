//! `/api/organizations/{org}/audit` and `.../audit.csv`: who did what. For owners, on the plan Pro.

use std::io;

use axum::{
    Json,
    body::Body,
    extract::{RawQuery, State},
    http::{HeaderName, header},
};
use futures::{Stream, TryStreamExt as _, stream};
use gateway_api::{
    Page,
    audit::{AuditEventView, AuditFilter},
    problem::Problem,
};
use gateway_store::{
    Connection,
    audit::{self as rows, AuditRow},
};
use time::OffsetDateTime;

use crate::{
    audit::{
        Event, action,
        export::{Export, ExportError},
        filter,
    },
    auth::session::{Member, OrganizationOwner},
    error::ApiError,
    plans::{self, Feature},
    state::AppState,
};

/// A page of the audit log, the newest first.
#[utoipa::path(get, path = "/api/organizations/{org}/audit", tag = "audit",
    params(("org" = String, Path, description = "the organization"), AuditFilter), responses(
    (status = 200, body = Page<AuditEventView>), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 422, body = Problem)))]
pub async fn list_audit(
    State(state): State<AppState>,
    OrganizationOwner(member): OrganizationOwner,
    RawQuery(query): RawQuery,
) -> Result<Json<Page<AuditEventView>>, ApiError> {
    let mut connection = state.database.read().await?;
    Ok(Json(first_page(&mut connection, &member, query.as_deref()).await?))
}

/// The page that a URL's query asks for, also for the pages that the server renders. It is the first one, unless the
/// query has a cursor.
pub async fn first_page(
    connection: &mut Connection,
    member: &Member,
    query: Option<&str>,
) -> Result<Page<AuditEventView>, ApiError> {
    check(member)?;
    let wanted = filter::parse(query.unwrap_or_default()).map_err(ApiError::Fields)?;
    let limit = usize::try_from(wanted.limit).unwrap_or(usize::MAX);
    // One more than asked for tells whether there is a next page.
    let one_more = i64::from(wanted.limit) + 1;
    let mut found = rows::page(connection, member.organization.id, &wanted.filter, one_more).await?;
    let is_last = found.len() <= limit;
    found.truncate(limit);
    let items = found.into_iter().map(view).collect::<Result<Vec<_>, _>>()?;
    let last = items.last().filter(|_| !is_last);
    let next_cursor = last.map(|last| filter::write_cursor(last.id));
    Ok(Page { items, next_cursor })
}

/// The audit log as CSV, of any size; the same filters, without `cursor` and `limit`. That it was exported is on record.
#[utoipa::path(get, path = "/api/organizations/{org}/audit.csv", tag = "audit",
    params(("org" = String, Path, description = "the organization"), AuditFilter), responses(
    (status = 200, description = "RFC 4180, with a head", body = String, content_type = "text/csv"),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 422, body = Problem)))]
pub async fn export_audit(
    State(state): State<AppState>,
    OrganizationOwner(member): OrganizationOwner,
    RawQuery(query): RawQuery,
) -> Result<([(HeaderName, String); 2], Body), ApiError> {
    check(&member)?;
    let wanted = filter::parse(&query.unwrap_or_default()).map_err(ApiError::Fields)?;
    let filter = rows::Filter { before: None, ..wanted.filter };
    let mut export = Export::new(Some(member.organization.id), filter);
    // The first piece is read before anything is sent, so that a database that is not there is an answer.
    let first = export.next(&state.database).await?;
    let event = Event { action: action::AUDIT_EXPORT, ..Event::by(&member) };
    state.audit.record(event).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, disposition(&member.organization.name, state.clock.now().into())),
    ];
    let first = stream::iter(first.map(Ok));
    Ok((headers, Body::from_stream(futures::StreamExt::chain(first, rest(state, export)))))
}

/// What follows. An error ends the body before its end, which whoever downloads it notices.
fn rest(state: AppState, export: Export) -> impl Stream<Item = io::Result<Vec<u8>>> {
    let pieces = stream::try_unfold((state, export), |(state, mut export)| async move {
        let piece = export.next(&state.database).await?;
        Ok(piece.map(|piece| (piece, (state, export))))
    });
    pieces.map_err(|error: ExportError| {
        tracing::error!(%error, "an audit export broke off");
        io::Error::other(error)
    })
}

/// Who may read it.
fn check(member: &Member) -> Result<(), ApiError> {
    member.require_owner()?;
    plans::require(member.organization.plan, Feature::AuditLog)
}

/// A file name of letters that every system takes, e.g. `audit-Example-MSP-2026-11-23.csv`.
fn disposition(organization: &str, now: OffsetDateTime) -> String {
    let words = organization.split(|one: char| !one.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name = std::iter::once("audit").chain(words).collect::<Vec<_>>().join("-");
    format!("attachment; filename=\"{name}-{}.csv\"", now.date())
}

fn view(row: AuditRow) -> Result<AuditEventView, ApiError> {
    let unreadable = |column: &str| ApiError::Internal(format!("audit row {}: unreadable {column}", row.id));
    Ok(AuditEventView {
        id: row.id.parse().map_err(|_| unreadable("id"))?,
        at: row.at.into(),
        user_id: row.user_id.as_ref().map(|id| id.parse()).transpose().map_err(|_| unreadable("user_id"))?,
        outcome: row.outcome.parse().map_err(|_| unreadable("outcome"))?,
        credential_scope: row
            .credential_scope
            .as_ref()
            .map(|scope| scope.parse())
            .transpose()
            .map_err(|_| unreadable("credential_scope"))?,
        #[expect(clippy::cast_precision_loss, reason = "exact up to 285 years")]
        duration_ms: row.duration_us.map(|us| us as f64 / 1000.0),
        actor: row.actor,
        client_id: row.client_id,
        client_name: row.client_name,
        action: row.action,
        vendor: row.vendor,
        tool: row.tool,
        target: row.target,
        reason: row.reason,
        request_id: row.request_id,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_name_is_plain() {
        let noon = OffsetDateTime::from_unix_timestamp(1_795_435_200).unwrap();
        let name = |organization| disposition(organization, noon);
        assert_eq!(name("Example MSP"), "attachment; filename=\"audit-Example-MSP-2026-11-23.csv\"");
        assert_eq!(name("\"; x=\r\n"), "attachment; filename=\"audit-x-2026-11-23.csv\"");
        assert_eq!(name("日本"), "attachment; filename=\"audit-2026-11-23.csv\"");
    }
}

//! The audit log.

use gateway_api::{Page, audit::AuditEventView, ids::OrganizationId, paths, problem::Problem};

use super::{get, in_organization};

/// `GET .../audit`: the page of rows that `query` (without `?`) asks for.
pub(crate) async fn list_audit(
    organization: OrganizationId,
    query: String,
) -> Result<Page<AuditEventView>, Problem> {
    get(&format!("{}?{query}", in_organization(paths::AUDIT, organization, &[]))).await
}

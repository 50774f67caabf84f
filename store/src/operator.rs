//! What only the operator may ask: questions that name no tenant. The command line asks them, no handler does.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use gateway_api::ids::OrganizationId;

use crate::{
    Connection, StoreError,
    engine::on,
    organizations::Organization,
    schema::{memberships, organizations},
};

/// Every organization with its number of members, the oldest first.
pub async fn list_organizations(connection: &mut Connection) -> Result<Vec<(Organization, i64)>, StoreError> {
    let found: Vec<Organization> = on!(connection, |c| organizations::table
        .order(organizations::id)
        .select(Organization::as_select())
        .load(c)
        .await)?;
    let counts: Vec<(String, i64)> = on!(connection, |c| memberships::table
        .group_by(memberships::organization_id)
        .select((memberships::organization_id, diesel::dsl::count_star()))
        .load(c)
        .await)?;
    let counts: HashMap<_, _> = counts.into_iter().collect();
    let with_count = |organization: Organization| {
        let count = counts.get(&organization.id.to_string()).copied().unwrap_or(0);
        (organization, count)
    };
    Ok(found.into_iter().map(with_count).collect())
}

/// One organization.
pub async fn find_organization(
    connection: &mut Connection,
    id: OrganizationId,
) -> Result<Option<Organization>, StoreError> {
    on!(connection, |c| organizations::table
        .find(id.to_string())
        .select(Organization::as_select())
        .first(c)
        .await
        .optional())
}

//! Service clients: programs that an organization lets in by a secret. Only the SHA-256 of the secret stands here.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use gateway_api::ids::{OrganizationId, ServiceClientId, UserId};

use crate::{
    Connection, StoreError, Timestamp,
    columns::Parsed,
    engine::on,
    organizations::Organization,
    schema::{
        organizations,
        service_clients::{self, table},
        users,
    },
    users::User,
};

/// A service client.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = service_clients)]
pub struct ServiceClient {
    /// Its `client_id`; stands in its access tokens where those of people name their grant.
    #[diesel(deserialize_as = Parsed<ServiceClientId>)]
    pub id: ServiceClientId,
    /// Where it works.
    #[diesel(deserialize_as = Parsed<OrganizationId>)]
    pub organization_id: OrganizationId,
    /// What it is called in the audit log.
    pub name: String,
    /// SHA-256 of its secret, in hex.
    pub secret_hash: String,
    /// What it may do, separated by blanks.
    pub scope: String,
    /// Who made it.
    #[diesel(deserialize_as = Parsed<UserId>)]
    pub created_by: UserId,
    /// When.
    pub created_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
    /// When it last called, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// Stores a service client.
pub async fn insert(connection: &mut Connection, client: &ServiceClient) -> Result<(), StoreError> {
    let row = (
        service_clients::id.eq(client.id.to_string()),
        service_clients::organization_id.eq(client.organization_id.to_string()),
        service_clients::name.eq(&client.name),
        service_clients::secret_hash.eq(&client.secret_hash),
        service_clients::scope.eq(&client.scope),
        service_clients::created_by.eq(client.created_by.to_string()),
        service_clients::created_at.eq(client.created_at),
        service_clients::expires_at.eq(client.expires_at),
        service_clients::last_used_at.eq(client.last_used_at),
    );
    on!(connection, |c| diesel::insert_into(table).values(row).execute(c).await)?;
    Ok(())
}

/// The service clients of an organization, the newest first, each with who made it; also those whose time is over.
pub async fn list(
    connection: &mut Connection,
    organization: OrganizationId,
) -> Result<Vec<(ServiceClient, User)>, StoreError> {
    on!(connection, |c| table
        .inner_join(users::table)
        .filter(service_clients::organization_id.eq(organization.to_string()))
        .order(service_clients::id.desc())
        .select((ServiceClient::as_select(), User::as_select()))
        .load(c)
        .await)
}

/// How many an organization has.
pub async fn count(connection: &mut Connection, organization: OrganizationId) -> Result<i64, StoreError> {
    let query = table.filter(service_clients::organization_id.eq(organization.to_string())).count();
    on!(connection, |c| query.get_result(c).await)
}

/// One that is good now, and where it works. Whether the plan lets it in is for the caller to see.
pub async fn find_live(
    connection: &mut Connection,
    id: ServiceClientId,
    now: Timestamp,
) -> Result<Option<(ServiceClient, Organization)>, StoreError> {
    on!(connection, |c| table
        .inner_join(organizations::table)
        .filter(service_clients::id.eq(id.to_string()))
        .filter(service_clients::expires_at.gt(now))
        .select((ServiceClient::as_select(), Organization::as_select()))
        .first(c)
        .await
        .optional())
}

/// Whether this is one, good or not.
pub async fn exists(connection: &mut Connection, id: ServiceClientId) -> Result<bool, StoreError> {
    let found = table.filter(service_clients::id.eq(id.to_string()));
    on!(connection, |c| diesel::select(diesel::dsl::exists(found)).get_result(c).await)
}

/// Notes that it called, unless that was noted after `noted_before`.
pub async fn touch(
    connection: &mut Connection,
    id: ServiceClientId,
    now: Timestamp,
    noted_before: Timestamp,
) -> Result<(), StoreError> {
    let target = table.filter(service_clients::id.eq(id.to_string())).filter(
        service_clients::last_used_at
            .is_null()
            .or(service_clients::last_used_at.le(noted_before).assume_not_null()),
    );
    let change = service_clients::last_used_at.eq(now);
    on!(connection, |c| diesel::update(target).set(change).execute(c).await)?;
    Ok(())
}

/// Deletes one of an organization; what it was, or none if it is not there.
pub async fn delete(
    connection: &mut Connection,
    organization: OrganizationId,
    id: ServiceClientId,
) -> Result<Option<ServiceClient>, StoreError> {
    let target = table
        .filter(service_clients::organization_id.eq(organization.to_string()))
        .filter(service_clients::id.eq(id.to_string()));
    on!(connection, |c| diesel::delete(target)
        .returning(ServiceClient::as_returning())
        .get_result(c)
        .await
        .optional())
}

//! Connections: sealed credentials, one per vendor and owner.

use diesel::{prelude::*, upsert::excluded};
use diesel_async::RunQueryDsl;
use gateway_api::{
    connections::Scope,
    ids::{ConnectionId, OrganizationId, TeamId, UserId},
};
use uuid::Uuid;

use crate::{
    Connection, StoreError, Timestamp,
    columns::Parsed,
    engine::on,
    schema::{
        connections::{self, table},
        teams,
    },
};

/// Whose connections: the tenant key of every function here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Owner {
    /// A person's, a sub-team's or an organization's.
    pub scope: Scope,
    /// Their id.
    pub id: Uuid,
}

impl Owner {
    /// A person's own.
    pub fn personal(user: UserId) -> Self {
        Self { scope: Scope::Personal, id: user.uuid() }
    }

    /// A sub-team's.
    pub fn team(team: TeamId) -> Self {
        Self { scope: Scope::Team, id: team.uuid() }
    }

    /// An organization's.
    pub fn organization(organization: OrganizationId) -> Self {
        Self { scope: Scope::Organization, id: organization.uuid() }
    }
}

/// A stored connection.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = connections)]
pub struct ConnectionRow {
    /// Its id; stays when the credentials are replaced.
    #[diesel(deserialize_as = Parsed<ConnectionId>)]
    pub id: ConnectionId,
    /// Whose it is.
    #[diesel(deserialize_as = Parsed<Scope>)]
    pub scope: Scope,
    /// The id of that person, sub-team or organization.
    #[diesel(deserialize_as = Parsed<Uuid>)]
    pub owner_id: Uuid,
    /// The vendor's slug.
    pub vendor: String,
    /// Grows with every replacement: caches key by it.
    pub version: i64,
    /// The master key it was sealed under.
    pub key_id: String,
    /// The ciphertext, as `vault::seal` of the server made it.
    pub sealed: Vec<u8>,
    /// The account's name at the vendor.
    pub account: Option<String>,
    /// Why it needs attention; none = the vendor accepted it when last asked.
    pub problem: Option<String>,
    /// When it was first stored.
    pub created_at: Timestamp,
    /// When its credentials were last replaced.
    pub updated_at: Timestamp,
    /// When the vendor was last asked.
    pub checked_at: Timestamp,
}

/// Credentials to store: sealed already.
#[derive(Debug, Clone)]
pub struct NewConnection {
    /// The existing row's, or a new one: `sealed` is bound to it.
    pub id: ConnectionId,
    /// The vendor's slug.
    pub vendor: String,
    /// The master key it was sealed under.
    pub key_id: String,
    /// The ciphertext.
    pub sealed: Vec<u8>,
    /// The account's name at the vendor.
    pub account: Option<String>,
    /// Who did it.
    pub created_by: UserId,
    /// When.
    pub now: Timestamp,
}

/// All connections of an owner, by vendor.
pub async fn list(connection: &mut Connection, owner: Owner) -> Result<Vec<ConnectionRow>, StoreError> {
    on!(connection, |c| table
        .filter(connections::scope.eq(owner.scope.as_str()))
        .filter(connections::owner_id.eq(owner.id.to_string()))
        .order(connections::vendor)
        .select(ConnectionRow::as_select())
        .load(c)
        .await)
}

/// Everything shared in an organization: its own connections and its sub-teams', by vendor.
pub async fn list_shared(
    connection: &mut Connection,
    organization: OrganizationId,
) -> Result<Vec<ConnectionRow>, StoreError> {
    on!(connection, |c| table
        .filter(of_organization(organization))
        .order((connections::vendor, connections::scope, connections::owner_id))
        .select(ConnectionRow::as_select())
        .load(c)
        .await)
}

/// How many connections are shared in an organization.
pub async fn count_shared(
    connection: &mut Connection,
    organization: OrganizationId,
) -> Result<u32, StoreError> {
    let query = table.filter(of_organization(organization)).count();
    let count: i64 = on!(connection, |c| query.get_result(c).await)?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Deletes everything shared in an organization; what it was.
pub async fn delete_shared(
    connection: &mut Connection,
    organization: OrganizationId,
) -> Result<Vec<ConnectionRow>, StoreError> {
    on!(connection, |c| diesel::delete(table.filter(of_organization(organization)))
        .returning(ConnectionRow::as_returning())
        .get_results(c)
        .await)
}

/// Deletes all connections of an owner; what they were.
pub async fn delete_all(connection: &mut Connection, owner: Owner) -> Result<Vec<ConnectionRow>, StoreError> {
    let target = table
        .filter(connections::scope.eq(owner.scope.as_str()))
        .filter(connections::owner_id.eq(owner.id.to_string()));
    on!(connection, |c| diesel::delete(target).returning(ConnectionRow::as_returning()).get_results(c).await)
}

/// The condition of [`list_shared`].
#[diesel::dsl::auto_type]
fn of_organization(organization: OrganizationId) -> _ {
    // What is not diesel's needs its type written out here.
    let (of_all, of_team): (&'static str, &'static str) =
        (Scope::Organization.as_str(), Scope::Team.as_str());
    let id: String = organization.to_string();
    let tenant: String = organization.to_string();
    let of_teams = teams::table.filter(teams::organization_id.eq(tenant)).select(teams::id);
    let own = connections::scope.eq(of_all).and(connections::owner_id.eq(id));
    let theirs = connections::scope.eq(of_team).and(connections::owner_id.eq_any(of_teams));
    own.or(theirs)
}

/// An owner's connection to one vendor.
pub async fn find(
    connection: &mut Connection,
    owner: Owner,
    vendor: &str,
) -> Result<Option<ConnectionRow>, StoreError> {
    on!(connection, |c| table
        .filter(connections::scope.eq(owner.scope.as_str()))
        .filter(connections::owner_id.eq(owner.id.to_string()))
        .filter(connections::vendor.eq(vendor))
        .select(ConnectionRow::as_select())
        .first(c)
        .await
        .optional())
}

/// Whose a version of a connection is, and to which vendor; none if there is no such version (any more). For what only
/// knows the connection: it is the gateway's own question, and what comes of it is sealed for that owner.
pub async fn place_of(
    connection: &mut Connection,
    (id, version): (ConnectionId, i64),
) -> Result<Option<(Owner, String)>, StoreError> {
    let query = table.find(id.to_string()).filter(connections::version.eq(version));
    let row: Option<ConnectionRow> =
        on!(connection, |c| query.select(ConnectionRow::as_select()).first(c).await.optional())?;
    Ok(row.map(|row| (Owner { scope: row.scope, id: row.owner_id }, row.vendor)))
}

/// How many connections an owner has.
pub async fn count(connection: &mut Connection, owner: Owner) -> Result<u32, StoreError> {
    let query = table
        .filter(connections::scope.eq(owner.scope.as_str()))
        .filter(connections::owner_id.eq(owner.id.to_string()))
        .count();
    let count: i64 = on!(connection, |c| query.get_result(c).await)?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Stores a connection, or replaces the one that is there.
pub async fn put(
    connection: &mut Connection,
    owner: Owner,
    new: &NewConnection,
) -> Result<ConnectionRow, StoreError> {
    let row = (
        connections::id.eq(new.id.to_string()),
        connections::scope.eq(owner.scope.as_str()),
        connections::owner_id.eq(owner.id.to_string()),
        connections::vendor.eq(&new.vendor),
        connections::version.eq(1),
        connections::key_id.eq(&new.key_id),
        connections::sealed.eq(&new.sealed),
        connections::account.eq(&new.account),
        connections::created_by.eq(new.created_by.to_string()),
        (
            connections::created_at.eq(new.now),
            connections::updated_at.eq(new.now),
            connections::checked_at.eq(new.now),
        ),
    );
    on!(connection, |c| diesel::insert_into(table)
        .values(row)
        .on_conflict((connections::scope, connections::owner_id, connections::vendor))
        .do_update()
        .set((
            connections::version.eq(connections::version + 1),
            connections::key_id.eq(excluded(connections::key_id)),
            connections::sealed.eq(excluded(connections::sealed)),
            connections::account.eq(excluded(connections::account)),
            connections::problem.eq(None::<String>),
            connections::updated_at.eq(excluded(connections::updated_at)),
            connections::checked_at.eq(excluded(connections::checked_at)),
        ))
        .returning(ConnectionRow::as_returning())
        .get_result(c)
        .await)
}

/// Notes what the vendor said just now: `problem` none = accepted. None if the connection is gone.
pub async fn set_checked(
    connection: &mut Connection,
    owner: Owner,
    vendor: &str,
    problem: Option<&str>,
    now: Timestamp,
) -> Result<Option<ConnectionRow>, StoreError> {
    let target = table
        .filter(connections::scope.eq(owner.scope.as_str()))
        .filter(connections::owner_id.eq(owner.id.to_string()))
        .filter(connections::vendor.eq(vendor));
    let change = (connections::problem.eq(problem), connections::checked_at.eq(now));
    on!(connection, |c| diesel::update(target)
        .set(change)
        .returning(ConnectionRow::as_returning())
        .get_result(c)
        .await
        .optional())
}

/// [`set_checked`] for what a call learned about one version of the credentials: nothing happens if they were replaced
/// in the meantime. False if so.
pub async fn set_checked_version(
    connection: &mut Connection,
    owner: Owner,
    (id, version): (ConnectionId, i64),
    problem: Option<&str>,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let target = table
        .filter(connections::scope.eq(owner.scope.as_str()))
        .filter(connections::owner_id.eq(owner.id.to_string()))
        .filter(connections::id.eq(id.to_string()))
        .filter(connections::version.eq(version));
    let change = (connections::problem.eq(problem), connections::checked_at.eq(now));
    Ok(on!(connection, |c| diesel::update(target).set(change).execute(c).await)? == 1)
}

/// Deletes a connection; what it was, or none if there was none.
pub async fn delete(
    connection: &mut Connection,
    owner: Owner,
    vendor: &str,
) -> Result<Option<ConnectionRow>, StoreError> {
    let target = table
        .filter(connections::scope.eq(owner.scope.as_str()))
        .filter(connections::owner_id.eq(owner.id.to_string()))
        .filter(connections::vendor.eq(vendor));
    on!(connection, |c| diesel::delete(target)
        .returning(ConnectionRow::as_returning())
        .get_result(c)
        .await
        .optional())
}

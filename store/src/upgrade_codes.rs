//! Codes that unlock the plan Pro. Operators make them on the command line.

use diesel::prelude::*;
use diesel_async::RunQueryDsl;
use gateway_api::ids::{OrganizationId, UpgradeCodeId};

use crate::{
    Connection, StoreError, Timestamp,
    columns::Parsed,
    engine::on,
    schema::{organizations, upgrade_code_uses, upgrade_codes},
};

/// A new code.
#[derive(Debug, Clone)]
pub struct NewUpgradeCode {
    /// Its id, for lists.
    pub id: UpgradeCodeId,
    /// SHA-256 of the code, in hex.
    pub code_hash: String,
    /// How many organizations it may upgrade.
    pub max_uses: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it is good; none = for good.
    pub expires_at: Option<Timestamp>,
}

/// A code, without its hash.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable)]
pub struct UpgradeCode {
    /// Its id.
    #[diesel(deserialize_as = Parsed<UpgradeCodeId>)]
    pub id: UpgradeCodeId,
    /// How many organizations it may upgrade.
    pub max_uses: i32,
    /// How many it has upgraded.
    pub used: i32,
    /// When it was made.
    pub created_at: Timestamp,
    /// Until when it is good; none = for good.
    pub expires_at: Option<Timestamp>,
    /// Since when it is no good any more, because the operator said so.
    pub revoked_at: Option<Timestamp>,
}

impl UpgradeCode {
    /// Why the code upgrades nothing now; none if it does.
    pub fn refusal(&self, now: Timestamp) -> Option<CodeRefusal> {
        if self.revoked_at.is_some() {
            Some(CodeRefusal::Revoked)
        } else if self.expires_at.is_some_and(|end| end <= now) {
            Some(CodeRefusal::Expired)
        } else if self.used >= self.max_uses {
            Some(CodeRefusal::UsedUp)
        } else {
            None
        }
    }
}

/// Why a code is no good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeRefusal {
    /// No code looks like this.
    Unknown,
    /// Its time is over.
    Expired,
    /// It has upgraded as many organizations as it may.
    UsedUp,
    /// The operator has taken it back.
    Revoked,
}

/// That a code upgraded an organization. Kept also when the organization is deleted.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct CodeUse {
    /// Which code.
    #[diesel(deserialize_as = Parsed<UpgradeCodeId>)]
    pub code_id: UpgradeCodeId,
    /// Which organization.
    #[diesel(deserialize_as = Parsed<OrganizationId>)]
    pub organization_id: OrganizationId,
    /// Its name today; none if it was deleted.
    pub organization_name: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// Stores a new code.
pub async fn insert(connection: &mut Connection, code: &NewUpgradeCode) -> Result<(), StoreError> {
    let row = (
        upgrade_codes::id.eq(code.id.to_string()),
        upgrade_codes::code_hash.eq(&code.code_hash),
        upgrade_codes::max_uses.eq(code.max_uses),
        upgrade_codes::used.eq(0),
        upgrade_codes::created_at.eq(code.created_at),
        upgrade_codes::expires_at.eq(code.expires_at),
    );
    on!(connection, |c| diesel::insert_into(upgrade_codes::table).values(row).execute(c).await)?;
    Ok(())
}

/// Every code, the newest first.
pub async fn list(connection: &mut Connection) -> Result<Vec<UpgradeCode>, StoreError> {
    on!(connection, |c| upgrade_codes::table
        .order(upgrade_codes::id.desc())
        .select(UpgradeCode::as_select())
        .load(c)
        .await)
}

/// Every use of every code, the oldest first.
pub async fn list_uses(connection: &mut Connection) -> Result<Vec<CodeUse>, StoreError> {
    let is_same = organizations::id.eq(upgrade_code_uses::organization_id);
    on!(connection, |c| upgrade_code_uses::table
        .left_join(organizations::table.on(is_same))
        .order((upgrade_code_uses::at, upgrade_code_uses::organization_id))
        .select((
            upgrade_code_uses::code_id,
            upgrade_code_uses::organization_id,
            organizations::name.nullable(),
            upgrade_code_uses::at,
        ))
        .load(c)
        .await)
}

/// The code with this hash, good or not.
pub async fn find_by_hash(
    connection: &mut Connection,
    code_hash: &str,
) -> Result<Option<UpgradeCode>, StoreError> {
    on!(connection, |c| upgrade_codes::table
        .filter(upgrade_codes::code_hash.eq(code_hash))
        .select(UpgradeCode::as_select())
        .first(c)
        .await
        .optional())
}

/// Takes a code back; organizations that it upgraded stay upgraded. None if there is no such code; one that was taken
/// back before stays as it was.
pub async fn revoke(
    connection: &mut Connection,
    id: UpgradeCodeId,
    now: Timestamp,
) -> Result<Option<UpgradeCode>, StoreError> {
    let live = upgrade_codes::table.find(id.to_string()).filter(upgrade_codes::revoked_at.is_null());
    let change = upgrade_codes::revoked_at.eq(now);
    on!(connection, |c| diesel::update(live).set(change).execute(c).await)?;
    on!(connection, |c| upgrade_codes::table
        .find(id.to_string())
        .select(UpgradeCode::as_select())
        .first(c)
        .await
        .optional())
}

/// Uses a code once for this organization; of two at the same instant only one gets the last use. Inside a
/// transaction: the use is kept with what it paid for, or not at all.
pub async fn redeem(
    connection: &mut Connection,
    code_hash: &str,
    organization: OrganizationId,
    now: Timestamp,
) -> Result<Result<UpgradeCodeId, CodeRefusal>, StoreError> {
    let good = upgrade_codes::table
        .filter(upgrade_codes::code_hash.eq(code_hash))
        .filter(upgrade_codes::used.lt(upgrade_codes::max_uses))
        .filter(upgrade_codes::revoked_at.is_null())
        .filter(upgrade_codes::expires_at.is_null().or(upgrade_codes::expires_at.gt(now)));
    let taken: Option<UpgradeCode> = on!(connection, |c| diesel::update(good)
        .set(upgrade_codes::used.eq(upgrade_codes::used + 1))
        .returning(UpgradeCode::as_returning())
        .get_result(c)
        .await
        .optional())?;
    let Some(code) = taken else {
        let found = find_by_hash(connection, code_hash).await?;
        // A code that looks good again a moment later was in the last use of somebody who gave it back.
        let why = found.map_or(CodeRefusal::Unknown, |code| code.refusal(now).unwrap_or(CodeRefusal::UsedUp));
        return Ok(Err(why));
    };
    let used = (
        upgrade_code_uses::code_id.eq(code.id.to_string()),
        upgrade_code_uses::organization_id.eq(organization.to_string()),
        upgrade_code_uses::at.eq(now),
    );
    on!(connection, |c| diesel::insert_into(upgrade_code_uses::table).values(used).execute(c).await)?;
    Ok(Ok(code.id))
}

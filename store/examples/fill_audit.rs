//! Fills the audit log of one organization with made-up rows, for `cargo xtask bench`: `fill_audit ORGANIZATION USER
//! ROWS`, on the database that `MCP_GATEWAY_DATABASE_URL` names. The rows are the same every time but for their times: the
//! last 300 days.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gateway_store::{Database, Purpose, StoreError, Timestamp, audit, audit::AuditRow};
use uuid::Uuid;

/// How many rows share a transaction.
const BATCH: u32 = 5_000;
/// Rows are younger than this.
const PERIOD: Duration = Duration::from_hours(300 * 24);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &str| arguments.next().ok_or(format!("{what} is missing"));
    let (organization, user, rows) = (next("ORGANIZATION")?, next("USER")?, next("ROWS")?.parse()?);
    let database = Database::open(&std::env::var("MCP_GATEWAY_DATABASE_URL")?, Purpose::Command).await?;
    fill(&database, Made { organization, user, chance: 1, rows }).await?;
    Ok(())
}

async fn fill(database: &Database, mut made: Made) -> Result<(), StoreError> {
    #[expect(clippy::disallowed_methods, reason = "rows must be young enough to be kept")]
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let mut written = 0;
    while written < made.rows {
        let end = made.rows.min(written + BATCH);
        let batch = (written..end).map(|number| made.row(number, now)).collect();
        let mut transaction = database.write().await?;
        audit::insert(&mut transaction, batch).await?;
        transaction.commit().await?;
        written = end;
    }
    Ok(())
}

/// What the rows are made of.
struct Made {
    organization: String,
    user: String,
    chance: u64,
    rows: u32,
}

impl Made {
    /// 50 people with a client each, 40 vendors of 10 tools; one call in 16 fails, a third of those are denied.
    fn row(&mut self, number: u32, now: Duration) -> AuditRow {
        let (person, vendor, tool) = (self.below(50), self.below(40), self.below(10));
        let outcome = match self.below(48) {
            0 => "denied",
            1 | 2 => "error",
            _ => "ok",
        };
        let age = PERIOD / self.rows * (self.rows - number);
        let at = now.saturating_sub(age);
        let user = if person == 0 { self.user.clone() } else { Uuid::from_u128(person.into()).to_string() };
        AuditRow {
            id: self.id(at).to_string(),
            at: Timestamp::from_micros(i64::try_from(at.as_micros()).unwrap_or(i64::MAX)),
            organization_id: Some(self.organization.clone()),
            user_id: Some(user),
            actor: format!("Person {person}"),
            client_id: Some(Uuid::from_u128((1000 + person).into()).to_string()),
            client_name: Some(if person % 5 == 0 { "Claude Code" } else { "Claude" }.to_owned()),
            action: "tool.call".to_owned(),
            vendor: Some(format!("vendor-{vendor}")),
            tool: Some(format!("vendor-{vendor}__tool_{tool}")),
            target: None,
            outcome: outcome.to_owned(),
            reason: (outcome != "ok").then(|| "vendor_error (HTTP 500)".to_owned()),
            credential_scope: Some("organization".to_owned()),
            duration_us: Some(i64::try_from(self.below(900_000)).unwrap_or(0)),
            request_id: Some(self.id(at).simple().to_string()),
        }
    }

    fn id(&mut self, at: Duration) -> Uuid {
        let mut chance = [0; 10];
        chance[2..].copy_from_slice(&self.next().to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(u64::try_from(at.as_millis()).unwrap_or(0), &chance)
            .into_uuid()
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    /// Marsaglia's xorshift64 with the usual multiplier: good enough to spread rows.
    fn next(&mut self) -> u64 {
        self.chance ^= self.chance << 13;
        self.chance ^= self.chance >> 7;
        self.chance ^= self.chance << 17;
        self.chance.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11
    }
}

//! Who did what: rows that are durable before the answer leaves.
//!
//! A change writes its row in its own transaction ([`Event::write`]), so that neither is there without the other. A tool call changes nothing here, so its row goes through [`Audit::record`]: one writer
//! task gathers the rows of all calls that wait, and commits them together.
//!
//! Reading: [`filter`] says which rows, [`export`] writes them as CSV for `api/audit.rs` and for the command line.

mod csv;
pub mod export;
pub mod filter;

use std::{sync::Arc, time::Duration};

use gateway_api::{
    audit::Outcome,
    connections::Scope,
    ids::{OrganizationId, UserId},
};
use gateway_store::{Database, StoreError, Transaction, audit as rows, audit::AuditRow};
use tokio::sync::{mpsc, oneshot};

use crate::{auth::session::Member, clock::Clock, error::ApiError};

/// How many rows may wait; then calls wait as well.
const QUEUE: usize = 4096;
/// How many rows share one commit at most.
const BATCH: usize = 256;

/// The dotted names of what is audited.
pub mod action {
    /// An MCP client called a tool.
    pub const TOOL_CALL: &str = "tool.call";
    /// Somebody signed in, or tried to.
    pub const SIGN_IN: &str = "session.create";
    /// Somebody signed out.
    pub const SIGN_OUT: &str = "session.delete";
    /// Somebody signed out everywhere.
    pub const SIGN_OUT_EVERYWHERE: &str = "sessions.delete";
    /// An account was made.
    pub const ACCOUNT_CREATE: &str = "account.create";
    /// A password was changed.
    pub const PASSWORD_CHANGE: &str = "password.change";
    /// Credentials were stored or replaced, or refused by the vendor.
    pub const CONNECTION_PUT: &str = "connection.put";
    /// Credentials were tested.
    pub const CONNECTION_TEST: &str = "connection.test";
    /// Credentials were deleted.
    pub const CONNECTION_DELETE: &str = "connection.delete";
    /// An MCP client was allowed or denied.
    pub const GRANT_CREATE: &str = "grant.create";
    /// An MCP client was cut off.
    pub const GRANT_REVOKE: &str = "grant.revoke";
    /// An upgrade code was made.
    pub const CODE_CREATE: &str = "code.create";
    /// An upgrade code was taken back.
    pub const CODE_REVOKE: &str = "code.revoke";
    /// The operator rotated the keys that sign access tokens.
    pub const KEYS_ROTATE: &str = "keys.rotate";
    /// Somebody went to another of their organizations.
    pub const SESSION_ORGANIZATION: &str = "session.organization";
    /// An organization was made.
    pub const ORGANIZATION_CREATE: &str = "organization.create";
    /// An organization was renamed.
    pub const ORGANIZATION_UPDATE: &str = "organization.update";
    /// An organization was deleted.
    pub const ORGANIZATION_DELETE: &str = "organization.delete";
    /// An organization was upgraded with a code, or a code was refused.
    pub const ORGANIZATION_UPGRADE: &str = "organization.upgrade";
    /// The operator set an organization's plan.
    pub const ORGANIZATION_PLAN: &str = "organization.plan";
    /// Somebody joined.
    pub const MEMBER_JOIN: &str = "member.join";
    /// A member's role was changed.
    pub const MEMBER_UPDATE: &str = "member.update";
    /// A member was removed.
    pub const MEMBER_REMOVE: &str = "member.remove";
    /// A member left.
    pub const MEMBER_LEAVE: &str = "member.leave";
    /// An invitation was made.
    pub const INVITATION_CREATE: &str = "invitation.create";
    /// An invitation was taken back.
    pub const INVITATION_REVOKE: &str = "invitation.revoke";
    /// A service client was made.
    pub const SERVICE_CLIENT_CREATE: &str = "service_client.create";
    /// A service client was deleted.
    pub const SERVICE_CLIENT_DELETE: &str = "service_client.delete";
    /// A sub-team was made.
    pub const TEAM_CREATE: &str = "team.create";
    /// A sub-team was renamed.
    pub const TEAM_UPDATE: &str = "team.update";
    /// A sub-team was deleted.
    pub const TEAM_DELETE: &str = "team.delete";
    /// A member got a place in a sub-team.
    pub const TEAM_MEMBER_ADD: &str = "team.member.add";
    /// A member lost their place in a sub-team.
    pub const TEAM_MEMBER_REMOVE: &str = "team.member.remove";
    /// The audit log was exported.
    pub const AUDIT_EXPORT: &str = "audit.export";
}

/// One thing that happened; see [`AuditRow`] for the fields.
#[derive(Debug, Clone, Default)]
pub struct Event {
    /// In which organization.
    pub organization: Option<OrganizationId>,
    /// Who.
    pub user: Option<UserId>,
    /// Their name, or what they called themselves.
    pub actor: String,
    /// The MCP client that acted for them: id and name.
    pub client: Option<(String, String)>,
    /// One of [`action`].
    pub action: &'static str,
    /// The vendor's slug.
    pub vendor: Option<String>,
    /// The tool's full name.
    pub tool: Option<String>,
    /// What else it was about.
    pub target: Option<String>,
    /// How it ended; none = ok.
    pub outcome: Option<Outcome>,
    /// Why not.
    pub reason: Option<String>,
    /// Whose credential was used.
    pub credential_scope: Option<Scope>,
    /// How long it took.
    pub duration: Option<Duration>,
    /// The request's id.
    pub request_id: Option<String>,
}

impl Event {
    /// What this person does in their browser; the caller adds the rest.
    pub fn by(member: &Member) -> Self {
        Self {
            organization: Some(member.organization.id),
            user: Some(member.user.id),
            actor: member.user.name.clone(),
            ..Self::default()
        }
    }

    /// What this person does in their browser with a `target`.
    pub fn about(member: &Member, action: &'static str, target: String) -> Self {
        Self { action, target: Some(target), ..Self::by(member) }
    }

    /// Writes it into the unit of work that it tells of.
    pub async fn write(self, clock: &Clock, transaction: &mut Transaction) -> Result<(), StoreError> {
        rows::insert(transaction, vec![self.row(clock)]).await
    }

    /// As a row of this moment.
    pub fn row(self, clock: &Clock) -> AuditRow {
        let (client_id, client_name) = self.client.unzip();
        AuditRow {
            id: clock.new_uuid().to_string(),
            at: clock.now(),
            organization_id: self.organization.map(|id| id.to_string()),
            user_id: self.user.map(|id| id.to_string()),
            actor: self.actor,
            client_id,
            client_name,
            action: self.action.to_owned(),
            vendor: self.vendor,
            tool: self.tool,
            target: self.target,
            outcome: self.outcome.unwrap_or(Outcome::Ok).as_str().to_owned(),
            reason: self.reason,
            credential_scope: self.credential_scope.map(|scope| scope.as_str().to_owned()),
            duration_us: self.duration.map(|took| i64::try_from(took.as_micros()).unwrap_or(i64::MAX)),
            request_id: self.request_id,
        }
    }
}

/// The row could not be written, so what it was about must not be answered.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the audit log cannot be written: {0}")]
pub struct AuditError(String);

impl From<AuditError> for ApiError {
    fn from(error: AuditError) -> Self {
        Self::Unavailable(error.to_string())
    }
}

struct Waiting {
    row: AuditRow,
    done: oneshot::Sender<Result<(), AuditError>>,
}

/// The way to the writer task.
#[derive(Debug, Clone)]
pub struct Audit {
    queue: mpsc::Sender<Waiting>,
    clock: Clock,
}

impl Audit {
    /// Starts the writer task; it ends when the last `Audit` is dropped.
    pub fn start(database: Arc<Database>, clock: Clock) -> Self {
        let (queue, waiting) = mpsc::channel(QUEUE);
        tokio::spawn(write_in_groups(database, waiting));
        Self { queue, clock }
    }

    /// Writes the row; when this returns it is durable.
    pub async fn record(&self, event: Event) -> Result<(), AuditError> {
        let (done, written) = oneshot::channel();
        let ended = || AuditError("the writer has ended".to_owned());
        let waiting = Waiting { row: event.row(&self.clock), done };
        self.queue.send(waiting).await.map_err(|_| ended())?;
        written.await.map_err(|_| ended())?
    }
}

async fn write_in_groups(database: Arc<Database>, mut queue: mpsc::Receiver<Waiting>) {
    let mut group = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut group, BATCH).await > 0 {
        let (rows, waiting): (Vec<_>, Vec<_>) = group.drain(..).map(|one| (one.row, one.done)).unzip();
        let result = write(&database, rows).await.map_err(|error| {
            tracing::error!(%error, rows = waiting.len(), "audit rows could not be written");
            AuditError(error.to_string())
        });
        for done in waiting {
            // Who hung up does not need to know; the row is there all the same.
            let _ = done.send(result.clone());
        }
    }
}

async fn write(database: &Database, rows: Vec<AuditRow>) -> Result<(), StoreError> {
    let mut transaction = database.write().await?;
    rows::insert(&mut transaction, rows).await?;
    transaction.commit().await
}

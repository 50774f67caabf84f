//! Gathers findings and writes them in groups; a connection that begins to need attention, or is good again, is written
//! at once and told to everybody.

use std::{collections::HashMap, sync::Arc, time::Duration};

use gateway_api::ids::ConnectionId;
use gateway_store::{
    Event, StoreError, Timestamp, Topic, connections,
    health::{self as rows, DayRow, News},
};

use super::{Finding, Message, Note, check};
use crate::{state::AppState, vault::resolve::HeldConnection};

/// How often what was gathered is written.
const FLUSH_EVERY: Duration = Duration::from_secs(5);
/// So many connections are written in one transaction: some milliseconds, for on `SQLite` tool calls wait for it.
const BATCH: usize = 50;
/// A vendor that did not answer so often in a row needs attention.
const ABSENCES: u32 = 3;
/// So many connections are watched for absences and marks; then it begins anew.
const MAX_WATCHED: usize = 10_000;

const MICROS_PER_DAY: i64 = 86_400_000_000;

/// Why a connection needs attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Refused,
    Absent,
}

/// What is gathered.
#[derive(Default)]
struct Gathered {
    news: HashMap<ConnectionId, News>,
    /// Absences in a row.
    absences: HashMap<ConnectionId, u32>,
    /// As this process wrote it last.
    marks: HashMap<ConnectionId, Mark>,
}

/// Days since 1970-01-01, in UTC.
pub(super) fn day_of(at: Timestamp) -> i64 {
    at.micros().div_euclid(MICROS_PER_DAY)
}

/// Runs until it is aborted.
pub async fn run(state: AppState) {
    let Some(mut messages) = state.health.take_receiver() else { return };
    let mut gathered = Gathered::default();
    let mut interval = tokio::time::interval(FLUSH_EVERY);
    loop {
        tokio::select! {
            message = messages.recv() => match message {
                Some(Message::Note(note)) => gathered.take(&state, note).await,
                Some(Message::Flush(done)) => {
                    gathered.write(&state).await;
                    // Whoever asked may have gone.
                    let _ = done.send(());
                }
                None => return,
            },
            _ = interval.tick() => gathered.write(&state).await,
        }
    }
}

impl Gathered {
    async fn take(&mut self, state: &AppState, note: Note) {
        let id = note.connection.row.id;
        add(self.news.entry(id).or_default(), &note, state.clock.now());
        let absences = match note.finding {
            Finding::Unreachable(_) => self.absences.get(&id).copied().unwrap_or(0) + 1,
            _ => 0,
        };
        if self.absences.len() + self.marks.len() > MAX_WATCHED {
            self.absences.clear();
            self.marks.clear();
        }
        match absences {
            0 => self.absences.remove(&id),
            count => self.absences.insert(id, count),
        };
        let mark = match &note.finding {
            Finding::Good | Finding::NotPermitted(_) => None,
            Finding::Refused { .. } => Some(Mark::Refused),
            Finding::Unreachable(_) if absences >= ABSENCES => Some(Mark::Absent),
            _ => return,
        };
        let is_marked = note.connection.row.problem.is_some();
        let known = self.marks.get(&id).copied();
        if let (true, Some(mark), None) = (is_marked, mark, known) {
            // Another process, or a person's test, has said why.
            self.marks.insert(id, mark);
        } else if mark.is_some() != is_marked || (is_marked && mark != known) {
            self.mark(state, &note.connection, mark, mark.and(note.finding.problem())).await;
        }
    }

    /// Writes what a connection needs, or that it needs nothing any more.
    async fn mark(
        &mut self,
        state: &AppState,
        held: &Arc<HeldConnection>,
        mark: Option<Mark>,
        problem: Option<&str>,
    ) {
        let id = held.row.id;
        let is_same = mark == self.marks.get(&id).copied();
        match write_mark(state, held, problem, is_same).await {
            Ok(()) => match mark {
                Some(mark) => drop(self.marks.insert(id, mark)),
                None => drop(self.marks.remove(&id)),
            },
            // The next call tries again.
            Err(error) => {
                tracing::warn!(%error, vendor = held.row.vendor, "the state of a connection could not be written");
            }
        }
    }

    async fn write(&mut self, state: &AppState) {
        let mut news: Vec<_> = self.news.drain().collect();
        // In one order on every replica, so that no two wait for each other.
        news.sort_unstable_by_key(|(id, _)| id.uuid());
        for batch in news.chunks(BATCH) {
            if let Err(error) = write_news(state, batch).await {
                tracing::warn!(%error, connections = batch.len(), "the health of connections could not be written");
            }
        }
    }
}

fn add(news: &mut News, note: &Note, at: Timestamp) {
    let day = day_of(at);
    if news.days.last().is_none_or(|last| last.day != day) {
        news.days.push(DayRow { day, ..DayRow::default() });
    }
    let Some(counts) = news.days.last_mut() else { return };
    match &note.finding {
        Finding::Good => {
            counts.good += 1;
            news.accepted_at = Some(at);
        }
        Finding::Refused { why, .. } => {
            counts.refused += 1;
            news.refused = Some((at, why.clone()));
        }
        Finding::Unreachable(why) => {
            counts.unreachable += 1;
            news.unreached = Some((at, why.clone()));
        }
        Finding::NotPermitted(_) => {
            counts.failed += 1;
            news.accepted_at = Some(at);
        }
        Finding::Limited(_) => counts.limited += 1,
        Finding::Failed(_) => counts.failed += 1,
        Finding::Nothing => return,
    }
    let is_answer =
        !matches!(note.finding, Finding::Unreachable(_) | Finding::Refused { is_vendors: false, .. });
    if is_answer {
        news.reached_at = Some(at);
    }
    if note.is_call {
        news.called = Some((at, note.finding.problem().map(str::to_owned)));
    }
}

async fn write_news(state: &AppState, batch: &[(ConnectionId, News)]) -> Result<(), StoreError> {
    let mut transaction = state.database.write().await?;
    let next_check_at = check::next(state.clock.now());
    for (id, news) in batch {
        // It may have been disconnected meanwhile.
        if rows::is_there(&mut transaction, *id).await? {
            rows::ensure(&mut transaction, *id, next_check_at).await?;
            rows::add(&mut transaction, *id, news).await?;
        }
    }
    transaction.commit().await
}

/// Nothing is written if the credentials were replaced meanwhile, or if it says so already.
async fn write_mark(
    state: &AppState,
    held: &HeldConnection,
    problem: Option<&str>,
    is_same: bool,
) -> Result<(), StoreError> {
    let (owner, row, now) = (held.owner, &held.row, state.clock.now());
    let mut transaction = state.database.write().await?;
    let found = connections::find(&mut transaction, owner, &row.vendor).await?;
    let Some(found) = found.filter(|found| (found.id, found.version) == (row.id, row.version)) else {
        return Ok(());
    };
    if found.problem.is_some() == problem.is_some() && (is_same || problem.is_none()) {
        return Ok(());
    }
    connections::set_checked_version(&mut transaction, owner, (row.id, row.version), problem, now).await?;
    rows::insert_change(&mut transaction, state.clock.new_uuid(), row.id, now, problem).await?;
    state.commit(transaction, &[Event::Changed(Topic::Connections, owner.id)]).await
}

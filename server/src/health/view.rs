//! Lights and history in words, as pages, `/api` and MCP clients show them.

use std::collections::HashMap;

use gateway_api::{
    health::{ChangeView, DayView, DiscoveredTools, HealthView, LeftOutTool, Light, LightState},
    ids::ConnectionId,
};
use gateway_store::{
    Connection, StoreError, Timestamp,
    connections::ConnectionRow,
    health::{self as rows, DayRow, HealthRow},
};
use time::{Date, Duration, Month};

use super::{check::HISTORY, record::day_of};
use crate::{
    state::AppState,
    vendors::{CredentialKey, LeftOut},
};

/// How many changes are shown.
const MAX_CHANGES: i64 = 50;

/// What is known about some connections.
pub async fn of_all(
    connection: &mut Connection,
    shown: &[ConnectionRow],
) -> Result<HashMap<ConnectionId, HealthRow>, StoreError> {
    let ids: Vec<_> = shown.iter().map(|row| row.id).collect();
    let found = rows::list(connection, &ids).await?;
    Ok(found.into_iter().map(|row| (row.connection_id, row)).collect())
}

/// All about one connection.
pub async fn of_one(state: &AppState, row: &ConnectionRow) -> Result<HealthView, StoreError> {
    let start = state.clock.now().minus(HISTORY);
    let mut connection = state.database.read().await?;
    let health = rows::list(&mut connection, &[row.id]).await?.pop();
    let days = rows::days(&mut connection, row.id, day_of(start) + 1).await?;
    let changes = rows::changes(&mut connection, row.id, MAX_CHANGES).await?;
    let changes = changes.into_iter().filter(|change| change.at > start);
    Ok(HealthView {
        lights: lights(row, health.as_ref()),
        days: days.into_iter().map(day_view).collect(),
        changes: changes.map(|change| ChangeView { at: change.at.into(), reason: change.problem }).collect(),
        tools: discovered(state, row),
    })
}

/// What the vendor was last heard to offer, if it is one that is asked for its tools.
fn discovered(state: &AppState, row: &ConnectionRow) -> Option<DiscoveredTools> {
    let key = CredentialKey { id: row.id.uuid(), version: row.version };
    let (list, problem) = (state.discovery.last(key), state.discovery.problem(key));
    if list.is_none() && problem.is_none() {
        return None;
    }
    let shown = |one: &LeftOut| LeftOutTool { name: one.name.clone(), reason: one.reason.clone() };
    let count = list.as_ref().map_or(0, |list| list.tools.len());
    let left_out = list.map(|list| list.left_out.iter().map(shown).collect()).unwrap_or_default();
    Some(DiscoveredTools { count: u32::try_from(count).unwrap_or(u32::MAX), left_out, problem })
}

/// The three lights. A credential is stored only after the vendor accepted it, so the row itself says something as well.
pub fn lights(row: &ConnectionRow, health: Option<&HealthRow>) -> Vec<Light> {
    let of = |when: fn(&HealthRow) -> Option<Timestamp>| health.and_then(when);
    let why = |what: fn(&HealthRow) -> Option<&String>| health.and_then(what).map(String::as_str);
    let accepted = of(|health| health.accepted_at).max(row.problem.is_none().then_some(row.checked_at));
    let reached = of(|health| health.reached_at).max(accepted);
    let unreached = of(|health| health.unreached_at);
    let mut refused = (of(|health| health.refused_at), why(|health| health.refused_why.as_ref()));
    if row.problem.is_some() && refused.0.is_none() && unreached.is_none() {
        // Nothing but the mark is known: it is older than the lights.
        refused = (Some(row.checked_at), row.problem.as_deref());
    }
    let called = of(|health| health.called_at);
    let problem = why(|health| health.called_problem.as_ref());
    let (good, bad) = if problem.is_some() { (None, called) } else { (called, None) };
    vec![
        light(
            ["Vendor reachable", "Vendor not reached", "Vendor not asked yet"],
            reached,
            (unreached, why(|health| health.unreached_why.as_ref())),
        ),
        light(["Credential accepted", "Credential refused", "Credential not tried yet"], accepted, refused),
        light(["Last call good", "Last call failed", "No call yet"], good, (bad, problem)),
    ]
}

/// The later of the two is what holds.
fn light(words: [&str; 3], good: Option<Timestamp>, (bad, why): (Option<Timestamp>, Option<&str>)) -> Light {
    let (state, words, at, why) = match (good, bad) {
        (None, None) => (LightState::Unknown, words[2], None, None),
        (good, bad) if bad > good => (LightState::Bad, words[1], bad, why),
        (good, _) => (LightState::Good, words[0], good, None),
    };
    Light { state, words: words.to_owned(), why: why.map(str::to_owned), at: at.map(Into::into) }
}

fn day_view(row: DayRow) -> DayView {
    let epoch = Date::from_calendar_date(1970, Month::January, 1).unwrap_or(Date::MIN);
    let date = epoch.checked_add(Duration::days(row.day)).unwrap_or(epoch);
    let counts = [
        (row.good, "good"),
        (row.refused, "refused"),
        (row.unreachable, "not reached"),
        (row.limited, "limited by the vendor"),
        (row.failed, "failed otherwise"),
    ];
    let words: Vec<_> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    DayView {
        date: date.to_string(),
        words: words.join(", "),
        good: row.good,
        refused: row.refused,
        unreachable: row.unreachable,
        limited: row.limited,
        failed: row.failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_later_holds() {
        let at = |seconds: i64| Some(Timestamp::from_micros(seconds * 1_000_000));
        let state = |good, bad| light(["good", "bad", "unknown"], good, (bad, Some("because")));
        assert_eq!(state(None, None).state, LightState::Unknown);
        assert_eq!(state(at(2), at(1)).state, LightState::Good);
        let bad = state(at(1), at(2));
        assert_eq!(
            (bad.state, bad.words.as_str(), bad.why.as_deref()),
            (LightState::Bad, "bad", Some("because"))
        );
        assert_eq!(state(None, at(1)).state, LightState::Bad);
    }

    #[test]
    fn a_day_in_words() {
        let view = day_view(DayRow { day: 20_780, good: 12, unreachable: 1, ..DayRow::default() });
        assert_eq!((view.date.as_str(), view.words.as_str()), ("2026-11-23", "12 good, 1 not reached"));
    }
}

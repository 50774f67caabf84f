//! Counted attempts: one row per bucket, shared by all replicas.

use std::time::Duration;

use diesel::{dsl::case_when, prelude::*, upsert::excluded};
use diesel_async::RunQueryDsl;

use crate::{Connection, StoreError, Timestamp, engine::on, schema::throttles};

/// How often something was tried in the window that is open now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = throttles)]
pub struct Attempts {
    /// With this one.
    pub attempts: i32,
    /// When counting begins anew.
    pub window_ends_at: Timestamp,
}

/// Counts one attempt and says how many there were. The first one opens a window of this length.
pub async fn count(
    connection: &mut Connection,
    bucket: &str,
    window: Duration,
    now: Timestamp,
) -> Result<Attempts, StoreError> {
    let row = (
        throttles::bucket.eq(bucket),
        throttles::attempts.eq(1),
        throttles::window_ends_at.eq(now.plus(window)),
    );
    let is_over = throttles::window_ends_at.le(now);
    on!(connection, |c| diesel::insert_into(throttles::table)
        .values(row)
        .on_conflict(throttles::bucket)
        .do_update()
        .set((
            throttles::attempts
                .eq(case_when(is_over, excluded(throttles::attempts)).otherwise(throttles::attempts + 1)),
            throttles::window_ends_at
                .eq(case_when(is_over, excluded(throttles::window_ends_at))
                    .otherwise(throttles::window_ends_at)),
        ))
        .returning(Attempts::as_returning())
        .get_result(c)
        .await)
}

/// Forgets a bucket: the right password was given.
pub async fn reset(connection: &mut Connection, bucket: &str) -> Result<(), StoreError> {
    on!(connection, |c| diesel::delete(throttles::table.find(bucket)).execute(c).await)?;
    Ok(())
}

/// Clears away closed windows; how many rows.
pub async fn delete_expired(connection: &mut Connection, now: Timestamp) -> Result<usize, StoreError> {
    let target = throttles::table.filter(throttles::window_ends_at.le(now));
    on!(connection, |c| diesel::delete(target).execute(c).await)
}

//! How the project's types stand in a column: ids and enums as text, times as microseconds, JSON as text.
//!
//! A row struct says `#[diesel(deserialize_as = Parsed<UserId>)]` where a column holds text that must parse; a query
//! writes the same with `id.to_string()` or `plan.as_str()`.

use std::{str::FromStr, time::Duration};

use diesel::{
    backend::Backend,
    deserialize::{self, FromSql, FromSqlRow},
    expression::AsExpression,
    serialize::{self, Output, ToSql},
    sql_types::{BigInt, Nullable, Text},
};
use gateway_api::{connections::Scope, ids::Id, organizations::Role, plans::Plan};
use time::OffsetDateTime;
use uuid::Uuid;

/// A moment in UTC, to the microsecond: what both engines keep without loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, AsExpression, FromSqlRow)]
#[diesel(sql_type = BigInt)]
pub struct Timestamp(i64);

impl Timestamp {
    /// From microseconds since 1970-01-01 UTC.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Microseconds since 1970-01-01 UTC.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// This much later.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }

    /// This much earlier.
    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)))
    }

    /// How long until `later`; zero if that is past.
    pub fn until(self, later: Self) -> Duration {
        Duration::from_micros(u64::try_from(later.0.saturating_sub(self.0)).unwrap_or(0))
    }
}

impl From<OffsetDateTime> for Timestamp {
    fn from(moment: OffsetDateTime) -> Self {
        // An i64 of microseconds reaches the year 294,000; OffsetDateTime ends in 9999.
        Self(i64::try_from(moment.unix_timestamp_nanos() / 1_000).unwrap_or(i64::MAX))
    }
}

impl From<Timestamp> for OffsetDateTime {
    fn from(moment: Timestamp) -> Self {
        Self::from_unix_timestamp_nanos(i128::from(moment.0) * 1_000).unwrap_or(Self::UNIX_EPOCH)
    }
}

impl<DB: Backend> FromSql<BigInt, DB> for Timestamp
where
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        i64::from_sql(bytes).map(Self)
    }
}

impl<DB: Backend> ToSql<BigInt, DB> for Timestamp
where
    i64: ToSql<BigInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.0.to_sql(out)
    }
}

/// A text column that holds a `T`; an unreadable value is an error of the query, never a default.
#[derive(Debug, FromSqlRow)]
pub struct Parsed<T>(T);

impl<T, DB> FromSql<Text, DB> for Parsed<T>
where
    DB: Backend,
    T: FromStr,
    T::Err: std::fmt::Display,
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        let text = String::from_sql(bytes)?;
        text.parse().map(Self).map_err(|error: T::Err| error.to_string().into())
    }
}

/// [`Parsed`] for a column that may be null.
#[derive(Debug, FromSqlRow)]
pub struct MaybeParsed<T>(Option<T>);

impl<T, DB> FromSql<Nullable<Text>, DB> for MaybeParsed<T>
where
    DB: Backend,
    Parsed<T>: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Parsed::from_sql(bytes).map(|parsed| Self(Some(parsed.0)))
    }

    fn from_nullable_sql(bytes: Option<DB::RawValue<'_>>) -> deserialize::Result<Self> {
        bytes.map_or(Ok(Self(None)), Self::from_sql)
    }
}

impl<K> From<Parsed<Self>> for Id<K> {
    fn from(parsed: Parsed<Self>) -> Self {
        parsed.0
    }
}
impl<T> From<MaybeParsed<T>> for Option<T> {
    fn from(parsed: MaybeParsed<T>) -> Self {
        parsed.0
    }
}
impl From<Parsed<Self>> for Uuid {
    fn from(parsed: Parsed<Self>) -> Self {
        parsed.0
    }
}
impl From<Parsed<Self>> for Plan {
    fn from(parsed: Parsed<Self>) -> Self {
        parsed.0
    }
}
impl From<Parsed<Self>> for Role {
    fn from(parsed: Parsed<Self>) -> Self {
        parsed.0
    }
}
impl From<Parsed<Self>> for Scope {
    fn from(parsed: Parsed<Self>) -> Self {
        parsed.0
    }
}

/// A list of texts, as JSON in a text column.
#[derive(Debug, FromSqlRow)]
pub struct JsonList(Vec<String>);

impl JsonList {
    /// What stands in the column.
    pub fn encode(list: &[String]) -> String {
        serde_json::Value::from(list).to_string()
    }
}

impl<DB> FromSql<Text, DB> for JsonList
where
    DB: Backend,
    String: FromSql<Text, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        Ok(Self(serde_json::from_str(&String::from_sql(bytes)?)?))
    }
}

impl From<JsonList> for Vec<String> {
    fn from(list: JsonList) -> Self {
        list.0
    }
}

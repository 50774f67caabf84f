//! How long a document is believed: as its HTTP headers say (RFC 9111 section 4.2), within bounds.

use std::time::{Duration, SystemTime};

use axum::http::HeaderMap;
use axum_extra::headers::{Age, CacheControl, Date, Expires, HeaderMapExt as _};
use gateway_store::Timestamp;

/// The longest, whatever the headers say.
pub(super) const MAX_LIFETIME: Duration = Duration::from_hours(24);
/// If the headers say nothing.
const DEFAULT_LIFETIME: Duration = Duration::from_mins(5);

/// From now on; zero = ask again the next time.
pub(super) fn lifetime(headers: &HeaderMap, now: Timestamp) -> Duration {
    let control = headers.typed_get().unwrap_or_else(CacheControl::new);
    if control.no_store() || control.no_cache() {
        return Duration::ZERO;
    }
    let declared = control.s_max_age().or(control.max_age()).or_else(|| until_expiry(headers, now));
    let Some(declared) = declared else { return DEFAULT_LIFETIME };
    // What a cache on the way has used up of it already.
    let age = headers.typed_get::<Age>().map_or(Duration::ZERO, |age| Duration::from_secs(age.as_secs()));
    declared.saturating_sub(age).min(MAX_LIFETIME)
}

fn until_expiry(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    if !headers.contains_key("expires") {
        return None;
    }
    let micros = u64::try_from(now.micros()).unwrap_or(0);
    let here = SystemTime::UNIX_EPOCH + Duration::from_micros(micros);
    let sent = headers.typed_get::<Date>().map_or(here, SystemTime::from);
    // What is no date, such as 0, is in the past (RFC 9111 section 5.3).
    let expiry = headers.typed_get::<Expires>().map(SystemTime::from);
    Some(expiry.and_then(|expiry| expiry.duration_since(sent).ok()).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_decide_within_bounds() {
        // 2026-11-23 12:00 UTC.
        let now = Timestamp::from_micros(1_795_435_200_000_000);
        let seconds = |headers: &[(&'static str, &'static str)]| {
            let headers = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
            lifetime(&headers.collect(), now).as_secs()
        };
        assert_eq!(seconds(&[]), 300);
        assert_eq!(seconds(&[("cache-control", "max-age=60")]), 60);
        assert_eq!(seconds(&[("cache-control", "public, max-age=60, s-maxage=90")]), 90);
        assert_eq!(seconds(&[("cache-control", "max-age=60"), ("age", "50")]), 10);
        assert_eq!(seconds(&[("cache-control", "max-age=60"), ("age", "70")]), 0);
        assert_eq!(seconds(&[("cache-control", "max-age=99999999")]), 24 * 3600);
        assert_eq!(seconds(&[("cache-control", "no-store, max-age=60")]), 0);
        assert_eq!(seconds(&[("cache-control", "no-cache")]), 0);
        assert_eq!(seconds(&[("cache-control", "max-age=0")]), 0);
        assert_eq!(seconds(&[("expires", "0")]), 0);
        assert_eq!(seconds(&[("expires", "Mon, 23 Nov 2026 12:10:00 GMT")]), 600);
        let dated = [("expires", "Mon, 23 Nov 2026 12:10:00 GMT"), ("date", "Mon, 23 Nov 2026 12:05:00 GMT")];
        assert_eq!(seconds(&dated), 300);
    }
}

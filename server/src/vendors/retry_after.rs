//! How long a vendor asks to wait: `Retry-After` (RFC 9110, section 10.2.3), in seconds or as a date; or seconds in the body.

use std::time::Duration;

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};
use serde_json::Value;
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

/// The wait that the headers of an answer ask for. A date counts from the answer's own `Date`, so that the clocks of the
/// two sides need not agree; one in the past is no wait.
pub(crate) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let now = headers.get(DATE)?.to_str().ok()?;
    Some((date(text)? - date(now)?).try_into().unwrap_or_default())
}

/// The seconds at a JSON pointer of a body.
pub(crate) fn retry_after_in(body: &[u8], pointer: &str) -> Option<Duration> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let value = body.pointer(pointer)?;
    let seconds = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())?;
    Duration::try_from_secs_f64(seconds).ok()
}

fn date(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text.trim(), &Rfc2822).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_and_dates() {
        let wait = |text: &str, date: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            headers.extend(date.map(|date| (DATE, date.parse().unwrap())));
            retry_after(&headers)
        };
        let now = Some("Mon, 23 Nov 2026 19:00:00 GMT");
        assert_eq!(wait(" 17 ", None), Some(Duration::from_secs(17)));
        assert_eq!(wait("Mon, 23 Nov 2026 19:01:30 GMT", now), Some(Duration::from_secs(90)));
        assert_eq!(wait("Mon, 23 Nov 2026 18:00:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(wait("Mon, 23 Nov 2026 19:01:30 GMT", None), None);
        for nonsense in ["", "soon", "-1", "1.5", "99999999999999999999999"] {
            assert_eq!(wait(nonsense, now), None, "{nonsense}");
        }
        assert_eq!(retry_after(&HeaderMap::new()), None);
    }
}

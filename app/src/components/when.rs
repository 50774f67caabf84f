//! A moment, in the person's own zone.

use js_sys::{Date, Object, Reflect};
use leptos::prelude::*;
use time::OffsetDateTime;
use wasm_bindgen::JsValue;

/// On the server, which does not know the person's zone, the UTC date; in the browser "3 minutes ago" for what is
/// recent and the local date for what is not. The exact local time shows on hover.
#[component]
pub(crate) fn When(
    /// The moment.
    at: OffsetDateTime,
    /// Always date and time of day, to the second, as in a log.
    #[prop(optional)]
    is_log: bool,
) -> impl IntoView {
    let text = RwSignal::new(if is_log { utc_minute(at) } else { utc_date(at) });
    let exact = RwSignal::new(format!("{} UTC", utc_minute(at)));
    Effect::new(move || {
        let local = Local::new(at);
        exact.set(local.exact());
        text.set(match relative(elapsed_seconds(at)) {
            _ if is_log => local.second(),
            Some(words) => words,
            None => local.date(),
        });
    });
    view! {
        <time datetime=rfc3339(at) title=move || exact.get()>{move || text.get()}</time>
    }
}

/// The browser's words for a moment, by `Intl`.
struct Local(Date);

impl Local {
    fn new(at: OffsetDateTime) -> Self {
        Self(Date::new(&JsValue::from_f64(milliseconds(at))))
    }

    fn exact(&self) -> String {
        self.format(&[("dateStyle", "full"), ("timeStyle", "long")])
    }

    fn second(&self) -> String {
        self.format(&[("dateStyle", "medium"), ("timeStyle", "medium")])
    }

    fn date(&self) -> String {
        self.format(&[("dateStyle", "medium")])
    }

    fn format(&self, options: &[(&str, &str)]) -> String {
        let object = Object::new();
        for (key, value) in options {
            // Setting a property of a plain object cannot fail.
            let _ = Reflect::set(&object, &JsValue::from_str(key), &JsValue::from_str(value));
        }
        self.0.to_locale_string("en-GB", &object).into()
    }
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of any date on a calendar fit 53 bits")]
fn milliseconds(at: OffsetDateTime) -> f64 {
    (at.unix_timestamp() * 1000) as f64
}

fn elapsed_seconds(at: OffsetDateTime) -> f64 {
    (Date::now() - milliseconds(at)) / 1000.0
}

/// "just now", "5 minutes ago", "3 hours ago"; `None` from a day on, and for what is yet to come (clocks that differ a
/// little are no future).
#[expect(clippy::cast_possible_truncation, reason = "checked to be below a day")]
fn relative(seconds: f64) -> Option<String> {
    let count = |number: f64, unit: &str| {
        let number = number as i64;
        format!("{number} {unit}{} ago", if number == 1 { "" } else { "s" })
    };
    match seconds {
        s if s < -60.0 => None,
        s if s < 45.0 => Some("just now".to_owned()),
        s if s < 3570.0 => Some(count((s / 60.0).round().max(1.0), "minute")),
        s if s < 86_400.0 => Some(count((s / 3600.0).round().max(1.0), "hour")),
        _ => None,
    }
}

/// The date at Greenwich, for where the server and the browser must agree on it.
pub(crate) fn utc_date(at: OffsetDateTime) -> String {
    let month = at.month().to_string();
    format!("{} {} {}", at.day(), month.get(..3).unwrap_or(&month), at.year())
}

fn utc_minute(at: OffsetDateTime) -> String {
    format!("{}, {:02}:{:02}", utc_date(at), at.hour(), at.minute())
}

fn rfc3339(at: OffsetDateTime) -> String {
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z",
        at.year(),
        u8::from(at.month()),
        at.day(),
        at.hour(),
        at.minute(),
        at.second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recent_is_relative() {
        assert_eq!(relative(3.0).unwrap(), "just now");
        assert_eq!(relative(-5.0).unwrap(), "just now");
        assert_eq!(relative(61.0).unwrap(), "1 minute ago");
        assert_eq!(relative(7200.0).unwrap(), "2 hours ago");
        assert_eq!(relative(90_000.0), None);
        assert_eq!(relative(-90.0), None);
    }

    #[test]
    fn the_server_writes_utc() {
        let at = OffsetDateTime::from_unix_timestamp(1_793_696_707).unwrap();
        assert_eq!(utc_date(at), "3 Nov 2026");
        assert_eq!(rfc3339(at), "2026-11-03T09:05:07Z");
    }
}

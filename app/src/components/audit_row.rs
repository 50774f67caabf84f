//! One row of the audit log, which opens to all that is known.

use gateway_api::{
    audit::{AuditEventView, Outcome},
    connections::Scope,
};
use leptos::prelude::*;

use super::when::When;

/// The row.
#[component]
pub(crate) fn AuditRow(
    /// What happened.
    row: AuditEventView,
) -> impl IntoView {
    let at = row.at;
    let (class, outcome) = match row.outcome {
        Outcome::Ok => ("state state--good", "OK"),
        Outcome::Error => ("state state--bad", "Error"),
        Outcome::Denied => ("state state--bad", "Denied"),
    };
    let what = row.tool.clone().unwrap_or_else(|| row.action.clone());
    let target = row.target.clone().or_else(|| row.vendor.clone().filter(|_| row.tool.is_none()));
    let took = row.duration_ms.map(duration);
    let scope = row.credential_scope.map(scope_title);
    let facts = facts(&row);
    view! {
        <tr class="audit__row">
            <td class="audit__time"><When at is_log=true/></td>
            <td data-title="Person" dir="auto">{row.actor}</td>
            <td data-title="Client" dir="auto">{row.client_name.or(row.client_id)}</td>
            <td class="audit__what">
                <details>
                    <summary><code>{what}</code> {target.map(|target| view! { " " <bdi>{target}</bdi> }.into_any())}</summary>
                    <dl class="facts facts--small audit__facts">
                        {facts.into_iter().map(|(title, value)| view! {
                            <div><dt>{title}</dt><dd dir="auto">{value}</dd></div>
                        }.into_any()).collect_view()}
                    </dl>
                </details>
            </td>
            <td><span class=class>{outcome}</span></td>
            <td data-title="Took">{took}</td>
            <td data-title="Credentials">{scope}</td>
        </tr>
    }
}

/// Every field there is, with its title.
fn facts(row: &AuditEventView) -> Vec<(&'static str, String)> {
    let all = [
        ("Reason", row.reason.clone()),
        ("Action", Some(row.action.clone())),
        ("Vendor", row.vendor.clone()),
        ("Tool", row.tool.clone()),
        ("About", row.target.clone()),
        ("Person’s id", row.user_id.map(|id| id.to_string())),
        ("Client’s id", row.client_id.clone()),
        ("Request", row.request_id.clone()),
        ("Row", Some(row.id.to_string())),
    ];
    all.into_iter().filter_map(|(title, value)| Some((title, value?))).collect()
}

fn scope_title(scope: Scope) -> &'static str {
    match scope {
        Scope::Personal => "Personal",
        Scope::Team => "Sub-team",
        Scope::Organization => "Team",
    }
}

/// "0.4 ms", "12 ms", "1.3 s". In whole tenths: writing fractions would bring 10 KB of code along.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "durations are short and not negative"
)]
fn duration(milliseconds: f64) -> String {
    let tenths = |value: f64| {
        let tenths = (value * 10.0).round() as u64;
        format!("{}.{}", tenths / 10, tenths % 10)
    };
    match milliseconds {
        ms if ms < 10.0 => tenths(ms) + " ms",
        ms if ms < 1000.0 => format!("{} ms", ms.round() as u64),
        ms => tenths(ms / 1000.0) + " s",
    }
}

#[cfg(test)]
mod tests {
    use super::duration;

    #[test]
    fn durations_are_short() {
        assert_eq!(duration(0.42), "0.4 ms");
        assert_eq!(duration(12.4), "12 ms");
        assert_eq!(duration(1340.0), "1.3 s");
    }
}

//! What each plan includes: the one place that decides.

use gateway_api::plans::{Dormant, Plan, PlanView};

use crate::error::ApiError;

/// Personal connections on the plan Free.
const FREE_PERSONAL_CONNECTIONS: u32 = 3;

/// What only Pro includes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feature {
    /// Credentials that a whole organization or sub-team uses.
    SharedConnections,
    /// More people than the owner: invite links, joining by one.
    Members,
    /// Sub-teams.
    Teams,
    /// Programs that use what is shared, without a person.
    ServiceClients,
    /// Reading the audit log.
    AuditLog,
}

impl Feature {
    const fn sentence(self) -> &'static str {
        match self {
            Self::SharedConnections => "Shared credentials are part of the plan Pro.",
            Self::Members => "Members and invite links are part of the plan Pro.",
            Self::Teams => "Sub-teams are part of the plan Pro.",
            Self::ServiceClients => "Service clients are part of the plan Pro.",
            Self::AuditLog => {
                "The audit log can be read with the plan Pro. It is being written on every plan."
            }
        }
    }
}

/// Whether an organization's plan includes something.
pub const fn includes(plan: Plan, feature: Feature) -> bool {
    match feature {
        Feature::SharedConnections
        | Feature::Members
        | Feature::Teams
        | Feature::ServiceClients
        | Feature::AuditLog => matches!(plan, Plan::Pro),
    }
}

/// [`includes`], as an answer.
pub fn require(plan: Plan, feature: Feature) -> Result<(), ApiError> {
    if includes(plan, feature) {
        return Ok(());
    }
    Err(ApiError::PlanRequired(format!(
        "{} An owner can upgrade in Settings, with a code.",
        feature.sentence()
    )))
}

/// How many personal connections a person may have; none = unlimited.
pub const fn personal_connections_max(plan: Plan) -> Option<u32> {
    match plan {
        Plan::Free => Some(FREE_PERSONAL_CONNECTIONS),
        Plan::Pro => None,
    }
}

/// Whether one more personal connection fits, beside `used` others.
pub fn check_personal_connections(plan: Plan, used: u32) -> Result<(), ApiError> {
    match personal_connections_max(plan) {
        Some(max) if used >= max => Err(ApiError::PlanRequired(format!(
            "The plan {} includes {max} personal connections, and you have {used}. Disconnect one first, or upgrade to Pro.",
            plan.title()
        ))),
        _ => Ok(()),
    }
}

/// What the UI shows before a click.
pub const fn view(plan: Plan, personal_connections_used: u32, dormant: Dormant) -> PlanView {
    PlanView {
        plan,
        personal_connections_max: personal_connections_max(plan),
        personal_connections_used,
        has_sharing: includes(plan, Feature::SharedConnections),
        has_audit_log: includes(plan, Feature::AuditLog),
        dormant,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_has_three_and_pro_has_all() {
        assert!(check_personal_connections(Plan::Free, 2).is_ok());
        assert!(check_personal_connections(Plan::Free, 3).is_err());
        assert!(check_personal_connections(Plan::Pro, 1000).is_ok());
        for feature in [
            Feature::SharedConnections,
            Feature::Members,
            Feature::Teams,
            Feature::ServiceClients,
            Feature::AuditLog,
        ] {
            assert!(require(Plan::Free, feature).is_err(), "{feature:?}");
            assert!(require(Plan::Pro, feature).is_ok(), "{feature:?}");
        }
    }
}

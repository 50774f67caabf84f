//! What each plan includes: the one place that decides.

use gateway_api::plans::{Dormant, Plan, PlanView};

use crate::error::ApiError;

/// Personal connections on the plan Free.
const FREE_PERSONAL_CONNECTIONS: u32 = 3;

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
        Some(max) if used >= max => Err(ApiError::PlanLimit(format!(
            "The plan {} includes {max} personal connections, and you have {used}. Disconnect one first, or upgrade to Pro.",
            plan.title()
        ))),
        _ => Ok(()),
    }
}

/// What the UI shows before a click.
pub const fn view(plan: Plan, personal_connections_used: u32, dormant: Dormant) -> PlanView {
    let is_pro = matches!(plan, Plan::Pro);
    PlanView {
        plan,
        personal_connections_max: personal_connections_max(plan),
        personal_connections_used,
        has_sharing: is_pro,
        has_audit_log: is_pro,
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
    }
}

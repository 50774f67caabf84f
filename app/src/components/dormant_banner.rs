//! Said where the plan no longer includes what is there.

use gateway_api::plans::Dormant;
use leptos::prelude::*;

use crate::context::use_gateway;

/// What sleeps, and what wakes it; nothing if nothing sleeps.
#[component]
pub(crate) fn DormantBanner() -> impl IntoView {
    let gateway = use_gateway();
    let dormant = move || gateway.me.with(|me| me.as_ref().map(|me| me.plan.dormant));
    view! { {move || {
        let dormant = dormant().filter(|dormant| !dormant.is_empty())?;
        Some(view! {
            <div class="notice notice--warning dormant-banner">
                <p class="notice__title">{format!("Your team is on Free: {}.", what_sleeps(dormant))}</p>
                <p>"Nothing was deleted. It all works again with Pro."</p>
            </div>
        }.into_any())
    }} }
}

fn what_sleeps(dormant: Dormant) -> String {
    let connections = match dormant.connections {
        1 => "1 shared connection sleeps".to_owned(),
        number => format!("{number} shared connections sleep"),
    };
    let members = match dormant.members {
        1 => "1 member reaches nothing shared".to_owned(),
        number => format!("{number} members reach nothing shared"),
    };
    match dormant {
        Dormant { members: 0, .. } => connections,
        Dormant { connections: 0, .. } => members,
        Dormant { .. } => format!("{connections}, {members}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_sleeps_is_told() {
        assert_eq!(what_sleeps(Dormant { connections: 1, members: 0 }), "1 shared connection sleeps");
        assert_eq!(what_sleeps(Dormant { connections: 0, members: 2 }), "2 members reach nothing shared");
        assert_eq!(
            what_sleeps(Dormant { connections: 3, members: 1 }),
            "3 shared connections sleep, 1 member reaches nothing shared"
        );
    }
}

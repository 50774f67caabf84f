//! Said to owners where shared connections need them.

use gateway_api::connections::ConnectionState;
use leptos::prelude::*;

use super::vendor_card::title_id;
use crate::context::use_gateway;

/// How many, and which; nothing if none do.
#[component]
pub(crate) fn AttentionBanner() -> impl IntoView {
    let gateway = use_gateway();
    view! { {move || {
        let needy: Vec<_> = gateway.shared.with(|load| {
            let needs = load.items().iter().filter(|one| one.state == ConnectionState::NeedsAttention);
            needs.map(|one| (one.vendor.clone(), one.vendor_name.clone(), one.team.clone())).collect()
        });
        (gateway.is_owner() && !needy.is_empty()).then(|| view! {
            <div class="notice notice--warning" role="status">
                <p class="notice__title">{title(needy.len())}</p>
                <ul role="list">
                    {needy.into_iter().map(|(slug, name, team)| view! {
                        <li>
                            <a href=format!("/team#{}", title_id(&slug))>{name}</a>
                            {team.map(|team| view! { " of " <bdi>{team.name}</bdi> }.into_any())}
                        </li>
                    }.into_any()).collect_view()}
                </ul>
            </div>
        }.into_any())
    }} }
}

fn title(count: usize) -> String {
    match count {
        1 => "1 shared connection needs attention:".to_owned(),
        count => format!("{count} shared connections need attention:"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_needs_and_two_need() {
        assert_eq!(title(1), "1 shared connection needs attention:");
        assert_eq!(title(2), "2 shared connections need attention:");
    }
}

//! A failure, said to the person: what happened, what to do, and where it can be found in the log.

use gateway_api::problem::Problem;
use leptos::prelude::*;

use crate::{place::use_place, return_to};

/// Shows `problem` while there is one, and has it read out when it appears.
#[component]
pub(crate) fn ProblemNotice(
    /// What to show, if anything.
    #[prop(into)]
    problem: Signal<Option<Problem>>,
    /// Replaces the problem's own title for problems that are the vendor's, e.g. "Datto RMM refused this".
    #[prop(optional, into)]
    refusal_title: Option<String>,
    /// The fields that show their own errors; the errors of all others stand here.
    #[prop(optional)]
    fields: Vec<String>,
) -> impl IntoView {
    view! { {move || {
        problem.get().map(|problem| {
            let title = match (&refusal_title, problem.code.as_str()) {
                (Some(title), "vendor_refused") => title.clone(),
                _ => problem.title.clone(),
            };
            let is_signed_out = problem.code == "not_signed_in";
            let is_quote = problem.code == "vendor_refused";
            let detail = problem.detail.filter(|detail| *detail != title);
            // The server's detail names the time itself.
            let wait = problem.retry_after.filter(|_| detail.is_none());
            let homeless: Vec<_> =
                problem.errors.into_iter().filter(|error| !fields.contains(&error.field)).collect();
            view! {
                <div class="notice notice--error" role="alert">
                    <p class="notice__title">{title}</p>
                    {detail.map(|detail| view! { <p class="notice__detail" class:notice__quote=is_quote>{detail}</p> }.into_any())}
                    {wait.map(|seconds| {
                        view! { <p class="notice__detail">{format!("Try again in {}.", duration(seconds))}</p> }.into_any()
                    })}
                    {homeless.into_iter().map(|error| {
                        view! { <p class="notice__detail">{error.message}</p> }.into_any()
                    }).collect_view()}
                    {is_signed_out.then(|| view! { <SignInAgain/> })}
                    {problem.request_id.filter(|_| problem.status >= 500).map(|id| {
                        view! { <p class="notice__reference">"For the operator: request " <code>{id}</code></p> }.into_any()
                    })}
                </div>
            }.into_any()
        })
    }} }
}

#[component]
fn SignInAgain() -> impl IntoView {
    let login = return_to::login_url(&use_place().path_and_query);
    view! { <p class="notice__detail"><a href=login>"Sign in again"</a></p> }
}

fn duration(seconds: u64) -> String {
    match seconds {
        1 => "one second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

//! `/consent/{id}`: an MCP client asks to act for the person.

use gateway_api::{
    consent::{ConsentAnswer, ConsentDecision, ConsentView, Permission},
    ids::{AuthorizationRequestId, OrganizationId},
    problem::Problem,
};
use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};

use crate::{
    client,
    components::{plan_badge::PlanBadge, problem_notice::ProblemNotice, when::When},
    context::{Load, use_gateway},
    forms::{FormValues, leave_for},
    head::set_title,
    submission::Submission,
};

/// The page.
#[component]
pub(crate) fn ConsentPage(
    /// The pending request.
    id: AuthorizationRequestId,
) -> impl IntoView {
    set_title("Allow an app");
    let consent = RwSignal::new(match use_gateway().page.with_value(|page| page.consent.clone()) {
        None => Load::Loading,
        Some(Ok(consent)) => Load::Ready(consent),
        Some(Err(problem)) => Load::Failed(problem),
    });
    Effect::new(move || {
        if consent.with_untracked(|consent| *consent == Load::Loading) {
            spawn_local(async move {
                consent.try_set(client::get_consent(id).await.map_or_else(Load::Failed, Load::Ready));
            });
        }
    });
    view! {
        <div class="narrow card card--raised consent">
            {move || match consent.get() {
                Load::Loading => view! { <p role="status">"Loading the request…"</p> }.into_any(),
                Load::Failed(problem) => view! { <Gone problem/> }.into_any(),
                Load::Ready(consent) => view! { <Question consent/> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Gone(problem: Problem) -> impl IntoView {
    let is_gone = problem.code == "not_found";
    let problem = Signal::stored(Some(problem));
    view! {
        <h1 class="narrow__title">"This request cannot be answered"</h1>
        {if is_gone {
            view! {
                <p>
                    "It has expired, was already answered, or belongs to someone else. Go back to the app and \
                     connect again: it will send you here with a new request."
                </p>
            }.into_any()
        } else {
            view! { <ProblemNotice problem/> }.into_any()
        }}
        <div class="button-row"><a class="button" href="/settings">"Go to Settings"</a></div>
    }
}

#[component]
fn Question(consent: ConsentView) -> impl IntoView {
    let submission = Submission::new();
    let sent_to = RwSignal::new(None::<String>);
    let (id, host, name) = (consent.id, consent.redirect_host.clone(), consent.client_name.clone());
    let asked: Vec<String> = consent.permissions.iter().map(|one| one.scope.clone()).collect();
    let answer = move |decision: ConsentDecision| {
        submission.run(client::decide_consent(id, decision), move |ConsentAnswer { redirect_to }| {
            sent_to.set(Some(redirect_to.clone()));
            leave_for(&redirect_to);
        });
    };
    let allow = move |event: SubmitEvent| {
        let Some(values) = FormValues::of(&event) else { return };
        let organization_id = values.text("organization").parse::<OrganizationId>().ok();
        let is_ticked = |scope: &&String| !values.text(scope).is_empty();
        let scopes = Some(asked.iter().filter(is_ticked).cloned().collect());
        answer(ConsentDecision { is_allowed: true, organization_id, scopes });
    };
    let deny = move |_| answer(ConsentDecision { is_allowed: false, organization_id: None, scopes: None });
    view! {
        <h1 class="narrow__title">"Allow " <q class="consent__name">{name}</q> " to use this gateway in your name?"</h1>
        <form class="form" method="post" on:submit=allow>
            <Asker consent=consent.clone()/>
            <div>
                <h2 class="consent__subtitle">"It will be able to"</h2>
                <Permissions permissions=consent.permissions.clone()/>
            </div>
            <Organizations consent=consent.clone()/>
            <ProblemNotice problem=submission.problem/>
            <Decision submission on_deny=deny/>
            <p class="hint">"You can revoke this at any time in Settings, under Authorized apps."</p>
        </form>
        {move || sent_to.get().map(|address| view! { <Sent address host=host.clone()/> })}
    }
}

/// Each can be unticked but the first. One counts only with those before it, so what follows an unticked one is off.
#[component]
fn Permissions(permissions: Vec<Permission>) -> impl IntoView {
    let ticked = RwSignal::new(permissions.len());
    view! {
        <ul class="consent__permissions" role="list">
            {permissions.into_iter().enumerate().map(|(index, one)| {
                let tick = move |event| ticked.set(if event_target_checked(&event) { index + 1 } else { index });
                view! {
                    <li>
                        <label class="consent__permission">
                            <input type="checkbox" name=one.scope checked disabled=move || { one.is_required || ticked.get() < index }
                                on:change=tick/>
                            <span>{one.sentence}</span>
                        </label>
                    </li>
                }.into_any()
            }).collect_view()}
        </ul>
    }
}

/// Who asks, as far as that can be known: the name is the app's own choice, the place of return is not.
#[component]
fn Asker(consent: ConsentView) -> impl IntoView {
    let user = use_gateway().me.with_untracked(|me| me.as_ref().map(|me| me.user.clone()));
    let expires_at = consent.expires_at;
    view! {
        <div class="consent__asker">
            <p>
                "You will be sent to " <strong class="consent__host">{consent.redirect_host}</strong>
                {consent.is_loopback.then_some(", a program on this computer")} "."
                {consent.client_host.map(|host| view! {
                    " The app says who it is at " <strong class="consent__host">{host}</strong> "."
                }.into_any())}
            </p>
            {consent.is_loopback.then(|| view! {
                <p class="notice notice--warning">
                    "Any program on this computer can call itself that. Allow it only if you just started it."
                </p>
            }.into_any())}
            <p class="hint">
                "Any app can choose any name; the address above is what counts. Do you not know it, or did you not \
                 just start this yourself? Then deny."
            </p>
        </div>
        <details class="disclosure">
            <summary>"Details"</summary>
            <dl class="facts facts--small">
                <div><dt>"Returns to"</dt><dd><code>{consent.redirect_uri}</code></dd></div>
                <div><dt>"Client id"</dt><dd><code>{consent.client_id}</code></dd></div>
                <div><dt>"Request ends"</dt><dd><When at=expires_at/></dd></div>
            </dl>
        </details>
        {user.map(|user| view! {
            <p class="consent__person">"You are signed in as " <strong>{user.name}</strong> " (" {user.email} ")."</p>
        }.into_any())}
    }
}

/// One organization is told, several are a choice.
#[component]
fn Organizations(consent: ConsentView) -> impl IntoView {
    let organizations = consent.organizations;
    if let [only] = organizations.as_slice() {
        return view! {
            <input type="hidden" name="organization" value=only.id.to_string()/>
            <p class="consent__organization">
                "In the team " <strong>{only.name.clone()}</strong> " " <PlanBadge plan=only.plan/>
            </p>
        }
        .into_any();
    }
    view! {
        <fieldset class="choices">
            <legend>"In which team?"</legend>
            {organizations.into_iter().enumerate().map(|(index, organization)| view! {
                <label class="choice">
                    <input type="radio" name="organization" value=organization.id.to_string() checked=index == 0/>
                    <span class="choice__name">{organization.name}</span>
                    <PlanBadge plan=organization.plan/>
                </label>
            }.into_any()).collect_view()}
        </fieldset>
    }
    .into_any()
}

#[component]
fn Decision(submission: Submission, on_deny: impl Fn(leptos::ev::MouseEvent) + 'static) -> impl IntoView {
    let gateway = use_gateway();
    let is_busy = submission.is_busy;
    view! {
        <div class="button-row button-row--even">
            <button type="button" class="button button--large" disabled=move || gateway.is_dead.get() on:click=on_deny>"Deny"</button>
            <button type="submit" class="button button--primary button--large" class:is-busy=move || is_busy.get()
                disabled=move || gateway.is_dead.get()>
                "Allow"
            </button>
        </div>
    }
}

/// The page may stay after the answer, where the app is not a web page.
#[component]
fn Sent(address: String, host: String) -> impl IntoView {
    view! {
        <p class="notice notice--good" role="status">
            "Your answer is on its way to " {host} ". You can close this page. Nothing happens there? "
            <a href=address>"Send it again"</a> "."
        </p>
    }
}

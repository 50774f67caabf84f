//! `/invite/{token}`: somebody opened an invitation, perhaps before they have an account.

use gateway_api::{
    invitations::{InvitationState, OpenedInvitation},
    problem::Problem,
};
use leptos::{prelude::*, task::spawn_local};

use crate::{
    client,
    components::{problem_notice::ProblemNotice, when::When},
    context::{Load, use_gateway},
    forms::{leave_for, reload},
    head::set_title,
    place::{invitation_token, use_place},
    return_to,
    submission::Submission,
};

/// The page. Looking uses nothing up; only "Accept & Join Team" does.
#[component]
pub(crate) fn InvitePage() -> impl IntoView {
    set_title("Join a team");
    let token = StoredValue::new(invitation_token(use_place().path()).to_owned());
    let opened = RwSignal::new(match use_gateway().page.with_value(|page| page.invitation.clone()) {
        None => Load::Loading,
        Some(Ok(opened)) => Load::Ready(opened),
        Some(Err(problem)) => Load::Failed(problem),
    });
    Effect::new(move || {
        if opened.with_untracked(|opened| *opened == Load::Loading) {
            spawn_local(async move {
                let answer = client::get_invitation(token.get_value()).await;
                opened.try_set(answer.map_or_else(Load::Failed, Load::Ready));
            });
        }
    });
    view! {
        <div class="narrow card card--raised invite">
            {move || match opened.get() {
                Load::Loading => view! { <p role="status">"Loading the invitation…"</p> }.into_any(),
                Load::Failed(problem) => view! { <Unknown problem/> }.into_any(),
                Load::Ready(opened) => view! { <Opened opened token/> }.into_any(),
            }}
        </div>
    }
}

#[component]
fn Unknown(problem: Problem) -> impl IntoView {
    let is_unknown = problem.code == "not_found";
    let problem = Signal::stored(Some(problem));
    view! {
        <h1 class="narrow__title">"This invitation cannot be opened"</h1>
        {if is_unknown {
            view! {
                <p>
                    "The link is not complete, or the team no longer exists. Copy the whole link, or ask your colleague \
                     for a new one."
                </p>
            }.into_any()
        } else {
            view! { <ProblemNotice problem/> }.into_any()
        }}
        <Onward/>
    }
}

#[component]
fn Opened(opened: OpenedInvitation, token: StoredValue<String>) -> impl IntoView {
    let team = opened.organization_name.clone();
    let refusal = refusal(&opened);
    let title = match &refusal {
        Some((title, _)) => view! { <h1 class="narrow__title">{*title}</h1> }.into_any(),
        None => view! { <h1 class="narrow__title">"Join " <bdi>{team.clone()}</bdi></h1> }.into_any(),
    };
    let is_good = refusal.is_none();
    let expires_at = opened.expires_at;
    view! {
        {title}
        <dl class="facts">
            <div><dt>"Team"</dt><dd dir="auto">{team}</dd></div>
            <div><dt>"Invited by"</dt><dd dir="auto">{opened.invited_by}</dd></div>
            {opened.note.map(|note| view! { <div><dt>"Note"</dt><dd dir="auto">{note}</dd></div> }.into_any())}
            <div>
                <dt>{if is_good { "Good until" } else { "Was good until" }}</dt>
                <dd><When at=expires_at/></dd>
            </div>
        </dl>
        {match refusal {
            Some((_, text)) => view! { <p>{text}</p> <Onward/> }.into_any(),
            None => view! { <Answer token/> }.into_any(),
        }}
    }
}

/// Why nobody can join by it now, if so, and what to do instead.
fn refusal(opened: &OpenedInvitation) -> Option<(&'static str, &'static str)> {
    if opened.is_member {
        return Some((
            "You are already in this team",
            "There is nothing to accept: the invitation keeps its place for somebody else.",
        ));
    }
    match opened.state {
        InvitationState::Active => None,
        InvitationState::Expired => Some((
            "This invitation has expired",
            "Invite links are good for 7 days. Ask the person who invited you for a new one.",
        )),
        InvitationState::Revoked => Some((
            "This invitation was revoked",
            "An owner of the team took it back. If that was not meant for you, ask for a new one.",
        )),
        InvitationState::UsedUp => Some((
            "This invitation is used up",
            "Everybody it was for has joined. Ask the person who invited you for another one.",
        )),
    }
}

/// Where to go when there is nothing to accept.
#[component]
fn Onward() -> impl IntoView {
    let is_signed_in = use_gateway().me.with_untracked(Option::is_some);
    let (href, text) =
        if is_signed_in { ("/settings", "Go to Settings") } else { ("/auth/login", "Sign in") };
    view! { <div class="button-row"><a class="button" href=href>{text}</a></div> }
}

#[component]
fn Answer(token: StoredValue<String>) -> impl IntoView {
    let gateway = use_gateway();
    match gateway.me.with_untracked(|me| me.as_ref().map(|me| me.user.clone())) {
        Some(user) => view! { <Accept token/> <OtherAccount name=user.name email=user.email/> }.into_any(),
        None => view! { <SignInFirst/> }.into_any(),
    }
}

#[component]
fn Accept(token: StoredValue<String>) -> impl IntoView {
    let gateway = use_gateway();
    let submission = Submission::new();
    let accept = move |_| {
        submission.run(client::accept_invitation(token.get_value()), |()| leave_for("/settings?done=joined"));
    };
    let is_busy = submission.is_busy;
    view! {
        <ProblemNotice problem=submission.problem/>
        <button type="button" class="button button--primary button--large" class:is-busy=move || is_busy.get()
            disabled=move || gateway.is_dead.get() on:click=accept>
            "Accept & Join Team"
        </button>
    }
}

#[component]
fn OtherAccount(name: String, email: String) -> impl IntoView {
    let gateway = use_gateway();
    let submission = Submission::new();
    let switch = move |_| submission.run(client::delete_session(), |()| reload());
    view! {
        <div class="narrow__foot">
            <p>"You are signed in as " <strong><bdi>{name}</bdi></strong> " (" <bdi>{email}</bdi> ")."</p>
            <ProblemNotice problem=submission.problem/>
            <button type="button" class="link-button" disabled=move || gateway.is_dead.get() on:click=switch>
                "Sign out and use another account"
            </button>
        </div>
    }
}

#[component]
fn SignInFirst() -> impl IntoView {
    let here = use_place().path().to_owned();
    let has_accounts = use_gateway().sign_in.with_value(|options| options.has_local_accounts);
    let sign_in = return_to::login_url(&here);
    let sign_up = return_to::with_target("/auth/sign-up", &here);
    view! {
        <div class="button-row button-row--even">
            <a class="button button--primary button--large" href=sign_in>"Sign in to accept"</a>
            {has_accounts.then(|| view! {
                <a class="button button--large" href=sign_up>"Create an account"</a>
            }.into_any())}
        </div>
    }
}

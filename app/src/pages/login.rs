//! `/auth/login`: the chooser. Local accounts and every configured `OpenID` Connect service.

use gateway_api::session::{SignIn, SignInService};
use leptos::{ev::SubmitEvent, prelude::*};

use crate::{
    client,
    components::{
        field::{Field, FieldSpec},
        problem_notice::ProblemNotice,
        submit_button::SubmitButton,
    },
    context::use_gateway,
    forms::{FormValues, leave_for},
    head::set_title,
    place::use_place,
    return_to,
    submission::Submission,
};

/// The page.
#[component]
pub(crate) fn LoginPage() -> impl IntoView {
    set_title("Sign in");
    let options = use_gateway().sign_in.get_value();
    let place = use_place();
    let target = return_to::checked(place.query("return_to").as_deref());
    let error = place.query("error");
    let is_for_app = target.starts_with("/consent/");
    let has_both = options.has_local_accounts && !options.services.is_empty();
    let sign_up = return_to::with_target("/auth/sign-up", &target);
    let is_invited = return_to::invitation(&target).is_some();
    let can_sign_up = options.is_sign_up_open || (is_invited && options.has_local_accounts);
    view! {
        <div class="narrow card card--raised">
            <h1 class="narrow__title">"Sign in"</h1>
            {is_for_app.then(|| view! {
                <p class="hint">"An app wants to use this gateway in your name. Sign in first, then decide."</p>
            }.into_any())}
            {is_invited.then(|| view! {
                <p class="hint">"You are invited to a team. Sign in first, then accept."</p>
            }.into_any())}
            {error.map(|code| view! { <ServiceFailure code/> })}
            <Services services=options.services target=target.clone()/>
            {has_both.then(|| view! { <p class="divider"><span>"or"</span></p> }.into_any())}
            {options.has_local_accounts.then(|| view! { <LocalForm target/> })}
            {can_sign_up.then(|| view! {
                <p class="narrow__foot">"New here? " <a href=sign_up>"Create account"</a></p>
            }.into_any())}
        </div>
    }
}

#[component]
fn Services(services: Vec<SignInService>, target: String) -> impl IntoView {
    (!services.is_empty()).then(|| {
        view! {
            <ul class="services" role="list">
                {services.into_iter().map(|service| {
                    let url = return_to::service_url(&service.slug, &target);
                    view! {
                        <li><a class="button button--wide" href=url>"Continue with " {service.name}</a></li>
                    }
                }).collect_view()}
            </ul>
        }
        .into_any()
    })
}

#[component]
fn LocalForm(target: String) -> impl IntoView {
    let submission = Submission::new();
    let submit = move |event: SubmitEvent| {
        let Some(values) = FormValues::of(&event) else { return };
        let body = SignIn { email: values.trimmed("email"), password: values.text("password") };
        let target = target.clone();
        submission.run(client::create_session(body), move |_| leave_for(&target));
    };
    let problem = submission.problem;
    view! {
        <form class="form" method="post" on:submit=submit>
            <ProblemNotice problem fields=vec!["email".to_owned(), "password".to_owned()]/>
            <Field spec=email() problem/>
            <Field spec=password() problem/>
            <SubmitButton label="Sign in" busy_label="Signing in…" submission/>
        </form>
    }
}

fn email() -> FieldSpec {
    FieldSpec {
        form: "sign-in",
        name: "email".to_owned(),
        label: "E-mail".to_owned(),
        input_type: "email",
        autocomplete: "username",
        is_required: true,
        ..FieldSpec::default()
    }
}

fn password() -> FieldSpec {
    FieldSpec {
        form: "sign-in",
        name: "password".to_owned(),
        label: "Password".to_owned(),
        input_type: "password",
        autocomplete: "current-password",
        is_required: true,
        ..FieldSpec::default()
    }
}

/// Why an `OpenID` Connect sign-in came back without success, by the code in `?error=`. Only known codes have words
/// of their own: the query is anyone's to write.
#[component]
fn ServiceFailure(code: String) -> impl IntoView {
    let (title, detail) = match code.as_str() {
        "access_denied" => ("The sign-in was cancelled.", "Nothing has changed. You can try again."),
        "expired" => (
            "That sign-in took too long, or was already used.",
            "Start again from here; do not go back in the browser meanwhile.",
        ),
        "not_invited" => (
            "There is no account for you here yet.",
            "This gateway is open to invited people only. Ask the person who runs it.",
        ),
        "unavailable" => (
            "The sign-in service does not answer.",
            "Try again in a minute. If it stays so, tell the person who runs this gateway.",
        ),
        _ => (
            "The sign-in did not work.",
            "Try again. If it stays so, the person who runs this gateway finds the reason in its log.",
        ),
    };
    view! {
        <div class="notice notice--error" role="alert">
            <p class="notice__title">{title}</p>
            <p class="notice__detail">{detail}</p>
        </div>
    }
}

//! Who sees which page: the one place that sends people from a page they cannot use to the one they need.
//! It guards no data (the JSON API does that); it only spares people empty pages.

use crate::{
    Bootstrap,
    place::{Place, Route},
    return_to,
};

/// Where to send the person instead of `place`, if anywhere.
pub(crate) fn redirect(place: &Place, bootstrap: &Bootstrap) -> Option<String> {
    if bootstrap.trouble.is_some() {
        return None;
    }
    let is_signed_in = bootstrap.me.is_some();
    match place.route() {
        Route::Login if is_signed_in => Some(return_to::checked(place.query("return_to").as_deref())),
        Route::Login => from_login(place, bootstrap),
        Route::SignUp | Route::Setup if is_signed_in => Some(return_to::DEFAULT.to_owned()),
        Route::SignUp if !may_sign_up(place, bootstrap) => Some("/auth/login".to_owned()),
        route if !is_signed_in && route.needs_session() => Some(return_to::login_url(&place.path_and_query)),
        _ => None,
    }
}

/// Where sign-up is open, and with an invitation, which the server checks.
fn may_sign_up(place: &Place, bootstrap: &Bootstrap) -> bool {
    let target = return_to::checked(place.query("return_to").as_deref());
    let is_invited = return_to::invitation(&target).is_some();
    bootstrap.sign_in.is_sign_up_open || (is_invited && bootstrap.sign_in.has_local_accounts)
}

/// The chooser has nothing to choose: go to the first account's page, or straight to the only service. Not after
/// a failure, which must be read, and would otherwise come back for ever.
fn from_login(place: &Place, bootstrap: &Bootstrap) -> Option<String> {
    let options = &bootstrap.sign_in;
    match options.services.as_slice() {
        [] if options.needs_setup => Some("/auth/setup".to_owned()),
        [only] if !options.has_local_accounts && place.query("error").is_none() => {
            let target = return_to::checked(place.query("return_to").as_deref());
            Some(return_to::service_url(&only.slug, &target))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gateway_api::session::{SignInOptions, SignInService};

    fn nobody(services: &[&str], has_local_accounts: bool, needs_setup: bool) -> Bootstrap {
        let services = services
            .iter()
            .map(|slug| SignInService { slug: (*slug).to_owned(), name: (*slug).to_uppercase() })
            .collect();
        Bootstrap {
            me: None,
            sign_in: SignInOptions {
                has_local_accounts,
                is_sign_up_open: false,
                needs_setup,
                services,
                is_demo: false,
            },
            public_url: "http://127.0.0.1:8080".to_owned(),
            demo_key: None,
            data: crate::bootstrap::PageData::default(),
            trouble: None,
        }
    }

    fn go(path_and_query: &str, bootstrap: &Bootstrap) -> Option<String> {
        redirect(&Place::new(path_and_query), bootstrap)
    }

    #[test]
    fn pages_of_a_person_lead_to_sign_in_and_back() {
        let nobody = nobody(&[], true, false);
        assert_eq!(go("/settings", &nobody).unwrap(), "/auth/login");
        assert_eq!(go("/connect", &nobody).unwrap(), "/auth/login?return_to=%2Fconnect");
        assert_eq!(
            go("/consent/0199c1c4-7a5e-7000-8000-000000000001", &nobody).unwrap(),
            "/auth/login?return_to=%2Fconsent%2F0199c1c4-7a5e-7000-8000-000000000001"
        );
        assert_eq!(go("/", &nobody), None);
        assert_eq!(go("/nothing-here", &nobody), None);
    }

    #[test]
    fn the_only_service_is_gone_to_at_once_but_not_after_an_error() {
        let one = nobody(&["entra"], false, false);
        assert_eq!(go("/auth/login", &one).unwrap(), "/auth/oidc/entra");
        assert_eq!(go("/auth/login?error=access_denied", &one), None);
        assert_eq!(go("/auth/login", &nobody(&["entra"], true, false)), None);
        assert_eq!(go("/auth/login", &nobody(&[], true, true)).unwrap(), "/auth/setup");
    }

    #[test]
    fn an_invitation_opens_sign_up_where_there_are_local_accounts() {
        let with_accounts = nobody(&["entra"], true, false);
        assert_eq!(go("/auth/sign-up?return_to=%2Finvite%2Fabc", &with_accounts), None);
        assert_eq!(go("/auth/sign-up?return_to=%2Fconnect", &with_accounts).unwrap(), "/auth/login");
        assert_eq!(go("/auth/sign-up", &with_accounts).unwrap(), "/auth/login");
        let without = nobody(&["entra", "corp"], false, false);
        assert_eq!(go("/auth/sign-up?return_to=%2Finvite%2Fabc", &without).unwrap(), "/auth/login");
    }

    #[test]
    fn invitations_are_read_before_sign_in() {
        assert_eq!(go("/invite/abc", &nobody(&[], true, false)), None);
        assert_eq!(go("/team", &nobody(&[], true, false)).unwrap(), "/auth/login?return_to=%2Fteam");
        assert_eq!(
            go("/audit?actor=Bob", &nobody(&[], true, false)).unwrap(),
            "/auth/login?return_to=%2Faudit%3Factor%3DBob"
        );
    }
}

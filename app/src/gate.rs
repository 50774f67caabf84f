//! Who sees which page: the one place that sends people from a page they cannot use to the one they need.
//! It guards no data (the JSON API does that); it only spares people empty pages.

use crate::{Bootstrap, return_to};

/// Where to send the person instead of the page at `path`, if anywhere. `query` finds a query parameter.
pub fn redirect(
    path: &str,
    path_and_query: &str,
    query: impl Fn(&str) -> Option<String>,
    bootstrap: &Bootstrap,
) -> Option<String> {
    if bootstrap.trouble.is_some() {
        return None;
    }
    let is_signed_in = bootstrap.me.is_some();
    match path.trim_end_matches('/') {
        "/auth/login" if is_signed_in => Some(return_to::checked(query("return_to").as_deref())),
        "/auth/login" => from_login(&query, bootstrap),
        "/auth/sign-up" | "/auth/setup" if is_signed_in => Some(return_to::DEFAULT.to_owned()),
        "/auth/sign-up" if !bootstrap.sign_in.is_sign_up_open => Some("/auth/login".to_owned()),
        path if !is_signed_in && needs_session(path) => Some(return_to::login_url(path_and_query)),
        _ => None,
    }
}

fn needs_session(path: &str) -> bool {
    matches!(path, "/settings" | "/connect") || path.starts_with("/consent/")
}

/// The chooser has nothing to choose: go to the first account's page, or straight to the only service. Not after
/// a failure, which must be read, and would otherwise come back for ever.
fn from_login(query: &impl Fn(&str) -> Option<String>, bootstrap: &Bootstrap) -> Option<String> {
    let options = &bootstrap.sign_in;
    match options.services.as_slice() {
        [] if options.needs_setup => Some("/auth/setup".to_owned()),
        [only] if !options.has_local_accounts && query("error").is_none() => {
            let target = return_to::checked(query("return_to").as_deref());
            Some(service_url(&only.slug, &target))
        }
        _ => None,
    }
}

/// Where signing in with an `OpenID` Connect service starts.
pub(crate) fn service_url(slug: &str, target: &str) -> String {
    return_to::with_target(&gateway_api::paths::fill("/auth/oidc/{slug}", slug), target)
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

    fn go(path: &str, error: Option<&str>, bootstrap: &Bootstrap) -> Option<String> {
        redirect(path, path, |name| error.filter(|_| name == "error").map(str::to_owned), bootstrap)
    }

    #[test]
    fn pages_of_a_person_lead_to_sign_in_and_back() {
        let nobody = nobody(&[], true, false);
        assert_eq!(go("/settings", None, &nobody).unwrap(), "/auth/login");
        assert_eq!(go("/connect", None, &nobody).unwrap(), "/auth/login?return_to=%2Fconnect");
        assert_eq!(go("/consent/7", None, &nobody).unwrap(), "/auth/login?return_to=%2Fconsent%2F7");
        assert_eq!(go("/", None, &nobody), None);
        assert_eq!(go("/nothing-here", None, &nobody), None);
    }

    #[test]
    fn the_only_service_is_gone_to_at_once_but_not_after_an_error() {
        let one = nobody(&["entra"], false, false);
        assert_eq!(go("/auth/login", None, &one).unwrap(), "/auth/oidc/entra");
        assert_eq!(go("/auth/login", Some("access_denied"), &one), None);
        assert_eq!(go("/auth/login", None, &nobody(&["entra"], true, false)), None);
        assert_eq!(go("/auth/login", None, &nobody(&[], true, true)).unwrap(), "/auth/setup");
    }
}

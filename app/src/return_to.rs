//! Where to go after signing in: always a path of this gateway, never another site (an "open redirect").

use gateway_api::paths;

use crate::place::invitation_token;

/// Where people land when nothing else was asked for.
pub(crate) const DEFAULT: &str = "/settings";

/// `target` if it is a path of this gateway, else [`DEFAULT`].
///
/// Browsers read `//host`, `/\host` and tabs or line breaks in between as another host (WHATWG URL, "relative
/// slash state"), so all of those are refused.
pub(crate) fn checked(target: Option<&str>) -> String {
    match target {
        Some(path) if is_local(path) => path.to_owned(),
        _ => DEFAULT.to_owned(),
    }
}

fn is_local(path: &str) -> bool {
    path.starts_with('/')
        && !path.starts_with("//")
        && !path.contains('\\')
        && !path.contains(|c: char| c.is_ascii_control())
}

/// The sign-in page that comes back to `target`.
pub(crate) fn login_url(target: &str) -> String {
    with_target("/auth/login", target)
}

/// `page` with `target` as its `return_to`; left out where it is where people land anyway.
pub(crate) fn with_target(page: &str, target: &str) -> String {
    if target == DEFAULT {
        return page.to_owned();
    }
    page.to_owned() + &paths::fill("?return_to={path}", &[target])
}

/// The token of the invitation that `target` leads to, if it leads to one: such people may make an account.
pub(crate) fn invitation(target: &str) -> Option<&str> {
    let path = target.split_once('?').map_or(target, |(path, _)| path);
    Some(invitation_token(path)).filter(|token| !token.is_empty())
}

/// Where signing in with an `OpenID` Connect service starts.
pub(crate) fn service_url(slug: &str, target: &str) -> String {
    with_target(&paths::fill("/auth/oidc/{slug}", &[slug]), target)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_local_paths_are_followed() {
        assert_eq!(checked(Some("/consent/1?a=b")), "/consent/1?a=b");
        for evil in ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "", "x"]
        {
            assert_eq!(checked(Some(evil)), DEFAULT, "{evil:?}");
        }
        assert_eq!(checked(None), DEFAULT);
    }

    #[test]
    fn invitations_are_recognised() {
        assert_eq!(invitation("/invite/abc?x=1"), Some("abc"));
        assert_eq!(invitation("/settings"), None);
        assert_eq!(invitation("/invite/"), None);
    }

    #[test]
    fn the_target_is_encoded() {
        assert_eq!(login_url("/consent/1?a=b&c"), "/auth/login?return_to=%2Fconsent%2F1%3Fa%3Db%26c");
        assert_eq!(login_url(DEFAULT), "/auth/login");
    }
}

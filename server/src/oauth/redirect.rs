//! Redirect URIs: which may be registered, which of them a request means, and how an answer is put into one.
//!
//! A URI is compared as text, byte for byte (OAuth 2.1 section 2.3.1, RFC 9700 section 2.1). The one exception is the
//! port of a loopback address, which a native app cannot know in advance (RFC 8252 section 7.3).

use url::Url;

/// The longest URI that is accepted, in bytes.
const MAX_LENGTH: usize = 2048;

/// Why a URI cannot be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", self.description())]
pub enum RedirectUriError {
    /// Not a URI, or one with characters that a URI does not have (RFC 3986).
    Malformed,
    /// RFC 6749 section 3.1.2: no fragment.
    Fragment,
    /// A user name in front of the host only serves to mislead people.
    UserInfo,
    /// MCP authorization, "Communication Security": https, or http on the person's own computer.
    Scheme,
}

impl RedirectUriError {
    /// For the developer of the client.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Malformed => "a redirect URI is malformed or too long",
            Self::Fragment => "a redirect URI must not have a fragment",
            Self::UserInfo => "a redirect URI must not have a user name or password",
            Self::Scheme => "a redirect URI must be https, or http on 127.0.0.1, [::1] or localhost",
        }
    }
}

/// Whether a client may register this URI.
pub fn check(uri: &str) -> Result<(), RedirectUriError> {
    let is_plain = uri.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte));
    if !is_plain || uri.len() > MAX_LENGTH {
        return Err(RedirectUriError::Malformed);
    }
    let url = Url::parse(uri).map_err(|_| RedirectUriError::Malformed)?;
    if uri.contains('#') {
        return Err(RedirectUriError::Fragment);
    }
    if !url.username().is_empty() || url.password().is_some() || authority(uri).contains('@') {
        return Err(RedirectUriError::UserInfo);
    }
    match url.scheme() {
        "https" if uri.starts_with("https://") && url.host().is_some() => Ok(()),
        "http" if loopback(uri).is_some() => Ok(()),
        _ => Err(RedirectUriError::Scheme),
    }
}

/// Whether a registered URI is the one that a request names.
pub fn matches(registered: &str, requested: &str) -> bool {
    if registered == requested {
        return true;
    }
    loopback(registered).is_some_and(|registered| loopback(requested) == Some(registered))
}

/// The URI goes to a program on the person's own computer.
pub fn is_loopback(uri: &str) -> bool {
    loopback(uri).is_some()
}

/// Host and, if there is one, port: what tells a person who is asking.
pub fn host(uri: &str) -> String {
    let Ok(url) = Url::parse(uri) else { return String::new() };
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// The URI with an answer in its query (RFC 6749 section 4.1.2): what was there stays.
pub fn with_answer(uri: &str, answer: &[(&str, &str)]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(answer);
    let separator = match uri.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some(_) => "&",
    };
    format!("{uri}{separator}{}", query.finish())
}

/// The authority part of an absolute URI, as written.
fn authority(uri: &str) -> &str {
    let after_scheme = uri.split_once("://").map_or("", |(_, rest)| rest);
    after_scheme.split(['/', '?', '#']).next().unwrap_or_default()
}

/// Host and rest (path and query) of an `http` URI on a loopback address, without its port. Exactly these three
/// spellings: anything cleverer is not loopback.
fn loopback(uri: &str) -> Option<(&str, &str)> {
    let authority = authority(uri);
    let rest = uri.strip_prefix("http://")?.strip_prefix(authority)?;
    for host in ["127.0.0.1", "[::1]", "localhost"] {
        if let Some(port) = authority.strip_prefix(host) {
            return (port.is_empty() || is_port(port)).then_some((host, rest));
        }
    }
    None
}

/// A colon and a port number, in digits alone.
fn is_port(text: &str) -> bool {
    text.strip_prefix(':').is_some_and(|digits| {
        digits.bytes().all(|byte| byte.is_ascii_digit()) && digits.parse::<u16>().is_ok_and(|port| port > 0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use RedirectUriError::{Fragment, Malformed, Scheme, UserInfo};

    #[test]
    fn which_may_be_registered() {
        for right in [
            "https://claude.ai/api/mcp/auth_callback",
            "https://app.example:8443/cb?tenant=1",
            "http://localhost/callback",
            "http://localhost:33418/callback",
            "http://127.0.0.1:6274/oauth/callback",
            "http://[::1]:9/cb",
            "http://127.0.0.1",
        ] {
            assert_eq!(check(right), Ok(()), "{right}");
        }
        for (wrong, why) in [
            ("", Malformed),
            ("/callback", Malformed),
            ("https://a.example/c b", Malformed),
            ("https://a.example\\@evil.example/", Malformed),
            ("https://a.example/\n", Malformed),
            ("https://ü.example/", Malformed),
            ("https://a.example/#", Fragment),
            ("https://a.example/cb#x", Fragment),
            ("https://claude.ai@evil.example/", UserInfo),
            ("https://@evil.example/", UserInfo),
            ("http://localhost@evil.example/", UserInfo),
            ("http://a.example/cb", Scheme),
            ("http://localhost.evil.example/cb", Scheme),
            ("http://127.0.0.1.evil.example/cb", Scheme),
            ("http://127.0.0.2/cb", Scheme),
            ("http://127.1/cb", Scheme),
            ("http://2130706433/cb", Scheme),
            ("http://LOCALHOST/cb", Scheme),
            ("http://localhost:0/cb", Scheme),
            ("HTTPS://a.example/cb", Scheme),
            ("https:a.example/cb", Scheme),
            ("javascript:alert(1)", Scheme),
            ("data:text/html,x", Scheme),
            ("cursor://anysphere.cursor/callback", Scheme),
            ("file:///etc/passwd", Scheme),
        ] {
            assert_eq!(check(wrong), Err(why), "{wrong}");
        }
        assert_eq!(check(&format!("https://a.example/{}", "x".repeat(MAX_LENGTH))), Err(Malformed));
    }

    #[test]
    fn which_is_meant() {
        let same = |registered: &str, requested: &str| matches(registered, requested);
        assert!(same("https://a.example/cb", "https://a.example/cb"));
        assert!(same("http://localhost/callback", "http://localhost:51234/callback"));
        assert!(same("http://127.0.0.1:1/cb?x=1", "http://127.0.0.1:2/cb?x=1"));
        assert!(same("http://[::1]:1/cb", "http://[::1]/cb"));
        for (registered, requested) in [
            ("https://a.example/cb", "https://a.example/cb/"),
            ("https://a.example/cb", "https://a.example/cb?x=1"),
            ("https://a.example/cb", "https://A.example/cb"),
            ("https://a.example/cb", "https://a.example:443/cb"),
            ("https://a.example:1/cb", "https://a.example:2/cb"),
            ("https://a.example/cb", "http://a.example/cb"),
            ("https://localhost/cb", "https://localhost:2/cb"),
            ("http://localhost/cb", "http://127.0.0.1/cb"),
            ("http://localhost/cb", "http://localhost/cb/../evil"),
            ("http://localhost/cb", "http://localhost:80@evil.example/cb"),
            ("http://localhost/cb", "http://localhost:+80/cb"),
            ("http://localhost/cb", "http://localhost:99999/cb"),
            ("http://localhost/cb", "http://localhost:/cb"),
            ("http://localhost/cb", "http://localhost.evil.example/cb"),
        ] {
            assert!(!same(registered, requested), "{registered} {requested}");
        }
    }

    #[test]
    fn what_a_person_sees() {
        assert_eq!(host("http://localhost:33418/callback"), "localhost:33418");
        assert_eq!(host("https://claude.ai/api/mcp/auth_callback"), "claude.ai");
        assert_eq!(host("http://[::1]:9/cb"), "[::1]:9");
        assert!(is_loopback("http://localhost:33418/callback"));
        assert!(!is_loopback("https://localhost/callback"));
    }

    #[test]
    fn an_answer_keeps_the_query_that_is_there() {
        let answer = [("code", "a+b"), ("state", "x y&z")];
        assert_eq!(
            with_answer("https://a.example/cb", &answer),
            "https://a.example/cb?code=a%2Bb&state=x+y%26z"
        );
        assert_eq!(
            with_answer("https://a.example/cb?t=1", &answer[..1]),
            "https://a.example/cb?t=1&code=a%2Bb"
        );
        assert_eq!(with_answer("https://a.example/cb?", &answer[..1]), "https://a.example/cb?code=a%2Bb");
    }
}

//! The `[auth]` part of a manifest.

use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderName};

use super::address::Known;
use super::problems::Problems;
use super::texts::{check_pointer, headers, pairs, template};
use crate::vendors::auth::{ACCESS_TOKEN, Auth, Basic};
use crate::vendors::manifest::{AuthEntry, ClientAuth, Grant, LoginEntry, OAuth2Entry};
use crate::vendors::template::{Braces, Text};
use crate::vendors::token_request::{TokenBody, TokenRequest};

/// Lifetime of a token whose answer does not say it (RFC 6749, section 5.1 recommends to say it).
const LIFETIME: Duration = Duration::from_mins(5);

pub(super) fn compile(entry: &AuthEntry, known: Known<'_>, problems: &mut Problems<'_>) -> Option<Auth> {
    let names = &known.names();
    let mut in_headers = names.clone();
    let has_token = entry.oauth2.is_some() || entry.login.is_some();
    if has_token {
        in_headers.push(ACCESS_TOKEN);
    }
    let mut auth = Auth {
        headers: headers(problems, "/auth/headers", &entry.headers, &in_headers),
        query: pairs(problems, "/auth/query", &entry.query, &in_headers),
        ..Auth::default()
    };
    let is_used = auth.headers.iter().any(|(_, text)| text.names().contains(&ACCESS_TOKEN));
    let bearer = entry.bearer.as_deref().or((has_token && !is_used).then_some("{access_token}"));
    if let Some(token) = bearer {
        let text = template(problems, "/auth/bearer", &format!("Bearer {token}"), &in_headers)?;
        auth.headers.push((AUTHORIZATION, text));
    }
    if let Some(basic) = &entry.basic {
        auth.basic = Some(Basic {
            username: template(problems, "/auth/basic/username", &basic.username, names)?,
            password: template(problems, "/auth/basic/password", &basic.password, names)?,
        });
    }
    let writers = auth.headers.iter().filter(|(name, _): &&(HeaderName, Text)| name == AUTHORIZATION).count();
    if writers + usize::from(auth.basic.is_some()) > 1 {
        problems.add("/auth", "more than one part sets the header Authorization");
    }
    auth.token = match (&entry.oauth2, &entry.login) {
        (Some(oauth2), None) => {
            let token = compile_oauth2(oauth2, names, problems)?;
            known.check_start(&token.url, true, "/auth/oauth2/token_url", problems);
            Some(token)
        }
        (None, Some(login)) => {
            let token = compile_login(login, names, problems)?;
            known.check_start(&token.url, true, "/auth/login/url", problems);
            Some(token)
        }
        (None, None) => None,
        (Some(_), Some(_)) => {
            problems.add("/auth", "has either `oauth2` or `login`");
            None
        }
    };
    Some(auth)
}

fn compile_oauth2(entry: &OAuth2Entry, names: &[&str], problems: &mut Problems<'_>) -> Option<TokenRequest> {
    if entry.grant == Grant::Password && (entry.username.is_none() || entry.password.is_none()) {
        problems.add("/auth/oauth2/grant", "the password grant needs `username` and `password`");
    }
    let grant = match entry.grant {
        Grant::ClientCredentials => "client_credentials",
        Grant::Password => "password",
    };
    let client = Basic {
        username: template(problems, "/auth/oauth2/client_id", &entry.client_id, names)?,
        password: template(problems, "/auth/oauth2/client_secret", &entry.client_secret, names)?,
    };
    let mut form = vec![("grant_type".into(), Text::parse(grant, Braces::Strict).ok()?)];
    let basic = match entry.client_auth {
        ClientAuth::Basic => Some(client),
        ClientAuth::Form => {
            form.push(("client_id".into(), client.username));
            form.push(("client_secret".into(), client.password));
            None
        }
    };
    form.extend(pairs(problems, "/auth/oauth2/form", &entry.form, names));
    for (name, source) in
        [("username", &entry.username), ("password", &entry.password), ("scope", &entry.scope)]
    {
        if let Some(source) = source {
            let text = template(problems, &format!("/auth/oauth2/{name}"), source, names)?;
            form.push((name.into(), text));
        }
    }
    let token = entry.token.as_deref().unwrap_or("/access_token");
    let expires_in = entry.expires_in.as_deref().unwrap_or("/expires_in");
    check_pointer(problems, "/auth/oauth2/token", token);
    check_pointer(problems, "/auth/oauth2/expires_in", expires_in);
    Some(TokenRequest {
        url: template(problems, "/auth/oauth2/token_url", &entry.token_url, names)?,
        query: pairs(problems, "/auth/oauth2/query", &entry.query, names),
        headers: Vec::new(),
        basic,
        body: TokenBody::Form(form),
        token: token.to_owned(),
        expires_in: expires_in.to_owned(),
        lifetime: LIFETIME,
    })
}

fn compile_login(entry: &LoginEntry, names: &[&str], problems: &mut Problems<'_>) -> Option<TokenRequest> {
    let expires_in = entry.expires_in.as_deref().unwrap_or("/expires_in");
    check_pointer(problems, "/auth/login/token", &entry.token);
    check_pointer(problems, "/auth/login/expires_in", expires_in);
    if entry.lifetime_seconds == Some(0) {
        problems.add("/auth/login/lifetime_seconds", "must be at least 1");
    }
    let members = pairs(problems, "/auth/login/json", &entry.json, names);
    Some(TokenRequest {
        url: template(problems, "/auth/login/url", &entry.url, names)?,
        query: Vec::new(),
        headers: headers(problems, "/auth/login/headers", &entry.headers, names),
        basic: None,
        body: if members.is_empty() { TokenBody::Empty } else { TokenBody::Json(members) },
        token: entry.token.clone(),
        expires_in: expires_in.to_owned(),
        lifetime: entry.lifetime_seconds.map_or(LIFETIME, Duration::from_secs),
    })
}

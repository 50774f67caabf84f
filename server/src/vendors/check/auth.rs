//! The `[auth]` part of a manifest.

use reqwest::header::{AUTHORIZATION, HeaderName};

use super::problems::Problems;
use super::texts::{check_pointer, headers, pairs, template};
use crate::vendors::auth::{ACCESS_TOKEN, Auth, Basic, OAuth2};
use crate::vendors::manifest::{AuthEntry, Grant, OAuth2Entry};
use crate::vendors::template::Text;

pub(super) fn compile(entry: &AuthEntry, names: &[&str], problems: &mut Problems<'_>) -> Option<Auth> {
    let mut known = names.to_vec();
    if entry.oauth2.is_some() {
        known.push(ACCESS_TOKEN);
    }
    let mut auth = Auth {
        headers: headers(problems, "/auth/headers", &entry.headers, &known),
        query: pairs(problems, "/auth/query", &entry.query, &known),
        ..Auth::default()
    };
    let bearer = entry.bearer.as_deref().or(match entry.oauth2 {
        Some(_) if !auth.headers.iter().any(|(_, text)| text.names().contains(&ACCESS_TOKEN)) => {
            Some("{access_token}")
        }
        _ => None,
    });
    if let Some(token) = bearer {
        let text = template(problems, "/auth/bearer", &format!("Bearer {token}"), &known)?;
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
    if let Some(oauth2) = &entry.oauth2 {
        auth.oauth2 = Some(compile_oauth2(oauth2, names, problems)?);
    }
    Some(auth)
}

fn compile_oauth2(entry: &OAuth2Entry, names: &[&str], problems: &mut Problems<'_>) -> Option<OAuth2> {
    if entry.grant == Grant::Password && (entry.username.is_none() || entry.password.is_none()) {
        problems.add("/auth/oauth2/grant", "the password grant needs `username` and `password`");
    }
    let mut form = pairs(problems, "/auth/oauth2/form", &entry.form, names);
    for (name, source) in
        [("username", &entry.username), ("password", &entry.password), ("scope", &entry.scope)]
    {
        if let Some(source) = source {
            let text = template(problems, &format!("/auth/oauth2/{name}"), source, names)?;
            form.push((name.into(), text));
        }
    }
    let token = entry.token.clone().unwrap_or_else(|| "/access_token".into());
    let expires_in = entry.expires_in.clone().unwrap_or_else(|| "/expires_in".into());
    check_pointer(problems, "/auth/oauth2/token", &token);
    check_pointer(problems, "/auth/oauth2/expires_in", &expires_in);
    Some(OAuth2 {
        grant: entry.grant,
        token_url: template(problems, "/auth/oauth2/token_url", &entry.token_url, names)?,
        client: Basic {
            username: template(problems, "/auth/oauth2/client_id", &entry.client_id, names)?,
            password: template(problems, "/auth/oauth2/client_secret", &entry.client_secret, names)?,
        },
        client_auth: entry.client_auth,
        form,
        token,
        expires_in,
    })
}

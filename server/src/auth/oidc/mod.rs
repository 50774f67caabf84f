//! Signing in with OpenID Connect (OpenID Connect Core 1.0, authorization code flow with PKCE).
//!
//! - here: the configured services, as `--oidc-file` describes them.
//! - `provider`: what is said to a provider (discovery, code exchange, verification of the ID token).
//! - `flow`: `/auth/oidc/{slug}` and its callback.

pub mod flow;
mod provider;

use std::path::Path;

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

pub use provider::Services;

use crate::config::SignUp;

/// One service of `--oidc-file`.
#[derive(Debug, Clone)]
pub struct ServiceConfig {
    /// Stands in URLs.
    pub slug: String,
    /// Stands on the button.
    pub name: String,
    /// The issuer identifier, exactly as the provider's discovery document says it.
    pub issuer: String,
    /// What the provider calls this gateway.
    pub client_id: String,
    /// The secret that goes with it; a public client has none.
    pub client_secret: Option<SecretString>,
    /// Who may make an account by this service; none = as `--sign-up` says.
    pub sign_up: Option<SignUp>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    service: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    slug: String,
    name: String,
    issuer: String,
    client_id: String,
    client_secret: Option<SecretText>,
    client_secret_file: Option<std::path::PathBuf>,
    sign_up: Option<String>,
}

/// Keeps the secret out of error messages that print an `Entry`.
#[derive(Deserialize)]
#[serde(transparent)]
struct SecretText(String);

/// Reads the file; a sentence on what is wrong with it otherwise. TOML's own messages quote the line they mean, which
/// may hold a secret: only the place is told.
pub fn read_services(path: &Path) -> Result<Vec<ServiceConfig>, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    let file: File = toml::from_str(&text).map_err(|error| {
        let line = error.span().map_or(1, |span| text[..span.start].lines().count().max(1));
        format!("line {line}: {}", error.message())
    })?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut services: Vec<ServiceConfig> = Vec::new();
    for entry in file.service {
        let service = entry.check(folder)?;
        if services.iter().any(|known| known.slug == service.slug) {
            return Err(format!("two services have the slug {:?}", service.slug));
        }
        services.push(service);
    }
    Ok(services)
}

impl Entry {
    fn check(self, folder: &Path) -> Result<ServiceConfig, String> {
        let Self { slug, name, issuer, client_id, client_secret, client_secret_file, sign_up } = self;
        let is_slug = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if slug.is_empty() || !slug.bytes().all(is_slug) {
            return Err(format!("the slug {slug:?} must consist of a-z, 0-9 and -"));
        }
        let url: Url =
            issuer.parse().map_err(|error| format!("service {slug}: the issuer is no URL: {error}"))?;
        let is_loopback = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
        if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback) {
            return Err(format!("service {slug}: the issuer must be an https URL"));
        }
        let client_secret = match (client_secret, client_secret_file) {
            (Some(_), Some(_)) => {
                return Err(format!("service {slug}: give client_secret or client_secret_file, not both"));
            }
            (Some(SecretText(secret)), None) => Some(secret),
            (None, Some(file)) => Some(
                std::fs::read_to_string(folder.join(&file))
                    .map_err(|error| format!("service {slug}: {}: {error}", file.display()))?
                    .trim()
                    .to_owned(),
            ),
            (None, None) => None,
        };
        let sign_up = match sign_up.as_deref() {
            None => None,
            Some("invited") => Some(SignUp::Invited),
            Some("open") => Some(SignUp::Open),
            Some("closed") => Some(SignUp::Closed),
            Some(other) => {
                return Err(format!(
                    "service {slug}: sign_up is {other:?}; it can be invited, open or closed"
                ));
            }
        };
        let client_secret = client_secret.map(SecretString::from);
        Ok(ServiceConfig { slug, name, issuer, client_id, client_secret, sign_up })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<ServiceConfig>, String> {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("secret"), "from file\n").unwrap();
        let path = folder.path().join("oidc.toml");
        std::fs::write(&path, text).unwrap();
        read_services(&path)
    }

    const GOOD: &str =
        "[[service]]\nslug = \"corp\"\nname = \"Corp\"\nissuer = \"https://id.example\"\nclient_id = \"g\"\n";

    #[test]
    fn services_are_read() {
        use secrecy::ExposeSecret as _;
        let services = read(&format!("{GOOD}client_secret_file = \"secret\"\nsign_up = \"open\"")).unwrap();
        assert_eq!(services[0].slug, "corp");
        assert_eq!(services[0].client_secret.as_ref().unwrap().expose_secret(), "from file");
        assert_eq!(services[0].sign_up, Some(SignUp::Open));
    }

    #[test]
    fn mistakes_are_explained_without_secrets() {
        let error = read(&format!("{GOOD}client_secret = \"hunter2\"\nsecret = \"hunter2\"")).unwrap_err();
        assert!(error.starts_with("line ") && !error.contains("hunter2"), "{error}");
        assert!(
            read(&format!("{GOOD}{GOOD}")).unwrap_err().contains("same slug")
                || read(&format!("{GOOD}{GOOD}")).is_err()
        );
        assert!(read(&GOOD.replace("https", "http")).unwrap_err().contains("must be an https URL"));
        assert!(read(&GOOD.replace("\"corp\"", "\"Corp!\"")).unwrap_err().contains("slug"));
        assert!(read(&format!("{GOOD}sign_up = \"never\"")).unwrap_err().contains("invited, open or closed"));
    }
}

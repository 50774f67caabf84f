//! Checks the credential form that a person filled in against the vendor's fields.

use std::collections::BTreeMap;

use url::Url;

use super::credentials::Credentials;
use super::tls;
use super::vendor::{Field, FieldKind, Vendor};

/// Longest accepted field value, in bytes. Private keys fit; a pasted document does not.
const MAX_VALUE_BYTES: usize = 16 * 1024;

/// What is wrong with one field of the form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// Name of the field, also if the vendor has no such field.
    pub field: String,
    /// A sentence for the person; never contains the value.
    pub message: String,
}

/// Trims, fills in defaults and checks every field. Fields left empty are absent from the result.
pub fn check_fields(
    vendor: &Vendor,
    form: &BTreeMap<String, String>,
) -> Result<Credentials, Vec<FieldProblem>> {
    let mut problems: Vec<_> = form
        .keys()
        .filter(|name| !vendor.fields.iter().any(|field| field.name == **name))
        .map(|name| problem(name, format!("{} has no field of this name.", vendor.name)))
        .collect();
    let mut values = Vec::new();
    for field in &vendor.fields {
        match check_field(field, form.get(&field.name).map_or("", String::as_str)) {
            Ok(Some(value)) => values.push((field.name.clone(), value)),
            Ok(None) => {}
            Err(message) => problems.push(problem(&field.name, message)),
        }
    }
    if problems.is_empty() { Ok(values.into_iter().collect()) } else { Err(problems) }
}

fn problem(field: &str, message: String) -> FieldProblem {
    FieldProblem { field: field.to_owned(), message }
}

fn check_field(field: &Field, typed: &str) -> Result<Option<String>, String> {
    let value = match typed.trim() {
        "" => field.default.as_deref().unwrap_or_default(),
        typed => typed,
    };
    if value.is_empty() {
        return if field.required { Err(format!("{} is required.", field.label)) } else { Ok(None) };
    }
    if value.len() > MAX_VALUE_BYTES {
        return Err(format!("{} is too long.", field.label));
    }
    if field.kind == FieldKind::Certificate {
        return check_certificate(&field.label, value).map(Some);
    }
    if value.chars().any(char::is_control) {
        return Err(format!("{} contains a line break or another control character.", field.label));
    }
    let value = match field.kind {
        FieldKind::Text | FieldKind::Secret | FieldKind::Certificate => value.to_owned(),
        FieldKind::Select if field.options.iter().any(|(option, _)| option == value) => value.to_owned(),
        FieldKind::Select => return Err(format!("Choose one of the options for {}.", field.label)),
        FieldKind::Url => check_url(&field.label, value)?,
    };
    if !field.fits(&value) {
        return Err(wrong_form(field));
    }
    if !field.can_be_host(&value) {
        return Err(format!(
            "{} stands in the name of a host: letters, digits, hyphens and dots only.",
            field.label
        ));
    }
    Ok(Some(value))
}

/// PEM text of at least one certificate, on one line.
fn check_certificate(label: &str, value: &str) -> Result<String, String> {
    let line = value.split_whitespace().collect::<Vec<_>>().join(" ");
    match tls::authorities(&line) {
        Some(_) => Ok(line),
        None => Err(format!("{label} must be a certificate: the text from -----BEGIN CERTIFICATE----- on.")),
    }
}

/// An address that paths can be appended to: http(s), a host, no user, query or fragment, no slash at the end.
fn check_url(label: &str, value: &str) -> Result<String, String> {
    let url = Url::parse(value).map_err(|_| {
        format!("{label} is not an address: write it with https://, e.g. https://example.com.")
    })?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(format!("{label} must start with https:// or http://."));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!("{label} must not contain a user name or password."));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(format!("{label} must not contain ? or #."));
    }
    Ok(url.as_str().trim_end_matches('/').to_owned())
}

fn wrong_form(field: &Field) -> String {
    match &field.help {
        Some(help) => format!("{} does not have the expected form. {help}", field.label),
        None => format!("{} does not have the expected form.", field.label),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendors::testing;

    fn check(form: &[(&str, &str)]) -> Result<Credentials, Vec<FieldProblem>> {
        let vendor = testing::vendor(
            r#"
            [[fields]]
            name = "api_key"
            label = "API key"
            kind = "secret"
            required = true
            pattern = '^ITG\..+'
            [[fields]]
            name = "region"
            label = "Region"
            kind = "select"
            default = "us"
            options = [{ value = "us", label = "US" }, { value = "eu", label = "EU" }]
            [[fields]]
            name = "address"
            label = "Address"
            kind = "url"
            [[fields]]
            name = "authority"
            label = "Authority"
            kind = "certificate"
            "#,
        );
        check_fields(&vendor, &form.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect())
    }

    fn fields(result: Result<Credentials, Vec<FieldProblem>>) -> Vec<String> {
        result.unwrap_err().into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn trims_and_fills_defaults() {
        let good =
            check(&[("api_key", " ITG.x \n"), ("region", ""), ("address", "HTTPS://Example.com:443/a/")])
                .unwrap();
        assert_eq!(good.get("api_key"), Some("ITG.x"));
        assert_eq!(good.get("region"), Some("us"));
        assert_eq!(good.get("address"), Some("https://example.com/a"));
        assert_eq!(check(&[("api_key", "ITG.x")]).unwrap().get("address"), None);
    }

    #[test]
    fn reports_every_wrong_field() {
        assert_eq!(fields(check(&[("region", "mars"), ("nope", "x")])), ["nope", "api_key", "region"]);
        assert_eq!(fields(check(&[("api_key", "wrong")])), ["api_key"]);
        assert_eq!(fields(check(&[("api_key", "ITG.a\r\nHost: evil")])), ["api_key"]);
        assert_eq!(fields(check(&[("api_key", &format!("ITG.{}", "x".repeat(20_000)))])), ["api_key"]);
    }

    /// The host is the manifest's: a value that would name another is told at the form.
    #[test]
    fn what_stands_in_the_name_of_a_host() {
        let vendor = testing::vendor(
            r#"
            fields = [{ name = "tenant", label = "Tenant", kind = "text", required = true }]
            auth = { bearer = "x" }
            [base_url]
            template = "https://{tenant}.example.com/api"
            "#,
        );
        let check = |tenant: &str| check_fields(&vendor, &[("tenant".into(), tenant.into())].into());
        assert!(check("acme").is_ok() && check("eu.acme").is_ok());
        for evil in ["evil.example/x?", "evil.example#", "a@evil.example", "a\\b", "acme:8443", "a.", "."] {
            assert_eq!(fields(check(evil)), ["tenant"], "{evil}");
        }
    }

    #[test]
    fn certificates() {
        let pem = include_str!("testdata/authority.pem");
        let one_line = check(&[("api_key", "ITG.x"), ("authority", pem)]).unwrap();
        assert_eq!(one_line.get("authority").unwrap().lines().count(), 1);
        assert_eq!(fields(check(&[("api_key", "ITG.x"), ("authority", "MIIB")])), ["authority"]);
    }

    #[test]
    fn addresses() {
        for bad in [
            "example.com",
            "ftp://example.com",
            "https://u:p@example.com",
            "https://a.example/?x",
            "https://",
            "javascript:alert(1)",
        ] {
            assert_eq!(fields(check(&[("api_key", "ITG.x"), ("address", bad)])), ["address"], "{bad}");
        }
    }
}

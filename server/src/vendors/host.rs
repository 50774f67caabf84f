//! What a credential field may put into the name of a vendor's host. The manifest says which host gets the credential; a
//! value with a slash, a question mark or an at sign in it would say another.

use super::credentials::Credentials;
use super::error::CallError;
use super::vendor::{Field, FieldKind, Vendor};

/// How a value stands in the authority of an address (RFC 3986, section 3.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HostPart {
    /// It is the whole of it, and may have a port.
    Whole,
    /// There is something before or behind it.
    Part,
}

impl HostPart {
    /// Letters, digits, hyphens, and dots between them.
    pub(crate) fn fits(self, value: &str) -> bool {
        let host = match (self, value.split_once(':')) {
            (Self::Whole, Some((host, port))) if is_port(port) => host,
            _ => value,
        };
        let is_named = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
        !host.is_empty() && !host.starts_with('.') && !host.ends_with('.') && host.chars().all(is_named)
    }
}

fn is_port(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

impl Field {
    /// Whether a value can stand where this field does, if that is in the name of a host. The options of a select are the
    /// manifest's own.
    pub(crate) fn can_be_host(&self, value: &str) -> bool {
        let fits = |part: HostPart| match self.kind {
            FieldKind::Select => self.options.iter().any(|(option, _)| option == value),
            _ => part.fits(value),
        };
        self.in_host.is_none_or(fits)
    }
}

/// Refuses a credential that would be sent to another host than the manifest's: it was stored for another manifest, or by
/// an older gateway.
pub(crate) fn check_host(vendor: &Vendor, credentials: &Credentials) -> Result<(), CallError> {
    let is_wrong =
        |field: &&Field| credentials.get(&field.name).is_some_and(|value| !field.can_be_host(value));
    match vendor.fields.iter().find(is_wrong) {
        Some(field) => {
            Err(CallError::Credential(format!("its field {} cannot stand in the name of a host", field.name)))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vendors::testing;

    #[test]
    fn names_of_hosts() {
        for good in ["eu", "EU-1", "a.b", "127.0.0.1", "xn--mnchen-3ya.de"] {
            assert!(HostPart::Part.fits(good) && HostPart::Whole.fits(good), "{good}");
        }
        let evil = [
            "",
            ".",
            "a.",
            ".a",
            "evil.example/",
            "evil.example/x?",
            "a#",
            "a?",
            "u@evil",
            "a\\b",
            "a b",
            "ä",
            "a%2f",
        ];
        for evil in evil {
            assert!(!HostPart::Part.fits(evil) && !HostPart::Whole.fits(evil), "{evil}");
        }
        assert!(HostPart::Whole.fits("a.example:8443") && !HostPart::Part.fits("a.example:8443"));
        assert!(!HostPart::Whole.fits("a.example:") && !HostPart::Whole.fits("user:pw@evil.example"));
    }

    /// Which fields of a vendor stand in the name of a host.
    fn found(part: &str) -> Vec<String> {
        let field =
            |name: &str, kind: &str| format!("{{ name = \"{name}\", label = \"L\", kind = \"{kind}\" }}");
        let fields =
            [field("a", "text"), field("b", "text"), field("c", "text"), field("url", "url")].join(", ");
        let vendor = testing::vendor(&format!("fields = [{fields}]\n{part}\n"));
        let named =
            vendor.fields.iter().filter_map(|field| Some(format!("{} {:?}", field.name, field.in_host?)));
        named.collect()
    }

    #[test]
    fn where_fields_stand() {
        let base = |template: &str| found(&format!("[base_url]\ntemplate = \"{template}\""));
        assert_eq!(base("https://{a}.example.com/{b}"), ["a Part"]);
        assert_eq!(base("https://{a}/{b}"), ["a Whole"]);
        assert_eq!(base("https://{a}"), ["a Whole"]);
        assert_eq!(base("https://{a}:{b}/{c}"), ["a Part", "b Part"]);
        assert_eq!(base("https://example.com/{a}"), [""; 0]);
        assert_eq!(base("https://example.com?x={a}"), [""; 0]);
        assert_eq!(base("{url}/api/{a}"), [""; 0]);
        assert_eq!(base("{url}{a}"), ["a Part"]);
        let of_values = "[[values]]\nname = \"v\"\ntemplate = \"{a}\"\n[[values]]\nname = \"v\"\ntemplate = \"x-{b}\"\n\
                         [[values]]\nname = \"w\"\ntemplate = \"https://{c}.example.com\"\n";
        let of_all = format!(
            "{of_values}[base_url]\ntemplate = \"https://{{v}}/x\"\n[auth.login]\nurl = \"{{w}}/login\"\ntoken = \"/t\""
        );
        assert_eq!(found(&of_all), ["a Whole", "b Part", "c Part"]);
        let lookup = "[base_url]\ntemplate = \"https://example.com/{path}\"\n[base_url.discover]\nassign = \"path\"\n\
                      url = \"https://{a}/info\"\nanswer = \"/p\"\npattern = '^x$'";
        assert_eq!(found(lookup), ["a Whole"]);
    }
}

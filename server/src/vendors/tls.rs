//! Certificates of private authorities, for self-hosted products that are not signed by a public one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// The certificates in a PEM text (RFC 7468), with or without its line breaks, which a form field takes away. `None` if
/// there is none, or one that no chain can end at.
pub(crate) fn authorities(pem: &str) -> Option<Vec<CertificateDer<'static>>> {
    let mut found = Vec::new();
    let mut roots = RootCertStore::empty();
    for block in pem.split(BEGIN).skip(1) {
        let (body, _) = block.split_once(END)?;
        let body: String = body.split_whitespace().collect();
        let certificate = CertificateDer::from(STANDARD.decode(body).ok()?);
        roots.add(certificate.clone()).ok()?;
        found.push(certificate);
    }
    (!found.is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A self-signed certificate (Ed25519, CN=icinga-ca) that nobody uses.
    const PEM: &str = include_str!("testdata/authority.pem");

    #[test]
    fn with_and_without_line_breaks() {
        assert_eq!(authorities(PEM).unwrap().len(), 1);
        let one_line = PEM.replace('\n', " ");
        assert_eq!(authorities(&one_line), authorities(PEM));
        assert_eq!(authorities(&format!("{PEM}{PEM}")).unwrap().len(), 2);
    }

    #[test]
    fn anything_else() {
        for bad in ["", "MIIB", BEGIN, "-----BEGIN CERTIFICATE-----AAAA-----END CERTIFICATE-----"] {
            assert_eq!(authorities(bad), None, "{bad}");
        }
    }
}

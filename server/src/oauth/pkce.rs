//! Proof Key for Code Exchange (RFC 7636), method S256 alone: `plain` proves nothing to who can read the request.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// The only method (RFC 7636 section 4.2).
pub const METHOD: &str = "S256";

/// Whether this can be a challenge of method S256: a SHA-256 in base64url.
pub fn is_challenge(text: &str) -> bool {
    URL_SAFE_NO_PAD.decode(text).is_ok_and(|hash| hash.len() == 32)
}

/// Whether the verifier is the one of this challenge (RFC 7636 section 4.6).
pub fn verify(verifier: &str, challenge: &str) -> bool {
    let is_well_formed = (43..=128).contains(&verifier.len())
        && verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    let computed = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    is_well_formed && bool::from(computed.as_bytes().ct_eq(challenge.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_example_of_the_rfc_holds() {
        assert!(is_challenge(CHALLENGE));
        assert!(verify(VERIFIER, CHALLENGE));
    }

    #[test]
    fn anything_else_does_not() {
        assert!(!verify(CHALLENGE, CHALLENGE), "plain");
        assert!(!verify(&VERIFIER[..42], CHALLENGE));
        assert!(!verify("", CHALLENGE));
        assert!(!verify(&"a".repeat(129), CHALLENGE));
        assert!(!verify(&format!("{VERIFIER} "), CHALLENGE));
        for wrong in
            ["", "short", &format!("{CHALLENGE}="), &VERIFIER[..42], &format!("{}+", &CHALLENGE[..42])]
        {
            assert!(!is_challenge(wrong), "{wrong}");
        }
    }
}

//! What to do about a refused credential, from the vendor's own words.

/// One kind of refusal: the words that tell it, and the remedy.
const KINDS: [(&[&str], &str); 4] = [
    (
        &[
            "ip address",
            "ip restrict",
            "ip not",
            "allowlist",
            "allow-list",
            "allow list",
            "whitelist",
            "not allowed from",
        ],
        "Add the gateway's IP address to the vendor's allow-list.",
    ),
    (
        &["expired", "expiry", "has lapsed"],
        "The credential has expired: make a new one at the vendor, then replace it in the gateway's settings.",
    ),
    (
        &["locked"],
        "The account is locked: unlock it at the vendor, then test the connection in the gateway's settings.",
    ),
    (
        &["revoked", "disabled", "deactivated", "inactive", "suspended", "deleted"],
        "The credential was revoked or its user disabled: make a new one at the vendor, then replace it in the gateway's \
         settings.",
    ),
];

/// What the person can do, if the vendor's words tell.
pub(crate) fn of_refusal(message: Option<&str>) -> Option<&'static str> {
    let message = message?.to_lowercase();
    let tells = |words: &[&str]| words.iter().any(|word| message.contains(word));
    KINDS.iter().find(|(words, _)| tells(words)).map(|(_, remedy)| *remedy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_the_vendors_words() {
        let remedy = |message| of_refusal(Some(message)).unwrap_or("none");
        assert!(remedy("Your API key has Expired").contains("has expired"));
        assert!(remedy("key revoked").contains("revoked"));
        assert!(remedy("Account locked after 5 attempts").contains("unlock"));
        assert!(
            remedy("Access denied: IP address 192.0.2.7 is not in your whitelist").contains("allow-list")
        );
        assert_eq!(remedy("Unauthorized"), "none");
        assert_eq!(of_refusal(None), None);
    }
}

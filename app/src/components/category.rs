//! What the categories of the manifests are called on screen.

/// `rmm` is `RMM`, `documentation` is `Documentation`.
pub(crate) fn title(category: &str) -> String {
    match category {
        "rmm" | "psa" | "edr" | "mdr" | "siem" | "crm" | "itsm" => category.to_ascii_uppercase(),
        _ => {
            let mut words = category.replace(['-', '_'], " ");
            if let Some(first) = words.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            words
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn abbreviations_stay_capitals() {
        assert_eq!(super::title("rmm"), "RMM");
        assert_eq!(super::title("email-security"), "Email security");
        assert_eq!(super::title(""), "");
    }
}

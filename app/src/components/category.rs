//! What the categories of the manifests are called on screen.

/// `rmm` is `RMM`, `documentation` is `Documentation`.
pub(crate) fn title(category: &str) -> String {
    match category {
        "rmm" | "psa" | "edr" | "mdr" | "siem" | "crm" | "itsm" => category.to_uppercase(),
        _ => {
            let words = category.replace(['-', '_'], " ");
            let mut letters = words.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
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

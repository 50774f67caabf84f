//! Names of tools: the server's own, and what they are called here.

/// Claude puts its own prefix in front and breaks above 64.
const MAX_FULL_NAME: usize = 48;

/// A name of tools that are not passed on: `get_page`, `*_back`, `nav_*`, `*navigate*`.
#[derive(Debug)]
pub(crate) struct NamePattern {
    text: Box<str>,
    is_open_before: bool,
    is_open_behind: bool,
}

impl NamePattern {
    /// `None` if a star stands in the middle, or there is nothing else.
    pub(crate) fn parse(source: &str) -> Option<Self> {
        let (is_open_before, rest) = source.strip_prefix('*').map_or((false, source), |rest| (true, rest));
        let (is_open_behind, text) = rest.strip_suffix('*').map_or((false, rest), |rest| (true, rest));
        let is_good = !text.is_empty() && !text.contains('*');
        is_good.then(|| Self { text: text.into(), is_open_before, is_open_behind })
    }

    /// Whether a tool has such a name.
    pub(crate) fn matches(&self, name: &str) -> bool {
        match (self.is_open_before, self.is_open_behind) {
            (false, false) => name == &*self.text,
            (true, false) => name.ends_with(&*self.text),
            (false, true) => name.starts_with(&*self.text),
            (true, true) => name.contains(&*self.text),
        }
    }
}

/// `vendor__tool` for a server's own name: `-` and `.`, which not every client takes, become `_`. The error says why there
/// is none (MCP 2026-07-28, server/tools, "Tool Names").
pub(super) fn full_name(slug: &str, name: &str) -> Result<String, String> {
    if name.is_empty() {
        return Err("it has no name".to_owned());
    }
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')) {
        return Err("its name has other characters than letters, digits, _, - and .".to_owned());
    }
    let full_name = format!("{}__{}", slug.replace('-', "_"), name.replace(['-', '.'], "_"));
    if full_name.len() > MAX_FULL_NAME {
        return Err(format!(
            "its name has {} characters here, {full_name}, and at most {MAX_FULL_NAME} are allowed",
            full_name.len()
        ));
    }
    Ok(full_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        let matches = |pattern: &str, name: &str| NamePattern::parse(pattern).unwrap().matches(name);
        assert!(matches("*_navigate", "acme_navigate") && !matches("*_navigate", "navigate_acme"));
        assert!(matches("nav_*", "nav_up") && !matches("nav_*", "a_nav_up"));
        assert!(matches("*nav*", "a_nav_b") && matches("back", "back") && !matches("back", "go_back"));
        for bad in ["", "*", "**", "a*b", "*a*b*"] {
            assert!(NamePattern::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn names_fit_clients() {
        assert_eq!(full_name("acme-rmm", "get-sum.v2").as_deref(), Ok("acme_rmm__get_sum_v2"));
        assert_eq!(full_name("acme", "listDevices").as_deref(), Ok("acme__listDevices"));
        for bad in ["", "a b", "ä", "a/b", "a\n", &"a".repeat(43)] {
            assert!(full_name("acme", bad).is_err(), "{bad}");
        }
    }
}

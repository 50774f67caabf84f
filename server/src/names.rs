//! Names that people give: to themselves, to organizations, to sub-teams. Any script, any sign, but nothing that makes
//! the text around it look like something else.

/// The longest name, in characters.
const MAX: usize = 100;

/// The name without blanks around it, or what is wrong with it. `missing` is said of an empty one.
pub fn check(name: &str, missing: &'static str) -> Result<String, &'static str> {
    let name = name.trim();
    match name.chars().count() {
        0 => Err(missing),
        length if length > MAX => Err("Please use at most 100 characters."),
        _ if name.chars().any(is_misleading) => Err("Please use letters, digits and signs only."),
        _ => Ok(name.to_owned()),
    }
}

/// Line breaks and other controls, and what turns the direction of the text that follows (Unicode UAX #9, "explicit
/// directional formatting"). Names in right-to-left scripts need none of it.
fn is_misleading(sign: char) -> bool {
    sign.is_control()
        || matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_scripts_are_names() {
        let long = "x".repeat(100);
        for name in ["Ada", "عائشة بنت أحمد", "שירות", "👩‍💻 Team 🚀", "<b>&amp;", "O'Neill; --", &long]
        {
            assert_eq!(check(name, "missing").as_deref(), Ok(name));
        }
        assert_eq!(check("  Ada  ", "missing").as_deref(), Ok("Ada"));
    }

    #[test]
    fn empty_long_and_misleading_ones_are_not() {
        assert_eq!(check(" \t", "missing"), Err("missing"));
        for name in ["x".repeat(101).as_str(), "a\nb", "a\u{202e}b", "a\u{0}"] {
            assert!(check(name, "missing").is_err(), "{name:?}");
        }
    }
}

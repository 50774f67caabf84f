//! Names that people give: to themselves, to organizations, to sub-teams. Any script, any sign, but nothing that makes
//! the text around it look like something else.

/// The longest name, in characters.
const MAX: usize = 100;

/// The name without blanks around it, or what is wrong with it. `missing` is said of an empty one.
pub fn check(name: &str, missing: &'static str) -> Result<String, &'static str> {
    let name = name.trim();
    match name.chars().count() {
        length if length > MAX => Err("Please use at most 100 characters."),
        _ if is_misleading(name) => Err("Please use letters, digits and signs only."),
        _ if name.chars().all(is_invisible) => Err(missing),
        _ => Ok(name.to_owned()),
    }
}

/// As much of a name that another service gave as is good; empty if nothing is.
pub fn clean(name: &str) -> String {
    let good = name.chars().filter(|sign| !misleads(*sign)).take(MAX).collect::<String>();
    if good.chars().all(is_invisible) { String::new() } else { good.trim().to_owned() }
}

/// Whether a text has a sign in it that makes the text around it look like something else.
pub fn is_misleading(text: &str) -> bool {
    text.chars().any(misleads)
}

/// Line breaks and other controls, and what turns the direction of the text that follows (Unicode UAX #9, "explicit
/// directional formatting"). Names in right-to-left scripts need none of it.
fn misleads(sign: char) -> bool {
    sign.is_control()
        || matches!(sign, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
}

/// Nothing is seen of a name that has only such signs: blanks, joiners, marks of direction, fillers.
fn is_invisible(sign: char) -> bool {
    sign.is_whitespace()
        || matches!(
            sign,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        )
        || matches!(sign, '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}' | '\u{2800}')
        || matches!(sign, '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{e0000}'..='\u{e0fff}')
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
        for invisible in ["", "\u{200b}", "\u{3164} \u{2060}", "\u{200f}", "\u{feff}"] {
            assert_eq!(check(invisible, "missing"), Err("missing"), "{invisible:?}");
        }
        for name in ["x".repeat(101).as_str(), "a\nb", "a\u{202e}b", "a\u{0}"] {
            assert!(check(name, "missing").is_err(), "{name:?}");
        }
    }

    #[test]
    fn names_of_others_are_cleaned() {
        assert_eq!(clean(" A\u{202e}d\na "), "Ada");
        assert_eq!(clean("\u{200b}\u{7}"), "");
        assert_eq!(clean(&"é".repeat(200)), "é".repeat(100));
    }
}

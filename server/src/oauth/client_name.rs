//! The names that clients give themselves, as they can be shown.

/// How long a name is shown, in characters.
const MAX: usize = 200;

/// The name on one line, without characters that hide or turn around what follows; none if nothing is left of it.
pub fn shown(name: &str) -> Option<String> {
    let visible: String = name
        .chars()
        .filter(|character| !is_invisible(*character))
        .map(|character| if character.is_control() { ' ' } else { character })
        .take(MAX)
        .collect();
    let name = visible.split_whitespace().collect::<Vec<_>>().join(" ");
    (!name.is_empty()).then_some(name)
}

/// Zero-width and direction-changing characters (Unicode Technical Report 36, section 2.5).
const fn is_invisible(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_can_be_shown() {
        let shown = |text: &str| shown(text).unwrap();
        assert_eq!(shown("Claude Code (desk)"), "Claude Code (desk)");
        assert_eq!(shown("  a\n\tb\0c "), "a b c");
        assert_eq!(shown("ok\u{202e}gnp"), "okgnp");
        assert_eq!(shown(&"ü".repeat(300)).chars().count(), 200);
        assert_eq!(super::shown("\u{200b} \u{2066}"), None);
        assert_eq!(super::shown(""), None);
    }
}

//! Undoes the escapes of JSON strings (RFC 8259, section 7) in any text: there are many ways to write one character.

/// The text with the escapes in it undone, once; none if there are none. What is no escape stays, half of a surrogate pair
/// becomes U+FFFD.
pub(crate) fn unescaped(text: &str) -> Option<String> {
    let (before, mut rest) = text.split_once('\\')?;
    let mut out = String::with_capacity(text.len());
    out.push_str(before);
    let mut is_changed = false;
    loop {
        match escape(rest) {
            Some((c, behind)) => {
                out.push(c);
                rest = behind;
                is_changed = true;
            }
            None => out.push('\\'),
        }
        let Some((before, behind)) = rest.split_once('\\') else { break };
        out.push_str(before);
        rest = behind;
    }
    out.push_str(rest);
    is_changed.then_some(out)
}

/// The character that an escape means, and what stands behind it; `rest` begins behind the backslash.
fn escape(rest: &str) -> Option<(char, &str)> {
    let mut chars = rest.chars();
    let c = match chars.next()? {
        c @ ('"' | '\\' | '/') => c,
        'b' => '\u{8}',
        'f' => '\u{c}',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'u' => return unicode(chars.as_str()),
        _ => return None,
    };
    Some((c, chars.as_str()))
}

/// One UTF-16 unit, or the two of a pair.
fn unicode(rest: &str) -> Option<(char, &str)> {
    let (first, behind) = unit(rest)?;
    let second = behind.strip_prefix("\\u").and_then(unit);
    if let Some((second, behind_both)) = second
        && let Some(Ok(c)) = char::decode_utf16([first, second]).next()
        && c.len_utf16() == 2
    {
        return Some((c, behind_both));
    }
    Some((char::from_u32(first.into()).unwrap_or(char::REPLACEMENT_CHARACTER), behind))
}

fn unit(rest: &str) -> Option<(u16, &str)> {
    let (digits, behind) = rest.split_at_checked(4)?;
    let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hex.then(|| u16::from_str_radix(digits, 16).ok()).flatten().map(|unit| (unit, behind))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_escape() {
        let undone = |text: &str| unescaped(text).unwrap();
        assert_eq!(undone(r#"\"\\\/\b\f\n\r\t"#), "\"\\/\u{8}\u{c}\n\r\t");
        assert_eq!(undone(r"a\u002Bb\u00e4\u00C4\uD83D\uDE00c"), "a+bäÄ😀c");
        assert_eq!(undone(r"\\u002B"), r"\u002B");
        assert_eq!(undone(r"\uD83Dx\uDE00\uD83D\u0041"), "\u{fffd}x\u{fffd}\u{fffd}A");
    }

    #[test]
    fn what_is_no_escape_stays() {
        for text in ["", "plain", r"C:\dir", r"\u00", r"\u+041", r"\uüüüü", "\\"] {
            assert_eq!(unescaped(text), None, "{text}");
        }
        assert_eq!(unescaped(r"\d\n\").as_deref(), Some("\\d\n\\"));
    }

    proptest! {
        #[test]
        fn as_serde_reads_it(text in any::<String>()) {
            let json = serde_json::to_string(&text).unwrap();
            let inner = &json[1..json.len() - 1];
            prop_assert_eq!(unescaped(inner).unwrap_or_else(|| inner.to_owned()), text);
        }
    }
}

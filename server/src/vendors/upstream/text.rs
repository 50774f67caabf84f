//! Text of a server that models read: without what people do not see.

/// Control characters, directions, tags, invisible spaces.
fn is_hidden(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether people see all of it.
pub(super) fn is_readable(text: &str) -> bool {
    !text.chars().any(is_hidden)
}

/// What people see of it.
pub(super) fn readable(text: &str) -> String {
    let text: String = text.chars().filter(|c| !is_hidden(*c)).collect();
    text.trim().to_owned()
}

/// On one line.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

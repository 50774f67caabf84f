//! Texts of a document, made short and plain: one line, no markup, whole sentences.

/// A text on one line, without HTML tags and Markdown marks.
pub(super) fn plain(text: &str) -> String {
    let text = without_links(&without_tags(text));
    let words = text.split_whitespace().filter(|word| !word.chars().all(|c| "#*-=|_`".contains(c)));
    let words: Vec<_> = words
        .map(|word| word.replace(['`'], "").replace("**", "").replace("__", "_"))
        .map(|word| word.chars().filter(|c| !c.is_control()).collect::<String>())
        .filter(|word| !word.is_empty())
        .collect();
    words.join(" ")
}

/// A plain text of at most `longest` characters: whole sentences where that is possible, else whole words and `…`.
pub(super) fn shorten(text: &str, longest: usize) -> String {
    let text = plain(text);
    if text.chars().count() <= longest {
        return text;
    }
    let limit = text.char_indices().nth(longest).map_or(text.len(), |(at, _)| at);
    if let Some(end) = sentence_ends(&text).take_while(|end| *end <= limit).last() {
        return text[..end].to_owned();
    }
    // One character less, for the mark.
    let limit = text.char_indices().nth(longest.saturating_sub(1)).map_or(0, |(at, _)| at);
    let end = text[..limit].rfind(' ').unwrap_or(limit);
    format!("{}…", text[..end].trim_end_matches([',', ';', ':', '(', ' ', '-']))
}

/// `get_device_status` as `Get device status`.
pub(super) fn title(name: &str) -> String {
    let words = name.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The text with a full stop, if it ends in a word.
pub(super) fn sentence(text: &str) -> String {
    if text.ends_with(|last: char| last.is_alphanumeric() || last == ')') {
        format!("{text}.")
    } else {
        text.to_owned()
    }
}

/// Byte offsets behind each sentence: a mark, then a blank and something that is no small letter (as after `e.g.`).
fn sentence_ends(text: &str) -> impl Iterator<Item = usize> {
    text.char_indices().filter(|(_, c)| matches!(c, '.' | '!' | '?')).filter_map(|(at, _)| {
        let mut rest = text[at + 1..].chars();
        let ends = match (rest.next(), rest.next()) {
            (None, _) => true,
            (Some(' '), Some(next)) => !next.is_lowercase(),
            _ => false,
        };
        ends.then_some(at + 1)
    })
}

fn without_tags(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        out.push_str(&rest[..start]);
        let tag = &rest[start..];
        let is_tag = tag[1..].starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
        let end = tag.find('>').filter(|_| is_tag);
        out.push(if end.is_some() { ' ' } else { '<' });
        rest = &tag[end.unwrap_or(0) + 1..];
    }
    out.push_str(rest);
    out
}

/// `[text](address)` as `text`.
fn without_links(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(middle) = rest.find("](") {
        let start = rest[..middle].rfind('[');
        let end = rest[middle..].find(')').map(|end| middle + end);
        let (Some(start), Some(end)) = (start, end) else { break };
        out.push_str(rest[..start].trim_end_matches('!'));
        out.push_str(&rest[start + 1..middle]);
        rest = &rest[end + 1..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text() {
        assert_eq!(
            plain("# Title\n\nUse `id` of **one** [device](https://x.example/a)<br/>now."),
            "Title Use id of one device now."
        );
        assert_eq!(plain("a < b and b > c ![logo](x.png)"), "a < b and b > c logo");
        assert_eq!(plain("tab\u{7}\tend"), "tab end");
    }

    #[test]
    fn shortens_at_sentences() {
        assert_eq!(shorten("One. Two is longer. Three.", 20), "One. Two is longer.");
        assert_eq!(
            shorten("Takes e.g. this or that, and more. Next.", 36),
            "Takes e.g. this or that, and more."
        );
        assert_eq!(shorten("No end, in sight here at all", 18), "No end, in sight…");
        assert_eq!(shorten("äöüäöüäöü", 5), "äöüä…");
        assert_eq!(shorten("short", 5), "short");
        for longest in 1..60 {
            let short = shorten("Ünïcode text, with some commas. And — perhaps — two sentences.", longest);
            assert!(short.chars().count() <= longest, "{longest}: {short}");
        }
    }

    #[test]
    fn titles() {
        assert_eq!(title("get_device_status"), "Get device status");
        assert_eq!((sentence("A b").as_str(), sentence("A b…").as_str()), ("A b.", "A b…"));
    }
}

//! Web links in an answer's headers (RFC 8288): the address of the next page, for lists that say it nowhere else.

use reqwest::header::{HeaderMap, LINK};

/// Relations that only a list that is read in pages has.
const OF_PAGES: [&str; 4] = ["first", "prev", "previous", "last"];

/// What the `Link` headers say about the next page.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum NextLink {
    /// Nothing.
    Unsaid,
    /// This is the last page: there are links to others, and none to a next one.
    Last,
    /// Its address, which may be relative.
    At(String),
}

/// Reads the `Link` headers. What is not of the form is passed over.
pub(crate) fn next_link(headers: &HeaderMap) -> NextLink {
    let mut is_paged = false;
    for value in headers.get_all(LINK).iter().filter_map(|value| value.to_str().ok()) {
        let mut rest = value;
        while let Some((target, parameters, behind)) = link(rest) {
            let relations = relations(parameters);
            if relations.iter().any(|relation| relation == "next") {
                return NextLink::At(target.to_owned());
            }
            is_paged |= relations.iter().any(|relation| OF_PAGES.contains(&relation.as_str()));
            rest = behind;
        }
    }
    if is_paged { NextLink::Last } else { NextLink::Unsaid }
}

/// The first link of a list: its target, its parameters, and the rest of the list.
fn link(text: &str) -> Option<(&str, &str, &str)> {
    let (target, rest) = text.split_once('<')?.1.split_once('>')?;
    let end = unquoted(rest, ',').unwrap_or(rest.len());
    Some((target, &rest[..end], rest.get(end + 1..).unwrap_or_default()))
}

/// The values of the first `rel` (RFC 8288, section 3.3), in lower case.
fn relations(parameters: &str) -> Vec<String> {
    let mut rest = parameters;
    while let Some(start) = unquoted(rest, ';') {
        let end = unquoted(&rest[start + 1..], ';').map_or(rest.len(), |end| start + 1 + end);
        let parameter = rest[start + 1..end].split_once('=');
        if let Some((name, value)) = parameter
            && name.trim().eq_ignore_ascii_case("rel")
        {
            let value = value.trim().trim_matches('"').to_ascii_lowercase();
            return value.split_ascii_whitespace().map(str::to_owned).collect();
        }
        rest = &rest[end..];
    }
    Vec::new()
}

/// Where a character first stands outside of quotes.
fn unquoted(text: &str, wanted: char) -> Option<usize> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if is_quoted => is_escaped = true,
            '"' => is_quoted = !is_quoted,
            c if c == wanted && !is_quoted => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(values: &[&str]) -> NextLink {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(LINK, value.parse().unwrap());
        }
        next_link(&headers)
    }

    fn at(target: &str) -> NextLink {
        NextLink::At(target.to_owned())
    }

    #[test]
    fn the_next_page() {
        assert_eq!(next(&[r#"<https://a.example/x?page=2>; rel="next""#]), at("https://a.example/x?page=2"));
        let several = r#"<?p=1>; rel="first", <?p=2,3>; title="a, \"b\"; rel=next"; rel="prev next"; x=1"#;
        assert_eq!(next(&[several]), at("?p=2,3"));
        assert_eq!(next(&["<?p=1>;rel=prev", "<?p=3> ; REL = Next"]), at("?p=3"));
        assert_eq!(next(&["<?p=1>; rel=prev, <?p=9>; rel=last"]), NextLink::Last);
        assert_eq!(next(&["<?p=1>; rel=prev; rel=next"]), NextLink::Last, "the first rel counts");
    }

    #[test]
    fn what_says_nothing() {
        for value in [
            "",
            "nonsense",
            "<",
            "<a",
            "<a>",
            "<a>; rel",
            "<a>; rel=\"",
            "<a>; rel=help",
            "<s.css>; rel=preload",
        ] {
            assert_eq!(next(&[value]), NextLink::Unsaid, "{value}");
        }
        assert_eq!(next_link(&HeaderMap::new()), NextLink::Unsaid);
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_read(text in "[<>;,=\"\\\\a-z ]{0,60}") {
            if let Ok(value) = text.parse() {
                let mut headers = HeaderMap::new();
                headers.insert(LINK, value);
                next_link(&headers);
            }
        }
    }
}

//! Names of tools, parameters and fields: snake case, unique, within their length.

use std::collections::BTreeSet;

use super::operations::Operation;

/// Longest name of a parameter or field that is made.
const MAX_NAME: usize = 48;

/// Words of operation ids that say nothing.
const NOISE: [&str; 7] = ["v1", "v2", "v3", "v4", "api", "controller", "endpoint"];

/// `listDevices`, `List-devices`, `IPAddress` as `list_devices`, `ip_address`; empty if nothing can be made of it.
pub(super) fn snake(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::new();
    for (index, c) in chars.iter().copied().enumerate() {
        if !c.is_ascii_alphanumeric() {
            push_break(&mut out);
            continue;
        }
        let before = index.checked_sub(1).and_then(|at| chars.get(at));
        let next = chars.get(index + 1);
        let begins = c.is_ascii_uppercase()
            && before.is_some_and(|before| {
                before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    || (before.is_ascii_uppercase() && is_word_start(next, chars.get(index + 2)))
            });
        if begins {
            push_break(&mut out);
        }
        out.push(c.to_ascii_lowercase());
    }
    out.trim_matches(|c: char| c == '_').to_owned()
}

/// `Addr` in `IPAddr` begins a word, the plural `s` in `IDs` does not.
fn is_word_start(next: Option<&char>, after: Option<&char>) -> bool {
    let is_lower = |c: Option<&char>| c.is_some_and(char::is_ascii_lowercase);
    is_lower(next) && (next != Some(&'s') || is_lower(after))
}

fn push_break(out: &mut String) {
    if !out.is_empty() && !out.ends_with('_') {
        out.push('_');
    }
}

/// A name for a parameter or field: begins with a letter, is not taken yet.
pub(super) fn unique(text: &str, fallback: &str, taken: &mut BTreeSet<String>) -> String {
    let mut name = snake(text);
    if !name.starts_with(|first: char| first.is_ascii_lowercase()) {
        name = if name.is_empty() { fallback.to_owned() } else { format!("{fallback}_{name}") };
    }
    free(&cut(&name, MAX_NAME), MAX_NAME, taken)
}

/// A name for a tool of at most `longest` characters; from the operation's id where that fits, else from its path.
pub(super) fn tool(
    operation: &Operation<'_>,
    slug: &str,
    lists: bool,
    longest: usize,
    taken: &mut BTreeSet<String>,
) -> String {
    let from_id = operation.id.map(|id| as_list(snake(id), operation, lists));
    let brief = from_id.as_deref().map(|name| as_list(without_noise(name, slug), operation, lists));
    let from_path = from_path(operation, lists);
    let candidates: Vec<_> =
        [from_id, brief, Some(from_path)].into_iter().flatten().filter(|name| is_tool_name(name)).collect();
    let fits = candidates.iter().find(|name| name.len() <= longest && !taken.contains(*name));
    let shortest =
        || candidates.iter().min_by_key(|name| name.len()).cloned().unwrap_or_else(|| "call".into());
    match fits.cloned() {
        Some(name) => {
            taken.insert(name.clone());
            name
        }
        None => free(&cut(&shortest(), longest), longest, taken),
    }
}

fn is_tool_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
}

/// Tools that answer a list are called `list_...`: by that the gateway knows them.
fn as_list(name: String, operation: &Operation<'_>, lists: bool) -> String {
    match name.strip_prefix("get_") {
        Some(rest) if lists && operation.method == "GET" => {
            format!("list_{}", rest.trim_start_matches("list_").trim_start_matches("all_"))
        }
        _ => name,
    }
}

/// Without words that say nothing, the vendor's own name, and words that were said before.
fn without_noise(name: &str, slug: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    for word in name.split('_') {
        if !NOISE.contains(&word) && !slug.split('-').any(|part| part == word) && !words.contains(&word) {
            words.push(word);
        }
    }
    words.join("_")
}

fn from_path(operation: &Operation<'_>, lists: bool) -> String {
    let parts: Vec<&str> = operation.path.split('/').filter(|part| !part.is_empty()).collect();
    let ends_in_id = parts.last().is_some_and(|part| part.starts_with('{'));
    let words: Vec<String> = parts
        .iter()
        .filter(|part| !part.contains('{'))
        .map(|part| snake(part))
        .filter(|part| !part.is_empty() && !NOISE.contains(&part.as_str()))
        .collect();
    let verb = match operation.method {
        "GET" if lists => "list",
        "GET" => "get",
        "POST" if ends_in_id => "update",
        "POST" => "create",
        "PUT" => "set",
        "PATCH" => "update",
        _ => "delete",
    };
    let subject = if words.is_empty() { "root".to_owned() } else { words.join("_") };
    format!("{verb}_{subject}")
}

/// At most `longest` characters, at a word if possible.
fn cut(name: &str, longest: usize) -> String {
    if name.len() <= longest {
        return name.to_owned();
    }
    let end = name[..=longest].rfind('_').filter(|end| *end > longest / 2).unwrap_or(longest);
    name[..end].trim_end_matches('_').to_owned()
}

/// The name, with a number if it is taken.
fn free(name: &str, longest: usize, taken: &mut BTreeSet<String>) -> String {
    let numbered = |number: usize| {
        let suffix = format!("_{number}");
        format!("{}{suffix}", cut(name, longest.saturating_sub(suffix.len())))
    };
    let all = std::iter::once(name.to_owned()).chain((2..).map(numbered));
    let name = all.into_iter().find(|name| !taken.contains(name)).unwrap_or_default();
    taken.insert(name.clone());
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snake_case() {
        for (text, expected) in [
            ("listDevices", "list_devices"),
            ("IPAddress", "ip_address"),
            ("deviceIDs", "device_ids"),
            ("filter[text]", "filter_text"),
            ("X-Api-Key", "x_api_key"),
            ("V1EndUser_SearchDialog", "v1_end_user_search_dialog"),
            ("__a--b__", "a_b"),
            ("größe", "gr_e"),
            ("日本", ""),
            ("SSOLogin2FA", "sso_login2_fa"),
        ] {
            assert_eq!(snake(text), expected, "{text}");
        }
    }

    #[test]
    fn unique_names() {
        let mut taken = BTreeSet::new();
        let mut name = |text: &str| unique(text, "param", &mut taken);
        assert_eq!((name("id"), name("ID"), name("Id")), ("id".into(), "id_2".into(), "id_3".into()));
        assert_eq!((name("2fa"), name("日本")), ("param_2fa".into(), "param".into()));
        assert!(name(&"long_".repeat(40)).len() <= MAX_NAME);
    }

    #[test]
    fn cuts_at_words() {
        assert_eq!(cut("get_device_status", 12), "get_device");
        assert_eq!(cut("abcdefghijklmnop", 5), "abcde");
    }
}

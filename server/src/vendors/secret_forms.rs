//! The forms in which a secret may be echoed: as it is, and as URLs, forms, HTML and base64 write it. How JSON writes it is
//! not among them, for there is no end to that: [`super::redact`] undoes the escapes instead.

use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::request::encode;

/// Shorter pieces of base64 are not looked for: they may stand in any text.
const MIN_BASE64: usize = 10;

/// Every form of a secret; some may be the same.
pub(crate) fn forms(secret: &str) -> Vec<String> {
    let encoded = encode(secret);
    let form = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect::<String>();
    let mut forms = vec![secret.to_owned()];
    forms.extend([lower_escapes(&encoded), lower_escapes(&form), encoded, form]);
    forms.extend([html(secret, "&#39;", "&quot;"), html(secret, "&#x27;", "&#34;")]);
    for offset in 0..3 {
        forms.extend(inside_base64(&STANDARD_NO_PAD, secret, offset));
        forms.extend(inside_base64(&URL_SAFE_NO_PAD, secret, offset));
    }
    forms
}

/// `%2F` as `%2f`: both are the same (RFC 3986, section 2.1).
fn lower_escapes(encoded: &str) -> String {
    let mut parts = encoded.split('%');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (digits, rest) = part.split_at(part.len().min(2));
        text.extend(["%", &digits.to_ascii_lowercase(), rest]);
    }
    text
}

fn html(secret: &str, apostrophe: &str, quote: &str) -> String {
    let text = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    text.replace('\'', apostrophe).replace('"', quote)
}

/// What base64 makes of the secret `offset` bytes after a multiple of three, in whatever text it stands: the characters
/// that its neighbours have no part in.
fn inside_base64(engine: &impl base64::Engine, secret: &str, offset: usize) -> Option<String> {
    let padded = [&[0; 2][..offset.min(2)], secret.as_bytes()].concat();
    let encoded = engine.encode(&padded);
    let start = (offset * 8).div_ceil(6);
    let end = padded.len() * 8 / 6;
    encoded.get(start..end).filter(|piece| piece.len() >= MIN_BASE64).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    #[track_caller]
    fn is_found(secret: &str, echo: &str) {
        assert!(forms(secret).iter().any(|form| echo.contains(form.as_str())), "{echo}");
    }

    #[test]
    fn as_others_write_it() {
        let secret = "pä\"s's/<1>&+ x%";
        for echo in [
            secret,
            "p%C3%A4%22s%27s%2F%3C1%3E%26%2B%20x%25",
            "p%c3%a4%22s%27s%2f%3c1%3e%26%2b%20x%25",
            "p%C3%A4%22s%27s%2F%3C1%3E%26%2B+x%25",
            "pä&quot;s&#39;s/&lt;1&gt;&amp;+ x%",
            "pä&#34;s&#x27;s/&lt;1&gt;&amp;+ x%",
        ] {
            is_found(secret, echo);
        }
    }

    #[test]
    fn inside_any_base64() {
        for before in ["", "u:", "user:", "{\"key\":\"", "a"] {
            for after in ["", "\"}", "x", "yz"] {
                let text = format!("{before}s3cret?>key~~{after}");
                is_found("s3cret?>key~~", &STANDARD.encode(&text));
                is_found("s3cret?>key~~", &URL_SAFE_NO_PAD.encode(&text));
            }
        }
    }

    #[test]
    fn an_ordinary_key_has_few_forms() {
        let mut forms = forms("0123456789abcdef0123456789ABCDEF");
        forms.sort();
        forms.dedup();
        assert!(forms.len() <= 7, "{forms:?}");
    }
}

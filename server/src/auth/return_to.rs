//! Where to go after signing in: a path on this server, or nowhere (no open redirects).

/// The page for everybody who did not come from another.
pub const DEFAULT: &str = "/settings";

/// `wanted`, if it is a path of ours; else [`DEFAULT`].
pub fn sanitize(wanted: Option<&str>) -> &str {
    match wanted {
        Some(path) if is_local(path) => path,
        _ => DEFAULT,
    }
}

/// Browsers read `//host`, `/\host` and tabs or line ends in between as another host.
fn is_local(path: &str) -> bool {
    path.len() <= 2000
        && path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_own_paths() {
        assert_eq!(sanitize(Some("/consent/1?x=y")), "/consent/1?x=y");
        for foreign in
            ["https://evil.example", "//evil.example", "/\\evil", "/\t/evil.example", "settings", ""]
        {
            assert_eq!(sanitize(Some(foreign)), DEFAULT, "{foreign:?}");
        }
        assert_eq!(sanitize(None), DEFAULT);
    }
}

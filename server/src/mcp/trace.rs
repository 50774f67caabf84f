//! The client's trace, from `_meta.traceparent` (MCP 2026-07-28, basic; W3C Trace Context section 3.2), for our spans.

use rmcp::model::RequestMetaObject;

/// A valid `traceparent`, of version 00 or a later one: those begin with the same four fields (section 4.3.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TraceParent(String);

impl TraceParent {
    /// The one in a request's `_meta`. One that is not of its form is ignored, as its specification says.
    pub(super) fn of(meta: &RequestMetaObject) -> Option<Self> {
        meta.get("traceparent").and_then(|value| value.as_str()).and_then(Self::parse)
    }

    /// 32 hexadecimal digits.
    pub(super) fn trace_id(&self) -> &str {
        &self.0[3..35]
    }

    /// 16 hexadecimal digits: the client's span.
    pub(super) fn parent_id(&self) -> &str {
        &self.0[36..52]
    }

    fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('-').collect();
        let [version, trace_id, parent_id, flags, later @ ..] = parts.as_slice() else { return None };
        let is_hex = |part: &str, digits: usize| {
            part.len() == digits && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        };
        let is_id = |part: &str, digits| is_hex(part, digits) && part.bytes().any(|byte| byte != b'0');
        let is_version = is_hex(version, 2) && *version != "ff" && (*version != "00" || later.is_empty());
        (is_version && is_id(trace_id, 32) && is_id(parent_id, 16) && is_hex(flags, 2))
            .then(|| Self(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_specification_allows_is_taken() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let parsed = TraceParent::parse(good).unwrap();
        assert_eq!(parsed.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(parsed.parent_id(), "00f067aa0ba902b7");
        for later in
            ["01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00", &format!("cc{}-more", &good[2..])]
        {
            assert_eq!(TraceParent::parse(later).unwrap().trace_id(), parsed.trace_id(), "{later}");
        }
        let bad = [
            "",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "0-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0\n",
        ];
        for text in bad {
            assert_eq!(TraceParent::parse(text), None, "{text}");
        }
    }
}

//! Mistakes in what proves a credential, what counts as a failure, and limits.

use super::*;

#[test]
fn validations() {
    let with = |keys: &str| {
        let good = manifest(FIELD);
        let then = good.replace("{ path = \"/me\" }", &format!("{{ path = \"/me\", then = {{ {keys} }} }}"));
        let own = good.replace("{ path = \"/me\" }", &format!("{{ {keys} }}"));
        assert!(own != good && then != good);
        [problems(&own), problems(&then)]
    };
    for (keys, words) in [
        ("path = \"me\"", "must start with /"),
        ("path = \"/me\", good = [500]", "500 is not a good status"),
        ("path = \"/me\", bad_key = [200]", "200 is not an error status"),
        ("path = \"/me\", account = \"name\"", "no JSON pointer"),
        ("path = \"/{cred.nobody}\"", "cred.nobody"),
        ("path = \"/me\", method = \"GRAB\"", "must be GET, POST"),
        ("path = \"/me\", than = 1", "unknown field `than`"),
        ("method = \"GET\"", "missing field `path`"),
    ] {
        for found in with(keys) {
            expect(&found, 7, words);
        }
    }
    assert_eq!(with("path = \"/{cred.key}\""), [Vec::<String>::new(), Vec::new()]);
}

#[test]
fn failures_limits_and_doubts() {
    let with = |part: &str| problems(&manifest(&format!("{FIELD}{part}\n")));
    expect(&with("[failure]\npointer = \"errors\""), 16, "no JSON pointer");
    expect(&with("[failure]\nis = false"), 16, "needs a `pointer`");
    expect(&with("[failure]\nunauthorized = '('"), 16, "unclosed group");
    expect(&with("[failure]\nretry_after = \"wait\""), 16, "no JSON pointer");
    expect(&with("[failure]\nrejected = { pattern = '(', statuses = [500] }"), 16, "unclosed group");
    expect(&with("[failure]\nrejected = { pattern = 'x', statuses = [200] }"), 16, "must be error statuses");
    expect(&with("[failure]\nrejected = { pattern = 'x', status = 500 }"), 16, "{ pattern, statuses }");
    expect(&with("[limits]\nrequests = 10"), 15, "stand together");
    expect(&with("[limits]\nrequests = 0\nper_seconds = 1"), 15, "at least 1");
    expect(&with("[limits]\nconcurrent = 0"), 16, "at least 1");
    expect(&with("[limits]\nwrites = { requests = 1, per_seconds = 0 }"), 16, "at least 1");
    expect(&with("[limits]\ngateway = { requests = 1 }"), 16, "missing field `per_seconds`");
    expect(
        &problems(&manifest(FIELD).replace("initials", "verified = false\ninitials")),
        6,
        "stand together",
    );
    expect(
        &problems(&manifest(FIELD).replace("initials", "uncertain = [\"\"]\ninitials")),
        6,
        "must not be empty",
    );
    expect(&tool("verified = false"), 22, "stand together");
    expect(&tool("verified = false\nuncertain = \"\""), 23, "must not be empty");
}

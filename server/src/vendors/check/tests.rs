//! Every kind of mistake has a message with its line.

mod lengths;

use super::*;
use crate::vendors::testing::{self, manifest};

const FIELD: &str = "[[fields]]\nname = \"key\"\nlabel = \"Key\"\nkind = \"secret\"\nrequired = true\n";

fn problems(text: &str) -> Vec<String> {
    let found = compile(Path::new("sample.toml"), text, None, Schemas::Check).err().unwrap_or_default();
    found.iter().map(ToString::to_string).collect()
}

/// The mistakes in a tool, which starts on line 15.
fn tool(keys: &str) -> Vec<String> {
    let tool = "[[tools]]\nname = \"get_x\"\ntitle = \"Get x\"\ndescription = \"Gets x.\"\nrisk = \"read\"\nmethod = \"GET\"\npath = \"/x\"\n";
    let mut lines: Vec<String> = tool.lines().map(str::to_owned).collect();
    for key in keys.lines().map(str::trim).filter(|key| !key.is_empty()) {
        let name = key.split(" =").next().unwrap_or_default();
        lines.retain(|line| !line.starts_with(&format!("{name} =")));
        lines.push(key.to_owned());
    }
    problems(&manifest(&format!("{FIELD}{}\n", lines.join("\n"))))
}

#[track_caller]
fn expect(found: &[String], line: usize, words: &str) {
    let place = format!("sample.toml:{line}: ");
    assert!(
        found.iter().any(|problem| problem.starts_with(&place) && problem.contains(words)),
        "{line} {words}: {found:#?}"
    );
}

#[test]
fn a_right_manifest() {
    assert_eq!(problems(&manifest(FIELD)), Vec::<String>::new());
}

#[test]
fn syntax_and_shape() {
    expect(&problems("slug = \n"), 1, "");
    expect(&problems(&manifest(&format!("{FIELD}colour = 1\n"))), 15, "unknown field `colour`");
    expect(&problems(&manifest(&FIELD.replace("\"secret\"", "\"hidden\""))), 13, "unknown variant `hidden`");
    expect(&problems(&manifest(&FIELD.replace("true", "1"))), 14, "invalid type");
    expect(&problems(&manifest(&format!("{FIELD}name = \"x\"\n"))), 15, "duplicate key");
    expect(&problems("slug = \"sample\"\n"), 1, "missing field");
    let two = tool("risk = \"reed\"").len() + tool("metod = \"GET\"").len();
    assert_eq!(two, 2);
}

/// A place is looked up in the file, not among the tools that could be read.
#[test]
fn lines_after_a_tool_that_cannot_be_read() {
    let tool = "[[tools]]\nname = \"get_x\"\ntitle = \"Get x\"\ndescription = \"Gets x.\"\nrisk = \"read\"\nmethod = \"GET\"\npath = \"/x\"\n";
    let long = tool.replace("get_x", "get_y").replace("Gets x.", &format!("{}.", "x".repeat(200)));
    let found = problems(&manifest(&format!("{FIELD}{tool}foo = 1\n{long}")));
    expect(&found, 22, "unknown field `foo`");
    expect(&found, 26, "201 characters");
}

/// One run tells all of them, and nothing that is only a consequence.
#[test]
fn every_wrong_key_and_type() {
    let broken =
        manifest(&format!("{FIELD}colour = 1\n[auth]\nbasic = {{ username = 1 }}\nbeerer = \"x\"\n"))
            .replace("initials = \"S\"", "initials = 5");
    let found = problems(&broken);
    expect(&found, 6, "invalid type: integer `5`");
    expect(&found, 15, "unknown field `colour`");
    expect(&found, 17, "invalid type: integer `1`");
    expect(&found, 18, "unknown field `beerer`");
    assert_eq!(found.len(), 4, "{found:#?}");
    let found = tool("risk = \"reed\"\nmetod = \"GET\"\npath = 3");
    expect(&found, 20, "unknown variant `reed`");
    expect(&found, 21, "unknown field `metod`");
    expect(&found, 22, "invalid type");
    assert_eq!(found.len(), 3, "{found:#?}");
}

#[test]
fn warnings() {
    let warnings = |text: &str| {
        let mut found = Problems::new(Path::new("sample.toml"), text);
        let manifest = found.read().unwrap();
        let vendor = compile(Path::new("sample.toml"), text, None, Schemas::Check).unwrap();
        lint::lint(&manifest, &vendor, text, &mut found);
        found.into_sorted().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let good = manifest(&format!(
        "{FIELD}help = \"Help.\"\nhelp_url = \"https://a.example\"\n[auth]\nbearer = \"{{key}}\"\n"
    ))
    .replace("initials", "api_docs = \"https://a.example\"\ninitials");
    assert_eq!(warnings(&good), Vec::<String>::new());
    let found = warnings(&manifest(&format!("{FIELD}# decide: which?\n")));
    expect(&found, 2, "no `api_docs`");
    expect(&found, 7, "any will pass");
    expect(&found, 11, "no `help`");
    expect(&found, 11, "`help_url`");
    expect(&found, 11, "used nowhere");
    expect(&found, 15, "not decided yet: which?");
    let host = |pattern: &str| {
        let field = format!(
            "[[fields]]\nname = \"tenant\"\nlabel = \"T\"\nhelp = \"T.\"\nkind = \"text\"\n{pattern}\n"
        );
        let base = "[base_url]\ntemplate = \"https://{tenant}.example.com\"\n";
        warnings(
            &good.replace("[base_url]\ntemplate = \"https://api.example.com\"\n", &format!("{field}{base}")),
        )
    };
    assert_eq!(host("pattern = '^[a-z]+$'"), Vec::<String>::new());
    assert!(host("")[0].contains("`tenant` stands in the name of the host"), "{:?}", host(""));
    let tools = |tool: &str| warnings(&good.replace("[[tools]]", &format!("{tool}\n[[tools]]")));
    let tool = |name: &str, method: &str, risk: &str| {
        format!(
            "[[tools]]\nname = \"{name}\"\ntitle = \"T\"\ndescription = \"D.\"\nrisk = \"{risk}\"\nmethod = \"{method}\"\npath = \"/x\"\n"
        )
    };
    assert!(tools(&tool("delete_x", "DELETE", "write"))[0].contains("delete?"));
    assert!(tools(&tool("do_x", "POST", "read"))[0].contains("write?"));
    assert!(tools(&tool("list_x", "GET", "read"))[0].contains("no `result`"));
    assert_eq!(tools(&tool("search_x", "POST", "write")).len(), 1);
}

#[test]
fn mcp_servers() {
    let with = |part: &str| problems(&manifest(&format!("{}{part}\n", testing::MCP.trim_start())));
    assert_eq!(with(""), Vec::<String>::new());
    expect(&with("validation = { path = \"/me\" }"), 15, "no such part");
    expect(&with("failure = { pointer = \"/error\" }"), 15, "the protocol says");
    expect(&with("[[tools]]\nname = \"x\""), 15, "no [[tools]]");
    expect(&with("request = { headers = { Mcp-Session-Id = \"1\" } }"), 15, "belongs to the protocol");
    let auth = manifest(&testing::MCP.trim_start().replace("auth = { headers", "auth = { query"));
    expect(&problems(&auth), 13, "in headers only");
    let pattern = manifest(&testing::MCP.trim_start().replace("*_back", "a*b"));
    expect(&problems(&pattern), 11, "`*` may stand");
    expect(
        &problems(&manifest(&format!("{FIELD}[mcp]\nhidden_tools = [\"x\"]\n"))),
        15,
        "only a vendor of kind mcp",
    );
    let without = manifest(FIELD).replace("validation =", "# validation =");
    expect(&problems(&without), 1, "missing field `validation`");
}

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
fn the_gateways_own_name() {
    let text = manifest(FIELD).replace("slug = \"sample\"", "slug = \"gateway\"");
    assert!(problems(&text).iter().any(|problem| problem.contains("own tools")), "{:?}", problems(&text));
}

#[test]
fn what_has_no_size_is_not_read_without_end() {
    let error = read_file(Path::new("/dev/zero")).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
}

#[test]
fn identity() {
    let broken = manifest(FIELD)
        .replace("\"sample\"", "\"Sample\"")
        .replace("#123456", "red")
        .replace("\"psa\"", "\"P S A\"");
    let found = problems(&broken);
    expect(&found, 1, "called Sample.toml");
    expect(&found, 1, "lower-case");
    expect(&found, 3, "one lower-case word");
    expect(&found, 5, "#rrggbb");
}

#[test]
fn fields() {
    let field = |from: &str, to: &str| problems(&manifest(&FIELD.replace(from, to)));
    expect(&field("\"key\"", "\"Key\""), 11, "name of a field");
    expect(&field("\"secret\"", "\"select\""), 13, "a select has options");
    expect(&field("required = true", "pattern = '('"), 14, "unclosed group");
    expect(&field("required = true", "default = 'x'"), 14, "a secret has no default");
    expect(&field("required = true", "help_url = 'http://x.example'"), 14, "no https address");
    expect(&problems(&manifest(&format!("{FIELD}{FIELD}"))), 16, "another field `key`");
}

#[test]
fn base_url_and_auth() {
    let with = |part: &str| problems(&manifest(&format!("{FIELD}{part}\n")));
    expect(&with("[base_url]\n"), 15, "either `template` or `select`");
    expect(
        &with("[base_url]\ntemplate = \"https://{tenant}.example.com\""),
        16,
        "`{tenant}` is unknown here; known: key",
    );
    expect(&with("[base_url]\ntemplate = \"{key}/api\""), 16, "must start with https://");
    expect(&with("[base_url]\nselect = \"key\""), 16, "no field `key` of kind select");
    expect(&with("[auth.headers]\n\"bad name\" = \"{key}\""), 16, "no header name");
    expect(&with("[auth.headers]\nx = \"{key\""), 16, "no placeholder");
    expect(
        &with("[auth]\nbearer = \"{key}\"\nbasic = { username = \"{key}\", password = \"\" }"),
        15,
        "more than one part",
    );
    let oauth2 = "[auth.oauth2]\ngrant = \"password\"\ntoken_url = \"https://example.com/token\"\nclient_id = \"a\"\nclient_secret = \"{no}\"";
    expect(&with(oauth2), 16, "the password grant needs");
    expect(&with(oauth2), 19, "`{no}` is unknown");
}

/// Credentials go by https, to this computer, or to an address that a person typed in; and to no host but the manifest's.
#[test]
fn addresses() {
    let fields = "[[fields]]\nname = \"address\"\nlabel = \"A\"\nkind = \"url\"\n";
    let with = |part: &str| problems(&manifest(&format!("{FIELD}{fields}{part}\n")));
    let base = |template: &str| with(&format!("[base_url]\ntemplate = \"{template}\""));
    let oauth2 = "[auth.oauth2]\ngrant = \"client_credentials\"\nclient_id = \"a\"\nclient_secret = \"{key}\"\ntoken_url = ";
    let token = |url: &str| with(&format!("{oauth2}\"{url}\""));
    let login = |url: &str| with(&format!("[auth.login]\ntoken = \"/t\"\nurl = \"{url}\""));
    let value = |template: &str| {
        let token = format!("{oauth2}\"{{server}}/token\"");
        with(&format!("[[values]]\nname = \"server\"\ntemplate = \"{template}\"\n{token}"))
    };
    for good in ["https://example.com", "{address}/x", "http://127.0.0.1:8080/x", "http://localhost"] {
        assert_eq!([base(good), token(good), login(good), value(good)], [[""; 0]; 4], "{good}");
    }
    for below in ["/oauth/token", "/x"] {
        assert_eq!([token(below), login(below)], [[""; 0]; 2], "{below}");
    }
    let words = "must start with https://";
    for bad in [
        "http://example.com",
        "{key}/x",
        "http://127.0.0.1{key}/x",
        "http://localhost.evil.example",
        "ftp://a",
    ] {
        expect(&base(bad), 20, words);
        expect(&token(bad), 23, words);
        expect(&login(bad), 21, words);
        expect(&value(bad), 26, words);
    }
    expect(&base("/x"), 20, words);
    let select = "[[fields]]\nname = \"region\"\nlabel = \"R\"\nkind = \"select\"\noptions = [{ value = \"eu\", label = \"EU\" }]\n";
    let options = "[base_url]\nselect = \"region\"\noptions = { eu = \"http://example.com\" }";
    expect(&with(&format!("{select}{options}")), 26, "https://");
    let lookup = "[base_url]\ntemplate = \"https://example.com/{x}\"\n[base_url.discover]\nassign = \"x\"\nurl = \"http://example.com\"\nanswer = \"/x\"\npattern = '^x$'";
    expect(&with(lookup), 23, words);
    expect(&with(&lookup.replace("example.com/{x}", "{x}.example.com")), 20, "behind the host");
    expect(&base("https://{b64({key})}.example.com"), 20, "base64 cannot stand");
    expect(&base("https://{address}.example.com"), 20, "no part of the name of a host");
    let text = "[[fields]]\nname = \"tenant\"\nlabel = \"T\"\nkind = \"text\"\ndefault = \"a/b\"\n[base_url]\ntemplate = \"https://{tenant}.example.com\"";
    expect(&with(text), 23, "cannot stand in the name of a host");
}

#[test]
fn values_and_certificates() {
    let with = |part: &str| problems(&manifest(&format!("{FIELD}{part}\n")));
    let value = "[[values]]\nname = \"v\"\ntemplate = \"{key}\"\n";
    assert_eq!(with(&format!("{value}{value}[auth]\nbearer = \"{{v}}\"")), Vec::<String>::new());
    expect(&with(&value.replace("\"v\"", "\"key\"")), 16, "cannot be the name of a value");
    expect(&with(&value.replace("{key}", "{later}")), 17, "`{later}` is unknown here; known: key");
    expect(&with(&format!("{value}when = {{ style = \"a\" }}")), 18, "no field `style`");
    let select = "[[fields]]\nname = \"style\"\nlabel = \"S\"\nkind = \"select\"\noptions = [{ value = \"a\", label = \"A\" }]\n";
    expect(
        &with(&format!("{select}{value}when = {{ style = \"b\" }}")),
        23,
        "`b` is no option of the field `style`",
    );
    expect(&with("[tls]\nauthority = \"key\""), 16, "no field `key` of kind certificate");
    expect(&with("[redirects]\nhost_suffixes = [\".\"]"), 16, "own domains");
    expect(&with("[[fields]]\nname = \"tls\"\nlabel = \"T\"\nkind = \"cert\""), 18, "unknown variant");
}

#[test]
fn lookups_and_logins() {
    let with = |part: &str| problems(&manifest(&format!("{FIELD}{part}\n")));
    let base = "[base_url]\ntemplate = \"https://a.example/{path}\"\n[base_url.discover]\nassign = \"path\"\nurl = \"https://a.example\"\nanswer = \"/x\"\n";
    assert_eq!(with(&format!("{base}pattern = '^v[0-9]+$'")), Vec::<String>::new());
    expect(&with(&format!("{base}pattern = 'v[0-9]+'")), 21, "must match the whole answer");
    // Each half is anchored at one end only, so it is taken as a whole.
    let vendor = testing::vendor(&format!("{FIELD}{base}pattern = '^v1|v2$'"));
    let lookup = vendor.base_url.discover.unwrap();
    let asked = Url::parse("https://a.example").unwrap();
    let accept = |answer: &str| lookup.accept(&asked, &serde_json::json!({ "x": answer }));
    assert!(accept("v1").is_ok() && accept("v2").is_ok());
    assert!(accept("v1@evil.example").is_err() && accept("../v2").is_err());
    expect(&with(base), 17, "needs `host_suffix`");
    expect(&with(&format!("{base}host_suffix = \".\"")), 21, "own domain");
    let login = "[auth.login]\nurl = \"/login\"\ntoken = \"/token\"\njson = { User = \"{key}\" }\n";
    assert_eq!(with(login), Vec::<String>::new());
    expect(&with(&login.replace("{key}", "{no}")), 18, "`{no}` is unknown here");
    expect(&with(&login.replace("\"/token\"", "\"token\"")), 17, "no JSON pointer");
    expect(&with(&format!("{login}lifetime_seconds = 0")), 19, "at least 1");
    let oauth2 = "[auth.oauth2]\ngrant = \"client_credentials\"\ntoken_url = \"/t\"\nclient_id = \"a\"\nclient_secret = \"{key}\"\n";
    expect(&with(&format!("{login}{oauth2}")), 15, "either `oauth2` or `login`");
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

#[test]
fn bodies_and_answers() {
    expect(&tool("encoding = \"xml\""), 22, "unknown variant `xml`");
    expect(
        &tool("method = \"POST\"\nencoding = \"multipart\"\nbody = [1]"),
        22,
        "the body must be an object",
    );
    expect(
        &tool("method = \"POST\"\nbody = { a = { \"$if\" = \"x\", b = 1 } }"),
        22,
        "`$if` takes placeholders",
    );
    expect(
        &tool("method = \"POST\"\nbody = { a = { \"$if\" = \"{x}\", b = 1 } }"),
        22,
        "`{x}` is unknown here",
    );
    expect(&tool("answer = \"text\"\nhide = [\"password\"]"), 23, "nothing can be found in a text");
    expect(&tool("paging = { size = \"limit\" }"), 22, "there is no parameter `limit`");
    expect(&tool("paging = { next = \"links\" }"), 22, "no JSON pointer");
    expect(&tool("paging = { fixed_size = 0 }"), 22, "at least 1");
    expect(
        &problems(&manifest(FIELD).replace("{ path = \"/me\"", "{ method = \"HEAD\", path = \"/me\"")),
        7,
        "must be GET",
    );
}

#[test]
fn tools() {
    expect(&tool("name = \"Get\""), 21, "name of a tool");
    expect(&tool("name = \"a__b\""), 21, "name of a tool");
    expect(&tool(&format!("name = \"{}\"", "a".repeat(41))), 21, "has 49 characters, at most 48");
    expect(&tool(&format!("description = \"{}\"", "a".repeat(161))), 21, "161 characters");
    expect(&tool("method = \"FETCH\""), 21, "must be GET");
    expect(&tool("method = \"DELETE\""), 21 - 2, "a DELETE does not only read");
    expect(&tool("path = \"x\""), 21, "must start with /");
    expect(&tool("path = \"/x/{id}\""), 21, "`{id}` is unknown here");
    expect(&tool("result = \"items\""), 22, "no JSON pointer");
    expect(&tool("body = { a = 1 }"), 22, "a GET has no body");
    expect(&tool("method = \"POST\"\nbody = { a = \"{nope}\" }"), 22, "`{nope}` is unknown here");
}

#[test]
fn parameters() {
    let param = |keys: &str| tool(&format!("params = [{{ {keys} }}]"));
    let good = "name = \"id\", in = \"query\", type = \"integer\", description = \"Id.\"";
    assert_eq!(param(good), Vec::<String>::new());
    expect(&param(&good.replace("query", "cookie")), 22, "unknown variant `cookie`");
    expect(&param(&good.replace("query", "path")), 22, "the path has no {id}");
    expect(&param(&good.replace("query", "path")), 22, "must be required");
    expect(&param(&good.replace("integer", "int")), 22, "");
    expect(&param(&good.replace("\"Id.\"", "\"\"")), 22, "must not be empty");
    expect(&param(&format!("{good}, maxlen = 3")), 22, "unknown key `maxlen`");
    expect(&param(&format!("{good}, default = \"x\"")), 22, "default of `id`");
    expect(&param(&format!("{good}, repeat = true")), 22, "only an array");
    expect(&param(&format!("{good}, items = {{ \"$ref\" = \"https://example.com\" }}")), 22, "");
    expect(&tool(&format!("params = [{{ {good} }}, {{ {good} }}]")), 22, "another parameter `id`");
}

#[test]
fn names_on_the_wire_are_sent_once() {
    let two = |first: &str, second: &str, more: &str| {
        let param = |name: &str, keys: &str| {
            format!("{{ name = \"{name}\", type = \"string\", description = \"X.\", {keys} }}")
        };
        tool(&format!("{more}\nparams = [{}, {}]", param("a", first), param("b", second)))
    };
    let in_query = "in = \"query\"";
    assert_eq!(two(in_query, in_query, ""), Vec::<String>::new());
    expect(&two(in_query, "in = \"query\", as = \"a\"", ""), 22, "`a` is sent as `a`, too");
    expect(&two(in_query, in_query, "query = { b = \"1\" }"), 23, "a fixed part is sent as `b`, too");
    assert_eq!(two(in_query, in_query, "query = { b = \"{b}\" }"), Vec::<String>::new());
    expect(
        &two("in = \"header\", as = \"X-A\"", "in = \"header\", as = \"x-a\"", ""),
        22,
        "`a` is sent as `x-a`",
    );
    expect(&two("in = \"header\"", in_query, "headers = { A = \"1\" }"), 23, "a fixed part is sent as `a`");
    assert_eq!(two("in = \"header\"", "in = \"query\", as = \"a\"", ""), Vec::<String>::new());
    let post = "method = \"POST\"";
    expect(&two("in = \"body\"", "in = \"body\", as = \"a\"", post), 22, "`a` is sent as `a`, too");
}

//! Mistakes in what every request has: base URL, sign-in, values, certificates.

use super::*;

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

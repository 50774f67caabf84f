//! Mistakes in tools, their parameters, bodies and answers.

use super::*;

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

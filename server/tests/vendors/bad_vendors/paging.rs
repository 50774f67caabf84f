//! Lists that do not fit: the note says how to get the rest, for each kind of paging.

use serde_json::{Value, json};

use super::{MANIFEST, serve_fixed, with_manifest};

async fn note(paging: &str, params: &str) -> String {
    let items: Vec<Value> = (1..=100).map(|id| json!({"id": id, "text": "x".repeat(100)})).collect();
    let url =
        serve_fixed(200, &[("content-type", "application/json")], json!({"items": items}).to_string()).await;
    let start = MANIFEST.find("[[tools]]").unwrap();
    let text = format!(
        "{}[paging]\n{paging}\n[limits]\nanswer_bytes = 1024\n[[tools]]\nname = \"list_them\"\ntitle = \"List\"\n\
         description = \"Lists.\"\nrisk = \"read\"\nmethod = \"GET\"\npath = \"/them\"\nresult = \"/items\"\nparams = [{params}]\n",
        &MANIFEST[..start]
    );
    let rig = with_manifest(&text, &url);
    let answer = rig.call("list_them", json!({})).await.unwrap();
    assert!(answer.truncated);
    let (json, note) = answer.text.rsplit_once("\n\n").unwrap();
    let kept: Value = serde_json::from_str(json).unwrap();
    assert_eq!(kept["items"].as_array().unwrap().len(), 8);
    note.to_owned()
}

fn integer(name: &str) -> String {
    format!("{{ name = \"{name}\", in = \"query\", type = \"integer\", description = \"Number.\" }}, ")
}

#[tokio::test]
async fn each_kind_of_paging_has_its_hint() {
    let shown = "[Cut to fit: 8 of 100 items of this page are shown; ";
    let narrower = "choose fewer fields, or filters.]";
    let pages = note("size = \"per\"\npage = \"page\"", &(integer("per") + &integer("page"))).await;
    assert_eq!(pages, format!("{shown}for the rest call again with per=8, page=2.]"));
    let after = note("after = { parameter = \"after\", member = \"/id\" }", &integer("after")).await;
    assert_eq!(after, format!("{shown}for the rest call again with after=8.]"));
    let from =
        note("after = { parameter = \"min\", member = \"/id\", inclusive = true }", &integer("min")).await;
    assert_eq!(from, format!("{shown}for the rest call again with min=9.]"));
    let skip = note("offset = \"skip\"", &integer("skip")).await;
    assert_eq!(skip, format!("{shown}for the rest call again with skip=8.]"));
    let cursor = "size = \"per\"\ncursor = { parameter = \"next\", answer = \"/next\" }";
    let cursor = note(cursor, &(integer("per") + &integer("next"))).await;
    assert_eq!(cursor, format!("{shown}for the rest call again with per at most 8, or {narrower}"));
    let size = note("size = \"per\"", &integer("per")).await;
    assert_eq!(size, format!("{shown}for the rest call again with per at most 8, or {narrower}"));
    let fixed = note("page = \"page\"\nfixed_size = 100", &integer("page")).await;
    assert_eq!(fixed, format!("{shown}choose fewer fields, or filters; the next page: page=2.]"));
    let none = note("size = \"per\"", "").await;
    assert_eq!(none, format!("{shown}{narrower}"), "the tool has no such parameter");
}

/// Bare arrays, and only the header says that there is more.
#[tokio::test]
async fn the_next_page_stands_in_a_header() {
    const LINK: &str = r#"<https://api.example.com/them?size=2&page=2&key=hunter2%26secret/key%2B>; rel="next", <https://api.example.com/them?page=9>; rel="last""#;
    let two = r#"[{"id":1},{"id":2}]"#;
    let url = serve_fixed(200, &[("content-type", "application/json"), ("link", LINK)], two).await;
    let rig = with_manifest(MANIFEST, &url);
    let answer = rig.call("list_them", json!({"size": 2})).await.unwrap();
    assert_eq!(answer.text, "[{\"id\":1},{\"id\":2}]\n\n[The next page: page=2.]");
    assert!(!answer.truncated);
    let url = serve_fixed(200, &[("content-type", "application/json")], two).await;
    let rig = with_manifest(MANIFEST, &url);
    let full = rig.call("list_them", json!({"size": 2, "page": 3, "fields": ["id"]})).await.unwrap();
    assert!(full.text.ends_with("\n\n[A full page: there may be more; page=4.]"), "{}", full.text);
    let short = rig.call("list_them", json!({"size": 3})).await.unwrap();
    assert_eq!(short.text, "[{\"id\":1},{\"id\":2}]");
}

//! The note says what to send, for every way of paging.

use serde_json::json;

use super::*;
use crate::vendors::manifest::tool::{AfterEntry, CursorEntry};
use crate::vendors::testing;

const COMMON: [&str; 7] = ["size", "page", "skip", "after", "token", "key", "name"];

/// What one call sent and got.
#[derive(Default)]
struct Case {
    paging: Paging,
    sent: Value,
    link: Option<&'static str>,
    answer: Option<Value>,
}

impl Case {
    fn page<R>(&self, then: impl FnOnce(Option<Page<'_>>) -> R) -> R {
        let vendor = testing::vendor("fields = [{ name = \"key\", label = \"Key\", kind = \"secret\" }]");
        let credentials = [("key".to_owned(), "hunter2".to_owned())].into_iter().collect();
        let redactor = Redactor::new(&vendor, &credentials, None);
        let query: Vec<_> = COMMON
            .map(|name| QueryItem {
                name: format!("p[{name}]").into(),
                value: QueryValue::Argument { name: name.into(), repeat: false },
            })
            .into();
        let nothing = Map::new();
        let arguments = self.sent.as_object().unwrap_or(&nothing);
        let asked =
            Asked { paging: &self.paging, query: &query, arguments, has_fields: true, redactor: &redactor };
        let mut headers = HeaderMap::new();
        headers.extend(self.link.map(|link| (reqwest::header::LINK, link.parse().unwrap())));
        let items = json!({"items": [{"id": 7}, {"id": 8}, {"id": 9}]});
        let text = self.answer.as_ref().unwrap_or(&items).to_string();
        then(Page::of(asked, &headers, &text, "/items"))
    }

    /// The note under the whole page.
    fn more(&self) -> Option<String> {
        self.page(|page| page?.more())
    }

    /// The note where two of three items are shown.
    fn rest(&self) -> String {
        self.page(|page| page.unwrap().rest(2))
    }
}

fn pages() -> Paging {
    Paging { size: Some("size".into()), page: Some("page".into()), ..Paging::default() }
}

fn after(inclusive: bool) -> Paging {
    let after = AfterEntry { parameter: "after".into(), member: "/id".into(), inclusive };
    Paging { size: Some("size".into()), after: Some(after), ..Paging::default() }
}

fn cursor() -> Paging {
    let cursor = CursorEntry { parameter: "token".into(), answer: "/next".into() };
    Paging { size: Some("size".into()), cursor: Some(cursor), ..Paging::default() }
}

#[test]
fn the_rest_of_a_page_that_was_cut() {
    let rest = |paging, sent| Case { paging, sent, ..Case::default() }.rest();
    let again = "for the rest call again with";
    assert_eq!(rest(Paging::default(), json!({})), "choose fewer fields, or filters");
    assert_eq!(rest(pages(), json!({})), format!("{again} size=2, page=2"));
    assert_eq!(rest(pages(), json!({"size": 3, "page": 1})), format!("{again} size=2, page=2"));
    // Five items are known: of pages of two, the third begins with the fifth.
    assert_eq!(rest(pages(), json!({"size": 3, "page": 2})), format!("{again} size=2, page=3"));
    assert_eq!(rest(pages(), json!({"size": 3, "page": 5})), format!("{again} size=2, page=8"));
    let unknown = format!("{again} size at most 2, or choose fewer fields, or filters");
    assert_eq!(rest(pages(), json!({"page": 5})), unknown, "nobody knows how large the pages before were");
    assert_eq!(rest(cursor(), json!({"token": "x"})), unknown);
    let skip = Paging { size: Some("size".into()), offset: Some("skip".into()), ..Paging::default() };
    assert_eq!(rest(skip, json!({"skip": 40})), format!("{again} skip=42"));
    assert_eq!(rest(after(false), json!({})), format!("{again} after=8"));
    assert_eq!(rest(after(true), json!({})), format!("{again} after=9"));
    let fixed = Paging { page: Some("page".into()), fixed_size: Some(3), ..Paging::default() };
    assert_eq!(rest(fixed, json!({"page": 4})), "choose fewer fields, or filters; the next page: page=5");
    let short = Paging { page: Some("page".into()), fixed_size: Some(4), ..Paging::default() };
    assert_eq!(rest(short, json!({})), "choose fewer fields, or filters");
}

#[test]
fn every_item_comes_once_at_least() {
    for size in 2_u64..30 {
        for (page, shown) in (1_u64..6).flat_map(|page| (1..size).map(move |shown| (page, shown))) {
            let case = Case { paging: pages(), sent: json!({"size": size, "page": page}), ..Case::default() };
            let behind = |page: Option<Page<'_>>| page?.asked.behind(usize::try_from(shown).unwrap(), "{}");
            let said = case.page(behind).unwrap();
            let next: u64 = said.rsplit('=').next().unwrap().parse().unwrap();
            let (begins, seen) = ((next - 1) * shown, (page - 1) * size + shown);
            assert!(begins <= seen && seen < begins + shown, "{size} {page} {shown}: {said}");
        }
    }
}

#[test]
fn a_full_page_may_not_be_the_last() {
    let more = |paging, sent| Case { paging, sent, ..Case::default() }.more();
    let full = |how: &str| Some(format!("[A full page: there may be more; {how}.]"));
    assert_eq!(more(pages(), json!({"size": 3})), full("page=2"));
    assert_eq!(more(pages(), json!({"size": 3, "page": 4})), full("page=5"));
    assert_eq!(more(pages(), json!({"size": 4, "page": 4})), None, "a short page");
    assert_eq!(more(pages(), json!({})), None, "nobody knows the vendor's own size");
    let skip = Paging { size: Some("size".into()), offset: Some("skip".into()), ..Paging::default() };
    assert_eq!(more(skip, json!({"size": 3, "skip": 6})), full("skip=9"));
    assert_eq!(more(after(true), json!({"size": 3})), full("after=10"));
    let only_size = Paging { size: Some("size".into()), ..Paging::default() };
    assert_eq!(more(only_size, json!({"size": 3})), full("a larger size, or filters"));
    let fixed = Paging { page: Some("page".into()), fixed_size: Some(3), ..Paging::default() };
    assert_eq!(more(fixed, json!({"page": 1})), full("page=2"));
    assert_eq!(more(Paging::default(), json!({})), None);
    let empty = Case {
        paging: pages(),
        sent: json!({"size": 0}),
        answer: Some(json!({"items": []})),
        ..Case::default()
    };
    assert_eq!(empty.more(), None);
}

#[test]
fn what_the_vendor_says_comes_first() {
    let link = |link, sent| Case { paging: pages(), sent, link: Some(link), ..Case::default() }.more();
    let next = |how: &str| Some(format!("[The next page: {how}.]"));
    let sent = || json!({"size": 3, "page": 1});
    assert_eq!(link("<https://h/x?p[page]=2&p[size]=3>; rel=next", sent()), next("page=2"));
    assert_eq!(link("<https://h/x?p%5Bpage%5D=2&p%5Bname%5D=n#f>; rel=next", sent()), next("page=2"));
    assert_eq!(link("<?p[token]=ab+c%22&p[page]=1>; rel=next", sent()), next(r#"token="ab c\"""#));
    assert_eq!(link("<?p[page]=1&p[size]=3>; rel=prev", json!({"size": 3, "page": 2})), None, "the last");
    let there = Some("[There are more: narrow it with filters.]".to_owned());
    for elsewhere in ["<https://h/x?other=2>; rel=next", "</x>; rel=next", "<?p[page]=2&p[page]=3>; rel=next"]
    {
        assert_eq!(link(elsewhere, sent()), there, "{elsewhere}");
    }
    for secret in
        ["<?p[token]=hunter2>; rel=next", "<?p[token]=x%68unter2>; rel=next", "<?key=hunter2>; rel=next"]
    {
        assert_eq!(link(secret, sent()), there, "{secret}");
    }
    let cut = Case { paging: pages(), sent: sent(), link: Some("<?p[page]=2>; rel=next"), ..Case::default() };
    assert_eq!(cut.rest(), "for the rest call again with size=2, page=2");
}

#[test]
fn cursors_and_addresses_in_the_answer() {
    let more = |paging: Paging, next: Value| {
        let answer = json!({"items": [{"id": 7}], "next": next});
        Case { paging, sent: json!({"size": 1}), answer: Some(answer), ..Case::default() }.more()
    };
    let next = |how: &str| Some(format!("[The next page: {how}.]"));
    assert_eq!(more(cursor(), json!("abc==")), next("token=abc=="));
    assert_eq!(more(cursor(), json!("/abc==")), next("token=/abc=="));
    assert_eq!(more(cursor(), json!(42)), next("token=42"));
    assert_eq!(more(cursor(), json!("a]\nb")), next(r#"token="a]\nb""#));
    assert_eq!(more(cursor(), json!("hunter2")).unwrap(), "[There are more: narrow it with filters.]");
    assert_eq!(more(cursor(), json!("x".repeat(2000))).unwrap(), "[There are more: narrow it with filters.]");
    assert_eq!(
        more(cursor(), json!("https://h/x?p[token]=t1&p[size]=1")),
        next("token=t1"),
        "as the address says"
    );
    for last in [json!(null), json!(""), json!(false)] {
        assert_eq!(more(cursor(), last), None);
    }
    let address = || Paging { next: Some("/next".into()), ..pages() };
    assert_eq!(more(address(), json!("https://h/v2/x?p[page]=0&p[size]=1")), next("page=0"));
    assert_eq!(more(address(), json!(null)), None);
    let cut = Case { paging: address(), sent: json!({}), ..Case::default() };
    assert_eq!(cut.rest(), "for the rest call again with size at most 2, or choose fewer fields, or filters");
}

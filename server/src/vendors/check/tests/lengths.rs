//! Whatever is too long, or twice there, or cannot be read, is told with its line.

use super::*;

/// One more than so many characters are too many.
#[track_caller]
fn at_most(limit: usize, line: usize, problems_with: impl Fn(&str) -> Vec<String>) {
    assert_eq!(problems_with(&"ä".repeat(limit)), Vec::<String>::new(), "{limit} are allowed");
    expect(&problems_with(&"ä".repeat(limit + 1)), line, &format!("{} characters", limit + 1));
}

fn instead(from: &str, to: &str) -> Vec<String> {
    let whole = manifest(FIELD);
    assert!(whole.contains(from), "{from}");
    problems(&whole.replace(from, to))
}

#[test]
fn texts() {
    let line = |start: &str| 1 + manifest(FIELD).lines().position(|line| line.starts_with(start)).unwrap();
    let whole = |start: &str| manifest(FIELD).lines().nth(line(start) - 1).unwrap().to_owned();
    for (key, limit) in [("name", 40), ("summary", 160), ("initials", 3)] {
        let start = format!("{key} = ");
        at_most(limit, line(&start), |text| instead(&whole(&start), &format!("{start}\"{text}\"")));
    }
    at_most(60, 12, |text| instead("label = \"Key\"", &format!("label = \"{text}\"")));
    at_most(60, 21, |text| tool(&format!("title = \"{text}\"")));
    at_most(160, 21, |text| tool(&format!("description = \"{text}\"")));
    at_most(220, 23, |text| tool(&format!("verified = false\nuncertain = \"{text}\"")));
    let param = |text: &str| {
        tool(&format!(
            "params = [{{ name = \"id\", in = \"query\", type = \"string\", description = \"{text}\" }}]"
        ))
    };
    at_most(220, 22, param);
}

#[test]
fn names_that_are_there_twice_and_keys_without_effect() {
    let get = "[[tools]]\nname = \"get_x\"\ntitle = \"Get x\"\ndescription = \"Gets x.\"\nrisk = \"read\"\nmethod = \"GET\"\npath = \"/x\"\n";
    let found = problems(&manifest(&format!("{FIELD}{get}{get}")));
    expect(&found, 23, "there is another tool `get_x`");
    assert_eq!(found.len(), 1, "{found:#?}");
    let id = "name = \"id\", in = \"path\", type = \"string\", required = true, description = \"Id.\"";
    expect(&tool(&format!("path = \"/x/{{id}}\"\nparams = [{{ {id}, as = \"ID\" }}]")), 22, "has no effect");
    let whole = manifest("");
    let found = problems(&whole);
    assert!(found.iter().any(|problem| problem.contains("fields")), "no field at all: {found:#?}");
}

#[test]
fn files() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sample.toml");
    std::fs::write(&file, b"slug = \"\xff\"").unwrap();
    assert!(read_file(&file).unwrap_err().to_string().contains("UTF-8"));
    std::fs::write(&file, vec![b'#'; 1 << 20]).unwrap();
    assert!(read_file(&file).is_ok());
    std::fs::write(&file, vec![b'#'; (1 << 20) + 1]).unwrap();
    assert!(read_file(&file).unwrap_err().to_string().contains("at most 1 MiB"));
}

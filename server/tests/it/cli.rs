//! The command line, as the operator meets it: the real binary in processes of its own.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::Path,
    process::{Command, Output, Stdio},
};

use gateway_server::clock::{self, Clock};
use gateway_store::{Database, Purpose, organizations, upgrade_codes};

use crate::gateway::{Browser, PASSWORD, database_url};

fn command(data: &Path, database: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mcp-gateway"));
    command.args(arguments).env("MCP_GATEWAY_DATA_DIR", data).env("MCP_GATEWAY_DATABASE_URL", database);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(data: &Path, database: &str, arguments: &[&str], input: &str) -> Output {
    let mut child = command(data, database, arguments).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn stdout(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn failure(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// Kills the process if the test fails before it ends by itself.
struct Serving(std::process::Child);

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn serve_prints_its_address_and_commands_work_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let database = database_url(&folder).await;
    let mut command = command(folder.path(), &database, &["serve", "--listen", "127.0.0.1:0"]);
    let log = folder.path().join("log");
    let mut serving = Serving(command.stderr(std::fs::File::create(&log).unwrap()).spawn().unwrap());
    let mut lines = BufReader::new(serving.0.stdout.take().unwrap()).lines();
    let url = lines.next().unwrap().unwrap().strip_prefix("listening on ").unwrap().to_owned();
    let link = lines.map(Result::unwrap).find(|line| line.contains("/auth/setup?token=")).unwrap();
    assert!(link.trim().starts_with(&url), "{link}");
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.contains("MADE A NEW MASTER KEY") && !log.contains('\u{1b}'), "no colours in a file: {log}");

    let create = ["user", "create", "--email", "ada@msp.example", "--name", "Ada", "--password-stdin"];
    let made = run(folder.path(), &database, &create, &format!("{PASSWORD}\n"));
    assert!(stdout(&made).starts_with("made the account ada@msp.example"));
    let browser = Browser::new(&url);
    let sign_in = |password: &str| serde_json::json!({"email": "ADA@msp.example", "password": password});
    assert_eq!(browser.post("/api/session", &sign_in(PASSWORD)).await.status(), 200);

    let again = run(folder.path(), &database, &create, PASSWORD);
    assert!(failure(&again).contains("there is an account with the e-mail address ada@msp.example already"));
    let short = run(folder.path(), &database, &create, "short");
    assert!(failure(&short).contains("at least 12 characters"));

    let reset = ["user", "reset-password", "--email", "ada@msp.example", "--password-stdin"];
    stdout(&run(folder.path(), &database, &reset, "a completely new password"));
    assert_eq!(browser.get("/api/me").await.status(), 401, "its sessions have ended");
    assert_eq!(browser.post("/api/session", &sign_in("a completely new password")).await.status(), 200);
}

#[tokio::test]
async fn codes_are_printed_alone_and_different() {
    let folder = tempfile::tempdir().unwrap();
    let database = database_url(&folder).await;
    let code = |more: &[&str]| {
        let arguments = [&["code", "create"], more].concat();
        stdout(&run(folder.path(), &database, &arguments, ""))
    };
    let first = code(&[]);
    let second = code(&["--uses", "5", "--expires-in", "30d"]);
    assert_eq!((first.lines().count(), first.trim().len()), (1, 43), "only the code: {first}");
    assert_ne!(first, second);
    let wrong = run(folder.path(), &database, &["code", "create", "--uses", "0"], "");
    assert!(failure(&wrong).contains("--uses"));
}

#[tokio::test]
async fn vendors_check_names_file_and_line() {
    let folder = tempfile::tempdir().unwrap();
    let good = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vendors/itglue.toml");
    let check =
        |file: &Path| run(folder.path(), "sqlite:unused", &["vendors", "check", file.to_str().unwrap()], "");
    assert!(stdout(&check(&good)).contains("good"));
    let bad = folder.path().join("bad.toml");
    let text = std::fs::read_to_string(&good).unwrap().replacen("category =", "categorie =", 1);
    std::fs::write(&bad, text).unwrap();
    let output = check(&bad);
    assert!(!output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("bad.toml:") && said.contains("categorie"), "{said}");
}

#[test]
fn who_reads_no_further_is_no_error() {
    let folder = tempfile::tempdir().unwrap();
    let good = concat!(env!("CARGO_MANIFEST_DIR"), "/../vendors/itglue.toml");
    let mut child = command(folder.path(), "sqlite:unused", &["vendors", "check", good]).spawn().unwrap();
    drop(child.stdout.take());
    drop(child.stdin.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    assert!(output.status.success());
}

#[test]
fn vendors_import_openapi_drafts_and_never_overwrites() {
    let folder = tempfile::tempdir().unwrap();
    let import = |more: &[&str]| {
        let document = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vendors/openapi/alertmanager.yaml");
        run(folder.path(), "sqlite:unused", &[&["vendors", "import-openapi", document], more].concat(), "")
    };
    let printed = stdout(&import(&["--slug", "am"]));
    let file = folder.path().join("am.toml");
    let output = ["--slug", "am", "--output", file.to_str().unwrap()];
    let said = stdout(&import(&output));
    assert!(said.contains("9 tools, 0 operations left out"), "{said}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), printed);
    std::fs::write(&file, "mine").unwrap();
    assert!(failure(&import(&output)).contains("am.toml exists; --force replaces it"));
    let unknown = [&output[..], &["--force", "--include", "silences"]].concat();
    assert!(failure(&import(&unknown)).contains("did you mean silence"));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "mine", "nothing is written by a failed import");
    let chosen = [&output[..], &["--force", "--include", "silence", "getStatus"]].concat();
    assert!(stdout(&import(&chosen)).contains("5 tools"));

    let check = run(folder.path(), "sqlite:unused", &["vendors", "check", file.to_str().unwrap()], "");
    let said = stdout(&check);
    assert!(said.contains(": warning: not decided yet: ") && said.contains("am.toml: good, with "), "{said}");
    let bad = folder.path().join("bad.toml");
    std::fs::write(&bad, "slug = 1\n").unwrap();
    let both = ["vendors", "check", file.to_str().unwrap(), bad.to_str().unwrap()];
    let output = run(folder.path(), "sqlite:unused", &both, "");
    assert!(!output.status.success());
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("am.toml: good") && said.contains("bad.toml:1: "), "{said}");
}

#[test]
fn a_wrong_option_is_explained() {
    let mut child =
        command(Path::new("."), "sqlite:unused", &["serve", "--sign-up", "sometimes"]).spawn().unwrap();
    let mut text = String::new();
    child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(!child.wait().unwrap().success());
    assert!(text.contains("invited, open, closed"), "{text}");
}

#[tokio::test]
async fn codes_are_listed_and_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let database = database_url(&folder).await;
    let run = |arguments: &[&str]| run(folder.path(), &database, arguments, "");
    assert!(stdout(&run(&["code", "list"])).contains("there are no codes"));
    let code = stdout(&run(&["code", "create", "--uses", "5", "--expires-in", "30d"]));
    stdout(&run(&["code", "create"]));
    let list = stdout(&run(&["code", "list"]));
    let lines: Vec<_> = list.lines().collect();
    assert_eq!(lines.len(), 3, "{list}");
    assert!(lines[1].contains("0 of 1") && lines[1].contains("good") && lines[1].contains("never"), "{list}");
    assert!(lines[2].contains("0 of 5"), "{list}");
    assert!(!list.contains(code.trim()), "the code itself is not kept");

    let id = lines[2].split_whitespace().next().unwrap();
    assert!(stdout(&run(&["code", "revoke", id])).contains("5 of 5 use(s) were left"));
    assert!(stdout(&run(&["code", "list"])).lines().nth(2).unwrap().contains("revoked"));
    let unknown = run(&["code", "revoke", "0199c1c4-7a5e-7000-8000-000000000001"]);
    assert!(failure(&unknown).contains("there is no code with the id"));
    assert!(failure(&run(&["code", "revoke", "x"])).contains("invalid value 'x' for '<ID>'"));
}

#[tokio::test]
async fn keys_are_rotated_and_listed() {
    let folder = tempfile::tempdir().unwrap();
    let database = database_url(&folder).await;
    let run = |arguments: &[&str]| run(folder.path(), &database, arguments, "");
    assert!(stdout(&run(&["keys", "list"])).contains("there are no keys yet"));
    let early = failure(&run(&["keys", "rotate"]));
    assert!(early.contains("there is no master key file") && early.contains("--master-key-file"), "{early}");
    let mut command = command(folder.path(), &database, &["serve", "--listen", "127.0.0.1:0"]);
    let mut serving = Serving(command.stderr(Stdio::null()).spawn().unwrap());
    let mut lines = BufReader::new(serving.0.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().starts_with("listening on "));

    let said = stdout(&run(&["keys", "rotate"]));
    assert!(said.contains("signs from now on; tokens that the older key signed stay good"), "{said}");
    let list = stdout(&run(&["keys", "list"]));
    let lines: Vec<_> = list.lines().collect();
    assert!(lines[1].ends_with("signs") && lines[2].contains("verifies until"), "{list}");
    let said = stdout(&run(&["keys", "rotate", "--distrust-older"]));
    assert!(said.contains("good no more"), "{said}");
    assert_eq!(stdout(&run(&["keys", "list"])).lines().count(), 2);
    assert!(stdout(&run(&["audit", "export"])).contains("keys.rotate"));
}

#[tokio::test]
async fn who_used_a_code_is_listed_also_when_they_are_gone() {
    let folder = tempfile::tempdir().unwrap();
    let database = database_url(&folder).await;
    let run = |arguments: &[&str], input: &str| run(folder.path(), &database, arguments, input);
    let code = stdout(&run(&["code", "create", "--uses", "2"], ""));
    let create = ["user", "create", "--email", "ada@msp.example", "--name", "Ada", "--password-stdin"];
    stdout(&run(&create, PASSWORD));
    let list = stdout(&run(&["organization", "list"], ""));
    let organization = list.lines().nth(1).unwrap().split_whitespace().next().unwrap().parse().unwrap();

    let store = Database::open(&database, Purpose::Command).await.unwrap();
    let mut transaction = store.write().await.unwrap();
    let (hash, now) = (clock::hash_token(code.trim()), Clock::system().now());
    upgrade_codes::redeem(&mut transaction, &hash, organization, now).await.unwrap().unwrap();
    transaction.commit().await.unwrap();
    let list = stdout(&run(&["code", "list"], ""));
    assert!(list.contains("1 of 2") && list.contains("Ada"), "{list}");

    let mut transaction = store.write().await.unwrap();
    organizations::delete(&mut transaction, organization).await.unwrap();
    transaction.commit().await.unwrap();
    let list = stdout(&run(&["code", "list"], ""));
    assert!(list.contains(&format!("{organization} (deleted)")), "{list}");
    let log = stdout(&run(&["audit", "export", "--organization", &organization.to_string()], ""));
    assert!(log.contains("account.create"), "the log outlives what it is about: {log}");
}

#[tokio::test]
async fn the_operator_sets_plans_and_reads_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let database = database_url(&folder).await;
    let run = |arguments: &[&str], input: &str| run(folder.path(), &database, arguments, input);
    assert!(stdout(&run(&["organization", "list"], "")).contains("there are no organizations"));
    let create = ["user", "create", "--email", "ada@msp.example", "--name", "Ada", "--password-stdin"];
    stdout(&run(&create, PASSWORD));
    let list = stdout(&run(&["organization", "list"], ""));
    let line: Vec<_> = list.lines().nth(1).unwrap().split_whitespace().collect();
    assert_eq!(line[1..3], ["free", "1"], "{list}");
    let id = line[0];

    let set = |plan: &str| run(&["organization", "set-plan", id, plan], "");
    assert!(stdout(&set("pro")).contains("is on the plan Pro now"));
    assert!(stdout(&set("pro")).contains("is on the plan Pro already"));
    assert!(stdout(&set("free")).contains("is on the plan Free now"));
    let wrong = failure(&set("gold"));
    assert!(wrong.contains("[possible values: free, pro]"), "{wrong}");
    let unknown = run(&["organization", "set-plan", "0199c1c4-7a5e-7000-8000-000000000001", "pro"], "");
    assert!(failure(&unknown).contains("there is no organization with the id"));

    let log = stdout(&run(&["audit", "export", "--organization", id], ""));
    let actions: Vec<_> = log.lines().skip(1).map(|line| line.split(',').nth(7).unwrap()).collect();
    assert_eq!(actions, ["organization.plan", "organization.plan", "account.create"]);
    assert!(log.contains("free -> pro") && log.contains("pro -> free"), "{log}");
    assert!(stdout(&run(&["audit", "export"], "")).contains("audit.export"), "that it was read is on record");
    assert_eq!(stdout(&run(&["audit", "export", "--until", "2020-01-01"], "")).lines().count(), 1);
    let wrong = failure(&run(&["audit", "export", "--since", "monday"], ""));
    assert!(wrong.contains("a date like 2026-11-23"), "{wrong}");
}

#[test]
fn a_retention_that_is_none_is_explained() {
    let output = run(Path::new("."), "sqlite:unused", &["serve", "--audit-retention", "soon"], "");
    assert!(failure(&output).contains("a number of days, or `forever`"));
}

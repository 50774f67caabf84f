//! The command line, as the operator meets it: the real binary in processes of its own.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::Path,
    process::{Command, Output, Stdio},
};

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
    let mut serving = Serving(command.stderr(Stdio::null()).spawn().unwrap());
    let mut lines = BufReader::new(serving.0.stdout.take().unwrap()).lines();
    let url = lines.next().unwrap().unwrap().strip_prefix("listening on ").unwrap().to_owned();
    let link = lines.map(Result::unwrap).find(|line| line.contains("/auth/setup?token=")).unwrap();
    assert!(link.trim().starts_with(&url), "{link}");

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
fn a_wrong_option_is_explained() {
    let mut child =
        command(Path::new("."), "sqlite:unused", &["serve", "--sign-up", "sometimes"]).spawn().unwrap();
    let mut text = String::new();
    child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
    assert!(!child.wait().unwrap().success());
    assert!(text.contains("invited, open, closed"), "{text}");
}

//! A real Icinga 2 (Debian package `icinga2-bin`) with a certificate authority of its own, in a folder of its own.

use std::path::Path;
use std::process::Command;

use gateway_server::vendors::{CallError, Catalog, Risk, Verdict, check_fields};

use super::Table;
use super::program::{Program, binary};
use crate::rig::{Rig, loopback};

const CONFIGURATION: &str = include_str!("icinga2.conf");
const PASSWORD: &str = "icinga-test-password";

/// A certificate of an authority that signed nothing here.
const FOREIGN_AUTHORITY: &str = include_str!("../../../src/vendors/testdata/authority.pem");

/// The node's name is the name in its certificate.
const NODE: &str = "localhost";

struct Icinga {
    program: Program,
    authority: String,
}

impl Icinga {
    async fn start() -> Self {
        let icinga2 = binary("ICINGA2", "/usr/sbin/icinga2", "icinga2-bin");
        let mut program = Program::prepare("icinga2");
        for folder in
            ["data/ca", "data/certs", "data/api/packages", "log", "cache/crash", "spool", "run", "etc"]
        {
            std::fs::create_dir_all(program.folder.join(folder)).unwrap();
        }
        let settings = settings(&program);
        let authority = certificates(&icinga2, &program, &settings);
        let configuration = CONFIGURATION
            .replace("{port}", &program.choose_port().to_string())
            .replace("{password}", PASSWORD)
            .replace("{folder}", &program.path(""));
        let configuration = program.write("icinga2.conf", &configuration);
        let words = [vec!["daemon".to_owned(), "--config".to_owned(), configuration], settings].concat();
        program
            .start(
                Path::new("/usr/bin/env"),
                &[as_self(), vec![icinga2.display().to_string()], words].concat(),
            )
            .await;
        Self { program, authority }
    }

    fn url(&self) -> String {
        format!("https://{NODE}:{}", self.program.port)
    }

    /// A client of this Icinga, as somebody.
    fn rig(&self, username: &str, password: &str) -> Rig {
        rig(&[
            ("base_url", &self.url()),
            ("username", username),
            ("password", password),
            ("ca_certificate", &self.authority),
        ])
    }
}

fn rig(form: &[(&str, &str)]) -> Rig {
    Rig::new(&Catalog::load(None, None).0, "icinga2", loopback(), form)
}

/// Everything that Icinga writes goes to the folder, and it stays who it is.
fn settings(program: &Program) -> Vec<String> {
    let folders = [
        ("DataDir", "data"),
        ("LogDir", "log"),
        ("CacheDir", "cache"),
        ("SpoolDir", "spool"),
        ("InitRunDir", "run"),
        ("ConfigDir", "etc"),
    ];
    let mut settings: Vec<_> = folders
        .into_iter()
        .map(|(name, folder)| format!("--define={name}={}", program.path(folder)))
        .collect();
    settings.push(format!("--define=RunAsUser={}", own("-un")));
    settings.push(format!("--define=RunAsGroup={}", own("-gn")));
    settings
}

/// For `env`: started by root, Icinga would become the package's user otherwise.
fn as_self() -> Vec<String> {
    vec![format!("ICINGA2_USER={}", own("-un")), format!("ICINGA2_GROUP={}", own("-gn"))]
}

fn own(what: &str) -> String {
    String::from_utf8(Command::new("id").arg(what).output().unwrap().stdout).unwrap().trim().to_owned()
}

/// Makes the authority and the node's certificate with Icinga's own commands; the authority's certificate.
fn certificates(icinga2: &Path, program: &Program, settings: &[String]) -> String {
    let [key, csr, certificate] =
        ["key", "csr", "crt"].map(|kind| program.path(&format!("data/certs/{NODE}.{kind}")));
    let pki = |words: &[&str]| {
        let made = Command::new("env")
            .args(as_self())
            .arg(icinga2)
            .arg("pki")
            .args(words)
            .args(settings)
            .output()
            .unwrap();
        assert!(made.status.success(), "{words:?}: {made:?}");
    };
    pki(&["new-ca"]);
    pki(&["new-cert", "--cn", NODE, "--key", &key, "--csr", &csr]);
    pki(&["sign-csr", "--csr", &csr, "--cert", &certificate]);
    std::fs::copy(program.path("data/ca/ca.crt"), program.path("data/certs/ca.crt")).unwrap();
    std::fs::read_to_string(program.path("data/ca/ca.crt")).unwrap()
}

/// One test, so that keys are made and Icinga is started once, also where each test is a process.
#[tokio::test]
async fn every_tool_and_every_refusal() {
    let icinga = Icinga::start().await;
    who_is_accepted(&icinga).await;
    the_certificate_is_verified(&icinga).await;
    every_tool(&icinga).await;
}

async fn every_tool(icinga: &Icinga) {
    let rig = icinga.rig("gateway", PASSWORD);
    let mut table = Table::read("icinga2.toml");
    table.run(&rig).await;
    // The configuration has a notification leave its kind behind as a file.
    let kinds = |kind: &str| icinga.program.folder.join(format!("notified-{kind}")).exists();
    assert!(kinds("PROBLEM") && kinds("ACKNOWLEDGEMENT"), "nobody was notified");

    let wrong = icinga.rig("gateway", "wrong");
    table
        .refused(&wrong, |_| true, |error| matches!(error, CallError::Unauthorized { status: 401, .. }))
        .await;
    // Up to 2.13 a missing permission is told as "No objects found.", later as 403.
    let is_denied = |error: &CallError| {
        matches!(error, CallError::NotFound { .. } | CallError::Forbidden { status: 403, .. })
    };
    let reader = icinga.rig("reader", PASSWORD);
    table.refused(&reader, |risk| risk != Risk::Read, is_denied).await;
    let actor = icinga.rig("actor", PASSWORD);
    table.refused(&actor, |risk| risk == Risk::Read, is_denied).await;
}

async fn who_is_accepted(icinga: &Icinga) {
    let accepted = icinga.rig("gateway", PASSWORD).validate().await.unwrap();
    assert_eq!(accepted.account.as_deref(), Some("gateway"));
    for (username, password) in [("gateway", "wrong"), ("nobody", PASSWORD)] {
        let refused = icinga.rig(username, password).validate().await.unwrap_err();
        assert!(matches!(refused, CallError::Unauthorized { status: 401, .. }), "{refused:?}");
        assert_eq!(refused.verdict(), Verdict::BadCredential);
        assert!(refused.explain().contains("Please check your user credentials."), "{}", refused.explain());
    }
}

/// The certificate is believed for the sake of the given authority alone, and for its own name alone.
async fn the_certificate_is_verified(icinga: &Icinga) {
    let account = [("username", "gateway"), ("password", PASSWORD)];
    let try_with = async |base_url: &str, authority: Option<&str>| {
        let address = [Some(("base_url", base_url)), authority.map(|pem| ("ca_certificate", pem))];
        let form: Vec<_> = account.into_iter().chain(address.into_iter().flatten()).collect();
        rig(&form).validate().await
    };
    let by_address = format!("https://127.0.0.1:{}", icinga.program.port);
    let one_line = icinga.authority.replace('\n', " ");
    try_with(&icinga.url(), Some(&one_line)).await.unwrap();
    for (base_url, authority) in [
        (icinga.url(), None),
        (icinga.url(), Some(FOREIGN_AUTHORITY)),
        (by_address, Some(icinga.authority.as_str())),
    ] {
        let refused = try_with(&base_url, authority).await.unwrap_err();
        assert!(
            matches!(&refused, CallError::Unreachable { reason, .. } if reason.contains("certificate")),
            "{base_url} {authority:?}: {refused}"
        );
        assert_eq!(refused.verdict(), Verdict::CouldNotTell);
    }
    let catalog = Catalog::load(None, None).0;
    let plain = format!("http://{NODE}:{}", icinga.program.port);
    let form = account.into_iter().chain([("base_url", plain.as_str())]);
    let form = form.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let problems = check_fields(catalog.vendor("icinga2").unwrap(), &form).unwrap_err();
    assert!(problems.iter().any(|problem| problem.field == "base_url"), "{problems:?}");
}

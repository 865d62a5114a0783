//! The folders of studies: complete or not at all, verified, drawn again, and resumed where they stopped.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

use super::SMALL_LAB;

struct Desk {
    dir: tempfile::TempDir,
}

impl Desk {
    fn new() -> Desk {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("small.yaml"), SMALL_LAB).unwrap();
        Desk { dir }
    }
    fn gapcast(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_gapcast")).current_dir(self.dir.path()).args(arguments).output().unwrap()
    }
    #[track_caller]
    fn fine(&self, arguments: &[&str]) -> String {
        let out = self.gapcast(arguments);
        assert!(out.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    }
    fn json(&self, arguments: &[&str]) -> (i32, Value) {
        let out = self.gapcast(&[arguments, &["--json"]].concat());
        let said = serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {arguments:?}"));
        (out.status.code().unwrap(), said)
    }
    fn bytes(&self, folder: &str) -> Vec<(String, Vec<u8>)> {
        fn walk(at: &Path, name: &str, out: &mut Vec<(String, Vec<u8>)>) {
            for entry in fs::read_dir(at).unwrap() {
                let entry = entry.unwrap();
                let name = format!("{name}/{}", entry.file_name().to_string_lossy());
                if entry.path().is_dir() {
                    walk(&entry.path(), &name, out);
                } else if !name.ends_with("run.json") {
                    out.push((name, fs::read(entry.path()).unwrap()));
                }
            }
        }
        let mut out = Vec::new();
        walk(&self.dir.path().join(folder), "", &mut out);
        out.sort();
        out
    }
}

const COMMANDS: [&[&str]; 11] = [
    &["rare", "small.yaml", "-n", "4096"],
    &["compare", "small.yaml", "--variants", "all", "-n", "300"],
    &["compare", "small.yaml", "--with", "lab.opening.cash=20M USD; lab.people.cost=14M USD/yr", "-n", "300"],
    &["sens", "small.yaml", "-n", "100"],
    &["sens", "small.yaml", "--method", "tenths", "-n", "300"],
    &["sens", "small.yaml", "--method", "rank", "-n", "300"],
    &["sens", "small.yaml", "--method", "sobol", "--target", "peak_funding", "-n", "300"],
    &["solve", "small.yaml", "--vary", "lab.opening.cash", "--until", "p(cash_out) < 20%", "-n", "300"],
    &["solve", "small.yaml", "--reverse-stress", "-n", "300"],
    &[
        "sweep",
        "small.yaml",
        "--grid",
        "lab.opening.cash=20M USD..40M USD/10M USD",
        "--grid",
        "lab.people.cost=9M USD/yr,12M USD/yr",
        "--ask",
        "p(cash_out) < 20%",
        "-n",
        "300",
    ],
    &["frontier", "small.yaml", "--over", "lab.opening.cash=20M USD,40M USD", "-n", "300"],
];

#[test]
fn every_study_is_verified_and_drawn_again() {
    let desk = Desk::new();
    for arguments in COMMANDS {
        let said = desk.fine(&[arguments, &["--name", "s", "--force"]].concat());
        assert!(said.lines().count() <= 25, "{arguments:?} prints {} lines", said.lines().count());
        assert!(said.contains("± is one standard error. Files in"), "{said}");
        desk.fine(&["verify", "output/s"]);
        let before = desk.bytes("output/s");
        assert!(
            before.iter().any(|(name, _)| name == "/report.html")
                && before.iter().any(|(name, _)| name == "/study.json")
        );
        assert!(
            before
                .iter()
                .any(|(name, bytes)| name.contains(".csv") && String::from_utf8_lossy(bytes).lines().count() > 1)
        );
        desk.fine(&["report", "output/s", "--out", "slides", "--size", "800x600", "--force"]);
        assert!(fs::read_dir(desk.dir.path().join("slides")).unwrap().count() > 0, "{arguments:?} exports no chart");
        fs::remove_file(desk.dir.path().join("output/s/report.html")).unwrap();
        desk.fine(&["report", "output/s"]);
        assert!(desk.bytes("output/s") == before, "{arguments:?} is drawn differently");
        // One JSON document, with the same answer.
        let (code, told) = desk.json(&[arguments, &["--name", "s", "--force"]].concat());
        assert_eq!((code, told["command"].as_str()), (0, Some(arguments[0])));
        let kept: Value =
            serde_json::from_slice(&fs::read(desk.dir.path().join("output/s/study.json")).unwrap()).unwrap();
        for (key, value) in kept.as_object().unwrap() {
            assert_eq!(&told[key], value, "{arguments:?}: {key}");
        }
    }
    // The short way to compare variants.
    desk.fine(&["run", "small.yaml", "--variants", "all", "-n", "300", "--name", "v", "--quiet"]);
    assert!(desk.dir.path().join("output/v/compare.csv").exists());
    // A changed table is seen.
    let table = desk.dir.path().join("output/s/frontier.csv");
    fs::write(&table, fs::read_to_string(&table).unwrap() + "x").unwrap();
    assert_eq!(desk.gapcast(&["verify", "output/s"]).status.code(), Some(3));
}

#[test]
fn a_study_goes_on_where_it_stopped_and_ends_with_the_same_bytes() {
    let desk = Desk::new();
    let sweep = |grid: &str, name: &str, more: &[&str]| {
        let arguments = ["sweep", "small.yaml", "--grid", grid, "-n", "500", "--name", name];
        desk.fine(&[&arguments, more].concat());
    };
    sweep("lab.opening.cash=20M USD..40M USD/5M USD", "whole", &["--no-cache"]);
    assert!(!desk.dir.path().join("output/.points").exists());
    // Two of the five points are there from before.
    sweep("lab.opening.cash=20M USD,35M USD", "part", &[]);
    let entries = || fs::read_dir(desk.dir.path().join("output/.points")).unwrap().count();
    let before = entries();
    sweep("lab.opening.cash=20M USD..40M USD/5M USD", "resumed", &["-j", "1"]);
    assert_eq!(entries() - before, 3, "only what is missing is computed");
    assert!(desk.bytes("output/whole") == desk.bytes("output/resumed"));
    sweep("lab.opening.cash=20M USD..40M USD/5M USD", "again", &["-j", "2"]);
    assert!(desk.bytes("output/whole") == desk.bytes("output/again"));
    // A damaged entry is computed again.
    for entry in fs::read_dir(desk.dir.path().join("output/.points")).unwrap() {
        fs::write(entry.unwrap().path(), "{}").unwrap();
    }
    sweep("lab.opening.cash=20M USD..40M USD/5M USD", "mended", &[]);
    assert!(desk.bytes("output/whole") == desk.bytes("output/mended"));
}

#[test]
fn wrong_questions_have_exit_code_two_and_leave_nothing() {
    let desk = Desk::new();
    for (arguments, says) in [
        (vec!["compare", "small.yaml"], "needs two cases"),
        (vec!["compare", "small.yaml:nothing", "small.yaml"], "nothing"),
        (vec!["compare", "small.yaml", "--variants", "nothing"], "nothing"),
        (vec!["sens", "small.yaml", "--by", "120%"], "not a share between"),
        (vec!["sens", "small.yaml", "--target", "cashout"], "did you mean `cash_out`?"),
        (
            vec!["solve", "small.yaml", "--vary", "lab.opening.cash=5..3", "--until", "p(cash_out) < 1%"],
            "the smaller first",
        ),
        (vec!["solve", "small.yaml", "--vary", "lab.opening.cash", "--until", "p(cash_out) < 1 GW"], "percentage"),
        (vec!["sweep", "small.yaml", "--grid", "lab.opening.cash=1M USD..9B USD/1M USD"], "more than 1000"),
        (vec!["sweep", "small.yaml", "--grid", "lab.opening.chas=1M USD,2M USD"], "unknown key `chas`"),
        (
            vec![
                "sweep",
                "small.yaml",
                "--grid",
                "lab.people.cost=1M USD/yr,2M USD/yr",
                "--grid",
                "lab.people.cost=1M USD/yr",
            ],
            "varied twice",
        ),
        (vec!["frontier", "small.yaml", "--variants", "other"], "other"),
    ] {
        let out = desk.gapcast(&arguments);
        let said = String::from_utf8_lossy(&out.stderr).into_owned();
        assert_eq!(out.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(says) && out.stdout.is_empty(), "{arguments:?}: {said}");
        let (code, told) = desk.json(&arguments);
        assert_eq!(code, 2, "{arguments:?}");
        assert!(told["error"]["message"].is_string(), "{told}");
    }
    let left = fs::read_dir(desk.dir.path().join("output"))
        .map_or(0, |d| d.filter(|e| e.as_ref().unwrap().file_name() != ".points").count());
    assert_eq!(left, 0);
    // No value works: the answer says so, with the exit code of a check that fails.
    let out = desk.gapcast(&[
        "solve",
        "small.yaml",
        "--vary",
        "lab.opening.cash=1M USD..2M USD",
        "--until",
        "p(cash_out) < 0.1%",
        "-n",
        "300",
    ]);
    assert_eq!(out.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&out.stdout).contains("No value of lab.opening.cash makes"));
}

//! Run folders: no foreign file is deleted, no run replaces another's unless told to, and whenever a run is killed, a
//! complete folder exists.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

use crate::hostile::bench::{Bench, SMALL};

const RUN: [&str; 8] = ["run", "small.yaml", "--name", "r", "-n", "64", "-q", "--no-charts"];

fn record(folder: &Path) -> Value {
    serde_json::from_slice(&fs::read(folder.join("run.json")).expect("a record")).expect("a whole record")
}

/// Every file that the record lists is there, in the size that it states.
fn assert_whole(folder: &Path) {
    let record = record(folder);
    let files = record["files_bytes"].as_object().expect("sizes of files");
    assert!(files.len() > 10);
    for (file, bytes) in files {
        let meta = fs::metadata(folder.join(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
        assert_eq!(Some(meta.len()), bytes.as_u64(), "{file}");
    }
}

/// Runs are killed at times from their beginning to their end; after each there is a complete folder, the old or the
/// new one, with any files that the user added. The next run removes what the killed one left.
#[test]
fn a_whole_folder_stands_at_every_moment_of_a_kill() {
    let b = Bench::new();
    b.file("small.yaml", SMALL);
    let run = b.gapcast(&RUN);
    assert!(matches!(run.code, Some(0 | 3)), "{}", run.err);
    let folder = b.path("output/r");
    fs::write(folder.join("notes.txt"), "mine").unwrap();
    for k in 0..25u64 {
        let seed = k.to_string();
        let mut child = Command::new(env!("CARGO_BIN_EXE_gapcast"))
            .args(RUN)
            .args(["--force", "--seed", &seed])
            .current_dir(b.path(""))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_millis(15 * k));
        // It may have ended before.
        let _ = child.kill();
        child.wait().unwrap();
        assert_whole(&folder);
        assert_eq!(fs::read_to_string(folder.join("notes.txt")).unwrap(), "mine", "after kill {k}");
    }
    let run = b.gapcast(&[&RUN[..], &["--force"]].concat());
    assert!(matches!(run.code, Some(0 | 3)), "{}", run.err);
    let left: Vec<_> = fs::read_dir(b.path("output")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["r"]);
    assert_eq!(fs::read_to_string(folder.join("notes.txt")).unwrap(), "mine");
}

/// A folder with somebody's work in it, with an empty record or one of another program, is left alone even with `--force`.
#[test]
fn what_is_not_ours_is_never_replaced() {
    let b = Bench::new();
    b.file("small.yaml", SMALL);
    for record in
        ["", "{}", "[]", "{\"program\": \"other\", \"files_sha256\": {}}", "{\"files_sha256\": {\"thesis.txt\": \"\"}}"]
    {
        let folder = b.path("output/r");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("thesis.txt"), "years of work").unwrap();
        fs::write(folder.join("run.json"), record).unwrap();
        for force in [&[][..], &["--force"]] {
            let run = b.gapcast(&[&RUN[..], force].concat());
            assert_eq!(run.code, Some(5), "{record}: {}", run.err);
            assert_eq!(fs::read_to_string(folder.join("thesis.txt")).unwrap(), "years of work", "{record}");
            assert_eq!(fs::read_to_string(folder.join("run.json")).unwrap(), record);
        }
        fs::remove_dir_all(&folder).unwrap();
    }
}

/// The variant `b` of the scenario `a` and the scenario `a-b` are called the same: the second does not replace the first. Nor
/// do another seed, other paths or another setting replace a run under one name; by default each has a folder of its own.
#[test]
fn no_run_replaces_another_without_a_word() {
    let b = Bench::new();
    for file in ["base", "folder-a", "folder-a-b"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/cases/{file}.yaml"));
        fs::copy(from, b.path(&format!("{file}.yaml"))).unwrap();
    }
    let quiet = ["-q", "--no-charts"];
    let run = |arguments: &[&str]| b.gapcast(&[&["run"], arguments, &quiet].concat());
    assert_eq!(run(&["folder-a.yaml", "--variant", "b"]).code, Some(0));
    let second = run(&["folder-a-b.yaml"]);
    assert_eq!(second.code, Some(2), "{}", second.err);
    assert!(second.err.contains("holds another run"), "{}", second.err);
    let kept = record(&b.path("output/a-b"));
    assert_eq!((&kept["scenario"], &kept["variant"]), (&Value::from("a"), &Value::from("b")));
    // The same again is the edit and run of every day.
    assert_eq!(run(&["folder-a.yaml", "--variant", "b"]).code, Some(0));
    let settings = [&["--seed", "2"][..], &["-n", "3"], &["--set", "lab.people.cost=13B USD/yr"]];
    for setting in settings {
        assert_eq!(run(&[&["folder-a.yaml"], setting].concat()).code, Some(0));
        assert_eq!(run(&[&["folder-a.yaml", "--variant", "b", "--name", "a-b"], setting].concat()).code, Some(2));
    }
    let folders = fs::read_dir(b.path("output")).unwrap().count();
    assert_eq!(folders, 1 + settings.len(), "each has a folder of its own");
}

/// What is not below the folder of the scenario is neither read nor quoted, by itself or through a folder that a stranger sends.
#[test]
fn nothing_outside_of_the_scenarios_tree_is_quoted() {
    let b = Bench::new();
    fs::write(b.dir.path().join("secret"), "root:x:0:0 secret words\n").unwrap();
    std::os::unix::fs::symlink(b.dir.path().join("secret"), b.path("link.yaml")).unwrap();
    for target in ["/etc/passwd", "../secret", "link.yaml", "/proc/self/environ"] {
        b.file("reads.yaml", format!("extends: {target}\nname: reads\n"));
        for command in ["check", "run"] {
            let ended = b.gapcast(&[command, "reads.yaml"]);
            assert_eq!(ended.code, Some(2), "{command} {target}");
            let said = ended.err + &ended.out;
            assert!(!said.contains("root:") && !said.contains("secret words") && !said.contains("PATH="), "{said}");
        }
    }
    b.file("small.yaml", SMALL);
    assert!(matches!(b.gapcast(&RUN).code, Some(0 | 3)));
    b.file("output/r/scenario.resolved.yaml", "extends: ../../../secret\nname: reads\n");
    let ended = b.gapcast(&["verify", "output/r"]);
    assert!(!ended.err.contains("secret words") && !ended.out.contains("secret words"), "{}{}", ended.err, ended.out);
}

/// Every field of the record that follows from the scenario is looked at, and what it holds cannot steer the terminal.
#[test]
fn verify_finds_a_record_that_was_changed() {
    let b = Bench::new();
    b.file("small.yaml", SMALL);
    assert!(matches!(b.gapcast(&RUN).code, Some(0 | 3)));
    let (path, whole) = (b.path("output/r/run.json"), record(&b.path("output/r")));
    assert_eq!(b.gapcast(&["verify", "output/r"]).code, Some(0));
    let changes = [
        ("seed", Value::from(7)),
        ("paths", Value::from(63)),
        ("months", Value::from(61)),
        ("start", Value::from("2027-01")),
        ("scenario", Value::from("x\u{1b}[2J")),
        ("set", serde_json::json!(["a=1"])),
        ("warnings", serde_json::json!(["\u{9b}31m"])),
        ("checks", serde_json::json!([])),
        ("inputs_sha256", serde_json::json!({"small.yaml": "0".repeat(64)})),
    ];
    for (key, value) in changes {
        let mut forged = whole.clone();
        forged[key] = value;
        fs::write(&path, forged.to_string()).unwrap();
        let ended = b.gapcast(&["verify", "output/r"]);
        assert_ne!(ended.code, Some(0), "{key}: {}", ended.out);
        let said = ended.out + &ended.err;
        assert!(!said.chars().any(|c| c.is_control() && c != '\n'), "{key}: {said:?}");
    }
}

/// A request for more threads than any machine has runs like any other.
#[test]
fn threads_beyond_all_measure() {
    let b = Bench::new();
    b.file("small.yaml", SMALL);
    let ended = b.gapcast(&[&RUN[..], &["-j", "100000"]].concat());
    assert!(matches!(ended.code, Some(0 | 3)), "{}", ended.err);
    assert!(record(&b.path("output/r"))["threads"].as_u64().unwrap() < 1000);
}

/// A stdout that takes nothing is an error of writing, whatever the command prints.
#[cfg(target_os = "linux")]
#[test]
fn a_full_stdout_is_said() {
    let b = Bench::new();
    b.file("small.yaml", SMALL);
    assert!(matches!(b.gapcast(&RUN).code, Some(0 | 3)));
    let commands: [&[&str]; 8] = [
        &["run", "small.yaml", "-n", "16", "--no-charts"],
        &["check", "small.yaml", "--json"],
        &["trace", "small.yaml", "--path", "1"],
        &["verify", "output/r"],
        &["schema"],
        &["schema", "--of", "run"],
        &["explain", "revenue"],
        &["completions", "bash"],
    ];
    for command in commands {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let ended = Command::new(env!("CARGO_BIN_EXE_gapcast"))
            .args(command)
            .current_dir(b.path(""))
            .stdout(full)
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert_eq!(ended.code(), Some(5), "{command:?}");
    }
}

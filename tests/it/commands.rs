//! What a user or a script may rely on beyond the numbers: JSON of every command and error, several files in one call, an
//! interrupted run, a folder that is verified, a file that is watched.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

const SMALL: &str = include_str!("../common/small.yaml");

struct Bench {
    dir: tempfile::TempDir,
}

impl Bench {
    fn new() -> Bench {
        let b = Bench { dir: tempfile::tempdir().unwrap() };
        b.file("small.yaml", SMALL);
        b
    }
    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }
    fn file(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
    }
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gapcast"));
        command.current_dir(self.dir.path()).args(arguments).env_remove("GAPCAST_LEVEL");
        command
    }
    fn gapcast(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }
    fn json(&self, arguments: &[&str]) -> (Option<i32>, Value) {
        let out = self.gapcast(arguments);
        let said = serde_json::from_slice(&out.stdout).unwrap_or_else(|e| panic!("{e}: {}", text(&out.stdout)));
        assert!(out.stderr.is_empty(), "{arguments:?} says on stderr: {}", text(&out.stderr));
        (out.status.code(), said)
    }
    /// The contents of a folder, including hidden files.
    fn entries(&self, folder: &str) -> Vec<String> {
        let Ok(entries) = fs::read_dir(self.path(folder)) else { return Vec::new() };
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Waits for a condition, for at most two minutes.
#[track_caller]
fn until(what: &str, holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(120), "{what} has not come");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

#[test]
fn every_error_is_one_document() {
    let b = Bench::new();
    b.file("broken.yaml", SMALL.replacen("cash: 20B USD", "cash: 20 GW", 1));
    fs::create_dir_all(b.path("output/small")).unwrap();
    b.file("output/small/thesis.txt", "years of work");
    fs::create_dir(b.path("bare")).unwrap();
    for (arguments, exit, code) in [
        (&["run", "--json"] as &[&str], 2, "usage"),
        (&["run", "small.yaml", "--pahts", "5", "--json"], 2, "usage"),
        (&["nonsense", "--json"], 2, "usage"),
        (&["run", "small.yaml", "small.yaml", "--json"], 2, "usage"),
        (&["trace", "broken.yaml", "--json"], 2, "invalid-scenario"),
        (&["trace", "small.yaml", "--path", "99999999", "--json"], 2, "usage"),
        (&["trace", "small.yaml", "-n", "64", "-o", "nowhere/x.json", "--json"], 5, "io"),
        (&["verify", "nowhere", "--json"], 5, "io"),
        (&["verify", "bare", "--json"], 5, "io"),
    ] {
        let (status, said) = b.json(arguments);
        assert_eq!(status, Some(exit), "{arguments:?}: {said}");
        assert_eq!(said["error"]["code"], code, "{arguments:?}: {said}");
        assert_eq!(said["error"]["exit_code"], exit, "{arguments:?}: {said}");
        assert!(said["error"]["message"].as_str().is_some_and(|m| m.len() > 10), "{said}");
    }
    let (_, said) = b.json(&["trace", "broken.yaml", "--json"]);
    assert_eq!(said["error"]["issues"][0]["place"]["file"], "broken.yaml", "{said}");
    // If several files are run, the list has an entry for each.
    let (status, said) = b.json(&["run", "small.yaml", "broken.yaml", "--json"]);
    assert_eq!(status, Some(2));
    assert!(said[0]["error"].is_null() && said[1]["error"]["code"] == "invalid-scenario", "{said}");
    let (status, said) = b.json(&["run", "small.yaml", "--name", "small", "-n", "64", "--json"]);
    assert_eq!((status, &said[0]["error"]["code"]), (Some(5), &Value::from("io")), "{said}");
    assert_eq!(b.entries("output/small"), ["thesis.txt"]);
}

#[test]
fn a_run_is_told_as_a_list_and_the_screen_says_the_same() {
    let b = Bench::new();
    b.file("other.yaml", SMALL.replacen("name: small", "name: other", 1) + "checks: [p(cash_out) < 0.1%]\n");
    let (status, said) = b.json(&["run", "small.yaml", "other.yaml", "-n", "300", "--no-charts", "--json"]);
    assert_eq!(status, Some(3), "{said}");
    assert_eq!((&said[0]["scenario"], &said[1]["scenario"]), (&Value::from("small"), &Value::from("other")));
    assert_eq!((&said[0]["exit_code"], &said[1]["exit_code"]), (&Value::from(0), &Value::from(3)));
    assert_eq!(said[1]["checks"][0]["holds"], false);
    let written: Value =
        serde_json::from_slice(&fs::read(b.path(said[1]["folder"].as_str().unwrap()).join("summary.json")).unwrap())
            .unwrap();
    assert_eq!(written["metrics"], said[1]["metrics"]);
    let out = b.gapcast(&["run", "other.yaml", "--name", "other", "-n", "300", "--no-charts"]);
    let screen = text(&out.stdout);
    let shown = said[1]["checks"][0]["shown"].as_str().unwrap();
    assert!(screen.contains(&format!("✗ p(cash_out) < 0.1%   measured {shown}")), "{screen}");
    assert!(screen.contains("median cash by year") && screen.contains("share that still has cash"), "{screen}");
    assert!(screen.lines().count() <= 25 && screen.lines().all(|l| l.chars().count() <= 80), "{screen}");
}

#[test]
fn one_folder_is_never_written_twice_in_a_call() {
    let b = Bench::new();
    b.file("again.yaml", SMALL);
    let out = b.gapcast(&["run", "small.yaml", "again.yaml", "-n", "64"]);
    assert_eq!(out.status.code(), Some(2));
    let said = text(&out.stderr);
    assert!(said.contains("`small.yaml` and `again.yaml` would both be written to"), "{said}");
    assert!(!b.path("output").exists());
}

#[test]
fn verbose_says_where_the_time_went_and_colour_is_as_asked() {
    let b = Bench::new();
    let out = b.gapcast(&["run", "small.yaml", "--name", "small", "-n", "64", "--no-charts", "-v"]);
    assert!(text(&out.stderr).contains("simulated in"), "{}", text(&out.stderr));
    b.file("broken.yaml", SMALL.replacen("cash: 20B USD", "cash: 20 GW", 1));
    for (flag, colored) in [("never", false), ("always", true), ("auto", false)] {
        let out = b.gapcast(&["run", "broken.yaml", "--color", flag]);
        assert_eq!(text(&out.stderr).contains('\u{1b}'), colored, "{flag}");
    }
}

#[test]
fn set_names_the_nearest_path_and_points_into_its_own_text() {
    let b = Bench::new();
    for (set, words) in [
        ("lab.demand.volatilty=5%/mo", &["did you mean `volatility`?", "--set"] as &[&str]),
        ("instruments.revolvr.limit=1B USD", &["instruments.revolver.limit"]),
        ("lab.opening.cash=20 GW", &["--set:1:", "lab.opening.cash=20 GW", "USD"]),
        ("lab.opening.cash", &["path=value"]),
        ("lab.opening.cash=[", &["--set"]),
    ] {
        let out = b.gapcast(&["run", "small.yaml", "--name", "small", "-n", "64", "--set", set]);
        let said = text(&out.stderr);
        assert_eq!(out.status.code(), Some(2), "{set}: {said}");
        for word in words {
            assert!(said.contains(word), "{set}: no `{word}` in\n{said}");
        }
    }
    // `--set` is applied after the variant, and the record keeps its values.
    b.file("v.yaml", format!("{SMALL}variants:\n  poor: {{set: {{lab.opening.cash: 1B USD}}}}\n"));
    let set = ["--variant", "poor", "--set", "lab.opening.cash=7B USD", "--set", "instruments.loan.amount=1B USD"];
    let out = b.gapcast(
        &[&["run", "v.yaml", "--name", "small-poor", "-n", "64", "--no-charts", "-q"] as &[&str], &set].concat(),
    );
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
    let resolved = fs::read_to_string(b.path("output/small-poor/scenario.resolved.yaml")).unwrap();
    assert!(resolved.contains("7B USD") && !resolved.contains("variants"), "{resolved}");
    let record: Value = serde_json::from_slice(&fs::read(b.path("output/small-poor/run.json")).unwrap()).unwrap();
    assert_eq!(record["set"][1], "instruments.loan.amount=1B USD");
}

/// A run folder is reproduced: plain, with variants shown alongside and a value set, and as a variant.
#[test]
fn a_run_is_verified_and_what_was_touched_is_named() {
    let b = Bench::new();
    let variants = "variants:\n  poor: {set: {lab.opening.cash: 1B USD}}\n  rich: {set: {lab.opening.cash: 90B USD}, remove: [revolver]}\n";
    b.file("v.yaml", format!("{SMALL}{variants}"));
    let runs: [(&[&str], &str); 4] = [
        // The variant that removes the revolver cannot be run with this setting, nor when the run is repeated.
        (&["-n", "200", "--set", "instruments.revolver.limit=1B USD", "-o", "gone"], "gone/small"),
        (&["-n", "300"], "output/small"),
        (&["-n", "200", "--set", "lab.opening.cash=30B USD", "--seed", "5", "-o", "set"], "set/small"),
        (&["-n", "200", "--variant", "rich", "--no-charts"], "output/small-rich"),
    ];
    for (arguments, folder) in runs {
        let name = folder.split_once('/').expect("a folder of runs").1;
        let out = b.gapcast(&[&["run", "v.yaml", "-q", "--name", name], arguments].concat());
        assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
        let (status, said) = b.json(&["verify", folder, "--json", "-j", "1"]);
        assert_eq!((status, &said["same"]), (Some(0), &Value::Bool(true)), "{folder}: {said:#}");
        let files = said["files"].as_array().unwrap();
        assert!(files.len() >= 12 && files.iter().all(|f| f["status"] == "same"), "{folder}: {said:#}");
    }
    let folder = b.path("output/small");
    fs::write(folder.join("notes.txt"), "mine").unwrap();
    let out = b.gapcast(&["verify", "output/small"]);
    assert_eq!(out.status.code(), Some(0), "{}", text(&out.stdout));
    assert!(text(&out.stdout).contains("· notes.txt is not listed in run.json"), "{}", text(&out.stdout));
    let table = fs::read_to_string(folder.join("summary.csv")).unwrap();
    fs::write(folder.join("summary.csv"), table.replacen("p05", "q05", 1)).unwrap();
    fs::remove_file(folder.join("events.csv")).unwrap();
    let out = b.gapcast(&["verify", "output/small"]);
    let said = text(&out.stdout);
    assert_eq!(out.status.code(), Some(3), "{said}");
    assert!(said.contains("✗ summary.csv was changed after the run"), "{said}");
    assert!(said.contains("✗ events.csv is listed in run.json but missing"), "{said}");
    // A forged record is detected by repeating the run.
    let (path, record) = (folder.join("run.json"), fs::read_to_string(folder.join("run.json")).unwrap());
    let hash = |record: &str| serde_json::from_str::<Value>(record).unwrap()["files_sha256"]["summary.csv"].clone();
    let forged = record.replace(hash(&record).as_str().unwrap(), &sha256(&folder.join("summary.csv")));
    fs::write(&path, forged.replace("\"version\": \"", "\"version\": \"0.0.")).unwrap();
    let said = text(&b.gapcast(&["verify", "output/small"]).stdout);
    assert!(said.contains("✗ summary.csv is not reproduced: its bytes differ"), "{said}");
    assert!(said.contains("the run was made by version 0.0."), "{said}");
    // A scenario that was changed is not run.
    fs::write(folder.join("scenario.resolved.yaml"), "schema: 1\n").unwrap();
    let (status, said) = b.json(&["verify", "output/small", "--json"]);
    assert_eq!((status, &said["run_again"]), (Some(3), &Value::Bool(false)), "{said:#}");
}

/// A run with a target stops at the first batch that meets it, with the bytes of a run of as many paths, has a folder of
/// its own, and is reproduced.
#[test]
fn a_run_stops_when_its_target_is_met() {
    let b = Bench::new();
    let rule = "se(p(cash_out)) < 0.6%";
    let run = ["run", "small.yaml", "--no-charts", "--set", "run.outcomes=100", "--json"];
    let (status, said) = b.json(&[&run as &[&str], &["--until", rule]].concat());
    assert_eq!(status, Some(0), "{said}");
    let (paths, se) = (said[0]["paths"].as_u64().unwrap(), said[0]["target"]["se"].as_f64().unwrap());
    assert_eq!((&said[0]["target"]["rule"], &said[0]["target"]["met"]), (&rule.into(), &true.into()), "{said}");
    assert!(paths.is_power_of_two() && paths >= 4096 && se < 0.006, "{paths} {se}");
    assert_eq!(said[0]["p_cash_out"]["se"].as_f64(), Some(se));
    let folder = said[0]["folder"].as_str().unwrap().to_owned();
    let count = paths.to_string();
    let (_, plain) = b.json(&[&run as &[&str], &["-n", &count]].concat());
    let other = plain[0]["folder"].as_str().unwrap();
    assert_ne!(folder, other);
    for file in ["outcomes.csv", "monthly.csv", "summary.csv", "convergence.csv", "scenario.resolved.yaml"] {
        let bytes = |folder: &str| fs::read(b.path(folder).join(file)).unwrap();
        assert!(bytes(&folder) == bytes(other), "{file} of {paths} paths");
    }
    if paths > 4096 {
        // The batch before did not meet it.
        let (_, half) = b.json(&[&run as &[&str], &["-n", &(paths / 2).to_string(), "--until", rule]].concat());
        assert_eq!((&half[0]["target"]["met"], &half[0]["paths"]), (&false.into(), &(paths / 2).into()), "{half}");
    }
    let (status, said) = b.json(&["verify", &folder, "--json"]);
    assert_eq!((status, &said["same"], &said["paths"]), (Some(0), &true.into(), &paths.into()), "{said:#}");
}

#[test]
fn a_target_that_is_not_met_is_reported_and_a_wrong_one_is_refused() {
    let b = Bench::new();
    let run = ["run", "small.yaml", "-n", "300", "--no-charts", "--name", "small", "--force", "--until"];
    for (rule, line) in [
        ("se(p(cash_out)) < 0.01%", "Target se(p(cash_out)) < 0.01%: not met at 300 paths, "),
        // 20% of the mean; a probability counts at least one event.
        ("se(mean(peak_funding)) < 20%", "Target se(mean(peak_funding)) < 20%: met at 300 paths, "),
        ("se(p(cash < -900T USD)) < 0.3%", "Target se(p(cash < -900T USD)) < 0.3%: not met at 300 paths, 0.33%."),
    ] {
        let out = b.gapcast(&[&run as &[&str], &[rule]].concat());
        assert_eq!(out.status.code(), Some(0), "{}", text(&out.stderr));
        assert!(text(&out.stdout).contains(line), "{rule}: {}", text(&out.stdout));
    }
    for (rule, words) in [
        ("p(cash_out) < 1%", &["--until:1:1", "a target bounds a standard error", "expected `se(`"] as &[&str]),
        ("se(mean(peak_fundin)) < 1%", &["--until:1:9", "did you mean `peak_funding`?"]),
        ("se(mean(peak_funding)) < 3 GW", &["the bound has a different unit than the metric"]),
        ("se(p(cash at 2099-01 < 1B USD)) < 1%", &["2099-01 is not simulated"]),
        ("", &["--until:1:1"]),
    ] {
        let out = b.gapcast(&[&run as &[&str], &[rule]].concat());
        assert_eq!(out.status.code(), Some(2), "{rule}");
        for word in words {
            assert!(text(&out.stderr).contains(word), "{rule}: no `{word}` in\n{}", text(&out.stderr));
        }
    }
}

fn sha256(path: &Path) -> String {
    gapcast::output::record::sha256(&fs::read(path).unwrap())
}

/// Ctrl-C and SIGTERM: exit code 130, the existing folder is unchanged, nothing else is left.
#[cfg(unix)]
#[test]
fn an_interrupted_run_leaves_all_as_it_was() {
    let b = Bench::new();
    assert_eq!(
        b.gapcast(&["run", "small.yaml", "--name", "small", "-n", "64", "--no-charts", "-q"]).status.code(),
        Some(0)
    );
    let before = sha256(&b.path("output/small/outcomes.csv"));
    for name in ["INT", "TERM"] {
        let mut child = b
            .command(&["run", "small.yaml", "--name", "small", "--force", "-n", "50000000"])
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        until("a run under way", || b.entries("output").iter().any(|e| e.ends_with(".partial")));
        signal(&child, name);
        assert_eq!(child.wait().unwrap().code(), Some(130));
        assert_eq!(b.entries("output"), ["small"]);
        assert_eq!(sha256(&b.path("output/small/outcomes.csv")), before);
    }
    // A killed run leaves its partial folder, which the next run removes.
    let mut child = b
        .command(&["run", "small.yaml", "--name", "small", "--force", "-n", "50000000"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    until("a run under way", || b.entries("output").iter().any(|e| e.ends_with(".partial")));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(b.entries("output").len() > 1);
    assert_eq!(
        b.gapcast(&["run", "small.yaml", "--name", "small", "-n", "64", "--no-charts", "-q"]).status.code(),
        Some(0)
    );
    assert_eq!(b.entries("output"), ["small"]);
    let mut child = b
        .command(&["run", "small.yaml", "--name", "small", "--force", "-n", "50000000", "--json"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    until("a run under way", || b.entries("output").iter().any(|e| e.ends_with(".partial")));
    signal(&child, "INT");
    child.wait().unwrap();
    let said = text(&child.wait_with_output().unwrap().stdout);
    let said: Value = serde_json::from_str(&said).unwrap_or_else(|e| panic!("{e}: {said}"));
    assert_eq!(said[0]["error"]["code"], "interrupted", "{said}");
}

/// A file is edited, broken, and repaired by renaming another file over it; so is a file that it extends.
#[cfg(all(unix, feature = "watch"))]
#[test]
fn a_watched_file_is_run_again_on_every_save() {
    let b = Bench::new();
    fs::create_dir(b.path("base")).unwrap();
    b.file("base/small.yaml", SMALL);
    b.file("mine.yaml", "extends: base/small.yaml\nname: mine\n");
    let (said, errors) = (b.path("said"), b.path("errors"));
    let arguments = ["watch", "mine.yaml", "--name", "mine", "-n", "64", "--no-charts"];
    let mut child = b
        .command(&arguments)
        .stdout(fs::File::create(&said).unwrap())
        .stderr(fs::File::create(&errors).unwrap())
        .spawn()
        .unwrap();
    let read = |path: &Path| fs::read_to_string(path).unwrap_or_default();
    let runs = || read(&said).matches("Cash runs out").count();
    until("the first run", || runs() == 1 && read(&errors).contains("watching mine.yaml"));
    assert!(read(&said).contains("mine: 64 paths") && b.path("output/mine/run.json").is_file());
    b.file("mine.yaml", "extends: base/small.yaml\nname: mine\nrun: {seed: 11}\n");
    until("a run of the edited file", || runs() == 2 && read(&said).contains("seed 11"));
    let good = sha256(&b.path("output/mine/outcomes.csv"));
    b.file("mine.yaml", "extends: base/small.yaml\nname: mine\nrun: {sed: 11}\n");
    until("the error", || read(&errors).contains("did you mean `seed`?"));
    until("the last good result", || read(&errors).contains("the last good result is in output/mine"));
    assert_eq!(sha256(&b.path("output/mine/outcomes.csv")), good);
    b.file("other.yaml", "extends: base/small.yaml\nname: mine\nrun: {seed: 12}\n");
    fs::rename(b.path("other.yaml"), b.path("mine.yaml")).unwrap();
    until("a run of the renamed file", || runs() == 3 && read(&said).contains("seed 12"));
    b.file("base/small.yaml", SMALL.replacen("cash: 20B USD", "cash: 21B USD", 1));
    until("a run of the extended file", || runs() == 4);
    signal(&child, "INT");
    assert_eq!(child.wait().unwrap().code(), Some(0), "{}", read(&errors));
    assert_eq!(b.entries("output"), ["mine"]);
}

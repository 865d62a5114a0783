use super::*;

const OURS: &[u8] =
    br#"{"program": "gapcast", "files_sha256": {"summary.csv": "", "charts/a.svg": ""}, "scenario": "a"}"#;

fn identity(scenario: &str) -> Identity {
    Identity { scenario: scenario.into(), file: "-".into(), ..Identity::default() }
}

fn begin(parent: &Path, scenario: &str) -> Result<Folder, FolderError> {
    Folder::begin(parent, "run", identity(scenario), false)
}

/// A complete run of the scenario `a` whose summary contains `text`.
fn run(parent: &Path, text: &str) -> Finished {
    let folder = begin(parent, "a").unwrap();
    folder.write("run.json", OURS).unwrap();
    folder.write("summary.csv", text.as_bytes()).unwrap();
    folder.write("charts/a.svg", text.as_bytes()).unwrap();
    folder.finish().unwrap()
}

fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn a_folder_is_replaced_as_a_whole_or_not_at_all() {
    let parent = tempfile::tempdir().unwrap();
    let at = run(parent.path(), "1").place;
    {
        let failed = begin(parent.path(), "a").unwrap();
        failed.write("summary.csv", b"2").unwrap();
    }
    assert_eq!(read(at.join("summary.csv")), "1");
    assert_eq!(run(parent.path(), "3"), Finished { place: at.clone(), notes: Vec::new() });
    assert_eq!(read(at.join("summary.csv")), "3");
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
}

#[test]
fn another_run_is_not_replaced_but_by_force() {
    let parent = tempfile::tempdir().unwrap();
    run(parent.path(), "1");
    let error = begin(parent.path(), "b").map(|_| ()).unwrap_err();
    assert!(matches!(error, FolderError::Taken { .. }), "{error}");
    assert!(error.to_string().contains("holds another run: `a`; this one is `b`, from standard input"), "{error}");
    // A run that came in between is not replaced either.
    let other = Folder::begin(parent.path(), "run", identity("b"), true).unwrap();
    other.write("run.json", &String::from_utf8_lossy(OURS).replace("\"a\"", "\"b\"").into_bytes()).unwrap();
    let late = begin(parent.path(), "a").unwrap();
    other.finish().unwrap();
    let error = late.finish().unwrap_err();
    assert!(matches!(error, FolderError::Taken { .. }), "{error}");
    assert!(read(parent.path().join("run/run.json")).contains("\"b\""));
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
}

#[test]
fn what_is_not_ours_moves_along() {
    let parent = tempfile::tempdir().unwrap();
    let at = run(parent.path(), "1").place;
    for file in ["notes.txt", "charts/mine.svg", "mine/deep/workbook.xlsx", "summary.csv.bak"] {
        fs::create_dir_all(at.join(file).parent().unwrap()).unwrap();
        fs::write(at.join(file), file).unwrap();
    }
    fs::create_dir(at.join("empty")).unwrap();
    let folder = begin(parent.path(), "a").unwrap();
    folder.write("run.json", OURS).unwrap();
    folder.write("summary.csv", b"2").unwrap();
    // The run writes a file whose name was the user's until now.
    folder.write("notes.txt", b"2").unwrap();
    let finished = folder.finish().unwrap();
    assert_eq!(finished.notes.len(), 1);
    assert!(finished.notes[0].ends_with("has been renamed notes.txt.kept"), "{:?}", finished.notes);
    assert_eq!((read(at.join("notes.txt")), read(at.join("notes.txt.kept"))), ("2".into(), "notes.txt".into()));
    for file in ["charts/mine.svg", "mine/deep/workbook.xlsx", "summary.csv.bak"] {
        assert_eq!(read(at.join(file)), file);
    }
    assert!(at.join("empty").is_dir() && !at.join("charts/a.svg").exists());
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn links_are_moved_and_not_followed() {
    let parent = tempfile::tempdir().unwrap();
    let elsewhere = parent.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("summary.csv"), "theirs").unwrap();
    let at = run(parent.path(), "1").place;
    std::os::unix::fs::symlink(&elsewhere, at.join("link")).unwrap();
    std::os::unix::fs::symlink("/nowhere", at.join("broken")).unwrap();
    run(parent.path(), "2");
    assert_eq!(fs::read_link(at.join("link")).unwrap(), elsewhere);
    assert_eq!(fs::read_link(at.join("broken")).unwrap(), Path::new("/nowhere"));
    assert_eq!(read(elsewhere.join("summary.csv")), "theirs");
}

/// A file saved again between the two steps, as editors do, is kept as well.
#[cfg(unix)]
#[test]
fn what_is_saved_meanwhile_is_kept() {
    let parent = tempfile::tempdir().unwrap();
    let (old, new) = (parent.path().join("old"), parent.path().join("new"));
    for folder in [&old, &new] {
        fs::create_dir(folder).unwrap();
        fs::write(folder.join("run.json"), OURS).unwrap();
    }
    fs::write(old.join("notes.txt"), "before").unwrap();
    carry(&old, &record_in(&old).unwrap(), &new);
    assert_eq!(read(new.join("notes.txt")), "before");
    fs::write(old.join("saved"), "after").unwrap();
    fs::rename(old.join("saved"), old.join("notes.txt")).unwrap();
    assert_eq!(retire(&old, &new).unwrap(), ["notes.txt.kept"]);
    assert_eq!((read(new.join("notes.txt")), read(new.join("notes.txt.kept"))), ("before".into(), "after".into()));
    assert!(!old.exists());
}

#[test]
fn without_an_exchange_the_old_folder_is_set_aside() {
    let parent = tempfile::tempdir().unwrap();
    let at = |name: &str| parent.path().join(name);
    for (name, text) in [("run", "1"), ("new", "2")] {
        fs::create_dir(at(name)).unwrap();
        fs::write(at(name).join("run.json"), text).unwrap();
    }
    in_two_steps(&at("new"), &at("run"), &at("old")).unwrap();
    assert_eq!((read(at("run/run.json")), read(at("old/run.json"))), ("2".into(), "1".into()));
    // Where the second step fails, the first is undone.
    assert!(in_two_steps(&at("nothing"), &at("run"), &at("aside")).is_err());
    assert_eq!(read(at("run/run.json")), "2");
    assert!(!at("aside").exists());
}

#[test]
fn what_dead_runs_left_is_tidied_up_and_living_ones_are_left_alone() {
    let parent = tempfile::tempdir().unwrap();
    let at = |name: &str| parent.path().join(name);
    let living = begin(parent.path(), "a").unwrap();
    living.write("run.json", OURS).unwrap();
    // Dead runs: one died while writing; one between the two steps; one complete but not yet in place; one after an
    // exchange, with a file of the user in the folder being removed.
    for file in [
        ".run.11.partial/outcomes.csv",
        ".run.12.old/run.json",
        ".run.12.old/summary.csv",
        ".run.12.partial/run.json",
        ".run.13.new/run.json",
        ".run.13.new/summary.csv",
        ".run.14.new/run.json",
        ".run.14.new/notes.txt",
    ] {
        fs::create_dir_all(at(file).parent().unwrap()).unwrap();
        fs::write(at(file), if file.ends_with("run.json") { OURS } else { file.as_bytes() }).unwrap();
    }
    for file in [".run.11.lock", ".run.12.lock", ".run.13.lock", ".run.14.lock", ".running.13.lock"] {
        fs::write(at(file), b"").unwrap();
    }
    // A reader restores a complete folder, and so does the next run.
    recover(&at("run"));
    assert!(living.path("run.json").is_file());
    assert!(record_in(&at("run")).is_some());
    assert_eq!(read(at("run/notes.txt")), ".run.14.new/notes.txt");
    for n in 11..15 {
        for what in ["partial", "old", "new", "lock"] {
            assert!(!at(&format!(".run.{n}.{what}")).exists(), "{n} {what}");
        }
    }
    assert!(at(".running.13.lock").exists());
    living.finish().unwrap();
    assert_eq!(read(at("run/notes.txt")), ".run.14.new/notes.txt");
    assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 2);
}

#[test]
fn what_is_not_a_run_folder_is_left_alone() {
    for (file, text) in [
        ("thesis.txt", "years of work"),
        ("run.json", "{}"),
        ("run.json", ""),
        ("run.json", r#"{"program": "another", "files_sha256": {}}"#),
        ("run.json", r#"{"program": "gapcast"}"#),
    ] {
        let parent = tempfile::tempdir().unwrap();
        fs::create_dir(parent.path().join("run")).unwrap();
        fs::write(parent.path().join("run").join(file), text).unwrap();
        for force in [false, true] {
            let error = Folder::begin(parent.path(), "run", identity("a"), force).map(|_| ()).unwrap_err();
            assert!(matches!(error, FolderError::Foreign { .. }), "{file}: {error}");
        }
        assert_eq!(read(parent.path().join("run").join(file)), text);
    }
}

//! Broken scenarios, each a sound one of `bases` with a patch, and the messages of the program. See `README.md` next to this
//! file.
//!
//! Each is checked and run by the program itself: exit code 2 both times, the same errors, nothing written, every error with
//! its place and a word on what to write, no word of a library. Every error code of the source has a case.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use gapcast::model::{Model, Settings};

/// Longest that reading a broken scenario may take here, where other tests run beside it. By hand it is below 0.1 s.
const SLOW: Duration = Duration::from_secs(2);

/// Codes that no broken scenario can show, and why.
const ELSEWHERE: &[(&str, &str)] = &[
    ("too-large", "a file of megabytes: `tests/it/hostile/`"),
    ("target", "an option of `run` alone: `tests/it/commands.rs`"),
];

/// Errors that have no place in a file: they are about the command line, or about the scenario as a whole.
const NOWHERE: &[&str] = &["unknown-variant", "file", "too-many", "unknown-name"];

/// One broken scenario.
struct Case {
    name: String,
    base: String,
    /// What is replaced by what; nothing to be replaced means the end.
    patches: Vec<(Option<String>, String)>,
    arguments: Vec<String>,
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.push(match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('t') => '\t',
                Some('n') => '\n',
                Some('0') => '\0',
                Some(other) => other,
                None => '\\',
            },
            (c, _) => c,
        });
    }
    out
}

/// Reads a file of cases.
fn cases(path: &Path) -> Vec<Case> {
    let text = fs::read_to_string(path).unwrap();
    let mut out: Vec<Case> = Vec::new();
    let mut base = String::new();
    // What stands before the first case says what the file is about.
    for line in text.lines().skip_while(|line| !line.starts_with("== ")) {
        let rest = line.get(2..).unwrap_or("");
        let patches = out.last_mut().map(|case| &mut case.patches);
        match line.chars().next() {
            None => {}
            Some('=') => out.push(Case {
                name: line[3..].to_owned(),
                base: base.clone(),
                patches: Vec::new(),
                arguments: Vec::new(),
            }),
            Some('b') => {
                line.strip_prefix("base ").unwrap_or_else(|| panic!("{line}")).clone_into(&mut base);
                out.last_mut().unwrap().base.clone_from(&base);
            }
            Some('-') => {
                let patches = patches.unwrap();
                match patches.last_mut() {
                    // A text of several lines, for which there is no replacement yet.
                    Some((Some(from), to)) if to.is_empty() => {
                        from.push('\n');
                        *from += &unescaped(rest);
                    }
                    _ => patches.push((Some(unescaped(rest)), String::new())),
                }
            }
            Some('+') => {
                let patches = patches.unwrap();
                if patches.is_empty() {
                    patches.push((None, String::new()));
                }
                let to = &mut patches.last_mut().unwrap().1;
                *to += &unescaped(rest);
                to.push('\n');
            }
            Some('$') => {
                let argument = match rest.split_once(' ') {
                    Some((flag, value)) => vec![flag.to_owned(), value.to_owned()],
                    None => vec![rest.to_owned()],
                };
                out.last_mut().unwrap().arguments.extend(argument);
            }
            Some(_) => panic!("{}: `{line}` is neither of `==`, `base`, `-`, `+`, `$`", path.display()),
        }
    }
    out
}

impl Case {
    /// The broken text.
    fn text(&self) -> String {
        let mut text = match self.base.as_str() {
            "empty" => String::new(),
            base => fs::read_to_string(here(&format!("tests/broken/bases/{base}.yaml"))).unwrap(),
        };
        for (from, to) in &self.patches {
            match from {
                None => text += to,
                Some(from) => {
                    let times = text.matches(from.as_str()).count();
                    assert_eq!(times, 1, "{}: `{from}` stands {times} times in {}", self.name, self.base);
                    text = text.replacen(from, to.strip_suffix('\n').unwrap_or(to), 1);
                }
            }
        }
        text
    }

    /// Runs the program on it in `folder`, which holds the base files too.
    fn told(&self, command: &str, folder: &Path) -> Output {
        let file =
            self.arguments.iter().all(|a| Path::new(a).extension().is_none_or(|e| e != "yaml")).then_some("case.yaml");
        Command::new(env!("CARGO_BIN_EXE_gapcast"))
            .current_dir(folder)
            .arg(command)
            .args(file)
            .args(&self.arguments)
            .env_remove("GAPCAST_LEVEL")
            .output()
            .unwrap()
    }

    /// How long reading alone takes.
    fn reading(&self, folder: &Path) -> Duration {
        let after = |flag: &str| {
            let at = self.arguments.iter().position(|a| a == flag)?;
            self.arguments.get(at + 1).cloned()
        };
        let settings =
            Settings { variant: after("--variant"), sets: after("--set").into_iter().collect(), ..Settings::default() };
        let began = Instant::now();
        let _ = Model::load(folder.join("case.yaml"), &settings);
        began.elapsed()
    }
}

/// Files of a folder with their bytes.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut out = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            out.extend(contents(&path));
            out.insert(path, Vec::new());
        } else {
            out.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    out
}

/// What a message must not contain: names of libraries, of types and of their values, and system error numbers.
const INTERNALS: &str = concat!(
    "serde¦granit¦clap¦rayon¦Option<¦Result<¦Some(¦None¦Err(¦Ok(¦Utf8Error¦::¦panicked¦unwrap¦",
    "os error¦RUST_¦src/¦.rs:¦f64¦u32¦u64¦usize¦NaN ¦ inf ¦anchor count"
);

/// Errors in the form of a message; empty if there are none.
fn faults(said: &str) -> Vec<String> {
    let mut out = Vec::new();
    for word in INTERNALS.split('¦') {
        // A line of the file follows its number.
        let ours = said.lines().filter(|line| !line.contains(" | ") || line.contains('^'));
        if let Some(line) = ours.into_iter().find(|line| line.contains(word)) {
            out.push(format!("`{word}` in: {line}"));
        }
    }
    let blocks: Vec<&str> = said.split("\n\n").filter(|block| block.starts_with("error[")).collect();
    if blocks.is_empty() {
        out.push("no error is told".to_owned());
    }
    for block in blocks {
        let code = block.trim_start_matches("error[").split(']').next().unwrap_or("");
        let caret = block.lines().find(|line| line.contains('^'));
        let label = caret.is_some_and(|line| line.trim_end().chars().last().is_some_and(|c| c != '^'));
        let help = block.contains("= help: ");
        if caret.is_none() && !NOWHERE.contains(&code) {
            out.push(format!("no caret: {block}"));
        }
        if !label && !help {
            out.push(format!("nothing says what to write: {block}"));
        }
        if block.lines().next().is_some_and(|title| title.ends_with('.') || title.len() < 20) {
            out.push(format!("no title: {block}"));
        }
    }
    out
}

/// A snapshot: the messages of a file of cases, by name.
fn snapshot(told: &[(String, String)]) -> String {
    told.iter().map(|(name, said)| format!("== {name}\n\n{}\n\n", said.trim_end())).collect::<Vec<_>>().concat()
}

#[test]
fn each_is_refused_with_a_place_and_a_hint_and_writes_nothing() {
    let work = tempfile::tempdir().unwrap();
    let folder = work.path();
    for entry in fs::read_dir(here("tests/broken/bases")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
        }
    }
    let mut files: Vec<PathBuf> = fs::read_dir(here("tests/broken")).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|x| x == "cases"));
    files.sort();
    let (mut wrong, mut names, mut codes) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    let mut slowest = (Duration::ZERO, String::new());
    for file in &files {
        let mut told = Vec::new();
        for case in cases(file) {
            assert!(names.insert(case.name.clone()), "two cases are called `{}`", case.name);
            fs::write(folder.join("case.yaml"), case.text()).unwrap();
            let before = contents(folder);
            let run = case.told("run", folder);
            let check = case.told("check", folder);
            let said = String::from_utf8(run.stderr).unwrap();
            let checked = String::from_utf8(check.stderr).unwrap();
            let mut fault = |what: String| wrong.push(format!("{}: {what}", case.name));
            for (what, status) in [("run", run.status), ("check", check.status)] {
                if status.code() != Some(2) {
                    fault(format!("`{what}` ends with {status}"));
                }
            }
            if !run.stdout.is_empty() {
                fault("something is written to stdout".to_owned());
            }
            if contents(folder) != before {
                fault("something is written".to_owned());
                // Once is enough to know.
                let _ = fs::remove_dir_all(folder.join("output"));
            }
            faults(&said).into_iter().for_each(&mut fault);
            let titles = said.lines().filter(|line| line.starts_with("error["));
            for title in titles {
                codes.insert(title.trim_start_matches("error[").split(']').next().unwrap_or("").to_owned());
                if !checked.contains(title) {
                    fault(format!("`check` does not tell `{title}`"));
                }
            }
            let took = case.reading(folder);
            if took > slowest.0 {
                slowest = (took, case.name.clone());
            }
            told.push((case.name, said));
        }
        let kept = file.with_extension("told");
        let new = snapshot(&told);
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            fs::write(&kept, new).unwrap();
            continue;
        }
        let old = fs::read_to_string(&kept).unwrap_or_default();
        let of = |name: &str| {
            let from = old.find(&format!("== {name}\n"))?;
            let rest = &old[from..];
            Some(rest[3..].find("\n== ").map_or(rest, |end| &rest[..end + 4]))
        };
        for (name, said) in &told {
            let one = snapshot(&[(name.clone(), said.clone())]);
            if of(name).is_none_or(|was| was.trim_end() != one.trim_end()) {
                wrong.push(format!("{name}: the message is another than in {}:\n{said}", kept.display()));
            }
        }
        if old.matches("\n== ").count() + 1 > told.len() {
            wrong.push(format!("{} tells of cases that are no more", kept.display()));
        }
    }
    println!("{} broken scenarios; the slowest to read took {:?}: {}", names.len(), slowest.0, slowest.1);
    assert!(
        wrong.is_empty(),
        "{}\n{} faults; UPDATE_SNAPSHOTS=1 takes new messages over",
        wrong.join("\n"),
        wrong.len()
    );
    assert!(names.len() >= 100, "{}", names.len());
    assert!(slowest.0 < SLOW, "{slowest:?}");
    let untold: Vec<String> = codes_in_source().into_iter().filter(|code| !codes.contains(code)).collect();
    assert!(untold.is_empty(), "no broken scenario shows {}", untold.join(", "));
}

/// Codes of errors in the source of the reader, the instruments and the plan.
fn codes_in_source() -> BTreeSet<String> {
    fn walk(folder: &Path, out: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|x| x == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let text = text.split("#[cfg(test)]").next().unwrap_or("");
                for part in text.split(".error(").skip(1) {
                    let word = part.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
                    let code =
                        |word: &&str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
                    if let Some(word) = word.filter(code) {
                        out.insert(word.to_owned());
                    }
                }
            }
        }
    }
    let mut out = BTreeSet::new();
    for part in ["language", "scenario", "instruments", "lab", "drivers", "plan"] {
        walk(&here(&format!("crates/model/src/{part}")), &mut out);
    }
    for file in ["crates/model/src/plan.rs", "src/outcome.rs", "src/model.rs"] {
        let text = fs::read_to_string(here(file)).unwrap();
        for part in text.split(".error(").skip(1) {
            if let Some(word) = part.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next()) {
                out.insert(word.to_owned());
            }
        }
    }
    assert!(out.len() > 40, "{out:?}");
    out.retain(|code| ELSEWHERE.iter().all(|(other, _)| other != code));
    out
}

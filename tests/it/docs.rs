//! Commands on the pages of the documentation do what the pages show.
//!
//! Every page is played from top to bottom in a folder of its own that holds `scenarios/`, as a clone does:
//!
//! - A `console` block holds commands after `$ ` and below each what it prints; a line `...` stands for any lines.
//!   `echo $?` prints the exit code of the command before.
//! - An `sh` block holds commands of which only the exit code is looked at, 0 or 3; those of `cargo` are for `.ci/run`.
//! - A `diff FILE` block is an edit of a file: its lines with `-` and ` ` stand there once, and are replaced.
//! - A `yaml FILE` block is a file to write.
//!
//! `UPDATE_DOCS=1 cargo test --release --test it docs` rewrites what the pages show, where it differs.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All pages that a reader may type from.
fn pages() -> Vec<PathBuf> {
    let mut out = vec![root().join("README.md")];
    let mut folders = vec![root().join("docs")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "md") {
                out.push(path);
            }
        }
    }
    out.sort();
    out
}

/// A folder as a reader has it.
struct Desk {
    dir: tempfile::TempDir,
    last: i32,
}

impl Desk {
    fn new() -> Desk {
        let dir = tempfile::tempdir().unwrap();
        let scenarios = dir.path().join("scenarios");
        fs::create_dir(&scenarios).unwrap();
        for entry in fs::read_dir(root().join("scenarios")).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                fs::copy(&path, scenarios.join(path.file_name().unwrap())).unwrap();
            }
        }
        Desk { dir, last: 0 }
    }

    /// Runs `gapcast …` and gives back all that it prints, what it says of problems first.
    fn run(&mut self, line: &str) -> String {
        if line.trim() == "echo $?" {
            return format!("{}\n", self.last);
        }
        let words = words(line);
        assert_eq!(words.first().map(String::as_str), Some("gapcast"), "only gapcast is run here: {line}");
        let done = Command::new(env!("CARGO_BIN_EXE_gapcast"))
            .args(&words[1..])
            .current_dir(self.dir.path())
            .env_remove("GAPCAST_LEVEL")
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        self.last = done.status.code().unwrap_or(-1);
        assert!(![-1, 1, 4, 101].contains(&self.last), "{line}: exit code {}", self.last);
        String::from_utf8_lossy(&done.stderr).into_owned() + &String::from_utf8_lossy(&done.stdout)
    }

    fn edit(&self, file: &str, block: &[&str]) {
        let path = self.dir.path().join(file);
        let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{file}: {e}"));
        let pick = |drop: char| -> String {
            let kept = block.iter().filter(|l| !l.starts_with(drop));
            kept.map(|l| l.get(1..).unwrap_or("").to_owned() + "\n").collect()
        };
        let (old, new) = (pick('+'), pick('-'));
        assert_eq!(text.matches(&old).count(), 1, "{file} does not hold these lines once:\n{old}");
        fs::write(path, text.replacen(&old, &new, 1)).unwrap();
    }
}

/// A command line as a shell splits it, as far as these pages need.
fn words(line: &str) -> Vec<String> {
    let (mut out, mut word, mut quote, mut open) = (Vec::new(), String::new(), None, false);
    for c in line.chars() {
        match (quote, c) {
            (Some(q), c) if c == q => quote = None,
            (None, '\'' | '"') => (quote, open) = (Some(c), true),
            (None, c) if c.is_whitespace() => {
                if open {
                    out.push(std::mem::take(&mut word));
                }
                open = false;
            }
            (_, c) => {
                word.push(c);
                open = true;
            }
        }
    }
    if open {
        out.push(word);
    }
    out
}

/// Whether `shown`, in which `...` stands for any lines, is `printed`.
fn agrees(shown: &[&str], printed: &[&str]) -> bool {
    match shown.split_first() {
        None => printed.is_empty(),
        Some((&"...", rest)) => (0..=printed.len()).any(|k| agrees(rest, &printed[k..])),
        Some((line, rest)) => printed.split_first().is_some_and(|(p, more)| p == line && agrees(rest, more)),
    }
}

/// Plays a page; gives back the page with what was really printed, and whether anything differed.
fn play(text: &str) -> (String, Vec<String>) {
    let (mut desk, mut out, mut wrong) = (Desk::new(), String::new(), Vec::new());
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        say(&mut out, line);
        let Some(kind) = line.strip_prefix("```").filter(|k| !k.is_empty()) else { continue };
        let mut block = Vec::new();
        for inner in lines.by_ref().take_while(|l| *l != "```") {
            block.push(inner);
        }
        match kind.split_once(' ').unwrap_or((kind, "")) {
            ("console", "") => out += &console(&block, &mut desk, &mut wrong),
            (language, file) => {
                match (language, file) {
                    ("sh", "") => {
                        for command in block.iter().filter(|l| l.starts_with("gapcast ")) {
                            let said = desk.run(command);
                            if ![0, 3].contains(&desk.last) {
                                wrong.push(format!("{command}\nexit code {}\n{said}", desk.last));
                            }
                        }
                    }
                    ("diff", file) if !file.is_empty() => desk.edit(file, &block),
                    ("yaml", file) if !file.is_empty() => {
                        fs::write(desk.dir.path().join(file), block.join("\n") + "\n").unwrap();
                    }
                    _ => {}
                }
                for line in block {
                    say(&mut out, line);
                }
            }
        }
        say(&mut out, "```");
    }
    (out, wrong)
}

/// Adds a line.
fn say(page: &mut String, line: &str) {
    page.push_str(line);
    page.push('\n');
}

fn console(block: &[&str], desk: &mut Desk, wrong: &mut Vec<String>) -> String {
    let mut out = String::new();
    let mut rest = block;
    while let Some((first, after)) = rest.split_first() {
        let Some(command) = first.strip_prefix("$ ") else {
            wrong.push(format!("a console block begins with a command after `$ `, not with `{first}`"));
            return out;
        };
        let end = after.iter().position(|l| l.starts_with("$ ")).unwrap_or(after.len());
        let shown: Vec<&str> = after[..end].iter().map(|l| l.trim_end()).collect();
        rest = &after[end..];
        let printed = desk.run(command);
        let printed: Vec<&str> = printed.trim_end().lines().map(str::trim_end).collect();
        say(&mut out, first);
        let kept = if agrees(&shown, &printed) {
            shown
        } else {
            wrong.push(format!("$ {command}\n--- shown\n{}\n--- printed\n{}", shown.join("\n"), printed.join("\n")));
            printed
        };
        for line in kept {
            say(&mut out, line);
        }
    }
    out
}

#[test]
fn every_command_of_the_pages_prints_what_is_shown() {
    let update = std::env::var_os("UPDATE_DOCS").is_some();
    let (mut stale, mut commands) = (Vec::new(), 0);
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let named = page.strip_prefix(root()).unwrap().display();
        let (now, wrong) = play(&text);
        commands += now.lines().filter(|l| l.starts_with("$ gapcast ")).count();
        if update && now != text {
            fs::write(&page, now).unwrap();
        } else if !wrong.is_empty() {
            stale.push(format!("{named}:\n{}", wrong.join("\n\n")));
        }
    }
    assert!(
        stale.is_empty(),
        "UPDATE_DOCS=1 cargo test --release --test it docs rewrites pages\n{}",
        stale.join("\n\n")
    );
    assert!(commands > 0, "no page shows a command");
}

#[test]
fn lines_left_out_and_lines_that_differ() {
    for (shown, printed, same) in [
        (vec!["a", "...", "c"], vec!["a", "b", "b", "c"], true),
        (vec!["a", "..."], vec!["a"], true),
        (vec!["a"], vec!["a", "b"], false),
        (vec!["...", "c"], vec!["a"], false),
    ] {
        assert_eq!(agrees(&shown, &printed), same, "{shown:?} {printed:?}");
    }
    assert_eq!(words(r#"gapcast run 'a b' --set "x=1 y" z"#), ["gapcast", "run", "a b", "--set", "x=1 y", "z"]);
}

/// Paths of the repository that a page names.
fn named_paths(text: &str) -> Vec<&str> {
    const ROOTS: [&str; 9] =
        ["tests/", "src/", "crates/", "docs/", "benches/", "examples/", "scenarios/", "schema/", "assets/"];
    let of_path = |c: char| c.is_ascii_alphanumeric() || "_-./*<>".contains(c);
    let words = text.split(|c: char| !of_path(c)).map(|word| word.trim_end_matches(['.', '/']));
    // A pattern names no single file.
    words.filter(|word| ROOTS.iter().any(|root| word.starts_with(root)) && !word.contains(['*', '<'])).collect()
}

#[test]
fn every_path_that_a_page_names_exists() {
    let mut missing = Vec::new();
    for page in pages().into_iter().chain([root().join("CONTRIBUTING.md")]) {
        let text = fs::read_to_string(&page).unwrap();
        let gone = named_paths(&text).into_iter().filter(|path| !root().join(path).exists());
        missing.extend(gone.map(|path| format!("{}: {path}", page.display())));
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn paths_are_found_in_a_page() {
    assert_eq!(named_paths("see `src/none.rs`, docs/x/ and `tests/*/main.rs`."), ["src/none.rs", "docs/x"]);
}

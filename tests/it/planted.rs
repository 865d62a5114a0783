//! The list of planted changes is correct: each text to be replaced occurs exactly once in its file, and the page that
//! states which test detects which change names them all. `tests/planted/run` plants them; `docs/planted.md` says how.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// One change: its number, its file and the current text.
struct Change {
    number: u32,
    file: String,
    was: String,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

fn changes() -> Vec<Change> {
    let text = read("tests/planted/changes.txt");
    let mut out = Vec::new();
    for block in text.split("\n\n") {
        let mut lines = block.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#'));
        let Some((number, file)) = lines.next().map(|head| head.split_once(' ').expect("a number and a file")) else {
            continue;
        };
        let fields: BTreeMap<&str, &str> = lines.map(|l| l.split_once(": ").expect("a field")).collect();
        assert_eq!(fields.keys().copied().collect::<Vec<_>>(), ["means", "now", "was"], "change {number}");
        let was = fields["was"].replace(['«', '»'], "");
        out.push(Change { number: number.parse().expect("a number"), file: file.to_owned(), was });
    }
    out
}

#[test]
fn every_text_stands_once_in_its_file() {
    let mut files: BTreeMap<PathBuf, String> = BTreeMap::new();
    let mut wrong = Vec::new();
    for Change { number, file, was } in changes() {
        let text = files.entry(root().join(&file)).or_insert_with(|| read(&file));
        let times = text.matches(&was).count();
        if times != 1 {
            wrong.push(format!("change {number}: {times} times in {file}: {was}"));
        }
    }
    assert!(wrong.is_empty(), "mend `tests/planted/changes.txt`:\n{}", wrong.join("\n"));
}

#[test]
fn the_page_names_every_change() {
    let page = read("docs/planted.md");
    let rows: Vec<&str> = page.lines().filter(|l| l.starts_with("| ") && l.contains('`')).collect();
    let numbers: Vec<u32> =
        rows.iter().filter_map(|l| l.split(" | ").next()?.strip_prefix("| ")?.parse().ok()).collect();
    assert_eq!(numbers, changes().iter().map(|c| c.number).collect::<Vec<_>>());
}

//! Every code of an error or a warning that the source uses is listed with its meaning, and every listed one is used.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use gapcast::language::codes::CODES;

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            // The output of a run has errors of its own, which are not problems of a scenario.
            if !path.ends_with("src/output") {
                sources(&path, out);
            }
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// The first text in quotes that looks like a code.
fn quoted(text: &str) -> Option<&str> {
    let (word, _) = text.strip_prefix('"')?.split_once('"')?;
    (!word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')).then_some(word)
}

/// Codes in a source, tests left out: what is first in `error(…)`, `warn(…)` and `lint(…)`, after `error(place,`, and after `code:`.
fn codes(text: &str) -> Vec<&str> {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or("");
    let mut out = Vec::new();
    for call in ["error(", "warn(", "lint(", "rule(", "code: ", "let code = "] {
        for (at, _) in text.match_indices(call) {
            // The message of a library error is not a code.
            if text[..at].ends_with("#[") {
                continue;
            }
            let rest = text[at + call.len()..].trim_start();
            out.extend(quoted(rest));
            // A helper whose first argument is the place.
            if let Some((first, second)) = rest.split_once(", ")
                && call == "error("
                && first.len() < 40
                && !first.contains('"')
            {
                out.extend(quoted(second.trim_start()));
            }
        }
    }
    out
}

#[test]
fn every_code_is_listed_and_every_listed_code_is_used() {
    let mut files = Vec::new();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    sources(&root.join("src"), &mut files);
    sources(&root.join("crates"), &mut files);
    let mut used: BTreeMap<String, PathBuf> = BTreeMap::new();
    for path in files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.ends_with("tests.rs") || name == "codes.rs" {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        for code in codes(&text) {
            used.entry(code.to_owned()).or_insert_with(|| path.clone());
        }
    }
    assert!(used.len() > 40, "the search finds the codes: {used:?}");
    for (code, path) in &used {
        let known = CODES.iter().any(|entry| entry.code == *code);
        assert!(known, "`{code}` of {} is not listed in crates/model/src/language/codes.rs", path.display());
    }
    for entry in CODES {
        assert!(used.contains_key(entry.code), "`{}` is listed and nothing tells it", entry.code);
    }
}

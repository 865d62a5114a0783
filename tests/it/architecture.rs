//! Imports between modules: read from the source, and compared with `docs/architecture.md`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The crates by folder, lowest first. What a crate is made of counts as a place each: a folder, or a file beside them; two
/// small crates are one place but for `units`.
const CRATES: [&str; 4] = ["crates/stats", "crates/engine", "crates/model", "."];

/// The place of a file of a crate.
fn place_of(of_crate: &str, file: &Path) -> String {
    let first = file.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    let first = first.trim_end_matches(".rs");
    match (of_crate, first) {
        ("crates/stats", _) => "stats".to_owned(),
        ("crates/engine", "units") => "units".to_owned(),
        ("crates/engine", _) => "engine".to_owned(),
        _ => first.to_owned(),
    }
}

fn sources(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

/// Whether a file is a test; tests may import everything.
fn is_test(file: &Path) -> bool {
    let stem = file.file_stem().unwrap().to_string_lossy();
    stem == "tests"
        || stem.starts_with("tests_")
        || stem.ends_with("_tests")
        || file.components().any(|c| c.as_os_str() == "tests")
}

/// What the code of a file names in this crate, comments and tests left out.
fn named(text: &str) -> BTreeSet<String> {
    let code: Vec<&str> = text
        .lines()
        .take_while(|line| *line != "#[cfg(test)]")
        .map(|line| line.split("//").next().unwrap_or_default())
        .collect();
    let code = code.join("\n");
    let mut out = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let list = match rest.strip_prefix('{') {
            // `use crate::{posts, row};`
            Some(list) => list.split('}').next().unwrap_or_default().split(',').collect(),
            None => vec![rest],
        };
        for name in list {
            let name: String = name.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            out.insert(name);
        }
    }
    out
}

/// Each place and the places that its code imports. Macros are at the root of the crate and no place.
fn imports() -> BTreeMap<String, BTreeSet<String>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<(&str, PathBuf, PathBuf)> = Vec::new();
    for of_crate in CRATES {
        let (src, mut found) = (root.join(of_crate).join("src"), Vec::new());
        sources(&src, &mut found);
        files.extend(
            found.into_iter().map(|file| (of_crate, file.strip_prefix(&src).unwrap().to_owned(), file.clone())),
        );
    }
    files.retain(|(_, own, _)| !is_test(own) && !matches!(own.to_str(), Some("lib.rs" | "main.rs")));
    let places: BTreeSet<String> = files.iter().map(|(of_crate, own, _)| place_of(of_crate, own)).collect();
    let mut out: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (of_crate, own, file) in &files {
        let place = place_of(of_crate, own);
        // A crate whose modules are no places names by `crate::` its own modules, and these from below.
        let seen_here = |name: &String| match *of_crate {
            "crates/stats" => false,
            "crates/engine" => matches!(name.as_str(), "stats" | "units"),
            _ => places.contains(name),
        };
        let seen = named(&std::fs::read_to_string(file).unwrap());
        out.entry(place.clone()).or_default().extend(seen.into_iter().filter(|name| *name != place && seen_here(name)));
    }
    out
}

/// Our crates that a crate depends on, by its `Cargo.toml`, without those of its tests.
fn needs(of_crate: &str) -> Vec<String> {
    let manifest =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(of_crate).join("Cargo.toml")).unwrap();
    let needs = manifest.split("\n[dependencies]\n").nth(1).unwrap().split("\n[").next().unwrap();
    needs
        .lines()
        .filter_map(|line| line.strip_prefix("gapcast-")?.split(['.', ' ']).next())
        .map(str::to_owned)
        .collect()
}

#[test]
fn each_crate_needs_the_one_below() {
    assert_eq!(
        CRATES.map(needs),
        [vec![], vec!["stats".to_owned()], vec!["engine".to_owned()], vec!["model".to_owned()]]
    );
}

#[test]
fn no_place_imports_another_in_a_circle() {
    let imports = imports();
    assert!(imports.len() > 10 && imports["cli"].contains("output"), "{imports:?}");
    // A place is done when all that it imports is done.
    let mut done: BTreeSet<&str> = BTreeSet::new();
    loop {
        let ready = |(place, seen): &(&String, &BTreeSet<String>)| {
            !done.contains(place.as_str()) && seen.iter().all(|other| done.contains(other.as_str()))
        };
        let next: Vec<&str> = imports.iter().filter(ready).map(|(place, _)| place.as_str()).collect();
        if next.is_empty() {
            break;
        }
        done.extend(next);
    }
    let circle: Vec<_> = imports.iter().filter(|(place, _)| !done.contains(place.as_str())).collect();
    assert!(circle.is_empty(), "these import each other in a circle: {circle:#?}");
}

#[test]
fn the_engine_knows_numbers_only() {
    let imports = imports();
    let only = |place: &str, allowed: &[&str]| {
        let seen: Vec<&str> = imports[place].iter().map(String::as_str).collect();
        assert!(seen.iter().all(|other| allowed.contains(other)), "`{place}` imports {seen:?}");
    };
    only("units", &[]);
    only("issues", &[]);
    only("stats", &[]);
    only("engine", &["stats", "units"]);
    only("language", &["engine", "issues", "units"]);
    only("drivers", &["engine", "issues", "language", "stats", "units"]);
    only("instruments", &["engine", "issues", "language", "stats", "units"]);
    only("lab", &["drivers", "engine", "instruments", "issues", "language", "stats", "units"]);
    let seen_by = |place: &str| -> Vec<&str> {
        imports.iter().filter(|(_, seen)| seen.contains(place)).map(|(other, _)| other.as_str()).collect()
    };
    assert!(seen_by("cli").is_empty());
    assert_eq!(seen_by("study"), ["cli"]);
    assert_eq!(seen_by("output"), ["cli", "study"]);
}

#[test]
fn comments_and_tests_are_no_imports() {
    let text = "use crate::engine::instrument::View; // crate::cli\n/// [`crate::lab`]\nuse crate::{posts, units::Usd};\n\
                #[cfg(test)]\nmod tests { use crate::output; }\n";
    let names: Vec<String> = named(text).into_iter().collect();
    assert_eq!(names, ["engine", "posts", "units"]);
}

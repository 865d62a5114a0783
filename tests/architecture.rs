//! Who imports whom: read from the source, and held to what `docs/architecture.md` says.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The places of the source: a folder, or a file beside them.
fn place_of(file: &Path) -> String {
    let first = file.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
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

/// Whether a file is a test: those may see everything.
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
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let own = |file: &PathBuf| file.strip_prefix(&root).unwrap().to_owned();
    let places: BTreeSet<String> = files.iter().map(|file| place_of(&own(file))).collect();
    let mut out: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files.iter().filter(|file| !is_test(&own(file))) {
        let place = place_of(&own(file));
        if matches!(place.as_str(), "lib" | "main") {
            continue;
        }
        let seen = named(&std::fs::read_to_string(file).unwrap());
        let others: Vec<String> = seen.into_iter().filter(|name| *name != place && places.contains(name)).collect();
        out.entry(place).or_default().extend(others);
    }
    out
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
    assert_eq!(seen_by("output"), ["cli"]);
}

#[test]
fn comments_and_tests_are_no_imports() {
    let text = "use crate::engine::room::View; // crate::cli\n/// [`crate::lab`]\nuse crate::{posts, units::Usd};\n\
                #[cfg(test)]\nmod tests { use crate::output; }\n";
    let names: Vec<String> = named(text).into_iter().collect();
    assert_eq!(names, ["engine", "posts", "units"]);
}

//! Every scenario of the repository reads without a problem, and so does each of its variants.

use gapcast::cli::diagnostics::render;
use gapcast::issues::{Issues, Severity};
use gapcast::language::overlay;
use gapcast::language::tree::Sources;
use gapcast::scenario;
use std::path::{Path, PathBuf};

fn files(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut out: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|e| panic!("{}: {e}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|x| x == "yaml"))
        .collect();
    out.sort();
    assert!(!out.is_empty(), "no scenario in {}", folder.display());
    out
}

/// Problems of one file under one variant, shown as a user would see them; empty when there are none.
fn problems(path: &Path, variant: Option<&str>) -> String {
    let (mut sources, mut issues) = (Sources::default(), Issues::default());
    if let Some(mut root) = overlay::load_file(path, overlay::Reach::Below, |_, _| (), &mut sources, &mut issues) {
        if let Some(name) = variant {
            overlay::apply_variant(&mut root, name, &mut issues);
        }
        let reading = scenario::read(&mut root, issues);
        issues = reading.reader.issues;
        if reading.scenario.is_none() && !issues.has_errors() {
            issues.error("silent", None, "no scenario and no reason", "");
        }
    }
    if issues.count(Severity::Error) + issues.count(Severity::Warning) == 0 {
        return String::new();
    }
    format!("{} {variant:?}\n{}", path.display(), render(&issues, &sources, false))
}

fn variants(path: &Path) -> Vec<String> {
    let (mut sources, mut issues) = (Sources::default(), Issues::default());
    let root = overlay::load_file(path, overlay::Reach::Below, |_, _| (), &mut sources, &mut issues);
    root.map_or(Vec::new(), |root| overlay::variants(&root).into_iter().map(str::to_owned).collect())
}

#[test]
fn every_scenario_and_variant_reads() {
    let mut found = String::new();
    for path in files("scenarios").iter().chain(&files("tests/worked")) {
        found += &problems(path, None);
        for variant in variants(path) {
            found += &problems(path, Some(&variant));
        }
    }
    assert!(found.is_empty(), "{found}");
}

/// The lines below the key `instruments` of a scenario, without comments.
fn instruments(path: &str) -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap();
    let below = text.lines().skip_while(|line| *line != "instruments:").skip(1);
    below
        .filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
        .take_while(|line| line.starts_with(' '))
        .map(str::to_owned)
        .collect()
}

/// A list replaces that of the file below, so `jv-partners` repeats what it inherits. It must stay what the file below says.
#[test]
fn repeated_instruments_are_those_of_the_file_below() {
    let below = instruments("scenarios/anthropic-2026-06.yaml");
    let repeated = instruments("scenarios/jv-partners.yaml");
    assert!(below.len() > 20, "{below:?}");
    assert_eq!(repeated[..below.len()], below);
    assert_eq!(repeated[below.len()], "  - joint_venture:");
}

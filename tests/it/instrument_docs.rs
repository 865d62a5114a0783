//! `docs/instruments/`: one page a kind of instrument, made from the doc of its module and from its keys. A page that is stale fails
//! here; `UPDATE_DOCS=1 cargo test --test it instrument_docs` writes the pages again.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use gapcast::instruments::InstrumentSpec;
use gapcast::language::spec::{Field, Shape};

/// Headings of every page, in order.
const HEADINGS: [&str; 5] = ["What it is", "Monthly cash flows", "In YAML", "Conventions and limits", "Sources"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The kinds that a scenario can name.
fn kinds() -> impl Iterator<Item = &'static str> {
    InstrumentSpec::written()
}

/// The doc of an instrument's module: the lines that begin with `//!`.
fn module_doc(kind: &str) -> String {
    let folder = root().join("crates/model/src/instruments");
    let file = [folder.join(format!("{kind}.rs")), folder.join(kind).join("mod.rs")]
        .into_iter()
        .find(|f| f.exists())
        .unwrap_or_else(|| panic!("no module for `{kind}`"));
    let text = std::fs::read_to_string(file).unwrap();
    text.lines()
        .take_while(|l| l.starts_with("//!"))
        .map(|l| l.trim_start_matches("//!").strip_prefix(' ').unwrap_or(""))
        .collect::<Vec<_>>()
        .join("\n")
}

/// What stands in the table for a key's value.
fn value(field: &Field) -> String {
    match field.shape {
        Shape::Choice(words) => words.iter().map(|(word, _)| format!("`{word}`")).collect::<Vec<_>>().join(", "),
        Shape::Map(_) => "a map".to_owned(),
        Shape::List(_) => "a list".to_owned(),
        Shape::Named(_) => "named entries".to_owned(),
        _ => field.example().map_or(String::new(), |e| format!("e.g. `{e}`")),
    }
}

fn rows(out: &mut String, fields: &[Field], above: &str) {
    for field in fields {
        let key = format!("{above}{}", field.name);
        let default = match field.default {
            Some("{}" | "[]") => "–".to_owned(),
            Some(text) => format!("`{text}`"),
            None if field.required => "required".to_owned(),
            None => "–".to_owned(),
        };
        let about = field.doc.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|");
        writeln!(out, "| `{key}` | {} | {default} | {about} |", value(field)).unwrap();
        match field.shape {
            Shape::Map(inner) => rows(out, inner, &format!("{key}.")),
            Shape::Named(Shape::Map(inner)) => rows(out, inner, &format!("{key}.….")),
            Shape::List(Shape::Map(inner)) => rows(out, inner, &format!("{key}[].")),
            _ => {}
        }
    }
}

fn page(kind: &str) -> String {
    let doc = module_doc(kind);
    let (opening, rest) = doc.split_once("\n# ").unwrap_or_else(|| panic!("the doc of `{kind}` has no headings"));
    let mut out = format!("# `{kind}`\n\n{}\n\n", opening.trim());
    let mut found = Vec::new();
    for section in format!("# {rest}").split("\n# ") {
        let (heading, body) = section.trim_start_matches("# ").split_once('\n').unwrap();
        found.push(heading.to_owned());
        write!(out, "## {heading}\n\n{}\n\n", body.trim()).unwrap();
    }
    assert_eq!(found, HEADINGS, "headings of `{kind}`");
    out += "## Keys\n\n| key | value | default | meaning |\n| --- | --- | --- | --- |\n";
    rows(&mut out, InstrumentSpec::fields(kind), "");
    out += "\nGenerated from the source by `tests/it/instrument_docs.rs`; edit the module's doc, not this page.\n";
    out
}

fn index() -> String {
    let mut out = String::from("# Instruments\n\nOne page each, generated from the source.\n\n");
    for kind in kinds() {
        let doc = module_doc(kind);
        writeln!(out, "- [`{kind}`]({kind}.md): {}", doc.lines().next().unwrap().trim_end_matches('.')).unwrap();
    }
    out
}

fn compare(file: &Path, text: &str) {
    let name = file.file_name().unwrap().to_string_lossy();
    assert!(
        crate::common::is_page(file, text),
        "docs/instruments/{name} is stale: run `UPDATE_DOCS=1 cargo test --test it instrument_docs`"
    );
}

#[test]
fn pages_are_those_of_the_source() {
    let folder = root().join("docs/instruments");
    for kind in kinds() {
        compare(&folder.join(format!("{kind}.md")), &page(kind));
    }
    compare(&folder.join("README.md"), &index());
    let pages = std::fs::read_dir(folder).unwrap().count();
    assert_eq!(pages, kinds().count() + 1, "a page of no instrument stands in docs/instruments");
}

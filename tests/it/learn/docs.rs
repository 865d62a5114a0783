//! Makes the lists of `docs/language.md`, `docs/metrics.md` and `docs/codes.md` from the source, and fails when a page is
//! stale; `UPDATE_DOCS=1 cargo test --test it learn` writes them again.

use std::fmt::Write as _;

use gapcast::engine::books::event;
use gapcast::instruments::InstrumentSpec;
use gapcast::issues::Severity;
use gapcast::language::codes::CODES;
use gapcast::language::describe::{self, one_line};
use gapcast::language::law;
use gapcast::language::quantity::{Kind, example};
use gapcast::language::spec::{Field, Shape};
use gapcast::model::{Model, Settings};
use gapcast::plan::metrics::words::WORDS;
use gapcast::scenario::Scenario;

use crate::learn::{compare, root};

const MARKER: &str = "\n<!-- What follows is made from the source";

fn cell(text: &str) -> String {
    one_line(text).replace('|', "\\|")
}

fn kinds(out: &mut String) {
    *out += "## Kinds of quantities\n\n| kind | written as | units | accepted range, unless the key states another |\n| --- | --- | --- | --- |\n";
    for kind in Kind::ALL {
        let units: Vec<String> = describe::units(kind).iter().map(|unit| format!("`{unit}`")).collect();
        let range = describe::words(kind, kind.range()).unwrap_or_else(|| "any".to_owned());
        writeln!(out, "| {} | `{}` | {} | {range} |", kind.name(), example(kind), units.join(", ")).unwrap();
    }
}

fn laws(out: &mut String) {
    *out += "\n## Laws\n\n| law | parameters | meaning | example |\n| --- | --- | --- | --- |\n";
    for name in law::names() {
        let sets: Vec<String> = law::parameters(name).iter().map(|set| format!("`{}`", set.join("`, `"))).collect();
        writeln!(out, "| `{name}` | {} | {} | `{}` |", sets.join("; or "), law::about(name), law::example(name))
            .unwrap();
    }
}

fn path(field: &Field, above: &str) -> String {
    if above.is_empty() { field.name.to_owned() } else { format!("{above}.{}", field.name) }
}

/// One key; for entries of `lab.compute` that have a page of their own, with a link to it.
fn row(out: &mut String, field: &Field, path: &str, page: Option<&str>) {
    let default = match field.default {
        Some("{}" | "[]") => "–".to_owned(),
        Some(text) => format!("`{text}`"),
        None if field.required => "required".to_owned(),
        None => "–".to_owned(),
    };
    let mut value = describe::value(field);
    if let Some(range) = describe::range(field) {
        write!(value, " ({range})").unwrap();
    }
    let mut about = one_line(field.doc);
    if let Shape::Choice(words) = field.shape {
        for (word, meaning) in words {
            write!(about, " `{word}`: {}", one_line(meaning)).unwrap();
        }
    }
    if let Some(kind) = page {
        write!(about, " The keys of each: [{kind}](instruments/{kind}.md).").unwrap();
    }
    writeln!(out, "| `{path}` | {} | {default} | {} |", cell(&value), cell(&about)).unwrap();
}

fn rows(out: &mut String, fields: &[Field], above: &str) {
    for field in fields {
        let path = path(field, above);
        let page = [("lab.compute.contracts", "contract"), ("lab.compute.owned", "own_compute")];
        let page = page.into_iter().find(|(at, _)| *at == path).map(|(_, kind)| kind);
        row(out, field, &path, page);
        match field.shape {
            _ if page.is_some() => {}
            Shape::Map(inner) | Shape::QuantityOr(_, inner) => rows(out, inner, &path),
            Shape::Named(Shape::Map(inner)) => rows(out, inner, &format!("{path}.<name>")),
            Shape::List(Shape::Map(inner)) => rows(out, inner, &format!("{path}[]")),
            _ => {}
        }
    }
}

const TABLE: &str = "| key | value | default | meaning |\n| --- | --- | --- | --- |\n";

fn section(out: &mut String, title: &str, about: &str, fields: &[Field], above: &str) {
    write!(out, "\n## `{title}`\n\n{about}\n\n{TABLE}").unwrap();
    rows(out, fields, above);
}

fn keys(out: &mut String) {
    write!(out, "\n## Sections of a file\n\n{TABLE}").unwrap();
    *out += "| `extends` | the path of a file | – | Base file, which this file overrides. |\n";
    for field in Scenario::FIELDS {
        row(out, field, field.name, None);
    }
    for field in Scenario::FIELDS {
        let Shape::Map(inner) = field.shape else { continue };
        let about = one_line(field.doc);
        // The world and the lab are long: each map that they hold has a table of its own.
        let whole = !matches!(field.name, "world" | "lab");
        let plain: Vec<Field> = inner.iter().filter(|f| whole || !matches!(f.shape, Shape::Map(_))).copied().collect();
        if !plain.is_empty() {
            section(out, field.name, &about, &plain, field.name);
        }
        for below in inner.iter().filter(|_| !whole) {
            if let Shape::Map(fields) = below.shape {
                let path = format!("{}.{}", field.name, below.name);
                let needed = if below.required { " Required." } else { "" };
                section(out, &path, &format!("{}{needed}", one_line(below.doc)), fields, &path);
            }
        }
    }
    *out += "\n## `instruments`\n\nEach kind has a page with its keys.\n\n";
    for kind in InstrumentSpec::instruments() {
        let entry = InstrumentSpec::ENTRIES.iter().find(|entry| entry.key == kind).unwrap();
        writeln!(out, "- [`{kind}`](instruments/{kind}.md): {}", one_line(entry.doc)).unwrap();
    }
}

#[test]
fn the_page_of_the_language_is_that_of_the_source() {
    let page = std::fs::read_to_string(root().join("docs/language.md")).unwrap();
    let at = page.find(MARKER).expect("the marker");
    let end = at + 1 + page[at + 1..].find('\n').expect("the marker's line") + 1;
    let mut out = format!("{}\n", &page[..end]);
    kinds(&mut out);
    laws(&mut out);
    keys(&mut out);
    compare("docs/language.md", &out);
}

#[test]
fn the_whole_file_of_the_page_is_a_scenario() {
    let page = std::fs::read_to_string(root().join("docs/language.md")).unwrap();
    let yaml = page.split("```yaml\n").nth(1).unwrap().split("```").next().unwrap();
    for variant in [None, Some("no_line".to_owned()), Some("cheap_line".to_owned())] {
        let model = Model::parse("page", yaml, &Settings { variant, ..Settings::default() });
        let model = model.unwrap_or_else(|r| panic!("{:?}", r.issues));
        assert_eq!(model.reader.issues.count(Severity::Warning), 0, "{:?}", model.reader.issues);
    }
}

#[test]
fn the_page_of_metrics_is_that_of_the_source() {
    let mut out = String::from(
        "# Metrics\n\nWhat a run can record: in `monthly.csv` and `instruments.csv` by month, in `summary.csv` and `outcomes.csv` at the horizon. \
         Checks may use any of them. The equations are in [the model](model.md). A value that is undefined on a path is excluded \
         from statistics, and `n_defined` counts the others.\n\n\
         **What is recorded.** By default (`run: {metrics: default}`) a run records the metrics that the tables, the charts and the report need. \
         Metrics marked “on request” are recorded if `run.metrics` names them or `checks:` uses them; so are `dpi`, `irr_to_date`, `marked_share` and `irr_several`, and by month the lines of instruments marked “at the horizon”. \
         `run: {metrics: all}` records everything; `run: {metrics: [default, utilisation, tpu_lease.dpi]}` adds to the default; a list without `default` or `all` records by \
         month only the metrics it names. The selection does not affect results. A column on which all paths of a block have the same value has negligible cost.\n\nGenerated from the source by `tests/it/learn`.\n\n\
         | metric | unit | recorded | description | formula |\n| --- | --- | --- | --- | --- |\n",
    );
    for word in WORDS {
        let (unit, when) = (word.unit.name(), word.when.words());
        writeln!(out, "| `{}` | {unit} | {when} | {} | {} |", word.name, cell(word.about), cell(word.formula)).unwrap();
    }
    out += "\n## Lines of instruments\n\n`<instrument>` is its name in the scenario, `<account>` a tranche, the equity or the partners.\n";
    for kind in InstrumentSpec::written() {
        write!(
            out,
            "\n### [`{kind}`](instruments/{kind}.md)\n\n| line | unit | recorded | description |\n| --- | --- | --- | --- |\n"
        )
        .unwrap();
        let mut seen = Vec::new();
        for other in InstrumentSpec::KINDS.iter().filter(|other| InstrumentSpec::named_as(other) == kind) {
            for (line, about) in InstrumentSpec::reports(other) {
                if !seen.contains(&line.field) {
                    seen.push(line.field);
                    let account = if line.by_account { "<account>." } else { "" };
                    let when = match (line.seldom, line.at_end) {
                        (true, _) => "on request",
                        (_, true) => "at the horizon",
                        _ => "by month",
                    };
                    let (field, unit) = (line.field, line.unit.name());
                    writeln!(out, "| `<instrument>.{account}{field}` | {unit} | {when} | {} |", cell(about)).unwrap();
                }
            }
        }
    }
    out += "\n## Events\n\nIn `events.csv`, as the share of paths in each month. Those marked can be the first cause of ruin: the earliest \
            adverse event of the preceding twelve months.\n\n| event | cause of ruin | description |\n| --- | --- | --- |\n";
    for (at, ((_, name), about)) in event::ALL.iter().zip(event::ABOUT).enumerate() {
        let cause = if at < event::CAUSES { "yes" } else { "" };
        writeln!(out, "| `{name}` | {cause} | {} |", cell(about)).unwrap();
    }
    compare("docs/metrics.md", &out);
}

#[test]
fn the_page_of_codes_is_that_of_the_source() {
    let mut out = String::from(
        "# Codes of messages\n\nEach error and warning has a code, in brackets: `error[unknown-key]`. `gapcast explain CODE` prints the text \
         below. Codes that begin with `lint-` are warnings of `gapcast check` about methodology.\n\nGenerated from the source by `tests/it/learn`.\n",
    );
    for code in CODES {
        write!(out, "\n## `{}`\n\n{}. {}\n", code.code, capital(code.title), one_line(code.about)).unwrap();
        if !code.example.is_empty() {
            write!(out, "\n```text\n{}\n```\n", code.example).unwrap();
        }
    }
    compare("docs/codes.md", &out);
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default() + letters.as_str()
}

//! All terms that can be explained, and how they are found.

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::text::{page, wrap};
use crate::cli::init::{TEMPLATES, Template};
use crate::engine::books::{KINDS, Kind as LineKind, LINE_NAMES, Lines, event};
use crate::engine::columns::Row;
use crate::engine::instrument::Line;
use crate::instruments::InstrumentSpec;
use crate::language::codes::{CODES, Code};
use crate::language::describe::{self, At, one_line};
use crate::language::law::{self, parameters};
use crate::language::quantity::{Kind, example};
use crate::language::spec::{Field, Shape};
use crate::plan::metrics::words::{WORDS, Word, belongs};
use crate::scenario::Scenario;
use crate::scenario::renamed::{RENAMED, Renamed};

/// One meaning of a term.
#[derive(Clone, Debug)]
pub struct Topic {
    /// Its sort, such as "key".
    what: &'static str,
    /// Its full name.
    name: String,
    /// Its description, in paragraphs.
    about: Vec<String>,
    /// Facts, such as its range.
    facts: Vec<(&'static str, String)>,
    /// Items below it, each with its description.
    items: Vec<(String, String)>,
    /// Markdown that follows the rest.
    page: Option<String>,
}

impl Topic {
    fn new(what: &'static str, name: impl Into<String>, about: impl Into<String>) -> Topic {
        Topic { what, name: name.into(), about: vec![about.into()], facts: Vec::new(), items: Vec::new(), page: None }
    }
    fn fact(mut self, name: &'static str, text: impl Into<String>) -> Topic {
        let text = text.into();
        if !text.is_empty() {
            self.facts.push((name, text));
        }
        self
    }
    /// As text for the terminal.
    pub fn text(&self) -> String {
        let mut out = format!("{} ({})\n\n", self.name, self.what);
        for paragraph in self.about.iter().filter(|p| !p.is_empty()) {
            out += &wrap(paragraph, "  ", "  ");
        }
        if !self.facts.is_empty() {
            out.push('\n');
        }
        for (name, text) in &self.facts {
            if *name == "example" {
                let _ = writeln!(out, "  {name}");
                for line in text.lines() {
                    let _ = writeln!(out, "      {line}");
                }
            } else {
                out += &wrap(text, &format!("  {name:<9}"), &" ".repeat(11));
            }
        }
        if !self.items.is_empty() {
            out.push('\n');
        }
        for (name, text) in &self.items {
            let text = if text.is_empty() { format!("`{name}`") } else { format!("`{name}`: {text}") };
            out += &wrap(&text, "  - ", "    ");
        }
        if let Some(markdown) = &self.page {
            out += &page(markdown);
        }
        out
    }
    /// As JSON.
    pub fn json(&self) -> Value {
        let mut out = Map::new();
        out.insert("what".into(), json!(self.what));
        out.insert("name".into(), json!(self.name));
        out.insert("about".into(), json!(self.about.join("\n")));
        for (name, text) in &self.facts {
            out.insert((*name).to_owned(), json!(text));
        }
        if !self.items.is_empty() {
            let items: Vec<Value> =
                self.items.iter().map(|(name, about)| json!({"name": name, "about": about})).collect();
            out.insert("items".into(), json!(items));
        }
        if let Some(page) = &self.page {
            out.insert("page".into(), json!(page));
        }
        Value::Object(out)
    }
}

macro_rules! pages {
    ($($kind:literal),* $(,)?) => {
        /// The page of each kind of instrument.
        pub const PAGES: &[(&str, &str)] =
            &[$(($kind, include_str!(concat!("../../../docs/instruments/", $kind, ".md")))),*];
    };
}
pages! {
    "contract", "own_compute", "equity_round", "convertible", "revolver", "term_loan", "campus", "ddtl", "sale_leaseback",
    "venture_debt", "vendor_finance", "strategic_tranche", "spv", "abs", "joint_venture",
}

/// The terms of the glossary and their meanings.
pub fn glossary() -> impl Iterator<Item = (Vec<&'static str>, &'static str)> {
    let rows = include_str!("../../../docs/glossary.md").lines().filter(|line| line.starts_with('|')).skip(2);
    rows.filter_map(|row| {
        let (words, meaning) = row.trim_matches(['|', ' ']).split_once('|')?;
        Some((words.trim().split(", ").collect(), meaning.trim()))
    })
}

/// Keys that are not in the tables of fields.
const OTHER_KEYS: [(&str, &str); 10] = [
    (
        "extends",
        "Base file, which this file overrides: maps are merged, everything else is replaced. Its path is relative to this file.",
    ),
    (
        "set",
        "In a variant: paths and their new values, `lab.demand.volatility: 5%/mo`. An instrument is identified by its name, `instruments.revolver.limit`.",
    ),
    ("remove", "In a variant: a list of names of instruments, or of paths, to remove."),
    ("add", "In a variant: a list of instruments added after the others."),
    ("dist", "The law of an uncertain quantity, `{dist: beta, p5: 42%, p95: 72%}`."),
    (
        "source",
        "Source of a number; shown in the table of assumptions. Any map may have one; a single value is written as a map, `{value: 5%, source: \"…\"}`.",
    ),
    ("note", "A remark, such as the reason for a judgement. Any map may have one."),
    ("url", "Address of the source. Any map may have one."),
    (
        "evidence",
        "What numbers rest on: `sourced`, `fitted` (estimated from data), `judgement`, or `choice` (a decision: terms and policies that are studied rather than estimated). Without it `sourced` where there is a source, and `judgement` where there is only a note. Any map may have one.",
    ),
    (
        "range",
        "Between what a known value may lie, `{value: 1.0, range: 0.5 to 2, note: judgement}`. Shown in the table of assumptions; the run uses the value alone.",
    ),
];

/// All meanings of a term; empty if it is unknown.
pub fn about(word: &str) -> Vec<Topic> {
    let joined = word.replace(' ', "_");
    let mut out = Vec::new();
    out.extend(CODES.iter().filter(|c| c.code == word).map(code));
    out.extend(PAGES.iter().filter(|(kind, _)| *kind == joined).map(instrument));
    out.extend(TEMPLATES.iter().filter(|t| t.name == word).map(template));
    out.extend(metrics(&joined));
    out.extend(lines(&joined));
    out.extend(events(&joined));
    out.extend(cash_lines(&joined));
    out.extend(keys(&joined));
    out.extend(old_keys(&joined));
    out.extend(words_of_choices(&joined));
    out.extend(law::names().filter(|name| *name == word).map(law_topic));
    out.extend(Kind::ALL.into_iter().filter(|kind| called(*kind).contains(&word)).map(quantity));
    let lower = word.to_lowercase();
    for (words, meaning) in glossary() {
        if words.iter().any(|w| w.to_lowercase() == lower || w.to_lowercase() == lower.replace('_', " ")) {
            out.push(Topic::new("word", words.join(", "), sentence(meaning)));
        }
    }
    out
}

/// All terms, by sort.
pub fn lists() -> Vec<(&'static str, Vec<String>)> {
    let own = |names: &mut dyn Iterator<Item = &'static str>| names.map(str::to_owned).collect::<Vec<String>>();
    vec![
        ("codes of messages", own(&mut CODES.iter().map(|c| c.code))),
        ("instruments", own(&mut PAGES.iter().map(|(kind, _)| *kind))),
        ("metrics", own(&mut WORDS.iter().map(|w| w.name))),
        ("lines of instruments", every_line()),
        ("events", own(&mut event::ALL.iter().map(|(_, name)| *name))),
        ("lines of cash", own(&mut cash_names())),
        ("templates", own(&mut TEMPLATES.iter().map(|t| t.name))),
        ("laws", own(&mut law::names())),
        ("kinds of quantities", Kind::ALL.iter().map(|kind| called(*kind)[0].to_owned()).collect()),
        ("sections of a scenario", own(&mut Scenario::FIELDS.iter().map(|field| field.name).chain(["extends"]))),
        ("words", glossary().flat_map(|(words, _)| words).map(str::to_owned).collect()),
    ]
}

/// Up to three similar terms.
pub fn near(word: &str) -> Vec<String> {
    let mut all: Vec<String> = lists().into_iter().flat_map(|(_, names)| names).collect();
    for at in describe::walk(Scenario::FIELDS) {
        all.push(at.field.name.to_owned());
        all.push(at.path);
    }
    all.sort();
    all.dedup();
    let word: String = word.chars().take(200).collect();
    let mut near: Vec<(usize, String)> = all
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&word, &name), name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 4 && *distance < word.chars().count().max(2))
        .collect();
    near.sort();
    near.into_iter().take(3).map(|(_, name)| name).collect()
}

fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default();
    format!("{first}{}", letters.as_str())
}

fn code(code: &Code) -> Topic {
    let what = if code.code.starts_with("lint-") { "warning of `check`" } else { "code of a message" };
    let mut topic = Topic::new(what, code.code, sentence(code.title) + ".");
    topic.about.push(String::new());
    topic.about.push(one_line(code.about));
    topic.fact("example", code.example)
}

fn instrument((kind, text): &(&'static str, &'static str)) -> Topic {
    let what = if InstrumentSpec::facts(kind).is_some_and(|facts| facts.of_compute()) {
        "entry of lab.compute"
    } else {
        "instrument"
    };
    // The heading and the table of keys of the page are omitted; the keys are formatted below.
    let body = text.split_once('\n').map_or(*text, |(_, body)| body);
    let body = body.split("\n## Keys").next().unwrap_or(body);
    let mut page = format!("{}\n\n## Keys\n\n", body.trim());
    for at in describe::walk(InstrumentSpec::fields(kind)) {
        let _ = writeln!(page, "- `{}`: {}", at.path, in_short(&at));
    }
    page += "\n## Lines\n\n";
    for (line, about) in lines_of(kind) {
        let _ = writeln!(page, "- `{}`: {} [{}]", line_name(&line), one_line(about), line.unit.name());
    }
    Topic { page: Some(page), ..Topic::new(what, *kind, "") }
}

/// A key in a sentence or two.
fn in_short(at: &At) -> String {
    let mut out = format!("{} {}", one_line(at.field.doc), sentence(&describe::value(&at.field)));
    if let Some(range) = describe::range(&at.field) {
        let _ = write!(out, " ({range})");
    }
    match at.field.default {
        Some("{}" | "[]") => {}
        Some(default) => drop(write!(out, "; default `{default}`")),
        None if at.field.required => out += "; required",
        None => {}
    }
    out + "."
}

fn template(template: &Template) -> Topic {
    Topic::new("template", template.name, template.about()).fact("write it", format!("gapcast init {}", template.name))
}

fn metrics(word: &str) -> Vec<Topic> {
    let asked = |w: &&Word| {
        let parts: Vec<&str> = w.name.split('.').collect();
        w.name == word
            || belongs(word, w.name) && !is_line(word)
            || parts.len() > 1 && (parts.last() == Some(&word) || parts[0] == word)
    };
    WORDS.iter().filter(asked).map(metric).collect()
}

fn metric(word: &Word) -> Topic {
    Topic::new("metric", word.name, word.about)
        .fact("unit", word.unit.name())
        .fact("formula", word.formula)
        .fact("recorded", word.when.words())
}

/// Lines of a kind of instrument and of the variants that its terms may select, each once.
fn lines_of(kind: &str) -> Vec<(Line, &'static str)> {
    let mut out: Vec<(Line, &'static str)> = Vec::new();
    for other in InstrumentSpec::KINDS.iter().filter(|other| InstrumentSpec::named_as(other) == kind) {
        for (line, about) in InstrumentSpec::reports(other) {
            if !out.iter().any(|(known, _)| known.field == line.field) {
                out.push((line, about));
            }
        }
    }
    out
}

fn line_name(line: &Line) -> String {
    if line.by_account {
        format!("<instrument>.<account>.{}", line.field)
    } else {
        format!("<instrument>.{}", line.field)
    }
}

fn every_line() -> Vec<String> {
    let mut out: Vec<String> = InstrumentSpec::KINDS
        .iter()
        .flat_map(|kind| InstrumentSpec::reports(kind))
        .map(|(line, _)| line.field.to_owned())
        .collect();
    out.sort();
    out.dedup();
    out
}

fn is_line(word: &str) -> bool {
    word.rsplit_once('.').is_some_and(|(_, last)| every_line().iter().any(|line| line == last))
}

/// `balance`, `revolver.balance`, `my_line.balance`: what an instrument reports by month.
fn lines(word: &str) -> Vec<Topic> {
    let (of, last) = word.rsplit_once('.').map_or((None, word), |(of, last)| (of.split('.').next(), last));
    let known = of.filter(|of| PAGES.iter().any(|(kind, _)| kind == of));
    // A description shared by several kinds is shown once.
    let mut out: Vec<(Topic, Vec<&str>)> = Vec::new();
    for (kind, _) in PAGES.iter().filter(|(kind, _)| known.is_none_or(|of| of == *kind)) {
        for (line, about) in lines_of(kind).into_iter().filter(|(line, _)| line.field == last) {
            let topic = Topic::new("metric", line_name(&line), one_line(about))
                .fact("unit", line.unit.name())
                .fact("recorded", if line.at_end { "by month, and once per path at the horizon" } else { "by month" });
            match out.iter_mut().find(|(t, _)| t.name == topic.name && t.about == topic.about && t.facts == topic.facts)
            {
                Some((_, kinds)) => kinds.push(kind),
                None => out.push((topic, vec![kind])),
            }
        }
    }
    out.into_iter().map(|(topic, kinds)| topic.fact("of", kinds.join(", "))).collect()
}

fn events(word: &str) -> Vec<Topic> {
    let all = event::ALL.iter().zip(event::ABOUT).enumerate();
    all.filter(|(_, ((_, name), _))| *name == word)
        .map(|(at, ((bit, name), about))| {
            let what = if at < event::CAUSES { "event, and cause of ruin" } else { "event" };
            let of: Vec<&str> = PAGES
                .iter()
                .map(|(kind, _)| *kind)
                .filter(|kind| {
                    InstrumentSpec::KINDS
                        .iter()
                        .any(|k| InstrumentSpec::named_as(k) == *kind && InstrumentSpec::events_of(k) & bit != 0)
                })
                .collect();
            let topic = Topic::new(what, *name, one_line(about)).fact("of", of.join(", "));
            if at < event::CAUSES {
                topic.fact(
                    "counts",
                    "as the first cause of ruin: the earliest adverse event of the preceding twelve months",
                )
            } else {
                topic
            }
        })
        .collect()
}

fn cash_names() -> impl Iterator<Item = &'static str> {
    LINE_NAMES.iter().zip(KINDS).filter(|(_, kind)| !matches!(kind, LineKind::Memo)).map(|(name, _)| *name)
}

fn cash_lines(word: &str) -> Vec<Topic> {
    let all = LINE_NAMES.iter().zip(KINDS).zip(<Lines as Row>::DOCS);
    all.filter(|((name, _), _)| **name == word)
        .filter_map(|((name, kind), about)| {
            let (side, section) = match kind {
                LineKind::In(section) => ("source: cash to the lab".to_owned(), section),
                LineKind::Out(rank, section) => {
                    (format!("use: cash from the lab, paid in rank {rank} of 0 to 8"), section)
                }
                LineKind::Memo => return None,
            };
            let section = format!("{section:?}").to_lowercase();
            Some(
                Topic::new("line of sources and uses", *name, one_line(about))
                    .fact("side", side)
                    .fact("section", section),
            )
        })
        .collect()
}

/// Keys by their path or the end of it. A path may contain names: `lab.compute.contracts.google.price`.
fn keys(word: &str) -> Vec<Topic> {
    let asked: Vec<&str> = word.split('.').collect();
    let all = describe::walk(Scenario::FIELDS);
    let matching = |loose: bool| -> Vec<&At> { all.iter().filter(|at| matches(&at.path, &asked, loose)).collect() };
    let found = Some(matching(false)).filter(|found| !found.is_empty()).unwrap_or_else(|| matching(true));
    let mut out: Vec<(Topic, Vec<&str>)> = Vec::new();
    for at in found {
        let topic = key(at);
        let same = |t: &Topic| t.about == topic.about && t.facts == topic.facts && t.items == topic.items;
        match out.iter_mut().find(|(t, _)| same(t)) {
            Some((_, paths)) => paths.push(&at.path),
            None => out.push((topic, vec![&at.path])),
        }
    }
    let mut out: Vec<Topic> = out
        .into_iter()
        .map(|(topic, paths)| {
            if paths.len() > 1 { Topic { name: word.to_owned(), ..topic }.fact("at", paths.join(", ")) } else { topic }
        })
        .collect();
    out.extend(
        OTHER_KEYS.iter().filter(|(name, _)| *name == word).map(|(name, about)| Topic::new("key", *name, *about)),
    );
    out
}

/// Renamed keys that had this name, each with its new name.
fn old_keys(word: &str) -> Vec<Topic> {
    let asked: Vec<&str> = word.split('.').collect();
    let mut out: Vec<(&str, Vec<String>)> = Vec::new();
    // A key that only moved is explained under its name; the move is reported only to those who ask for its old path.
    let only_moved = |row: &Renamed| row.new.rsplit('.').next() == Some(row.old);
    let meant = |row: &&Renamed| {
        matches(&format!("{}.{}", row.map, row.old), &asked, true) && (asked.len() > 1 || !only_moved(row))
    };
    for row in RENAMED.iter().filter(meant) {
        let path = format!("{}.{}", row.map, row.new);
        match out.iter_mut().find(|(new, _)| *new == row.new) {
            Some((_, paths)) => paths.push(path),
            None => out.push((row.new, vec![path])),
        }
    }
    let topic = |(new, paths): (&str, Vec<String>)| {
        let about = format!("Renamed `{new}`; this version still accepts the old name, with a warning.");
        Topic::new("old name of a key", word, about).fact("now", paths.join(", "))
    };
    out.into_iter().map(topic).collect()
}

/// Whether a path ends in these steps; if `loose`, any word matches a name or the kind of an instrument.
fn matches(path: &str, asked: &[&str], loose: bool) -> bool {
    let steps: Vec<&str> = path.split('.').map(|step| step.trim_end_matches("[]")).collect();
    if asked.len() > steps.len() {
        return false;
    }
    let skip = steps.len() - asked.len();
    steps.iter().enumerate().skip(skip).zip(asked).all(|((at, step), asked)| {
        let named = *step == "<name>" || at == 1 && steps[0] == "instruments";
        step == asked || loose && named
    })
}

/// The keys of a map, each with its description.
fn below(fields: &[Field]) -> Vec<(String, String)> {
    fields.iter().map(|f| (f.name.to_owned(), one_line(f.doc))).collect()
}

fn key(at: &At) -> Topic {
    let field = &at.field;
    let mut topic = Topic::new("key", at.path.clone(), one_line(field.doc)).fact("takes", describe::value(field));
    if let Some(kind) = field.kind.filter(|kind| *kind != Kind::Number) {
        let units: Vec<String> = describe::units(kind).iter().map(|unit| format!("`{unit}`")).collect();
        topic = topic.fact("units", units.join(", "));
    }
    topic = topic.fact("range", describe::range(field).unwrap_or_default());
    topic = match field.default {
        Some("{}" | "[]") => topic,
        Some(default) => topic.fact("default", format!("`{default}`")),
        None if field.required => topic.fact("default", "none; the key is required"),
        None => topic,
    };
    match field.shape {
        Shape::Choice(words) => {
            topic.items = words.iter().map(|(word, about)| ((*word).to_owned(), one_line(about))).collect();
        }
        Shape::Map(fields) | Shape::QuantityOr(_, fields) => topic.items = below(fields),
        Shape::Named(Shape::Map(fields)) | Shape::List(Shape::Map(fields)) => topic.items = below(fields),
        Shape::List(Shape::OneOf(entries)) => {
            let written = entries.iter().filter(|entry| entry.written);
            topic.items = written.map(|entry| (entry.key.to_owned(), one_line(entry.doc))).collect();
        }
        _ => {}
    }
    topic
}

/// A word that is a value of a key.
fn words_of_choices(word: &str) -> Vec<Topic> {
    let mut out: Vec<(Topic, Vec<String>)> = Vec::new();
    for at in describe::walk(Scenario::FIELDS) {
        let Shape::Choice(words) = at.field.shape else { continue };
        for (_, about) in words.iter().filter(|(w, _)| *w == word) {
            let topic = Topic::new("value of a key", word, one_line(about));
            match out.iter_mut().find(|(t, _)| t.about == topic.about) {
                Some((_, paths)) => paths.push(at.path.clone()),
                None => out.push((topic, vec![at.path.clone()])),
            }
        }
    }
    out.into_iter().map(|(topic, paths)| topic.fact("at", paths.join(", "))).collect()
}

fn law_topic(name: &'static str) -> Topic {
    let sets: Vec<String> = parameters(name).iter().map(|set| set.join(", ")).collect();
    Topic::new("law", name, law::about(name)).fact("takes", sets.join("; or ")).fact("example", law::example(name))
}

/// The names of a kind; the first is shown in lists.
fn called(kind: Kind) -> [&'static str; 2] {
    match kind {
        Kind::Money => ["money", "usd"],
        Kind::MoneyRate => ["money per time", "money_rate"],
        Kind::PowerPrice => ["money per power and time", "power_price"],
        Kind::PowerCost => ["money per power", "power_cost"],
        Kind::Share => ["share", "percentage"],
        Kind::Rate => ["interest rate", "rate of interest"],
        Kind::Growth => ["growth", "log growth"],
        Kind::Hazard => ["probability per time", "hazard"],
        Kind::Volatility => ["volatility", "noise"],
        Kind::Multiple => ["multiple", "ratio"],
        Kind::Power => ["power", "gigawatts"],
        Kind::Time => ["time", "duration"],
        Kind::Number => ["plain number", "number"],
    }
}

fn quantity(kind: Kind) -> Topic {
    let units: Vec<String> = describe::units(kind).iter().map(|unit| format!("`{unit}`")).collect();
    Topic::new("kind of quantity", called(kind)[0], format!("{}, e.g. `{}`.", sentence(kind.name()), example(kind)))
        .fact("units", units.join(", "))
        .fact(
            "range",
            describe::words(kind, kind.range())
                .map(|range| format!("{range}, unless a key says otherwise"))
                .unwrap_or_default(),
        )
}

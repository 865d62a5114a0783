//! What the numbers of a scenario rest on: their sources, notes and ranges.

use super::expr::{self, Expr, Parsed};
use super::law::LawSpec;
use super::quantity::{Kind, Quantity};
use super::reader::Reader;
use super::tree::Node;
use super::values::choose;
use std::collections::{HashMap, HashSet};

/// Keys that every map of a scenario may have besides its own.
pub const COMMENT_KEYS: [&str; 4] = ["source", "note", "url", "evidence"];
/// The key of a single value that states between what it may lie.
pub(super) const RANGE: &str = "range";
/// All keys beside `value`.
pub(super) const BESIDE_VALUE: [&str; 6] = ["value", "source", "note", "url", "evidence", RANGE];

/// What a number rests on, with the meaning of each word.
pub const EVIDENCE: [(&str, &str); 4] = [
    ("sourced", "published by somebody; the default where there is a `source` or `url`"),
    ("fitted", "estimated from data"),
    ("judgement", "an estimate without data; the default where there is only a `note`"),
    ("choice", "a decision: terms and policies that are studied rather than estimated, and what balances a sum"),
];

/// A statement about the world with its source.
#[derive(Clone, Debug, PartialEq)]
pub struct Assumption {
    /// Where in the scenario, `lab.demand.growth.now`.
    pub path: String,
    /// What was written; empty for a whole section.
    pub text: String,
    /// Where it comes from.
    pub source: Option<String>,
    /// A remark.
    pub note: Option<String>,
    /// A link.
    pub url: Option<String>,
    /// A word of [`EVIDENCE`], where one is written.
    pub evidence: Option<&'static str>,
    /// How many numbers were written before it.
    after: usize,
}

impl Assumption {
    /// A word of [`EVIDENCE`]: the one that is written, or what follows from source and note.
    fn rests_on(&self) -> &'static str {
        let published = self.source.is_some() || self.url.is_some();
        self.evidence.unwrap_or(if published { "sourced" } else { "judgement" })
    }
}

/// A number that is written in the scenario.
#[derive(Clone, Debug, PartialEq)]
pub struct Written {
    /// Where in the scenario.
    pub path: String,
    /// What was written.
    pub text: String,
    /// Its range: the stated one, or that of its law.
    pub range: String,
}

/// A row of the table of assumptions: a number, or a map with a source or note.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Basis {
    /// Where in the scenario.
    pub path: String,
    /// The number as written; empty for a map.
    pub text: String,
    /// A word of [`EVIDENCE`]; empty where nothing is stated, and for a map.
    pub evidence: &'static str,
    /// Between what the number may lie; empty where nothing is stated.
    pub range: String,
    /// Where source and note are written: the path itself, or that of a map around it.
    pub stated_at: String,
    /// Where it comes from.
    pub source: String,
    /// A link.
    pub url: String,
    /// A remark.
    pub note: String,
}

impl Reader {
    /// Records the source, note and link of a map.
    pub(super) fn note_assumption(&mut self, node: &Node) {
        if self.in_default {
            return;
        }
        let [source, note, url, evidence] = COMMENT_KEYS.map(|key| node.get(key));
        let [source, note, url] = [source, note, url].map(|node| node.and_then(Node::text).map(str::to_owned));
        let evidence = evidence.and_then(|node| choose(node, &EVIDENCE, self));
        if source.is_none() && note.is_none() && url.is_none() && evidence.is_none() {
            return;
        }
        let (path, text, after) = (self.path(), written(node), self.numbers.len());
        self.assumptions.push(Assumption { path, text, source, note, url, evidence, after });
    }

    /// Records a number of the scenario, with the range of its law.
    pub(super) fn note_number(&mut self, node: &Node, law: Option<&LawSpec>) {
        let text = written(node);
        // A name alone is a number that is written elsewhere.
        let mut words = text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.')));
        if self.in_default || !words.any(|word| word.starts_with(|c: char| c.is_ascii_digit())) {
            return;
        }
        let range = law.map_or(String::new(), |law| range_of(law, &text));
        self.numbers.push(Written { path: self.path(), text, range });
    }

    /// Replaces the text of the number that was recorded last, where it is a part of what was written.
    pub(super) fn restate(&mut self, text: String) {
        let path = self.path();
        if let Some(number) = self.numbers.last_mut().filter(|number| number.path == path) {
            number.text = text;
        }
    }

    /// Records a number that is not a quantity.
    pub fn note_plain(&mut self, text: String, range: String) {
        if !self.in_default {
            self.numbers.push(Written { path: self.path(), text, range });
        }
    }

    /// Reads the `range` of a known value, which must contain it.
    pub(super) fn read_range(&mut self, node: &Node, kind: Kind, quantity: &Quantity) {
        let Some(range) = node.get(RANGE) else { return };
        let Some(text) = range.text() else {
            self.error("shape", range.place, "a range is an interval", "write `range: a to b`");
            return;
        };
        let parsed = { expr::parse(text, &mut |name| self.lookup(name)) };
        let (low, high, unit) = match parsed {
            Ok(Parsed::Interval(low, high, unit)) => (low, high, unit),
            Ok(Parsed::Single(..)) => {
                self.error("interval", range.place, "a range has two ends", "write `range: a to b`");
                return;
            }
            Err(fault) => {
                super::said::report(range, &fault, Some(kind), self);
                return;
            }
        };
        let (Some(low), Some(high)) = (kind.canonical(unit, low), kind.canonical(unit, high)) else {
            self.error("unit", range.place, "the range has another unit than its value", "write both in the same unit");
            return;
        };
        match quantity.known() {
            None => self.error(
                "range",
                range.place,
                "an uncertain value has the range of its law",
                "remove `range`, or write one value",
            ),
            // A value at an end may differ from it by rounding.
            Some(x) if x < low - 1e-9 * low.abs() || x > high + 1e-9 * high.abs() || low >= high => {
                self.error(
                    "range",
                    range.place,
                    "the range does not contain its value",
                    "it lies between the two ends, the smaller first",
                );
            }
            Some(_) => {
                let path = self.path();
                if let Some(number) = self.numbers.last_mut().filter(|number| number.path == path) {
                    text.clone_into(&mut number.range);
                }
            }
        }
    }
}

/// The table of assumptions: every number that is written, and every map with a source or a note, in reading order.
/// A number without its own source or note has those of the nearest map around it that states any.
pub fn table(reader: &Reader) -> Vec<Basis> {
    let stated: HashMap<&str, &Assumption> = reader.assumptions.iter().map(|a| (a.path.as_str(), a)).collect();
    let numbers: HashSet<&str> = reader.numbers.iter().map(|number| number.path.as_str()).collect();
    let mut rows = Vec::new();
    let mut maps = reader.assumptions.iter().filter(|map| !numbers.contains(map.path.as_str())).peekable();
    for (at, number) in reader.numbers.iter().enumerate() {
        while let Some(map) = maps.next_if(|map| map.after <= at) {
            rows.push(row(map));
        }
        let mut around = std::iter::successors(Some(number.path.as_str()), |path| Some(path.rsplit_once('.')?.0));
        let nearest = around.find_map(|path| stated.get(path));
        let basis = nearest.map_or_else(Basis::default, |a| Basis { evidence: a.rests_on(), ..row(a) });
        let Written { path, text, range } = number.clone();
        rows.push(Basis { path, text, range, ..basis });
    }
    rows.extend(maps.map(row));
    rows
}

fn row(a: &Assumption) -> Basis {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    Basis {
        path: a.path.clone(),
        text: a.text.clone(),
        evidence: if a.text.is_empty() { "" } else { a.rests_on() },
        range: String::new(),
        stated_at: a.path.clone(),
        source: text(&a.source),
        url: text(&a.url),
        note: text(&a.note),
    }
}

/// What is written for a value: its text, or its law with the parameters.
fn written(node: &Node) -> String {
    let Some(dist) = node.get("dist").and_then(Node::text) else {
        return node.text().or_else(|| node.get("value").and_then(Node::text)).unwrap_or("").to_owned();
    };
    let mut text = dist.to_owned();
    for (key, value) in node.map().unwrap_or(&[]) {
        if !COMMENT_KEYS.contains(&key.text.as_str()) && key.text != "dist" {
            let words: Vec<&str> =
                value.list().map_or(vec![value.text().unwrap_or("")], |l| l.iter().filter_map(Node::text).collect());
            for part in [", ", &key.text, " ", &words.join(" ")] {
                text += part;
            }
        }
    }
    text
}

/// The range of an uncertain value as it was written: between its 5% and 95% quantiles, or its smallest and largest.
fn range_of(law: &LawSpec, text: &str) -> String {
    match law {
        LawSpec::Point(_) => String::new(),
        LawSpec::IntervalNormal { .. } | LawSpec::IntervalLognormal { .. } if text.contains(" to ") => text.to_owned(),
        _ => {
            let parameter = |name: &str| text.split(", ").find_map(|part| part.strip_prefix(name)?.strip_prefix(' '));
            let ends =
                [("p5", "p95"), ("min", "max")].into_iter().find_map(|(a, b)| Some((parameter(a)?, parameter(b)?)));
            // Other laws are their own range.
            ends.map_or(text.to_owned(), |(a, b)| format!("{a} to {b}"))
        }
    }
}

/// The law of an expression that is an uncertain input alone.
pub(super) fn law_of<'r>(expr: &Expr, reader: &'r Reader) -> Option<&'r LawSpec> {
    match expr {
        Expr::Input(index) => reader.inputs.get(*index).map(|input| &input.law),
        _ => None,
    }
}

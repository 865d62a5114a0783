//! Where each value of a resolved scenario came from: a file, a file that it extends, a variant, the command line, a
//! default.

use std::collections::BTreeSet;

use super::assumption::COMMENT_KEYS;
use super::tree::{Node, SET, Sources, Value};
use crate::issues::Place;

/// Where a value came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// It was left out.
    Default,
    /// A line of the file, counted from 1.
    File(String, usize),
    /// A line of a file that the file extends.
    Extended(String, usize),
    /// The patch of a variant, by its name, and its line.
    Variant(String, String, usize),
    /// An argument of the command line, as it was given.
    Argument(String),
}

impl Origin {
    /// The text shown: `lab.yaml:12`.
    pub fn text(&self) -> String {
        match self {
            Origin::Default => "default".to_owned(),
            Origin::File(file, line) => format!("{file}:{line}"),
            Origin::Extended(file, line) => format!("extends {file}:{line}"),
            Origin::Variant(name, file, line) => format!("variant {name} {file}:{line}"),
            Origin::Argument(argument) => argument.clone(),
        }
    }
    /// A word for the kind of origin.
    pub fn kind(&self) -> &'static str {
        match self {
            Origin::Default => "default",
            Origin::File(..) => "file",
            Origin::Extended(..) => "extends",
            Origin::Variant(..) => "variant",
            Origin::Argument(_) => "argument",
        }
    }
}

/// A row of the resolved scenario.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Steps from the root, joined by dots.
    pub path: String,
    /// Its depth; 0 for keys of the root.
    pub depth: usize,
    /// The last step: a key, or for an item of a list its name or number.
    pub step: String,
    /// The value, on one line; none for a map or list that has rows of its own.
    pub value: Option<String>,
    /// Where it came from; none for a map or list that has rows of its own.
    pub origin: Option<Origin>,
}

/// The arguments of [`rows`].
#[derive(Clone, Copy, Debug)]
pub struct Question<'a> {
    /// The scenario with every default.
    pub resolved: &'a Node,
    /// The scenario before defaults and settings.
    pub laid: &'a Node,
    /// The texts of the files.
    pub sources: &'a Sources,
    /// The variant that was applied.
    pub variant: Option<&'a str>,
    /// Paths set by an option of the command line, and the option.
    pub given: &'a [(&'a str, String)],
}

/// All values in the order of the scenario, without sources and notes, and without `variants` and `extends`, which have
/// already been applied.
pub fn rows(question: &Question<'_>) -> Vec<Row> {
    let patch = question.variant.and_then(|name| question.laid.get("variants")?.get(name));
    let mut places = BTreeSet::new();
    if let Some(patch) = patch {
        collect(patch, &mut places);
    }
    let mut walk = Walk { question, places, out: Vec::new() };
    for (key, value) in question.resolved.map().unwrap_or(&[]) {
        if !["variants", "extends"].contains(&key.text.as_str()) {
            walk.node(&key.text, &key.text, 0, value, question.laid.get(&key.text));
        }
    }
    walk.out
}

/// Places of all values of a tree.
fn collect(node: &Node, places: &mut BTreeSet<Place>) {
    places.insert(node.place);
    match &node.value {
        Value::Map(entries) => entries.iter().for_each(|(_, value)| collect(value, places)),
        Value::List(items) => items.iter().for_each(|item| collect(item, places)),
        _ => {}
    }
}

struct Walk<'a> {
    question: &'a Question<'a>,
    places: BTreeSet<Place>,
    out: Vec<Row>,
}

impl Walk<'_> {
    fn node(&mut self, path: &str, step: &str, depth: usize, node: &Node, laid: Option<&Node>) {
        let whole = is_value(node);
        let mut row = Row { path: path.to_owned(), depth, step: step.to_owned(), value: None, origin: None };
        if whole {
            row.value = Some(one_line(node));
            row.origin = Some(self.origin(path, node, laid));
        }
        self.out.push(row);
        if whole {
            return;
        }
        match &node.value {
            Value::Map(entries) => {
                for (key, value) in entries.iter().filter(|(key, _)| !COMMENT_KEYS.contains(&key.text.as_str())) {
                    let below = laid.and_then(|l| l.get(&key.text));
                    self.node(&format!("{path}.{}", key.text), &key.text, depth + 1, value, below);
                }
            }
            Value::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    let name = item.item_name().map_or(at.to_string(), str::to_owned);
                    let all = laid.and_then(Node::list).unwrap_or(&[]);
                    let below = match item.item_name() {
                        Some(name) => all.iter().find(|l| l.item_name() == Some(name)),
                        None => all.get(at),
                    };
                    // An item named by its only key is shown under that name: `- google: {…}` as `google`.
                    match item.map() {
                        Some([(key, value)]) if key.text != "name" => {
                            let step = if key.text == name { name.clone() } else { format!("{name} ({})", key.text) };
                            let below = below.and_then(|l| l.get(&key.text));
                            self.node(&format!("{path}.{name}"), &step, depth + 1, value, below);
                        }
                        _ => self.node(&format!("{path}.{name}"), &name, depth + 1, item, below),
                    }
                }
            }
            _ => {}
        }
    }

    fn origin(&self, path: &str, node: &Node, laid: Option<&Node>) -> Origin {
        if let Some((_, option)) = self.question.given.iter().find(|(given, _)| *given == path) {
            return Origin::Argument(option.clone());
        }
        let place = node.place;
        let sources = self.question.sources;
        let name = sources.name(place.file).unwrap_or("").to_owned();
        // Arguments are sources of their own, after all files.
        if name == SET {
            return Origin::Argument(format!("--set {}", sources.text(place.file).unwrap_or("")));
        }
        if laid.is_none() {
            return Origin::Default;
        }
        let (_, line, _) = sources.line_at(place.file, place.start as usize);
        match self.question.variant {
            Some(variant) if self.places.contains(&place) => Origin::Variant(variant.to_owned(), name, line),
            _ if place.file > 0 => Origin::Extended(name, line),
            _ => Origin::File(name, line),
        }
    }
}

/// Whether a node is one value: a scalar, a law, a value with its source, or a list of scalars.
fn is_value(node: &Node) -> bool {
    match &node.value {
        Value::Null | Value::Scalar { .. } => true,
        Value::Map(entries) => entries.is_empty() || node.is_one_value(),
        Value::List(items) => items.iter().all(|item| item.text().is_some() || item.list().is_some()),
    }
}

/// A value on one line, in flow style.
fn one_line(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".to_owned(),
        Value::Scalar { text, .. } => text.split_whitespace().collect::<Vec<_>>().join(" "),
        Value::List(items) => format!("[{}]", items.iter().map(one_line).collect::<Vec<_>>().join(", ")),
        Value::Map(entries) => {
            if let Some(value) = node.get("value").filter(|_| node.is_one_value()) {
                return one_line(value);
            }
            let told = entries.iter().filter(|(key, _)| !COMMENT_KEYS.contains(&key.text.as_str()));
            let parts: Vec<String> = told.map(|(key, value)| format!("{}: {}", key.text, one_line(value))).collect();
            format!("{{{}}}", parts.join(", "))
        }
    }
}

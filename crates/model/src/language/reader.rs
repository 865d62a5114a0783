//! Reads typed values from the tree: reports every problem, writes defaults into the tree, collects the inputs.

use super::assumption::{Assumption, COMMENT_KEYS, Written};
use super::expr::Expr;
use super::law::{InputSpec, LawSpec};
use super::literal::is_reserved;
use super::quantity::{Kind, Quantity, Range};
use super::said::{Said, read_said};
use super::spec::{Field, Shape};
use super::tree::{Key, Node, Value};
use super::unit::Unit;
use super::yaml;
use crate::issues::{Issues, Place, nearest};
use crate::units::Month;
use std::collections::HashMap;

/// The label of an input that uses another input.
pub(super) const INPUT_OF_INPUTS: &str = "an input must be a value, an interval or a law";

/// A quantity that is not the same on every path, and its path in the scenario.
#[derive(Clone, Debug)]
pub struct Uncertain {
    /// Where in the scenario, `lab.demand.growth.now`.
    pub path: String,
    /// The kind that its field expects.
    pub kind: Kind,
    /// The quantity.
    pub quantity: Quantity,
}

/// What is being read, and everything found so far.
#[derive(Debug, Default)]
pub struct Reader {
    /// All problems.
    pub issues: Issues,
    /// All inputs: those of `inputs:` first, then those written in place, in reading order.
    pub inputs: Vec<InputSpec>,
    /// All statements that carry a source or a note.
    pub assumptions: Vec<Assumption>,
    /// All numbers that are written in the scenario, in reading order.
    pub numbers: Vec<Written>,
    /// All quantities that are not the same on every path, in reading order.
    pub uncertain: Vec<Uncertain>,
    /// The first simulated month, which has the index 1.
    pub start: Month,
    /// Number of simulated months.
    pub months: u32,
    /// The range that the field being read states.
    pub(super) range: Option<Range>,
    path: Vec<(String, Option<Place>)>,
    names: HashMap<String, usize>,
    used: Vec<bool>,
    named: usize,
    naming: bool,
    /// Whether what is read is a default that the scenario does not state.
    pub(super) in_default: bool,
}

/// A value that can be read from the tree.
pub trait Read: Sized {
    /// The shape of the written value, for the schema and `explain`.
    const SHAPE: Shape = Shape::Any;
    /// Whether it may be left out without a default.
    const OPTIONAL: bool = false;
    /// Reads `node`, of `kind` where the field states one. Problems go to `r.issues`; `None` when there is no value.
    fn read(node: &mut Node, kind: Option<Kind>, r: &mut Reader) -> Option<Self>;
    /// The value of a field that was left out, for optional ones.
    fn missing() -> Option<Self> {
        None
    }
}

impl Reader {
    /// A reader for a scenario of `months` months from `start`.
    pub fn new(start: Month, months: u32) -> Reader {
        Reader { start, months, ..Reader::default() }
    }
    /// The path of what is being read, `instruments.revolver.limit`.
    pub fn path(&self) -> String {
        let steps: Vec<&str> = self.path.iter().map(|(name, _)| name.as_str()).collect();
        steps.join(".")
    }
    /// Reads inside the step `name` of the path; `key` is where that step was written.
    pub fn within<T>(&mut self, name: &str, key: Option<Place>, read: impl FnOnce(&mut Reader) -> T) -> T {
        self.path.push((name.to_owned(), key));
        let range = self.range.take();
        let out = read(self);
        self.range = range;
        self.path.pop();
        out
    }
    /// Adds an error.
    pub fn error(&mut self, code: &'static str, place: Place, title: impl Into<String>, label: impl Into<String>) {
        self.issues.error(code, place, title, label);
    }
    /// The place to show for a node: its own, or that of its key if it is a map, a list or empty.
    pub fn place_of(&self, node: &Node) -> Place {
        match node.value {
            Value::Scalar { .. } => node.place,
            _ => self.path.last().and_then(|(_, key)| *key).unwrap_or(node.place),
        }
    }

    /// Reads the section `inputs:`, which must come before everything that uses them.
    pub fn read_inputs(&mut self, node: &mut Node) {
        if node.value == Value::Null {
            return;
        }
        let Some(entries) = node.map() else {
            self.error(
                "shape",
                node.place,
                format!("`inputs` is a map of names, and this is {}", node.shape()),
                "write `name: 5%/mo to 15%/mo`",
            );
            return;
        };
        self.naming = true;
        for (key, value) in entries {
            let name = &key.text;
            let plain = name.starts_with(|c: char| c.is_ascii_lowercase())
                && name.len() <= 64
                && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            if !plain || is_reserved(name) {
                let label = if plain {
                    "this word is reserved"
                } else {
                    "lower-case letters, digits and `_`, beginning with a letter"
                };
                self.error("name", key.place, format!("`{name}` is not allowed as the name of an input"), label);
            }
            self.within("inputs", None, |r| {
                r.within(name, Some(key.place), |r| {
                    let said = read_said(value, None, r);
                    r.note_assumption(value);
                    let law = match said {
                        Some(Said::Law(law, unit)) => Some((law, unit)),
                        Some(Said::Value(Expr::Number(x), unit)) => Some((LawSpec::Point(x), unit)),
                        _ => None,
                    };
                    if let Some((law, unit)) = law {
                        r.note_number(value, Some(&law));
                        r.register(name.clone(), law, unit, value);
                    } else {
                        // Its problem was reported; uses of the name are not reported again.
                        r.names.insert(name.clone(), usize::MAX);
                    }
                });
            });
        }
        self.naming = false;
        self.named = self.inputs.len();
    }

    /// The named inputs that no field uses.
    pub fn unused_inputs(&self) -> Vec<&InputSpec> {
        self.inputs.iter().zip(&self.used).filter(|(_, used)| !**used).map(|(input, _)| input).collect()
    }

    pub(super) fn lookup(&mut self, name: &str) -> Result<(Expr, Unit), (String, Option<String>)> {
        if self.naming {
            return Err((INPUT_OF_INPUTS.to_owned(), Some("use an expression where the value is needed".to_owned())));
        }
        match self.names.get(name) {
            // An invalid input was already reported; the empty label suppresses reports of its uses.
            Some(&usize::MAX) => Err((String::new(), None)),
            Some(&index) if index < self.named => {
                self.used[index] = true;
                let input = &self.inputs[index];
                Ok(match input.law {
                    LawSpec::Point(x) => (Expr::Number(x), input.unit),
                    _ => (Expr::Input(index), input.unit),
                })
            }
            _ => {
                if name == "sofr" {
                    return Err(("`sofr` can only begin an interest rate: `sofr + 225 bp`".to_owned(), None));
                }
                let named: Vec<&str> = self.inputs[..self.named].iter().map(|i| i.name.as_str()).collect();
                let label = match nearest(name, named.iter().copied()) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "not declared under `inputs:`".to_owned(),
                };
                Err((label, (!named.is_empty()).then(|| format!("inputs: {}", named.join(", ")))))
            }
        }
    }

    pub(super) fn register(&mut self, name: String, law: LawSpec, unit: Unit, node: &Node) -> Option<Expr> {
        let place = self.place_of(node);
        let index = self.inputs.len();
        if self.names.insert(name.clone(), index).is_some() {
            self.error("duplicate-name", place, format!("duplicate input `{name}`"), "the second occurrence");
            return None;
        }
        let [source, note, url] =
            ["source", "note", "url"].map(|key| node.get(key).and_then(Node::text).map(str::to_owned));
        self.inputs.push(InputSpec { name, law, unit, place, source, note, url });
        self.used.push(!self.naming);
        Some(Expr::Input(index))
    }

    /// Reports keys that do not belong to a map.
    pub fn only_keys(&mut self, node: &Node, allowed: &[&str]) {
        let strangers = node.map().unwrap_or(&[]).iter().filter(|(key, _)| !allowed.contains(&key.text.as_str()));
        let mut open: Option<Vec<&str>> = None;
        for (key, _) in strangers {
            if !self.issues.is_full() {
                if let Some((title, label)) = without_space(key, node) {
                    self.issues.error("unknown-key", key.place, title, label);
                    continue;
                }
                // A key that is already present is not what was meant.
                let open = open
                    .get_or_insert_with(|| allowed.iter().copied().filter(|word| node.get(word).is_none()).collect());
                let near = nearest(&key.text, open.iter().copied());
                let near = near.or_else(|| open.iter().copied().find(|word| stands_for(&key.text, word)));
                let label = match near.or_else(|| nearest(&key.text, allowed.iter().copied())) {
                    Some("months") if key.text == "years" => in_months(node.get("years")),
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "not a key of this map".to_owned(),
                };
                let issue = self.issues.error("unknown-key", key.place, format!("unknown key `{}`", key.text), label);
                issue.help(format!("keys here: {}", allowed.join(", ")));
            }
        }
    }

    /// Begins to read a map with these fields: the node must be a map and have no other keys.
    pub fn open_spec(&mut self, node: &Node, fields: &[Field]) -> Option<()> {
        if node.map().is_none() {
            let keys: Vec<&str> = fields.iter().map(|f| f.name).collect();
            let place = self.place_of(node);
            let issue = self.issues.error(
                "shape",
                place,
                format!("expected a map of keys, found {}", node.shape()),
                "write `{key: value, …}`",
            );
            issue.help(format!("keys here: {}", keys.join(", ")));
            return None;
        }
        let mut allowed: Vec<&str> = fields.iter().map(|f| f.name).collect();
        allowed.extend(COMMENT_KEYS.iter().filter(|key| !fields.iter().any(|f| f.name == **key)));
        self.only_keys(node, &allowed);
        self.note_assumption(node);
        Some(())
    }

    /// The only entry of a map such as `- google: {…}`; reports an error if there is not exactly one.
    pub fn only_entry<'a>(&mut self, item: &'a mut Node) -> Option<(&'a Key, &'a mut Node)> {
        let (place, shape) = (item.place, item.shape());
        let entries = item.map_mut().map_or(&mut [][..], |m| m.as_mut_slice());
        let found = if entries.is_empty() { shape.to_owned() } else { format!("{} keys", entries.len()) };
        if let Some((second, _)) = self::second(entries) {
            let title = format!("a list item has no dash: `{}`", second.text);
            self.issues
                .error("shape", second.place, title, format!("write `- {}:`", second.text))
                .help("each item of this list begins with `- `");
            return None;
        }
        if let [(key, value)] = entries {
            return Some((key, value));
        }
        let issue =
            self.issues.error("shape", place, format!("expected one name, found {found}"), "write `- a_name: {…}`");
        if found.ends_with("keys") {
            issue.help("is everything below the name indented further than the name?");
        }
        None
    }

    /// Reads one field of a map; a default is written into the map first.
    pub fn field<T: Read>(&mut self, node: &mut Node, field: &Field) -> Option<T> {
        if node.get(field.name).is_none() {
            let Some(default) = field.default else { return self.absent(node, field) };
            // The place of a default is the key of the map that lacks it.
            let value = self.default_node(default, self.place_of(node))?;
            node.insert(field.name, value);
            let outer = std::mem::replace(&mut self.in_default, true);
            let read = self.present(node, field);
            self.in_default = outer;
            return read;
        }
        self.present(node, field)
    }

    /// Reads a field that the map has.
    fn present<T: Read>(&mut self, node: &mut Node, field: &Field) -> Option<T> {
        let key = node.key(field.name).map(|k| k.place);
        let child = node.get_mut(field.name)?;
        if child.value == Value::Null && !T::OPTIONAL {
            let label = match field.example() {
                Some(like) => format!("write for example `{}: {like}`", field.name),
                None => "write its contents below it, or `{}`".to_owned(),
            };
            // A value that was removed elsewhere, as on the command line, is reported there.
            let place = key.filter(|key| key.file == child.place.file).unwrap_or(child.place);
            let issue = self.issues.error("missing", place, format!("`{}` has no value", field.name), label);
            issue.help(format!("`{}`: {}", field.name, field.summary()));
            return None;
        }
        self.within(field.name, key, |r| {
            r.range = field.range;
            T::read(child, field.kind, r)
        })
    }

    /// The value of an absent optional key, or the error that a required key is missing.
    fn absent<T: Read>(&mut self, node: &Node, field: &Field) -> Option<T> {
        if let Some(out) = T::missing() {
            return Some(out);
        }
        // A misspelt key was already reported; a similar key that belongs here is not a misspelling.
        let told = |key: &Key| self.issues.iter().any(|i| i.code == "unknown-key" && i.place == Some(key.place));
        let mut near = node.map().unwrap_or(&[]).iter().take(100).map(|(key, _)| key);
        let meant = |key: &Key| {
            let word = key.text.split(':').next().unwrap_or("");
            nearest(word, [field.name]).is_some() || stands_for(word, field.name)
        };
        if !near.any(|key| told(key) && meant(key)) {
            let place = self.place_of(node);
            let title = format!("the key `{}` is missing", field.name);
            let issue = self.issues.error("missing", place, title, format!("this map requires `{}`", field.name));
            let like = field.example().map_or(String::new(), |e| format!(", for example `{}: {e}`", field.name));
            issue.help(format!("`{}`: {}{like}", field.name, field.summary()));
        }
        None
    }

    fn default_node(&mut self, text: &str, place: Place) -> Option<Node> {
        let mut node = yaml::document(text, place.file, &mut self.issues)?;
        move_to(&mut node, place);
        Some(node)
    }
}

/// The second of several named entries in one list item, where each should be an item of its own.
pub fn second(entries: &[(Key, Node)]) -> Option<&(Key, Node)> {
    let all = entries.iter().all(|(_, value)| value.map().is_some());
    entries.get(1).filter(|_| all)
}

/// Common alternative names, and the keys that they stand for here.
const OTHER_WORDS: &[(&str, &[&str])] = &[
    ("years", &["months"]),
    ("horizon", &["months"]),
    ("duration", &["months", "term", "over"]),
    ("maturity", &["term"]),
    ("tenor", &["term"]),
    ("interest", &["rate"]),
    ("interest_rate", &["rate"]),
    ("coupon", &["rate"]),
    ("spread", &["rate"]),
    ("size", &["amount", "commitment", "limit"]),
    ("principal", &["amount", "commitment"]),
    ("amount", &["limit", "commitment", "size"]),
    ("upfront_fee", &["fee"]),
    ("undrawn_fee", &["commitment_fee"]),
    ("capacity", &["power"]),
    ("revenue", &["run_rate"]),
    ("arr", &["run_rate"]),
    ("staff", &["people"]),
    ("headcount", &["people"]),
    ("simulations", &["paths"]),
    ("iterations", &["paths"]),
    ("trials", &["paths"]),
    ("runs", &["paths"]),
    ("description", &["about"]),
    ("title", &["name"]),
    ("comment", &["note"]),
];

/// Whether `word` is an alternative name of the key `field`.
fn stands_for(word: &str, field: &str) -> bool {
    OTHER_WORDS.iter().any(|(other, fields)| *other == word && fields.contains(&field))
}

/// The label for `years` where the key is `months`.
fn in_months(years: Option<&Node>) -> String {
    let count = years.and_then(Node::text).and_then(|text| text.trim().parse::<u32>().ok());
    count.map_or("did you mean `months`?".to_owned(), |n| format!("did you mean `months: {}`?", 12 * n.min(1000)))
}

/// A key that contains its value, or part of a text in curly quotes: what is wrong and what to write.
fn without_space(key: &Key, node: &Node) -> Option<(String, String)> {
    if node.get(&key.text)?.value != Value::Null {
        return None;
    }
    let curly = |text: &str| text.starts_with(['“', '”', '„', '«', '‘', '’']);
    if node.map()?.iter().any(|(_, value)| value.text().is_some_and(curly)) {
        let title = "only straight quotes can delimit text".to_owned();
        return Some((title, "write `\"` at both ends".to_owned()));
    }
    let (name, value) = key.text.split_once(':').filter(|(name, value)| !name.is_empty() && !value.is_empty())?;
    Some(("a space is missing after `:`".to_owned(), format!("write `{name}: {}`", value.trim())))
}

/// Sets the place of a whole tree.
pub(super) fn move_to(node: &mut Node, place: Place) {
    node.place = place;
    match &mut node.value {
        Value::Map(entries) => entries.iter_mut().for_each(|(key, value)| {
            key.place = place;
            move_to(value, place);
        }),
        Value::List(items) => items.iter_mut().for_each(|item| move_to(item, place)),
        _ => {}
    }
}

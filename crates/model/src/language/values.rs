//! The types of field values, and how each is read.

use super::assumption::BESIDE_VALUE;
use super::expr::{Expr, Fault};
use super::meant;
use super::quantity::{Kind, Quantity, Range};
use super::reader::{Read, Reader};
use super::said::{Said, limits, read_quantity, read_said, report};
use super::spec::Shape;
use super::tree::Node;
use crate::issues::{Issue, Place, nearest};
use crate::units::Month;
use std::fmt;
use std::ops::Deref;

/// Text, and where it was written.
#[derive(Clone, Debug)]
pub struct Text(pub String, pub Place);

/// A checked name `[a-z][a-z0-9_-]{0,63}`, safe as a file name everywhere, and where it was written.
#[derive(Clone, Debug)]
pub struct Name(pub String, pub Place);

/// A date as an index of months, the first simulated month being 1.0, and where it was written.
#[derive(Clone, Copy, Debug)]
pub struct When(pub f64, pub Place);

/// A known time in months, and where it was written.
#[derive(Clone, Copy, Debug)]
pub struct Months(pub f64, pub Place);

/// An interest rate: a margin over SOFR, or a fixed rate.
#[derive(Clone, Debug, PartialEq)]
pub struct FloatingRate {
    /// Whether SOFR is added.
    pub floats: bool,
    /// The margin over SOFR, or the whole rate; nominal fraction per year.
    pub margin: Quantity,
}

/// The lowest margin over SOFR relative to the lowest fixed rate of a field: deposits pay less than SOFR.
const LEAST_MARGIN: f64 = -0.1;

macro_rules! words {
    ($($name:ident)*) => { $(
        impl $name {
            /// The text.
            pub fn as_str(&self) -> &str { &self.0 }
            /// Where it was written.
            pub fn place(&self) -> Place { self.1 }
        }
        impl Deref for $name {
            type Target = str;
            fn deref(&self) -> &str { &self.0 }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl PartialEq for $name {
            fn eq(&self, other: &$name) -> bool { self.0 == other.0 }
        }
        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool { self.0 == other }
        }
        impl Eq for $name {}
    )* };
}
words! { Text Name }

macro_rules! times {
    ($($name:ident)*) => { $(
        impl $name {
            /// Where it was written.
            pub fn place(self) -> Place { self.1 }
        }
        impl PartialEq for $name {
            fn eq(&self, other: &$name) -> bool { self.0 == other.0 }
        }
    )* };
}
times! { When Months }

pub(super) fn wanted<'r>(node: &Node, what: &str, like: &str, r: &'r mut Reader) -> &'r mut Issue {
    mistaken(node, what, like, None, r)
}

/// The same as `wanted`, with a suggestion.
fn mistaken<'r>(node: &Node, what: &str, like: &str, meant: Option<meant::Guess>, r: &'r mut Reader) -> &'r mut Issue {
    let found = node.text().map_or(node.shape().to_owned(), |t| format!("`{t}`"));
    let place = r.place_of(node);
    let title = format!("expected {what}, found {found}");
    let (label, help) = match meant {
        Some(guess) => (guess.label, guess.help),
        None => (format!("write for example `{like}`"), None),
    };
    let issue = r.issues.error("shape", place, title, label);
    match help {
        Some(line) => issue.help(line),
        None => issue,
    }
}

/// Reads one of `words`.
pub fn choose(node: &Node, words: &[(&'static str, &'static str)], r: &mut Reader) -> Option<&'static str> {
    let text = node.text().unwrap_or("");
    if let Some((word, _)) = words.iter().find(|(word, _)| *word == text) {
        return Some(word);
    }
    let found = node.text().map_or(node.shape().to_owned(), |t| format!("`{t}`"));
    let list: Vec<&str> = words.iter().map(|w| w.0).collect();
    let label = nearest(text, list.iter().copied())
        .map_or("not one of the accepted words".to_owned(), |n| format!("did you mean `{n}`?"));
    let place = r.place_of(node);
    r.issues
        .error("unknown-word", place, format!("{found} is not allowed here"), label)
        .help(format!("one of: {}", list.join(", ")));
    None
}

/// Checks a name and reports what is wrong with it.
pub fn check_name(text: &str, place: Place, r: &mut Reader) -> Option<Name> {
    if let Some((title, label)) = not_a_name(text) {
        let issue = r.issues.error("name", place, title, label);
        if let Some(name) = as_a_name(text) {
            issue.help(format!("did you mean `{name}`?"));
        }
        return None;
    }
    Some(Name(text.to_owned(), place))
}

/// A text converted to a name, where that is straightforward: `Small Lab` to `small_lab`.
fn as_a_name(text: &str) -> Option<String> {
    let plain = |c: char| if c.is_whitespace() { '_' } else { c.to_ascii_lowercase() };
    let quote = |c: char| matches!(c, '“' | '”' | '‘' | '’' | '„' | '"' | '\'');
    let name: String = text.trim_matches(quote).trim().chars().map(plain).collect();
    not_a_name(&name).is_none().then_some(name)
}

/// What is wrong with a name, if anything: a title and a label.
pub fn not_a_name(text: &str) -> Option<(String, &'static str)> {
    let shape = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.len() <= 64
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'-');
    let device = matches!(text, "con" | "prn" | "aux" | "nul")
        || (text.len() == 4
            && (text.starts_with("com") || text.starts_with("lpt"))
            && text.as_bytes()[3].is_ascii_digit());
    if !shape {
        let label = "lower-case letters, digits, `_` and `-`, beginning with a letter; at most 64";
        return Some((format!("`{text}` is not a valid name"), label));
    }
    device.then(|| {
        (format!("`{text}` is not allowed as a name"), "Windows reserves this word for a device; choose another")
    })
}

impl Read for Quantity {
    const SHAPE: Shape = Shape::Quantity;
    fn read(node: &mut Node, kind: Option<Kind>, r: &mut Reader) -> Option<Self> {
        let kind = kind.unwrap_or(Kind::Number);
        let range = r.range.unwrap_or(kind.range());
        read_quantity(node, kind, range, r)
    }
}

impl Read for FloatingRate {
    const SHAPE: Shape = Shape::Rate;
    fn read(node: &mut Node, _kind: Option<Kind>, r: &mut Reader) -> Option<Self> {
        let range = r.range.unwrap_or(Kind::Rate.range());
        let margins = Range { min: range.min + LEAST_MARGIN, max: range.max };
        let written = node.get("value").unwrap_or(node);
        let (text, whole) = (written.text().unwrap_or("").to_owned(), written.clone());
        let trimmed = text.trim_start();
        let rest =
            trimmed.strip_prefix("sofr").filter(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'));
        let Some(rest) = rest else {
            // `SOFR+750bps`, `750 bp + sofr`: the word is there, in another form.
            if let Some(guess) = meant::floating(&text) {
                let title = format!("`{}` is not an interest rate", text.trim());
                let issue = r.issues.error("quantity", whole.part(0, text.len()), title, guess.label);
                guess.help.map(|line| issue.help(line));
                return None;
            }
            return Some(FloatingRate { floats: false, margin: read_quantity(node, Kind::Rate, range, r)? });
        };
        let sign = rest.trim_start();
        let zero = Quantity::constant(0.0).written_at(whole.part(0, text.len()));
        if sign.is_empty() {
            r.only_keys(node, &BESIDE_VALUE);
            r.note_assumption(node);
            return Some(FloatingRate { floats: true, margin: zero });
        }
        let plus = sign.starts_with('+');
        if !plus && (!sign.starts_with('-') || sign.contains(" to ")) {
            let at = text.len() - sign.len();
            let fault = Fault::new(at, text.len(), "`sofr` must be followed by a margin", "write `sofr + 225 bp`");
            report(&whole, &fault, None, r);
            return None;
        }
        let margin = if plus { &sign[1..] } else { sign };
        let at = text.len() - margin.len() + (margin.len() - margin.trim_start().len());
        let place = whole.part(at, text.len());
        let part = Node::scalar(margin.trim(), place);
        if node.map().is_some() {
            // The margin keeps the source that was written beside the whole rate.
            let mut around = node.clone();
            around.insert("value", part);
            let margin = read_quantity(&around, Kind::Rate, margins, r)?;
            r.restate(text);
            return Some(FloatingRate { floats: true, margin });
        }
        let margin = read_quantity(&part, Kind::Rate, margins, r)?;
        r.restate(text);
        Some(FloatingRate { floats: true, margin })
    }
}

impl Read for Text {
    const SHAPE: Shape = Shape::Text;
    fn read(node: &mut Node, _kind: Option<Kind>, r: &mut Reader) -> Option<Self> {
        if node.text().is_none() {
            wanted(node, "text", "some words", r);
        }
        Some(Text(node.text()?.to_owned(), node.place))
    }
}

/// A list of words; one word alone is a list of one.
#[derive(Clone, Debug)]
pub struct Words(pub Vec<Text>);

impl Read for Words {
    const SHAPE: Shape = Shape::Words;
    fn read(node: &mut Node, kind: Option<Kind>, r: &mut Reader) -> Option<Self> {
        match node.text() {
            Some(word) => Some(Words(vec![Text(word.to_owned(), node.place)])),
            None => Vec::read(node, kind, r).map(Words),
        }
    }
}

impl Read for Name {
    const SHAPE: Shape = Shape::Name;
    fn read(node: &mut Node, _kind: Option<Kind>, r: &mut Reader) -> Option<Self> {
        if node.text().is_none() {
            wanted(node, "a name", "tpu_lease", r);
        }
        check_name(node.text()?, node.place, r)
    }
}

impl Read for bool {
    const SHAPE: Shape = Shape::Bool;
    fn read(node: &mut Node, _kind: Option<Kind>, r: &mut Reader) -> Option<Self> {
        match node.text() {
            Some("true") => Some(true),
            Some("false") => Some(false),
            text => {
                let guess = text.and_then(meant::truth);
                mistaken(node, "`true` or `false`", "true", guess, r);
                None
            }
        }
    }
}

macro_rules! counts {
    ($($ty:ty)*) => { $(
        #[allow(clippy::cast_lossless)] // Of `u32` alone.
        impl Read for $ty {
            const SHAPE: Shape = Shape::Count;
            fn read(node: &mut Node, _kind: Option<Kind>, r: &mut Reader) -> Option<Self> {
                let text = node.text().filter(|t| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit()));
                let out: Option<$ty> = text.and_then(|t| t.parse().ok());
                if out.is_none() {
                    let months = r.path().ends_with("months");
                    let guess = node.text().and_then(|text| meant::count(text, months));
                    mistaken(node, "a whole number", "12", guess, r);
                }
                let range = r.range.unwrap_or(Range::ANY);
                if let Some(n) = out && !range.holds(n as f64) {
                    r.error("range", node.place, format!("`{n}` is outside the accepted range"), limits(Kind::Number, range, n as f64));
                    return None;
                }
                out
            }
        }
    )* };
}
counts! { u32 u64 usize }

impl Read for f64 {
    const SHAPE: Shape = Shape::Number;
    fn read(node: &mut Node, kind: Option<Kind>, r: &mut Reader) -> Option<Self> {
        certain(node, kind.unwrap_or(Kind::Number), r)
    }
}

/// A quantity that must be known, in the canonical unit of `kind`.
fn certain(node: &mut Node, kind: Kind, r: &mut Reader) -> Option<f64> {
    let range = r.range.unwrap_or(kind.range());
    let said = read_said(node, Some(kind), r)?;
    let known = matches!(said, Said::Value(Expr::Number(_), _));
    if !known {
        let place = r.place_of(node);
        r.error(
            "uncertain",
            place,
            "this value must be known",
            "an interval, a law or an uncertain input is not allowed here",
        );
        return None;
    }
    read_quantity(node, kind, range, r)?.known()
}

impl Read for Months {
    const SHAPE: Shape = Shape::Duration;
    fn read(node: &mut Node, _kind: Option<Kind>, r: &mut Reader) -> Option<Self> {
        let place = r.place_of(node);
        Some(Months(certain(node, Kind::Time, r)?, place))
    }
}

impl Read for When {
    const SHAPE: Shape = Shape::Date;
    fn read(node: &mut Node, _kind: Option<Kind>, r: &mut Reader) -> Option<Self> {
        let month = Month::read(node, None, r)?;
        Some(When(f64::from(month.since(r.start)) + 1.0, node.place))
    }
}

impl Read for Month {
    const SHAPE: Shape = Shape::Date;
    fn read(node: &mut Node, _kind: Option<Kind>, r: &mut Reader) -> Option<Self> {
        let month = node.text().and_then(Month::parse).filter(|m| (1900..2200).contains(&m.year()));
        let uncertain = node.get("dist").is_some() || node.text().is_some_and(|t| t.contains(" to "));
        if month.is_none() && uncertain {
            let place = r.place_of(node);
            r.error("uncertain", place, "a date must be known", "an interval or a law is not allowed here");
        } else if month.is_none() {
            let guess = node.text().and_then(meant::date);
            mistaken(node, "a month or a day", "2026-06", guess, r);
        }
        month
    }
}

/// Anything; the caller reads it.
impl Read for Node {
    fn read(node: &mut Node, _kind: Option<Kind>, _r: &mut Reader) -> Option<Self> {
        Some(node.clone())
    }
}

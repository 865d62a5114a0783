//! Descriptions of fields: how their values are written and which are accepted; and a walk over all fields.

use super::assumption::COMMENT_KEYS;
use super::literal::symbols;
use super::quantity::{Kind, Range};
use super::spec::{Entry, Field, Shape};

/// The units in which a kind can be written, as they are written.
pub fn units(kind: Kind) -> Vec<&'static str> {
    symbols().filter(|(_, unit)| kind.accepts(*unit)).map(|(symbol, _)| symbol).collect()
}

/// What is written in a field, "money, e.g. `1.5B USD`".
pub fn value(field: &Field) -> String {
    shape(&field.shape, field.kind)
}

/// What is written for a shape.
pub fn shape(shape: &Shape, kind: Option<Kind>) -> String {
    let quantity = |kind: Kind| format!("{}, e.g. `{}`", kind.name(), super::quantity::example(kind));
    match shape {
        Shape::Any => "anything".to_owned(),
        Shape::Quantity => quantity(kind.unwrap_or(Kind::Number)),
        Shape::Rate => "an interest rate, e.g. `5.75%/yr` or `sofr + 225 bp`".to_owned(),
        Shape::Date => "a month or a day, e.g. `2026-06`".to_owned(),
        Shape::Duration => "a known time, e.g. `18 mo`".to_owned(),
        Shape::Text => "text".to_owned(),
        Shape::Name => "a name: lower-case letters, digits, `_` and `-`".to_owned(),
        Shape::Bool => "`true` or `false`".to_owned(),
        Shape::Count => "a whole number".to_owned(),
        Shape::Number => match kind {
            Some(kind) if kind != Kind::Number => format!("{}, known", quantity(kind)),
            _ => "a known number".to_owned(),
        },
        Shape::Choice(words) => {
            let words: Vec<String> = words.iter().map(|(word, _)| format!("`{word}`")).collect();
            format!("one of {}", words.join(", "))
        }
        Shape::Map(_) => "a map".to_owned(),
        Shape::List(inner) => match inner {
            Shape::OneOf(_) => "a list of one-key maps, `- revolver: {…}`".to_owned(),
            Shape::Map(_) => "a list of maps".to_owned(),
            inner => format!("a list, each item {}", self::shape(inner, kind)),
        },
        Shape::Named(inner) => match inner {
            Shape::Map(_) => "named entries, `- a_name: {…}`".to_owned(),
            inner => format!("names, and for each {}", self::shape(inner, kind)),
        },
        Shape::QuantityOr(kind, _) => format!("{}; or a map of terms", quantity(*kind)),
        Shape::Words => "a list of words, or one word".to_owned(),
        Shape::MoneyOrTime => "money, e.g. `1.5B USD`, or months of gross cost, e.g. `3 mo`".to_owned(),
        Shape::MoneyRateOrShare => "money per time, e.g. `12B USD/yr`, or a share, e.g. `75%`".to_owned(),
        Shape::OneOf(_) => "a map with one key".to_owned(),
        Shape::Inputs => "a map of names and quantities".to_owned(),
        Shape::Checks => "a list of lines".to_owned(),
        Shape::Variants(_) => "a map of names and patches".to_owned(),
        Shape::Copula => "`gaussian`, or `{t: {df: 4}}`".to_owned(),
        Shape::Pair => "two names and their correlation, `[growth_now, training_growth, 0.5]`".to_owned(),
    }
}

/// What a field accepts, "at least 0%"; `None` if there is nothing to state.
pub fn range(field: &Field) -> Option<String> {
    let kind = match field.shape {
        Shape::QuantityOr(kind, _) => kind,
        Shape::Rate => Kind::Rate,
        Shape::Duration => Kind::Time,
        Shape::Count => Kind::Number,
        Shape::Quantity | Shape::Number => field.kind.unwrap_or(Kind::Number),
        Shape::List(_) | Shape::Named(_) => field.kind?,
        _ => return None,
    };
    words(kind, field.range.unwrap_or(kind.range()))
}

/// A canonical number in the kind's own unit.
pub fn shown(kind: Kind, x: f64) -> String {
    // Exact to the last digit that is shown: 0.55 × 100 is not 55.
    let percent = (x * 1e12).round() / 1e10;
    match kind {
        Kind::Share => format!("{percent}%"),
        Kind::Hazard | Kind::Volatility | Kind::Growth => format!("{percent}%/mo"),
        Kind::Rate => format!("{percent}%/yr"),
        Kind::Multiple => format!("{x}x"),
        Kind::Time => format!("{x} mo"),
        Kind::Power => format!("{x} GW"),
        Kind::Money => format!("{x} USD"),
        Kind::MoneyRate => format!("{x} USD/mo"),
        Kind::PowerPrice => format!("{x} USD/GW-mo"),
        Kind::PowerCost => format!("{x} USD/GW"),
        Kind::Number => format!("{x}"),
    }
}

/// A range of a kind in words, in the kind's own unit.
pub fn words(kind: Kind, range: Range) -> Option<String> {
    let show = |x| shown(kind, x);
    match (range.min, range.max) {
        (f64::NEG_INFINITY, f64::INFINITY) => None,
        (min, f64::INFINITY) if min == f64::MIN_POSITIVE => Some("above zero".to_owned()),
        (min, f64::INFINITY) => Some(format!("at least {}", show(min))),
        (f64::NEG_INFINITY, max) => Some(format!("at most {}", show(max))),
        (min, max) if min == max => Some(format!("only {}", show(min))),
        (min, max) if min == f64::MIN_POSITIVE => Some(format!("above zero, at most {}", show(max))),
        (min, max) => Some(format!("{} to {}", show(min), show(max))),
    }
}

/// The doc of a field, or of a word, on one line.
pub fn one_line(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A field and its path.
#[derive(Clone, Debug)]
pub struct At {
    /// Its path: `lab.demand.volatility`, `instruments.revolver.limit`, `lab.compute.contracts.<name>.price`.
    pub path: String,
    /// The field.
    pub field: Field,
}

/// Every field below `fields`, in order, a map before its keys. Named entries are called `<name>`, items of other lists
/// `[]`, and instruments by their kind.
pub fn walk(fields: &[Field]) -> Vec<At> {
    let mut out = Vec::new();
    below(fields, "", &mut out);
    out
}

fn below(fields: &[Field], above: &str, out: &mut Vec<At>) {
    for field in fields {
        let path = if above.is_empty() { field.name.to_owned() } else { format!("{above}.{}", field.name) };
        out.push(At { path: path.clone(), field: *field });
        inside(&field.shape, &path, out);
    }
}

fn inside(shape: &Shape, path: &str, out: &mut Vec<At>) {
    match shape {
        Shape::Map(fields) | Shape::QuantityOr(_, fields) => below(fields, path, out),
        Shape::Named(inner) => inside(inner, &format!("{path}.<name>"), out),
        Shape::List(Shape::OneOf(entries)) => {
            for Entry { key, fields, .. } in entries.iter().filter(|entry| entry.written) {
                below(fields, &format!("{path}.{key}"), out);
            }
        }
        Shape::List(inner) => inside(inner, &format!("{path}[]"), out),
        _ => {}
    }
}

/// What every map may carry besides its keys.
pub const COMMENTS: [(&str, &str); 4] = [
    (COMMENT_KEYS[0], "Source of a number; shown in the table of assumptions."),
    (COMMENT_KEYS[1], "A remark, such as the reason for a judgement."),
    (COMMENT_KEYS[2], "Where to find it."),
    (
        COMMENT_KEYS[3],
        "What the numbers rest on: `sourced`, `fitted`, `judgement` or `choice`. Without it `sourced` where there is a source, and `judgement` where there is only a note.",
    ),
];
/// What stands beside a single value, besides those.
pub const RANGE_OF_VALUE: &str =
    "Between what a known value may lie, `0.5 to 2`: shown in the table of assumptions, without effect on the run.";

//! Uncertain quantities: intervals, laws spelled out, and the reading of a quantity from the tree.

use super::expr::{self, Expr, Fault, Parsed};
use super::quantity::{Kind, Quantity, Range, Unit, example};
use super::reader::Reader;
use super::tree::{Node, Value};
use crate::issues::{Place, nearest};

/// The law of an uncertain input, in numbers of its written unit (percentages as fractions).
#[derive(Clone, Debug, PartialEq)]
pub enum LawSpec {
    /// Known.
    Point(f64),
    /// Normal with these quantiles.
    IntervalNormal {
        /// 5 % quantile.
        p5: f64,
        /// 95 % quantile.
        p95: f64,
    },
    /// Lognormal with these quantiles.
    IntervalLognormal {
        /// 5 % quantile.
        p5: f64,
        /// 95 % quantile.
        p95: f64,
    },
    /// Beta with these quantiles.
    Beta {
        /// 5 % quantile.
        p5: f64,
        /// 95 % quantile.
        p95: f64,
    },
    /// Beta by its shape.
    BetaShape {
        /// First shape.
        alpha: f64,
        /// Second shape.
        beta: f64,
    },
    /// Lognormal with these quantiles.
    Lognormal {
        /// 50 % quantile.
        median: f64,
        /// 95 % quantile.
        p95: f64,
    },
    /// Normal.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        sd: f64,
    },
    /// Triangular.
    Triangular {
        /// Smallest.
        min: f64,
        /// Most likely.
        mode: f64,
        /// Largest.
        max: f64,
    },
    /// PERT: a beta on `min..max` with the mean `(min + 4 mode + max) / 6`.
    Pert {
        /// Smallest.
        min: f64,
        /// Most likely.
        mode: f64,
        /// Largest.
        max: f64,
    },
    /// Uniform.
    Uniform {
        /// Smallest.
        min: f64,
        /// Largest.
        max: f64,
    },
    /// One of some values.
    Discrete {
        /// The values.
        values: Vec<f64>,
        /// Their probabilities, which sum to one.
        weights: Vec<f64>,
    },
    /// One of some observed values, all equally likely.
    Empirical {
        /// The values.
        values: Vec<f64>,
    },
}

impl LawSpec {
    /// Two values between which it lies, mostly or wholly; the field must accept both. `None` for a law on 0 to 1.
    fn ends(&self) -> Option<(f64, f64)> {
        match self {
            LawSpec::Point(x) => Some((*x, *x)),
            LawSpec::IntervalNormal { p5: a, p95: b }
            | LawSpec::IntervalLognormal { p5: a, p95: b }
            | LawSpec::Beta { p5: a, p95: b }
            | LawSpec::Lognormal { median: a, p95: b }
            | LawSpec::Triangular { min: a, max: b, .. }
            | LawSpec::Pert { min: a, max: b, .. }
            | LawSpec::Uniform { min: a, max: b } => Some((*a, *b)),
            LawSpec::Normal { mean, .. } => Some((*mean, *mean)),
            LawSpec::BetaShape { .. } => None,
            LawSpec::Discrete { values, .. } | LawSpec::Empirical { values } => {
                let fold = |f: fn(f64, f64) -> f64, z| values.iter().copied().fold(z, f);
                Some((fold(f64::min, f64::INFINITY), fold(f64::max, f64::NEG_INFINITY)))
            }
        }
    }
}

/// An input: what it is called, its law, and where it comes from.
#[derive(Clone, Debug, PartialEq)]
pub struct InputSpec {
    /// Its key under `inputs:`, or the path of the field where it was written.
    pub name: String,
    /// Its law.
    pub law: LawSpec,
    /// The unit of the numbers in the law.
    pub unit: Unit,
    /// Where it was written.
    pub place: Place,
    /// `source:` beside it.
    pub source: Option<String>,
    /// `note:` beside it.
    pub note: Option<String>,
    /// `url:` beside it.
    pub url: Option<String>,
}

/// What a node says, before a field asks for a kind.
pub(super) enum Said {
    Value(Expr, Unit),
    Law(LawSpec, Unit),
}

/// Reads a scalar or the map around it. `kind` decides whether an interval is a magnitude.
pub(super) fn read_said(node: &Node, kind: Option<Kind>, r: &mut Reader) -> Option<Said> {
    match &node.value {
        Value::Scalar { .. } => from_text(node, kind, r),
        Value::Map(_) if node.get("dist").is_some() => from_law(node, r),
        Value::Map(_) if node.get("value").is_some() => {
            r.only_keys(node, &["value", "source", "note", "url"]);
            let inner = node.get("value")?;
            if inner.text().is_some() {
                return from_text(inner, kind, r);
            }
            wrong_shape(inner, kind, r);
            None
        }
        _ => {
            wrong_shape(node, kind, r);
            None
        }
    }
}

fn wrong_shape(node: &Node, kind: Option<Kind>, r: &mut Reader) {
    let (name, like) = kind.map_or(("a quantity", "5%/mo to 15%/mo"), |k| (k.name(), example(k)));
    let place = r.place_of(node);
    let issue = r.issues.error(
        "shape",
        place,
        format!("expected {name}, found {}", node.shape()),
        format!("write for example `{like}`"),
    );
    if node.map().is_some() {
        issue.help("a law has `dist`, as in `{dist: beta, p5: 42%, p95: 72%}`; a value with its source `{value: …, source: …}`");
    }
}

fn from_text(node: &Node, kind: Option<Kind>, r: &mut Reader) -> Option<Said> {
    let text = node.text()?;
    let parsed = { expr::parse(text, &mut |name| r.lookup(name)) };
    match parsed {
        Ok(Parsed::Single(expr, unit)) => Some(Said::Value(expr, unit)),
        Ok(Parsed::Interval(low, high, unit)) => {
            if low >= high {
                let title = if low == high { "the interval has no width" } else { "the interval is upside down" };
                r.issues.error("interval", node.place, title, "write the smaller end first: `a to b`");
                return None;
            }
            let magnitude = unit.is_magnitude() || kind == Some(Kind::Volatility);
            let law = if magnitude && low > 0.0 {
                LawSpec::IntervalLognormal { p5: low, p95: high }
            } else {
                LawSpec::IntervalNormal { p5: low, p95: high }
            };
            Some(Said::Law(law, unit))
        }
        Err(fault) => {
            report(node, &fault, kind, r);
            None
        }
    }
}

pub(super) fn report(node: &Node, fault: &Fault, kind: Option<Kind>, r: &mut Reader) {
    if fault.code == expr::SILENT {
        return;
    }
    let place = node.part(fault.start, fault.end);
    let issue = r.issues.error(fault.code, place, fault.title.clone(), fault.label.clone());
    if let Some(line) = &fault.help {
        issue.help(line.clone());
    }
    if let Some(kind) = kind {
        issue.help(format!("{} is written like `{}`", kind.name(), example(kind)));
    }
}

/// The laws and the sets of parameters that define each.
const LAWS: &[(&str, &[&[&str]])] = &[
    ("beta", &[&["p5", "p95"], &["alpha", "beta"]]),
    ("lognormal", &[&["median", "p95"], &["p5", "p95"]]),
    ("normal", &[&["mean", "sd"], &["p5", "p95"]]),
    ("triangular", &[&["min", "mode", "max"]]),
    ("pert", &[&["min", "mode", "max"]]),
    ("uniform", &[&["min", "max"]]),
    ("discrete", &[&["values", "weights"]]),
    ("empirical", &[&["values"]]),
];

fn from_law(node: &Node, r: &mut Reader) -> Option<Said> {
    let dist = node.get("dist")?;
    let Some((name, sets)) = LAWS.iter().find(|(name, _)| dist.text() == Some(name)) else {
        let word = dist.text().unwrap_or(dist.shape());
        let label = nearest(word, LAWS.iter().map(|l| l.0)).map_or(String::new(), |n| format!("did you mean `{n}`?"));
        let known: Vec<&str> = LAWS.iter().map(|l| l.0).collect();
        r.issues
            .error("unknown-law", dist.place, format!("`{word}` is not a law"), label)
            .help(format!("laws: {}", known.join(", ")));
        return None;
    };
    let mut allowed = vec!["dist", "source", "note", "url"];
    allowed.extend(sets.iter().copied().flatten());
    r.only_keys(node, &allowed);
    let given = |key: &&str| node.get(key).is_some();
    let parameters = node.map()?.iter().filter(|(k, _)| sets.iter().any(|set| set.contains(&k.text.as_str()))).count();
    let Some(set) = sets.iter().find(|set| set.iter().all(given) && set.len() == parameters) else {
        let ways: Vec<String> = sets.iter().map(|set| set.join(", ")).collect();
        let title = format!("the law `{name}` needs {}", ways.join(" or "));
        r.issues.error("law", dist.place, title, "exactly these");
        return None;
    };
    let mut unit = None;
    let mut x = Vec::new();
    for key in *set {
        match *key {
            "values" => {}
            "weights" => {}
            "alpha" | "beta" => x.push(number(node.get(key)?, &mut Some(Unit::Number), r)?),
            _ => x.push(number(node.get(key)?, &mut unit, r)?),
        }
    }
    let bad = |r: &mut Reader, why: &str| {
        r.issues.error("law", dist.place, format!("this {name} law is impossible"), why.to_owned());
        None
    };
    let law = match (*name, *set) {
        ("discrete" | "empirical", _) => {
            let values = numbers(node.get("values")?, &mut unit, r)?;
            if *name == "empirical" {
                LawSpec::Empirical { values }
            } else {
                let mut share = None;
                let mut weights = numbers(node.get("weights")?, &mut share, r)?;
                let sum: f64 = weights.iter().sum();
                if weights.len() != values.len() {
                    return bad(r, "it needs as many weights as values");
                }
                if weights.iter().any(|w| *w < 0.0) || !(sum > 0.0 && sum.is_finite()) {
                    return bad(r, "weights cannot be negative or all zero");
                }
                weights.iter_mut().for_each(|w| *w /= sum);
                LawSpec::Discrete { values, weights }
            }
        }
        (_, ["min", "mode", "max"]) => {
            let (min, mode, max) = (x[0], x[1], x[2]);
            if !(min <= mode && mode <= max && min < max) {
                return bad(r, "min ≤ mode ≤ max and min < max must hold");
            }
            if *name == "pert" { LawSpec::Pert { min, mode, max } } else { LawSpec::Triangular { min, mode, max } }
        }
        ("normal", ["mean", "sd"]) if x[1] <= 0.0 => return bad(r, "sd must be above zero"),
        ("normal", ["mean", "sd"]) => LawSpec::Normal { mean: x[0], sd: x[1] },
        ("beta", ["alpha", "beta"]) if x[0] <= 0.0 || x[1] <= 0.0 => {
            return bad(r, "alpha and beta must be above zero");
        }
        ("beta", ["alpha", "beta"]) => {
            unit = Some(Unit::Share);
            LawSpec::BetaShape { alpha: x[0], beta: x[1] }
        }
        (_, [first, last]) if x[0] >= x[1] => return bad(r, &format!("{first} must be below {last}")),
        ("lognormal", _) if x[0] <= 0.0 => return bad(r, "a lognormal variable is positive"),
        ("beta", _) if x[0] <= 0.0 || x[1] >= 1.0 => return bad(r, "a beta variable lies between 0% and 100%"),
        ("lognormal", ["median", _]) => LawSpec::Lognormal { median: x[0], p95: x[1] },
        ("lognormal", _) => LawSpec::IntervalLognormal { p5: x[0], p95: x[1] },
        ("normal", _) => LawSpec::IntervalNormal { p5: x[0], p95: x[1] },
        ("beta", _) => LawSpec::Beta { p5: x[0], p95: x[1] },
        _ => LawSpec::Uniform { min: x[0], max: x[1] },
    };
    Some(Said::Law(law, unit.unwrap_or(Unit::Number)))
}

/// A known number; the first one settles the unit of the law.
fn number(node: &Node, unit: &mut Option<Unit>, r: &mut Reader) -> Option<f64> {
    let Some(text) = node.text() else {
        wrong_shape(node, None, r);
        return None;
    };
    let parsed = { expr::parse(text, &mut |name| r.lookup(name)) };
    match parsed {
        Ok(Parsed::Single(Expr::Number(x), found)) => {
            let wanted = *unit.get_or_insert(found);
            let factor = expr::alike(found, wanted);
            if factor.is_none() {
                let title = format!("all parameters of a law have one unit; this one is {}", found.described());
                r.issues.error("unit", node.place, title, format!("expected {}", wanted.described()));
            }
            factor.map(|k| x * k)
        }
        Ok(_) => {
            r.issues.error("law", node.place, "the parameters of a law are known numbers", "this one is not");
            None
        }
        Err(fault) => {
            report(node, &fault, None, r);
            None
        }
    }
}

fn numbers(node: &Node, unit: &mut Option<Unit>, r: &mut Reader) -> Option<Vec<f64>> {
    match node.list() {
        Some(items) if !items.is_empty() => items.iter().map(|item| number(item, unit, r)).collect(),
        _ => {
            let place = r.place_of(node);
            r.issues.error("law", place, "a list of values is needed here", "write `[1x, 2x, 3x]`");
            None
        }
    }
}

/// Reads a quantity for a field of `kind` that accepts `range`.
pub(super) fn read_quantity(node: &Node, kind: Kind, range: Range, r: &mut Reader) -> Option<Quantity> {
    let said = read_said(node, Some(kind), r);
    r.note_assumption(node);
    let place = if node.map().is_some() { r.place_of(node) } else { node.place };
    let (expr, unit) = match said? {
        Said::Value(expr, unit) => (expr, unit),
        Said::Law(law, unit) => {
            if !kind.accepts(unit) {
                misfit(place, kind, unit, r);
                return None;
            }
            let name = r.path();
            (r.register(name, law, unit, node)?, unit)
        }
    };
    let Some(quantity) = Quantity::compile(expr.clone(), unit, kind, range, place) else {
        misfit(place, kind, unit, r);
        return None;
    };
    // A known value, or the ends of an input used directly, must lie in the range; what else goes beyond is cut.
    let ends = match &expr {
        Expr::Number(x) => Some((*x, *x)),
        Expr::Input(index) => r.inputs.get(*index).and_then(|input| input.law.ends()),
        _ => None,
    };
    for x in ends.map_or(Vec::new(), |(a, b)| vec![a, b]) {
        if !kind.canonical(unit, x).is_some_and(|x| range.holds(x)) {
            let what = if matches!(expr, Expr::Number(_)) { "the value" } else { "an end of the law" };
            r.issues.error("range", place, format!("{what} is outside what this field accepts"), limits(kind, range));
            return None;
        }
    }
    Some(quantity)
}

fn misfit(place: Place, kind: Kind, unit: Unit, r: &mut Reader) {
    let like = example(kind);
    if unit == Unit::Number {
        r.issues.error("unit", place, format!("{} needs its unit", kind.name()), format!("write for example `{like}`"));
    } else if kind == Kind::Number {
        r.issues.error(
            "unit",
            place,
            format!("expected a plain number, found a value {}", unit.described()),
            format!("write for example `{like}`"),
        );
    } else {
        let title = format!("expected {}, found a value {}", kind.name(), unit.described());
        r.issues.error("unit", place, title, format!("write for example `{like}`"));
    }
}

fn limits(kind: Kind, range: Range) -> String {
    let show = |x: f64| match kind {
        Kind::Share | Kind::Hazard | Kind::Rate => format!("{}%", x * 100.0),
        _ => format!("{x}"),
    };
    match (range.min, range.max) {
        (min, _) if min == f64::MIN_POSITIVE => "it must be above zero".to_owned(),
        (min, f64::INFINITY) => format!("it must be at least {}", show(min)),
        (f64::NEG_INFINITY, max) => format!("it must be at most {}", show(max)),
        (min, max) => format!("it must be between {} and {}", show(min), show(max)),
    }
}

#[cfg(test)]
#[path = "law_tests.rs"]
mod tests;

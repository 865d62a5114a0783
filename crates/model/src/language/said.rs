//! Parses a node where a quantity is expected, and checks whether the field accepts it.

use super::assumption::{BESIDE_VALUE, law_of};
use super::expr::{self, Expr, Fault, Parsed};
use super::law::{LawSpec, from_law};
use super::meant;
use super::quantity::{Kind, Quantity, Range, example};
use super::reader::{Reader, Uncertain};
use super::tree::{Node, Value};
use super::unit::Unit;

/// A parsed node, before it is checked against the kind of a field.
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
            r.only_keys(node, &BESIDE_VALUE);
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

pub(super) fn wrong_shape(node: &Node, kind: Option<Kind>, r: &mut Reader) {
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
                let (title, label) = if low == high {
                    ("the interval has no width", "both ends are the same: write one value")
                } else {
                    ("the interval is reversed", "write the smaller end first: `a to b`")
                };
                r.issues.error("interval", node.place, title, label);
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
    // A name of an input is not a foreign notation.
    let guess = node.text().filter(|_| fault.code != "unknown-input").and_then(|text| meant::quantity(text, kind));
    if let Some(guess) = guess {
        let issue = r.issues.error(fault.code, place, fault.title.clone(), guess.label);
        guess.help.map(|line| issue.help(line));
        return;
    }
    let issue = r.issues.error(fault.code, place, fault.title.clone(), fault.label.clone());
    if let Some(line) = &fault.help {
        issue.help(line.clone());
    }
    if let Some(kind) = kind {
        issue.help(format!("{} is written like `{}`", kind.name(), example(kind)));
    }
}

/// Reads a quantity for a field of `kind` that accepts `range`.
pub(super) fn read_quantity(node: &Node, kind: Kind, range: Range, r: &mut Reader) -> Option<Quantity> {
    let (stated, range) = (range, range.of_kind(kind));
    let said = read_said(node, Some(kind), r);
    r.note_assumption(node);
    let place = if node.map().is_some() { r.place_of(node) } else { node.place };
    let (expr, unit) = match said? {
        Said::Value(expr, unit) => (expr, unit),
        Said::Law(law, unit) => {
            if !kind.accepts(unit) {
                misfit(node, kind, unit, r);
                return None;
            }
            let name = r.path();
            (r.register(name, law, unit, node)?, unit)
        }
    };
    let Some(quantity) = Quantity::compile(expr.clone(), unit, kind, range, place) else {
        misfit(node, kind, unit, r);
        return None;
    };
    // A known value, or the ends of an input used directly, must lie in the range; other values beyond it are set to
    // the limit.
    let ends = match &expr {
        Expr::Number(x) => Some((*x, *x)),
        Expr::Input(index) => r.inputs.get(*index).and_then(|input| input.law.ends()),
        _ => None,
    };
    let domain = kind.domain(unit);
    for x in ends.map_or(Vec::new(), |(a, b)| vec![a, b]) {
        if !domain.holds(x) {
            let what = if matches!(expr, Expr::Number(_)) { "the value" } else { "an end of the law" };
            r.issues.error("range", place, format!("{what} has no meaning in this unit"), meaning(unit));
            return None;
        }
        let x = kind.canonical(unit, x).unwrap_or(f64::NAN);
        if x != 0.0 && x.abs() < Range::LEAST {
            let label = "write 0, or a larger number";
            r.issues.error("range", place, "the value is too small to be meaningful", label);
            return None;
        }
        if !range.holds(x) {
            let what = if matches!(expr, Expr::Number(_)) { "the value" } else { "an end of the law" };
            r.issues.error("range", place, format!("{what} is outside the accepted range"), limits(kind, stated, x));
            return None;
        }
    }
    if quantity.known().is_none() {
        let path = r.path();
        r.uncertain.push(Uncertain { path, kind, quantity: quantity.clone() });
    }
    let law = law_of(&expr, r).cloned();
    r.note_number(node, law.as_ref());
    r.read_range(node, kind, &quantity);
    Some(quantity)
}

/// The numbers that are meaningful in this unit, for messages.
fn meaning(unit: Unit) -> &'static str {
    match unit {
        Unit::TimesPerMonth | Unit::TimesPerYear => "a factor of growth is not negative: `0.5x/yr` halves",
        Unit::PerYear => "the loss in a year is at most 100%, and a probability is between 0% and 100%",
        _ => "not a valid number",
    }
}

fn misfit(node: &Node, kind: Kind, unit: Unit, r: &mut Reader) {
    let written = node.get("value").unwrap_or(node);
    let place = if written.text().is_some() { written.place } else { r.place_of(node) };
    let title = if unit == Unit::Number {
        format!("{} requires a unit", kind.name())
    } else {
        format!("expected {}, found a value {}", kind.name(), unit.described())
    };
    let text = written.text().unwrap_or("");
    let label = match (per_what(text, kind, unit), intended(text, kind, unit), meant::quantity(text, Some(kind))) {
        (Some(label), ..) => label,
        (_, Some(meant), _) => format!("write for example `{meant}`"),
        (.., Some(guess)) => guess.label,
        _ => format!("write for example `{}`", example(kind)),
    };
    let issue = r.issues.error("unit", place, title, label);
    if kind == Kind::PowerPrice && unit == Unit::UsdPerGpuHour {
        issue.help("divide by the power that an accelerator takes: `2.10 USD/gpu-hour / 1.4 kW`");
    }
}

/// The two possible meanings of a percentage where a quantity is per time, and how far apart they are.
fn per_what(text: &str, kind: Kind, unit: Unit) -> Option<String> {
    let x: f64 = text.trim().strip_suffix('%')?.trim().parse().ok()?;
    if unit != Unit::Share {
        return None;
    }
    match kind {
        // Monthly growth is growth of the logarithm.
        Kind::Growth => {
            let times = libm::exp(0.12 * x);
            let shown = if times >= 10.0 { format!("{times:.0}x") } else { format!("{times:.2}x") };
            Some(format!("a year or a month? write `{x}%/yr`, or `{x}%/mo`, which is {shown} a year"))
        }
        Kind::Hazard => Some(format!("a month or a year? write `{x}%/mo` or `{x}%/yr`")),
        Kind::Volatility => Some(format!("a year or a month? write `{x}%/yr` or `{x}%/mo`")),
        _ => None,
    }
}

/// A single number with the unit that was probably meant.
fn intended(text: &str, kind: Kind, unit: Unit) -> Option<String> {
    let text = text.trim();
    let number: f64 = text.trim_end_matches(|c: char| !c.is_ascii_digit()).parse().ok()?;
    let percent = |per: &str| {
        let share = number.abs() <= 1.0 && text.contains('.');
        // A fraction is shown without the rounding error of the multiplication.
        Some(format!("{}%{per}", if share { (number * 1e8).round() / 1e6 } else { number }))
    };
    match (unit, kind) {
        (Unit::Number, Kind::Share) => percent(""),
        (Unit::Number, Kind::Rate) => percent("/yr"),
        (Unit::Number, Kind::Growth | Kind::Hazard | Kind::Volatility) => percent("/mo"),
        (Unit::Number, Kind::Multiple) => Some(format!("{text}x")),
        (Unit::Number, Kind::Power) => Some(format!("{text} GW")),
        (Unit::Number, Kind::Time) => Some(format!("{text} mo")),
        (Unit::Number, Kind::Money) if text.ends_with(['k', 'M', 'B', 'T']) => Some(format!("{text} USD")),
        (Unit::Number, Kind::MoneyRate) if text.ends_with(['k', 'M', 'B', 'T']) => Some(format!("{text} USD/yr")),
        (Unit::Share, Kind::Rate) | (Unit::Multiple, Kind::Growth) | (Unit::Usd, Kind::MoneyRate) => {
            Some(format!("{text}/yr"))
        }
        (Unit::Share, Kind::Multiple) => Some(format!("{}x", number / 100.0)),
        (Unit::Multiple, Kind::Share) => Some(format!("{}%", number * 100.0)),
        (Unit::Usd, Kind::PowerPrice) => Some(format!("{text}/GW-yr")),
        (Unit::Usd, Kind::PowerCost) => Some(format!("{text}/GW")),
        (Unit::UsdPerGw, Kind::PowerPrice) => Some(format!("{text}-yr")),
        _ => None,
    }
}

/// What a field of this kind accepts, in words.
pub(super) fn limits(kind: Kind, range: Range, x: f64) -> String {
    let within = range.of_kind(kind);
    // The bounds that no field of the kind exceeds are reported only where they are exceeded.
    let range = if range.holds(x) { within } else { range };
    // Exact to the last digit that is shown: 0.99 × 100 is not 99.
    let percent = |x: f64| (x * 1e10).round() / 1e8;
    let show = |x: f64| match kind {
        Kind::Share => format!("{}%", percent(x)),
        Kind::Rate => format!("{}%/yr", percent(x)),
        Kind::Hazard | Kind::Growth | Kind::Volatility => format!("{}%/mo", percent(x)),
        Kind::Time => format!("{x} mo"),
        Kind::Multiple => format!("{x}x"),
        Kind::Power => format!("{x} GW"),
        Kind::Money if x != 0.0 => format!("{x:e} USD"),
        Kind::MoneyRate if x != 0.0 => format!("{x:e} USD/mo"),
        Kind::PowerPrice if x != 0.0 => format!("{x:e} USD/GW-mo"),
        Kind::PowerCost if x != 0.0 => format!("{x:e} USD/GW"),
        _ => format!("{x}"),
    };
    match (range.min, range.max) {
        (min, max) if min == max => format!("it must be {}", show(min)),
        (min, max) if min == f64::MIN_POSITIVE && max >= MOST => "it must be above zero".to_owned(),
        (min, max) if min == f64::MIN_POSITIVE => format!("it must be above zero and at most {}", show(max)),
        (min, max) if max >= MOST || (x < min && max >= kind.most()) => format!("it must be at least {}", show(min)),
        (min, max) if min <= -MOST || (x > max && min <= 0.0 && max >= kind.most()) => {
            format!("it must be at most {}", show(max))
        }
        (min, max) => format!("it must be between {} and {}", show(min), show(max)),
    }
}

/// A limit beyond this is not reported.
const MOST: f64 = 1e300;

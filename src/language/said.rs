//! What a node says where a quantity is expected, and whether the field can take it.

use super::expr::{self, Expr, Fault, Parsed};
use super::law::{LawSpec, from_law};
use super::quantity::{Kind, Quantity, Range, example};
use super::reader::Reader;
use super::tree::{Node, Value};
use super::unit::Unit;
use crate::issues::Place;

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
        let issue = r.issues.error("unit", place, title, format!("write for example `{like}`"));
        if kind == Kind::PowerPrice && unit == Unit::UsdPerGpuHour {
            issue.help("divide by the power that an accelerator takes: `2.10 USD/gpu-hour / 1.4 kW`");
        }
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

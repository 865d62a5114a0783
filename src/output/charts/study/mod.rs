//! Charts of studies: what moves a target, how it responds to one setting and to two, cases side by side, and ruin against
//! dilution. A study fills them from its answer.

mod frontier;
mod heat_map;
mod overlay;
mod response;
mod tornado;

pub use frontier::{Frontier, FrontierPoint};
pub use heat_map::{HeatCell, HeatMap};
pub use overlay::{Overlay, OverlayCase};
pub use response::{Response, ResponsePoint};
pub use tornado::{Tornado, TornadoBar};

use super::house::{money, money_ticks, multiple, multiple_ticks, percent, percent_ticks, power, power_ticks};

/// How the numbers of a study are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Amount {
    /// Fractions of a whole, in percent.
    Share,
    /// US dollars.
    Money,
    /// Multiples.
    Multiple,
    /// GW.
    Power,
    /// Plain numbers.
    #[default]
    Number,
}

impl Amount {
    /// Of a unit's name in the tables.
    pub fn named(unit: &str) -> Amount {
        match unit {
            "share" | "share/yr" => Amount::Share,
            "x" | "ratio" => Amount::Multiple,
            "GW" => Amount::Power,
            unit if unit.starts_with("USD") => Amount::Money,
            _ => Amount::Number,
        }
    }

    fn write(self, x: f64) -> String {
        match self {
            _ if !x.is_finite() => String::new(),
            Amount::Share => percent(x),
            Amount::Money => money(x),
            Amount::Multiple => multiple(x),
            Amount::Power => power(x),
            Amount::Number => number(x),
        }
    }

    /// A difference, with its sign: `+1.2 pp`, `−$3.1B`.
    fn signed(self, x: f64) -> String {
        let sign = if x > 0.0 { "+" } else { "" };
        match self {
            _ if !x.is_finite() => String::new(),
            Amount::Share => {
                let sign = if x < 0.0 { "\u{2212}" } else { sign };
                format!("{sign}{:.*}\u{a0}pp", if x.abs() < 0.01 { 2 } else { 1 }, (100.0 * x).abs())
            }
            _ => format!("{sign}{}", self.write(x)),
        }
    }

    /// A standard error: `±0.3 pp`.
    fn error(self, se: f64) -> String {
        match self {
            _ if !se.is_finite() => String::new(),
            Amount::Share => format!("\u{b1}{:.2}\u{a0}pp", 100.0 * se),
            _ => format!("\u{b1}{}", self.write(se)),
        }
    }

    fn ticks(self) -> fn(&[f64]) -> Vec<String> {
        match self {
            Amount::Share => percent_ticks,
            Amount::Money => money_ticks,
            Amount::Multiple => multiple_ticks,
            Amount::Power => power_ticks,
            Amount::Number => |ticks| ticks.iter().map(|x| number(*x)).collect(),
        }
    }
}

fn number(x: f64) -> String {
    let text = if x != 0.0 && (x.abs() < 0.01 || x.abs() >= 1e6) { format!("{x:.2e}") } else { format!("{x:.2}") };
    let text = if text.contains('.') && !text.contains('e') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    };
    text.replace('-', "\u{2212}")
}

/// The range of some values with a little air; 0 to 1 without any.
fn range(values: impl Iterator<Item = f64>, air: f64) -> (f64, f64) {
    let ends =
        values.filter(|x| x.is_finite()).fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), x| (a.min(x), b.max(x)));
    let (low, high) = if ends.0 <= ends.1 { ends } else { (0.0, 1.0) };
    let pad = (air * (high - low)).max(1e-9 * high.abs()).max(1e-12);
    (low - pad, high + pad)
}

/// The last part of a path, in plain words: `lab.compute.orders.share` reads "orders share".
fn short(path: &str) -> String {
    let parts: Vec<&str> = path.split('.').collect();
    crate::output::names::capital(&parts[parts.len().saturating_sub(2)..].join("_"))
}

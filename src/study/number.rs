//! A number of a scenario that a study varies: read from its text, moved, and written back in the same unit.

use crate::language::expr::{Expr, Parsed, parse};
use crate::language::overlay;
use crate::language::tree::Node;
use crate::language::unit::Unit;
use crate::units::Month;

/// A known number with its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Number {
    /// Its value: USD, GW, months, percentages as fractions.
    pub value: f64,
    /// The unit in which it is written.
    pub unit: Unit,
}

impl Number {
    /// Reads `70%`, `4.1 GW` or `35B USD`; `None` if the text is not one known number.
    pub fn read(text: &str) -> Option<Number> {
        // As arithmetic, a month is a difference.
        if Month::parse(text).is_some() {
            return None;
        }
        match parse(text, &mut |_| Err((String::new(), None))) {
            Ok(Parsed::Single(Expr::Number(value), unit)) => Some(Number { value, unit }),
            _ => None,
        }
    }

    /// The number at `path` of a scenario; `None` if there is none, or if it is uncertain, an expression, or a word.
    pub fn at(root: &Node, path: &str) -> Option<Number> {
        let node = overlay::find(root, path)?;
        let text = node.text().or_else(|| node.get("value").and_then(Node::text))?;
        Number::read(text)
    }

    /// The same unit with another value.
    #[must_use]
    pub fn with(self, value: f64) -> Number {
        Number { value, ..self }
    }

    /// The same number to `digits` significant digits.
    #[must_use]
    pub fn to_digits(self, digits: usize) -> Number {
        self.with(format!("{:.*e}", digits.saturating_sub(1), self.value).parse().unwrap_or(self.value))
    }

    /// As it is written in a scenario, to twelve digits.
    pub fn text(self) -> String {
        let (x, symbol) = match (self.value * self.unit.shown(), self.unit) {
            (x, Unit::Gw) if x != 0.0 && x.abs() < 0.1 => (1e3 * x, "MW"),
            (x, unit) => (x, unit.symbol()),
        };
        let (scale, letter) = match x.abs() {
            _ if !symbol.starts_with("USD") => (1.0, ""),
            a if a >= 1e12 => (1e12, "T"),
            a if a >= 1e9 => (1e9, "B"),
            a if a >= 1e6 => (1e6, "M"),
            a if a >= 1e3 => (1e3, "k"),
            _ => (1.0, ""),
        };
        let number = rounded(x / scale);
        let space = if symbol.is_empty() || symbol.starts_with(['%', 'x']) { "" } else { " " };
        format!("{number}{letter}{space}{symbol}")
    }
}

/// A number to twelve significant digits: sums of steps carry errors in the last ones.
fn rounded(x: f64) -> f64 {
    format!("{x:.11e}").parse().unwrap_or(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_they_are_read() {
        for text in [
            "70%",
            "4.1 GW",
            "35B USD",
            "0 USD",
            "12.5B USD/GW-yr",
            "1.3x",
            "5%/mo",
            "18 mo",
            "7",
            "-3%/mo",
            "250k USD",
        ] {
            assert_eq!(Number::read(text).unwrap().text(), text);
        }
        let share = Number::read("10%").unwrap();
        assert_eq!(Number::read("206 MW").unwrap().text(), "0.206 GW");
        assert_eq!(Number::read("5 MW").unwrap().text(), "5 MW");
        assert_eq!(share.to_digits(3).with(0.123_456).to_digits(3).text(), "12.3%");
        assert_eq!(Number::read("5 yr").unwrap().text(), "60 mo");
        assert_eq!(Number::read("225 bp").unwrap().text(), "2.25%/yr");
        assert_eq!(share.with(0.1 + 0.2).text(), "30%");
        for text in ["1 to 2 GW", "growth * 2", "winter", "2026-06", ""] {
            assert_eq!(Number::read(text), None, "{text}");
        }
    }
}

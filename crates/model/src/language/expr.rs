//! Expressions over quantities and input names: `0.8 * growth_now`, `base_rate + 3.5%/yr`, `5x to 14x`.
//!
//! Units are checked while parsing and conversions are folded in, so that evaluation is plain arithmetic.

use super::quantity::Inputs;
use super::reader::INPUT_OF_INPUTS;
use super::unit::{Unit, alike, product, quotient};

/// Longest text of an expression.
const MAX_TEXT: usize = 500;
/// Deepest nesting of parentheses and signs.
const MAX_NESTING: usize = 32;
/// The code of a fault that was already reported elsewhere.
pub(super) const SILENT: &str = "";
/// Largest magnitude of a number.
const MAX_NUMBER: f64 = 1e300;

/// An expression whose units were checked.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A number.
    Number(f64),
    /// The input with this index.
    Input(usize),
    /// A sum.
    Sum(Box<Expr>, Box<Expr>),
    /// A product.
    Product(Box<Expr>, Box<Expr>),
    /// A quotient.
    Quotient(Box<Expr>, Box<Expr>),
}

impl Expr {
    /// Its value in the written unit.
    pub fn at(&self, inputs: &Inputs<'_>) -> f64 {
        match self {
            Expr::Number(x) => *x,
            Expr::Input(index) => inputs.get(*index),
            Expr::Sum(a, b) => a.at(inputs) + b.at(inputs),
            Expr::Product(a, b) => a.at(inputs) * b.at(inputs),
            Expr::Quotient(a, b) => a.at(inputs) / b.at(inputs),
        }
    }
    pub(super) fn uses(&self, out: &mut Vec<usize>) {
        match self {
            Expr::Number(_) => {}
            Expr::Input(index) if out.contains(index) => {}
            Expr::Input(index) => out.push(*index),
            Expr::Sum(a, b) | Expr::Product(a, b) | Expr::Quotient(a, b) => {
                a.uses(out);
                b.uses(out);
            }
        }
    }
    fn sum(a: Expr, b: Expr) -> Expr {
        match (a, b) {
            (Expr::Number(x), Expr::Number(y)) => Expr::Number(x + y),
            (a, b) => Expr::Sum(Box::new(a), Box::new(b)),
        }
    }
    fn product(a: Expr, b: Expr) -> Expr {
        match (a, b) {
            (Expr::Number(x), Expr::Number(y)) => Expr::Number(x * y),
            (Expr::Number(1.0), e) | (e, Expr::Number(1.0)) => e,
            (a, b) => Expr::Product(Box::new(a), Box::new(b)),
        }
    }
    fn quotient(a: Expr, b: Expr) -> Expr {
        match (a, b) {
            (Expr::Number(x), Expr::Number(y)) => Expr::Number(x / y),
            (a, b) => Expr::Quotient(Box::new(a), Box::new(b)),
        }
    }
}

/// A problem in a text, with the bytes that it concerns.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// The code, a stable word.
    pub code: &'static str,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What is wrong.
    pub title: String,
    /// The label at the place.
    pub label: String,
    /// What to do.
    pub help: Option<String>,
}

impl Fault {
    pub(super) fn new(start: usize, end: usize, title: impl Into<String>, label: impl Into<String>) -> Fault {
        Fault { code: "quantity", start, end, title: title.into(), label: label.into(), help: None }
    }
    pub(super) fn help(mut self, line: impl Into<String>) -> Fault {
        self.help = Some(line.into());
        self
    }
}

/// A parsed text: one expression, or the two ends of an interval.
#[derive(Clone, Debug, PartialEq)]
pub enum Parsed {
    /// One value.
    Single(Expr, Unit),
    /// `a to b`; both are numbers in the unit.
    Interval(f64, f64, Unit),
}

/// What an input name stands for: its expression (a number when it is certain) and its unit; or why it cannot be used.
pub type Lookup<'a> = dyn FnMut(&str) -> Result<(Expr, Unit), (String, Option<String>)> + 'a;

/// Parses a text.
///
/// # Errors
/// The first problem, with its place in the text.
pub fn parse(text: &str, lookup: &mut Lookup<'_>) -> Result<Parsed, Fault> {
    if text.len() > MAX_TEXT {
        return Err(Fault::new(0, text.len(), format!("longer than {MAX_TEXT} characters"), "too long for a quantity"));
    }
    let mut parser = Parser { text, at: 0, nesting: 0, lookup };
    let first = parser.sum()?;
    parser.space();
    if !parser.word("to") {
        parser.end()?;
        return Ok(Parsed::Single(first.expr, first.unit));
    }
    let last = parser.sum()?;
    parser.end()?;
    let (Expr::Number(low), Expr::Number(high)) = (&first.expr, &last.expr) else {
        let title = "the ends of an interval must be known numbers";
        let fault = Fault::new(0, text.len(), title, "an input is used here");
        return Err(fault.help("declare the interval under `inputs:` and use its name in an expression"));
    };
    let (low, high) = (*low, *high);
    if first.unit == last.unit {
        return Ok(Parsed::Interval(low, high, last.unit));
    }
    // `5 to 14x`, `150B to 2.5T USD/yr`: a unit given once, at the end, applies to both ends; a bare number also takes
    // the multiplier (k, M, B, T, M of MW, …) of the upper end.
    if first.unit == Unit::Number {
        let factor = if first.scaled { last.factor } else { last.factor * last.scale };
        return Ok(Parsed::Interval(scaled(low, factor), high, last.unit));
    }
    if let Some(factor) = alike(first.unit, last.unit) {
        return Ok(Parsed::Interval(low * factor, high, last.unit));
    }
    let label = format!("one end is {}, the other {}", first.unit.described(), last.unit.described());
    Err(Fault::new(0, text.len(), "the ends of the interval have different units", label))
}

/// `x × factor`; a factor below one divides by its inverse, as literals do, so that `5 to 15%` is bit-identical to
/// `5% to 15%`.
fn scaled(x: f64, factor: f64) -> f64 {
    if factor < 1.0 { x / (1.0 / factor) } else { x * factor }
}

/// A value while parsing. The last three describe a literal, for intervals with the unit at the end only.
struct Term {
    expr: Expr,
    unit: Unit,
    factor: f64,
    scale: f64,
    scaled: bool,
    start: usize,
    end: usize,
}

struct Parser<'a, 'b, 'c> {
    text: &'a str,
    at: usize,
    nesting: usize,
    lookup: &'b mut Lookup<'c>,
}

impl<'a> Parser<'a, '_, '_> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }
    fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }
    fn take(&mut self, c: char) -> bool {
        self.space();
        let found = self.rest().starts_with(c);
        self.at += if found { c.len_utf8() } else { 0 };
        found
    }
    fn word(&mut self, word: &str) -> bool {
        let found =
            self.rest().strip_prefix(word).is_some_and(|r| !r.starts_with(|c: char| c.is_alphanumeric() || c == '_'));
        self.at += if found { word.len() } else { 0 };
        found
    }
    fn end(&mut self) -> Result<(), Fault> {
        self.space();
        if self.rest().is_empty() {
            return Ok(());
        }
        let part = self.rest().split_whitespace().next().unwrap_or("");
        let fault =
            Fault::new(self.at, self.at + part.len(), format!("`{part}` is not recognised here"), "unexpected text");
        Err(match self.rest().chars().next() {
            Some('–' | '—') => fault.help("write an interval as `5% to 10%`"),
            Some('−') => fault.help("write the minus sign as `-`"),
            Some(',') => fault.help("write numbers without thousands separators: `1500000` or `1.5M`"),
            Some('_') => fault.help("write numbers without `_`"),
            _ if part == "to" => fault.help("an interval has two ends: `5% to 10%`"),
            _ => fault,
        })
    }

    fn sum(&mut self) -> Result<Term, Fault> {
        let mut left = self.product()?;
        loop {
            let minus = if self.take('+') {
                false
            } else if self.take('-') {
                true
            } else {
                return Ok(left);
            };
            let right = self.product()?;
            let (mut unit, mut factor) = (left.unit, alike(right.unit, left.unit));
            if (left.unit, right.unit) == (Unit::Number, Unit::Ratio) {
                (unit, factor) = (Unit::Ratio, Some(1.0));
            }
            let Some(factor) = factor else {
                let title = if minus { "cannot subtract different units" } else { "cannot add different units" };
                let label =
                    format!("the left side is {}, the right side {}", left.unit.described(), right.unit.described());
                let fault = Fault { code: "unit", ..Fault::new(left.start, right.end, title, label) };
                return Err(if left.unit == Unit::Number && right.unit == Unit::Share {
                    fault.help("write `100%` for the whole")
                } else {
                    fault
                });
            };
            let sign = if minus { -factor } else { factor };
            let expr = Expr::sum(left.expr, Expr::product(Expr::Number(sign), right.expr));
            left = self.term(expr, unit, left.start)?;
        }
    }

    fn product(&mut self) -> Result<Term, Fault> {
        let mut left = self.signed()?;
        loop {
            let divide = if self.take('*') {
                false
            } else if self.take('/') {
                true
            } else {
                return Ok(left);
            };
            let right = self.signed()?;
            let unit = if divide { quotient(left.unit, right.unit) } else { product(left.unit, right.unit) };
            let Some((unit, factor)) = unit else {
                let title = if divide { "cannot divide these units" } else { "cannot multiply these units" };
                let label =
                    format!("the left side is {}, the right side {}", left.unit.described(), right.unit.described());
                return Err(Fault { code: "unit", ..Fault::new(left.start, right.end, title, label) });
            };
            if divide && right.expr == Expr::Number(0.0) {
                return Err(Fault::new(right.start, right.end, "division by zero", "this is zero"));
            }
            let both =
                if divide { Expr::quotient(left.expr, right.expr) } else { Expr::product(left.expr, right.expr) };
            left = self.term(Expr::product(Expr::Number(factor), both), unit, left.start)?;
        }
    }

    fn term(&self, expr: Expr, unit: Unit, start: usize) -> Result<Term, Fault> {
        if let Expr::Number(x) = expr
            && !(x.is_finite() && x.abs() <= MAX_NUMBER)
        {
            return Err(Fault::new(start, self.at, "the result is too large", "beyond 1e300"));
        }
        Ok(Term { expr, unit, factor: 1.0, scale: 1.0, scaled: true, start, end: self.at })
    }

    fn signed(&mut self) -> Result<Term, Fault> {
        self.nesting += 1;
        if self.nesting > MAX_NESTING {
            return Err(Fault::new(self.at, self.at + 1, "nested too deeply", "too many parentheses or signs"));
        }
        self.space();
        let start = self.at;
        let out = if self.take('-') {
            let inner = self.signed()?;
            let expr = Expr::product(Expr::Number(-1.0), inner.expr);
            Term { expr, start, ..inner }
        } else if self.take('+') {
            Term { start, ..self.signed()? }
        } else if self.take('(') {
            let inner = self.sum()?;
            if !self.take(')') {
                return Err(Fault::new(start, start + 1, "a parenthesis is not closed", "opened here"));
            }
            Term { start, scaled: true, factor: 1.0, scale: 1.0, end: self.at, ..inner }
        } else {
            self.atom()?
        };
        self.nesting -= 1;
        Ok(out)
    }

    fn atom(&mut self) -> Result<Term, Fault> {
        let start = self.at;
        match self.rest().chars().next() {
            Some(c) if c.is_ascii_digit() => {
                let found = super::literal::read(self.text, start)?;
                self.at = found.end;
                let expr = Expr::Number(found.value);
                Ok(Term {
                    expr,
                    unit: found.unit,
                    factor: found.factor,
                    scale: found.scale,
                    scaled: found.scale != 1.0,
                    start,
                    end: found.end,
                })
            }
            Some(c) if c.is_ascii_lowercase() => {
                let length = self
                    .rest()
                    .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.')))
                    .unwrap_or(self.rest().len());
                let name = &self.rest()[..length];
                self.at += length;
                let (expr, unit) = (self.lookup)(name).map_err(|(label, help)| {
                    let told = |title: String| Fault::new(start, start + length, title, label.clone());
                    let fault = match label.as_str() {
                        "" => Fault { code: SILENT, ..told(String::new()) },
                        INPUT_OF_INPUTS => {
                            let title = "an input cannot be defined by other inputs".to_owned();
                            Fault { code: "input-of-inputs", ..told(title) }
                        }
                        _ => Fault { code: "unknown-input", ..told(format!("there is no input `{name}`")) },
                    };
                    Fault { help, ..fault }
                })?;
                self.term(expr, unit, start)
            }
            None => Err(Fault::new(start, start, "a value is missing", "expected a quantity here")),
            Some(c) => {
                let fault = Fault::new(
                    start,
                    start + c.len_utf8(),
                    format!("`{}` is not a quantity", self.rest().trim()),
                    "expected a number or the name of an input",
                );
                Err(match c {
                    '$' | '€' | '£' => fault.help("write money as `1.5B USD`"),
                    '.' => fault.help("write a zero before the point: `0.5`"),
                    '−' | '–' => fault.help("write the minus sign as `-`"),
                    _ => fault,
                })
            }
        }
    }
}

//! Lines of `checks:`: `p(cash_out by 2029-12) < 10%`, `p95(peak_funding) < 300B USD`.
//!
//! ```text
//! check    := function '(' metric time? (comparison bound)? ')' comparison bound
//! function := p | mean | p01 … p99
//! time     := at DATE | by DATE | min | max        (nothing: at the horizon)
//! ```
//!
//! Not checked here: whether a metric exists, and whether a bound has the unit of its metric.

use super::expr::{self, Expr, Fault, Parsed};
use super::meant;
use super::quantity::Kind;
use super::reader::Reader;
use super::tree::Node;
use crate::issues::{Place, nearest};
use crate::units::Month;

/// The statistic of a metric's distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Function {
    /// The probability of an event.
    Probability,
    /// The mean.
    Mean,
    /// The quantile of this level, between 0 and 1.
    Quantile(f64),
}

/// When the metric is evaluated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// At the horizon; for an event, at any time.
    End,
    /// In a month.
    At(Month),
    /// Up to and including a month.
    By(Month),
    /// The smallest over the horizon.
    Min,
    /// The largest over the horizon.
    Max,
}

/// How two numbers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
}

impl Comparison {
    /// Whether the comparison of `a` with `b` holds.
    pub fn holds(self, a: f64, b: f64) -> bool {
        match self {
            Comparison::Less => a < b,
            Comparison::AtMost => a <= b,
            Comparison::Greater => a > b,
            Comparison::AtLeast => a >= b,
        }
    }
    /// How it is written.
    pub fn symbol(self) -> &'static str {
        match self {
            Comparison::Less => "<",
            Comparison::AtMost => "<=",
            Comparison::Greater => ">",
            Comparison::AtLeast => ">=",
        }
    }
}

/// A number that a metric is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bound {
    /// In the canonical unit of `kind`; money per time is per month, rates are per year.
    pub value: f64,
    /// Its kind, derived from its unit.
    pub kind: Kind,
    /// Where it was written.
    pub place: Place,
}

/// One line of `checks:`.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// As it was written.
    pub text: String,
    /// Where it was written.
    pub place: Place,
    /// The statistic.
    pub function: Function,
    /// The name of the metric.
    pub metric: String,
    /// Where the metric was written.
    pub metric_place: Place,
    /// When the metric is evaluated.
    pub time: Time,
    /// The comparison inside `p(…)`, if there is one.
    pub inner: Option<(Comparison, Bound)>,
    /// How the result must compare with its bound. A line of `checks:` has one; a question of the command line may have
    /// none.
    pub limit: Option<(Comparison, Bound)>,
}

impl Check {
    /// Whether it asks for the probability of an event, not of a comparison.
    pub fn is_event(&self) -> bool {
        self.function == Function::Probability && self.inner.is_none()
    }

    /// Whether a measured value, in the unit of the bound, is within the limit; true where there is no limit.
    pub fn holds(&self, measured: f64) -> bool {
        self.limit.is_none_or(|(comparison, bound)| comparison.holds(measured, bound.value))
    }
}

/// Reads the section `checks:`, a list of lines.
pub fn read_checks(node: &Node, r: &mut Reader) -> Vec<Check> {
    let Some(items) = node.list() else {
        if node.value != super::tree::Value::Null {
            r.error(
                "shape",
                node.place,
                format!("`checks` is a list, and this is {}", node.shape()),
                "write `- p(cash_out) < 10%`",
            );
        }
        return Vec::new();
    };
    items.iter().filter_map(|item| read_check(item, r)).collect()
}

/// Reads one line of `checks:`.
pub fn read_check(node: &Node, r: &mut Reader) -> Option<Check> {
    read(node, true, r)
}

/// Reads a question of the command line: a line of `checks:`, or one without its comparison, such as
/// `p50(stake.founders)`.
pub fn read_question(node: &Node, r: &mut Reader) -> Option<Check> {
    read(node, false, r)
}

fn read(node: &Node, limited: bool, r: &mut Reader) -> Option<Check> {
    let Some(text) = node.text() else {
        r.error(
            "check",
            node.place,
            format!("a check is one line of text, and this is {}", node.shape()),
            "write `p(cash_out) < 10%`",
        );
        return None;
    };
    match (Line { text, at: 0, node }).check(limited) {
        Ok(check) => Some(check),
        Err(fault) => {
            let place = node.part(fault.start, fault.end);
            let issue = r.issues.error("check", place, fault.title, fault.label);
            issue.help(fault.help.unwrap_or_else(|| {
                "for example `p(cash_out by 2029-12) < 10%` or `p50(stake.founders at 2031-05) > 9%`".to_owned()
            }));
            None
        }
    }
}

/// What a line measures: `p(cash_out by 2029-12)`.
pub(super) struct Measured {
    pub(super) function: Function,
    pub(super) metric: String,
    pub(super) metric_place: Place,
    pub(super) time: Time,
    pub(super) inner: Option<(Comparison, Bound)>,
}

/// A line that is being read: its text, how far it has been read, and where it was written.
pub(super) struct Line<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    pub(super) node: &'a Node,
}

impl<'a> Line<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }
    pub(super) fn space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }
    pub(super) fn take(&mut self, c: char) -> bool {
        self.space();
        let found = self.rest().starts_with(c);
        self.at += if found { c.len_utf8() } else { 0 };
        found
    }
    /// The next run of letters, digits and `._-`.
    pub(super) fn word(&mut self) -> (&'a str, usize) {
        self.space();
        let start = self.at;
        let length = self
            .rest()
            .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-')))
            .unwrap_or(self.rest().len());
        self.at += length;
        (&self.text[start..self.at], start)
    }
    pub(super) fn fault<T>(&self, start: usize, title: impl Into<String>, label: &str) -> Result<T, Fault> {
        Err(Fault::new(start, self.at.max(start + 1).min(self.text.len().max(start)), title, label))
    }

    /// Reads what is measured: a function, and in its parentheses a metric, a time and, for an event, a comparison.
    pub(super) fn measured(&mut self) -> Result<Measured, Fault> {
        let (name, start) = self.word();
        let level = name.strip_prefix('p').filter(|d| d.len() == 2 && d.bytes().all(|b| b.is_ascii_digit()));
        let function = match (name, level.and_then(|d| d.parse::<u8>().ok())) {
            ("p", _) => Function::Probability,
            ("mean", _) => Function::Mean,
            (_, Some(level)) if level > 0 => Function::Quantile(f64::from(level) / 100.0),
            _ => {
                let label = nearest(name, ["mean", "p05", "p50", "p95"]).filter(|_| name.len() > 2);
                let label = label.map_or("one of p, mean, p01 … p99".to_owned(), |n| format!("did you mean `{n}`?"));
                return self.fault(start, format!("`{name}` is not a function of checks"), &label);
            }
        };
        if !self.take('(') {
            return self.fault(self.at, format!("`{name}` needs parentheses"), "expected `(`");
        }
        let (metric, metric_at) = self.word();
        if !metric.starts_with(|c: char| c.is_ascii_lowercase()) || metric.ends_with(['.', '-']) {
            return self.fault(
                metric_at,
                "the name of a metric is missing",
                "expected a name such as `cash` or `stake.founders`",
            );
        }
        let metric_place = self.node.part(metric_at, self.at);
        let time = self.time()?;
        let inner = match self.comparison() {
            Some(comparison) => Some((comparison, self.bound(')')?)),
            None => None,
        };
        if !self.take(')') {
            let label = "expected `)`, `at DATE`, `by DATE`, `min`, `max` or a comparison";
            return self.fault(self.at, "this is not recognised", label);
        }
        if inner.is_some() && function != Function::Probability {
            return self.fault(
                start,
                format!("a comparison inside `{name}(…)` is not allowed"),
                "only `p(…)` takes an event",
            );
        }
        Ok(Measured { function, metric: metric.to_owned(), metric_place, time, inner })
    }

    fn check(mut self, limited: bool) -> Result<Check, Fault> {
        let Measured { function, metric, metric_place, time, inner } = self.measured()?;
        let limit = self.limit(function, limited)?;
        let (text, place) = (self.text.to_owned(), self.node.place);
        Ok(Check { text, place, function, metric, metric_place, time, inner, limit })
    }

    /// The comparison and its bound at the end of the line; none may be missing if `limited`.
    fn limit(&mut self, function: Function, limited: bool) -> Result<Option<(Comparison, Bound)>, Fault> {
        let Some(comparison) = self.comparison() else {
            return if limited || !self.rest().trim().is_empty() {
                self.fault(self.at, "the comparison is missing", "expected `<`, `<=`, `>` or `>=` and a value")
            } else {
                Ok(None)
            };
        };
        let bound_at = self.at;
        let bound = self.bound('\0')?;
        if function == Function::Probability && !(bound.kind == Kind::Share && (0.0..=1.0).contains(&bound.value)) {
            return self.fault(
                bound_at,
                "a probability must be compared with a percentage from 0% to 100%",
                "write for example `10%`",
            );
        }
        Ok(Some((comparison, bound)))
    }

    fn time(&mut self) -> Result<Time, Fault> {
        let before = self.at;
        let (word, start) = self.word();
        match word {
            "" => {
                self.at = before;
                Ok(Time::End)
            }
            "min" => Ok(Time::Min),
            "max" => Ok(Time::Max),
            "at" | "by" => {
                let (date, date_at) = self.word();
                match Month::parse(date).filter(|m| (1900..2200).contains(&m.year())) {
                    Some(month) if word == "at" => Ok(Time::At(month)),
                    Some(month) => Ok(Time::By(month)),
                    None => {
                        let written =
                            self.text[date_at..].split([')', '<', '>', '≤', '≥']).next().unwrap_or(date).trim();
                        let label = meant::date(written).map_or("write for example `2029-12`".to_owned(), |g| g.label);
                        self.at = date_at + written.len();
                        self.fault(date_at, format!("`{written}` is not a month"), &label)
                    }
                }
            }
            _ => self.fault(
                start,
                format!("`{word}` is not recognised here"),
                "expected `at DATE`, `by DATE`, `min` or `max`",
            ),
        }
    }

    pub(super) fn comparison(&mut self) -> Option<Comparison> {
        self.space();
        let signs = [
            ("<=", Comparison::AtMost),
            (">=", Comparison::AtLeast),
            ("≤", Comparison::AtMost),
            ("≥", Comparison::AtLeast),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        let (sign, comparison) = signs.into_iter().find(|(sign, _)| self.rest().starts_with(sign))?;
        self.at += sign.len();
        Some(comparison)
    }

    /// Reads a known quantity up to `stop`.
    pub(super) fn bound(&mut self, stop: char) -> Result<Bound, Fault> {
        self.space();
        let start = self.at;
        let length = self.rest().find(stop).unwrap_or(self.rest().len());
        let text = self.rest()[..length].trim_end();
        self.at += length;
        let parsed = expr::parse(text, &mut |_| Err(("checks compare with known numbers".to_owned(), None)));
        match parsed {
            Ok(Parsed::Single(Expr::Number(x), unit)) => {
                let kind = unit.kind();
                match kind.canonical(unit, x) {
                    Some(value) => Ok(Bound { value, kind, place: self.node.part(start, start + text.len()) }),
                    None => self.fault(start, "no metric has this unit", "this unit"),
                }
            }
            Ok(_) => self.fault(start, "checks compare with known numbers", "an interval is not allowed here"),
            Err(fault) => {
                let fault = Fault { start: fault.start + start, end: fault.end + start, ..fault };
                Err(match meant::quantity(text, None) {
                    Some(guess) => Fault { label: guess.label, help: guess.help.or(fault.help), ..fault },
                    None => fault,
                })
            }
        }
    }
}

#[cfg(test)]
#[path = "checks_tests.rs"]
mod tests;

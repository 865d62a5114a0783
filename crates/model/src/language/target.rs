//! Targets of precision: `se(p(cash_out)) < 0.2%`, the rule of a run that stops when an estimate is precise enough.
//!
//! ```text
//! target := se '(' function '(' metric time? (comparison bound)? ')' ')' ('<' | '<=') bound
//! ```
//!
//! What is estimated is written as in `checks:`. The bound has the unit of the metric, or is a percentage: of the
//! estimate, or in percentage points where the metric is itself a percentage, as every probability is.

use super::checks::{Check, Comparison, Function, Line, Measured};
use super::expr::Fault;
use super::quantity::Kind;
use super::reader::Reader;
use super::tree::Node;

/// A target of precision. Its [`Check`] is what is estimated, with the bound that applies to the standard error.
#[derive(Clone, Debug, PartialEq)]
pub struct Target(pub Check);

/// Reads a target.
pub fn read_target(node: &Node, r: &mut Reader) -> Option<Target> {
    let text = node.text().unwrap_or_default();
    match target(Line { text, at: 0, node }) {
        Ok(target) => Some(target),
        Err(fault) => {
            let place = node.part(fault.start, fault.end);
            let issue = r.issues.error("target", place, fault.title, fault.label);
            issue.help(fault.help.unwrap_or_else(|| {
                "for example `se(p(cash_out)) < 0.2%` or `se(mean(peak_funding)) < 1%`, which is 1% of the mean"
                    .to_owned()
            }));
            None
        }
    }
}

fn target(mut line: Line<'_>) -> Result<Target, Fault> {
    let (name, start) = line.word();
    if name != "se" {
        return line.fault(start, "a target bounds a standard error", "expected `se(`");
    }
    if !line.take('(') {
        return line.fault(line.at, "`se` needs parentheses", "expected `(`");
    }
    let measured = line.measured()?;
    if !line.take(')') {
        return line.fault(line.at, "the second parenthesis is not closed", "expected `)`");
    }
    line.space();
    let sign = line.at;
    let Some(comparison @ (Comparison::Less | Comparison::AtMost)) = line.comparison() else {
        return line.fault(sign, "a target is an upper bound", "expected `<` or `<=` and a value");
    };
    line.space();
    let bound_at = line.at;
    let bound = line.bound('\0')?;
    if bound.value <= 0.0 {
        return line.fault(bound_at, "a standard error is bounded by a positive value", "this is not above zero");
    }
    if measured.function == Function::Probability && !(bound.kind == Kind::Share && bound.value <= 1.0) {
        return line.fault(
            bound_at,
            "the error of a probability is bounded by a percentage",
            "in percentage points, for example `0.2%`",
        );
    }
    let Measured { function, metric, metric_place, time, inner } = measured;
    let (text, place) = (line.text.trim().to_owned(), line.node.place);
    let limit = Some((comparison, bound));
    Ok(Target(Check { text, place, function, metric, metric_place, time, inner, limit }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::issues::Place;
    use crate::units::Month;

    fn read(text: &str) -> (Option<Target>, Vec<String>) {
        let mut reader = Reader::new(Month::new(2026, 6), 60);
        let target = read_target(&Node::scalar(text, Place::new(0, 0, text.len())), &mut reader);
        let told = |issue: &crate::issues::Issue| {
            let place = issue.place.map_or(0..0, |place| place.start as usize..place.end as usize);
            format!("{} [{}]", issue.title, &text[place])
        };
        (target, reader.issues.iter().map(told).collect())
    }

    #[test]
    fn targets_are_read() {
        let (target, told) = read(" se(p95(peak_funding))  <= 2B USD");
        let Some(Target(check)) = target else { panic!("{told:?}") };
        assert_eq!((check.function, check.metric.as_str()), (Function::Quantile(0.95), "peak_funding"));
        let (comparison, bound) = check.limit.unwrap();
        assert_eq!((comparison, bound.value, bound.kind), (Comparison::AtMost, 2e9, Kind::Money));
        assert_eq!(check.text, "se(p95(peak_funding))  <= 2B USD");
        let (target, told) = read("se(p(cash by 2029-12 < 1B USD)) < 0.2%");
        let Some(Target(check)) = target else { panic!("{told:?}") };
        assert!(check.inner.is_some() && !check.is_event() && check.limit.unwrap().1.value == 0.002);
    }

    #[test]
    fn refusals_name_the_offender() {
        for (text, want) in [
            ("p(cash_out) < 0.2%", "a target bounds a standard error [p]"),
            ("", "a target bounds a standard error []"),
            ("se p(cash_out) < 1%", "`se` needs parentheses [p]"),
            ("se(p(cash_out) < 1%", "the second parenthesis is not closed [<]"),
            ("se(med(cash)) < 1%", "`med` is not a function of checks [med]"),
            ("se(p(cash_out)) > 1%", "a target is an upper bound [>]"),
            ("se(p(cash_out))", "a target is an upper bound []"),
            ("se(p(cash_out)) < 0%", "a standard error is bounded by a positive value [0%]"),
            ("se(p(cash_out)) < -1%", "a standard error is bounded by a positive value [-1%]"),
            ("se(p(cash_out)) < 1B USD", "the error of a probability is bounded by a percentage [1B USD]"),
            ("se(p(cash_out)) < 200%", "the error of a probability is bounded by a percentage [200%]"),
            ("se(mean(cash)) < 1 to 2 USD", "checks compare with known numbers [1 to 2 USD]"),
        ] {
            assert_eq!(read(text), (None, vec![want.to_owned()]), "{text}");
        }
    }
}

//! The summary on the screen: the answer first, at most 25 lines that one could paste into a message. It says what
//! `summary.json` says, and is made from it.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::answers::{show, show_share};
use crate::engine::room::Unit;

/// Metrics that are told, with their quantiles.
const ROWS: [(&str, &str, &[&str]); 8] = [
    ("runway without new money", "runway_months", &["p10", "p50"]),
    ("peak outside funding", "peak_funding", &["p50", "p90"]),
    ("cumulative gap", "cumulative_gap", &["p50"]),
    ("run-rate at the end", "run_rate", &["p05", "p50", "p95"]),
    ("cash at the end", "cash", &["p05", "p50", "p95"]),
    ("equity raised", "equity_raised", &["p50", "p90"]),
    ("founders' stake", "stake.founders", &["p50"]),
    ("look-through leverage", "look_through_leverage", &["p50", "p90"]),
];

/// Columns of the screen.
const WIDTH: usize = 80;
/// Checks that are told one by one.
const CHECKS: usize = 6;

/// The summary of a run whose folder is `place`, from what `summary.json` says of it.
pub fn text(summary: &Value, place: &Path) -> String {
    let mut out = String::new();
    let word = |key: &str| summary[key].as_str().unwrap_or_default();
    // The scenario is called as its folder is, which has the variant at its end.
    let (name, variant) = match summary["variant"].as_str() {
        Some(v) => {
            (word("scenario").strip_suffix(&format!("-{v}")).unwrap_or(word("scenario")), format!(", variant {v}"))
        }
        None => (word("scenario"), String::new()),
    };
    let paths = &summary["paths"];
    let _ = writeln!(
        out,
        "{name}{variant}: {paths} paths, {} months from {}, seed {}",
        summary["months"],
        word("start"),
        summary["seed"]
    );
    let ruin = &summary["p_cash_out"];
    let _ = writeln!(
        out,
        "Cash runs out by {} in {} of paths (95 % interval {:.1}–{:.1} %).",
        word("horizon"),
        show_share(number(&ruin["value"]), number(&ruin["se"])),
        number(&ruin["wilson_95"][0]) * 100.0,
        number(&ruin["wilson_95"][1]) * 100.0
    );
    for (label, name, levels) in ROWS {
        let metric = &summary["metrics"][name];
        let Some(unit) = metric["unit"].as_str().and_then(unit_named) else { continue };
        let values: Vec<String> =
            levels.iter().map(|q| format!("{} {}", q.to_uppercase(), show(number(&metric[q]), unit))).collect();
        let (n, all) = (number(&metric["n_defined"]), number(paths));
        let note = if n < all { format!("   (on {:.0}% of paths)", 100.0 * n / all) } else { String::new() };
        let _ = writeln!(out, "  {label:<26} {}{note}", values.join("  "));
    }
    years(&summary["years"], &mut out);
    let mut causes: Vec<String> = list(&summary["first_causes"])
        .iter()
        .take(4)
        .map(|c| {
            let name = c["cause"].as_str().unwrap_or_default().replace('_', " ");
            format!("{name} {:.0}%", 100.0 * number(&c["share"]))
        })
        .collect();
    // The rarest are left out where the line would be too long.
    while causes.len() > 1 && causes.iter().map(|c| c.chars().count() + 2).sum::<usize>() > WIDTH - 27 {
        causes.pop();
    }
    if !causes.is_empty() {
        let _ = writeln!(out, "  {:<26} {}", "first causes of ruin", causes.join("  "));
    }
    let checks = list(&summary["checks"]);
    let holds = |check: &Value| check["holds"].as_bool() == Some(true);
    for check in checks.iter().take(CHECKS) {
        let mark = if holds(check) { "✓" } else { "✗" };
        let said = |key: &str| check[key].as_str().unwrap_or_default();
        let measured = format!("   measured {}", said("shown"));
        let room = WIDTH.saturating_sub(2 + measured.chars().count());
        let _ = writeln!(out, "{mark} {}{measured}", cut(said("check"), room));
    }
    if checks.len() > CHECKS {
        let failed = checks.iter().skip(CHECKS).filter(|check| !holds(check)).count();
        let _ = writeln!(out, "  … and {} more checks, {failed} of them failed", checks.len() - CHECKS);
    }
    let _ = writeln!(out, "Files in {}", place.display());
    out
}

/// Median cash and survival year by year, as small bars with the first and the last value beside them.
fn years(years: &Value, out: &mut String) {
    let years = list(years);
    let (Some(first), Some(last)) = (years.first(), years.last()) else { return };
    if years.len() < 2 {
        return;
    }
    let mut row = |label: &str, key: &str, most: f64, show: &dyn Fn(f64) -> String| {
        let values: Vec<f64> = years.iter().map(|y| number(&y[key])).collect();
        if values.iter().any(|x| !x.is_finite()) {
            return;
        }
        let ends = [first, last].map(|y| format!("{} {}", y["year"], show(number(&y[key]))));
        let _ = writeln!(out, "  {label:<26} {}  {}", bars(&values, most), ends.join(" … "));
    };
    row("median cash by year", "cash_p50", f64::NAN, &|x| show(x, Unit::Usd));
    row("share that still has cash", "with_cash", 1.0, &|x| format!("{:.0}%", 100.0 * x));
}

/// Bars from zero, or from the least value when it is below zero, to the greatest value or to `most`.
fn bars(values: &[f64], most: f64) -> String {
    let low = values.iter().copied().fold(0.0, f64::min);
    let high = if most.is_finite() { most } else { values.iter().copied().fold(low, f64::max) };
    let height = |x: f64| if high > low { ((x - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 };
    values.iter().map(|&x| ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'][(height(x) * 7.0).round() as usize]).collect()
}

/// At most so many characters; what is cut off leaves a mark.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or(f64::NAN)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// The unit that the tables call so.
fn unit_named(name: &str) -> Option<Unit> {
    use Unit::{AnnualRate, Count, Gigawatt, Months, Ratio, Share, Stock, Usd, UsdPerYear};
    [Usd, UsdPerYear, Share, Ratio, Gigawatt, Months, Count, Stock, AnnualRate].into_iter().find(|u| u.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_rise_from_zero() {
        assert_eq!(bars(&[0.0, 7.0, 3.5], f64::NAN), "▁█▅");
        assert_eq!(bars(&[-7.0, 0.0, 7.0], f64::NAN), "▁▅█");
        assert_eq!(bars(&[1.0, 0.5, 0.0], 1.0), "█▅▁");
        assert_eq!(bars(&[0.0, 0.0], f64::NAN), "▁▁");
    }

    #[test]
    fn a_long_check_is_cut() {
        assert_eq!((cut("p(cash_out)", 11), cut("p(cash_out)", 6)), ("p(cash_out)".to_owned(), "p(cas…".to_owned()));
    }

    #[test]
    fn nothing_recorded_is_no_failure() {
        let said = text(&Value::Null, Path::new("x"));
        assert!(said.ends_with("Files in x\n"), "{said}");
    }
}

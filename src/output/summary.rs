//! The summary on the screen: the answer first, at most 25 lines that one could paste into a message. It says what
//! `summary.json` says, and is made from it.

use std::fmt::Write as _;
use std::path::Path;

use serde_json::Value;

use crate::answers::{show, show_share};
use crate::engine::room::Unit;
use crate::output::findings::NO_CAUSE;
use crate::units::Month;

/// Metrics that are shown, with their quantiles.
const ROWS: [(&str, &str, &[&str]); 10] = [
    ("runway without new money", "runway_months", &["p10", "p50"]),
    ("peak outside funding", "peak_funding", &["p50", "p90"]),
    ("cumulative gap", "cumulative_gap", &["p50"]),
    ("run-rate at the end", "run_rate", &["p05", "p50", "p95"]),
    ("  of labs still alive", "run_rate.alive", &["p50"]),
    ("cash at the end", "cash", &["p05", "p50", "p95"]),
    ("equity raised", "equity_raised", &["p50", "p90"]),
    ("founders' stake", "stake.founders", &["p50"]),
    ("look-through leverage", "look_through_leverage", &["p50", "p90"]),
    // At the horizon debt may have matured.
    ("  at its peak", "peak_leverage", &["p50", "p90"]),
];

/// Columns of the screen.
const WIDTH: usize = 80;
/// Lines of the summary, at most.
const LINES: usize = 25;

/// The summary of a run whose folder is `place`, from what `summary.json` says of it.
pub fn text(summary: &Value, place: &Path) -> String {
    let mut out = answer(summary);
    let last = format!("± is one standard error. Files in {}\n", place.display());
    out.push_str(&checks(list(&summary["checks"]), LINES.saturating_sub(out.lines().count() + 1)));
    out + &last
}

/// All but the checks and the folder.
fn answer(summary: &Value) -> String {
    let mut out = String::new();
    let word = |key: &str| summary[key].as_str().unwrap_or_default();
    let variant = summary["variant"].as_str().map_or(String::new(), |v| format!(", variant {v}"));
    let name = format!("{}{variant}", word("scenario"));
    let paths = &summary["paths"];
    let run = format!("{paths} paths, {} months from {}, seed {}", summary["months"], word("start"), summary["seed"]);
    let sets: Vec<&str> = list(&summary["set"]).iter().filter_map(Value::as_str).collect();
    let set = if sets.is_empty() { String::new() } else { format!(" with {}", sets.join(", ")) };
    // What was set is part of what was run: on the first line, or where that is too long on one of its own.
    if format!("{name}{set}: {run}").chars().count() <= WIDTH {
        let _ = writeln!(out, "{name}{set}: {run}");
    } else {
        let _ = writeln!(out, "{name}: {run}\n{}", cut(set.trim_start(), WIDTH));
    }
    let ruin = &summary["p_cash_out"];
    let _ = writeln!(
        out,
        "Cash runs out by {} in {} of paths (95% interval {:.1}–{:.1}%).",
        word("horizon"),
        show_share(number(&ruin["value"]), number(&ruin["se"])),
        number(&ruin["wilson_95"][0]) * 100.0,
        number(&ruin["wilson_95"][1]) * 100.0
    );
    rows(summary, &mut out);
    years(&summary["years"], &mut out);
    causes(list(&summary["first_causes"]), &mut out);
    let left: Vec<&str> = list(&summary["variants_beside"]["not_run"]).iter().filter_map(Value::as_str).collect();
    if !left.is_empty() {
        let _ = writeln!(out, "  {:<26} {}", "variants not drawn beside", cut(&left.join(", "), WIDTH - 29));
    }
    out
}

/// The metrics, a line each.
fn rows(summary: &Value, out: &mut String) {
    let all = number(&summary["paths"]);
    for (label, name, levels) in ROWS {
        let metric = &summary["metrics"][name];
        let Some(unit) = metric["unit"].as_str().and_then(unit_named) else { continue };
        let values: Vec<String> =
            levels.iter().map(|q| format!("{} {}", q.to_uppercase(), show(number(&metric[q]), unit))).collect();
        let month = number(&summary["metrics"][format!("{name}_month")]["p50"]);
        let start = summary["start"].as_str().and_then(Month::parse).filter(|_| month.is_finite());
        let when = start.map_or(String::new(), |start| format!("   median month {}", start.plus(month as i32 - 1)));
        let n = number(&metric["n_defined"]);
        let note = if n < all { format!("   (on {:.0}% of paths)", 100.0 * n / all) } else { String::new() };
        let _ = writeln!(out, "  {label:<26} {}{when}{note}", values.join("  "));
    }
}

/// The commonest first causes of ruin.
fn causes(causes: &[Value], out: &mut String) {
    let causes = first_causes(causes);
    if !causes.is_empty() {
        let _ = writeln!(out, "  {:<26} {causes}", "first causes of ruin");
    }
}

/// The lines of `checks:`, those that fail first; where not all have room, passed ones are counted, and failed ones named
/// together on one line.
fn checks(all: &[Value], room: usize) -> String {
    let (holding, failing): (Vec<&Value>, Vec<&Value>) = all.iter().partition(|c| c["holds"].as_bool() == Some(true));
    let said = |check: &Value, key: &str| check[key].as_str().unwrap_or_default().to_owned();
    let line = |mark: char, check: &Value| {
        let measured = format!("   measured {}", said(check, "shown"));
        let room = WIDTH.saturating_sub(2 + measured.chars().count());
        format!("{mark} {}{measured}\n", cut(&said(check, "check"), room))
    };
    let room = room.max(1);
    let mut out = String::new();
    // A line is kept for those that hold.
    let kept = room - usize::from(!holding.is_empty() && all.len() > room && room > 1);
    if failing.len() > kept {
        out.extend(failing[..kept - 1].iter().map(|check| line('✗', check)));
        let rest: Vec<String> = failing[kept - 1..].iter().map(|check| said(check, "check")).collect();
        let head = format!("✗ {} more fail: ", rest.len());
        let _ = writeln!(out, "{head}{}", cut(&rest.join(", "), WIDTH - head.chars().count()));
    } else {
        out.extend(failing.iter().map(|check| line('✗', check)));
    }
    let left = room.saturating_sub(out.lines().count());
    if holding.len() <= left {
        out.extend(holding.iter().map(|check| line('✓', check)));
    } else if left > 0 {
        out.extend(holding[..left - 1].iter().map(|check| line('✓', check)));
        let (n, others) = (holding.len() - (left - 1), left > 1);
        let more = if others { "and " } else { "" };
        let what = if n == 1 { "check holds" } else { "checks hold" };
        let _ = writeln!(out, "✓ {more}{n}{} {what}", if others { " more" } else { "" });
    }
    out
}

/// First causes of ruin by their share of the ruined paths, the commonest first, as many as the line holds; the rest is `other`,
/// and the last of them takes up what rounding leaves, so that the percents add up to 100.
fn first_causes(causes: &[Value]) -> String {
    let line = |named: usize| {
        let (mut left, mut told) = (100.0, Vec::new());
        for (k, cause) in causes.iter().take(named).enumerate() {
            let share = if k + 1 == causes.len() { left } else { (100.0 * number(&cause["share"])).round() };
            let name = match cause["cause"].as_str().unwrap_or_default() {
                NO_CAUSE => "no event".to_owned(),
                name => name.replace('_', " "),
            };
            told.push(format!("{name} {share:.0}%"));
            left -= share;
        }
        if named < causes.len() {
            told.push(format!("other {left:.0}%"));
        }
        told.join("  ")
    };
    let fits = (1..=causes.len().min(4)).rev().map(line).find(|line| line.chars().count() <= WIDTH - 29);
    fits.unwrap_or_else(|| if causes.is_empty() { String::new() } else { line(1) })
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
    use serde_json::json;

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
    fn failed_checks_come_first_and_are_never_hidden() {
        let check = |k: usize, holds: bool| serde_json::json!({"check": format!("p50(m{k}) > 1"), "holds": holds, "shown": "0"});
        let all: Vec<Value> = (0..9).map(|k| check(k, k < 7)).collect();
        let said = checks(&all, 5);
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines.len(), 5, "{said}");
        assert!(lines[0].starts_with("✗ p50(m7)") && lines[1].starts_with("✗ p50(m8)"), "{said}");
        assert_eq!(lines[4], "✓ and 5 more checks hold");
        // With room for all none is counted.
        assert_eq!(checks(&all, 9).lines().count(), 9);
        // More failures than lines: the rest by name on one, and still a line for those that hold.
        let many: Vec<Value> = (0..12).map(|k| check(k, k == 0)).collect();
        let said = checks(&many, 4);
        assert!(
            said.contains("✗ 9 more fail: p50(m3) > 1, p50(m4) > 1") && said.ends_with("✓ p50(m0) > 1   measured 0\n"),
            "{said}"
        );
        assert_eq!(said.lines().count(), 4);
        assert_eq!(checks(&[], 5), "");
    }

    #[test]
    fn a_summary_has_25_lines_at_most() {
        let names = |n: usize| (0..n).map(|k| format!("v{k}")).collect::<Vec<_>>();
        let metric = serde_json::json!({"unit": "USD", "n_defined": 9, "p05": 1.0, "p10": 1.0, "p50": 1.0, "p90": 1.0, "p95": 1.0});
        let metrics: serde_json::Map<String, Value> = ROWS.iter().map(|r| (r.1.to_owned(), metric.clone())).collect();
        let checks: Vec<Value> = (0..40)
            .map(|k| serde_json::json!({"check": "p(cash_out) < 1%", "holds": k % 2 == 0, "shown": "2%"}))
            .collect();
        let years: Vec<Value> =
            (2026..2030).map(|y| serde_json::json!({"year": y, "cash_p50": 1.0, "with_cash": 0.5})).collect();
        let summary = serde_json::json!({
            "scenario": "a", "paths": 10, "months": 60, "seed": 1, "start": "2026-06", "horizon": "2031-05", "metrics": metrics,
            "p_cash_out": {"value": 0.1, "se": 0.1, "wilson_95": [0.01, 0.4]}, "years": years, "checks": checks,
            "first_causes": [{"cause": "winter", "share": 1.0}], "set": ["a=1"], "variants_beside": {"not_run": names(20)},
        });
        let said = text(&summary, Path::new("output/a"));
        assert_eq!(said.lines().count(), LINES, "{said}");
        assert!(said.starts_with("a with a=1: 10 paths") && said.contains("variants not drawn beside"), "{said}");
        assert!(said.contains("✗ ") && said.contains("more fail: "), "{said}");
    }

    #[test]
    fn nothing_recorded_is_no_failure() {
        let said = text(&Value::Null, Path::new("x"));
        assert!(said.ends_with("Files in x\n") && said.contains("± is one standard error"), "{said}");
    }

    #[test]
    fn first_causes_add_up_to_the_whole() {
        let of = |causes: &[(&str, f64)]| {
            let told: Vec<_> = causes.iter().map(|(cause, share)| json!({"cause": cause, "share": share})).collect();
            first_causes(list(&json!(told)))
        };
        assert_eq!(of(&[("winter", 0.614), ("none", 0.386)]), "winter 61%  no event 39%");
        // Three thirds: 33 + 33 + 34.
        let third = 1.0 / 3.0;
        assert_eq!(
            of(&[("winter", third), ("none", third), ("covenant", third)]),
            "winter 33%  no event 33%  covenant 34%"
        );
        let many = [
            ("winter", 0.5),
            ("none", 0.2),
            ("covenant", 0.1),
            ("lump_cost", 0.1),
            ("put_exercised", 0.06),
            ("competitor", 0.04),
        ];
        assert_eq!(of(&many), "winter 50%  no event 20%  covenant 10%  other 20%");
        assert_eq!(of(&[]), "");
    }
}

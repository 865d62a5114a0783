//! The on-screen summary: the answer first, in at most 25 lines that can be pasted into a message. It is derived from
//! `summary.json` and says the same.

use std::fmt::Write as _;
use std::path::Path;

use crate::engine::instrument::Unit;
use crate::outcome::{show, show_share};
use crate::output::findings::NO_CAUSE;
use crate::output::names;
use crate::output::record::{Cause, CheckLine, EndMetric, RuinStep, Summary, TargetLine, YearEnd};
use crate::units::Month;

/// A quantile to show.
#[derive(Clone, Copy)]
enum Level {
    P05,
    P10,
    P50,
    P90,
    P95,
}
use Level::{P05, P10, P50, P90, P95};

impl Level {
    fn of(self, metric: &EndMetric) -> (&'static str, f64) {
        let (name, value) = match self {
            P05 => ("P05", metric.p05),
            P10 => ("P10", metric.p10),
            P50 => ("P50", metric.p50),
            P90 => ("P90", metric.p90),
            P95 => ("P95", metric.p95),
        };
        (name, value.0)
    }
}

/// Metrics to show, with their quantiles.
const ROWS: [(&str, &str, &[Level]); 10] = [
    ("runway, no new funding", "runway_months", &[P10, P50]),
    ("peak external funding", "peak_funding", &[P50, P90]),
    ("cumulative gap", "cumulative_gap", &[P50]),
    ("run-rate at the end", "run_rate", &[P05, P50, P95]),
    ("  of labs still alive", "run_rate.alive", &[P50]),
    ("cash at the end", "cash", &[P05, P50, P95]),
    ("equity raised", "equity_raised", &[P50, P90]),
    ("founders' stake", "stake.founders", &[P50]),
    ("look-through leverage", "look_through_leverage", &[P50, P90]),
    // By the horizon debt may have matured.
    ("  at its peak", "peak_leverage", &[P50, P90]),
];

/// Width in columns.
const WIDTH: usize = 80;
/// Largest number of lines.
const LINES: usize = 25;

/// The summary of a run whose folder is `place`, from the contents of `summary.json`.
pub fn text(summary: &Summary, place: &Path) -> String {
    let mut out = answer(summary);
    let last = format!("± is one standard error. Files in {}\n", place.display());
    // What precedes ruin is shown where the checks leave a line for it.
    if let Some(line) =
        chain(&summary.why_ruined.chain).filter(|_| out.lines().count() + summary.checks.len() + 2 <= LINES)
    {
        out.push_str(&line);
    }
    out.push_str(&checks(&summary.checks, LINES.saturating_sub(out.lines().count() + 1)));
    out + &last
}

/// Everything except the checks and the folder.
fn answer(summary: &Summary) -> String {
    let mut out = String::new();
    let variant = summary.variant.as_ref().map_or(String::new(), |v| format!(", variant {v}"));
    let name = format!("{}{variant}", summary.scenario);
    let Summary { paths, months, start, seed, set, .. } = summary;
    let run = format!("{paths} paths, {months} months from {start}, seed {seed}");
    let set = if set.is_empty() { String::new() } else { format!(" with {}", set.join(", ")) };
    // Changed settings are part of the run's identity: on the first line or, where that would be too long, on a line of
    // their own.
    if format!("{name}{set}: {run}").chars().count() <= WIDTH {
        let _ = writeln!(out, "{name}{set}: {run}");
    } else {
        let _ = writeln!(out, "{name}: {run}\n{}", cut(set.trim_start(), WIDTH));
    }
    headline(summary, &mut out);
    target(summary, &mut out);
    rows(summary, &mut out);
    years(&summary.years, &mut out);
    causes(&summary.first_causes, &mut out);
    let left = &summary.variants_beside.not_run;
    if !left.is_empty() {
        let _ = writeln!(out, "  {:<26} {}", "variants not drawn", cut(&left.join(", "), WIDTH - 29));
    }
    out
}

/// The target of precision at which the run stopped.
fn target(summary: &Summary, out: &mut String) {
    let Some(TargetLine { rule, met, shown, .. }) = &summary.target else { return };
    let met = if *met { "met" } else { "not met" };
    let (target, met) = (format!("Target {rule}:"), format!("{met} at {} paths, {shown}.", summary.paths));
    if target.chars().count() + 1 + met.chars().count() <= WIDTH {
        let _ = writeln!(out, "{target} {met}");
    } else {
        let _ = writeln!(out, "{}\n  {met}", cut(&target, WIDTH));
    }
}

/// What the scenario opens with, in its order, and the probability that cash runs out where it is not among it.
fn headline(summary: &Summary, out: &mut String) {
    let ruin = &summary.p_cash_out;
    let events = (ruin.value.0 * summary.paths as f64).round();
    let rare = summary.paths >= RARE_OF && events < ENOUGH_EVENTS as f64 && ruin.value.0 < 0.01;
    let few = if rare { format!(" {events} paths: `gapcast rare` measures it.") } else { String::new() };
    let cash_out = format!(
        "Cash runs out by {} in {} of paths (95% interval {:.1}–{:.1}%).{few}\n",
        summary.horizon,
        show_share(ruin.value.0, ruin.se.0),
        ruin.wilson_95[0].0 * 100.0,
        ruin.wilson_95[1].0 * 100.0
    );
    for entry in &summary.headline {
        match (entry.as_str(), summary.headline_metric(entry)) {
            (CASH_OUT, _) => out.push_str(&cash_out),
            ("default", Some(metric)) => {
                let (horizon, share) = (&summary.horizon, show_share(metric.mean.0, metric.se.0));
                let _ = writeln!(out, "The lab defaults by {horizon} in {share} of paths.");
            }
            (_, Some(metric)) if metric.p05.0 == metric.p95.0 && metric.mean.0 != metric.p50.0 => {
                // The same on nine paths in ten, such as no loss: the mean says more.
                let Some(unit) = unit_named(&metric.unit) else { continue };
                let (label, at) = (cut(&names::plain_metric(entry), 26), [metric.mean.0, metric.se.0, metric.p95.0]);
                let [mean, se, p95] = at.map(|x| show(x, unit));
                let _ = writeln!(out, "  {label:<26} mean {mean} ± {se}  P95 {p95}");
            }
            (_, Some(_)) => {
                let (label, levels) = ROWS
                    .iter()
                    .find(|row| row.1 == entry)
                    .map_or((names::plain_metric(entry), &[P05, P50, P95][..]), |row| (row.0.trim().to_owned(), row.2));
                row(summary, &cut(&label, 26), entry, levels, out);
            }
            (_, None) => {}
        }
    }
    if !summary.headline.iter().any(|entry| entry == CASH_OUT) {
        out.push_str(&cash_out);
    }
}

/// The event that the summary always reports.
const CASH_OUT: &str = "cash_out";

/// Events from which a share of paths is an answer.
pub const ENOUGH_EVENTS: u64 = 100;
/// Fewer events on at least so many paths, and on fewer than one in a hundred, are measured by `gapcast rare`.
const RARE_OF: u64 = 1000;

/// The usual metrics that the scenario does not open with, one line each; as many fewer as it opens with.
fn rows(summary: &Summary, out: &mut String) {
    let named = |name: &str| summary.headline.iter().any(|entry| entry == name);
    let room = ROWS.len().saturating_sub(summary.headline.len());
    // A row that is indented belongs to the one above it, and is left out with it.
    let mut moved = false;
    let left = ROWS.into_iter().filter(|(label, name, _)| {
        moved = named(name) || (moved && label.starts_with(' '));
        !moved
    });
    for (label, name, levels) in left.take(room) {
        row(summary, label, name, levels, out);
    }
}

/// A metric at the horizon; nothing if the run does not have it.
fn row(summary: &Summary, label: &str, name: &str, levels: &[Level], out: &mut String) {
    let Some(metric) = summary.headline_metric(name) else { return };
    let Some(unit) = unit_named(&metric.unit) else { return };
    let value = |(name, value): (&str, f64)| format!("{name} {}", show(value, unit));
    let values: Vec<String> = levels.iter().map(|level| value(level.of(metric))).collect();
    let month = summary.metrics.get(&format!("{name}_month")).map_or(f64::NAN, |month| month.p50.0);
    let start = Month::parse(&summary.start).filter(|_| month.is_finite());
    let when = start.map_or(String::new(), |start| format!("   median month {}", start.plus(month as i32 - 1)));
    let (n, all) = (metric.n_defined, summary.paths);
    let note = if n < all { format!("   (on {:.0}% of paths)", 100.0 * n as f64 / all as f64) } else { String::new() };
    let _ = writeln!(out, "  {label:<26} {}{when}{note}", values.join("  "));
}

/// The most frequent first causes of ruin.
fn causes(causes: &[Cause], out: &mut String) {
    let causes = first_causes(causes);
    if !causes.is_empty() {
        let _ = writeln!(out, "  {:<26} {causes}", "first causes of ruin");
    }
}

/// The events that typically precede ruin, the earliest first, with the median of the months before it; as many as fit
/// on the line.
fn chain(steps: &[RuinStep]) -> Option<String> {
    let told: Vec<String> =
        steps.iter().map(|step| format!("{} −{:.0}", step.event.replace('_', " "), step.months_before.0)).collect();
    let fits = (1..=told.len()).rev().map(|n| told[told.len() - n..].join("  "));
    let line = fits.into_iter().find(|line| line.chars().count() <= WIDTH - 29)?;
    Some(format!("  {:<26} {line}\n", "months before ruin"))
}

/// The lines of `checks:`, failures first; where they do not all fit in `room` lines, passed ones are counted and
/// failed ones named together on one line.
fn checks(all: &[CheckLine], room: usize) -> String {
    let (holding, failing): (Vec<&CheckLine>, Vec<&CheckLine>) = all.iter().partition(|c| c.holds);
    let line = |mark: char, check: &CheckLine| {
        let measured = format!("   measured {}", check.shown);
        let room = WIDTH.saturating_sub(2 + measured.chars().count());
        format!("{mark} {}{measured}\n", cut(&check.check, room))
    };
    let room = room.max(1);
    let mut out = String::new();
    // One line is reserved for those that hold.
    let kept = room - usize::from(!holding.is_empty() && all.len() > room && room > 1);
    if failing.len() > kept {
        out.extend(failing[..kept - 1].iter().map(|check| line('✗', check)));
        let rest: Vec<&str> = failing[kept - 1..].iter().map(|check| check.check.as_str()).collect();
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
        let what = if n == 1 { "check passes" } else { "checks pass" };
        let _ = writeln!(out, "✓ {more}{n}{} {what}", if others { " more" } else { "" });
    }
    out
}

/// First causes of ruin by their share of the ruined paths, the most frequent first, as many as fit on the line; the
/// rest is `other`. The last entry absorbs the rounding, so that the percentages add up to 100.
fn first_causes(causes: &[Cause]) -> String {
    let line = |named: usize| {
        let (mut left, mut told) = (100.0, Vec::new());
        for (k, cause) in causes.iter().take(named).enumerate() {
            let share = if k + 1 == causes.len() { left } else { (100.0 * cause.share.0).round() };
            let name = match cause.cause.as_str() {
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

/// Median cash and survival by year, as small bars followed by the first and last values.
fn years(years: &[YearEnd], out: &mut String) {
    let (Some(first), Some(last)) = (years.first(), years.last()) else { return };
    if years.len() < 2 {
        return;
    }
    let mut row = |label: &str, of: &dyn Fn(&YearEnd) -> f64, most: f64, show: &dyn Fn(f64) -> String| {
        let values: Vec<f64> = years.iter().map(of).collect();
        if values.iter().any(|x| !x.is_finite()) {
            return;
        }
        let ends = [first, last].map(|y| format!("{} {}", y.year, show(of(y))));
        let _ = writeln!(out, "  {label:<26} {}  {}", bars(&values, most), ends.join(" … "));
    };
    row("median cash by year", &|y| y.cash_p50.0, f64::NAN, &|x| show(x, Unit::Usd));
    row("share that still has cash", &|y| y.with_cash.0, 1.0, &|x| format!("{:.0}%", 100.0 * x));
}

/// Bars from zero, or from the smallest value when it is negative, to the largest value or to `most`.
fn bars(values: &[f64], most: f64) -> String {
    let low = values.iter().copied().fold(0.0, f64::min);
    let high = if most.is_finite() { most } else { values.iter().copied().fold(low, f64::max) };
    let height = |x: f64| if high > low { ((x - low) / (high - low)).clamp(0.0, 1.0) } else { 0.0 };
    values.iter().map(|&x| ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'][(height(x) * 7.0).round() as usize]).collect()
}

/// At most `most` characters; an ellipsis marks a cut.
fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// The unit with this name in the tables.
pub(crate) fn unit_named(name: &str) -> Option<Unit> {
    use Unit::{AnnualRate, Count, Gigawatt, Months, Ratio, Share, Stock, Usd, UsdPerGwMonth, UsdPerYear};
    [Usd, UsdPerYear, UsdPerGwMonth, Share, Ratio, Gigawatt, Months, Count, Stock, AnnualRate]
        .into_iter()
        .find(|u| u.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::record::Figure;

    fn read<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> T {
        serde_json::from_value(value).expect("it is one")
    }

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
        let check = |k: usize, holds: bool| CheckLine {
            check: format!("p50(m{k}) > 1"),
            holds,
            shown: "0".into(),
            ..CheckLine::default()
        };
        let all: Vec<CheckLine> = (0..9).map(|k| check(k, k < 7)).collect();
        let said = checks(&all, 5);
        let lines: Vec<&str> = said.lines().collect();
        assert_eq!(lines.len(), 5, "{said}");
        assert!(lines[0].starts_with("✗ p50(m7)") && lines[1].starts_with("✗ p50(m8)"), "{said}");
        assert_eq!(lines[4], "✓ and 5 more checks pass");
        // With room for all of them, none is merely counted.
        assert_eq!(checks(&all, 9).lines().count(), 9);
        // More failures than lines: the rest are named on one line, and a line is still kept for those that hold.
        let many: Vec<CheckLine> = (0..12).map(|k| check(k, k == 0)).collect();
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
        let metrics: serde_json::Map<String, serde_json::Value> =
            ROWS.iter().map(|r| (r.1.to_owned(), metric.clone())).collect();
        let checks: Vec<serde_json::Value> = (0..40)
            .map(|k| serde_json::json!({"check": "p(cash_out) < 1%", "holds": k % 2 == 0, "shown": "2%"}))
            .collect();
        let years: Vec<serde_json::Value> =
            (2026..2030).map(|y| serde_json::json!({"year": y, "cash_p50": 1.0, "with_cash": 0.5})).collect();
        let summary = serde_json::json!({
            "scenario": "a", "paths": 10, "months": 60, "seed": 1, "start": "2026-06", "horizon": "2031-05", "metrics": metrics,
            "p_cash_out": {"value": 0.1, "se": 0.1, "wilson_95": [0.01, 0.4]}, "years": years, "checks": checks,
            "first_causes": [{"cause": "winter", "share": 1.0}], "set": ["a=1"], "variants_beside": {"not_run": names(20)},
        });
        let said = text(&read(summary), Path::new("output/a"));
        assert_eq!(said.lines().count(), LINES, "{said}");
        assert!(said.starts_with("a with a=1: 10 paths") && said.contains("variants not drawn"), "{said}");
        assert!(said.contains("✗ ") && said.contains("more fail: "), "{said}");
    }

    #[test]
    fn nothing_recorded_is_no_failure() {
        let said = text(&Summary::default(), Path::new("x"));
        assert!(said.ends_with("Files in x\n") && said.contains("± is one standard error"), "{said}");
    }

    #[test]
    fn the_chain_keeps_what_is_nearest_to_ruin() {
        let step = |event: &str, months: f64| RuinStep {
            event: event.into(),
            months_before: Figure(months),
            ..RuinStep::default()
        };
        let line = chain(&[step("winter", 9.0), step("round_failed", 2.5)]).unwrap();
        assert_eq!(line, "  months before ruin         winter −9  round failed −2\n");
        // Three do not fit into 51 columns.
        let long = [step("training_overrun", 9.0), step("credit_exhausted", 4.0), step("refinancing_failed", 1.0)];
        let line = chain(&long).unwrap();
        assert_eq!(line, "  months before ruin         credit exhausted −4  refinancing failed −1\n");
        assert_eq!(chain(&[]), None);
    }

    #[test]
    fn first_causes_add_up_to_the_whole() {
        let of = |causes: &[(&str, f64)]| {
            let cause = |&(cause, share): &(&str, f64)| Cause { cause: cause.into(), paths: 0, share: Figure(share) };
            first_causes(&causes.iter().map(cause).collect::<Vec<_>>())
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

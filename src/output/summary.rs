//! The summary on the screen: the answer first, at most 25 lines that one could paste into a message.

use std::fmt::Write as _;
use std::path::Path;

use crate::answers::{Answers, Verdict, show, show_share};
use crate::engine::books::event::cause_name;
use crate::job::Job;

/// The summary of a run.
pub fn text(answers: &Answers<'_>, job: &Job, verdicts: &[Verdict], place: &Path) -> String {
    let plan = answers.plan;
    let horizon = plan.start.plus(plan.months as i32 - 1);
    let (p, se, (low, high)) = answers.ruin();
    let mut out = String::new();
    let variant = job.variant.as_ref().map_or(String::new(), |v| format!(", variant {v}"));
    let _ = writeln!(
        out,
        "{}{variant}: {} paths, {} months from {}, seed {}",
        job.scenario.name.as_str(),
        answers.results.paths,
        plan.months,
        plan.start,
        plan.seed
    );
    let _ = writeln!(
        out,
        "Cash runs out by {horizon} in {} of paths (95 % interval {:.1} to {:.1} %).",
        show_share(p, se),
        low * 100.0,
        high * 100.0
    );
    let rows: [(&str, &str, &[f64]); 8] = [
        ("runway without new money", "runway_months", &[0.10, 0.50]),
        ("peak outside funding", "peak_funding", &[0.50, 0.90]),
        ("cumulative gap", "cumulative_gap", &[0.50]),
        ("run-rate at the end", "run_rate", &[0.05, 0.50, 0.95]),
        ("cash at the end", "cash", &[0.05, 0.50, 0.95]),
        ("equity raised", "equity_raised", &[0.50, 0.90]),
        ("founders' stake", "stake.founders", &[0.50]),
        ("look-through leverage", "look_through_leverage", &[0.50, 0.90]),
    ];
    for (label, name, levels) in rows {
        let (Some(k), Some(d)) = (plan.metrics.find_end(name), answers.end_named(name)) else { continue };
        let unit = plan.metrics.at_end[k].unit;
        let values: Vec<String> =
            levels.iter().map(|&q| format!("P{:02.0} {}", q * 100.0, show(d.quantile(q), unit))).collect();
        let n = answers.results.paths;
        let note =
            if d.n() < n { format!("   (on {:.0}% of paths)", 100.0 * d.n() as f64 / n as f64) } else { String::new() };
        let _ = writeln!(out, "  {label:<26} {}{note}", values.join("   "));
    }
    let mut causes: Vec<(u64, &str)> = answers
        .results
        .counts
        .causes
        .iter()
        .copied()
        .enumerate()
        .map(|(k, n)| (n, cause_name(k)))
        .filter(|c| c.0 > 0)
        .collect();
    causes.sort_by_key(|c| std::cmp::Reverse(c.0));
    let ruined: u64 = answers.results.counts.ruined.iter().sum();
    if ruined > 0 {
        let first: Vec<String> = causes
            .iter()
            .take(4)
            .map(|(k, name)| format!("{} {:.0}%", name.replace('_', " "), 100.0 * *k as f64 / ruined as f64))
            .collect();
        let _ = writeln!(out, "  {:<26} {}", "first causes of ruin", first.join("   "));
    }
    for verdict in verdicts.iter().take(6) {
        let mark = if verdict.holds { "✓" } else { "✗" };
        let _ = writeln!(out, "{mark} {}   measured {}", verdict.text, verdict.shown);
    }
    if verdicts.len() > 6 {
        let failed = verdicts.iter().skip(6).filter(|v| !v.holds).count();
        let _ = writeln!(out, "  … and {} more checks, {failed} of them failed", verdicts.len() - 6);
    }
    let _ = writeln!(out, "Files in {}", place.display());
    out
}

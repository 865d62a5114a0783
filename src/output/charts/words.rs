//! Phrases that several charts use: shares with their Monte Carlo error, and descriptions of a fan and its values.

use super::Fan;
use super::house::percent;
use crate::stats::interval::proportion_se;

/// A share counted among `n` paths with its standard error, `46% (±0.35 pp)`; the 95% bound when it was observed on no
/// path or on all: `<0.015%`, `>99.985%`.
pub(super) fn counted(hits: u64, n: u64) -> String {
    if n == 0 {
        return "an unknown share".into();
    }
    if hits == 0 {
        return format!("<{}", bound(n));
    }
    if hits >= n {
        let decimals = bound(n).split('.').nth(1).map_or(0, |d| d.trim_end_matches('%').len());
        return format!(">{:.decimals$}%", (100.0 - 300.0 / n as f64).max(0.0));
    }
    let (share, error) = estimate(hits, n);
    format!("{share} ({error})")
}

/// A share counted among `n` paths and its standard error, `46%` and `±0.35 pp`; the bound when it was observed on no
/// path or on all.
pub(super) fn estimate(hits: u64, n: u64) -> (String, String) {
    let p = hits.min(n) as f64 / n.max(1) as f64;
    if hits == 0 || hits >= n {
        return (percent(p), counted(hits, n));
    }
    (percent(p), format!("\u{b1}{}", figures(proportion_se(p, n), "pp")))
}

/// Description of the lines and bands of fans, for a subtitle.
pub(super) fn fan_words(fans: &[&Fan], cut: bool) -> String {
    let cut = if cut { ", cut at the edge" } else { "" };
    let paths = if fans.iter().any(|f| !f.paths.is_empty()) { " · thin lines: simulated paths" } else { "" };
    format!("medians with bands of 50% and 90%{cut}{paths}")
}

/// The 95% bound of a share that was never observed among `n` paths (Hanley and Lippman-Hand 1983): 3/n.
pub(super) fn bound(n: u64) -> String {
    figures((3.0 / n.max(1) as f64).min(1.0), "%")
}

/// A small share, to two figures: `0.59 pp`, `0.015%`.
pub(super) fn figures(share: f64, unit: &str) -> String {
    let p = share * 100.0;
    let decimals = if p >= 1.0 { 1 } else { ((-p.max(1e-9).log10()).floor() as usize + 2).min(9) };
    let space = if unit == "%" { "" } else { "\u{a0}" };
    format!("{p:.decimals$}{space}{unit}")
}

/// Values as text; empty where undefined.
pub(super) fn written(values: &[f64], write: fn(f64) -> String) -> Vec<String> {
    values.iter().map(|v| if v.is_finite() { write(*v) } else { String::new() }).collect()
}

/// The values of a fan in each month, for a pointer: `$42B (90%: $12B to $98B)`.
pub(super) fn fan_values(fan: &Fan, write: fn(f64) -> String) -> Vec<String> {
    let at = |values: &[f64], i: usize| values.get(i).copied().filter(|v| v.is_finite()).map(write);
    let one = |i| {
        let middle = at(&fan.band.p50, i)?;
        let range = at(&fan.band.p05, i).zip(at(&fan.band.p95, i));
        Some(range.map_or_else(|| middle.clone(), |(lo, hi)| format!("{middle} (90%: {lo} to {hi})")))
    };
    (0..fan.band.p50.len()).map(|i| one(i).unwrap_or_default()).collect()
}

/// The quantiles of a fan as columns of a table.
pub(super) fn fan_columns(fan: &Fan, write: fn(f64) -> String) -> Vec<(String, Vec<String>)> {
    let b = &fan.band;
    let of = [("5%", &b.p05), ("25%", &b.p25), ("median", &b.p50), ("75%", &b.p75), ("95%", &b.p95)];
    let column = |(name, values): (&str, &Vec<f64>)| (format!("{}, {name}", fan.label), written(values, write));
    of.into_iter().filter(|c| !c.1.is_empty()).map(column).collect()
}

//! The answer in a sentence, and the five numbers that an underwriter asks for first.
//!
//! A scenario may name what comes first (`headline:`). Why these five: whether the lab fails, how soon without new money, how much external funding it needs, what stake
//! that leaves the founders, and the debt including off-balance-sheet commitments. Each is shown with its spread across
//! paths and with the lines of `checks:` that set a limit on it.

use super::model::{Bar, Block, Gauge, Section, figures};
use super::words::{capital, count, fine, horizon, in_unit_of, largest, many, money, month_short, percent, value};
use crate::language::checks::{Bound, Check, Comparison, Function, Time, read_check};
use crate::language::reader::Reader;
use crate::language::tree::Node;
use crate::output::charts::Drawing;
use crate::output::figures::{Entry, entries};
use crate::output::names;
use crate::output::reading::Folder;
use crate::output::record::{Chance, EndMetric, Figure};
use crate::units::Month;

/// A line of `checks:` and its result in `run.json`.
#[derive(Debug)]
pub(super) struct Held {
    /// The line as written.
    pub text: String,
    /// The parsed line; `None` when this version cannot parse it.
    pub check: Option<Check>,
    /// Whether it holds.
    pub holds: bool,
    /// Measured value, in the canonical unit of its bound.
    pub measured: f64,
    /// Its standard error.
    pub se: f64,
}

impl Held {
    /// How the measured value must compare with its bound.
    fn limit(&self) -> Option<(Comparison, Bound)> {
        self.check.as_ref()?.limit
    }
    /// A measured value, formatted.
    pub fn shown(&self, x: f64) -> String {
        let number = |x: f64| if x.is_finite() { x.to_string() } else { "undefined".into() };
        self.limit().map_or_else(|| number(x), |(_, bound)| in_unit_of(bound.kind, x))
    }
    /// The bound, formatted: `< 10%`.
    pub fn bound(&self) -> String {
        let write = |(comparison, bound): (Comparison, Bound)| {
            format!("{}\u{a0}{}", comparison.symbol(), in_unit_of(bound.kind, bound.value))
        };
        self.limit().map_or_else(String::new, write)
    }
    /// Distance of the measured value from its bound, in standard errors.
    pub fn errors_away(&self) -> Option<f64> {
        let bound = self.limit()?.1.value;
        (self.se > 0.0).then(|| (self.measured - bound).abs() / self.se).filter(|x| x.is_finite())
    }
}

/// The lines of `checks:` of a run.
pub(super) fn held(folder: &Folder) -> Vec<Held> {
    let mut reader = Reader::new(folder.start(), u32::try_from(folder.months()).unwrap_or(u32::MAX));
    let lines = &folder.run.checks;
    lines
        .iter()
        .map(|line| {
            let text = line.check.clone();
            let check = read_check(&Node::scalar(text.clone(), crate::issues::Place::default()), &mut reader);
            Held { text, check, holds: line.holds, measured: line.measured.0, se: line.se.0 }
        })
        .collect()
}

/// Probability of running out of cash: estimate and 95% interval.
pub(super) fn ruin(folder: &Folder) -> Option<(f64, f64, f64)> {
    let Chance { value, wilson_95: [low, high], .. } = folder.summary.p_cash_out;
    [value, low, high].iter().all(|x| x.0.is_finite()).then_some((value.0, low.0, high.0))
}

/// The answer as a sentence: the first metric that the scenario opens with, or the probability that cash runs out.
pub(super) fn sentence(folder: &Folder) -> String {
    match entries(folder).first() {
        Some(entry) if entry.name != "cash_out" => entry.sentence(folder),
        _ => cash_out(folder),
    }
}

/// The probability that cash runs out as a sentence, with its standard error and horizon.
fn cash_out(folder: &Folder) -> String {
    let (n, end) = (folder.paths(), horizon(folder));
    match ruin(folder) {
        None => format!("{} {} simulated to {end}.", many(n, "path"), if n == 1 { "was" } else { "were" }),
        Some((0.0, _, high)) => {
            format!(
                "Cash runs out by {end} in none of {}: the probability is below {}.",
                many(n, "path"),
                percent(high)
            )
        }
        Some((1.0, low, _)) => {
            format!(
                "Cash runs out by {end} in every one of {}: the probability is above {}.",
                many(n, "path"),
                percent(low)
            )
        }
        Some((p, low, high)) => format!(
            "Cash runs out by {end} in {} of paths (95% interval {} to {}).",
            percent(p),
            percent(low),
            percent(high)
        ),
    }
}

/// The section.
pub(super) fn section<'a>(folder: &Folder, checks: &[Held], drawings: &'a [Drawing]) -> Section<'a> {
    let mut lead = String::new();
    if let Some(peak) = folder.end("peak_funding") {
        let (half, most) = (peak.get("p50"), more(folder, "peak_funding", |m| m.p90));
        if half > 0.0 {
            lead = format!("Half of the paths need more than {} of external funding at their peak", money(half));
            lead += &most.map_or(".".into(), |m| format!(", and one in ten more than {}.", money(m)));
        } else if let Some(most) = most.filter(|m| *m > 0.0) {
            lead = format!("Half of the paths need no external funding; one in ten needs more than {}.", money(most));
        } else if most == Some(0.0) {
            lead = "Nine paths in ten need no external funding.".into();
        }
    }
    let failed = checks.iter().filter(|c| !c.holds).count();
    if !checks.is_empty() {
        let all = many(checks.len() as u64, "check");
        let held = if failed == 0 {
            format!(" All {all} pass.")
        } else {
            format!(" Of {all}, {failed} fail{}.", if failed == 1 { "s" } else { "" })
        };
        lead += if checks.len() == 1 {
            if failed == 0 { " The one check passes." } else { " The one check fails." }
        } else {
            &held
        };
    }
    let gauges = gauges(folder, checks);
    Section {
        id: "answer",
        short: "Answer",
        title: "The answer",
        lead: lead.trim().to_owned(),
        blocks: std::iter::once(Block::Gauges(gauges))
            .chain([Block::Aside(LEGEND.to_owned())])
            .chain(figures(drawings, &[0]))
            .collect(),
    }
}

/// The metrics that the scenario opens with, in its order, then the usual five that are not among them.
fn gauges(folder: &Folder, checks: &[Held]) -> Vec<Gauge> {
    let mut usual = vec![
        ("cash_out".to_owned(), will_it_fail(folder, checks)),
        ("runway_months".to_owned(), runway(folder, checks)),
        ("peak_funding".to_owned(), peak(folder, checks)),
        (staked(folder).unwrap_or_default(), stake(folder, checks)),
        ("look_through_leverage".to_owned(), leverage(folder, checks)),
    ];
    let mut out = Vec::new();
    for entry in entries(folder) {
        match usual.iter().position(|(name, _)| *name == entry.name) {
            Some(at) => out.extend(usual.remove(at).1),
            None => out.push(of_entry(folder, checks, &entry)),
        }
    }
    out.extend(usual.into_iter().filter_map(|(_, gauge)| gauge));
    out
}

/// A metric that has no gauge of its own kind.
fn of_entry(folder: &Folder, checks: &[Held], entry: &Entry<'_>) -> Gauge {
    let function = if entry.is_event() { Function::Probability } else { Function::Quantile(0.5) };
    let (held, limit) = limits(checks, &entry.name, function, folder);
    let [low, first, at, last, high] = entry.range();
    let end = horizon(folder);
    let (label, bar) = if entry.is_event() {
        let top = (1.3 * high.max(limit.unwrap_or(0.0))).clamp(0.02, 1.0);
        let bar = Bar { scale: (0.0, top), wide: (low, high), narrow: None, at, limit };
        (format!("The lab defaults by {end}"), at.is_finite().then_some(bar))
    } else {
        (format!("{}, P50 in {end}", names::capital_metric(&entry.name)), range([low, first, last, high], at, limit))
    };
    let n = entry.end.get("n_defined");
    let over = if n < folder.paths() as f64 {
        format!("; defined on {} of paths", percent(n / folder.paths() as f64))
    } else {
        String::new()
    };
    Gauge { label, big: entry.shown(), small: format!("{}{over}", entry.range_words()), bar, held }
}

/// Legend of the gauges' bars.
const LEGEND: &str = "Bars: the stroke is the number above; the thin band holds 90% of the paths where it is defined, the thick \
    one half of them (of the first bar: its 95% interval); the triangle is the limit, where a check sets one at the horizon.";

/// A quantile that is only in `summary.json`.
fn more(folder: &Folder, metric: &str, quantile: fn(&EndMetric) -> Figure) -> Option<f64> {
    folder.summary.metrics.get(metric).map(|metric| quantile(metric).0).filter(|x| x.is_finite())
}

/// The checks on a metric, in words, and the limit to draw: that of a check at the horizon on the function that the
/// gauge shows.
fn limits(checks: &[Held], metric: &str, shown: Function, folder: &Folder) -> (Vec<(String, bool)>, Option<f64>) {
    let last = folder.start().plus(i32::try_from(folder.months()).unwrap_or(1) - 1);
    let (mut lines, mut mark) = (Vec::new(), None);
    for held in checks {
        let Some(check) = held.check.as_ref().filter(|c| c.metric == metric) else { continue };
        let when = match check.time {
            Time::At(m) => format!(" in {}", short(m)),
            Time::By(m) => format!(" by {}", short(m)),
            Time::Min => " at its minimum".into(),
            Time::Max => " at its maximum".into(),
            Time::End => String::new(),
        };
        let what = match (&check.function, &check.inner) {
            (Function::Probability, Some((comparison, bound))) => {
                format!("P({}\u{a0}{}) ", comparison.symbol(), in_unit_of(bound.kind, bound.value))
            }
            (Function::Probability, None) => String::new(),
            (Function::Mean, _) => "mean ".into(),
            (Function::Quantile(q), _) => format!("P{:02.0} ", 100.0 * q),
        };
        let line = format!("{what}{}{when}, limit {}", held.shown(held.measured), held.bound());
        lines.push((line, held.holds));
        let at_end = match check.time {
            Time::End => true,
            Time::At(m) | Time::By(m) => m == last,
            Time::Min | Time::Max => false,
        };
        if at_end && check.function == shown && check.inner.is_none() {
            mark = mark.or(check.limit.map(|(_, bound)| bound.value));
        }
    }
    (lines, mark)
}

fn short(month: Month) -> String {
    crate::output::charts::house::short_month(month)
}

fn will_it_fail(folder: &Folder, checks: &[Held]) -> Option<Gauge> {
    let (p, low, high) = ruin(folder)?;
    let (held, limit) = limits(checks, "cash_out", Function::Probability, folder);
    let end = (1.3 * high.max(limit.unwrap_or(0.0))).clamp(0.02, 1.0);
    Some(Gauge {
        label: format!("Cash runs out by {}", horizon(folder)),
        big: percent(p),
        small: format!("95% interval {} to {}, of {}", percent(low), percent(high), many(folder.paths(), "path")),
        bar: Some(Bar { scale: (0.0, end), wide: (low, high), narrow: None, at: p, limit }),
        held,
    })
}

/// A bar of the quantiles of a metric at the horizon, marked at `at`.
fn bar(folder: &Folder, metric: &str, at: f64, limit: Option<f64>) -> Option<Bar> {
    let end = folder.end(metric)?;
    range(["p05", "p25", "p75", "p95"].map(|name| end.get(name)), at, limit)
}

/// A bar of the 5, 25, 75 and 95% quantiles, marked at `at`.
fn range(q: [f64; 4], at: f64, limit: Option<f64>) -> Option<Bar> {
    if !at.is_finite() || q.iter().any(|x| !x.is_finite()) {
        return None;
    }
    let all = [at, q[3], q[0], 0.0, limit.unwrap_or(at)];
    let (low, high) = all.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), x| (l.min(*x), h.max(*x)));
    let room = 0.05 * (high - low);
    Some(Bar {
        scale: (if low < 0.0 { low - room } else { low }, high + room),
        wide: (q[0], q[3]),
        narrow: Some((q[1], q[2])),
        at,
        limit,
    })
}

/// The share of paths on which a metric is defined, `8%`; `None` when it is defined on all.
fn defined(folder: &Folder, metric: &str) -> Option<String> {
    let n = folder.end(metric)?.get("n_defined");
    let all = folder.paths() as f64;
    (n < all).then(|| percent(n / all))
}

fn runway(folder: &Folder, checks: &[Held]) -> Option<Gauge> {
    let metric = "runway_months";
    let end = folder.end(metric)?;
    let (held, limit) = limits(checks, metric, Function::Quantile(0.10), folder);
    let label = "Runway without new funding, P10".to_owned();
    if end.get("n_defined") == 0.0 {
        let small = format!("cash does not run out within {} months on any path", count(folder.months() as u64));
        return Some(Gauge { label, big: "beyond the horizon".into(), small, bar: None, held });
    }
    let p10 = more(folder, metric, |m| m.p10).unwrap_or(end.get("p05"));
    let over = defined(folder, metric).map_or(String::new(), |s| format!("; of the {s} of paths that would run out"));
    let small = format!("P50 {}{over}", value(end.get("p50"), "months"));
    Some(Gauge { label, big: value(p10, "months"), small, bar: bar(folder, metric, p10, limit), held })
}

fn peak(folder: &Folder, checks: &[Held]) -> Option<Gauge> {
    let metric = "peak_funding";
    let end = folder.end(metric)?;
    let (held, limit) = limits(checks, metric, Function::Quantile(0.90), folder);
    let p90 = more(folder, metric, |m| m.p90).unwrap_or(end.get("p95"));
    let small = format!("P50 {}, P95 {}", money(end.get("p50")), money(end.get("p95")));
    Some(Gauge {
        label: "Peak external funding, P90".into(),
        big: money(p90),
        small,
        bar: bar(folder, metric, p90, limit),
        held,
    })
}

/// The stake that is shown: that of the founders, or of the first holder.
fn staked(folder: &Folder) -> Option<String> {
    let first = || folder.metrics().iter().find(|m| m.starts_with("stake.")).cloned();
    Some("stake.founders".to_owned()).filter(|m| folder.end(m).is_some()).or_else(first)
}

/// The founders' stake, or the first holder's if founders are not among the holders.
fn stake(folder: &Folder, checks: &[Held]) -> Option<Gauge> {
    let metric = &*staked(folder)?;
    let end = folder.end(metric)?;
    let (held, limit) = limits(checks, metric, Function::Quantile(0.50), folder);
    let holder = metric.trim_start_matches("stake.");
    let label =
        if holder == "founders" { "Founders' stake, P50".into() } else { format!("{}, stake P50", capital(holder)) };
    let start = folder.monthly(metric).and_then(|s| s.get("p50").first().copied()).filter(|x| x.is_finite());
    let start = start.map_or(String::new(), |s| format!("; {} in the first month", fine(s)));
    let small = format!("90% of paths: {} to {}{start}", fine(end.get("p05")), fine(end.get("p95")));
    Some(Gauge { label, big: fine(end.get("p50")), small, bar: bar(folder, metric, end.get("p50"), limit), held })
}

/// Median leverage at its peak, since by the horizon debt may have matured, and at the end.
fn leverage(folder: &Folder, checks: &[Held]) -> Option<Gauge> {
    let metric = "look_through_leverage";
    let end = folder.end(metric)?;
    let (held, _) = limits(checks, metric, Function::Quantile(0.50), folder);
    let label = "Look-through leverage, P50 at its peak".to_owned();
    let months = folder.monthly(metric)?;
    let Some((at, peak)) = largest(&months.get("p50")) else {
        return Some(Gauge { label, big: "undefined".into(), small: "on every path".into(), bar: None, held });
    };
    let over = defined(folder, metric).map_or(String::new(), |s| format!(", on {s} of paths"));
    let q = ["p05", "p25", "p75", "p95"].map(|name| months.get(name).get(at).copied().unwrap_or(f64::NAN));
    let small = format!(
        "in {}; 90% of paths: {} to {}. At the end P50 {}{over}",
        month_short(folder, at),
        value(q[0], "x"),
        value(q[3], "x"),
        value(end.get("p50"), "x")
    );
    let bar = range(q, peak, None);
    Some(Gauge { label, big: value(peak, "x"), small, bar, held })
}

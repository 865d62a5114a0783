//! Charts of a run's findings: amounts and how often they are exceeded, drivers, causes of ruin, and the precision of
//! the estimates.

use super::spoken;
use crate::output::charts::{Anatomy, Convergence, Drivers, Estimate, Exceedance, Target};
use crate::output::reading::Folder;

pub(super) fn exceedance(folder: &Folder) -> Option<Exceedance> {
    let table = folder.table("exceedance.csv");
    let rows = (0..table.rows()).filter(|&row| table.text("metric", row) == "peak_funding");
    let points: Vec<(f64, f64)> =
        rows.map(|row| (table.number("value", row), table.number("share_above", row))).collect();
    Exceedance::new(points)
}

/// Outcomes whose drivers may be drawn (the first two that vary enough are), and their labels.
const TARGETS: [(&str, &str); 4] = [
    ("cash_out", "running out of cash"),
    ("peak_funding", "peak external funding"),
    ("cumulative_gap", "the cumulative gap"),
    ("cash", "cash at the end"),
];

pub(super) fn drivers(folder: &Folder) -> Option<Drivers> {
    let table = folder.table("drivers.csv");
    let names = table.words("input");
    let inputs: Vec<String> = names.iter().map(|name| short(name, names)).collect();
    // Ruin on a few paths among thousands has no visible association with any input.
    let ruin = folder.end("cash_out").map_or(0.0, |e| e.get("mean"));
    let told = |(metric, label): (&str, &str)| {
        if metric == "cash_out" && !(0.005..=0.995).contains(&ruin) {
            return None;
        }
        let mut with = vec![(f64::NAN, f64::NAN); inputs.len()];
        for row in (0..table.rows()).filter(|&row| table.text("target", row) == metric) {
            with[table.word("input", row) as usize] = (table.number("spearman", row), table.number("se", row));
        }
        with.iter().any(|w| w.0.is_finite()).then(|| Target { label: label.to_owned(), with })
    };
    let targets: Vec<Target> = TARGETS.into_iter().filter_map(told).take(2).collect();
    let paths = table.numbers("n").iter().copied().filter(|v| v.is_finite()).fold(0.0, f64::max) as u64;
    (!targets.is_empty()).then_some(Drivers { inputs, targets, paths })
}

/// Short label of an input: an input defined inline is named by its path, and the end of the path suffices where no
/// other input ends alike.
fn short(name: &str, all: &[String]) -> String {
    let ends = |end: &str| all.iter().filter(|n| n.as_str() == end || n.ends_with(&format!(".{end}"))).count();
    let cuts = name.rmatch_indices('.').map(|(at, _)| &name[at + 1..]);
    // A single word, such as `first`, says little, so at least two levels are kept.
    let told = cuts.skip(1).find(|end| ends(end) == 1).unwrap_or(name);
    told.replace('_', " ").replace('.', " · ")
}

pub(super) fn anatomy(folder: &Folder) -> Option<Anatomy> {
    let table = folder.table("ruin.csv");
    let months = folder.months_of(table).ok()?;
    let mut causes: Vec<(String, Vec<f64>)> =
        table.words("cause").iter().map(|c| (c.clone(), vec![0.0; folder.months()])).collect();
    for (row, &month) in months.iter().enumerate() {
        if let Some(cause) = causes.get_mut(table.word("cause", row) as usize) {
            cause.1[month] += table.number("share", row);
        }
    }
    (!causes.is_empty()).then_some(Anatomy { causes })
}

pub(super) fn convergence(folder: &Folder) -> Option<Convergence> {
    let table = folder.table("convergence.csv");
    let mut estimates: Vec<(String, Estimate)> = Vec::new();
    for row in 0..table.rows() {
        let metric = table.text("metric", row);
        let at = estimates.iter().position(|e| e.0 == metric).unwrap_or_else(|| {
            let share = table.text("unit", row) == "share";
            estimates.push((metric.to_owned(), Estimate { label: estimate(metric), share, points: Vec::new() }));
            estimates.len() - 1
        });
        let values = ["estimate", "low", "high"].map(|c| table.number(c, row));
        if values[0].is_finite() && table.number("paths", row) >= 1.0 {
            estimates[at].1.points.push((table.number("paths", row), values));
        }
    }
    // An estimate that is the same for any number of paths is exact, and says nothing about the others.
    let moves = |e: &Estimate| e.points.iter().any(|p| p.1[0] != e.points[0].1[0]);
    let estimates: Vec<Estimate> = estimates.into_iter().map(|e| e.1).filter(moves).collect();
    (!estimates.is_empty()).then_some(Convergence { estimates })
}

/// `p50(cumulative_gap)` reads "Cumulative gap, median".
fn estimate(metric: &str) -> String {
    let inner = metric.split_once('(').map(|(f, rest)| (f, rest.trim_end_matches(')')));
    match inner {
        Some(("p", "cash_out")) => "Probability of running out of cash".into(),
        Some(("p50", name)) => format!("{}, median", spoken(name)),
        Some((level, name)) => {
            let level = level.trim_start_matches('p').trim_start_matches('0');
            format!("{}, {level}% quantile", spoken(name))
        }
        None => spoken(metric),
    }
}

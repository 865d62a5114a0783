//! The metrics that the scenario opens with.

use crate::output::charts::house::{month, percent};
use crate::output::charts::{Headline, Opening};
use crate::output::names;
use crate::output::reading::{End, Folder};
use crate::output::report::words::{decimals, fine, value};
use crate::plan::metrics::at_month;
use crate::units::Month;

/// An entry of the headline, with its values at the horizon.
pub(in crate::output) struct Entry<'a> {
    /// Its name in the scenario.
    pub name: String,
    /// Its statistics.
    pub end: End<'a>,
}

impl Entry<'_> {
    /// Whether it is an event, whose mean is a probability.
    pub fn is_event(&self) -> bool {
        matches!(self.name.as_str(), "cash_out" | "default")
    }
    /// Whether nine paths in ten have the same value, such as no loss: its mean then says more than its median.
    fn is_seldom(&self) -> bool {
        let [low, middle, high] = ["p05", "p50", "p95"].map(|name| self.end.get(name));
        low == middle && middle == high && self.end.get("mean") != middle
    }
    /// The probability of an event with its standard error, the median, or the mean of what is seldom other than the
    /// median.
    pub fn shown(&self) -> String {
        if self.is_seldom() && !self.is_event() {
            let [mean, se] = ["mean", "se"].map(|name| value(self.end.get(name), self.end.unit()));
            return format!("{mean} ± {se}");
        }
        if self.is_event() {
            format!("{} ± {}", fine(self.end.get("mean")), decimals(100.0 * self.end.get("se"), 1))
        } else {
            value(self.end.get("p50"), self.end.unit())
        }
    }
    /// The range that is drawn: that of a probability or of a mean is its 95% interval by the normal approximation.
    pub fn range(&self) -> [f64; 5] {
        if self.is_event() {
            let (p, half) = (self.end.get("mean"), 1.96 * self.end.get("se"));
            let (low, high) = ((p - half).max(0.0), (p + half).min(1.0));
            [low, low, p, high, high]
        } else if self.is_seldom() {
            let (mean, half) = (self.end.get("mean"), 1.96 * self.end.get("se"));
            [mean - half, mean - half, mean, mean + half, mean + half]
        } else {
            ["p05", "p25", "p50", "p75", "p95"].map(|name| self.end.get(name))
        }
    }
    /// That range in words.
    pub fn range_words(&self) -> String {
        let [low, .., high] = self.range();
        let what = if self.is_event() || self.is_seldom() { "95% interval" } else { "90%" };
        let shown = |x: f64| if self.is_event() { percent(x) } else { value(x, self.end.unit()) };
        format!("{what}: {} to {}", shown(low), shown(high))
    }
    /// The entry in a sentence.
    pub fn sentence(&self, folder: &Folder) -> String {
        let end = month(last(folder));
        let range = self.range_words();
        match self.name.as_str() {
            "cash_out" => format!("Cash runs out by {end} in {} of paths ({range}).", self.shown()),
            "default" => format!("The lab defaults by {end} in {} of paths ({range}).", self.shown()),
            _ => {
                let what = if self.is_seldom() { "mean" } else { "median" };
                format!("{}: {what} {} in {end} ({range}).", names::capital_metric(&self.name), self.shown())
            }
        }
    }
}

/// Largest number of entries that are shown.
const MOST: usize = 12;

/// The entries that the run has, in the scenario's order.
pub(in crate::output) fn entries(folder: &Folder) -> Vec<Entry<'_>> {
    let last = last(folder);
    let entry = |name: &'_ String| {
        let end = folder.end(name).or_else(|| folder.end(&at_month(name, last)))?;
        Some(Entry { name: name.clone(), end })
    };
    folder.summary.headline.iter().take(MOST).filter_map(entry).collect()
}

/// The last month of the run.
fn last(folder: &Folder) -> Month {
    folder.start().plus(i32::try_from(folder.months()).unwrap_or(1) - 1)
}

/// The chart, if the scenario names any metric.
pub(super) fn headline(folder: &Folder) -> Option<Headline> {
    let entries = entries(folder);
    let finding = entries.first()?.sentence(folder);
    let opening = |entry: &Entry<'_>| Opening {
        label: names::capital_metric(&entry.name),
        value: entry.shown(),
        range: entry.range_words(),
        at: entry.range(),
    };
    Some(Headline { finding, metrics: entries.iter().map(opening).collect() })
}

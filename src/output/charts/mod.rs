//! Charts of a run, one drawing each: an SVG text, and a PNG of the same text.
//!
//! A title states what the data show, so titles are computed here and nowhere else. Charts take plain numbers and know
//! nothing of the simulation; they never fail and never panic, whatever the numbers. The same data give the same bytes.
//! House style is in `house`, the sheet in `canvas`.

mod axis;
mod canvas;
mod cap_table;
mod cash;
mod gap;
pub(in crate::output) mod house;
mod drawing;
mod labels;
mod plot;
#[cfg(feature = "png")]
mod raster;
mod sources_uses;
mod spend_revenue;
mod stack;
mod survival;
#[cfg(test)]
mod tests;

pub use cap_table::{CapTable, Holder};
pub use cash::Cash;
pub use drawing::{Drawing, Grid, Panel, Shown};
pub use gap::Gap;
pub use house::Role;
#[cfg(feature = "png")]
pub use raster::{PngError, png};
pub use sources_uses::{Line, SourcesUses};
pub use spend_revenue::SpendRevenue;
pub use survival::{Survival, SurvivalCurve};

use crate::units::Month;

/// Quantiles across paths, one value a month. NaN where undefined; a series may be short.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Band {
    /// 5 %.
    pub p05: Vec<f64>,
    /// 25 %.
    pub p25: Vec<f64>,
    /// Median.
    pub p50: Vec<f64>,
    /// 75 %.
    pub p75: Vec<f64>,
    /// 95 %.
    pub p95: Vec<f64>,
}

/// A band and some of the paths it was made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fan {
    /// Name of the quantity, as on the chart.
    pub label: String,
    /// Quantiles by month.
    pub band: Band,
    /// Up to five real paths, one value a month.
    pub paths: Vec<Vec<f64>>,
}

/// What every chart says of the run it shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Name of the scenario.
    pub scenario: String,
    /// Name of the variant, if the run has several.
    pub variant: Option<String>,
    /// Seed of the run.
    pub seed: u64,
    /// Version of the program.
    pub version: String,
    /// Number of paths.
    pub paths: u64,
    /// The first simulated month.
    pub start: Month,
}

impl Frame {
    /// The month at `index`, 0 for the first.
    fn month(&self, index: usize) -> Month {
        self.start.plus(small(index))
    }
}

/// How a monthly flow is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Flow {
    /// US dollars a month.
    #[default]
    Monthly,
    /// US dollars a year at the month's pace; the data are already multiplied by 12.
    Annualised,
}

impl Flow {
    fn words(self) -> &'static str {
        match self {
            Flow::Monthly => "US$ a month",
            Flow::Annualised => "US$, annualised",
        }
    }
}

/// A chart and its data.
#[derive(Clone, Debug, PartialEq)]
pub enum Chart {
    /// 1: spending against revenue.
    SpendRevenue(SpendRevenue),
    /// 2: the gap and the cumulative gap.
    Gap(Gap),
    /// 3: cash, and the probability of running out.
    Cash(Cash),
    /// 4: share of paths that still have cash.
    Survival(Survival),
    /// 5: where money comes from and goes to, by year.
    SourcesUses(SourcesUses),
    /// 6: who owns the company.
    CapTable(CapTable),
}

/// Draws the chart as an SVG document.
pub fn render(chart: &Chart, frame: &Frame) -> String {
    match chart {
        Chart::SpendRevenue(c) => c.draw(frame),
        Chart::Gap(c) => c.draw(frame),
        Chart::Cash(c) => c.draw(frame),
        Chart::Survival(c) => c.draw(frame),
        Chart::SourcesUses(c) => c.draw(frame),
        Chart::CapTable(c) => c.draw(frame),
    }
}

/// The finding that the chart states, computed from its data.
pub fn title(chart: &Chart, frame: &Frame) -> String {
    match chart {
        Chart::SpendRevenue(c) => c.title(frame),
        Chart::Gap(c) => c.title(frame),
        Chart::Cash(c) => c.title(frame),
        Chart::Survival(c) => c.title(frame),
        Chart::SourcesUses(c) => c.title(frame),
        Chart::CapTable(c) => c.title(frame),
    }
}

/// Name of the chart's file, without extension.
pub fn file_stem(chart: &Chart) -> &'static str {
    match chart {
        Chart::SpendRevenue(_) => "01-spend-and-revenue",
        Chart::Gap(_) => "02-funding-gap",
        Chart::Cash(_) => "03-cash-and-ruin",
        Chart::Survival(_) => "04-runway",
        Chart::SourcesUses(_) => "05-sources-and-uses",
        Chart::CapTable(_) => "06-ownership",
    }
}

/// A number of months as the calendar counts them; beyond a million it stays there.
fn small(n: usize) -> i32 {
    i32::try_from(n.min(1_000_000)).unwrap_or(1_000_000)
}

/// The last month with a value.
fn last_defined(values: &[f64]) -> Option<(usize, f64)> {
    values.iter().copied().enumerate().rfind(|(_, v)| v.is_finite())
}

/// A share counted among `n` paths with half its 95 % interval, `46 % (±0.69 pp)`; a bound when it was never or always
/// seen: `<0.015 %`, `>99.985 %`.
fn counted(hits: u64, n: u64) -> String {
    if n == 0 {
        return "an unknown share".into();
    }
    if hits == 0 {
        return format!("<{}", bound(n));
    }
    if hits >= n {
        let decimals = bound(n).split('.').nth(1).map_or(0, |d| d.trim_end_matches("\u{a0}%").len());
        return format!(">{:.decimals$}\u{a0}%", (100.0 - 300.0 / n as f64).max(0.0));
    }
    let (share, error) = estimate(hits, n);
    format!("{share} ({error})")
}

/// A share counted among `n` paths and half its 95 % interval, `46 %` and `±0.69 pp`.
fn estimate(hits: u64, n: u64) -> (String, String) {
    let p = hits.min(n) as f64 / n.max(1) as f64;
    (house::percent(p), format!("\u{b1}{}", figures(1.96 * (p * (1.0 - p) / n.max(1) as f64).sqrt(), "pp")))
}

/// What the lines and bands of fans are, for a subtitle.
fn fan_words(fans: &[&Fan], cut: bool) -> String {
    let cut = if cut { ", cut at the edge" } else { "" };
    let paths = if fans.iter().any(|f| !f.paths.is_empty()) { " · thin lines: real paths" } else { "" };
    format!("medians with bands of 50 % and 90 %{cut}{paths}")
}

/// The 95 % bound of a share that was never seen among `n` paths (Hanley and Lippman-Hand 1983): 3/n.
fn bound(n: u64) -> String {
    figures((3.0 / n.max(1) as f64).min(1.0), "%")
}

/// A small share, to two figures: `0.59 pp`, `0.015 %`.
fn figures(share: f64, unit: &str) -> String {
    let p = share * 100.0;
    let decimals = if p >= 1.0 { 1 } else { ((-p.max(1e-9).log10()).floor() as usize + 2).min(9) };
    format!("{p:.decimals$}\u{a0}{unit}")
}

//! Charts of a run, each as an SVG text and as a PNG of the same text.
//!
//! A title states what the data show, so titles are computed here and nowhere else. Charts take plain numbers and are
//! independent of the simulation; they never fail and never panic, whatever the numbers. The same data give the same
//! bytes. House style is in `house`, the sheet in `canvas`.

mod anatomy;
mod axis;
mod bars;
mod canvas;
mod cap_table;
mod capability;
mod cash;
mod commitments;
mod contour;
mod convergence;
mod cover;
mod drawing;
mod drivers;
mod equity_supply;
mod exceedance;
mod frontier;
mod gap;
mod headline;
mod heat_map;
pub(in crate::output) mod house;
mod indices;
mod labels;
mod liabilities;
mod loss_by_state;
mod losses;
mod marks;
mod overlay;
mod panels;
mod plot;
mod power_market;
mod quantity;
mod rare;
#[cfg(feature = "png")]
mod raster;
mod returns;
mod rows;
mod setting;
mod shapley;
mod solved;
mod sources_uses;
mod spend_revenue;
mod stack;
mod survival;
mod sweep;
mod sweep_line;
mod sweep_scatter;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_capital;
#[cfg(test)]
mod tests_closed;
#[cfg(test)]
mod tests_findings;
#[cfg(test)]
mod tests_palette;
#[cfg(test)]
mod tests_study;
mod tornado;
mod valuation;
mod words;

pub use anatomy::Anatomy;
pub use cap_table::{CapTable, Holder};
pub use capability::Capability;
pub use cash::Cash;
pub use commitments::Commitments;
pub use convergence::{Convergence, Estimate};
pub use cover::{Cover, Covered};
pub use drawing::{Drawing, End, Grid, Panel, Shown};
pub use drivers::{Drivers, Target};
pub use equity_supply::EquitySupply;
pub use exceedance::Exceedance;
pub use frontier::{Frontier, FrontierPoint, Winner};
pub use gap::Gap;
pub use headline::{Headline, Opening};
pub use heat_map::HeatMap;
pub use house::{HEIGHT, Role};
pub use indices::{Index, Indices, InputIndices};
pub use liabilities::Liabilities;
pub use loss_by_state::{Divided, LossByState};
pub use losses::{Claimant, Losses};
pub use overlay::{Overlay, OverlayCase};
pub use power_market::PowerMarket;
pub use quantity::{Measured, Quantity, Unit};
pub use rare::{RareEvent, probability};
#[cfg(feature = "png")]
pub use raster::{PngError, png};
pub use returns::{Provider, Returns};
pub use setting::{Level, SettingValues};
pub use shapley::{Contribution, Shapley};
pub use solved::{Answer, Crossing, Solved, Tried};
pub use sources_uses::{Line, SourcesUses};
pub use spend_revenue::SpendRevenue;
pub use survival::{Survival, SurvivalCurve};
pub use sweep::{Measure, Sweep, Swept, best};
pub use sweep_line::SweepLine;
pub use sweep_scatter::{SampledSetting, SweepScatter};
pub use tornado::{Tornado, TornadoBar, TornadoEnd, TornadoEnds};
pub use valuation::Valuation;

use rayon::prelude::*;

use super::figures;
use super::reading::Folder;
use crate::units::Month;
use canvas::Sheet;

/// Quantiles across paths, one value per month. NaN where undefined; a series may be short.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Band {
    /// 5%.
    pub p05: Vec<f64>,
    /// 25%.
    pub p25: Vec<f64>,
    /// Median.
    pub p50: Vec<f64>,
    /// 75%.
    pub p75: Vec<f64>,
    /// 95%.
    pub p95: Vec<f64>,
}

/// A band and some of the paths it was computed from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fan {
    /// Label of the quantity on the chart.
    pub label: String,
    /// Quantiles by month.
    pub band: Band,
    /// Up to five simulated paths, one value per month.
    pub paths: Vec<Vec<f64>>,
}

/// What every chart states about its run.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// Name of the scenario.
    pub scenario: String,
    /// Name of the variant, if the run has one.
    pub variant: Option<String>,
    /// Settings that were changed for the run, as typed: `lab.opening.cash=10B USD`.
    pub set: Vec<String>,
    /// Seed of the run.
    pub seed: u64,
    /// Version of the program.
    pub version: String,
    /// Number of paths.
    pub paths: u64,
    /// The first simulated month.
    pub start: Month,
    /// A title that replaces the finding.
    pub title: Option<String>,
    /// Height of the sheet, relative to its width of 960.
    pub height: f64,
    /// Where the assumptions are, for the footnote: `scenario.resolved.yaml`.
    pub assumptions: String,
}

impl Frame {
    /// The frame for a run folder.
    pub fn of(folder: &Folder) -> Frame {
        Frame {
            scenario: folder.name().to_owned(),
            variant: folder.variant().map(str::to_owned),
            set: folder.set().to_vec(),
            seed: folder.seed(),
            version: folder.version().to_owned(),
            paths: folder.paths(),
            start: folder.start(),
            title: None,
            height: house::HEIGHT,
            assumptions: "scenario.resolved.yaml".to_owned(),
        }
    }

    /// Width of every chart's sheet.
    pub fn width(&self) -> f64 {
        house::WIDTH
    }

    /// The scenario with its variant, as a name.
    fn name(&self) -> String {
        self.variant.as_ref().map_or_else(|| self.scenario.clone(), |v| format!("{}, variant {v}", self.scenario))
    }

    /// `1 path`, `2,000 paths`.
    fn counted(&self) -> String {
        if self.paths == 1 { "1 path".into() } else { format!("{} paths", house::count(self.paths)) }
    }

    /// The month at `index`, 0 for the first.
    fn month(&self, index: usize) -> Month {
        self.start.plus(small(index))
    }
}

/// A chart and its data.
#[derive(Clone, Debug, PartialEq)]
pub enum Chart {
    /// 0: the metrics that the scenario opens with.
    Headline(Headline),
    /// 1: spending against revenue.
    SpendRevenue(SpendRevenue),
    /// 2: the monthly and the cumulative gap.
    Gap(Gap),
    /// 3: cash, and the probability of running out.
    Cash(Cash),
    /// 4: share of paths that still have cash.
    Survival(Survival),
    /// 5: where money comes from and goes to, by year.
    SourcesUses(SourcesUses),
    /// 6: who owns the company.
    CapTable(CapTable),
    /// 7: debt and off-balance-sheet obligations.
    Liabilities(Liabilities),
    /// 8: debt service cover by vehicle.
    Cover(Cover),
    /// 9: how much external funding is needed, and how often.
    Exceedance(Exceedance),
    /// 10: which inputs are associated with the outcomes.
    Drivers(Drivers),
    /// 11: when cash runs out, and what happened first.
    Anatomy(Anatomy),
    /// 12: who bears the loss.
    Losses(Losses),
    /// 13: compute commitments.
    Commitments(Commitments),
    /// 14: what providers of capital earn.
    Returns(Returns),
    /// 16: precision of the answers.
    Convergence(Convergence),
    /// 17: the lead over rivals beside spending and revenue.
    Capability(Capability),
    /// 18: prices of power, tightness and unserved need.
    PowerMarket(PowerMarket),
    /// 19: equity asked against supplied.
    EquitySupply(EquitySupply),
    /// 20: what investors pay against enterprise value.
    Valuation(Valuation),
    /// 22: loss given default by the state of the world.
    LossByState(LossByState),
    /// 21: outcomes over the values of a key; of several runs, so that no run draws it.
    Sweep(Sweep),
    /// 15: a metric over two settings. Like every chart below, of a study of several runs.
    HeatMap(HeatMap),
    /// 10: what each setting moves.
    Tornado(Tornado),
    /// 23: a metric over one setting.
    SweepLine(SweepLine),
    /// 24: a metric over a free sample of settings.
    SweepScatter(SweepScatter),
    /// 25: cases of a comparison.
    Overlay(Overlay),
    /// 26: the difference of two cases, by setting.
    Shapley(Shapley),
    /// 27: plans by dilution and probability of ruin.
    Frontier(Frontier),
    /// 28: the value of a setting at which a check is just passed.
    Solved(Solved),
    /// 29: which inputs explain the variance of an outcome.
    Indices(Indices),
    /// 30: how a rare event is reached.
    RareEvent(RareEvent),
}

/// A scenario name in plain English: `other_investors` reads "Other investors".
pub(super) fn spoken(name: &str) -> String {
    house::spoken(name)
}

/// Operations common to all kinds of chart.
trait Picture {
    /// The finding that it states, computed from its data.
    fn title(&self, frame: &Frame) -> String;
    /// Draws it.
    fn draw(&self, frame: &Frame) -> Sheet;
    /// The numbers behind it.
    fn table(&self, frame: &Frame) -> Grid;
}

impl Chart {
    /// Number, file name without extension, and the picture that draws it.
    fn parts(&self) -> (u8, &'static str, &dyn Picture) {
        match self {
            Chart::Headline(c) => (0, "00-headline", c),
            Chart::SpendRevenue(c) => (1, "01-spend-and-revenue", c),
            Chart::Gap(c) => (2, "02-funding-gap", c),
            Chart::Cash(c) => (3, "03-cash-and-ruin", c),
            Chart::Survival(c) => (4, "04-runway", c),
            Chart::SourcesUses(c) => (5, "05-sources-and-uses", c),
            Chart::CapTable(c) => (6, "06-ownership", c),
            Chart::Liabilities(c) => (7, "07-debt-and-look-through", c),
            Chart::Cover(c) => (8, "08-debt-service-cover", c),
            Chart::Exceedance(c) => (9, "09-peak-funding", c),
            Chart::Drivers(c) => (10, "10-drivers", c),
            Chart::Anatomy(c) => (11, "11-anatomy-of-ruin", c),
            Chart::Losses(c) => (12, "12-who-bears-the-loss", c),
            Chart::Commitments(c) => (13, "13-commitments", c),
            Chart::Returns(c) => (14, "14-returns-of-capital", c),
            Chart::Convergence(c) => (16, "16-convergence", c),
            Chart::Capability(c) => (17, "17-capability", c),
            Chart::PowerMarket(c) => (18, "18-power-market", c),
            Chart::EquitySupply(c) => (19, "19-equity-supply", c),
            Chart::Valuation(c) => (20, "20-valuation", c),
            Chart::LossByState(c) => (22, "22-loss-given-the-state", c),
            Chart::Sweep(c) => (21, "21-sweep", c),
            Chart::HeatMap(c) => (15, "15-sweep-map", c),
            Chart::Tornado(c) => (10, "10-tornado", c),
            Chart::SweepLine(c) => (23, "23-sweep-line", c),
            Chart::SweepScatter(c) => (24, "24-sweep-scatter", c),
            Chart::Overlay(c) => (25, "25-comparison", c),
            Chart::Shapley(c) => (26, "26-contributions", c),
            Chart::Frontier(c) => (27, "27-frontier", c),
            Chart::Solved(c) => (28, "28-solution", c),
            Chart::Indices(c) => (29, "29-sensitivity-indices", c),
            Chart::RareEvent(c) => (30, "30-rare-event", c),
        }
    }
}

/// Draws a chart.
pub fn render(chart: &Chart, frame: &Frame) -> Drawing {
    let (number, stem, picture) = chart.parts();
    let Sheet { title, subtitle, alt, svg, hover, ends } = picture.draw(frame);
    Drawing { number, stem, title, subtitle, svg, alt, table: picture.table(frame), hover, ends }
}

/// Draws every chart for which a run folder has data, in order of their numbers; the same folder gives the same bytes.
pub fn draw(folder: &Folder) -> Vec<Drawing> {
    draw_in(folder, &Frame::of(folder))
}

/// Like `draw`, in another frame.
pub fn draw_in(folder: &Folder, frame: &Frame) -> Vec<Drawing> {
    figures::charts(folder).par_iter().map(|chart| render(chart, frame)).collect()
}

/// A monthly series as a table: the month, followed by `columns`.
fn by_month(frame: &Frame, columns: &[(String, Vec<String>)]) -> Grid {
    let months = columns.iter().map(|c| c.1.len()).max().unwrap_or(0);
    let head = std::iter::once("Month".to_owned()).chain(columns.iter().map(|c| c.0.clone())).collect();
    let cells = |i: usize| columns.iter().map(move |c| c.1.get(i).cloned().unwrap_or_default());
    let rows = (0..months).map(|i| std::iter::once(house::short_month(frame.month(i))).chain(cells(i)).collect());
    Grid { head, rows: rows.collect() }
}

/// A number of months as the calendar type counts them, capped at one million.
fn small(n: usize) -> i32 {
    i32::try_from(n.min(1_000_000)).unwrap_or(1_000_000)
}

/// The last month with a value.
fn last_defined(values: &[f64]) -> Option<(usize, f64)> {
    values.iter().copied().enumerate().rfind(|(_, v)| v.is_finite())
}

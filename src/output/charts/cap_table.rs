//! Chart 6: who owns the company, fully diluted, month by month.

use super::axis::Axis;
use super::canvas::{Canvas, Sheet, Words, sheet};
use super::house::{Role, WHITE, month, percent};
use super::labels::{self, EndLabel};
use super::plot::Plot;
use super::spend_revenue::nothing;
use super::stack::{Part, gather};
use super::words::written;
use super::{Frame, Grid, Picture, Shown, by_month};

/// Fully diluted ownership.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CapTable {
    /// Holders, drawn from the bottom up.
    pub holders: Vec<Holder>,
    /// The statistic across paths that the shares are, such as "medians"; they are normalised to add up to 1 here.
    pub statistic: String,
}

/// A holder or class of holders.
#[derive(Clone, Debug, PartialEq)]
pub struct Holder {
    /// Label on the chart.
    pub label: String,
    /// Its role.
    pub role: Role,
    /// Share of the fully diluted company at the end of each month.
    pub share: Vec<f64>,
}

/// Largest number of holders named, and the smallest share, in their best month, for which a holder is named.
const NAMED: (usize, f64) = (14, 0.015);

impl Picture for CapTable {
    fn title(&self, frame: &Frame) -> String {
        let holders = self.normalised();
        let last = |h: &(String, Role, Vec<f64>)| super::last_defined(&h.2).map_or(-1.0, |v| v.1);
        // New investors are the news, and founders are asked about; failing those, the largest holder.
        let new = holders.iter().find(|h| h.1 == Role::Investor(0) && last(h) >= 0.005);
        let largest = || holders.iter().max_by(|a, b| last(a).total_cmp(&last(b)));
        let chosen = holders.iter().find(|h| h.1 == Role::Founders).or_else(largest);
        let ends = chosen.and_then(|h| {
            let first = h.2.iter().position(|v| v.is_finite())?;
            Some((h, (first, h.2[first]), super::last_defined(&h.2)?))
        });
        let Some((holder, first, end)) = ends else {
            return "Ownership is undefined in every month".into();
        };
        let at = month(frame.month(end.0));
        let (before, after) = (percent(first.1), percent(end.1));
        let s = if holder.0.ends_with('s') { "" } else { "s" };
        let how = if first.0 == end.0 || before == after {
            format!("hold{s} {after}")
        } else if first.1 > end.1 {
            format!("keep{s} {after}, down from {before}")
        } else {
            format!("hold{s} {after}, up from {before}")
        };
        match new.filter(|n| n.0 != holder.0) {
            Some(new) => {
                let own = if new.0.ends_with('s') { "own" } else { "owns" };
                format!("{} {own} {} by {at}; {} {how}", new.0, percent(last(new)), lower(&holder.0))
            }
            None => format!("{} {how} in {at}", holder.0),
        }
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let statistic = if self.statistic.is_empty() { "means" } else { &self.statistic };
        let metric =
            format!("Share of the fully diluted company at month end · {statistic} across paths, scaled to 100%");
        let months = self.months();
        let all = self.normalised();
        let defined: Vec<bool> = (0..months).map(|i| all.iter().any(|h| h.2[i].is_finite())).collect();
        let best = |v: &[f64]| v.iter().copied().fold(0.0, f64::max);
        // `least` is relative to the sum of weights, here of best months; as a share of the company it is slightly
        // higher.
        let weight: f64 = all.iter().map(|h| best(&h.2)).sum();
        let parts = gather(all.into_iter(), best, (NAMED.0, NAMED.1 / weight.max(1e-9)));
        let last = defined.iter().rposition(|d| *d);
        let figure = |p: &Part| last.map_or(0.0, |i| p.values[i]);
        let list: Vec<String> = parts.iter().map(|p| format!("{} {}", p.label, percent(figure(p)))).collect();
        let desc = format!("{title}. At the end: {}.", list.join(", "));
        sheet(frame, Words { title, metric, desc }, |canvas, mut space| {
            let label = |plot: Option<&Plot>| -> Vec<EndLabel> {
                let mut base = 0.0;
                let tag = |p: &Part| {
                    let share = figure(p);
                    let y = plot.map_or(0.0, |plot| plot.at((0.0, base + share / 2.0)).1);
                    base += share;
                    p.tag(&percent(share), y, true)
                };
                // From the top down, so that labels with equal positions keep the stack order.
                let mut tags: Vec<_> = parts.iter().map(tag).collect();
                tags.reverse();
                tags
            };
            space.right -= labels::room(&label(None));
            let mut x = Axis::months(frame.start, months);
            if months > 1 {
                x.lo = 1.0;
                x.ticks.retain(|t| t.0 >= 1.0);
            }
            let plot = Plot::new(space, x, Axis::share(0.0));
            plot.grid(canvas);
            if last.is_none() {
                nothing(canvas, plot.space);
            } else {
                areas(canvas, &plot, &parts, &defined);
                let s = plot.space;
                labels::draw(canvas, &label(Some(&plot)), s.right, s.top, s.bottom);
            }
            plot.zero(canvas);
            let shown = parts.iter().map(|p| Shown::new(&p.key, &p.label, p.colour, written(&p.values, percent)));
            plot.hover_months(canvas, frame, 1.0, shown.collect());
        })
    }

    fn table(&self, frame: &Frame) -> Grid {
        let holders = self.normalised();
        by_month(frame, &holders.iter().map(|h| (h.0.clone(), written(&h.2, percent))).collect::<Vec<_>>())
    }
}

impl CapTable {
    fn months(&self) -> usize {
        self.holders.iter().map(|h| h.share.len()).max().unwrap_or(0)
    }

    /// The shares of every holder, normalised to add up to 1 in each month; NaN in a month without any.
    fn normalised(&self) -> Vec<(String, Role, Vec<f64>)> {
        let share = |h: &Holder, i: usize| h.share.get(i).copied().filter(|v| v.is_finite()).unwrap_or(0.0).max(0.0);
        let sums: Vec<f64> = (0..self.months()).map(|i| self.holders.iter().map(|h| share(h, i)).sum()).collect();
        let of = |h: &Holder| sums.iter().enumerate().map(|(i, s)| share(h, i) / s).collect();
        self.holders.iter().map(|h| (h.label.clone(), h.role, of(h))).collect()
    }
}

/// The name of a holder within a sentence; company names keep their capitals.
fn lower(name: &str) -> String {
    if ["Founders", "Employees", "Foundation"].contains(&name) { name.to_lowercase() } else { name.to_owned() }
}

/// The stack from the bottom up, with white lines in between.
fn areas(canvas: &mut Canvas, plot: &Plot, parts: &[Part], defined: &[bool]) {
    let mut lower: Vec<f64> = defined.iter().map(|d| if *d { 0.0 } else { f64::NAN }).collect();
    for part in parts {
        let upper: Vec<f64> = lower.iter().zip(&part.values).map(|(a, b)| (a + b).min(1.0)).collect();
        let upper: Vec<f64> = upper.iter().zip(defined).map(|(v, d)| if *d { *v } else { f64::NAN }).collect();
        canvas.series(&part.key, |canvas| {
            plot.between(canvas, &lower, &upper, 1.0, (part.colour, 1.0));
            plot.series(canvas, &lower, 1.0, (WHITE, 1.0, 1.0));
        });
        lower = upper;
    }
}

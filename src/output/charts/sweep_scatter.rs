//! Chart 24: a metric in the runs of a free sample of settings, over the setting with which it is most strongly
//! associated.

use plotters::style::text_anchor::HPos;
use serde::{Deserialize, Serialize};

use super::canvas::{Canvas, Sheet, Space, Type, Words, sheet};
use super::house::{BLUE, INK, SMALL, correlation, count};
use super::labels::{self, EndLabel};
use super::marks;
use super::plot::Plot;
use super::quantity::{Measured, Quantity, nullables};
use super::setting::Level;
use super::spend_revenue::nothing;
use super::sweep_line::{bound_label, bounds};
use super::{Frame, Grid, Picture, Shown};
use crate::stats::rank::{MOST, centred_ranks, spearman};

/// A metric in runs whose settings were sampled together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SweepScatter {
    /// The metric: `P(cash-out)`.
    pub metric: Quantity,
    /// The settings that were sampled.
    pub settings: Vec<SampledSetting>,
    /// The metric in each run; without an estimate where the run is invalid.
    pub estimates: Vec<Measured>,
    /// Checks on the metric, whose bounds are drawn as level lines.
    pub levels: Vec<Level>,
}

/// A setting and its value in each run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SampledSetting {
    /// Its name and how its values are written.
    pub setting: Quantity,
    /// Its value in each run.
    #[serde(with = "nullables")]
    pub at: Vec<f64>,
}

/// Largest number of runs whose values a pointer shows.
const SHOWN: usize = 400;
/// Standard errors from which an association is named.
const NOISE: f64 = 3.0;

impl SweepScatter {
    /// The runs that have an estimate and a value of a setting.
    fn known(&self, setting: &SampledSetting) -> Vec<usize> {
        let known = |k: &usize| self.estimates[*k].is_known() && setting.at.get(*k).is_some_and(|v| v.is_finite());
        (0..self.estimates.len()).filter(known).take(MOST).collect()
    }

    /// Rank correlation of a setting with the metric, and its standard error.
    fn association(&self, setting: &SampledSetting) -> (f64, f64) {
        let known = self.known(setting);
        let a: Vec<f64> = known.iter().map(|&k| setting.at[k]).collect();
        let b: Vec<f64> = known.iter().map(|&k| self.estimates[k].value).collect();
        spearman(&centred_ranks(&a), &centred_ranks(&b))
    }

    /// The settings, the one most strongly associated with the metric first, with rank correlation and standard error.
    fn order(&self) -> Vec<(&SampledSetting, (f64, f64))> {
        let mut order: Vec<_> = self.settings.iter().map(|s| (s, self.association(s))).collect();
        let size = |rho: f64| if rho.is_finite() { rho.abs() } else { -1.0 };
        order.sort_by(|a, b| size(b.1.0).total_cmp(&size(a.1.0)));
        order
    }

    fn picture(&self, canvas: &mut Canvas, mut space: Space) {
        let unit = &self.metric.unit;
        let order = self.order();
        let Some((first, _)) = order.first() else { return nothing(canvas, space) };
        let known = self.known(first);
        let named: Vec<EndLabel> = self.levels.iter().map(|l| bound_label(l, 0.0)).collect();
        space.right -= if named.is_empty() { 24.0 } else { labels::room(&named) };
        let bold = Type::bold(SMALL, INK);
        canvas.text(&bold.fit(&self.metric.heading(), 500.0), space.left, space.top + 4.0, bold, HPos::Left);
        let name = format!("{} →", bold.fit(&first.setting.heading(), 480.0));
        canvas.text(&name, space.right, space.bottom - 5.0, bold, HPos::Right);
        (space.top, space.bottom) = (space.top + 22.0, space.bottom - 18.0);
        let values = known.iter().flat_map(|&k| [self.estimates[k].interval().0, self.estimates[k].interval().1]);
        let y = unit.axis(values.chain(self.levels.iter().map(|l| l.bound)));
        let x = first.setting.unit.axis(known.iter().map(|&k| first.at[k]));
        let plot = Plot::new(space, x, y);
        plot.grid(canvas);
        plot.zero(canvas);
        if known.is_empty() {
            nothing(canvas, plot.space);
        }
        bounds(canvas, &plot, &self.levels);
        canvas.series("metric", |canvas| {
            let few = known.len() <= 150;
            for &k in &known {
                let (x, m) = (first.at[k], self.estimates[k]);
                if few {
                    marks::upright(canvas, &plot, x, m, BLUE);
                }
                canvas.dot(marks::inside(&plot, (x, m.value)), if few { 4.0 } else { 2.5 }, BLUE);
            }
        });
        let mut shown: Vec<usize> = known.into_iter().take(SHOWN).collect();
        shown.sort_by(|&a, &b| first.at[a].total_cmp(&first.at[b]));
        let places =
            shown.iter().map(|&k| (first.at[k].clamp(plot.x.lo, plot.x.hi), first.setting.unit.write(first.at[k])));
        let values = shown.iter().map(|&k| unit.estimate(self.estimates[k])).collect();
        plot.hover(canvas, places, vec![Shown::new("metric", &self.metric.label, BLUE, values)]);
    }
}

impl Picture for SweepScatter {
    fn title(&self, _: &Frame) -> String {
        let metric = &self.metric.label;
        let order = self.order();
        let clear: Vec<_> = order.iter().filter(|(_, (rho, se))| rho.abs() > NOISE * se).collect();
        let said =
            |(s, (rho, _)): &(&SampledSetting, (f64, f64))| format!("{} ({})", s.setting.label, correlation(*rho));
        let moved = match clear[..] {
            _ if !self.estimates.iter().any(|m| m.is_known()) => return "No run of the sweep has a result".into(),
            [] => format!("No setting stands out from noise in {metric}"),
            [one] => format!("{metric} is associated only with {}", said(one)),
            [one, two, ..] => format!("{metric} is most strongly associated with {}, then {}", said(one), said(two)),
        };
        match self.levels.first() {
            Some(level) => format!("{moved}; {} holds {}", level.label, level.passed(self.estimates.iter()).said()),
            None => moved,
        }
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let order = self.order();
        let others = order.iter().skip(1).take(3).filter(|o| o.1.0.is_finite());
        let others: Vec<String> =
            others.map(|(s, (rho, _))| format!("{} {}", s.setting.label, correlation(*rho))).collect();
        let others = if others.is_empty() { String::new() } else { format!(" · others: {}", others.join(", ")) };
        let metric = format!(
            "One run for each dot, {} in all, of a sample of {} settings, same draws · line: 95% interval · in brackets: rank correlation{others}",
            count(self.estimates.len() as u64),
            self.settings.len()
        );
        let desc = format!("{title}.");
        sheet(frame, Words { title, metric, desc }, |canvas, space| self.picture(canvas, space))
    }

    fn table(&self, _: &Frame) -> Grid {
        let head = self.settings.iter().map(|s| s.setting.label.clone());
        let head = head.chain([self.metric.label.clone(), "±".into()]).collect();
        let row = |(k, m): (usize, &Measured)| {
            let at = |s: &SampledSetting| s.setting.unit.cell(s.at.get(k).copied().unwrap_or(f64::NAN));
            let own = [self.metric.unit.cell(m.value), self.metric.unit.error(m.se)];
            self.settings.iter().map(at).chain(own).collect()
        };
        Grid { head, rows: self.estimates.iter().enumerate().map(row).collect() }
    }
}

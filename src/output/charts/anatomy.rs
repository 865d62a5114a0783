//! Chart 11: anatomy of ruin. When paths run out of cash, and what happened first.

use plotters::style::text_anchor::HPos;

use super::axis::Axis;
use super::canvas::{Sheet, Type, Words, sheet};
use super::house::{
    BLUE, GREEN, GREY, INK, ORANGE, PURPLE, Role, SKY, SMALL, VERMILLION, WHITE, YELLOW, percent, percent_ticks, spoken,
};
use super::labels;
use super::plot::Plot;
use super::spend_revenue::nothing;
use super::stack::Part;
use super::words::counted;
use super::{Frame, Grid, Picture, Shown};

/// Ruin by month and first cause.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Anatomy {
    /// Causes, by their names in the files, and the share of all paths that each ruins in each month.
    pub causes: Vec<(String, Vec<f64>)>,
}

/// Number of causes that are named; the others are grouped.
const NAMED: usize = 7;
/// Their colours, from the most frequent cause on; neighbours differ in lightness.
pub(super) const COLOURS: [plotters::style::RGBColor; NAMED] = [VERMILLION, SKY, BLUE, ORANGE, PURPLE, YELLOW, GREEN];
/// Largest number of bars drawn.
const BARS: usize = 26;

/// Label of a cause on the chart.
fn name(cause: &str) -> String {
    if cause == "none" { "No adverse event before".into() } else { spoken(cause) }
}

impl Anatomy {
    fn months(&self) -> usize {
        self.causes.iter().map(|c| c.1.len()).max().unwrap_or(0)
    }
    fn total(&self) -> f64 {
        self.causes.iter().flat_map(|c| &c.1).filter(|v| v.is_finite()).sum()
    }

    /// Calendar quarters, half-years or years: the first month of each period, and its name.
    fn periods(&self, frame: &Frame) -> Vec<(usize, String)> {
        let months = self.months();
        let label = |first: usize, every: i32| {
            let month = frame.month(first);
            match every {
                3 => format!("Q{} {}", (month.month() + 2) / 3, month.year()),
                6 => format!("H{} {}", (month.month() + 5) / 6, month.year()),
                _ => month.year().to_string(),
            }
        };
        for every in [3, 6, 12] {
            let starts = (0..months).filter(|&i| i == 0 || (frame.month(i).month() - 1) % every == 0);
            let all: Vec<_> = starts.map(|i| (i, label(i, every))).collect();
            if all.len() <= BARS || every == 12 {
                // Beyond that, years are grouped.
                let group = all.len().div_ceil(BARS).max(1);
                return all.into_iter().step_by(group).collect();
            }
        }
        Vec::new()
    }

    /// The labels below the bars, and the index of the bar that each is under: one for every bar where there is room,
    /// otherwise the year under its first bar, for every year or every second, fifth and so on.
    fn dates(frame: &Frame, periods: &[(usize, String)], slot: f64, look: Type) -> Vec<(usize, String)> {
        let own = || periods.iter().enumerate().map(|(i, p)| (i, p.1.clone()));
        let wide = |all: &mut dyn Iterator<Item = String>| all.map(|t| look.width(&t)).fold(0.0, f64::max) + 12.0;
        if wide(&mut own().map(|d| d.1)) <= slot {
            return own().collect();
        }
        let year = |i: usize| frame.month(periods[i].0).year();
        let starts: Vec<usize> = (0..periods.len()).filter(|&i| i == 0 || year(i) != year(i - 1)).collect();
        // The run may begin late in a year, whose label would then touch the next one.
        let starts = match starts[..] {
            [0, next, ..] if next as f64 * slot < wide(&mut starts.iter().map(|&i| year(i).to_string())) => {
                &starts[1..]
            }
            _ => &starts[..],
        };
        let near = starts.windows(2).map(|w| w[1] - w[0]).max().unwrap_or(1) as f64 * slot;
        let room = wide(&mut starts.iter().map(|&i| year(i).to_string()));
        let every = [1, 2, 5, 10, 20, 50, 100].into_iter().find(|k| f64::from(*k) * near >= room).unwrap_or(200);
        starts.iter().filter(|&&i| year(i) % every == 0).map(|&i| (i, year(i).to_string())).collect()
    }

    /// The causes, ordered by how many paths they ruin, each summed over every period; small ones are grouped.
    fn parts(&self, periods: &[(usize, String)]) -> Vec<Part> {
        let sum = |values: &[f64]| values.iter().copied().filter(|v| v.is_finite()).sum::<f64>();
        let mut causes: Vec<&(String, Vec<f64>)> = self.causes.iter().filter(|c| sum(&c.1) > 0.0).collect();
        causes.sort_by(|a, b| sum(&b.1).total_cmp(&sum(&a.1)).then_with(|| a.0.cmp(&b.0)));
        let of = |values: &[f64]| -> Vec<f64> {
            let end = |k: usize| periods.get(k + 1).map_or(values.len(), |p| p.0.min(values.len()));
            periods.iter().enumerate().map(|(k, p)| sum(values.get(p.0..end(k)).unwrap_or(&[]))).collect()
        };
        let named = if causes.len() <= NAMED + 1 { causes.len() } else { NAMED };
        let mut parts: Vec<Part> = Vec::new();
        for (k, cause) in causes.iter().enumerate() {
            let values = of(&cause.1);
            if k < named {
                let colour = COLOURS.get(k).copied().unwrap_or(Role::Other.colour());
                parts.push(Part { key: cause.0.replace('_', "-"), label: name(&cause.0), colour, values });
            } else if k == named {
                let label = format!("Other ({})", causes.len() - named);
                parts.push(Part { key: "other".into(), label, colour: Role::Other.colour(), values });
            } else if let Some(last) = parts.last_mut() {
                last.values.iter_mut().zip(&values).for_each(|(a, b)| *a += b);
            }
        }
        parts
    }
}

impl Picture for Anatomy {
    fn title(&self, frame: &Frame) -> String {
        let total = self.total();
        if total <= 0.0 {
            return "No path runs out of cash".into();
        }
        let parts = self.parts(&[(0, String::new())]);
        let most = parts.iter().max_by(|a, b| a.values[0].total_cmp(&b.values[0]));
        let years: Vec<i32> = (0..self.months()).map(|i| frame.month(i).year()).collect();
        let in_year = |y: i32| -> f64 {
            let of = |c: &(String, Vec<f64>)| {
                c.1.iter().zip(&years).filter(|v| *v.1 == y && v.0.is_finite()).map(|v| *v.0).sum::<f64>()
            };
            self.causes.iter().map(of).sum()
        };
        let mut distinct = years.clone();
        distinct.dedup();
        let worst = distinct.into_iter().max_by(|a, b| in_year(*a).total_cmp(&in_year(*b)).then(b.cmp(a)));
        match (most, worst) {
            (Some(p), Some(year)) if p.key == "none" => format!(
                "No adverse event precedes {} of cash-outs; {} of cash-outs fall in {year}",
                percent(p.values[0] / total),
                percent(in_year(year) / total)
            ),
            (Some(p), Some(year)) => format!(
                "“{}” is the first cause of {} of cash-outs; {} of cash-outs fall in {year}",
                p.label,
                percent(p.values[0] / total),
                percent(in_year(year) / total)
            ),
            _ => "Paths run out of cash".into(),
        }
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let periods = self.periods(frame);
        let parts = self.parts(&periods);
        let total = self.total();
        let hits = (total * frame.paths as f64).round() as u64;
        let metric = format!(
            "Share of all paths that run out of cash, by period and by the first adverse event of the preceding twelve months · in total {}",
            counted(hits, frame.paths)
        );
        let sum = |p: &Part| p.values.iter().sum::<f64>();
        let list: Vec<String> = parts.iter().map(|p| format!("{} {}", p.label, percent(sum(p)))).collect();
        let desc =
            format!("{title}. Of all paths {} run out of cash: {}.", counted(hits, frame.paths), list.join(", "));
        sheet(frame, Words { title, metric, desc }, |canvas, mut space| {
            let bars = periods.len();
            let height = |i: usize| parts.iter().map(|p| p.values[i]).sum::<f64>();
            let top = (0..bars).map(height).fold(0.0, f64::max);
            let tags = |plot: Option<&Plot>| -> Vec<_> {
                // In stack order, from the top; each shows its share of all ruin.
                let n = parts.len() as f64;
                let y = |k: usize| plot.map_or(0.0, |p| p.space.top + (n - k as f64) * 24.0);
                let tag = |(k, p): (usize, &Part)| p.tag(&percent(sum(p) / total), y(k), false);
                parts.iter().enumerate().map(tag).collect()
            };
            space.right -= labels::room(&tags(None));
            space.top += 8.0;
            let x = Axis { lo: 0.0, hi: bars.max(1) as f64, ticks: Vec::new() };
            let plot = Plot::new(space, x, Axis::of(0.0, if top > 0.0 { top * 1.08 } else { 1.0 }, percent_ticks));
            plot.grid(canvas);
            let s = plot.space;
            let slot = (s.right - s.left) / bars.max(1) as f64;
            let half = (0.38 * slot).min(30.0);
            let look = Type::plain(SMALL, GREY);
            let dates = Self::dates(frame, &periods, slot, look);
            for i in 0..bars {
                let (x, mut base) = (plot.at((i as f64 + 0.5, 0.0)).0, 0.0);
                for part in parts.iter().filter(|p| p.values[i] > 0.0) {
                    let (a, b) = (plot.at((0.0, base)).1, plot.at((0.0, base + part.values[i])).1);
                    canvas.series(&part.key, |canvas| {
                        canvas.rectangle((x - half, a), (x + half, b), part.colour, 1.0);
                        canvas.line(&[(x - half, b), (x + half, b)], WHITE, 1.0, 0.8);
                    });
                    base += part.values[i];
                }
                if base > 0.0 && slot >= 40.0 {
                    let y = plot.at((0.0, base)).1 - 9.0;
                    canvas.text(&percent(base), x, y, Type::bold(SMALL, INK), HPos::Center);
                }
                if let Some(date) = dates.iter().find(|d| d.0 == i) {
                    canvas.text(&date.1, x, s.bottom + 15.0, look, HPos::Center);
                }
            }
            plot.zero(canvas);
            if total <= 0.0 {
                nothing(canvas, s);
            } else {
                canvas.text(
                    "Share of cash-outs",
                    s.right + labels::GUTTER,
                    s.top + 4.0,
                    Type::bold(SMALL, INK),
                    HPos::Left,
                );
            }
            labels::draw(canvas, &tags(Some(&plot)), s.right, s.top + 14.0, s.bottom);
            let places = periods.iter().enumerate().map(|(i, p)| (i as f64 + 0.5, p.1.clone()));
            let shown = parts.iter().map(|p| {
                let values = p.values.iter().map(|v| if *v > 0.0 { percent(*v) } else { String::new() });
                Shown::new(&p.key, &p.label, p.colour, values.collect())
            });
            plot.hover(canvas, places, shown.collect());
        })
    }

    fn table(&self, frame: &Frame) -> Grid {
        let periods = self.periods(frame);
        let parts = self.parts(&periods);
        let head = std::iter::once("Period".to_owned()).chain(parts.iter().map(|p| p.label.clone())).collect();
        let row = |(i, p): (usize, &(usize, String))| {
            std::iter::once(p.1.clone()).chain(parts.iter().map(|part| percent(part.values[i]))).collect()
        };
        Grid { head, rows: periods.iter().enumerate().map(row).collect() }
    }
}

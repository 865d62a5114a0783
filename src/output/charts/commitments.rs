//! Chart 13: compute commitments. What was announced, what is firm, and what is used.

use plotters::style::text_anchor::HPos;

use super::axis::Axis;
use super::canvas::{Canvas, Sheet, Space, Type, Words, sheet};
use super::house::{
    GREY, INK, Role, SMALL, WHITE, blend, money, money_ticks, percent, power, power_ticks, text_colour,
};
use super::labels::{self, EndLabel};
use super::plot::Plot;
use super::spend_revenue::caption;
use super::words::written;
use super::{Frame, Grid, Picture, Shown, last_defined};

/// Commitments by month, means across paths.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Commitments {
    /// Announced and not yet spent, US dollars at month end.
    pub headline: Vec<f64>,
    /// Present value of the cheapest exit from each, US dollars at month end.
    pub firm: Vec<f64>,
    /// Spent on compute in the month, US dollars.
    pub spent: Vec<f64>,
    /// Power in place, GW.
    pub place: Vec<f64>,
    /// Power used, GW.
    pub used: Vec<f64>,
}

/// Largest number of groups of bars.
const GROUPS: usize = 12;

impl Commitments {
    /// First and last months of the calendar years, the last of which ends with the run; thinned out if there are many.
    fn years(&self, frame: &Frame) -> Vec<(usize, usize)> {
        let months = self.headline.len().max(self.firm.len());
        let ends: Vec<usize> = (0..months).filter(|&i| frame.month(i).month() == 12 || i + 1 == months).collect();
        let every = ends.len().div_ceil(GROUPS).max(1);
        let mut starts = 0;
        let all = ends.iter().map(|&end| (std::mem::replace(&mut starts, end + 1), end));
        let all: Vec<(usize, usize)> = all.collect();
        // With many years, every so many of them, always including the last.
        let last = all.len().saturating_sub(1);
        all.into_iter().enumerate().filter(|(i, _)| (last - i).is_multiple_of(every)).map(|y| y.1).collect()
    }

    fn spent_in(&self, (from, to): (usize, usize)) -> f64 {
        self.spent.get(from..=to).unwrap_or(&[]).iter().filter(|v| v.is_finite()).sum()
    }

    fn at(values: &[f64], i: usize) -> f64 {
        values.get(i).copied().filter(|v| v.is_finite()).unwrap_or(0.0).max(0.0)
    }

    fn bars(&self, frame: &Frame) -> Vec<(String, [f64; 3])> {
        let of = |(from, to): (usize, usize)| {
            let (a, b) = (frame.month(from), frame.month(to));
            let part = a.month() != 1 || b.month() != 12;
            let name = if part {
                format!("{}–{}", &super::house::short_month(a)[..3], super::house::short_month(b))
            } else {
                b.year().to_string()
            };
            let name = if from == to { super::house::short_month(b) } else { name };
            (name, [Commitments::at(&self.headline, to), Commitments::at(&self.firm, to), self.spent_in((from, to))])
        };
        self.years(frame).into_iter().map(of).collect()
    }

    /// Key, name and colour of each of a year's bars.
    pub(super) fn looks() -> [(&'static str, &'static str, plotters::style::RGBColor); 3] {
        let hue = Role::Compute(0).colour();
        [
            ("headline", "Announced, unspent", blend(hue, WHITE, 0.62)),
            ("firm", "Firm: cheapest way out", Role::Compute(2).colour()),
            ("spent", "Spent in the year", Role::Cash.colour()),
        ]
    }

    /// Position of the lower plot.
    fn lower(&self, frame: &Frame, space: Space) -> Plot {
        let months = self.place.len().max(self.used.len());
        let top = self.place.iter().chain(&self.used).copied().filter(|v| v.is_finite()).fold(0.0, f64::max);
        Plot::new(
            space,
            Axis::months(frame.start, months),
            Axis::of(0.0, if top > 0.0 { 1.05 * top } else { 1.0 }, power_ticks),
        )
    }

    fn power(&self, canvas: &mut Canvas, frame: &Frame, mut plot: Plot, left: f64) {
        plot.space.left = left;
        plot.grid(canvas);
        let (place, used) = (Role::Compute(0).colour(), Role::Customers.colour());
        canvas.series("place", |canvas| {
            plot.between(canvas, &self.used, &self.place, 1.0, (place, 0.2));
            plot.series(canvas, &self.place, 1.0, (place, 1.0, 2.4));
        });
        canvas.series("used", |canvas| plot.series(canvas, &self.used, 1.0, (used, 1.0, 2.8)));
        plot.zero(canvas);
        let s = plot.space;
        let label = |key: &str, name: &str, values: &[f64], colour| {
            let (_, v) = last_defined(values)?;
            let y = plot.at((0.0, v)).1.clamp(s.top, s.bottom);
            Some(EndLabel::named(key, &format!("{name} {}", power(v)), &[], colour, y))
        };
        let tags = [label("place", "In place", &self.place, place), label("used", "Used", &self.used, used)];
        labels::draw(canvas, &tags.into_iter().flatten().collect::<Vec<_>>(), s.right, s.top, s.bottom);
        let shown = vec![
            Shown::new("place", "Power in place", place, written(&self.place, power)),
            Shown::new("used", "Power used", used, written(&self.used, power)),
        ];
        plot.hover_months(canvas, frame, 1.0, shown);
    }
}

impl Picture for Commitments {
    fn title(&self, frame: &Frame) -> String {
        let bars = self.bars(frame);
        let total = |v: &[f64]| v.iter().copied().filter(|v| v.is_finite()).sum::<f64>();
        let share = total(&self.used) / total(&self.place);
        let use_of = if share.is_finite() {
            format!("; {} of the power in place is used", percent(share))
        } else {
            String::new()
        };
        match bars.first() {
            Some((_, [headline, firm, _])) if *headline > 0.0 => {
                let end = super::house::month(frame.month(self.years(frame).first().map_or(0, |y| y.1)));
                format!(
                    "Of {} announced and unspent in {end}, exit would cost {}{use_of}",
                    money(*headline),
                    money(*firm)
                )
            }
            Some((_, [_, firm, _])) if *firm > 0.0 => {
                format!("Exiting every commitment costs {} initially{use_of}", money(*firm))
            }
            _ => format!("Nothing is committed{use_of}"),
        }
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let bars = self.bars(frame);
        let metric = "Commitments to compute at the end of each year, present value where firm, and spending in it, US$ · power in place and used · means across paths";
        let list: Vec<String> = bars
            .iter()
            .map(|(name, [a, b, c])| {
                format!("{name}: announced {}, firm {}, spent {}", money(*a), money(*b), money(*c))
            })
            .collect();
        let desc = format!("{title}. {}.", list.join("; "));
        sheet(frame, Words { title, metric: metric.into(), desc }, |canvas, space| {
            let powered = self.place.iter().chain(&self.used).any(|v| *v > 0.0);
            let split = if powered { space.top + 0.6 * (space.bottom - space.top) } else { space.bottom };
            let right = space.right - 186.0;
            let top = bars.iter().flat_map(|b| b.1).fold(0.0, f64::max);
            let axis = |n: usize| Axis { lo: 0.0, hi: n.max(1) as f64, ticks: Vec::new() };
            let upper = Space { top: space.top + 12.0, bottom: split, right, ..space };
            let mut plot = Plot::new(
                upper,
                axis(bars.len()),
                Axis::of(0.0, if top > 0.0 { 1.08 * top } else { 1.0 }, money_ticks),
            );
            // Both plots have the same left edge.
            let lower = self.lower(frame, Space { top: split + 30.0, right, ..space });
            plot.space.left = plot.space.left.max(lower.space.left);
            plot.grid(canvas);
            let (s, looks) = (plot.space, Commitments::looks());
            let slot = (s.right - s.left) / bars.len().max(1) as f64;
            let width = (0.31 * slot).min(44.0);
            let look = Type::bold(11.0, INK);
            let widest = bars.iter().flat_map(|b| b.1).map(|v| look.width(&money(v))).fold(0.0, f64::max);
            for (i, (name, values)) in bars.iter().enumerate() {
                let middle = plot.at((i as f64 + 0.5, 0.0)).0;
                for (k, (v, (key, _, colour))) in values.iter().zip(looks).enumerate() {
                    let x = middle + (k as f64 - 1.5) * (width + 1.5);
                    canvas.series(key, |canvas| {
                        canvas.rectangle((x, plot.at((0.0, *v)).1), (x + width, s.bottom), colour, 1.0);
                        if *v > 0.0 && widest <= width + 4.0 {
                            let y = plot.at((0.0, *v)).1 - 8.0;
                            canvas.text(&money(*v), x + width / 2.0, y, look, HPos::Center);
                        }
                    });
                }
                let look = Type::plain(SMALL, GREY);
                let text = if look.width(name) > slot - 4.0 { name.rsplit(' ').next().unwrap_or(name) } else { name };
                canvas.text(text, middle, s.bottom + 15.0, look, HPos::Center);
            }
            plot.zero(canvas);
            let seen = looks.iter().enumerate().filter(|(k, _)| bars.iter().any(|b| b.1[*k] > 0.0));
            let tags = seen.map(|(k, (key, name, colour))| EndLabel {
                y: s.top + 24.0 + 22.0 * k as f64,
                rows: vec![((*name).to_owned(), Type::plain(SMALL + 0.5, text_colour(*colour)))],
                swatch: Some(*colour),
                leader: false,
                key: (*key).to_owned(),
            });
            labels::draw(canvas, &tags.collect::<Vec<_>>(), s.right, s.top, s.bottom);
            let places = bars.iter().enumerate().map(|(i, b)| (i as f64 + 0.5, b.0.clone()));
            let shown = looks.iter().enumerate().map(|(k, (key, name, colour))| {
                Shown::new(key, name, *colour, bars.iter().map(|b| money(b.1[k])).collect())
            });
            plot.hover(canvas, places, shown.collect());
            if powered {
                caption(canvas, "Power in place and used", Space { top: split + 8.0, ..space });
                self.power(canvas, frame, lower, s.left);
            }
        })
    }

    fn table(&self, frame: &Frame) -> Grid {
        let row = |(name, v): (String, [f64; 3])| [name, money(v[0]), money(v[1]), money(v[2])];
        Grid::new(["Year", "Announced, unspent", "Firm", "Spent in the year"], self.bars(frame).into_iter().map(row))
    }
}

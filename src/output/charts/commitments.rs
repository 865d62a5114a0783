//! Chart 13: compute commitments. What was announced, what is firm, and what is used.

use super::axis::Axis;
use super::bars::{self, GROUPS, Group, Looks};
use super::canvas::{Canvas, Sheet, Space, Words, sheet};
use super::house::{Role, WHITE, blend, money, percent, power, power_ticks};
use super::labels::{self, EndLabel};
use super::panels::{sum, years};
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

impl Commitments {
    /// The calendar years with their first and last months, the last of which ends with the run; with many years, every so
    /// many of them, always including the last.
    fn years(&self, frame: &Frame) -> Vec<(String, usize, usize)> {
        let all = years(frame, self.headline.len().max(self.firm.len()));
        let (every, last) = (all.len().div_ceil(GROUPS).max(1), all.len().saturating_sub(1));
        all.into_iter().enumerate().filter(|(i, _)| (last - i).is_multiple_of(every)).map(|y| y.1).collect()
    }

    fn at(values: &[f64], i: usize) -> f64 {
        values.get(i).copied().filter(|v| v.is_finite()).unwrap_or(0.0).max(0.0)
    }

    fn groups(&self, frame: &Frame) -> Vec<Group> {
        let of = |(name, from, to): (String, usize, usize)| {
            let spent = sum(&self.spent, from, to);
            (name, [Commitments::at(&self.headline, to), Commitments::at(&self.firm, to), spent])
        };
        self.years(frame).into_iter().map(of).collect()
    }

    /// Key, name and colour of each of a year's bars.
    pub(super) fn looks() -> Looks {
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
        let groups = self.groups(frame);
        let total = |v: &[f64]| v.iter().copied().filter(|v| v.is_finite()).sum::<f64>();
        let share = total(&self.used) / total(&self.place);
        let use_of = if share.is_finite() {
            format!("; {} of the power in place is used", percent(share))
        } else {
            String::new()
        };
        match groups.first() {
            Some((_, [headline, firm, _])) if *headline > 0.0 => {
                let end = super::house::month(frame.month(self.years(frame).first().map_or(0, |y| y.2)));
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
        let groups = self.groups(frame);
        let metric = "Commitments to compute at the end of each year, present value where firm, and spending in it, US$ · power in place and used · means across paths";
        let list: Vec<String> = groups
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
            let upper = Space { top: space.top + 12.0, bottom: split, right, ..space };
            let mut plot = bars::plot(&groups, upper);
            // Both plots have the same left edge.
            let lower = self.lower(frame, Space { top: split + 30.0, right, ..space });
            plot.space.left = plot.space.left.max(lower.space.left);
            let looks = Commitments::looks();
            let seen = looks.iter().enumerate().filter(|(k, _)| groups.iter().any(|group| group.1[*k] > 0.0));
            let legend: Vec<(usize, String)> = seen.map(|(k, look)| (k, look.1.to_owned())).collect();
            bars::draw(canvas, &plot, &groups, &looks, (&legend, 24.0));
            let s = plot.space;
            if powered {
                caption(canvas, "Power in place and used", Space { top: split + 8.0, ..space });
                self.power(canvas, frame, lower, s.left);
            }
        })
    }

    fn table(&self, frame: &Frame) -> Grid {
        let row = |(name, v): (String, [f64; 3])| [name, money(v[0]), money(v[1]), money(v[2])];
        Grid::new(["Year", "Announced, unspent", "Firm", "Spent in the year"], self.groups(frame).into_iter().map(row))
    }
}

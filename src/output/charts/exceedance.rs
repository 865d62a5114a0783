//! Chart 9: how much external funding is needed, and how often more.

use plotters::style::text_anchor::HPos;

use super::axis::Axis;
use super::canvas::{Sheet, Type, Words, sheet};
use super::house::{GREY, INK, Role, SMALL, money, money_ticks, percent, text_colour};
use super::plot::Plot;
use super::{Frame, Grid, Picture, Shown};

/// Share of paths on which more than an amount is needed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Exceedance {
    /// Amounts in US dollars, ascending from zero, and the share of paths above each.
    pub points: Vec<(f64, f64)>,
}

/// If a smaller share of paths needs any money, no chart is drawn: a sentence says more than a nearly empty sheet.
const FEW: f64 = 0.02;

/// A share without meaningless decimals: `5%`.
fn round(share: f64) -> String {
    percent(share).replace(".0%", "%")
}

/// More than the distance between neighbouring quantiles of the table.
const STEP: f64 = 0.03;
/// The shares that are marked.
const MARKS: [f64; 4] = [0.5, 0.25, 0.1, 0.05];

impl Exceedance {
    /// A chart of these points; none where few paths need anything, or where all those that do need the same amount.
    pub fn new(points: Vec<(f64, f64)>) -> Option<Exceedance> {
        let any = points.first().map_or(0.0, |p| p.1);
        (any >= FEW && points.len() > 2).then_some(Exceedance { points })
    }
    /// The smallest amount that is exceeded on at most this share of the paths, and the share on which it is exceeded.
    fn point(&self, share: f64) -> Option<(f64, f64)> {
        self.points.iter().copied().find(|p| p.1 <= share)
    }
    /// The smallest amount that is exceeded on at most this share of the paths.
    fn amount(&self, share: f64) -> Option<f64> {
        self.point(share).map(|p| p.0)
    }
    /// The points, with a step where a single amount accounts for more of the paths than lie between two of the table's
    /// quantiles.
    fn steps(&self) -> Vec<(f64, f64)> {
        let mut out: Vec<(f64, f64)> = Vec::with_capacity(self.points.len());
        for &(amount, share) in &self.points {
            if let Some(&(_, before)) = out.last().filter(|last| last.1 - share > STEP) {
                out.push((amount, before));
            }
            out.push((amount, share));
        }
        out
    }
    /// Share of paths on which anything at all is needed.
    fn any(&self) -> f64 {
        self.points.first().map_or(f64::NAN, |p| p.1)
    }
}

impl Picture for Exceedance {
    fn title(&self, _: &Frame) -> String {
        match (self.any(), self.amount(0.5), self.amount(0.05)) {
            (any, Some(half), Some(tail)) if half > 0.0 => {
                let all = if any < 1.0 { format!(" ({} need any)", percent(any)) } else { String::new() };
                format!(
                    "Half of all paths need over {} of external funding at the peak, one in twenty over {}{all}",
                    money(half),
                    money(tail)
                )
            }
            (any, _, Some(0.0)) => format!("{} of paths need external funding", percent(any)),
            (any, _, Some(tail)) => {
                format!("{} of paths need external funding; one in twenty more than {}", percent(any), money(tail))
            }
            _ => "Peak funding is undefined".into(),
        }
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let n = frame.paths.max(1) as f64;
        let error = |p: f64| 1.96 * (p * (1.0 - p) / n).sqrt();
        let metric =
            "Share of paths whose peak cumulative gap exceeds opening cash by more than a given amount, US$ · \
             band: 95% interval of the estimate"
                .to_owned();
        let told: Vec<String> = MARKS
            .iter()
            .filter_map(|&m| Some(format!("{} need more than {}", round(m), money(self.amount(m)?))))
            .collect();
        let desc = format!("{title}. Of the paths, {}.", told.join("; "));
        sheet(frame, Words { title, metric, desc }, |canvas, mut space| {
            space.right -= 30.0;
            space.top += 6.0;
            // The axis ends where 1% of the paths remain, since beyond that the chart would show only the length of the
            // tail; where few paths need any money, where a tenth of those remain.
            let end = self.amount((0.1 * self.any()).min(0.01)).unwrap_or(0.0);
            let highest = self.any().max(0.02);
            let lift = if highest > 0.7 { 1.0 } else { (highest * 1.12).min(1.0) };
            let y = Axis::of(0.0, lift, super::house::percent_ticks);
            let plot = Plot::new(space, Axis::of(0.0, if end > 0.0 { end } else { 1e9 }, money_ticks), y);
            plot.grid(canvas);
            let colour = Role::Gap.colour();
            let inside: Vec<(f64, f64)> =
                self.steps().into_iter().filter(|p| (0.0..=plot.x.hi).contains(&p.0)).collect();
            canvas.series("peak-funding", |canvas| {
                let edge = |sign: f64| {
                    let of = |p: &(f64, f64)| plot.at((p.0, (p.1 + sign * error(p.1)).clamp(0.0, plot.y.hi)));
                    inside.iter().map(of).collect::<Vec<_>>()
                };
                let ring: Vec<_> = edge(1.0).into_iter().chain(edge(-1.0).into_iter().rev()).collect();
                if ring.len() > 2 {
                    canvas.area(&ring, colour, 0.22);
                }
                let line: Vec<_> = inside.iter().map(|p| plot.at(*p)).collect();
                canvas.line(&line, colour, 1.0, 2.8);
            });
            plot.zero(canvas);
            let s = plot.space;
            // At a step, no amount corresponds to exactly that share.
            let at = |&m: &f64| Some((m, self.point(m).filter(|p| p.1 > m - STEP)?.0));
            let marks = MARKS.iter().filter_map(at).filter(|m| m.1 > 0.0 && m.1 <= plot.x.hi);
            // The curve falls, so there is always room above it: from right to left, each label is placed above the
            // previous one.
            let curve_at = |x: f64| inside.iter().map(|p| plot.at(*p)).find(|p| p.0 >= x).map_or(s.bottom, |p| p.1);
            let mut above = s.bottom;
            for (m, v) in marks.collect::<Vec<_>>().into_iter().rev() {
                let (x, y) = plot.at((v, m));
                let look = Type::bold(SMALL + 0.5, text_colour(colour));
                let text = format!("{} need more than {}", round(m), money(v));
                let left = (x + 9.0).min(s.right + 26.0 - look.width(&text));
                let text_y = (y - 12.0).min(curve_at(left) - 14.0).min(above - 19.0);
                above = text_y;
                canvas.line(&[(x, if left < x { text_y + 9.0 } else { y }), (x, s.bottom)], INK, 0.35, 0.8);
                canvas.dot((x, y), 4.0, colour);
                canvas.text(&text, left, text_y, look, HPos::Left);
                canvas.end(Some(colour), vec![text]);
            }
            if self.any() < 1.0 && self.any() > 0.0 {
                let text = format!("{} need nothing", percent(1.0 - self.any()));
                let at = plot.at((0.0, self.any()));
                canvas.text(&text, at.0 + 6.0, s.bottom - 12.0, Type::plain(SMALL, GREY), HPos::Left);
            }
            let places = inside.iter().map(|p| (p.0, money(p.0)));
            let values = inside.iter().map(|p| percent(p.1)).collect();
            plot.hover(canvas, places, vec![Shown::new("peak-funding", "Paths that need more", colour, values)]);
        })
    }

    fn table(&self, _: &Frame) -> Grid {
        Grid::new(["Peak funding", "Paths that need more"], self.points.iter().map(|p| [money(p.0), percent(p.1)]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_amount_for_all_is_a_step() {
        let sure = Exceedance { points: vec![(0.0, 1.0), (442e9, 0.0)] };
        assert_eq!(sure.steps(), [(0.0, 1.0), (442e9, 1.0), (442e9, 0.0)]);
        // A smooth curve in steps of one percent has none.
        let smooth = Exceedance { points: (0..=100).map(|k| (f64::from(k), 1.0 - f64::from(k) / 100.0)).collect() };
        assert_eq!(smooth.steps(), smooth.points);
    }
}

//! Chart 14: what providers of capital earn.

use super::axis::Axis;
use super::canvas::{Sheet, Words, sheet};
use super::house::{BLUE, INK, Role, WHITE, multiple, percent, percent_ticks, text_colour};
use super::rows::Rows;
use super::{Frame, Grid, Picture, Shown};

/// Returns by provider.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Returns {
    /// The providers of capital.
    pub providers: Vec<Provider>,
}

/// A provider of capital.
#[derive(Clone, Debug, PartialEq)]
pub struct Provider {
    /// Name.
    pub label: String,
    /// Its role.
    pub role: Role,
    /// Annual internal rate of return at 5, 25, 50, 75 and 95% of the paths on which it is defined; NaN where
    /// undefined.
    pub irr: [f64; 5],
    /// Share of paths on which it is undefined.
    pub undefined: f64,
    /// Median multiple of invested capital.
    pub moic: f64,
    /// Annual hurdle rate of its waterfall.
    pub hurdle: Option<f64>,
}

/// Largest number of providers drawn.
const MOST: usize = 13;
/// A rate that is undefined on a larger share of the paths is not representative, and is not drawn.
const SELDOM: f64 = 0.95;
/// Rates beyond which a bar is cut.
const REACH: (f64, f64) = (-1.0, 1.0);

impl Provider {
    /// Whether its rate of return is defined on enough paths to be drawn.
    fn drawn(&self) -> bool {
        self.undefined <= SELDOM && self.irr.iter().all(|v| v.is_finite())
    }
    /// Whether its rate of return differs enough between paths for a chart.
    pub fn varies(&self) -> bool {
        self.drawn() && self.irr[4] - self.irr[0] >= 0.001
    }
}

impl Picture for Returns {
    fn title(&self, _: &Frame) -> String {
        // Of those who earn a return on most paths, the one whose return is least certain: a credit line that is seldom
        // drawn has a rate of return too.
        let known = self.providers.iter().filter(|p| p.drawn());
        let usual = known.clone().filter(|p| p.undefined <= 0.5);
        let spread = |p: &Provider| p.irr[2] - p.irr[0];
        let least_sure = |a: &&Provider, b: &&Provider| spread(a).total_cmp(&spread(b));
        match usual.max_by(least_sure).or_else(|| known.max_by(least_sure)) {
            None => "No provider has a rate of return on more than one path in twenty".into(),
            Some(p) => format!(
                "{}: {} a year at the median, {} or less on one path in twenty",
                p.label,
                percent(p.irr[2]),
                percent(p.irr[0])
            ),
        }
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let drawn = &self.providers[..self.providers.len().min(MOST)];
        let rest = self.providers.len() - drawn.len();
        let more = if rest > 0 { format!(" · {rest} more not drawn") } else { String::new() };
        let hurdles = if drawn.iter().any(|p| p.hurdle.is_some()) { ", diamond: hurdle" } else { "" };
        let seldom = if drawn.iter().any(|p| p.undefined > SELDOM && p.undefined < 1.0) {
            " · not drawn where it is undefined on more than 95%"
        } else {
            ""
        };
        let metric = format!(
            "Internal rate of return a year, of paths on which it is defined · line: 5 to 95%, bar: 25 to 75%, notch: median{hurdles}{seldom}{more}"
        );
        let list: Vec<String> = drawn
            .iter()
            .map(|p| {
                format!(
                    "{}: median {}, 90%: {} to {}, undefined on {} of paths",
                    p.label,
                    percent(p.irr[2]),
                    percent(p.irr[0]),
                    percent(p.irr[4]),
                    percent(p.undefined)
                )
            })
            .collect();
        let desc = format!("{title}. {}.", list.join("; "));
        sheet(frame, Words { title, metric, desc }, |canvas, mut space| {
            space.top += 22.0;
            let names: Vec<_> = drawn.iter().map(|p| (p.label.clone(), text_colour(p.role.colour()))).collect();
            let rates = |p: &Provider| if p.drawn() { p.irr } else { [f64::NAN; 5] };
            let all = || drawn.iter().flat_map(|p| rates(p).into_iter().chain(p.hurdle)).filter(|v| v.is_finite());
            let (lo, hi) = (all().fold(0.0, f64::min).max(REACH.0), all().fold(0.05, f64::max).min(REACH.1));
            let air = 0.04 * (hi - lo);
            let right = space.right;
            let x = Axis::of(lo - air, hi + air, percent_ticks);
            let rows = Rows::new(canvas, space, &names, x, 236.0);
            for (text, x) in [("median", right - 160.0), ("multiple", right - 86.0), ("undefined", right)] {
                rows.heading(canvas, text, x);
            }
            let half = (0.26 * rows.step()).min(8.0);
            for (row, p) in drawn.iter().enumerate() {
                let (y, colour) = (rows.y(row), p.role.colour());
                if p.drawn() {
                    canvas.series("irr", |canvas| {
                        let [a, b, c, d, e] = p.irr.map(|v| rows.at(v));
                        canvas.line(&[(a, y), (e, y)], text_colour(colour), 0.9, 1.6);
                        for (x, v, sign) in [(a, p.irr[0], 1.0), (e, p.irr[4], -1.0)] {
                            if !rows.holds(v) {
                                let tip = [(x, y), (x + sign * 8.0, y - 5.0), (x + sign * 8.0, y + 5.0)];
                                canvas.area(&tip, text_colour(colour), 1.0);
                            }
                        }
                        // A bar of zero width must still be visible.
                        let (b, d) =
                            if d - b < 3.0 { (f64::midpoint(b, d) - 1.5, f64::midpoint(b, d) + 1.5) } else { (b, d) };
                        canvas.rectangle((b, y - half), (d, y + half), colour, 1.0);
                        canvas.rectangle((c - 2.4, y - half - 3.0), (c + 2.4, y + half + 3.0), WHITE, 1.0);
                        canvas.rectangle((c - 1.4, y - half - 2.0), (c + 1.4, y + half + 2.0), INK, 1.0);
                    });
                }
                if let Some(hurdle) = p.hurdle.filter(|h| rows.holds(*h)) {
                    let x = rows.at(hurdle);
                    canvas.series("hurdle", |canvas| {
                        for (size, colour) in [(7.0, WHITE), (5.2, BLUE)] {
                            canvas.area(&[(x - size, y), (x, y - size), (x + size, y), (x, y + size)], colour, 1.0);
                        }
                    });
                }
                if p.drawn() {
                    let figures = format!(
                        "{} a year at the median, {} or less on one path in twenty",
                        percent(p.irr[2]),
                        percent(p.irr[0])
                    );
                    canvas.end(Some(colour), vec![p.label.clone(), figures]);
                }
                let text = |v: f64, write: fn(f64) -> String| if v.is_finite() { write(v) } else { "–".into() };
                rows.figure(canvas, row, &text(rates(p)[2], percent), right - 160.0, true);
                rows.figure(canvas, row, &text(p.moic, multiple), right - 86.0, false);
                rows.figure(canvas, row, &text(p.undefined, percent), right, false);
            }
            let values = drawn
                .iter()
                .map(|p| format!("{} (90%: {} to {})", percent(p.irr[2]), percent(p.irr[0]), percent(p.irr[4])));
            let mut shown = vec![Shown::new("irr", "Rate of return", INK, values.collect())];
            if !hurdles.is_empty() {
                let hurdle = |p: &Provider| p.hurdle.map_or_else(String::new, percent);
                shown.push(Shown::new("hurdle", "Hurdle", BLUE, drawn.iter().map(hurdle).collect()));
            }
            rows.hover(canvas, &names, shown);
        })
    }

    fn table(&self, _: &Frame) -> Grid {
        let head = ["Provider", "5%", "25%", "median", "75%", "95%", "Undefined on", "Median multiple"];
        let row = |p: &Provider| {
            let [a, b, c, d, e] = p.irr.map(percent);
            [p.label.clone(), a, b, c, d, e, percent(p.undefined), multiple(p.moic)]
        };
        Grid::new(head, self.providers.iter().map(row))
    }
}

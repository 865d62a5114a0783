//! Chart 25: cases of a comparison on common random numbers. Survival, cash, the cumulative gap and the founders' stake,
//! each case in the same colour in every panel.

use plotters::style::RGBColor;
use serde::{Deserialize, Serialize};

use super::axis::Axis;
use super::canvas::{Canvas, Sheet, Space, Type, Words, sheet};
use super::house::{BLUE, GREEN, ORANGE, PURPLE, SKY, SMALL, VERMILLION, money, percent, text_colour};
use super::labels::{self, EndLabel};
use super::plot::{Plot, reach};
use super::quantity::{ERRORS, Measured, Unit, ends, nullables};
use super::spend_revenue::{caption, nothing};
use super::survival::floor;
use super::words::written;
use super::{Band, Frame, Grid, Picture, Shown, by_month, last_defined};

/// A comparison of cases.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Overlay {
    /// The cases, of which at most six are drawn; the others are compared to the first.
    pub cases: Vec<OverlayCase>,
}

/// One case. Series have one value per month; a month without a value is NaN, which JSON stores as null.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OverlayCase {
    /// Its name.
    pub name: String,
    /// Probability of running out of cash.
    pub probability: Measured,
    /// Its paired difference from the first case.
    pub difference: Measured,
    /// Share of paths that have not run out of cash.
    #[serde(with = "nullables")]
    pub survival: Vec<f64>,
    /// Median cash, US dollars.
    #[serde(with = "nullables")]
    pub cash: Vec<f64>,
    /// The 5% quantile of cash, US dollars.
    #[serde(with = "nullables")]
    pub cash_p05: Vec<f64>,
    /// The 95% quantile of cash, US dollars.
    #[serde(with = "nullables")]
    pub cash_p95: Vec<f64>,
    /// Median cumulative gap between spending and revenue, US dollars.
    #[serde(with = "nullables")]
    pub gap: Vec<f64>,
    /// Median stake of the founders.
    #[serde(with = "nullables")]
    pub founders: Vec<f64>,
}

/// Largest number of cases drawn.
const MOST: usize = 6;
/// Colours and dashes of the cases; the dashes distinguish them in greyscale.
const LOOKS: [(RGBColor, Option<(f64, f64)>); MOST] = [
    (BLUE, None),
    (VERMILLION, Some((9.0, 4.0))),
    (GREEN, Some((3.0, 3.0))),
    (PURPLE, Some((14.0, 5.0))),
    (ORANGE, Some((6.0, 2.5))),
    (SKY, Some((2.0, 4.0))),
];
/// Largest number of cases whose bands are shaded, and whose probabilities are in the subtitle.
const SHADED: usize = 3;
/// Maximum width of a label at the end of a line.
const LABEL: f64 = 146.0;

/// What a panel shows of a case.
struct Part {
    caption: &'static str,
    of: fn(&OverlayCase) -> &Vec<f64>,
    write: fn(f64) -> String,
    /// Position of the first month on the time axis.
    first: f64,
}

const PARTS: [Part; 4] = [
    Part { caption: "Paths that still have cash", of: |c| &c.survival, write: percent, first: 1.0 },
    Part { caption: "Cash: median, 5% and 95%", of: |c| &c.cash, write: money, first: 1.0 },
    Part { caption: "Cumulative gap, median", of: |c| &c.gap, write: money, first: 1.0 },
    Part { caption: "Founders’ stake, median", of: |c| &c.founders, write: percent, first: 1.0 },
];

fn key(case: usize) -> String {
    format!("case-{}", case + 1)
}

impl Overlay {
    fn drawn(&self) -> &[OverlayCase] {
        &self.cases[..self.cases.len().min(MOST)]
    }

    fn axis(&self, panel: usize) -> Axis {
        let all = || self.drawn().iter().flat_map(|c| (PARTS[panel].of)(c).iter().copied());
        match panel {
            0 => Axis::share(floor(ends(all()).map_or(1.0, |e| e.0))),
            1 => {
                let bands: Vec<Band> = self.drawn().iter().map(OverlayCase::band).collect();
                let (lo, hi, _) = reach(&bands.iter().collect::<Vec<_>>());
                Axis::money(lo, hi)
            }
            2 => ends(all()).map_or_else(|| Axis::money(0.0, 0.0), |(lo, hi)| Axis::money(lo, hi)),
            _ => Unit::Share.axis(all()),
        }
    }

    fn panel(&self, canvas: &mut Canvas, frame: &Frame, number: usize, space: Space) {
        let part = &PARTS[number];
        caption(canvas, part.caption, space);
        let mut inner = Space { top: space.top + 25.0, ..space };
        inner.right -= labels::room(&self.labels(part, None));
        let months = self.drawn().iter().map(|c| (part.of)(c).len()).max().unwrap_or(0);
        let plot = Plot::new(inner, Axis::months(frame.start, months), self.axis(number));
        plot.grid(canvas);
        if self.drawn().iter().all(|c| last_defined((part.of)(c)).is_none()) {
            nothing(canvas, plot.space);
        }
        if number == 1 {
            self.bands(canvas, &plot, part.first);
        }
        for (i, case) in self.drawn().iter().enumerate().rev() {
            let (colour, dash) = LOOKS[i];
            canvas.series(&key(i), |canvas| {
                for piece in plot.polylines((part.of)(case), part.first) {
                    match dash {
                        None => canvas.line(&piece, colour, 1.0, 2.6),
                        Some(dash) => canvas.dashed(&piece, colour, 2.2, dash),
                    }
                }
            });
        }
        plot.zero(canvas);
        let s = plot.space;
        labels::draw(canvas, &self.labels(part, Some(&plot)), s.right, s.top - 8.0, s.bottom + 8.0);
        let shown = self.drawn().iter().enumerate();
        let shown =
            shown.map(|(i, c)| Shown::new(&key(i), &c.name, LOOKS[i].0, written((part.of)(c), part.write))).collect();
        plot.hover_months(canvas, frame, part.first, shown);
    }

    /// The 90% bands of cash: thin lines at their ends, shaded if there are few.
    fn bands(&self, canvas: &mut Canvas, plot: &Plot, first: f64) {
        for (i, case) in self.drawn().iter().enumerate() {
            let colour = LOOKS[i].0;
            canvas.series(&key(i), |canvas| {
                if self.drawn().len() <= SHADED {
                    plot.between(canvas, &case.cash_p05, &case.cash_p95, first, (colour, 0.13));
                }
                for end in [&case.cash_p05, &case.cash_p95] {
                    plot.series(canvas, end, first, (colour, 0.75, 1.0));
                }
            });
        }
    }

    /// The value and the name of each case at the end of its line.
    fn labels(&self, part: &Part, plot: Option<&Plot>) -> Vec<EndLabel> {
        let label = |(i, case): (usize, &OverlayCase)| {
            let last = last_defined((part.of)(case))?.1;
            let y = plot.map_or(0.0, |p| p.at((0.0, last)).1.clamp(p.space.top, p.space.bottom));
            let colour = text_colour(LOOKS[i].0);
            let look = if i == 0 { Type::bold(SMALL, colour) } else { Type::plain(SMALL, colour) };
            let text = look.fit(&format!("{}  {}", (part.write)(last), case.name), LABEL);
            Some(EndLabel { y, rows: vec![(text, look)], swatch: None, leader: true, key: key(i) })
        };
        self.drawn().iter().enumerate().filter_map(label).collect()
    }

    /// The case that differs most from the first, if one differs by more than its error.
    fn other(&self) -> Option<&OverlayCase> {
        let others = self.cases.iter().skip(1).filter(|c| c.difference.is_clear(ERRORS));
        others.max_by(|a, b| a.difference.value.abs().total_cmp(&b.difference.value.abs()))
    }
}

impl OverlayCase {
    /// Its cash as a band, of which only the ends and the median are known.
    fn band(&self) -> Band {
        Band { p05: self.cash_p05.clone(), p50: self.cash.clone(), p95: self.cash_p95.clone(), ..Band::default() }
    }
}

impl Picture for Overlay {
    fn title(&self, _: &Frame) -> String {
        let Some((first, others)) = self.cases.split_first() else { return "No case to compare".into() };
        if others.iter().all(|c| !c.difference.is_known()) {
            let p = Unit::Share.estimate(first.probability);
            return if p.is_empty() {
                "The probability of running out of cash is undefined".into()
            } else {
                format!("Cash runs out in {p} of paths in “{}”", first.name)
            };
        }
        match self.other() {
            None if others.len() == 1 => format!(
                "“{}” cannot be distinguished from “{}” by the probability of running out of cash",
                others[0].name, first.name
            ),
            None => {
                format!("No case can be distinguished from “{}” by the probability of running out of cash", first.name)
            }
            Some(case) => {
                let (d, unit) = (case.difference, Unit::Share);
                format!(
                    "In “{}” cash runs out in {} {} paths than in “{}” ({})",
                    case.name,
                    unit.size(d.value),
                    if d.value < 0.0 { "fewer" } else { "more" },
                    first.name,
                    unit.error(d.se)
                )
                .replace(" ()", "")
            }
        }
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let left = self.cases.len() - self.drawn().len();
        let left = match left {
            0 => String::new(),
            1 => " · 1 more case only in the table".into(),
            n => format!(" · {n} more cases only in the table"),
        };
        let ruin = self.drawn().iter().map(|c| (c, Unit::Share.estimate(c.probability))).filter(|c| !c.1.is_empty());
        let ruin: Vec<String> = ruin.map(|(c, p)| format!("{} {p}", c.name)).collect();
        let few = !ruin.is_empty() && ruin.len() <= SHADED;
        let said = if few { format!(" · out of cash: {}", ruin.join(", ")) } else { String::new() };
        let desc = format!("{title}. Probability of running out of cash: {}.", ruin.join(", "));
        let metric = format!("Cases on the same draws · thin lines: 5% and 95% quantiles of cash{left}{said}");
        sheet(frame, Words { title, metric, desc }, |canvas, space| {
            let (middle, half) = (f64::midpoint(space.left, space.right), f64::midpoint(space.top, space.bottom));
            for number in 0..PARTS.len() {
                let (left, right) =
                    if number % 2 == 0 { (space.left, middle - 6.0) } else { (middle + 6.0, space.right) };
                let (top, bottom) = if number < 2 { (space.top, half - 4.0) } else { (half + 4.0, space.bottom) };
                self.panel(canvas, frame, number, Space { left, right, top, bottom });
            }
        })
    }

    fn table(&self, frame: &Frame) -> Grid {
        let column =
            |case: &OverlayCase, what: &str, v: &[f64], write| (format!("{}, {what}", case.name), written(v, write));
        let columns = self.cases.iter().flat_map(|c| {
            [
                column(c, "still has cash", &c.survival, percent),
                column(c, "cash, 5%", &c.cash_p05, money),
                column(c, "cash, median", &c.cash, money),
                column(c, "cash, 95%", &c.cash_p95, money),
                column(c, "cumulative gap", &c.gap, money),
                column(c, "founders’ stake", &c.founders, percent),
            ]
        });
        by_month(frame, &columns.collect::<Vec<_>>())
    }
}

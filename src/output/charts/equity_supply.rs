//! Chart 19: equity asked against supplied, by calendar year, and what the flow of new equity does to its price.

use super::axis::Axis;
use super::bars::{self, GROUPS, Group, Looks};
use super::canvas::{Sheet, Space, Type, Words, sheet};
use super::house::{GREY, Role, SMALL, VERMILLION, money, month, percent, percent_ticks};
use super::panels::{Part, Trace, span, stack, sum, years};
use super::spend_revenue::caption;
use super::{Fan, Frame, Grid, Picture, last_defined};

/// Equity asked and raised by month, means across paths, and the factor on its price.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EquitySupply {
    /// What the rounds that are due ask for, US dollars in the month.
    pub asked: Vec<f64>,
    /// What they raise.
    pub raised: Vec<f64>,
    /// Factor on the price of a round for the flow of new equity.
    pub factor: Fan,
}

impl EquitySupply {
    /// Asked and raised over all months.
    pub fn totals(&self) -> (f64, f64) {
        (sum(&self.asked, 0, self.asked.len()), sum(&self.raised, 0, self.raised.len()))
    }

    /// By year: asked, raised, and what is left unfilled.
    fn groups(&self, frame: &Frame) -> Vec<Group> {
        let all = years(frame, self.asked.len().max(self.raised.len()));
        let of = |(name, from, to): (String, usize, usize)| {
            let (asked, raised) = (sum(&self.asked, from, to), sum(&self.raised, from, to));
            (name, [asked, raised, (asked - raised).max(0.0)])
        };
        all.into_iter().map(of).collect()
    }

    /// Key, name and colour of each of a year's bars.
    pub(super) fn looks() -> Looks {
        [
            ("asked", "Asked for", Role::Investor(3).colour()),
            ("raised", "Raised", Role::Investor(2).colour()),
            ("unfilled", "Left unfilled", VERMILLION),
        ]
    }

    /// The month in which the median price factor is lowest.
    fn cheapest(&self) -> Option<(usize, f64)> {
        let all = self.factor.band.p50.iter().copied().enumerate().filter(|v| v.1.is_finite());
        all.min_by(|a, b| a.1.total_cmp(&b.1))
    }
}

impl Picture for EquitySupply {
    fn title(&self, frame: &Frame) -> String {
        let (asked, raised) = self.totals();
        let end = last_defined(&self.asked).map_or_else(String::new, |(i, _)| format!(" by {}", month(frame.month(i))));
        if asked <= 0.0 {
            return format!("No round asks for equity{end}");
        }
        let short = (asked - raised).max(0.0) / asked;
        let said = if short < 0.0005 {
            format!("Supply covers the {} of equity that rounds ask for{end}", money(asked))
        } else {
            format!("Of {} of equity that rounds ask for{end}, {} is not supplied", money(asked), percent(short))
        };
        match self.cheapest().filter(|c| c.1 < 0.9995) {
            Some((i, factor)) => {
                format!(
                    "{said}; its flow lowers the price by up to {} ({})",
                    percent(1.0 - factor),
                    month(frame.month(i))
                )
            }
            None => said,
        }
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let mut groups = self.groups(frame);
        let skip = groups.len().saturating_sub(GROUPS);
        let cut = if skip > 0 { format!(", the last {GROUPS} years") } else { String::new() };
        let metric = format!(
            "Rounds that are due, committed money excluded, in each calendar year, US$, means over paths{cut} · factor on their price for the \
             flow of new equity: median with bands of 50% and 90%"
        );
        let list: Vec<String> = groups
            .iter()
            .map(|(name, [a, b, c])| {
                format!("{name}: asked {}, raised {}, unfilled {}", money(*a), money(*b), money(*c))
            })
            .collect();
        let desc = format!("{title}. {}.", list.join("; "));
        groups.drain(..skip);
        let (lo, hi) = span(&[&self.factor]);
        let low = if hi > 0.0 { lo.clamp(0.0, 0.95) } else { 0.0 };
        let y = Axis::of((low - (0.1 * (1.0 - low)).max(0.01)).max(0.0), 1.0, percent_ticks);
        let figures = last_defined(&self.factor.band.p50).map(|(i, v)| {
            let mut rows = vec![format!("median {} at the end", percent(v))];
            let b = &self.factor.band;
            if let (Some(lo), Some(hi)) =
                (b.p05.get(i).filter(|v| v.is_finite()), b.p95.get(i).filter(|v| v.is_finite()))
            {
                rows.push(format!("90%: {} to {}", percent(*lo), percent(*hi)));
            }
            rows
        });
        let trace = Trace {
            key: "factor",
            fan: &self.factor,
            figures: figures.unwrap_or_default(),
            colour: Role::Investor(0).colour(),
            thin: false,
        };
        sheet(frame, Words { title, metric, desc }, |canvas, space| {
            let split = space.top + 0.6 * (space.bottom - space.top);
            let part = Part {
                caption: "Price of a round, share of its price without that flow".into(),
                high: 1.0,
                y,
                traces: vec![trace],
                write: percent,
                level: None,
                first: 0.5,
            };
            let look = Type::plain(SMALL, GREY);
            let wide = bars::scale(&groups).ticks.iter().map(|t| look.width(&t.1)).fold(0.0, f64::max);
            let (left, right) = stack(canvas, frame, Space { top: split + 12.0, ..space }, vec![part], wide);
            caption(canvas, "Equity asked for and supplied", Space { top: space.top - 2.0, ..space });
            let upper = Space { top: space.top + 22.0, bottom: split, right, ..space };
            let mut plot = bars::plot(&groups, upper);
            plot.space.left = left;
            let looks = EquitySupply::looks();
            let total = |k: usize| money(groups.iter().map(|group| group.1[k]).sum());
            let legend: Vec<(usize, String)> =
                looks.iter().enumerate().map(|(k, look)| (k, format!("{} {}", look.1, total(k)))).collect();
            bars::draw(canvas, &plot, &groups, &looks, (&legend, 14.0));
        })
    }

    fn table(&self, frame: &Frame) -> Grid {
        let row = |(name, v): (String, [f64; 3])| [name, money(v[0]), money(v[1]), money(v[2])];
        Grid::new(["Year", "Asked for", "Raised", "Left unfilled"], self.groups(frame).into_iter().map(row))
    }
}

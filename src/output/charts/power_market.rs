//! Chart 18: the market for power. What power bought for the month costs against contracts, how tight the market is, and
//! what goes unserved.

use super::canvas::{Sheet, Words, sheet};
use super::house::{Role, money, money_ticks, month, percent};
use super::panels::{Part, Trace, factor, factors, from_zero, highest, line, span, stack, sum};
use super::plot::reach;
use super::words::{fan_columns, written};
use super::{Fan, Frame, Grid, Picture, by_month, last_defined};

/// Prices of power, tightness and unserved need by month.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PowerMarket {
    /// Price of power bought for the month, US dollars per gigawatt and year.
    pub spot: Fan,
    /// Price of contracted power; only its median is drawn.
    pub contract: Fan,
    /// Log by which need exceeds what was planned for.
    pub tightness: Fan,
    /// Customers' demand for which there was no power, mean over paths, US dollars of revenue in the month.
    pub customers: Vec<f64>,
    /// Research for which there was no power, mean over paths, US dollars in the month.
    pub research: Vec<f64>,
    /// Revenue, mean over paths, US dollars in the month.
    pub revenue: Vec<f64>,
}

/// A share of less than this is none.
const NONE: f64 = 0.0005;

/// A price of power: `$12.7B/GW-yr`.
fn a_year(usd: f64) -> String {
    let amount = if (1e9..1e12).contains(&usd) { format!("${:.1}B", usd / 1e9) } else { money(usd) };
    format!("{amount}/GW-yr")
}

impl PowerMarket {
    /// Share of customers' demand for which there was no power, over all months.
    pub fn unserved(&self) -> Option<f64> {
        let all = |values: &[f64]| sum(values, 0, values.len());
        let (lost, had) = (all(&self.customers), all(&self.revenue));
        (lost + had > 0.0).then(|| lost / (lost + had))
    }
}

impl Picture for PowerMarket {
    fn title(&self, frame: &Frame) -> String {
        let Some((i, spot)) = highest(&self.spot.band.p50) else {
            return "The price of power is undefined in every month".into();
        };
        let first = self.contract.band.p50.first().copied().filter(|v| *v > 0.0);
        let over = first.map_or_else(String::new, |first| {
            format!(", {}x the first contract price", (spot / first * 100.0).round() / 100.0)
        });
        let at = format!("The median spot price of power peaks at {} in {}{over}", a_year(spot), month(frame.month(i)));
        let research = sum(&self.research, 0, self.research.len());
        match (self.unserved().filter(|share| *share >= NONE), research > 0.5) {
            (Some(share), true) => {
                format!("{at}; {} of demand and {} of research go unserved", percent(share), money(research))
            }
            (Some(share), false) => format!("{at}; {} of demand goes unserved", percent(share)),
            (None, true) => format!("{at}; {} of research goes unserved", money(research)),
            (None, false) => format!("{at}; no need goes unserved"),
        }
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let contract = line(&self.contract.label, self.contract.band.p50.clone());
        let (_, top, cut) = reach(&[&self.spot.band, &contract.band]);
        let cut = if cut { ", cut at the edge" } else { "" };
        let metric = format!(
            "Spot price and tightness (need of the market over what was planned for it a lead time ago): medians with bands of 50% and \
             90%{cut} · contract price: median · unserved: means"
        );
        let unserved = [line("Customers", self.customers.clone()), line("Research", self.research.clone())];
        let total = |fan: &Fan| sum(&fan.band.p50, 0, fan.band.p50.len());
        let desc = format!(
            "{title}. Unserved over the run, means: customers {}, research {}.",
            money(total(&unserved[0])),
            money(total(&unserved[1]))
        );
        let (lo, hi) = span(&[&self.tightness]);
        let most = span(&[&unserved[0], &unserved[1]]).1;
        let ends = |fan: &Fan, write: fn(f64) -> String| {
            let Some((i, v)) = last_defined(&fan.band.p50) else { return Vec::new() };
            let range = fan.band.p05.get(i).zip(fan.band.p95.get(i)).filter(|(a, b)| a.is_finite() && b.is_finite());
            let mut rows = vec![write(v)];
            rows.extend(range.map(|(a, b)| format!("90%: {} to {}", write(*a), write(*b))));
            rows
        };
        let from = |values: &Fan| vec![format!("{} in all", money(total(values)))];
        let parts = vec![
            Part {
                caption: "Price of power, US$ a GW and year".into(),
                high: 0.42,
                y: from_zero(top, money_ticks),
                traces: vec![
                    Trace {
                        key: "spot",
                        fan: &self.spot,
                        figures: ends(&self.spot, money),
                        colour: Role::Compute(0).colour(),
                        thin: false,
                    },
                    Trace {
                        key: "contract",
                        fan: &contract,
                        figures: ends(&contract, money),
                        colour: Role::Compute(2).colour(),
                        thin: false,
                    },
                ],
                write: a_year,
                level: None,
                first: 0.5,
            },
            Part {
                caption: "Tightness; above 1x: more is needed than was planned for".into(),
                high: 0.29,
                y: factors(lo, hi),
                traces: vec![Trace {
                    key: "tightness",
                    fan: &self.tightness,
                    figures: ends(&self.tightness, factor),
                    colour: Role::Gap.colour(),
                    thin: false,
                }],
                write: factor,
                level: None,
                first: 0.5,
            },
            Part {
                caption: "Need for which there is no power, US$ a month".into(),
                high: 0.29,
                y: from_zero(most, money_ticks),
                traces: vec![
                    Trace {
                        key: "research",
                        fan: &unserved[1],
                        figures: from(&unserved[1]),
                        colour: Role::Compute(1).colour(),
                        thin: false,
                    },
                    Trace {
                        key: "customers",
                        fan: &unserved[0],
                        figures: from(&unserved[0]),
                        colour: Role::Customers.colour(),
                        thin: false,
                    },
                ],
                write: money,
                level: None,
                first: 0.5,
            },
        ];
        sheet(frame, Words { title, metric, desc }, |canvas, space| {
            stack(canvas, frame, space, parts, 0.0);
        })
    }

    fn table(&self, frame: &Frame) -> Grid {
        let mean = |name: &str, values: &[f64]| (format!("{name}, mean"), written(values, money));
        let of = [
            fan_columns(&self.spot, a_year),
            vec![(format!("{}, median", self.contract.label), written(&self.contract.band.p50, a_year))],
            fan_columns(&self.tightness, factor),
            vec![mean("Unserved customers", &self.customers), mean("Unserved research", &self.research)],
        ];
        by_month(frame, &of.concat())
    }
}

//! Chart 20: what investors pay against enterprise value, and the burden of firm obligations between the two.

use super::axis::Axis;
use super::canvas::{Sheet, Words, sheet};
use super::house::{Role, money, money_ticks, month, percent, percent_ticks};
use super::panels::{Part, Trace, from_zero, line, span, stack};
use super::plot::reach;
use super::spend_revenue::figures;
use super::words::{fan_columns, written};
use super::{Fan, Frame, Grid, Picture, by_month, last_defined};

/// Valuation, enterprise value and burden by month.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Valuation {
    /// Value of equity.
    pub equity: Fan,
    /// Enterprise value; only its median is drawn.
    pub enterprise: Fan,
    /// Expected cost of firm obligations beyond their use.
    pub burden: Fan,
    /// Mean valuation over mean enterprise value; NaN where there is none.
    pub ratio: Vec<f64>,
    /// Mean burden over mean enterprise value in the last month.
    pub weight: f64,
}

impl Picture for Valuation {
    fn title(&self, frame: &Frame) -> String {
        let Some((i, share)) = last_defined(&self.ratio) else {
            return "The lab has no enterprise value in any month".into();
        };
        let what =
            format!("On average investors pay {} of enterprise value in {}", percent(share), month(frame.month(i)));
        if self.weight.is_nan() || self.weight < 0.0005 {
            format!("{what}; nothing promised exceeds its use")
        } else {
            format!("{what}; what is promised beyond its use weighs {} of it", percent(self.weight))
        }
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let enterprise = line(&self.enterprise.label, self.enterprise.band.p50.clone());
        let (_, top, cut) = reach(&[&self.equity.band, &enterprise.band]);
        let (_, most, cut_too) = reach(&[&self.burden.band]);
        let cut = if cut || cut_too { ", cut at the edge" } else { "" };
        let metric = format!(
            "US$ at month end, a lab that has ended counts as 0 · medians, with bands of 50% and 90% of valuation and burden{cut} · also between the \
             two: debt, cash, and the cost of scarce power"
        );
        let desc = format!(
            "{title}. {} {} {}",
            figures(&self.equity, frame),
            figures(&enterprise, frame),
            figures(&self.burden, frame)
        );
        let ends = |fan: &Fan| {
            let Some((i, v)) = last_defined(&fan.band.p50) else { return Vec::new() };
            let range = fan.band.p05.get(i).zip(fan.band.p95.get(i)).filter(|(a, b)| a.is_finite() && b.is_finite());
            let mut rows = vec![format!("median {}", money(v))];
            rows.extend(range.map(|(a, b)| format!("90%: {} to {}", money(*a), money(*b))));
            rows
        };
        let end = last_defined(&self.ratio).map_or_else(String::new, |(_, v)| percent(v));
        let ratio = line(&format!("{end} at the end"), self.ratio.clone());
        let (low, high) = span(&[&ratio]);
        let (low, high) = if high > 0.0 { (low.min(1.0), high.clamp(1.0, 10.0)) } else { (0.0, 1.0) };
        let air = (0.1 * (high - low)).max(0.01);
        let parts = vec![
            Part {
                caption: "Valuation, as investors see it, and enterprise value".into(),
                high: 0.44,
                y: from_zero(top, money_ticks),
                traces: vec![
                    Trace {
                        key: "valuation",
                        fan: &self.equity,
                        figures: ends(&self.equity),
                        colour: Role::Investor(0).colour(),
                        thin: false,
                    },
                    Trace {
                        key: "enterprise",
                        fan: &enterprise,
                        figures: ends(&enterprise),
                        colour: Role::Gap.colour(),
                        thin: true,
                    },
                ],
                write: money,
                level: None,
                first: 1.0,
            },
            Part {
                caption: "Mean valuation over mean enterprise value".into(),
                high: 0.26,
                y: Axis::of((low - air).max(0.0), high + air, percent_ticks),
                traces: vec![Trace {
                    key: "ratio",
                    fan: &ratio,
                    figures: Vec::new(),
                    colour: Role::Investor(2).colour(),
                    thin: false,
                }],
                write: percent,
                level: Some(1.0),
                first: 1.0,
            },
            Part {
                caption: "Burden: expected cost of firm obligations beyond their use, ten years ahead".into(),
                high: 0.30,
                y: from_zero(most, money_ticks),
                traces: vec![Trace {
                    key: "burden",
                    fan: &self.burden,
                    figures: ends(&self.burden),
                    colour: Role::Compute(2).colour(),
                    thin: false,
                }],
                write: money,
                level: None,
                first: 1.0,
            },
        ];
        sheet(frame, Words { title, metric, desc }, |canvas, space| {
            stack(canvas, frame, space, parts, 0.0);
        })
    }

    fn table(&self, frame: &Frame) -> Grid {
        let of = [
            fan_columns(&self.equity, money),
            vec![(format!("{}, median", self.enterprise.label), written(&self.enterprise.band.p50, money))],
            vec![("Mean valuation over mean enterprise value".to_owned(), written(&self.ratio, percent))],
            fan_columns(&self.burden, money),
        ];
        by_month(frame, &of.concat())
    }
}

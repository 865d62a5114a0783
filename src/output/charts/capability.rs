//! Chart 17: capability beside spending and revenue. The lead over rivals, what it does to demand, and the share of
//! research for which there was power.

use super::axis::Axis;
use super::canvas::{Sheet, Words, sheet};
use super::house::{GREY, Role, money, money_ticks, month, percent, percent_ticks};
use super::panels::{Part, Trace, factor, factors, from_zero, line, span, stack};
use super::words::{fan_columns, written};
use super::{Fan, Frame, Grid, Picture, by_month, last_defined};

/// Spending, revenue and capability by month.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Capability {
    /// Spending; only its median is drawn.
    pub spend: Fan,
    /// Revenue; only its median is drawn.
    pub revenue: Fan,
    /// Log of the lead over rivals since the start.
    pub lead: Fan,
    /// Log effect of that lead on demand.
    pub effect: Fan,
    /// Share of the month's research for which there was power, mean over paths.
    pub served: Vec<f64>,
}

/// A change of less than this is none.
const NONE: f64 = 0.0005;

impl Capability {
    /// Share of research for which there was power, averaged over months.
    pub fn mean_served(&self) -> Option<f64> {
        let all: Vec<f64> = self.served.iter().copied().filter(|v| v.is_finite()).collect();
        (!all.is_empty()).then(|| all.iter().sum::<f64>() / all.len() as f64)
    }
}

impl Picture for Capability {
    fn title(&self, frame: &Frame) -> String {
        let Some((i, log)) = last_defined(&self.effect.band.p50) else {
            return "Capability is undefined in every month".into();
        };
        let (by, change) = (month(frame.month(i)), log.exp_m1());
        let what = if change.abs() < NONE {
            format!("Capability leaves median revenue as it is by {by}")
        } else if change < 0.0 {
            format!("Capability takes {} off revenue at the median by {by}", percent(-change))
        } else {
            format!("Capability adds {} to revenue at the median by {by}", percent(change))
        };
        match self.mean_served().filter(|s| *s < 0.995) {
            Some(served) => format!("{what}; there is power for {} of research", percent(served)),
            None => what,
        }
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let metric = "Medians of spending and revenue · lead over rivals’ research since the start: median · factor by which it \
             moves demand: median with bands of 50% and 90% · power for research: mean";
        let end = |fan: &Fan, write: fn(f64) -> String| {
            let (i, v) = last_defined(&fan.band.p50)?;
            let ends = fan.band.p05.get(i).zip(fan.band.p95.get(i)).filter(|(a, b)| a.is_finite() && b.is_finite());
            Some(ends.map_or(write(v), |(a, b)| format!("{} (90%: {} to {})", write(v), write(*a), write(*b))))
        };
        let said = [&self.lead, &self.effect]
            .into_iter()
            .filter_map(|fan| Some(format!(" {}: median {} at the end.", fan.label, end(fan, factor)?)));
        let desc = format!("{title}.{}", said.collect::<String>());
        let medians = [&self.spend, &self.revenue].map(|fan| line(&fan.label, fan.band.p50.clone()));
        let lead = line(&self.lead.label, self.lead.band.p50.clone());
        let served = line("Power for research", self.served.clone());
        let top = span(&[&medians[0], &medians[1]]).1;
        let (lo, hi) = span(&[&lead, &self.effect]);
        let trace = |key, fan, colour, write: fn(f64) -> String| Trace {
            key,
            figures: end(fan, write).into_iter().collect(),
            fan,
            colour,
            thin: false,
        };
        let ticks = [0.0, 0.5, 1.0];
        let share = Axis { lo: 0.0, hi: 1.0, ticks: ticks.into_iter().zip(percent_ticks(&ticks)).collect() };
        let parts = vec![
            Part {
                caption: "Spending and revenue, US$ a month".into(),
                high: 0.33,
                y: from_zero(top, money_ticks),
                traces: vec![
                    trace("spend", &medians[0], Role::Compute(0).colour(), money),
                    trace("revenue", &medians[1], Role::Customers.colour(), money),
                ],
                write: money,
                level: None,
                first: 0.5,
            },
            Part {
                caption: "Lead over rivals, and its effect on demand; 1x: as at the start".into(),
                high: 0.47,
                y: factors(lo, hi),
                traces: vec![
                    trace("lead", &lead, Role::Compute(2).colour(), factor),
                    trace("effect", &self.effect, Role::Customers.colour(), factor),
                ],
                write: factor,
                level: None,
                first: 1.0,
            },
            Part {
                caption: "Share of the month’s research for which there is power".into(),
                high: 0.20,
                y: share,
                traces: vec![trace("served", &served, GREY, percent)],
                write: percent,
                level: None,
                first: 0.5,
            },
        ];
        sheet(frame, Words { title, metric: metric.into(), desc }, |canvas, space| {
            stack(canvas, frame, space, parts, 0.0);
        })
    }

    fn table(&self, frame: &Frame) -> Grid {
        let median = |fan: &Fan| (format!("{}, median", fan.label), written(&fan.band.p50, money));
        let served = ("Power for research, mean".to_owned(), written(&self.served, percent));
        let of = [
            vec![median(&self.spend), median(&self.revenue)],
            fan_columns(&self.lead, factor),
            fan_columns(&self.effect, factor),
            vec![served],
        ];
        by_month(frame, &of.concat())
    }
}

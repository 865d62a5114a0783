//! Chart 0: the metrics that the scenario opens with (`headline:`), each on a scale of its own. It is drawn first, and
//! only where the scenario names some.

use super::axis::Axis;
use super::canvas::{Sheet, Words, sheet};
use super::house::{BLUE, INK};
use super::rows::Rows;
use super::{Frame, Grid, Picture, Shown};

/// The metrics in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Headline {
    /// The finding: the first of them in a sentence.
    pub finding: String,
    /// The metrics.
    pub metrics: Vec<Opening>,
}

/// A metric at the horizon.
#[derive(Clone, Debug, PartialEq)]
pub struct Opening {
    /// Its name.
    pub label: String,
    /// Its value as text: the median, for an event its probability with its standard error, or the mean of what is the same
    /// on nine paths in ten.
    pub value: String,
    /// Its range as text: that of 90% of the paths on which it is defined, or the 95% interval of a probability or mean.
    pub range: String,
    /// Ends of the wide and of the narrow range and the value: `[wide, narrow, value, narrow, wide]`; the narrow range of
    /// a probability is the wide one.
    pub at: [f64; 5],
}

impl Opening {
    /// The position on a scale from 0 to 1 that holds zero and the wide range.
    fn part(&self, x: f64) -> f64 {
        let (low, high) = self.at.iter().fold((0.0_f64, 0.0_f64), |(low, high), x| (low.min(*x), high.max(*x)));
        if high > low { (x - low) / (high - low) } else { 0.0 }
    }
}

impl Picture for Headline {
    fn title(&self, _: &Frame) -> String {
        self.finding.trim_end_matches('.').to_owned()
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let metric = "The metrics that the scenario names first, each on its own scale from zero · line: median, or probability, or the mean of what \
                      is the same on nine paths in ten · bands: 50% and 90% of the paths on which it is defined, or the 95% \
                      interval"
            .to_owned();
        let list: Vec<String> = self.metrics.iter().map(|m| format!("{} {} ({})", m.label, m.value, m.range)).collect();
        let desc = format!("{title}. {}.", list.join("; "));
        sheet(frame, Words { title, metric, desc }, |canvas, mut space| {
            space.top += 18.0;
            let names: Vec<_> = self.metrics.iter().map(|m| (m.label.clone(), INK)).collect();
            let x = Axis { lo: 0.0, hi: 1.04, ticks: Vec::new() };
            let right = space.right;
            let rows = Rows::new(canvas, space, &names, x, 300.0);
            for (text, x) in [("at the horizon", right - 190.0), ("range", right)] {
                rows.heading(canvas, text, x);
            }
            let half = (0.3 * rows.step()).min(9.0);
            for (row, m) in self.metrics.iter().enumerate() {
                let y = rows.y(row);
                rows.figure(canvas, row, &m.value, right - 190.0, true);
                rows.figure(canvas, row, &m.range, right, false);
                if m.at.iter().any(|x| !x.is_finite()) {
                    continue;
                }
                let at = m.at.map(|x| rows.at(m.part(x)));
                canvas.series("range", |canvas| {
                    canvas.rectangle((at[0], y - 0.6 * half), (at[4], y + 0.6 * half), BLUE, 0.3);
                    canvas.rectangle((at[1], y - half), (at[3], y + half), BLUE, 0.5);
                    canvas.line(&[(at[2], y - half - 2.0), (at[2], y + half + 2.0)], INK, 1.0, 2.0);
                });
                let zero = rows.at(m.part(0.0));
                canvas.line(&[(zero, y - half - 4.0), (zero, y + half + 4.0)], INK, 0.75, 1.0);
            }
            let all = |key: &str, label: &str, of: &dyn Fn(&Opening) -> String| {
                Shown::new(key, label, BLUE, self.metrics.iter().map(of).collect())
            };
            let shown =
                vec![all("value", "At the horizon", &|m| m.value.clone()), all("range", "Range", &|m| m.range.clone())];
            rows.hover(canvas, &names, shown);
        })
    }

    fn table(&self, _: &Frame) -> Grid {
        let row = |m: &Opening| [m.label.clone(), m.value.clone(), m.range.clone()];
        Grid::new(["Metric", "At the horizon", "Range"], self.metrics.iter().map(row))
    }
}

//! Chart 29: which inputs explain the variance of an outcome. Sobol' indices (Sobol' 1993; total index of Homma and
//! Saltelli 1996): the share of the variance explained by an input alone, and with all its interactions.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;
use serde::{Deserialize, Serialize};

use super::canvas::{Canvas, Sheet, Space, Type, Words, sheet};
use super::house::{BLUE, GREY, INK, NOTE, ORANGE, SMALL, count, percent, text_colour};
use super::marks;
use super::quantity::{Unit, nullable};
use super::rows::Rows;
use super::spend_revenue::nothing;
use super::{Frame, Grid, Picture, Shown};

/// Indices of inputs, or of groups of inputs, for one outcome.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Indices {
    /// The outcome: `cash at the end`.
    pub target: String,
    /// The inputs or groups, in any order.
    pub inputs: Vec<InputIndices>,
    /// Number of model evaluations on which the indices are based.
    pub evaluations: u64,
}

/// The indices of one input.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InputIndices {
    /// Name of the input or of the group.
    pub name: String,
    /// Number of inputs in the group; 1 for a single input.
    pub members: u64,
    /// Share of the variance explained by it alone.
    pub first: Index,
    /// Share of the variance that involves it.
    pub total: Index,
}

/// An index and its 95% interval. Estimates may be slightly below 0 or above 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Index {
    /// The estimate.
    #[serde(with = "nullable")]
    pub value: f64,
    /// The lower end of the interval.
    #[serde(with = "nullable")]
    pub low: f64,
    /// The upper end of the interval.
    #[serde(with = "nullable")]
    pub high: f64,
}

/// Largest number of inputs drawn.
const MOST: usize = 15;
/// Keys, names and colours of the two indices.
const LOOKS: [(&str, &str, RGBColor); 2] = [("first", "alone", BLUE), ("total", "with interactions", ORANGE)];

impl Default for Index {
    fn default() -> Index {
        Index { value: f64::NAN, low: f64::NAN, high: f64::NAN }
    }
}

impl Index {
    /// Whether its interval excludes zero.
    fn is_clear(self) -> bool {
        self.value > 0.0 && self.low > 0.0
    }

    /// `42% (38–46%)`.
    fn said(self) -> String {
        match (self.value.is_finite(), self.low.is_finite() && self.high.is_finite()) {
            (false, _) => String::new(),
            (true, false) => percent(self.value),
            (true, true) => format!("{} ({} to {})", percent(self.value), percent(self.low), percent(self.high)),
        }
    }
}

impl InputIndices {
    fn indices(&self) -> [Index; 2] {
        [self.first, self.total]
    }

    /// The larger of the two estimates; the total is never smaller than the first but for sampling error.
    fn size(&self) -> f64 {
        let size = if self.total.value.is_finite() { self.total.value } else { self.first.value };
        if size.is_finite() { size } else { f64::NEG_INFINITY }
    }

    fn name(&self) -> String {
        if self.members > 1 { format!("{} ({})", self.name, count(self.members)) } else { self.name.clone() }
    }
}

impl Indices {
    /// The inputs, that with the largest total index first.
    fn order(&self) -> Vec<&InputIndices> {
        let mut order: Vec<&InputIndices> = self.inputs.iter().collect();
        order.sort_by(|a, b| b.size().total_cmp(&a.size()));
        order
    }

    fn bars(canvas: &mut Canvas, rows: &Rows, order: &[&InputIndices]) {
        let half = (0.36 * rows.step()).min(11.0);
        for (row, input) in order.iter().enumerate() {
            let y = rows.y(row);
            for (k, index) in input.indices().into_iter().enumerate().filter(|i| i.1.value.is_finite()) {
                let (top, bottom) = if k == 0 { (y - half, y - 0.5) } else { (y + 0.5, y + half) };
                canvas.series(LOOKS[k].0, |canvas| {
                    let (a, b) = ((rows.at(0.0), top), (rows.at(index.value), bottom));
                    marks::bar(canvas, a, b, LOOKS[k].2, index.is_clear());
                    marks::across(canvas, rows, f64::midpoint(top, bottom), (index.low, index.high));
                });
            }
        }
    }

    fn picture(&self, canvas: &mut Canvas, mut space: Space, order: &[&InputIndices]) {
        if order.is_empty() {
            return nothing(canvas, space);
        }
        let hidden = self.inputs.len().saturating_sub(order.len());
        if hidden > 0 {
            space.bottom -= 16.0;
            let text = format!("{} more with smaller indices are in the table", count(hidden as u64));
            canvas.text(&text, space.left, space.bottom + 8.0, Type::plain(NOTE, GREY), HPos::Left);
        }
        let look = Type::plain(SMALL, INK);
        let said: Vec<[String; 2]> = order.iter().map(|i| i.indices().map(Index::said)).collect();
        let wide = [0, 1].map(|k| {
            let texts = said.iter().map(|s| look.width(&s[k])).fold(0.0, f64::max).min(160.0);
            texts.max(Type::bold(NOTE, INK).width(LOOKS[k].1)) + 18.0
        });
        let names: Vec<_> = order.iter().map(|i| (i.name(), INK)).collect();
        let part = Space { top: space.top + 20.0, ..space };
        // Far beyond these bounds an index says only that there were too few evaluations.
        let bounded = |v: f64| if v.is_finite() { v.clamp(-0.5, 1.5) } else { v };
        let ends = order.iter().flat_map(|i| i.indices()).flat_map(|i| [i.value, i.low, i.high]).map(bounded);
        let rows = Rows::new(canvas, part, &names, Unit::Share.axis(ends.chain([0.0, 0.1])), wide[0] + wide[1]);
        Indices::bars(canvas, &rows, order);
        let right = [space.right - wide[1], space.right];
        for (k, (key, name, colour)) in LOOKS.into_iter().enumerate() {
            canvas.series(key, |canvas| {
                let bold = Type::bold(NOTE, text_colour(colour));
                canvas.text(name, right[k], rows.space.top - 10.0, bold, HPos::Right);
                for (row, (texts, input)) in said.iter().zip(order).enumerate() {
                    let look = Type::plain(SMALL, if input.indices()[k].is_clear() { INK } else { GREY });
                    canvas.text(&look.fit(&texts[k], wide[k] - 14.0), right[k], rows.y(row), look, HPos::Right);
                }
            });
        }
        let shown = [0, 1].map(|k| {
            let (key, name, colour) = LOOKS[k];
            Shown::new(key, name, colour, said.iter().map(|s| s[k].clone()).collect())
        });
        rows.hover(canvas, &names, shown.into());
    }
}

impl Picture for Indices {
    fn title(&self, _: &Frame) -> String {
        let order = self.order();
        let target = &self.target;
        match order.iter().find(|i| i.total.is_clear() || i.first.is_clear()) {
            None if order.is_empty() => format!("No input varies in {target}"),
            None => format!("No input stands out from noise in the variance of {target}"),
            Some(top) => {
                let (first, total) = (top.first, top.total);
                let first = if first.is_clear() { percent(first.value) } else { "none".into() };
                if total.value.is_finite() {
                    let total = percent(total.value);
                    format!(
                        "{} explains {first} of the variance of {target} alone, {total} with interactions",
                        top.name
                    )
                } else {
                    format!("{} explains {first} of the variance of {target} alone", top.name)
                }
            }
        }
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let order: Vec<&InputIndices> = self.order().into_iter().take(MOST).collect();
        let groups = self.inputs.iter().any(|i| i.members > 1);
        let metric = format!(
            "Sobol’ indices: share of the variance of {} explained by an input{} alone and with interactions · {} \
             evaluations · line: 95% interval · hollow: includes zero",
            self.target,
            if groups { " or a group (number of inputs)" } else { "" },
            count(self.evaluations)
        );
        let said =
            order.iter().take(5).map(|i| format!("{}: {} alone, {} in all", i.name, i.first.said(), i.total.said()));
        let desc = format!("{title}. {}.", said.collect::<Vec<_>>().join("; "));
        sheet(frame, Words { title, metric, desc }, |canvas, space| self.picture(canvas, space, &order))
    }

    fn table(&self, _: &Frame) -> Grid {
        let cell = |v: f64| Unit::Share.cell(v);
        let of = |i: Index| [cell(i.value), cell(i.low), cell(i.high)];
        let head = ["Input", "Inputs in it", "Alone", "Low", "High", "With interactions", "Low", "High"];
        let rows = self.order().into_iter().map(|i| {
            let ([a, b, c], [d, e, f]) = (of(i.first), of(i.total));
            [i.name.clone(), count(i.members), a, b, c, d, e, f]
        });
        Grid::new(head, rows)
    }
}

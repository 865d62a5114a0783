//! Direct labels at the right of a plot, in place of a legend.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::canvas::{Canvas, Type};
use super::house::{GREY, LABEL, SMALL, blend, text_colour};

/// A label of one or more rows, whose preferred centre is at `y`.
pub(super) struct EndLabel {
    pub y: f64,
    pub rows: Vec<(String, Type)>,
    /// Colour of a swatch drawn before the text, if any.
    pub swatch: Option<RGBColor>,
    /// Whether to draw a leader from the line's end when the label had to move.
    pub leader: bool,
    /// The series that it names; empty when it names none.
    pub key: String,
}

const SWATCH: f64 = 16.0;
/// Space between the plot and its labels.
pub(super) const GUTTER: f64 = 16.0;
/// Maximum width of a label.
const WIDEST: f64 = 235.0;

impl EndLabel {
    /// A name in its colour, with a line of figures below.
    pub fn named(key: &str, name: &str, figures: &[String], colour: RGBColor, y: f64) -> EndLabel {
        let mut rows = vec![(name.to_owned(), Type::bold(LABEL, text_colour(colour)))];
        rows.extend(figures.iter().map(|f| (f.clone(), Type::plain(SMALL, GREY))));
        EndLabel { y, rows, swatch: None, leader: true, key: key.into() }
    }
    fn height(&self) -> f64 {
        self.rows.iter().map(|r| row_height(r.1)).sum::<f64>() + if self.rows.len() > 1 { 5.0 } else { 0.0 }
    }
    fn draw(&self, canvas: &mut Canvas, x: f64, y: f64) {
        if self.leader && (y - self.y).abs() > 3.0 {
            let colour = blend(GREY, super::house::WHITE, 0.45);
            canvas.line(
                &[(x + 2.0, self.y), (x + 5.0, self.y), (x + GUTTER - 5.0, y), (x + GUTTER - 2.0, y)],
                colour,
                1.0,
                1.0,
            );
        }
        let mut left = x + GUTTER;
        if let Some(colour) = self.swatch {
            canvas.rectangle((left, y - 5.0), (left + 10.0, y + 5.0), colour, 1.0);
            left += SWATCH;
        }
        let rows: f64 = self.rows.iter().map(|r| row_height(r.1)).sum();
        let mut row_top = y - rows / 2.0;
        for (text, look) in &self.rows {
            let text = look.fit(text, x + GUTTER + WIDEST - left);
            canvas.text(&text, left, row_top + row_height(*look) / 2.0, *look, HPos::Left);
            row_top += row_height(*look);
        }
    }
    fn width(&self) -> f64 {
        let text = self.rows.iter().map(|(text, look)| look.width(text)).fold(0.0, f64::max);
        (text + if self.swatch.is_some() { SWATCH } else { 0.0 }).min(WIDEST)
    }
}

fn row_height(look: Type) -> f64 {
    look.size + 3.0
}

/// Width that the labels need to the right of the plot.
pub(super) fn room(labels: &[EndLabel]) -> f64 {
    labels.iter().map(EndLabel::width).fold(40.0, f64::max) + GUTTER
}

/// Draws the labels to the right of `x`, without overlap, all between `top` and `bottom`.
pub(super) fn draw(canvas: &mut Canvas, labels: &[EndLabel], x: f64, top: f64, bottom: f64) {
    let wanted: Vec<(f64, f64)> = labels.iter().map(|l| (l.y, l.height())).collect();
    let places = spread(&wanted, top, bottom);
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by(|a, b| places[*a].total_cmp(&places[*b]));
    for label in order.iter().map(|&k| &labels[k]) {
        let own = || label.rows.first().map(|r| r.1.colour).filter(|_| !label.key.is_empty());
        canvas.end(label.swatch.or_else(own), label.rows.iter().map(|r| r.0.clone()).collect());
    }
    for (label, y) in labels.iter().zip(places) {
        if label.key.is_empty() {
            label.draw(canvas, x, y);
        } else {
            canvas.series(&label.key, |canvas| label.draw(canvas, x, y));
        }
    }
}

/// Middles for items of `(wanted middle, height)` without overlap: each is as close to the wanted one as the others
/// allow, and the order is preserved. If they cannot all fit, they are compressed evenly.
pub(super) fn spread(wanted: &[(f64, f64)], top: f64, bottom: f64) -> Vec<f64> {
    struct Cluster {
        top: f64,
        height: f64,
        items: Vec<usize>,
    }
    let total: f64 = wanted.iter().map(|w| w.1).sum();
    let squeeze = if total > bottom - top { (bottom - top) / total } else { 1.0 };
    let mut order: Vec<usize> = (0..wanted.len()).collect();
    order.sort_by(|a, b| wanted[*a].0.total_cmp(&wanted[*b].0));
    let mut clusters: Vec<Cluster> = Vec::new();
    let place = |items: &[usize]| {
        // The mean of the cluster tops that each item would prefer.
        let (mut above, mut sum) = (0.0, 0.0);
        for i in items {
            let height = wanted[*i].1 * squeeze;
            sum += wanted[*i].0 - height / 2.0 - above;
            above += height;
        }
        (sum / items.len() as f64).min(bottom - above).max(top)
    };
    for i in order {
        let mut next = Cluster { top: 0.0, height: wanted[i].1 * squeeze, items: vec![i] };
        next.top = place(&next.items);
        while let Some(last) = clusters.last() {
            if last.top + last.height <= next.top + 1e-9 {
                break;
            }
            let Some(mut last) = clusters.pop() else { break };
            last.items.append(&mut next.items);
            next = Cluster { top: place(&last.items), height: last.height + next.height, items: last.items };
        }
        clusters.push(next);
    }
    let mut out = vec![0.0; wanted.len()];
    for cluster in clusters {
        let mut y = cluster.top;
        for i in cluster.items {
            let height = wanted[i].1 * squeeze;
            out[i] = y + height / 2.0;
            y += height;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::spread;

    #[test]
    fn labels_do_not_overlap() {
        // Far apart: nothing moves. Together: centred on their preferred position. At an edge: pushed inside.
        assert_eq!(spread(&[(50.0, 10.0), (20.0, 10.0)], 0.0, 100.0), [50.0, 20.0]);
        assert_eq!(spread(&[(50.0, 10.0), (50.0, 10.0)], 0.0, 100.0), [45.0, 55.0]);
        assert_eq!(spread(&[(98.0, 10.0), (99.0, 10.0)], 0.0, 100.0), [85.0, 95.0]);
        assert!(spread(&[], 0.0, 100.0).is_empty());
        let mut seed = 7_u64;
        for n in 1..20 {
            let mut wish = || {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (seed >> 40) as f64 / f64::from(1_u32 << 24) * 300.0
            };
            let wanted: Vec<_> = (0..n).map(|_| (wish(), 15.0)).collect();
            let mut got = spread(&wanted, 0.0, 290.0);
            got.sort_by(f64::total_cmp);
            assert!(got[0] >= 0.0 && got[n - 1] <= 290.0, "{got:?}");
            let need = (290.0 / n as f64).min(15.0) - 1e-6;
            assert!(got.windows(2).all(|w| w[1] - w[0] >= need), "{got:?}");
        }
    }
}

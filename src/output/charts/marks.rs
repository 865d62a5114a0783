//! Marks that charts of studies have in common: bars filled or hollow, whiskers, hatching, names beside points.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::canvas::{Canvas, Space, Type};
use super::house::{GREY, INK, WHITE};
use super::plot::Plot;
use super::quantity::Measured;
use super::rows::Rows;

/// Width of the outline of a hollow bar.
const OUTLINE: f64 = 1.3;

/// A bar given by two opposite corners, filled or as an outline.
pub(super) fn bar(canvas: &mut Canvas, a: (f64, f64), b: (f64, f64), colour: RGBColor, filled: bool) {
    let (left, right, top, bottom) = (a.0.min(b.0), a.0.max(b.0), a.1.min(b.1), a.1.max(b.1));
    canvas.rectangle((left, top), (right, bottom), colour, 1.0);
    if !filled && right - left > 2.0 * OUTLINE && bottom - top > 2.0 * OUTLINE {
        let (left, right) = (left + OUTLINE, right - OUTLINE);
        canvas.rectangle((left, top + OUTLINE), (right, bottom - OUTLINE), WHITE, 1.0);
    }
}

/// The interval of an estimate, as a line across a row with small ends.
pub(super) fn across(canvas: &mut Canvas, rows: &Rows, y: f64, (lo, hi): (f64, f64)) {
    if lo.is_finite() && hi.is_finite() {
        let (a, b) = (rows.at(lo), rows.at(hi));
        canvas.line(&[(a, y), (b, y)], INK, 0.85, 1.2);
        for x in [a, b] {
            canvas.line(&[(x, y - 2.5), (x, y + 2.5)], INK, 0.85, 1.2);
        }
    }
}

/// A position on a plot, kept within it.
pub(super) fn inside(plot: &Plot, at: (f64, f64)) -> (f64, f64) {
    let (s, (x, y)) = (plot.space, plot.at(at));
    (x.clamp(s.left, s.right.max(s.left)), y.clamp(s.top, s.bottom.max(s.top)))
}

/// The 95% interval of an estimate, as an upright line at `x`.
pub(super) fn upright(canvas: &mut Canvas, plot: &Plot, x: f64, m: Measured, colour: RGBColor) {
    let (lo, hi) = m.interval();
    let (a, b) = (inside(plot, (x, lo)), inside(plot, (x, hi)));
    canvas.line(&[a, b], colour, 0.85, 1.3);
}

/// The 95% interval of an estimate on the x axis, as a level line at `y`.
pub(super) fn level(canvas: &mut Canvas, plot: &Plot, m: Measured, y: f64, colour: RGBColor) {
    let (lo, hi) = m.interval();
    let (a, b) = (inside(plot, (lo, y)), inside(plot, (hi, y)));
    canvas.line(&[a, b], colour, 0.85, 1.3);
}

/// Diagonal hatching of a rectangle: there is no value here.
pub(super) fn hatch(canvas: &mut Canvas, (left, top): (f64, f64), (right, bottom): (f64, f64)) {
    let (wide, high) = (right - left, bottom - top);
    if !(wide > 0.0 && high > 0.0) {
        return;
    }
    let apart = 7.0;
    let mut from = apart * (-high / apart).ceil();
    while from < wide {
        // The line rises at 45 degrees from `from` on the bottom edge; it is cut at the left and right edges.
        let (a, b) = ((-from).max(0.0), (wide - from).min(high));
        if b > a {
            canvas.line(&[(left + from + a, bottom - a), (left + from + b, bottom - b)], GREY, 0.6, 1.0);
        }
        from += apart;
    }
}

/// A point of a scatter and its name.
pub(super) struct Named {
    pub at: (f64, f64),
    pub radius: f64,
    pub name: String,
    pub look: Type,
}

/// Whether a line between two points passes through a box of left, right, top and bottom edges (Liang and Barsky 1984).
fn crosses([(x0, y0), (x1, y1)]: [(f64, f64); 2], (left, right, top, bottom): (f64, f64, f64, f64)) -> bool {
    let (mut from, mut to) = (0.0_f64, 1.0_f64);
    for (start, step, lo, hi) in [(x0, x1 - x0, left, right), (y0, y1 - y0, top, bottom)] {
        if step == 0.0 {
            if !(lo..=hi).contains(&start) {
                return false;
            }
            continue;
        }
        let (a, b) = ((lo - start) / step, (hi - start) / step);
        (from, to) = (from.max(a.min(b)), to.min(a.max(b)));
    }
    from <= to
}

/// Names points beside them, in order of importance; a name that would overlap another, a point, one of the lines or the
/// edge is left out.
pub(super) fn name_points(canvas: &mut Canvas, space: Space, lines: &[[(f64, f64); 2]], points: &[Named]) {
    let boxed = |p: &Named| {
        let r = p.radius + 1.0;
        (p.at.0 - r, p.at.0 + r, p.at.1 - r, p.at.1 + r)
    };
    let mut taken: Vec<(f64, f64, f64, f64)> = points.iter().map(boxed).collect();
    for point in points {
        let text = point.look.fit(&point.name, 190.0);
        let (wide, high) = (point.look.width(&text), point.look.size + 2.0);
        let (x, y) = point.at;
        let (d, near) = (point.radius + 5.0, 0.7 * point.radius + 4.0);
        let centre = |dx: f64, dy: f64| (x + dx, y + dy);
        let places = [
            centre(d + wide / 2.0, 0.0),
            centre(-d - wide / 2.0, 0.0),
            centre(0.0, -d - high / 2.0),
            centre(0.0, d + high / 2.0),
            centre(near + wide / 2.0, -near - high / 3.0),
            centre(near + wide / 2.0, near + high / 3.0),
            centre(-near - wide / 2.0, -near - high / 3.0),
            centre(-near - wide / 2.0, near + high / 3.0),
        ];
        let of = |(x, y): (f64, f64)| (x - wide / 2.0, x + wide / 2.0, y - high / 2.0, y + high / 2.0);
        let free = |b: &(f64, f64, f64, f64)| {
            let on = b.0 >= space.left && b.1 <= space.right && b.2 >= space.top && b.3 <= space.bottom;
            on && taken.iter().all(|t| b.1 <= t.0 || b.0 >= t.1 || b.3 <= t.2 || b.2 >= t.3)
                && !lines.iter().any(|ends| crosses(*ends, *b))
        };
        if let Some(place) = places.into_iter().find(|p| free(&of(*p))) {
            taken.push(of(place));
            canvas.text(&text, place.0, place.1, point.look, HPos::Center);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::crosses;

    #[test]
    fn lines_through_a_box_are_found() {
        let around = (0.0, 2.0, 0.0, 1.0);
        for (ends, through) in [
            ([(-1.0, 0.5), (3.0, 0.5)], true),
            ([(-1.0, 2.0), (3.0, 2.0)], false),
            ([(1.0, -1.0), (1.0, 5.0)], true),
            ([(0.5, 0.5), (0.6, 0.6)], true),
            // Past the corner at (2, 1), on either side.
            ([(1.0, 2.0), (3.0, 0.5)], false),
            ([(1.0, 1.4), (3.0, 0.4)], true),
        ] {
            assert_eq!(crosses(ends, around), through, "{ends:?}");
        }
    }
}

//! Where a surface known at the centres of cells crosses a level: marching squares (Lorensen and Cline 1987, in two
//! dimensions) with linear interpolation between neighbouring cells.

/// A piece of a contour, in units of cells from the lower left corner of the map.
pub(super) type Piece = [(f64, f64); 2];

/// Values at the centres of cells, row by row from below; NaN where there is none.
pub(super) struct Surface {
    pub wide: usize,
    pub high: usize,
    pub values: Vec<f64>,
}

impl Surface {
    fn value(&self, column: usize, row: usize) -> f64 {
        self.values.get(row * self.wide + column).copied().unwrap_or(f64::NAN)
    }

    /// Position and cell of a node: the centres of cells, and the edges of the map with the values of the cells there.
    fn node(cells: usize, k: usize) -> (f64, usize) {
        let last = cells.saturating_sub(1);
        match k {
            0 => (0.0, 0),
            k if k > cells => (cells as f64, last),
            k => (k as f64 - 0.5, k - 1),
        }
    }

    /// The contour of `level`, interpolated. A square of nodes of which one has no value is skipped.
    pub fn contour(&self, level: f64) -> Vec<Piece> {
        let mut out = Vec::new();
        for j in 0..=self.high {
            for i in 0..=self.wide {
                self.square(level, (i, j), &mut out);
            }
        }
        out
    }

    /// The pieces in the square whose lower left node is `(i, j)`.
    fn square(&self, level: f64, (i, j): (usize, usize), out: &mut Vec<Piece>) {
        let nodes = [(i, j), (i + 1, j), (i + 1, j + 1), (i, j + 1)].map(|(i, j)| {
            let ((x, column), (y, row)) = (Surface::node(self.wide, i), Surface::node(self.high, j));
            (x, y, self.value(column, row))
        });
        if !(level.is_finite() && nodes.iter().all(|n| n.2.is_finite())) {
            return;
        }
        let above = |k: usize| nodes[k].2 >= level;
        // The crossing on the side from node k to the next.
        let crossing = |k: usize| {
            let ((x0, y0, a), (x1, y1, b)) = (nodes[k], nodes[(k + 1) % 4]);
            let t = ((level - a) / (b - a)).clamp(0.0, 1.0);
            (x0 + (x1 - x0) * t, y0 + (y1 - y0) * t)
        };
        let crossed: Vec<usize> = (0..4).filter(|&k| above(k) != above((k + 1) % 4)).collect();
        match crossed[..] {
            [a, b] => out.push([crossing(a), crossing(b)]),
            // A saddle: the mean decides which corners are connected.
            [_, _, _, _] => {
                let mean = nodes.iter().map(|n| 0.25 * n.2).sum::<f64>();
                let first = usize::from((mean >= level) == above(0));
                out.push([crossing(first), crossing((first + 3) % 4)]);
                out.push([crossing(first + 1), crossing(first + 2)]);
            }
            _ => {}
        }
    }

    /// The edges between neighbouring cells on different sides of `level`, where values between cells have no meaning.
    pub fn steps(&self, level: f64) -> Vec<Piece> {
        let mut out = Vec::new();
        let parted = |a: f64, b: f64| a.is_finite() && b.is_finite() && (a >= level) != (b >= level);
        for j in 0..self.high {
            for i in 0..self.wide {
                let (x, y, own) = (i as f64, j as f64, self.value(i, j));
                if i + 1 < self.wide && parted(own, self.value(i + 1, j)) {
                    out.push([(x + 1.0, y), (x + 1.0, y + 1.0)]);
                }
                if j + 1 < self.high && parted(own, self.value(i, j + 1)) {
                    out.push([(x, y + 1.0), (x + 1.0, y + 1.0)]);
                }
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surface(wide: usize, values: &[f64]) -> Surface {
        Surface { wide, high: values.len() / wide, values: values.into() }
    }

    #[test]
    fn a_plane_is_cut_by_a_straight_line() {
        // Values 0, 1, 2 at x = 0.5, 1.5, 2.5 in both rows: 1.25 is crossed at x = 1.75 from the bottom to the top.
        let pieces = surface(3, &[0.0, 1.0, 2.0, 0.0, 1.0, 2.0]).contour(1.25);
        assert!(pieces.iter().flatten().all(|p| (p.0 - 1.75).abs() < 1e-12), "{pieces:?}");
        let length: f64 = pieces.iter().map(|[a, b]| (a.1 - b.1).abs()).sum();
        assert!((length - 2.0).abs() < 1e-12);
        assert_eq!(surface(3, &[0.0, 1.0, 2.0]).steps(1.25), [[(2.0, 0.0), (2.0, 1.0)]]);
    }

    #[test]
    fn saddles_gaps_and_flat_surfaces_have_sound_contours() {
        // Corners 1 at opposite cells: two pieces in the middle square, which do not cross.
        let saddle = surface(2, &[1.0, 0.0, 0.0, 1.0]);
        let middle: Vec<Piece> =
            saddle.contour(0.6).into_iter().filter(|p| p.iter().all(|c| c.0 > 0.5 && c.0 < 1.5)).collect();
        assert_eq!(middle.len(), 2);
        for [a, b] in middle {
            assert!((a.0 - 0.9).abs() < 1e-9 || (b.0 - 0.9).abs() < 1e-9 || (a.0 - 1.1).abs() < 1e-9, "{a:?} {b:?}");
        }
        assert!(surface(2, &[1.0, f64::NAN, 0.0, f64::NAN]).contour(0.5).len() < 3);
        assert!(surface(2, &[0.5; 4]).contour(0.5).is_empty() && surface(2, &[0.5; 4]).contour(f64::NAN).is_empty());
        assert!(Surface { wide: 0, high: 0, values: vec![] }.contour(1.0).is_empty());
    }
}

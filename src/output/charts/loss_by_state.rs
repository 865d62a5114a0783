//! Chart 22: loss given default by the state of the world before the claim.

use super::axis::Axis;
use super::canvas::{Sheet, Words, sheet};
use super::house::{INK, Role, WHITE, percent, percent_ticks, text_colour};
use super::rows::Rows;
use super::{Frame, Grid, Picture, Shown};

/// Loss given default on either side of a state, by claimant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LossByState {
    /// One row for each claimant and state; those of a claimant together.
    pub rows: Vec<Divided>,
}

/// The failures of a claimant, divided by a state.
#[derive(Clone, Debug, PartialEq)]
pub struct Divided {
    /// Name of the claimant.
    pub claimant: String,
    /// Its role.
    pub role: Role,
    /// Names of the sides: the worse one first, such as `in winter` and `out of winter`.
    pub sides: [String; 2],
    /// Of each side: loss given default, its standard error and the number of failures.
    pub lgd: [(f64, f64, f64); 2],
}

impl Divided {
    fn label(&self) -> String {
        format!("{}: {}", self.claimant, self.sides[0])
    }
    /// Difference of the sides in standard errors.
    fn apart(&self) -> f64 {
        let [(a, ea, _), (b, eb, _)] = self.lgd;
        let error = (ea * ea + eb * eb).sqrt();
        if error > 0.0 { (a - b) / error } else { 0.0 }
    }
    fn side(&self, k: usize) -> String {
        let (lgd, se, n) = self.lgd[k];
        format!("{}: {} ± {:.1} ({n:.0} failures)", self.sides[k], percent(lgd), 100.0 * se)
    }
}

impl Picture for LossByState {
    fn title(&self, _: &Frame) -> String {
        let most = self.rows.iter().max_by(|a, b| a.apart().abs().total_cmp(&b.apart().abs()));
        match most {
            Some(row) if row.apart().abs() > 2.0 => format!(
                "{} loses {} of its claim {}, {} {}",
                row.claimant,
                percent(row.lgd[0].0),
                with(&row.sides[0]),
                percent(row.lgd[1].0),
                with(&row.sides[1])
            ),
            _ => "The loss given default does not clearly depend on the state of the world".into(),
        }
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let metric = "Loss given default with its 95% interval · filled: failures in the named state, hollow: the others · low and high \
                      are below and above the median of the failures, at the close before the claim"
            .to_owned();
        let list: Vec<String> =
            self.rows.iter().map(|row| format!("{}: {}; {}", row.claimant, row.side(0), row.side(1))).collect();
        let desc = format!("{title}. {}.", list.join(". "));
        sheet(frame, Words { title, metric, desc }, |canvas, mut space| {
            space.top += 18.0;
            let names: Vec<_> = self.rows.iter().map(|row| (row.label(), text_colour(row.role.colour()))).collect();
            let rows = Rows::new(canvas, space, &names, Axis::of(0.0, 1.0, percent_ticks), 180.0);
            let right = space.right;
            for (text, x) in [("in the state", right - 90.0), ("otherwise", right)] {
                rows.heading(canvas, text, x);
            }
            for (k, row) in self.rows.iter().enumerate() {
                let (y, colour) = (rows.y(k), row.role.colour());
                canvas.series("lgd", |canvas| {
                    for (side, off) in [(0, -5.0), (1, 5.0)] {
                        let (lgd, se, _) = row.lgd[side];
                        let [low, high] = [-1.96, 1.96].map(|z: f64| rows.at((lgd + z * se).clamp(0.0, 1.0)));
                        canvas.line(&[(low, y + off), (high, y + off)], text_colour(colour), 0.7, 1.4);
                        canvas.dot((rows.at(lgd), y + off), 4.4, text_colour(colour));
                        if side == 1 {
                            canvas.dot((rows.at(lgd), y + off), 2.6, WHITE);
                        }
                    }
                });
                rows.figure(canvas, k, &percent(row.lgd[0].0), right - 90.0, true);
                rows.figure(canvas, k, &percent(row.lgd[1].0), right, false);
            }
            let shown = [0, 1].map(|side| {
                let label = ["In the state", "Otherwise"][side];
                Shown::new("lgd", label, INK, self.rows.iter().map(|row| row.side(side)).collect())
            });
            rows.hover(canvas, &names, shown.into());
        })
    }

    fn table(&self, _: &Frame) -> Grid {
        let cell = |(lgd, se, n): (f64, f64, f64)| format!("{} ± {:.1} ({n:.0})", percent(lgd), 100.0 * se);
        let row = |row: &Divided| {
            [row.claimant.clone(), row.sides[0].clone(), cell(row.lgd[0]), row.sides[1].clone(), cell(row.lgd[1])]
        };
        Grid::new(["Claimant", "State", "LGD (failures)", "Otherwise", "LGD (failures)"], self.rows.iter().map(row))
    }
}

/// A side in a sentence.
fn with(side: &str) -> String {
    if side.ends_with("winter") { side.to_owned() } else { format!("at a {side}") }
}

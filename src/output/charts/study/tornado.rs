//! Chart 10 of a study: the settings that move a target most, one at a time on the same worlds.

use plotters::style::text_anchor::HPos;

use super::{Amount, short};
use crate::output::charts::axis::Axis;
use crate::output::charts::canvas::{Sheet, Space, Type, Words, sheet};
use crate::output::charts::house::{BLUE, GREY, INK, NOTE, SMALL, VERMILLION, WHITE, blend};
use crate::output::charts::rows::Rows;
use crate::output::charts::{Frame, Grid, Picture, Shown};

/// What moves a target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tornado {
    /// The target: `p(cash_out)`.
    pub target: String,
    /// How it is written.
    pub amount: Amount,
    /// The target in the scenario as it is.
    pub base: f64,
    /// The moves, the largest effects first.
    pub bars: Vec<TornadoBar>,
    /// Number of moves without any effect.
    pub without: usize,
    /// Whether the ends are the lowest and highest tenth of an input rather than values that were set.
    pub tenths: bool,
}

/// A move.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TornadoBar {
    /// What is moved.
    pub name: String,
    /// The settings at the low and the high end.
    pub settings: [String; 2],
    /// The target at both ends; NaN where there is none.
    pub values: [f64; 2],
    /// The effect at both ends and its standard error.
    pub effects: [(f64, f64); 2],
}

/// Largest number of bars drawn.
const MOST: usize = 14;

impl TornadoBar {
    fn is_clear(&self) -> bool {
        self.effects.iter().any(|(d, se)| d.abs() > 2.0 * se)
    }
}

impl Picture for Tornado {
    fn title(&self, _: &Frame) -> String {
        match self.bars.iter().find(|bar| bar.is_clear()) {
            Some(bar) => {
                let [low, high] = bar.values.map(|x| self.amount.write(x));
                let at = |k: usize| {
                    if self.tenths { format!("in its {}", bar.settings[k]) } else { format!("at {}", bar.settings[k]) }
                };
                format!("{} moves {} most: {low} {}, {high} {}", short(&bar.name), self.target, at(0), at(1))
            }
            None => format!("No effect on {} can be distinguished from zero", self.target),
        }
    }

    #[expect(clippy::too_many_lines, reason = "one picture, drawn from the top down")]
    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let drawn = &self.bars[..self.bars.len().min(MOST)];
        let what = if self.tenths {
            "in the lowest (blue) and highest (orange) tenth of each input"
        } else {
            "with one setting at a time at its low (blue) and high (orange) end, on the same paths"
        };
        let metric = format!(
            "{} {what} · scenario as it is: {} · pale: cannot be distinguished from zero · {} further moves",
            self.target,
            self.amount.write(self.base),
            self.bars.len() - drawn.len() + self.without
        );
        let list: Vec<String> = drawn
            .iter()
            .take(5)
            .map(|bar| {
                format!("{}: {} to {}", bar.name, self.amount.write(bar.values[0]), self.amount.write(bar.values[1]))
            })
            .collect();
        let desc = format!("{title}. {}.", list.join("; "));
        sheet(frame, Words { title, metric, desc }, |canvas, space| {
            let names: Vec<_> = drawn.iter().map(|bar| (short(&bar.name), INK)).collect();
            let all = drawn.iter().flat_map(|bar| bar.values).chain([self.base]);
            let (low, high) = super::range(all, 0.18);
            let low = if self.amount == Amount::Share { low.max(-0.15 * high) } else { low };
            let axis = Axis::of(low, high, self.amount.ticks());
            let top = Space { top: space.top + 14.0, ..space };
            let rows = Rows::new(canvas, top, &names, axis, 0.0);
            let base = rows.at(self.base);
            let half = (0.34 * rows.step()).min(10.0);
            let look = Type::plain(NOTE, GREY);
            for (k, bar) in drawn.iter().enumerate() {
                for (end, hue) in [(0, BLUE), (1, VERMILLION)] {
                    let (value, (d, se)) = (bar.values[end], bar.effects[end]);
                    if !value.is_finite() {
                        continue;
                    }
                    let told = d.abs() > 2.0 * se;
                    let colour = if told { hue } else { blend(hue, WHITE, 0.7) };
                    let (x, y) = (rows.at(value), rows.y(k));
                    canvas.series(if end == 0 { "low" } else { "high" }, |canvas| {
                        canvas.rectangle((base.min(x), y - half), (base.max(x), y + half), colour, 1.0);
                        if se.is_finite() {
                            let (a, b) = (rows.at(value - 1.96 * se), rows.at(value + 1.96 * se));
                            canvas.line(&[(a, y), (b, y)], INK, 0.7, 1.1);
                        }
                        let out = if value >= self.base {
                            rows.at(value + 1.96 * se.max(0.0))
                        } else {
                            rows.at(value - 1.96 * se.max(0.0))
                        };
                        let setting = &bar.settings[end];
                        if told && !self.tenths {
                            let (x, anchor) =
                                if value >= self.base { (out + 5.0, HPos::Left) } else { (out - 5.0, HPos::Right) };
                            let room = if value >= self.base {
                                rows.space.right + 20.0 - x
                            } else {
                                x - rows.space.left + 6.0
                            };
                            // The settings of two ends on one side would overlap.
                            let other = bar.values[1 - end];
                            let apart = (other - self.base) * (value - self.base) <= 0.0
                                || (value - self.base).abs() > (other - self.base).abs();
                            if look.width(setting) < room && apart {
                                canvas.text(setting, x, y, look, anchor);
                            }
                        }
                    });
                }
            }
            let s = rows.space;
            canvas.line(&[(base, s.top), (base, s.bottom)], INK, 0.9, 1.4);
            canvas.text(
                &format!("as it is: {}", self.amount.write(self.base)),
                base,
                s.top - 9.0,
                Type::plain(SMALL, INK),
                HPos::Center,
            );
            let values = |end: usize| {
                let said = |bar: &TornadoBar| {
                    let (d, se) = bar.effects[end];
                    format!(
                        "{} at {} ({} {})",
                        self.amount.write(bar.values[end]),
                        bar.settings[end],
                        self.amount.signed(d),
                        self.amount.error(se)
                    )
                };
                drawn.iter().map(said).collect::<Vec<_>>()
            };
            rows.hover(
                canvas,
                &names,
                vec![
                    Shown::new("low", "Low end", BLUE, values(0)),
                    Shown::new("high", "High end", VERMILLION, values(1)),
                ],
            );
        })
    }

    fn table(&self, _: &Frame) -> Grid {
        let head = ["Move", "Low", "Target", "Effect", "High", "Target there", "Effect there"];
        let effect = |(d, se): (f64, f64)| format!("{} {}", self.amount.signed(d), self.amount.error(se));
        Grid::new(
            head,
            self.bars.iter().map(|bar| {
                let [low, high] = bar.values.map(|x| self.amount.write(x));
                let [a, b] = bar.effects.map(effect);
                [bar.name.clone(), bar.settings[0].clone(), low, a, bar.settings[1].clone(), high, b]
            }),
        )
    }
}

//! Chart 10 of a study: what each setting moves. The target at a low and at a high value of every setting, all else equal, or in
//! the lowest and the highest tenth of every input.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;
use serde::{Deserialize, Serialize};

use super::canvas::{Canvas, Sheet, Space, Type, Words, sheet};
use super::house::{BLUE, GREY, INK, NOTE, SMALL, VERMILLION, WHITE, blend, count, text_colour};
use super::marks;
use super::quantity::{ERRORS, Measured, Unit};
use super::rows::Rows;
use super::spend_revenue::nothing;
use super::{Frame, Grid, Picture, Shown};

/// The effects of settings, or of inputs, on a target.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Tornado {
    /// The target: `P(cash-out)`.
    pub target: String,
    /// How its values are written.
    pub unit: Unit,
    /// Its value in the base case.
    pub base: Measured,
    /// One for each setting, in any order.
    pub bars: Vec<TornadoBar>,
    /// Number of settings that have no effect at all and no bar.
    pub without_effect: u64,
    /// What the ends of the bars are.
    pub ends: TornadoEnds,
}

/// What the ends of the bars are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TornadoEnds {
    /// Runs with the setting at a low and at a high value.
    #[default]
    Settings,
    /// The paths of one run in the lowest and in the highest tenth of the input.
    Tenths,
}

/// The effect of one setting.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TornadoBar {
    /// Its name.
    pub name: String,
    /// At its low value.
    pub low: TornadoEnd,
    /// At its high value.
    pub high: TornadoEnd,
}

/// One end of a bar.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TornadoEnd {
    /// The value of the setting, as text with its unit; may be empty.
    pub setting: String,
    /// The target there.
    pub at: Measured,
    /// Its paired difference from the base case.
    pub difference: Measured,
}

/// Largest number of bars drawn.
const MOST: usize = 15;
/// Standard errors from which an effect is named in the title: among a hundred settings, two standard errors would be
/// exceeded by chance.
const STANDS_OUT: f64 = 3.0;
/// Maximum width of a column of figures.
const COLUMN: f64 = 170.0;
/// Maximum width of the text of a setting in it.
const SETTING: f64 = 90.0;
/// Keys and colours of the two ends.
const LOOKS: [(&str, RGBColor); 2] = [("low", BLUE), ("high", VERMILLION)];

impl TornadoBar {
    fn ends(&self) -> [&TornadoEnd; 2] {
        [&self.low, &self.high]
    }

    /// The largest distance between the base case and the two ends.
    fn effect(&self) -> f64 {
        let (low, high) = (self.low.difference.value, self.high.difference.value);
        [low, high, high - low].into_iter().filter(|v| v.is_finite()).fold(0.0, |a, v| a.max(v.abs()))
    }

    /// Whether either end differs from the base case by so many standard errors.
    fn is_clear(&self, errors: f64) -> bool {
        self.ends().iter().any(|e| e.difference.is_clear(errors))
    }

    /// Whether both ends lie on one side of the base case.
    fn is_one_sided(&self) -> bool {
        self.low.difference.value * self.high.difference.value > 0.0
    }
}

impl TornadoEnd {
    /// `$5B → 8.4%`, with the text of the setting shortened by `fit`.
    fn said(&self, unit: &Unit, fit: impl Fn(&str) -> String) -> String {
        let value = if self.at.is_known() { unit.write(self.at.value) } else { "no result".into() };
        if self.setting.is_empty() { value } else { format!("{} → {value}", fit(&self.setting)) }
    }

    /// The end of the bar: the base case plus the paired difference, or else the target there.
    fn value(&self, base: Measured) -> f64 {
        let paired = base.value + self.difference.value;
        if paired.is_finite() { paired } else { self.at.value }
    }
}

impl Tornado {
    /// The bars, that with the largest effect first.
    fn order(&self) -> Vec<&TornadoBar> {
        let mut order: Vec<&TornadoBar> = self.bars.iter().collect();
        order.sort_by(|a, b| b.effect().total_cmp(&a.effect()));
        order
    }

    fn headings(&self) -> [&'static str; 2] {
        match self.ends {
            TornadoEnds::Settings => ["low setting", "high setting"],
            TornadoEnds::Tenths => ["lowest tenth", "highest tenth"],
        }
    }

    /// What is left out of the picture.
    fn rest(&self) -> String {
        let hidden = self.bars.len().saturating_sub(MOST);
        let what = match (self.ends, self.without_effect == 1) {
            (TornadoEnds::Settings, true) => "1 setting has no effect".to_owned(),
            (TornadoEnds::Settings, _) => format!("{} settings have no effect", count(self.without_effect)),
            (TornadoEnds::Tenths, true) => "1 input shows no effect".into(),
            (TornadoEnds::Tenths, _) => format!("{} inputs show no effect", count(self.without_effect)),
        };
        let parts = [
            (hidden > 0).then(|| format!("{} more with smaller effects are in the table", count(hidden as u64))),
            (self.without_effect > 0).then_some(what),
        ];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    }

    fn bars(&self, canvas: &mut Canvas, rows: &Rows, order: &[&TornadoBar]) {
        let half = (0.34 * rows.step()).min(10.0);
        let base = if self.base.is_known() { self.base.value } else { 0.0 };
        for (row, bar) in order.iter().enumerate() {
            let (y, clear) = (rows.y(row), bar.is_clear(ERRORS));
            for (k, (end, (key, colour))) in bar.ends().into_iter().zip(LOOKS).enumerate() {
                let value = end.value(self.base);
                if !value.is_finite() {
                    continue;
                }
                // Bars on the same side of the base case lie one above the other.
                let (top, bottom) = match (bar.is_one_sided(), k) {
                    (false, _) => (y - half, y + half),
                    (true, 0) => (y - half, y - 0.5),
                    (true, _) => (y + 0.5, y + half),
                };
                let colour = if clear { colour } else { blend(GREY, WHITE, 0.35) };
                canvas.series(key, |canvas| {
                    marks::bar(canvas, (rows.at(base), top), (rows.at(value), bottom), colour, clear);
                    let error = Measured::new(value, end.difference.se);
                    if error.se.is_finite() {
                        marks::across(canvas, rows, f64::midpoint(top, bottom), error.interval());
                    }
                });
            }
        }
    }

    /// The line of the base case, and its value above.
    fn base_line(&self, canvas: &mut Canvas, rows: &Rows) {
        if !self.base.is_known() {
            return;
        }
        let (x, s) = (rows.at(self.base.value), rows.space);
        canvas.line(&[(x, s.top - 4.0), (x, s.bottom)], INK, 0.9, 1.4);
        let look = Type::bold(SMALL, INK);
        let name = if self.ends == TornadoEnds::Tenths { "all paths" } else { "base" };
        let text = format!("{name} {}", self.unit.write(self.base.value));
        let half = look.width(&text) / 2.0;
        let x = x.clamp(s.left + half, (s.right - half).max(s.left + half));
        canvas.text(&text, x, s.top - 12.0, look, HPos::Center);
    }

    fn picture(&self, canvas: &mut Canvas, mut space: Space, order: &[&TornadoBar]) {
        let rest = self.rest();
        if !rest.is_empty() {
            space.bottom -= 16.0;
            canvas.text(&rest, space.left, space.bottom + 8.0, Type::plain(NOTE, GREY), HPos::Left);
        }
        if order.is_empty() {
            return nothing(canvas, space);
        }
        let ends = order.iter().flat_map(|b| b.ends()).flat_map(|e| {
            let at = Measured::new(e.value(self.base), e.difference.se);
            [at.interval().0, at.interval().1]
        });
        let axis = self.unit.axis(ends.chain([self.base.value]));
        let look = Type::plain(SMALL, INK);
        let said: Vec<[String; 2]> =
            order.iter().map(|b| b.ends().map(|e| e.said(&self.unit, |t| look.fit(t, SETTING)))).collect();
        let wide = [0, 1].map(|k| {
            let texts = said.iter().map(|s| look.width(&s[k])).fold(0.0, f64::max).min(COLUMN);
            texts.max(Type::bold(NOTE, INK).width(self.headings()[k])) + 18.0
        });
        let names: Vec<_> =
            order.iter().map(|b| (b.name.clone(), if b.is_clear(ERRORS) { INK } else { GREY })).collect();
        let part = Space { top: space.top + 22.0, ..space };
        let rows = Rows::new(canvas, part, &names, axis, wide[0] + wide[1]);
        self.bars(canvas, &rows, order);
        self.base_line(canvas, &rows);
        let right = [space.right - wide[1], space.right];
        for k in [0, 1] {
            let (key, colour) = LOOKS[k];
            let bold = Type::bold(NOTE, text_colour(colour));
            canvas.series(key, |canvas| {
                canvas.text(self.headings()[k], right[k], rows.space.top - 12.0, bold, HPos::Right);
                for (row, (texts, bar)) in said.iter().zip(order).enumerate() {
                    let known = bar.ends()[k].difference.is_clear(ERRORS);
                    let look = Type::plain(SMALL, if known { INK } else { GREY });
                    canvas.text(&look.fit(&texts[k], wide[k] - 14.0), right[k], rows.y(row), look, HPos::Right);
                }
            });
        }
        let shown = [0, 1].map(|k| {
            let values = order.iter().map(|b| {
                let end = b.ends()[k];
                match self.unit.change(end.difference) {
                    change if change.is_empty() => end.said(&self.unit, str::to_owned),
                    change => format!("{} ({change})", end.said(&self.unit, str::to_owned)),
                }
            });
            Shown::new(LOOKS[k].0, self.headings()[k], LOOKS[k].1, values.collect())
        });
        rows.hover(canvas, &names, shown.into());
    }
}

impl Picture for Tornado {
    fn title(&self, _: &Frame) -> String {
        let order = self.order();
        let named = order.iter().find(|b| b.is_clear(STANDS_OUT));
        let (target, write) = (&self.target, |e: &TornadoEnd| {
            self.unit.write(if e.at.is_known() { e.at.value } else { e.value(self.base) })
        });
        match (named, self.ends) {
            (None, TornadoEnds::Settings) if order.is_empty() && self.without_effect > 0 => {
                format!("None of the settings tried has an effect on {target}")
            }
            (None, _) if order.is_empty() => format!("Nothing was tried on {target}"),
            (None, TornadoEnds::Settings) => format!("No setting stands out from noise in {target}"),
            (None, TornadoEnds::Tenths) => format!("No input stands out from noise in {target}"),
            (Some(bar), TornadoEnds::Tenths) => format!(
                "{target} varies most with {}: {} in its lowest tenth, {} in its highest",
                bar.name,
                write(&bar.low),
                write(&bar.high)
            ),
            (Some(bar), TornadoEnds::Settings) if bar.is_one_sided() => format!(
                "{} moves {target} most: from {} to {} at its low and {} at its high setting",
                bar.name,
                self.unit.write(self.base.value),
                write(&bar.low),
                write(&bar.high)
            ),
            (Some(bar), TornadoEnds::Settings) => {
                format!("{} moves {target} most: from {} to {}", bar.name, write(&bar.low), write(&bar.high))
            }
        }
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let order: Vec<&TornadoBar> = self.order().into_iter().take(MOST).collect();
        let what = match self.ends {
            TornadoEnds::Settings => {
                format!("{} with one setting at a time at its low and high value, same draws", self.target)
            }
            TornadoEnds::Tenths => format!("{} on the paths in the lowest and highest tenth of an input", self.target),
        };
        let metric = format!(
            "{what} · line: 95% interval of the difference from the base · hollow: less than {ERRORS} standard errors"
        );
        let list = order.iter().take(5).map(|b| {
            let [low, high] = b.ends().map(|e| e.said(&self.unit, str::to_owned));
            format!("{}: {low} and {high}", b.name)
        });
        let base = self.unit.write(self.base.value);
        let desc = format!("{title}. The base is {base}. {}.", list.collect::<Vec<_>>().join("; "));
        sheet(frame, Words { title, metric, desc }, |canvas, space| self.picture(canvas, space, &order))
    }

    fn table(&self, _: &Frame) -> Grid {
        let [low, high] = self.headings();
        let mut head = vec!["Name".to_owned()];
        head.extend([low, high].iter().flat_map(|end| {
            let of = |what: &str| format!("{what}, {end}");
            [of("Value"), of("Target"), of("±"), of("Difference"), of("± paired")]
        }));
        let row = |b: &&TornadoBar| {
            let cells = b.ends().into_iter().flat_map(|e| {
                [
                    e.setting.clone(),
                    self.unit.cell(e.at.value),
                    self.unit.error(e.at.se),
                    self.unit.difference(e.difference.value),
                    self.unit.error(e.difference.se),
                ]
            });
            std::iter::once(b.name.clone()).chain(cells).collect()
        };
        Grid { head, rows: self.order().iter().map(row).collect() }
    }
}

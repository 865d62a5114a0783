//! Chart 10: which inputs are associated with the outcomes, by rank correlation.

use plotters::style::text_anchor::HPos;

use super::axis::Axis;
use super::canvas::{Canvas, Sheet, Space, Type, Words, sheet};
use super::house::{BLUE, GREY, INK, SMALL, VERMILLION, WHITE, blend, correlation, correlation_ticks};
use super::rows::Rows;
use super::spend_revenue::caption;
use super::{Frame, Grid, Picture, Shown};

/// Rank correlations of inputs with outcomes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drivers {
    /// Names of the inputs.
    pub inputs: Vec<String>,
    /// Outcomes, of which at most two are drawn.
    pub targets: Vec<Target>,
    /// Number of paths over which the correlations are computed.
    pub paths: u64,
}

/// An outcome and what is associated with it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Target {
    /// Its label: `running out of cash`.
    pub label: String,
    /// Spearman's correlation with each input and its standard error; NaN where undefined.
    pub with: Vec<(f64, f64)>,
}

/// Largest number of inputs drawn.
const MOST: usize = 12;
/// Standard errors beyond which a correlation is not treated as noise: with a hundred inputs, there is one chance in
/// four that at least one is coloured by chance alone.
const NOISE: f64 = 3.0;

fn clear((rho, se): (f64, f64)) -> bool {
    rho.abs() > NOISE * se
}

impl Drivers {
    /// Inputs, ordered by their largest absolute correlation with any outcome drawn.
    fn order(&self) -> Vec<usize> {
        let size = |i: usize| {
            let all = self.targets.iter().take(2).filter_map(|t| t.with.get(i)).map(|w| w.0.abs());
            all.filter(|v| v.is_finite()).fold(0.0, f64::max)
        };
        let mut order: Vec<usize> = (0..self.inputs.len()).filter(|&i| size(i) > 0.0).collect();
        order.sort_by(|&a, &b| size(b).total_cmp(&size(a)).then(a.cmp(&b)));
        order
    }

    /// Standard error of a zero correlation, which is the largest.
    fn error(&self) -> f64 {
        1.0 / (self.paths.max(4) as f64 - 3.0).sqrt()
    }

    fn bars(canvas: &mut Canvas, rows: &Rows, order: &[usize], target: &Target, key: &str) {
        let half = (0.32 * rows.step()).min(9.0);
        for (row, &i) in order.iter().enumerate() {
            let Some(&(rho, se)) = target.with.get(i).filter(|w| w.0.is_finite()) else { continue };
            let colour = match (clear((rho, se)), rho > 0.0) {
                (false, _) => blend(GREY, WHITE, 0.5),
                (true, true) => VERMILLION,
                (true, false) => BLUE,
            };
            let (zero, x, y) = (rows.at(0.0), rows.at(rho), rows.y(row));
            canvas.series(key, |canvas| {
                canvas.rectangle((zero, y - half), (x, y + half), colour, 1.0);
                let (lo, hi) = (rows.at(rho - 1.96 * se), rows.at(rho + 1.96 * se));
                canvas.line(&[(lo, y), (hi, y)], INK, 0.8, 1.2);
            });
            // Beyond the whisker, or on the other side of zero where there is no room.
            let look = if clear((rho, se)) { Type::bold(SMALL, INK) } else { Type::plain(SMALL, GREY) };
            let text = correlation(rho);
            let room = look.width(&text) + 8.0;
            let end = rows.at(if rho > 0.0 { rho + 1.96 * se } else { rho - 1.96 * se });
            let outside =
                if rho > 0.0 { end + room <= rows.space.right + 14.0 } else { end - room >= rows.space.left - 14.0 };
            let right = (rho > 0.0) == outside;
            let from = if outside { end } else { zero };
            let (x, anchor) = if right { (from + 6.0, HPos::Left) } else { (from - 6.0, HPos::Right) };
            canvas.text(&text, x, y, look, anchor);
        }
    }
}

impl Picture for Drivers {
    fn title(&self, _: &Frame) -> String {
        let Some(target) = self.targets.first() else { return "No outcome varies".into() };
        let order = self.order();
        let with = |i: &usize| target.with.get(*i).copied().unwrap_or((f64::NAN, f64::NAN));
        let mut sure: Vec<usize> = order.iter().copied().filter(|i| clear(with(i))).collect();
        sure.sort_by(|a, b| with(b).0.abs().total_cmp(&with(a).0.abs()).then(a.cmp(b)));
        let said = |i: &usize| format!("“{}” ({})", self.inputs[*i], correlation(with(i).0));
        match &sure[..] {
            [] => format!("No input stands out from noise in {}", target.label),
            [one] => format!("{} is associated only with {}", sentence(&target.label), said(one)),
            [one, two, ..] => {
                format!(
                    "{} is most strongly associated with {}, then {}",
                    sentence(&target.label),
                    said(one),
                    said(two)
                )
            }
        }
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let order: Vec<usize> = self.order().into_iter().take(MOST).collect();
        let of = if self.paths < frame.paths {
            format!("the first {} paths", super::house::count(self.paths))
        } else {
            "all paths".into()
        };
        let metric = format!(
            "Spearman’s rank correlation of inputs with outcomes, of {of} · line: 95% interval · grey: less than {NOISE} standard errors ({:.2}) from zero",
            NOISE * self.error()
        );
        let list = |t: &Target| {
            let some: Vec<String> = order
                .iter()
                .take(5)
                .filter_map(|&i| Some(format!("{} {}", self.inputs[i], correlation(t.with.get(i)?.0))))
                .collect();
            format!("{}: {}", sentence(&t.label), some.join(", "))
        };
        let desc = format!("{title}. {}.", self.targets.iter().take(2).map(list).collect::<Vec<_>>().join(". "));
        sheet(frame, Words { title, metric, desc }, |canvas, space| {
            let targets = &self.targets[..self.targets.len().min(2)];
            let names: Vec<_> = order.iter().map(|&i| (self.inputs[i].clone(), INK)).collect();
            let all = targets.iter().flat_map(|t| order.iter().filter_map(|&i| t.with.get(i)));
            let reach = all.filter(|w| w.0.is_finite()).map(|w| w.0.abs() + 1.96 * w.1).fold(0.1, f64::max).min(1.0);
            // Space for the figures beyond the bars.
            let axis = || Axis::of(-1.3 * reach, 1.3 * reach, correlation_ticks);
            let look = Type::plain(SMALL + 0.5, INK);
            let wide = names.iter().map(|n| look.width(&n.0)).fold(0.0, f64::max).min(210.0) + 14.0;
            let each = (space.right - space.left - wide) / targets.len().max(1) as f64;
            for (k, target) in targets.iter().enumerate() {
                let key = format!("target-{}", k + 1);
                let (left, gap) = (space.left + wide + each * k as f64, if k > 0 { 24.0 } else { 0.0 });
                let title = Space { left: left + gap, right: left + each, ..space };
                caption(canvas, &format!("Correlation with {}", target.label), title);
                let part = Space { top: space.top + 24.0, right: left + each - 14.0, ..space };
                let rows = if k == 0 {
                    Rows::new(canvas, Space { left: space.left, ..part }, &names, axis(), 0.0)
                } else {
                    let bare: Vec<_> = names.iter().map(|_| (String::new(), INK)).collect();
                    Rows::new(canvas, Space { left: left + gap - 14.0, ..part }, &bare, axis(), 0.0)
                };
                Drivers::bars(canvas, &rows, &order, target, &key);
                let values = order.iter().map(|&i| {
                    target.with.get(i).map_or_else(String::new, |w| format!("{} ± {:.3}", correlation(w.0), w.1))
                });
                rows.hover(canvas, &names, vec![Shown::new(&key, &target.label, INK, values.collect())]);
            }
        })
    }

    fn table(&self, _: &Frame) -> Grid {
        let mut head = vec!["Input".to_owned()];
        head.extend(self.targets.iter().flat_map(|t| [sentence(&t.label), "± standard error".to_owned()]));
        let cells = |i: usize, t: &Target| {
            let (rho, se) = t.with.get(i).copied().unwrap_or((f64::NAN, f64::NAN));
            [correlation(rho), if se.is_finite() { format!("{se:.3}") } else { String::new() }]
        };
        let row = |i: usize| {
            std::iter::once(self.inputs[i].clone()).chain(self.targets.iter().flat_map(move |t| cells(i, t))).collect()
        };
        Grid { head, rows: self.order().into_iter().map(row).collect() }
    }
}

/// The text with an initial capital.
pub(super) fn sentence(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

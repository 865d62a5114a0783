//! Chart 12: who bears the loss when the lab or a vehicle fails.

use super::axis::Axis;
use super::canvas::{Sheet, Words, sheet};
use super::house::{INK, Role, money, money_ticks, percent, text_colour};
use super::rows::Rows;
use super::words::figures;
use super::{Frame, Grid, Picture, Shown};

/// Losses by claimant.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Losses {
    /// The claimants with a claim on some path.
    pub claimants: Vec<Claimant>,
}

/// A claimant; money in US dollars, discounted to the failure.
#[derive(Clone, Debug, PartialEq)]
pub struct Claimant {
    /// Name.
    pub label: String,
    /// Its role.
    pub role: Role,
    /// Share of paths on which it has a claim.
    pub claims: f64,
    /// Mean loss over all paths.
    pub expected: f64,
    /// Its standard error.
    pub se: f64,
    /// 95% quantile of the loss over all paths.
    pub p95: f64,
    /// Mean loss over mean claim.
    pub lgd: f64,
}

/// Largest number of claimants drawn.
const MOST: usize = 12;

impl Losses {
    /// Claimants with any expected loss, the largest first.
    fn order(&self) -> Vec<&Claimant> {
        let mut all: Vec<&Claimant> = self.claimants.iter().filter(|c| c.expected > 0.0).collect();
        all.sort_by(|a, b| b.expected.total_cmp(&a.expected).then_with(|| a.label.cmp(&b.label)));
        all
    }
}

impl Picture for Losses {
    fn title(&self, _: &Frame) -> String {
        let all = self.order();
        let total: f64 = all.iter().map(|c| c.expected).sum();
        match &all[..] {
            [] => "No claimant loses anything".into(),
            [one] => format!("{} alone bears the loss: {} expected", one.label, money(one.expected)),
            [one, two, ..] => format!(
                "{} and {} bear {} of the {} that claimants are expected to lose",
                one.label,
                two.label,
                percent((one.expected + two.expected) / total),
                money(total)
            ),
        }
    }

    fn draw(&self, frame: &Frame) -> Sheet {
        let title = self.title(frame);
        let all = self.order();
        let drawn = &all[..all.len().min(MOST)];
        let rest = if all.len() > MOST { format!(" · {} smaller not drawn", all.len() - MOST) } else { String::new() };
        let metric = format!(
            "Loss after a failure of the lab or a vehicle, US$, discounted to it · bar: mean over all paths with its 95% interval · dot: 95% quantile{rest}"
        );
        let list: Vec<String> = drawn
            .iter()
            .map(|c| {
                format!(
                    "{}: expected loss {}, 95% quantile {}, {} of the claim",
                    c.label,
                    money(c.expected),
                    money(c.p95),
                    percent(c.lgd)
                )
            })
            .collect();
        let desc = format!("{title}. {}.", list.join("; "));
        sheet(frame, Words { title, metric, desc }, |canvas, mut space| {
            space.top += 22.0;
            let names: Vec<_> = drawn.iter().map(|c| (c.label.clone(), text_colour(c.role.colour()))).collect();
            let ends = drawn.iter().map(|c| c.p95.max(c.expected + 1.96 * c.se)).filter(|v| v.is_finite());
            let mut ends: Vec<f64> = ends.collect();
            ends.sort_by(f64::total_cmp);
            // One claimant's tail must not dwarf the others: beyond four times the next longest it is cut, with an
            // arrow.
            let longest = ends.last().copied().unwrap_or(0.0);
            let next = ends.iter().rev().nth(1).copied().unwrap_or(longest);
            let largest = drawn.iter().map(|c| c.expected + 1.96 * c.se).fold(0.0, f64::max);
            let end = longest.min((4.0 * next).max(1.3 * largest));
            let right = space.right;
            let x = Axis::of(0.0, if end > 0.0 { 1.06 * end } else { 1.0 }, money_ticks);
            let rows = Rows::new(canvas, space, &names, x, 226.0);
            for (text, x) in [("expected loss", right - 146.0), ("of the claim", right - 66.0), ("claim in", right)] {
                rows.heading(canvas, text, x);
            }
            let half = (0.3 * rows.step()).min(9.0);
            for (row, c) in drawn.iter().enumerate() {
                let (y, colour) = (rows.y(row), c.role.colour());
                canvas.series("loss", |canvas| {
                    canvas.rectangle((rows.at(0.0), y - half), (rows.at(c.expected), y + half), colour, 1.0);
                    let (lo, hi) = (rows.at((c.expected - 1.96 * c.se).max(0.0)), rows.at(c.expected + 1.96 * c.se));
                    canvas.line(&[(lo, y), (hi, y)], INK, 0.85, 1.4);
                });
                if c.p95 > 0.0 {
                    canvas.series("p95", |canvas| {
                        let x = rows.at(c.p95);
                        canvas.line(&[(rows.at(c.expected), y), (x, y)], text_colour(colour), 0.5, 1.0);
                        if rows.holds(c.p95) {
                            canvas.dot((x, y), 4.2, text_colour(colour));
                        } else {
                            canvas.area(&[(x - 8.0, y - 5.0), (x, y), (x - 8.0, y + 5.0)], text_colour(colour), 1.0);
                        }
                    });
                }
                canvas.end(
                    Some(colour),
                    vec![
                        c.label.clone(),
                        format!("expected loss {}, claim on {}", money(c.expected), percent(c.claims)),
                    ],
                );
                rows.figure(canvas, row, &money(c.expected), right - 146.0, true);
                rows.figure(canvas, row, &percent(c.lgd), right - 66.0, false);
                rows.figure(canvas, row, &percent(c.claims), right, false);
            }
            let one = |key: &str, label: &str, f: &dyn Fn(&Claimant) -> String| {
                Shown::new(key, label, INK, drawn.iter().map(|c| f(c)).collect())
            };
            let shown = vec![
                one("loss", "Expected loss", &|c| {
                    format!("{} ± {} (one standard error)", money(c.expected), money(c.se))
                }),
                one("p95", "95% quantile", &|c| money(c.p95)),
                one("lgd", "Of the claim", &|c| percent(c.lgd)),
                one("claims", "Claim on", &|c| format!("{} of paths", figures(c.claims, "%"))),
            ];
            rows.hover(canvas, &names, shown);
        })
    }

    fn table(&self, _: &Frame) -> Grid {
        let head = [
            "Claimant",
            "Expected loss",
            "± standard error",
            "95% quantile",
            "Share of claim lost",
            "Paths with a claim",
        ];
        let row = |c: &&Claimant| {
            [c.label.clone(), money(c.expected), money(c.se), money(c.p95), percent(c.lgd), percent(c.claims)]
        };
        Grid::new(head, self.order().iter().map(row))
    }
}

//! The answer in words, lines, tables and charts.

use super::{At, Frontier};
use crate::output::charts::{self, Chart, FrontierPoint, Measured, Quantity, Unit, Winner};
use crate::output::table::{Cell, Kind, Table};
use crate::study::point::Estimate;
use crate::study::words::aligned;
use crate::study::{About, pictures};

fn share(x: &Estimate) -> String {
    if x.value.0.is_finite() {
        format!("{:.2}% ± {:.2}", 100.0 * x.value.0, 100.0 * x.se.0)
    } else {
        "undefined".into()
    }
}

impl Frontier {
    /// Whether a point passes the check.
    pub fn holds(&self) -> bool {
        self.chosen.is_some()
    }

    /// The answer in one sentence.
    pub fn sentence(&self) -> String {
        let n = self.points.len();
        let Some(at) = self.chosen.map(|k| &self.points[k]) else {
            let check = self.until.as_deref().unwrap_or_default();
            return format!("None of {n} points makes `{check}` true.");
        };
        let like = at.like.len();
        let also = match like {
            0 => String::new(),
            1 => "; one other point cannot be distinguished from it".to_owned(),
            like => format!("; {like} other points cannot be distinguished from it"),
        };
        let what = match &self.until {
            Some(check) => format!("the least dilution with `{check}`"),
            None => "the least probability of ruin".to_owned(),
        };
        format!(
            "Of {n} points {} are not dominated; {what} is at {}: ruin {}, dilution of {} {}{also}.",
            self.points.iter().filter(|at| at.frontier).count(),
            at.label,
            share(&at.ruin),
            self.holder,
            share(&at.dilution)
        )
    }

    /// The answer on the screen.
    pub fn lines(&self, about: &About) -> Vec<String> {
        let mut out = vec![
            format!(
                "{}: {} points on the same {} paths, seed {}",
                about.name(),
                self.points.len(),
                about.paths,
                about.seed
            ),
            self.sentence(),
        ];
        let head = ["on the frontier", "P(cash-out)", "dilution", "peak leverage", "like"].map(str::to_owned).to_vec();
        let mut order: Vec<usize> = (0..self.points.len()).filter(|&k| self.points[k].frontier).collect();
        order.sort_by(|&a, &b| self.points[a].ruin.value.0.total_cmp(&self.points[b].ruin.value.0));
        let row = |&k: &usize| {
            let at = &self.points[k];
            let mark = if Some(k) == self.chosen { "→ " } else { "  " };
            let leverage = at.leverage.value.0;
            let leverage =
                if leverage.is_finite() { format!("{leverage:.2}x ± {:.2}", at.leverage.se.0) } else { "-".into() };
            let like: Vec<String> = at.like.iter().map(|&j| self.points[j].label.clone()).collect();
            vec![format!("{mark}{}", at.label), share(&at.ruin), share(&at.dilution), leverage, like.join("; ")]
        };
        let shown = order.iter().take(14);
        out.extend(aligned(&std::iter::once(head).chain(shown.map(row)).collect::<Vec<_>>(), 24));
        if order.len() > 14 {
            out.push(format!("  and {} more in frontier.csv", order.len() - 14));
        }
        out.push(
            "  `like`: points that cannot be distinguished from it in ruin or dilution (2 standard errors of the difference)"
                .into(),
        );
        for fresh in &self.fresh {
            let holds = match fresh.holds {
                Some(true) => ", the check holds",
                Some(false) => ", the check does not hold",
                None => "",
            };
            out.push(format!(
                "  chosen point under seed {}: ruin {}, dilution {}{holds}",
                fresh.seed,
                share(&fresh.ruin),
                share(&fresh.dilution)
            ));
        }
        if let Some((label, why)) = self.invalid.first() {
            out.push(format!("  {} points are no valid scenarios, the first at {label}: {why}", self.invalid.len()));
        }
        out
    }

    /// `frontier.csv`.
    pub fn tables(&self) -> Vec<(String, Table)> {
        let texts = ["point", "settings", "frontier", "chosen", "like"].map(|name| (name, Kind::Text));
        let numbers = ["p_cash_out", "p_cash_out_se", "dilution", "dilution_se", "peak_leverage", "peak_leverage_se"];
        let numbers = numbers.map(|name| (name, Kind::Number));
        let mut table = Table::new(texts.into_iter().chain(numbers).chain([("check", Kind::Text)]));
        let word = |yes: bool| if yes { "yes" } else { "no" };
        for (k, at) in self.points.iter().enumerate() {
            let At { label, set, ruin, dilution, leverage, .. } = at;
            let (set, like) =
                (set.join(" "), at.like.iter().map(|&j| self.points[j].label.clone()).collect::<Vec<_>>().join("; "));
            let texts = [label.as_str(), &set, word(at.frontier), word(Some(k) == self.chosen), &like];
            let numbers = [ruin, dilution, leverage].into_iter().flat_map(|x| [x.value.0, x.se.0]);
            let check = at.check.as_ref().map_or("", |check| word(check.holds));
            let cells = texts.into_iter().map(Cell::from).chain(numbers.map(Cell::from)).chain([Cell::from(check)]);
            table.push(cells.collect::<Vec<_>>());
        }
        vec![("frontier.csv".to_owned(), table)]
    }

    /// The charts.
    pub fn charts(&self) -> Vec<Chart> {
        let share = |label: String| Quantity { label, unit: Unit::Share };
        let point = |at: &At| FrontierPoint {
            label: at.label.clone(),
            dilution: pictures::estimate(&at.dilution),
            ruin: pictures::estimate(&at.ruin),
            leverage: at.leverage.value.0,
            on_frontier: at.frontier,
            alike: at.like.clone(),
        };
        // The mean over the fresh seeds, which are independent.
        let mean = |of: fn(&super::Fresh) -> &Estimate| {
            let n = self.fresh.len() as f64;
            let squares: f64 = self.fresh.iter().map(|f| of(f).se.0.powi(2)).sum();
            Measured::new(self.fresh.iter().map(|f| of(f).value.0).sum::<f64>() / n, squares.sqrt() / n)
        };
        let winner = self.chosen.map(|point| Winner {
            point,
            dilution: mean(|f| &f.dilution),
            ruin: mean(|f| &f.ruin),
            seeds: self.fresh.len() as u64,
        });
        vec![Chart::Frontier(charts::Frontier {
            dilution: share(format!("Dilution of {}", self.holder)),
            ruin: share("P(cash-out)".into()),
            leverage: Quantity { label: "Peak look-through leverage".into(), unit: Unit::Multiple },
            points: self.points.iter().map(point).collect(),
            winner,
        })]
    }
}

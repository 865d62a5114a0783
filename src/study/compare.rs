//! `gapcast compare`: the same worlds under several files, variants or settings.

use serde::{Deserialize, Serialize};

use super::attribution::{self, Attribution};
use super::files::{Case, Common, Files};
use super::point::{self, Asked, Curve, Keep, Point, Row};
use super::runner::Runner;
use super::words::{points_of, signed, unit_named};
use super::{About, StudyError, pictures};
use crate::output::charts::{Chart, Contribution, Measured, Overlay, OverlayCase, Quantity, Shapley, Unit};
use crate::output::record::Figure;
use crate::output::table::{Kind, Table};

/// What is compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The cases; differences are from the first.
    pub cases: Vec<Case>,
    /// Questions in addition to the metrics.
    #[serde(default)]
    pub asks: Vec<String>,
}

/// A case and what was measured in it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Measure {
    /// Its name.
    pub name: String,
    /// What was measured.
    pub measured: point::Measured,
}

/// The answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Compared {
    /// The cases, the base first.
    pub cases: Vec<Measure>,
    /// Where the difference between two cases comes from.
    pub attribution: Option<Attribution>,
    /// Remarks: settings of the first case that were used for the others.
    pub remarks: Vec<String>,
}

/// Runs the comparison.
///
/// # Errors
/// A case is invalid, or the study was stopped.
pub fn run(
    ask: &Ask,
    common: &Common,
    files: &mut Files,
    runner: &Runner<'_>,
) -> Result<(About, Compared), StudyError> {
    let mut models = Vec::new();
    let (mut shared, mut remarks) = (common.clone(), Vec::new());
    for case in &ask.cases {
        let model = files.model(case, &shared, &ask.asks)?;
        if models.is_empty() {
            // All cases face the worlds of the first.
            (shared.paths, shared.seed) = (Some(model.scenario.run.paths), Some(model.plan.seed));
        }
        models.push(model);
    }
    let [first, others @ ..] = models.as_slice() else {
        return Err(StudyError::Usage("a comparison needs two cases".into()));
    };
    if others.is_empty() {
        return Err(StudyError::Usage(
            "a comparison needs two cases: a second file, `FILE:VARIANT`, `--variants` or `--with 'PATH=VALUE'`".into(),
        ));
    }
    let about = About::of(first, common);
    for other in others.iter().filter(|other| other.plan.start != first.plan.start) {
        remarks.push(format!(
            "`{}` begins in {} and `{}` in {}: metrics are compared at their own horizons",
            other.scenario.name.as_str(),
            other.plan.start,
            about.scenario,
            first.plan.start
        ));
    }
    let names = names(&ask.cases, &models);
    let points: Vec<Point> = models.into_iter().map(Point::of).collect();
    let base = runner.alone(&points[0], Keep::All)?;
    let measured = runner.against(&points[0], &points[1..], Keep::All)?;
    let attribution = match &points[1..] {
        [other] => Some(attribution::between(&points[0], other, runner)?),
        _ => None,
    };
    let cases = names.into_iter().zip(std::iter::once(base).chain(measured));
    let cases = cases.map(|(name, measured)| Measure { name, measured }).collect();
    Ok((about, Compared { cases, attribution, remarks }))
}

/// A name for each case: what distinguishes it from the others.
fn names(cases: &[Case], models: &[crate::model::Model]) -> Vec<String> {
    let scenario = |k: usize| models[k].scenario.name.as_str().to_owned();
    let one_file = cases.iter().all(|case| case.file == cases[0].file);
    let name = |(k, case): (usize, &Case)| {
        let mut parts = Vec::new();
        if !one_file {
            parts.push(scenario(k));
        }
        parts.extend(case.variant.clone());
        if !case.set.is_empty() {
            let short = |set: &String| {
                let (path, value) = set.split_once('=').unwrap_or((set, ""));
                format!("{}={}", path.rsplit('.').next().unwrap_or(path).trim(), value.trim())
            };
            parts.push(case.set.iter().map(short).collect::<Vec<_>>().join(", "));
        }
        if parts.is_empty() { scenario(k) } else { parts.join(": ") }
    };
    let mut names: Vec<String> = cases.iter().enumerate().map(name).collect();
    for k in 0..names.len() {
        if names[..k].contains(&names[k]) {
            names[k] = format!("{} ({})", names[k], k + 1);
        }
    }
    names
}

/// What the screen shows of a metric: label, name, and the quantile, or `None` for the mean.
const ROWS: [(&str, &str, Option<usize>); 11] = [
    ("cash runs out", "cash_out", None),
    ("default", "default", None),
    ("peak external funding P50", "peak_funding", Some(2)),
    ("peak external funding P95", "peak_funding", Some(4)),
    ("cumulative gap P50", "cumulative_gap", Some(2)),
    ("cash at the end P50", "cash", Some(2)),
    ("run-rate at the end P50", "run_rate", Some(2)),
    ("equity raised P50", "equity_raised", Some(2)),
    ("founders' stake P50", "stake.founders", Some(2)),
    ("look-through leverage P95", "look_through_leverage", Some(4)),
    ("value for holders, mean", "holders_value", None),
];

/// Cases that the screen shows beside the base.
const SHOWN: usize = 3;

impl Compared {
    fn base(&self) -> &Measure {
        &self.cases[0]
    }

    /// The answer in one sentence: the largest clear difference of the probability that cash runs out.
    pub fn sentence(&self) -> String {
        let of =
            |case: &Measure| case.measured.metrics.get("cash_out").and_then(|row| row.against.as_ref()).map(|a| a.mean);
        let told = self.cases[1..].iter().filter_map(|case| Some((case, of(case)?))).filter(|(_, d)| d.is_clear());
        let most = told.max_by(|a, b| a.1.value.0.abs().total_cmp(&b.1.value.0.abs()));
        let base = self.base();
        let p = |measure: &Measure| 100.0 * measure.measured.mean("cash_out").value.0;
        match most {
            Some((case, d)) => {
                let more = if d.value.0 > 0.0 { "more" } else { "fewer" };
                format!(
                    "With {} cash runs out on {:.2} ± {:.2} points {more} of the paths than with {}: {:.1}% against {:.1}%.",
                    case.name,
                    100.0 * d.value.0.abs(),
                    100.0 * d.se.0,
                    base.name,
                    p(case),
                    p(base)
                )
            }
            None => format!(
                "The probability that cash runs out cannot be distinguished from that with {} ({:.1}%).",
                base.name,
                p(base)
            ),
        }
    }

    /// The charts.
    pub fn charts(&self) -> Vec<Chart> {
        let plain = |x: &[Figure]| x.iter().map(|x| x.0).collect::<Vec<f64>>();
        let case = |case: &Measure| {
            let curve = |metric: &str, of: fn(&Curve) -> &Vec<Figure>| {
                case.measured.curves.get(metric).map_or(Vec::new(), |curve| plain(of(curve)))
            };
            let against = case.measured.metrics.get("cash_out").and_then(|row| row.against.as_ref());
            OverlayCase {
                name: case.name.clone(),
                probability: pictures::estimate(&case.measured.mean("cash_out")),
                difference: against.map_or(Measured::NONE, |a| pictures::difference(&a.mean)),
                survival: plain(&case.measured.alive),
                cash: curve("cash", |c| &c.p50),
                cash_p05: curve("cash", |c| &c.p05),
                cash_p95: curve("cash", |c| &c.p95),
                gap: curve("cumulative_gap", |c| &c.p50),
                founders: curve("stake.founders", |c| &c.p50),
            }
        };
        let overlay = Chart::Overlay(Overlay { cases: self.cases.iter().map(case).collect() });
        let of = self.attribution.iter().find_map(|a| a.metrics.iter().find(|of| of.metric == "cash_out"));
        let parts = of.zip(self.cases.get(1)).map(|(of, other)| {
            Chart::Shapley(Shapley {
                metric: Quantity { label: "P(cash-out)".into(), unit: Unit::Share },
                from: self.base().name.clone(),
                start: pictures::estimate(&of.from),
                to: other.name.clone(),
                end: pictures::estimate(&of.to),
                parts: of
                    .parts
                    .iter()
                    .map(|part| Contribution {
                        name: pictures::setting_name(&part.setting),
                        change: part.change.clone(),
                        value: Measured::new(part.value.0, part.se.0),
                    })
                    .collect(),
            })
        });
        std::iter::once(overlay).chain(parts).collect()
    }

    /// The answer on the screen.
    pub fn lines(&self, about: &About) -> Vec<String> {
        let shown = &self.cases[..self.cases.len().min(1 + SHOWN)];
        let mut out = vec![
            format!("{} cases on the same {} paths, seed {}", self.cases.len(), about.paths, about.seed),
            self.sentence(),
        ];
        let mut rows: Vec<Vec<String>> =
            vec![std::iter::once(String::new()).chain(shown.iter().map(|c| c.name.clone())).collect()];
        for (label, metric, level) in ROWS {
            if let Some(row) = metric_row(label, metric, level, shown) {
                rows.push(row);
            }
        }
        for k in 0..self.base().measured.asked.len() {
            let base = &self.base().measured.asked[k];
            let cell = |case: &Measure| Some(asked_cell(case.measured.asked.get(k)?, base));
            let cells: Vec<String> = shown.iter().filter_map(cell).collect();
            rows.push(std::iter::once(base.line.check.clone()).chain(cells).collect());
        }
        out.extend(super::words::aligned(&rows, 22));
        let left = self.cases.len() - shown.len();
        if left > 0 {
            out.push(format!("  and {left} more in compare.csv and the report"));
        }
        out.push(
            "  Differences from the first case in brackets; `=` cannot be distinguished from zero (2 standard errors)."
                .into(),
        );
        out.extend(self.attribution.iter().flat_map(super::attribution::Attribution::lines));
        out.extend(self.remarks.iter().cloned());
        out
    }

    /// `compare.csv`, and `attribution.csv` for two cases.
    pub fn tables(&self) -> Vec<(String, Table)> {
        let mut table = Table::new([
            ("case", Kind::Text),
            ("metric", Kind::Text),
            ("unit", Kind::Text),
            ("statistic", Kind::Text),
            ("value", Kind::Number),
            ("se", Kind::Number),
            ("difference", Kind::Number),
            ("difference_se", Kind::Number),
            ("difference_se_unpaired", Kind::Number),
            ("n_both", Kind::Whole),
            ("share_higher", Kind::Number),
            ("share_lower", Kind::Number),
        ]);
        for case in &self.cases {
            for (metric, row) in &case.measured.metrics.0 {
                push(&mut table, &case.name, metric, row);
            }
            for asked in &case.measured.asked {
                let d = asked.against.unwrap_or_default();
                table.push([
                    case.name.as_str().into(),
                    asked.line.check.as_str().into(),
                    asked.unit.as_str().into(),
                    "asked".into(),
                    asked.line.measured.0.into(),
                    asked.line.se.0.into(),
                    d.value.0.into(),
                    d.se.0.into(),
                    d.se_unpaired.0.into(),
                    crate::output::table::Cell::Whole(None),
                    f64::NAN.into(),
                    f64::NAN.into(),
                ]);
            }
        }
        let attribution = self.attribution.as_ref().map(|a| ("attribution.csv".to_owned(), a.table()));
        std::iter::once(("compare.csv".to_owned(), table)).chain(attribution).collect()
    }
}

/// A metric in all shown cases; `None` if no case has it or all have none.
fn metric_row(label: &str, metric: &str, level: Option<usize>, shown: &[Measure]) -> Option<Vec<String>> {
    let first = shown.iter().find_map(|case| case.measured.metrics.get(metric))?;
    let unit = unit_named(&first.unit)?;
    let cell = |case: &Measure| {
        let Some(row) = case.measured.metrics.get(metric) else { return "-".to_owned() };
        let at = level.map_or(row.mean, |k| row.quantiles[k]);
        let value = crate::outcome::show(at.value.0, unit);
        match row.against.as_ref().map(|a| level.map_or(a.mean, |k| a.quantiles[k])) {
            None => value,
            Some(d) if !d.is_clear() => format!("{value} (=)"),
            Some(d) => format!("{value} ({})", signed(d.value.0, unit).split(" USD").next().unwrap_or_default()),
        }
    };
    Some(std::iter::once(label.to_owned()).chain(shown.iter().map(cell)).collect())
}

/// The cell of a question: measured value, and the difference where it is clear.
fn asked_cell(asked: &Asked, base: &Asked) -> String {
    let shown = &asked.line.shown;
    match asked.against {
        Some(d) if !d.is_clear() => format!("{shown} (=)"),
        Some(d) if base.unit == "share" => format!("{shown} ({} pp)", points_of(d.value.0)),
        _ => shown.clone(),
    }
}

/// The rows of a metric: its mean and its quantiles.
fn push(table: &mut Table, case: &str, metric: &str, row: &Row) {
    let names = ["p05", "p25", "p50", "p75", "p95"];
    let statistics = std::iter::once(("mean", row.mean, row.against.as_ref().map(|a| a.mean)));
    let quantiles = (0..5).map(|k| (names[k], row.quantiles[k], row.against.as_ref().map(|a| a.quantiles[k])));
    for (statistic, at, difference) in statistics.chain(quantiles) {
        let d = difference.unwrap_or_default();
        let share = |x: fn(&super::point::Against) -> Figure| {
            row.against.as_ref().filter(|_| statistic == "mean").map_or(f64::NAN, |a| x(a).0)
        };
        table.push([
            case.into(),
            metric.into(),
            row.unit.as_str().into(),
            statistic.into(),
            at.value.0.into(),
            at.se.0.into(),
            d.value.0.into(),
            d.se.0.into(),
            d.se_unpaired.0.into(),
            crate::output::table::Cell::Whole(row.against.as_ref().and_then(|a| i64::try_from(a.n).ok())),
            share(|a| a.higher).into(),
            share(|a| a.lower).into(),
        ]);
    }
}

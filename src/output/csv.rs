//! The tables of a run. Money is in US dollars, months are the ISO date of the month's last day, undefined is an empty
//! cell.

use super::number::float;
use crate::engine::record::cash_names;
use crate::outcome::{Distribution, Outcome};
use crate::plan::metrics::Metric;

pub(super) fn table(rows: impl FnOnce(&mut csv::Writer<Vec<u8>>) -> csv::Result<()>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(Vec::new());
    // A vector takes any bytes, so the writer has nothing to fail on.
    rows(&mut writer).expect("writing to memory");
    writer.into_inner().expect("writing to memory")
}

const QUANTILES: [f64; 5] = [0.05, 0.25, 0.5, 0.75, 0.95];

fn statistics(d: &Distribution<'_>) -> Vec<String> {
    let quantiles = d.quantiles(&QUANTILES);
    let moments = [d.mean(), d.moments.se(), d.moments.sd()];
    let off = quantiles.iter().map(|q| q.resolution).fold(0.0, f64::max);
    let resolution = if d.n() == 0 { f64::NAN } else { off };
    let values = quantiles.iter().map(|q| q.value).chain([resolution]);
    moments.into_iter().chain(values).map(float).collect()
}

/// Columns of [`statistics`].
const STATISTICS: [&str; 9] = ["mean", "se", "sd", "p05", "p25", "p50", "p75", "p95", "resolution"];

/// `metric, unit, n_defined, mean, se, sd, p05 … p95` at the horizon.
pub fn summary(outcome: &Outcome) -> Vec<u8> {
    table(|w| {
        w.write_record(["metric", "unit", "n_defined"].into_iter().chain(STATISTICS))?;
        for (k, metric) in outcome.plan().metrics.at_end.iter().enumerate() {
            let d = outcome.end(k);
            let head = [metric.name.clone(), metric.unit.name().to_owned(), d.n().to_string()];
            w.write_record(head.into_iter().chain(statistics(&d)))?;
        }
        Ok(())
    })
}

/// Metrics of the world, as against the lab's.
const WORLD: [&str; 5] = ["winter", "equity_multiple", "sofr", "resale_index", "vendor_share"];

fn own(outcome: &Outcome) -> Vec<(usize, &Metric)> {
    outcome.plan().metrics.monthly.iter().enumerate().filter(|(_, m)| m.room.is_none()).collect()
}

/// `month, entity, metric, unit, mean, se, sd, p05 … p95`: one tidy table of the lab and the world.
pub fn monthly(outcome: &Outcome) -> Vec<u8> {
    table(|w| {
        w.write_record(["month", "entity", "metric", "unit"].into_iter().chain(STATISTICS))?;
        for t in 1..=outcome.plan().months {
            let month = outcome.plan().start.plus(t as i32 - 1).end_date();
            for (k, metric) in own(outcome) {
                let entity = if WORLD.contains(&metric.name.as_str()) { "world" } else { "lab" };
                let head = [month.clone(), entity.into(), metric.name.clone(), metric.unit.name().into()];
                w.write_record(head.into_iter().chain(statistics(&outcome.monthly(k, t))))?;
            }
        }
        Ok(())
    })
}

/// `month, instrument, line, unit, n_defined, mean, p05, p50, p95` of every contract and instrument. A line is undefined on some
/// paths, as cover is where no service is due; what is said of it is said of the others.
pub fn instruments(outcome: &Outcome) -> Vec<u8> {
    table(|w| {
        w.write_record(["month", "instrument", "line", "unit", "n_defined", "mean", "p05", "p50", "p95"])?;
        for t in 1..=outcome.plan().months {
            let month = outcome.plan().start.plus(t as i32 - 1).end_date();
            for (k, metric) in outcome.plan().metrics.monthly.iter().enumerate() {
                let Some(room) = metric.room else { continue };
                let name = &outcome.plan().rooms[room].name;
                let line =
                    metric.name.strip_prefix(name.as_str()).and_then(|l| l.strip_prefix('.')).unwrap_or(&metric.name);
                let d = outcome.monthly(k, t);
                let quantiles = d.quantiles(&[0.05, 0.5, 0.95]);
                let values = std::iter::once(d.mean()).chain(quantiles.iter().map(|q| q.value)).map(float);
                let unit = metric.unit.name().to_owned();
                let head = [month.clone(), name.clone(), line.to_owned(), unit, d.n().to_string()];
                w.write_record(head.into_iter().chain(values))?;
            }
        }
        Ok(())
    })
}

/// `month, entity, event, share`: share of paths on which an event happened in a month; rows of zeros are left out.
pub fn events(outcome: &Outcome) -> Vec<u8> {
    table(|w| {
        w.write_record(["month", "entity", "event", "share"])?;
        let n = outcome.results.paths as f64;
        for t in 1..=outcome.plan().months {
            let month = outcome.plan().start.plus(t as i32 - 1).end_date();
            for (event, counts) in outcome.plan().metrics.events.iter().zip(&outcome.results.counts.events) {
                if counts[t - 1] > 0 {
                    let share = float(counts[t - 1] as f64 / n);
                    w.write_record([month.as_str(), &event.entity, event.name, &share])?;
                }
            }
        }
        Ok(())
    })
}

/// `claimant, unit, n_claims, mean_claim, expected_loss, se, loss_p95, lgd`: who bears the loss when the lab or a vehicle
/// fails. The mean claim is over the paths that have one; the expected loss, discounted to the failure, and its 95%
/// quantile are over all paths; loss given default is the mean loss over the mean claim. Who had no claim on any path has
/// no row.
pub fn claims(outcome: &Outcome) -> Vec<u8> {
    table(|w| {
        w.write_record(["claimant", "unit", "n_claims", "mean_claim", "expected_loss", "se", "loss_p95", "lgd"])?;
        for (k, metric) in outcome.plan().metrics.at_end.iter().enumerate() {
            let Some(claimant) = metric.name.strip_suffix(".claim") else { continue };
            let Some(loss) = outcome.metric(&format!("{claimant}.loss")) else { continue };
            let claim = outcome.end(k);
            let n = claim.above(0.0);
            if n > 0.0 {
                let (all, lost) = (claim.mean(), loss.mean());
                let numbers = [all * claim.n() as f64 / n, lost, loss.moments.se(), loss.quantile(0.95), lost / all];
                let head = [claimant.to_owned(), metric.unit.name().to_owned(), n.to_string()];
                w.write_record(head.into_iter().chain(numbers.map(float)))?;
            }
        }
        Ok(())
    })
}

/// Sources and uses of a year: `(side, line, mean, median)`; the means of the two sides are equal.
pub fn sides(outcome: &Outcome, year: usize) -> Vec<(&'static str, &'static str, f64, f64)> {
    let names = cash_names(outcome.plan());
    let closing = names.len() - 1;
    let opening = if year == 0 {
        outcome.metric("opening_cash").map_or((0.0, 0.0), |d| (d.mean(), d.quantile(0.5)))
    } else {
        let d = outcome.year(year - 1, closing);
        (d.mean(), d.quantile(0.5))
    };
    let mut out = vec![("source", "opening_cash", opening.0, opening.1)];
    for (k, line) in outcome.plan().metrics.cash.iter().enumerate() {
        let d = outcome.year(year, k);
        out.push((if line.source { "source" } else { "use" }, line.name, d.mean(), d.quantile(0.5)));
    }
    let d = outcome.year(year, closing);
    out.push(("use", "closing_cash", d.mean(), d.quantile(0.5)));
    out.sort_by_key(|row| row.0);
    out
}

/// `year, side, line, mean, p50`.
pub fn sources_uses(outcome: &Outcome) -> Vec<u8> {
    table(|w| {
        w.write_record(["year", "side", "line", "mean", "p50"])?;
        for (k, year) in outcome.years().iter().enumerate() {
            for (side, line, mean, median) in sides(outcome, k) {
                w.write_record([year.to_string(), side.to_owned(), line.to_owned(), float(mean), float(median)])?;
            }
        }
        Ok(())
    })
}

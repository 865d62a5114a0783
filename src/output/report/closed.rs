//! Paragraphs on the closed loop: what capability did to revenue, what scarce power cost, what the supply of equity cut,
//! and what investors saw. Each is written if the scenario has its block.

use std::fmt::Write as _;

use super::words::{decimals, horizon, largest, money, month, percent, smallest};
use crate::output::charts::house::multiple;
use crate::output::figures;
use crate::output::reading::{End, Folder};

/// A mean with its standard error: `$1.2B ± $30M`.
fn amount(end: End<'_>) -> String {
    with_error(end.get("mean"), end.get("se"), money)
}

fn with_error(mean: f64, se: f64, write: fn(f64) -> String) -> String {
    if se > 0.0 { format!("{} ± {}", write(mean), write(se)) } else { write(mean) }
}

/// A share in percent with its standard error in points: `0.5% ± 0.04 pp`.
fn share(mean: f64, se: f64) -> String {
    if se > 0.0 { format!("{} ± {:.2}\u{a0}pp", percent(mean), 100.0 * se) } else { percent(mean) }
}

/// Sum over months of the mean of a flow, and a bound of its standard error: the sum of those of the months, which it
/// reaches only if all months move together.
fn total(folder: &Folder, metric: &str) -> Option<(f64, f64)> {
    let series = folder.monthly(metric)?;
    let sum = |statistic: &str| series.get(statistic).into_iter().filter(|v| v.is_finite()).sum::<f64>();
    Some((sum("mean"), sum("se")))
}

fn sum_of((mean, se): (f64, f64)) -> String {
    if se > 0.0 { format!("{} (± at most {})", money(mean), money(se)) } else { money(mean) }
}

/// What capability did to run-rate.
pub(super) fn capability(folder: &Folder) -> Option<String> {
    let (lead, effect) = (folder.end("capability")?, folder.end("capability_effect")?);
    let chart = figures::capability(folder);
    let factor = |log: f64| multiple(log.clamp(-20.0, 20.0).exp());
    let at = |statistic: &str| effect.get(statistic);
    if !at("p50").is_finite() {
        return None;
    }
    let mut text = format!(
        "Research and revenue: in {} the lab’s position against its rivals is {} of that at the start at the median, which makes demand {} of \
         what it would be at the position of the start (90% of paths: {} to {}).",
        horizon(folder),
        factor(lead.get("p50")),
        factor(at("p50")),
        factor(at("p05")),
        factor(at("p95"))
    );
    let log = with_error(at("mean"), at("se"), |x| decimals(x, 3));
    let _ = write!(text, " The mean logarithm of that factor is {log}.");
    if let Some(served) = chart.and_then(|c| c.mean_served()) {
        let _ = write!(text, " There is power for {} of research on average over the months", percent(served));
        let months = folder.monthly("research_served").map(|s| s.get("mean")).unwrap_or_default();
        match smallest(&months).filter(|low| low.1 < served - 0.005) {
            Some((at, low)) => {
                let _ = write!(text, ", least in {} ({}).", month(folder, at), percent(low));
            }
            None => text.push('.'),
        }
    }
    text.push_str(" A lab that has ended does no research and counts with the position that it falls back to.");
    Some(text)
}

/// What ventures with a portfolio of companies bring the lab, and what it pays them.
pub(super) fn ventures(folder: &Folder) -> Option<String> {
    let sum = |values: Vec<f64>| values.into_iter().filter(|v| v.is_finite()).sum::<f64>();
    let revenue = folder.monthly("revenue").map_or(0.0, |s| sum(s.get("mean")));
    let mut text = String::new();
    for name in folder.instruments() {
        let (Some(brought), Some(charge)) = (folder.line(name, "brought"), folder.line(name, "charge")) else {
            continue;
        };
        let (brought, charge) = (sum(brought.get("mean")), sum(charge.get("mean")));
        let of_revenue =
            if revenue > 0.0 { format!(", {} of revenue", percent(brought / revenue)) } else { String::new() };
        let called = folder.end(&format!("{name}.called_total")).map_or(f64::NAN, |e| e.get("mean"));
        let _ = write!(
            text,
            "{} brings the lab sales of {} at list price over the horizon on average{of_revenue}, and earns {} of commission on them; its \
             partners pay in {}. ",
            super::words::capital(name),
            money(brought),
            money(charge),
            money(called)
        );
    }
    if text.is_empty() {
        return None;
    }
    text.push_str("What it does to the probability of cash-out is in the table of variants, if one goes without it.");
    Some(text)
}

/// What scarce power cost.
pub(super) fn power(folder: &Folder) -> Option<String> {
    let chart = figures::power_market(folder)?;
    let cost = total(folder, "cost_of_scarcity")?;
    let spent = total(folder, "compute_spend").map_or(0.0, |t| t.0);
    let mut text = format!("Scarce power: on average it costs {} over the horizon", sum_of(cost));
    if spent > 0.0 && cost.0 > 0.0 {
        let _ = write!(text, ", {} of what is spent on compute", percent(cost.0 / spent));
    }
    text.push_str(", in more expensive power and in the margin lost on customers who go unserved.");
    if let (Some(unserved), Some(lost)) = (chart.unserved(), total(folder, "unserved_revenue")) {
        let _ = write!(text, " Of customers’ demand {} goes unserved, {}", percent(unserved), sum_of(lost));
        let research = total(folder, "unserved_research").map(|r| format!("; of research, {}", sum_of(r)));
        let _ = write!(text, "{}. Research comes last, so that it is the buffer.", research.unwrap_or_default());
    }
    if let Some((i, dear)) = largest(&chart.spot.band.p50) {
        let _ = write!(
            text,
            " The spot price of power is {}/GW-yr at the median in the first month, {} at its highest in {}, and {} at the end.",
            money(chart.spot.band.p50.first().copied().unwrap_or(f64::NAN)),
            money(dear),
            month(folder, i),
            money(chart.spot.band.p50.last().copied().unwrap_or(f64::NAN))
        );
    }
    Some(text)
}

/// What the supply of equity cut.
pub(super) fn supply(folder: &Folder) -> Option<String> {
    let (asked, raised) = (total(folder, "equity_asked")?, total(folder, "equity_filled")?);
    let mut text = if asked.0 > 0.0 {
        let unfilled = (asked.0 - raised.0).max(0.0);
        let cut = if unfilled / asked.0 < 0.0005 {
            "the supply cuts none of it".to_owned()
        } else {
            format!("{} is left unfilled, {} of what is asked", money(unfilled), percent(unfilled / asked.0))
        };
        format!(
            "Supply of equity: on average rounds ask for {} over the horizon and raise {}; {cut}. A round that fails for want of supply asks \
             again, and is counted again.",
            sum_of(asked),
            sum_of(raised)
        )
    } else {
        "Supply of equity: no round asks for any.".to_owned()
    };
    if let Some((i, low)) = smallest(&folder.monthly("price_impact")?.get("mean")).filter(|low| low.1 < 0.9995) {
        let se = folder.monthly("price_impact").and_then(|s| s.get("se").get(i).copied()).unwrap_or(f64::NAN);
        let _ = write!(
            text,
            " The flow of new equity lowers the price of a round by {} on average in {}, the month in which it weighs most.",
            share(1.0 - low, se),
            month(folder, i)
        );
    }
    text.push_str(" This supply is what investors give to this lab, not to the market.");
    Some(text)
}

/// What investors saw.
pub(super) fn valuation(folder: &Folder) -> Option<String> {
    let (enterprise, burden) = (folder.end("enterprise_value")?, folder.end("burden")?);
    let equity = folder.end("valuation")?;
    let whole = enterprise.get("mean");
    if whole.is_nan() || whole <= 0.0 {
        return None;
    }
    let mut text = format!(
        "What investors see: in {} the mean valuation is {}, {} of the mean enterprise value ({}). Between the two lie debt, cash, what scarce power \
         costs, and the burden of firm obligations beyond their use, {} on average, {} of enterprise value.",
        horizon(folder),
        amount(equity),
        percent(equity.get("mean") / whole),
        amount(enterprise),
        amount(burden),
        percent(burden.get("mean") / whole)
    );
    if let Some(holders) = folder.end("holders_value") {
        let _ = write!(text, " The shares of the holders of the start are worth {} on average.", amount(holders));
    }
    Some(text)
}

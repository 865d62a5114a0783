//! Joint implications of the growth terms.

use super::Lens;
use crate::drivers::keep;
use crate::engine::inputs::InputDraws;
use crate::lab::demand::{GrowthIs, Saturation};
use crate::language::quantity::Inputs;
use crate::scenario::Scenario;

/// Maximum horizon, in months, at which the spread of revenue is assessed.
const MONTHS: u32 = 60;
/// Standard deviation of log revenue above which a few paths dominate the mean.
const MOST: f64 = 1.5;
/// Number of draws of the inputs: the sampling error of their standard deviation is 4%.
const DRAWS: u64 = 400;

/// Variance of log revenue, by source.
#[derive(Clone, Copy, Debug, Default)]
struct Spread {
    shocks: f64,
    noise: f64,
    inputs: f64,
}

/// Variance of `ln D_t` after `t` months, without ceiling and winters.
///
/// Given its inputs, `ln D_t` is normal around `ln D_0 + θ t + (x_0 − θ) Σ_{k=1..t} ρ^k − σ² t/2` with variance
/// `η² Σ_{j=1..t} ((1 − ρ^(t−j+1))/(1 − ρ))² + σ² t`: `x_0` is current growth, `θ` long-run growth, `ρ` the share of
/// their difference that remains after a month, `η` the shock to the growth state and `σ` the noise in the level. The
/// total is the mean of that variance over the inputs plus the variance of that mean.
fn variance(scenario: &Scenario, draws: &InputDraws, months: u32) -> Spread {
    let (demand, seed) = (&scenario.lab.demand, scenario.run.seed);
    let mut drawn = vec![0.0; draws.len()];
    let (mut out, mut sum, mut squares) = (Spread::default(), 0.0, 0.0);
    let uncertain = !draws.is_empty();
    let n = if uncertain { DRAWS } else { 1 };
    for path in 0..n {
        draws.draw(seed, path, &mut drawn);
        let inputs = Inputs::new(&drawn);
        let (now, later) = (demand.growth.now.at(&inputs), demand.growth.later.at(&inputs));
        let kept = keep(demand.growth.half_life.at(&inputs));
        let (shock, noise) = (demand.growth_shock.at(&inputs), demand.volatility.at(&inputs));
        // `power` is ρ^k, `reach` is Σ_{i<k} ρ^i: what a shock has added to the level k months on.
        let (mut power, mut reach, mut decayed, mut shocks) = (1.0, 0.0, 0.0, 0.0);
        for _ in 0..months {
            reach += power;
            power *= kept;
            decayed += power;
            shocks += reach * reach;
        }
        let t = f64::from(months);
        let opening: f64 = demand.segments.0.iter().map(|(_, s)| s.run_rate.at(&inputs)).sum();
        let mean =
            libm::log(opening.max(f64::MIN_POSITIVE)) + later * t + (now - later) * decayed - 0.5 * noise * noise * t;
        out.shocks += shock * shock * shocks;
        out.noise += noise * noise * t;
        sum += mean;
        squares += mean * mean;
    }
    let n = n as f64;
    out.inputs = if uncertain { ((squares - sum * sum / n) / (n - 1.0)).max(0.0) } else { 0.0 };
    (out.shocks, out.noise) = (out.shocks / n, out.noise / n);
    out
}

/// Revenue that is implausibly uncertain.
pub(super) fn spread(lens: &mut Lens<'_>) {
    let scenario = lens.of.scenario;
    let demand = &scenario.lab.demand;
    // Bass diffusion has its own rates.
    if demand.saturation == Saturation::Bass {
        return;
    }
    let months = scenario.time.months.min(MONTHS);
    let parts = variance(scenario, lens.of.draws, months);
    let all = parts.shocks + parts.noise + parts.inputs;
    let sd = all.sqrt();
    if sd.is_nan() || sd <= MOST {
        return;
    }
    let share = |part: f64| 100.0 * part / all;
    let most = parts.shocks.max(parts.noise).max(parts.inputs);
    let place = if most == parts.shocks {
        demand.growth_shock.place()
    } else if most == parts.noise {
        demand.volatility.place()
    } else {
        demand.growth.now.place()
    };
    let title = format!("log revenue has a standard deviation of {sd:.2} after {months} months, before any ceiling");
    let label = format!("its 95% quantile is {:.0} times its 5% quantile", (3.29 * sd).exp());
    if let Some(issue) = lens.lint("lint-log-sd", place, title, label) {
        issue
            .help(format!(
                "shares of the variance: {:.0}% from `growth_shock`, {:.0}% from `volatility`, {:.0}% from uncertain inputs",
                share(parts.shocks),
                share(parts.noise),
                share(parts.inputs)
            ))
            .help("`growth_shock` moves growth itself and persists; `volatility` moves a single month's level");
    }
}

/// Horizon in months, and the standard deviation of log revenue at it, without ceiling, winters and the effect of
/// research; `None` under Bass diffusion, which has its own rates.
pub fn spread_of_revenue(scenario: &Scenario, draws: &InputDraws) -> Option<(u32, f64)> {
    let months = scenario.time.months.min(MONTHS);
    let spread = variance(scenario, draws, months);
    (scenario.lab.demand.saturation != Saturation::Bass)
        .then(|| (months, (spread.shocks + spread.noise + spread.inputs).sqrt()))
}

/// Loop gain above which more research feeds on itself for long.
const MOST_LOOP_GAIN: f64 = 0.7;

/// A loop of research and revenue that amplifies every difference.
pub(super) fn loop_gain(lens: &mut Lens<'_>) {
    let Some(capability) = &lens.of.scenario.lab.demand.capability else { return };
    let gain = lens.middle(&capability.elasticity);
    if gain <= MOST_LOOP_GAIN {
        return;
    }
    let title = format!("the loop of research and revenue has a gain of {gain:.2} at the median");
    let label = format!("differences in growth are multiplied by up to {:.1}", 1.0 / (1.0 - gain));
    if let Some(issue) = lens.lint("lint-loop-gain", capability.elasticity.place(), title, label) {
        issue.help("where research follows revenue, `elasticity` is the gain; estimates lie between 0.15 and 0.8");
    }
}

/// Growth sourced from measured revenue, with releases on top of it.
pub(super) fn twice(lens: &mut Lens<'_>) {
    let demand = &lens.of.scenario.lab.demand;
    if demand.growth_is != GrowthIs::Underlying || demand.releases.is_none() {
        return;
    }
    let measured = ["lab.demand.growth.now", "lab.demand.growth"]
        .into_iter()
        .any(|path| lens.said(path).any(|a| a.source.is_some() || a.url.is_some()));
    if measured {
        let title = "measured growth already includes releases, which are added again";
        let label = "sourced as measured, with `growth_is: underlying`";
        if let Some(issue) = lens.lint("lint-growth-twice", demand.growth.now.place(), title, label) {
            issue.help("write `growth_is: total`, which deducts the mean effect of releases and competitor moves");
        }
    }
}

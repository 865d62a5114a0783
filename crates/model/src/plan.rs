//! Compiles a scenario into a plan, which is immutable, complete and contains only numbers. Whatever cannot be planned
//! is reported as an issue.

pub use crate::engine::plan::{Plan, PlannedComponent, PlannedInstrument};

pub mod checked;
mod components;
pub mod metrics;
mod tried;

use std::collections::HashSet;
use std::sync::Arc;

use crate::column;
use crate::components::ComponentSpec;
use crate::engine::books::{Lines, event};
use crate::engine::columns::{Columns, Field};
use crate::engine::inputs::{Copula, Dependence, InputDraws, Law, LawError, Measure, correlation};
use crate::engine::objects::{ComponentKind, InstrumentKind};
use crate::engine::shocks::Shocks;
use crate::engine::streams::Stream;
use crate::instruments::InstrumentSpec;
use crate::instruments::contract::ContractSetup;
use crate::instruments::own_compute::OwnComputeSetup;
use crate::issues::{Issues, nearest};
use crate::lab::insolvency::{self, InsolvencySpec};
use crate::language::law::LawSpec;
use crate::language::reader::Reader;
use crate::scenario::dependence::{CopulaSpec, DependenceSpec, Pair};
use crate::scenario::{RunSpec, Scenario};
use components::{check_loop_gain, components_of, covers_obligations, price_of};
use metrics::LINES_AT;

/// Compiles a scenario. Errors are added to `reader.issues`; some of them leave no plan (`None`). `waits` is set if
/// rules between its keys must be tested on draws of the inputs.
pub fn compile(scenario: &Scenario, reader: &mut Reader, waits: bool) -> Option<Plan> {
    let run: &RunSpec = &scenario.run;
    let seed = run.seed;
    let mut draws = input_draws(&scenario.dependence, reader)?;
    tried::plan(scenario, &mut draws, reader, waits);
    let medians = draws.medians();
    check_loop_gain(scenario, &medians, &mut reader.issues)?;
    let specs = components_of(scenario, &medians);
    let mut normals: Vec<String> = Vec::new();
    let mut uniforms: Vec<String> = Vec::new();
    let mut components = Vec::new();
    for spec in specs {
        let place = |names: Vec<String>, all: &mut Vec<String>| -> Vec<usize> {
            names
                .into_iter()
                .map(|n| {
                    all.iter().position(|m| *m == n).unwrap_or_else(|| {
                        all.push(n);
                        all.len() - 1
                    })
                })
                .collect()
        };
        let n = place(spec.normals(), &mut normals);
        let u = place(spec.uniforms(), &mut uniforms);
        components.push((spec, n, u));
    }
    let shocks = shocks_of(&scenario.dependence, &normals, &uniforms, seed, &mut reader.issues)?;
    let mut instruments = instruments_of(scenario, seed, &mut reader.issues)?;
    let lead = scenario.lab.compute.orders.as_ref().map_or(0, |o| o.lead.0.round() as usize);
    let metrics = metrics::of(scenario, &instruments, &mut reader.issues)?;
    for (k, instrument) in instruments.iter_mut().enumerate() {
        instrument.keeps_flows = metrics.needs_flows(k);
    }
    let touched = touched(&components, &instruments);
    let planned = |(spec, normals, uniforms)| PlannedComponent {
        spec: Arc::new(spec) as Arc<dyn ComponentKind>,
        normals,
        uniforms,
    };
    let stocks = column!(accounts.stocks);
    let carried = [
        (column!(lines.notes), column!(lab.notes)),
        (column!(lines.note_shares), column!(lab.note_shares)),
        (column!(lines.debt), stocks),
        (column!(lines.off_balance), stocks + 1),
        (column!(lines.firm), stocks + 2),
        (column!(lines.guarantee_now), stocks + 3),
    ];
    let carried = carried.into_iter().filter(|(from, _)| touched.contains(from));
    Some(Plan {
        insolvency: Arc::new(InsolvencySpec {
            default: scenario.lab.default.clone(),
            preferences: scenario.lab.opening.preferences.clone(),
        }),
        fate: Stream::new(seed, "fate"),
        months_from: 0,
        cleared: touched.clone(),
        carried: carried.chain([(column!(lab.run_rate), column!(accounts.last_run_rate))]).collect(),
        months: scenario.time.months as usize,
        start: scenario.time.start,
        seed,
        lead,
        draws,
        medians,
        shocks,
        components: components.into_iter().map(planned).collect(),
        prices_obligations: price_of(scenario).is_some(),
        covers_obligations: covers_obligations(scenario),
        instruments,
        metrics,
    })
}

/// The spec of a component, as compiled.
///
/// # Panics
/// If it is not a [`ComponentSpec`], which cannot happen: every plan is made in this module.
pub fn component_spec(component: &PlannedComponent) -> &ComponentSpec {
    component.spec.any().downcast_ref().expect("components are of the list")
}

/// The terms of an instrument, as stated in the scenario.
///
/// # Panics
/// If it is not an [`InstrumentSpec`], which cannot happen: every plan is made in this module.
pub fn instrument_spec(instrument: &PlannedInstrument) -> &InstrumentSpec {
    instrument.spec.any().downcast_ref().expect("instruments are of the list")
}

fn law_of(spec: &LawSpec) -> Result<Law, LawError> {
    match spec {
        LawSpec::Point(x) => Law::point(*x),
        LawSpec::IntervalNormal { p5, p95 } => Law::interval_normal(*p5, *p95),
        LawSpec::IntervalLognormal { p5, p95 } => Law::interval_lognormal(*p5, *p95),
        LawSpec::Beta { p5, p95 } => Law::beta_p5_p95(*p5, *p95),
        LawSpec::BetaShape { alpha, beta } => Law::beta(*alpha, *beta),
        LawSpec::Lognormal { median, p95 } => Law::lognormal_median_p95(*median, *p95),
        LawSpec::Normal { mean, sd } => Law::normal(*mean, *sd),
        LawSpec::Triangular { min, mode, max } => Law::triangular(*min, *mode, *max),
        LawSpec::Pert { min, mode, max } => Law::pert(*min, *mode, *max),
        LawSpec::Uniform { min, max } => Law::uniform(*min, *max),
        LawSpec::Discrete { values, weights } => Law::discrete(values, weights),
        LawSpec::Empirical { values } => Law::empirical(values),
    }
}

fn input_draws(dependence: &DependenceSpec, reader: &mut Reader) -> Option<InputDraws> {
    let mut laws = Vec::new();
    for input in reader.inputs.clone() {
        match law_of(&input.law) {
            Ok(law) => laws.push((input.name, law)),
            Err(error) => {
                reader.issues.error(
                    "law",
                    input.place,
                    format!("no law fits the parameters of `{}`", input.name),
                    error.to_string(),
                );
            }
        }
    }
    let copula = match dependence.copula {
        CopulaSpec::Gaussian => Copula::Gaussian,
        CopulaSpec::T { df } => Copula::T { df },
    };
    let names: Vec<String> = reader.inputs.iter().map(|i| i.name.clone()).collect();
    let spearman = dependence.spearman.iter().map(|p| (Measure::Spearman, p));
    let stated: Vec<_> = spearman.chain(dependence.kendall.iter().map(|p| (Measure::Kendall, p))).collect();
    for (_, pair) in &stated {
        for name in [&pair.a, &pair.b] {
            let Some(at) = names.iter().position(|n| n == name) else {
                unknown_name("input", name, &names, pair, &mut reader.issues);
                continue;
            };
            if matches!(reader.inputs[at].law, LawSpec::Point(_)) {
                let title = format!("the input `{name}` is known and cannot be correlated");
                reader.issues.warn("known-input", pair.place, title, "this pair has no effect");
            }
        }
    }
    paired_twice(stated.iter().map(|(_, pair)| *pair), &mut reader.issues);
    if reader.issues.has_errors() {
        return None;
    }
    let targets: Vec<(Measure, f64)> = stated.iter().map(|(measure, pair)| (*measure, pair.value)).collect();
    let pairs = stated
        .iter()
        .zip(copula.rhos(&targets))
        .map(|((_, pair), rho)| (pair.a.clone(), pair.b.clone(), rho))
        .collect();
    if reader.issues.has_errors() {
        return None;
    }
    let stated = Dependence { copula, measure: Measure::Normal, pairs, repair: dependence.repair };
    match InputDraws::new(laws, Some(&stated)) {
        Ok(draws) => {
            if draws.repair_distance() > 0.0 {
                let title = format!(
                    "correlations were adjusted by {:.4} (Frobenius) to be consistent",
                    draws.repair_distance()
                );
                let place = dependence.spearman.first().or(dependence.kendall.first()).map(|p| p.place);
                reader.issues.warn("repaired", place, title, "`repair: true` allows it");
            }
            Some(draws)
        }
        Err(error) => {
            let place = dependence.spearman.first().or(dependence.kendall.first()).map(|p| p.place);
            reader
                .issues
                .error("correlation", place, error.to_string(), "these correlations are inconsistent")
                .help("`repair: true` uses the nearest correlation matrix and reports the distance");
            None
        }
    }
}

/// Reports pairs that are stated twice, in either order.
fn paired_twice<'a>(pairs: impl Iterator<Item = &'a Pair>, issues: &mut Issues) {
    let mut seen: HashSet<(&str, &str)> = HashSet::new();
    for pair in pairs {
        let names =
            if pair.a < pair.b { (pair.a.as_str(), pair.b.as_str()) } else { (pair.b.as_str(), pair.a.as_str()) };
        if !seen.insert(names) {
            let title = format!("duplicate correlation of `{}` and `{}`", pair.a, pair.b);
            issues.error("correlation", pair.place, title, "the second occurrence; remove one of them");
        }
    }
}

fn unknown_name(what: &str, name: &str, names: &[String], pair: &Pair, issues: &mut Issues) {
    let label = nearest(name, names.iter().map(String::as_str))
        .map_or(format!("no {what} of this scenario"), |n| format!("did you mean `{n}`?"));
    issues
        .error("unknown-name", pair.place, format!("unknown {what} `{name}`"), label)
        .help(format!("{what}s: {}", names.join(", ")));
}

fn shocks_of(
    d: &DependenceSpec,
    normals: &[String],
    uniforms: &[String],
    seed: u64,
    issues: &mut Issues,
) -> Option<Shocks> {
    let mut members: Vec<usize> = Vec::new();
    paired_twice(d.shocks.iter(), issues);
    for pair in &d.shocks {
        for name in [&pair.a, &pair.b] {
            match normals.iter().position(|n| n == name) {
                Some(at) if !members.contains(&at) => members.push(at),
                Some(_) => {}
                None => unknown_name("shock", name, normals, pair, issues),
            }
        }
    }
    if issues.has_errors() {
        return None;
    }
    let row = |name: &str| members.iter().position(|&m| normals[m] == name).expect("a member");
    let mut matrix: Vec<Vec<f64>> =
        (0..members.len()).map(|i| (0..members.len()).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    for pair in &d.shocks {
        let (a, b) = (row(&pair.a), row(&pair.b));
        (matrix[a][b], matrix[b][a]) = (pair.value, pair.value);
    }
    let place = d.shocks.first().map(|p| p.place);
    let Ok((factor, moved)) = correlation::factor(&matrix, d.repair) else {
        let label = "the matrix is not positive semidefinite";
        issues
            .error("correlation", place, "the correlations of shocks are inconsistent", label)
            .help("`repair: true` uses the nearest correlation matrix and reports the distance");
        return None;
    };
    if moved > 0.0 {
        let title = format!("correlations of shocks were adjusted by {moved:.4} (Frobenius) to be consistent");
        issues.warn("repaired", place, title, "`repair: true` allows it");
    }
    let streams =
        |kind: &str, names: &[String]| names.iter().map(|n| Stream::new(seed, &format!("{kind}:{n}"))).collect();
    Some(Shocks { normals: streams("shock", normals), uniforms: streams("chance", uniforms), members, factor })
}

/// Columns that are cleared at the start of a month: the lines of the books that some component or instrument posts,
/// the amounts passed down the list of instruments, and events.
fn touched(components: &[(ComponentSpec, Vec<usize>, Vec<usize>)], instruments: &[PlannedInstrument]) -> Vec<usize> {
    let by_components = components.iter().fold(Columns::NONE, |all, p| all.and(p.0.writes()));
    let by_instruments = instruments.iter().fold(insolvency::POSTS, |all, r| all.and(r.spec.posts()));
    let set = components.iter().fold(Columns::NONE, |all, p| all.and(p.0.sets()));
    let posted = |k: usize| (by_components.has(LINES_AT + k) && !set.has(k)) || by_instruments.has(k);
    let lines = (0..Lines::WIDTH).filter(|&k| posted(k)).map(|k| LINES_AT + k);
    lines.chain([column!(left), column!(power), column!(events)]).collect()
}

/// Maximum number of contracts, vintages and instruments: each has a bit in a mask.
const MOST_INSTRUMENTS: usize = 64;

fn instruments_of(scenario: &Scenario, seed: u64, issues: &mut Issues) -> Option<Vec<PlannedInstrument>> {
    let (c, ladder) = (&scenario.lab.compute, &scenario.lab.policy.ladder);
    let owned = c.owned.0.iter().map(|(n, s)| {
        let setup = OwnComputeSetup { hardware: s.clone(), sold_after: ladder.resale.0 };
        (n.as_str().to_owned(), InstrumentSpec::OwnCompute(setup))
    });
    // A contract on fixed terms can be a leaner instrument, unless a restructuring may cut it or power is shared by
    // price.
    let cut = scenario.lab.default.outcomes.may_restructure();
    let contracts = c.serving().into_iter().map(|(n, s)| {
        let lags = (ladder.notice.0, ladder.renegotiate.0);
        let market = scenario.world.compute_price.as_ref().map(|p| [p.contract.clone(), p.change.clone()]);
        let setup = ContractSetup { contract: s.clone(), lags, least_cost: c.least_cost(), market };
        let fixed = s.is_fixed() && !cut && !c.least_cost();
        let instrument = match (fixed, s.notice.is_some()) {
            (true, false) => InstrumentSpec::PlainContract(setup),
            (true, true) => InstrumentSpec::NoticeContract(setup),
            (false, _) => InstrumentSpec::Contract(setup),
        };
        (n.to_owned(), instrument)
    });
    let limited = scenario.world.capital.as_ref().is_some_and(|capital| capital.equity.is_some());
    let named = |s: &InstrumentSpec| (s.name().unwrap_or(s.kind()).to_owned(), s.clone().by_terms(limited));
    let instruments = scenario.instruments.0.iter().map(named);
    let mut all: Vec<(String, InstrumentSpec)> = owned.chain(contracts).chain(instruments).collect();
    if all.len() > MOST_INSTRUMENTS {
        let title = format!("the scenario has {} contracts, vintages and instruments", all.len());
        issues.error("too-many", None, title, format!("the engine supports {MOST_INSTRUMENTS}"));
        return None;
    }
    // A venture that is sold in winter is priced as equity is then, unless its terms say otherwise.
    let winter = scenario.world.regime.as_ref().map(|regime| &regime.winter.multiple);
    for (_, spec) in &mut all {
        if let InstrumentSpec::DistributionVenture(venture) = spec
            && venture.exit_in_winter.is_none()
        {
            venture.exit_in_winter = winter.cloned();
        }
    }
    // Instruments whose default others can observe.
    let can_default = |spec: &InstrumentSpec| spec.events() & event::INSTRUMENT_DEFAULT != 0;
    let names: Vec<(String, bool)> = all.iter().map(|(name, spec)| (name.clone(), can_default(spec))).collect();
    for (_, spec) in &mut all {
        spec.link(&|name| names.iter().position(|(n, can)| n == name && *can).map(|k| 1 << k), issues);
    }
    // Purchases from a supplier count towards every minimum spend with it; the commitment of each minimum spend is what
    // it adds to those before it.
    let sales = |me: usize, supplier: &str| -> Vec<Vec<(usize, usize)>> {
        [("billed", false), ("power", false), ("firm", true), ("headline", true)]
            .iter()
            .map(|&(field, committed)| {
                let of = |(k, (_, spec)): (usize, &(String, InstrumentSpec))| {
                    let sells = spec.supplier() == Some(supplier);
                    let binds = committed && k < me && spec.sees_supplier() == Some(supplier);
                    (sells || binds).then(|| spec.column(field).map(|at| (k, at))).flatten()
                };
                all.iter().enumerate().filter_map(of).collect()
            })
            .collect()
    };
    let sold: Vec<_> = all
        .iter()
        .enumerate()
        .map(|(k, (_, spec))| spec.sees_supplier().map(|supplier| sales(k, supplier)).unwrap_or_default())
        .collect();
    let suppliers: Vec<&str> = all.iter().filter_map(|(_, spec)| spec.supplier()).collect();
    for (name, spec) in &all {
        if let Some(named) = spec.sees_supplier().filter(|named| !suppliers.contains(named)) {
            let near = nearest(named, suppliers.iter().copied()).map(|n| format!("did you mean `{n}`?"));
            issues
                .error(
                    "unknown-name",
                    None,
                    format!("`{name}` names the supplier `{named}`, which supplies nothing"),
                    "",
                )
                .help(near.unwrap_or("contracts and own hardware name their `supplier`".to_owned()));
        }
    }
    let instruments = all.into_iter().zip(sold).enumerate();
    Some(
        instruments
            .map(|(k, ((name, spec), sales))| PlannedInstrument {
                stream: Stream::new(seed, &format!("room:{name}")),
                bit: 1 << k,
                sales,
                keeps_flows: spec.has_returns(),
                accounts: spec.accounts().iter().map(|(_, at)| at + 1).max().unwrap_or(1),
                name,
                spec: Arc::new(spec),
            })
            .collect(),
    )
}

//! `run.json` and `summary.json`: what was run, with which version and seed, how long it took, and the hash of every
//! file. They are written from the types of `form` and read back into them.

mod form;

use std::fmt::Write as _;
use std::io::Read;

use sha2::{Digest, Sha256};

use crate::engine::books::event::cause_name;
use crate::issues::{Issues, Severity};
use crate::language::target::Target;
use crate::outcome::{Outcome, Verdict};
use crate::output::findings::NO_CAUSE;
use crate::output::folder::Identity;
use crate::output::structural;
use crate::plan::metrics::{Metric, at_month};
use crate::stopping::Precision;
use crate::units::Month;
pub use form::{
    Cause, Chance, CheckLine, EndMetric, Figure, Given, Named, Record, RuinStep, Seconds, StudyRecord, Summary,
    TargetLine, VariantsBeside, WhyRuined, YearEnd,
};

/// Version of the program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Commit that it was built from, where known.
pub const COMMIT: Option<&str> = option_env!("GAPCAST_COMMIT");

/// Schema version of `run.json` and `summary.json`: it changes when a reader of the previous schema could be misled.
pub const SCHEMA: u64 = 1;

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// SHA-256 of everything that a reader yields, in pieces: a file of outcomes can be larger than memory.
///
/// # Errors
/// It cannot be read.
pub fn sha256_of(mut reader: impl Read) -> std::io::Result<String> {
    let (mut hasher, mut piece) = (Sha256::new(), vec![0; 1 << 16]);
    loop {
        match reader.read(&mut piece)? {
            0 => return Ok(hexadecimal(&hasher.finalize())),
            n => hasher.update(&piece[..n]),
        }
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl CheckLine {
    /// The line of a verdict.
    pub fn of(v: &Verdict) -> CheckLine {
        let (measured, se, defined) = (Figure(v.measured), Figure(v.se), Figure(v.defined));
        CheckLine { check: v.text.clone(), holds: v.holds, measured, se, defined, shown: v.shown.clone() }
    }
}

impl Summary {
    /// A metric at the horizon that the scenario may name in `headline:`; of one that has no value of its own there, its
    /// value in the last month.
    pub fn headline_metric(&self, entry: &str) -> Option<&EndMetric> {
        let at_last = || self.metrics.get(&at_month(entry, Month::parse(&self.horizon)?));
        self.metrics.get(entry).or_else(at_last)
    }
}

/// The end metrics by name.
fn metrics(outcome: &Outcome) -> Named<EndMetric> {
    let of = |(k, metric): (usize, &Metric)| {
        let d = outcome.end(k);
        let quantiles = d.quantiles(&[0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95]);
        let [p05, p10, p25, p50, p75, p90, p95] = std::array::from_fn(|k| Figure(quantiles[k].value));
        let (mean, se, sd) = (Figure(d.mean()), Figure(d.moments.se()), Figure(d.moments.sd()));
        let unit = metric.unit.name().to_owned();
        let all = EndMetric { unit, n_defined: d.n(), mean, se, sd, p05, p10, p25, p50, p75, p90, p95 };
        (metric.name.clone(), all)
    };
    Named(outcome.plan().metrics.at_end.iter().enumerate().map(of).collect())
}

/// The warnings as text.
pub fn warnings(issues: &Issues) -> Vec<String> {
    issues.iter().filter(|i| i.severity == Severity::Warning).map(|i| format!("{}: {}", i.code, i.title)).collect()
}

fn causes(outcome: &Outcome) -> Vec<Cause> {
    let counts = &outcome.results.counts;
    let ruined: u64 = counts.ruined.iter().sum();
    let named = counts.causes.iter().enumerate().map(|(k, &n)| (cause_name(k), n));
    let mut causes: Vec<(&str, u64)> = named.chain([(NO_CAUSE, counts.no_cause)]).filter(|c| c.1 > 0).collect();
    causes.sort_by_key(|c| std::cmp::Reverse(c.1));
    let share = |n: u64| Figure(n as f64 / ruined as f64);
    causes.into_iter().map(|(cause, n)| Cause { cause: cause.to_owned(), paths: n, share: share(n) }).collect()
}

fn years(outcome: &Outcome) -> Vec<YearEnd> {
    let plan = outcome.plan();
    let (cash, ruined) = (plan.metrics.find("cash"), outcome.ruined());
    let ends = (1..=plan.months).filter(|&t| t == plan.months || plan.start.plus(t as i32 - 1).month() == 12);
    ends.map(|t| YearEnd {
        year: plan.start.plus(t as i32 - 1).year(),
        cash_p50: Figure(cash.map_or(f64::NAN, |k| outcome.monthly(k, t).quantile(0.5))),
        with_cash: Figure(1.0 - ruined[t - 1] as f64 / outcome.results.paths as f64),
    })
    .collect()
}

/// The target of precision of a run with one, and whether it was met.
pub fn target(target: Option<&Target>, outcome: &Outcome) -> Option<TargetLine> {
    let Precision { rule, met, se, shown } = outcome.precision(target?)?;
    Some(TargetLine { rule, met, se: Figure(se), shown })
}

/// The summary of a run, except for what precedes ruin and the scenario's headline.
pub fn summary(
    identity: &Identity,
    outcome: &Outcome,
    verdicts: &[Verdict],
    target: Option<TargetLine>,
    variants_beside: VariantsBeside,
) -> Summary {
    let (p, se, (low, high)) = outcome.ruin();
    let plan = outcome.plan();
    Summary {
        schema: SCHEMA,
        scenario: identity.scenario.clone(),
        variant: identity.variant.clone(),
        set: identity.set.clone(),
        given: identity.given(),
        version: VERSION.to_owned(),
        seed: plan.seed,
        paths: outcome.results.paths,
        target,
        start: plan.start.to_string(),
        months: plan.months as u64,
        horizon: plan.start.plus(plan.months as i32 - 1).to_string(),
        p_cash_out: Chance { value: Figure(p), se: Figure(se), wilson_95: [Figure(low), Figure(high)] },
        first_causes: causes(outcome),
        why_ruined: WhyRuined::default(),
        headline: Vec::new(),
        years: years(outcome),
        metrics: metrics(outcome),
        structural_benchmark: structural::benchmark(outcome),
        checks: verdicts.iter().map(CheckLine::of).collect(),
        variants_beside,
    }
}

//! `run.json` and `summary.json`: what was run, with which version and seed, how long it took, and the hash of every file.

use std::fmt::Write as _;
use std::io::Read;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::answers::{Answers, Verdict};
use crate::engine::books::event::cause_name;
use crate::issues::{Issues, Severity};
use crate::output::findings::NO_CAUSE;
use crate::output::folder::Identity;
use crate::output::structural;

/// Version of the program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Commit that it was built from, when that was known.
pub const COMMIT: Option<&str> = option_env!("GAPCAST_COMMIT");

/// Version of the form of `run.json` and `summary.json`: it changes when a reader of the form before could be misled.
pub const SCHEMA: u64 = 1;

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

/// SHA-256 of all that a reader yields, a piece at a time: a file of outcomes can be larger than memory.
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

/// A number, or null when undefined.
fn value(x: f64) -> Value {
    if x.is_finite() { json!(x) } else { Value::Null }
}

/// The end metrics as a map by name.
pub fn metrics(answers: &Answers<'_>) -> Value {
    let mut out = Map::new();
    for (k, metric) in answers.plan.metrics.at_end.iter().enumerate() {
        let d = answers.end(k);
        let q = |p| value(d.quantile(p));
        let entry = json!({
            "unit": metric.unit.name(), "n_defined": d.n(), "mean": value(d.mean()), "se": value(d.moments.se()),
            "sd": value(d.moments.sd()), "p05": q(0.05), "p10": q(0.1), "p25": q(0.25), "p50": q(0.5), "p75": q(0.75),
            "p90": q(0.9), "p95": q(0.95),
        });
        out.insert(metric.name.clone(), entry);
    }
    Value::Object(out)
}

/// Lines of `checks:` with what was measured.
pub fn checks(verdicts: &[Verdict]) -> Value {
    verdicts
        .iter()
        .map(|v| {
            json!({"check": v.text, "holds": v.holds, "measured": value(v.measured), "se": value(v.se), "defined": v.defined, "shown": v.shown})
        })
        .collect()
}

/// Warnings in words.
pub fn warnings(issues: &Issues) -> Vec<String> {
    issues.iter().filter(|i| i.severity == Severity::Warning).map(|i| format!("{}: {}", i.code, i.title)).collect()
}

/// First causes of ruin, the commonest first, with the share of ruined paths that each has; `none` is no adverse event in the
/// twelve months before, so that the shares add up to 1.
fn causes(answers: &Answers<'_>) -> Value {
    let counts = &answers.results.counts;
    let ruined: u64 = counts.ruined.iter().sum();
    let named = counts.causes.iter().enumerate().map(|(k, &n)| (cause_name(k), n));
    let mut causes: Vec<(&str, u64)> = named.chain([(NO_CAUSE, counts.no_cause)]).filter(|c| c.1 > 0).collect();
    causes.sort_by_key(|c| std::cmp::Reverse(c.1));
    let told = causes.into_iter();
    told.map(|(cause, n)| json!({"cause": cause, "paths": n, "share": n as f64 / ruined as f64})).collect()
}

/// Median cash, where it is recorded by month, and the share of paths that have not run out of it, at each year's end.
fn years(answers: &Answers<'_>) -> Value {
    let plan = answers.plan;
    let (cash, ruined) = (plan.metrics.find("cash"), answers.ruined());
    let ends = (1..=plan.months).filter(|&t| t == plan.months || plan.start.plus(t as i32 - 1).month() == 12);
    ends.map(|t| {
        let alive = 1.0 - ruined[t - 1] as f64 / answers.results.paths as f64;
        let median = cash.map_or(f64::NAN, |k| answers.monthly(k, t).quantile(0.5));
        json!({"year": plan.start.plus(t as i32 - 1).year(), "cash_p50": value(median), "with_cash": alive})
    })
    .collect()
}

/// What `summary.json` and `--json` say of a run.
pub fn summary(identity: &Identity, answers: &Answers<'_>, verdicts: &[Verdict]) -> Value {
    let (p, se, interval) = answers.ruin();
    let plan = answers.plan;
    json!({
        "schema": SCHEMA,
        "scenario": identity.scenario,
        "variant": identity.variant,
        "set": identity.set,
        "given": identity.given(),
        "version": VERSION,
        "seed": plan.seed,
        "paths": answers.results.paths,
        "start": plan.start.to_string(),
        "months": plan.months,
        "horizon": plan.start.plus(plan.months as i32 - 1).to_string(),
        "p_cash_out": {"value": p, "se": se, "wilson_95": [interval.0, interval.1]},
        "first_causes": causes(answers),
        "years": years(answers),
        "metrics": metrics(answers),
        "structural_benchmark": structural::benchmark(answers),
        "checks": checks(verdicts),
    })
}

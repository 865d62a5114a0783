//! `run.json` and `summary.json`: what was run, with which version and seed, how long it took, and the hash of every file.

use std::fmt::Write as _;
use std::io::Read;

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::answers::{Answers, Verdict};
use crate::issues::{Issues, Severity};
use crate::output::structural;

/// Version of the program.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Commit that it was built from, when that was known.
pub const COMMIT: Option<&str> = option_env!("GAPCAST_COMMIT");

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
        .map(|v| json!({"check": v.text, "holds": v.holds, "measured": value(v.measured), "se": value(v.se)}))
        .collect()
}

/// Warnings in words.
pub fn warnings(issues: &Issues) -> Vec<String> {
    issues.iter().filter(|i| i.severity == Severity::Warning).map(|i| format!("{}: {}", i.code, i.title)).collect()
}

/// What `summary.json` and `--json` say of a run.
pub fn summary(name: &str, answers: &Answers<'_>, verdicts: &[Verdict]) -> Value {
    let (p, se, interval) = answers.ruin();
    json!({
        "scenario": name,
        "version": VERSION,
        "seed": answers.plan.seed,
        "paths": answers.results.paths,
        "p_cash_out": {"value": p, "se": se, "wilson_95": [interval.0, interval.1]},
        "metrics": metrics(answers),
        "structural_benchmark": structural::benchmark(answers),
        "checks": checks(verdicts),
    })
}

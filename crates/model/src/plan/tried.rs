//! Tests on draws of the inputs before a run: rules between uncertain keys, and the share of a law cut off at the range
//! of its field.
//!
//! The draws depend only on the inputs, not on the seed or the number of paths, so that the validity of a file does not
//! depend on run settings.

use crate::engine::inputs::{InputDraws, Law};
use crate::issues::Issues;
use crate::language::describe::shown;
use crate::language::quantity::{Inputs, Quantity, Range};
use crate::language::reader::{Reader, Uncertain};
use crate::language::rules::KeyRules;
use crate::scenario::Scenario;

/// Number of test draws.
pub const DRAWS: u64 = 1024;
/// Seed of the test draws.
const SEED: u64 = 0;
/// Minimum share of draws outside a range that is reported.
const LEAST: f64 = 1e-3;

/// Test draws of all inputs.
struct Tried(Vec<Vec<f64>>);

impl Tried {
    fn new(draws: &InputDraws) -> Tried {
        let of = |path| {
            let mut values = vec![0.0; draws.len()];
            draws.draw(SEED, path, &mut values);
            values
        };
        Tried((0..DRAWS).map(of).collect())
    }

    /// Reports the rules between uncertain values that some draw violates.
    fn rules(&self, of: impl Fn(&mut KeyRules<'_>), issues: &mut Issues) {
        let mut found = KeyRules::drawn(&[]);
        for values in &self.0 {
            let mut tried = KeyRules::drawn(values).after(found);
            of(&mut tried);
            found = KeyRules::drawn(&[]).after(tried);
        }
        found.report(Some(DRAWS), issues);
    }

    /// Shares of draws on which an expression is below and above the range of its field.
    fn beyond(&self, quantity: &Quantity) -> (f64, f64) {
        let accepts = quantity.accepts();
        let share = |cut: fn(f64, Range) -> bool| {
            let n = self.0.iter().filter(|values| cut(quantity.written(&Inputs::new(values)), accepts)).count();
            n as f64 / DRAWS as f64
        };
        (share(|x, range| x < range.min), share(|x, range| x > range.max))
    }
}

/// Tests a plan on draws: limits inputs to the ranges of their fields, warns of draws that are cut off, and, if
/// `waits`, reports the rules between keys that some draw violates.
pub fn plan(scenario: &Scenario, draws: &mut InputDraws, reader: &mut Reader, waits: bool) {
    let limits = limit(draws, &reader.uncertain);
    let expressions = reader.uncertain.iter().any(|u| u.quantity.input().is_none());
    let tried = if waits || expressions { Tried::new(draws) } else { Tried(Vec::new()) };
    cuts(&limits, draws, &tried, reader);
    if waits {
        tried.rules(|rules| scenario.key_rules(rules), &mut reader.issues);
    }
}

/// Limits each input to the widest range that the fields using it accept, so that the recorded values are the values
/// used. An input that an expression uses is not limited: the expression may be within its range when the input is not.
fn limit(draws: &mut InputDraws, uncertain: &[Uncertain]) -> Vec<Option<Range>> {
    let mut users: Vec<Vec<&Quantity>> = vec![Vec::new(); draws.len()];
    for Uncertain { quantity, .. } in uncertain {
        quantity.uses().into_iter().for_each(|input| users[input].push(quantity));
    }
    let mut limits = Vec::new();
    for (input, users) in users.iter().enumerate() {
        let direct = users.iter().all(|q| q.input().is_some());
        let wider = |a: Range, b: Range| Range { min: a.min.min(b.min), max: a.max.max(b.max) };
        let limit = users.iter().map(|q| q.accepts()).reduce(wider).filter(|_| direct);
        if let Some(limit) = limit {
            draws.cut(input, limit.min, limit.max);
        }
        limits.push(limit);
    }
    limits
}

/// Warns of laws and expressions whose draws are cut off at the range of their field.
fn cuts(limits: &[Option<Range>], draws: &InputDraws, tried: &Tried, reader: &mut Reader) {
    let laws: Vec<&Law> = draws.laws().map(|(_, law)| law).collect();
    let mut told: Vec<(usize, Range)> = Vec::new();
    for Uncertain { path, kind, quantity } in &reader.uncertain {
        let accepts = quantity.accepts();
        let shares = match quantity.input() {
            Some(input) if told.contains(&(input, accepts)) => continue,
            Some(input) => {
                told.push((input, accepts));
                laws[input].beyond(accepts.min, accepts.max)
            }
            None => tried.beyond(quantity),
        };
        let ends = [("below", shares.0, quantity.range().min), ("above", shares.1, quantity.range().max)];
        let cut: Vec<String> = ends
            .iter()
            .filter(|(_, share, _)| *share >= LEAST)
            .map(|(side, share, end)| {
                let end = shown(*kind, if *end == Range::LEAST { 0.0 } else { *end });
                format!("{:.1}% of draws are {side} {end} and are set to it", 100.0 * share)
            })
            .collect();
        if cut.is_empty() {
            continue;
        }
        let title = format!("draws of `{path}` are cut off at its range");
        let help = match quantity.input() {
            Some(input) if limits[input] == Some(accepts) => {
                "the values used are recorded; a law bounded there avoids an accumulation of draws"
            }
            Some(_) => {
                "the input is recorded as drawn, since other keys use it too; a law bounded there avoids an accumulation of draws"
            }
            None => {
                "the expression is cut off, its inputs are not; laws that do not overlap avoid an accumulation of draws"
            }
        };
        reader
            .issues
            .warn("cut-draws", quantity.place(), title, cut.join("; "))
            .help(format!("{help}: `uniform`, `triangular`, `pert`, or `beta` for a share"));
    }
}

//! What ruined paths share against their survivors: measures ranked by their mutual information with ruin, with a
//! permutation test within pairs.

use super::measures::{Measure, Seen};
use crate::engine::streams::threefry;
use crate::output::table::{Cell, Kind, Table};
use crate::stats::moments::Moments;
use crate::stats::mutual::{classes, matched};

/// Quantile classes of a measure.
const CLASSES: usize = 4;
/// Assignments of the permutation test.
const PERMUTATIONS: usize = 999;
/// Second word of the key of the permutations' random numbers: the bytes of "permuted".
const KEY: u64 = u64::from_be_bytes(*b"permuted");
/// Smallest number of pairs with which measures are ranked.
const FEWEST: usize = 20;

/// The columns of `why.csv`: `part, entity, name, unit, ruined, ruined_se, survivors, survivors_se, n, months_before,
/// first, bits, p, p_adjusted`. Rows with `part` `event` are shares of paths with an event; those with `shared` are means
/// of a measure, whose `entity` is its group.
pub(super) fn heading() -> Table {
    let text = ["part", "entity", "name", "unit"].map(|name| (name, Kind::Text));
    let numbers = ["ruined", "ruined_se", "survivors", "survivors_se"].map(|name| (name, Kind::Number));
    let last = ["months_before", "first", "bits", "p", "p_adjusted"].map(|name| (name, Kind::Number));
    Table::new(text.into_iter().chain(numbers).chain([("n", Kind::Whole)]).chain(last))
}

/// Mean and standard error.
fn mean(values: &[f64]) -> (f64, f64) {
    let moments = Moments::of(values);
    if moments.n == 0 { (f64::NAN, f64::NAN) } else { (moments.mean, moments.se()) }
}

/// Adds the measures that vary to `why.csv`, the most informative first; none with too few pairs. `n` counts the pairs
/// in which both values are defined.
pub(super) fn write(seed: u64, measures: &[Measure], seen: &[[Seen; 2]], table: &mut Table) {
    if seen.len() < FEWEST {
        return;
    }
    let column = |k: usize, side: usize| -> Vec<f64> { seen.iter().map(|both| both[side].values[k]).collect() };
    let mut kept: Vec<(usize, [Vec<f64>; 2])> = Vec::new();
    let mut quantities: Vec<Vec<[usize; 2]>> = Vec::new();
    for k in 0..measures.len() {
        let sides = [column(k, 0), column(k, 1)];
        let class = classes(&sides.concat(), CLASSES);
        if class.iter().any(|c| *c != class[0]) {
            quantities.push((0..seen.len()).map(|pair| [class[pair], class[seen.len() + pair]]).collect());
            kept.push((k, sides));
        }
    }
    let mut position = 0;
    let found = matched(&quantities, PERMUTATIONS, || {
        position += 1;
        threefry([seed, KEY], [position, 0])[0]
    });
    let mut order: Vec<usize> = (0..kept.len()).collect();
    order.sort_by(|&a, &b| found[b].bits.total_cmp(&found[a].bits).then(a.cmp(&b)));
    for at in order {
        let (k, sides) = &kept[at];
        let (measure, shared) = (&measures[*k], found[at]);
        let both = sides[0].iter().zip(&sides[1]).filter(|(a, b)| !a.is_nan() && !b.is_nan()).count() as u64;
        let (ruined, survivors) = (mean(&sides[0]), mean(&sides[1]));
        let head: [Cell<'_>; 4] = ["shared".into(), measure.group.into(), (&measure.name).into(), measure.unit.into()];
        let numbers = [ruined.0, ruined.1, survivors.0, survivors.1].map(Cell::from);
        let rest = [f64::NAN, f64::NAN, shared.bits, shared.p, shared.p_adjusted].map(Cell::from);
        table.push(head.into_iter().chain(numbers).chain([both.into()]).chain(rest));
    }
}

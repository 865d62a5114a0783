//! The survivor nearest to a ruined path: nearest in its inputs and in the shocks up to the ruin, and what differed.

use rayon::prelude::*;

use super::measures::{Measure, Seen, events, replay};
use super::{out, window};
use crate::engine::reference::Broken;
use crate::output::sample::Sample;
use crate::output::table::{Cell, Kind, Table};
use crate::plan::Plan;
use crate::stats::moments::Moments;

/// Largest number of survivors compared.
const COMPARED: usize = 1024;

/// The survivors of a run, and what is known about some of them.
pub(super) struct Survivors<'a> {
    /// Values of the first paths.
    pub sample: &'a Sample,
    /// Their months of ruin.
    pub months: &'a [f64],
    /// The measures.
    pub measures: &'a [Measure],
    /// The pairs of ruined paths and survivors.
    pub seen: &'a [[Seen; 2]],
}

/// The columns of `twin.csv`: `path, month, twin, distance, group, entity, name, unit, value, twin_value, difference`.
/// `month` is the month of ruin, `distance` the root mean square difference of inputs and shocks in standard deviations.
/// A row is a measure, with its difference in standard deviations of the survivors, or an event (1 if it happened within
/// the window); those that differ most come first.
pub(super) fn heading() -> Table {
    Table::new([
        ("path", Kind::Whole),
        ("month", Kind::Month),
        ("twin", Kind::Whole),
        ("distance", Kind::Number),
        ("group", Kind::Text),
        ("entity", Kind::Text),
        ("name", Kind::Text),
        ("unit", Kind::Text),
        ("value", Kind::Number),
        ("twin_value", Kind::Number),
        ("difference", Kind::Number),
    ])
}

/// Sum of each normal shock over the months up to `last`, in its own standard deviations.
fn shocks(plan: &Plan, path: u64, last: usize) -> Vec<f64> {
    let mut sums = vec![0.0; plan.shocks.normals.len()];
    for t in 1..=last {
        for (sum, x) in sums.iter_mut().zip(plan.shocks.normals(path, t)) {
            *sum += x;
        }
    }
    sums.iter().map(|sum| sum / (last as f64).sqrt()).collect()
}

/// The nearest of some points to `from` by the root mean square difference, each coordinate in standard deviations of
/// the points; coordinates that do not vary are left out. Of several at the same distance the first. `None` without
/// points, or when nothing varies.
fn nearest(from: &[f64], points: &[Vec<f64>]) -> Option<(usize, f64)> {
    let sd = |k: usize| Moments::of(&points.iter().map(|point| point[k]).collect::<Vec<_>>()).sd();
    let sds: Vec<f64> = (0..from.len()).map(sd).collect();
    let used: Vec<usize> = (0..from.len()).filter(|&k| sds[k] > 0.0 && sds[k].is_finite()).collect();
    let distance = |point: &Vec<f64>| {
        let apart = |&k: &usize| (point[k] - from[k]) / sds[k];
        let squares: f64 = used.iter().map(apart).map(|z| z * z).sum();
        (squares / used.len() as f64).sqrt()
    };
    let distances = points.iter().map(distance).enumerate().filter(|(_, distance)| distance.is_finite());
    distances.min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)))
}

/// Writes the survivor nearest to a path that runs out of cash in `month`; nothing when there is none.
///
/// # Errors
/// An accounting identity does not hold.
pub(super) fn write(
    plan: &Plan,
    survivors: &Survivors<'_>,
    (path, month): (u64, usize),
    table: &mut Table,
) -> Result<(), Broken> {
    let alive = survivors.months.iter().enumerate().filter(|(_, month)| out(**month).is_none());
    let alive: Vec<usize> = alive.map(|(path, _)| path).take(COMPARED).collect();
    let point = |path: usize| {
        let mut all: Vec<f64> = (0..plan.draws.len()).map(|k| survivors.sample.input(k)[path]).collect();
        all.extend(shocks(plan, path as u64, month));
        all
    };
    let points: Vec<Vec<f64>> = alive.par_iter().map(|&path| point(path)).collect();
    let Some((at, distance)) = nearest(&point(path as usize), &points) else { return Ok(()) };
    let twin = alive[at] as u64;
    let [own, other] = [path, twin].map(|path| replay(plan, survivors.measures, path, window(month)));
    let (own, other) = (own?, other?);
    let mut rows: Vec<([&str; 4], [f64; 3])> = Vec::new();
    for (k, measure) in survivors.measures.iter().enumerate() {
        let of_survivors: Vec<f64> = survivors.seen.iter().map(|both| both[1].values[k]).collect();
        let (a, b) = (own.values[k], other.values[k]);
        let difference = (a - b) / Moments::of(&of_survivors).sd();
        if difference.is_finite() && a != b {
            let group = if measure.group == "input" { "" } else { "lab" };
            let entity = if measure.group == "world" { "world" } else { group };
            rows.push(([measure.group, entity, &measure.name, measure.unit], [a, b, difference]));
        }
    }
    rows.sort_by(|a, b| b.1[2].abs().total_cmp(&a.1[2].abs()));
    let listed = events(plan);
    for (k, event) in listed.iter().enumerate() {
        let [a, b] = [&own, &other].map(|seen| f64::from(u8::from(seen.events[k] > 0)));
        if a != b {
            rows.push((["event", &event.entity, event.name, "share"], [a, b, f64::NAN]));
        }
    }
    let when = plan.start.plus(i32::try_from(month).unwrap_or(1) - 1);
    for (words, numbers) in rows {
        let head: [Cell<'_>; 4] = [path.into(), when.into(), twin.into(), distance.into()];
        table.push(head.into_iter().chain(words.map(Cell::from)).chain(numbers.map(Cell::from)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_is_measured_in_standard_deviations() {
        // The second coordinate varies by 2 000, the third not at all: the first point is 1 of 1.53 away in the first
        // coordinate, the last one less than that in both.
        let points = vec![vec![1.0, 0.0, 7.0], vec![4.0, 0.0, 7.0], vec![2.5, 3000.0, 7.0]];
        let (at, distance) = nearest(&[1.2, 100.0, 9.0], &points).unwrap();
        // Sample sd of 1, 4, 2.5 is 1.5, of 0, 0, 3000 it is 1732.
        let by_hand = (0.5 * (0.04 / 2.25 + 10_000.0 / 3_000_000.0_f64)).sqrt();
        assert!(at == 0 && (distance - by_hand).abs() < 1e-12, "{at} {distance} {by_hand}");
        assert_eq!(nearest(&[1.0], &[]), None);
        assert_eq!(nearest(&[1.0], &[vec![2.0], vec![2.0]]), None);
    }
}

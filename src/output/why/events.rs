//! What happened before cash ran out: how often each event precedes a ruin, against the survivors over the same months,
//! how long before, and how often it was the first adverse one.

use super::measures::{Seen, events};
use super::{Pair, step};
use crate::engine::books::event::{self, CAUSES};
use crate::output::record::RuinStep;
use crate::output::table::{Cell, Table};
use crate::plan::Plan;
use crate::stats::interval::proportion_se;

/// An event before ruin.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Before {
    entity: String,
    event: &'static str,
    /// Share of the ruined paths on which it happened within the window, with its standard error.
    ruined: (f64, f64),
    /// The same of the survivors.
    survivors: (f64, f64),
    /// Median of the months from its first occurrence in the window to the ruin, on the ruined paths that have it.
    lead: f64,
    /// Share of the ruined paths on which it was the first adverse event.
    first: f64,
}

/// What a failure itself consists of, or brings.
const FAILURE: u64 =
    event::SHORT | event::DEFAULT | event::RESCUED | event::ACQUIRED | event::RESTRUCTURED | event::LIQUIDATED;

/// Smallest share of the ruined paths with an event that is part of the typical chain.
const TYPICAL: f64 = 0.2;
/// Largest number of events of the chain.
const STEPS: usize = 5;

/// The median; the mean of the middle two for an even number. NaN if there are none.
fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        n => f64::midpoint(values[(n - 1) / 2], values[n / 2]),
    }
}

/// For each pair, the event of the list that was the first adverse one on the ruined path: the earliest, and of several
/// in a month that with the lowest bit.
fn firsts(bits: &[u64], seen: &[[Seen; 2]]) -> Vec<Option<usize>> {
    let adverse = |k: &usize| bits[*k].trailing_zeros() < CAUSES as u32;
    let of = |both: &[Seen; 2]| {
        let happened = (0..bits.len()).filter(adverse).filter(|&k| both[0].events[k] > 0);
        happened.min_by_key(|&k| (both[0].events[k], bits[k].trailing_zeros(), k))
    };
    seen.iter().map(of).collect()
}

/// The events that precede ruins, those with the largest excess over the survivors first, and the typical chain.
pub(super) fn of(plan: &Plan, seen: &[[Seen; 2]], pairs: &[Pair]) -> (Vec<Before>, Vec<RuinStep>) {
    let listed = events(plan);
    let n = pairs.len() as u64;
    let bits: Vec<u64> = listed.iter().map(|event| event.bit).collect();
    let first = firsts(&bits, seen);
    let share = |count: usize| {
        let p = count as f64 / n as f64;
        (p, proportion_se(p, n))
    };
    let mut out = Vec::new();
    for (k, event) in listed.iter().enumerate().filter(|(_, event)| event.bit & FAILURE == 0) {
        let happened = |side: usize| seen.iter().filter(|both| both[side].events[k] > 0).count();
        let (ruined, survivors) = (happened(0), happened(1));
        if ruined + survivors == 0 {
            continue;
        }
        let on = seen.iter().zip(pairs).filter(|(both, _)| both[0].events[k] > 0);
        let mut before: Vec<f64> = on.map(|(both, pair)| (pair.month - both[0].events[k]) as f64).collect();
        out.push(Before {
            entity: event.entity.clone(),
            event: event.name,
            ruined: share(ruined),
            survivors: share(survivors),
            lead: median(&mut before),
            first: share(first.iter().filter(|first| **first == Some(k)).count()).0,
        });
    }
    let excess = |b: &Before| b.ruined.0 - b.survivors.0;
    out.sort_by(|a, b| excess(b).total_cmp(&excess(a)).then_with(|| a.entity.cmp(&b.entity)));
    let chain = chain(&out);
    (out, chain)
}

/// The events that are typical of ruin, the earliest first: more frequent on the ruined paths than on the survivors by
/// more than two standard errors, on a fifth of the ruined paths at least, and more often in an earlier month than in
/// that of the ruin.
fn chain(all: &[Before]) -> Vec<RuinStep> {
    let typical = |b: &&Before| {
        let error = (b.ruined.1 * b.ruined.1 + b.survivors.1 * b.survivors.1).sqrt();
        b.ruined.0 >= TYPICAL && b.lead > 0.0 && b.ruined.0 - b.survivors.0 > 2.0 * error
    };
    let mut steps: Vec<&Before> = all.iter().filter(typical).take(STEPS).collect();
    steps.sort_by(|a, b| b.lead.total_cmp(&a.lead));
    steps.iter().map(|b| step(&b.entity, b.event, [b.ruined.0, b.survivors.0, b.lead])).collect()
}

/// Adds the events to `why.csv`.
pub(super) fn write(all: &[Before], pairs: u64, table: &mut Table) {
    for b in all {
        let numbers = [b.ruined.0, b.ruined.1, b.survivors.0, b.survivors.1];
        let head: [Cell<'_>; 4] = ["event".into(), (&b.entity).into(), b.event.into(), "share".into()];
        let rest = [b.lead, b.first, f64::NAN, f64::NAN, f64::NAN].map(Cell::from);
        table.push(head.into_iter().chain(numbers.map(Cell::from)).chain([pairs.into()]).chain(rest));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_adverse_event_is_the_earliest() {
        let bits = [event::RELEASE, event::COVENANT, event::WINTER, event::ROUND_FAILED];
        let seen = |events: [usize; 4]| {
            let of = |events: &[usize]| Seen { values: Vec::new(), events: events.to_vec() };
            [of(&events), of(&[1; 4])]
        };
        // A release is not adverse; a tie goes to the lowest bit; nothing happened.
        let all = [seen([2, 9, 8, 5]), seen([1, 7, 7, 0]), seen([3, 0, 0, 0])];
        assert_eq!(firsts(&bits, &all), [Some(3), Some(2), None]);
    }

    #[test]
    fn the_chain_is_in_order_of_time() {
        let of = |event, ruined, survivors, lead| Before {
            entity: "lab".into(),
            event,
            ruined: (ruined, 0.02),
            survivors: (survivors, 0.02),
            lead,
            first: 0.0,
        };
        // A release is as frequent among survivors, the lump too rare, watch within two errors of √2 × 2%, and the
        // covenant is breached in the month of the ruin.
        let all = [
            of("covenant", 0.95, 0.0, 0.0),
            of("credit_exhausted", 0.9, 0.1, 1.0),
            of("winter", 0.6, 0.2, 8.0),
            of("watch", 0.55, 0.5, 9.0),
            of("lump_cost", 0.1, 0.0, 9.0),
            of("release", 0.9, 0.9, 11.0),
        ];
        let names: Vec<String> = chain(&all).into_iter().map(|step| step.event).collect();
        assert_eq!(names, ["winter", "credit_exhausted"]);
        assert_eq!((median(&mut [3.0, 1.0, 2.0]), median(&mut [4.0, 1.0])), (2.0, 2.5));
        assert!(median(&mut []).is_nan());
    }
}

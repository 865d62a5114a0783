//! Rates of return of several cash flows at once.

#![expect(clippy::needless_bitwise_bool, reason = "conditions joined with `&` and `|` become masks")]

/// Lanes solved together: the sums for eight of them fit the registers of AVX2.
pub const TOGETHER: usize = 8;
/// One value for each of them.
pub type Row = [f64; TOGETHER];

/// Maximum number of steps: from `q = 0.99` the sixth reaches the last digit for any usual flow; lanes that need more
/// are flagged for [`irr`](super::irr).
const STEPS: usize = 9;
/// A step below this size is the last.
const SMALL: f64 = 1e-9;
/// Range of `q` in which roots are sought: `1/2 < 1 + r < 4` per period.
const BRACKET: (f64, f64) = (0.25, 2.0);

/// Internal rates of return per period of some lanes, `flows[month][lane]`, and a flag for lanes that need another
/// method; uses only `+ − × ÷`, comparisons and selects.
///
/// The first is the rate per period where it can be given safely: the flows change sign exactly once (Descartes: one
/// root above −100%, negative for a loss) or the running sum does (Norström 1972: one root above 0); else NaN.
/// The second is 1 where [`irr`](super::irr) must be called and the number of its roots considered: the flows change
/// sign several times, so that other roots may exist, or the one root is outside −50% to 300% a period or did not
/// converge; else 0.
///
/// With `P`, `N` the sums of discounted in- and outflows and `D` the difference of their durations, `ln(P/N)` is nearly
/// linear in `ln q` with slope `D`: Newton on that, with `ln ρ ≈ 2(ρ−1)/(ρ+1)`, and bisection where it leaves the
/// bracket.
#[inline(always)]
pub fn irr_rows(flows: &[Row]) -> (Row, Row) {
    // After the last non-zero flow of any lane there are only zeros.
    let end = flows.iter().rposition(|row| row.iter().any(|&flow| flow != 0.0)).map_or(0, |last| last + 1);
    let flows = &flows[..end];
    // Signs so far, changes of sign, for the flows and for their running sum; the first sign of each.
    let (mut sum, mut sum_sign, mut sum_changes) = ([0.0; TOGETHER], [0.0; TOGETHER], [-1.0; TOGETHER]);
    let (mut sign, mut changes, mut first) = ([0.0; TOGETHER], [-1.0; TOGETHER], [0.0; TOGETHER]);
    for c in flows {
        for l in 0..TOGETHER {
            sum[l] += c[l];
            let s = sign_or(sum[l], sum_sign[l]);
            sum_changes[l] += if s == sum_sign[l] { 0.0 } else { 1.0 };
            sum_sign[l] = s;
            let s = sign_or(c[l], sign[l]);
            changes[l] += if s == sign[l] { 0.0 } else { 1.0 };
            first[l] = if first[l] == 0.0 { s } else { first[l] };
            sign[l] = s;
        }
    }
    // Signs are reversed where necessary, so that money goes out first: the value then rises through the root.
    let (mut low, mut high, mut q) = ([BRACKET.0; TOGETHER], [BRACKET.1; TOGETHER], [0.99; TOGETHER]);
    let (mut step, mut sought, mut ends) = ([0.0; TOGETHER], [0.0; TOGETHER], [0.0; TOGETHER]);
    for l in 0..TOGETHER {
        // Several changes of the flows, one of the sum: the root is known to be at a rate above 0.
        high[l] = if changes[l] > 1.0 { 1.0 } else { high[l] };
        // Where there is no single root, none is sought.
        let one = (changes[l] == 1.0) | ((sum_changes[l] == 1.0) & (changes[l] > 1.0));
        sought[l] = if one { 1.0 } else { 0.0 };
        ends[l] = 1.0 - sought[l];
    }
    for _ in 0..STEPS {
        // Each lane stops independently: its result does not depend on its neighbours.
        if ends.iter().fold(true, |all, &end| all & (end > 0.0)) {
            break;
        }
        let (mut plus, mut minus) = ([0.0; TOGETHER], [0.0; TOGETHER]);
        let (mut plus_slope, mut minus_slope) = ([0.0; TOGETHER], [0.0; TOGETHER]);
        for c in flows.iter().rev() {
            for l in 0..TOGETHER {
                let c = c[l] * -first[l];
                let (p, m) = (if c > 0.0 { c } else { 0.0 }, if c < 0.0 { -c } else { 0.0 });
                plus_slope[l] = plus_slope[l] * q[l] + plus[l];
                minus_slope[l] = minus_slope[l] * q[l] + minus[l];
                plus[l] = plus[l] * q[l] + p;
                minus[l] = minus[l] * q[l] + m;
            }
        }
        for l in 0..TOGETHER {
            let up = plus[l] > minus[l];
            high[l] = if up { q[l] } else { high[l] };
            low[l] = if up { low[l] } else { q[l] };
            let log = 2.0 * (plus[l] - minus[l]) / (plus[l] + minus[l]);
            let duration = q[l] * (plus_slope[l] / plus[l] - minus_slope[l] / minus[l]);
            // `exp(−a) ≈ (1 − a/2)/(1 + a/2)`, with `a = log/duration`.
            let next = q[l] * ((2.0 * duration - log) / (2.0 * duration + log));
            let inside = (duration > 0.0) & (next >= low[l]) & (next <= high[l]);
            let next = if inside { next } else { 0.5 * (low[l] + high[l]) };
            let going = ends[l] == 0.0;
            step[l] = if going { next - q[l] } else { step[l] };
            q[l] = if going { next } else { q[l] };
            // Steps shrink by their square: the next would be below rounding.
            ends[l] = if (step[l] < SMALL) & (step[l] > -SMALL) & going { 1.0 } else { ends[l] };
        }
    }
    let (mut out, mut again) = ([0.0; TOGETHER], [0.0; TOGETHER]);
    for l in 0..TOGETHER {
        let converged = (step[l] < SMALL) & (step[l] > -SMALL);
        out[l] = if (sought[l] > 0.0) & converged { (1.0 - q[l]) / q[l] } else { f64::NAN };
        again[l] = if (changes[l] > 1.0) | ((changes[l] == 1.0) & !converged) { 1.0 } else { 0.0 };
    }
    (out, again)
}

/// The sign of `x`, 1 or −1; `before` if `x` is zero.
#[inline(always)]
fn sign_or(x: f64, before: f64) -> f64 {
    let s = if x < 0.0 { -1.0 } else { before };
    if x > 0.0 { 1.0 } else { s }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::irr::{Irr, irr};
    use proptest::prelude::*;

    fn solve(lanes: &[Vec<f64>]) -> (Row, Row) {
        let months = lanes.iter().map(Vec::len).max().unwrap_or(0);
        let mut flows = vec![[0.0; TOGETHER]; months];
        for (l, lane) in lanes.iter().enumerate() {
            for (t, c) in lane.iter().enumerate() {
                flows[t][l] = *c;
            }
        }
        irr_rows(&flows)
    }

    #[test]
    fn edges() {
        let golden = f64::midpoint(1.0, 5f64.sqrt());
        let loss = irr(&[-100.0, 50.0, 40.0]).roots()[0];
        let cases = [
            (vec![-100.0, 110.0], 0.1, 0.0),                 // 10%
            (vec![100.0, 0.0, -121.0], 0.1, 0.0),            // a borrower at 10%
            (vec![-100.0, 50.0, 40.0], loss, 0.0),           // a loss: one root, below zero
            (vec![-100.0, -1.0], f64::NAN, 0.0),             // lost altogether: undefined, nothing to ask again
            (vec![-1.0, 3.0, -1.0], golden, 1.0),            // 161.8% named, −61.8% found again
            (vec![-1000.0, 2300.0, -1320.0], f64::NAN, 1.0), // 10% and 20%
            (vec![0.0, 0.0], f64::NAN, 0.0),                 // nothing
            (vec![0.0, -100.0, 0.0, 100.0, 0.0], 0.0, 0.0),  // exactly zero
            (vec![-1.0, 9.0], f64::NAN, 1.0),                // 800%: outside, to be asked again
            (vec![-100.0, 100.0, 0.0, -7.0], f64::NAN, 1.0), // the sum never rises above zero: two roots below it
            (vec![], f64::NAN, 0.0),                         // beside others, and alone
        ];
        for some in cases.chunks(TOGETHER) {
            let (out, again) = solve(&some.iter().map(|case| case.0.clone()).collect::<Vec<_>>());
            for (l, (flows, rate, flag)) in some.iter().enumerate() {
                let close = (out[l] - rate).abs() < 1e-14 || (rate.is_nan() && out[l].is_nan());
                assert!(close && again[l] == *flag, "{flows:?}: {} {rate}, {} {flag}", out[l], again[l]);
            }
        }
        assert!(irr_rows(&[]).0.iter().all(|r| r.is_nan()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn agrees_with_all_roots(
            build in 1usize..24, pay in 1usize..217, spent in 0.5..50.0f64, earned in 0.01..40.0f64, end in -5.0..40.0f64,
        ) {
            let mut flows = vec![-spent; build];
            flows.resize(build + pay, earned);
            flows.push(end);
            let (out, again) = solve(std::slice::from_ref(&flows));
            match irr(&flows) {
                Irr::One(r) if again[0] == 0.0 => prop_assert!((out[0] - r).abs() < 1e-12, "{} {r}", out[0]),
                Irr::One(r) => prop_assert!(end < 0.0 || !(-0.45..2.5).contains(&r), "{r} should have converged"),
                _ => prop_assert!(again[0] == 1.0),
            }
        }
    }
}

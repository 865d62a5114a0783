//! Internal rates of return of one cash flow: every root above −100%.
//!
//! A rate `r` is a root when `Σ c_i q^{t_i} = 0` at `q = 1/(1+r)`. Descartes' proof of his rule of signs, which holds
//! for real exponents too, is turned into an algorithm: if the flows change sign `V` times, `q^{1−k} d/dq [q^{−k} f]`
//! with `k` inside one of the changes multiplies `c_i` by `t_i − k` and changes sign `V − 1` times. By Rolle, between
//! two of its roots `f` has at most one. After `V` steps nothing changes sign and nothing is left to find, so roots are
//! isolated from there upwards, and each is found inside its own bracket. Coefficients are only ever multiplied, so
//! nothing cancels, and the cost is that of a few evaluations for each root and level.
//!
//! Roots are sought for `1 + r` between 2⁻⁴⁰ and 2⁴⁰. Roots so close that rounding of the flows' sum hides what is
//! between them count as one.

mod block;
mod invested;

pub use block::{Row, TOGETHER, irr_rows};
pub use invested::{invested, invested_rows};

/// The internal rates of return of a cash flow, per period of its time unit.
#[derive(Clone, Debug, PartialEq)]
pub enum Irr {
    /// No rate above −100% makes the present value zero.
    None,
    /// Exactly one.
    One(f64),
    /// More than one, ascending: none of them may be selected silently.
    Several(Vec<f64>),
}

impl Irr {
    /// All roots, ascending.
    pub fn roots(&self) -> &[f64] {
        match self {
            Irr::None => &[],
            Irr::One(r) => std::slice::from_ref(r),
            Irr::Several(all) => all,
        }
    }
}

/// All rates `r > −1` per period with `Σ flows[t]/(1+r)^t = 0`. Flows that are not finite have none.
pub fn irr(flows: &[f64]) -> Irr {
    let times: Vec<f64> = (0..flows.len()).map(|t| t as f64).collect();
    solve(times, flows.to_vec())
}

fn solve(mut times: Vec<f64>, mut flows: Vec<f64>) -> Irr {
    let Some(first) = flows.iter().position(|c| *c != 0.0) else { return Irr::None };
    if flows.iter().chain(&times).any(|x| !x.is_finite()) {
        return Irr::None;
    }
    let last = flows.iter().rposition(|c| *c != 0.0).unwrap_or(first);
    (flows, times) = (flows[first..=last].to_vec(), times[first..=last].to_vec());
    let mut rates: Vec<f64> = roots(&times, &flows).into_iter().map(Point::rate).collect();
    rates.reverse();
    match rates[..] {
        [] => Irr::None,
        [r] => Irr::One(r),
        _ => Irr::Several(rates),
    }
}

/// A point on `0 < q < ∞`, represented so that neither end loses digits: `x = q` up to 1, `x = 1/q` above.
#[derive(Clone, Copy, Debug)]
struct Point {
    x: f64,
    above_one: bool,
}

impl Point {
    const FIRST: Point = Point { x: 1.0 / (1u64 << 40) as f64, above_one: false };
    const LAST: Point = Point { x: 1.0 / (1u64 << 40) as f64, above_one: true };
    const ONE: Point = Point { x: 1.0, above_one: false };

    fn rate(self) -> f64 {
        if self.above_one { self.x - 1.0 } else { (1.0 - self.x) / self.x }
    }
}

/// `f`, its derivative in `x`, and the size of rounding error in `f`, at a point (divided by the leading power there).
fn evaluate(times: &[f64], flows: &[f64], at: Point) -> (f64, f64, f64) {
    let (mut f, mut slope, mut size) = (0.0, 0.0, 0.0);
    let (last, x) = (flows.len() - 1, at.x);
    for i in 0..=last {
        // From the term with the highest power of `x` down.
        let k = if at.above_one { i } else { last - i };
        if i > 0 {
            let gap = (times[k] - times[if at.above_one { k - 1 } else { k + 1 }]).abs();
            let (power, below) = if gap == 1.0 {
                (x, 1.0)
            } else {
                let power = libm::pow(x, gap);
                (power, gap * power / x)
            };
            slope = slope * power + f * below;
            f *= power;
            size *= power;
        }
        f += flows[k];
        size += flows[k].abs();
    }
    (f, slope, size)
}

/// Sign of `f` at a point, 0 within rounding error.
fn sign(times: &[f64], flows: &[f64], at: Point) -> f64 {
    let (f, _, size) = evaluate(times, flows, at);
    if f.abs() <= 8.0 * f64::EPSILON * size { 0.0 } else { f.signum() }
}

/// All roots in `q`, ascending; first and last flow are not zero.
fn roots(times: &[f64], flows: &[f64]) -> Vec<Point> {
    let Some(k) = first_change(times, flows) else { return vec![] };
    let largest = times.iter().zip(flows).map(|(t, c)| ((t - k) * c).abs()).fold(0.0, f64::max);
    let slopes: Vec<f64> = times.iter().zip(flows).map(|(t, c)| (t - k) * c / largest).collect();
    let mut found = vec![];
    let (mut from, mut sign_from) = (Point::FIRST, sign(times, flows, Point::FIRST));
    for to in roots(times, &slopes).into_iter().chain([Point::LAST]) {
        let sign_to = sign(times, flows, to);
        if sign_from * sign_to < 0.0 {
            found.push(bracketed(times, flows, from, to, sign_to));
        } else if sign_to == 0.0 && sign_from != 0.0 {
            found.push(to);
        }
        (from, sign_from) = (to, sign_to);
    }
    found
}

/// A time in the middle of the first change of sign.
fn first_change(times: &[f64], flows: &[f64]) -> Option<f64> {
    let mut before = 0;
    for i in 1..flows.len() {
        if flows[i] != 0.0 {
            if flows[i] * flows[before].signum() < 0.0 {
                return Some(f64::midpoint(times[before], times[i]));
            }
            before = i;
        }
    }
    None
}

/// The root between two points of opposite sign: Newton, and bisection wherever Newton leaves the bracket or is slow.
fn bracketed(times: &[f64], flows: &[f64], from: Point, to: Point, sign_to: f64) -> Point {
    let (mut from, mut to) = (from, to);
    if !from.above_one && to.above_one {
        match sign(times, flows, Point::ONE) * sign_to {
            0.0 => return Point::ONE,
            s if s > 0.0 => to = Point::ONE,
            _ => from = Point { above_one: true, ..Point::ONE },
        }
    }
    let above_one = from.above_one;
    // In `x` the bracket ascends from the side whose sign is `sign_low`.
    let (mut low, mut high, sign_low) = if above_one { (to.x, from.x, sign_to) } else { (from.x, to.x, -sign_to) };
    let mut x = if high > 4.0 * low { (0.9 * high).max(low) } else { f64::midpoint(low, high) };
    let mut width = high - low;
    for _ in 0..200 {
        let (f, slope, _) = evaluate(times, flows, Point { x, above_one });
        if f * sign_low > 0.0 {
            low = x;
        } else {
            high = x;
        }
        let newton = x - f / slope;
        // At least every other step must halve the bracket or be Newton's own convergence.
        let slow = (newton - x).abs() > 0.5 * width;
        width = (newton - x).abs().min(high - low);
        let next = if newton >= low && newton <= high && !slow { newton } else { f64::midpoint(low, high) };
        let done = (next - x).abs() <= f64::EPSILON * x;
        x = next;
        if done || high - low <= f64::EPSILON * low {
            break;
        }
    }
    Point { x, above_one }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn close(found: &Irr, expected: &[f64], relative: f64) {
        let roots = found.roots();
        assert_eq!(roots.len(), expected.len(), "{roots:?} instead of {expected:?}");
        for (a, b) in roots.iter().zip(expected) {
            assert!((a - b).abs() <= relative * (1.0 + b.abs()), "{a} instead of {b}");
        }
    }
    fn npv(rate: f64, flows: &[f64]) -> f64 {
        flows.iter().rev().fold(0.0, |value, c| value / (1.0 + rate) + c)
    }
    /// The flows whose roots in `1/q` are `1 + r`.
    fn flows_of(rates: &[f64]) -> Vec<f64> {
        let mut flows = vec![1000.0];
        for r in rates {
            flows.push(0.0);
            for t in (1..flows.len()).rev() {
                flows[t] -= flows[t - 1] * (1.0 + r);
            }
        }
        flows
    }

    #[test]
    fn edges() {
        for flows in [&[][..], &[0.0, 0.0], &[5.0], &[1.0, f64::NAN], &[1.0, f64::INFINITY, -1.0], &[0.0, -3.0, -1.0]] {
            assert_eq!(irr(flows), Irr::None, "{flows:?}");
        }
        // Leading and trailing zeros make no difference.
        close(&irr(&[0.0, -100.0, 110.0, 0.0]), &[0.1], 1e-15);
        close(&irr(&[-100.0, 100.0]), &[0.0], 0.0);
        // One change of the running sum, but two roots.
        close(&irr(&[-1.0, 3.0, -1.0]), &[(1.0 - 5f64.sqrt()) / 2.0, f64::midpoint(1.0, 5f64.sqrt())], 1e-15);
    }

    #[test]
    fn double_and_triple_roots_are_one() {
        close(&irr(&flows_of(&[0.1, 0.1])), &[0.1], 1e-7);
        close(&irr(&flows_of(&[0.1, 0.1, 0.1])), &[0.1], 1e-4);
        close(&irr(&flows_of(&[0.1, 0.1, 0.3])), &[0.1, 0.3], 1e-6);
        close(&irr(&flows_of(&[0.1, 0.101])), &[0.1, 0.101], 1e-9);
    }

    #[test]
    fn long_horizons() {
        // A level annuity: the value at the root is the closed form.
        let mut flows = vec![5.0; 241];
        flows[0] = -500.0;
        let Irr::One(r) = irr(&flows) else { panic!("one root") };
        assert!((5.0 * (1.0 - (1.0 + r).powi(-240)) / r - 500.0).abs() < 1e-9);
        // A total loss but for a last payment after 20 years: (1e-6)^(1/240) − 1; and a windfall.
        let mut flows = vec![0.0; 241];
        (flows[0], flows[240]) = (-1.0, 1e-6);
        close(&irr(&flows), &[1e-6f64.powf(1.0 / 240.0) - 1.0], 1e-15);
        flows[240] = 1e200;
        close(&irr(&flows), &[1e200f64.powf(1.0 / 240.0) - 1.0], 1e-14);
        // Signs that alternate 240 times: q² − 3q + 1 times (1 + q⁴ + q⁸ + …), whose factor has no positive root.
        let mut flows = vec![0.0; 241];
        for t in (0..=236).step_by(4) {
            (flows[t], flows[t + 1], flows[t + 2]) = (1.0, -3.0, 1.0);
        }
        close(&irr(&flows), &[(1.0 - 5f64.sqrt()) / 2.0, f64::midpoint(1.0, 5f64.sqrt())], 1e-13);
    }

    proptest! {
        #[test]
        fn known_roots_are_all_found(mut rates in prop::collection::vec(-90i32..300, 1..5)) {
            rates.sort_unstable();
            rates.dedup();
            let rates: Vec<f64> = rates.into_iter().map(|r| f64::from(r) / 100.0).collect();
            let wide = rates.windows(2).all(|w| w[1] - w[0] > 0.05);
            prop_assume!(wide);
            close(&irr(&flows_of(&rates)), &rates, 1e-8);
        }

        #[test]
        fn roots_zero_the_value_and_bracket_its_sign(flows in prop::collection::vec(-100.0..100.0f64, 2..120)) {
            let found = irr(&flows);
            for &r in found.roots() {
                let size = npv(r, &flows.iter().map(|c| c.abs()).collect::<Vec<_>>());
                prop_assert!(npv(r, &flows).abs() <= 1e-11 * size, "{} at {r}", npv(r, &flows));
            }
            // The value has the sign of the first flow at +∞ and changes it at each root on the way to any rate.
            for r in [-0.2, 0.0, 0.07, 1.0] {
                let above = found.roots().iter().filter(|&&x| x > r).count();
                let expected = if above % 2 == 0 { flows[0] } else { -flows[0] };
                prop_assert!(npv(r, &flows) * expected >= 0.0);
            }
        }
    }
}

//! The mark in returns: value of a position that outlives the run.
//!
//! A mark is the present value, at the position's own rate, of its remaining contractual cash flows, less expected
//! loss. The own rate is the one implied by the plan: the coupon of a debt, so that a debt expected to be repaid is
//! marked at par; the return on which a rent was derived; otherwise the internal rate of return of the planned flows
//! ([`own_rate`]). The return of a position that performs as planned is therefore independent of the length of the run.
//! Fees of a debt are the exception: they are earned when paid, and a run shorter than the debt spreads them over fewer
//! months.
//!
//! Flows follow the terms on the path: balances, missed payments, and rent remaining after a restructuring. Hardware is
//! sold at the end at its age-adjusted value under the terms, at a resale index of 1. Current tenants are assumed to
//! pay.

use crate::engine::math::{max, select};
use crate::instruments::project_finance::root;
use crate::instruments::term_loan::pow_count;

/// Rate below which annuities are valued by the first two terms of their expansion in it: the closed form loses
/// precision there.
const SMALL: f64 = 1e-5;

/// Monthly rate at which the present value of the planned flows equals the amount paid in; 0 where their undiscounted
/// sum is lower. `worth(rate)` is their present value, which falls as the rate rises.
pub fn own_rate(paid_in: f64, worth: impl Fn(f64) -> f64) -> f64 {
    root(0.0, 1.0, |rate| worth(rate) - paid_in)
}

/// Present value of `count` annuities of 1 per month with `first`, `first + 1`, … months to run, and present value of a
/// payment of 1 at the end of each.
#[inline(always)]
pub fn staggered(rate: f64, first: f64, count: f64) -> (f64, f64) {
    let r = max(rate, SMALL);
    let v = 1.0 / (1.0 + r);
    let ends = pow_count(v, first) * (1.0 - pow_count(v, count)) / (1.0 - v);
    // Sums of the months to run and of their squares.
    let months = count * (first + 0.5 * (count - 1.0));
    let squares = count * first * (first + count - 1.0) + (count - 1.0) * count * (2.0 * count - 1.0) / 6.0;
    let small = max(rate, 0.0);
    let plain = (months - 0.5 * small * (squares + months), count - small * months);
    let near = rate < SMALL;
    (select(count > 0.0, select(near, plain.0, (count - ends) / r), 0.0), select(near, plain.1, ends))
}

/// Present value at a monthly rate of 1 paid after `months`.
#[inline(always)]
pub fn after(rate: f64, months: f64) -> f64 {
    pow_count(1.0 / (1.0 + max(rate, 0.0)), months)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annuities_that_end_one_after_the_other() {
        // At 1% a month: 3 and 4 months to run. 2.940985 + 3.901966 = 6.842951; their ends 0.970590 + 0.960980 =
        // 1.931570.
        let (payments, ends) = staggered(0.01, 3.0, 2.0);
        assert!((payments - 6.842_951).abs() < 1e-6 && (ends - 1.931_570).abs() < 1e-6, "{payments} {ends}");
        // Without interest: 3 + 4, and 2. Without annuities: zero.
        let (payments, ends) = staggered(0.0, 3.0, 2.0);
        assert!((payments - 7.0).abs() < 1e-5 && (ends - 2.0).abs() < 1e-5, "{payments} {ends}");
        assert_eq!(staggered(0.01, 1.0, 0.0), (0.0, 0.0));
        // Both formulas agree at the threshold: annuities of 60 months and twelve longer ones, at rates on either side
        // of it.
        let (low, high) = (staggered(0.999_999e-5, 60.0, 13.0), staggered(1.000_001e-5, 60.0, 13.0));
        assert!((low.0 - high.0).abs() < 1e-3 && (low.1 - high.1).abs() < 1e-5, "{low:?} {high:?}");
        assert!((after(0.01, 12.0) - 1.01_f64.powi(-12)).abs() < 1e-15);
    }

    #[test]
    fn the_own_rate_of_a_plan() {
        // 100 for 24 months of 5: 1.513% a month, where an annuity of 24 months is worth 20.
        let rate = own_rate(100.0, |r| 5.0 * staggered(r, 24.0, 1.0).0);
        assert!((rate - 0.015_130_8).abs() < 1e-6, "{rate}");
        // A plan that returns less than was paid in has no rate above zero.
        assert_eq!(own_rate(100.0, |r| 4.0 * staggered(r, 24.0, 1.0).0), 0.0);
    }
}

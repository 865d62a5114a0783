//! Debt service cover ratio, with one definition for all vehicles: cash flow available for debt service over the
//! interest and scheduled principal of the month, excluding amounts missed before, called or swept. It is undefined in
//! a month without debt service. A vehicle that has failed and left its lenders unpaid has a DSCR of 0 in the months in
//! which service was still planned: excluding it would improve the statistics as more vehicles fail.

use crate::engine::math::{max, select};
use crate::units::Usd;

/// DSCR of a month and 1, or zeros where it is undefined. `unpaid` means that a vehicle has failed, that its lenders
/// were not paid in full, and that debt service was planned for this month.
#[inline(always)]
pub fn dscr(cash: Usd, due: Usd, unpaid: bool) -> (f64, f64) {
    let serves = due > Usd::ZERO;
    let ratio = select(serves, cash / max(due, Usd(f64::MIN_POSITIVE)), 0.0);
    (ratio, select(serves | unpaid, 1.0, 0.0))
}

#[cfg(test)]
mod tests {
    use super::dscr;
    use crate::units::Usd;

    #[test]
    fn failed_vehicles_cover_nothing_and_idle_ones_have_no_cover() {
        assert_eq!(dscr(Usd(130.0), Usd(100.0), false), (1.3, 1.0));
        assert_eq!(dscr(Usd(-20.0), Usd(100.0), false), (-0.2, 1.0));
        assert_eq!(dscr(Usd(50.0), Usd(0.0), false), (0.0, 0.0));
        assert_eq!(dscr(Usd(0.0), Usd(0.0), true), (0.0, 1.0));
        // A lender who holds the hardware and leases it out is owed debt service, so there is a DSCR.
        assert_eq!(dscr(Usd(52.0), Usd(100.0), true), (0.52, 1.0));
    }
}

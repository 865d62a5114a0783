//! Mark of the positions if the run ends before the leases do.

use super::{Spv, SpvState, TRANCHES};
use crate::engine::books::ACCOUNTS;
use crate::engine::instrument::View;
use crate::engine::math::{clamp, max, min, select};
use crate::instruments::mark::{after, staggered};
use crate::units::Usd;

impl Spv {
    /// Marks. The equity: the present value, at its own rate, of rent less debt service and of sale proceeds less
    /// balloons, for hardware delivered so far. A tranche: its balance less the present value, at its rate, of the
    /// amount not expected to be paid.
    #[inline(always)]
    pub(super) fn marks(&self, see: &View, own: &SpvState) -> [Usd; ACCOUNTS] {
        let zero = Usd::ZERO;
        // Deliveries under lease after this month, and the remaining months of the oldest.
        let age = see.t - self.start;
        let expired = max(age - self.term + 1.0, 0.0);
        let count = max(clamp(age + 1.0, 0.0, self.over) - expired, 0.0);
        let months = self.term - age + expired;
        let to_go = self.months_left(see.t);
        let rent = self.rent * own.kept;
        let (mut service, mut balloons) = (0.0, 0.0);
        for k in 0..TRANCHES {
            let x = &self.tranche[k];
            // A tranche of which lenders refused a part is repaid sooner; its service counts by what is owed.
            let (payments, ends) = staggered(x.rate, months, count);
            let whole = (x.level * payments + x.balloon * ends) * self.per;
            let part = own.balance[k].0 / max(whole, f64::MIN_POSITIVE);
            let cut = see.market.credit_limited > 0.0;
            let part = select(cut & (whole > 0.0), min(part, 1.0), 1.0);
            service += x.level * part;
            balloons += x.balloon * part;
        }
        let (payments, ends) = staggered(self.own, months, count);
        let left = max(self.ends - balloons, 0.0);
        let mut equity = max(Usd(((rent - service) * payments + left * ends) * self.per), zero);
        // Balances beyond the scheduled payments are covered by arrears, the equity's value, hardware and a guarantee,
        // in this order.
        let mut owed = own.arrears + own.guarantee_owed;
        let (mut rent_left, mut sale_left, mut hardware) = (rent, self.ends, Usd(self.last));
        let mut out = own.balance;
        for (k, x) in self.tranche.iter().enumerate() {
            let (payments, ends) = staggered(x.rate, months, count);
            let level = min(x.level, max(rent_left, 0.0));
            let balloon = min(x.balloon, sale_left);
            rent_left -= x.level;
            sale_left -= balloon;
            let scheduled = Usd((level * payments + balloon * ends) * self.per);
            let short = own.balance[k] - scheduled;
            let mut short = select(short > own.balance[k] * 1e-9, short, zero);
            for source in [&mut owed, &mut equity] {
                let paid = min(short, *source);
                *source -= paid;
                short -= paid;
            }
            let later = after(x.rate, to_go);
            let sold = min(short, hardware * later);
            hardware -= sold / max(later, f64::MIN_POSITIVE);
            short -= sold;
            short -= max(min(short * x.covers, (Usd(x.cap) - own.called[k]) * later), zero);
            out[k] = own.balance[k] - short;
        }
        out[TRANCHES] = select(own.ended == 0.0, equity + owed, zero);
        out
    }
}

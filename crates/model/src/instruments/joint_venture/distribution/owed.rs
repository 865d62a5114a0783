//! What the lab owes, or would owe, to the partners: the floor, the minimum return, and the monthly review of both.

use super::{DistributionVenture, DistributionVentureState, ZERO};
use crate::engine::books::{Books, event};
use crate::engine::instrument::View;
use crate::engine::math::{max, min, select};
use crate::units::Usd;

impl DistributionVenture {
    /// Capital to which the floor applies.
    #[inline(always)]
    fn floored(&self, own: &DistributionVentureState) -> Usd {
        select(self.sharing.pooled(), own.standing.account.capital, own.called_total)
    }
    /// Shortfall against the floor, up to the annual limit.
    pub(super) fn accrued(&self, own: &DistributionVentureState) -> Usd {
        max(ZERO, min(own.short, Usd(self.floor_most)))
    }
    /// Shortfall against a minimum return that has not been tested yet, given the partners' position.
    #[inline(always)]
    pub(super) fn below_minimum(&self, position: Usd, own: &DistributionVentureState) -> Usd {
        let open = (self.has_minimum > 0.0) & (own.tested == 0.0) & (own.ended == 0.0);
        select(open, max(ZERO, min(own.promised - position, Usd(self.most))), ZERO)
    }
    /// The same if the venture is wound up now: its cash alone is shared.
    pub(super) fn minimum_claim(&self, own: &DistributionVentureState) -> Usd {
        let cash = (own.unspent + own.retained) * (1.0 - own.stake);
        self.below_minimum(self.sharing.would_get(cash, own.standing), own)
    }

    /// `review`: the test of the minimum return, and stocks.
    #[inline(always)]
    pub(super) fn weighs(&self, see: &View, own: &mut DistributionVentureState, books: &mut Books) {
        // A minimum return is tested on its date and paid in the following month, with that month's return.
        let short = self.below_minimum(self.position(see, own), own) * see.lab.alive;
        let tests = see.t == self.tested_at;
        let called = select(tests, min(short * self.growth, Usd(self.most)), ZERO);
        own.falls += called;
        own.tested = select(tests, 1.0, own.tested);
        books.event(called > ZERO, event::GUARANTEE_CALLED);
        let minimum_now = select(tests, ZERO, short);
        let minimum = (self.has_minimum > 0.0) & (own.tested == 0.0) & (own.ended == 0.0) & (see.lab.alive > 0.0);
        let most = select(minimum, max(ZERO, min(own.promised, Usd(self.most))), ZERO);
        books.lab.investment += own.carried;
        books.lab.arrears += own.arrears + own.owed;
        let on = (own.ended == 0.0) & (see.lab.alive > 0.0) & (see.t < self.floor_until);
        let now = select(on, max(ZERO, min(own.short, Usd(self.floor_most))), ZERO);
        own.guarantee_now = now + own.falls + minimum_now;
        // The maximum: a full top-up for the floor's remaining life, or for one year if it has no end.
        let year = min(self.floored(own) * (self.floor * 12.0), Usd(self.floor_most));
        let years =
            min(self.floor_until - see.t, select(self.floor_until < f64::MAX, self.floor_until, 12.0)) * (1.0 / 12.0);
        books.lab.guarantee += own.guarantee_now + select(on, year * years, ZERO) + (most - minimum_now);
        books.lab.guarantee_now += own.guarantee_now;
    }
}

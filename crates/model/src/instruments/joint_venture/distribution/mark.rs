//! Mark of the positions: what a sale of the venture would bring.

use super::super::{MANAGER, PARTNERS};
use super::{DistributionVenture, DistributionVentureState, ZERO};
use crate::engine::books::ACCOUNTS;
use crate::engine::instrument::View;
use crate::engine::math::{max, select};
use crate::units::Usd;

impl DistributionVenture {
    /// Proceeds of a sale of the venture now, without the lab's stake: earnings of the last twelve months at the
    /// multiple, and its cash.
    #[inline(always)]
    fn sold(&self, see: &View, own: &DistributionVentureState) -> Usd {
        let multiple = select(see.market.winter > 0.0, self.multiple[1], self.multiple[0]);
        let value = max(ZERO, own.earnings_12m) * multiple + own.unspent + own.retained;
        value * (1.0 - own.stake)
    }
    /// The partners' position: their part of a sale, or without a multiple their unreturned capital; zero once the
    /// venture has ended.
    #[inline(always)]
    pub(super) fn position(&self, see: &View, own: &DistributionVentureState) -> Usd {
        let theirs = self.sharing.would_get(self.sold(see, own), own.standing);
        let out = max(ZERO, own.called_total - own.received_total);
        let cost = select(self.sharing.pooled(), own.standing.account.capital, out);
        select(own.ended == 0.0, select(self.has_multiple > 0.0, theirs, cost), ZERO)
    }

    /// The mark: what a sale of the venture would bring, shared by the waterfall; without a multiple, unreturned
    /// capital. Amounts owed by the lab are added, among them the shortfall against a minimum return.
    #[inline(always)]
    pub(super) fn marks(&self, see: &View, own: &DistributionVentureState) -> [Usd; ACCOUNTS] {
        let position = self.position(see, own);
        let going = own.ended == 0.0;
        let minimum = self.below_minimum(position, own) * see.lab.alive;
        let managed = going & (self.manager > 0.0) & (self.has_multiple > 0.0);
        let mut worth = [ZERO; ACCOUNTS];
        worth[PARTNERS] = position + own.falls + own.owed + minimum;
        worth[MANAGER] = select(managed, self.sold(see, own) - position, ZERO);
        worth
    }
}

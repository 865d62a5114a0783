//! Claims and recoveries of a distribution venture when the lab fails, and its audit identities.

use super::super::PARTNERS;
use super::{DistributionVenture, DistributionVentureState, ZERO};
use crate::engine::books::Books;
use crate::engine::math::max;
use crate::engine::resolution::{Award, Claim, Outcome};
use crate::units::Usd;

impl DistributionVenture {
    /// The claim: commission in arrears, and amounts owed to the partners. The lab's part of retained earnings is an
    /// asset of its estate.
    pub(super) fn claims(&self, own: &DistributionVentureState) -> Claim {
        let short = if own.ended == 0.0 { self.accrued(own) + self.minimum_claim(own) } else { ZERO };
        // The lab's part of retained earnings, which are distributed as the venture is wound up.
        let pool = own.retained * (1.0 - own.stake);
        let partners = self.sharing.would_get(pool, own.standing);
        let managers = if self.manager > 0.0 { pool - partners } else { ZERO };
        Claim {
            unsecured: own.arrears + own.owed + own.falls + short,
            arrears: own.arrears + own.owed,
            assets: own.retained - partners - managers,
            ..Claim::default()
        }
    }

    /// In a restructuring, amounts owed are cut for shares. When the lab ends, the venture is wound up in the following
    /// month.
    pub(super) fn resolved(&self, own: &mut DistributionVentureState, award: &Award, books: &mut Books) {
        let claim = award.claim.unsecured;
        match award.outcome {
            Outcome::Going | Outcome::Rescued => {}
            Outcome::Restructured => {
                let (kept, h) = (1.0 - award.haircut, award.haircut);
                let shares = claim.0 * h * award.shares_per_usd;
                own.claimed += claim;
                own.recovered += claim * kept + award.price * shares;
                own.charge_written_off += own.arrears * h;
                own.owed_written_off += own.owed * h;
                books.lab.issued += shares;
                books.lab.paid_in += (own.arrears + own.owed) * h;
                own.arrears = own.arrears * kept;
                own.owed = own.owed * kept;
                own.falls = own.falls * kept;
                own.short -= self.accrued(own) * h;
                own.promised -= self.minimum_claim(own) * h;
            }
            Outcome::Acquired | Outcome::Liquidated => {
                // The recovery on commission goes through the waterfall next month, when the venture is wound up; that
                // on top-ups belongs to the partners.
                let share = if claim > ZERO { (claim - own.arrears) / claim } else { 0.0 };
                let to_partners = award.unsecured * share;
                own.claimed += claim;
                own.recovered += award.unsecured * award.discount(0.0);
                own.claim[PARTNERS] = max(ZERO, own.called_total - own.received_total);
                own.received_total += to_partners;
                own.charge_written_off += own.arrears;
                own.owed_written_off += own.owed;
                own.cash += award.unsecured - to_partners;
                books.pay(PARTNERS, to_partners);
                books.third(-award.unsecured);
                (own.arrears, own.owed, own.falls, own.short, own.call_owed) = (ZERO, ZERO, ZERO, ZERO, ZERO);
                own.tested = 1.0;
            }
        }
    }

    /// Sum of the absolute roll-forward errors of commission, top-ups and the pooled account.
    pub(super) fn audited(&self, was: &DistributionVentureState, now: &DistributionVentureState) -> Usd {
        // Commission charged is paid, written off or still owed, and so are top-ups; the pooled account follows from
        // calls and payments.
        let given_up = now.charge_written_off - was.charge_written_off;
        let charge = was.arrears + now.charge - now.paid - given_up - now.arrears;
        let given_up = now.owed_written_off - was.owed_written_off;
        let owed = was.owed + was.falls - now.guaranteed - given_up - now.owed;
        let pooled =
            |s: &DistributionVentureState| s.standing.account.capital + s.distributed_total - s.standing.account.profit;
        let capital = pooled(now) - pooled(was) - now.called + now.guaranteed;
        let capital = if self.sharing.pooled() { capital } else { ZERO };
        [charge, owed, capital].iter().fold(ZERO, |sum, x| sum + Usd(x.0.abs()))
    }
}

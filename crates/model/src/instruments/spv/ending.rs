//! Claims of a chip vehicle on a failed lab, and the end of the vehicle.

use super::{Spv, SpvState};
use crate::engine::books::{ACCOUNTS, Books, event};
use crate::engine::instrument::View;
use crate::engine::resolution::{Award, Claim, Outcome, Rules};
use crate::instruments::hardware::Vintages;
use crate::instruments::recovery::{Ending, TRANCHES, rejected, run_down};
use crate::units::Usd;

impl Spv {
    /// The claim: arrears, the shortfall of a sale now against the value that the lab guarantees, and damages for
    /// future rent; unsecured, since the hardware belongs to the vehicle.
    pub(super) fn claims(&self, see: &View, own: &SpvState, rules: Rules) -> Claim {
        if own.ended > 0.0 {
            return Claim::default();
        }
        let rent = Usd(self.rent * self.leased(see.t + 1.0) * own.kept);
        let arrears = own.arrears + own.site_owed + own.guarantee_owed;
        let called = self.called(see, own) * self.by_lab;
        Claim { unsecured: arrears + called + rejected(own.firm_rent, rent, rules), arrears, ..Claim::default() }
    }

    /// Shortfall of a sale of all leased hardware now against its guaranteed value at lease end.
    fn called(&self, see: &View, own: &SpvState) -> Usd {
        let short = self.promised(own, self.leased(see.t + 1.0)) - own.vintages.value(see.market.resale);
        if short > Usd::ZERO { short } else { Usd::ZERO }
    }

    pub(super) fn resolved(&self, see: &View, own: &mut SpvState, award: &Award, books: &mut Books) {
        match award.outcome {
            Outcome::Going if own.ended == 2.0 && own.claim == [Usd::ZERO; ACCOUNTS] => {
                // Hardware sold at lease end is gone; otherwise all of it is still there.
                let all = own.vintages.value(see.market.resale) + own.retired.value(see.market.resale);
                self.end(see, own, award, all, books);
            }
            Outcome::Going | Outcome::Rescued => {}
            Outcome::Restructured => Self::restructured(own, award, books),
            Outcome::Acquired | Outcome::Liquidated => {
                if own.ended == 0.0 {
                    own.ended = 1.0;
                    self.end(see, own, award, own.vintages.value(see.market.resale), books);
                }
                own.given_up += own.arrears;
                for owed in [&mut own.arrears, &mut own.site_owed, &mut own.guarantee_owed, &mut own.firm_rent] {
                    *owed = Usd::ZERO;
                }
            }
        }
    }

    /// Share of the estate's payment that belongs to the vehicle; the rest is for site cost.
    fn for_rent(own: &SpvState, award: &Award) -> f64 {
        let all = award.claim.unsecured;
        if all > Usd::ZERO { (all - own.site_owed) / all } else { 0.0 }
    }

    /// Hardware is sold for `sale`, guarantees are called, the estate pays; any remaining balance is lost.
    fn end(&self, see: &View, own: &mut SpvState, award: &Award, sale: Usd, books: &mut Books) {
        let later = award.unsecured * Spv::for_rent(own, award);
        let mut guarantees = [(0.0, Usd::ZERO); TRANCHES];
        let mut rate = [0.0; TRANCHES];
        for (k, x) in self.tranche.iter().enumerate() {
            guarantees[k] = (x.covers, Usd(x.cap) - own.called[k]);
            rate[k] = x.rate + own.added_spread[k];
        }
        let joint = if own.ended == 1.0 { self.called(see, own) * (1.0 - self.by_lab) } else { Usd::ZERO };
        let shares = Ending { now: sale, later, guarantees, joint }.share(&own.balance, &rate, award);
        own.claim = own.balance;
        let mut guaranteed = Usd::ZERO;
        for k in 0..TRANCHES {
            own.called[k] += shares.called[k];
            own.loss[k] += shares.loss[k];
            own.service += shares.paid[k];
            own.written_off += shares.unpaid[k];
            own.balance[k] = Usd::ZERO;
            own.missed[k] = Usd::ZERO;
            guaranteed += shares.called[k];
            books.pay(k, shares.paid[k]);
        }
        let equity = own.balance[TRANCHES];
        own.loss[TRANCHES] += if equity > shares.equity { equity - shares.equity } else { Usd::ZERO };
        own.balance[TRANCHES] = Usd::ZERO;
        own.distributed += shares.equity;
        books.pay(TRANCHES, shares.equity);
        books.third(shares.refunded - sale - guaranteed - later);
        let gone = Vintages::default();
        (own.vintages, own.retired, own.at_end) = (gone, gone, Usd::ZERO);
        books.event(sale > Usd::ZERO, event::CONTRACT_LOST | event::SOLD);
        books.event(guaranteed > Usd::ZERO, event::GUARANTEE_CALLED);
    }

    /// Arrears and future rent are cut by the haircut; the shares that the vehicle receives are sold and pay down its
    /// tranches.
    fn restructured(own: &mut SpvState, award: &Award, books: &mut Books) {
        let cut = award.haircut;
        let shares = award.claim.unsecured.0 * cut * award.shares_per_usd;
        let cash = award.price * (shares * Spv::for_rent(own, award));
        let given_up = own.arrears * cut;
        let of_site = own.site_owed * cut;
        own.given_up += given_up;
        own.arrears -= given_up;
        own.site_owed -= of_site;
        let of_guarantee = own.guarantee_owed * cut;
        own.guarantee_owed -= of_guarantee;
        own.kept *= 1.0 - cut;
        own.firm_rent = own.firm_rent * (1.0 - cut);
        let mut paid = [Usd::ZERO; ACCOUNTS];
        let left = run_down(cash, &mut own.balance, &mut paid);
        for (k, &paid) in paid.iter().enumerate().take(TRANCHES) {
            own.service += paid;
            books.pay(k, paid);
        }
        own.distributed += left;
        let equity = own.balance[TRANCHES] - left;
        own.balance[TRANCHES] = if equity > Usd::ZERO { equity } else { Usd::ZERO };
        books.pay(TRANCHES, left);
        books.third(-cash);
        books.lab.issued += shares;
        books.lab.paid_in += given_up + of_site + of_guarantee;
    }
}

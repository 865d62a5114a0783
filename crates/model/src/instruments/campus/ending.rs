//! The vehicle's claim on a failed lab, and the end of the vehicle.

use super::spec::JUNIOR;
use super::{Campus, CampusState};
use crate::engine::books::{ACCOUNTS, Books, event};
use crate::engine::instrument::View;
use crate::engine::resolution::{Award, Claim, Outcome, Rules};
use crate::instruments::project_finance::guaranteed;
use crate::instruments::recovery::{Ending, TRANCHES, rejected, run_down};
use crate::units::Usd;

impl Campus {
    /// Cost of the guarantee if it were called now.
    fn guaranteed_now(&self, see: &View, own: &CampusState) -> Usd {
        let j = self.served(see.t);
        if j < 1.0 || own.ended > 0.0 {
            return Usd::ZERO;
        }
        guaranteed(Campus::debts(own), own.value, self.residual.covers, self.cap(j))
    }

    pub(super) fn claims(&self, see: &View, own: &CampusState, rules: Rules) -> Claim {
        // A lease sold to a new owner is that owner's claim, which is not modelled here.
        let rent = if own.ended == 0.0 && self.lease.lab > 0.0 {
            rejected(self.rent_to_come(see, own), Usd(self.operation.rent * own.rent_level), rules)
        } else {
            Usd::ZERO
        };
        let guarantee = if self.residual.lab > 0.0 && own.empty == 0.0 && self.lease.lab > 0.0 {
            self.guaranteed_now(see, own)
        } else {
            Usd::ZERO
        };
        let arrears = own.arrears + own.site_owed + own.guarantee_owed;
        let stands = if own.ended == 0.0 && self.served(see.t) >= 1.0 { own.value } else { Usd::ZERO };
        let net = stands + own.reserve + own.trapped + own.maintained - Campus::debts(own);
        let assets = if net > Usd::ZERO { net * self.lab } else { Usd::ZERO };
        Claim { unsecured: arrears + own.called + rent + guarantee, arrears, assets, ..Claim::default() }
    }

    pub(super) fn resolved(&self, see: &View, own: &mut CampusState, award: &Award, books: &mut Books) {
        let all = award.claim.unsecured;
        let for_vehicle = if all > Usd::ZERO { (all - own.site_owed) / all } else { 0.0 };
        let mut later = Usd::ZERO;
        match award.outcome {
            Outcome::Going | Outcome::Rescued => {}
            Outcome::Restructured => self.restructured(own, award, for_vehicle, books),
            Outcome::Acquired | Outcome::Liquidated => {
                later = award.unsecured * for_vehicle;
                own.given_up += own.arrears;
                for owed in [
                    &mut own.arrears,
                    &mut own.site_owed,
                    &mut own.call_owed,
                    &mut own.called,
                    &mut own.guarantee_owed,
                    &mut own.carried,
                ] {
                    *owed = Usd::ZERO;
                }
                later = self.without_lab(see, own, award, later, books);
            }
        }
        if own.ended > 0.0 {
            // The lease may outlive the vehicle, which then has no loss from its end.
            own.empty = if own.turn == 1.0 { 1.0 } else { own.empty };
            if own.failing == 3.0 {
                Campus::lose(own, [0.0; TRANCHES]);
            }
        } else if own.failing > 0.0 {
            self.liquidate(see, own, award, later, books);
        } else {
            Campus::prepay(own, later, books);
            if own.turn == 1.0 && own.empty == 0.0 {
                self.tenant_goes(see, own, award, books);
            }
        }
    }

    /// Writes off what is owed, and adds to the losses the time value `waits` of late payments.
    fn lose(own: &mut CampusState, waits: [f64; TRANCHES]) {
        for (k, wait) in waits.into_iter().enumerate() {
            let lost = own.balance[k];
            own.loss[k] += lost + Usd(wait);
            own.written_off += lost;
            own.balance[k] = Usd::ZERO;
        }
    }

    /// The tenant does not renew, or has defaulted: the guarantor pays, and the campus is re-leased or sold.
    fn tenant_goes(&self, see: &View, own: &mut CampusState, award: &Award, books: &mut Books) {
        if self.residual.relet == 0.0 {
            own.failing = 1.0;
            self.liquidate(see, own, award, Usd::ZERO, books);
            own.empty = 1.0;
            return;
        }
        let call = self.guaranteed_now(see, own);
        own.called_total += call;
        own.empty = 1.0;
        own.vacancy = self.residual.vacancy;
        books.event(call > Usd::ZERO, event::GUARANTEE_CALLED);
        if self.residual.lab == 0.0 {
            Campus::prepay(own, call, books);
        } else if see.lab.alive > 0.0 {
            own.called += call;
        }
    }

    /// The lab has ended, and its lease and guarantee with it. Returns the part of the estate's payment that is not yet
    /// used.
    fn without_lab(&self, see: &View, own: &mut CampusState, award: &Award, later: Usd, books: &mut Books) -> Usd {
        let rented = self.lease.lab > 0.0;
        if own.ended > 0.0 {
            // Sold earlier: the estate pays what the lab owed on its guarantee, and the rest is lost.
            let (mut paid, mut waits) = ([Usd::ZERO; ACCOUNTS], [0.0; TRANCHES]);
            let left = run_down(later, &mut own.balance, &mut paid);
            for (k, rate) in self.rates(see, own).into_iter().enumerate() {
                waits[k] = paid[k].0 * (1.0 - award.discount(rate));
                own.service += paid[k];
                books.pay(k, paid[k]);
            }
            Campus::lose(own, waits);
            own.trapped += left;
            books.third(-later);
            own.empty = if rented { 1.0 } else { own.empty };
            own.failing = 0.0;
            return Usd::ZERO;
        }
        if see.t < self.start {
            own.ended = if rented { 2.0 } else { own.ended };
            return later;
        }
        if !rented || own.failing > 0.0 {
            return later;
        }
        if self.builds(see.t, own) || (own.empty == 0.0 && self.residual.relet == 0.0) {
            own.failing = if self.builds(see.t, own) { 2.0 } else { 1.0 };
            books.event(true, event::CONTRACT_LOST);
            return later;
        }
        // The campus continues without the lab: guarantor and estate pay down the debt.
        if own.empty == 0.0 {
            let call = if self.residual.lab > 0.0 { Usd::ZERO } else { self.guaranteed_now(see, own) };
            Campus::prepay(own, call, books);
            own.called_total += call;
            own.empty = 1.0;
            own.vacancy = self.residual.vacancy;
            books.event(true, event::CONTRACT_LOST);
            books.event(call > Usd::ZERO, event::GUARANTEE_CALLED);
        }
        later
    }

    /// Pays third-party cash to the tranches in order of rank; any remainder stays in the vehicle.
    fn prepay(own: &mut CampusState, cash: Usd, books: &mut Books) {
        let mut paid = [Usd::ZERO; ACCOUNTS];
        own.trapped += run_down(cash, &mut own.balance, &mut paid);
        for (k, &paid) in paid.iter().enumerate().take(TRANCHES) {
            own.service += paid;
            books.pay(k, paid);
        }
        books.third(-cash);
    }

    /// Cuts what the lab owes and will owe; the shares that the vehicle receives are sold.
    fn restructured(&self, own: &mut CampusState, award: &Award, for_vehicle: f64, books: &mut Books) {
        let cut = award.haircut;
        let shares = award.claim.unsecured.0 * cut * award.shares_per_usd;
        own.given_up += own.arrears * cut;
        // Amounts called and not yet due have not been expensed.
        books.lab.paid_in += (own.arrears + own.site_owed + own.guarantee_owed) * cut;
        let left = 1.0 - cut;
        for owed in [&mut own.arrears, &mut own.site_owed, &mut own.guarantee_owed, &mut own.called] {
            *owed = *owed * left;
        }
        if self.lease.lab > 0.0 {
            own.rent_level *= left;
            // So that `review` rolls it forward to the same share of what it would have been.
            let rolled = own.firm_rent * (1.0 + self.discount) - own.rent;
            own.firm_rent = (rolled * left + own.rent) * (1.0 / (1.0 + self.discount));
        }
        books.lab.issued += shares;
        Campus::prepay(own, award.price * (shares * for_vehicle), books);
    }

    /// Monthly rates of the tranches.
    fn rates(&self, see: &View, own: &CampusState) -> [f64; TRANCHES] {
        let junior = |k: usize| self.junior[k].rate + own.added_spread[k];
        [self.rate(see, own), junior(0), junior(1), junior(2)]
    }

    /// Sells the campus, finished or unfinished; reserves, a third-party guarantee and the estate cover the rest. If
    /// the lab is the guarantor and has not ended, its payment falls due in the following month.
    fn liquidate(&self, see: &View, own: &mut CampusState, award: &Award, later: Usd, books: &mut Books) {
        let unfinished = own.failing == 2.0;
        let built = self.spends * self.spend.by((see.t - self.start + 1.0) * self.per_month);
        let sale = if unfinished { Usd(built * self.residual.unfinished) } else { own.value };
        let in_hand = if own.builders < Usd::ZERO { -own.builders } else { Usd::ZERO };
        let cash = own.reserve + own.trapped + own.maintained + own.proceeds + in_hand;
        let by_lab = self.residual.lab > 0.0;
        let call = if unfinished { Usd::ZERO } else { self.guaranteed_now(see, own) };
        let joint = if by_lab { Usd::ZERO } else { call };
        let ending = Ending { now: sale + cash, later, joint, ..Ending::default() };
        let shares = ending.share(&own.balance, &self.rates(see, own), award);
        own.claim = own.balance;
        own.missed = [Usd::ZERO; JUNIOR];
        let missed = shares.unpaid.iter().fold(Usd::ZERO, |sum, &x| sum + x);
        if by_lab && see.lab.alive > 0.0 && !award.outcome.ends() {
            own.called += if missed < call { missed } else { call };
        }
        let awaits = own.called + own.guarantee_owed > Usd::ZERO;
        let mut called = Usd::ZERO;
        for k in 0..TRANCHES {
            called += shares.called[k];
            own.service += shares.paid[k];
            if awaits {
                own.balance[k] = shares.unpaid[k];
            } else {
                own.loss[k] += shares.loss[k];
                own.written_off += shares.unpaid[k];
                own.balance[k] = Usd::ZERO;
            }
            books.pay(k, shares.paid[k]);
        }
        own.called_total += called + own.called;
        for emptied in [&mut own.reserve, &mut own.maintained, &mut own.proceeds, &mut own.builders, &mut own.opex_owed]
        {
            *emptied = Usd::ZERO;
        }
        // Any remainder is distributed to the owners in the following month.
        own.trapped = shares.equity;
        let equity = own.balance[TRANCHES] - shares.equity * (1.0 - self.lab);
        own.loss[TRANCHES] += if equity > Usd::ZERO { equity } else { Usd::ZERO };
        own.ended = own.failing;
        if own.ended == 2.0 || award.outcome.ends() {
            own.empty = 1.0;
        }
        books.third(shares.refunded - sale - called - later);
        books.event(true, event::SOLD);
        books.event(called + own.called > Usd::ZERO, event::GUARANTEE_CALLED);
    }
}

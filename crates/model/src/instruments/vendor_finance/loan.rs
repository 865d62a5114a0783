//! The vendor lends against purchases, and receives penny warrants.

use super::VendorFinanceSpec;
use crate::engine::books::{ACCOUNTS, Books, INTEREST, PRINCIPAL, SECURED};
use crate::engine::columns::Columns;
use crate::engine::instrument::{CLOSE, Instrument, LAGS, Line, REVIEW, SETTLE, Unit, View, first, flow, line, total};
use crate::engine::math::{max, min, select};
use crate::engine::resolution::{Award, Claim, Rules};
use crate::instruments::declared::{Declared, Facts, Market, Need, Provider};
use crate::instruments::floating::Floating;
use crate::instruments::term_loan::level_payment;
use crate::instruments::warrants::{Warrants, share_price};
use crate::issues::Issues;
use crate::language::quantity::Inputs;
use crate::units::Usd;
use crate::{posts, row};

row! {
    /// Terms; monthly rates. `share` is the share of all shares under warrant per dollar drawn.
    pub struct VendorLoan {
        finances: f64, limit: Usd, rate: Floating, instalment: f64, secured: f64, share: f64, exercise: f64,
    }
    /// Amounts owed, due and paid. The first field is recorded in the history: it ends a draw's instalments after its
    /// term.
    pub struct VendorLoanState {
        /// Instalment that began with this month's draw.
        pub started: Usd,
        /// Sum of the instalments in force: level payments, or principal instalments at a floating rate.
        pub instalments: Usd,
        /// Principal outstanding.
        pub balance: Usd,
        /// Interest in arrears.
        pub arrears: Usd,
        /// Part of the principal due that was missed earlier.
        pub missed: Usd,
        /// Drawn this month.
        pub draw: Usd,
        /// Drawn so far.
        pub drawn_total: Usd,
        /// Interest accrued this month.
        pub accrued: Usd,
        /// Interest due, including arrears.
        pub interest_due: Usd,
        /// Principal due.
        pub principal_due: Usd,
        /// Interest paid.
        pub interest: Usd,
        /// Principal paid.
        pub principal: Usd,
        /// The vendor's warrants on the lab and the shares from their exercise.
        pub warrants: Warrants,
        /// Fair value of the warrants at grant.
        pub warrant_value: Usd,
        /// The vendor's share of the company if all its warrants were exercised.
        pub dilution: f64,
        /// Written off so far when the lab failed.
        pub written_off: Usd,
        /// Claim when the lab failed.
        pub claim: Usd,
        /// Loss on the claim.
        pub loss: Usd,
    }
}

impl Instrument for VendorLoan {
    type Spec = VendorFinanceSpec;
    type State = VendorLoanState;
    const PHASES: u8 = SETTLE | CLOSE | REVIEW;
    const REMEMBERED: usize = 1;
    const POSTS: Columns = posts![
        debt_in,
        interest_expense,
        secured_interest,
        secured_principal,
        interest,
        principal,
        debt,
        arrears,
        issued,
        paid_in,
    ];
    const RETURNS: bool = true;
    const LINES: &'static [Line] = &[
        line("balance", Unit::Usd),
        flow("draw", Unit::Usd).seldom(),
        flow("interest", Unit::Usd).seldom(),
        flow("principal", Unit::Usd).seldom(),
        line("arrears", Unit::Usd).seldom(),
        total("dilution", Unit::Share),
        total("warrant_value", Unit::Usd),
        total("claim", Unit::Usd),
        total("loss", Unit::Usd),
    ];

    fn name(spec: &VendorFinanceSpec) -> Option<&str> {
        Some(spec.name.as_str())
    }
    fn accounts(_: &VendorFinanceSpec) -> Vec<(String, usize)> {
        vec![("vendor".into(), 0)]
    }
    fn lags(spec: &VendorFinanceSpec) -> [usize; LAGS] {
        let mut lags = [0; LAGS];
        lags[0] = spec.term.map_or(0, |t| t.0.round() as usize) + 1;
        lags
    }
    fn terms(spec: &VendorFinanceSpec, inputs: &Inputs<'_>) -> Self {
        let flag = |yes: bool| f64::from(u8::from(yes));
        let rate = spec.rate.as_ref().map_or(Floating::default(), |r| Floating::new(r, inputs));
        let term = spec.term.map_or(1.0, |t| t.0.round().max(1.0));
        let w = spec.warrants.as_ref();
        VendorLoan {
            finances: spec.finances.as_ref().map_or(0.0, |q| q.at(inputs)),
            limit: Usd(spec.limit.as_ref().map_or(f64::MAX, |q| q.at(inputs))),
            rate,
            instalment: if rate.floats > 0.0 { 1.0 / term } else { level_payment(rate.margin, term) },
            secured: flag(spec.secured),
            share: w.map_or(0.0, |w| w.share.at(inputs) / w.per.at(inputs)),
            exercise: w.and_then(|w| w.exercise.as_ref()).map_or(f64::MAX, |w| w.0),
        }
    }

    #[inline(always)]
    fn settle(&self, see: &View, own: &mut VendorLoanState, books: &mut Books) {
        let (alive, zero) = (see.lab.alive, Usd::ZERO);
        let rate = self.rate.rate(see, 0.0);
        own.accrued = (own.balance + own.arrears) * rate * alive;
        own.interest_due = own.accrued + own.arrears * alive;
        // A draw's instalments end with its term.
        own.instalments = max(own.instalments - Usd(see.past[0][0]), zero);
        let interest = select(self.rate.floats > 0.0, zero, own.balance * rate);
        let principal = max(own.instalments - interest, zero) + own.missed;
        own.principal_due = min(principal, own.balance) * alive;
        let headroom = max(self.limit - own.balance, zero);
        own.draw = min(see.capex * self.finances, headroom) * alive;
        own.drawn_total += own.draw;
        own.started = own.draw * self.instalment;
        own.warrants.exercise(see, (see.lab.listed > 0.0) | (see.t >= self.exercise), false, books);
        let n = see.lab.shares * (self.share * own.draw.0);
        own.warrants.grant(n, zero);
        own.warrant_value += share_price(see) * n;
        let safe = self.secured > 0.0;
        books.lab.debt_in += own.draw;
        books.lab.interest_expense += own.accrued;
        books.lab.secured_interest += select(safe, own.interest_due, zero);
        books.lab.secured_principal += select(safe, own.principal_due, zero);
        books.lab.interest += select(safe, zero, own.interest_due);
        books.lab.principal += select(safe, zero, own.principal_due);
        books.pay(0, -own.draw);
    }
    #[inline(always)]
    fn close(&self, see: &View, own: &mut VendorLoanState, books: &mut Books) {
        let (safe, paid) = (self.secured > 0.0, &see.lab.paid);
        own.interest = own.interest_due * select(safe, paid[SECURED], paid[INTEREST]);
        own.principal = own.principal_due * select(safe, paid[SECURED], paid[PRINCIPAL]);
        own.arrears = own.interest_due - own.interest;
        own.missed = own.principal_due - own.principal;
        own.balance += own.draw - own.principal;
        own.instalments += own.started;
        books.pay(0, own.interest + own.principal);
    }
    #[inline(always)]
    fn review(&self, see: &View, own: &mut VendorLoanState, books: &mut Books) {
        own.dilution = own.warrants.dilution(see);
        books.lab.debt += own.balance;
        books.lab.arrears += own.arrears;
    }
    fn claim(&self, see: &View, own: &VendorLoanState, _: &Rules) -> Claim {
        let (unsecured, arrears) = (own.balance + own.arrears, own.missed + own.arrears);
        let lien = if self.secured > 0.0 { unsecured } else { Usd::ZERO };
        Claim { unsecured, lien, arrears, class: own.warrants.class(see), ..Claim::default() }
    }
    fn resolve(&self, see: &View, own: &mut VendorLoanState, award: &Award, books: &mut Books) {
        let owed = own.balance + own.arrears;
        let settled = Award { shares: Usd::ZERO, ..*award }.settle(owed, self.rate.rate(see, 0.0));
        let kept = if owed > Usd::ZERO { settled.left / owed } else { 1.0 };
        own.claim = award.claimed(own.claim, own.loss, owed);
        own.loss += settled.loss;
        own.written_off += settled.written_off;
        own.balance = own.balance * kept;
        own.missed = own.missed * kept;
        own.instalments = own.instalments * kept;
        own.arrears = settled.left - own.balance;
        own.warrants.shares += settled.shares;
        if award.outcome.ends() {
            own.warrants = Warrants::default();
        }
        settled.post(0, books);
        books.pay(0, award.shares);
        books.third(-award.shares);
    }
    /// Mark: amounts owed, shares, and penny warrants, which are valued as shares.
    #[inline(always)]
    fn worth(&self, see: &View, own: &VendorLoanState) -> [Usd; ACCOUNTS] {
        first(own.balance + own.arrears + own.warrants.worth(see) + share_price(see) * own.warrants.outstanding)
    }
    fn audit(&self, was: &VendorLoanState, now: &VendorLoanState) -> Usd {
        let written_off = now.written_off - was.written_off;
        let owed = |s: &VendorLoanState| s.balance + s.arrears;
        owed(was) + now.draw + now.accrued - now.interest - now.principal - written_off - owed(now)
    }
}
impl Declared for VendorLoan {
    const FACTS: Facts = Facts::of(Provider::Lender).capital("drawn_total");

    fn needs(spec: &VendorFinanceSpec, needs: &mut Vec<Need>) {
        let rates: Vec<_> = spec.rate.iter().collect();
        Need::of_rates(&spec.name, &rates, needs);
        if spec.kind == super::VendorKind::Warrants {
            let title = format!("`{}` holds warrants on shares whose price is not specified", spec.name);
            needs.push(Need::of(Market::VendorShare, Some(spec.name.place()), title));
        }
    }
    fn prices_shares(spec: &VendorFinanceSpec) -> bool {
        spec.warrants.is_some()
    }
    fn check(spec: &VendorFinanceSpec, issues: &mut Issues) {
        spec.check(issues);
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::math::options::{European, warrant};

    /// Basis of `warrant_value`: with an exercise price of zero, Galai and Schneller give the share price, whatever the
    /// number of warrants.
    #[test]
    fn a_penny_warrant_is_worth_a_share() {
        for warrants in [1.0, 20.0, 50.0] {
            let option = European { asset: 7.5, strike: 0.0, rate: 0.04, income: 0.0, volatility: 0.6, years: 3.0 };
            assert!((warrant(&option, 100.0, warrants) / 7.5 - 1.0).abs() < 1e-14);
        }
    }
}

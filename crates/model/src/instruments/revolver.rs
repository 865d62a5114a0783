//! A revolving line of credit.
//!
//! # What it is
//! The lab draws when cash falls below its minimum and repays first when cash exceeds its maximum. Availability may be
//! limited to a share of receivables, the lender may refuse draws in winter, and a clean-down may be required in each
//! period. Covenants on cash and run-rate stop draws; with `breach` the lender may call the balance.
//!
//! # Monthly cash flows
//! | flow | lab | lender |
//! | --- | --- | --- |
//! | draw, towards the gap | + | − |
//! | interest on the opening balance, commitment fee, fee for last month's waiver | − | + |
//! | excess over the borrowing base; the balance at maturity or when called | − | + |
//! | repayment out of surplus | − | + |
//!
//! # In YAML
//! `- revolver: {name: revolver, limit: 5B USD, rate: sofr + 200 bp, commitment_fee: 40 bp}`
//!
//! `- revolver: {name: line, limit: 5B USD, base: 80%, rate: sofr + 350 bp, moves_with_credit: true, minimum_cash: 1B USD,
//! minimum_revenue: 20B USD/yr, breach: {cure: 2 mo, waiver: 20%/mo, fee: 0.25%}, clean_down: {months: 1, every: 12 mo},
//! refused_in_winter: 20%}`
//!
//! # Conventions and limits
//! Interest is nominal over twelve, on the opening balance, and never below zero. Unpaid interest is added to the
//! balance. The borrowing base is a share of receivables at last month's close, whatever their age; any excess of the
//! balance falls due. Covenants are tested on closing balances; a breach stops draws in the next month. Without
//! `breach` it has no other effect. With it, a breach that is neither cured nor waived in time lets the lender call the
//! balance, as do missed payments and the default of an instrument in `cross_default` by the end of the previous month;
//! the facility is then closed for good. In winter each request for a draw is refused with the stated probability,
//! independently each month. A spell at zero counts for the clean-down in every period in which it is long enough; a
//! period without one stops draws until it is made up. Not modelled: other collateral, an agent's reserves, letters of
//! credit, swing lines, leverage-based margins, an upfront fee, extension options.
//!
//! # Sources
//! [The model](../model.md).

use crate::engine::books::{ACCOUNTS, Books, PRINCIPAL, REVOLVER, event};
use crate::engine::columns::Columns;
use crate::engine::instrument::{CLOSE, FUND, Instrument, Line, REVIEW, SETTLE, Unit, View, first, flow, line, total};
use crate::engine::math::{max, min, select};
use crate::engine::resolution::{Award, Claim, Outcome, Rules};
use crate::instruments::covenant::{self, Breach, BreachSpec, Covenant, CrossDefault, Debt};
use crate::instruments::declared::{Declared, Facts, Market, Need, Provider};
use crate::instruments::floating::Floating;
use crate::issues::Issues;
use crate::language::prelude::{FloatingRate, Months, Name, When};
use crate::language::quantity::{Inputs, Quantity};
use crate::units::Usd;
use crate::{posts, row, spec};

spec! {
    /// A revolving line of credit.
    pub struct RevolverSpec {
        /// Its name.
        pub name: Name,
        /// Credit limit.
        pub limit: Quantity [Money],
        /// Borrowing base: advance rate on receivables; the full limit is available if absent.
        pub base: Option<Quantity> [Share],
        /// Interest rate on drawn amounts.
        pub rate: FloatingRate,
        /// Whether the rate moves with credit spreads.
        pub moves_with_credit: bool = "false",
        /// Commitment fee on the undrawn amount.
        pub commitment_fee: Quantity [Rate] = "0 bp",
        /// Minimum-liquidity covenant: no draws below this closing cash.
        pub minimum_cash: Quantity [Money] = "0 USD",
        /// Minimum-revenue covenant: no draws below this run-rate.
        pub minimum_revenue: Quantity [MoneyRate] = "0 USD/yr",
        /// Further consequences of a breach or a missed payment; none if absent.
        pub breach: Option<BreachSpec>,
        /// Instruments whose default allows the lender to call the balance.
        pub cross_default: CrossDefault = "[]",
        /// Clean-down: the balance must periodically be zero.
        pub clean_down: Option<CleanDownSpec>,
        /// Probability that a draw is refused in winter.
        pub refused_in_winter: Quantity [Share] = "0%",
        /// Last month of the facility; the balance is then due.
        pub until: Option<When>,
    }
    /// Clean-down requirement; draws stop if it is not met.
    pub struct CleanDownSpec {
        /// Consecutive months at a zero balance.
        pub months: u32 [Number 1.0..600.0] = "1",
        /// Length of the period within which they must occur.
        pub every: Months = "12 mo",
    }
}

impl RevolverSpec {
    /// Whether the terms go beyond a limit and a minimum-cash covenant.
    pub fn has_covenants(&self) -> bool {
        let asks = |q: &Quantity| q.known() != Some(0.0);
        self.base.is_some()
            || self.moves_with_credit
            || asks(&self.minimum_revenue)
            || self.breach.is_some()
            || !self.cross_default.is_empty()
            || self.clean_down.is_some()
            || asks(&self.refused_in_winter)
    }
}

/// A revolver with only a limit and a minimum-cash covenant.
pub type Revolver = Debt<RevolverTerms, false>;
/// A revolver with all covenants that a lender may require.
pub type CovenantRevolver = Debt<RevolverTerms, true>;

row! {
    /// Terms; monthly rates. `base` is negative without a borrowing base.
    pub struct RevolverTerms {
        limit: Usd, rate: Floating, commitment_fee: f64, minimum_cash: Usd, until: f64,
        base: f64, moves: f64, refused: f64, clean_months: f64, clean_every: f64, covenant: Covenant,
    }
    /// Amounts drawn, due and paid.
    pub struct RevolverState {
        /// Drawn balance, including capitalised unpaid interest.
        pub balance: Usd,
        /// Drawn this month.
        pub draw: Usd,
        /// Interest and fees due.
        pub due: Usd,
        /// Interest and fees paid.
        pub interest: Usd,
        /// Interest and fees unpaid and added to the balance.
        pub unpaid: Usd,
        /// Balance that falls due: all at maturity or when called, or what exceeds the borrowing base.
        pub matures: Usd,
        /// Principal paid.
        pub repaid: Usd,
        /// Drawn so far.
        pub drawn_total: Usd,
        /// 1 while draws are stopped.
        pub stopped: f64,
        /// Written off so far when the lab failed.
        pub written_off: Usd,
        /// Claim when the lab failed.
        pub claim: Usd,
        /// Loss on the claim.
        pub loss: Usd,
        /// Amount available to draw this month.
        pub available: Usd,
        /// Principal due and unpaid.
        pub missed: Usd,
        /// State of the covenants: breach, waiver and call.
        pub breach: Breach,
        /// Consecutive months at a zero balance.
        pub clean: f64,
        /// Months of the current clean-down period so far.
        pub period: f64,
        /// 1 once the balance has been at zero for long enough in this period.
        pub cleaned: f64,
        /// 1 while a clean-down is owed.
        pub unclean: f64,
    }
}

/// Reported lines of a revolver without covenants, and of one with them.
const PLAIN: &[Line] = &[
    line("balance", Unit::Usd),
    flow("draw", Unit::Usd).seldom(),
    flow("interest", Unit::Usd).seldom(),
    flow("repaid", Unit::Usd).seldom(),
    line("stopped", Unit::Share).seldom(),
    total("claim", Unit::Usd),
    total("loss", Unit::Usd),
];
const WITH_COVENANTS: &[Line] =
    &[PLAIN[0], PLAIN[1], PLAIN[2], PLAIN[3], PLAIN[4], line("available", Unit::Usd), PLAIN[5], PLAIN[6]];

impl RevolverTerms {
    /// Rate of the month.
    #[inline(always)]
    fn rate<const COVENANTS: bool>(&self, see: &View) -> f64 {
        self.rate.rate(see, if COVENANTS { self.moves * see.market.spread } else { 0.0 })
    }

    /// Counts the months at a zero balance, and updates whether a clean-down is owed.
    #[inline(always)]
    fn clean_down(&self, own: &mut RevolverState) {
        own.clean = select(own.balance <= Usd::ZERO, own.clean + 1.0, 0.0);
        own.period += 1.0;
        let enough = own.clean >= self.clean_months;
        let ends = own.period >= self.clean_every;
        own.cleaned = select(enough, 1.0, own.cleaned);
        own.unclean = select(enough, 0.0, select(ends & (own.cleaned == 0.0), 1.0, own.unclean));
        own.period = select(ends, 0.0, own.period);
        own.cleaned = select(ends, 0.0, own.cleaned);
    }
}

impl<const COVENANTS: bool> Instrument for Debt<RevolverTerms, COVENANTS> {
    type Spec = RevolverSpec;
    type State = RevolverState;
    const PHASES: u8 = SETTLE | FUND | CLOSE | REVIEW;
    const UNIFORMS: bool = COVENANTS;
    const POSTS: Columns = posts![revolver_interest, interest_expense, principal, debt_in, debt, issued, paid_in];
    const EVENTS: u64 =
        event::COVENANT | event::CREDIT_EXHAUSTED | if COVENANTS { covenant::EVENTS | event::DRAW_STOPPED } else { 0 };
    const RETURNS: bool = true;
    const LINES: &'static [Line] = if COVENANTS { WITH_COVENANTS } else { PLAIN };

    fn name(spec: &RevolverSpec) -> Option<&str> {
        Some(spec.name.as_str())
    }

    fn accounts(_: &RevolverSpec) -> Vec<(String, usize)> {
        vec![("lender".into(), 0)]
    }
    fn terms(spec: &RevolverSpec, inputs: &Inputs<'_>) -> Self {
        let flag = |yes: bool| f64::from(u8::from(yes));
        let minimum_cash = spec.minimum_cash.at(inputs);
        let run_rate = 12.0 * spec.minimum_revenue.at(inputs);
        let clean = spec.clean_down.as_ref();
        Debt(RevolverTerms {
            limit: Usd(spec.limit.at(inputs)),
            rate: Floating::new(&spec.rate, inputs),
            commitment_fee: spec.commitment_fee.at(inputs) / 12.0,
            minimum_cash: Usd(minimum_cash),
            until: spec.until.as_ref().map_or(f64::MAX, |w| w.0),
            base: spec.base.as_ref().map_or(-1.0, |q| q.at(inputs)),
            moves: flag(spec.moves_with_credit),
            refused: spec.refused_in_winter.at(inputs),
            clean_months: clean.map_or(0.0, |c| f64::from(c.months)),
            clean_every: clean.map_or(f64::MAX, |c| c.every.0.round()),
            covenant: Covenant::new(minimum_cash, run_rate, spec.breach.as_ref(), &spec.cross_default, inputs),
        })
    }

    #[inline(always)]
    fn settle(&self, see: &View, own: &mut RevolverState, books: &mut Books) {
        let (x, alive) = (&self.0, see.lab.alive);
        let (mut open, mut all, mut over) = (see.t <= x.until, see.t >= x.until, Usd::ZERO);
        if COVENANTS {
            x.covenant.cross(see, &mut own.breach);
            open &= !own.breach.called();
            all |= own.breach.called();
            let (bounded, base) = (x.base >= 0.0, see.receivables * x.base);
            own.available = select(bounded, min(x.limit, base), x.limit);
            over = select(bounded, max(own.balance - base, Usd::ZERO), Usd::ZERO);
        }
        let undrawn = select(open, max(x.limit - own.balance, Usd::ZERO), Usd::ZERO);
        let rate = x.rate::<COVENANTS>(see);
        own.due = (own.balance * rate + undrawn * x.commitment_fee) * alive;
        if COVENANTS {
            own.due += own.breach.fee * alive;
        }
        own.matures = select(alive > 0.0, select(all, own.balance, over), Usd::ZERO);
        books.lab.revolver_interest += own.due;
        books.lab.interest_expense += own.due;
        books.lab.principal += own.matures;
    }
    #[inline(always)]
    fn fund(&self, see: &View, own: &mut RevolverState, books: &mut Books) {
        let x = &self.0;
        let open = (see.t < x.until) & (see.lab.alive > 0.0);
        let most = if COVENANTS { own.available } else { x.limit };
        let asked = select(open, max(Usd::ZERO, min(see.left, most - own.balance)), Usd::ZERO);
        let mut stopped = own.stopped > 0.0;
        if COVENANTS {
            stopped |= own.breach.called() | ((see.market.winter > 0.0) & (see.uniforms[1] < x.refused));
            books.event(stopped & (asked > Usd::ZERO), event::DRAW_STOPPED);
        }
        own.draw = select(stopped, Usd::ZERO, asked);
        own.drawn_total += own.draw;
        books.lab.debt_in += own.draw;
        books.pay(0, -own.draw);
    }
    #[inline(always)]
    fn close(&self, see: &View, own: &mut RevolverState, books: &mut Books) {
        own.interest = own.due * see.lab.paid[REVOLVER];
        own.unpaid = own.due - own.interest;
        let scheduled = own.matures * see.lab.paid[PRINCIPAL];
        let owed = own.balance + own.draw + own.unpaid - scheduled;
        let prepaid = max(Usd::ZERO, min(see.left, owed));
        own.repaid = scheduled + prepaid;
        own.balance = owed - prepaid;
        if COVENANTS {
            own.missed = own.matures - scheduled;
        }
        books.lab.principal += prepaid;
        books.pay(0, own.interest + own.repaid);
    }
    #[inline(always)]
    fn review(&self, see: &View, own: &mut RevolverState, books: &mut Books) {
        let x = &self.0;
        if COVENANTS {
            let missed = own.missed + own.unpaid > Usd::ZERO;
            let breach = x.covenant.test(see, own.balance, missed, &mut own.breach, books);
            x.clean_down(own);
            own.stopped = select(breach | (own.unclean > 0.0) | own.breach.called(), 1.0, 0.0);
        } else {
            let breach = see.lab.cash < x.minimum_cash;
            own.stopped = select(breach, 1.0, 0.0);
            books.event(breach & (own.balance > Usd::ZERO), event::COVENANT);
        }
        let most = if COVENANTS { own.available } else { x.limit };
        books.event((own.draw > Usd::ZERO) & (own.balance >= most), event::CREDIT_EXHAUSTED);
        books.lab.debt += own.balance;
    }
    fn claim(&self, see: &View, own: &RevolverState, _: &Rules) -> Claim {
        let all = (see.t >= self.0.until) | own.breach.called();
        Claim { unsecured: own.balance, arrears: if all { own.balance } else { own.missed }, ..Claim::default() }
    }
    fn resolve(&self, see: &View, own: &mut RevolverState, award: &Award, books: &mut Books) {
        let settled = award.settle(own.balance, self.0.rate::<COVENANTS>(see));
        own.claim = award.claimed(own.claim, own.loss, own.balance);
        own.loss += settled.loss;
        own.written_off += settled.written_off;
        own.balance = settled.left;
        own.missed = if award.outcome == Outcome::Restructured { Usd::ZERO } else { own.missed };
        own.breach.resolve(see, award);
        settled.post(0, books);
    }
    #[inline(always)]
    fn worth(&self, _: &View, own: &RevolverState) -> [Usd; ACCOUNTS] {
        first(own.balance)
    }
    fn audit(&self, was: &RevolverState, now: &RevolverState) -> Usd {
        let written_off = now.written_off - was.written_off;
        was.balance + now.draw + now.unpaid - now.repaid - written_off - now.balance
    }
}
impl<const COVENANTS: bool> Declared for Debt<RevolverTerms, COVENANTS> {
    const FACTS: Facts = {
        let facts = Facts::of(Provider::Lender).capital("drawn_total");
        if COVENANTS { facts.written_as("revolver") } else { facts }
    };

    fn needs(spec: &RevolverSpec, needs: &mut Vec<Need>) {
        Need::of_rates(&spec.name, &[&spec.rate], needs);
        if spec.moves_with_credit {
            let title = format!("the rate of `{}` moves with credit spreads, which are not specified", spec.name);
            needs.push(Need::of(Market::CreditSpread, Some(spec.rate.margin.place()), title));
        }
    }
    fn check(spec: &RevolverSpec, issues: &mut Issues) {
        if let Some(clean) = &spec.clean_down
            && f64::from(clean.months) > clean.every.0.round()
        {
            issues.error(
                "range",
                clean.every.place(),
                "the clean-down is longer than its period",
                "`months` must not exceed `every`",
            );
        }
    }
    fn link(spec: &mut RevolverSpec, bit: &dyn Fn(&str) -> Option<u64>, issues: &mut Issues) {
        spec.cross_default.link(&spec.name, bit, issues);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clean_down_that_was_missed_is_made_up_by_a_spell_at_zero() {
        let terms = RevolverTerms { clean_months: 2.0, clean_every: 4.0, ..RevolverTerms::default() };
        let mut own = RevolverState::default();
        // Two months at zero in the first period; one in the second, so that a clean-down is owed at its end; the
        // second month of the spell, which is in the third period, makes it up and counts for that one too.
        let balances = [0.0, 0.0, 5.0, 5.0, 5.0, 5.0, 5.0, 0.0, 0.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0, 5.0];
        let owed: Vec<f64> = balances
            .iter()
            .map(|&balance| {
                own.balance = Usd(balance);
                terms.clean_down(&mut own);
                own.unclean
            })
            .collect();
        assert_eq!(owed, [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]);
    }
}

//! A revolving line of credit.
//!
//! # What it is
//! The lab draws when cash falls below its minimum and repays first when cash exceeds its maximum.
//!
//! # Monthly cash flows
//! | flow | lab | lender |
//! | --- | --- | --- |
//! | draw, towards the gap | + | − |
//! | interest on the opening balance, fee on what was not drawn | − | + |
//! | repayment out of surplus; all at maturity | − | + |
//!
//! # In YAML
//! `- revolver: {name: revolver, limit: 5B USD, rate: sofr + 200 bp, undrawn_fee: 40 bp}`
//!
//! # Conventions and limits
//! Interest is nominal over twelve, on the opening balance, and never below zero. Interest that was not paid is added to the balance. A
//! closing balance of cash below `minimum_cash` stops draws until it is mended.
//!
//! # Sources
//! MODEL §7.5.

use crate::engine::books::{ACCOUNTS, Books, PRINCIPAL, REVOLVER, event};
use crate::engine::columns::Columns;
use crate::engine::math::{max, min, pick};
use crate::engine::resolution::{Award, Claim, Outcome, Rules};
use crate::engine::room::{CLOSE, FUND, Line, REVIEW, Room, SETTLE, Unit, View, first, line, total};
use crate::language::prelude::{FloatingRate, Name, When};
use crate::language::quantity::{Inputs, Quantity};
use crate::units::Usd;
use crate::{posts, row, spec};

spec! {
    /// A revolving line of credit.
    pub struct RevolverSpec {
        /// Its name.
        pub name: Name,
        /// Most that can be drawn.
        pub limit: Quantity [Money],
        /// Interest on what is drawn.
        pub rate: FloatingRate,
        /// Fee on what is not drawn.
        pub undrawn_fee: Quantity [Rate] = "0 bp",
        /// Closing cash below which no more can be drawn.
        pub minimum_cash: Quantity [Money] = "0 USD",
        /// Last month; the balance falls due.
        pub until: Option<When>,
    }
}

row! {
    /// Terms; rates a month.
    pub struct Revolver { limit: Usd, floats: f64, margin: f64, undrawn_fee: f64, minimum_cash: Usd, until: f64 }
    /// What is drawn, due and paid.
    pub struct RevolverState {
        /// Drawn, with interest that was not paid.
        pub balance: Usd,
        /// Drawn this month.
        pub draw: Usd,
        /// Interest and fee due.
        pub due: Usd,
        /// Interest and fee paid.
        pub interest: Usd,
        /// Not paid and added to the balance.
        pub unpaid: Usd,
        /// Balance that falls due at maturity.
        pub matures: Usd,
        /// Principal paid.
        pub repaid: Usd,
        /// Drawn so far.
        pub drawn_total: Usd,
        /// 1 while draws are stopped.
        pub stopped: f64,
        /// Given up so far when the lab failed.
        pub written_off: Usd,
        /// Claimed when it failed.
        pub claim: Usd,
        /// Lost of it.
        pub loss: Usd,
    }
}

impl Room for Revolver {
    type Spec = RevolverSpec;
    type State = RevolverState;
    const PHASES: u8 = SETTLE | FUND | CLOSE | REVIEW;
    const POSTS: Columns = posts![revolver_interest, interest_expense, principal, debt_in, debt, issued, paid_in];
    const EVENTS: u64 = event::COVENANT | event::CREDIT_EXHAUSTED;
    const RETURNS: bool = true;
    const LINES: &'static [Line] = &[
        line("balance", Unit::Usd),
        line("draw", Unit::Usd),
        line("interest", Unit::Usd),
        line("repaid", Unit::Usd),
        line("stopped", Unit::Share),
        total("claim", Unit::Usd),
        total("loss", Unit::Usd),
    ];

    fn name(spec: &RevolverSpec) -> Option<&str> {
        Some(spec.name.as_str())
    }

    fn accounts(_: &RevolverSpec) -> Vec<(String, usize)> {
        vec![("lender".into(), 0)]
    }
    fn terms(spec: &RevolverSpec, inputs: &Inputs<'_>) -> Self {
        Revolver {
            limit: Usd(spec.limit.at(inputs)),
            floats: f64::from(u8::from(spec.rate.floats)) / 12.0,
            margin: spec.rate.margin.at(inputs) / 12.0,
            undrawn_fee: spec.undrawn_fee.at(inputs) / 12.0,
            minimum_cash: Usd(spec.minimum_cash.at(inputs)),
            until: spec.until.as_ref().map_or(f64::MAX, |w| w.0),
        }
    }

    #[inline(always)]
    fn settle(&self, see: &View, own: &mut RevolverState, books: &mut Books) {
        let undrawn = pick(see.t <= self.until, max(self.limit - own.balance, Usd::ZERO), Usd::ZERO);
        let rate = max(self.margin + self.floats * see.market.sofr, 0.0);
        own.due = (own.balance * rate + undrawn * self.undrawn_fee) * see.lab.alive;
        own.matures = pick((see.t >= self.until) & (see.lab.alive > 0.0), own.balance, Usd::ZERO);
        books.lab.revolver_interest += own.due;
        books.lab.interest_expense += own.due;
        books.lab.principal += own.matures;
    }
    #[inline(always)]
    fn fund(&self, see: &View, own: &mut RevolverState, books: &mut Books) {
        let open = (own.stopped == 0.0) & (see.t < self.until) & (see.lab.alive > 0.0);
        own.draw = pick(open, max(Usd::ZERO, min(see.left, self.limit - own.balance)), Usd::ZERO);
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
        books.lab.principal += prepaid;
        books.pay(0, own.interest + own.repaid);
    }
    #[inline(always)]
    fn review(&self, see: &View, own: &mut RevolverState, books: &mut Books) {
        let breach = see.lab.cash < self.minimum_cash;
        own.stopped = pick(breach, 1.0, 0.0);
        books.event(breach & (own.balance > Usd::ZERO), event::COVENANT);
        books.event((own.draw > Usd::ZERO) & (own.balance >= self.limit), event::CREDIT_EXHAUSTED);
        books.lab.debt += own.balance;
    }
    fn claim(&self, see: &View, own: &RevolverState, _: &Rules) -> Claim {
        let arrears = if see.t >= self.until { own.balance } else { Usd::ZERO };
        Claim { unsecured: own.balance, arrears, ..Claim::default() }
    }
    fn resolve(&self, see: &View, own: &mut RevolverState, award: &Award, books: &mut Books) {
        let settled = award.settle(own.balance, self.margin + self.floats * see.market.sofr);
        own.claim = if award.outcome == Outcome::Going { own.claim } else { own.balance };
        own.loss += settled.loss;
        own.written_off += settled.written_off;
        own.balance = settled.left;
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

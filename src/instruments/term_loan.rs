//! A term loan to the lab: one draw at a date, or a share of each month's capital expenditure.
//!
//! # What it is
//! Debt of the lab with a schedule: level payments, equal principal, or all at the end; with an interest-only or a
//! payment-in-kind period first, and with a balloon.
//!
//! # Monthly cash flows
//! | flow | lab | lender |
//! | --- | --- | --- |
//! | draw | + | − |
//! | interest on the opening balance | − | + |
//! | scheduled principal | − | + |
//!
//! # In YAML
//! `- term_loan: {name: loan, amount: 10B USD, date: 2027-01, term: 60 mo, rate: sofr + 450 bp, profile: level}` or
//! `- term_loan: {name: rack_loan, finances: 70%, term: 48 mo, rate: 9.36%/yr}`
//!
//! # Conventions and limits
//! The first payment is due the month after the draw. The margin of a dated loan is that of the start and moves with
//! credit spreads until it is drawn. Interest is nominal over twelve and never below zero. A loan that finances capital
//! expenditure repays each draw by level payments over its own term, at a fixed rate. Interest in arrears bears the
//! loan's rate; principal in arrears stays in the balance and falls due again the next month.
//!
//! # Sources
//! MODEL §7.5 and §9.3; vectors `loan_schedules.csv`.

use crate::engine::books::{ACCOUNTS, Books, INTEREST, PRINCIPAL, SECURED};
use crate::engine::columns::Columns;
use crate::engine::math::{max, min, pick};
use crate::engine::resolution::{Award, Claim, Outcome, Rules};
use crate::engine::room::{CLOSE, LAGS, Line, REVIEW, Room, SETTLE, Unit, View, first, line, total};
use crate::issues::Issues;
use crate::language::prelude::{FloatingRate, Months, Name, When};
use crate::language::quantity::{Inputs, Quantity};
use crate::units::Usd;
use crate::{choice, posts, row, spec};

spec! {
    /// A term loan to the lab.
    pub struct TermLoanSpec {
        /// Its name.
        pub name: Name,
        /// Drawn at once; or say `finances`.
        pub amount: Option<Quantity> [Money],
        /// Month of the draw.
        pub date: Option<When>,
        /// Share of capital expenditure that is drawn in the month in which it falls due; or say `amount`.
        pub finances: Option<Quantity> [Share],
        /// Instalments from the month after a draw.
        pub term: Months,
        /// Interest.
        pub rate: FloatingRate,
        /// How principal is repaid.
        pub profile: Profile = "level",
        /// Months at the start in which interest alone is paid.
        pub interest_only: Months = "0 mo",
        /// Months at the start in which interest is added to the balance.
        pub in_kind: Months = "0 mo",
        /// Left for the last payment.
        pub balloon: Quantity [Money] = "0 USD",
        /// Whether it is secured, and so ranks before rent.
        pub secured: bool = "false",
    }
}

choice! {
    /// How principal is repaid.
    pub enum Profile {
        /// Level payments of interest and principal.
        Level = "level",
        /// Equal principal.
        Straight = "straight",
        /// All at the end.
        Bullet = "bullet",
    }
}

row! {
    /// Terms; the rate a month, `q` the instalments that repay principal.
    pub struct TermLoan {
        amount: Usd, date: f64, finances: f64, term: f64, floats: f64, margin: f64, straight: f64, bullet: f64,
        interest_only: f64, in_kind: f64, balloon: Usd, secured: f64, level: f64,
    }
    /// Balance, what is due, and what was paid. The first field is taped: it ends a draw's payments after its term.
    pub struct TermLoanState {
        /// Level payment that began with this month's draw.
        pub started: Usd,
        /// Sum of the level payments in force.
        pub level: Usd,
        /// Principal owed.
        pub balance: Usd,
        /// Interest in arrears.
        pub arrears: Usd,
        /// Drawn this month.
        pub draw: Usd,
        /// Interest accrued this month.
        pub accrued: Usd,
        /// Change of credit spreads between the start and the draw, annual.
        pub spread: f64,
        /// Interest added to the balance.
        pub in_kind: Usd,
        /// Interest due, with arrears.
        pub interest_due: Usd,
        /// Principal due.
        pub principal_due: Usd,
        /// Interest paid.
        pub interest: Usd,
        /// Principal paid.
        pub principal: Usd,
        /// Drawn so far.
        pub drawn_total: Usd,
        /// Part of principal due that was missed earlier.
        pub missed: Usd,
        /// Given up so far when the lab failed.
        pub written_off: Usd,
        /// Claimed when it failed.
        pub claim: Usd,
        /// Lost of it.
        pub loss: Usd,
    }
}

/// Level payment that repays 1 over `n` months at monthly rate `r`: `r / (1 − (1 + r)^−n)`.
#[inline(always)]
pub fn level_payment(r: f64, n: f64) -> f64 {
    if r.abs() < 1e-12 { 1.0 / n } else { r / -libm::expm1(-n * libm::log1p(r)) }
}

impl Room for TermLoan {
    type Spec = TermLoanSpec;
    type State = TermLoanState;
    const PHASES: u8 = SETTLE | CLOSE | REVIEW;
    const TAPED: usize = 1;
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
        line("draw", Unit::Usd),
        line("interest", Unit::Usd),
        line("principal", Unit::Usd),
        line("arrears", Unit::Usd),
        total("claim", Unit::Usd),
        total("loss", Unit::Usd),
    ];

    fn name(spec: &TermLoanSpec) -> Option<&str> {
        Some(spec.name.as_str())
    }

    fn check(spec: &TermLoanSpec, issues: &mut Issues) {
        let place = spec.name.place();
        if spec.amount.is_some() == spec.finances.is_some() {
            issues.error(
                "one-of",
                place,
                "a loan has either an `amount` or a share it `finances`",
                "say once how much is drawn",
            );
        }
        if spec.amount.is_some() && spec.date.is_none_or(|d| d.0 < 1.0) {
            issues.error(
                "missing-key",
                place,
                "a loan with an `amount` needs the `date` of its draw",
                "a month of the simulation",
            );
        }
        let first = spec.interest_only.0 + spec.in_kind.0;
        let pooled = spec.rate.floats || spec.profile != Profile::Level || first > 0.0;
        if spec.finances.is_some() && pooled {
            issues
                .error(
                    "unsupported",
                    place,
                    "a loan that finances capital expenditure repays each draw by level payments at a fixed rate",
                    "it cannot float, wait or pay in kind",
                )
                .help("remove `sofr`, `profile`, `interest_only` and `in_kind`, or give an `amount`");
        }
        if spec.term.0 < 1.0 {
            issues.error("range", place, "a loan lasts at least one month", "`term` is shorter");
        }
        if first >= spec.term.0 && spec.profile != Profile::Bullet {
            issues.error(
                "range",
                place,
                "this loan never repays principal",
                "`interest_only` and `in_kind` must be shorter than `term`",
            );
        }
    }
    fn lags(spec: &TermLoanSpec) -> [usize; LAGS] {
        let mut lags = [0; LAGS];
        lags[0] = (spec.term.0.round() as usize) + 1;
        lags
    }
    fn accounts(_: &TermLoanSpec) -> Vec<(String, usize)> {
        vec![("lender".into(), 0)]
    }
    fn terms(spec: &TermLoanSpec, inputs: &Inputs<'_>) -> Self {
        let flag = |yes: bool| f64::from(u8::from(yes));
        let margin = spec.rate.margin.at(inputs) / 12.0;
        let term = spec.term.0.round();
        TermLoan {
            amount: Usd(spec.amount.as_ref().map_or(0.0, |q| q.at(inputs))),
            date: spec.date.as_ref().map_or(-1.0, |w| w.0),
            finances: spec.finances.as_ref().map_or(0.0, |q| q.at(inputs)),
            term,
            floats: flag(spec.rate.floats) / 12.0,
            margin,
            straight: flag(spec.profile == Profile::Straight),
            bullet: flag(spec.profile == Profile::Bullet),
            interest_only: spec.interest_only.0.round(),
            in_kind: spec.in_kind.0.round(),
            balloon: Usd(spec.balloon.at(inputs)),
            secured: flag(spec.secured),
            level: level_payment(margin, term.max(1.0)),
        }
    }

    #[inline(always)]
    fn settle(&self, see: &View, own: &mut TermLoanState, books: &mut Books) {
        let alive = see.lab.alive;
        let rate = max(self.margin + self.floats * see.market.sofr + own.spread * (1.0 / 12.0), 0.0);
        own.accrued = (own.balance + own.arrears) * rate * alive;
        // A draw's own level payments end with its term.
        own.level = max(own.level - Usd(see.past[0][0]), Usd::ZERO);
        let k = see.t - self.date; // instalment of a dated loan
        let running = (self.date >= 0.0) & (k >= 1.0);
        let kind = running & (k <= self.in_kind);
        own.in_kind = pick(kind, own.accrued, Usd::ZERO);
        own.interest_due = pick(kind, Usd::ZERO, own.accrued + own.arrears);
        let left = max(self.term - k + 1.0, 1.0); // instalments left, this one included
        let waits = running & (k <= self.interest_only + self.in_kind);
        // What was missed falls due by itself; the rest is spread over the instalments left.
        let current = max(own.balance - own.missed, Usd::ZERO);
        let above = current - min(self.balloon, current);
        // Level payments of what is above the balloon, on today's rate and balance: the principal in an annuity of `left`
        // instalments is `rate / ((1 + rate)^left − 1)`; without interest, and for equal principal, `1 / left`.
        let even = (self.straight > 0.0) | (rate.abs() < 1e-12);
        let share = pick(even, 1.0, rate) / pick(even, left, pow_count(1.0 + rate, left) - 1.0);
        let by_profile = pick(self.bullet > 0.0, Usd::ZERO, above * share);
        let scheduled = pick(waits, Usd::ZERO, by_profile);
        let last = running & (k >= self.term);
        let dated = pick(last, own.balance, min(scheduled + own.missed, own.balance));
        let pooled = min(max(own.level - own.balance * rate, Usd::ZERO) + own.missed, own.balance);
        let due = pick(self.finances > 0.0, pooled, dated);
        own.principal_due = due * alive;
        own.spread = pick(k == 0.0, see.market.spread, own.spread);
        let asked = pick(self.finances > 0.0, see.capex * self.finances, pick(k == 0.0, self.amount, Usd::ZERO));
        own.draw = asked * alive;
        own.drawn_total += own.draw;
        own.started = own.draw * self.level;
        books.lab.debt_in += own.draw;
        books.lab.interest_expense += own.accrued;
        let safe = self.secured > 0.0;
        books.lab.secured_interest += pick(safe, own.interest_due, Usd::ZERO);
        books.lab.secured_principal += pick(safe, own.principal_due, Usd::ZERO);
        books.lab.interest += pick(safe, Usd::ZERO, own.interest_due);
        books.lab.principal += pick(safe, Usd::ZERO, own.principal_due);
        books.pay(0, -own.draw);
    }
    #[inline(always)]
    fn close(&self, see: &View, own: &mut TermLoanState, books: &mut Books) {
        let safe = self.secured > 0.0;
        let paid = &see.lab.paid;
        own.interest = own.interest_due * pick(safe, paid[SECURED], paid[INTEREST]);
        own.principal = own.principal_due * pick(safe, paid[SECURED], paid[PRINCIPAL]);
        own.arrears = pick(own.in_kind > Usd::ZERO, own.arrears, own.interest_due - own.interest);
        own.missed = own.principal_due - own.principal;
        own.balance += own.draw + own.in_kind - own.principal;
        own.level += own.started;
        books.pay(0, own.interest + own.principal);
    }
    #[inline(always)]
    fn review(&self, _: &View, own: &mut TermLoanState, books: &mut Books) {
        books.lab.debt += own.balance;
        books.lab.arrears += own.arrears;
    }
    /// A secured loan has a first claim on the lab's own hardware as a whole only in the order of payments: no hardware is
    /// pledged to it one by one, so that in the estate it ranks with the others.
    fn claim(&self, _: &View, own: &TermLoanState, _: &Rules) -> Claim {
        Claim { unsecured: own.balance + own.arrears, arrears: own.missed + own.arrears, ..Claim::default() }
    }
    fn resolve(&self, see: &View, own: &mut TermLoanState, award: &Award, books: &mut Books) {
        let owed = own.balance + own.arrears;
        let settled = award.settle(owed, self.margin + self.floats * see.market.sofr + own.spread / 12.0);
        let kept = if owed > Usd::ZERO { settled.left / owed } else { 1.0 };
        own.claim = if award.outcome == Outcome::Going { own.claim } else { owed };
        own.loss += settled.loss;
        own.written_off += settled.written_off;
        own.balance = own.balance * kept;
        own.missed = own.missed * kept;
        own.level = own.level * kept;
        own.arrears = settled.left - own.balance;
        settled.post(0, books);
    }
    #[inline(always)]
    fn worth(&self, _: &View, own: &TermLoanState) -> [Usd; ACCOUNTS] {
        first(own.balance)
    }
    fn audit(&self, was: &TermLoanState, now: &TermLoanState) -> Usd {
        let written_off = now.written_off - was.written_off;
        let came = was.balance + was.arrears + now.draw + now.accrued;
        came - now.interest - now.principal - written_off - now.balance - now.arrears
    }
}

/// `x^n` for a whole number of months, by logarithm and exponential of the engine.
#[inline(always)]
fn pow_count(x: f64, n: f64) -> f64 {
    crate::engine::math::exp(n * crate::engine::math::ln(max(x, f64::MIN_POSITIVE)))
}

//! A term loan to the lab: one draw at a date, or a share of each month's capital expenditure.
//!
//! # What it is
//! Debt of the lab with a schedule: level payments, equal principal, or bullet; with an initial interest-only or
//! payment-in-kind period, and with a balloon. With a covenant the lender may call it.
//!
//! # Monthly cash flows
//! | flow | lab | lender |
//! | --- | --- | --- |
//! | draw | + | − |
//! | interest on the opening balance, fee for last month's waiver | − | + |
//! | scheduled principal; the balance when called | − | + |
//!
//! # In YAML
//! `- term_loan: {name: loan, amount: 10B USD, date: 2027-01, term: 60 mo, rate: sofr + 450 bp, profile: level}` or
//! `- term_loan: {name: rack_loan, finances: 70%, term: 48 mo, rate: 9.36%/yr}`
//!
//! `- term_loan: {name: bank, amount: 4B USD, date: 2026-09, term: 48 mo, rate: 9%/yr, minimum_cash: 2B USD,
//! breach: {cure: 2 mo, waiver: 25%/mo, fee: 0.5%}}`
//!
//! # Conventions and limits
//! The first payment is due the month after the draw. A loan whose `date` is before the first month is in the opening
//! balance sheet against paid-in capital: `amount` is then its outstanding balance, and its instalments run from
//! `date`. The margin of a dated loan is that of the start and moves with credit spreads until it is drawn. Interest is
//! nominal over twelve and never below zero. A loan that finances capital expenditure repays each draw in level
//! payments over its own term, at a fixed rate. Interest in arrears bears the loan's rate; principal in arrears stays
//! in the balance and falls due again the next month. With `breach`, closing cash below `minimum_cash` or a missed
//! payment, if neither cured nor waived in time, lets the lender call the loan, as does the default of an instrument in
//! `cross_default` by the end of the previous month: the balance falls due, and undrawn amounts are cancelled. A
//! secured loan ranks ahead of rent, and when the lab fails, the sale proceeds of the lab's own hardware are shared
//! among secured loans in proportion to their claims; any deficiency is an ordinary claim. Hardware of vehicles is not
//! the lab's: use a `ddtl` for a loan secured on that alone.
//!
//! With `world.capital.credit` a draw takes what is left of the supply after those earlier in the list; the rest is
//! refused and not drawn later. The flow of new credit multiplies the spread over SOFR. A loan that finances capital
//! expenditure pays the mean of its draws; what that adds is due with the interest, and principal stays as scheduled at
//! the stated rate.
//!
//! # Sources
//! [The model](../model.md); `tests/vectors/loan_schedules.csv`.

use crate::engine::books::{ACCOUNTS, Books, INTEREST, PRINCIPAL, SECURED};
use crate::engine::columns::Columns;
use crate::engine::instrument::{CLOSE, Instrument, LAGS, Line, REVIEW, SETTLE, Unit, View, first, flow, line, total};
use crate::engine::math::{max, min, select};
use crate::engine::resolution::{Award, Claim, Rules};
use crate::instruments::covenant::{self, Breach, BreachSpec, Covenant, CrossDefault, Debt};
use crate::instruments::credit;
use crate::instruments::declared::{Declared, Facts, Need, Provider};
use crate::instruments::floating::Floating;
use crate::issues::Issues;
use crate::language::prelude::{FloatingRate, Months, Name, When};
use crate::language::quantity::{Inputs, Quantity};
use crate::language::rules::KeyRules;
use crate::language::unused;
use crate::units::Usd;
use crate::{choice, posts, row, spec};

spec! {
    /// A term loan to the lab.
    pub struct TermLoanSpec {
        /// Its name.
        pub name: Name,
        /// Amount drawn at once, or still outstanding if drawn before the first month; alternative to `finances`.
        pub amount: Option<Quantity> [Money],
        /// Month of the draw.
        pub date: Option<When>,
        /// Share of capital expenditure financed, drawn in the month in which it falls due; alternative to `amount`.
        pub finances: Option<Quantity> [Share],
        /// Number of monthly instalments, from the month after a draw.
        pub term: Months,
        /// Interest rate.
        pub rate: FloatingRate,
        /// Repayment profile.
        pub profile: Profile = "level",
        /// Interest-only months at the start.
        pub interest_only: Months = "0 mo",
        /// Payment-in-kind months at the start: interest is capitalised.
        pub in_kind: Months = "0 mo",
        /// Balloon, paid with the last instalment.
        pub balloon: Quantity [Money] = "0 USD",
        /// Whether it is secured: it ranks ahead of rent and has a first lien on the lab's own hardware.
        pub secured: bool = "false",
        /// Minimum-liquidity covenant: breached below this closing cash.
        pub minimum_cash: Quantity [Money] = "0 USD",
        /// Consequences of a breach or a missed payment; none if absent.
        pub breach: Option<BreachSpec>,
        /// Instruments whose default allows the lender to accelerate the loan.
        pub cross_default: CrossDefault = "[]",
    }
}

impl TermLoanSpec {
    /// Whether the lender can call it.
    pub fn has_covenants(&self) -> bool {
        self.breach.is_some() || !self.cross_default.is_empty()
    }
}

/// A loan that is repaid as scheduled.
pub type TermLoan = Debt<TermLoanTerms, false>;
/// A loan that the lender can call.
pub type CovenantLoan = Debt<TermLoanTerms, true>;

choice! {
    /// Repayment profile.
    pub enum Profile {
        /// Level payments of principal and interest.
        Level = "level",
        /// Equal principal instalments.
        Straight = "straight",
        /// All principal at maturity.
        Bullet = "bullet",
    }
}

row! {
    /// Terms; monthly rates. `level` is the level payment per dollar drawn.
    pub struct TermLoanTerms {
        amount: Usd, date: f64, finances: f64, term: f64, rate: Floating, straight: f64, bullet: f64,
        interest_only: f64, in_kind: f64, balloon: Usd, secured: f64, level: f64, covenant: Covenant,
    }
    /// Balance, amounts due and amounts paid. The first field is recorded in the history: it ends a draw's payments
    /// after its term.
    pub struct TermLoanState {
        /// Level payment that began with this month's draw.
        pub started: Usd,
        /// Sum of the level payments in force.
        pub level: Usd,
        /// Principal outstanding.
        pub balance: Usd,
        /// Interest in arrears.
        pub arrears: Usd,
        /// Drawn this month.
        pub draw: Usd,
        /// Interest accrued this month.
        pub accrued: Usd,
        /// Change of credit spreads between the start and the draw, annual.
        pub spread: f64,
        /// What the flow of new credit adds to the rate, mean by draws; monthly.
        pub added_spread: f64,
        /// Refused this month for want of credit.
        pub refused: Usd,
        /// Interest capitalised.
        pub in_kind: Usd,
        /// Interest due, including arrears.
        pub interest_due: Usd,
        /// Principal due.
        pub principal_due: Usd,
        /// Interest paid.
        pub interest: Usd,
        /// Principal paid.
        pub principal: Usd,
        /// Drawn so far.
        pub drawn_total: Usd,
        /// Part of the principal due that was missed earlier.
        pub missed: Usd,
        /// Written off so far when the lab failed.
        pub written_off: Usd,
        /// Claim when the lab failed.
        pub claim: Usd,
        /// Loss on the claim.
        pub loss: Usd,
        /// State of the covenant: breach, waiver and call.
        pub breach: Breach,
    }
}

/// Level payment that repays 1 over `n` months at monthly rate `r`: `r / (1 − (1 + r)^−n)`.
#[inline(always)]
pub fn level_payment(r: f64, n: f64) -> f64 {
    if r.abs() < 1e-12 { 1.0 / n } else { r / -libm::expm1(-n * libm::log1p(r)) }
}

/// The date of a loan that has none.
const NEVER: f64 = 1e9;

impl TermLoanTerms {
    /// Balance before the first month.
    #[inline(always)]
    fn before(&self) -> Usd {
        select(self.date < 1.0, self.amount, Usd::ZERO)
    }
}

/// Principal in the next of `left` instalments, as a share of the balance: `rate / ((1 + rate)^left − 1)` for level
/// payments at the monthly `rate`; `1 / left` at a zero rate and for equal principal (`straight`).
#[inline(always)]
pub fn principal_share(rate: f64, left: f64, straight: bool) -> f64 {
    let even = straight | (rate.abs() < 1e-12);
    select(even, 1.0, rate) / select(even, left, pow_count(1.0 + rate, left) - 1.0)
}

impl<const COVENANTS: bool> Instrument for Debt<TermLoanTerms, COVENANTS> {
    type Spec = TermLoanSpec;
    type State = TermLoanState;
    const PHASES: u8 = SETTLE | CLOSE | REVIEW;
    const REMEMBERED: usize = 1;
    const UNIFORMS: bool = COVENANTS;
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
        credit_asked,
        credit_drawn,
    ];
    const EVENTS: u64 = if COVENANTS { covenant::EVENTS } else { 0 };
    const RETURNS: bool = true;
    const LINES: &'static [Line] = &[
        line("balance", Unit::Usd),
        flow("draw", Unit::Usd).seldom(),
        flow("interest", Unit::Usd).seldom(),
        flow("principal", Unit::Usd).seldom(),
        line("arrears", Unit::Usd).seldom(),
        total("claim", Unit::Usd),
        total("loss", Unit::Usd),
    ];

    fn name(spec: &TermLoanSpec) -> Option<&str> {
        Some(spec.name.as_str())
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
        let rate = Floating::new(&spec.rate, inputs);
        let term = spec.term.0.round();
        Debt(TermLoanTerms {
            amount: Usd(spec.amount.as_ref().map_or(0.0, |q| q.at(inputs))),
            date: spec.date.as_ref().map_or(NEVER, |w| w.0),
            finances: spec.finances.as_ref().map_or(0.0, |q| q.at(inputs)),
            term,
            rate,
            straight: flag(spec.profile == Profile::Straight),
            bullet: flag(spec.profile == Profile::Bullet),
            interest_only: spec.interest_only.0.round(),
            in_kind: spec.in_kind.0.round(),
            balloon: Usd(spec.balloon.at(inputs)),
            secured: flag(spec.secured),
            level: level_payment(rate.margin, term.max(1.0)),
            covenant: Covenant::new(
                spec.minimum_cash.at(inputs),
                0.0,
                spec.breach.as_ref(),
                &spec.cross_default,
                inputs,
            ),
        })
    }

    fn opening(&self) -> TermLoanState {
        TermLoanState { balance: self.0.before(), ..TermLoanState::default() }
    }

    #[inline(always)]
    fn settle(&self, see: &View, own: &mut TermLoanState, books: &mut Books) {
        let (x, alive) = (&self.0, see.lab.alive);
        if COVENANTS {
            x.covenant.cross(see, &mut own.breach);
        }
        let called = COVENANTS & own.breach.called();
        let stated = x.rate.rate(see, own.spread);
        let rate = stated + own.added_spread;
        own.accrued = (own.balance + own.arrears) * rate * alive;
        if COVENANTS {
            // A waiver fee is due with the interest, or capitalised with it.
            own.accrued += own.breach.fee * alive;
        }
        // A draw's level payments end with its term.
        own.level = max(own.level - Usd(see.past[0][0]), Usd::ZERO);
        let k = see.t - x.date; // instalment of a dated loan
        let running = k >= 1.0;
        let kind = running & (k <= x.in_kind) & !called;
        own.in_kind = select(kind, own.accrued, Usd::ZERO);
        own.interest_due = select(kind, Usd::ZERO, own.accrued + own.arrears);
        let left = max(x.term - k + 1.0, 1.0); // instalments left, this one included
        let waits = running & (k <= x.interest_only + x.in_kind);
        // Missed principal is due in addition; the rest is spread over the remaining instalments.
        let current = max(own.balance - own.missed, Usd::ZERO);
        let above = current - min(x.balloon, current);
        // Level payments on the balance above the balloon, at the current rate.
        let share = principal_share(rate, left, x.straight > 0.0);
        let by_profile = select(x.bullet > 0.0, Usd::ZERO, above * share);
        let scheduled = select(waits, Usd::ZERO, by_profile);
        let last = running & (k >= x.term);
        let dated = select(last, own.balance, min(scheduled + own.missed, own.balance));
        let pooled = min(max(own.level - own.balance * stated, Usd::ZERO) + own.missed, own.balance);
        let due = select(called, own.balance, select(x.finances > 0.0, pooled, dated));
        own.principal_due = due * alive;
        own.spread = select(k == 0.0, see.market.spread, own.spread);
        let asked = select(x.finances > 0.0, see.capex * x.finances, select(k == 0.0, x.amount, Usd::ZERO));
        let wants = select(called, Usd::ZERO, asked) * alive;
        own.draw = credit::drawn(see, true, wants, books);
        own.refused = wants - own.draw;
        let added_spread = credit::added_spread(see, x.rate.rate(see, own.spread));
        own.added_spread = credit::mean(own.added_spread, own.drawn_total, added_spread, own.draw);
        own.drawn_total += own.draw;
        own.started = own.draw * x.level;
        books.lab.debt_in += own.draw;
        books.lab.paid_in -= select(see.t == 1.0, self.0.before(), Usd::ZERO);
        books.lab.interest_expense += own.accrued;
        let safe = x.secured > 0.0;
        books.lab.secured_interest += select(safe, own.interest_due, Usd::ZERO);
        books.lab.secured_principal += select(safe, own.principal_due, Usd::ZERO);
        books.lab.interest += select(safe, Usd::ZERO, own.interest_due);
        books.lab.principal += select(safe, Usd::ZERO, own.principal_due);
        books.pay(0, -own.draw);
    }
    #[inline(always)]
    fn close(&self, see: &View, own: &mut TermLoanState, books: &mut Books) {
        let safe = self.0.secured > 0.0;
        let paid = &see.lab.paid;
        own.interest = own.interest_due * select(safe, paid[SECURED], paid[INTEREST]);
        own.principal = own.principal_due * select(safe, paid[SECURED], paid[PRINCIPAL]);
        // In payment-in-kind months no interest is due, and earlier arrears stay owed.
        own.arrears = select(own.interest_due > Usd::ZERO, own.interest_due - own.interest, own.arrears);
        own.missed = own.principal_due - own.principal;
        own.balance += own.draw + own.in_kind - own.principal;
        own.level += own.started;
        books.pay(0, own.interest + own.principal);
    }
    #[inline(always)]
    fn review(&self, see: &View, own: &mut TermLoanState, books: &mut Books) {
        if COVENANTS {
            let (owed, missed) = (own.balance + own.arrears, own.missed + own.arrears > Usd::ZERO);
            self.0.covenant.test(see, owed, missed, &mut own.breach, books);
        }
        books.lab.debt += own.balance;
        books.lab.arrears += own.arrears;
    }
    /// A secured loan has a first lien on the lab's own hardware, together with other secured loans.
    fn claim(&self, _: &View, own: &TermLoanState, _: &Rules) -> Claim {
        let due = if own.breach.called() { own.balance } else { own.missed };
        let unsecured = own.balance + own.arrears;
        let lien = if self.0.secured > 0.0 { unsecured } else { Usd::ZERO };
        Claim { unsecured, lien, arrears: due + own.arrears, ..Claim::default() }
    }
    fn resolve(&self, see: &View, own: &mut TermLoanState, award: &Award, books: &mut Books) {
        let owed = own.balance + own.arrears;
        let settled = award.settle(owed, self.0.rate.rate(see, own.spread) + own.added_spread);
        let kept = if owed > Usd::ZERO { settled.left / owed } else { 1.0 };
        own.claim = award.claimed(own.claim, own.loss, owed);
        own.loss += settled.loss;
        own.written_off += settled.written_off;
        own.balance = own.balance * kept;
        own.missed = own.missed * kept;
        own.level = own.level * kept;
        own.breach.resolve(see, award);
        own.arrears = settled.left - own.balance;
        settled.post(0, books);
    }
    #[inline(always)]
    fn worth(&self, _: &View, own: &TermLoanState) -> [Usd; ACCOUNTS] {
        first(own.balance + own.arrears)
    }
    fn audit(&self, was: &TermLoanState, now: &TermLoanState) -> Usd {
        let written_off = now.written_off - was.written_off;
        let came = was.balance + was.arrears + now.draw + now.accrued;
        came - now.interest - now.principal - written_off - now.balance - now.arrears
    }
}
impl<const COVENANTS: bool> Declared for Debt<TermLoanTerms, COVENANTS> {
    const FACTS: Facts = {
        let facts = Facts::of(Provider::Lender).capital("drawn_total");
        if COVENANTS { facts.written_as("term_loan") } else { facts }
    };

    fn needs(spec: &TermLoanSpec, needs: &mut Vec<Need>) {
        Need::of_rates(&spec.name, &[&spec.rate], needs);
    }
    fn check(spec: &TermLoanSpec, issues: &mut Issues) {
        let place = spec.name.place();
        if spec.amount.is_some() == spec.finances.is_some() {
            issues.error(
                "one-of",
                spec.finances.as_ref().map_or(place, Quantity::place),
                "a loan requires either `amount` or `finances`",
                "specify the amount drawn once",
            );
        }
        if let Some(amount) = spec.amount.as_ref().filter(|_| spec.date.is_none()) {
            issues.error(
                "missing",
                amount.place(),
                "a loan with an `amount` requires the `date` of its draw",
                "a month; it may be before the first one",
            );
        }
        if let Some(date) = spec.date.filter(|d| d.0 + spec.term.0.round() < 1.0) {
            issues.error(
                "date-outside",
                date.place(),
                "the loan is repaid before the first month",
                "`date` plus `term` is too early",
            );
        }
        let first = spec.interest_only.0 + spec.in_kind.0;
        let pooled = spec.rate.floats || spec.profile != Profile::Level || first > 0.0;
        if spec.finances.is_some() && pooled {
            let at = match (spec.rate.floats, spec.interest_only.0 > 0.0, spec.in_kind.0 > 0.0) {
                (true, _, _) => spec.rate.margin.place(),
                (_, true, _) => spec.interest_only.place(),
                (_, _, true) => spec.in_kind.place(),
                _ => place,
            };
            issues
                .error(
                    "unsupported",
                    at,
                    "a loan that finances capital expenditure must repay each draw in level payments at a fixed rate",
                    "it cannot float, be interest-only or pay in kind",
                )
                .help("remove `sofr`, `profile`, `interest_only` and `in_kind`, or give an `amount`");
        }
        let balloon = [unused::quantity(TermLoanSpec::FIELDS, "balloon", &spec.balloon)];
        if spec.finances.is_some() {
            let label = "each draw is repaid by level payments; remove it, or give an `amount`";
            unused::report(&balloon, "in a loan that finances capital expenditure", label, issues);
            let date = [("date", spec.date.map(When::place))];
            unused::report(
                &date,
                "in a loan that finances capital expenditure",
                "it is drawn as expenditure falls due",
                issues,
            );
        } else if spec.profile == Profile::Bullet {
            unused::report(&balloon, "under `profile: bullet`", "all principal is due with the last payment", issues);
        }
        if spec.breach.is_none() && spec.minimum_cash.known() != Some(0.0) {
            issues
                .error(
                    "missing",
                    spec.minimum_cash.place(),
                    "a breach of this covenant has no consequence",
                    "`breach` is missing",
                )
                .help("write for example `breach: {cure: 2 mo, waiver: 20%/mo, fee: 0.5%}`");
        }
        if spec.term.0 < 1.0 {
            issues.error("range", spec.term.place(), "a loan must last at least one month", "`term` is shorter");
        }
        if first >= spec.term.0 && spec.profile != Profile::Bullet {
            let waits = if spec.interest_only.0 > 0.0 { spec.interest_only } else { spec.in_kind };
            issues.error(
                "range",
                if first > 0.0 { waits.place() } else { spec.term.place() },
                "this loan never repays principal",
                "`interest_only` and `in_kind` must be shorter than `term`",
            );
        }
    }
    fn key_rules(spec: &TermLoanSpec, rules: &mut KeyRules<'_>) {
        let Some(amount) = &spec.amount else { return };
        rules.rule("range", spec.balloon.place(), |at| {
            let (balloon, amount) = (spec.balloon.at(at), amount.at(at));
            let title = || format!("a balloon of {:.3}B USD on a loan of {:.3}B USD", balloon / 1e9, amount / 1e9);
            let label = || "the balloon is the part of the `amount` due with the last payment".to_owned();
            (balloon > amount * (1.0 + 1e-9)).then(|| (title(), label()))
        });
    }
    fn link(spec: &mut TermLoanSpec, bit: &dyn Fn(&str) -> Option<u64>, issues: &mut Issues) {
        spec.cross_default.link(&spec.name, bit, issues);
    }
}

/// `x^n` for a whole number of months below 2^17, by the binary digits of `n`: faster than a logarithm and an
/// exponential.
#[inline(always)]
pub fn pow_count(x: f64, n: f64) -> f64 {
    // Adding 2^52 leaves a whole number in the low bits.
    let digits = (n + 4_503_599_627_370_496.0).to_bits();
    let (mut power, mut square) = (1.0, x);
    for k in 0..17 {
        power *= select(digits >> k & 1 == 1, square, 1.0);
        square *= square;
    }
    power
}

//! Venture debt: a loan with warrants to a lab that burns cash.
//!
//! # What it is
//! A commitment drawn on stated dates, or as cash is needed during the availability period. An interest-only period is
//! followed by instalments of principal; the last comes with an end-of-term payment. The lender receives warrants with
//! each draw. In winter it may refuse a draw, and a breach of its covenant lets it call the loan.
//!
//! # Monthly cash flows
//! | flow | lab | lender |
//! | --- | --- | --- |
//! | draw, less the upfront fee withheld | + | − |
//! | interest on the opening balance, fee for last month's waiver | − | + |
//! | principal after the interest-only months; the balance when called | − | + |
//! | end-of-term payment, with the last instalment or when called | − | + |
//!
//! # In YAML
//! `- venture_debt: {name: venture, commitment: 500M USD, start: 2026-09, draws: [{amount: 300M USD, date: 2026-09},
//! {amount: 200M USD, date: 2027-03}], rate: sofr + 650 bp, interest_only: 12 mo, term: 48 mo, end_payment: 6%,
//! warrants: {cover: 8%, price: last_round}, refused_in_winter: 30%, minimum_cash: 100M USD, breach: {cure: 1 mo}}`
//!
//! # Conventions and limits
//! All draws share one schedule, counted from `start`: interest is due from the following month, and the last
//! instalment is due `term` months after `start`. Repayment is by level payments or equal principal, on the balance and
//! the rate of the month. Without `draws` the lab draws to close its cash gap, after the fee, in the months of
//! `available`. A refused dated draw lapses; a refused draw as needed may be requested again next month. The
//! end-of-term payment accrues linearly and is shown as debt in addition to the balance.
//!
//! Warrants cover `cover` × draw over the exercise price, which is that of the last round since the first month or,
//! without one or with `price: market`, the market price in the month of the draw. They are net-exercised once the lab
//! is listed, or with the last instalment, if in the money, and otherwise lapse; if the lab is acquired they
//! participate as shares at the previous price. `warrant_value` is their fair value at grant, by Galai and Schneller at
//! `volatility` and the month's SOFR; the lender's returns mark outstanding warrants at the horizon the same way.
//!
//! Interest and principal rank with secured debt in the payment waterfall. The blanket lien gives no specific
//! collateral: nothing in the estate is pledged individually, so the claim ranks with the others there.
//!
//! Not modelled: prepayment and its fee, a success fee, covenants other than cash, a lien on intellectual property,
//! subordination to a bank line, warrants on preferred shares.
//!
//! # Sources
//! [The model](../model.md); Galai & Schneller 1978 for the warrants.

mod terms;

use crate::engine::books::{ACCOUNTS, Books, SECURED, event};
use crate::engine::columns::Columns;
use crate::engine::instrument::{CLOSE, FUND, Instrument, Line, REVIEW, SETTLE, Unit, View, first, flow, line, total};
use crate::engine::math::options::{European, warrant};
use crate::engine::math::{max, min, select};
use crate::engine::resolution::{Award, Claim, Rules};
use crate::instruments::covenant::{self, Breach, Covenant};
use crate::instruments::declared::{Declared, Facts, Market, Need, Provider};
use crate::instruments::floating::Floating;
use crate::instruments::term_loan::principal_share;
use crate::instruments::warrants::{Warrants, share_price};
use crate::issues::Issues;
use crate::language::quantity::Inputs;
use crate::language::rules::KeyRules;
use crate::units::Usd;
use crate::{posts, row};

pub use terms::{DrawSpec, VentureDebtSpec, WarrantSpec};

/// Maximum number of dated draws.
pub const DRAWS: usize = 4;

row! {
    /// A dated draw.
    pub struct Draw { amount: Usd, date: f64 }
    /// Terms; monthly rates, except the annual volatility. `gross` is the draw that yields one dollar after the fee.
    pub struct VentureDebt {
        commitment: Usd, start: f64, available: f64, draw: [Draw; DRAWS], rate: Floating, fee: f64, gross: f64,
        interest_only: f64, term: f64, straight: f64, bullet: f64, end: f64, refused: f64,
        cover: f64, at_round: f64, volatility: f64, covenant: Covenant,
    }
    /// Amounts owed, due and paid; the lender's warrants.
    pub struct VentureDebtState {
        /// Principal outstanding.
        pub balance: Usd,
        /// Interest in arrears.
        pub arrears: Usd,
        /// Part of the principal due that was missed earlier.
        pub missed: Usd,
        /// End-of-term payment accrued and unpaid.
        pub end: Usd,
        /// End-of-term payment not yet accrued.
        pub end_rest: Usd,
        /// Drawn this month.
        pub draw: Usd,
        /// Drawn so far.
        pub drawn_total: Usd,
        /// Interest and fees accrued this month, excluding the end-of-term payment.
        pub accrued: Usd,
        /// End-of-term payment accrued this month.
        pub end_accrued: Usd,
        /// Interest due, including arrears.
        pub interest_due: Usd,
        /// Principal due.
        pub principal_due: Usd,
        /// End-of-term payment due.
        pub end_due: Usd,
        /// Interest paid.
        pub interest: Usd,
        /// Principal paid.
        pub principal: Usd,
        /// End-of-term payment paid.
        pub end_paid: Usd,
        /// 1 while a breach stops draws.
        pub stopped: f64,
        /// Share price in the last round; 0 before the first.
        pub round_price: Usd,
        /// The lender's warrants and the shares from their exercise.
        pub warrants: Warrants,
        /// Fair value of the warrants at grant.
        pub warrant_value: Usd,
        /// The lender's share of the company if all its warrants were exercised.
        pub dilution: f64,
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

impl VentureDebt {
    /// Month of the last instalment.
    #[inline(always)]
    fn last(&self) -> f64 {
        self.start + self.term
    }
    /// The warrants as options on a share at `price`, with exercise price `strike`.
    #[inline(always)]
    fn option(&self, see: &View, price: Usd, strike: Usd) -> European {
        let years = max(self.last() - see.t, 0.0) * (1.0 / 12.0);
        let (asset, strike, volatility) = (price.0, strike.0, self.volatility);
        European { asset, strike, rate: see.market.sofr, income: 0.0, volatility, years }
    }
    /// Draws up to `asked` unless the draw is refused; the fee is withheld.
    #[inline(always)]
    fn lend(&self, see: &View, asked: Usd, own: &mut VentureDebtState, books: &mut Books) {
        let winter = (see.market.winter > 0.0) & (see.uniforms[1] < self.refused);
        let refused = winter | (own.stopped > 0.0) | own.breach.called();
        let asked = max(Usd::ZERO, min(asked, self.commitment - own.drawn_total)) * see.lab.alive;
        let draw = select(refused, Usd::ZERO, asked);
        books.event(refused & (asked > Usd::ZERO), event::DRAW_STOPPED);
        own.draw += draw;
        own.drawn_total += draw;
        own.end_rest += draw * self.end;
        let fee = draw * self.fee;
        books.lab.debt_in += draw - fee;
        books.lab.interest_expense += fee;
        books.pay(0, fee - draw);
    }
}

impl Instrument for VentureDebt {
    type Spec = VentureDebtSpec;
    type State = VentureDebtState;
    const PHASES: u8 = SETTLE | FUND | CLOSE | REVIEW;
    const UNIFORMS: bool = true;
    const POSTS: Columns =
        posts![debt_in, interest_expense, secured_interest, secured_principal, debt, arrears, issued, paid_in];
    const EVENTS: u64 = covenant::EVENTS | event::DRAW_STOPPED;
    const RETURNS: bool = true;
    const LINES: &'static [Line] = &[
        line("balance", Unit::Usd),
        flow("draw", Unit::Usd).seldom(),
        flow("interest", Unit::Usd).seldom(),
        flow("principal", Unit::Usd).seldom(),
        line("arrears", Unit::Usd).seldom(),
        line("end", Unit::Usd),
        flow("end_paid", Unit::Usd).seldom(),
        total("dilution", Unit::Share),
        total("warrant_value", Unit::Usd),
        total("claim", Unit::Usd),
        total("loss", Unit::Usd),
    ];

    fn name(spec: &VentureDebtSpec) -> Option<&str> {
        Some(spec.name.as_str())
    }
    fn accounts(_: &VentureDebtSpec) -> Vec<(String, usize)> {
        vec![("lender".into(), 0)]
    }
    fn terms(spec: &VentureDebtSpec, inputs: &Inputs<'_>) -> Self {
        spec.terms(inputs)
    }

    #[inline(always)]
    fn settle(&self, see: &View, own: &mut VentureDebtState, books: &mut Books) {
        let (alive, zero) = (see.lab.alive, Usd::ZERO);
        self.covenant.cross(see, &mut own.breach);
        let called = own.breach.called();
        let k = see.t - self.start; // instalment, 1 the month after the start
        let rate = self.rate.rate(see, 0.0);
        own.accrued = ((own.balance + own.arrears) * rate + own.breach.fee) * alive;
        own.interest_due = own.accrued + own.arrears * alive;
        let left = max(self.term - k + 1.0, 1.0); // instalments left, this one included
        let all = called | (k >= self.term);
        // Missed principal is due in addition; the rest is spread over the remaining instalments.
        let current = max(own.balance - own.missed, zero);
        let share = principal_share(rate, left, self.straight > 0.0);
        let waits = (k <= self.interest_only) | (self.bullet > 0.0);
        let scheduled = select(waits, zero, current * share);
        own.principal_due = select(all, own.balance, min(scheduled + own.missed, own.balance)) * alive;
        own.end_accrued = select(all, own.end_rest, own.end_rest * (1.0 / left)) * select(k >= 1.0, alive, 0.0);
        own.end_rest -= own.end_accrued;
        own.end += own.end_accrued;
        own.end_due = select(all, own.end, zero) * alive;
        own.warrants.exercise(see, (see.lab.listed > 0.0) | (k >= self.term), k >= self.term, books);
        books.lab.interest_expense += own.accrued + own.end_accrued;
        books.lab.secured_interest += own.interest_due + own.end_due;
        books.lab.secured_principal += own.principal_due;
        // This month's dated draws.
        own.draw = zero;
        let mut asked = zero;
        for draw in &self.draw {
            asked += select(see.t == draw.date, draw.amount, zero);
        }
        self.lend(see, asked, own, books);
    }
    #[inline(always)]
    fn fund(&self, see: &View, own: &mut VentureDebtState, books: &mut Books) {
        let k = see.t - self.start;
        let open = (k >= 0.0) & (k < self.available);
        let asked = select(open, see.left * self.gross, Usd::ZERO);
        self.lend(see, asked, own, books);
    }
    #[inline(always)]
    fn close(&self, see: &View, own: &mut VentureDebtState, books: &mut Books) {
        let paid = see.lab.paid[SECURED];
        own.interest = own.interest_due * paid;
        own.principal = own.principal_due * paid;
        own.end_paid = own.end_due * paid;
        own.arrears = own.interest_due - own.interest;
        own.missed = own.principal_due - own.principal;
        own.balance += own.draw - own.principal;
        own.end -= own.end_paid;
        books.pay(0, own.interest + own.principal + own.end_paid);
        // Warrants for this month's draw.
        let (money, shares) = see.round;
        own.round_price = select(shares > 0.0, money / max(shares, f64::MIN_POSITIVE), own.round_price);
        let price = share_price(see);
        let strike = select((self.at_round > 0.0) & (own.round_price > Usd::ZERO), own.round_price, price);
        let n = select(strike > Usd::ZERO, own.draw * self.cover / max(strike, Usd(f64::MIN_POSITIVE)), 0.0);
        own.warrants.grant(n, strike);
        let worth = warrant(&self.option(see, price, strike), see.lab.shares, own.warrants.outstanding);
        own.warrant_value += Usd(select(n > 0.0, worth * n, 0.0));
    }
    #[inline(always)]
    fn review(&self, see: &View, own: &mut VentureDebtState, books: &mut Books) {
        let unpaid = own.missed + own.arrears + (own.end_due - own.end_paid);
        let owed = own.balance + own.arrears + own.end;
        let breach = self.covenant.test(see, owed, unpaid > Usd::ZERO, &mut own.breach, books);
        own.stopped = select(breach, 1.0, 0.0);
        own.dilution = own.warrants.dilution(see);
        books.lab.debt += own.balance + own.end;
        books.lab.arrears += own.arrears;
    }
    fn claim(&self, see: &View, own: &VentureDebtState, _: &Rules) -> Claim {
        let owed = own.balance + own.arrears + own.end;
        let all = own.breach.called() | (see.t >= self.last());
        let arrears = if all { owed } else { own.missed + own.arrears };
        Claim { unsecured: owed, arrears, class: own.warrants.class(see), ..Claim::default() }
    }
    fn resolve(&self, see: &View, own: &mut VentureDebtState, award: &Award, books: &mut Books) {
        let owed = own.balance + own.arrears + own.end;
        let settled = Award { shares: Usd::ZERO, ..*award }.settle(owed, self.rate.rate(see, 0.0));
        let kept = if owed > Usd::ZERO { settled.left / owed } else { 1.0 };
        own.claim = award.claimed(own.claim, own.loss, owed);
        own.loss += settled.loss;
        own.written_off += settled.written_off;
        own.balance = own.balance * kept;
        own.missed = own.missed * kept;
        own.end = own.end * kept;
        own.end_rest = own.end_rest * kept;
        own.arrears = settled.left - own.balance - own.end;
        own.warrants.shares += settled.shares;
        if award.outcome.ends() {
            own.end_rest = Usd::ZERO;
            own.warrants = Warrants::default();
        }
        own.breach.resolve(see, award);
        settled.post(0, books);
        books.pay(0, award.shares);
        books.third(-award.shares);
    }
    /// Mark: amounts owed, shares, and outstanding warrants.
    #[inline(always)]
    fn worth(&self, see: &View, own: &VentureDebtState) -> [Usd; ACCOUNTS] {
        let w = &own.warrants;
        let strike = w.strikes / max(w.outstanding, f64::MIN_POSITIVE);
        let option = self.option(see, share_price(see), strike);
        let value = warrant(&option, see.lab.shares, w.outstanding) * w.outstanding;
        let warrants = Usd(select(w.outstanding > 0.0, value, 0.0));
        first(own.balance + own.arrears + own.end + w.worth(see) + warrants)
    }
    fn audit(&self, was: &VentureDebtState, now: &VentureDebtState) -> Usd {
        let written_off = now.written_off - was.written_off;
        let owed = |s: &VentureDebtState| s.balance + s.arrears + s.end;
        let came = now.draw + now.accrued + now.end_accrued;
        owed(was) + came - now.interest - now.principal - now.end_paid - written_off - owed(now)
    }
}
impl Declared for VentureDebt {
    const FACTS: Facts = Facts::of(Provider::Lender).capital("drawn_total");

    fn needs(spec: &VentureDebtSpec, needs: &mut Vec<Need>) {
        Need::of_rates(&spec.name, &[&spec.rate], needs);
        if spec.warrants.is_some() {
            let title = format!("warrants of `{}` are valued at SOFR, which is not specified", spec.name);
            needs.push(Need::of(Market::Sofr, Some(spec.name.place()), title));
        }
    }
    fn prices_shares(spec: &VentureDebtSpec) -> bool {
        spec.warrants.is_some()
    }
    fn key_rules(spec: &VentureDebtSpec, rules: &mut KeyRules<'_>) {
        spec.key_rules(rules);
    }
    fn check(spec: &VentureDebtSpec, issues: &mut Issues) {
        spec.check(issues);
    }
    fn link(spec: &mut VentureDebtSpec, bit: &dyn Fn(&str) -> Option<u64>, issues: &mut Issues) {
        spec.cross_default.link(&spec.name, bit, issues);
    }
}

//! A convertible note, a SAFE, or a public convertible bond.
//!
//! # What it is
//! *Note*: a loan that accrues interest and converts into shares at the next priced round, at a discount to the round's
//! price or at a valuation cap, whichever is cheaper. At maturity it is repaid, extended, or converted at a floor
//! valuation. *SAFE*: the same without interest or maturity. *Public*: a bond with a cash coupon that holders may
//! convert into shares at a price fixed at issue, at a premium to the share price.
//!
//! A bridge is a note issued because a round has failed.
//!
//! # Monthly cash flows
//! | flow | lab | holders |
//! | --- | --- | --- |
//! | issue | + | − |
//! | coupon of a public convertible on the opening balance, with arrears | − | + |
//! | principal and accrued interest, at maturity or at a put, with missed payments | − | + |
//! | lab sold or liquidated: payment from the estate | | + (− estate) |
//!
//! A conversion moves no cash: debt becomes paid-in capital.
//!
//! # In YAML
//! ```yaml
//! - convertible:
//!     {name: bridge, kind: note, amount: 5B USD, when: {round_failed: true, runway_below: 6 mo}, process: 1 mo, issues: 2,
//!      rate: 8%/yr, accrual: pik, cap: 200B USD, conversion_discount: 20%, term: 24 mo, at_maturity: extend, extension: 12 mo}
//! - convertible: {name: safe, kind: safe, amount: 500M USD, date: 2026-09, cap: 400B USD}
//! - convertible:
//!     {name: bond, kind: public, amount: 10B USD, date: 2028-03, rate: 1.5%/yr, term: 60 mo, premium: 35%,
//!      call: {from: 2030-03, above: 130%}, puts: [2031-03]}
//! ```
//!
//! # Conventions and limits
//! *Interest* is a nominal fixed rate over twelve, from the month after issue. `simple` interest accrues on principal
//! only; `pik` interest compounds. An unpaid coupon stays in arrears and bears interest at the coupon rate.
//!
//! *Conversion at a round* counts principal and interest to the month of the round. The cap price is `cap` over all
//! shares, including the pool and excluding other notes, at the previous month's close. The round is priced on the
//! note's state at that close: as shares if the cap was then cheaper, otherwise as an amount at the discount, judged at
//! the market price at that close (multiple × run-rate over all shares). The note itself converts at the lower of the
//! two at the round's own price. The round's price is therefore exact unless that market price and the round's price
//! lie on opposite sides of the price at which cap and discount are equal, `cap / (S_ref (1 − discount))`. At that
//! price the error is zero, and it grows with the distance: note shares beyond those counted also dilute the new
//! investors. It can matter for a round with a `pre_money` far from market value. A note issued in a month is not
//! visible to that month's rounds, and does not convert in them.
//!
//! *At maturity* a note is repaid, or converted at `floor` over the previous month's shares, even if a round closes in
//! that month. It is extended once, on the same terms, and then repaid. Unpaid principal falls due every month, bears
//! interest, and no longer converts.
//!
//! *A SAFE* is debt in the balance sheet. In an estate it is treated as a share with a preference of its amount and
//! rank 0, not as converted; if the lab is listed, and so has no preferences, it is an unsecured claim. A restructuring
//! leaves it unchanged.
//!
//! *A public convertible* is issued once the window is open. The share price is the market's. Holders convert the
//! principal at maturity if in the money, and when the lab calls; the lab calls as soon as it may, so there is no other
//! early conversion. They exercise the put on a put date if conversion is out of the money. Rounds do not count its
//! shares before conversion. The lab need not be listed.
//!
//! An issue is placed in full, without a fee; with `world.capital.credit` up to what is left of the supply of credit, at
//! a coupon whose excess over SOFR rises with the flow of new credit. An issue for which nothing is left does not count;
//! a dated one lapses, a programme may be launched again. There is no qualifying-round threshold, no change-of-control premium, no
//! make-whole, and no hedge of the dilution. A rescue or restructuring is not a round. Shares issued on conversion are
//! common. At the horizon an outstanding note is counted as if converted at the market price, and a public one at the
//! higher of that value and its principal.
//!
//! # Sources
//! [The model](../model.md); case `round-notes` of `tests/vectors/cap_table.json`.

mod check;
pub mod notes;
mod terms;

use crate::engine::books::{ACCOUNTS, Books, INTEREST, PRINCIPAL, event};
use crate::engine::columns::Columns;
use crate::engine::instrument::{CLOSE, Instrument, Line, REVIEW, SETTLE, Unit, View, first, flow, line, total};
use crate::engine::math::{max, select};
use crate::engine::resolution::{Award, Claim, Class, Outcome, Rules};
use crate::instruments::credit;
use crate::instruments::declared::{Declared, Facts, Provider};
use crate::issues::Issues;
use crate::language::quantity::{Inputs, Quantity};
use crate::units::Usd;
use crate::{posts, row};
use notes::{Conversion, converted, shown};
pub use terms::{Accrual, AtMaturity, CallSpec, ConvertibleSpec, Kind, NeedSpec};

/// Maximum number of put dates.
pub const PUTS: usize = 4;

row! {
    /// Terms; the rate is monthly.
    pub struct Convertible {
        amount: Usd, date: f64, runway_below: f64, cash_below: f64, round_failed: f64, process: f64, issues: f64,
        rate: f64, pik: f64, per_cap: f64, markup: f64, term: f64, extension: f64, per_floor: f64,
        public: f64, safe: f64, premium: f64, call_from: f64, call_above: f64, puts: [f64; PUTS],
    }
    /// Amounts outstanding, repaid and converted.
    pub struct ConvertibleState {
        /// Months until the issue in process; 0 if there is none.
        pub closes_in: f64,
        /// Issues so far.
        pub count: f64,
        /// Month in which it matures.
        pub matures: f64,
        /// 1 once it has been extended.
        pub extended: f64,
        /// Principal outstanding.
        pub principal: Usd,
        /// Accrued interest.
        pub accrued: Usd,
        /// Coupons in arrears.
        pub arrears: Usd,
        /// Principal and accrued interest at month end.
        pub balance: Usd,
        /// Issued this month.
        pub issued: Usd,
        /// What the flow of new credit adds to the rate; monthly.
        pub added_spread: f64,
        /// Refused this month for want of credit.
        pub refused: Usd,
        /// Interest of the month.
        pub interest: Usd,
        /// Coupon due, including arrears.
        pub coupon_due: Usd,
        /// Coupon paid.
        pub coupon: Usd,
        /// Principal and accrued interest due.
        pub due: Usd,
        /// Principal and accrued interest repaid.
        pub repaid: Usd,
        /// 1 if it converts at a round of the coming month; 2 if it converts then in any case.
        pub converts: f64,
        /// Shares per dollar in that conversion, at the cap or the floor; of a public convertible from its issue on.
        pub per_usd: f64,
        /// Converted into shares this month.
        pub converted: Usd,
        /// Converted into shares so far.
        pub converted_total: Usd,
        /// Shares issued on conversion.
        pub shares: f64,
        /// Issued so far.
        pub total: Usd,
        /// Written off so far in failures of the lab.
        pub written_off: Usd,
        /// Claim when the lab failed, including amounts already converted.
        pub claim: Usd,
        /// Loss on the claim.
        pub loss: Usd,
    }
}

/// Value of `converts` for a conversion in the coming month in any case.
const SURELY: f64 = 2.0;

impl Convertible {
    /// Conversion terms for the month after a review.
    #[inline(always)]
    fn conversion(&self, own: &ConvertibleState) -> Conversion {
        Conversion { markup: select(own.converts == SURELY, 0.0, self.markup), per_usd: own.per_usd }
    }
    /// Whether its claim ranks as a share with a preference.
    fn is_share(&self, see: &View) -> bool {
        self.safe > 0.0 && see.lab.listed == 0.0
    }
}

impl Instrument for Convertible {
    type Spec = ConvertibleSpec;
    type State = ConvertibleState;
    const PHASES: u8 = SETTLE | CLOSE | REVIEW;
    const POSTS: Columns = posts![
        debt_in,
        interest_expense,
        interest,
        principal,
        debt,
        arrears,
        issued,
        paid_in,
        pending,
        notes,
        note_shares,
        credit_asked,
        credit_drawn,
    ];
    const EVENTS: u64 = event::CONVERTED | event::PUT;
    const RETURNS: bool = true;
    const LINES: &'static [Line] = &[
        line("balance", Unit::Usd),
        flow("issued", Unit::Usd).seldom(),
        flow("interest", Unit::Usd).seldom(),
        flow("coupon", Unit::Usd).seldom(),
        flow("repaid", Unit::Usd).seldom(),
        flow("converted", Unit::Usd).seldom(),
        total("converted_total", Unit::Usd),
        total("shares", Unit::Stock),
        total("total", Unit::Usd),
        total("claim", Unit::Usd),
        total("loss", Unit::Usd),
    ];

    fn name(spec: &ConvertibleSpec) -> Option<&str> {
        Some(spec.name.as_str())
    }
    fn accounts(_: &ConvertibleSpec) -> Vec<(String, usize)> {
        vec![("holders".into(), 0)]
    }
    fn terms(spec: &ConvertibleSpec, inputs: &Inputs<'_>) -> Self {
        let flag = |yes: bool| f64::from(u8::from(yes));
        let of = |q: Option<&Quantity>, none: f64| q.map_or(none, |q| q.at(inputs));
        let inverse = |q: Option<&Quantity>| q.map_or(0.0, |q| 1.0 / q.at(inputs).max(f64::MIN_POSITIVE));
        let need = spec.when.as_ref();
        let mut puts = [0.0; PUTS];
        for (slot, date) in puts.iter_mut().zip(&spec.puts) {
            *slot = date.0;
        }
        Convertible {
            amount: Usd(spec.amount.at(inputs)),
            date: spec.date.as_ref().map_or(0.0, |w| w.0),
            runway_below: of(need.and_then(|n| n.runway_below.as_ref()), 0.0),
            cash_below: of(need.and_then(|n| n.cash_below.as_ref()), 0.0),
            round_failed: flag(need.is_some_and(|n| n.round_failed)),
            process: spec.process.at(inputs).round().max(1.0),
            issues: spec.issues as f64,
            rate: spec.rate.at(inputs) / 12.0,
            pik: flag(spec.accrual == Accrual::Pik),
            per_cap: inverse(spec.cap.as_ref()),
            markup: 1.0 / (1.0 - spec.conversion_discount.at(inputs)),
            term: spec.term.as_ref().map_or(f64::MAX, |m| m.0.round()),
            extension: if spec.at_maturity == AtMaturity::Extend { spec.extension.0.round() } else { 0.0 },
            per_floor: inverse(spec.floor.as_ref()),
            public: flag(spec.kind == Kind::Public),
            safe: flag(spec.kind == Kind::Safe),
            premium: 1.0 + of(spec.premium.as_ref(), 0.0),
            call_from: spec.call.as_ref().map_or(f64::MAX, |c| c.from.0),
            call_above: of(spec.call.as_ref().map(|c| &c.above), 1.0),
            puts,
        }
    }

    /// Interest, maturity, calls and puts of the outstanding amount; then any issue that is due.
    #[inline(always)]
    fn settle(&self, see: &View, own: &mut ConvertibleState, books: &mut Books) {
        let (zero, public) = (Usd::ZERO, self.public > 0.0);
        let alive = see.lab.alive > 0.0;
        let value = see.lab.run_rate * see.market.multiple;
        let bears = own.principal + own.accrued * self.pik + own.arrears;
        own.interest = bears * ((self.rate + own.added_spread) * see.lab.alive);
        own.accrued += select(public, zero, own.interest);
        own.coupon_due = select(public, own.interest + own.arrears, zero);
        // Conversion value of a public convertible over its principal, times the number of all shares.
        let outstanding = (own.principal > zero) & alive;
        let parity = value * own.per_usd;
        let pays = parity >= Usd(see.lab.shares);
        let asked =
            (see.t == self.puts[0]) | (see.t == self.puts[1]) | (see.t == self.puts[2]) | (see.t == self.puts[3]);
        let put = public & outstanding & asked & !pays & (see.t < own.matures);
        own.matures = select(put, see.t, own.matures);
        let extends = (see.t == own.matures) & (self.extension > 0.0) & (own.extended == 0.0);
        own.extended = select(extends & outstanding, 1.0, own.extended);
        own.matures += select(extends & outstanding, self.extension, 0.0);
        let matured = outstanding & (see.t >= own.matures);
        let called = (see.t >= self.call_from) & (parity >= Usd(see.lab.shares * self.call_above));
        let turns = public & outstanding & ((matured & pays) | called);
        own.converts = select(turns, SURELY, own.converts);
        own.due = select(matured & (own.converts != SURELY), own.principal + own.accrued, zero);
        // The issue; a public one waits for the window.
        let due = ((own.closes_in == 1.0) | (see.t == self.date)) & alive;
        let waits = due & public & ((see.market.window == 0.0) | (value <= zero));
        let issues = due & !waits;
        own.closes_in = select(waits, 1.0, max(0.0, own.closes_in - 1.0));
        let wants = select(issues, self.amount, zero);
        own.issued = credit::drawn(see, true, wants, books);
        own.refused = wants - own.issued;
        let issues = issues & !((wants > zero) & (own.issued <= zero));
        own.added_spread = select(issues, credit::added_spread(see, self.rate), own.added_spread);
        own.principal += own.issued;
        own.total += own.issued;
        own.count += select(issues, 1.0, 0.0);
        own.matures = select(issues, see.t + self.term, own.matures);
        own.extended = select(issues, 0.0, own.extended);
        let ratio = see.lab.shares / max(value.0 * self.premium, f64::MIN_POSITIVE);
        own.per_usd = select(issues & public, ratio, own.per_usd);
        books.lab.debt_in += own.issued;
        books.lab.interest_expense += own.interest;
        books.lab.interest += own.coupon_due;
        books.lab.principal += own.due;
        books.pay(0, -own.issued);
        books.event(put, event::PUT);
    }

    /// Payments; conversion at this month's round, at the floor, or at the conversion price of a public convertible.
    #[inline(always)]
    fn close(&self, see: &View, own: &mut ConvertibleState, books: &mut Books) {
        let zero = Usd::ZERO;
        own.coupon = own.coupon_due * see.lab.paid[INTEREST];
        own.arrears += select(self.public > 0.0, own.interest, zero) - own.coupon;
        let share = select(own.due > zero, see.lab.paid[PRINCIPAL], 0.0);
        own.repaid = own.due * share;
        own.principal -= own.principal * share;
        own.accrued -= own.accrued * share;
        let turns = (own.converts == SURELY) | ((own.converts > 0.0) & (see.round.1 > 0.0));
        let owed = own.principal + own.accrued;
        let round = (see.round.0, select(own.converts == SURELY, 0.0, see.round.1));
        own.converted = select(turns, owed, zero);
        let shares = converted(own.converted, &self.conversion(own), round);
        own.shares += shares;
        own.converted_total += own.converted;
        own.principal = select(turns, zero, own.principal);
        own.accrued = select(turns, zero, own.accrued);
        books.lab.issued += shares;
        books.lab.paid_in += own.converted;
        books.pay(0, own.coupon + own.repaid);
        books.event(own.converted > zero, event::CONVERTED);
    }

    /// What the next round counts of it; launch on closing balances.
    #[inline(always)]
    fn review(&self, see: &View, own: &mut ConvertibleState, books: &mut Books) {
        let alive = see.lab.alive > 0.0;
        own.balance = own.principal + own.accrued;
        let private = self.public == 0.0;
        let outstanding = private & (own.balance > Usd::ZERO) & alive;
        let matures = see.t + 1.0 >= own.matures;
        let goes_on = !matures | ((see.t + 1.0 == own.matures) & (self.extension > 0.0) & (own.extended == 0.0));
        let at_floor = outstanding & matures & (self.per_floor > 0.0);
        own.converts = select(at_floor, SURELY, select(outstanding & goes_on, 1.0, 0.0));
        let per_usd = see.lab.shares * select(at_floor, self.per_floor, self.per_cap);
        own.per_usd = select(private, per_usd, own.per_usd);
        let coming = own.balance + (own.principal + own.accrued * self.pik) * (self.rate + own.added_spread);
        let value = see.lab.run_rate * see.market.multiple;
        let (money, shares) = shown(coming, &self.conversion(own), value, see.lab.shares);
        books.lab.notes += select(own.converts > 0.0, money, Usd::ZERO);
        books.lab.note_shares += select(own.converts > 0.0, shares, 0.0);
        books.lab.debt += own.balance;
        books.lab.arrears += own.arrears;
        let idle = (own.closes_in == 0.0) & (own.balance <= Usd::ZERO) & (own.count < self.issues) & (self.date == 0.0);
        let cash = see.lab.cash + see.left;
        let thin = cash < see.lab.gross_cost * self.cash_below;
        let burning = cash < max(see.lab.burn, Usd::ZERO) * self.runway_below;
        let failed = (see.events & event::ROUND_FAILED != 0) & (self.round_failed > 0.0);
        let launch = idle & alive & (thin | burning | failed);
        own.closes_in = select(launch, self.process, own.closes_in);
        books.lab.pending += select(own.closes_in > 0.0, self.amount, Usd::ZERO);
    }

    fn claim(&self, see: &View, own: &ConvertibleState, _: &Rules) -> Claim {
        let owed = own.principal + own.accrued + own.arrears;
        let class = Class { shares: own.shares, participates: true, cap: Usd(f64::INFINITY), ..Class::default() };
        if self.is_share(see) {
            return Claim { class: Class { preference: owed, ..class }, ..Claim::default() };
        }
        let missed = if own.due > Usd::ZERO { own.principal + own.accrued } else { Usd::ZERO };
        Claim { unsecured: owed, arrears: own.arrears + missed, class, ..Claim::default() }
    }
    fn resolve(&self, see: &View, own: &mut ConvertibleState, award: &Award, books: &mut Books) {
        if award.outcome == Outcome::Going {
            return;
        }
        let owed = own.principal + own.accrued + own.arrears;
        let ends = award.outcome.ends();
        let (creditor, mut holder) = if self.is_share(see) { (Usd::ZERO, owed) } else { (owed, Usd::ZERO) };
        let settled = Award { shares: Usd::ZERO, ..*award }.settle(creditor, self.rate + own.added_spread);
        settled.post(0, books);
        own.claim = award.claimed(own.claim, own.loss, owed);
        own.loss += settled.loss;
        own.shares += settled.shares;
        own.written_off += settled.written_off;
        if ends {
            books.pay(0, award.shares);
            books.third(-award.shares);
            books.lab.paid_in += holder;
            own.written_off += holder;
            own.claim += own.converted_total;
            // Share proceeds beyond the claim belong to the holders but are not a negative loss.
            own.loss += max(holder + own.converted_total - award.shares, Usd::ZERO);
            holder = Usd::ZERO;
        }
        let left = settled.left + holder;
        let kept = if owed > Usd::ZERO { left / owed } else { 1.0 };
        own.principal = own.principal * kept;
        own.accrued = own.accrued * kept;
        own.arrears = own.arrears * kept;
        if ends {
            own.closes_in = 0.0;
        }
    }
    #[inline(always)]
    fn worth(&self, see: &View, own: &ConvertibleState) -> [Usd; ACCOUNTS] {
        let value = see.lab.run_rate * see.market.multiple;
        let held = value * (own.shares / see.lab.shares);
        let public = max(1.0, value.0 * own.per_usd / see.lab.shares);
        let note = select(see.t < own.matures, max(self.markup, value.0 * self.per_cap), 1.0);
        let owed = (own.principal + own.accrued) * select(self.public > 0.0, public, note) + own.arrears;
        first((held + owed) * see.lab.alive)
    }
    /// Difference in the roll-forward of the amount owed; zero if it reconciles.
    fn audit(&self, was: &ConvertibleState, now: &ConvertibleState) -> Usd {
        let written_off = now.written_off - was.written_off;
        let owed = |s: &ConvertibleState| s.principal + s.accrued + s.arrears;
        owed(was) + now.issued + now.interest - now.coupon - now.repaid - now.converted - written_off - owed(now)
    }
}
impl Declared for Convertible {
    const FACTS: Facts = Facts::of(Provider::Noteholder).capital("total");

    fn prices_shares(spec: &ConvertibleSpec) -> bool {
        spec.needs_price()
    }
    fn check(spec: &ConvertibleSpec, issues: &mut Issues) {
        check::check(spec, issues);
    }
}

//! A strategic investor who is also the supplier: equity in tranches, tied to spending with the investor.
//!
//! # What it is
//! A cloud or chip maker buys shares of the lab in tranches, each at a milestone: a date, power in place with it, a
//! run-rate. In return the lab commits to a minimum spend with it over a period. `circularity` is equity received over
//! spend with the same party.
//!
//! # Monthly cash flows
//! | flow | lab | investor | third parties |
//! | --- | --- | --- | --- |
//! | tranche, at the price of the month | + | − | |
//! | shortfall against the minimum spend, in the month after the period, with arrears | − | | + (supplier) |
//!
//! # In YAML
//! `- strategic_tranche: {name: cloud_equity, supplier: alpha, tranches: [{first: {amount: 1B USD, date: 2026-12}},
//! {second: {amount: 2B USD, power: 0.5 GW, discount: 10%, in_winter: false, lapses: 2028-12}}, {third: {amount: 2B USD,
//! run_rate: 40B USD/yr, pre_money: 300B USD, probability: 80%}}], minimum_spend: {amount: 20B USD, from: 2026-07, to: 2029-06},
//! investor: {fails: 0.1%/mo, fails_in_winter: 1%/mo}}`
//!
//! # Conventions and limits
//! A milestone is reached when all conditions of the tranche hold: the date has come, the power in place at last
//! month's close, the run-rate of the month. The investor then pays with `probability`, decided once: a tranche that it
//! does not pay lapses. At most one tranche is paid a month, the first in the list that is payable; others wait. With
//! `in_winter: false` a tranche waits for a boom. After `lapses` it has lapsed. The price is the market's multiple ×
//! run-rate less `discount`, or `pre_money`, over all fully diluted shares including convertible notes; a tranche
//! counts as a round for the rights of others. No fee, no pool top-up, no preference.
//!
//! The investor may withdraw in any month, with a higher probability in winter: remaining tranches lapse, and the
//! minimum spend stays.
//!
//! Spend is the amount invoiced by the supplier's contracts and own hardware since the first month; `net_cash` is
//! equity less spend. A shortfall is posted in the rank of compute. The firm commitment is the present value of the
//! remaining minimum, to the extent that it exceeds existing contracts with the supplier and minimums earlier in the
//! list: spend counts towards all of them, and no obligation is counted twice. In a default it is claimed as damages,
//! reduced in proportion to the months that count.
//!
//! Not modelled: an exclusivity share of spend and its breach, since an instrument does not see payments to other
//! suppliers; credits instead of cash, board seats, governance, a price that depends on the milestone, carry-over of a
//! shortfall, more than one period.
//!
//! # Sources
//! [The model](../model.md).

mod terms;

use crate::engine::books::{ACCOUNTS, Books, RENT, event};
use crate::engine::columns::Columns;
use crate::engine::instrument::{CLOSE, Instrument, Line, REVIEW, SETTLE, Unit, View, first, flow, line, total};
use crate::engine::math::{max, select};
use crate::engine::resolution::{Award, Claim, Class, Outcome, Rules};
use crate::instruments::declared::{Declared, Facts, Provider};
use crate::instruments::equity_round::price::{Before, priced_round};
use crate::instruments::warrants::share_price;
use crate::issues::Issues;
use crate::language::quantity::Inputs;
use crate::units::Usd;
use crate::{posts, row};

pub use terms::{InvestorSpec, MinimumSpendSpec, StrategicTrancheSpec, TrancheSpec};

/// Maximum number of tranches.
pub const TRANCHES: usize = 8;

row! {
    /// A tranche: amount, milestone and price. `pre_money` is 0 for the market price, of which the share `keeps` is
    /// paid.
    pub struct Tranche {
        amount: Usd, date: f64, power: f64, run_rate: Usd, keeps: f64, pre_money: Usd, probability: f64,
        in_winter: f64, lapses: f64,
    }
    /// Terms. `all` has a bit for each tranche; `factor` is the present value at the start of a dollar due after the
    /// period.
    pub struct StrategicTranche {
        tranche: [Tranche; TRANCHES], all: u64, fails: f64, fails_in_winter: f64,
        minimum: Usd, from: f64, to: f64, growth: f64, factor: f64,
    }
    /// State: equity paid in, and spend.
    pub struct StrategicTrancheState {
        /// Tranches that are paid or lapsed, one bit each.
        pub done: u64,
        /// 1 once the investor has withdrawn.
        pub withdrawn: f64,
        /// Paid in this month.
        pub paid: Usd,
        /// Paid in so far.
        pub total: Usd,
        /// Share price in the last tranche.
        pub price: Usd,
        /// The investor's shares.
        pub shares: f64,
        /// Spend with the supplier so far.
        pub spend: Usd,
        /// Spend before the period of the minimum began.
        pub before: Usd,
        /// Share of the minimum spend remaining after restructurings.
        pub kept: f64,
        /// Present value today of a dollar due after the period.
        pub factor: f64,
        /// Shortfall against the minimum spend, charged this month.
        pub shortfall: Usd,
        /// Shortfalls charged so far.
        pub shortfalls: Usd,
        /// Shortfall due, including arrears.
        pub due: Usd,
        /// Shortfall paid.
        pub settled: Usd,
        /// Shortfall in arrears.
        pub arrears: Usd,
        /// Present value of the minimum spend in excess of contracts with the supplier and of earlier minimums.
        pub firm: Usd,
        /// Amount added to announced commitments with the supplier.
        pub headline: Usd,
        /// Equity paid in over spend.
        pub circularity: f64,
        /// Equity paid in less spend.
        pub net_cash: Usd,
        /// Written off so far when the lab failed.
        pub written_off: Usd,
        /// Claim of the supplier when the lab failed.
        pub claim: Usd,
        /// Loss on the claim.
        pub loss: Usd,
    }
}

/// The tranche that is payable in a month.
#[derive(Clone, Copy)]
struct Offer {
    amount: Usd,
    value: Usd,
    probability: f64,
    bit: u64,
}

impl StrategicTranche {
    /// The first tranche of the list that can be paid this month, and the bits of those that lapse.
    #[inline(always)]
    fn offer(&self, see: &View, open: bool, done: u64) -> (Offer, u64) {
        // Money raised from others this month is part of the company's value at the market price.
        let (market, raised) = (see.lab.run_rate * see.market.multiple, see.round.0);
        let mut offer = Offer { amount: Usd::ZERO, value: Usd::ZERO, probability: 0.0, bit: 0 };
        let mut lapsed = 0;
        for k in (0..TRANCHES).rev() {
            let (t, bit) = (&self.tranche[k], 1 << k);
            let waits = open & (self.all & !done & bit != 0);
            let late = see.t > t.lapses;
            let season = (see.market.winter == 0.0) | (t.in_winter > 0.0);
            let reached = (see.t >= t.date) & (see.supplier.1 >= t.power) & (see.lab.run_rate >= t.run_rate);
            let value = select(t.pre_money > Usd::ZERO, t.pre_money, market * t.keeps + raised);
            let can = waits & !late & season & reached & (value > see.lab.notes);
            lapsed |= select(waits & late, bit, 0);
            offer.amount = select(can, t.amount, offer.amount);
            offer.value = select(can, value, offer.value);
            offer.probability = select(can, t.probability, offer.probability);
            offer.bit = select(can, bit, offer.bit);
        }
        (offer, lapsed)
    }

    /// In `review`: remaining minimum spend until the period ends.
    #[inline(always)]
    fn rest(&self, see: &View, own: &StrategicTrancheState) -> Usd {
        let began = see.t >= self.from;
        let spent = select(began, see.supplier.0 - own.before, Usd::ZERO);
        let rest = max(self.minimum * own.kept - spent, Usd::ZERO);
        select((see.t <= self.to) & (see.lab.alive > 0.0), rest, Usd::ZERO)
    }
}

impl Instrument for StrategicTranche {
    type Spec = StrategicTrancheSpec;
    type State = StrategicTrancheState;
    const FIRM: bool = true;
    const PHASES: u8 = SETTLE | CLOSE | REVIEW;
    const UNIFORMS: bool = true;
    const SUPPLIER: bool = true;
    const POSTS: Columns = posts![
        equity_in,
        paid_in,
        issued,
        round_money,
        round_shares,
        compute,
        compute_expense,
        firm,
        headline,
        arrears
    ];
    const EVENTS: u64 = event::TRANCHE_PAID | event::TRANCHE_LAPSED | event::INVESTOR_WITHDREW;
    const RETURNS: bool = true;
    const LINES: &'static [Line] = &[
        flow("paid", Unit::Usd),
        flow("shortfall", Unit::Usd).seldom(),
        line("firm", Unit::Usd),
        line("arrears", Unit::Usd).seldom(),
        total("total", Unit::Usd),
        total("spend", Unit::Usd),
        total("net_cash", Unit::Usd),
        total("circularity", Unit::Ratio).where_positive("spend"),
        total("shortfalls", Unit::Usd),
        total("claim", Unit::Usd),
        total("loss", Unit::Usd),
    ];

    fn name(spec: &StrategicTrancheSpec) -> Option<&str> {
        Some(spec.name.as_str())
    }
    fn supplier(spec: &StrategicTrancheSpec) -> Option<&str> {
        Some(spec.supplier.as_str())
    }
    fn accounts(_: &StrategicTrancheSpec) -> Vec<(String, usize)> {
        vec![("investor".into(), 0)]
    }
    fn terms(spec: &StrategicTrancheSpec, inputs: &Inputs<'_>) -> Self {
        spec.terms(inputs)
    }
    fn opening(&self) -> StrategicTrancheState {
        StrategicTrancheState { kept: 1.0, factor: self.factor, ..Default::default() }
    }

    #[inline(always)]
    fn settle(&self, see: &View, own: &mut StrategicTrancheState, books: &mut Books) {
        let (alive, zero) = (see.lab.alive > 0.0, Usd::ZERO);
        // Withdrawal of the investor comes first.
        let waits = alive & (own.withdrawn == 0.0) & (own.done != self.all);
        let hazard = select(see.market.winter > 0.0, self.fails_in_winter, self.fails);
        let leaves = waits & (see.uniforms[1] < hazard);
        own.withdrawn = select(leaves, 1.0, own.withdrawn);
        let (offer, lapsed) = self.offer(see, waits & !leaves, own.done);
        let due = offer.bit != 0;
        let pays = due & (see.uniforms[0] < offer.probability);
        own.done |= lapsed | offer.bit;
        own.paid = select(pays, offer.amount, zero);
        let before = Before {
            shares: see.lab.shares + see.issued,
            notes: see.lab.notes,
            note_shares: see.lab.note_shares,
            ..Before::default()
        };
        let round = priced_round(offer.value, own.paid, 0.0, &before);
        let issued = select(pays, round.issued, 0.0);
        own.price = select(pays, round.price, own.price);
        own.shares += issued;
        own.total += own.paid;
        books.lab.equity_in += own.paid;
        books.lab.paid_in += own.paid;
        books.lab.issued += issued;
        books.lab.round_money += own.paid;
        books.lab.round_shares += issued;
        books.pay(0, -own.paid);
        books.event(leaves, event::INVESTOR_WITHDREW);
        books.event(pays, event::TRANCHE_PAID);
        books.event((due & !pays) | (lapsed != 0), event::TRANCHE_LAPSED);
        // The minimum spend: spend before the period began, and the shortfall after it has ended.
        own.before = select(see.t == self.from, see.supplier.0, own.before);
        let short = max(self.minimum * own.kept - (see.supplier.0 - own.before), zero);
        own.shortfall = select((see.t == self.to + 1.0) & alive, short, zero);
        own.shortfalls += own.shortfall;
        own.due = (own.shortfall + own.arrears) * see.lab.alive;
        books.lab.compute += own.due;
        books.lab.compute_expense += own.shortfall;
    }
    #[inline(always)]
    fn close(&self, see: &View, own: &mut StrategicTrancheState, books: &mut Books) {
        own.settled = own.due * see.lab.paid[RENT];
        own.arrears = own.due - own.settled;
        books.third(own.settled);
    }
    #[inline(always)]
    fn review(&self, see: &View, own: &mut StrategicTrancheState, books: &mut Books) {
        own.factor *= self.growth;
        let rest = self.rest(see, own);
        own.firm = max(rest * own.factor - see.supplier_firm, Usd::ZERO);
        own.headline = max(rest - see.supplier_headline, Usd::ZERO);
        own.spend = see.supplier.0 + own.shortfalls;
        own.net_cash = own.total - own.spend;
        // Spend below a dollar is a rounding error.
        own.circularity = select(own.spend.0 > 1.0, own.total / max(own.spend, Usd(1.0)), 0.0);
        books.lab.firm += own.firm;
        books.lab.headline += own.headline;
        books.lab.arrears += own.arrears;
    }
    /// The minimum spend, evenly over the rest of its period.
    #[inline(always)]
    fn firm_in(&self, see: &View, own: &StrategicTrancheState, month: f64) -> Usd {
        select(month <= self.to, own.firm * (1.0 / max(self.to - see.t, 1.0)), Usd::ZERO)
    }
    /// The claim: arrears, and as damages the share of last month's firm commitment that falls in the months that
    /// count.
    fn claim(&self, see: &View, own: &StrategicTrancheState, rules: &Rules) -> Claim {
        let months = self.to - see.t + 1.0;
        let share = if months > 0.0 { (rules.damages / months).min(1.0) } else { 0.0 };
        let class = Class { shares: own.shares, ..Class::default() };
        Claim { unsecured: own.arrears + own.firm * share, arrears: own.arrears, class, ..Claim::default() }
    }
    fn resolve(&self, _: &View, own: &mut StrategicTrancheState, award: &Award, books: &mut Books) {
        let claim = award.claim.unsecured;
        own.claim = award.claimed(own.claim, own.loss, claim);
        if award.outcome == Outcome::Restructured {
            // Arrears were on the balance sheet; the remaining commitment was not.
            let (given_up, cut) = (claim * award.haircut, own.arrears * award.haircut);
            let shares = given_up.0 * award.shares_per_usd;
            own.arrears -= cut;
            own.written_off += cut;
            own.kept *= 1.0 - award.haircut;
            own.loss += given_up - award.price * shares;
            own.shares += shares;
            books.lab.issued += shares;
            books.lab.paid_in += cut;
        }
        if award.outcome.ends() {
            own.written_off += own.arrears;
            own.loss += claim - award.unsecured;
            (own.arrears, own.firm, own.headline, own.shares) = (Usd::ZERO, Usd::ZERO, Usd::ZERO, 0.0);
            books.pay(0, award.shares);
            books.third(-award.shares);
        }
    }
    /// Mark of the investor's shares at the market multiple.
    #[inline(always)]
    fn worth(&self, see: &View, own: &StrategicTrancheState) -> [Usd; ACCOUNTS] {
        first(share_price(see) * own.shares)
    }
    fn audit(&self, was: &StrategicTrancheState, now: &StrategicTrancheState) -> Usd {
        was.arrears + now.shortfall - now.settled - (now.written_off - was.written_off) - now.arrears
    }
}
impl Declared for StrategicTranche {
    const FACTS: Facts = Facts::of(Provider::Strategic).capital("total");

    fn prices_shares(spec: &StrategicTrancheSpec) -> bool {
        spec.has_market_price()
    }
    fn check(spec: &StrategicTrancheSpec, issues: &mut Issues) {
        spec.check(issues);
    }
}

//! A priced round of equity, a programme of them, or the listing of the lab.
//!
//! # What it is
//! The lab sells new shares at the market multiple of its run-rate: on a date, when cash runs short, or when the price
//! is high. A round takes months to close. At closing the window may be shut or the book may not fill: the round then
//! fails, and the lab waits before it tries again. The shares may have a liquidation preference and anti-dilution
//! protection. One round may list the lab, which ends every preference and every protection.
//!
//! # Monthly cash flows
//! | flow | lab | investors | third parties |
//! | --- | --- | --- | --- |
//! | money raised | + | − | |
//! | fee and listing cost, withheld | − | | + |
//! | lab sold or liquidated: remainder of the estate due to these shares | | + | − (estate) |
//!
//! Anti-dilution shares, and those of notes that convert at the round, move no cash.
//!
//! # In YAML
//! ```yaml
//! - equity_round:
//!     name: rounds
//!     when: {runway_below: 18 mo, cash_below: 3 mo, multiple_above: 25x, gap: 9 mo}
//!     covers: 24 mo
//!     max_dilution: 12%
//!     max_size: 100B USD
//!     fee: 1%
//!     process: 3 mo
//!     retry: 3 mo
//!     retry_discount: 15%
//!     fill_min: 50%
//!     preference: {multiple: 1x, rank: 0, participates: true, cap: 3x}
//!     anti_dilution: weighted_average
//! - equity_round:
//!     {name: listing, kind: ipo, date: 2027-11, size: 60B USD, fee: 2%, ipo_lock_up: 6 mo}
//! ```
//!
//! # Conventions and limits
//! *Price.* Pre-money value is multiple × run-rate in the month of closing, unless `pre_money` fixes it. It is the
//! value of everything outstanding before the new money: all fully diluted shares, convertible notes as of last month's
//! close, and the pool as topped up to `pool_target` of the post-money shares; solved algebraically. Stock compensation
//! of the month comes before the round. Of two rounds in one month, the second counts the shares issued by the first
//! and, at market value, also its proceeds, so that both sell at one price; outstanding notes convert at the mean price
//! of the two. There is no round if notes take up more than the value. `retry_discount` lowers the value from a failure
//! until the next closing, once and not for each failure.
//!
//! *Launch.* The triggers of `when` are alternatives; `runway_below: 0 mo` turns that one off. A high multiple launches
//! a round when the window is open and `gap` has passed since this instrument's last closing; `firm_cover_below` one when
//! cash covers fewer months of what firm obligations half a year ahead exceed operations by. `min_dilution` is the least
//! share that a launched round is sized to sell. A dated round closes in
//! its month; it takes place with `probability`, decided once; if it fails it is not retried. `committed` money was
//! signed for before the start and closes even if the window is shut.
//!
//! *Supply.* With `world.capital.equity` a round takes what is left of the market's supply to this lab after those above it in
//! the list, at a price that falls with the flow of new equity; with nothing left it fails. Committed money is not cut.
//!
//! *Preference.* The shares of one instrument are one class across all closings: its preference is `multiple` times all
//! money paid in, before fees, and `cap` is a multiple of the same money. Without `preference` the shares are common. A
//! restructuring leaves preferences unchanged. No dividends, no redemption.
//!
//! *Protection.* The class has one conversion price, the mean of its closings: after a cheap closing, earlier holders
//! are protected less than each would be individually. It is compared with the month's mean price of priced rounds, of
//! this instrument or another; shares bought this month are not protected against this month's rounds. Anti-dilution
//! shares are issued in addition: the new investors, who priced the round without them, are diluted too. Converting
//! notes and shares issued in a rescue or a restructuring are not rounds. Since a pre-money value of multiple ×
//! run-rate excludes the cash of the last round, a round one month after another at the same value is slightly cheaper
//! and counts as a down round.
//!
//! *Listing.* An `ipo` takes place once, after which no instrument of this kind is launched. `ipo_lock_up` affects only
//! `free_float`, neither prices nor cash: until it ends only shares sold in the listing can be traded, thereafter all
//! shares except the pool. Notes convert at a listing as at any round. From the next month `world.listed_window`
//! replaces `world.equity_window`. No greenshoe, no secondary sale, no price drop at the end of the lock-up.
//!
//! # Sources
//! [The model](../model.md); the NVCA model charter for the weighted average; cases `round-*`, `anti-*`, `liq-*` of
//! `tests/vectors/cap_table.json`.

mod check;
pub mod price;
mod terms;

use crate::engine::books::{ACCOUNTS, Books, event};
use crate::engine::columns::Columns;
use crate::engine::instrument::{CLOSE, Instrument, Line, REVIEW, SETTLE, Unit, View, first, flow, line, total};
use crate::engine::math::{max, min, select};
use crate::engine::resolution::{Award, Claim, Class, Rules};
use crate::instruments::declared::{Declared, Facts, Provider};
use crate::issues::Issues;
use crate::language::quantity::{Inputs, Quantity};
use crate::language::rules::KeyRules;
use crate::units::Usd;
use crate::{posts, row};
use price::{Before, price_factor, priced_round, protected};
pub use terms::{AntiDilution, EquityRoundSpec, Kind, SeniorSpec, TriggerSpec};

row! {
    /// Terms; `part` is the maximum amount sold over the pre-money value.
    pub struct EquityRound {
        runway_below: f64, cash_below: f64, multiple_above: f64, gap: f64, date: f64, size: Usd, pre_money: Usd,
        probability: f64, committed: f64, in_winter: f64, covers: f64, covers_at_least: f64, part: f64, max_size: Usd, fee: f64,
        process: f64, retry: f64, retry_discount: f64, fill_min: f64, book_least: f64, book_spread: f64,
        pool_target: f64, ipo: f64, listing_cost: Usd, lock_up: f64, protected: f64, ratchet: f64,
        multiple: f64, rank: f64, participates: f64, cap: f64,
    }
    /// The round in process, and amounts raised.
    pub struct EquityRoundState {
        /// Months until the round in process closes; 0 if there is none.
        pub closes_in: f64,
        /// Remaining months of waiting after a failure.
        pub wait: f64,
        /// 1 from a failure to the next closing.
        pub failing: f64,
        /// Month of the last closing.
        pub last: f64,
        /// Target size.
        pub target: Usd,
        /// Pre-money value at launch.
        pub launch_value: Usd,
        /// Raised this month, before fees.
        pub raised: Usd,
        /// Fees of the month, including the cost of a listing.
        pub fee: Usd,
        /// Share price in the last round.
        pub price: Usd,
        /// Pre-money value of the last round.
        pub pre_money: Usd,
        /// Shares sold in this month's round.
        pub sold: f64,
        /// Shares issued so far, including anti-dilution shares.
        pub shares: f64,
        /// Anti-dilution shares issued so far.
        pub adjusted: f64,
        /// Rounds closed so far.
        pub rounds: f64,
        /// Rounds failed so far.
        pub failed: f64,
        /// Raised so far, before fees.
        pub total: Usd,
        /// Remaining months of lock-up.
        pub lock_up: f64,
        /// Free float, as a share of the company.
        pub free_float: f64,
        /// Paid in by the investors of a lab that has ended.
        pub claim: Usd,
        /// Loss on the amount paid in.
        pub loss: Usd,
    }
}

impl EquityRound {
    /// The lab's value at the market multiple, less the discount after a failure.
    #[inline(always)]
    fn market(&self, see: &View, own: &EquityRoundState) -> Usd {
        see.lab.run_rate * see.market.multiple * (1.0 - self.retry_discount * own.failing)
    }
    /// Whether rounds of this kind are still possible.
    #[inline(always)]
    fn can_be(&self, see: &View) -> bool {
        (see.lab.alive > 0.0) & ((self.ipo == 0.0) | (see.lab.listed == 0.0))
    }
}

/// What a round would raise at a value of the company, and whether it takes place.
struct Offer {
    amount: Usd,
    /// The value with the proceeds of the month's other rounds.
    priced: Usd,
    can: bool,
}

impl EquityRound {
    /// What a round that is due raises at `value`, by its own terms.
    #[inline(always)]
    fn offer(&self, see: &View, own: &EquityRoundState, value: Usd) -> Offer {
        let (fixed, dated) = (self.pre_money > Usd::ZERO, see.t == self.date);
        // Orders in the book scale with the value since launch.
        let book = value * (self.book_least + self.book_spread * see.uniforms[0]);
        let season = (see.market.winter == 0.0) | (self.in_winter > 0.0);
        let ask = min(own.target, own.target * (book / max(own.launch_value, Usd(f64::MIN_POSITIVE))));
        // The proceeds of other rounds this month are part of the company, at the market price.
        let priced = value + select(fixed, Usd::ZERO, see.round.0);
        let most = min(priced * self.part, self.max_size);
        let most = select(dated, Usd(f64::MAX), most);
        let amount = max(min(ask, most), Usd::ZERO);
        let can = ((see.market.window > 0.0) | (self.committed > 0.0))
            & season
            & (book >= own.launch_value * self.fill_min)
            & (value > Usd::ZERO)
            & (priced > see.lab.notes)
            & (amount > Usd::ZERO);
        Offer { amount, priced, can }
    }

    /// A round that is due closes, shrinks or fails. If it is `LIMITED`, it takes what is left of the market's supply,
    /// unless its investors are committed, and at a price that falls with the flow of new equity.
    #[inline(always)]
    fn closing<const LIMITED: bool>(&self, see: &View, own: &mut EquityRoundState, books: &mut Books) {
        let fixed = self.pre_money > Usd::ZERO;
        let value = select(fixed, self.pre_money, self.market(see, own));
        let dated = see.t == self.date;
        own.target = select(dated, self.size, own.target);
        own.launch_value = select(dated, value, own.launch_value);
        let due = ((own.closes_in == 1.0) | (dated & (see.uniforms[1] < self.probability))) & self.can_be(see);
        let mut offer = self.offer(see, own, value);
        let mut bound = false;
        if LIMITED {
            let limited = see.market.equity_limited > 0.0;
            bound = limited & (self.committed == 0.0);
            let asked = select(due & offer.can, offer.amount, Usd::ZERO);
            let left = max(see.market.equity_left - see.round.0, Usd::ZERO);
            let taken = select(bound, min(asked, left), asked);
            let factor = select(limited & !fixed, price_factor(&see.market, see.round.0 + taken), 1.0);
            // The book of a launched round falls with the price; the size of a dated one is agreed.
            own.launch_value = select(dated, value * factor, own.launch_value);
            let lower = self.offer(see, own, value * factor);
            let amount = min(lower.amount, taken);
            offer = Offer { amount, priced: lower.priced, can: offer.can & lower.can & (amount > Usd::ZERO) };
            books.lab.equity_asked += select(bound, asked, Usd::ZERO);
        }
        let Offer { amount, priced, can } = offer;
        let done = due & can;
        own.raised = select(done, amount, Usd::ZERO);
        let before = Before {
            shares: see.lab.shares + see.issued,
            pool: see.lab.pool + see.topped,
            notes: see.lab.notes,
            note_shares: see.lab.note_shares,
        };
        let round = priced_round(priced, own.raised, self.pool_target, &before);
        let top_up = select(done, round.top_up, 0.0);
        own.sold = select(done, round.issued, 0.0);
        own.price = select(done, round.price, own.price);
        own.pre_money = select(done, priced, own.pre_money);
        own.fee = min(own.raised * self.fee + select(done, self.listing_cost, Usd::ZERO), own.raised);
        own.shares += own.sold;
        own.total += own.raised;
        own.rounds += select(done, 1.0, 0.0);
        own.last = select(done, see.t, own.last);
        let failed = due & !can;
        own.failed += select(failed, 1.0, 0.0);
        own.failing = select(failed, 1.0, select(done, 0.0, own.failing));
        own.wait = select(failed, self.retry, max(0.0, own.wait - 1.0));
        own.closes_in = max(0.0, own.closes_in - 1.0);
        books.lab.equity_in += own.raised - own.fee;
        books.lab.paid_in += own.raised - own.fee;
        books.lab.issued += own.sold;
        books.lab.pool_added += top_up;
        books.lab.round_money += own.raised;
        books.lab.round_shares += own.sold;
        if LIMITED {
            books.lab.equity_filled += select(bound, own.raised, Usd::ZERO);
        }
        books.lab.listed += select(done, self.ipo, 0.0);
        books.pay(0, -own.raised);
        books.third(own.fee);
        books.event(failed, event::ROUND_FAILED);
        books.event(done, event::ROUND_CLOSED);
        books.event(done & (self.ipo > 0.0), event::LISTED);
    }

    /// Launch on closing balances, also if it is `forced`, of a size of at least `least`.
    #[inline(always)]
    fn launch(&self, see: &View, own: &mut EquityRoundState, books: &mut Books, forced: bool, least: Usd) {
        let idle = (own.closes_in == 0.0) & (own.wait == 0.0) & self.can_be(see) & (self.date == 0.0);
        let cash = see.lab.cash + see.left;
        let thin = cash < see.lab.gross_cost * self.cash_below;
        let burning = cash < max(see.lab.burn, Usd::ZERO) * self.runway_below;
        let rested = (own.rounds == 0.0) | (see.t - own.last >= self.gap);
        let dear = (see.market.multiple > self.multiple_above) & (see.market.window > 0.0) & rested;
        let need = max(max(see.lab.burn, Usd::ZERO) * self.covers, see.lab.gross_cost * self.covers_at_least);
        let value = self.market(see, own);
        let size = min(max(need, least), min(value * self.part, self.max_size));
        // No round of size zero is launched.
        let launch = idle & (thin | burning | dear | forced) & (size > Usd::ZERO);
        own.closes_in = select(launch, self.process, own.closes_in);
        own.target = select(launch, size, own.target);
        own.launch_value = select(launch, value, own.launch_value);
        books.lab.pending += select(own.closes_in > 0.0, own.target, Usd::ZERO);
    }
}

/// Lines that every round reports.
const PLAIN: &[Line] = &[
    flow("raised", Unit::Usd),
    line("pre_money", Unit::Usd).seldom(),
    total("rounds", Unit::Count),
    total("failed", Unit::Count),
    total("total", Unit::Usd),
    total("claim", Unit::Usd),
    total("loss", Unit::Usd),
];
/// Lines of a listing.
const LISTING: &[Line] = &[
    PLAIN[0],
    PLAIN[1],
    PLAIN[2],
    PLAIN[3],
    PLAIN[4],
    PLAIN[5],
    PLAIN[6],
    line("lock_up", Unit::Months).seldom(),
    line("free_float", Unit::Share).seldom(),
];
/// Lines of shares with anti-dilution protection.
const PROTECTED: &[Line] =
    &[PLAIN[0], PLAIN[1], PLAIN[2], PLAIN[3], PLAIN[4], PLAIN[5], PLAIN[6], total("adjusted", Unit::Stock)];
/// All lines.
const EVERY: &[Line] =
    &[PLAIN[0], PLAIN[1], PLAIN[2], PLAIN[3], PLAIN[4], PLAIN[5], PLAIN[6], LISTING[7], LISTING[8], PROTECTED[7]];

impl Instrument for EquityRound {
    type Spec = EquityRoundSpec;
    type State = EquityRoundState;
    const PHASES: u8 = SETTLE | CLOSE | REVIEW;
    const UNIFORMS: bool = true;
    const POSTS: Columns = posts![equity_in, paid_in, issued, pool_added, pending, round_money, round_shares, listed];
    const EVENTS: u64 = event::ROUND_FAILED | event::ROUND_CLOSED | event::LISTED;
    const RETURNS: bool = true;
    const LINES: &'static [Line] = EVERY;

    fn name(spec: &EquityRoundSpec) -> Option<&str> {
        Some(spec.name.as_str())
    }
    /// Few rounds need `close`.
    fn phases(spec: &EquityRoundSpec) -> u8 {
        let closes = spec.kind == Kind::Ipo || spec.anti_dilution != AntiDilution::None;
        if closes { Self::PHASES } else { Self::PHASES & !CLOSE }
    }
    fn lines(spec: &EquityRoundSpec) -> &'static [Line] {
        match (spec.kind, spec.anti_dilution) {
            (Kind::Ipo, _) => LISTING,
            (Kind::Private, AntiDilution::None) => PLAIN,
            (Kind::Private, _) => PROTECTED,
        }
    }
    fn accounts(_: &EquityRoundSpec) -> Vec<(String, usize)> {
        vec![("investors".into(), 0)]
    }
    fn terms(spec: &EquityRoundSpec, inputs: &Inputs<'_>) -> Self {
        let of = |q: &Option<Quantity>, none: f64| q.as_ref().map_or(none, |q| q.at(inputs));
        let flag = |yes: bool| f64::from(u8::from(yes));
        let (trigger, senior) = (spec.when.as_ref(), spec.preference.as_ref());
        let least = spec.book_least.at(inputs);
        let dilution = spec.max_dilution.at(inputs);
        let multiple = senior.map_or(0.0, |s| s.multiple.at(inputs));
        EquityRound {
            runway_below: trigger.map_or(0.0, |t| t.runway_below.at(inputs)),
            cash_below: trigger.map_or(0.0, |t| t.cash_below.at(inputs)),
            multiple_above: trigger.map_or(f64::MAX, |t| of(&t.multiple_above, f64::MAX)),
            gap: trigger.map_or(0.0, |t| t.gap.at(inputs)),
            date: spec.date.as_ref().map_or(0.0, |w| w.0),
            size: Usd(of(&spec.size, 0.0)),
            pre_money: Usd(of(&spec.pre_money, 0.0)),
            probability: spec.probability.at(inputs),
            committed: flag(spec.committed),
            in_winter: flag(spec.in_winter),
            covers: spec.covers.at(inputs),
            covers_at_least: spec.covers_at_least.at(inputs),
            part: dilution / (1.0 - dilution),
            max_size: Usd(of(&spec.max_size, f64::MAX)),
            fee: spec.fee.at(inputs),
            process: spec.process.at(inputs).round().max(1.0),
            retry: spec.retry.at(inputs).round(),
            retry_discount: spec.retry_discount.at(inputs),
            fill_min: spec.fill_min.at(inputs),
            book_least: least,
            book_spread: (spec.book_most.at(inputs) - least).max(0.0),
            pool_target: of(&spec.pool_target, 0.0),
            ipo: flag(spec.kind == Kind::Ipo),
            listing_cost: Usd(of(&spec.listing_cost, 0.0)),
            lock_up: of(&spec.ipo_lock_up, 0.0).round(),
            protected: flag(spec.anti_dilution != AntiDilution::None),
            ratchet: flag(spec.anti_dilution == AntiDilution::Ratchet),
            multiple,
            rank: senior.map_or(0.0, |s| s.rank.at(inputs)),
            participates: flag(senior.is_some_and(|s| s.participates)),
            cap: senior.map_or(f64::INFINITY, |s| of(&s.cap, f64::INFINITY).max(multiple)),
        }
    }

    /// A round that is due closes, shrinks or fails.
    #[inline(always)]
    fn settle(&self, see: &View, own: &mut EquityRoundState, books: &mut Books) {
        self.closing::<false>(see, own, books);
    }

    /// Anti-dilution protection of shares bought earlier against this month's rounds; free float after a listing.
    #[inline(always)]
    fn close(&self, see: &View, own: &mut EquityRoundState, books: &mut Books) {
        let (held, paid) = (own.shares - own.sold, own.total - own.raised);
        let after = protected(held, paid, see.lab.shares, see.round, self.ratchet > 0.0);
        let more = select((self.protected > 0.0) & (see.lab.listed == 0.0), after - held, 0.0);
        own.shares += more;
        own.adjusted += more;
        books.lab.issued += more;
        let listed = (self.ipo * own.rounds > 0.0) & (see.lab.alive > 0.0);
        own.lock_up = select(listed, max(0.0, self.lock_up - (see.t - own.last)), 0.0);
        let all = see.lab.shares + see.issued;
        let free = select(own.lock_up > 0.0, own.shares, all - see.lab.pool - see.topped);
        own.free_float = select(listed, free / all, 0.0);
    }

    /// Launch on closing balances: a round launched in `t` closes in `t + process`.
    #[inline(always)]
    fn review(&self, see: &View, own: &mut EquityRoundState, books: &mut Books) {
        self.launch(see, own, books, false, Usd::ZERO);
    }

    fn claim(&self, _: &View, own: &EquityRoundState, _: &Rules) -> Claim {
        let class = Class {
            rank: self.rank,
            preference: own.total * self.multiple,
            shares: own.shares,
            participates: self.participates > 0.0,
            cap: own.total * self.cap,
        };
        // Zero raised times an infinite cap is not a number.
        Claim { class: if own.shares > 0.0 { class } else { Class::default() }, ..Claim::default() }
    }
    fn resolve(&self, _: &View, own: &mut EquityRoundState, award: &Award, books: &mut Books) {
        if award.outcome.ends() {
            own.claim = own.total;
            own.loss = max(own.total - award.shares, Usd::ZERO);
            books.pay(0, award.shares);
            books.third(-award.shares);
        }
    }
    /// Value of the issued shares at the market multiple.
    #[inline(always)]
    fn worth(&self, see: &View, own: &EquityRoundState) -> [Usd; ACCOUNTS] {
        first(see.lab.run_rate * (see.market.multiple * see.lab.alive * own.shares / see.lab.shares))
    }
    /// Difference in the roll-forward of money and shares; zero if they reconcile.
    fn audit(&self, was: &EquityRoundState, now: &EquityRoundState) -> Usd {
        let money = was.total + now.raised - now.total;
        let shares = was.shares + now.sold + (now.adjusted - was.adjusted) - now.shares;
        money + now.price * shares
    }
}
row! {
    /// A round where the supply of equity is limited, or with further terms: `cover` months of firm obligations below
    /// which it is launched, `least_part` the minimum amount sold over the pre-money value.
    pub struct LimitedRound { round: EquityRound, cover: f64, least_part: f64 }
}

impl Instrument for LimitedRound {
    type Spec = EquityRoundSpec;
    type State = EquityRoundState;
    const PHASES: u8 = EquityRound::PHASES;
    const UNIFORMS: bool = EquityRound::UNIFORMS;
    const POSTS: Columns = EquityRound::POSTS.and(posts![equity_asked, equity_filled]);
    const EVENTS: u64 = EquityRound::EVENTS;
    const RETURNS: bool = EquityRound::RETURNS;
    const LINES: &'static [Line] = EVERY;

    fn name(spec: &EquityRoundSpec) -> Option<&str> {
        EquityRound::name(spec)
    }
    fn phases(spec: &EquityRoundSpec) -> u8 {
        EquityRound::phases(spec)
    }
    fn lines(spec: &EquityRoundSpec) -> &'static [Line] {
        EquityRound::lines(spec)
    }
    fn accounts(spec: &EquityRoundSpec) -> Vec<(String, usize)> {
        EquityRound::accounts(spec)
    }
    fn terms(spec: &EquityRoundSpec, inputs: &Inputs<'_>) -> Self {
        let cover = spec.when.as_ref().and_then(|when| when.firm_cover_below.as_ref());
        let least = spec.min_dilution.as_ref().map_or(0.0, |share| share.at(inputs));
        LimitedRound {
            round: EquityRound::terms(spec, inputs),
            cover: cover.map_or(0.0, |months| months.at(inputs)),
            least_part: least / (1.0 - least),
        }
    }
    #[inline(always)]
    fn settle(&self, see: &View, own: &mut EquityRoundState, books: &mut Books) {
        self.round.closing::<true>(see, own, books);
    }
    #[inline(always)]
    fn close(&self, see: &View, own: &mut EquityRoundState, books: &mut Books) {
        self.round.close(see, own, books);
    }
    #[inline(always)]
    fn review(&self, see: &View, own: &mut EquityRoundState, books: &mut Books) {
        let uncovered = see.lab.cash + see.left < see.lab.uncovered * self.cover;
        let least = self.round.market(see, own) * self.least_part;
        self.round.launch(see, own, books, uncovered, least);
    }
    fn claim(&self, see: &View, own: &EquityRoundState, rules: &Rules) -> Claim {
        self.round.claim(see, own, rules)
    }
    fn resolve(&self, see: &View, own: &mut EquityRoundState, award: &Award, books: &mut Books) {
        self.round.resolve(see, own, award, books);
    }
    #[inline(always)]
    fn worth(&self, see: &View, own: &EquityRoundState) -> [Usd; ACCOUNTS] {
        self.round.worth(see, own)
    }
    fn audit(&self, was: &EquityRoundState, now: &EquityRoundState) -> Usd {
        self.round.audit(was, now)
    }
}

impl Declared for LimitedRound {
    const FACTS: Facts = EquityRound::FACTS.written_as("equity_round");

    fn prices_shares(spec: &EquityRoundSpec) -> bool {
        EquityRound::prices_shares(spec)
    }
}

impl Declared for EquityRound {
    const FACTS: Facts = Facts::of(Provider::Investor).capital("total");

    fn prices_shares(spec: &EquityRoundSpec) -> bool {
        spec.pre_money.is_none()
    }
    fn check(spec: &EquityRoundSpec, issues: &mut Issues) {
        check::check(spec, issues);
    }
    fn key_rules(spec: &EquityRoundSpec, rules: &mut KeyRules<'_>) {
        check::key_rules(spec, rules);
    }
}

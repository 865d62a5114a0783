//! A priced round of equity, or a programme of them: launched when cash runs short, or at a date.
//!
//! # What it is
//! The lab sells new shares at the market's multiple of its run-rate. A round takes months to close. When it closes the
//! window may be shut or the book may not fill: then it fails, and the lab waits before it tries again.
//!
//! # Monthly cash flows
//! | flow | lab | investors | third parties |
//! | --- | --- | --- | --- |
//! | money raised | + | − | |
//! | fee, withheld | − | | + |
//!
//! # In YAML
//! `- equity_round: {name: rounds, when: {runway_below: 18 mo, cash_below: 3 mo}, covers: 24 mo, max_dilution: 12%,
//! max_size: 100B USD, fee: 1%, process: 3 mo, retry: 3 mo, fill_min: 50%}`
//!
//! # Conventions and limits
//! Pre-money value is multiple × run-rate in the month of closing, unless `pre_money` fixes it. The price counts all
//! shares fully diluted, with the pool as it is topped up to `pool_target` of the post-money shares, solved
//! algebraically. Stock compensation of the month comes before the round. One class of shares: no preferences.
//! A dated round closes in its month; it takes place with `probability`, decided once.
//!
//! # Sources
//! MODEL §7.1; vectors `round-plain` and `round-pool`.

use crate::engine::books::{ACCOUNTS, Books, event};
use crate::engine::columns::Columns;
use crate::engine::math::{max, min, pick};
use crate::engine::room::{Line, REVIEW, Room, SETTLE, Unit, View, first, line, total};
use crate::issues::Issues;
use crate::language::prelude::{Name, When};
use crate::language::quantity::{Inputs, Quantity};
use crate::units::Usd;
use crate::{posts, row, spec};

spec! {
    /// A priced round of equity, or a programme of them.
    pub struct EquityRoundSpec {
        /// Its name.
        pub name: Name,
        /// What launches a round; or say `date`.
        pub when: Option<TriggerSpec>,
        /// Month in which a single round closes; or say `when`.
        pub date: Option<When>,
        /// Size of a dated round.
        pub size: Option<Quantity> [Money],
        /// Pre-money value of a dated round; by default multiple × run-rate.
        pub pre_money: Option<Quantity> [Money],
        /// Probability that a dated round takes place at all.
        pub probability: Quantity [Share] = "100%",
        /// Whether it can close in winter.
        pub in_winter: bool = "true",
        /// Months of burn that a launched round is to cover.
        pub covers: Quantity [Time] = "24 mo",
        /// Months of gross cost that it is to cover at least.
        pub covers_at_least: Quantity [Time] = "6 mo",
        /// Most of the company that is sold in one round.
        pub max_dilution: Quantity [Share] = "20%",
        /// Most that is raised in one round.
        pub max_size: Option<Quantity> [Money],
        /// Share of the money that underwriters withhold.
        pub fee: Quantity [Share] = "0%",
        /// Months from launch to closing.
        pub process: Quantity [Time] = "3 mo",
        /// Months of waiting after a failure.
        pub retry: Quantity [Time] = "3 mo",
        /// Share of the size below which a round fails.
        pub fill_min: Quantity [Share] = "50%",
        /// Orders in the book over the size: lowest, when value has not moved since the launch.
        pub book_least: Quantity [Share any] = "100%",
        /// Highest.
        pub book_most: Quantity [Share any] = "100%",
        /// Unallocated pool after the round, as a share of all; no top-up when absent.
        pub pool_target: Option<Quantity> [Share],
    }
    /// What launches a round.
    pub struct TriggerSpec {
        /// Runway at today's burn below this.
        pub runway_below: Quantity [Time] = "18 mo",
        /// Cash below so many months of gross cost.
        pub cash_below: Quantity [Time] = "0 mo",
    }
}

row! {
    /// Terms.
    pub struct EquityRound {
        runway_below: f64, cash_below: f64, date: f64, size: Usd, pre_money: Usd, probability: f64, in_winter: f64,
        covers: f64, covers_at_least: f64, max_dilution: f64, max_size: Usd, fee: f64, process: f64, retry: f64,
        fill_min: f64, book_least: f64, book_spread: f64, pool_target: f64,
    }
    /// The round in process, and what was raised.
    pub struct EquityRoundState {
        /// Months until the round in process closes; 0 when none is.
        pub closes_in: f64,
        /// Months to wait after a failure.
        pub wait: f64,
        /// Size asked for.
        pub target: Usd,
        /// Value at launch.
        pub launch_value: Usd,
        /// Raised this month, before the fee.
        pub raised: Usd,
        /// Fee of the month.
        pub fee: Usd,
        /// Price of a share in the last round.
        pub price: Usd,
        /// Pre-money value of the last round.
        pub pre_money: Usd,
        /// Shares issued so far.
        pub shares: f64,
        /// Rounds closed so far.
        pub rounds: f64,
        /// Rounds failed so far.
        pub failed: f64,
        /// Raised so far, before fees.
        pub total: Usd,
    }
}

/// A priced round with pool top-up: price of a share, shares added to the pool, new shares (MODEL §7.1).
///
/// `value` is pre-money, `new` the money, `shares` fully diluted before, of which `pool` unallocated; `target` is the
/// pool's share after the round (0: no top-up). Algebraic: `np = (r S − pool)/(1 − r)`, `r = T (V + I)/V`,
/// `p = V/(S + np)`.
#[inline(always)]
pub fn priced_round(value: Usd, new: Usd, shares: f64, pool: f64, target: f64) -> (Usd, f64, f64) {
    let part = new / value;
    let r = min(target * (1.0 + part), 0.95);
    let top_up = max(0.0, (r * shares - pool) / (1.0 - r));
    let top_up = pick(target > 0.0, top_up, 0.0);
    let all = shares + top_up;
    (value / all, top_up, part * all)
}

impl Room for EquityRound {
    type Spec = EquityRoundSpec;
    type State = EquityRoundState;
    const PHASES: u8 = SETTLE | REVIEW;
    const LUCK: bool = true;
    const POSTS: Columns = posts![equity_in, paid_in, issued, pool_added, pending, round_money, round_shares];
    const EVENTS: u64 = event::ROUND_FAILED | event::ROUND_CLOSED;
    const RETURNS: bool = true;
    const LINES: &'static [Line] = &[
        line("raised", Unit::Usd),
        line("pre_money", Unit::Usd),
        total("rounds", Unit::Count),
        total("failed", Unit::Count),
        total("total", Unit::Usd),
    ];

    fn name(spec: &EquityRoundSpec) -> Option<&str> {
        Some(spec.name.as_str())
    }

    fn check(spec: &EquityRoundSpec, issues: &mut Issues) {
        if spec.when.is_some() == spec.date.is_some() {
            issues
                .error("one-of", spec.name.place(), "a round has either `when` or `date`", "say once what launches it")
                .help("write `when: {runway_below: 18 mo}` for a programme, or `date: 2027-03` for a single round");
        }
        if spec.date.is_some_and(|d| d.0 < 1.0) {
            issues.error(
                "date-outside",
                spec.name.place(),
                "the round closes before the first month",
                "a month of the simulation",
            );
        }
        if spec.date.is_some() && spec.size.is_none() {
            issues.error("missing-key", spec.name.place(), "a dated round needs its `size`", "write `size: 10B USD`");
        }
        if spec.max_dilution.known().is_some_and(|d| d >= 1.0) {
            issues.error(
                "out-of-range",
                Some(spec.max_dilution.place()),
                "a round cannot sell all of the company",
                "write less than 100%",
            );
        }
    }
    fn accounts(_: &EquityRoundSpec) -> Vec<(String, usize)> {
        vec![("investors".into(), 0)]
    }
    fn terms(spec: &EquityRoundSpec, inputs: &Inputs<'_>) -> Self {
        let money = |q: &Option<Quantity>, none: f64| Usd(q.as_ref().map_or(none, |q| q.at(inputs)));
        let trigger = spec.when.as_ref();
        let least = spec.book_least.at(inputs);
        EquityRound {
            runway_below: trigger.map_or(0.0, |t| t.runway_below.at(inputs)),
            cash_below: trigger.map_or(0.0, |t| t.cash_below.at(inputs)),
            date: spec.date.as_ref().map_or(0.0, |w| w.0),
            size: money(&spec.size, 0.0),
            pre_money: money(&spec.pre_money, 0.0),
            probability: spec.probability.at(inputs),
            in_winter: f64::from(u8::from(spec.in_winter)),
            covers: spec.covers.at(inputs),
            covers_at_least: spec.covers_at_least.at(inputs),
            max_dilution: spec.max_dilution.at(inputs).min(0.99),
            max_size: money(&spec.max_size, f64::MAX),
            fee: spec.fee.at(inputs),
            process: spec.process.at(inputs).round().max(1.0),
            retry: spec.retry.at(inputs).round(),
            fill_min: spec.fill_min.at(inputs),
            book_least: least,
            book_spread: (spec.book_most.at(inputs) - least).max(0.0),
            pool_target: spec.pool_target.as_ref().map_or(0.0, |q| q.at(inputs)),
        }
    }

    /// A round that is due closes, shrinks or fails.
    #[inline(always)]
    fn settle(&self, see: &View, own: &mut EquityRoundState, books: &mut Books) {
        let market = see.lab.run_rate * see.market.multiple;
        let value = pick(self.pre_money > Usd::ZERO, self.pre_money, market);
        let dated = see.t == self.date;
        own.target = pick(dated, self.size, own.target);
        own.launch_value = pick(dated, value, own.launch_value);
        let due = ((own.closes_in == 1.0) | (dated & (see.luck[1] < self.probability))) & (see.lab.alive > 0.0);
        // Orders in the book move with the value since the launch.
        let book = value * (self.book_least + self.book_spread * see.luck[0]);
        let season = (see.market.winter == 0.0) | (self.in_winter > 0.0);
        let ask = min(own.target, own.target * (book / max(own.launch_value, Usd(f64::MIN_POSITIVE))));
        let most = min(value * (self.max_dilution / (1.0 - self.max_dilution)), self.max_size);
        let most = pick(dated, Usd(f64::MAX), most);
        let can = (see.market.window > 0.0) & season & (book >= own.launch_value * self.fill_min) & (value > Usd::ZERO);
        let done = due & can;
        own.raised = pick(done, max(min(ask, most), Usd::ZERO), Usd::ZERO);
        let priced = max(value, Usd(f64::MIN_POSITIVE));
        let (price, top_up, issued) = priced_round(priced, own.raised, see.lab.shares, see.lab.pool, self.pool_target);
        let (top_up, issued) = (pick(done, top_up, 0.0), pick(done, issued, 0.0));
        own.price = pick(done, price, own.price);
        own.pre_money = pick(done, value, own.pre_money);
        own.fee = own.raised * self.fee;
        own.shares += issued;
        own.total += own.raised;
        own.rounds += pick(done, 1.0, 0.0);
        let failed = due & !can;
        own.failed += pick(failed, 1.0, 0.0);
        own.wait = pick(failed, self.retry, max(0.0, own.wait - 1.0));
        own.closes_in = max(0.0, own.closes_in - 1.0);
        books.lab.equity_in += own.raised - own.fee;
        books.lab.paid_in += own.raised - own.fee;
        books.lab.issued += issued;
        books.lab.pool_added += top_up;
        books.pay(0, -own.raised);
        books.third(own.fee);
        books.event(failed, event::ROUND_FAILED);
        books.event(done, event::ROUND_CLOSED);
    }

    /// Launch on closing balances: what starts in `t` closes in `t + process`.
    #[inline(always)]
    fn review(&self, see: &View, own: &mut EquityRoundState, books: &mut Books) {
        let idle = (own.closes_in == 0.0) & (own.wait == 0.0) & (see.lab.alive > 0.0) & (self.date == 0.0);
        let cash = see.lab.cash + see.left;
        let thin = cash < see.lab.gross_cost * self.cash_below;
        let burning = cash < max(see.lab.burn, Usd::ZERO) * self.runway_below;
        let launch = idle & (thin | burning);
        let need = max(max(see.lab.burn, Usd::ZERO) * self.covers, see.lab.gross_cost * self.covers_at_least);
        own.closes_in = pick(launch, self.process, own.closes_in);
        let value = see.lab.run_rate * see.market.multiple;
        let most = min(value * (self.max_dilution / (1.0 - self.max_dilution)), self.max_size);
        own.target = pick(launch, min(need, most), own.target);
        own.launch_value = pick(launch, value, own.launch_value);
        books.lab.pending += pick(own.closes_in > 0.0, own.target, Usd::ZERO);
    }

    /// What the shares issued are worth at the market's multiple.
    #[inline(always)]
    fn worth(&self, see: &View, own: &EquityRoundState) -> [Usd; ACCOUNTS] {
        first(see.lab.run_rate * (see.market.multiple * see.lab.alive * own.shares / see.lab.shares))
    }
}

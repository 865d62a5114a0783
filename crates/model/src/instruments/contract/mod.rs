//! A compute contract with a supplier: power over a term, with a ramp, take-or-pay, notice, prepayment and credits.
//!
//! # What it is
//! The lab rents power from a cloud or another lab. It pays for the take-or-pay share of the power in place whether it
//! uses it or not, and for any use beyond that. Delivery may be delayed, and the price may be indexed or follow the
//! market. In distress, a contract with a notice period can be terminated and a renegotiable one can be reduced.
//!
//! # Monthly cash flows
//! | flow | lab | supplier |
//! | --- | --- | --- |
//! | invoice `price × max(take-or-pay × power, used)`, less credits and prepayment | − | + |
//! | arrears of earlier months | − | + |
//! | prepayment | − | + |
//! | termination fee, with the last month; renegotiation fee | − | + |
//! | end of the lab: share of the estate for arrears and damages | (estate) | + |
//!
//! # In YAML
//! ```yaml
//! - google:
//!     supplier: google
//!     power: 2.0 GW
//!     price: 9B USD/GW-yr
//!     ordered: 2025-10
//!     start: 2026-10
//!     delay: 0 mo to 9 mo
//!     ramp: 24 mo
//!     term: 5 yr
//!     take_or_pay: 90%
//!     indexation: 2%/yr
//!     notice: 90 d
//!     termination_fee: 1B USD
//!     prepayment: {amount: 2B USD, date: 2026-07, recovered_over: 24 mo}
//!     renegotiable: {probability: 5%/mo to 15%/mo, cut: 20% to 40%, extends: 12 mo to 24 mo, fee_months: 3 mo}
//!     credits: 0.5B USD
//! ```
//!
//! # Conventions and limits
//! A linear ramp of `r` months reduces the total by `r/2` months at the full price. `capacity_value` is the equivalent
//! power at market price, when the contract's own price is far from it.
//!
//! *Delay.* It becomes known in the month in which service should have begun; until then the lab plans, orders and
//! states its commitment on the agreed dates. Start and ramp move with it. The end of a contract with a `term` moves
//! equally; an `end` date does not move. A late supplier pays no damages.
//!
//! *Price.* The stated price is that of the first month of service. `indexation` raises it on each anniversary of
//! delivery. `follows_market` passes through that share of the relative change in the market contract price since the
//! first month of service (or since the start of the simulation, if service began earlier); a commitment is valued at
//! the current price. A contract without `price` that is signed during the simulation (`ordered`) pays, for its term, the
//! market's contract price in the month of signing: what is signed in a tight market stays expensive.
//!
//! *Resale.* Idle power is resold under `lab.compute.resale`, unless `resale: false` forbids it.
//!
//! *Commitment.* The firm amount is the present value of the cheapest way out of the take-or-pay part: all of it to the
//! end of the term, or with `notice`, what falls due during the notice period plus the termination fee; less any
//! prepayment. Before delivery, notice costs the service that falls within it, plus the fee. Before `ordered` there is
//! no commitment and order rules do not count on the contract. The headline amount is the announced amount less what
//! has been billed.
//!
//! *Notice* runs in whole months after the month in which it is given, and the lab gives it only in distress.
//! *Renegotiation* is requested in each month of distress and succeeds once, with the stated probability: it cuts the
//! take-or-pay for the rest of the term, and `fee`, with `fee_months` of the full price, falls due in that month. Power
//! and price are unchanged. With `extends` the supplier gets a longer term in return: the last month of service moves by that many whole months, a stated `end`
//! too, at the contract's price and at the reduced take-or-pay. Without it relief is a cut and no more. A cut `c` of a flat
//! contract with `n` months left keeps its present value at a monthly rate `r` if the term grows by
//! `−n − ln(1 − (1 − (1 + r)⁻ⁿ)/(1 − c))/ln(1 + r)` months; no term is long enough when the logarithm has no argument above
//! zero.
//!
//! *Prepayment* ranks with capital expenditure; any unpaid part is requested again but is not owed. From the first
//! month of service it reduces the cash part of each invoice, never the accrual, in equal parts over `recovered_over`;
//! in the last month the whole remaining balance is applied, and any excess is lost. Credits reduce cost when they are
//! used; they are not an asset before.
//!
//! *When the lab fails* the supplier claims arrears and, for the rejected remainder, the lesser of the firm amount and
//! `lab.default.damages` months of take-or-pay at full delivery. It sets off any prepayment and returns the excess. A
//! restructuring cuts arrears and subsequent take-or-pay; a rescue cuts nothing.
//!
//! Not modelled: extension options, step-downs, service credits for outages, a cap or floor on the index, equity linked
//! to a contract (see strategic tranches), assignment to another customer.
//!
//! # Sources
//! Filings and press reports on contracts of 2025 and 2026, cited in the shipped scenarios; [the model](../model.md).
//! The rest is our assumption.

mod fixed;
mod full;

pub use fixed::{FixedState, NoticeContract, PlainContract};
pub use full::{Contract, ContractState};

use crate::engine::instrument::{Line, Unit, flow, line, total};
use crate::engine::math::{exp, floor, max, min, select};
use crate::issues::Issues;
use crate::language::prelude::{KeyRules, Months, Name, Node, Read, Reader, Shape, When};
use crate::language::quantity::{Inputs, Kind, Quantity};
use crate::language::unused;
use crate::spec;

/// Lines reported by a contract on any terms; fields that do not apply keep their initial value.
const LINES: &[Line] = &[
    line("power", Unit::Gigawatt),
    line("used", Unit::Gigawatt),
    flow("invoice", Unit::Usd).seldom(),
    flow("idle", Unit::Usd),
    line("arrears", Unit::Usd).seldom(),
    line("prepaid", Unit::Usd).seldom(),
    line("credits", Unit::Usd).seldom(),
    line("kept", Unit::Share).seldom(),
    line("firm", Unit::Usd),
    total("billed", Unit::Usd),
    total("claim", Unit::Usd),
    total("loss", Unit::Usd),
];

spec! {
    /// A compute contract.
    pub struct ContractSpec {
        /// Supplier; contracts with the same supplier are combined in the concentration metrics.
        pub supplier: Option<Name>,
        /// Power at full delivery.
        pub power: Quantity [Power],
        /// Price of power in the first month of service; by default the market's contract price in the month of signing, for a contract signed during the simulation.
        pub price: Option<Quantity> [PowerPrice],
        /// Equivalent power at market price, when the contract's own price is far from it.
        pub capacity_value: Option<Quantity> [Power],
        /// Month of signing; by default before the first month.
        pub ordered: Option<When>,
        /// Agreed first month of service.
        pub start: When,
        /// Delay of service in months; the lab learns of it in the agreed month.
        pub delay: Quantity [Time] = "0 mo",
        /// Linear ramp of delivery, in months.
        pub ramp: Months = "0 mo",
        /// Last month of service, not moved by a delay; alternative to `term`.
        pub end: Option<When>,
        /// Months of service from its actual start; alternative to `end`.
        pub term: Option<Months>,
        /// Lifetime cost at full use; must agree with power, price and ramp within 5%.
        pub total: Option<Quantity> [Money],
        /// Announced amount; by default the lifetime cost at full use.
        pub headline: Option<Quantity> [Money],
        /// Take-or-pay share: power paid for whether used or not.
        pub take_or_pay: Quantity [Share] = "100%",
        /// Price increase on each anniversary of delivery.
        pub indexation: Quantity [Growth] = "0%/yr",
        /// Pass-through of relative changes in the market contract price.
        pub follows_market: Quantity [Share] = "0%",
        /// Whether idle power under it may be resold.
        pub resale: bool = "true",
        /// Notice period for termination.
        pub notice: Option<Quantity> [Time],
        /// Termination fee.
        pub termination_fee: Quantity [Money] = "0 USD",
        /// Prepayment applied to later invoices.
        pub prepayment: Option<PrepaymentSpec>,
        /// Terms on which the supplier releases a lab in distress from part of the commitment.
        pub renegotiable: Option<RenegotiableSpec>,
        /// Credits applied to invoices before cash.
        pub credits: Quantity [Money] = "0 USD",
        /// Last month in which credits can be used.
        pub credits_until: Option<When>,
        /// Discount rate for the firm commitment.
        pub discount_rate: Quantity [Rate] = "8%/yr",
    }
    /// A prepayment to the supplier.
    pub struct PrepaymentSpec {
        /// Its amount.
        pub amount: Quantity [Money],
        /// Month of payment; already paid if before the first month.
        pub date: When,
        /// Months of service over which it is applied to invoices.
        pub recovered_over: Months,
    }
    /// Relief by a supplier for a lab in distress.
    pub struct RenegotiableSpec {
        /// Monthly probability of relief.
        pub probability: Quantity [Hazard],
        /// Share of the take-or-pay that is waived.
        pub cut: Quantity [Share],
        /// Whole months by which the contract becomes longer in return, at its price and at the reduced take-or-pay.
        pub extends: Quantity [Time] = "0 mo",
        /// Fee paid by the lab.
        pub fee: Quantity [Money] = "0 USD",
        /// Fee in months of the contract's full price at that time, in addition to `fee`.
        pub fee_months: Quantity [Time] = "0 mo",
    }
}

impl ContractSpec {
    /// Last month of service as agreed.
    pub fn last(&self) -> f64 {
        match (&self.end, &self.term) {
            (Some(end), _) => end.0,
            (None, Some(term)) => self.start.0 + term.0.round() - 1.0,
            (None, None) => 0.0,
        }
    }

    /// Balance of a prepayment made before the first month, net of the part applied to invoices by then.
    pub fn opening_prepaid(&self, inputs: &Inputs<'_>) -> f64 {
        let Some(p) = self.prepayment.as_ref().filter(|p| p.date.0 < 1.0) else {
            return 0.0;
        };
        let amount = p.amount.at(inputs);
        let served = (1.0 - self.start.0 - self.delay.at(inputs).round()).max(0.0);
        (amount - amount / p.recovered_over.0.round().max(1.0) * served).max(0.0)
    }

    /// Whether it has none of the terms that only [`Contract`] supports.
    pub fn is_fixed(&self) -> bool {
        let none = |q: &Quantity| q.known() == Some(0.0);
        let fixed = none(&self.delay) && none(&self.indexation) && none(&self.follows_market);
        let signed = self.ordered.as_ref().is_none_or(|w| w.0 <= 1.0);
        fixed
            && signed
            && self.resale
            && self.price.is_some()
            && self.prepayment.is_none()
            && self.renegotiable.is_none()
    }

    /// Adds the rules between quantities that must hold on every path.
    pub fn key_rules(&self, rules: &mut KeyRules<'_>) {
        let (Some(total), Some(price)) = (&self.total, &self.price) else { return };
        rules.rule("total-differs", total.place(), |at| {
            let months = (self.last() - self.start.0 + 1.0).max(0.0);
            let cost = self.power.at(at) * price.at(at) * (months - self.ramp.0.round() / 2.0);
            let total = total.at(at);
            let title = || format!("power × price × term is {:.1}B USD, not {:.1}B USD", cost / 1e9, total / 1e9);
            let label =
                || "a linear ramp of r months reduces the total by r/2 months; it must agree within 5%".to_owned();
            ((cost - total).abs() > 0.05 * total.abs()).then(|| (title(), label()))
        });
    }

    /// Reports errors that `Reader` does not detect.
    pub fn check(&self, issues: &mut Issues) {
        let place = Some(self.power.place());
        if self.end.is_some() == self.term.is_some() {
            let title = if self.end.is_some() {
                "`end` and `term` are both given"
            } else {
                "neither `end` nor `term` is given"
            };
            let at = self.term.map(Months::place).or(place);
            issues.error("one-of", at, title, "specify the length of the contract once");
        }
        if self.last() < self.start.0 {
            let at = self.end.map(When::place).or(self.term.map(Months::place));
            issues.error("dates-order", at, "the contract ends before it starts", "`end` must not precede `start`");
        }
        if self.last() < 1.0 && self.last() >= self.start.0 {
            let at = self.end.map(When::place).or(self.term.map(Months::place));
            issues.warn("date-outside", at, "the contract is over before the first month", "it has no effect");
        }
        if let Some(ordered) = self.ordered.filter(|w| w.0 > self.start.0) {
            issues
                .error(
                    "dates-order",
                    Some(ordered.place()),
                    "the contract is ordered after its delivery",
                    format!("service begins {} months before", ordered.0 - self.start.0),
                )
                .help("`ordered` is the month of signing and must not come after `start`");
        }
        if self.price.is_none() {
            if self.ordered.is_none_or(|w| w.0 < 1.0) {
                issues
                    .error("missing", place, "this contract has no price", "`price` is missing")
                    .help("a contract signed during the simulation, at the date in `ordered`, may be left at the market's price of that month");
            }
            let total = [unused::given("total", self.total.as_ref())];
            unused::report(&total, "in a contract at the market's price", "write `price`, or remove it", issues);
        }
        let key = |key, q| unused::quantity(ContractSpec::FIELDS, key, q);
        if self.notice.is_none() {
            let fee = [key("termination_fee", &self.termination_fee)];
            unused::report(&fee, "in a contract without notice", "write `notice: 90 d`, or remove it", issues);
        }
        if self.credits.known() == Some(0.0) {
            let until = [("credits_until", self.credits_until.map(When::place))];
            unused::report(&until, "without `credits`", "write `credits: 0.5B USD`, or remove it", issues);
        }
        if let Some(p) = &self.prepayment {
            if p.recovered_over.0.round() < 1.0 {
                issues.error(
                    "range",
                    Some(p.recovered_over.place()),
                    "a prepayment is applied to at least one invoice",
                    "write for example `24 mo`",
                );
            }
            let signed = self.ordered.map_or(f64::NEG_INFINITY, |w| w.0);
            if p.date.0 < signed || p.date.0 > self.last() {
                let label =
                    if p.date.0 < signed { "before the contract is ordered" } else { "after the contract ends" };
                issues.error(
                    "dates-order",
                    Some(p.date.place()),
                    "the prepayment is outside the contract period",
                    label,
                );
            }
        }
    }
}

/// Input from which the terms of a contract's instrument are built.
#[derive(Clone, Debug)]
pub struct ContractSetup {
    /// The contract.
    pub contract: ContractSpec,
    /// Months of distress after which notice is given, and after which a renegotiation is requested.
    pub lags: (f64, f64),
    /// Whether the take-or-pay shares of all contracts are used before any power beyond them.
    pub least_cost: bool,
    /// The market's contract price at the start and its trend, for a contract without a price of its own.
    pub market: Option<[Quantity; 2]>,
}

impl Read for ContractSetup {
    const SHAPE: Shape = ContractSpec::SHAPE;
    fn read(node: &mut Node, kind: Option<Kind>, reader: &mut Reader) -> Option<Self> {
        let contract = ContractSpec::read(node, kind, reader)?;
        Some(ContractSetup { contract, lags: (0.0, 0.0), least_cost: false, market: None })
    }
}

impl ContractSetup {
    /// Name and index of the supplier's account.
    fn account(&self) -> Vec<(String, usize)> {
        let name = self.contract.supplier.as_ref().map_or("supplier", Name::as_str);
        vec![(name.to_owned(), 0)]
    }
}

/// Share of full power delivered in month `t` of a service from `start` to `last`; `per_ramp` is the inverse of the
/// ramp in months.
#[inline(always)]
fn delivered(t: f64, start: f64, last: f64, per_ramp: f64) -> f64 {
    let age = t - start;
    select((age >= 0.0) & (t <= last), min(1.0, (age + 0.5) * per_ramp), 0.0)
}

/// Price relative to that of the first month, after a log increase of `yearly` on each anniversary of `start`.
#[inline(always)]
fn indexed(t: f64, start: f64, yearly: f64) -> f64 {
    exp(min(yearly * floor((max(t - start, 0.0) + 0.5) * (1.0 / 12.0)), MOST_INDEXED))
}

/// Log of the maximum multiple of a price by indexation: beyond it prices are meaningless, and products would overflow.
const MOST_INDEXED: f64 = 64.0;

#[cfg(test)]
#[path = "tests.rs"]
mod tests;

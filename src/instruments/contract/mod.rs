//! A compute contract with a supplier: power over a term, with a ramp, take-or-pay, notice, prepayment and credits.
//!
//! # What it is
//! The lab rents power from a cloud or another lab. It pays for the take-or-pay share of the power in place whether it
//! uses it or not, and for what it uses beyond. Delivery may be late, and the price may rise by an index or follow the
//! market. A contract with notice can be ended, one that is renegotiable can be cut: both in distress.
//!
//! # Monthly cash flows
//! | flow | lab | supplier |
//! | --- | --- | --- |
//! | invoice `price × max(take-or-pay × power, used)`, less credits and what was prepaid | − | + |
//! | arrears of earlier months | − | + |
//! | prepayment | − | + |
//! | fee for ending it, with its last month; fee for better terms | − | + |
//! | on the lab's end: share of the estate for arrears and damages | (estate) | + |
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
//!     renegotiable: {probability: 10%/mo, cut: 30%, fee: 200M USD}
//!     credits: 0.5B USD
//! ```
//!
//! # Conventions and limits
//! A linear ramp of `r` months costs `r/2` months of the full price. `capacity_value` is the power that the contract
//! stands for at market price, when its own price is far from it.
//!
//! *Delay.* It becomes known in the month in which service should have begun; until then the lab plans, orders and
//! states its commitment by the date that was agreed. Start and ramp move by it. A contract with a `term` ends as much
//! later; one with an `end` ends on that date all the same. A late supplier pays no damages.
//!
//! *Price.* It is that of the first month of service. `indexation` raises it on each anniversary of the delivery.
//! `follows_market` moves it by that share of the relative change of the market's contract price since the first month of
//! service (or of the simulation, when service has begun before); a commitment is valued at the price of the day.
//!
//! *Commitment.* The firm amount is the present value of the cheapest way out of the take-or-pay part: all of it to the
//! end of the term, or with `notice` what falls due while the notice runs and the fee at its end; less what is prepaid.
//! Before delivery notice costs what of the service it still catches, and the fee. Until `ordered` it is no commitment
//! and no order rule counts on it. The headline amount is what was announced less what was billed.
//!
//! *Notice* runs in whole months after the month in which it is given, in distress; nothing else makes the lab give it.
//! *Renegotiation* is asked for in each month of distress and succeeds with the stated probability, once: it cuts the
//! take-or-pay for the rest of the term, and the fee falls due in that month. Power and price stay.
//!
//! *Prepayment* ranks with capital expenditure; what was not paid of it is asked for again, and nothing is owed. From
//! the first month of service it reduces the cash of each invoice, never the accrual, by an equal part over
//! `recovered_over`; in the last month by all that is left, and what is still left then is lost. Credits reduce the cost
//! when they are used; they are no asset before.
//!
//! *When the lab fails* the supplier claims its arrears and, for the rejected rest, the lesser of the firm amount and
//! `lab.default.damages` months of take-or-pay at full delivery. It sets off what is prepaid against that and hands over
//! the rest. A restructuring cuts arrears and the take-or-pay from then on; a rescue cuts nothing.
//!
//! Not modelled: extension options, step-downs, service credits for outages, a cap or floor on the index, equity linked
//! to a contract (see strategic tranches), assignment to another customer.
//!
//! # Sources
//! Filings and press reports on contracts of 2025 and 2026, which the shipped scenarios cite; [the
//! model](../model.md). The rest is our assumption.

mod fixed;
mod full;

pub use fixed::{FixedState, NoticeContract, PlainContract};
pub use full::{Contract, ContractState};

use crate::engine::math::{exp, floor, max, min, pick};
use crate::engine::room::{Line, Unit, flow, line, total};
use crate::issues::Issues;
use crate::language::prelude::{KeyRules, Months, Name, Node, Read, Reader, Shape, When};
use crate::language::quantity::{Inputs, Kind, Quantity};
use crate::language::unused;
use crate::spec;

/// What a contract reports, whatever its terms: what these do not know stays as it is.
const LINES: &[Line] = &[
    line("power", Unit::Gigawatt),
    line("used", Unit::Gigawatt),
    flow("invoice", Unit::Usd),
    flow("idle", Unit::Usd),
    line("arrears", Unit::Usd).seldom(),
    line("prepaid", Unit::Usd).seldom(),
    line("credits", Unit::Usd),
    line("kept", Unit::Share).seldom(),
    line("firm", Unit::Usd),
    total("billed", Unit::Usd),
    total("claim", Unit::Usd),
    total("loss", Unit::Usd),
];

spec! {
    /// A compute contract.
    pub struct ContractSpec {
        /// Who supplies; contracts of one supplier count together in concentration.
        pub supplier: Option<Name>,
        /// Power at full delivery.
        pub power: Quantity [Power],
        /// Price of power in the first month of service.
        pub price: Quantity [PowerPrice],
        /// Power that it stands for at market price, when its own price is far from it.
        pub capacity_value: Option<Quantity> [Power],
        /// Month in which it is signed; by default before the first month.
        pub ordered: Option<When>,
        /// First month of service as agreed.
        pub start: When,
        /// Months by which the service begins later than agreed; the lab learns of it when the agreed month has come.
        pub delay: Quantity [Time] = "0 mo",
        /// Months over which the power is delivered, in a straight line.
        pub ramp: Months = "0 mo",
        /// Last month of service, which a delay does not move; or say `term`.
        pub end: Option<When>,
        /// Months of service, from its real beginning; or say `end`.
        pub term: Option<Months>,
        /// What the whole life costs at full use; must agree with power, price and ramp within 5%.
        pub total: Option<Quantity> [Money],
        /// What was announced; by default what the whole life costs at full use.
        pub headline: Option<Quantity> [Money],
        /// Share of the power that is paid for whether used or not.
        pub take_or_pay: Quantity [Share] = "100%",
        /// Rise of the price on each anniversary of delivery.
        pub indexation: Quantity [Growth] = "0%/yr",
        /// Share of the relative change of the market's contract price that moves the price.
        pub follows_market: Quantity [Share] = "0%",
        /// Notice with which the contract can be ended.
        pub notice: Option<Quantity> [Time],
        /// Fee for ending it.
        pub termination_fee: Quantity [Money] = "0 USD",
        /// Paid before service and set against invoices.
        pub prepayment: Option<PrepaymentSpec>,
        /// On what terms the supplier lets the lab out of a part in distress.
        pub renegotiable: Option<RenegotiableSpec>,
        /// Credits that reduce invoices before cash.
        pub credits: Quantity [Money] = "0 USD",
        /// Last month in which credits can be used.
        pub credits_until: Option<When>,
        /// Rate at which the firm commitment is discounted.
        pub discount: Quantity [Rate] = "8%/yr",
    }
    /// A payment to the supplier before service.
    pub struct PrepaymentSpec {
        /// How much.
        pub amount: Quantity [Money],
        /// When; before the first month it is paid already.
        pub date: When,
        /// Months of service over which it is set against invoices.
        pub recovered_over: Months,
    }
    /// How a supplier gives way to a lab in distress.
    pub struct RenegotiableSpec {
        /// Probability a month that it does.
        pub probability: Quantity [Hazard],
        /// Share of the take-or-pay that is given up.
        pub cut: Quantity [Share],
        /// What the lab pays for it.
        pub fee: Quantity [Money] = "0 USD",
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

    /// What stands of a payment made before the first month, once what was used of it by then is taken off.
    pub fn opening_prepaid(&self, inputs: &Inputs<'_>) -> f64 {
        let Some(p) = self.prepayment.as_ref().filter(|p| p.date.0 < 1.0) else {
            return 0.0;
        };
        let amount = p.amount.at(inputs);
        let served = (1.0 - self.start.0 - self.delay.at(inputs).round()).max(0.0);
        (amount - amount / p.recovered_over.0.round().max(1.0) * served).max(0.0)
    }

    /// Whether it has none of the terms that only [`Contract`] knows.
    pub fn is_fixed(&self) -> bool {
        let none = |q: &Quantity| q.known() == Some(0.0);
        let fixed = none(&self.delay) && none(&self.indexation) && none(&self.follows_market);
        let signed = self.ordered.as_ref().is_none_or(|w| w.0 <= 1.0);
        fixed && signed && self.prepayment.is_none() && self.renegotiable.is_none()
    }

    /// What quantities must be to one another on every path.
    pub fn key_rules(&self, rules: &mut KeyRules<'_>) {
        let Some(total) = &self.total else { return };
        rules.rule("total-differs", total.place(), |at| {
            let months = (self.last() - self.start.0 + 1.0).max(0.0);
            let cost = self.power.at(at) * self.price.at(at) * (months - self.ramp.0.round() / 2.0);
            let total = total.at(at);
            let title = || format!("power × price × term is {:.1}B USD, not {:.1}B USD", cost / 1e9, total / 1e9);
            let label = || "a linear ramp of r months costs r/2 months less; the total must agree within 5%".to_owned();
            ((cost - total).abs() > 0.05 * total.abs()).then(|| (title(), label()))
        });
    }

    /// Problems that reading could not see.
    pub fn check(&self, issues: &mut Issues) {
        let place = Some(self.power.place());
        if self.end.is_some() == self.term.is_some() {
            let title = if self.end.is_some() {
                "`end` and `term` are both given"
            } else {
                "neither `end` nor `term` is given"
            };
            let at = self.term.map(Months::place).or(place);
            issues.error("one-of", at, title, "say once how long the contract lasts");
        }
        if self.last() < self.start.0 {
            let at = self.end.map(When::place).or(self.term.map(Months::place));
            issues.error("dates-order", at, "the contract ends before it starts", "`end` must not precede `start`");
        }
        if self.last() < 1.0 && self.last() >= self.start.0 {
            let at = self.end.map(When::place).or(self.term.map(Months::place));
            issues.warn("date-outside", at, "the contract is over before the first month", "nothing is left of it");
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
        let key = |key, q| unused::quantity(ContractSpec::FIELDS, key, q);
        if self.notice.is_none() {
            let fee = [key("termination_fee", &self.termination_fee)];
            unused::report(&fee, "in a contract that cannot be ended", "write `notice: 90 d`, or remove it", issues);
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
                    "a prepayment is set against at least one invoice",
                    "write for example `24 mo`",
                );
            }
            let signed = self.ordered.map_or(f64::NEG_INFINITY, |w| w.0);
            if p.date.0 < signed || p.date.0 > self.last() {
                let label =
                    if p.date.0 < signed { "before the contract is ordered" } else { "after the contract ends" };
                issues.error("dates-order", Some(p.date.place()), "the prepayment falls outside the contract", label);
            }
        }
    }
}

/// What the room of a contract is made from.
#[derive(Clone, Debug)]
pub struct ContractPart {
    /// The contract.
    pub contract: ContractSpec,
    /// Months of distress after which notice is given, and after which better terms are asked for.
    pub lags: (f64, f64),
    /// Whether take-or-pay shares of all contracts serve before anything beyond them.
    pub least_cost: bool,
}

impl Read for ContractPart {
    const SHAPE: Shape = ContractSpec::SHAPE;
    fn read(node: &mut Node, kind: Option<Kind>, reader: &mut Reader) -> Option<Self> {
        let contract = ContractSpec::read(node, kind, reader)?;
        Some(ContractPart { contract, lags: (0.0, 0.0), least_cost: false })
    }
}

impl ContractPart {
    /// The name of the account that is paid.
    fn account(&self) -> Vec<(String, usize)> {
        let name = self.contract.supplier.as_ref().map_or("supplier", Name::as_str);
        vec![(name.to_owned(), 0)]
    }
}

/// Share of the power that is delivered in month `t` of a service from `start` to `last`, over a ramp whose inverse is
/// given.
#[inline(always)]
fn delivered(t: f64, start: f64, last: f64, per_ramp: f64) -> f64 {
    let age = t - start;
    pick((age >= 0.0) & (t <= last), min(1.0, (age + 0.5) * per_ramp), 0.0)
}

/// Price over that of the first month after a log rise of `yearly` on each anniversary of `start`.
#[inline(always)]
fn indexed(t: f64, start: f64, yearly: f64) -> f64 {
    exp(min(yearly * floor((max(t - start, 0.0) + 0.5) * (1.0 / 12.0)), MOST_INDEXED))
}

/// Log of the most that indexation ever multiplies a price by: beyond it nothing is meant, and products would be no numbers.
const MOST_INDEXED: f64 = 64.0;

#[cfg(test)]
#[path = "tests.rs"]
mod tests;

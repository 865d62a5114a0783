//! What the lab does by itself: it sells, trains, serves, orders power, pays, and in the end defaults or not.
//!
//! The pieces are parts, run in this order: demand, releases, price, segments, research, inference, allocation, costs
//! (operate); orders and market purchases, treasury (bill); payment by rank; mark; books.

pub mod allocation;
pub mod costs;
pub mod demand;
pub mod inference;
pub mod insolvency;
pub mod ladder;
pub mod market;
pub mod orders;
pub mod research;
pub mod segment;
pub mod treasury;

use std::cmp::Ordering;

use crate::instruments::contract::ContractSpec;
use crate::instruments::own_compute::OwnComputeSpec;
use crate::language::prelude::{FloatingRate, KeyRules, Keyed, Name};
use crate::language::quantity::Quantity;
use crate::{choice, spec};

spec! {
    /// The lab.
    pub struct LabSpec {
        /// Balances before the first month.
        pub opening: OpeningSpec,
        /// Revenue.
        pub demand: demand::DemandSpec,
        /// What it needs power for, and where the power comes from.
        pub compute: ComputeSpec = "{}",
        /// Staff.
        pub people: costs::PeopleSpec = "{}",
        /// Sales, data, legal, settlements.
        pub other: costs::OtherSpec = "{}",
        /// Receivables and payables.
        pub working_capital: treasury::WorkingCapitalSpec = "{}",
        /// Income tax.
        pub tax: treasury::TaxSpec = "{}",
        /// Interest on cash.
        pub interest_on_cash: FloatingRate = "0%/yr",
        /// How cash is kept and what is done when it runs short.
        pub policy: treasury::PolicySpec = "{}",
        /// What happens when it fails.
        pub default: insolvency::DefaultSpec = "{}",
    }
    /// Balances before the first month.
    pub struct OpeningSpec {
        /// Unrestricted cash and short-term investments.
        pub cash: Quantity [Money],
        /// Owed by customers; by default receivable days of opening revenue.
        pub receivables: Option<Quantity> [Money],
        /// Owed to compute suppliers.
        pub payables: Quantity [Money] = "0 USD",
        /// Losses carried forward for tax.
        pub losses_carried_forward: Quantity [Money] = "0 USD",
        /// Fully diluted ownership, by holder; sums to 100%.
        pub shares: Keyed<Quantity> [Share],
        /// Classes of shares with a preference; the rest is common.
        pub preferences: Keyed<insolvency::PreferenceSpec> = "[]",
        /// Who controls the votes.
        pub control: Option<ControlSpec>,
        /// Of that, the unallocated pool from which stock compensation is granted first.
        pub pool: Quantity [Share] = "0%",
    }
    /// Votes at the lab: those of some opening holders against all others.
    pub struct ControlSpec {
        /// The opening holders who hold together.
        pub holders: Vec<Name>,
        /// Votes of each of their shares, where every other share has one.
        pub votes: f64 [Multiple] = "1x",
        /// Share of the votes below which control is lost.
        pub threshold: f64 [Share] = "50%",
    }
    /// Needs of power and their sources.
    pub struct ComputeSpec {
        /// Serving customers.
        pub inference: inference::InferenceSpec = "{}",
        /// Research and training in money.
        pub research: Option<research::ResearchSpec>,
        /// Training in power and months, in place of money.
        pub training: Option<research::TrainingSpec>,
        /// Contracts with suppliers, in the order in which they serve.
        pub contracts: Keyed<ContractSpec> = "[]",
        /// Hardware that the lab buys itself; it serves before the contracts.
        pub owned: Keyed<OwnComputeSpec> = "[]",
        /// Capacity ordered as demand is forecast to need it.
        pub orders: Option<orders::OrderSpec>,
        /// Most power that can be bought for the month; unlimited when absent.
        pub spot_limit: Option<Quantity> [Power],
        /// Whether power is modelled at all, or needs are paid in money.
        pub capacity: Capacity = "contracted",
        /// Who is served first.
        pub allocation: Order = "inference_first",
        /// Which contract serves first.
        pub attribution: Attribution = "listed",
        /// Share of the power in place that works.
        pub availability: Quantity [Share 0.01 .. 1.0] = "100%",
        /// Share of the power that works which can be used, at most.
        pub u_max: Quantity [Share 0.01 .. 1.0] = "100%",
        /// Share of its price for which idle power can be resold, always or on terms.
        pub resale: market::ResaleSpec = "0%",
    }
}

choice! {
    /// How capacity is modelled.
    pub enum Capacity {
        /// Power comes from contracts, own hardware, vehicles and the market.
        Contracted = "contracted",
        /// Needs are paid in money; there are no contracts.
        None = "none",
    }
    /// Who is served first when power is short. Customers under contract come before other customers.
    pub enum Order {
        /// Customers, then final training runs, then research.
        InferenceFirst = "inference_first",
        /// Customers under contract, then final training runs, other customers, research.
        TrainingFirst = "training_first",
        /// Training and research, then customers.
        AllTrainingFirst = "all_training_first",
    }
    /// Which contract serves first.
    pub enum Attribution {
        /// In the order of the list.
        Listed = "listed",
        /// Every take-or-pay share first, then by price.
        LeastCost = "least_cost",
    }
}

impl OpeningSpec {
    /// What quantities must be to one another on every path.
    fn key_rules(&self, rules: &mut KeyRules<'_>) {
        if let Some((_, employees)) = self.shares.0.iter().find(|(name, _)| name.as_str() == "employees") {
            rules.rule("range", self.pool.place(), |at| {
                let (share, pool) = (employees.at(at), self.pool.at(at));
                let label = || format!("it is a part of their {:.4}%", share * 100.0);
                (pool > share + 1e-9)
                    .then(|| ("the pool is larger than the share of the employees".to_owned(), label()))
            });
        }
        if let Some((_, last)) = self.preferences.0.last() {
            rules.rule("shares-sum", last.share.place(), |at| {
                let held: f64 = self.preferences.0.iter().map(|(_, p)| p.share.at(at)).sum();
                let title = || format!("classes with a preference hold {:.4}% of the company", held * 100.0);
                (held > 1.0 + 1e-9).then(|| (title(), "together at most 100%".to_owned()))
            });
        }
        for (_, class) in &self.preferences.0 {
            if let Some(cap) = class.cap.as_ref().filter(|_| class.participates) {
                rules.rule("range", cap.place(), |at| {
                    let title = || "the cap lies below the preference itself".to_owned();
                    let label = || "at least `1x`: it counts all that the class gets".to_owned();
                    (cap.at(at) < 1.0).then(|| (title(), label()))
                });
            }
        }
    }

    /// Where ownership was written: all holders, as far as they stand in one line.
    fn held(&self) -> crate::issues::Place {
        let holders = &self.shares.0;
        match (holders.first(), holders.last()) {
            (Some((first, _)), Some((_, last))) => {
                crate::issues::Place { end: last.place().end.max(first.place().end), ..first.place() }
            }
            _ => self.cash.place(),
        }
    }
    /// Problems of holders, preferences and control.
    fn check(&self, issues: &mut crate::issues::Issues) {
        for (name, _) in self.shares.0.iter().filter(|(name, _)| name.as_str() == "new_investors") {
            let label = "the tables call those so who come later";
            issues.error("name", name.place(), "no holder can be called `new_investors`", label);
        }
        for (_, class) in &self.preferences.0 {
            if let Some(cap) = class.cap.as_ref().filter(|_| !class.participates) {
                issues
                    .error("unused", cap.place(), "this class has a `cap` and does not participate", "it caps nothing")
                    .help("write `participates: true`, or remove `cap`");
            }
        }
        for name in self.control.iter().flat_map(|control| &control.holders) {
            let holders: Vec<&str> = self.shares.0.iter().map(|(n, _)| n.as_str()).collect();
            if !holders.contains(&name.as_str()) {
                let label = crate::issues::nearest(name, holders.iter().copied())
                    .map_or("not a holder in `shares`".to_owned(), |n| format!("did you mean `{n}`?"));
                issues
                    .error("unknown-name", name.place(), format!("unknown holder `{name}`"), label)
                    .help(format!("holders: {}", holders.join(", ")));
            } else if name.as_str() == "employees" {
                issues.error(
                    "unsupported",
                    name.place(),
                    "`employees` cannot be among those who control the votes",
                    "what they are granted later has one vote a share",
                );
            }
        }
    }
}

impl LabSpec {
    /// What quantities must be to one another on every path.
    pub fn key_rules(&self, rules: &mut KeyRules<'_>) {
        self.opening.key_rules(rules);
        self.demand.key_rules(rules);
        self.default.key_rules(rules);
        if let Some(bounds) = self.compute.research.as_ref().and_then(|r| r.share_of_revenue.as_ref()) {
            for (key, most) in [("at_most", Some(&bounds.at_most)), ("at_most_later", bounds.at_most_later.as_ref())] {
                let Some(most) = most else { continue };
                rules.rule("range", most.place(), |at| {
                    let label = || "no spend lies between the two".to_owned();
                    (bounds.at_least.at(at) > most.at(at)).then(|| (format!("`at_least` exceeds `{key}`"), label()))
                });
            }
        }
        let (opening, days) = (&self.opening.payables, &self.working_capital.payable);
        rules.rule("payables", opening.place(), |at| {
            let title = || "opening payables would never be paid".to_owned();
            let label = || "give `working_capital: {payable: 35 d}` too".to_owned();
            (days.at(at) == 0.0 && opening.at(at) != 0.0).then(|| (title(), label()))
        });
        for (_, contract) in &self.compute.contracts.0 {
            contract.key_rules(rules);
        }
    }

    /// Problems that reading could not see.
    pub fn check(&self, issues: &mut crate::issues::Issues) {
        let shares: Option<f64> = self.opening.shares.0.iter().map(|(_, s)| s.known()).sum();
        let place = self.opening.held();
        match shares {
            None => {
                issues.error("uncertain", place, "opening ownership must be known", "give one number a holder");
            }
            Some(sum) if (sum - 1.0).abs() > 1e-9 => {
                // Exact to the last digit that is shown.
                let title = format!("opening ownership adds up to {}%", (sum * 1e6).round() / 1e4);
                issues.error("shares-sum", place, title, "`shares` must add up to 100%");
            }
            Some(_) => {}
        }
        self.demand.check(issues);
        self.opening.check(issues);
        let inference = &self.compute.inference;
        if inference.gross_margin.is_some() == inference.power.is_some() {
            issues.error(
                "one-of",
                inference.partner_share.place(),
                "`lab.compute.inference` needs either `gross_margin` or `power`",
                "say once what serving customers takes",
            );
        }
        let c = &self.compute;
        if let Some(slows) = c.research.as_ref().and_then(|r| r.slows_releases.as_ref())
            && self.demand.releases.is_none()
        {
            issues.error(
                "missing",
                Some(slows.place()),
                "there are no releases to slow",
                "`lab.demand.releases` is missing",
            );
        }
        if let Some(training) = c.training.as_ref().filter(|t| t.months.contains(&0)) {
            let label = "the first month is 1";
            issues.error("date-outside", training.power.place(), "`months` of training has a month 0", label);
        }
        if c.research.is_some() && c.training.is_some() {
            issues.error(
                "one-of",
                inference.partner_share.place(),
                "`research` and `training` are both given",
                "say once what training takes",
            );
        }
        if let Some(orders) = &c.orders {
            orders.check(issues);
        }
        for (_, owned) in &c.owned.0 {
            owned.check(issues);
        }
        for (_, contract) in &self.compute.contracts.0 {
            contract.check(issues);
        }
        c.check(issues);
        let bare = self.compute.capacity == Capacity::None;
        let any =
            !self.compute.contracts.0.is_empty() || !self.compute.owned.0.is_empty() || self.compute.orders.is_some();
        if bare && any {
            issues.error(
                "capacity-none",
                inference.partner_share.place(),
                "`capacity: none` goes with no contract, order or own hardware",
                "remove them, or say `capacity: contracted`",
            );
        }
    }
}

impl ComputeSpec {
    /// Whether take-or-pay serves before anything beyond it.
    pub fn least_cost(&self) -> bool {
        self.attribution == Attribution::LeastCost
    }

    /// Price of what a contract delivers beyond its take-or-pay, for the order of `least_cost`; none when it can change.
    fn fixed_price(contract: &ContractSpec) -> Option<f64> {
        let fixed = [&contract.indexation, &contract.follows_market].iter().all(|q| q.known() == Some(0.0));
        let (power, price) = (contract.power.known()?, contract.price.known()?);
        let value = contract.capacity_value.as_ref().map_or(Some(power), Quantity::known)?;
        fixed.then(|| if value > 0.0 { price * power / value } else { f64::MAX })
    }

    /// The contracts in the order in which they serve.
    pub fn serving(&self) -> Vec<(&str, &ContractSpec)> {
        let mut out: Vec<_> = self.contracts.0.iter().map(|(name, c)| (name.as_str(), c)).collect();
        if self.least_cost() {
            out.sort_by(|a, b| Self::fixed_price(a.1).partial_cmp(&Self::fixed_price(b.1)).unwrap_or(Ordering::Equal));
        }
        out
    }

    fn check(&self, issues: &mut crate::issues::Issues) {
        if self.least_cost() {
            for (_, contract) in self.contracts.0.iter().filter(|(_, c)| Self::fixed_price(c).is_none()) {
                issues
                    .error(
                        "unsupported",
                        Some(contract.price.place()),
                        "`attribution: least_cost` needs prices that are known and fixed",
                        "this contract's price is uncertain, indexed or follows the market",
                    )
                    .help("the order of contracts is the same in every month and on every path; or say `attribution: listed`");
            }
            let orders = self.orders.as_ref().filter(|o| o.policy != orders::OrderPolicy::None);
            if let Some(orders) = orders.filter(|o| o.take_or_pay.known() != Some(1.0)) {
                issues
                    .error(
                        "unsupported",
                        Some(orders.take_or_pay.place()),
                        "`attribution: least_cost` needs orders that are take-or-pay as a whole",
                        "orders of several prices have no place among the contracts",
                    )
                    .help("write `take_or_pay: 100%`, or `attribution: listed`");
            }
        }
        let all = |q: &Quantity| q.known() == Some(1.0);
        if self.capacity == Capacity::None && !(all(&self.availability) && all(&self.u_max)) {
            issues.error(
                "capacity-none",
                Some(self.availability.place()),
                "`capacity: none` knows no availability and no limit of utilisation",
                "needs are paid in money",
            );
        }
    }
}

//! The lab itself: it sells, trains, serves, orders power, pays, and may default.
//!
//! Its components run in this order: demand, releases, price, segments, research, inference, allocation, costs
//! (operate); orders and market purchases, treasury (bill); payment by rank; mark; books.

pub mod allocation;
pub mod capability;
pub mod costs;
pub mod credit_supply;
pub mod demand;
pub mod equity_price;
pub mod equity_supply;
pub mod inference;
pub mod insolvency;
pub mod ladder;
pub mod market;
pub mod orders;
pub mod research;
pub mod scarcity;
pub mod segment;
mod supply;
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
        /// Compute needs and sources of power.
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
        /// Liquidity policy, and measures when cash runs short.
        pub policy: treasury::PolicySpec = "{}",
        /// What happens when the lab fails.
        pub default: insolvency::DefaultSpec = "{}",
    }
    /// Balances before the first month.
    pub struct OpeningSpec {
        /// Unrestricted cash and short-term investments.
        pub cash: Quantity [Money],
        /// Owed by customers; by default opening revenue for the number of receivable days.
        pub receivables: Option<Quantity> [Money],
        /// Owed to compute suppliers.
        pub payables: Quantity [Money] = "0 USD",
        /// Tax loss carry-forwards.
        pub losses_carried_forward: Quantity [Money] = "0 USD",
        /// Fully diluted ownership by holder; sums to 100%.
        pub shares: Keyed<Quantity> [Share],
        /// Classes of preferred shares; the rest is common.
        pub preferences: Keyed<insolvency::PreferenceSpec> = "[]",
        /// Voting control.
        pub control: Option<ControlSpec>,
        /// Unallocated option pool, included in those shares, from which stock compensation is granted first.
        pub pool: Quantity [Share] = "0%",
    }
    /// Voting control: a group of opening holders against all others.
    pub struct ControlSpec {
        /// Opening holders in the group.
        pub holders: Vec<Name>,
        /// Votes per share of the group; all other shares have one.
        pub votes: f64 [Multiple] = "1x",
        /// Voting share below which control is lost.
        pub threshold: f64 [Share] = "50%",
    }
    /// Compute needs and sources of power.
    pub struct ComputeSpec {
        /// Serving customers.
        pub inference: inference::InferenceSpec = "{}",
        /// Research and training, as spending.
        pub research: Option<research::ResearchSpec>,
        /// Training, as power in given months; alternative to spending.
        pub training: Option<research::TrainingSpec>,
        /// Contracts with suppliers, in order of use.
        pub contracts: Keyed<ContractSpec> = "[]",
        /// Hardware bought by the lab; used before the contracts.
        pub owned: Keyed<OwnComputeSpec> = "[]",
        /// Capacity ordered against forecast need.
        pub orders: Option<orders::OrderSpec>,
        /// Maximum power that can be bought for the month; unlimited if absent.
        pub spot_limit: Option<Quantity> [Power],
        /// Whether power is modelled, or needs are simply paid for.
        pub capacity: Capacity = "contracted",
        /// Priority of service when power is short.
        pub allocation: Order = "inference_first",
        /// Order in which contracts are used.
        pub attribution: Attribution = "listed",
        /// Share of power in place that is operational.
        pub availability: Quantity [Share 0.01 .. 1.0] = "100%",
        /// Maximum utilisation of operational power.
        pub u_max: Quantity [Share 0.01 .. 1.0] = "100%",
        /// Resale price of idle power as a share of its own price, always or on terms.
        pub resale: market::ResaleSpec = "0%",
    }
}

choice! {
    /// How capacity is modelled.
    pub enum Capacity {
        /// Power comes from contracts, own hardware, vehicles and the spot market.
        Contracted = "contracted",
        /// Needs are paid for; there are no contracts.
        None = "none",
    }
    /// Priority of service when power is short. Customers under contract come before other customers.
    pub enum Order {
        /// Customers, then final training runs, then research.
        InferenceFirst = "inference_first",
        /// Customers under contract, then final training runs, other customers, research.
        TrainingFirst = "training_first",
        /// Training and research, then customers.
        AllTrainingFirst = "all_training_first",
    }
    /// Order in which contracts are used.
    pub enum Attribution {
        /// In list order.
        Listed = "listed",
        /// Every take-or-pay share first, then by price.
        LeastCost = "least_cost",
    }
}

impl OpeningSpec {
    /// Adds the rules between quantities that must hold on every path.
    fn key_rules(&self, rules: &mut KeyRules<'_>) {
        if let Some((_, employees)) = self.shares.0.iter().find(|(name, _)| name.as_str() == "employees") {
            rules.rule("range", self.pool.place(), |at| {
                let (share, pool) = (employees.at(at), self.pool.at(at));
                let label = || format!("it is part of their {:.4}%", share * 100.0);
                (pool > share + 1e-9).then(|| ("the pool exceeds the share of the employees".to_owned(), label()))
            });
        }
        if let Some((_, last)) = self.preferences.0.last() {
            rules.rule("shares-sum", last.share.place(), |at| {
                let held: f64 = self.preferences.0.iter().map(|(_, p)| p.share.at(at)).sum();
                let title = || format!("preferred classes hold {:.4}% of the company", held * 100.0);
                (held > 1.0 + 1e-9).then(|| (title(), "they must hold at most 100% together".to_owned()))
            });
        }
        for (_, class) in &self.preferences.0 {
            if let Some(cap) = class.cap.as_ref().filter(|_| class.participates) {
                rules.rule("range", cap.place(), |at| {
                    let title = || "the cap is below the preference".to_owned();
                    let label = || "at least `1x`: it limits total proceeds of the class".to_owned();
                    (cap.at(at) < 1.0).then(|| (title(), label()))
                });
            }
        }
    }

    /// Place of the stated ownership: all holders, as far as they are on one line.
    fn held(&self) -> crate::issues::Place {
        let holders = &self.shares.0;
        match (holders.first(), holders.last()) {
            (Some((first, _)), Some((_, last))) => {
                crate::issues::Place { end: last.place().end.max(first.place().end), ..first.place() }
            }
            _ => self.cash.place(),
        }
    }
    /// Reports errors in holders, preferences and control.
    fn check(&self, issues: &mut crate::issues::Issues) {
        for (name, _) in self.shares.0.iter().filter(|(name, _)| name.as_str() == "new_investors") {
            let label = "the tables use this name for later investors";
            issues.error("name", name.place(), "a holder cannot be named `new_investors`", label);
        }
        for (_, class) in &self.preferences.0 {
            if let Some(cap) = class.cap.as_ref().filter(|_| !class.participates) {
                issues
                    .error("unused", cap.place(), "`cap` on a class that does not participate", "it has no effect")
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
                    "`employees` cannot be among the holders in `control`",
                    "shares granted to them later have one vote each",
                );
            }
        }
    }
}

impl LabSpec {
    /// Adds the rules between quantities that must hold on every path.
    pub fn key_rules(&self, rules: &mut KeyRules<'_>) {
        self.opening.key_rules(rules);
        self.demand.key_rules(rules);
        capability::key_rules(self, rules);
        self.default.key_rules(rules);
        if let Some(bounds) = self.compute.research.as_ref().and_then(|r| r.share_of_revenue.as_ref()) {
            for (key, most) in [("at_most", Some(&bounds.at_most)), ("at_most_later", bounds.at_most_later.as_ref())] {
                let Some(most) = most else { continue };
                rules.rule("range", most.place(), |at| {
                    let label = || "no spending satisfies both".to_owned();
                    (bounds.at_least.at(at) > most.at(at)).then(|| (format!("`at_least` exceeds `{key}`"), label()))
                });
            }
        }
        let (opening, days) = (&self.opening.payables, &self.working_capital.payable);
        rules.rule("payables", opening.place(), |at| {
            let title = || "opening payables would never be paid".to_owned();
            let label = || "add `working_capital: {payable: 35 d}`".to_owned();
            (days.at(at) == 0.0 && opening.at(at) != 0.0).then(|| (title(), label()))
        });
        for (_, contract) in &self.compute.contracts.0 {
            contract.key_rules(rules);
        }
    }

    /// Reports errors that `Reader` does not detect.
    pub fn check(&self, issues: &mut crate::issues::Issues) {
        let shares: Option<f64> = self.opening.shares.0.iter().map(|(_, s)| s.known()).sum();
        let place = self.opening.held();
        match shares {
            None => {
                issues.error("uncertain", place, "opening ownership must be known", "write one number per holder");
            }
            Some(sum) if (sum - 1.0).abs() > 1e-9 => {
                // Rounded to the digits shown.
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
                "`lab.compute.inference` requires either `gross_margin` or `power`",
                "specify the cost of serving customers once",
            );
        }
        let c = &self.compute;
        if let Some(slows) = c.research.as_ref().and_then(|r| r.slows_releases.as_ref())
            && self.demand.releases.is_none()
        {
            issues.error(
                "missing",
                Some(slows.place()),
                "there are no releases to slow down",
                "`lab.demand.releases` is missing",
            );
        }
        if self.demand.releases.as_ref().is_some_and(|releases| releases.waits) {
            let ranked = allocation::Ranked::needed(c, self.demand.has_contracted());
            let runs = c.research.as_ref().is_some_and(|r| r.final_run_share.known() != Some(0.0));
            if !(ranked && runs) {
                let releases = self.demand.releases.as_ref().map(|releases| releases.every.place());
                issues
                    .error(
                        "waits-needs-final-runs",
                        releases,
                        "`waits` requires final runs with a rank of their own",
                        "nothing shows whether a final run was served",
                    )
                    .help("write `research: {final_run_share: 20%, …}`, and `allocation: training_first` or segments with `contracted: true`");
            }
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
                "specify the cost of training once",
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
                "`capacity: none` excludes contracts, orders and own hardware",
                "remove them, or write `capacity: contracted`",
            );
        }
    }
}

impl ComputeSpec {
    /// Whether all take-or-pay shares are used before anything beyond them.
    pub fn least_cost(&self) -> bool {
        self.attribution == Attribution::LeastCost
    }

    /// Price of power beyond a contract's take-or-pay, for the order under `least_cost`; `None` if it is uncertain or
    /// can change.
    fn fixed_price(contract: &ContractSpec) -> Option<f64> {
        let fixed = [&contract.indexation, &contract.follows_market].iter().all(|q| q.known() == Some(0.0));
        let (power, price) = (contract.power.known()?, contract.price.as_ref()?.known()?);
        let value = contract.capacity_value.as_ref().map_or(Some(power), Quantity::known)?;
        fixed.then(|| if value > 0.0 { price * power / value } else { f64::MAX })
    }

    /// The contracts in their order of use.
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
                        Some(contract.price.as_ref().unwrap_or(&contract.power).place()),
                        "`attribution: least_cost` requires known and fixed prices",
                        "this contract's price is uncertain, indexed or follows the market",
                    )
                    .help("the order of contracts must be the same in every month and on every path; or write `attribution: listed`");
            }
            let orders = self.orders.as_ref().filter(|o| o.policy != orders::OrderPolicy::None);
            if let Some(orders) = orders.filter(|o| o.take_or_pay.known() != Some(1.0)) {
                issues
                    .error(
                        "unsupported",
                        Some(orders.take_or_pay.place()),
                        "`attribution: least_cost` requires orders that are fully take-or-pay",
                        "orders at several prices cannot be ranked among the contracts",
                    )
                    .help("write `take_or_pay: 100%`, or `attribution: listed`");
            }
        }
        let all = |q: &Quantity| q.known() == Some(1.0);
        if self.capacity == Capacity::None && !(all(&self.availability) && all(&self.u_max)) {
            issues.error(
                "capacity-none",
                Some(self.availability.place()),
                "`capacity: none` excludes availability and a utilisation limit",
                "needs are simply paid for",
            );
        }
    }
}

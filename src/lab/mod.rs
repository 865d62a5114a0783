//! What the lab does by itself: it sells, trains, serves, orders power, pays, and in the end defaults or not.
//!
//! The pieces are parts, run in this order: demand, releases, price, segments, research, inference, allocation, costs
//! (operate); orders and market purchases, treasury (bill); payment by rank; mark; books.

pub mod allocation;
pub mod costs;
pub mod demand;
pub mod inference;
pub mod orders;
pub mod research;
pub mod treasury;

use crate::instruments::contract::ContractSpec;
use crate::instruments::own_compute::OwnComputeSpec;
use crate::language::quantity::{Kind, Quantity};
use crate::language::reader::{FloatingRate, Keyed, Name, Read, Reader};
use crate::language::tree::{Node, Value};
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
        /// Fully diluted ownership, by holder; sums to 100 %.
        pub shares: Shares,
        /// Of that, the unallocated pool from which stock compensation is granted first.
        pub pool: Quantity [Share] = "0%",
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
        /// Share of capacity in place that can be used.
        pub utilisation: Quantity [Share] = "100%",
        /// Share of its price for which idle power can be resold.
        pub resale: Quantity [Share] = "0%",
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
    /// Who is served first when power is short.
    pub enum Order {
        /// Customers.
        InferenceFirst = "inference_first",
        /// Training and research.
        TrainingFirst = "training_first",
    }
    /// Which contract serves first.
    pub enum Attribution {
        /// In the order of the list.
        Listed = "listed",
    }
}

/// Ownership by holder: an open map of names to shares.
#[derive(Clone, Debug)]
pub struct Shares(pub Vec<(Name, Quantity)>);

impl Read for Shares {
    fn read(node: &mut Node, _: Option<Kind>, reader: &mut Reader) -> Option<Self> {
        let place = node.place;
        let Value::Map(entries) = &mut node.value else {
            reader.issues.error(
                "not-a-map",
                Some(place),
                "`shares` takes a map of holders".to_string(),
                "expected `{founders: 20%, investors: 80%}`".to_string(),
            );
            return None;
        };
        let (mut out, mut sum, mut certain) = (Vec::new(), 0.0, true);
        for (key, value) in entries {
            let share = reader.within(&key.text, |r| Quantity::read(value, Some(Kind::Share), r));
            let name = Name::new(&key.text);
            if name.is_none() {
                reader.issues.error(
                    "bad-name",
                    Some(key.place),
                    format!("`{}` is not a name", key.text),
                    "lower-case letters, digits, `_` and `-`, beginning with a letter".to_string(),
                );
            }
            if let (Some(name), Some(share)) = (name, share) {
                match share.known() {
                    Some(x) => sum += x,
                    None => certain = false,
                }
                out.push((name, share));
            }
        }
        if !certain {
            reader.issues.error(
                "uncertain-shares",
                Some(place),
                "opening ownership cannot be uncertain".to_string(),
                "give one number a holder".to_string(),
            );
        } else if (sum - 1.0).abs() > 1e-9 {
            reader.issues.error(
                "shares-sum",
                Some(place),
                format!("shares sum to {:.4} %, not 100 %", sum * 100.0),
                "ownership must be complete".to_string(),
            );
        }
        Some(Shares(out))
    }
}

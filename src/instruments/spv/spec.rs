//! What a scenario says of a vehicle that leases hardware to the lab.

use crate::instruments::recovery::TRANCHES;
use crate::issues::Issues;
use crate::language::prelude::{Keyed, Months, Name, Quantity, When};
use crate::{choice, spec};

spec! {
    /// A vehicle that owns hardware and leases it to the lab.
    pub struct SpvSpec {
        /// Its name.
        pub name: Name,
        /// Cost of all deliveries.
        pub capex: Quantity [Money],
        /// Power of all deliveries.
        pub power: Quantity [Power],
        /// When the hardware comes.
        pub deliveries: DeliveriesSpec,
        /// The lease.
        pub lease: LeaseSpec,
        /// Debt, most senior first.
        pub tranches: Keyed<TrancheSpec>,
        /// Return that the rent gives to the equity.
        pub equity_return: Quantity [Rate] = "12%/yr",
        /// Site, power and operation, which the lab pays itself.
        pub site: Quantity [PowerPrice] = "0 USD/GW-yr",
        /// Change of the hardware's value in its first year.
        pub value_first_year: Quantity [Share any] = "-35%",
        /// Change of its value in each later year.
        pub value_later: Quantity [Share any] = "-25%",
        /// Rate at which firm rent is discounted.
        pub discount: Quantity [Rate] = "8%/yr",
    }
    /// When the hardware comes.
    pub struct DeliveriesSpec {
        /// Month of the first delivery.
        pub start: When,
        /// Months over which deliveries are spread evenly.
        pub over: Months = "1 mo",
    }
    /// The lease of each delivery.
    pub struct LeaseSpec {
        /// Who rents.
        pub tenant: Tenant = "lab",
        /// Months of rent for each delivery.
        pub term: Months,
        /// Rent at full delivery; by default what repays the tranches and gives the equity its return.
        pub rent: Option<Quantity> [MoneyRate],
        /// What becomes of the hardware when its lease has run its term.
        pub at_end: AtEnd = "nothing",
    }
    /// A tranche of debt.
    pub struct TrancheSpec {
        /// Its amount at full delivery.
        pub amount: Quantity [Money],
        /// Its interest, fixed.
        pub rate: Quantity [Rate],
        /// What it gets when rent and hardware do not suffice.
        pub guarantee: Option<GuaranteeSpec>,
    }
    /// A guarantee of a tranche by a third party.
    pub struct GuaranteeSpec {
        /// Who guarantees.
        pub by: Name,
        /// Share of the shortfall that is covered.
        pub covers: Quantity [Share] = "100%",
        /// Most that is paid.
        pub cap: Option<Quantity> [Money],
    }
}

choice! {
    /// Who rents.
    pub enum Tenant {
        /// The lab.
        Lab = "lab",
    }
    /// What becomes of hardware whose lease has run its term.
    pub enum AtEnd {
        /// It is worth nothing to the vehicle.
        Nothing = "nothing",
        /// It is sold; the rent counts on what age leaves of it.
        Sell = "sell",
    }
}

impl SpvSpec {
    /// Problems that reading could not see.
    pub fn check(&self, issues: &mut Issues) {
        let n = self.tranches.0.len();
        let place = Some(self.capex.place());
        if n == 0 || n > TRANCHES {
            issues.error(
                "too-many",
                place,
                format!("`tranches` has {n} entries"),
                format!("the engine holds 1 to {TRANCHES}"),
            );
        }
        if self.deliveries.start.0 < 1.0 {
            issues.error(
                "date-outside",
                self.deliveries.start.place(),
                "deliveries begin before the first month",
                "only deliveries during the simulation are modelled",
            );
        }
        let debt: Option<f64> = self.tranches.0.iter().map(|(_, t)| t.amount.known()).sum();
        if let (Some(debt), Some(capex)) = (debt, self.capex.known())
            && debt > capex * (1.0 + 1e-9)
        {
            issues.error(
                "tranches-sum",
                self.tranches.0.last().map(|(_, t)| t.amount.place()),
                format!("tranches sum to {:.3}B USD, more than the capex of {:.3}B USD", debt / 1e9, capex / 1e9),
                "the rest is equity, which cannot be negative",
            );
        }
        for (what, months, like) in
            [("lease.term", self.lease.term, "5 yr"), ("deliveries.over", self.deliveries.over, "12 mo")]
        {
            if months.0.round() < 1.0 {
                let title = format!("`{what}` is less than a month");
                issues.error("range", months.place(), title, format!("write for example `{like}`"));
            }
        }
        for (_, tranche) in &self.tranches.0 {
            if tranche.guarantee.as_ref().is_some_and(|g| g.by.as_str() == "lab") {
                issues
                    .error(
                        "unsupported",
                        Some(tranche.amount.place()),
                        "a guarantee by the lab pays nothing here: it is called when the lab has defaulted",
                        "name a third party, or leave the guarantee out",
                    )
                    .help("a `campus` may be guaranteed by the lab, which then pays when it does not renew the lease");
            }
        }
    }
}

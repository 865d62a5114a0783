//! What a scenario says of a vehicle that leases hardware to the lab.

use crate::instruments::accounts;
use crate::instruments::recovery::TRANCHES;
use crate::issues::Issues;
use crate::language::prelude::{KeyRules, Keyed, Months, Name, Quantity, When};
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
        pub value_first_year: Quantity [Share -1.0..1.0] = "-35%",
        /// Change of its value in each later year.
        pub value_later: Quantity [Share -1.0..1.0] = "-25%",
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
        /// What the hardware is guaranteed to bring when it is sold at the end of its lease.
        pub guarantee: Option<ResidualSpec>,
    }
    /// A guarantee of what hardware brings when its lease has run its term.
    pub struct ResidualSpec {
        /// Who guarantees: `lab`, or the name of a third party.
        pub by: Name,
        /// Guaranteed value of all hardware; what its sale brings less is paid.
        pub value: Quantity [Money],
    }
    /// A tranche of debt.
    pub struct TrancheSpec {
        /// Its amount at full delivery.
        pub amount: Quantity [Money],
        /// Its interest, fixed.
        pub rate: Quantity [Rate],
        /// Of its amount, left for the end of the lease and paid out of the sale of the hardware.
        pub balloon: Quantity [Money] = "0 USD",
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
    /// What quantities must be to one another on every path.
    pub fn key_rules(&self, rules: &mut KeyRules<'_>) {
        rules.rule("tranches-sum", self.tranches.0.last().map(|(_, t)| t.amount.place()), |at| {
            let debt: f64 = self.tranches.0.iter().map(|(_, t)| t.amount.at(at)).sum();
            let capex = self.capex.at(at);
            let said =
                || format!("tranches sum to {:.3}B USD, more than the capex of {:.3}B USD", debt / 1e9, capex / 1e9);
            let label = || "the rest is equity, which cannot be negative".to_owned();
            (debt > capex * (1.0 + 1e-9)).then(|| (said(), label()))
        });
    }

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
        accounts::check(self.tranches.0.iter().map(|(name, _)| name), &["equity"], issues);
        if self.deliveries.start.0 < 1.0 {
            issues.error(
                "date-outside",
                self.deliveries.start.place(),
                "deliveries begin before the first month",
                "only deliveries during the simulation are modelled",
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
        let sells = self.lease.at_end == AtEnd::Sell;
        if let Some(residual) = self.lease.guarantee.as_ref().filter(|_| !sells) {
            issues
                .error(
                    "unsupported",
                    residual.by.place(),
                    "nothing is sold when the lease ends, so that there is no value to guarantee",
                    "a `guarantee` of the lease needs `at_end: sell`",
                )
                .help("write `lease: {term: 48 mo, at_end: sell, guarantee: {by: lab, value: 10B USD}}`");
        }
        for (_, tranche) in &self.tranches.0 {
            let balloon = &tranche.balloon;
            if !sells && balloon.known() != Some(0.0) {
                issues.error(
                    "unsupported",
                    balloon.place(),
                    "a balloon is paid out of the sale of the hardware, and nothing is sold",
                    "it needs `lease: {at_end: sell}`",
                );
            }
            if let (Some(balloon), Some(amount)) = (balloon.known(), tranche.amount.known())
                && balloon > amount * (1.0 + 1e-9)
            {
                issues.error(
                    "range",
                    tranche.balloon.place(),
                    "the balloon exceeds the amount of its tranche",
                    "it is the part of the amount that the rent does not repay",
                );
            }
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

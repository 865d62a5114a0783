//! Scenario keys of a vehicle that leases hardware to the lab.

use crate::instruments::accounts;
use crate::instruments::hardware::ValueSpec;
use crate::instruments::recovery::TRANCHES;
use crate::issues::Issues;
use crate::language::prelude::{KeyRules, Keyed, Months, Name, Quantity, When};
use crate::{choice, spec};

spec! {
    /// A vehicle that owns hardware and leases it to the lab.
    pub struct SpvSpec {
        /// Its name.
        pub name: Name,
        /// Total cost of all deliveries.
        pub capex: Quantity [Money],
        /// Total power of all deliveries.
        pub power: Quantity [Power],
        /// Delivery schedule.
        pub deliveries: DeliveriesSpec,
        /// The lease.
        pub lease: LeaseSpec,
        /// Debt tranches, most senior first.
        pub tranches: Keyed<TrancheSpec>,
        /// Equity return implied by the rent: an effective annual rate, `(1 + i)^(1/12) − 1` a month.
        pub equity_return: Quantity [Rate] = "12%/yr",
        /// Operating cost (site, power, operation), paid directly by the lab.
        pub opex: Quantity [PowerPrice] = "0 USD/GW-yr",
        /// Decline of the hardware's market value.
        pub value: ValueSpec = "{}",
        /// Discount rate for firm rent.
        pub discount_rate: Quantity [Rate] = "8%/yr",
    }
    /// Delivery schedule.
    pub struct DeliveriesSpec {
        /// Month of the first delivery.
        pub start: When,
        /// Months over which deliveries are spread evenly.
        pub over: Months = "1 mo",
    }
    /// The lease of each delivery.
    pub struct LeaseSpec {
        /// The tenant.
        pub tenant: Tenant = "lab",
        /// Lease term of each delivery in months.
        pub term: Months,
        /// Rent at full delivery; by default the rent that repays the tranches and earns the equity its return.
        pub rent: Option<Quantity> [MoneyRate],
        /// What happens to the hardware at lease end.
        pub at_end: AtEnd = "nothing",
        /// Residual value guarantee on the sale of the hardware at lease end.
        pub guarantee: Option<ResidualSpec>,
    }
    /// Residual value guarantee at lease end.
    pub struct ResidualSpec {
        /// Guarantor: `lab`, or the name of a third party.
        pub by: Name,
        /// Guaranteed value of all hardware; the guarantor pays any shortfall of the sale.
        pub value: Quantity [Money],
    }
    /// A debt tranche.
    pub struct TrancheSpec {
        /// Its amount at full delivery.
        pub amount: Quantity [Money],
        /// Its fixed interest rate.
        pub rate: Quantity [Rate],
        /// Balloon: part of its amount repaid at lease end from the sale of the hardware.
        pub balloon: Quantity [Money] = "0 USD",
        /// Guarantee of the shortfall after rent and the sale of the hardware.
        pub guarantee: Option<GuaranteeSpec>,
    }
    /// A guarantee of a tranche by a third party.
    pub struct GuaranteeSpec {
        /// Guarantor.
        pub by: Name,
        /// Share of the shortfall covered.
        pub covers: Quantity [Share] = "100%",
        /// Maximum payment.
        pub cap: Option<Quantity> [Money],
    }
}

choice! {
    /// The tenant.
    pub enum Tenant {
        /// The lab.
        Lab = "lab",
    }
    /// What happens to hardware at lease end.
    pub enum AtEnd {
        /// It has no value to the vehicle.
        Nothing = "nothing",
        /// It is sold; the rent is set assuming its age-adjusted value.
        Sell = "sell",
    }
}

impl SpvSpec {
    /// Adds the rules between quantities that must hold on every path.
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

    /// Reports errors that `Reader` does not detect.
    pub fn check(&self, issues: &mut Issues) {
        let n = self.tranches.0.len();
        let place = Some(self.capex.place());
        if n == 0 || n > TRANCHES {
            issues.error(
                "too-many",
                place,
                format!("`tranches` has {n} entries"),
                format!("the engine supports 1 to {TRANCHES}"),
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
                    "nothing is sold at lease end, so there is no value to guarantee",
                    "a `guarantee` of the lease requires `at_end: sell`",
                )
                .help("write `lease: {term: 48 mo, at_end: sell, guarantee: {by: lab, value: 10B USD}}`");
        }
        for (_, tranche) in &self.tranches.0 {
            let balloon = &tranche.balloon;
            if !sells && balloon.known() != Some(0.0) {
                issues.error(
                    "unsupported",
                    balloon.place(),
                    "a balloon is repaid from the sale of the hardware, but nothing is sold",
                    "it requires `lease: {at_end: sell}`",
                );
            }
            if let (Some(balloon), Some(amount)) = (balloon.known(), tranche.amount.known())
                && balloon > amount * (1.0 + 1e-9)
            {
                issues.error(
                    "range",
                    tranche.balloon.place(),
                    "the balloon exceeds the amount of its tranche",
                    "it is the part of the amount not repaid from rent",
                );
            }
            if tranche.guarantee.as_ref().is_some_and(|g| g.by.as_str() == "lab") {
                issues
                    .error(
                        "unsupported",
                        Some(tranche.amount.place()),
                        "a guarantee by the lab has no value here: it is called only after the lab has defaulted",
                        "name a third party, or remove the guarantee",
                    )
                    .help("a `campus` may be guaranteed by the lab, which then pays when it does not renew the lease");
            }
        }
    }
}

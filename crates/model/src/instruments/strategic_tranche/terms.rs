//! Scenario keys of a strategic tranche, and the terms derived from them.

use super::{StrategicTranche, TRANCHES, Tranche};
use crate::issues::Issues;
use crate::language::prelude::{Keyed, Name, When};
use crate::language::quantity::{Inputs, Quantity};
use crate::spec;
use crate::units::Usd;

spec! {
    /// A strategic investor who is also the supplier.
    pub struct StrategicTrancheSpec {
        /// Its name.
        pub name: Name,
        /// The investor as supplier: the supplier name used by contracts or own hardware.
        pub supplier: Name,
        /// Tranches of equity, paid in this order when several are payable.
        pub tranches: Keyed<TrancheSpec>,
        /// The lab's minimum spend with the supplier.
        pub minimum_spend: Option<MinimumSpendSpec>,
        /// The investor's own risk of withdrawal.
        pub investor: InvestorSpec = "{}",
    }
    /// A tranche of equity.
    pub struct TrancheSpec {
        /// Its amount.
        pub amount: Quantity [Money],
        /// Milestone: not before this month.
        pub date: Option<When>,
        /// Milestone: power in place with the supplier.
        pub power: Option<Quantity> [Power],
        /// Milestone: run-rate.
        pub run_rate: Option<Quantity> [MoneyRate],
        /// Discount to the market value of the company.
        pub discount: Quantity [Share] = "0%",
        /// Pre-money value; by default the market's.
        pub pre_money: Option<Quantity> [Money positive],
        /// Probability that the investor pays once the milestone is reached.
        pub probability: Quantity [Share] = "100%",
        /// Whether it can be paid in winter.
        pub in_winter: bool = "true",
        /// Last month in which it can be paid.
        pub lapses: Option<When>,
    }
    /// The lab's minimum spend with the supplier.
    pub struct MinimumSpendSpec {
        /// Total amount.
        pub amount: Quantity [Money],
        /// First month that counts.
        pub from: When,
        /// Last month that counts; any shortfall is due in the following month.
        pub to: When,
        /// Discount rate for the commitment.
        pub discount_rate: Quantity [Rate] = "8%/yr",
    }
    /// The investor's own risk of withdrawal.
    pub struct InvestorSpec {
        /// Monthly probability that it withdraws, in boom.
        pub fails: Quantity [Hazard] = "0%/mo",
        /// The same in winter; by default as in boom.
        pub fails_in_winter: Option<Quantity> [Hazard],
    }
}

impl StrategicTrancheSpec {
    /// Whether any tranche is priced at the market.
    pub fn has_market_price(&self) -> bool {
        self.tranches.0.iter().any(|(_, t)| t.pre_money.is_none())
    }

    /// Reports errors that `Reader` does not detect.
    pub(super) fn check(&self, issues: &mut Issues) {
        let n = self.tranches.0.len();
        if n == 0 || n > TRANCHES {
            let title = format!("`tranches` has {n} entries");
            let at = self.tranches.0.get(TRANCHES).map_or(self.name.place(), |(name, _)| name.place());
            issues.error("too-many", at, title, format!("the engine supports 1 to {TRANCHES}"));
        }
        for (name, t) in &self.tranches.0 {
            if t.date.is_none() && t.power.is_none() && t.run_rate.is_none() {
                issues
                    .error("missing", name.place(), format!("`{name}` has no milestone"), "specify when it is paid")
                    .help(
                        "write `date: 2027-01`, `power: 0.5 GW` or `run_rate: 40B USD/yr`; if there are several, all must be reached",
                    );
            }
            if t.pre_money.is_some() && t.discount.known() != Some(0.0) {
                issues.error(
                    "one-of",
                    t.discount.place(),
                    format!("`{name}` has both a `discount` and its own `pre_money`"),
                    "the discount applies to the market value",
                );
            }
            if let (Some(lapses), Some(date)) = (t.lapses, t.date)
                && lapses.0 < date.0
            {
                issues.error(
                    "dates-order",
                    lapses.place(),
                    format!("`{name}` lapses before its date"),
                    "it can never be paid",
                );
            }
        }
        if let Some(m) = &self.minimum_spend
            && (m.from.0 < 1.0 || m.to.0 < m.from.0)
        {
            issues.error(
                "dates-order",
                m.from.place(),
                "the minimum spend has no period within the simulation",
                "`from` must not precede the first month, nor `to` precede `from`",
            );
        }
    }

    /// Terms on the path of these inputs.
    pub(super) fn terms(&self, inputs: &Inputs<'_>) -> StrategicTranche {
        let at = |q: &Option<Quantity>| q.as_ref().map_or(0.0, |q| q.at(inputs));
        let mut tranche = [Tranche::default(); TRANCHES];
        let mut all = 0;
        for (k, (_, t)) in self.tranches.0.iter().take(TRANCHES).enumerate() {
            all |= 1 << k;
            tranche[k] = Tranche {
                amount: Usd(t.amount.at(inputs)),
                date: t.date.as_ref().map_or(0.0, |w| w.0),
                power: at(&t.power),
                run_rate: Usd(12.0 * at(&t.run_rate)),
                keeps: 1.0 - t.discount.at(inputs),
                pre_money: Usd(at(&t.pre_money)),
                probability: t.probability.at(inputs),
                in_winter: f64::from(u8::from(t.in_winter)),
                lapses: t.lapses.as_ref().map_or(f64::MAX, |w| w.0),
            };
        }
        let m = self.minimum_spend.as_ref();
        let (from, to) = m.map_or((0.0, 0.0), |m| (m.from.0, m.to.0));
        let growth = 1.0 + m.map_or(0.0, |m| m.discount_rate.at(inputs) / 12.0);
        let fails = self.investor.fails.at(inputs);
        StrategicTranche {
            tranche,
            all,
            fails,
            fails_in_winter: self.investor.fails_in_winter.as_ref().map_or(fails, |q| q.at(inputs)),
            minimum: Usd(m.map_or(0.0, |m| m.amount.at(inputs))),
            from,
            to,
            growth,
            factor: libm::exp(-(to + 1.0) * libm::log(growth)),
        }
    }
}

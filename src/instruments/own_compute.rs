//! Hardware that the lab buys itself.
//!
//! # What it is
//! A vintage of accelerators, paid for at delivery, used before any contract.
//!
//! # Monthly cash flows
//! | flow | lab | third parties |
//! | --- | --- | --- |
//! | price at delivery | − | + |
//! | running cost from the month of delivery | − | + |
//!
//! # In YAML
//! `- first_pod: {power: 0.2 GW, cost: 7B USD, delivered: 2026-11, life: 60 mo, running: 1.2B USD/GW-yr}`
//!
//! # Conventions and limits
//! Book value falls in a straight line from the month after delivery. It runs until the end of its life. What is not
//! paid stays owed and is claimed again the next month.
//!
//! # Sources
//! MODEL §4.4.

use crate::engine::books::{Books, CAPEX, RUNNING};
use crate::engine::columns::Columns;
use crate::engine::math::{max, min, pick};
use crate::engine::room::{CLOSE, Line, OPEN, REVIEW, Room, SETTLE, Unit, View, line};
use crate::issues::Issues;
use crate::language::prelude::{Months, Name, When};
use crate::language::quantity::{Inputs, Quantity};
use crate::units::Usd;
use crate::{posts, row, spec};

spec! {
    /// Hardware that the lab buys itself.
    pub struct OwnComputeSpec {
        /// Power.
        pub power: Quantity [Power],
        /// Who sells it, for instruments that look at what the lab buys from a supplier.
        pub supplier: Option<Name>,
        /// Price, paid at delivery.
        pub cost: Quantity [Money],
        /// Month of delivery.
        pub delivered: When,
        /// Useful life for the books.
        pub life: Months,
        /// Running cost of the power in place.
        pub running: Quantity [PowerPrice] = "0 USD/GW-yr",
    }
}

row! {
    /// Terms.
    pub struct OwnCompute { power: f64, cost: f64, delivered: f64, life: f64, running: f64 }
    /// What is due, owed and on the books.
    pub struct OwnComputeState {
        /// Power in place, GW.
        pub power: f64,
        /// Power used, GW.
        pub used: f64,
        /// Price due, with arrears.
        pub price_due: Usd,
        /// Running cost due, with arrears.
        pub running_due: Usd,
        /// Price owed.
        pub price_owed: Usd,
        /// Running cost owed.
        pub running_owed: Usd,
        /// Paid this month.
        pub paid: Usd,
        /// New this month: price and running cost.
        pub charged: Usd,
        /// Price of what was delivered since the first month.
        pub billed: Usd,
        /// Depreciation of the month.
        pub depreciation: Usd,
        /// Book value.
        pub book: Usd,
    }
}

impl OwnCompute {
    #[inline(always)]
    fn in_place(&self, t: f64) -> f64 {
        pick((t >= self.delivered) & (t < self.delivered + self.life), self.power, 0.0)
    }
}

impl Room for OwnCompute {
    type Spec = OwnComputeSpec;
    type State = OwnComputeState;
    const PHASES: u8 = OPEN | SETTLE | CLOSE | REVIEW;
    const POSTS: Columns = posts![
        capacity_gw,
        capacity_cost,
        ahead_gw,
        capex,
        capex_accrued,
        running,
        running_expense,
        depreciation,
        used_gw,
        ppe,
        arrears,
        issued,
        paid_in,
    ];
    const LINES: &'static [Line] = &[
        line("power", Unit::Gigawatt),
        line("used", Unit::Gigawatt),
        line("paid", Unit::Usd),
        line("book", Unit::Usd),
    ];

    fn supplies(spec: &OwnComputeSpec) -> Option<&str> {
        spec.supplier.as_ref().map(Name::as_str)
    }
    fn check(spec: &OwnComputeSpec, issues: &mut Issues) {
        if spec.delivered.0 < 1.0 {
            issues.error(
                "date-outside",
                spec.power.place(),
                "own hardware comes before the first month",
                "only deliveries during the simulation are modelled",
            );
        }
    }
    fn terms(spec: &OwnComputeSpec, inputs: &Inputs<'_>) -> Self {
        OwnCompute {
            power: spec.power.at(inputs),
            cost: spec.cost.at(inputs),
            delivered: spec.delivered.0,
            life: spec.life.0.round().max(1.0),
            running: spec.running.at(inputs),
        }
    }
    fn accounts(_: &OwnComputeSpec) -> Vec<(String, usize)> {
        vec![("supplier".into(), 0)]
    }

    #[inline(always)]
    fn open(&self, see: &View, own: &mut OwnComputeState, books: &mut Books) {
        own.power = self.in_place(see.t) * see.lab.alive;
        books.lab.capacity_gw += own.power;
        books.lab.capacity_cost += Usd(own.power * self.running + pick(own.power > 0.0, self.cost / self.life, 0.0));
        books.lab.ahead_gw += self.in_place(see.ahead);
    }
    #[inline(always)]
    fn settle(&self, see: &View, own: &mut OwnComputeState, books: &mut Books) {
        own.used = min(max(see.power, 0.0), own.power);
        let arrives = (see.t == self.delivered) & (see.lab.alive > 0.0);
        let price = pick(arrives, Usd(self.cost), Usd::ZERO);
        let running = Usd(self.running * own.power);
        own.charged = price + running;
        own.billed += price;
        own.price_due = price + own.price_owed;
        own.running_due = running + own.running_owed;
        let age = see.t - self.delivered;
        let wears = (age >= 1.0) & (age <= self.life) & (own.book > Usd::ZERO);
        own.depreciation = pick(wears, Usd(self.cost / self.life), Usd::ZERO);
        own.book += price - own.depreciation;
        books.lab.capex += own.price_due;
        books.lab.capex_accrued += price;
        books.lab.running += own.running_due;
        books.lab.running_expense += running;
        books.lab.depreciation += own.depreciation;
        books.lab.used_gw += own.used;
    }
    #[inline(always)]
    fn close(&self, see: &View, own: &mut OwnComputeState, books: &mut Books) {
        let price = own.price_due * see.lab.paid[CAPEX];
        let running = own.running_due * see.lab.paid[RUNNING];
        own.price_owed = own.price_due - price;
        own.running_owed = own.running_due - running;
        own.paid = price + running;
        books.pay(0, own.paid);
    }
    #[inline(always)]
    fn review(&self, _: &View, own: &mut OwnComputeState, books: &mut Books) {
        books.lab.ppe += own.book;
        books.lab.arrears += own.price_owed + own.running_owed;
    }
    fn audit(&self, was: &OwnComputeState, now: &OwnComputeState) -> Usd {
        was.price_owed + was.running_owed + now.charged - now.paid - now.price_owed - now.running_owed
    }
}

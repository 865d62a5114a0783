//! The vendor grants warrants on its own shares, which the lab sells as they vest.

use super::{TRANCHES, VendorFinanceSpec};
use crate::engine::books::{Books, event};
use crate::engine::columns::Columns;
use crate::engine::instrument::{Instrument, LAGS, Line, REVIEW, SETTLE, Unit, View, flow, line, total};
use crate::engine::math::{max, min, select};
use crate::instruments::declared::{Declared, Facts, Provider};
use crate::issues::Issues;
use crate::language::prelude::Name;
use crate::language::quantity::Inputs;
use crate::units::Usd;
use crate::{posts, row};

row! {
    /// A tranche: value at the start, and vesting conditions.
    pub struct Vesting { value: Usd, power: f64, price: f64 }
    /// Terms. `kept` is the share of the price received in a sale; the share `part` of the proceeds is written back
    /// each month.
    pub struct VendorWarrants { tranche: [Vesting; TRANCHES], kept: f64, part: f64, until: f64 }
    /// Vested tranches and deferred proceeds. The first field is recorded in the history: it ends a write-back after
    /// its life.
    pub struct VendorWarrantsState {
        /// Monthly write-back that began with this month's proceeds.
        pub started: Usd,
        /// Sum of the write-backs in force.
        pub written_back: Usd,
        /// Tranches that have vested, one bit each.
        pub vested: u64,
        /// Proceeds of the month, after the haircut.
        pub proceeds: Usd,
        /// Proceeds so far.
        pub rebates: Usd,
        /// Credited against depreciation this month.
        pub write_back: Usd,
        /// Proceeds not yet credited.
        pub deferred: Usd,
        /// Value at today's price of warrants that can still vest.
        pub unvested: Usd,
    }
}

impl Instrument for VendorWarrants {
    type Spec = VendorFinanceSpec;
    type State = VendorWarrantsState;
    const PHASES: u8 = SETTLE | REVIEW;
    const REMEMBERED: usize = 1;
    const SUPPLIER: bool = true;
    const POSTS: Columns = posts![rebates, depreciation, deferred];
    const EVENTS: u64 = event::VESTED;
    const LINES: &'static [Line] = &[
        flow("proceeds", Unit::Usd),
        flow("write_back", Unit::Usd).seldom(),
        line("deferred", Unit::Usd).seldom(),
        line("unvested", Unit::Usd),
        total("rebates", Unit::Usd),
    ];

    fn name(spec: &VendorFinanceSpec) -> Option<&str> {
        Some(spec.name.as_str())
    }
    fn supplier(spec: &VendorFinanceSpec) -> Option<&str> {
        spec.supplier.as_ref().map(Name::as_str)
    }
    fn accounts(_: &VendorFinanceSpec) -> Vec<(String, usize)> {
        vec![("vendor".into(), 0)]
    }
    fn lags(spec: &VendorFinanceSpec) -> [usize; LAGS] {
        let mut lags = [0; LAGS];
        lags[0] = spec.life.0.round() as usize + 1;
        lags
    }
    fn terms(spec: &VendorFinanceSpec, inputs: &Inputs<'_>) -> Self {
        let mut tranche = [Vesting::default(); TRANCHES];
        for (slot, (_, t)) in tranche.iter_mut().zip(&spec.tranches.0) {
            *slot = Vesting {
                value: Usd(t.value.at(inputs)),
                power: t.power.at(inputs),
                price: t.price.as_ref().map_or(0.0, |q| q.at(inputs)),
            };
        }
        VendorWarrants {
            tranche,
            kept: 1.0 - spec.haircut.at(inputs),
            part: 1.0 / spec.life.0.round().max(1.0),
            until: spec.until.as_ref().map_or(f64::MAX, |w| w.0),
        }
    }

    #[inline(always)]
    fn settle(&self, see: &View, own: &mut VendorWarrantsState, books: &mut Books) {
        let (price, power) = (see.market.vendor_share, see.supplier.1);
        let open = (see.t <= self.until) & (see.lab.alive > 0.0);
        let mut value = Usd::ZERO;
        let before = own.vested;
        for k in 0..TRANCHES {
            let t = &self.tranche[k];
            let vests =
                open & (own.vested >> k & 1 == 0) & (t.value > Usd::ZERO) & (power >= t.power) & (price >= t.price);
            value += select(vests, t.value, Usd::ZERO);
            own.vested |= select(vests, 1 << k, 0);
        }
        own.proceeds = value * (price * self.kept);
        own.rebates += own.proceeds;
        // A write-back begins in the following month and lasts for its life.
        own.written_back = max(own.written_back - Usd(see.past[0][0]), Usd::ZERO);
        own.write_back = min(own.written_back, own.deferred) * see.lab.alive;
        own.started = own.proceeds * self.part;
        own.written_back += own.started;
        own.deferred += own.proceeds - own.write_back;
        books.lab.rebates += own.proceeds;
        books.lab.depreciation += -own.write_back;
        books.third(-own.proceeds);
        books.event(own.vested != before, event::VESTED);
    }
    #[inline(always)]
    fn review(&self, see: &View, own: &mut VendorWarrantsState, books: &mut Books) {
        let open = (see.t < self.until) & (see.lab.alive > 0.0);
        let mut left = Usd::ZERO;
        for k in 0..TRANCHES {
            left += select(open & (own.vested >> k & 1 == 0), self.tranche[k].value, Usd::ZERO);
        }
        own.unvested = left * see.market.vendor_share;
        books.lab.deferred += own.deferred;
    }
    fn audit(&self, was: &VendorWarrantsState, now: &VendorWarrantsState) -> Usd {
        was.deferred + now.proceeds - now.write_back - now.deferred
    }
}
impl Declared for VendorWarrants {
    const FACTS: Facts = Facts::of(Provider::Lender).written_as("vendor_finance");

    fn check(spec: &VendorFinanceSpec, issues: &mut Issues) {
        spec.check(issues);
    }
}

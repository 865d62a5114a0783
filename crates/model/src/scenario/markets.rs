//! Markets used by a scenario must be specified: otherwise they would silently count as zero.
//!
//! Indices, such as the resale value of accelerators, are excluded: they start at 1 and stay there unless something
//! moves them.

use crate::instruments::InstrumentSpec;
use crate::instruments::declared::{Market, Need};
use crate::issues::Issues;
use crate::lab::Capacity;
use crate::lab::market::ResaleSpec;
use crate::scenario::Scenario;

/// The key of a market below `world`, and what to write for it.
fn key(market: Market) -> (&'static str, &'static str) {
    match market {
        Market::Sofr => ("sofr", "write `world: {sofr: {start: 4%/yr, long_run: 3.5%/yr}}`"),
        Market::CreditSpread => ("credit_spread", "write `world: {credit_spread: {level: 225 bp}}`"),
        Market::EquityMultiple => ("equity_multiple", "write `world: {equity_multiple: {now: 19x, later: 8x}}`"),
        Market::ComputePrice => ("compute_price", "write `world: {compute_price: {contract: 9B USD/GW-yr}}`"),
        Market::VendorShare => {
            ("vendor_share", "write `world: {vendor_share: {drift: 8%/yr, volatility: 45%/yr, winter: -35%}}`")
        }
    }
}

impl Scenario {
    /// Reports markets that are used but not specified.
    pub(super) fn check_markets(&self, issues: &mut Issues) {
        let mut needs: Vec<Need> = Vec::new();
        self.lab_needs(&mut needs);
        for instrument in &self.instruments.0 {
            instrument.needs(&mut needs);
        }
        for need in needs.into_iter().filter(|need| !self.has(need.market)) {
            let (key, write) = key(need.market);
            let help = format!("{write}{}", need.instead);
            issues.error("missing", need.place, need.title, format!("`world.{key}` is missing")).help(help);
        }
    }
    /// Reports errors in the market for power.
    pub(super) fn check_power(&self, issues: &mut Issues) {
        let Some(price) = &self.world.compute_price else { return };
        price.check(issues);
        if let Some(available) = price.available.as_ref().filter(|_| self.lab.compute.capacity == Capacity::None) {
            let title = "`capacity: none` excludes a limit on power that can be bought";
            issues
                .error("capacity-none", Some(available.place()), title, "needs are simply paid for")
                .help("remove `world.compute_price.available`, or write `lab.compute.capacity: contracted`");
        }
    }
    /// Whether a market is specified.
    fn has(&self, market: Market) -> bool {
        let world = &self.world;
        match market {
            Market::Sofr => world.sofr.is_some(),
            Market::CreditSpread => world.credit_spread.is_some(),
            Market::EquityMultiple => world.equity_multiple.is_some(),
            Market::ComputePrice => world.compute_price.is_some(),
            Market::VendorShare => world.vendor_share.is_some(),
        }
    }
    /// Markets that the lab needs, and those that several instruments share.
    fn lab_needs(&self, needs: &mut Vec<Need>) {
        let growth = Some(self.lab.demand.growth.now.place());
        let c = &self.lab.compute;
        let no_spot = c.spot_limit.as_ref().is_some_and(|q| q.known() == Some(0.0));
        let follows = c.contracts.0.iter().any(|(_, x)| x.follows_market.known() != Some(0.0) || x.price.is_none());
        let buys = c.capacity == Capacity::Contracted && (!no_spot || c.orders.is_some());
        let resold = match &c.resale {
            ResaleSpec::Terms(terms) => terms.follows_spot,
            ResaleSpec::Share(_) => false,
        };
        if buys || follows || resold {
            let title = "power is bought or indexed at a market price, which is not specified".to_owned();
            let instead = ", or `lab.compute.spot_limit: 0 GW`";
            needs.push(Need { instead, ..Need::of(Market::ComputePrice, growth, title) });
        }
        let stock = self.lab.people.stock_compensation.known() != Some(0.0);
        if stock || self.instruments.0.iter().any(InstrumentSpec::prices_shares) {
            let title = "shares are priced at a multiple, which is not specified".to_owned();
            needs.push(Need::of(Market::EquityMultiple, growth, title));
        }
        if let Some(price) = self.world.capital.as_ref().and_then(|capital| capital.price.as_ref()) {
            let title = "equity is priced less what the lab owes, from a multiple that is not specified".to_owned();
            needs.push(Need::of(Market::EquityMultiple, Some(price.floor.place()), title));
        }
        let cash = &self.lab.interest_on_cash;
        if cash.floats {
            let title = "interest on cash floats over SOFR, which is not specified".to_owned();
            needs.push(Need::of(Market::Sofr, Some(cash.margin.place()), title));
        }
        if let Some(odds) = self.lab.default.outcomes.priced() {
            let title =
                "a failed lab is rescued or restructured at a price of equity, which is not specified".to_owned();
            needs.push(Need::of(Market::EquityMultiple, Some(odds.place()), title));
        }
    }
}

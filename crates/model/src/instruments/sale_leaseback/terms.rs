//! Terms, state and validation.

use super::{AtEnd, BuyPrice, SaleLeasebackSpec};
use crate::engine::math::{max, min};
use crate::instruments::hardware::Decline;
use crate::instruments::term_loan::level_payment;
use crate::issues::Issues;
use crate::language::quantity::Inputs;
use crate::row;
use crate::units::Usd;

row! {
    /// Terms; money in USD, monthly rates and flows, dates as months.
    pub struct SaleLeaseback {
        pub(super) power: f64, pub(super) cost: Usd, pub(super) delivered: f64, pub(super) life: f64,
        pub(super) running: f64,
        // The sale: −1 for no date or no trigger.
        pub(super) date: f64, pub(super) runway: f64, pub(super) process: f64, pub(super) advance: f64,
        pub(super) fee: f64,
        // The lease: monthly rent and present values per dollar paid by the lessor, and per dollar of market value in a
        // renewal.
        pub(super) term: f64, pub(super) rent: f64, pub(super) firm: f64, pub(super) returns: f64,
        pub(super) residual: f64, pub(super) buys: f64, pub(super) renews: f64, pub(super) fair: f64,
        pub(super) renewal: f64, pub(super) rent_renewed: f64, pub(super) firm_renewed: f64, pub(super) discount: f64,
        pub(super) kept: f64, pub(super) decline: Decline,
    }
    /// The hardware and the lease.
    pub struct SaleLeasebackState {
        /// Power in place, GW.
        pub power: f64,
        /// Power used while the lab owns it, GW.
        pub used: f64,
        /// Market value at a resale index of 1.
        pub at_one: Usd,
        /// Market value.
        pub market_value: Usd,
        /// 0 owned, 1 under lease, 2 bought back, 3 gone.
        pub stage: f64,
        /// 1 while it is under lease.
        pub leased: f64,
        /// Months until a decided sale closes.
        pub waits: f64,
        /// Book value.
        pub book: Usd,
        /// Monthly depreciation.
        pub wear: Usd,
        /// Depreciation of the month.
        pub depreciation: Usd,
        /// Price due to the maker, with arrears.
        pub price_due: Usd,
        /// Unpaid part of it.
        pub price_owed: Usd,
        /// Buy-back price due, with arrears.
        pub buy_due: Usd,
        /// Unpaid part of it.
        pub buy_owed: Usd,
        /// Operating cost due, with arrears.
        pub running_due: Usd,
        /// Unpaid part of it.
        pub running_owed: Usd,
        /// Rent of the month.
        pub rent: Usd,
        /// Rent due, with arrears.
        pub rent_due: Usd,
        /// Rent in arrears.
        pub arrears: Usd,
        /// Monthly rent of the lease.
        pub level: Usd,
        /// Months of rent left.
        pub left: f64,
        /// Purchase price paid by the lessor.
        pub total: Usd,
        /// Gain deferred by this month's sale.
        pub gain: Usd,
        /// Deferred gain recognised this month.
        pub released: Usd,
        /// Deferred gain recognised per month.
        pub release: Usd,
        /// Deferred gain.
        pub deferred: Usd,
        /// The lessor's net investment at its own return.
        pub net_investment: Usd,
        /// Present value of firm rent.
        pub firm_rent: Usd,
        /// Charged this month: prices, operating cost and rent.
        pub charged: Usd,
        /// Paid this month.
        pub paid: Usd,
        /// Written off so far when the lab failed.
        pub given_up: Usd,
        /// Claim of the lessor when the lab failed.
        pub claim: Usd,
        /// Loss on the claim.
        pub loss: Usd,
    }
}

/// Rent per period, in arrears, per dollar paid by a lessor: over `n` periods it earns `rate` per period if `residual`
/// is received with the last rent.
pub fn rent_factor(rate: f64, n: f64, residual: f64) -> f64 {
    (1.0 - residual * libm::exp(-n * libm::log1p(rate))) * level_payment(rate, n)
}

pub(super) fn check(spec: &SaleLeasebackSpec, issues: &mut Issues) {
    let (hardware, sale, lease) = (&spec.hardware, &spec.sale, &spec.lease);
    let place = spec.name.place();
    if sale.date.is_some() == sale.runway_below.is_some() {
        issues
            .error(
                "one-of",
                sale.date.map_or(place, crate::language::values::When::place),
                "a sale requires either `date` or `runway_below`",
                "specify once when the hardware is sold",
            )
            .help("write `sale: {date: 2027-01, …}` or `sale: {runway_below: 9 mo, …}`");
    }
    for (key, months) in
        [("life", hardware.life), ("term", lease.term), ("renewal", lease.renewal), ("process", sale.process)]
    {
        if months.0.round() < 1.0 {
            issues.error("range", months.place(), format!("`{key}` is shorter than a month"), "write `12 mo`");
        }
    }
    let (from, until) = (hardware.delivered.0, hardware.delivered.0 + hardware.life.0.round());
    if until <= 1.0 {
        issues.error(
            "date-outside",
            hardware.delivered.place(),
            "the hardware's life is over before the first month",
            "there is nothing to sell",
        );
    }
    if let Some(date) = sale.date {
        if date.0 < 1.0 || date.0 <= from {
            issues.error(
                "date-outside",
                date.place(),
                "the sale is before the first month or before delivery",
                "the hardware must be sold in a later month than its delivery",
            );
        } else if date.0 + lease.term.0.round() >= until {
            issues.error(
                "dates-order",
                lease.term.place(),
                "the lease is longer than the life of the hardware",
                "it must end before `life` does",
            );
        }
    }
}

pub(super) fn terms(spec: &SaleLeasebackSpec, inputs: &Inputs<'_>) -> SaleLeaseback {
    let flag = |yes: bool| f64::from(u8::from(yes));
    let (hardware, sale, lease) = (&spec.hardware, &spec.sale, &spec.lease);
    let returns = libm::expm1(libm::log1p(lease.returns.at(inputs).max(-0.99)) / 12.0);
    let residual = lease.residual.at(inputs);
    let discount = spec.discount_rate.at(inputs) / 12.0;
    let (term, renewal) = (lease.term.0.round().max(1.0), lease.renewal.0.round().max(1.0));
    let (rent, rent_renewed) = (rent_factor(returns, term, residual), rent_factor(returns, renewal, residual));
    SaleLeaseback {
        power: hardware.power.at(inputs),
        cost: Usd(hardware.cost.at(inputs)),
        delivered: hardware.delivered.0,
        life: hardware.life.0.round().max(1.0),
        running: hardware.opex.at(inputs),
        date: sale.date.map_or(-1.0, |w| w.0),
        runway: sale.runway_below.as_ref().map_or(-1.0, |q| q.at(inputs)),
        process: sale.process.0.round().max(1.0),
        advance: sale.advance.at(inputs),
        fee: sale.fee.at(inputs),
        term,
        rent,
        firm: rent / level_payment(discount, term),
        returns,
        residual,
        buys: flag(lease.at_end == AtEnd::Buy),
        renews: flag(lease.at_end == AtEnd::Renew),
        fair: flag(lease.price == BuyPrice::Fair),
        renewal,
        rent_renewed,
        firm_renewed: rent_renewed / level_payment(discount, renewal),
        discount,
        kept: 1.0 - spec.sale_cost.at(inputs),
        decline: Decline::of(&spec.value, inputs),
    }
}

impl SaleLeaseback {
    /// Opening state: hardware delivered before the first month.
    pub(super) fn before_the_start(&self) -> SaleLeasebackState {
        let age = -self.delivered;
        let mut own = SaleLeasebackState { wear: self.cost / self.life, ..SaleLeasebackState::default() };
        if age >= 0.0 {
            own.book = self.cost * max(0.0, 1.0 - age / self.life);
            own.at_one = self.cost * self.decline.left(min(age, self.life));
            own.market_value = own.at_one;
        }
        own
    }
}

#[cfg(test)]
mod tests {
    use super::rent_factor;
    use crate::stats::irr::irr;

    #[test]
    fn rent_gives_the_return() {
        // By hand: 12 months at 1% without residual is the annuity of the tables, 0.0888488; a residual of 1 is
        // interest alone.
        assert!((rent_factor(0.01, 12.0, 0.0) - 0.088_848_788_678).abs() < 1e-12);
        assert!((rent_factor(0.01, 12.0, 1.0) - 0.01).abs() < 1e-15);
        assert!((rent_factor(0.0, 10.0, 0.2) - 0.08).abs() < 1e-15);
        for (rate, n, residual) in [(0.011, 36, 0.2), (0.005, 60, 0.0), (0.02, 1, 0.7)] {
            let mut flows = vec![rent_factor(rate, f64::from(n), residual); n as usize + 1];
            flows[0] = -1.0;
            flows[n as usize] += residual;
            assert!((irr(&flows).roots()[0] - rate).abs() < 1e-12);
        }
    }
}

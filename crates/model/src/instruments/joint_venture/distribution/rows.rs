//! The venture's terms and state on one path.

use super::super::SIDES;
use super::super::capital::Calls;
use crate::instruments::waterfall::{Sharing, Standing};
use crate::row;
use crate::units::Usd;

row! {
    /// Terms; money in USD, monthly rates.
    pub struct DistributionVenture {
        pub(super) calls: Calls,
        pub(super) sharing: Sharing,
        pub(super) uplift: f64, pub(super) builds_up: f64, pub(super) commission: f64,
        pub(super) has_portfolio: f64, pub(super) companies: f64, pub(super) adopts: [f64; 2], pub(super) stays: f64,
        pub(super) sales: f64, pub(super) sales_growth: f64,
        pub(super) services: f64, pub(super) services_growth: f64, pub(super) deployment: f64, pub(super) people: f64,
        pub(super) people_share: f64, pub(super) overhead: f64,
        pub(super) income: [f64; 2], pub(super) per_partner: f64,
        // What capital may pay for: 1 if so; `restricted` is 1 unless it may pay for all.
        pub(super) pays_people: f64, pub(super) pays_deployment: f64, pub(super) pays_acquisition: f64,
        pub(super) restricted: f64,
        // The purchase of a firm.
        pub(super) price: f64, pub(super) bought_at: f64, pub(super) brings: f64,
        // Earnings: `retains` is 1 if some are retained; the reserve; the first month of distributions.
        pub(super) retains: f64, pub(super) reserve: f64, pub(super) distributes_from: f64,
        pub(super) floor: f64, pub(super) floor_most: f64, pub(super) floor_until: f64, pub(super) multiple: [f64; 2],
        pub(super) has_multiple: f64, pub(super) manager: f64,
        // Minimum return of the partners: monthly growth, limit, month of the test.
        pub(super) has_minimum: f64, pub(super) growth: f64, pub(super) most: f64, pub(super) tested_at: f64,
    }
    /// State of the venture in a month. The first two fields are recorded in the history, for sums over twelve months.
    pub struct DistributionVentureState {
        /// Earnings of the month: commission, services and other income, less staff cost. Deployment at new users is an
        /// investment, as a purchase is.
        pub earnings: Usd,
        /// Income of the month: commission, services and other income.
        pub turnover: Usd,
        /// Earnings of the last twelve months.
        pub earnings_12m: Usd,
        /// Income of the last twelve months.
        pub turnover_12m: Usd,
        /// Earnings over income of the last twelve months.
        pub margin: f64,
        /// State of the waterfall.
        pub standing: Standing,
        /// The lab's new capital call of the month, including calls it covers for the partners.
        pub call: Usd,
        /// Part of `call` that covers calls missed by the partners.
        pub covered: Usd,
        /// The lab's calls due, including those missed earlier.
        pub call_due: Usd,
        /// The lab's unpaid calls.
        pub call_owed: Usd,
        /// Paid in by the lab this month.
        pub paid_in: Usd,
        /// Paid in by the lab so far.
        pub paid_in_total: Usd,
        /// Paid in by the lab on behalf of the partners so far.
        pub covered_total: Usd,
        /// Paid in by the partners this month.
        pub called: Usd,
        /// Paid in by the partners so far.
        pub called_total: Usd,
        /// Called from the lab and the partners so far.
        pub asked_total: Usd,
        /// Calls that the partners missed and nobody covers.
        pub missing_total: Usd,
        /// Share of called capital that was paid in; with a portfolio, share of last month's cost that was paid.
        pub funded: f64,
        /// The lab's share of distributions.
        pub stake: f64,
        /// Paid in and not yet spent.
        pub unspent: Usd,
        /// Earnings retained and not yet spent.
        pub retained: Usd,
        /// Uplift of the lab's demand.
        pub uplift: f64,
        /// Companies that use the product.
        pub adopters: f64,
        /// Companies that come next month with a purchase.
        pub joins: f64,
        /// Companies that came with purchases so far.
        pub joined: f64,
        /// Cumulative growth of what a company buys.
        pub index: f64,
        /// Cumulative growth of what a company pays for services.
        pub services_index: f64,
        /// Paid for services this month.
        pub serviced: Usd,
        /// Demand brought to the lab this month, at list price.
        pub brought: Usd,
        /// Staff and deployment cost of the month.
        pub cost: Usd,
        /// Staff cost of the month.
        pub staff: Usd,
        /// Part of the cost for which capital may pay.
        pub payable: Usd,
        /// Paid for a firm this month.
        pub acquired: Usd,
        /// Commission of the month.
        pub charge: Usd,
        /// Commission due, including arrears.
        pub due: Usd,
        /// Commission paid.
        pub paid: Usd,
        /// Commission in arrears.
        pub arrears: Usd,
        /// Earnings of the month less staff cost, at least 0.
        pub earned: Usd,
        /// Fee in arrears.
        pub fee_owed: Usd,
        /// Distributed to the partners this month.
        pub distributed: Usd,
        /// Distributed to the partners so far.
        pub distributed_total: Usd,
        /// Paid to the lab this month: stake, promote and fee.
        pub to_lab: Usd,
        /// Carrying amount of the lab's stake.
        pub carried: Usd,
        /// Shortfall of the return against the floor so far this year; negative if the partners received more.
        pub short: Usd,
        /// Months of the current floor year so far.
        pub floor_months: f64,
        /// Top-up due next month.
        pub falls: Usd,
        /// Top-ups due and unpaid.
        pub owed: Usd,
        /// Top-ups paid this month.
        pub guaranteed: Usd,
        /// Top-ups paid so far.
        pub guaranteed_total: Usd,
        /// Partners' calls less receipts, compounded at the rate of the minimum return.
        pub promised: Usd,
        /// 1 once the minimum return has been tested.
        pub tested: f64,
        /// Cost of the floor and of the minimum return if they were called now.
        pub guarantee_now: Usd,
        /// Received by the partners so far, from the venture and from the lab.
        pub received_total: Usd,
        /// 1 once it has been wound up.
        pub ended: f64,
        /// Received from the lab's estate and not yet distributed.
        pub cash: Usd,
        /// Commission written off so far after a failure of the lab.
        pub charge_written_off: Usd,
        /// Top-ups due that were written off so far.
        pub owed_written_off: Usd,
        /// Claim on the lab's estate.
        pub claimed: Usd,
        /// Recovered on that claim, in present value, with shares at their price.
        pub recovered: Usd,
        /// Outstanding to the partners when the lab failed.
        pub claim: [Usd; SIDES],
        /// The part of it not recovered.
        pub loss: [Usd; SIDES],
    }
}

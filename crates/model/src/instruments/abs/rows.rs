//! The vehicle's terms and state on one path.

use super::TRANCHES;
use crate::row;
use crate::units::Usd;

row! {
    /// A tranche: its amount at closing, and its monthly coupon at the initial credit spreads.
    pub struct Note { pub(super) amount: Usd, pub(super) coupon: f64 }
    /// Terms; money in USD, monthly rates and flows, dates as months.
    pub struct Abs {
        // The pool.
        pub(super) book: Usd, pub(super) wear: Usd, pub(super) power: f64, pub(super) opex: Usd,
        pub(super) servicer: f64, pub(super) kept: f64, pub(super) cap_rate: f64,
        // Leases: rent of a fully leased pool, its growth, and the loss of tenants.
        pub(super) by_lab: f64, pub(super) rent: Usd, pub(super) grow: f64, pub(super) term: f64,
        pub(super) tenant: f64, pub(super) count: f64, pub(super) lost: f64, pub(super) lost_in_winter: f64,
        pub(super) vacancy: f64, pub(super) relet: f64, pub(super) lab_grace: f64, pub(super) firm: Usd,
        pub(super) discount: f64,
        // The notes.
        pub(super) closing: f64, pub(super) note: [Note; TRANCHES], pub(super) amount: Usd, pub(super) fee: f64,
        pub(super) reserve: f64, pub(super) amortisation: f64, pub(super) expected: f64, pub(super) last: f64,
        pub(super) step_up: f64, pub(super) trap: f64, pub(super) trigger: f64, pub(super) refinancing: f64,
        pub(super) refinancing_fee: f64, pub(super) open_in_winter: f64, pub(super) grace: f64,
    }
    /// State of the vehicle in a month.
    pub struct AbsState {
        /// 0 before closing, 1 with notes outstanding, 2 once they are repaid, 3 once the pool is gone.
        pub stage: f64,
        /// Book value of the pool while the lab owns it.
        pub book: Usd,
        /// Depreciation of the month.
        pub depreciation: Usd,
        /// 1 while the lab is the tenant.
        pub with_lab: f64,
        /// 1 in the month in which the lab leaves.
        pub leaves: f64,
        /// Power of the pool used by the lab as owner, before closing, GW.
        pub used: f64,
        /// Rent of a fully leased pool at current lease rents.
        pub level: Usd,
        /// Rent of a fully leased pool if it were re-leased now.
        pub market_rent: Usd,
        /// Share of the pool that is leased.
        pub occupied: f64,
        /// Months since the last tenant was lost, that month included; 0 when fully leased.
        pub empty: f64,
        /// Remaining months of the leases.
        pub lease_left: f64,
        /// Inverse of the initial price of power bought for the month; 0 if there is none.
        pub per_price: f64,
        /// Rent charged this month.
        pub charge: Usd,
        /// Rent received.
        pub rent: Usd,
        /// The lab's rent due, with arrears.
        pub rent_due: Usd,
        /// The lab's rent in arrears.
        pub arrears: Usd,
        /// Consecutive months with rent in arrears.
        pub late: f64,
        /// The lab's operating cost before closing due, with arrears.
        pub running_due: Usd,
        /// The lab's operating cost in arrears.
        pub running_owed: Usd,
        /// Charged to the lab this month.
        pub charged: Usd,
        /// Paid by the lab this month.
        pub paid: Usd,
        /// Notes issued this month.
        pub draw: Usd,
        /// Notes issued so far.
        pub total: Usd,
        /// Principal outstanding, by tranche.
        pub balance: [Usd; TRANCHES],
        /// Unpaid interest of each tranche.
        pub unpaid: [Usd; TRANCHES],
        /// Accrued step-up of each tranche.
        pub stepped: [Usd; TRANCHES],
        /// Total outstanding.
        pub debt: Usd,
        /// Change in credit spreads since the start that coupons include, monthly.
        pub spread: f64,
        /// What the flow of new credit adds to the coupon of each tranche; monthly.
        pub added_spread: [f64; TRANCHES],
        /// Notes that could not be placed this month for want of credit.
        pub refused: Usd,
        /// Month of the anticipated repayment date.
        pub expected: f64,
        /// Month of legal final maturity.
        pub last: f64,
        /// 1 after the anticipated repayment date without a refinancing.
        pub stepped_up: f64,
        /// 1 once the early-amortisation trigger has been hit.
        pub amortising: f64,
        /// 1 while cash is trapped.
        pub traps: f64,
        /// 1 while the DSCR allows a refinancing.
        pub covered: f64,
        /// Consecutive months in which interest on the most senior tranche was missed.
        pub short: f64,
        /// 1 once the vehicle is in default.
        pub failed: f64,
        /// Interest and step-up accrued this month.
        pub accrued: Usd,
        /// Paid to the tranches this month.
        pub service: Usd,
        /// Written off so far.
        pub written_off: Usd,
        /// Interest and scheduled principal of the month.
        pub debt_service: Usd,
        /// Cash flow available for debt service (CFADS): rent less opex and servicer fee.
        pub cfads: Usd,
        /// CFADS of the previous two months.
        pub cash_flows: [Usd; 2],
        /// Debt service of the previous two months.
        pub services: [Usd; 2],
        /// DSCR; 0 for notes left unpaid by a sale, up to their anticipated repayment date.
        pub dscr: f64,
        /// 1 where the DSCR is defined.
        pub has_dscr: f64,
        /// Value of the pool.
        pub market_value: Usd,
        /// Loan-to-value ratio.
        pub ltv: f64,
        /// Interest reserve.
        pub reserve: Usd,
        /// Trapped cash, not distributed to the lab.
        pub trapped: Usd,
        /// Distributions this month.
        pub distributed: Usd,
        /// Carrying amount of the lab's stake.
        pub carried: Usd,
        /// Gain deferred at closing.
        pub gain: Usd,
        /// Gain recognised per month.
        pub release: Usd,
        /// Gain recognised this month.
        pub released: Usd,
        /// Gain not yet recognised.
        pub deferred: Usd,
        /// Present value of the lab's remaining rent.
        pub firm_rent: Usd,
        /// Amounts owed by the lab that the vehicle has given up so far.
        pub given_up: Usd,
        /// Claim of each tranche at default.
        pub claim: [Usd; TRANCHES],
        /// Loss of each tranche.
        pub loss: [Usd; TRANCHES],
    }
}

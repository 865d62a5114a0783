//! The loan's terms and state on one path.

use crate::engine::math::{max, min, select};
use crate::instruments::hardware::{Decline, Vintages};
use crate::row;
use crate::units::Usd;

row! {
    /// Terms; money in USD, monthly rates and flows, dates as months.
    pub struct Ddtl {
        // The facility: rate = margin + floats · max(SOFR, floor).
        pub(super) commitment: Usd, pub(super) advance: f64, pub(super) floats: f64, pub(super) floor: f64, pub(super) margin: f64, pub(super) fee: f64,
        // Deliveries: monthly cost from `start` for `over` months; draws until `available`.
        pub(super) cost: Usd, pub(super) start: f64, pub(super) over: f64, pub(super) available: f64,
        // The contract, per dollar of hardware: power, rent, opex; rent grows by the factor `grow` each month.
        pub(super) by_lab: f64, pub(super) power: f64, pub(super) rent: f64, pub(super) opex: f64, pub(super) grow: f64, pub(super) grown: f64, pub(super) term: f64,
        pub(super) lost: f64, pub(super) lost_in_winter: f64, pub(super) lost_with_lab: f64, pub(super) grace: f64, pub(super) discount: f64, pub(super) firm: f64,
        // Debt service per dollar drawn: `rising · shape^(k−1) + flat` in month k of `instalments`.
        pub(super) schedule_rate: f64, pub(super) instalments: f64, pub(super) rising: f64, pub(super) flat: f64, pub(super) shape: f64, pub(super) shaped: f64,
        // Covenants.
        pub(super) ltv: f64, pub(super) ltv_slope: f64, pub(super) ltv_over: f64, pub(super) lock_up: f64, pub(super) breach: f64, pub(super) cure: f64,
        pub(super) reserve: f64, pub(super) sweep: f64, pub(super) refused: f64,
        // After a default; `kept` is the share of market value that a sale yields.
        pub(super) sells: f64, pub(super) vacancy: f64, pub(super) relet: f64, pub(super) kept: f64, pub(super) recourse: f64, pub(super) last: f64,
        // Value of the hardware, and the share of it left when its contract ends.
        pub(super) decline: Decline, pub(super) at_end: f64,
        // Carrying amount of the lab's stake before the first month.
        pub(super) carried: Usd,
    }
    /// State of the vehicle in a month.
    pub struct DdtlState {
        /// Cost of this month's delivery.
        pub arrived: Usd,
        /// The same at a resale index of 1.
        pub arrived_at_one: Usd,
        /// Drawn this month.
        pub draw: Usd,
        /// Cost of hardware in place.
        pub placed: Usd,
        /// Contract rent of the month.
        pub contract: Usd,
        /// Market value at a resale index of 1.
        pub vintages: Vintages,
        /// Rising part of the scheduled service.
        pub rising: Usd,
        /// Flat part of the scheduled service.
        pub flat: Usd,
        /// Scheduled balance.
        pub on_schedule: Usd,
        /// Deliveries to be paid for this month: those planned and those still missing.
        pub wanted: Usd,
        /// Draw requested.
        pub asked: Usd,
        /// Refused this month for want of credit.
        pub refused: Usd,
        /// What the flow of new credit adds to the rate, mean by draws; monthly.
        pub added_spread: f64,
        /// Deliveries ordered and not yet paid for.
        pub missing: Usd,
        /// Drawn so far.
        pub drawn_total: Usd,
        /// Principal outstanding.
        pub balance: Usd,
        /// Interest in arrears.
        pub unpaid: Usd,
        /// Interest and fee accrued this month.
        pub accrued: Usd,
        /// Debt service of the month: interest and scheduled principal, excluding the fee and amounts missed earlier.
        pub debt_service: Usd,
        /// Scheduled principal that was missed.
        pub missed: Usd,
        /// Interest and fees paid.
        pub interest: Usd,
        /// Principal paid: scheduled, swept, cured and from sales.
        pub principal: Usd,
        /// Rent received.
        pub rent: Usd,
        /// The lab's rent due, with arrears.
        pub rent_due: Usd,
        /// Rent paid by the lab.
        pub rent_paid: Usd,
        /// The lab's rent in arrears.
        pub arrears: Usd,
        /// Consecutive months with rent in arrears.
        pub late: f64,
        /// Debt service reserve.
        pub reserve: Usd,
        /// Trapped cash, not distributed to the lab.
        pub trapped: Usd,
        /// Margin call due next month; in `close`, the one due now.
        pub margin_call: Usd,
        /// Fee that the lab pays before the first delivery.
        pub fee_by_lab: Usd,
        /// Contributed by the lab this month.
        pub contributed: Usd,
        /// Distributions this month.
        pub distributed: Usd,
        /// Carrying amount of the lab's stake.
        pub carried: Usd,
        /// Market value of the hardware.
        pub market_value: Usd,
        /// Loan-to-value ratio.
        pub ltv: f64,
        /// DSCR of the month: CFADS over debt service due; 0 while it would be due on a loan left unpaid by a sale.
        pub dscr: f64,
        /// 1 where the DSCR is defined.
        pub has_dscr: f64,
        /// CFADS of the previous two months.
        pub cash_flows: [Usd; 2],
        /// Debt service due in the previous two months.
        pub services: [Usd; 2],
        /// Cash flow available for debt service (CFADS): rent less opex.
        pub cfads: Usd,
        /// 1 while distributions are locked up.
        pub locked: f64,
        /// Consecutive months with a DSCR below the default covenant.
        pub weak: f64,
        /// Consecutive months with a missed payment.
        pub short: f64,
        /// Consecutive months with an unmet margin call.
        pub uncured: f64,
        /// 1 while a breach stops draws.
        pub stopped: f64,
        /// Months since the contract was lost, that month included; 0 while it is in force.
        pub lost: f64,
        /// 1 once the loan is in default.
        pub failed: f64,
        /// 1 once the lab has ended.
        pub alone: f64,
        /// 1 once the lender has sold the hardware, or all contracts have ended.
        pub ended: f64,
        /// Value at the default of a dollar paid this month.
        pub factor: f64,
        /// Recourse called from the lab and not yet booked.
        pub called: Usd,
        /// Recourse that the lab owes.
        pub owed: Usd,
        /// Recourse paid this month.
        pub recourse_paid: Usd,
        /// Present value of the lab's remaining rent.
        pub firm_rent: Usd,
        /// Written off the loan so far.
        pub written_off: Usd,
        /// Amounts owed by the lab that were given up so far.
        pub given_up: Usd,
        /// Claim at default.
        pub claim: Usd,
        /// Loss on the claim, discounted to the default.
        pub loss: Usd,
        /// Loss if the hardware were sold now, before discounting to the default.
        pub loss_expected: Usd,
        /// Final part of the loss, discounted to the default.
        pub loss_final: Usd,
    }
}

impl Ddtl {
    /// Cost of deliveries planned for month `t`.
    #[inline(always)]
    pub fn planned(&self, t: f64) -> Usd {
        select((t >= self.start) & (t < self.start + self.over), self.cost, Usd::ZERO)
    }
    /// Whether it was signed in the simulation: a facility whose deliveries began before the first month was signed then.
    #[inline(always)]
    pub fn is_new(&self) -> bool {
        self.start >= 1.0
    }
    /// Cost of deliveries in month `t` if it lies before the first month, when everything went to plan; otherwise zero.
    #[inline(always)]
    pub fn before(&self, t: f64) -> Usd {
        select(t < 1.0, self.planned(t), Usd::ZERO)
    }
    /// Draw of month `t` if it lies before the first month; otherwise zero.
    #[inline(always)]
    pub fn drawn_before(&self, t: f64) -> Usd {
        let deliveries = max(0.0, t - self.start);
        let upto = |n: f64| min(self.cost * (self.advance * n), self.commitment);
        select(self.before(t) > Usd::ZERO, upto(deliveries + 1.0) - upto(deliveries), Usd::ZERO)
    }
    /// Number of monthly deliveries planned before month `t`.
    #[inline(always)]
    pub fn share_before(&self, t: f64) -> f64 {
        max(0.0, min(t - self.start, self.over))
    }
    /// Maximum loan-to-value in month `t`.
    #[inline(always)]
    pub fn most_ltv(&self, t: f64) -> f64 {
        self.ltv + self.ltv_slope * max(0.0, min(t - self.start, self.ltv_over))
    }

    /// Starts a new month of the contract: hardware delivered last month is leased, hardware delivered a contract term
    /// before that no longer is.
    #[inline(always)]
    pub fn roll_contract(&self, own: &mut DdtlState, expired: Usd) {
        own.placed = max(own.placed + own.arrived - expired, Usd::ZERO);
        let rent = own.contract * self.grow + own.arrived * self.rent - expired * (self.rent * self.grown);
        own.contract = max(rent, Usd::ZERO);
    }
    /// Starts a new month of the schedule: service of last month's draw begins, and that of a draw a loan term before
    /// has ended. Returns the scheduled principal.
    #[inline(always)]
    pub fn roll_schedule(&self, own: &mut DdtlState, repaid: Usd) -> Usd {
        own.rising = own.rising * self.shape + own.draw * self.rising - repaid * (self.rising * self.shaped);
        own.flat += (own.draw - repaid) * self.flat;
        let principal = own.rising + own.flat - own.on_schedule * self.schedule_rate;
        own.on_schedule -= principal;
        principal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_that_is_lent_moves_with_age() {
        let loan = Ddtl { start: 5.0, ltv: 0.9, ltv_slope: -0.3 / 30.0, ltv_over: 30.0, ..Ddtl::default() };
        for (t, most) in [(1.0, 0.9), (5.0, 0.9), (15.0, 0.8), (35.0, 0.6), (60.0, 0.6)] {
            assert!((loan.most_ltv(t) - most).abs() < 1e-12, "month {t}: {}", loan.most_ltv(t));
        }
    }

    #[test]
    fn draws_before_the_first_month_stop_at_the_commitment() {
        // 10 a month from month −4 for six months, 80% lent, 20 in all: 8, 8, 4, and nothing for the deliveries of
        // months −1 and 0.
        let loan =
            Ddtl { start: -4.0, over: 6.0, cost: Usd(10.0), advance: 0.8, commitment: Usd(20.0), ..Ddtl::default() };
        let draws: Vec<f64> = (-6..=2).map(|t| loan.drawn_before(f64::from(t)).0).collect();
        assert_eq!(draws, [0.0, 0.0, 8.0, 8.0, 4.0, 0.0, 0.0, 0.0, 0.0]);
        let came: Vec<f64> = (-6..=2).map(|t| loan.before(f64::from(t)).0).collect();
        assert_eq!(came, [0.0, 0.0, 10.0, 10.0, 10.0, 10.0, 10.0, 0.0, 0.0]);
    }
}

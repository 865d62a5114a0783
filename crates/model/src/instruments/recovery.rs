//! Recoveries of a vehicle's lenders and owners when it ends: from its sale, guarantors, and the lab's estate.
//!
//! Cold code that instruments call in `claim` and `resolve`. Cash pays the tranches in order. A guarantor pays on the
//! shortfall after sale and reserve, without waiting for the estate; later payments of the estate go to the tranches
//! for their remaining shortfall, then to guarantors for their payments, then to the equity.

use crate::engine::books::ACCOUNTS;
use crate::engine::resolution::{Award, Rules};
use crate::instruments::project_finance::guaranteed;
use crate::units::Usd;

/// Maximum number of tranches; the last account is the equity's.
pub const TRANCHES: usize = ACCOUNTS - 1;

/// Pays down the tranches in order with `cash`; adds each payment to `paid` and returns the remainder.
pub fn run_down(cash: Usd, balance: &mut [Usd; ACCOUNTS], paid: &mut [Usd; ACCOUNTS]) -> Usd {
    let mut left = cash;
    for k in 0..TRANCHES {
        let part = if balance[k] < left { balance[k] } else { left };
        balance[k] -= part;
        paid[k] += part;
        left -= part;
    }
    left
}

/// Claim of a vehicle when the lab rejects the lease: the lesser of the present value of future rent and the months of
/// rent that count as damages.
pub fn rejected(firm_rent: Usd, rent: Usd, rules: Rules) -> Usd {
    let damages = rent * rules.damages;
    if damages < firm_rent { damages } else { firm_rent }
}

/// Sources of recovery of a vehicle that ends.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ending {
    /// Sale proceeds and reserves, received at once.
    pub now: Usd,
    /// Payment from the lab's estate, received later.
    pub later: Usd,
    /// By tranche: share of its shortfall guaranteed by a third party, and the remaining maximum payment.
    pub guarantees: [(f64, Usd); TRANCHES],
    /// Payment of a third party for all tranches together, up to their shortfall.
    pub joint: Usd,
}

/// Distribution of the recoveries of a vehicle that ended.
#[derive(Clone, Copy, Debug, Default)]
pub struct Shares {
    /// Cash to each tranche, from all sources.
    pub paid: [Usd; ACCOUNTS],
    /// Part of `paid` that comes from guarantors.
    pub called: [Usd; ACCOUNTS],
    /// Refunded to guarantors out of the estate.
    pub refunded: Usd,
    /// Left for the equity.
    pub equity: Usd,
    /// Balance that stays unpaid.
    pub unpaid: [Usd; ACCOUNTS],
    /// Loss in present value, at each tranche's monthly rate.
    pub loss: [Usd; ACCOUNTS],
}

impl Ending {
    /// Distributes the recoveries among tranches with the balances `balance`; payments from the estate arrive with the
    /// delay of `award`.
    pub fn share(&self, balance: &[Usd; ACCOUNTS], rate: &[f64; TRANCHES], award: &Award) -> Shares {
        let mut out = Shares { unpaid: *balance, ..Shares::default() };
        out.unpaid[TRANCHES] = Usd::ZERO;
        out.equity = run_down(self.now, &mut out.unpaid, &mut out.paid);
        let mut guarantors = Usd::ZERO;
        for (k, &(cover, cap)) in self.guarantees.iter().enumerate() {
            let called = guaranteed(out.unpaid[k], Usd::ZERO, cover, cap);
            out.called[k] = called;
            out.unpaid[k] -= called;
            guarantors += called;
        }
        guarantors += self.joint - run_down(self.joint, &mut out.unpaid, &mut out.called);
        let mut late = [Usd::ZERO; ACCOUNTS];
        let left = run_down(self.later, &mut out.unpaid, &mut late);
        out.refunded = if guarantors < left { guarantors } else { left };
        out.equity += left - out.refunded;
        for k in 0..TRANCHES {
            out.paid[k] += out.called[k] + late[k];
            out.loss[k] = out.unpaid[k] + late[k] * (1.0 - award.discount(rate[k]));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guarantors_pay_before_the_estate_and_are_refunded_last() {
        // Owed 100 and 50. A sale brings 60; the first tranche misses 40 of which 75% are guaranteed, 30. The estate
        // pays 70: 10 to the first, 50 to the second, 10 of 30 to the guarantor, nothing to the equity.
        let mut balance = [Usd::ZERO; ACCOUNTS];
        (balance[0], balance[1]) = (Usd(100.0), Usd(50.0));
        let mut ending = Ending { now: Usd(60.0), later: Usd(70.0), ..Ending::default() };
        ending.guarantees[0] = (0.75, Usd(35.0));
        let award = Award { delay: 10.0, ..Award::default() };
        let s = ending.share(&balance, &[0.01, 0.0, 0.0, 0.0], &award);
        assert_eq!((s.called[0], s.refunded, s.equity), (Usd(30.0), Usd(10.0), Usd::ZERO));
        assert_eq!((s.paid[0], s.paid[1]), (Usd(100.0), Usd(50.0)));
        assert_eq!(s.unpaid, [Usd::ZERO; ACCOUNTS]);
        // The first loses ten months of interest at 1% on its 10; the second bears no interest and loses nothing.
        let lost = 10.0 * (1.0 - 1.01_f64.powi(-10));
        assert!((s.loss[0].0 - lost).abs() < 1e-12 && s.loss[1] == Usd::ZERO);
        // With a cap of 20 the guarantor pays 20, and the estate fills the rest before it refunds: 20, 50, nothing.
        ending.guarantees[0].1 = Usd(20.0);
        let s = ending.share(&balance, &[0.0; TRANCHES], &award);
        assert_eq!((s.called[0], s.refunded, s.equity), (Usd(20.0), Usd::ZERO, Usd::ZERO));
    }

    #[test]
    fn damages_are_bounded_by_rent_to_come() {
        let rules = Rules { damages: 36.0 };
        assert_eq!(rejected(Usd(500.0), Usd(10.0), rules), Usd(360.0));
        assert_eq!(rejected(Usd(90.0), Usd(10.0), rules), Usd(90.0));
    }
}

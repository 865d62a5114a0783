//! The vehicle's claim on a failed lab and its outcome, and the audit.

use super::rows::{Ddtl, DdtlState};
use crate::engine::books::Books;
use crate::engine::instrument::View;
use crate::engine::resolution::{Award, Claim, Outcome, Rules};
use crate::units::Usd;

fn positive(x: Usd) -> Usd {
    if x > Usd::ZERO { x } else { Usd::ZERO }
}

impl Ddtl {
    /// Rent in arrears and, as damages, rent of a contract that ends with the lab; recourse called, or the shortfall
    /// that a sale would leave when the loan can no longer rely on a contract. The stake goes to the estate at what a
    /// sale would leave.
    pub(super) fn claims(&self, see: &View, own: &DdtlState, rules: Rules) -> Claim {
        let stands = own.ended == 0.0;
        let by_lab = self.by_lab > 0.0 && stands && own.lost == 0.0;
        let to_damages = own.contract * rules.damages;
        let damages = if !by_lab {
            Usd::ZERO
        } else if own.firm_rent < to_damages {
            own.firm_rent
        } else {
            to_damages
        };
        let worth = own.vintages.value(see.market.resale) * self.kept + own.reserve + own.trapped;
        let debt = own.balance + own.unpaid;
        let exposed = self.recourse > 0.0 && stands && (by_lab || own.lost > 0.0 || own.failed > 0.0);
        let rent = own.arrears + damages;
        let recourse = if exposed { positive(debt - worth - rent) } else { Usd::ZERO };
        Claim {
            unsecured: rent + own.owed + own.called + recourse,
            arrears: own.arrears + own.owed,
            assets: if stands { positive(worth - debt) } else { Usd::ZERO },
            ..Claim::default()
        }
    }

    /// In a restructuring part of what the lab owes is exchanged for shares, which go to the lender. When the lab ends,
    /// the estate's payment goes to the vehicle, or to the lender once the vehicle has ended.
    pub(super) fn learn(&self, own: &mut DdtlState, award: &Award, books: &mut Books) {
        let owed = own.arrears + own.owed;
        match award.outcome {
            Outcome::Going | Outcome::Rescued => {}
            Outcome::Restructured => {
                let cut = owed * award.haircut;
                own.arrears = own.arrears * (1.0 - award.haircut);
                own.owed = own.owed * (1.0 - award.haircut);
                own.given_up += cut;
                books.lab.issued += cut.0 * award.shares_per_usd;
                books.lab.paid_in += cut;
            }
            Outcome::Acquired | Outcome::Liquidated => {
                own.given_up += owed;
                (own.arrears, own.owed, own.called) = (Usd::ZERO, Usd::ZERO, Usd::ZERO);
                if own.ended > 0.0 {
                    // The lender receives what makes it whole; the rest was owed to a vehicle that no longer exists,
                    // and stays in the estate.
                    let rate = self.margin + self.floats * self.floor + own.added_spread;
                    let value = award.discount(rate) * own.factor;
                    let (cash, lost) = (award.cash(), positive(own.loss_final));
                    let recovered = if cash * value < lost { cash * value } else { lost };
                    let paid = if cash * value < lost { cash } else { lost / value };
                    books.third(-paid);
                    books.pay(0, paid);
                    own.loss_final -= recovered;
                } else {
                    books.third(-award.cash());
                    own.reserve += award.cash();
                }
            }
        }
    }
}

impl DdtlState {
    /// Differences in the roll-forward of the loan and of the amounts owed by the lab; zero if they reconcile.
    pub(super) fn rolls(was: &DdtlState, now: &DdtlState) -> Usd {
        let loan = was.balance + was.unpaid + now.draw + now.accrued
            - now.interest
            - now.principal
            - (now.written_off - was.written_off)
            - now.balance
            - now.unpaid;
        let lab = now.rent_due + was.owed + was.called
            - now.rent_paid
            - now.recourse_paid
            - (now.given_up - was.given_up)
            - now.arrears
            - now.owed;
        Usd(loan.0.abs() + lab.0.abs())
    }
}

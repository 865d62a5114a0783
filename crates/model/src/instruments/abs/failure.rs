//! The vehicle's claim on a failed lab and its outcome, the vehicle's own default, and the audit.

use super::TRANCHES;
use super::month::{GONE, HELD, ISSUED};
use super::rows::{Abs, AbsState};
use crate::engine::books::{ACCOUNTS, Books, event};
use crate::engine::instrument::View;
use crate::engine::resolution::{Award, Claim, Outcome, Rules};
use crate::units::Usd;

const ZERO: Usd = Usd::ZERO;

impl Abs {
    /// Arrears and, as damages for a lease that ends with the lab, the rent of the months that count. Before closing
    /// the pool is an asset of the estate, afterwards what a sale would leave for the stake.
    pub(super) fn claims(&self, see: &View, own: &AbsState, rules: Rules) -> Claim {
        let stands = own.stage != GONE;
        let leases = stands && own.stage != HELD && own.with_lab > 0.0;
        let most = own.level * rules.damages;
        let damages = if !leases {
            ZERO
        } else if own.firm_rent < most {
            own.firm_rent
        } else {
            most
        };
        let value = self.value(see, own) * self.kept + own.reserve + own.trapped - own.owed();
        let owed = own.arrears + own.running_owed;
        Claim {
            unsecured: owed + damages,
            arrears: owed,
            assets: if stands && value > ZERO { value } else { ZERO },
            ..Claim::default()
        }
    }

    pub(super) fn learn(&self, see: &View, own: &mut AbsState, award: &Award, books: &mut Books) {
        let owed = own.arrears + own.running_owed;
        match award.outcome {
            Outcome::Going | Outcome::Rescued => {}
            Outcome::Restructured => {
                let cut = owed * award.haircut;
                own.arrears = own.arrears * (1.0 - award.haircut);
                own.running_owed = own.running_owed * (1.0 - award.haircut);
                own.given_up += cut;
                books.lab.issued += cut.0 * award.shares_per_usd;
                books.lab.paid_in += cut;
            }
            Outcome::Acquired | Outcome::Liquidated => {
                // Payments on rent and damages go to the vehicle; payments on operating cost do not.
                let all = award.claim.unsecured;
                let share = if all > ZERO { award.cash() / all } else { 0.0 };
                let to_vehicle = award.cash() - own.running_owed * share;
                own.reserve += to_vehicle;
                books.third(-to_vehicle);
                own.given_up += owed;
                (own.arrears, own.running_owed) = (ZERO, ZERO);
                if own.stage == HELD {
                    (own.stage, own.book, own.occupied) = (GONE, ZERO, 0.0);
                }
            }
        }
        if own.failed > 0.0 && own.stage == ISSUED {
            self.sell(see, own, books);
        }
    }

    /// The vehicle has failed: the pool is sold, and the proceeds and the vehicle's cash go to the tranches in order of
    /// rank. Any surplus is distributed in the following month.
    fn sell(&self, see: &View, own: &mut AbsState, books: &mut Books) {
        let sale = self.value(see, own) * self.kept;
        let mut pool = sale + own.reserve + own.trapped;
        books.third(-sale);
        books.events |= event::SOLD;
        // Interest and principal of all tranches in order, then the accrued step-up.
        for (k, step_up) in (0..2 * TRANCHES).map(|k| (k % TRANCHES, k >= TRANCHES)) {
            let owed = if step_up { own.stepped[k] } else { own.balance[k] + own.unpaid[k] };
            let paid = if owed < pool { owed } else { pool };
            pool -= paid;
            books.pay(k, paid);
            own.service += paid;
            own.loss[k] += owed - paid;
            own.written_off += owed - paid;
        }
        for k in 0..TRANCHES {
            (own.balance[k], own.unpaid[k], own.stepped[k]) = (ZERO, ZERO, ZERO);
        }
        (own.reserve, own.trapped) = (ZERO, pool);
        (own.stage, own.occupied, own.with_lab) = (GONE, 0.0, 0.0);
    }
}

impl AbsState {
    /// Amount owed to each tranche.
    #[inline(always)]
    pub(super) fn positions(&self) -> [Usd; ACCOUNTS] {
        let mut out = [ZERO; ACCOUNTS];
        for (k, slot) in out.iter_mut().take(TRANCHES).enumerate() {
            *slot = self.balance[k] + self.unpaid[k] + self.stepped[k];
        }
        out
    }

    /// Differences in the roll-forward of the notes, of the amounts owed by the lab and of the deferred gain; zero if
    /// they reconcile.
    pub(super) fn rolls(was: &AbsState, now: &AbsState) -> Usd {
        let notes =
            was.owed() + now.draw + now.accrued - now.service - (now.written_off - was.written_off) - now.owed();
        let lab = was.arrears + was.running_owed + now.charged
            - now.paid
            - (now.given_up - was.given_up)
            - now.arrears
            - now.running_owed;
        let gain = was.deferred + now.gain - now.released - now.deferred;
        Usd(notes.0.abs() + lab.0.abs() + gain.0.abs())
    }

    /// Total owed to all tranches.
    fn owed(&self) -> Usd {
        (0..TRANCHES).fold(ZERO, |sum, k| sum + self.balance[k] + self.unpaid[k] + self.stepped[k])
    }
}

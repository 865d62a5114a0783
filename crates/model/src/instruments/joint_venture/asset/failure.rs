//! Claims and recoveries of an asset venture when the lab fails, and its audit identities.

use super::super::PARTNERS;
use super::{AssetVenture, AssetVentureState, MINIMUM};
use crate::engine::books::{Books, event};
use crate::engine::instrument::View;
use crate::engine::resolution::{Award, Claim, Outcome, Rules};
use crate::instruments::term_loan::level_payment;
use crate::units::Usd;

impl AssetVenture {
    /// What the lab owes, or would owe, to the partners: after a put, the amount due less the value of the stake that
    /// they then keep; otherwise amounts due and the shortfall against a minimum return not yet tested.
    fn of_partners(&self, see: &View, own: &AssetVentureState) -> Usd {
        let due = own.owed + own.falls;
        let theirs = self.sharing.would_get(self.net_assets(see, own) * (1.0 - own.stake), own.standing) * own.held;
        let positive = |x: Usd| if x > Usd::ZERO { x } else { Usd::ZERO };
        if own.put > 0.0 {
            return positive(due - theirs);
        }
        let open = self.has_minimum > 0.0 && own.tested == 0.0 && own.ended == 0.0;
        let short = positive(own.value[MINIMUM] * own.held - theirs);
        due + if open { Usd(short.0.min(self.most)) } else { Usd::ZERO }
    }

    /// The claim: rent in arrears, damages for rejected rent, and amounts owed to the partners. The lab's stake is an
    /// asset of its estate.
    pub(super) fn claims(&self, see: &View, own: &AssetVentureState, rules: Rules) -> Claim {
        let rents = own.ended == 0.0 && own.stepped == 0.0 && see.t < self.exit;
        let damages = if rents {
            let to_come = self.exit - see.t.max(self.first - 1.0);
            let months = to_come.min(rules.damages.round()).max(0.0);
            let share = self.top * self.active(see.t.max(self.first)) * own.built * own.kept;
            if months >= 1.0 { Usd(self.rent * share / level_payment(self.discount, months)) } else { Usd::ZERO }
        } else {
            Usd::ZERO
        };
        let assets = self.net_assets(see, own);
        let theirs = self.sharing.would_get(assets * (1.0 - own.stake), own.standing);
        let managers = if self.manager > 0.0 { assets * (1.0 - own.stake) - theirs } else { Usd::ZERO };
        Claim {
            unsecured: own.arrears + damages + self.of_partners(see, own),
            arrears: own.arrears + own.owed,
            assets: assets - managers - theirs * own.held,
            ..Claim::default()
        }
    }

    /// When the lab ends, the partners step in, or the venture is wound up in the following month. The venture's share
    /// of the award goes through the waterfall in that month; the partners' own share is paid to them at once. In a
    /// restructuring the rent is cut; partners with a step-in right step in if another tenant would pay more.
    pub(super) fn resolved(&self, see: &View, own: &mut AssetVentureState, award: &Award, books: &mut Books) {
        match award.outcome {
            Outcome::Going | Outcome::Rescued => {}
            Outcome::Restructured => {
                let (kept, h) = (1.0 - award.haircut, award.haircut);
                let shares = award.claim.unsecured.0 * h * award.shares_per_usd;
                own.claimed += award.claim.unsecured;
                own.recovered += award.claim.unsecured * kept + award.price * shares;
                own.rent_written_off += own.arrears * h;
                own.owed_written_off += own.owed * h;
                books.lab.issued += shares;
                books.lab.paid_in += (own.arrears + own.owed) * h;
                own.arrears = own.arrears * kept;
                own.owed = own.owed * kept;
                own.falls = own.falls * kept;
                own.buys = own.buys * kept;
                own.kept *= kept;
                if self.steps_in > 0.0 && kept < self.relet && own.stepped == 0.0 && own.ended == 0.0 {
                    own.stepped = 1.0;
                    books.event(true, event::STEP_IN);
                }
            }
            Outcome::Acquired | Outcome::Liquidated => {
                let claim = award.claim.unsecured;
                let partners = self.of_partners(see, own);
                let share = if claim > Usd::ZERO { partners / claim } else { 0.0 };
                let to_partners = award.unsecured * share;
                own.claimed += claim;
                own.recovered += award.unsecured * award.discount(self.discount);
                own.received_total += to_partners;
                own.rent_written_off += own.arrears;
                own.owed_written_off += own.owed;
                own.cash += award.unsecured - to_partners;
                books.pay(PARTNERS, to_partners);
                books.third(-award.unsecured);
                (own.arrears, own.owed, own.falls, own.buys) = (Usd::ZERO, Usd::ZERO, Usd::ZERO, Usd::ZERO);
                (own.call_owed, own.price) = (Usd::ZERO, Usd::ZERO);
                if self.steps_in > 0.0 && own.stepped == 0.0 && own.ended == 0.0 {
                    own.stepped = 1.0;
                    books.event(true, event::STEP_IN);
                }
            }
        }
    }

    /// Sum of the absolute roll-forward errors of arrears, guarantees, debt, unspent capital and the pooled account.
    pub(super) fn audited(&self, was: &AssetVentureState, now: &AssetVentureState) -> Usd {
        let rent = was.arrears + now.charge - now.paid - (now.rent_written_off - was.rent_written_off) - now.arrears;
        // Amounts due this month were decided last month; those decided now are due next month.
        let given_up = now.owed_written_off - was.owed_written_off;
        let owed = was.owed + was.falls - now.guaranteed - now.owed - given_up;
        let debt = was.debt + now.interest + now.draw - now.service - now.debt;
        let unspent = was.unspent + now.called + now.paid_in - (now.spent - was.spent) - now.unspent;
        let unspent = if now.ended > was.ended { Usd::ZERO } else { unspent };
        let pooled = |s: &AssetVentureState| s.standing.account.capital + s.shared_total - s.standing.account.profit;
        let capital = pooled(now) - pooled(was) - now.called;
        // A put exercised this month is paid from the next month on; guarantee payments of this month have another
        // cause.
        let beside = if was.put > 0.0 { Usd::ZERO } else { now.guaranteed };
        let capital = if self.sharing.pooled() { capital + beside } else { Usd::ZERO };
        [rent, owed, debt, unspent, capital].iter().fold(Usd::ZERO, |sum, x| sum + Usd(x.0.abs()))
    }
}

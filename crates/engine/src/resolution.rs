//! Failure of a lab or a vehicle: the claims, the estate and its distribution (*Resolve: when a lab or a vehicle fails*
//! in `docs/model.md`).
//!
//! It runs in the month of the failure after `mark`, only on the lanes that failed, in scalar code that both engines
//! share: the block engine takes such a lane out of its columns and puts it back. So it may loop and branch.
//!
//! Instruments state their claims on closing balances ([`Claim`]); the lab's rules (the crate `gapcast-model`,
//! `lab::insolvency`) decide between rescue, restructuring and an end, and distribute an estate by absolute priority;
//! each instrument then receives its award ([`Award`]) and settles with its own providers.

use crate::books::{Books, event};
use crate::component::Lane;
use crate::draws::Inputs;
use crate::instrument::View;
use crate::objects::ScalarInstrument;
use crate::units::Usd;

/// The rules that an instrument may need when it states its claim.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rules {
    /// Months of a rejected commitment that count as damages.
    pub damages: f64,
}

/// A class of shares with a preference.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Class {
    /// Order of the preference: rank 0 is paid first; equal ranks are pari passu.
    pub rank: f64,
    /// Amount due before common shares are paid; zero for common shares.
    pub preference: Usd,
    /// Shares, as converted; included in the lab's shares.
    pub shares: f64,
    /// Whether it also participates in the remainder.
    pub participates: bool,
    /// Maximum total amount if it participates; infinite if there is no cap.
    pub cap: Usd,
}

/// What an instrument claims from the lab's estate.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Claim {
    /// Secured claim.
    pub secured: Usd,
    /// Proceeds of the collateral of that claim; the excess over the claim belongs to the estate.
    pub collateral: Usd,
    /// Whether the lab owes the shortfall of the collateral.
    pub recourse: bool,
    /// The part of all claims that is past due, which a rescue has to pay.
    pub arrears: Usd,
    /// Unsecured claim: arrears, principal, damages for a rejected commitment, guarantees.
    pub unsecured: Usd,
    /// Assets that the instrument holds for the lab and hands over: own hardware at its sale value, stakes,
    /// prepayments.
    pub assets: Usd,
    /// Own hardware included in the assets, on which loans may have a lien.
    pub hardware: Usd,
    /// The part of the unsecured claim that has a first lien on all own hardware of the lab ([`pledge`]).
    pub lien: Usd,
    /// Shares of the lab that the instrument's investors hold, with their preference.
    pub class: Class,
}

/// Makes own hardware the collateral of the loans with a lien on it, in proportion to their claims: it leaves the
/// assets of the estate, which gets back any excess over those claims.
pub fn pledge(claims: &mut [Claim]) {
    let sum = |of: fn(&Claim) -> Usd| claims.iter().fold(Usd::ZERO, |sum, claim| sum + of(claim));
    let (hardware, liens) = (sum(|claim| claim.hardware), sum(|claim| claim.lien));
    if hardware <= Usd::ZERO || liens <= Usd::ZERO {
        return;
    }
    for claim in claims {
        claim.assets -= claim.hardware;
        if claim.lien > Usd::ZERO {
            claim.collateral += hardware * (claim.lien / liens);
            claim.secured += claim.lien;
            claim.unsecured -= claim.lien;
            claim.recourse = true;
        }
    }
}

/// How a failure was resolved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Outcome {
    /// The lab has not failed: only a vehicle has.
    #[default]
    Going,
    /// New money came in; nobody gives up a claim.
    Rescued,
    /// The lab continues; creditors gave up a part of their claims for shares.
    Restructured,
    /// The lab was bought; creditors share the price.
    Acquired,
    /// The lab was broken up; creditors share the proceeds.
    Liquidated,
}

impl Outcome {
    /// Whether the lab ceases to exist.
    pub fn ends(self) -> bool {
        matches!(self, Outcome::Acquired | Outcome::Liquidated)
    }
}

/// The award to an instrument.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Award {
    /// How the failure was resolved.
    pub outcome: Outcome,
    /// The instrument's claim.
    pub claim: Claim,
    /// Cash on the secured claim, out of its collateral.
    pub secured: Usd,
    /// Cash on the unsecured claim and on the shortfall of the collateral.
    pub unsecured: Usd,
    /// Cash on its shares, by preference or converted.
    pub shares: Usd,
    /// Share of claims and of commitments given up in a restructuring.
    pub haircut: f64,
    /// Shares of the lab for each dollar given up.
    pub shares_per_usd: f64,
    /// Price of a share at the market's multiple after a restructuring.
    pub price: Usd,
    /// Months from the failure to the payment, for present values.
    pub delay: f64,
}

impl Award {
    /// Total cash.
    pub fn cash(&self) -> Usd {
        self.secured + self.unsecured + self.shares
    }
    /// Loss on `claim` at a monthly rate: the claim less what is paid, discounted over the delay.
    pub fn loss(&self, rate: f64) -> Usd {
        let claim = self.claim.secured + self.claim.unsecured;
        claim - (self.secured + self.unsecured) * self.discount(rate)
    }
    /// Present value at the failure of one dollar paid with the delay, at a monthly rate; a negative rate counts as
    /// zero.
    pub fn discount(&self, rate: f64) -> f64 {
        libm::exp(-self.delay * libm::log1p(rate.max(0.0)))
    }
    /// Cumulative claim of a creditor that is owed `owed` at this failure. It includes what the creditor `lost` in
    /// previous failures, so that all its losses are part of its claim. Returns `before` if the lab has not failed.
    pub fn claimed(&self, before: Usd, lost: Usd, owed: Usd) -> Usd {
        match self.outcome {
            Outcome::Going => before,
            _ => Usd(owed.0.max(0.0) + lost.0.max(0.0)),
        }
    }
}

/// What a failure leaves of one balance owed by the lab.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Settled {
    /// Amount that remains outstanding.
    pub left: Usd,
    /// Amount written off.
    pub written_off: Usd,
    /// Cash received for it from the estate.
    pub cash: Usd,
    /// Shares of the lab received for it.
    pub shares: f64,
    /// Loss in present value; 0 if the lab was rescued.
    pub loss: Usd,
}

impl Award {
    /// Share of the claim that is unsecured or not covered by collateral.
    fn bare(&self) -> f64 {
        let claim = &self.claim;
        let all = claim.secured + claim.unsecured;
        let covered = if claim.secured < claim.collateral { claim.secured } else { claim.collateral };
        if covered > Usd::ZERO { (all - covered) / all } else { 1.0 }
    }
    /// What the award leaves of a balance that was claimed in full, at a monthly rate. A restructuring cuts the part
    /// that has no collateral.
    pub fn settle(&self, balance: Usd, rate: f64) -> Settled {
        match self.outcome {
            Outcome::Going | Outcome::Rescued => Settled { left: balance, ..Settled::default() },
            Outcome::Restructured => {
                let written_off = balance * (self.haircut * self.bare());
                let shares = written_off.0 * self.shares_per_usd;
                let loss = written_off - self.price * shares;
                Settled { left: balance - written_off, written_off, shares, loss, ..Settled::default() }
            }
            Outcome::Acquired | Outcome::Liquidated => Settled {
                written_off: balance,
                cash: self.cash(),
                loss: balance - self.cash() * self.discount(rate),
                ..Settled::default()
            },
        }
    }
}

impl Settled {
    /// Posts the settlement of a debt on the lab's balance sheet: cash comes from the estate, shares from the lab.
    pub fn post(&self, account: usize, books: &mut Books) {
        books.pay(account, self.cash);
        books.third(-self.cash);
        books.lab.issued += self.shares;
        books.lab.paid_in += self.written_off;
    }
}

/// The result of a resolution.
#[derive(Debug)]
pub struct Resolved {
    /// The entries of each instrument, in order.
    pub books: Vec<Books>,
    /// The award to each instrument, in order.
    pub awards: Vec<Award>,
}

/// Spec of the rules of failure, which the lab supplies.
pub trait Insolvency: std::fmt::Debug + Send + Sync {
    /// The rules on the path of these inputs.
    fn rules(&self, inputs: &Inputs<'_>) -> Box<dyn Resolver>;
}

/// The rules of failure on one path.
pub trait Resolver: std::fmt::Debug + Send {
    /// The rules that instruments need when they state claims.
    fn rules(&self) -> &Rules;
    /// Decides the outcome for a lab that has failed, and the award to each instrument.
    fn decide(&self, uniforms: f64, lane: &mut Lane, claims: &[Claim]) -> Vec<Award>;
    /// Applies the consequences for the lab once its instruments have received their awards.
    fn conclude(&self, lane: &mut Lane);
    /// The part of an estate that was distributed to nobody: zero.
    fn unshared(&self, lane: &Lane, awards: &[Award]) -> Usd;
}

/// Resolves the failures of one lane in this month. `uniforms` decides between outcomes; `see` gives each instrument
/// its view.
pub fn resolve(
    terms: &dyn Resolver,
    uniforms: f64,
    lane: &mut Lane,
    instruments: &mut [Box<dyn ScalarInstrument>],
    see: impl Fn(&Lane) -> View,
) -> Resolved {
    let failed = lane.events & event::DEFAULT != 0;
    let mut claims: Vec<Claim> = if failed {
        instruments.iter().map(|instrument| instrument.claim(&see(lane), terms.rules())).collect()
    } else {
        vec![Claim::default(); instruments.len()]
    };
    pledge(&mut claims);
    let awards = if failed { terms.decide(uniforms, lane, &claims) } else { vec![Award::default(); instruments.len()] };
    let mut books_of = Vec::with_capacity(instruments.len());
    for (instrument, award) in instruments.iter_mut().zip(&awards) {
        let books = instrument.resolve(&see(lane), award);
        lane.lines = lane.lines.plus(books.lab);
        lane.events |= books.events;
        lane.lab.cash += books.lab.cash();
        lane.lab.shares += books.lab.issued;
        lane.accounts.new_shares += books.lab.issued;
        lane.accounts.paid_in += books.lab.paid_in;
        books_of.push(books);
    }
    if failed {
        terms.conclude(lane);
    }
    Resolved { books: books_of, awards }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_are_a_part_of_the_claim() {
        // Owed 100, restructured at 60%: 40 are left. Later liquidated for 10: of the 100 claimed 90 are lost.
        let award = |outcome| Award { outcome, haircut: 0.6, unsecured: Usd(10.0), ..Award::default() };
        let (mut claim, mut loss, mut owed) = (Usd::ZERO, Usd::ZERO, Usd(100.0));
        for outcome in [Outcome::Going, Outcome::Restructured, Outcome::Going, Outcome::Liquidated] {
            let award = award(outcome);
            claim = award.claimed(claim, loss, owed);
            let settled = award.settle(owed, 0.0);
            loss += settled.loss;
            owed = settled.left;
        }
        assert_eq!((claim, loss, owed), (Usd(100.0), Usd(90.0), Usd::ZERO));
        // A gain in shares is no claim.
        assert_eq!(award(Outcome::Liquidated).claimed(Usd(5.0), Usd(-7.0), Usd(20.0)), Usd(20.0));
    }

    #[test]
    fn hardware_is_shared_by_the_loans_that_have_a_lien_on_it() {
        // Hardware of 60 among assets of 80; loans of 30 and 90, one claim of 50 without a lien. 15 and 45 are pledged
        // to the loans: the second is short of 45, so that half of it is cut in a restructuring, like all of the third.
        let loan = |x: f64| Claim { unsecured: Usd(x), lien: Usd(x), ..Claim::default() };
        let held = Claim { assets: Usd(80.0), hardware: Usd(60.0), ..Claim::default() };
        let plain = Claim { unsecured: Usd(50.0), ..Claim::default() };
        let mut claims = [held, loan(30.0), loan(90.0), plain];
        pledge(&mut claims);
        assert_eq!(claims[0].assets, Usd(20.0));
        assert_eq!((claims[1].secured, claims[1].collateral, claims[1].unsecured), (Usd(30.0), Usd(15.0), Usd::ZERO));
        assert_eq!((claims[2].secured, claims[2].collateral, claims[2].recourse), (Usd(90.0), Usd(45.0), true));
        assert_eq!(claims[3], plain);
        let cut = |k: usize, owed: f64| {
            let award = Award { outcome: Outcome::Restructured, claim: claims[k], haircut: 0.4, ..Award::default() };
            award.settle(Usd(owed), 0.0).written_off
        };
        assert_eq!((cut(2, 90.0), cut(3, 50.0)), (Usd(18.0), Usd(20.0)));
        // Without hardware a lien is worth nothing, and without a lien hardware is the estate's.
        let mut claims = [loan(30.0), plain];
        pledge(&mut claims);
        assert_eq!(claims, [loan(30.0), plain]);
    }

    #[test]
    fn a_delay_is_no_gain_at_a_negative_rate() {
        let award = Award { delay: 12.0, ..Award::default() };
        assert_eq!(award.discount(-0.002), 1.0);
        assert!((award.discount(0.01) - 1.01_f64.powi(-12)).abs() < 1e-15);
    }
}

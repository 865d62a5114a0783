//! Distribution waterfall of a venture, between the capital partners and the promote holder.
//!
//! Four forms. *European*: capital, preferred return, catch-up, split, on the pooled account. *Look-back*: tiers by the
//! partners' own rate of return, each with its balance `b`, which grows at the tier's hurdle and falls with
//! distributions to the partners; a tier can end within a period. *Flip*: the partners' share changes in the period
//! after the first in which they have earned the target, so they overshoot it by part of a period. *Deal by deal*: the
//! European form on the account of each deal, with clawback at the end of promote in excess of the pooled account.
//!
//! A hard hurdle is a European form without catch-up. The pooled account and the balances are kept whatever the form,
//! so that each form is a function of the same state.

use crate::engine::math::{max, min, select};
use crate::row;
use crate::units::Usd;

row! {
    /// An account of capital: pooled, or of one deal.
    pub struct Account {
        /// Capital not yet returned.
        pub capital: Usd,
        /// Preferred return accrued and not yet paid.
        pub preferred: Usd,
        /// Profit paid to the partners so far, including preferred return.
        pub profit: Usd,
        /// Promote paid so far.
        pub promoted: Usd,
    }
    /// Terms of the European form; the hurdle is per period.
    pub struct European {
        /// Preferred return per period.
        hurdle: f64,
        /// 1 if the preferred return is simple, on capital alone.
        simple: f64,
        /// 1 if the preferred return is paid before capital.
        preferred_first: f64,
        /// Share of each dollar to the promote holder in the catch-up; 0 for none.
        catch_up: f64,
        /// Share of profit to the promote holder once the catch-up is complete.
        promote: f64,
        /// Size of the catch-up tier per dollar by which the promote is behind: `1/(catch_up − promote)`.
        steep: f64,
    }
}

/// Split of one distribution between the partners and the promote holder, by tier.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shared {
    /// Return of capital.
    pub capital: Usd,
    /// Preferred return.
    pub preferred: Usd,
    /// Catch-up to the partners.
    pub catch_up: Usd,
    /// Catch-up to the promote holder.
    pub catch_up_promote: Usd,
    /// Split to the partners.
    pub split: Usd,
    /// Split to the promote holder.
    pub split_promote: Usd,
}

impl Shared {
    /// Total to the partners.
    #[inline(always)]
    pub fn partners(&self) -> Usd {
        self.capital + self.preferred + self.catch_up + self.split
    }
    /// Total to the promote holder.
    #[inline(always)]
    pub fn promote(&self) -> Usd {
        self.catch_up_promote + self.split_promote
    }
}

/// Monthly rate of an effective annual rate: `(1 + h)^(1/12) − 1`.
pub fn monthly(annual: f64) -> f64 {
    libm::expm1(libm::log1p(annual.max(-0.999)) / 12.0)
}

impl European {
    /// Terms; the hurdle is per period.
    pub fn new(hurdle: f64, simple: bool, preferred_first: bool, catch_up: f64, promote: f64) -> European {
        let flag = |yes: bool| f64::from(u8::from(yes));
        European {
            hurdle,
            simple: flag(simple),
            preferred_first: flag(preferred_first),
            catch_up,
            promote,
            steep: if catch_up > promote { 1.0 / (catch_up - promote) } else { 0.0 },
        }
    }

    /// Accrues a period's preferred return on the balances at its start.
    #[inline(always)]
    pub fn accrue(&self, account: &mut Account) {
        let base = account.capital + select(self.simple > 0.0, Usd::ZERO, account.preferred);
        account.preferred += base * self.hurdle;
    }

    /// Distributes `x` through the tiers.
    #[inline(always)]
    pub fn distribute(&self, x: Usd, account: &mut Account) -> Shared {
        let mut out = Shared::default();
        let first = self.preferred_first > 0.0;
        let early = select(first, min(x, account.preferred), Usd::ZERO);
        let x = x - early;
        out.capital = min(x, account.capital);
        let x = x - out.capital;
        let late = min(x, account.preferred - early);
        let mut left = x - late;
        out.preferred = early + late;
        account.capital -= out.capital;
        account.preferred -= out.preferred;
        account.profit += out.preferred;
        // The tier lasts until the promote has reached its share of all profit distributed.
        let behind = max(Usd::ZERO, (account.profit + account.promoted) * self.promote - account.promoted);
        let tier = min(left, behind * self.steep);
        out.catch_up_promote = tier * self.catch_up;
        out.catch_up = tier - out.catch_up_promote;
        left -= tier;
        out.split_promote = left * self.promote;
        out.split = left - out.split_promote;
        account.profit += out.catch_up + out.split;
        account.promoted += out.promote();
        out
    }
}

/// Maximum number of look-back tiers.
pub const TIERS: usize = 3;

row! {
    /// Terms of the look-back form, and of the flip, whose target is the hurdle of the first tier.
    pub struct LookBack {
        /// Hurdle of each tier, per period; ascending.
        hurdle: [f64; TIERS],
        /// Partners' share of distributions within each tier.
        share: [f64; TIERS],
        /// Size of a tier per dollar that the partners still need: the reciprocal of their share, 0 if they have none.
        length: [f64; TIERS],
        /// Partners' share above the last tier.
        beyond: f64,
    }
    /// Amount that the partners still need to have earned each hurdle; negative if they have earned more.
    pub struct Balances {
        /// By tier.
        pub b: [Usd; TIERS],
    }
}

impl LookBack {
    /// Terms from `tiers` of (hurdle per period, partners' share within the tier), in ascending order, at most
    /// [`TIERS`], and the partners' share above the last.
    pub fn new(tiers: &[(f64, f64)], beyond: f64) -> LookBack {
        let mut out = LookBack { beyond, ..LookBack::default() };
        for (k, &(hurdle, share)) in tiers.iter().take(TIERS).enumerate() {
            (out.hurdle[k], out.share[k]) = (hurdle, share);
            out.length[k] = if share > 0.0 { 1.0 / share } else { 0.0 };
        }
        out
    }

    /// Accrues a period; `call` was paid in at its start.
    #[inline(always)]
    pub fn accrue(&self, call: Usd, balances: &mut Balances) {
        for k in 0..TIERS {
            balances.b[k] = (balances.b[k] + call) * (1.0 + self.hurdle[k]);
        }
    }

    /// The amount of a distribution `x` that goes to the partners.
    #[inline(always)]
    pub fn partners(&self, x: Usd, balances: &Balances) -> Usd {
        let (mut left, mut partners) = (x, Usd::ZERO);
        for k in 0..TIERS {
            // The tier ends once the partners have earned its hurdle; its size is the amount missing over their share.
            let missing = max(Usd::ZERO, balances.b[k] - partners);
            let tier = min(left, missing * self.length[k]);
            partners += tier * self.share[k];
            left -= tier;
        }
        partners + left * self.beyond
    }
}

impl Balances {
    /// The partners receive `amount`; a negative balance is an excess over the hurdle, which later calls use up.
    #[inline(always)]
    pub fn receive(&mut self, amount: Usd) {
        for k in 0..TIERS {
            self.b[k] -= amount;
        }
    }
}

row! {
    /// Terms of the flip: the partners' share until they have earned the target, and thereafter.
    pub struct Flip {
        /// Before.
        pub before: f64,
        /// After.
        pub after: f64,
    }
}

impl Flip {
    /// The partners' share in force; `flipped` is the state at the end of the previous period.
    #[inline(always)]
    pub fn share(&self, flipped: f64) -> f64 {
        select(flipped > 0.0, self.after, self.before)
    }
    /// The test at the end of a period; a flip is permanent. The target is earned once capital has been called and the
    /// balance `missing` is no longer positive.
    #[inline(always)]
    pub fn test(missing: Usd, called: Usd, flipped: f64) -> f64 {
        select((missing <= Usd::ZERO) & (called > Usd::ZERO), 1.0, flipped)
    }
}

/// Maximum number of deals of a venture.
pub const DEALS: usize = 4;

row! {
    /// The account of each deal.
    pub struct Deals {
        /// By deal.
        pub of: [Account; DEALS],
    }
}

impl European {
    /// Accrues a period's preferred return on each deal.
    #[inline(always)]
    pub fn accrue_deals(&self, deals: &mut Deals) {
        for k in 0..DEALS {
            self.accrue(&mut deals.of[k]);
        }
    }
    /// The amount to the partners when each deal distributes its own `x` through its own tiers.
    // Written out: a loop of this size is not unrolled early enough, and the sweep would not be vectorised.
    #[inline(always)]
    pub fn distribute_deals(&self, x: [Usd; DEALS], deals: &mut Deals) -> Usd {
        let [a, b, c, d] = &mut deals.of;
        let first = self.distribute(x[0], a).partners() + self.distribute(x[1], b).partners();
        first + self.distribute(x[2], c).partners() + self.distribute(x[3], d).partners()
    }
    /// Clawback from the promote holder at the end: promote paid deal by deal in excess of that of the pooled account,
    /// without interest.
    #[inline(always)]
    pub fn clawback(deals: &Deals, pooled: &Account) -> Usd {
        let mut promoted = Usd::ZERO;
        for k in 0..DEALS {
            promoted += deals.of[k].promoted;
        }
        max(Usd::ZERO, promoted - pooled.promoted)
    }
}

/// Form of the waterfall; see the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Capital, preferred return, catch-up, split.
    European,
    /// Tiers by the partners' own return.
    LookBack,
    /// A share that changes after a target.
    Flip,
    /// European on each deal, with clawback.
    Deals,
}

row! {
    /// Terms of all forms, and the form in force. The venture keeps the deals themselves.
    pub struct Sharing {
        /// The European form, of the pool or of each deal.
        pub european: European,
        /// The look-back form.
        pub look_back: LookBack,
        /// The flip.
        pub flip: Flip,
        /// The [`Form`] in force, as a number.
        form: f64,
    }
    /// State of all forms.
    pub struct Standing {
        /// The pooled account.
        pub account: Account,
        /// Balances by tier.
        pub balances: Balances,
        /// 1 once the share has flipped.
        pub flipped: f64,
        /// Paid in by the partners so far.
        pub called: Usd,
    }
}

impl Sharing {
    /// Terms of one form.
    pub fn new(form: Form, european: European, look_back: LookBack, flip: Flip) -> Sharing {
        Sharing { european, look_back, flip, form: f64::from(form as u8) }
    }
    /// Whether this form is in force.
    #[inline(always)]
    pub fn is(&self, form: Form) -> bool {
        self.form == f64::from(form as u8)
    }
    /// Whether the pooled account records the capital returned.
    #[inline(always)]
    pub fn pooled(&self) -> bool {
        self.is(Form::European)
    }

    /// Accrues a month's return on the balances at its start.
    #[inline(always)]
    pub fn accrue(&self, own: &mut Standing) {
        self.european.accrue(&mut own.account);
        self.look_back.accrue(Usd::ZERO, &mut own.balances);
    }

    /// The amount of one distribution `x` to the partners, in any form but deal by deal, and the return of capital in
    /// it on the pooled account.
    #[inline(always)]
    pub fn partners(&self, x: Usd, own: &mut Standing) -> (Usd, Usd) {
        let pooled = self.european.distribute(x, &mut own.account);
        let tiers = self.look_back.partners(x, &own.balances);
        let flip = x * self.flip.share(own.flipped);
        let other = select(self.is(Form::LookBack), tiers, flip);
        (select(self.is(Form::LookBack) | self.is(Form::Flip), other, pooled.partners()), pooled.capital)
    }

    /// The amount that the partners would receive if `x` were distributed now.
    #[inline(always)]
    pub fn would_get(&self, x: Usd, mut own: Standing) -> Usd {
        self.partners(x, &mut own).0
    }

    /// End of the month: the partners have received `amount` and paid in `call`, which earns a return from the next
    /// month.
    #[inline(always)]
    pub fn end(&self, amount: Usd, call: Usd, own: &mut Standing) {
        own.balances.receive(amount);
        own.flipped = Flip::test(own.balances.b[0], own.called, own.flipped);
        own.account.capital += call;
        own.called += call;
        for k in 0..TIERS {
            own.balances.b[k] += call;
        }
    }

    /// The partners receive `amount` outside the waterfall: first preferred return, then capital if `capital` is 1,
    /// then profit.
    #[inline(always)]
    pub fn receive(&self, amount: Usd, capital: f64, own: &mut Standing) {
        let preferred = min(amount, own.account.preferred);
        let returned = min(amount - preferred, own.account.capital) * capital;
        own.account.preferred -= preferred;
        own.account.capital -= returned;
        own.account.profit += amount - returned;
        own.balances.receive(amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An 8% simple hurdle on 1 000 for a year, full catch-up, a promote of a fifth.
    fn terms() -> European {
        European::new(0.08, true, false, 1.0, 0.2)
    }

    #[test]
    fn a_catch_up_ends_where_the_promote_is_its_share() {
        let mut account = Account { capital: Usd(1000.0), ..Account::default() };
        terms().accrue(&mut account);
        // 1 000 capital, 80 preferred, 20 catch-up (a fifth of 100), then 4 to 1: 100 more give 80 and 20.
        let out = terms().distribute(Usd(1200.0), &mut account);
        assert_eq!((out.capital, out.preferred, out.catch_up_promote), (Usd(1000.0), Usd(80.0), Usd(20.0)));
        assert!((out.split.0 - 80.0).abs() < 1e-9 && (out.split_promote.0 - 20.0).abs() < 1e-9);
    }

    #[test]
    fn a_flip_needs_a_call_and_stays() {
        assert_eq!(Flip::test(Usd(0.0), Usd(0.0), 0.0), 0.0);
        assert_eq!(Flip::test(Usd(1.0), Usd(5.0), 0.0), 0.0);
        assert_eq!(Flip::test(Usd(-1.0), Usd(5.0), 0.0), 1.0);
        assert_eq!(Flip::test(Usd(9.0), Usd(5.0), 1.0), 1.0);
    }

    #[test]
    fn what_comes_beside_the_waterfall_is_return_first() {
        let sharing = Sharing::new(Form::European, terms(), LookBack::new(&[(0.1, 1.0)], 1.0), Flip::default());
        let standing = Standing {
            account: Account { capital: Usd(100.0), preferred: Usd(8.0), ..Account::default() },
            balances: Balances { b: [Usd(110.0), Usd(0.0), Usd(0.0)] },
            ..Standing::default()
        };
        let mut floor = standing;
        sharing.receive(Usd(10.0), 0.0, &mut floor);
        assert_eq!(
            (floor.account.capital, floor.account.preferred, floor.account.profit),
            (Usd(100.0), Usd(0.0), Usd(10.0))
        );
        let mut exit = standing;
        sharing.receive(Usd(10.0), 1.0, &mut exit);
        assert_eq!(
            (exit.account.capital, exit.account.preferred, exit.account.profit),
            (Usd(98.0), Usd(0.0), Usd(8.0))
        );
        assert_eq!(exit.balances.b[0], Usd(100.0));
    }

    #[test]
    fn a_distribution_that_would_be_made_changes_nothing() {
        let sharing = Sharing::new(Form::European, terms(), LookBack::default(), Flip::default());
        let own = Standing {
            account: Account { capital: Usd(1000.0), preferred: Usd(80.0), ..Account::default() },
            ..Standing::default()
        };
        assert!((sharing.would_get(Usd(1200.0), own).0 - 1160.0).abs() < 1e-9);
        assert_eq!(own.account.capital, Usd(1000.0));
    }
}

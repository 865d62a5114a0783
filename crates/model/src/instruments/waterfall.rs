//! Distribution waterfall of a venture, between the capital partners and the promote holder.
//!
//! Four forms. *European*: capital, preferred return, catch-up, split, on the pooled account. *Look-back*: tiers by the
//! partners' own rate of return, each with its balance `b`, which grows at the tier's hurdle and falls with
//! distributions to the partners; a tier can end within a period. *Flip*: the partners' share changes in the period
//! after the first in which they have earned the target, so they overshoot it by part of a period. *Deal by deal*: the
//! European form on the account of each deal, with clawback at the end of promote in excess of the pooled account.
//!
//! A hard hurdle is a European form without catch-up. Whatever the form, the pooled account and the balances are kept, so
//! that each form is a function of the same state.

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
        /// Profit paid to the partners so far, preferred return included.
        pub profit: Usd,
        /// Promote paid so far.
        pub promoted: Usd,
    }
    /// Terms of the European form; the hurdle is a period's.
    pub struct European {
        /// Preferred return a period.
        hurdle: f64,
        /// 1 when the preferred return is simple, on capital alone.
        simple: f64,
        /// 1 when the preferred return is paid before capital.
        preferred_first: f64,
        /// Share of each dollar that goes to the promote holder in the catch-up; 0 for none.
        catch_up: f64,
        /// Share of profit that the promote holder ends up with.
        promote: f64,
        /// Length of the catch-up for each dollar that the promote is behind: `1/(catch_up − promote)`.
        steep: f64,
    }
}

/// What one distribution gives to the partners and to the holder of the promote, by tier.
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
    /// All to the partners.
    #[inline(always)]
    pub fn partners(&self) -> Usd {
        self.capital + self.preferred + self.catch_up + self.split
    }
    /// All to the promote holder.
    #[inline(always)]
    pub fn promote(&self) -> Usd {
        self.catch_up_promote + self.split_promote
    }
}

/// A month's return of an effective annual rate, `(1 + h)^(1/12) − 1`.
pub fn monthly(annual: f64) -> f64 {
    libm::expm1(libm::log1p(annual.max(-0.999)) / 12.0)
}

impl European {
    /// Terms; the hurdle is a period's.
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

    /// A period's preferred return, on what stands at its start.
    #[inline(always)]
    pub fn accrue(&self, account: &mut Account) {
        let base = account.capital + select(self.simple > 0.0, Usd::ZERO, account.preferred);
        account.preferred += base * self.hurdle;
    }

    /// One distribution `x` down the tiers.
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
        // The tier lasts until the promote is its share of all profit distributed.
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

/// Look-back tiers, at most.
pub const TIERS: usize = 3;

row! {
    /// Terms of the look-back form, and of the flip, whose target is the hurdle of the first balance.
    pub struct LookBack {
        /// Hurdle of each tier, a period; ascending.
        hurdle: [f64; TIERS],
        /// Partners' share of what is distributed within each tier.
        share: [f64; TIERS],
        /// A tier's length for each dollar that the partners miss: one over their share, 0 where they have none.
        length: [f64; TIERS],
        /// Partners' share beyond the last.
        beyond: f64,
    }
    /// What the partners must still get to have earned each hurdle; below zero they have earned more.
    pub struct Balances {
        /// By tier.
        pub b: [Usd; TIERS],
    }
}

impl LookBack {
    /// Terms from hurdles of a period, ascending, with the partners' share up to each, and their share beyond the last.
    pub fn new(tiers: &[(f64, f64)], beyond: f64) -> LookBack {
        let mut out = LookBack { beyond, ..LookBack::default() };
        for (k, &(hurdle, share)) in tiers.iter().take(TIERS).enumerate() {
            (out.hurdle[k], out.share[k]) = (hurdle, share);
            out.length[k] = if share > 0.0 { 1.0 / share } else { 0.0 };
        }
        out
    }

    /// A period passes; `call` was paid in at its start.
    #[inline(always)]
    pub fn accrue(&self, call: Usd, balances: &mut Balances) {
        for k in 0..TIERS {
            balances.b[k] = (balances.b[k] + call) * (1.0 + self.hurdle[k]);
        }
    }

    /// The partners' part of one distribution `x`.
    #[inline(always)]
    pub fn partners(&self, x: Usd, balances: &Balances) -> Usd {
        let (mut left, mut partners) = (x, Usd::ZERO);
        for k in 0..TIERS {
            // The tier ends when the partners have what it asks for; its size is that over their share.
            let missing = max(Usd::ZERO, balances.b[k] - partners);
            let tier = min(left, missing * self.length[k]);
            partners += tier * self.share[k];
            left -= tier;
        }
        partners + left * self.beyond
    }
}

impl Balances {
    /// The partners get `amount`; below zero they have earned more than the hurdle, which later calls draw on.
    #[inline(always)]
    pub fn receive(&mut self, amount: Usd) {
        for k in 0..TIERS {
            self.b[k] -= amount;
        }
    }
}

row! {
    /// Terms of the flip: the partners' share until they have earned the target, and after it.
    pub struct Flip {
        /// Before.
        pub before: f64,
        /// After.
        pub after: f64,
    }
}

impl Flip {
    /// The partners' share in force: `flipped` is as the last period left it.
    #[inline(always)]
    pub fn share(&self, flipped: f64) -> f64 {
        select(flipped > 0.0, self.after, self.before)
    }
    /// The test at a period's end; what has flipped stays so. The target is earned when its balance is no more above zero.
    #[inline(always)]
    pub fn test(missing: Usd, called: Usd, flipped: f64) -> f64 {
        select((missing <= Usd::ZERO) & (called > Usd::ZERO), 1.0, flipped)
    }
}

/// Deals of one venture, at most.
pub const DEALS: usize = 4;

row! {
    /// The account of each deal.
    pub struct Deals {
        /// By deal.
        pub of: [Account; DEALS],
    }
}

impl European {
    /// A period's preferred return of each deal.
    #[inline(always)]
    pub fn accrue_deals(&self, deals: &mut Deals) {
        for k in 0..DEALS {
            self.accrue(&mut deals.of[k]);
        }
    }
    /// The partners' part when each deal distributes its own `x` down its own tiers.
    // Written out: a loop of this size is not unrolled in time, and the sweep would stay scalar.
    #[inline(always)]
    pub fn distribute_deals(&self, x: [Usd; DEALS], deals: &mut Deals) -> Usd {
        let [a, b, c, d] = &mut deals.of;
        let first = self.distribute(x[0], a).partners() + self.distribute(x[1], b).partners();
        first + self.distribute(x[2], c).partners() + self.distribute(x[3], d).partners()
    }
    /// What the holder of the promote gives back at the end: the promote paid deal by deal beyond that of the pooled account,
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

/// How a venture shares; see the module.
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
    /// Terms of all forms, and the one in force. The deals themselves are the venture's.
    pub struct Sharing {
        /// The European form, of the pool or of each deal.
        pub european: European,
        /// The look-back form.
        pub look_back: LookBack,
        /// The flip.
        pub flip: Flip,
        /// A [`Form`].
        form: f64,
    }
    /// What the forms remember.
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
    /// Whether the pooled account tells what capital was returned.
    #[inline(always)]
    pub fn pooled(&self) -> bool {
        self.is(Form::European)
    }

    /// A month passes on what stood at its start.
    #[inline(always)]
    pub fn accrue(&self, own: &mut Standing) {
        self.european.accrue(&mut own.account);
        self.look_back.accrue(Usd::ZERO, &mut own.balances);
    }

    /// What one distribution gives to the partners, deals apart; and what of it is capital on the pooled account.
    #[inline(always)]
    pub fn partners(&self, x: Usd, own: &mut Standing) -> (Usd, Usd) {
        let pooled = self.european.distribute(x, &mut own.account);
        let tiers = self.look_back.partners(x, &own.balances);
        let flip = x * self.flip.share(own.flipped);
        let other = select(self.is(Form::LookBack), tiers, flip);
        (select(self.is(Form::LookBack) | self.is(Form::Flip), other, pooled.partners()), pooled.capital)
    }

    /// What the partners would get of `x` if it were distributed now.
    #[inline(always)]
    pub fn would_get(&self, x: Usd, mut own: Standing) -> Usd {
        self.partners(x, &mut own).0
    }

    /// The month's end: the partners have got `amount` and have paid in `call`, which bears return from the next month.
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

    /// The partners get `amount` beside the waterfall: preferred return first, then capital when `capital` is 1, the rest
    /// profit.
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

    /// A 8% simple hurdle on 1 000 for a year, full catch-up, a fifth promote.
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

//! How a venture's distributions are shared between the capital partners and the holder of the promote.
//!
//! Two forms. *European*: capital, preferred return, catch-up, split, on the pooled account. *Look-back*: tiers by the
//! partners' own rate of return, each with its balance `b`, which grows at the tier's hurdle and falls with what the
//! partners get; a tier splits inside a period (MODEL §7.8).

use crate::engine::math::{max, min, pick};
use crate::row;
use crate::units::Usd;

row! {
    /// The pooled account.
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
    /// Terms of the European form; the hurdle is a month's.
    pub struct European {
        /// Preferred return a period.
        pub hurdle: f64,
        /// 1 when the preferred return is simple, on capital alone.
        pub simple: f64,
        /// 1 when the preferred return is paid before capital.
        pub preferred_first: f64,
        /// Share of each dollar that goes to the promote holder in the catch-up; 0 for none.
        pub catch_up: f64,
        /// Share of profit that the promote holder ends up with.
        pub promote: f64,
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

impl European {
    /// A period's preferred return, on what stands at its start.
    #[inline(always)]
    pub fn accrue(&self, account: &mut Account) {
        let base = account.capital + pick(self.simple > 0.0, Usd::ZERO, account.preferred);
        account.preferred += base * self.hurdle;
    }

    /// One distribution `x` down the tiers.
    #[inline(always)]
    pub fn distribute(&self, x: Usd, account: &mut Account) -> Shared {
        let mut out = Shared::default();
        let first = self.preferred_first > 0.0;
        let early = pick(first, min(x, account.preferred), Usd::ZERO);
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
        let steep = pick(self.catch_up > self.promote, 1.0 / (self.catch_up - self.promote), 0.0);
        let size = max(Usd::ZERO, (account.profit + account.promoted) * self.promote - account.promoted) * steep;
        let tier = min(left, size);
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
    /// Terms of the look-back form: a period's hurdle of each tier and the partners' share up to it, then beyond all.
    pub struct LookBack {
        /// Hurdle of each tier, a period; ascending.
        pub hurdle: [f64; TIERS],
        /// Partners' share of what is distributed within each tier.
        pub share: [f64; TIERS],
        /// Partners' share beyond the last.
        pub beyond: f64,
    }
    /// What the partners must still get to have earned each hurdle.
    pub struct Balances {
        /// By tier.
        pub b: [Usd; TIERS],
    }
}

impl LookBack {
    /// A period passes; `call` was paid in at its start.
    #[inline(always)]
    pub fn accrue(&self, call: Usd, balances: &mut Balances) {
        for k in 0..TIERS {
            balances.b[k] = (balances.b[k] + call) * (1.0 + self.hurdle[k]);
        }
    }

    /// One distribution `x`: to the partners, and to the promote holder.
    #[inline(always)]
    pub fn distribute(&self, x: Usd, balances: &mut Balances) -> (Usd, Usd) {
        let (mut left, mut partners) = (x, Usd::ZERO);
        for k in 0..TIERS {
            // The tier ends when the partners have what it asks for; its size is that over their share.
            let missing = max(Usd::ZERO, balances.b[k] - partners);
            let size = missing / max(self.share[k], f64::MIN_POSITIVE);
            let tier = min(left, pick(self.share[k] > 0.0, size, Usd::ZERO));
            partners += tier * self.share[k];
            left -= tier;
        }
        partners += left * self.beyond;
        // Below zero the partners have earned more than the hurdle, which later calls draw on.
        for k in 0..TIERS {
            balances.b[k] -= partners;
        }
        (partners, x - partners)
    }
}

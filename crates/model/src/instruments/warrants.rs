//! Warrants on the lab's shares held by a lender or a vendor.
//!
//! They are net-exercised: the holder receives the shares that the gain buys at the current price, `n − n K/S`. Several
//! grants are held as one position at their mean exercise price. Before exercise they are not among the lab's shares,
//! and rounds do not price them.

use crate::engine::books::Books;
use crate::engine::instrument::View;
use crate::engine::math::{max, select};
use crate::engine::resolution::Class;
use crate::row;
use crate::units::Usd;

row! {
    /// A holder's warrants, and the shares received for them.
    pub struct Warrants {
        /// Not yet exercised, one share each.
        pub outstanding: f64,
        /// Total exercise price of the outstanding warrants.
        pub strikes: Usd,
        /// Shares held, from exercise or from a restructuring.
        pub shares: f64,
    }
}

/// Share price at the market multiple; 0 once the lab has ended.
#[inline(always)]
pub fn share_price(see: &View) -> Usd {
    see.lab.run_rate * (see.market.multiple * see.lab.alive / see.lab.shares)
}

impl Warrants {
    /// Adds a grant of `n` warrants with an exercise price of `strike` each.
    #[inline(always)]
    pub fn grant(&mut self, n: f64, strike: Usd) {
        self.outstanding += n;
        self.strikes += strike * n;
    }
    /// Shares from net exercise of all warrants at the share price `price`.
    #[inline(always)]
    pub fn net(&self, price: Usd) -> f64 {
        max(0.0, self.outstanding - self.strikes / max(price, Usd(f64::MIN_POSITIVE)))
    }
    /// In `settle`: exercises all warrants if `may` and they are in the money; otherwise they expire if `lapse`.
    #[inline(always)]
    pub fn exercise(&mut self, see: &View, may: bool, lapse: bool, books: &mut Books) {
        let alive = see.lab.alive > 0.0;
        let net = select(may & alive, self.net(share_price(see)), 0.0);
        let gone = (net > 0.0) | (lapse & alive);
        self.shares += net;
        self.outstanding = select(gone, 0.0, self.outstanding);
        self.strikes = select(gone, Usd::ZERO, self.strikes);
        books.lab.issued += net;
    }
    /// The holder's share of the company if all warrants were exercised in full.
    #[inline(always)]
    pub fn dilution(&self, see: &View) -> f64 {
        (self.shares + self.outstanding) / (see.lab.shares + self.outstanding)
    }
    /// Value of the shares at the market multiple.
    #[inline(always)]
    pub fn worth(&self, see: &View) -> Usd {
        share_price(see) * self.shares
    }
    /// The holder's class of shares when the lab is sold: its shares, plus those from net exercise at the price before
    /// the sale, scaled to the same fraction of the existing shares.
    pub fn class(&self, see: &View) -> Class {
        let net = self.net(share_price(see));
        let all = see.lab.shares;
        Class { shares: self.shares + net * all / (all + net), ..Class::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::instrument::{Lab, Market};

    /// 1000 shares; a run-rate of 100 at 20 times: 2 a share.
    fn see() -> View {
        let lab = Lab { run_rate: Usd(100.0), shares: 1000.0, alive: 1.0, ..Lab::default() };
        View { lab, market: Market { multiple: 20.0, ..Market::default() }, ..View::default() }
    }

    #[test]
    fn the_gain_buys_shares_at_the_days_price() {
        // 60 at 0.5 and 40 at 1.5, 90 in all: at 2 a share 100 − 45 = 55 shares; at 0.9 nothing is left.
        let mut w = Warrants::default();
        w.grant(60.0, Usd(0.5));
        w.grant(40.0, Usd(1.5));
        assert_eq!((w.net(Usd(2.0)), w.net(Usd(0.9)), w.net(Usd(0.0))), (55.0, 0.0, 0.0));
        // (0 + 100)/(1000 + 100).
        assert!((w.dilution(&see()) - 100.0 / 1100.0).abs() < 1e-15);
        // Sold with the lab: 55 of 1055, as shares of the 1000.
        assert!((w.class(&see()).shares - 1000.0 * 55.0 / 1055.0).abs() < 1e-12);
        let mut books = Books::NONE;
        w.exercise(&see(), false, false, &mut books);
        assert_eq!(w.outstanding, 100.0);
        w.exercise(&see(), true, false, &mut books);
        assert_eq!((w.shares, w.outstanding, w.strikes, books.lab.issued), (55.0, 0.0, Usd::ZERO, 55.0));
        assert_eq!(w.worth(&see()), Usd(110.0));
    }

    #[test]
    fn out_of_the_money_they_wait_and_lapse() {
        let (mut w, mut books) = (Warrants::default(), Books::NONE);
        w.grant(10.0, Usd(3.0));
        w.exercise(&see(), true, false, &mut books);
        assert_eq!(w.outstanding, 10.0);
        w.exercise(&see(), true, true, &mut books);
        assert_eq!((w.outstanding, w.shares, books.lab.issued), (0.0, 0.0, 0.0));
    }

    #[test]
    fn penny_warrants_are_shares() {
        let mut w = Warrants::default();
        w.grant(10.0, Usd::ZERO);
        assert_eq!((w.net(Usd(2.0)), w.net(Usd(0.0))), (10.0, 10.0));
    }
}

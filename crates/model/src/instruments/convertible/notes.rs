//! Arithmetic of notes: how the next round counts them, and the shares into which they convert.

use crate::engine::math::{max, select};
use crate::units::Usd;

/// Conversion terms of a note: at the lower of a discounted price and a cap price.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Conversion {
    /// `1 / (1 − discount)`; 0 when it does not convert at a round's price at all.
    pub markup: f64,
    /// Shares per dollar at the cap, `S_ref / cap`; 0 without a cap.
    pub per_usd: f64,
}

/// How the next round counts a note of `owed`: as money that buys at the round's price, or as shares at the cap.
///
/// The round needs one or the other before it has a price, so the cheaper of the two is chosen at the last known price:
/// `value` over `shares`.
#[inline(always)]
pub fn shown(owed: Usd, terms: &Conversion, value: Usd, shares: f64) -> (Usd, f64) {
    let capped = value * terms.per_usd > Usd(shares * terms.markup);
    (select(capped, Usd::ZERO, owed * terms.markup), select(capped, owed.0 * terms.per_usd, 0.0))
}

/// Shares into which a note of `owed` converts when this month's rounds sold shares for money: at the lower of the two
/// prices.
#[inline(always)]
pub fn converted(owed: Usd, terms: &Conversion, round: (Usd, f64)) -> f64 {
    let (money, sold) = round;
    let at_price = select(sold > 0.0, terms.markup * sold / money.0, 0.0);
    owed.0 * max(at_price, terms.per_usd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cheaper_of_the_two() {
        // A cap of 900 on 90 shares: 10 a share. A discount of a fifth is cheaper below a price of 12.5.
        let terms = Conversion { markup: 1.25, per_usd: 0.1 };
        for (price, capped) in [(12.0, false), (13.0, true)] {
            let (money, shares) = shown(Usd(80.0), &terms, Usd(90.0 * price), 90.0);
            assert_eq!((money, shares), if capped { (Usd::ZERO, 8.0) } else { (Usd(100.0), 0.0) });
            // At that price it converts into the larger number of shares, the same as was counted.
            let became = converted(Usd(80.0), &terms, (Usd(30.0 * price), 30.0));
            assert!((became - shares - money.0 / price).abs() < 1e-12, "{price}: {became}");
        }
    }

    #[test]
    fn edges() {
        // Neither cap nor discount: at the round's price. No round: nothing, unless at the cap.
        let bare = Conversion { markup: 1.0, per_usd: 0.0 };
        assert_eq!(shown(Usd(50.0), &bare, Usd(900.0), 90.0), (Usd(50.0), 0.0));
        assert_eq!(converted(Usd(50.0), &bare, (Usd(20.0), 2.0)), 5.0);
        assert_eq!(converted(Usd(50.0), &bare, (Usd::ZERO, 0.0)), 0.0);
        let floor = Conversion { markup: 0.0, per_usd: 0.1 };
        assert_eq!(shown(Usd(50.0), &floor, Usd(900.0), 90.0), (Usd::ZERO, 5.0));
        assert_eq!(converted(Usd(50.0), &floor, (Usd::ZERO, 0.0)), 5.0);
        // A lab without value: no price is known, and the note is counted by its amount.
        assert_eq!(shown(Usd(50.0), &Conversion { markup: 1.25, per_usd: 0.1 }, Usd::ZERO, 90.0), (Usd(62.5), 0.0));
    }
}

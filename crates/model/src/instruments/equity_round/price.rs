//! Arithmetic of priced rounds: price with a pool and notes, the effect of the flow of new equity on it, and protection of
//! earlier holders in a later down round.

use crate::engine::instrument::Market;
use crate::engine::math::{exp, ln, max, min, select};
use crate::units::Usd;

/// Factor on the price of a round, where `taken` has been raised in the month by it and those before it.
#[inline(always)]
pub fn price_factor(market: &Market, taken: Usd) -> f64 {
    let flow = market.equity_flow + market.equity_flow_per_usd * taken.0;
    min(1.0, exp(market.equity_elasticity * ln(max(flow, f64::MIN_POSITIVE))))
}

/// The company before the new money of a round.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Before {
    /// Fully diluted shares, including the pool.
    pub shares: f64,
    /// Unallocated pool, included in `shares`.
    pub pool: f64,
    /// Sum of amount / (1 − discount) of the notes that convert at a discount.
    pub notes: Usd,
    /// Shares of the notes that convert at their caps.
    pub note_shares: f64,
}

/// Terms of a round as priced.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Priced {
    /// Share price.
    pub price: Usd,
    /// Shares added to the pool.
    pub top_up: f64,
    /// Shares issued for the new money.
    pub issued: f64,
}

/// Maximum share of the pool after a top-up.
const MOST_POOL: f64 = 0.95;

/// A priced round with notes and pool top-up.
///
/// `value` (`V`) is the pre-money value of everything outstanding before the new money, including converted notes and
/// the pool top-up; `new` (`I`) is the new money; `target` (`T`) is the pool's share after the round (0 for no top-up).
/// Solved algebraically, with `d` the discounted notes and `S` the shares including those of capped notes: `np = (r S −
/// pool)/(1 − r)`, `r = T (V + I)/(V − d)`, `p = (V − d)/(S + np)`. Requires `value` above the notes.
#[inline(always)]
pub fn priced_round(value: Usd, new: Usd, target: f64, before: &Before) -> Priced {
    let shares = before.shares + before.note_shares;
    let net = max(value - before.notes, Usd(f64::MIN_POSITIVE));
    // `r`, and with it the top-up, without a division of its own.
    let part = min((value + new) * target, net * MOST_POOL);
    let top_up = max(0.0, (part * shares - net * before.pool) / (net - part));
    let top_up = select(target > 0.0, top_up, 0.0);
    let all = shares + top_up;
    // `net/all` and `new all/net`, with one division.
    let inverse = 1.0 / (net.0 * all);
    Priced { price: net * (net.0 * inverse), top_up, issued: new.0 * all * (all * inverse) }
}

/// Shares into which a class converts after a round below its conversion price; `held` when the round is not below it.
///
/// `paid` for `held` shares gives the conversion price `CP1`; `all` is the number of fully diluted shares before the
/// round (`A`); the round sold `C` shares for money that would have bought `B` at `CP1`. Broad-based weighted average:
/// `CP2 = CP1 (A + B)/(A + C)`; full ratchet: `CP2` is the round's price. The class converts into `paid/CP2`.
#[inline(always)]
pub fn protected(held: f64, paid: Usd, all: f64, round: (Usd, f64), ratchet: bool) -> f64 {
    let (money, sold) = round;
    let below = money * held < paid * sold;
    let average = held * (all + sold) / (all + money * held / paid);
    let full = paid * sold / money;
    select(below, max(held, select(ratchet, full, average)), held)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_by_hand() {
        // 100 shares, 10 of them pool; worth 900 before 100 of money, of which notes take 50 / (1 − 20%) = 62.5 and, at
        // a cap, 5 shares. Without top-up: (900 − 62.5) / 105 = 7.976190…
        let before = Before { shares: 100.0, pool: 10.0, notes: Usd(62.5), note_shares: 5.0 };
        let plain = priced_round(Usd(900.0), Usd(100.0), 0.0, &before);
        assert!((plain.price.0 - 837.5 / 105.0).abs() < 1e-12 && plain.top_up == 0.0);
        // Post-money is pre-money and money: old shares, the cap's 5, the discount's 62.5 / p, and the money's.
        let after = 105.0 + 62.5 / plain.price.0 + plain.issued;
        assert!((after * plain.price.0 - 1000.0).abs() < 1e-9);
        // With a pool of 20% of all shares after the round.
        let pooled = priced_round(Usd(900.0), Usd(100.0), 0.2, &before);
        let after = 105.0 + pooled.top_up + 62.5 / pooled.price.0 + pooled.issued;
        assert!((after * pooled.price.0 - 1000.0).abs() < 1e-9);
        assert!(((10.0 + pooled.top_up) / after - 0.2).abs() < 1e-12);
        // A pool that is large enough already stays.
        assert_eq!(priced_round(Usd(900.0), Usd(100.0), 0.05, &before), plain);
    }

    #[test]
    fn notes_worth_more_than_the_company_leave_numbers() {
        let before = Before { shares: 100.0, notes: Usd(950.0), ..Before::default() };
        let p = priced_round(Usd(900.0), Usd::ZERO, 0.1, &before);
        assert!(p.price.0 >= 0.0 && p.top_up.is_finite() && p.issued == 0.0, "{p:?}");
    }

    #[test]
    fn protection_needs_a_cheaper_round() {
        // 10 shares bought at 10; 100 outstanding; 50 sold for 250, so at 5.
        let round = (Usd(250.0), 50.0);
        assert_eq!(protected(10.0, Usd(100.0), 100.0, round, true), 20.0);
        // (100 + 25)/(100 + 50): 10 · 150/125 = 12.
        assert!((protected(10.0, Usd(100.0), 100.0, round, false) - 12.0).abs() < 1e-12);
        for dear in [(Usd(500.0), 50.0), (Usd(600.0), 50.0), (Usd::ZERO, 0.0)] {
            assert_eq!(protected(10.0, Usd(100.0), 100.0, dear, true), 10.0);
        }
        assert_eq!(protected(0.0, Usd::ZERO, 100.0, round, true), 0.0);
    }
}

//! Draws of new debt from the market's supply of credit, and what its flow adds to their spread.
//!
//! One helper for all debts. Without a limit every function returns what it would be without it, to the bit.

use crate::engine::books::Books;
use crate::engine::instrument::View;
use crate::engine::math::{max, min, select};
use crate::units::Usd;

/// What lenders advance of `asked`, entered in the month's books: what is left of the supply after instruments earlier in
/// the list. A draw that was agreed before the first month (`new` is false) is neither cut nor counted.
#[inline(always)]
pub fn drawn(see: &View, new: bool, asked: Usd, books: &mut Books) -> Usd {
    let bound = new & (see.market.credit_limited > 0.0);
    let left = max(see.market.credit_left - see.credit, Usd::ZERO);
    let lent = select(bound, min(asked, left), asked);
    books.lab.credit_asked += select(bound, asked, Usd::ZERO);
    books.lab.credit_drawn += select(bound, lent, Usd::ZERO);
    lent
}

/// The same for debt that is drawn as a whole or not at all: whether it can be.
#[inline(always)]
pub fn drawn_whole(see: &View, asks: bool, amount: Usd, books: &mut Books) -> bool {
    let limited = see.market.credit_limited > 0.0;
    let fits = !limited | (amount <= see.market.credit_left - see.credit);
    let asked = select(asks & limited, amount, Usd::ZERO);
    books.lab.credit_asked += asked;
    books.lab.credit_drawn += select(fits, asked, Usd::ZERO);
    fits
}

/// Gives back what was promised in `settle` and then not drawn.
#[inline(always)]
pub fn not_drawn(see: &View, new: bool, amount: Usd, books: &mut Books) {
    let bound = new & (see.market.credit_limited > 0.0);
    books.lab.credit_drawn -= select(bound, amount, Usd::ZERO);
}

/// What the flow of new credit adds to the monthly `rate` of a draw: a share of its excess over SOFR, which is at least 0.
#[inline(always)]
pub fn added_spread(see: &View, rate: f64) -> f64 {
    max(rate - see.market.sofr * (1.0 / 12.0), 0.0) * see.market.credit_premium
}

/// Mean by draws of an addition to the rate: `now` for `draw`, `was` for the `before` drawn earlier.
#[inline(always)]
pub fn mean(was: f64, before: Usd, now: f64, draw: Usd) -> f64 {
    let all = before + draw;
    select(draw > Usd::ZERO, (was * before.0 + now * draw.0) / max(all.0, f64::MIN_POSITIVE), was)
}

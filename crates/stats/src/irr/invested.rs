//! The flows of a provider as those of an investment: amounts received before it was out of pocket are netted against
//! what it then paid in.
//!
//! A lender is often paid before it lends: a fee on an undrawn line, an upfront fee on a debt whose first draw is
//! small. Such flows begin with a receipt, and the rate that discounts them to zero is the cost to somebody who borrows
//! the receipt: it rises as the provider loses more. So receipts are carried, without interest, into the first month in
//! which the total paid in exceeds the total received. From there on the flows begin with a payment, and if they have
//! one rate, it is above zero exactly when more came back than was paid in. A provider that is never out of pocket has
//! made no investment, and its flows have no rate.

use super::block::{Row, TOGETHER};

/// Share of the gross flows so far below which a balance is rounding.
const DUST: f64 = 1e-9;

/// The flows of an investment; zero in the months before it began.
pub fn invested(flows: &[f64]) -> Vec<f64> {
    let (mut sum, mut size, mut begun) = (0.0, 0.0, false);
    let month = |c: &f64| {
        (sum, size) = (sum + c, size + c.abs());
        let was = begun;
        begun |= sum < -DUST * size;
        if was {
            *c
        } else if begun {
            sum
        } else {
            0.0
        }
    };
    flows.iter().map(month).collect()
}

/// [`invested`] for some lanes, `flows[month][lane]`, in place.
#[inline(always)]
pub fn invested_rows(flows: &mut [Row]) {
    let (mut sum, mut size, mut begun) = ([0.0; TOGETHER], [0.0; TOGETHER], [0.0; TOGETHER]);
    for row in flows {
        // In separate loops, each of which vectorises.
        let (c, mut begins) = (*row, begun);
        for l in 0..TOGETHER {
            sum[l] += c[l];
            size[l] += c[l].abs();
        }
        for l in 0..TOGETHER {
            begins[l] = if sum[l] < -DUST * size[l] { 1.0 } else { begun[l] };
        }
        for l in 0..TOGETHER {
            let first = if begins[l] > 0.0 { sum[l] } else { 0.0 };
            row[l] = if begun[l] > 0.0 { c[l] } else { first };
        }
        begun = begins;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::irr::{Irr, irr};
    use proptest::prelude::*;

    #[test]
    fn receipts_are_carried_into_the_first_month_out_of_pocket() {
        for (flows, out) in [
            // A fee of 2 and 1, a draw of 50, 20 back: 47 are out of pocket, and lost but for 20.
            (&[2.0, 1.0, -50.0, 20.0][..], &[0.0, 0.0, -47.0, 20.0][..]),
            // A fee of 5 above the first draw of 3: out of pocket with the second, by 3 − 5 + 40.
            (&[5.0 - 3.0, -40.0, 50.0], &[0.0, -38.0, 50.0]),
            // An investment is left as it is, what comes back later too.
            (&[0.0, -10.0, 12.0, -1.0], &[0.0, -10.0, 12.0, -1.0]),
            // Never out of pocket, by rounding alone, and nothing at all.
            (&[1.0, 1.0, -2.0], &[0.0, 0.0, 0.0]),
            (&[0.1, 0.2, -0.3, 9.0], &[0.0, 0.0, 0.0, 0.0]),
            (&[0.0, 0.0], &[0.0, 0.0]),
        ] {
            assert_eq!(invested(flows), out, "{flows:?}");
        }
    }

    proptest! {
        #[test]
        fn a_rate_is_positive_exactly_when_more_came_back(flows in prop::collection::vec(-100.0..100.0f64, 1..60)) {
            let begun = invested(&flows);
            let sum: f64 = flows.iter().sum();
            if let Irr::One(rate) = irr(&begun) {
                prop_assert!(rate.abs() < 1e-9 || (rate > 0.0) == (sum > 0.0), "{rate} {sum}");
            }
            // Several lanes do the same to the bit.
            let mut rows: Vec<Row> = flows.iter().map(|&c| [c; TOGETHER]).collect();
            invested_rows(&mut rows);
            for (row, c) in rows.iter().zip(&begun) {
                prop_assert!(row.iter().all(|x| x.to_bits() == c.to_bits()));
            }
        }
    }
}

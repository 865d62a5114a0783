//! All values of a column, with their exact quantiles and shares.

use super::quantile::quantile;

/// Values in the order in which they are added. A column whose values are all equal, as in many, takes no memory per
/// value.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Equal values: the value and how many there are.
    Same(f64, u64),
    /// Each value separately.
    Each(Vec<f64>),
}

impl Default for Values {
    fn default() -> Values {
        Values::Same(f64::NAN, 0)
    }
}

impl Values {
    /// Adds values; values with the same bits are equal.
    pub fn extend(&mut self, values: impl Iterator<Item = f64>) {
        for x in values {
            match self {
                Values::Same(same, n) if *n == 0 || same.to_bits() == x.to_bits() => (*same, *n) = (x, *n + 1),
                Values::Same(same, n) => {
                    let mut each = vec![*same; *n as usize];
                    each.push(x);
                    *self = Values::Each(each);
                }
                Values::Each(each) => each.push(x),
            }
        }
    }

    /// The defined values in ascending order; equal values are one again where only undefined values separated them, so
    /// that the form depends on the defined values alone.
    #[must_use]
    pub fn sorted(self) -> Sorted {
        Sorted(match self {
            Values::Same(x, _) if x.is_nan() => Values::default(),
            Values::Same(..) => self,
            Values::Each(mut each) => {
                each.retain(|x| !x.is_nan());
                each.sort_unstable_by(f64::total_cmp);
                match (each.first(), each.last()) {
                    (None, _) => Values::default(),
                    (Some(x), Some(y)) if x.to_bits() == y.to_bits() => Values::Same(*x, each.len() as u64),
                    _ => Values::Each(each),
                }
            }
        })
    }
}

/// Defined values in ascending order.
#[derive(Clone, Debug, PartialEq)]
pub struct Sorted(Values);

impl Sorted {
    /// The values, to which others may be added.
    #[must_use]
    pub fn into_values(self) -> Values {
        self.0
    }
    /// How many there are.
    pub fn n(&self) -> u64 {
        match &self.0 {
            Values::Same(_, n) => *n,
            Values::Each(each) => each.len() as u64,
        }
    }
    /// The `q`-quantile, type 7; NaN if there are no values.
    pub fn quantile(&self, q: f64) -> f64 {
        match &self.0 {
            Values::Same(x, _) => *x,
            Values::Each(each) => quantile(each, q),
        }
    }
    /// Share of the values below `x`; NaN if there are no values.
    pub fn share_below(&self, x: f64) -> f64 {
        self.share(|y| y < x)
    }
    /// Share of the values at or below `x`; NaN if there are no values.
    pub fn share_at_most(&self, x: f64) -> f64 {
        self.share(|y| y <= x)
    }
    fn share(&self, counts: impl Fn(f64) -> bool) -> f64 {
        match &self.0 {
            Values::Same(_, 0) => f64::NAN,
            Values::Same(x, _) => f64::from(u8::from(counts(*x))),
            Values::Each(each) => each.partition_point(|&y| counts(y)) as f64 / each.len() as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> Sorted {
        let mut all = Values::default();
        all.extend(values.iter().copied());
        all.sorted()
    }

    #[test]
    fn quantiles_and_shares() {
        // 40, 30 and 30 of 100 paths: the median is 152, 40% lie below it.
        let months = of(&[vec![153.0; 30], vec![151.0; 40], vec![f64::NAN; 7], vec![152.0; 30]].concat());
        assert_eq!((months.n(), months.quantile(0.5), months.quantile(0.75)), (100, 152.0, 153.0));
        assert_eq!((months.share_below(152.0), months.share_at_most(152.0)), (0.4, 0.7));
        // Between the second and the third of three, 0.9·2 = 1.8 ranks up: 2 + 0.8·2.
        assert!((of(&[4.0, 1.0, 2.0]).quantile(0.9) - 3.6).abs() < 1e-15);
    }

    #[test]
    fn sorted_values_can_be_extended() {
        let all = [f64::NAN, 3.0, 3.0, f64::NAN, 3.0, 1.0, f64::NAN, 2.0];
        for cut in 0..=all.len() {
            let mut values = of(&all[..cut]).into_values();
            values.extend(all[cut..].iter().copied());
            assert_eq!(values.sorted(), of(&all), "cut after {cut}");
        }
    }

    #[test]
    fn equal_values_are_one() {
        let same = of(&[7.0; 50]);
        assert_eq!((same.clone(), same.n(), same.quantile(0.3)), (Sorted(Values::Same(7.0, 50)), 50, 7.0));
        assert_eq!((same.share_below(7.0), same.share_at_most(7.0)), (0.0, 1.0));
        let apart = of(&[f64::NAN, 7.0, f64::NAN, 7.0]);
        assert_eq!(apart, of(&[7.0; 2]));
        for nothing in [of(&[]), of(&[f64::NAN; 3]), of(&[f64::NAN, 1.0, f64::NAN]).clone()] {
            assert_eq!(nothing.quantile(0.5).is_nan(), nothing.n() == 0);
            assert_eq!(nothing.share_below(2.0).is_nan(), nothing.n() == 0);
        }
    }
}

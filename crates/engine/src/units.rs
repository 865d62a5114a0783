//! Newtypes where a mix-up is plausible and expensive, and the calendar of months.
//!
//! Everything else is `f64` with a doc line that gives the unit. Products and quotients are declared only where they
//! are meaningful: `Usd × f64`, `Usd ÷ Usd`. There is no `Usd × Usd`.

use std::fmt;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

/// An amount of nominal US dollars: a stock now, or a flow of this month.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
#[repr(transparent)]
pub struct Usd(pub f64);

impl Usd {
    /// No money.
    pub const ZERO: Usd = Usd(0.0);
}

macro_rules! usd_ops {
    ($($op:ident $method:ident $rhs:ty, |$a:ident, $b:ident| $e:expr => $out:ty;)*) => { $(
        impl $op<$rhs> for Usd {
            type Output = $out;
            #[inline(always)]
            fn $method(self, rhs: $rhs) -> $out { let ($a, $b) = (self, rhs); $e }
        }
    )* };
}
usd_ops! {
    Add add Usd, |a, b| Usd(a.0 + b.0) => Usd;
    Sub sub Usd, |a, b| Usd(a.0 - b.0) => Usd;
    Mul mul f64, |a, b| Usd(a.0 * b) => Usd;
    Div div f64, |a, b| Usd(a.0 / b) => Usd;
    Div div Usd, |a, b| a.0 / b.0 => f64;
}
impl Neg for Usd {
    type Output = Usd;
    #[inline(always)]
    fn neg(self) -> Usd {
        Usd(-self.0)
    }
}
impl AddAssign for Usd {
    #[inline(always)]
    fn add_assign(&mut self, rhs: Usd) {
        self.0 += rhs.0;
    }
}
impl SubAssign for Usd {
    #[inline(always)]
    fn sub_assign(&mut self, rhs: Usd) {
        self.0 -= rhs.0;
    }
}
impl From<f64> for Usd {
    #[inline(always)]
    fn from(x: f64) -> Usd {
        Usd(x)
    }
}
impl From<Usd> for f64 {
    #[inline(always)]
    fn from(x: Usd) -> f64 {
        x.0
    }
}

/// A calendar month, counted from January of year 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

impl Month {
    /// The month `month` (1 to 12) of `year`.
    pub const fn new(year: i32, month: i32) -> Month {
        Month(year * 12 + month - 1)
    }
    /// The calendar year.
    pub const fn year(self) -> i32 {
        self.0.div_euclid(12)
    }
    /// 1 for January, 12 for December.
    pub const fn month(self) -> i32 {
        self.0.rem_euclid(12) + 1
    }
    /// `n` months later.
    #[must_use]
    pub const fn plus(self, n: i32) -> Month {
        Month(self.0 + n)
    }
    /// Whole months from `other` to this one; negative when this one is earlier.
    pub const fn since(self, other: Month) -> i32 {
        self.0 - other.0
    }
    /// Days of the month, 28 to 31.
    pub const fn days(self) -> i32 {
        match self.month() {
            4 | 6 | 9 | 11 => 30,
            2 => {
                let y = self.year();
                if (y % 4 == 0 && y % 100 != 0) || y % 400 == 0 { 29 } else { 28 }
            }
            _ => 31,
        }
    }
    /// ISO date of the month's last day, `2026-06-30`.
    pub fn end_date(self) -> String {
        format!("{self}-{:02}", self.days())
    }
    /// Reads `2026-06` or `2026-06-04`; `None` if the text has another form or the day does not exist in the month.
    pub fn parse(text: &str) -> Option<Month> {
        let mut components = text.split('-');
        let number = |s: Option<&str>, len: usize| -> Option<i32> {
            let s = s?;
            (s.len() == len && s.bytes().all(|b| b.is_ascii_digit())).then(|| s.parse().ok()).flatten()
        };
        let (year, month) = (number(components.next(), 4)?, number(components.next(), 2)?);
        if !(1..=12).contains(&month) {
            return None;
        }
        let out = Month::new(year, month);
        match components.next() {
            None => Some(out),
            day => {
                let day = number(day, 2)?;
                (components.next().is_none() && (1..=out.days()).contains(&day)).then_some(out)
            }
        }
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.month())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_calendar_months() {
        let june = Month::parse("2026-06").unwrap();
        assert_eq!((june.year(), june.month(), june.end_date()), (2026, 6, "2026-06-30".into()));
        assert_eq!(june.plus(-6).to_string(), "2025-12");
        assert_eq!(Month::parse("2028-02-29").unwrap().end_date(), "2028-02-29");
        for bad in ["2026-13", "2026-00", "2026", "2027-02-29", "26-06", "2026-6", "2026-06-31", "2026-06-01-01", ""] {
            assert_eq!(Month::parse(bad), None, "{bad}");
        }
    }
}

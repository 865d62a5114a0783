//! Time value of money: level annuities, rates and depreciation, with the names and signs of spreadsheets.
//!
//! Cash in is positive: a loan received (`pv > 0`) has negative payments. `rate` is per period. All follow from
//! `pv (1+r)^n + pmt (1 + r·due) ((1+r)^n − 1)/r + fv = 0`, with `due` 1 when payments fall at the start of a period.
//! Rates near zero lose no digits (`expm1`, `log1p`). Documented in the Microsoft Excel function reference.

use super::irr::{Irr, irr};

/// When in a period a payment falls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Due {
    /// At its end, in arrears.
    #[default]
    End,
    /// At its start, in advance.
    Begin,
}

impl Due {
    fn factor(self, rate: f64) -> f64 {
        if self == Due::Begin { 1.0 + rate } else { 1.0 }
    }
}

/// `(1+r)^n − 1`.
fn growth(rate: f64, n: f64) -> f64 {
    libm::expm1(n * libm::log1p(rate))
}

/// Value of 1 paid at the end of each of `n` periods, `(1 − (1+r)^−n)/r`; `n` at rate 0.
pub fn annuity_factor(rate: f64, n: f64) -> f64 {
    if rate == 0.0 { n } else { -growth(rate, -n) / rate }
}

/// The amount to which 1 paid at the end of each of `n` periods grows, `((1+r)^n − 1)/r`.
fn accumulation(rate: f64, n: f64) -> f64 {
    if rate == 0.0 { n } else { growth(rate, n) / rate }
}

/// PMT: the level payment that takes `pv` to `−fv` in `n` periods.
pub fn pmt(rate: f64, n: f64, pv: f64, fv: f64, due: Due) -> f64 {
    -(pv * (1.0 + growth(rate, n)) + fv) / (due.factor(rate) * accumulation(rate, n))
}

/// Balance after `periods` payments in arrears of a loan of `pv` over `n`: `pv (1+r)^k + pmt ((1+r)^k − 1)/r`.
fn balance(rate: f64, n: f64, pv: f64, periods: u32) -> f64 {
    let k = f64::from(periods);
    pv * (1.0 + growth(rate, k)) + pmt(rate, n, pv, 0.0, Due::End) * accumulation(rate, k)
}

/// IPMT: interest within payment `period` (from 1) of a loan in arrears.
pub fn ipmt(rate: f64, period: u32, n: u32, pv: f64) -> f64 {
    -rate * balance(rate, f64::from(n), pv, period - 1)
}

/// PPMT: principal within payment `period` (from 1) of a loan in arrears.
pub fn ppmt(rate: f64, period: u32, n: u32, pv: f64) -> f64 {
    pmt(rate, f64::from(n), pv, 0.0, Due::End) - ipmt(rate, period, n, pv)
}

/// CUMPRINC: principal paid in periods `first` to `last`, both included.
pub fn cumprinc(rate: f64, n: u32, pv: f64, first: u32, last: u32) -> f64 {
    balance(rate, f64::from(n), pv, last) - balance(rate, f64::from(n), pv, first - 1)
}

/// CUMIPMT: interest paid in periods `first` to `last`, both included.
pub fn cumipmt(rate: f64, n: u32, pv: f64, first: u32, last: u32) -> f64 {
    let payments = f64::from(last - first + 1) * pmt(rate, f64::from(n), pv, 0.0, Due::End);
    payments - cumprinc(rate, n, pv, first, last)
}

/// NPER: periods after which payments of `pmt` have taken `pv` to `−fv`; `None` if they never do.
pub fn nper(rate: f64, pmt: f64, pv: f64, fv: f64, due: Due) -> Option<f64> {
    let n = if rate == 0.0 {
        -(pv + fv) / pmt
    } else {
        let perpetuity = pmt * due.factor(rate) / rate;
        libm::log((perpetuity - fv) / (perpetuity + pv)) / libm::log1p(rate)
    };
    (n.is_finite() && n >= 0.0).then_some(n)
}

/// RATE: every rate at which `n` payments of `pmt` take `pv` to `−fv`, each found as a root of the cash flow.
pub fn rate(n: u32, pmt: f64, pv: f64, fv: f64, due: Due) -> Irr {
    let n = n as usize;
    let mut flows = vec![0.0; n + 1];
    let first = usize::from(due == Due::End);
    flows[first..first + n].fill(pmt);
    flows[0] += pv;
    flows[n] += fv;
    irr(&flows)
}

/// EFFECT: effective annual rate of a nominal one compounded `m` times a year, `(1 + i/m)^m − 1`.
pub fn effective_rate(nominal: f64, m: u32) -> f64 {
    growth(nominal / f64::from(m), f64::from(m))
}

/// NOMINAL: nominal annual rate, compounded `m` times, of an effective one, `m ((1+e)^(1/m) − 1)`.
pub fn nominal_rate(effective: f64, m: u32) -> f64 {
    f64::from(m) * growth(effective, 1.0 / f64::from(m))
}

/// Monthly rate that compounds to an effective annual one, `(1+e)^(1/12) − 1`.
pub fn monthly_from_effective(effective: f64) -> f64 {
    growth(effective, 1.0 / 12.0)
}

/// Effective annual rate of a monthly one, `(1+r)^12 − 1`.
pub fn effective_from_monthly(monthly: f64) -> f64 {
    growth(monthly, 12.0)
}

/// Monthly rate of a nominal annual one that is compounded `m` times a year; `i/12` for `m = 12`.
pub fn monthly_from_nominal(nominal: f64, m: u32) -> f64 {
    if m == 12 { nominal / 12.0 } else { growth(nominal / f64::from(m), f64::from(m) / 12.0) }
}

/// SLN: straight-line depreciation of one period.
pub fn sln(cost: f64, salvage: f64, life: f64) -> f64 {
    (cost - salvage) / life
}

/// SYD: sum-of-years'-digits depreciation of `period` (from 1): `(cost − salvage)(life − period + 1)·2/(life (life+1))`.
pub fn syd(cost: f64, salvage: f64, life: f64, period: f64) -> f64 {
    (cost - salvage) * (life - period + 1.0) * 2.0 / (life * (life + 1.0))
}

/// DDB: declining-balance depreciation of `period` (from 1) at `factor/life` a period, never below `salvage`.
pub fn ddb(cost: f64, salvage: f64, life: f64, period: u32, factor: f64) -> f64 {
    let keep = (1.0 - factor / life).max(0.0);
    let book = |periods: u32| (cost * libm::pow(keep, f64::from(periods))).max(salvage.min(cost));
    book(period - 1) - book(period)
}

/// MACRS, half-year convention: the share of cost depreciated in each tax year, `class_years + 1` of them.
///
/// IRS Publication 946, Table A-1, whose shares are rounded and prescribed; `None` for a class that it does not have.
pub fn macrs_half_year(class_years: u32) -> Option<Vec<f64>> {
    let percent: &[f64] = match class_years {
        3 => &[33.33, 44.45, 14.81, 7.41],
        5 => &[20.0, 32.0, 19.2, 11.52, 11.52, 5.76],
        7 => &[14.29, 24.49, 17.49, 12.49, 8.93, 8.92, 8.93, 4.46],
        10 => &[10.0, 18.0, 14.4, 11.52, 9.22, 7.37, 6.55, 6.55, 6.56, 6.55, 3.28],
        15 => &[5.0, 9.5, 8.55, 7.7, 6.93, 6.23, 5.9, 5.9, 5.91, 5.9, 5.91, 5.9, 5.91, 5.9, 5.91, 2.95],
        20 => &[
            3.75, 7.219, 6.677, 6.177, 5.713, 5.285, 4.888, 4.522, 4.462, 4.461, 4.462, 4.461, 4.462, 4.461, 4.462,
            4.461, 4.462, 4.461, 4.462, 4.461, 2.231,
        ],
        _ => return None,
    };
    Some(percent.iter().map(|share| share / 100.0).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zero_and_tiny_rates() {
        assert_eq!(annuity_factor(0.0, 12.0), 12.0);
        assert_eq!(pmt(0.0, 10.0, 100.0, 20.0, Due::Begin), -12.0);
        assert_eq!((ipmt(0.0, 3, 10, 100.0), ppmt(0.0, 3, 10, 100.0)), (0.0, -10.0));
        assert_eq!(nper(0.0, -10.0, 100.0, 0.0, Due::End), Some(10.0));
        // 1 − (n+1)r/2 to first order: nothing is lost to 1 − (1+r)^−n.
        assert!((annuity_factor(1e-13, 12.0) / 12.0 - (1.0 - 6.5e-13)).abs() < 1e-15);
        assert_eq!(monthly_from_nominal(0.12, 12), 0.01);
        assert!((monthly_from_nominal(0.12, 1) - monthly_from_effective(0.12)).abs() < 1e-16);
        assert!((effective_from_monthly(monthly_from_effective(0.12)) - 0.12).abs() < 1e-15);
    }

    #[test]
    fn payments_that_never_repay() {
        // 1% of 1000 is 10: a payment of 10 never ends, one of 9 less so.
        assert_eq!(nper(0.01, -10.0, 1000.0, 0.0, Due::End), None);
        assert_eq!(nper(0.01, -9.0, 1000.0, 0.0, Due::End), None);
        assert_eq!(rate(12, 10.0, 100.0, 0.0, Due::End), Irr::None);
        let Irr::One(r) = rate(12, -pmt(0.02, 12.0, -100.0, 7.0, Due::Begin), 100.0, -7.0, Due::Begin) else {
            panic!()
        };
        assert!((r - 0.02).abs() < 1e-14, "{r}");
    }

    #[test]
    fn schedules_add_up() {
        let paid: f64 = (1..=36).map(|k| ppmt(0.007, k, 36, 5000.0)).sum();
        assert!((paid + 5000.0).abs() < 1e-9 && (cumprinc(0.007, 36, 5000.0, 1, 36) + 5000.0).abs() < 1e-9);
        assert_eq!((1..=9).map(|k| ddb(2400.0, 300.0, 10.0, k, 20.0)).sum::<f64>(), 2100.0);
        assert_eq!((1..=5).map(|k| syd(15.0, 0.0, 5.0, f64::from(k))).sum::<f64>(), 15.0);
        assert_eq!(ddb(100.0, 120.0, 5.0, 1, 2.0), 0.0);
        // Shares of a class come to all of the cost, and follow the declining balance over the straight line to the last digit.
        for class in [3, 5, 7, 10, 15, 20] {
            let shares = macrs_half_year(class).unwrap();
            assert_eq!(shares.len(), class as usize + 1);
            assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{class}");
            let (life, factor) = (f64::from(class), if class >= 15 { 1.5 } else { 2.0 });
            let (mut book, mut left) = (1.0, life);
            for (year, share) in shares.iter().enumerate() {
                let part = if year == 0 { 0.5 } else { 1.0 };
                let exact = (book * part * (factor / life).max(1.0 / left)).min(book);
                (book, left) = (book - exact, left - part);
                assert!((share - exact).abs() < 1.01e-4, "{class}, {year}: {share} {exact}");
            }
        }
        assert!(macrs_half_year(4).is_none());
    }
}

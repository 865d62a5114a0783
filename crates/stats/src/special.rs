//! Special functions: the normal, beta, binomial and Student's distributions.
//!
//! Built on the `libm` crate, not the platform's, so that the last digit is the same on every machine. Slow and
//! careful; not for the model's hot loop.

use std::f64::consts::{PI, SQRT_2};

/// Density of the standard normal, `exp(−z²/2)/√(2π)`.
pub fn normal_pdf(z: f64) -> f64 {
    libm::exp(-0.5 * z * z) / (2.0 * PI).sqrt()
}

/// Distribution function of the standard normal, `erfc(−z/√2)/2`; accurate in the lower tail.
pub fn normal_cdf(z: f64) -> f64 {
    0.5 * libm::erfc(-z / SQRT_2)
}

/// Inverse of [`normal_cdf`]: Abramowitz & Stegun 26.2.23 polished by Halley steps; ±∞ at 0 and 1, NaN outside.
pub fn normal_quantile(p: f64) -> f64 {
    if p > 0.5 {
        return -normal_quantile(1.0 - p);
    }
    if p <= 0.0 || p.is_nan() {
        return if p == 0.0 { f64::NEG_INFINITY } else { f64::NAN };
    }
    let t = (-2.0 * libm::log(p)).sqrt();
    let top = 2.515_517 + t * (0.802_853 + t * 0.010_328);
    let bottom = 1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308));
    let mut z = top / bottom - t;
    for _ in 0..3 {
        let step = (normal_cdf(z) - p) / normal_pdf(z);
        // φ underflows beyond −38; the start is as good as it gets there.
        if step.is_finite() {
            z -= step / (1.0 + 0.5 * z * step);
        }
    }
    z
}

/// `ln Γ(z) − (z − ½) ln z + z − ½ ln 2π`, without cancellation for large `z` (Stirling's series).
fn stirling_error(z: f64) -> f64 {
    if z < 16.0 {
        return libm::lgamma(z) - (z - 0.5) * libm::log(z) + z - 0.5 * libm::log(2.0 * PI);
    }
    let w = 1.0 / (z * z);
    (1.0 / 12.0 - w * (1.0 / 360.0 - w * (1.0 / 1260.0 - w * (1.0 / 1680.0 - w / 1188.0)))) / z
}

/// `k ln(k/m) + m − k` where `m = k + more`, without cancellation when they are near (C. Loader 2000, "Fast and
/// accurate computation of binomial probabilities").
fn deviance(k: f64, m: f64, more: f64) -> f64 {
    let t = more / k;
    if t.abs() < 0.5 { k * (t - libm::log1p(t)) } else { more - k * libm::log(m / k) }
}

/// `x^a (1−x)^b / B(a, b)` in Loader's form: keeps its digits for `a + b` in the millions.
fn beta_front(a: f64, b: f64, x: f64) -> f64 {
    let n = a + b;
    let off = n * x - a;
    let log = stirling_error(n)
        - stirling_error(a)
        - stirling_error(b)
        - deviance(a, n * x, off)
        - deviance(b, n * (1.0 - x), -off);
    (a * b / (2.0 * PI * n)).sqrt() * libm::exp(log)
}

/// Regularised incomplete beta function `I_x(a, b)`, `a, b > 0`: [`beta_fraction`].
pub fn beta_cdf(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if x >= 1.0 {
        1.0
    } else if x < (a + 1.0) / (a + b + 2.0) {
        beta_front(a, b, x) * beta_fraction(a, b, x) / a
    } else {
        1.0 - beta_front(b, a, 1.0 - x) * beta_fraction(b, a, 1.0 - x) / b
    }
}

/// The continued fraction of the incomplete beta function, by Lentz's method (Press et al., Numerical Recipes, §6.4).
/// Converges in tens of steps for `x < (a + 1)/(a + b + 2)`, or a few times `√max(a, b)` for large `a` or `b`.
pub fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away = |v: f64| if v.abs() < TINY { TINY } else { v };
    let (mut c, mut d) = (1.0, 1.0 / away(1.0 - (a + b) * x / (a + 1.0)));
    let mut h = d;
    for i in 1..100_000_u32 {
        let m = f64::from(i);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / away(1.0 + even * d);
        c = away(1.0 + even / c);
        h *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / away(1.0 + odd * d);
        c = away(1.0 + odd / c);
        h *= d * c;
        if (d * c - 1.0).abs() < 4e-16 {
            break;
        }
    }
    h
}

/// `P(Bin(n, p) ≤ k)`, `= I_{1−p}(n−k, k+1)`.
pub fn binomial_cdf(n: u64, p: f64, k: u64) -> f64 {
    if k >= n { 1.0 } else { beta_cdf((n - k) as f64, (k + 1) as f64, 1.0 - p) }
}

/// The smallest `k` with `P(Bin(n, p) ≤ k) ≥ q`.
pub fn binomial_quantile(n: u64, p: f64, q: f64) -> u64 {
    let (mut low, mut high) = (0, n);
    while low < high {
        let middle = low + (high - low) / 2;
        if binomial_cdf(n, p, middle) >= q { high = middle } else { low = middle + 1 }
    }
    low
}

/// Distribution function of Student's t with `freedom > 0` degrees of freedom, by the incomplete beta function.
pub fn student_cdf(freedom: f64, t: f64) -> f64 {
    let tail = 0.5 * beta_cdf(0.5 * freedom, 0.5, freedom / (freedom + t * t));
    if t > 0.0 { 1.0 - tail } else { tail }
}

/// Inverse of [`student_cdf`] by bisection; ±∞ at 0 and 1, NaN outside.
pub fn student_quantile(freedom: f64, p: f64) -> f64 {
    if p > 0.5 {
        return -student_quantile(freedom, 1.0 - p);
    }
    if p <= 0.0 || p.is_nan() {
        return if p == 0.0 { f64::NEG_INFINITY } else { f64::NAN };
    }
    let mut low = -1.0;
    while student_cdf(freedom, low) > p {
        low *= 2.0;
    }
    let mut high = 0.0;
    loop {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            return middle;
        }
        if student_cdf(freedom, middle) > p { high = middle } else { low = middle }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{ContinuousCDF, Normal, StudentsT};
    use statrs::function::beta::beta_reg;

    #[test]
    fn normal() {
        assert_eq!((normal_quantile(0.0), normal_quantile(1.0)), (f64::NEG_INFINITY, f64::INFINITY));
        assert!(normal_quantile(0.5).abs() < 1e-16);
        assert!(normal_quantile(1.5).is_nan() && normal_quantile(-0.1).is_nan());
        // 97.5%: 1.959963984540054 in every table.
        assert!((normal_quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-15);
        for p in [1e-300, 1e-12, 0.001, 0.3, 0.7, 0.999] {
            assert!((normal_cdf(normal_quantile(p)) / p - 1.0).abs() < 1e-12, "{p}");
        }
        for z in [-8.0, -2.0, 0.0, 0.7, 3.0] {
            assert!((normal_cdf(z) / Normal::standard().cdf(z) - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn beta() {
        // I_x(1, b) = 1 − (1−x)^b; I_x(a, 1) = x^a; I_½(a, a) = ½.
        assert!((beta_cdf(1.0, 7.0, 0.2) - (1.0 - 0.8f64.powi(7))).abs() < 1e-15);
        assert!((beta_cdf(3.5, 1.0, 0.9) - 0.9f64.powf(3.5)).abs() < 1e-15);
        for a in [0.5, 2.0, 15.5, 16.5, 1e3, 1e6, 1e9] {
            assert!((beta_cdf(a, a, 0.5) - 0.5).abs() < 1e-11, "{a}");
        }
        for (a, b) in [(0.5, 1000.5), (2.0, 3.0), (130.0, 1871.0), (7.5, 9993.5)] {
            for x in [0.1, 0.5, 0.9].map(|share| share * 2.0 * a / (a + b)) {
                assert!((beta_cdf(a, b, x) / beta_reg(a, b, x) - 1.0).abs() < 1e-9, "{a} {b} {x}");
            }
        }
    }

    #[test]
    fn binomial() {
        // Bin(4, ½): 1, 5, 11, 15, 16 sixteenths.
        for (k, p) in [1.0, 5.0, 11.0, 15.0, 16.0].into_iter().enumerate() {
            assert!((binomial_cdf(4, 0.5, k as u64) - p / 16.0).abs() < 1e-15);
            assert_eq!(binomial_quantile(4, 0.5, p / 16.0 - 1e-9), k as u64);
        }
    }

    #[test]
    fn student() {
        // One degree of freedom is Cauchy's: the quartile is 1. Two: √2 (2p − 1)/√(4p(1 − p)).
        assert!((student_quantile(1.0, 0.75) - 1.0).abs() < 1e-14);
        assert!((student_quantile(2.0, 0.975) - 0.95 * (2.0_f64 / (4.0 * 0.975 * 0.025)).sqrt()).abs() < 1e-12);
        assert!(student_quantile(5.0, 0.5).abs() < 1e-14 && student_quantile(3.0, 1.5).is_nan());
        assert_eq!((student_quantile(3.0, 0.0), student_quantile(3.0, 1.0)), (f64::NEG_INFINITY, f64::INFINITY));
        for freedom in [1.0, 3.0, 9.0, 99.0, 1e6] {
            let t = StudentsT::new(0.0, 1.0, freedom).unwrap();
            for x in [-30.0, -2.0, 0.3, 4.0] {
                assert!((student_cdf(freedom, x) - t.cdf(x)).abs() < 1e-9, "{freedom} {x}");
            }
            for p in [1e-6, 0.025, 0.4, 0.95] {
                // 1/(1 + t²/ν) loses the digits of t² beside a large ν.
                let back = student_cdf(freedom, student_quantile(freedom, p));
                assert!((back / p - 1.0).abs() < 1e-14 * freedom.max(100.0), "{freedom} {p}");
            }
        }
    }
}

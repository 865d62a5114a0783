//! Tests of the kernels against the `libm` and `statrs` crates on dense grids, and at the edges.

use super::*;

/// Distance in units of the last place of the reference.
fn ulps(got: f64, want: f64) -> f64 {
    (got - want).abs() / (f64::from_bits(want.abs().to_bits() + 1) - want.abs())
}

/// The worst of `error(x)` over `n` points evenly spaced from `low` to `high`.
fn worst(low: f64, high: f64, n: u32, error: impl Fn(f64) -> f64) -> f64 {
    (0..=n).map(|i| error(low + (high - low) * f64::from(i) / f64::from(n))).fold(0.0, |a, e| {
        assert!(!e.is_nan(), "an error bound is NaN");
        f64::max(a, e)
    })
}

#[test]
fn exp_is_within_one_ulp_of_libm() {
    for (low, high) in [(-700.0, 700.0), (-1.0, 1.0), (-1e-3, 1e-3), (-30.0, 5.0)] {
        let e = worst(low, high, 400_000, |x| ulps(exp(x), libm::exp(x)));
        assert!(e <= 1.0, "{e} ulp between {low} and {high}");
    }
    assert_eq!(exp(0.0), 1.0);
    assert_eq!(exp(1e4), exp(700.0));
    assert_eq!(exp(f64::NEG_INFINITY), exp(-700.0));
    assert!(exp(f64::NAN).is_nan());
}

#[test]
fn ln_is_within_one_ulp_of_libm() {
    for (low, high) in [(1e-9, 1.0), (0.5, 2.0), (1.0, 1e6), (0.999, 1.001)] {
        let e = worst(low, high, 400_000, |x| ulps(ln(x), libm::log(x)));
        assert!(e <= 1.0, "{e} ulp between {low} and {high}");
    }
    let e = worst(-307.0, 308.0, 100_000, |p| {
        let x = libm::exp10(p);
        ulps(ln(x), libm::log(x))
    });
    assert!(e <= 1.0, "{e} ulp over the range of exponents");
    assert_eq!(ln(1.0), 0.0);
    assert!((ln(0.0) + 709.09).abs() < 0.01);
}

#[test]
fn floor_is_exact() {
    for x in [0.0, 0.5, 0.499_999_999_999_999_94, 1.5, 2.5, -0.5, -1.5, -2.5, -0.1, 1e15 + 0.5, -1e15 - 0.5, 7.0, -7.0]
    {
        assert_eq!(floor(x), libm::floor(x), "floor({x})");
    }
    let e = worst(-1000.0, 1000.0, 100_000, |x| (floor(x) - libm::floor(x)).abs());
    assert_eq!(e, 0.0);
}

#[test]
fn selections_treat_nan_as_described() {
    assert_eq!((min(1.0, 2.0), max(1.0, 2.0)), (1.0, 2.0));
    assert_eq!((min(f64::NAN, 2.0), max(f64::NAN, 2.0)), (2.0, 2.0));
    assert!(clamp(f64::NAN, 0.0, 1.0).is_nan());
    assert_eq!((clamp(-1.0, 0.0, 1.0), clamp(2.0, 0.0, 1.0), clamp(0.3, 0.0, 1.0)), (0.0, 1.0, 0.3));
}

#[test]
fn logistic_against_libm() {
    let e = worst(-690.0, 690.0, 200_000, |x| ulps(logistic(x), 1.0 / (1.0 + libm::exp(-x))));
    assert!(e <= 3.0, "{e} ulp");
    assert_eq!(logistic(0.0), 0.5);
}

#[test]
fn circle_against_libm() {
    let e = worst(0.0, 4_294_967_295.0, 300_000, |a| {
        let a = libm::floor(a);
        let angle = std::f64::consts::TAU * (a + 0.5) / 4_294_967_296.0;
        let (c, s) = cos_sin_turn(a as u64);
        // The argument given to libm carries its own rounding of up to 4.4e-16.
        f64::max((c - libm::cos(angle)).abs(), (s - libm::sin(angle)).abs())
    });
    assert!(e < 7e-16, "{e}");
    // Symmetry about both axes, to the bit.
    for a in [0, 1, 12_345, (1 << 29) - 1, 1 << 29, (1 << 30) - 1] {
        let (c, s) = cos_sin_turn(a);
        assert_eq!(cos_sin_turn((1 << 31) - 1 - a), (-c, s));
        assert_eq!(cos_sin_turn((1 << 31) + a), (-c, -s));
        assert_eq!(cos_sin_turn((1 << 32) - 1 - a), (c, -s));
    }
}

#[test]
fn normal_cdf_against_libm_erfc() {
    let want = |x: f64| 0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2);
    let relative = |x: f64| (normal_cdf(x) / want(x) - 1.0).abs();
    for (low, high, bound) in [(-2.0, 2.0, 2e-15), (-8.0, 8.0, 2e-14), (-36.9, -7.0, 3e-13)] {
        let e = worst(low, high, 200_000, relative);
        assert!(e < bound, "{e} between {low} and {high}"); // of ours and libm's together
    }
    assert!((normal_cdf(0.0) - 0.5).abs() < 1e-15);
    assert_eq!((normal_cdf(-40.0), normal_cdf(40.0)), (0.0, 1.0));
}

#[test]
fn normal_quantile_against_statrs_and_itself() {
    use statrs::distribution::{ContinuousCDF, Normal};
    let n = Normal::new(0.0, 1.0).unwrap();
    let e = worst(1e-6, 1.0 - 1e-6, 100_000, |u| (normal_quantile(u) - n.inverse_cdf(u)).abs());
    assert!(e < 1e-9, "{e}"); // statrs is the weaker of the two
    // Round trip, in relative terms of the tail: Φ(Φ⁻¹(u)) = u.
    let e = worst(-300.0, -0.302, 50_000, |p| {
        let u = libm::exp10(p);
        let back = 0.5 * libm::erfc(-normal_quantile(u) * std::f64::consts::FRAC_1_SQRT_2);
        (back / u - 1.0).abs() / (1.0 - libm::log(u)) // conditioning: relative error of u is x² that of x
    });
    assert!(e < 2e-15, "{e}");
    for u in [0.001, 0.05, 0.074_999, 0.3] {
        assert!((normal_quantile(u) + normal_quantile(1.0 - u)).abs() < 1e-13);
    }
    assert_eq!(normal_quantile(0.5), 0.0);
    // Printed in the paper: u = 0.25, 0.001, 1e-20.
    for (u, x) in [(0.25, -0.674_489_750_196_081_7), (0.001, -3.090_232_306_167_814), (1e-20, -9.262_340_089_798_408)] {
        assert!((normal_quantile(u) / x - 1.0).abs() < 2e-15);
    }
    assert!(normal_quantile(0.0) < -37.0);
}

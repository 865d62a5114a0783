//! Comparisons with `statrs` and with closed forms, and every rejection.

use super::*;
use crate::streams::{Stream, StreamRng};
use statrs::distribution::{Beta as Reference, ContinuousCDF, Triangular};

fn close(got: f64, want: f64, tolerance: f64, what: &str) {
    assert!((got - want).abs() <= tolerance, "{what}: {got} for {want}");
}

/// Mean and standard deviation by the midpoint rule on the quantile function in scores.
fn integrated(law: &Law) -> (f64, f64) {
    let n = 40_000;
    let (mut sum, mut squares) = (0.0, 0.0);
    for i in 0..n {
        let z = -8.0 + 16.0 * (f64::from(i) + 0.5) / f64::from(n);
        let w = libm::exp(-0.5 * z * z) / std::f64::consts::TAU.sqrt() * 16.0 / f64::from(n);
        let x = law.at_score(z);
        sum += w * x;
        squares += w * x * x;
    }
    (sum, (squares - sum * sum).sqrt())
}

#[test]
fn points_given_are_the_points_had() {
    for (law, p5, p95) in [
        (Law::interval_normal(-2.0, 3.0), -2.0, 3.0),
        (Law::interval_lognormal(0.05, 0.15), 0.05, 0.15),
        (Law::lognormal_median_p95(2.4, 3.5), 2.4 * 2.4 / 3.5, 3.5),
        (Law::beta_p5_p95(0.42, 0.72), 0.42, 0.72),
        (Law::uniform(0.0, 1.0), 0.05, 0.95),
    ] {
        let law = law.unwrap();
        close(law.quantile(0.05), p5, 1e-9, "p5");
        close(law.quantile(0.95), p95, 1e-9, "p95");
    }
    let median = Law::lognormal_median_p95(2.4, 3.5).unwrap().quantile(0.5);
    close(median, 2.4, 1e-14, "median");
    let law = Law::lognormal_mean_sd(5.0, 3.0).unwrap();
    close(law.mean(), 5.0, 1e-13, "mean");
    close(law.sd(), 3.0, 1e-13, "sd");
}

#[test]
fn beta_table_is_the_quantile_function() {
    // Against statrs' distribution function, mapped through the density: |Δx| = |Δp| / f, and directly in p.
    for (a, b) in [(0.3, 0.4), (0.5, 0.5), (0.7, 3.0), (1.0, 1.0), (2.0, 5.0), (5.0, 1.0), (30.0, 12.0), (400.0, 900.0)]
    {
        let (law, reference) = (Law::beta(a, b).unwrap(), Reference::new(a, b).unwrap());
        for i in 1..2000 {
            let u = f64::from(i) / 2000.0;
            let x = law.quantile(u);
            close(reference.cdf(x), u, 2e-8 * f64::max(1.0, f64::max(a, b).sqrt()), &format!("beta({a}, {b}) at {u}"));
            // The true quantile lies within 1e-8 of x.
            let (low, high) = (reference.cdf((x - 1e-8).max(0.0)), reference.cdf((x + 1e-8).min(1.0)));
            assert!(low <= u + 1e-13 && u <= high + 1e-13, "beta({a}, {b}) at {u}: {x}");
        }
    }
}

#[test]
fn beta_shapes_are_recovered_from_their_points() {
    let points = [0.3, 0.5, 1.0, 2.0, 4.0, 20.0, 300.0, 5000.0];
    for a in points {
        for b in points {
            let law = Law::beta(a, b).unwrap();
            let (p5, p95) = (law.quantile(0.05), law.quantile(0.95));
            if p95 > 1.0 - 1e-6 || p5 < 1e-9 {
                continue; // the points themselves have lost digits
            }
            let again = Law::beta_p5_p95(p5, p95).unwrap_or_else(|e| panic!("beta({a}, {b}): {e}"));
            close(again.quantile(0.05), p5, 1e-8, "p5");
            close(again.quantile(0.95), p95, 1e-8, "p95");
            close(again.mean(), law.mean(), 1e-5, "mean");
        }
    }
    for (p5, p95) in [(0.001, 0.999), (1e-6, 0.5), (0.6, 0.999_9), (0.5, 0.501), (0.01, 0.02), (0.9, 0.99)] {
        let law = Law::beta_p5_p95(p5, p95).unwrap_or_else(|e| panic!("{p5} to {p95}: {e}"));
        close(law.quantile(0.05), p5, 1e-8, "p5");
        close(law.quantile(0.95), p95, 1e-8, "p95");
    }
}

#[test]
fn closed_forms() {
    let triangular = Law::triangular(1.0, 2.0, 5.0).unwrap();
    let reference = Triangular::new(1.0, 5.0, 2.0).unwrap();
    for i in 1..100 {
        let u = f64::from(i) / 100.0;
        close(reference.cdf(triangular.quantile(u)), u, 1e-13, "triangular");
    }
    let pert = Law::pert(2.0, 3.0, 10.0).unwrap();
    close(pert.mean(), (2.0 + 4.0 * 3.0 + 10.0) / 6.0, 1e-14, "PERT mean");
    // Weights 1, 3, 0 on 7, −1, 4: quantiles −1 up to 3/4, then 7; mean (−3 + 7)/4 = 1; variance (3·4 + 36)/4 = 12.
    let discrete = Law::discrete(&[7.0, -1.0, 4.0], &[1.0, 3.0, 0.0]).unwrap();
    assert_eq!([0.01, 0.75, 0.76, 0.999].map(|u| discrete.quantile(u)), [-1.0, -1.0, 7.0, 7.0]);
    close(discrete.mean(), 1.0, 1e-15, "mean");
    close(discrete.sd(), 12f64.sqrt(), 1e-14, "sd");
    let empirical = Law::empirical(&[3.0, 1.0, 2.0, 2.0]).unwrap();
    assert_eq!([0.2, 0.3, 0.74, 0.76].map(|u| empirical.quantile(u)), [1.0, 2.0, 2.0, 3.0]);
    assert_eq!(Law::point(3.0).unwrap().at_score(4.0), 3.0);
}

/// The largest distance between the distribution functions of two samples of one size.
fn distance(mut a: Vec<f64>, mut b: Vec<f64>) -> f64 {
    a.sort_unstable_by(f64::total_cmp);
    b.sort_unstable_by(f64::total_cmp);
    let below = |x: f64, values: &[f64]| values.partition_point(|y| *y <= x) as f64 / values.len() as f64;
    a.iter().chain(&b).map(|&x| (below(x, &a) - below(x, &b)).abs()).fold(0.0, f64::max)
}

/// Two-sample Kolmogorov–Smirnov against the samplers of `rand_distr`, which use other methods (ziggurat, rejection):
/// 20,000 draws each, `D √(n/2) < 2.7` is a false alarm of 1e-6 a law. The seeds are fixed.
#[test]
fn samples_are_those_of_an_independent_sampler() {
    use rand_distr::{Beta, Distribution, LogNormal, Normal, Pert, Triangular, Uniform};
    const N: usize = 20_000;
    let (mut one, mut other) = (Stream::new(7, "one").rng(0), Stream::new(7, "other").rng(0));
    let mut compare = |what: &str, law: Law, theirs: &dyn Fn(&mut StreamRng) -> f64, same: bool| {
        let ours: Vec<f64> = law.sample_iter(&mut one).take(N).collect();
        let theirs: Vec<f64> = (0..N).map(|_| theirs(&mut other)).collect();
        let off = distance(ours, theirs) * (N as f64 / 2.0).sqrt();
        assert_eq!(off < 2.7, same, "{what}: {off}");
    };
    let (normal, log) = (Normal::new(3.0, 0.5).unwrap(), LogNormal::new(4f64.ln(), 2f64.ln() / Z95).unwrap());
    compare("normal", Law::normal(3.0, 0.5).unwrap(), &|r| normal.sample(r), true);
    compare("lognormal", Law::interval_lognormal(2.0, 8.0).unwrap(), &|r| log.sample(r), true);
    for (a, b) in [(0.6, 2.0), (2.0, 5.0), (30.0, 12.0)] {
        let beta = Beta::new(a, b).unwrap();
        compare("beta", Law::beta(a, b).unwrap(), &|r| beta.sample(r), true);
    }
    let pert = Pert::new(2.0, 10.0).with_mode(3.0).unwrap();
    compare("PERT", Law::pert(2.0, 3.0, 10.0).unwrap(), &|r| pert.sample(r), true);
    let triangular = Triangular::new(1.0, 5.0, 2.0).unwrap();
    compare("triangular", Law::triangular(1.0, 2.0, 5.0).unwrap(), &|r| triangular.sample(r), true);
    let uniform = Uniform::new(-1.0, 3.0).unwrap();
    compare("uniform", Law::uniform(-1.0, 3.0).unwrap(), &|r| uniform.sample(r), true);
    // A mean that is off by a tenth of a standard deviation is detected.
    compare("another mean", Law::normal(3.05, 0.5).unwrap(), &|r| normal.sample(r), false);
}

#[test]
fn moments_are_those_of_the_quantile_function() {
    for law in [
        Law::uniform(-1.0, 3.0),
        Law::triangular(1.0, 1.0, 5.0),
        Law::triangular(0.0, 4.0, 5.0),
        Law::pert(2.0, 3.0, 10.0),
        Law::normal(3.0, 0.5),
        Law::interval_lognormal(1.0, 3.0),
        Law::beta(0.6, 2.0),
        Law::beta_p5_p95(0.42, 0.72),
    ] {
        let law = law.unwrap();
        let (mean, sd) = integrated(&law);
        close(mean, law.mean(), 1e-6, &format!("mean of {law:?}"));
        close(sd, law.sd(), 1e-5, "sd");
    }
}

#[test]
fn quantiles_never_fall_and_ends_hold() {
    for law in [Law::pert(0.0, 0.0, 1.0), Law::beta(0.05, 0.05), Law::beta(1e5, 3.0), Law::triangular(0.0, 0.0, 1.0)] {
        let law = law.unwrap();
        let draws: Vec<f64> = (-4000..=4000).map(|i| law.at_score(f64::from(i) / 400.0)).collect();
        assert!(draws.windows(2).all(|w| w[0] <= w[1]), "{law:?}");
        assert!(draws.iter().all(|x| (0.0..=1.0).contains(x)));
    }
}

#[test]
fn refusals_name_the_offender() {
    for (law, message) in [
        (Law::uniform(3.0, 1.0), "3 is not below 1"),
        (Law::uniform(1.0, 1.0), "1 is not below 1"),
        (Law::point(f64::NAN), "NaN is not finite"),
        (Law::normal(0.0, 0.0), "0 is not above zero"),
        (Law::interval_lognormal(-1.0, 2.0), "-1 is not above zero"),
        (Law::interval_lognormal(2.0, f64::INFINITY), "inf is not finite"),
        (Law::beta_p5_p95(0.2, 1.0), "1 is not strictly between 0 and 1"),
        (
            Law::beta_p5_p95(0.5, 0.500_000_001),
            "no usable beta law has 5% of its mass below 0.5 and 5% above 0.500000001",
        ),
        (Law::pert(0.0, 2.0, 1.0), "mode 2 is outside 0 to 1"),
        (Law::empirical(&[]), "no values"),
        (Law::discrete(&[1.0], &[1.0, 2.0]), "1 values but 2 weights"),
        (Law::discrete(&[1.0, 2.0], &[1.0, -1.0]), "weights [1.0, -1.0] include a negative one or are all zero"),
    ] {
        assert_eq!(law.unwrap_err().to_string(), message);
    }
}

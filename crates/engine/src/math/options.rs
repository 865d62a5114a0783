//! Options: Black–Scholes, a barrier, warrants that dilute, and default as an option on the assets.
//!
//! Rates are continuous and annual, time is in years, and the underlying pays a continuous yield. Everything uses only
//! `+ − × ÷ √` and `engine::math`, without branches, so that an instrument can value warrants in its lane loop. Without
//! volatility or time, an option is worth its discounted intrinsic value.
//!
//! Out of scope: early exercise, discrete dividends, smiles, credit risk of the writer.

use crate::math::{exp, ln, max, normal_cdf};

/// Minimum standard deviation of the logarithm: below it the value without uncertainty is reached to rounding.
const NO_SPREAD: f64 = 1e-12;
/// Minimum price whose logarithm is taken.
const NO_PRICE: f64 = 1e-300;

/// A European option on an asset (Black & Scholes 1973, Merton 1973).
#[derive(Clone, Copy, Debug)]
pub struct European {
    /// Price of the asset.
    pub asset: f64,
    /// Exercise price.
    pub strike: f64,
    /// Continuously compounded annual interest rate.
    pub rate: f64,
    /// Continuous annual yield of the asset.
    pub income: f64,
    /// Volatility of the asset's logarithm, per root year.
    pub volatility: f64,
    /// Years to exercise.
    pub years: f64,
}

impl European {
    /// Standard deviation of the logarithm at exercise.
    #[inline(always)]
    fn spread(&self) -> f64 {
        max(self.volatility * self.years.sqrt(), NO_SPREAD)
    }
    /// `d1 = (ln(S/K) + (r − q + σ²/2) T)/(σ√T)`, and `d2 = d1 − σ√T`.
    #[inline(always)]
    fn d(&self) -> (f64, f64) {
        let spread = self.spread();
        let ratio = max(self.asset, NO_PRICE) / max(self.strike, NO_PRICE);
        let d1 = (ln(ratio) + (self.rate - self.income) * self.years) / spread + 0.5 * spread;
        (d1, d1 - spread)
    }
    /// Present value of 1 paid at exercise.
    #[inline(always)]
    fn discount(&self) -> f64 {
        exp(-self.rate * self.years)
    }
    /// The asset's price less the value of its yield until exercise.
    #[inline(always)]
    fn prepaid(&self) -> f64 {
        self.asset * exp(-self.income * self.years)
    }
    /// Value and delta of a call: `S e^(−qT) N(d1) − K · digital`, `e^(−qT) N(d1)`.
    #[inline(always)]
    pub fn call(&self) -> (f64, f64) {
        let delta = exp(-self.income * self.years) * normal_cdf(self.d().0);
        (self.asset * delta - self.strike * self.digital(), delta)
    }
    /// Value of 1 paid if the asset ends above the strike: `e^(−rT) N(d2)`.
    #[inline(always)]
    pub fn digital(&self) -> f64 {
        self.discount() * normal_cdf(self.d().1)
    }
    /// Value of a put, `K e^(−rT) N(−d2) − S e^(−qT) N(−d1)`.
    pub fn put(&self) -> f64 {
        let (d1, d2) = self.d();
        self.strike * self.discount() * normal_cdf(-d2) - self.prepaid() * normal_cdf(-d1)
    }
    /// Second derivative of a call or put with respect to the asset's price: `e^(−qT) φ(d1)/(S σ√T)`.
    pub fn gamma(&self) -> f64 {
        let d1 = self.d().0;
        let density = exp(-0.5 * d1 * d1) / std::f64::consts::TAU.sqrt();
        self.prepaid() * density / (self.asset * self.asset * self.spread())
    }
    /// Derivative of a call or put with respect to volatility: `S² σ T · gamma`.
    pub fn vega(&self) -> f64 {
        self.asset * self.asset * self.volatility * self.years * self.gamma()
    }
    /// Value of the call if it is knocked out when the asset touches `barrier`, at or below the strike: the call less
    /// its image in the barrier, `C(S) − (H/S)^(2(r − q)/σ² − 1) C(H²/S)` (Merton 1973; Reiner & Rubinstein 1991).
    pub fn down_and_out_call(&self, barrier: f64) -> f64 {
        if self.asset <= barrier {
            return 0.0;
        }
        let power = 2.0 * (self.rate - self.income) / (self.volatility * self.volatility) - 1.0;
        let image = European { asset: barrier * barrier / self.asset, ..*self };
        self.call().0 - exp(power * ln(barrier / self.asset)) * image.call().0
    }
}

/// Value of one of `warrants` warrants on new shares, each for one share, where `of.asset` is the price of one of the
/// existing `shares` shares (Galai & Schneller 1978): the `W` with `W = n/(n + m) · C(S + m W/n)`.
///
/// With `q = m/n`, `f(W) = C(S + qW) − (1 + q) W` is convex, positive at 0 and not above 0 at `C(S)`: the root lies
/// between them, and Newton's steps from 0 approach it from below without overshooting. After three steps the error is
/// below 1e-12 of the value for `q` up to a quarter.
#[inline(always)]
pub fn warrant(of: &European, shares: f64, warrants: f64) -> f64 {
    let q = warrants / shares;
    let mut w = 0.0;
    for _ in 0..3 {
        let (call, delta) = European { asset: of.asset + q * w, ..*of }.call();
        w += (call - (1.0 + q) * w) / (1.0 + q * (1.0 - delta));
    }
    w
}

/// Default determined by the assets, which follow a geometric Brownian motion under the real-world measure. A benchmark
/// for plausibility; nothing in the model is driven by it.
#[derive(Clone, Copy, Debug)]
pub struct Structural {
    /// Value of the assets today.
    pub assets: f64,
    /// Face value of the debt.
    pub face: f64,
    /// Growth of the expected value, continuous and annual.
    pub drift: f64,
    /// Volatility of the logarithm, per root year.
    pub volatility: f64,
    /// Years to maturity of the debt.
    pub years: f64,
}

impl Structural {
    /// The shareholders' option on the assets, at a rate: the real-world drift, or the risk-free rate.
    pub fn option(&self, rate: f64) -> European {
        let Structural { assets: asset, face: strike, volatility, years, .. } = *self;
        European { asset, strike, rate, income: 0.0, volatility, years }
    }
    /// `d2 = (ln(V/K) + (μ − σ²/2) T)/(σ√T)`.
    pub fn distance_to_default(&self) -> f64 {
        self.option(self.drift).d().1
    }
    /// Probability that the assets are below the face value at maturity: `N(−d2)` (Merton 1974).
    pub fn merton(&self) -> f64 {
        normal_cdf(-self.distance_to_default())
    }
    /// Expected assets given such a default: `V e^(μT) N(−d1)/N(−d2)`.
    pub fn assets_in_default(&self) -> f64 {
        let d1 = self.option(self.drift).d().0;
        self.assets * exp(self.drift * self.years) * normal_cdf(-d1) / self.merton()
    }
    /// Expected share of the face value lost in such a default.
    pub fn loss_given_default(&self) -> f64 {
        1.0 - self.assets_in_default() / self.face
    }
    /// Probability that the assets touch the face value before maturity (Black & Cox 1976), `a = ln(V/K)`,
    /// `ν = μ − σ²/2`: `N((−a − νT)/(σ√T)) + e^(−2νa/σ²) N((−a + νT)/(σ√T))`.
    pub fn black_cox(&self) -> f64 {
        if self.assets <= self.face {
            return 1.0;
        }
        let variance = self.volatility * self.volatility;
        let (a, v) = (ln(self.assets / self.face), self.drift - 0.5 * variance);
        let spread = self.option(self.drift).spread();
        let image = exp(-2.0 * v * a / variance) * normal_cdf((v * self.years - a) / spread);
        normal_cdf(-(a + v * self.years) / spread) + image
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn option(volatility: f64, years: f64) -> European {
        European { asset: 110.0, strike: 100.0, rate: 0.05, income: 0.02, volatility, years }
    }

    #[test]
    fn without_volatility_or_time_the_intrinsic_value_is_left() {
        // 110 e^−0.04 − 100 e^−0.1 after two years without volatility; 10 at once.
        let sure = option(0.0, 2.0);
        let value = 110.0 * libm::exp(-0.04) - 100.0 * libm::exp(-0.1);
        assert!((sure.call().0 - value).abs() < 1e-12 && sure.put().abs() < 1e-12);
        assert!((option(0.5, 0.0).call().0 - 10.0).abs() < 1e-10);
        let out = European { strike: 120.0, ..option(0.5, 0.0) };
        assert!(out.call().0.abs() < 1e-10 && (out.put() - 10.0).abs() < 1e-10);
    }

    #[test]
    fn puts_calls_and_greeks_belong_together() {
        let o = option(0.4, 1.5);
        // Parity: C − P = S e^−qT − K e^−rT.
        let parity = 110.0 * libm::exp(-0.03) - 100.0 * libm::exp(-0.075);
        assert!((o.call().0 - o.put() - parity).abs() < 1e-12);
        // Greeks against differences.
        let at = |h: f64| European { asset: 110.0 + h, ..o }.call();
        assert!(((at(1e-4).0 - at(-1e-4).0) / 2e-4 - o.call().1).abs() < 1e-8);
        assert!(((at(1e-4).1 - at(-1e-4).1) / 2e-4 - o.gamma()).abs() < 1e-8);
        let by = |h: f64| European { volatility: 0.4 + h, ..o }.call().0;
        assert!(((by(1e-5) - by(-1e-5)) / 2e-5 - o.vega()).abs() < 1e-6);
    }

    #[test]
    fn a_barrier_far_away_does_not_matter_and_a_near_one_kills() {
        let o = option(0.3, 1.0);
        assert!((o.down_and_out_call(1.0) - o.call().0).abs() < 1e-12);
        assert!(o.down_and_out_call(99.999).abs() < o.call().0);
        assert_eq!(European { asset: 90.0, ..o }.down_and_out_call(90.0), 0.0);
    }

    #[test]
    fn warrants_solve_their_fixed_point() {
        for (warrants, strike) in [(0.0, 100.0), (1e-3, 100.0), (0.05, 40.0), (0.25, 100.0), (0.25, 300.0)] {
            let o = European { strike, income: 0.0, ..option(0.7, 6.0) };
            let w = warrant(&o, 1.0, warrants);
            let again = European { asset: 110.0 + warrants * w, ..o }.call().0 / (1.0 + warrants);
            assert!((w / again - 1.0).abs() < 1e-12, "{warrants} {strike}: {w} {again}");
        }
        // A penny warrant is a share: W n/(n + m) … = S, whatever the dilution.
        let penny = European { strike: 0.0, income: 0.0, ..option(0.7, 6.0) };
        assert!((warrant(&penny, 1.0, 0.2) / 110.0 - 1.0).abs() < 1e-14);
    }

    #[test]
    fn first_passage_is_likelier_than_being_below_at_the_end() {
        let s = Structural { assets: 140.0, face: 100.0, drift: 0.06, volatility: 0.3, years: 3.0 };
        assert!(s.black_cox() > s.merton());
        assert_eq!(Structural { assets: 100.0, ..s }.black_cox(), 1.0);
        // The put at the real-world drift, compounded to maturity, is the expected loss.
        let loss = s.option(0.06).put() * libm::exp(0.18);
        assert!((loss - s.merton() * s.loss_given_default() * 100.0).abs() < 1e-10);
    }
}

//! Ratios of cash: concentration, fund multiples, funding need, cost of capital, run-rate.

use super::irr::{Irr, irr};
use super::tvm::annuity_factor;

/// Herfindahl–Hirschman index of non-negative amounts, `Σ s_i²` of their shares: from `1/n` to 1; NaN if all are 0.
///
/// The effective number of holders is `1/HHI`; regulators' points are `10 000 × HHI`.
pub fn hhi(amounts: &[f64]) -> f64 {
    let total: f64 = amounts.iter().sum();
    amounts.iter().map(|a| (a / total) * (a / total)).sum()
}

/// What a fund's investors were paid and still hold, for each dollar paid in. NaN where nothing was.
#[derive(Clone, Debug, PartialEq)]
pub struct FundMetrics {
    /// Distributions to paid-in capital.
    pub dpi: f64,
    /// Residual value to paid-in capital.
    pub rvpi: f64,
    /// Total value to paid-in capital, `dpi + rvpi`; with no recycling also the multiple on invested capital (MOIC).
    pub tvpi: f64,
    /// Monthly rates of return, with the residual value received in the last month.
    pub irr: Irr,
}

/// Multiples and rate of return of monthly contributions and distributions (both positive) and a closing value.
pub fn fund_metrics(contributions: &[f64], distributions: &[f64], residual: f64) -> FundMetrics {
    let paid_in: f64 = contributions.iter().sum();
    let mut flows: Vec<f64> = distributions.iter().zip(contributions).map(|(d, c)| d - c).collect();
    if let Some(last) = flows.last_mut() {
        *last += residual;
    }
    let (dpi, rvpi) = (distributions.iter().sum::<f64>() / paid_in, residual / paid_in);
    FundMetrics { dpi, rvpi, tvpi: dpi + rvpi, irr: irr(&flows) }
}

/// How much money a row of monthly net flows, before any financing, asks for, and when. Months count from 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FundingNeed {
    /// First month whose closing cash is below 0.
    pub first_negative: Option<usize>,
    /// `max(0, −min_t Σ flows to t)`: peak funding.
    pub peak_deficit: f64,
    /// What of it the opening cash does not cover, `max(0, peak − cash)`.
    pub external_peak: f64,
    /// Sum of all flows.
    pub total: f64,
    /// Sum of the negative flows, as a positive amount.
    pub burn: f64,
}

/// Reads [`FundingNeed`] off monthly net flows.
pub fn funding_need(opening_cash: f64, flows: &[f64]) -> FundingNeed {
    let (mut total, mut lowest, mut burn, mut first_negative) = (0.0f64, 0.0f64, 0.0, None);
    for (t, flow) in flows.iter().enumerate() {
        total += flow;
        lowest = lowest.min(total);
        burn += (-flow).max(0.0);
        if opening_cash + total < 0.0 && first_negative.is_none() {
            first_negative = Some(t + 1);
        }
    }
    FundingNeed {
        first_negative,
        peak_deficit: 0.0 - lowest,
        external_peak: (-lowest - opening_cash).max(0.0),
        total,
        burn,
    }
}

/// The first month, from 1, from which on the sum of the last `window` flows stays ≥ 0 to the end; `None` is "never".
///
/// In the first months the sum runs over what there is. With a window of 1, every later flow is ≥ 0.
pub fn sustained_break_even(flows: &[f64], window: usize) -> Option<usize> {
    let trailing = |t: usize| flows[(t + 1).saturating_sub(window.max(1))..=t].iter().sum::<f64>();
    let good = (0..flows.len()).rev().take_while(|&t| trailing(t) >= 0.0).count();
    (good > 0).then_some(flows.len() - good + 1)
}

/// Weighted average cost of capital at market values: `(E k_E + Σ D_i k_i (1 − tax))/(E + Σ D_i)`, rates a year.
///
/// `debts` are (value, rate); `tax` is 0 while interest saves none.
pub fn wacc(equity: f64, cost_of_equity: f64, debts: &[(f64, f64)], tax: f64) -> f64 {
    let value = equity + debts.iter().map(|d| d.0).sum::<f64>();
    (equity * cost_of_equity + debts.iter().map(|d| d.0 * d.1 * (1.0 - tax)).sum::<f64>()) / value
}

/// Annualised revenue as labs report it: 13 × the last 28 days of consumption + 12 × a month's subscriptions (2026).
pub fn run_rate(consumption_28_days: f64, monthly_subscription: f64) -> f64 {
    13.0 * consumption_28_days + 12.0 * monthly_subscription
}

/// Revenue recognised over `months` of steady growth, the first of them `(1 + g) × month0`, and 12 × the last month.
pub fn recognised_and_run_rate(month0: f64, monthly_growth: f64, months: u32) -> (f64, f64) {
    let (mut month, mut recognised) = (month0, 0.0);
    for _ in 0..months {
        month *= 1.0 + monthly_growth;
        recognised += month;
    }
    (recognised, 12.0 * month)
}

/// Share of a closing run-rate that was recognised over the twelve months before, under steady growth:
/// `(1 − (1+g)^−12) (1+g)/(12 g)`.
pub fn trailing_year_over_run_rate(monthly_growth: f64) -> f64 {
    annuity_factor(monthly_growth, 12.0) * (1.0 + monthly_growth) / 12.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edges() {
        assert!(hhi(&[]) == 0.0 && hhi(&[0.0]).is_nan() && hhi(&[3.0, 0.0]) == 1.0);
        let none = funding_need(5.0, &[]);
        assert_eq!(
            none,
            FundingNeed { first_negative: None, peak_deficit: 0.0, external_peak: 0.0, total: 0.0, burn: 0.0 }
        );
        assert!(none.peak_deficit.is_sign_positive());
        assert_eq!(wacc(100.0, 0.1, &[], 0.3), 0.1);
        assert_eq!((recognised_and_run_rate(2.0, 0.0, 3), trailing_year_over_run_rate(0.0)), ((6.0, 24.0), 1.0));
        let lost = fund_metrics(&[10.0, 0.0], &[0.0, 0.0], 0.0);
        assert_eq!((lost.tvpi, lost.irr), (0.0, Irr::None));
    }

    #[test]
    fn break_even_by_window() {
        // Trailing sums of 3: −4, −3, −2, 2, 1, 2.
        let flows = [-4.0, 1.0, 1.0, 0.0, 0.0, 2.0];
        assert_eq!(sustained_break_even(&flows, 1), Some(2));
        assert_eq!(sustained_break_even(&flows, 3), Some(4));
        assert_eq!(sustained_break_even(&[1.0, -1.0], 1), None);
        assert_eq!(sustained_break_even(&[1.0, -1.0], 2), Some(1));
        assert_eq!(sustained_break_even(&[], 3), None);
    }
}

//! A structural benchmark: the default probabilities that Merton (1974) and Black and Cox (1976) give for a few figures
//! of the run, beside the simulated one. It drives nothing and is not an estimate of the model: it shows whether the
//! simulated figure is of a plausible magnitude, and by how much a test on one balance-sheet date differs from cash
//! tested over years (docs/model.md).
//!
//! Obligations are taken in the month in which the paths owe most on average, since by the horizon most debt has
//! matured; the valuation and its dispersion are those at the horizon.

use serde_json::{Value, json};

use crate::engine::component::Lane;
use crate::engine::math::options::Structural;
use crate::language::quantity::Inputs;
use crate::outcome::Outcome;
use crate::plan::Plan;
use crate::stats::interval::proportion_se;

/// Standard normal quantile of 75%: half the interquartile range, in standard deviations.
const QUARTILE: f64 = 0.674_489_750_196_081_7;

/// Inputs of the benchmark.
#[derive(Clone, Debug)]
struct Figures {
    /// Opening run-rate × multiple, and opening cash, with inputs at their medians.
    valuation: f64,
    cash: f64,
    /// SOFR before the first month.
    rate: f64,
    /// Mean firm commitments and debt in the month in which they are highest, that month, and the mean at the horizon.
    face: f64,
    owed_in: String,
    at_horizon: f64,
    /// Quartiles of the valuation at the horizon, and their standard errors.
    quartiles: [f64; 3],
    errors: [f64; 3],
    years: f64,
    /// Share of paths in default, and number of paths.
    default: f64,
    paths: u64,
}

impl Figures {
    fn of(outcome: &Outcome) -> Option<Figures> {
        let plan = outcome.plan();
        let lane = opening(plan);
        let value = outcome.metric("valuation")?;
        let mean = |name: &str| outcome.metric(name).map(|d| d.mean());
        let at_horizon = mean("firm_commitments")? + mean("debt")?;
        let (face, month) = most_owed(outcome).unwrap_or((at_horizon, plan.months));
        let paths = outcome.results.paths;
        Some(Figures {
            valuation: lane.lab.run_rate.0 * lane.market.multiple,
            cash: lane.lab.cash.0,
            rate: lane.market.sofr,
            face,
            owed_in: plan.start.plus(month as i32 - 1).end_date(),
            at_horizon,
            quartiles: [0.25, 0.5, 0.75].map(|q| value.quantile(q)),
            errors: [0.25, 0.5, 0.75].map(|q| value.quantile_se(q)),
            years: plan.months as f64 / 12.0,
            default: outcome.defaulted().last().copied().unwrap_or(0) as f64 / paths as f64,
            paths,
        })
    }

    /// The model, and the standard error of its volatility; `None` where a figure is missing or not positive.
    fn structural(&self) -> Option<(Structural, f64)> {
        let [low, middle, high] = self.quartiles;
        let assets = self.valuation + self.cash;
        // A lab that has ended has a valuation of zero: where more than a quarter have ended, the spread comes from the
        // upper half alone.
        let (from, widths) = if low > 0.0 { (0, 2.0) } else { (1, 1.0) };
        let low = self.quartiles[from];
        if !(low > 0.0 && high > low && self.face > 0.0 && self.valuation > 0.0 && assets > 0.0) {
            return None;
        }
        let per_year = 1.0 / (widths * QUARTILE * self.years.sqrt());
        let volatility = libm::log(high / low) * per_year;
        let error = libm::hypot(self.errors[from] / low, self.errors[2] / high) * per_year;
        let growth = libm::log(middle / self.valuation) / self.years;
        let drift = growth + 0.5 * volatility * volatility;
        Some((Structural { assets, face: self.face, drift, volatility, years: self.years }, error))
    }

    fn told(&self) -> Value {
        let simulated = json!({"value": self.default, "se": proportion_se(self.default, self.paths)});
        let Some((s, error)) = self.structural() else {
            return json!({"simulated_default": simulated, "undefined": "it requires a positive valuation on half of the paths and positive obligations"});
        };
        let option = s.option(self.rate);
        let put = option.put();
        let debt = s.face * libm::exp(-self.rate * s.years) - put;
        json!({
            "simulated_default": simulated,
            "merton_pd": s.merton(),
            "black_cox_pd": s.black_cox(),
            "distance_to_default": s.distance_to_default(),
            "merton_lgd": s.loss_given_default(),
            "assets": s.assets,
            "debt_face": s.face,
            "debt_face_month": self.owed_in,
            "debt_face_at_horizon": self.at_horizon,
            "years": s.years,
            "drift": s.drift,
            "volatility": {"value": s.volatility, "se": error},
            "rate": self.rate,
            "equity_as_call": {"value": option.call().0, "se": option.vega() * error},
            "equity_as_down_and_out_call": option.down_and_out_call(s.face),
            "lenders_put": put,
            "implied_spread": -libm::log(debt / s.face) / s.years - self.rate,
        })
    }
}

/// The highest mean of firm commitments and debt over the months, and its month (1 for the first); `None` where they
/// are not recorded by month.
fn most_owed(outcome: &Outcome) -> Option<(f64, usize)> {
    let metrics = &outcome.plan().metrics;
    let (firm, debt) = (metrics.find("firm_commitments")?, metrics.find("debt")?);
    let owed = |t: usize| outcome.monthly(firm, t).mean() + outcome.monthly(debt, t).mean();
    let most = |most: (f64, usize), t: usize| if owed(t) > most.0 { (owed(t), t) } else { most };
    Some((2..=outcome.plan().months).fold((owed(1), 1), most))
}

/// The lane before the first month, with inputs at their medians.
fn opening(plan: &Plan) -> Lane {
    let (inputs, mut lane) = (Inputs::new(&plan.medians), Lane::default());
    for component in &plan.components {
        component.spec.scalar(&inputs, &mut lane);
    }
    lane
}

/// The `structural_benchmark` object of `summary.json`.
pub fn benchmark(outcome: &Outcome) -> Value {
    Figures::of(outcome).map_or(Value::Null, |figures| figures.told())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures() -> Figures {
        Figures {
            valuation: 90.0,
            cash: 10.0,
            rate: 0.04,
            face: 60.0,
            owed_in: "2027-03-31".into(),
            at_horizon: 5.0,
            // Median 120 after four years; the quartiles are a factor of e^0.5 away from it.
            quartiles: [120.0 * libm::exp(-0.5), 120.0, 120.0 * libm::exp(0.5)],
            errors: [1.0, 1.5, 2.0],
            years: 4.0,
            default: 0.2,
            paths: 400,
        }
    }

    #[test]
    fn drift_and_volatility_follow_from_quartiles() {
        let (s, error) = figures().structural().unwrap();
        // 1 between the quartiles over 1.34898 × √4 is 0.370650; ln(120/90)/4 = 0.0719205, plus half the variance.
        assert!((s.volatility - 0.370_650_55).abs() < 1e-8, "{}", s.volatility);
        assert!((s.drift - (0.071_920_518 + 0.5 * 0.370_650_55 * 0.370_650_55)).abs() < 1e-8);
        assert_eq!((s.assets, s.face, s.years), (100.0, 60.0, 4.0));
        // (1/72.78)² + (2/197.85)²: root 0.017058, over 1.34898 × 2.
        assert!((error - 0.017_058 / 2.697_96).abs() < 1e-6, "{error}");
        // With a third of the paths at zero the upper half has the same spread.
        let dead = Figures { quartiles: [0.0, 120.0, 120.0 * libm::exp(0.5)], ..figures() };
        assert!((dead.structural().unwrap().0.volatility - 0.370_650_55).abs() < 1e-8);
        // ln(100/60) = 0.510826; d2 = (0.510826 + 4 × 0.0719205)/(0.370651 × 2) = 1.077171; N(−d2) = 0.140702.
        assert!((s.distance_to_default() - 1.077_171).abs() < 1e-5, "{}", s.distance_to_default());
        assert!((s.merton() - 0.140_702).abs() < 1e-5, "{}", s.merton());
    }

    #[test]
    fn told_with_the_simulated_default_and_undefined_where_nothing_is_owed() {
        let told = figures().told();
        assert_eq!(told["simulated_default"]["value"], 0.2);
        assert!((told["simulated_default"]["se"].as_f64().unwrap() - (0.16_f64 / 399.0).sqrt()).abs() < 1e-12);
        let [call, put] = [&told["equity_as_call"]["value"], &told["lenders_put"]].map(|v| v.as_f64().unwrap());
        // Assets are the sum of equity and debt: C + K e^−rT − P = V.
        assert!((call + 60.0 * libm::exp(-0.16) - put - 100.0).abs() < 1e-10);
        let owed = ["debt_face", "debt_face_at_horizon"].map(|key| told[key].as_f64());
        assert_eq!((owed, told["debt_face_month"].as_str()), ([Some(60.0), Some(5.0)], Some("2027-03-31")));
        assert!(told["implied_spread"].as_f64().unwrap() > 0.0);
        assert!(told["equity_as_down_and_out_call"].as_f64().unwrap() < call);
        for broken in [Figures { face: 0.0, ..figures() }, Figures { quartiles: [0.0, 0.0, 2.0], ..figures() }] {
            assert!(broken.told()["undefined"].is_string());
        }
    }
}

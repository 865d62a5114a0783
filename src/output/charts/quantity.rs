//! Quantities of studies: the unit in which a metric is written, and estimates with their Monte Carlo errors.

use serde::{Deserialize, Serialize};

use super::axis::Axis;
use super::house::{
    decimals_of, money, money_ticks, multiple, multiple_ticks, percent, percent_ticks, power, power_ticks,
};
use super::words::figures;

/// How the values of a metric are written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// US dollars: `$3.1B`.
    Money,
    /// A probability or another share: `8.4%`; differences are in percentage points.
    #[default]
    Share,
    /// A ratio: `1.12x`.
    Multiple,
    /// Months: `18.5 months`.
    Months,
    /// Power in gigawatts: `4.10 GW`.
    Power,
    /// A number and a word, which may be empty: `12 deals`.
    Named(String),
}

/// A quantity on an axis or in a column.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quantity {
    /// Its name: `Founders’ dilution`.
    pub label: String,
    /// How its values are written.
    pub unit: Unit,
}

/// An estimate and its standard error; NaN where undefined, which JSON stores as null.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// The estimate.
    #[serde(with = "nullable")]
    pub value: f64,
    /// Its standard error, in the same unit.
    #[serde(with = "nullable")]
    pub se: f64,
}

/// Factor of the standard error in a 95% interval of a normal distribution.
pub(super) const Z95: f64 = 1.96;
/// Values from here on are written as powers of ten, so that no text has hundreds of digits.
const HUGE: f64 = 1e18;
/// A difference of fewer standard errors cannot be distinguished from zero.
pub(super) const ERRORS: f64 = 2.0;

impl Quantity {
    /// Its name above an axis, with the unit if the ticks do not show it: `Delay, months`.
    pub(super) fn heading(&self) -> String {
        match &self.unit {
            Unit::Months => format!("{}, months", self.label),
            Unit::Named(word) if !word.is_empty() => format!("{}, {word}", self.label),
            _ => self.label.clone(),
        }
    }
}

impl Default for Measured {
    fn default() -> Measured {
        Measured::NONE
    }
}

impl Measured {
    /// No estimate.
    pub const NONE: Measured = Measured { value: f64::NAN, se: f64::NAN };

    /// An estimate and its standard error.
    pub fn new(value: f64, se: f64) -> Measured {
        Measured { value, se }
    }

    /// Whether there is an estimate.
    pub(super) fn is_known(self) -> bool {
        self.value.is_finite()
    }

    /// The standard error; zero where it is undefined.
    pub(super) fn error(self) -> f64 {
        if self.se.is_finite() { self.se.abs() } else { 0.0 }
    }

    /// Whether it is so many standard errors or more from zero. A zero never is, nor is an estimate whose error is
    /// undefined.
    pub(super) fn is_clear(self, errors: f64) -> bool {
        self.se.is_finite() && self.is_known() && self.value != 0.0 && self.value.abs() >= errors * self.error()
    }

    /// The ends of its 95% interval.
    pub(super) fn interval(self) -> (f64, f64) {
        (self.value - Z95 * self.error(), self.value + Z95 * self.error())
    }

    /// Its difference from another estimate that is taken to be independent of it; undefined errors count as zero.
    pub(super) fn minus(self, other: Measured) -> Measured {
        Measured { value: self.value - other.value, se: self.error().hypot(other.error()) }
    }
}

impl Unit {
    /// A value: `8.4%`, `$3.1B`, `18.5 months`.
    pub(super) fn write(&self, v: f64) -> String {
        if !v.is_finite() {
            return "undefined".into();
        }
        if v.abs() >= HUGE {
            return format!("{v:.1e}").replace('-', "\u{2212}");
        }
        match self {
            Unit::Money => money(v),
            Unit::Share => percent(v),
            Unit::Multiple => multiple(v),
            Unit::Power => power(v),
            Unit::Months => worded(v, "months"),
            Unit::Named(word) => worded(v, word),
        }
    }

    /// A standard error: `±0.35 pp`, `±$3.1B`; empty where undefined.
    pub(super) fn error(&self, se: f64) -> String {
        let text = match self {
            _ if !se.is_finite() => return String::new(),
            _ if se == 0.0 => "0".into(),
            Unit::Share => self.size(se),
            _ => self.write(se.abs()),
        };
        format!("\u{b1}{text}")
    }

    /// A difference: `+$3.1B`, `−1.2 pp`; empty where undefined.
    pub(super) fn difference(&self, v: f64) -> String {
        match v {
            _ if !v.is_finite() => String::new(),
            0.0 => "0".into(),
            _ => format!("{}{}", if v < 0.0 { "\u{2212}" } else { "+" }, self.size(v)),
        }
    }

    /// The size of a difference without its sign: `1.2 pp`.
    pub(super) fn size(&self, v: f64) -> String {
        if *self == Unit::Share && v.abs() < HUGE { figures(v.abs(), "pp") } else { self.write(v.abs()) }
    }

    /// An estimate with its error: `8.4% ±0.35 pp`; empty where undefined.
    pub(super) fn estimate(&self, m: Measured) -> String {
        match (m.is_known(), self.error(m.se)) {
            (false, _) => String::new(),
            (true, error) if error.is_empty() => self.write(m.value),
            (true, error) => format!("{} {error}", self.write(m.value)),
        }
    }

    /// A difference with its error: `−1.2 pp ±0.35 pp`; empty where undefined.
    pub(super) fn change(&self, m: Measured) -> String {
        format!("{} {}", self.difference(m.value), self.error(m.se)).trim().to_owned()
    }

    /// A value for a table: empty where undefined.
    pub(super) fn cell(&self, v: f64) -> String {
        if v.is_finite() { self.write(v) } else { String::new() }
    }

    /// An axis that covers the finite ones of these values, with some space beyond them. It does not extend below zero or,
    /// for shares, above one if no value does.
    pub(super) fn axis(&self, values: impl Iterator<Item = f64>) -> Axis {
        let (lo, hi) = ends(values).unwrap_or((0.0, 1.0));
        let size = lo.abs().max(hi.abs());
        let least = match self {
            Unit::Share => 0.002,
            _ => 1e-3 * size,
        };
        let air = (0.06 * (hi - lo)).max(least);
        let low = if lo >= 0.0 { (lo - air).max(0.0) } else { lo - air };
        let high = match self {
            Unit::Share if hi <= 1.0 => (hi + air).min(1.0),
            _ => hi + air,
        };
        self.between(low, high)
    }

    /// An axis with these ends.
    pub(super) fn between(&self, lo: f64, hi: f64) -> Axis {
        let write = match self {
            Unit::Money => money_ticks,
            Unit::Share => percent_ticks,
            Unit::Multiple => multiple_ticks,
            Unit::Power => power_ticks,
            Unit::Months | Unit::Named(_) => number_ticks,
        };
        Axis::of(lo, hi, write)
    }
}

/// The smallest and the largest finite value, if there is one.
pub(super) fn ends(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.filter(|v| v.is_finite()).fold(None, |ends, v| {
        let (lo, hi): (f64, f64) = ends.unwrap_or((v, v));
        Some((lo.min(v), hi.max(v)))
    })
}

/// A number and a word.
fn worded(v: f64, word: &str) -> String {
    let text = number(v);
    match word {
        "" => text,
        "months" if text == "1" => "1\u{a0}month".into(),
        _ => format!("{text}\u{a0}{word}"),
    }
}

/// A number to three significant figures: `4.1`, `0.035`, `1,250`, `3.1M`.
fn number(v: f64) -> String {
    let size = v.abs();
    if size >= 9_999.5 {
        return money(v).replace('$', "");
    }
    if size >= 99.5 {
        let sign = if v < 0.0 { "\u{2212}" } else { "" };
        return format!("{sign}{}", super::house::count(size.round() as u64));
    }
    if size == 0.0 || size < 1e-9 {
        return "0".into();
    }
    let decimals = (2 - size.log10().floor() as i32).clamp(0, 11) as usize;
    let text = format!("{size:.decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{}{text}", if v < 0.0 { "\u{2212}" } else { "" })
}

/// Formats every tick of an axis of plain numbers.
fn number_ticks(ticks: &[f64]) -> Vec<String> {
    let largest = ticks.iter().fold(0.0_f64, |a, t| a.max(t.abs()));
    if largest >= 9_999.5 || decimals_of(ticks, 1.0) < 3 {
        return money_ticks(ticks).into_iter().map(|t| t.replace('$', "")).collect();
    }
    ticks.iter().map(|t| number(*t)).collect()
}

/// Numbers that JSON stores as null where they are not finite.
pub(super) mod nullable {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// Writes a number, or null.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
    pub fn serialize<S: Serializer>(v: &f64, to: S) -> Result<S::Ok, S::Error> {
        v.is_finite().then_some(*v).serialize(to)
    }

    /// Reads a number, or NaN from null.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        Ok(Option::deserialize(from)?.unwrap_or(f64::NAN))
    }
}

/// Lists of such numbers.
pub(super) mod nullables {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    /// Writes a list of numbers and nulls.
    pub fn serialize<S: Serializer>(v: &[f64], to: S) -> Result<S::Ok, S::Error> {
        v.iter().map(|v| v.is_finite().then_some(*v)).collect::<Vec<_>>().serialize(to)
    }

    /// Reads a list of numbers and nulls.
    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<f64>, D::Error> {
        let list: Vec<Option<f64>> = Vec::deserialize(from)?;
        Ok(list.into_iter().map(|v| v.unwrap_or(f64::NAN)).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_errors_and_differences_are_written_in_the_unit() {
        let (deals, months) = (Unit::Named("deals".into()), Unit::Months);
        for (unit, v, text, error, difference) in [
            (&Unit::Share, 0.084, "8.4%", "±8.4\u{a0}pp", "+8.4\u{a0}pp"),
            (&Unit::Share, -0.0034, "−0.3%", "±0.34\u{a0}pp", "−0.34\u{a0}pp"),
            (&Unit::Money, -3.1e9, "−$3.1B", "±$3.1B", "−$3.1B"),
            (&Unit::Multiple, 1.123, "1.12x", "±1.12x", "+1.12x"),
            (&months, 1.0, "1\u{a0}month", "±1\u{a0}month", "+1\u{a0}month"),
            (&months, 18.52, "18.5\u{a0}months", "±18.5\u{a0}months", "+18.5\u{a0}months"),
            (&deals, 1250.4, "1,250\u{a0}deals", "±1,250\u{a0}deals", "+1,250\u{a0}deals"),
            (&deals, -0.0352, "−0.0352\u{a0}deals", "±0.0352\u{a0}deals", "−0.0352\u{a0}deals"),
            (&Unit::Named(String::new()), 3.1e6, "3.1M", "±3.1M", "+3.1M"),
            (&Unit::Money, 0.0, "$0", "±0", "0"),
            (&Unit::Share, f64::NAN, "undefined", "", ""),
            (&Unit::Share, -2.5e300, "−2.5e300", "±2.5e300", "−2.5e300"),
        ] {
            assert_eq!((unit.write(v).as_str(), unit.error(v).as_str()), (text, error));
            assert_eq!(unit.difference(v), difference);
        }
        assert_eq!(Unit::Share.estimate(Measured::new(0.084, 0.003)), "8.4% ±0.30\u{a0}pp");
        assert_eq!(Unit::Share.change(Measured::new(-0.032, f64::NAN)), "−3.2\u{a0}pp");
    }

    #[test]
    fn axes_stay_within_what_can_be() {
        let of = |unit: &Unit, values: &[f64]| {
            let axis = unit.axis(values.iter().copied());
            assert!(axis.hi > axis.lo && (1..=6).contains(&axis.ticks.len()), "{axis:?}");
            (axis.lo, axis.hi)
        };
        assert_eq!(of(&Unit::Share, &[1.0, 1.0]), (0.998, 1.0));
        assert_eq!(of(&Unit::Share, &[0.0, f64::NAN]).0, 0.0);
        assert_eq!(of(&Unit::Months, &[0.0, 100.0]), (0.0, 106.0));
        for values in [&[] as &[f64], &[0.0], &[1e300, -1e300], &[f64::INFINITY], &[-5.0, -5.0], &[1e-300]] {
            for unit in [Unit::Money, Unit::Share, Unit::Multiple, Unit::Months, Unit::Power] {
                of(&unit, values);
            }
        }
        assert_eq!(number_ticks(&[0.0, 2e-5, 4e-5]), ["0", "0.00002", "0.00004"]);
        assert_eq!(number_ticks(&[0.0, 20_000.0]), ["0", "20K"]);
    }

    #[test]
    fn undefined_estimates_survive_json() {
        let text = serde_json::to_string(&[Measured::new(0.5, f64::INFINITY), Measured::NONE]).unwrap();
        assert_eq!(text, r#"[{"value":0.5,"se":null},{"value":null,"se":null}]"#);
        let back: Vec<Measured> = serde_json::from_str(&text).unwrap();
        assert!(back[0].value == 0.5 && back[0].se.is_nan() && back[1].value.is_nan());
    }
}

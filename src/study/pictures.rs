//! What the charts of studies share: names, units, estimates and checks of an answer as the charts take them.

use super::number::Number;
use super::point::{Difference, Estimate};
use super::words::question;
use crate::language::unit::Unit as Written;
use crate::output::charts::{Level, Measured, Quantity, SettingValues, Unit};
use crate::output::names::capital;
use crate::output::record::Figure;

/// The name of a setting: the last two parts of its path.
pub fn setting_name(path: &str) -> String {
    let parts: Vec<&str> = path.split('.').collect();
    capital(&parts[parts.len().saturating_sub(2)..].join("_"))
}

/// How values of a metric are written, from the name of its unit in the tables.
pub fn unit_of(name: &str) -> Unit {
    match name {
        "share" | "share/yr" => Unit::Share,
        "ratio" | "x" => Unit::Multiple,
        "months" => Unit::Months,
        "GW" => Unit::Power,
        money if money.starts_with("USD") => Unit::Money,
        other => Unit::Named(other.to_owned()),
    }
}

/// What a question measures, without its bound, as an axis.
pub fn measured_by(check: &str, unit: &str) -> Quantity {
    Quantity { label: question(check).to_owned(), unit: unit_of(unit) }
}

/// An estimate.
pub fn estimate(at: &Estimate) -> Measured {
    Measured::new(at.value.0, at.se.0)
}

/// A difference with its paired error.
pub fn difference(d: &Difference) -> Measured {
    Measured::new(d.value.0, d.se.0)
}

/// The bound of a check; `None` without one.
pub fn level(check: &str, bound: Figure) -> Option<Level> {
    let limit = check[question(check).len()..].trim_start();
    let level = || Level { label: check.to_owned(), bound: bound.0, below: limit.starts_with(['<', '≤']) };
    bound.0.is_finite().then(level)
}

/// How the values of a setting are written on an axis, from one of them.
pub fn setting(path: &str, value: &str) -> Quantity {
    let unit = match Number::read(value).map(|number| number.unit) {
        Some(Written::Share | Written::PerMonth | Written::PerYear) => Unit::Share,
        Some(Written::Gw) => Unit::Power,
        Some(Written::Months) => Unit::Months,
        Some(Written::Multiple) => Unit::Multiple,
        Some(unit) if unit.symbol().starts_with("USD") => Unit::Money,
        _ => Unit::Named(String::new()),
    };
    Quantity { label: setting_name(path), unit }
}

/// The values of a setting in a sweep.
pub fn values(path: &str, labels: Vec<String>) -> SettingValues {
    let at = labels.iter().map(|label| Number::read(label).map_or(f64::NAN, |number| number.value)).collect();
    SettingValues { name: setting_name(path), labels, at }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_have_a_side() {
        let below = |check: &str| level(check, Figure(0.1)).map(|level| level.below);
        assert_eq!(below("p(cash_out) < 10%"), Some(true));
        assert_eq!(below("p50(stake.founders at 2031-05) >= 9%"), Some(false));
        assert_eq!(level("p(cash_out)", Figure(f64::NAN)), None);
        assert_eq!(setting_name("lab.compute.orders.share"), "Orders share");
        assert_eq!(setting("lab.opening.cash", "40M USD").unit, Unit::Money);
        assert_eq!(values("x.y", vec!["a".into(), "5 GW".into()]).at[1], 5.0);
    }
}

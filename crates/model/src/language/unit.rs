//! The units in which quantities are written, and the units of their products and quotients.

use super::quantity::Kind;

/// A unit as written. Values are in USD, GW and months; percentages are fractions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// No unit.
    Number,
    /// A quotient of like quantities; serves as number, share or multiple.
    Ratio,
    /// `%`, as a fraction.
    Share,
    /// `x`.
    Multiple,
    /// `USD`.
    Usd,
    /// `USD/mo`.
    UsdPerMonth,
    /// `USD/yr`.
    UsdPerYear,
    /// `USD/GW`.
    UsdPerGw,
    /// `USD/GW-mo`.
    UsdPerGwMonth,
    /// `USD/GW-yr`.
    UsdPerGwYear,
    /// `USD/gpu-hour`.
    UsdPerGpuHour,
    /// `%/mo`, as a fraction.
    PerMonth,
    /// `%/yr` or `bp`, as a fraction.
    PerYear,
    /// `x/mo`.
    TimesPerMonth,
    /// `x/yr`.
    TimesPerYear,
    /// `GW`, `MW` or `kW`, in GW.
    Gw,
    /// `mo`, `yr` or `d`, in months.
    Months,
}

impl Unit {
    /// How the unit is written; empty for a plain number.
    pub fn symbol(self) -> &'static str {
        match self {
            Unit::Number | Unit::Ratio => "",
            Unit::Share => "%",
            Unit::Multiple => "x",
            Unit::Usd => "USD",
            Unit::UsdPerMonth => "USD/mo",
            Unit::UsdPerYear => "USD/yr",
            Unit::UsdPerGw => "USD/GW",
            Unit::UsdPerGwMonth => "USD/GW-mo",
            Unit::UsdPerGwYear => "USD/GW-yr",
            Unit::UsdPerGpuHour => "USD/gpu-hour",
            Unit::PerMonth => "%/mo",
            Unit::PerYear => "%/yr",
            Unit::TimesPerMonth => "x/mo",
            Unit::TimesPerYear => "x/yr",
            Unit::Gw => "GW",
            Unit::Months => "mo",
        }
    }
    /// The factor applied to a number when it is shown with [`Unit::symbol`]: 100 for percentages, else 1.
    pub fn shown(self) -> f64 {
        if matches!(self, Unit::Share | Unit::PerMonth | Unit::PerYear) { 100.0 } else { 1.0 }
    }
    /// "in `USD/mo`", for messages.
    pub fn described(self) -> String {
        match self {
            Unit::Number => "a plain number".to_owned(),
            Unit::Ratio => "a ratio".to_owned(),
            unit => format!("in `{}`", unit.symbol()),
        }
    }
    /// The kind of a value in this unit when no field specifies one.
    pub fn kind(self) -> Kind {
        match self {
            Unit::Number | Unit::Ratio | Unit::UsdPerGpuHour => Kind::Number,
            Unit::Share => Kind::Share,
            Unit::Multiple => Kind::Multiple,
            Unit::Usd => Kind::Money,
            Unit::UsdPerMonth | Unit::UsdPerYear => Kind::MoneyRate,
            Unit::UsdPerGw => Kind::PowerCost,
            Unit::UsdPerGwMonth | Unit::UsdPerGwYear => Kind::PowerPrice,
            Unit::PerMonth | Unit::TimesPerMonth | Unit::TimesPerYear => Kind::Growth,
            Unit::PerYear => Kind::Rate,
            Unit::Gw => Kind::Power,
            Unit::Months => Kind::Time,
        }
    }
    /// Whether an interval with positive ends is lognormal.
    pub fn is_magnitude(self) -> bool {
        !matches!(self, Unit::Number | Unit::Ratio | Unit::Share | Unit::PerMonth | Unit::PerYear)
    }
}

/// The factor that converts `from` to `to`, if both measure the same quantity.
pub(super) fn alike(from: Unit, to: Unit) -> Option<f64> {
    match (from, to) {
        (a, b) if a == b => Some(1.0),
        (Unit::UsdPerMonth, Unit::UsdPerYear) | (Unit::UsdPerGwMonth, Unit::UsdPerGwYear) => Some(12.0),
        (Unit::UsdPerYear, Unit::UsdPerMonth) | (Unit::UsdPerGwYear, Unit::UsdPerGwMonth) => Some(1.0 / 12.0),
        (Unit::Number, Unit::Ratio) | (Unit::Ratio, Unit::Share | Unit::Multiple) => Some(1.0),
        _ => None,
    }
}

/// The unit of a product and its conversion factor.
pub(super) fn product(a: Unit, b: Unit) -> Option<(Unit, f64)> {
    use Unit::{
        Gw, Months, Multiple, Number, Ratio, Share, Usd, UsdPerGw, UsdPerGwMonth, UsdPerGwYear, UsdPerMonth, UsdPerYear,
    };
    let pure = |u| matches!(u, Number | Ratio | Share | Multiple);
    Some(match (a, b) {
        (Number | Ratio, u) | (u, Number | Ratio) => (u, 1.0),
        (Share, Share) => (Share, 1.0),
        (Multiple, Multiple) => (Multiple, 1.0),
        // 35% × 1.2x may be meant as a share, 19x × 50% as a multiple.
        (Share, Multiple) | (Multiple, Share) => (Ratio, 1.0),
        (a, u) | (u, a) if pure(a) => (u, 1.0),
        (UsdPerMonth, Months) | (Months, UsdPerMonth) | (UsdPerGw, Gw) | (Gw, UsdPerGw) => (Usd, 1.0),
        (UsdPerYear, Months) | (Months, UsdPerYear) => (Usd, 1.0 / 12.0),
        (UsdPerGwMonth, Gw) | (Gw, UsdPerGwMonth) => (UsdPerMonth, 1.0),
        (UsdPerGwYear, Gw) | (Gw, UsdPerGwYear) => (UsdPerYear, 1.0),
        _ => return None,
    })
}

/// The unit of a quotient and its conversion factor.
pub(super) fn quotient(a: Unit, b: Unit) -> Option<(Unit, f64)> {
    match (a, b) {
        (a, Unit::Number | Unit::Ratio) => Some((a, 1.0)),
        (a, b) if alike(b, a).is_some() => Some((Unit::Ratio, 1.0 / alike(b, a)?)),
        (a, Unit::Share | Unit::Multiple) => Some((a, 1.0)),
        // The price of an accelerator-hour over its power, `2.10 USD/gpu-hour / 1.4 kW`: a year has 8 766 hours.
        (Unit::UsdPerGpuHour, Unit::Gw) => Some((Unit::UsdPerGwYear, 8766.0)),
        (Unit::Usd, Unit::Gw) => Some((Unit::UsdPerGw, 1.0)),
        (Unit::Usd, Unit::Months) => Some((Unit::UsdPerMonth, 1.0)),
        _ => None,
    }
}

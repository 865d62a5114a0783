//! Kinds of quantities, the units they are written in, and the conversion to canonical numbers.
//!
//! An expression is evaluated in the unit it is written in; the field that uses it converts. Only `+ − × ÷ √` and
//! `libm` are used, so that the numbers are bit-identical on every machine.

use super::expr::Expr;
pub use super::unit::Unit;
pub use crate::engine::draws::Inputs;
use crate::issues::Place;

/// The kind of quantity that a field expects; the doc of each variant gives the canonical unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// USD.
    Money,
    /// USD per month.
    MoneyRate,
    /// USD per GW-month.
    PowerPrice,
    /// USD per GW.
    PowerCost,
    /// A fraction of a whole.
    Share,
    /// Nominal fraction per year.
    Rate,
    /// Log growth per month.
    Growth,
    /// Probability per month.
    Hazard,
    /// Standard deviation per square root of a month.
    Volatility,
    /// A ratio.
    Multiple,
    /// GW.
    Power,
    /// Months.
    Time,
    /// A plain real number.
    Number,
}

/// The conversion from a written unit to the canonical one.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Conversion {
    Scale(f64),
    /// `ln(1 + x) / months`.
    LogOfGrowth(f64),
    /// `ln(x) / months`.
    LogOfFactor(f64),
    /// `1 − (1 − p)^(1/12)`.
    YearlyHazard,
}

const TINY: f64 = 1e-12;

impl Conversion {
    fn apply(self, x: f64) -> f64 {
        match self {
            Conversion::Scale(k) => x * k,
            Conversion::LogOfGrowth(months) => libm::log((1.0 + x).max(TINY)) / months,
            Conversion::LogOfFactor(months) => libm::log(x.max(TINY)) / months,
            Conversion::YearlyHazard => -libm::expm1(libm::log1p(-x.clamp(0.0, 1.0 - TINY)) / 12.0),
        }
    }
}

impl Conversion {
    /// The meaningful written numbers: a loss cannot exceed 100%, nor a probability 1.
    fn domain(self) -> Range {
        match self {
            Conversion::Scale(_) => Range::ANY,
            Conversion::LogOfGrowth(_) => Range { min: -1.0, max: f64::INFINITY },
            Conversion::LogOfFactor(_) => Range { min: 0.0, max: f64::INFINITY },
            Conversion::YearlyHazard => Range { min: 0.0, max: 1.0 },
        }
    }
    /// The written number of a canonical one, the inverse of `apply`.
    fn written(self, x: f64) -> f64 {
        match self {
            Conversion::Scale(k) => x / k,
            Conversion::LogOfGrowth(months) => libm::expm1(x * months),
            Conversion::LogOfFactor(months) => libm::exp(x * months),
            Conversion::YearlyHazard => -libm::expm1(12.0 * libm::log1p(-x)),
        }
    }
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 13] = [
        Kind::Money,
        Kind::MoneyRate,
        Kind::PowerPrice,
        Kind::PowerCost,
        Kind::Share,
        Kind::Rate,
        Kind::Growth,
        Kind::Hazard,
        Kind::Volatility,
        Kind::Multiple,
        Kind::Power,
        Kind::Time,
        Kind::Number,
    ];

    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Money => "money",
            Kind::MoneyRate => "money per time",
            Kind::PowerPrice => "money per power and time",
            Kind::PowerCost => "money per power",
            Kind::Share => "a share",
            Kind::Rate => "an interest rate",
            Kind::Growth => "growth",
            Kind::Hazard => "a probability per time",
            Kind::Volatility => "a volatility",
            Kind::Multiple => "a multiple",
            Kind::Power => "power",
            Kind::Time => "a time",
            Kind::Number => "a plain number",
        }
    }
    /// The values accepted by a field of this kind that states no range of its own, in canonical units.
    pub fn range(self) -> Range {
        match self {
            Kind::Share | Kind::Hazard => Range { min: 0.0, max: 1.0 },
            Kind::Growth => Range::ANY,
            _ => Range { min: 0.0, max: f64::INFINITY },
        }
    }
    /// The largest magnitude of a quantity of this kind in canonical units, whatever its field accepts: anything larger
    /// is not meaningful, and sums or products of a few such numbers might not be finite.
    pub fn most(self) -> f64 {
        match self {
            Kind::Money | Kind::MoneyRate => 1e15,
            Kind::PowerPrice | Kind::PowerCost => 1e13,
            Kind::Share | Kind::Rate => 1e3,
            Kind::Volatility => 10.0,
            // A factor of twelve per month; a total loss within a year, which converts to ln(1e-12)/12, is within the
            // limit.
            Kind::Growth => 2.5,
            Kind::Hazard => 1.0,
            Kind::Multiple => 1e6,
            Kind::Power => 1e5,
            Kind::Time => 120_000.0,
            Kind::Number => 1e9,
        }
    }
    fn conversion(self, unit: Unit) -> Option<Conversion> {
        use Conversion::{LogOfFactor, LogOfGrowth, Scale, YearlyHazard};
        // Converts from per root year to per root month: √12, correctly rounded.
        let root = 12.0_f64.sqrt();
        Some(match (self, unit) {
            (Kind::Money, Unit::Usd)
            | (Kind::MoneyRate, Unit::UsdPerMonth)
            | (Kind::PowerPrice, Unit::UsdPerGwMonth)
            | (Kind::PowerCost, Unit::UsdPerGw)
            | (Kind::Share, Unit::Share | Unit::Ratio)
            | (Kind::Rate, Unit::PerYear)
            | (Kind::Growth | Kind::Hazard | Kind::Volatility, Unit::PerMonth)
            | (Kind::Multiple, Unit::Multiple | Unit::Ratio)
            | (Kind::Power, Unit::Gw)
            | (Kind::Time, Unit::Months)
            | (Kind::Number, Unit::Number | Unit::Ratio) => Scale(1.0),
            (Kind::MoneyRate, Unit::UsdPerYear) | (Kind::PowerPrice, Unit::UsdPerGwYear) => Scale(1.0 / 12.0),
            (Kind::Volatility, Unit::PerYear) => Scale(1.0 / root),
            (Kind::Growth, Unit::PerYear) => LogOfGrowth(12.0),
            (Kind::Growth, Unit::TimesPerYear) => LogOfFactor(12.0),
            (Kind::Growth, Unit::TimesPerMonth) => LogOfFactor(1.0),
            (Kind::Hazard, Unit::PerYear) => YearlyHazard,
            _ => return None,
        })
    }
    /// Whether a field of this kind accepts a quantity in this unit.
    pub fn accepts(self, unit: Unit) -> bool {
        self.conversion(unit).is_some()
    }
    /// The numbers written in `unit` that are meaningful for this kind, whatever the field accepts.
    pub fn domain(self, unit: Unit) -> Range {
        self.conversion(unit).map_or(Range::ANY, Conversion::domain)
    }
    /// Converts `x`, written in `unit`, to the canonical unit of this kind; `None` when the unit does not fit.
    pub fn canonical(self, unit: Unit, x: f64) -> Option<f64> {
        self.conversion(unit).map(|c| c.apply(x))
    }
}

/// How a quantity of this kind is written, for messages and documentation.
pub fn example(kind: Kind) -> &'static str {
    match kind {
        Kind::Money => "1.5B USD",
        Kind::MoneyRate => "12B USD/yr",
        Kind::PowerPrice => "9B USD/GW-yr",
        Kind::PowerCost => "38B USD/GW",
        Kind::Share => "35%",
        Kind::Rate => "5.75%/yr",
        Kind::Growth => "10%/mo",
        Kind::Hazard => "1.5%/mo",
        Kind::Volatility => "7%/mo",
        Kind::Multiple => "1.30x",
        Kind::Power => "0.35 GW",
        Kind::Time => "18 mo",
        Kind::Number => "2.5",
    }
}

/// The values a field accepts, in canonical units; both ends are included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// Smallest.
    pub min: f64,
    /// Largest.
    pub max: f64,
}

impl Range {
    /// Every finite number.
    pub const ANY: Range = Range { min: f64::NEG_INFINITY, max: f64::INFINITY };
    /// Above zero: the smallest positive normal number and up.
    pub const POSITIVE: Range = Range { min: f64::MIN_POSITIVE, max: f64::INFINITY };
    /// The smallest meaningful magnitude other than zero, in canonical units: division by anything smaller might not be
    /// finite.
    pub const LEAST: f64 = 1e-12;
    /// The range limited to the magnitudes of `kind`; a value that must be above zero is at least [`Range::LEAST`].
    #[must_use]
    pub fn of_kind(self, kind: Kind) -> Range {
        let min = if self.min == Range::POSITIVE.min { Range::LEAST } else { self.min.max(-kind.most()) };
        Range { min, max: self.max.min(kind.most()) }
    }
    /// Whether `x` is in the range.
    pub fn holds(self, x: f64) -> bool {
        x >= self.min && x <= self.max
    }
    /// The nearest value in the range; never NaN or infinite.
    pub fn clamp(self, x: f64) -> f64 {
        let x = if x.is_nan() { 0.0 } else { x.clamp(-1e300, 1e300) };
        if x < self.min {
            self.min
        } else if x > self.max {
            self.max
        } else {
            x
        }
    }
}

/// A compiled expression, known or uncertain, whose value is in the canonical unit of its field.
///
/// An uncertain value outside the range of the field (a normal share above 100%) is set to the limit of the range.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    expr: Expr,
    /// `None` if the expression is already a canonical number.
    conversion: Option<Conversion>,
    range: Range,
    place: Place,
}

impl Quantity {
    /// A known number in canonical units.
    pub fn constant(x: f64) -> Quantity {
        Quantity { expr: Expr::Number(x), conversion: None, range: Range::ANY, place: Place::default() }
    }
    /// The same quantity with another place.
    #[must_use]
    pub fn written_at(mut self, place: Place) -> Quantity {
        self.place = place;
        self
    }
    /// An expression in `unit` for a field of `kind`; `None` when the unit does not fit.
    pub(super) fn compile(expr: Expr, unit: Unit, kind: Kind, range: Range, place: Place) -> Option<Quantity> {
        let conversion = kind.conversion(unit)?;
        Some(match expr {
            Expr::Number(x) => Quantity { expr: Expr::Number(conversion.apply(x)), conversion: None, range, place },
            expr => Quantity { expr, conversion: Some(conversion), range, place },
        })
    }
    /// Its value on the path with these inputs, in canonical units.
    pub fn at(&self, inputs: &Inputs<'_>) -> f64 {
        match (&self.expr, self.conversion) {
            (Expr::Number(x), None) => *x,
            (expr, conversion) => {
                let x = expr.at(inputs);
                self.range.clamp(conversion.map_or(x, |c| c.apply(x)))
            }
        }
    }
    /// Its value when it is the same on every path.
    pub fn known(&self) -> Option<f64> {
        match (&self.expr, self.conversion) {
            (Expr::Number(x), None) => Some(*x),
            _ => None,
        }
    }
    /// Where it was written.
    pub fn place(&self) -> Place {
        self.place
    }
    /// The index of its input, if it is an uncertain input used directly.
    pub fn input(&self) -> Option<usize> {
        match self.expr {
            Expr::Input(index) => Some(index),
            _ => None,
        }
    }
    /// The range that its field accepts, in canonical units.
    pub fn range(&self) -> Range {
        self.range
    }
    /// The range that it accepts, in its written unit; [`Quantity::at`] sets values beyond it to the limit.
    pub fn accepts(&self) -> Range {
        let Some(conversion) = self.conversion else { return Range::ANY };
        let domain = conversion.domain();
        let (min, max) = (conversion.written(self.range.min), conversion.written(self.range.max));
        Range { min: min.max(domain.min), max: max.min(domain.max) }
    }
    /// Its value on this path in its written unit, before it is limited to the range.
    pub fn written(&self, inputs: &Inputs<'_>) -> f64 {
        self.expr.at(inputs)
    }
    /// The indices (in `Reader::inputs`) of the uncertain inputs it uses, each once.
    pub fn uses(&self) -> Vec<usize> {
        let mut out = Vec::new();
        self.expr.uses(&mut out);
        out
    }
}

#[cfg(test)]
#[path = "quantity_tests.rs"]
mod tests;

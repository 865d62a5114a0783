//! House style: colours, type sizes, and how money, shares and dates are written.
//!
//! Colours are those of Okabe and Ito (2008), which colour-blind readers can tell apart. A claimant has the same colour
//! in every chart: a lender who is a source in one year and is repaid in another is orange in both.

use plotters::style::RGBColor;

use crate::output::names::capital;
use crate::units::Month;

pub(super) const WIDTH: f64 = 960.0;
/// Height of a sheet, in the unit of its coordinates.
pub const HEIGHT: f64 = 540.0;
/// White space at the edges of the sheet.
pub(super) const MARGIN: f64 = 24.0;
/// Largest number of ticks on one axis.
pub(super) const MAX_TICKS: usize = 6;

pub(super) const TITLE: f64 = 22.0;
pub(super) const SUBTITLE: f64 = 14.0;
pub(super) const LABEL: f64 = 14.0;
pub(super) const SMALL: f64 = 12.5;
pub(super) const NOTE: f64 = 12.0;

pub(super) const INK: RGBColor = RGBColor(33, 37, 41);
pub(super) const GREY: RGBColor = RGBColor(92, 99, 106);
pub(super) const RULE: RGBColor = RGBColor(222, 226, 230);
pub(super) const WHITE: RGBColor = RGBColor(255, 255, 255);
pub(super) const BLUE: RGBColor = RGBColor(0, 114, 178);
pub(super) const ORANGE: RGBColor = RGBColor(230, 159, 0);
pub(super) const GREEN: RGBColor = RGBColor(0, 158, 115);
pub(super) const VERMILLION: RGBColor = RGBColor(213, 94, 0);
pub(super) const SKY: RGBColor = RGBColor(86, 180, 233);
pub(super) const PURPLE: RGBColor = RGBColor(204, 121, 167);
pub(super) const YELLOW: RGBColor = RGBColor(240, 228, 66);
const SLATE: RGBColor = RGBColor(69, 82, 96);

/// The party behind a line or a holding, which decides the colour. The number distinguishes claimants of one kind by
/// lightness (four steps) and must be the same in every chart of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Customers, and hence revenue.
    Customers,
    /// Compute and its suppliers, and hence spending.
    Compute(u8),
    /// The gap between spending and revenue.
    Gap,
    /// The lab's cash, drawn down or built up.
    Cash,
    /// Founders.
    Founders,
    /// Employees: their shares, their pay.
    Employees,
    /// A foundation or other non-profit parent.
    Foundation,
    /// An equity investor or round.
    Investor(u8),
    /// A strategic partner who also supplies or buys.
    Partner(u8),
    /// A lender or a class of debt.
    Lender(u8),
    /// A vehicle, lessor or joint venture.
    Vehicle(u8),
    /// Taxes and grants.
    State,
    /// Everything else, including grouped lines.
    Other,
}

impl Role {
    pub(super) fn colour(self) -> RGBColor {
        match self {
            Role::Customers => BLUE,
            Role::Compute(i) => step(VERMILLION, i),
            Role::Gap | Role::State => SLATE,
            Role::Cash => GREEN,
            Role::Founders => INK,
            Role::Employees => RGBColor(108, 117, 125),
            Role::Foundation => step(GREEN, 2),
            Role::Investor(i) => step(PURPLE, i),
            Role::Partner(i) => step(SKY, i),
            Role::Lender(i) => step(ORANGE, i),
            Role::Vehicle(i) => step(YELLOW, i),
            Role::Other => RGBColor(190, 196, 202),
        }
    }
}

/// One of four lightness steps of a hue: unchanged, lighter, darker, lightest.
fn step(hue: RGBColor, index: u8) -> RGBColor {
    match index % 4 {
        0 => hue,
        1 => blend(hue, WHITE, 0.38),
        2 => blend(hue, INK, 0.38),
        _ => blend(hue, WHITE, 0.66),
    }
}

/// Mixes the share `t` of `b` into `a`.
pub(super) fn blend(a: RGBColor, b: RGBColor, t: f64) -> RGBColor {
    let mix = |x: u8, y: u8| (f64::from(x) + (f64::from(y) - f64::from(x)) * t).round() as u8;
    RGBColor(mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
}

/// The colour, darkened until it is legible as text on white: a contrast of at least 4.5 (WCAG 2.2, 1.4.3).
pub(super) fn text_colour(colour: RGBColor) -> RGBColor {
    let mut dark = 0.0;
    while contrast(blend(colour, INK, dark), WHITE) < 4.5 && dark < 1.0 {
        dark += 0.1;
    }
    blend(colour, INK, dark)
}

/// Contrast of two colours, 1 to 21 (WCAG 2.2).
pub(super) fn contrast(a: RGBColor, b: RGBColor) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Relative luminance, 0 to 1 (WCAG 2.2).
fn luminance(colour: RGBColor) -> f64 {
    let linear = |c: u8| {
        let c = f64::from(c) / 255.0;
        if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(colour.0) + 0.7152 * linear(colour.1) + 0.0722 * linear(colour.2)
}

const UNITS: [(f64, &str); 5] = [(1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "K"), (1.0, "")];

/// US dollars to two or three significant figures: `$1.2T`, `$340B`, `−$4.1B`.
pub(in crate::output) fn money(usd: f64) -> String {
    if !usd.is_finite() {
        return "undefined".into();
    }
    let size = usd.abs();
    if size < 0.5 {
        return "$0".into();
    }
    // The unit is chosen after rounding, so that $999.7B is $1.0T.
    let (scale, unit) = UNITS.into_iter().find(|(scale, _)| size >= 0.9995 * scale).unwrap_or((1.0, ""));
    let value = size / scale;
    let decimals = usize::from(value < 9.95 && scale > 1.0);
    format!("{}${}{unit}", minus(usd), thousands(&format!("{value:.decimals$}")))
}

/// Formats every tick of a money axis in one unit, with as many decimals as its step needs.
pub(super) fn money_ticks(ticks: &[f64]) -> Vec<String> {
    let largest = ticks.iter().fold(0.0_f64, |a, t| a.max(t.abs()));
    let (scale, unit) = UNITS.into_iter().find(|(scale, _)| largest >= 0.9995 * scale).unwrap_or((1.0, ""));
    let decimals = decimals_of(ticks, scale);
    let write = |t: &f64| {
        if *t == 0.0 {
            return "$0".to_owned();
        }
        format!("{}${}{unit}", minus(*t), thousands(&format!("{:.decimals$}", t.abs() / scale)))
    };
    ticks.iter().map(write).collect()
}

/// Formats every tick of an axis of shares.
pub(super) fn percent_ticks(ticks: &[f64]) -> Vec<String> {
    let decimals = decimals_of(ticks, 0.01);
    ticks.iter().map(|t| format!("{}{:.decimals$}%", minus(*t), t.abs() / 0.01)).collect()
}

/// A multiple: `1.12x`, `12x`.
pub(in crate::output) fn multiple(x: f64) -> String {
    if !x.is_finite() {
        return "undefined".into();
    }
    let decimals = if x.abs() >= 99.5 {
        0
    } else if x.abs() >= 9.95 {
        1
    } else {
        2
    };
    format!("{}{}x", minus(x), thousands(&format!("{:.decimals$}", x.abs())))
}

/// Formats every tick of an axis of multiples.
pub(super) fn multiple_ticks(ticks: &[f64]) -> Vec<String> {
    let decimals = decimals_of(ticks, 1.0);
    ticks.iter().map(|t| format!("{}{:.decimals$}x", minus(*t), t.abs())).collect()
}

/// Units of power and their size in GW, the largest first.
const POWER: [(f64, &str); 3] = [(1.0, "GW"), (1e-3, "MW"), (1e-6, "kW")];

/// The unit in which a power is written: the largest unit that does not exceed it.
fn power_unit(gw: f64) -> (f64, &'static str) {
    // The unit is chosen after rounding, so that 999.7 MW is 1.00 GW.
    POWER.into_iter().find(|(scale, _)| gw.abs() >= 0.9995 * scale).unwrap_or(POWER[usize::from(gw != 0.0) * 2])
}

/// Power in a unit that suits its size: `2.35 GW`, `350 MW`, `4.6 MW`, `40 kW`.
pub(in crate::output) fn power(gw: f64) -> String {
    if !gw.is_finite() {
        return "undefined".into();
    }
    if gw == 0.0 {
        return "0".into();
    }
    let (scale, unit) = power_unit(gw);
    let value = gw.abs() / scale;
    let decimals = match unit {
        "GW" if value < 9.95 => 2,
        _ => usize::from(value < 99.5 && (value < 9.95 || unit == "GW")),
    };
    format!("{}{}\u{a0}{unit}", minus(gw), thousands(&format!("{value:.decimals$}")))
}

/// Formats every tick of an axis of power, in one unit.
pub(super) fn power_ticks(ticks: &[f64]) -> Vec<String> {
    let (scale, unit) = power_unit(ticks.iter().fold(0.0, |a: f64, t| a.max(t.abs())));
    let decimals = decimals_of(ticks, scale);
    let write = |t: &f64| {
        if *t == 0.0 { "0".into() } else { format!("{}{:.decimals$}\u{a0}{unit}", minus(*t), t.abs() / scale) }
    };
    ticks.iter().map(write).collect()
}

/// A rank correlation: `+0.42`.
pub(super) fn correlation(rho: f64) -> String {
    if rho.is_finite() {
        let sign = if rho.abs() < 0.005 { "" } else { ["+", "\u{2212}"][usize::from(rho < 0.0)] };
        format!("{sign}{:.2}", rho.abs())
    } else {
        "undefined".into()
    }
}

/// Formats every tick of an axis of correlations.
pub(super) fn correlation_ticks(ticks: &[f64]) -> Vec<String> {
    let decimals = decimals_of(ticks, 1.0);
    ticks.iter().map(|t| if *t == 0.0 { "0".into() } else { format!("{}{:.decimals$}", minus(*t), t.abs()) }).collect()
}

/// A scenario name in plain English: `other_investors` reads "Other investors".
pub(super) fn spoken(name: &str) -> String {
    capital(name)
}

/// The smallest number of decimals with which every tick is exact, at most 3.
pub(super) fn decimals_of(ticks: &[f64], scale: f64) -> usize {
    let exact = |d: usize| {
        let p = [1.0, 10.0, 100.0][d] / scale;
        ticks.iter().all(|t| (t * p - (t * p).round()).abs() < 1e-6)
    };
    (0..3).find(|d| exact(*d)).unwrap_or(3)
}

fn minus(x: f64) -> &'static str {
    if x < 0.0 { "\u{2212}" } else { "" }
}

/// A share: `23%`, `8.1%`; never 0% or 100% unless it is exactly that.
pub(in crate::output) fn percent(share: f64) -> String {
    if !share.is_finite() {
        return "undefined".into();
    }
    if share < 0.0 {
        // A loss of less than a twentieth of a percent is negligible.
        return if share > -0.0005 { "0%".into() } else { format!("\u{2212}{}", percent(-share)) };
    }
    let p = share * 100.0;
    if p > 0.0 && p < 0.05 {
        "<0.1%".into()
    } else if (99.95..100.0).contains(&p) {
        // One decimal would round it to 100%.
        ">99.9%".into()
    } else if p == 0.0 || p == 100.0 || (9.95..99.0).contains(&p) || p > 100.0 {
        format!("{p:.0}%")
    } else {
        format!("{p:.1}%")
    }
}

/// A count with thousands separators: `20,000`.
pub(in crate::output) fn count(n: u64) -> String {
    thousands(&n.to_string())
}

fn thousands(digits: &str) -> String {
    let (whole, rest) = digits.split_at(digits.find('.').unwrap_or(digits.len()));
    let mut out = String::new();
    for (i, c) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out + rest
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `June 2031`.
pub(in crate::output) fn month(m: Month) -> String {
    format!("{} {}", MONTHS[(m.month() - 1) as usize], m.year())
}

/// `Jun 2031`.
pub(in crate::output) fn short_month(m: Month) -> String {
    format!("{} {}", &MONTHS[(m.month() - 1) as usize][..3], m.year())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_short() {
        for (usd, text) in [
            (1.2e12, "$1.2T"),
            (3.4e11, "$340B"),
            (-4.1e9, "−$4.1B"),
            (999.7e9, "$1.0T"),
            (99.96e9, "$100B"),
            (9.96e9, "$10B"),
            (1e16, "$10,000T"),
            (12.0, "$12"),
            (1500.0, "$1.5K"),
            (0.0, "$0"),
            (-0.0, "$0"),
            (f64::NAN, "undefined"),
        ] {
            assert_eq!(money(usd), text);
        }
        assert_eq!(money_ticks(&[-5e11, 0.0, 5e11, 1e12]), ["−$0.5T", "$0", "$0.5T", "$1.0T"]);
        assert_eq!(money_ticks(&[0.0, 2e11, 4e11]), ["$0", "$200B", "$400B"]);
    }

    #[test]
    fn power_has_the_unit_of_its_size() {
        for (gw, text) in [
            (2.349, "2.35 GW"),
            (27.34, "27.3 GW"),
            (120.4, "120 GW"),
            (0.9997, "1.00 GW"),
            (0.35, "350 MW"),
            (0.0046, "4.6 MW"),
            (0.04e-3, "40 kW"),
            (0.3e-6, "0.3 kW"),
            (-0.002, "−2.0 MW"),
            (0.0, "0"),
            (f64::NAN, "undefined"),
        ] {
            assert_eq!(power(gw), text.replace(' ', "\u{a0}"));
        }
        assert_eq!(power_ticks(&[0.0, 0.001, 0.002, 0.005]), ["0", "1\u{a0}MW", "2\u{a0}MW", "5\u{a0}MW"]);
        assert_eq!(power_ticks(&[0.0, 0.5, 1.0]), ["0", "0.5\u{a0}GW", "1.0\u{a0}GW"]);
        assert_eq!(power_ticks(&[0.0]), ["0"]);
    }

    #[test]
    fn shares_never_pretend_to_be_certain() {
        for (share, text) in [
            (0.0, "0%"),
            (0.0001, "<0.1%"),
            (0.0812, "8.1%"),
            (0.234, "23%"),
            (0.996, "99.6%"),
            (0.99999, ">99.9%"),
            (1.0, "100%"),
            (-0.196, "−20%"),
            (-0.0891, "−8.9%"),
            (-1e-9, "0%"),
            (4.913, "491%"),
        ] {
            assert_eq!(percent(share), text);
        }
        assert_eq!(count(20_000), "20,000");
        assert_eq!(count(123), "123");
    }

    #[test]
    fn claimants_are_distinct_and_legible() {
        let kinds = [Role::Customers, Role::Compute(0), Role::Cash, Role::Founders, Role::Employees, Role::Foundation];
        let more = [Role::Investor(0), Role::Partner(0), Role::Lender(0), Role::Vehicle(0), Role::State, Role::Other];
        let all: Vec<_> = kinds.into_iter().chain(more).map(Role::colour).collect();
        for (i, colour) in all.iter().enumerate() {
            assert!(!all[..i].contains(colour), "{colour:?}");
            assert!(luminance(text_colour(*colour)) <= 0.19);
        }
    }
}

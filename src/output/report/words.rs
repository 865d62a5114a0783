//! How numbers and names are written in the report. Money, shares and months are formatted as in the charts.

use crate::language::quantity::Kind;
pub(super) use crate::output::charts::house::{count, money, percent};
use crate::output::charts::house::{month as month_name, power, short_month};
use crate::output::names;
use crate::output::reading::Folder;

/// A value of a table, formatted by the unit that the table gives: `$1.2B`, `8.1%`, `350 MW`.
pub(in crate::output) fn value(x: f64, unit: &str) -> String {
    if !x.is_finite() {
        return "undefined".into();
    }
    match unit {
        "USD" => money(x),
        "USD/yr" => format!("{}/yr", money(x)),
        "USD/GW-mo" => format!("{}/GW-mo", money(x)),
        "share" => percent(x),
        "1/yr" => format!("{}%/yr", decimals(100.0 * x, 1)),
        "x" => format!("{}x", decimals(x, 2)),
        "GW" => power(x),
        "months" => format!("{}\u{a0}mo", decimals(x, 0)),
        _ => decimals(x, if x == x.round() { 0 } else { 2 }),
    }
}

/// A share to a tenth of a percent, where `percent` would round a limit and the value tested against it to the same:
/// `10.8%`.
pub(in crate::output) fn fine(share: f64) -> String {
    let tenths = share * 1000.0;
    if share.is_finite() && tenths.abs() >= 0.5 && (tenths - 1000.0).abs() > 0.5 {
        format!("{}%", decimals(share * 100.0, 1))
    } else {
        percent(share)
    }
}

/// A value of a check, in the canonical unit of its bound. Money per time is annualised.
pub(super) fn in_unit_of(kind: Kind, x: f64) -> String {
    match kind {
        Kind::Money => value(x, "USD"),
        Kind::MoneyRate => value(12.0 * x, "USD/yr"),
        Kind::Share => fine(x),
        Kind::Rate => value(x, "1/yr"),
        Kind::Multiple => value(x, "x"),
        Kind::Power => value(x, "GW"),
        Kind::Time => value(x, "months"),
        _ => value(x, ""),
    }
}

/// A number with a true minus sign and thousands separators; `undefined` if it is not finite.
pub(in crate::output) fn decimals(x: f64, places: usize) -> String {
    if !x.is_finite() {
        return "undefined".to_owned();
    }
    let text = format!("{:.places$}", x.abs());
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let whole = whole.parse().map_or(whole.to_owned(), count);
    let zero = text.bytes().all(|b| matches!(b, b'0' | b'.'));
    format!("{}{whole}{rest}", if x < 0.0 && !zero { "\u{2212}" } else { "" })
}

/// `tpu_lease` reads "TPU lease".
pub(super) fn plain(name: &str) -> String {
    names::plain(name)
}

/// `other_investors` reads "Other investors".
pub(super) fn capital(name: &str) -> String {
    names::capital(name)
}

/// "a", "a and b", "a, b and c".
pub(super) fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// `1 path`, `2,000 paths`.
pub(super) fn many(n: u64, one: &str) -> String {
    format!("{}\u{a0}{one}{}", count(n), if n == 1 { "" } else { "s" })
}

/// The month at `index` of the run, 0 for the first: `May 2031`.
pub(super) fn month(folder: &Folder, index: usize) -> String {
    month_name(folder.start().plus(i32::try_from(index).unwrap_or(0)))
}

/// The same, abbreviated.
pub(super) fn month_short(folder: &Folder, index: usize) -> String {
    short_month(folder.start().plus(i32::try_from(index).unwrap_or(0)))
}

/// The last month of the run.
pub(super) fn horizon(folder: &Folder) -> String {
    month(folder, folder.months() - 1)
}

/// The largest of the finite values and its position.
pub(super) fn largest(values: &[f64]) -> Option<(usize, f64)> {
    values
        .iter()
        .copied()
        .enumerate()
        .filter(|v| v.1.is_finite())
        .max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
}

/// The smallest of the finite values and its position.
pub(super) fn smallest(values: &[f64]) -> Option<(usize, f64)> {
    values
        .iter()
        .copied()
        .enumerate()
        .filter(|v| v.1.is_finite())
        .min_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_well() {
        for (x, unit, text) in [
            (1.2e9, "USD", "$1.2B"),
            (-0.001, "x", "0.00x"),
            (-1234.5, "x", "−1,234.50x"),
            (0.123, "share", "12%"),
            (0.0575, "1/yr", "5.8%/yr"),
            (42.4, "months", "42\u{a0}mo"),
            (3.0, "count", "3"),
            (f64::NAN, "USD", "undefined"),
        ] {
            assert_eq!(value(x, unit), text);
        }
        for (x, text) in [(0.1075, "10.8%"), (0.0, "0%"), (0.0001, "<0.1%"), (-0.05, "−5.0%"), (1.0, "100%")] {
            assert_eq!(fine(x), text);
        }
        // Shares of path counts at the edge of rounding: 1,999 of 2,000.
        for x in [0.9995, 0.99951, 0.99999] {
            assert_eq!([fine(x), percent(x)], [">99.9%", ">99.9%"], "{x}");
        }
        assert_eq!([fine(0.9994), percent(0.9994)], ["99.9%", "99.9%"]);
        assert_eq!(in_unit_of(Kind::MoneyRate, 1e9), "$12B/yr");
        assert_eq!(list(&["a".into(), "b".into(), "c".into()]), "a, b and c");
        assert_eq!((capital("other_investors"), many(1, "path")), ("Other investors".into(), "1\u{a0}path".into()));
        assert_eq!((largest(&[1.0, 3.0, f64::NAN, 3.0]), smallest(&[f64::NAN])), (Some((1, 3.0)), None));
    }
}

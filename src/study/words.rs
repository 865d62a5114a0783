//! Words and columns of the answers on the screen.

use crate::engine::instrument::Unit;
use crate::outcome::show;

/// The unit with this name in the tables.
pub(super) use crate::output::summary::unit_named;

/// A difference with its sign, in the unit of its metric; of shares, in percentage points, `pp`.
pub fn signed(x: f64, unit: Unit) -> String {
    let sign = if x > 0.0 { "+" } else { "" };
    if matches!(unit, Unit::Share | Unit::AnnualRate) {
        format!("{} pp", points_of(x))
    } else {
        format!("{sign}{}", show(x, unit))
    }
}

/// A difference of shares in percentage points, with its sign; two decimals below one point.
pub fn points_of(x: f64) -> String {
    let digits = if x.abs() < 0.01 { 2 } else { 1 };
    format!("{:+.digits$}", 100.0 * x)
}

/// Rows as aligned columns, two spaces in, each cell after the first at most `most` characters wide where a column has
/// room for no more.
pub fn aligned(rows: &[Vec<String>], most: usize) -> Vec<String> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let cell = |row: &Vec<String>, k: usize| {
        row.get(k).map_or(String::new(), |text| cut(text, if k == 0 { 32 } else { most.max(22) }))
    };
    let width = |k: usize| rows.iter().map(|row| cell(row, k).chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    rows.iter()
        .map(|row| {
            let cells = (0..columns).map(|k| {
                let text = cell(row, k);
                let pad = " ".repeat(widths[k] - text.chars().count());
                if k == 0 { format!("{text}{pad}") } else { format!("{pad}{text}") }
            });
            format!("  {}", cells.collect::<Vec<_>>().join("  ")).trim_end().to_owned()
        })
        .collect()
}

/// At most `most` characters; an ellipsis marks a cut.
pub fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// What a check measures, without its bound: `p(cash_out)` of `p(cash_out) < 10%`.
pub fn question(check: &str) -> &str {
    check.rfind(')').map_or(check, |end| &check[..=end])
}

//! Readable statements: 80 columns wide, one column of numbers for each year or month, with sums that tie.

use std::fmt::Write as _;

use super::{Mark, Series, Statement, Trace};
use crate::engine::books::RANKS;

/// Number of columns of numbers that fit beside the labels, and the widths of labels and numbers.
const ACROSS: usize = 6;
const LABEL: usize = 32;
const WIDE: usize = 8;

/// A column: its heading, a note below it, and its first and last months, counted from 1.
struct Column {
    head: String,
    note: String,
    first: usize,
    last: usize,
}

/// The statements of the months from `first` to `last`, counted from 1: one column for each calendar year, or for each
/// month when `monthly`.
pub fn table(trace: &Trace, first: usize, last: usize, monthly: bool) -> String {
    let columns = columns(trace, first, last, monthly);
    let (scale, letter) = scale(trace, &columns);
    let mut out = String::new();
    let money = if letter.is_empty() { "USD".to_owned() } else { format!("{letter} USD") };
    let _ = writeln!(out, "Amounts in {money}; costs and cash outflows are negative.");
    if !monthly {
        out += "Flows are summed over a column's months; balances are at its end.\n";
    }
    for page in columns.chunks(ACROSS) {
        let page = Page { trace, columns: page, scale };
        page.heads(&mut out);
        for statement in &Statement::ALL[..5] {
            page.statement(*statement, &mut out);
        }
        for name in trace.instruments() {
            page.instrument(name, &mut out);
        }
        page.marks("BINDING CONSTRAINTS, months", &trace.bounds, &mut out);
        page.marks("EVENTS, months", &trace.events, &mut out);
    }
    out
}

fn columns(trace: &Trace, first: usize, last: usize, monthly: bool) -> Vec<Column> {
    let mut out: Vec<Column> = Vec::new();
    for t in first..=last {
        let month = trace.month(t);
        if monthly {
            out.push(Column { head: month.to_string(), note: String::new(), first: t, last: t });
        } else if let Some(column) = out.last_mut().filter(|c| trace.month(c.last).year() == month.year()) {
            column.last = t;
        } else {
            out.push(Column { head: month.year().to_string(), note: String::new(), first: t, last: t });
        }
    }
    for column in out.iter_mut().filter(|_| !monthly) {
        let months = column.last + 1 - column.first;
        if months < 12 {
            column.note = format!("{months} mo");
        }
    }
    out
}

/// The smallest unit in which every amount of money has at most four digits before the decimal point.
fn scale(trace: &Trace, columns: &[Column]) -> (f64, &'static str) {
    let shown = trace.series.iter().filter(|s| s.unit == "USD" || s.unit == "USD/yr");
    let largest =
        shown.flat_map(|s| columns.iter().map(|c| value(s, c).abs())).filter(|x| x.is_finite()).fold(0.0, f64::max);
    let units = [(1.0, ""), (1e3, "k"), (1e6, "M"), (1e9, "B"), (1e12, "T")];
    units.into_iter().find(|(unit, _)| largest / unit < 9_999.995).unwrap_or((1e15, "quadrillion"))
}

fn value(series: &Series, column: &Column) -> f64 {
    series.how.of(&series.values[column.first - 1..column.last])
}

/// `used_gw` reads "Used, GW"; money needs no unit, since the heading of the table gives it.
fn label(line: &str, unit: &str) -> String {
    let (line, unit) = match unit {
        "GW" => (line.strip_suffix("_gw").unwrap_or(line), ", GW"),
        "months" => (line.strip_suffix("_months").unwrap_or(line), ", months"),
        "shares" => (line, ", M shares"),
        "USD/yr" => (line, ", a year"),
        "USD/GW-mo" => (line, ", a GW-month"),
        _ => (line, ""),
    };
    let short = |word: &str| ["sofr", "dscr", "llcr", "ltv", "cfads"].contains(&word);
    let words = line.split(['_', '.']).map(|w| if short(w) { w.to_uppercase() } else { w.to_owned() });
    let mut text = words.collect::<Vec<_>>().join(" ");
    if let Some(first) = text.get_mut(0..1) {
        first.make_ascii_uppercase();
    }
    text + unit
}

/// A label and its cells.
fn line<'a>(label: &str, cells: impl Iterator<Item = &'a str>, out: &mut String) {
    let _ = write!(out, "{label:LABEL$}");
    for cell in cells {
        let _ = write!(out, "{cell:>WIDE$}");
    }
    out.push('\n');
}

/// Formats with `n` decimals, one fewer from a thousand upwards.
fn decimals(x: f64, n: usize) -> String {
    let n = if x.abs() < 999.995 { n } else { n - 1 };
    format!("{x:.n$}")
}

struct Page<'a> {
    trace: &'a Trace,
    columns: &'a [Column],
    scale: f64,
}

/// Writes a row unless it is empty throughout; returns whether it was written.
fn row(label: &str, cells: &[String], out: &mut String) -> bool {
    if cells.iter().all(|cell| cell == "–") {
        return false;
    }
    let most = LABEL - 1;
    let label: String =
        if label.chars().count() > most { label.chars().take(most - 1).chain(['…']).collect() } else { label.into() };
    line(&label, cells.iter().map(String::as_str), out);
    true
}

impl Page<'_> {
    fn heads(&self, out: &mut String) {
        out.push('\n');
        line("", self.columns.iter().map(|c| c.head.as_str()), out);
        if self.columns.iter().any(|c| !c.note.is_empty()) {
            line("", self.columns.iter().map(|c| c.note.as_str()), out);
        }
    }

    /// A number in its unit; a dash for zero, `n/a` for undefined values.
    fn show(&self, x: f64, unit: &str) -> String {
        // A need stated in money that has no price yet is a need for power of unknown size.
        if !x.is_finite() || (unit == "GW" && x > 1e12) {
            return "n/a".into();
        }
        let text = match unit {
            "USD" | "USD/yr" => decimals(x / self.scale, 2),
            "USD/GW-mo" => decimals(x / self.scale, if x.abs() < self.scale { 3 } else { 2 }),
            "share" | "1/yr" => format!("{:.1}%", x * 100.0),
            "x" => format!("{x:.2}x"),
            "GW" => format!("{x:.3}"),
            "shares" => format!("{:.1}", x / 1e6),
            _ => format!("{x:.1}"),
        };
        let text = if text.len() < WIDE { text } else { format!("{x:.0e}") };
        let nothing = text.bytes().all(|b| !b.is_ascii_digit() || b == b'0');
        if !nothing {
            text
        } else if x == 0.0 {
            "–".into()
        } else {
            text.trim_start_matches('-').to_owned()
        }
    }

    fn series(&self, label: &str, series: &Series, out: &mut String) -> bool {
        let cells: Vec<String> = self.columns.iter().map(|c| self.show(value(series, c), series.unit)).collect();
        row(label, &cells, out)
    }

    fn statement(&self, statement: Statement, out: &mut String) {
        let lines: Vec<&Series> = self.trace.series.iter().filter(|s| s.statement == statement).collect();
        if lines.is_empty() {
            return;
        }
        let head = match statement {
            Statement::Market => "MARKET",
            Statement::Income => "INCOME",
            Statement::CashFlow => "CASH FLOW (rank of payment)",
            Statement::Balance => "BALANCE SHEET",
            Statement::Capacity => "CAPACITY",
            Statement::Instrument => "",
        };
        let _ = writeln!(out, "\n{head}");
        let (first, last) = (self.columns[0].first, self.columns[self.columns.len() - 1].last);
        let ties = self.trace.ties(first, last);
        let mut told = ties.iter().filter(|tie| tie.statement == statement).map(|tie| {
            let mark = if tie.holds { "✓" } else { "✗" };
            format!("  {mark} {} (off by at most {:.4} USD)\n", tie.what, tie.off)
        });
        // A line on which nothing was paid has no row; the amount due on it is then listed under its name.
        let mut written = false;
        for series in lines {
            let indent = if super::items::adds_up(series) && statement != Statement::Market { "  " } else { "" };
            if let Some(line) = series.due_of() {
                self.unpaid(series, line, written, out);
                continue;
            }
            let rank = series.rank.map_or(String::new(), |rank| format!(" ({rank})"));
            written = self.series(&format!("{indent}{}{rank}", label(&series.line, series.unit)), series, out);
            // The identities are listed below their sum; the lines after it are outside the statement.
            if matches!(series.line.as_str(), "net_income" | "closing_cash" | "equity") {
                told.by_ref().for_each(|tie| *out += &tie);
            }
        }
        told.for_each(|tie| *out += &tie);
        if statement == Statement::CashFlow {
            self.ranks(out);
        }
    }

    /// The amount of a line that was due and not paid; `below` says whether it is shown below the line's own row.
    fn unpaid(&self, due: &Series, line: &str, below: bool, out: &mut String) {
        let Some(paid) = self.trace.lab(due.statement, line) else { return };
        let cells: Vec<String> =
            self.columns.iter().map(|c| self.show(value(due, c) - value(paid, c), due.unit)).collect();
        let named = format!("  {}, due and not paid", label(line, due.unit));
        row(if below { "    due in the month, not paid" } else { &named }, &cells, out);
    }

    /// Share of the amount due that was paid, by rank, where a rank was short.
    fn ranks(&self, out: &mut String) {
        let lines = self.trace.series.iter().filter_map(|s| Some((s, s.due_of()?)));
        let mut sums = vec![[(0.0, 0.0); RANKS]; self.columns.len()];
        for (due, line) in lines {
            let (Some(rank), Some(paid)) = (due.rank, self.trace.lab(due.statement, line)) else { continue };
            for (sum, column) in sums.iter_mut().zip(self.columns) {
                sum[rank].0 += value(paid, column);
                sum[rank].1 += value(due, column);
            }
        }
        for rank in 0..RANKS {
            let shares: Vec<f64> =
                sums.iter().map(|s| if s[rank].1 == 0.0 { 1.0 } else { s[rank].0 / s[rank].1 }).collect();
            if shares.iter().any(|&share| share < 1.0 - 1e-12) {
                // Rounding may leave a share slightly below zero.
                let cells: Vec<String> = shares.iter().map(|s| format!("{:.0}%", s.max(0.0) * 100.0)).collect();
                row(&format!("Share of due paid, rank {rank}"), &cells, out);
            }
        }
    }

    fn instrument(&self, name: &str, out: &mut String) {
        let mut rows = String::new();
        for s in self.trace.series.iter().filter(|s| s.statement == Statement::Instrument && s.entity == name) {
            let text = match s.line.strip_suffix(".flow") {
                Some(account) => format!("Cash to {}", account.replace('_', " ")),
                None => label(&s.line, s.unit),
            };
            let nothing = self.columns.iter().all(|c| !value(s, c).is_finite());
            if !nothing {
                self.series(&format!("  {text}"), s, &mut rows);
            }
        }
        if !rows.is_empty() {
            let _ = write!(out, "\nINSTRUMENT {name}\n{rows}");
        }
    }

    /// In how many months of each column each mark occurred.
    fn marks(&self, head: &str, marks: &[Mark], out: &mut String) {
        let within = |m: &&Mark| self.columns.iter().any(|c| (c.first..=c.last).contains(&m.month));
        let mut kinds: Vec<(&str, &str)> = Vec::new();
        for m in marks.iter().filter(within) {
            if !kinds.contains(&(m.entity.as_str(), m.line.as_str())) {
                kinds.push((&m.entity, &m.line));
            }
        }
        if kinds.is_empty() {
            return;
        }
        let _ = writeln!(out, "\n{head}");
        for (entity, line) in kinds {
            let cells: Vec<String> = self
                .columns
                .iter()
                .map(|c| {
                    let here =
                        |m: &&Mark| m.entity == entity && m.line == line && (c.first..=c.last).contains(&m.month);
                    let n = marks.iter().filter(here).count();
                    if n == 0 { "–".into() } else { n.to_string() }
                })
                .collect();
            let whose = if entity == "lab" || entity == "world" { String::new() } else { format!("{entity}: ") };
            let text = label(line, "count");
            let text = if whose.is_empty() { text } else { line.replace('_', " ") };
            row(&format!("  {whose}{text}"), &cells, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::How;
    use super::*;

    #[test]
    fn months_are_put_together() {
        let months = [1.0, 2.0, 6.0];
        for (how, value) in [(How::Flow, 9.0), (How::First, 1.0), (How::Last, 6.0), (How::Mean, 3.0)] {
            assert_eq!(how.of(&months), value);
            assert!(how.of(&[]).is_nan());
        }
    }

    #[test]
    fn amounts_leave_room_between_columns() {
        for (x, text) in [(0.004, "0.00"), (-12.345, "-12.35"), (999.99, "999.99"), (-9999.99, "-10000.0")] {
            assert_eq!(decimals(x, 2), text);
        }
    }

    #[test]
    fn labels_are_words() {
        assert_eq!(label("used_gw", "GW"), "Used, GW");
        assert_eq!(label("stake.founders", "share"), "Stake founders");
        assert_eq!(label("burn_months", "months"), "Burn, months");
        assert_eq!(label("min_dscr", "x"), "Min DSCR");
    }
}

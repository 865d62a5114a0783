//! Sections on money: survival and cash, spending and the gap, sources and uses.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::closed;
use super::model::{Block, Section, figures, told};
use super::words::{capital, horizon, largest, list, many, money, month, month_short, percent, plain};
use crate::output::charts::Drawing;
use crate::output::findings::NO_CAUSE;
use crate::output::reading::Folder;

/// Survival and the cash fan.
pub(super) fn cash<'a>(folder: &Folder, drawings: &'a [Drawing]) -> Section<'a> {
    let mut lead = survival(folder);
    if let Some(cash) = folder.end("cash") {
        let (low, half, high) = (cash.get("p05"), cash.get("p50"), cash.get("p95"));
        if half.is_finite() {
            let _ = write!(
                lead,
                " Cash at the end is {} at the median, with 90% of paths between {} and {}; a lab that has ended counts as 0.",
                money(half),
                money(low),
                money(high)
            );
        }
    }
    Section {
        id: "cash",
        short: "Cash",
        title: "Survival and cash",
        lead: lead.trim().to_owned(),
        blocks: figures(drawings, &[4, 3]).into_iter().chain(variants(folder).map(Block::Table)).collect(),
    }
}

/// The variants run alongside, each against the run on the same paths.
fn variants(folder: &Folder) -> Option<super::model::Table> {
    let table = folder.table("survival.csv");
    let last = |row: usize| row + 1 == table.rows() || table.text("variant", row + 1) != table.text("variant", row);
    let rows: Vec<Vec<super::model::Cell>> = (0..table.rows())
        .filter(|&row| last(row) && table.number("difference", row).is_finite())
        .map(|row| {
            // The table has the difference of survival; shown is that of cash-out.
            let (more, se) = (-table.number("difference", row), table.number("difference_se", row));
            let points = |x: f64| super::words::decimals(100.0 * x, 2);
            let sign = if more > 0.0 { "+" } else { "" };
            let ends = format!("{} to {}", points(more - 1.96 * se), points(more + 1.96 * se));
            let cells = [
                plain(table.text("variant", row)),
                percent(1.0 - table.number("alive", row)),
                format!("{sign}{} ± {}", points(more), points(se)),
                ends,
            ];
            cells.into_iter().map(Into::into).collect()
        })
        .collect();
    (!rows.is_empty()).then(|| super::model::Table {
        caption: "Variants on the same paths: probability of cash-out by the horizon, and its difference from the run"
            .into(),
        head: vec![
            ("Variant", false),
            ("Cash-out", true),
            ("Difference, points, ± one standard error", true),
            ("95% interval", true),
        ],
        rows,
        cards: false,
        folded: false,
    })
}

/// Survival of the run and of the variants run alongside it: name, and share of paths alive by month.
fn curves(folder: &Folder) -> Vec<(String, Vec<f64>)> {
    let table = folder.table("survival.csv");
    let mut out: Vec<(String, Vec<f64>)> = Vec::new();
    for row in 0..table.rows() {
        let name = table.text("variant", row);
        let at = out.iter().position(|c| c.0 == name).unwrap_or_else(|| {
            out.push((name.to_owned(), Vec::new()));
            out.len() - 1
        });
        out[at].1.push(table.number("alive", row));
    }
    out
}

fn survival(folder: &Folder) -> String {
    let curves = curves(folder);
    let Some((_, own)) = curves.first() else { return String::new() };
    let end = own.last().copied().unwrap_or(f64::NAN);
    let mut text = match own.iter().position(|a| *a < 1.0) {
        None => format!("Every path still has cash in {}.", horizon(folder)),
        Some(first) => {
            let one_in_ten = own.iter().position(|a| *a <= 0.9);
            let then =
                one_in_ten.map_or(String::new(), |t| format!("; one in ten has run out by {}", month(folder, t)));
            format!(
                "The first path runs out of cash in {}{then}, and {} still have cash in {}.",
                month(folder, first),
                percent(end),
                horizon(folder)
            )
        }
    };
    let ends: Vec<(&str, f64)> = curves[1..]
        .iter()
        .filter_map(|(name, alive)| Some((name.as_str(), *alive.last()?)))
        .filter(|v| v.1.is_finite())
        .collect();
    let worst = ends.iter().min_by(|a, b| a.1.total_cmp(&b.1));
    let best = ends.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    if let (Some(worst), Some(best)) = (worst, best)
        && ends.len() > 1
        && worst.1 < best.1
    {
        let _ = write!(
            text,
            " Of the variants, compared on the same paths, {} does worst ({} still have cash) and {} best ({}).",
            plain(worst.0),
            percent(worst.1),
            plain(best.0),
            percent(best.1)
        );
    }
    text
}

/// Spending against revenue, and the gap.
pub(super) fn gap<'a>(folder: &Folder, drawings: &'a [Drawing]) -> Section<'a> {
    let mut lead = String::new();
    if let Some(gap) = folder.monthly("gap") {
        let median = gap.get("p50");
        let open = median.iter().filter(|g| **g > 0.0).count();
        let all = folder.months();
        lead = match (open, largest(&median)) {
            (_, None) => String::new(),
            (0, _) => "The median gap is never above zero: revenue covers spending.".into(),
            (n, Some((t, widest))) => {
                let closes = (t..all).find(|&k| median[k..].iter().all(|g| *g <= 0.0));
                let after = match closes {
                    Some(k) => format!(", and closed for good from {}", month(folder, k)),
                    None => ", and still open at the end".into(),
                };
                format!(
                    "The median gap is above zero in {n} of {}: widest in {}, at {} in the month{after}.",
                    many(all as u64, "month"),
                    month(folder, t),
                    money(widest)
                )
            }
        };
    }
    if let Some(total) = folder.end("cumulative_gap") {
        let (low, half, high) = (total.get("p05"), total.get("p50"), total.get("p95"));
        if half.is_finite() {
            let what = if half > 0.0 {
                format!("the lab has spent {} more than it earned", money(half))
            } else {
                format!("the lab has earned {} more than it spent", money(-half))
            };
            let _ = write!(
                lead,
                " By {} {what} at the median; the cumulative gap of 90% of paths lies between {} and {}.",
                horizon(folder),
                money(low),
                money(high)
            );
        }
    }
    // Where the chart of amounts would be nearly empty, a sentence replaces it.
    if drawings.iter().all(|d| d.number != 9) {
        lead += &outside(folder);
    }
    Section {
        id: "gap",
        short: "Gap",
        title: "Spending against revenue, and the gap",
        lead: lead.trim().to_owned(),
        blocks: [figures(drawings, &[1, 2, 9]), told(closed::capability(folder), drawings, 17)]
            .into_iter()
            .flatten()
            .collect(),
    }
}

/// How often external funding is needed, and how much at most.
fn outside(folder: &Folder) -> String {
    let table = folder.table("exceedance.csv");
    let rows = (0..table.rows()).filter(|&row| table.text("metric", row) == "peak_funding");
    let points: Vec<(f64, f64)> =
        rows.map(|row| (table.number("value", row), table.number("share_above", row))).collect();
    let Some((any, most)) = points.first().map(|p| p.1).zip(points.last().map(|p| p.0)) else { return String::new() };
    if any <= 0.0 {
        return " No path needs external funding to cover the gap.".into();
    }
    let who = if any >= 1.0 { "Every path needs".into() } else { format!("{} of paths need", percent(any)) };
    format!(" {who} external funding to cover the gap, up to {}.", money(most))
}

/// Name of a cash-flow line within a sentence.
fn line_name(line: &str) -> String {
    let name = match line {
        "receipts" => "customers",
        "equity_in" => "equity investors",
        "debt_in" => "debt",
        "interest_income" => "interest on cash",
        "supplier_credit" => "suppliers' credit",
        "payroll" => "staff",
        "partner_share" => "partners' share of revenue",
        "rent" => "rent to vehicles",
        "capex" => "own hardware",
        "contributions" => "payments into vehicles and ventures",
        "distributions" => "distributions of vehicles and ventures",
        "other" => "other costs",
        "running" => "power and site of own hardware",
        _ => return plain(line),
    };
    name.to_owned()
}

/// Sources and uses of cash.
pub(super) fn sources<'a>(folder: &Folder, drawings: &'a [Drawing]) -> Section<'a> {
    let table = folder.table("sources_uses.csv");
    let mut sums: BTreeMap<(&str, &str), f64> = BTreeMap::new();
    for row in 0..table.rows() {
        let line = table.text("line", row);
        if !line.ends_with("_cash") {
            *sums.entry((table.text("side", row), line)).or_default() += table.number("mean", row);
        }
    }
    let ranked = |side: &str| {
        let mut lines: Vec<(&str, f64)> = sums.iter().filter(|s| s.0.0 == side).map(|s| (s.0.1, *s.1)).collect();
        lines.sort_by(|a, b| b.1.total_cmp(&a.1));
        lines
    };
    let total = |lines: &[(&str, f64)]| lines.iter().map(|l| l.1).sum::<f64>();
    let shares = |lines: &[(&str, f64)], n: usize| {
        let all = total(lines);
        let largest = lines.iter().take(n).filter(|l| l.1 / all >= 0.005);
        list(&largest.map(|l| format!("{} {}", line_name(l.0), percent(l.1 / all))).collect::<Vec<_>>())
    };
    let (sources, uses) = (ranked("source"), ranked("use"));
    let mut lead = String::new();
    if total(&sources) > 0.0 && total(&uses) > 0.0 {
        let outside: f64 = sources.iter().filter(|l| matches!(l.0, "equity_in" | "debt_in")).map(|l| l.1).sum();
        lead = format!(
            "Over the horizon cash sources average {} ({}) and uses {} ({}). Equity and debt bring in {}, {} of what is spent.",
            money(total(&sources)),
            shares(&sources, 3),
            money(total(&uses)),
            shares(&uses, 4),
            money(outside),
            percent(outside / total(&uses))
        );
    }
    Section {
        id: "sources",
        short: "Sources and uses",
        title: "Sources and uses of cash",
        lead,
        blocks: figures(drawings, &[5]).into_iter().chain(told(closed::supply(folder), drawings, 19)).collect(),
    }
}

/// The first causes of ruin, if there is any.
pub(super) fn ruin<'a>(folder: &Folder, drawings: &'a [Drawing]) -> Section<'a> {
    let table = folder.table("ruin.csv");
    let (mut causes, mut by_month): (BTreeMap<&str, f64>, Vec<f64>) = (BTreeMap::new(), vec![0.0; folder.months()]);
    let months = folder.months_of(table).unwrap_or_default();
    for (row, month) in months.into_iter().enumerate() {
        let share = table.number("share", row);
        if share > 0.0 {
            *causes.entry(table.text("cause", row)).or_default() += share;
            by_month[month] += share;
        }
    }
    let total: f64 = by_month.iter().sum();
    let lead = if total > 0.0 {
        let mut ranked: Vec<(&str, f64)> = causes.into_iter().collect();
        ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
        let words = |cause: &str| if cause == NO_CAUSE { "no adverse event".to_owned() } else { plain(cause) };
        let mut named: Vec<String> =
            ranked.iter().take(4).map(|(cause, s)| format!("{} ({})", words(cause), percent(s / total))).collect();
        let rest: f64 = ranked.iter().skip(4).map(|(_, s)| s).sum();
        if rest > 0.0 {
            named.push(format!("others ({})", percent(rest / total)));
        }
        // The month by which half of the ruins have occurred.
        let mut sum = 0.0;
        let half = by_month.iter().position(|s| {
            sum += s;
            sum >= 0.5 * total
        });
        let when = half
            .map_or(String::new(), |t| format!("; half of the cash-outs have occurred by {}", month_short(folder, t)));
        format!(
            "First adverse event in the twelve months before cash runs out, by share of the ruined paths: {}{when}.",
            list(&named)
        )
    } else if folder.table("survival.csv").rows() > 0 {
        format!("No path of {} runs out of cash, so there is no ruin to analyse.", super::words::count(folder.paths()))
    } else {
        String::new()
    };
    let mut blocks = figures(drawings, &[11]);
    blocks.extend(events(folder).map(Block::Table));
    Section { id: "ruin", short: "Ruin", title: "Anatomy of ruin", lead, blocks }
}

/// How often each event occurs, collapsed.
fn events(folder: &Folder) -> Option<super::model::Table> {
    let table = folder.table("events.csv");
    let months = folder.months_of(table).ok()?;
    // By entity and event, in order of appearance: first month, sum of shares.
    let mut seen: Vec<(&str, &str, usize, f64)> = Vec::new();
    for (row, month) in months.into_iter().enumerate() {
        let key = (table.text("entity", row), table.text("event", row));
        let at = seen.iter().position(|s| (s.0, s.1) == key).unwrap_or_else(|| {
            seen.push((key.0, key.1, month, 0.0));
            seen.len() - 1
        });
        seen[at].3 += table.number("share", row);
    }
    seen.sort_by(|a, b| b.3.total_cmp(&a.3));
    let rows = seen.iter().map(|(entity, event, first, sum)| {
        let cells = [capital(entity), plain(event), month_short(folder, *first), super::words::decimals(*sum, 3)];
        cells.into_iter().map(Into::into).collect()
    });
    let rows: Vec<_> = rows.collect();
    (!rows.is_empty()).then(|| super::model::Table {
        caption: "Events: average number of months per path, and month of first occurrence".into(),
        head: vec![("Who", false), ("Event", false), ("First in", false), ("Months per path", true)],
        rows,
        cards: false,
        folded: true,
    })
}

//! Sections on the capital: owners and those who bear the loss, vehicles, commitments.

use std::fmt::Write as _;

use super::closed;
use super::model::{Block, Cell, Section, Table, figures, told};
use super::words::{capital, fine, largest, list, many, money, month_short, percent, plain, smallest, value};
use crate::instruments::InstrumentSpec;
use crate::language::tree::{Node, Value};
use crate::output::charts::{Covered, Drawing};
use crate::output::figures::terms::Terms;
use crate::output::figures::{claimed, covered};
use crate::output::reading::Folder;

fn text(text: impl Into<String>) -> Cell {
    Cell::Text(text.into())
}

/// Who owns the lab, and who bears the loss when it or a vehicle fails.
pub(super) fn owners<'a>(folder: &Folder, drawings: &'a [Drawing]) -> Section<'a> {
    let terms = Terms::of(folder);
    let mut lead = String::new();
    let mut rows = Vec::new();
    let mut ends: Vec<(String, f64, f64, f64)> = Vec::new();
    for metric in folder.metrics() {
        let Some(holder) = metric.strip_prefix("stake.") else { continue };
        let (Some(end), Some(months)) = (folder.end(metric), folder.monthly(metric)) else { continue };
        let first = months.get("mean").first().copied().unwrap_or(f64::NAN);
        ends.push((holder.to_owned(), first, end.get("mean"), end.get("p50")));
        let cells = [first, end.get("mean"), end.get("p05"), end.get("p50"), end.get("p95")].map(fine);
        rows.push(std::iter::once(text(capital(holder))).chain(cells.into_iter().map(text)).collect());
    }
    let founders = ends.iter().find(|e| e.0 == "founders").or_else(|| ends.first());
    // The chart shows means, because they add up; so does the sentence, with medians alongside.
    if let Some((holder, first, mean, median)) = founders.filter(|f| f.2.is_finite()) {
        let holds = if holder.ends_with('s') { "hold" } else { "holds" };
        lead = format!(
            "On average {} {holds} {} of the shares at the start and {} at the end (median {}).",
            plain(holder),
            fine(*first),
            fine(*mean),
            fine(*median)
        );
        if let Some((holder, _, mean, median)) = ends.iter().find(|e| e.0 == "new_investors" && e.2.is_finite()) {
            let _ =
                write!(lead, " {} own {} by then on average (median {}).", capital(holder), fine(*mean), fine(*median));
        }
    }
    let claims = folder.table("claims.csv");
    let losses = claims.numbers("expected_loss");
    let total: f64 = losses.iter().filter(|x| x.is_finite()).sum();
    if let Some((row, loss)) = largest(losses).filter(|l| l.1 > 0.0) {
        let _ = write!(
            lead,
            " Averaged over all paths, {} is lost in failures; the largest part, {} ({}), falls on {}.",
            money(total),
            money(loss),
            percent(loss / total),
            claimant(&terms, claims.text("claimant", row))
        );
    } else if folder.paths() > 0 && claims.rows() == 0 {
        lead += " No failure leads to a claim on any path.";
    }
    if drawings.iter().all(|d| d.number != 14) {
        lead += &returns(folder);
    }
    lead += &marks(folder);
    let mut blocks = figures(drawings, &[6, 12]);
    if !rows.is_empty() {
        let head = vec![
            ("Holder", false),
            ("First month, mean", true),
            ("End, mean", true),
            ("P05", true),
            ("P50", true),
            ("P95", true),
        ];
        blocks.push(Block::Table(Table {
            caption: "Stakes at the horizon".into(),
            head,
            rows,
            cards: false,
            folded: true,
        }));
    }
    blocks.extend(told(closed::ventures(folder), drawings, 14));
    blocks.extend(told(closed::valuation(folder), drawings, 20));
    Section {
        id: "owners",
        short: "Owners and losses",
        title: "Who owns, and who bears the loss",
        lead: lead.trim().to_owned(),
        blocks,
    }
}

/// `lab.compute_suppliers` reads "compute suppliers of the lab".
fn claimant(terms: &Terms, name: &str) -> String {
    match name.split_once('.') {
        Some(("lab", who)) => format!("{} of the lab", plain(who)),
        Some((name, account)) => format!("{}, {}", terms.called(name), plain(account)),
        None => terms.called(name),
    }
}

/// Returns of providers where they hardly differ between paths, so that a chart would show no more.
fn returns(folder: &Folder) -> String {
    let table = folder.table("returns.csv");
    let medians = (0..table.rows())
        .filter(|&r| table.text("measure", r) == "irr" && table.number("quantile", r) == 0.5)
        .filter(|&r| table.number("value", r).is_finite() && table.number("share_undefined", r) <= 0.95);
    let named: Vec<String> = medians
        .take(6)
        .map(|r| {
            let (name, account) = (table.text("instrument", r), table.text("account", r));
            let who = if account.is_empty() { plain(name) } else { format!("{}, {}", plain(name), plain(account)) };
            format!("{who} {}", fine(table.number("value", r)))
        })
        .collect();
    if named.is_empty() {
        return String::new();
    }
    format!(" Rates of return hardly differ between paths: {} a year.", list(&named))
}

/// Share of what has been received and is still held above which a return is mostly a mark.
const MOSTLY: f64 = 0.5;

/// Providers whose return is mostly a mark of their position at the horizon, and those marked at cost.
fn marks(folder: &Folder) -> String {
    let table = folder.table("returns.csv");
    let (mut marked, mut parts): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    for r in 0..table.rows() {
        let (name, account) = (table.text("instrument", r), table.text("account", r));
        let median = table.text("measure", r) == "irr" && table.number("quantile", r) == 0.5;
        if median && !account.is_empty() {
            parts.push(name.to_owned());
        }
        if median && table.number("share_marked", r) > MOSTLY {
            marked.push(if account.is_empty() { name.to_owned() } else { format!("{name}, {account}") });
        }
    }
    // An instrument with several providers has a row for each provider.
    marked.retain(|who| !parts.contains(who));
    let venture = |entry: &Entry<'_>| {
        let text = |key: &str| entry.terms.get(key).and_then(Node::text);
        entry.kind == "joint_venture"
            && text("kind") == Some("distribution")
            && entry.terms.get("exit_multiple").is_none_or(|node| node.value == Value::Null)
    };
    let tree = folder.tree();
    let instruments = tree.as_ref().map(entries).unwrap_or_default();
    let at_cost: Vec<String> =
        instruments.iter().filter(|entry| venture(entry)).map(|entry| plain(entry.name)).collect();
    let named: Vec<String> = marked.iter().map(|who| plain(who)).collect();
    let mut out = String::new();
    if !named.is_empty() {
        let _ = write!(out, " Mostly a mark of the position at the horizon is the return of {}.", list(&named));
    }
    if !at_cost.is_empty() {
        let _ = write!(out, " Marked at cost, without a price: {}.", list(&at_cost));
    }
    out
}

/// An entry of `instruments:` in the scenario.
struct Entry<'a> {
    kind: &'a str,
    name: &'a str,
    terms: &'a Node,
}

fn entries(tree: &Node) -> Vec<Entry<'_>> {
    let items = tree.get("instruments").and_then(Node::list).unwrap_or_default();
    items
        .iter()
        .filter_map(|item| {
            let [(key, terms)] = item.map()? else { return None };
            Some(Entry { kind: &key.text, name: item.item_name()?, terms })
        })
        .collect()
}

/// Every guarantee in the terms: "85% of a1 by chip partner, at most 5.8B USD".
fn guarantees(terms: &Node, of: &str, out: &mut Vec<String>) {
    if let Some(map) = terms.map() {
        for (key, node) in map {
            if key.text == "guarantee" && node.map().is_some() {
                let said = |k: &str| node.get(k).and_then(|n| n.text().or_else(|| n.get("value").and_then(Node::text)));
                let covers = said("covers").map_or(String::new(), |c| format!("{c} "));
                let what = if of.is_empty() { String::new() } else { format!("of {} ", plain(of)) };
                let by = said("by").map_or(String::new(), |b| format!("by {}", plain(b)));
                let cap = said("cap").map_or(String::new(), |c| format!(", at most {c}"));
                out.push(format!("{covers}{what}{by}{cap}").trim().to_owned());
            } else {
                let inside = matches!(key.text.as_str(), "tranches" | "lease" | "debt" | "terms");
                guarantees(node, if inside { of } else { &key.text }, out);
            }
        }
    } else if let Some(items) = terms.list() {
        for item in items {
            guarantees(item, of, out);
        }
    }
}

/// Accounts of an instrument that have a balance: `a1` for the line `a1.balance`.
fn accounts<'a>(folder: &'a Folder, instrument: &str) -> Vec<&'a str> {
    let table = folder.table("instruments.csv");
    let (names, mut out) = (table.words("line"), Vec::new());
    for line in names {
        if let Some(account) = line.strip_suffix(".balance")
            && folder.line(instrument, line).is_some()
        {
            out.push(account);
        }
    }
    out
}

/// Whether an instrument of this kind has debt or rent of its own between the lab and its lenders.
fn is_vehicle(kind: &str) -> bool {
    InstrumentSpec::facts(kind).is_some_and(|facts| facts.is_vehicle)
}

/// Vehicles: cover, tranches, guarantees.
pub(super) fn vehicles<'a>(folder: &Folder, drawings: &'a [Drawing]) -> Section<'a> {
    let tree = folder.tree();
    let entries = tree.as_ref().map(entries).unwrap_or_default();
    let vehicles: Vec<&Entry<'_>> = entries.iter().filter(|e| is_vehicle(e.kind)).collect();
    let (mut rows, mut tranches) = (Vec::new(), Vec::new());
    let terms = Terms::of(folder);
    let mut weakest: Option<(&str, f64, usize)> = None;
    for vehicle in &vehicles {
        // In months in which service is due on few paths, cover would describe only those paths.
        let cover = covered(folder, &terms, vehicle.name);
        let shown = cover.as_ref().map(Covered::shown);
        let low = shown.as_ref().and_then(|s| smallest(&s.cover.band.p05));
        let half = shown.as_ref().and_then(|s| smallest(&s.cover.band.p50));
        if let Some((at, x)) = low
            && weakest.is_none_or(|w| x < w.1)
        {
            weakest = Some((vehicle.name, x, at));
        }
        let due = cover.as_ref().and_then(|c| Some((largest(&c.due)?.1, c.due.last().copied()?)));
        let mut all = Vec::new();
        guarantees(vehicle.terms, "", &mut all);
        let owed = balance(folder, vehicle.name);
        let x = |v: Option<(usize, f64)>| v.map_or(String::new(), |v| value(v.1, "x"));
        rows.push(vec![
            text(capital(vehicle.name)),
            text(plain(vehicle.kind)),
            text(owed.map_or(String::new(), |v| format!("{} in {}", money(v.1), month_short(folder, v.0)))),
            text(x(half)),
            text(low.map_or(String::new(), |v| format!("{} in {}", value(v.1, "x"), month_short(folder, v.0)))),
            text(due.map_or(String::new(), |(most, end)| format!("{}, {} at the end", percent(most), percent(end)))),
            text(percent(claimed(folder, vehicle.name))),
            text(loss(folder, vehicle.name).map_or(String::new(), money)),
            text(if all.is_empty() { "none".to_owned() } else { all.join("; ") }),
        ]);
        tranches.extend(tranche_rows(folder, vehicle.name));
    }
    let lead = if vehicles.is_empty() {
        "This scenario has no vehicles between the lab and its lenders.".to_owned()
    } else {
        let names: Vec<String> = vehicles.iter().map(|v| plain(v.name)).collect();
        let n = vehicles.len() as u64;
        let cover = match weakest {
            Some((name, x, at)) => format!(
                " The thinnest cover is that of {}: {} or less in {} on the worst 5% of the paths with debt service due, \
                 a failed vehicle counted as 0. Its lenders have a claim on {} of all paths.",
                plain(name),
                value(x, "x"),
                month_short(folder, at),
                percent(claimed(folder, name))
            ),
            None => " None of them reports a DSCR.".into(),
        };
        let lost: f64 = vehicles.iter().filter_map(|v| loss(folder, v.name)).sum();
        let lost = if lost > 0.0 {
            format!(" Their creditors and owners lose {} on average.", money(lost))
        } else {
            " Their creditors and owners lose nothing.".into()
        };
        format!(
            "{} {} between the lab and its lenders: {}.{cover}{lost}",
            many(n, "vehicle"),
            if n == 1 { "stands" } else { "stand" },
            list(&names)
        )
    };
    let mut blocks = figures(drawings, &[7, 8]);
    if !rows.is_empty() {
        let head = vec![
            ("Vehicle", false),
            ("Kind", false),
            ("Peak balance, median", true),
            ("Lowest DSCR, median", true),
            ("Lowest DSCR, P05", true),
            ("Paths with service due", true),
            ("Paths with a claim of lenders", true),
            ("Expected loss", true),
            ("Guaranteed", false),
        ];
        blocks.push(Block::Table(Table { caption: "Vehicles".into(), head, rows, cards: true, folded: false }));
    }
    if !tranches.is_empty() {
        let head = vec![
            ("Tranche or class", false),
            ("Peak balance, median", true),
            ("IRR, P50", true),
            ("MOIC, P50", true),
            ("Paths with a claim", true),
            ("Expected loss", true),
            ("Loss, P95", true),
            ("LGD", true),
        ];
        let caption = "Tranches and classes of the vehicles".into();
        blocks.push(Block::Table(Table { caption, head, rows: tranches, cards: true, folded: false }));
    }
    Section { id: "vehicles", short: "Vehicles", title: "Debt and vehicles", lead, blocks }
}

/// One row for each tranche or class of a vehicle.
fn tranche_rows(folder: &Folder, vehicle: &str) -> Vec<Vec<Cell>> {
    let mut rows = Vec::new();
    for account in accounts(folder, vehicle) {
        let full = format!("{vehicle}.{account}");
        let peak = folder.line(vehicle, &format!("{account}.balance")).and_then(|s| largest(&s.get("p50")));
        let claims = folder.table("claims.csv");
        let row = (0..claims.rows()).find(|&r| claims.text("claimant", r) == full);
        let of = |column: &str| row.map_or(f64::NAN, |r| claims.number(column, r));
        let end = |line: &str| folder.end(&format!("{full}.{line}")).map_or(f64::NAN, |e| e.get("p50"));
        let or_blank = |x: f64, unit: &str| if x.is_finite() { value(x, unit) } else { String::new() };
        rows.push(vec![
            text(format!("{}, {}", capital(vehicle), plain(account))),
            text(peak.map_or(String::new(), |v| money(v.1))),
            text(or_blank(end("irr"), "1/yr")),
            text(or_blank(end("moic"), "x")),
            text(row.map_or("no claim".into(), |r| percent(claims.number("n_claims", r) / folder.paths() as f64))),
            text(or_blank(of("expected_loss"), "USD")),
            text(or_blank(of("loss_p95"), "USD")),
            text(or_blank(of("lgd"), "share")),
        ]);
    }
    rows
}

/// The largest median balance of an instrument over all accounts together, and its month.
fn balance(folder: &Folder, name: &str) -> Option<(usize, f64)> {
    let debts = accounts(folder, name).into_iter().filter(|a| *a != "equity").map(|a| format!("{a}.balance"));
    let lines = debts.chain(["balance".to_owned()]).filter_map(|line| folder.line(name, &line));
    let mut sum: Vec<f64> = Vec::new();
    for series in lines {
        let values = series.get("p50");
        if sum.is_empty() {
            sum = vec![0.0; values.len()];
        }
        for (total, x) in sum.iter_mut().zip(values) {
            *total += if x.is_finite() { x } else { 0.0 };
        }
    }
    largest(&sum)
}

/// Expected loss of all claimants of an instrument.
fn loss(folder: &Folder, name: &str) -> Option<f64> {
    let claims = folder.table("claims.csv");
    let own = |r: &usize| {
        let who = claims.text("claimant", *r);
        who == name || who.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'))
    };
    let rows: Vec<usize> = (0..claims.rows()).filter(own).collect();
    (!rows.is_empty()).then(|| rows.iter().map(|&r| claims.number("expected_loss", r)).filter(|x| x.is_finite()).sum())
}

/// Commitments: headline, firm, used.
pub(super) fn commitments<'a>(folder: &Folder, drawings: &'a [Drawing]) -> Section<'a> {
    let mean = |metric: &str| folder.monthly(metric).map(|s| s.get("mean"));
    let mut lead = String::new();
    if let (Some(headline), Some(firm)) = (mean("headline_commitments"), mean("firm_commitments"))
        && let (Some(h), Some(f)) = (headline.first().filter(|x| **x > 0.0), firm.first())
    {
        lead = format!("Of {} announced in the first month, {} is firm ({}).", money(*h), money(*f), percent(f / h));
        if let Some((at, most)) = largest(&firm).filter(|m| m.1 > f * 1.05) {
            let _ = write!(
                lead,
                " The firm amount grows to {} in {} on average, as more is ordered.",
                money(most),
                month_short(folder, at)
            );
        }
    }
    let median = |metric: &str| folder.monthly(metric).map(|s| s.get("p50"));
    if let (Some(capacity), Some(used)) = (median("capacity_gw"), median("used_gw")) {
        let busy: Vec<f64> = capacity.iter().zip(&used).map(|(c, u)| if *c > 0.0 { u / c } else { f64::NAN }).collect();
        if let Some((at, share)) = smallest(&busy) {
            let end = busy.last().copied().unwrap_or(f64::NAN);
            let _ = write!(
                lead,
                " At the median the lab uses {} of {} at the end ({}), and {} at its lowest point, in {}.",
                value(used.last().copied().unwrap_or(f64::NAN), "GW"),
                value(capacity.last().copied().unwrap_or(f64::NAN), "GW"),
                percent(end),
                percent(share),
                month_short(folder, at)
            );
        }
    }
    if let Some(idle) = mean("idle_cost") {
        let total: f64 = idle.iter().filter(|x| x.is_finite()).sum();
        if total > 0.0 {
            let _ = write!(lead, " Idle power costs {} over the horizon on average.", money(total));
        }
    }
    let mut rows = Vec::new();
    for name in folder.instruments() {
        let (Some(firm), Some(power)) = (folder.line(name, "firm"), folder.line(name, "power")) else { continue };
        let used = folder.line(name, "used").map(|s| s.get("p50")).unwrap_or_default();
        let (first, power) = (firm.get("mean").first().copied().unwrap_or(f64::NAN), power.get("p50"));
        let gw = |x: f64| if x.is_finite() { value(x, "GW") } else { String::new() };
        let money_of = |x: Option<f64>| x.filter(|x| x.is_finite()).map_or(String::new(), money);
        let sum =
            |line: &str| folder.line(name, line).map(|s| s.get("mean").iter().filter(|x| x.is_finite()).sum::<f64>());
        rows.push(vec![
            text(capital(name)),
            text(if first.is_finite() { money(first) } else { String::new() }),
            text(money_of(folder.end(&format!("{name}.billed")).map(|e| e.get("mean")))),
            text(gw(largest(&power).map_or(f64::NAN, |p| p.1))),
            text(gw(largest(&used).map_or(f64::NAN, |p| p.1))),
            text(money_of(sum("idle"))),
            text(loss(folder, name).map_or("no claim".into(), money)),
        ]);
    }
    let mut blocks = figures(drawings, &[13]);
    blocks.extend(told(closed::power(folder), drawings, 18));
    if !rows.is_empty() {
        let head = vec![
            ("Contract", false),
            ("Firm in the first month", true),
            ("Billed, mean", true),
            ("Peak power, median", true),
            ("Peak use, median", true),
            ("Idle, mean", true),
            ("Supplier's expected loss", true),
        ];
        let caption = format!("Contracts over {}", many(folder.months() as u64, "month"));
        blocks.push(Block::Table(Table { caption, head, rows, cards: true, folded: false }));
    }
    Section {
        id: "commitments",
        short: "Commitments",
        title: "Commitments: headline, firm and used",
        lead: lead.trim().to_owned(),
        blocks,
    }
}

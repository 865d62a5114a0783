//! What a lender asks: the probability of a claim and what is then lost, by tranche and claimant. Read from
//! `credit.csv`.

use super::model::{Block, Cell, Section, Table as Shown, figures};
use super::words::{decimals, fine, money, percent, plain, value};
use crate::output::charts::Drawing;
use crate::output::figures::entries;
use crate::output::figures::terms::Terms;
use crate::output::reading::{Folder, Table};

/// A row of `credit.csv`: value, standard error, events, unconditional value and its error.
#[derive(Clone, Copy, Debug)]
struct Row {
    value: f64,
    se: f64,
    events: f64,
    all: (f64, f64),
}

/// The rows of a claimant.
struct Claimant<'t> {
    name: &'t str,
    table: &'t Table,
    rows: Vec<usize>,
}

impl Claimant<'_> {
    fn find(&self, measure: &str) -> Option<Row> {
        let mut rows = self.rows.iter().copied();
        let wanted = |row: &usize| self.table.text("measure", *row) == measure && self.year(*row).is_none();
        rows.find(wanted).map(|row| self.read(row))
    }
    fn year(&self, row: usize) -> Option<i64> {
        let year = self.table.number("year", row);
        year.is_finite().then_some(year as i64)
    }
    fn read(&self, row: usize) -> Row {
        let of = |column: &str| self.table.number(column, row);
        let all = (of("unconditional"), of("unconditional_se"));
        Row { value: of("value"), se: of("se"), events: of("events"), all }
    }
    /// A value with its standard error, or a dash.
    fn cell(&self, measure: &str, write: impl Fn(Row) -> String) -> Cell {
        self.find(measure).filter(|row| row.value.is_finite()).map_or_else(|| Cell::from("–"), |row| write(row).into())
    }
}

/// The claimants of a table, in its order.
fn claimants(table: &Table) -> Vec<Claimant<'_>> {
    let all = table.words("claimant").iter().enumerate().filter(|(_, name)| !name.is_empty());
    all.map(|(word, name)| {
        let rows = (0..table.rows()).filter(|&row| table.word("claimant", row) as usize == word).collect();
        Claimant { name, table, rows }
    })
    .collect()
}

/// Whether the report opens with this section: the scenario's first metric is that of an instrument with a claimant.
pub(super) fn is_first(folder: &Folder) -> bool {
    first_asked(folder).is_some()
}

/// The instrument, or its account, that the scenario's first metric is of.
fn first_asked(folder: &Folder) -> Option<String> {
    let entries = entries(folder);
    let (of, _) = entries.first()?.name.rsplit_once('.')?;
    let all = claimants(folder.table("credit.csv"));
    let asked = |name: &str| all.iter().any(|c| c.name == name || c.name.split_once('.').is_some_and(|c| c.0 == name));
    let instrument = of.split('.').next()?;
    [of, instrument].into_iter().find(|name| asked(name)).map(str::to_owned)
}

/// The section; empty when the run has no such table.
pub(super) fn section<'a>(folder: &Folder, drawings: &'a [Drawing]) -> Section<'a> {
    let table = folder.table("credit.csv");
    let all = claimants(table);
    let terms = Terms::of(folder);
    let called = |claimant: &Claimant<'_>| match claimant.name.split_once('.') {
        Some(("lab", account)) => plain(account),
        Some((name, account)) => format!("{} · {}", terms.called(name), plain(account)),
        None => terms.called(claimant.name),
    };
    let asked = first_asked(folder);
    let mut ranked: Vec<&Claimant<'_>> = all.iter().collect();
    let loss = |c: &&Claimant<'_>| c.find("expected_loss").map_or(0.0, |row| row.value);
    let own = |c: &&Claimant<'_>| {
        asked.as_ref().is_some_and(|asked| {
            c.name == asked || c.name.strip_prefix(asked.as_str()).is_some_and(|r| r.starts_with('.'))
        })
    };
    ranked.sort_by(|a, b| own(b).cmp(&own(a)).then(loss(b).total_cmp(&loss(a))));
    let lead = ranked.iter().take(if asked.is_some() { 3 } else { 1 }).map(|c| sentence(c, &called(c)));
    let lead: Vec<String> = lead.collect();
    let mut blocks: Vec<_> = figures(drawings, &[22]);
    if !ranked.is_empty() {
        blocks.push(Block::Table(losses(&ranked, &called)));
        blocks.extend(by_year(&ranked, &called).map(Block::Table));
        blocks.extend(states(&ranked, &called).map(Block::Table));
        blocks.push(Block::Aside(NOTE.to_owned()));
    }
    Section { id: "credit", short: "Credit", title: "What lenders lose", lead: lead.join(" "), blocks }
}

const NOTE: &str = "Over the first 16,384 paths at most. ± is one standard error; in brackets the number of paths with the event. \
    A claim arises when the lab or the vehicle fails; the loss is discounted to that month. LGD is the mean loss over the mean \
    claim. P99 and ES are the smallest and the mean of the worst hundredth of all paths. Basis points are of the commitment, at \
    the medians of its terms. A path on which everything is lost at once has no IRR. The state is that at the close before \
    the claim, the unconditional one that of all paths in the same months; loss given default is divided at the median of \
    the failures.";

fn sentence(claimant: &Claimant<'_>, name: &str) -> String {
    let Some(pd) = claimant.find("pd") else { return String::new() };
    if pd.events == 0.0 {
        return format!("{name} has no claim on any path.");
    }
    let found = |measure| claimant.find(measure).filter(|row| row.value.is_finite());
    let lgd =
        found("lgd").map_or(String::new(), |row| format!(" and then loses {} ± {} of it", fine(row.value), pp(row.se)));
    let loss = match (found("expected_loss_bp"), found("expected_loss")) {
        (Some(bp), _) => {
            format!("; the expected loss is {} ± {} bp of the commitment", decimals(bp.value, 1), decimals(bp.se, 1))
        }
        (None, Some(loss)) => format!("; the expected loss is {} ± {}", money(loss.value), money(loss.se)),
        _ => String::new(),
    };
    let events = decimals(pd.events, 0);
    format!("{name} has a claim on {} ± {} of the paths ({events}){lgd}{loss}.", fine(pd.value), pp(pd.se))
}

/// A standard error of a share, in percentage points.
fn pp(se: f64) -> String {
    decimals(100.0 * se, 1)
}

fn share(row: Row) -> String {
    format!("{} ± {}", fine(row.value), pp(row.se))
}

fn amount(row: Row) -> String {
    let error = if row.se.is_finite() { format!(" ± {}", money(row.se)) } else { String::new() };
    format!("{}{error}", money(row.value))
}

fn losses(all: &[&Claimant<'_>], called: &dyn Fn(&Claimant<'_>) -> String) -> Shown {
    let row = |c: &&Claimant<'_>| {
        vec![
            Cell::from(called(c)),
            c.cell("commitment", |row| money(row.value)),
            c.cell("pd", |row| format!("{} ({})", share(row), decimals(row.events, 0))),
            c.cell("lgd", share),
            c.cell("expected_loss", amount),
            c.cell("expected_loss_bp", |row| format!("{} ± {}", decimals(row.value, 1), decimals(row.se, 1))),
            c.cell("expected_loss_bp_a_year", |row| format!("{} ± {}", decimals(row.value, 1), decimals(row.se, 1))),
            c.cell("loss_p99", amount),
            c.cell("loss_es99", amount),
            c.cell("guarantees_paid", amount),
            c.cell("irr", share),
            c.cell("irr_given_loss", |row| format!("{} ({})", share(row), decimals(row.events, 0))),
        ]
    };
    let numbers = [
        "Commitment",
        "PD",
        "LGD",
        "Expected loss",
        "In bp",
        "In bp a year",
        "P99",
        "ES 99%",
        "Guarantees paid",
        "Mean IRR",
        "Mean IRR given a loss",
    ];
    Shown {
        caption: "Claims and losses by tranche and claimant".into(),
        head: std::iter::once(("Claimant", false)).chain(numbers.map(|name| (name, true))).collect(),
        rows: all.iter().map(row).collect(),
        cards: false,
        folded: false,
    }
}

/// The probability of a claim by year, one row for each claimant and year with any.
fn by_year(all: &[&Claimant<'_>], called: &dyn Fn(&Claimant<'_>) -> String) -> Option<Shown> {
    let mut rows = Vec::new();
    for claimant in all {
        for &row in &claimant.rows {
            let (year, read) = (claimant.year(row), claimant.read(row));
            if let Some(year) = year.filter(|_| read.events > 0.0) {
                let cells = [called(claimant), year.to_string(), share(read), decimals(read.events, 0)];
                rows.push(cells.map(Cell::from).into());
            }
        }
    }
    (!rows.is_empty()).then(|| Shown {
        caption: "Probability of a claim by calendar year".into(),
        head: vec![("Claimant", false), ("Year", true), ("PD", true), ("Paths", true)],
        rows,
        cards: false,
        folded: true,
    })
}

/// What the state of the world was before the claims.
fn states(all: &[&Claimant<'_>], called: &dyn Fn(&Claimant<'_>) -> String) -> Option<Shown> {
    let mut rows = Vec::new();
    for claimant in all {
        for &row in &claimant.rows {
            let (measure, unit) = (claimant.table.text("measure", row), claimant.table.text("unit", row));
            let Some(name) = measure.strip_prefix("state.") else { continue };
            let read = claimant.read(row);
            let with_error = |(x, se): (f64, f64)| match unit {
                "share" => format!("{} ± {}", percent(x), pp(se)),
                _ => format!("{} ± {}", value(x, unit), decimals(se, 2)),
            };
            let cells = [
                called(claimant),
                plain(name),
                with_error((read.value, read.se)),
                with_error(read.all),
                decimals(read.events, 0),
            ];
            rows.push(cells.map(Cell::from).into());
        }
    }
    let head =
        [("Claimant", false), ("State", false), ("Before the claim", true), ("Unconditional", true), ("Claims", true)];
    (!rows.is_empty()).then(|| Shown {
        caption: "The state of the world before the claims".into(),
        head: head.to_vec(),
        rows,
        cards: false,
        folded: true,
    })
}

//! Why paths run out of cash: what happened before, what the ruined paths share, and what would have saved one of them.
//! Everything is read from `why.csv`, `twin.csv` and `levers.csv`.

use super::model::{Block, Cell, Section, Table as Shown};
use super::words::{capital, count, decimals, fine, list, many, money, plain, value};
use crate::output::charts::house::month as month_name;
use crate::output::reading::{Folder, Table};
use crate::output::record::RuinStep;
use crate::units::Month;

/// Largest p value, adjusted for the number of measures, of a measure that the lead names.
const CLEAR: f64 = 0.05;
/// Number of measures and events that are named in words.
const FEW: usize = 4;

/// The section; empty when no path runs out of cash or the run has no such tables.
pub(super) fn section<'a>(folder: &Folder) -> Section<'a> {
    let (why, twin, levers) = (folder.table("why.csv"), folder.table("twin.csv"), folder.table("levers.csv"));
    let told = &folder.summary.why_ruined;
    let mut lead = String::new();
    let mut blocks = Vec::new();
    if why.rows() > 0 {
        let pairs = count(told.pairs);
        lead = if told.chain.is_empty() {
            format!(
                "No event precedes ruin clearly more often than it happens on surviving paths ({pairs} ruined paths, each matched with a survivor)."
            )
        } else {
            format!(
                "What typically happens before cash runs out, from {pairs} ruined paths, each matched with a survivor over the same months: {}.",
                chain(&told.chain)
            )
        };
        blocks.push(Block::Words(shared_words(why)));
        blocks.extend(events(why).map(Block::Table));
        blocks.extend(shared(why).map(Block::Table));
    } else if levers.rows() > 0 {
        "Every path that was kept runs out of cash, so that there is no survivor to compare with."
            .clone_into(&mut lead);
    }
    blocks.extend(twin_words(twin).map(Block::Words));
    blocks.extend(twin_table(twin).map(Block::Table));
    blocks.extend(levers_words(levers).map(Block::Words));
    blocks.extend(levers_table(levers).map(Block::Table));
    if !blocks.is_empty() {
        blocks.push(Block::Aside(NOTE.to_owned()));
    }
    Section { id: "why", short: "Why", title: "Why it died", lead, blocks }
}

const NOTE: &str = "Everything is measured over the twelve months up to and including that in which cash runs out, and over the \
    same months of the matched survivor. Measures are ranked by mutual information of their quarter with ruin; the p value \
    is the share of 999 exchanges within pairs in which any measure has as much (Westfall and Young), so that it accounts \
    for the number of measures. What ruined paths share may follow from the cause rather than be it. A lever is changed alone, \
    in whole percent, and the same path is run again.";

/// The events of the typical chain, in words.
fn chain(steps: &[RuinStep]) -> String {
    let told: Vec<String> = steps
        .iter()
        .map(|step| {
            let months = many(step.months_before.0.round().max(0.0) as u64, "month");
            let when =
                if step.months_before.0 < 0.5 { "in the same month".to_owned() } else { format!("{months} before") };
            let (ruined, survivors) = (fine(step.ruined.0), fine(step.survivors.0));
            format!(
                "{} ({when}; on {ruined} of the ruined paths, {survivors} of the survivors)",
                event(&step.entity, &step.event)
            )
        })
        .collect();
    list(&told)
}

/// An event with the instrument that it concerns.
fn event(entity: &str, event: &str) -> String {
    match entity {
        "lab" | "world" => plain(event),
        _ => format!("{} of {}", plain(event), plain(entity)),
    }
}

/// A measure in a sentence; an input by its own name.
fn measure(group: &str, name: &str) -> String {
    // An input written in place is named by its path, of which the last two steps say what it is.
    let steps: Vec<&str> = name.split('.').collect();
    let text = plain(&steps[steps.len().saturating_sub(2)..].join("_"));
    if group == "input" { format!("the input “{text}”") } else { text }
}

/// A value of a measure. Units of inputs are those of the scenario, of the others those of the tables.
fn amount(x: f64, unit: &str) -> String {
    let tabled = matches!(unit, "USD" | "share" | "1/yr" | "x" | "GW" | "months" | "USD/GW-mo");
    if tabled || !x.is_finite() {
        return if unit == "share" { fine(x) } else { value(x, unit) };
    }
    let places = match x.abs() {
        x if x >= 100.0 => 0,
        x if x >= 10.0 => 1,
        _ => 2,
    };
    if let Some(per) = unit.strip_prefix("USD") {
        return format!("{}{per}", money(x));
    }
    let room = if unit.is_empty() || unit.starts_with(['%', 'x']) { "" } else { "\u{a0}" };
    format!("{}{room}{unit}", decimals(x, places))
}

/// The rows of a part of `why.csv`.
fn part<'t>(table: &'t Table, wanted: &'static str) -> impl Iterator<Item = usize> + 't {
    (0..table.rows()).filter(move |&row| table.text("part", row) == wanted)
}

/// The measures in which the ruined paths differ, in words.
fn shared_words(table: &Table) -> String {
    let rows: Vec<usize> = part(table, "shared").collect();
    if rows.is_empty() {
        return "There are too few pairs to say what ruined paths share.".to_owned();
    }
    let told = rows.iter().filter(|&&row| table.number("p_adjusted", row) <= CLEAR).take(FEW);
    let told: Vec<String> = told
        .map(|&row| {
            let unit = table.text("unit", row);
            let [ruined, survivors] = ["ruined", "survivors"].map(|side| amount(table.number(side, row), unit));
            let name = measure(table.text("entity", row), table.text("name", row));
            let bits = decimals(table.number("bits", row), 2);
            format!("{name} ({ruined} on average against {survivors}; {bits} bits)")
        })
        .collect();
    if told.is_empty() {
        "In no input, state or decision do ruined paths differ from survivors beyond chance.".to_owned()
    } else {
        format!("What ruined paths share most, against their survivors: {}.", list(&told))
    }
}

fn events(table: &Table) -> Option<Shown> {
    let with_error = |row: usize, side: &str, se: &str| {
        format!("{} ± {}", fine(table.number(side, row)), decimals(100.0 * table.number(se, row), 1))
    };
    let rows: Vec<Vec<Cell>> = part(table, "event")
        .map(|row| {
            let before = table.number("months_before", row);
            vec![
                Cell::from(event(table.text("entity", row), table.text("name", row))),
                with_error(row, "ruined", "ruined_se").into(),
                with_error(row, "survivors", "survivors_se").into(),
                if before.is_finite() { decimals(before, 1).into() } else { "–".into() },
                fine(table.number("first", row)).into(),
            ]
        })
        .collect();
    let head = [
        ("Event", false),
        ("On ruined paths", true),
        ("On survivors", true),
        ("Median months before", true),
        ("First adverse event of", true),
    ];
    (!rows.is_empty()).then(|| Shown {
        caption: "Events in the twelve months before cash runs out".into(),
        head: head.to_vec(),
        rows,
        cards: false,
        folded: true,
    })
}

fn shared(table: &Table) -> Option<Shown> {
    let mean = |row: usize, side: &str, se: &str| {
        let unit = table.text("unit", row);
        format!("{} ± {}", amount(table.number(side, row), unit), amount(table.number(se, row), unit))
    };
    let rows: Vec<Vec<Cell>> = part(table, "shared")
        .map(|row| {
            vec![
                capital(&measure("", table.text("name", row))).into(),
                table.text("entity", row).into(),
                mean(row, "ruined", "ruined_se").into(),
                mean(row, "survivors", "survivors_se").into(),
                decimals(table.number("bits", row), 3).into(),
                decimals(table.number("p_adjusted", row), 3).into(),
            ]
        })
        .collect();
    let head = [
        ("Measure", false),
        ("Kind", false),
        ("Ruined paths, mean", true),
        ("Survivors, mean", true),
        ("Bits", true),
        ("p, adjusted", true),
    ];
    (!rows.is_empty()).then(|| Shown {
        caption: "What ruined paths share, against their survivors".into(),
        head: head.to_vec(),
        rows,
        cards: false,
        folded: true,
    })
}

/// The month of a cell, in words.
fn month(cell: &str) -> String {
    Month::parse(cell).map_or_else(String::new, month_name)
}

/// The nearest survivor of a path, and in what it differs most.
fn twin_words(table: &Table) -> Option<String> {
    let of_group = |wanted: &str| -> Vec<usize> {
        (0..table.rows()).filter(|&row| (table.text("group", row) == "event") == (wanted == "event")).collect()
    };
    let first = (0..table.rows()).next()?;
    let (path, twin) = (count(table.number("path", first) as u64), count(table.number("twin", first) as u64));
    let measures: Vec<String> = of_group("")
        .into_iter()
        .take(FEW)
        .map(|row| {
            let unit = table.text("unit", row);
            let [own, other] = ["value", "twin_value"].map(|of| amount(table.number(of, row), unit));
            format!("{} ({own} against {other})", measure(table.text("group", row), table.text("name", row)))
        })
        .collect();
    let happened = |on_path: bool| -> Vec<String> {
        let rows = of_group("event").into_iter().filter(|&row| (table.number("value", row) > 0.0) == on_path).take(FEW);
        rows.map(|row| event(table.text("entity", row), table.text("name", row))).collect()
    };
    let (own, other) = (happened(true), happened(false));
    let only = |whose: &str, events: &[String]| {
        if events.is_empty() { String::new() } else { format!(" Only on {whose}: {}.", list(events)) }
    };
    Some(format!(
        "Path {path} runs out of cash in {}. Of the surviving paths compared, path {twin} is the nearest in its inputs and shocks ({} standard deviations apart, root mean square). In the twelve months before, they differ most in {}.{}{}",
        month(table.text("month", first)),
        decimals(table.number("distance", first), 2),
        if measures.is_empty() { "no measure".to_owned() } else { list(&measures) },
        only("the ruined path", &own),
        only("the survivor", &other),
    ))
}

fn twin_table(table: &Table) -> Option<Shown> {
    let rows: Vec<Vec<Cell>> = (0..table.rows())
        .map(|row| {
            let (group, unit) = (table.text("group", row), table.text("unit", row));
            let name = if group == "event" {
                event(table.text("entity", row), table.text("name", row))
            } else {
                measure("", table.text("name", row))
            };
            let shown = |x: f64| match group {
                "event" => {
                    if x > 0.0 {
                        "yes".to_owned()
                    } else {
                        "no".to_owned()
                    }
                }
                _ => amount(x, unit),
            };
            let apart = table.number("difference", row);
            vec![
                capital(&name).into(),
                group.into(),
                shown(table.number("value", row)).into(),
                shown(table.number("twin_value", row)).into(),
                if apart.is_finite() { decimals(apart, 2).into() } else { "–".into() },
            ]
        })
        .collect();
    let head = [
        ("Measure", false),
        ("Kind", false),
        ("Ruined path", true),
        ("Nearest survivor", true),
        ("Difference in standard deviations", true),
    ];
    (!rows.is_empty()).then(|| Shown {
        caption: "A ruined path beside its nearest survivor".into(),
        head: head.to_vec(),
        rows,
        cards: false,
        folded: true,
    })
}

/// A lever in a sentence: `cloud.take_or_pay` reads "take-or-pay of cloud".
fn lever(name: &str) -> String {
    let words = |name: &str| plain(name).replace("take or pay", "take-or-pay");
    match name.split_once('.') {
        Some((of, key)) => format!("{} of {}", words(&key.replace('.', "_")), plain(of)),
        None => words(name),
    }
}

/// The change that delays the ruin most, which is in the first row where none saves the path.
fn delay(table: &Table, changed: &str) -> String {
    let [ruin, then] = ["month", "month_then"].map(|column| Month::parse(table.text(column, 0)));
    match ruin.zip(then).map(|(ruin, then)| then.since(ruin)) {
        Some(months) if months > 0 => {
            format!("With {changed} it would have come {} later", many(months.unsigned_abs().into(), "month"))
        }
        _ => "None of them delays it".to_owned(),
    }
}

/// What would have saved the path.
fn levers_words(table: &Table) -> Option<String> {
    let first = (0..table.rows()).next()?;
    let path = count(table.number("path", first) as u64);
    let saved = |row: &usize| table.number("saved", *row) == 1.0;
    let percent = |row: usize| decimals(100.0 * table.number("change", row).abs(), 0);
    let changed =
        |row: usize| format!("{} {}% {}", lever(table.text("lever", row)), percent(row), table.text("way", row));
    let saving: Vec<String> = (0..table.rows()).filter(saved).map(changed).collect();
    let rest: Vec<String> = (0..table.rows()).filter(|row| !saved(row)).map(changed).collect();
    let rest = match rest.len() {
        0 => String::new(),
        n if n <= FEW => format!(" Not saved by {}.", list(&rest)),
        n => format!(
            " {} other changes, down to a half or up to the double as far as the scenario allows, do not save it.",
            count(n as u64)
        ),
    };
    let with: Vec<String> = saving.iter().take(FEW + 1).map(|change| format!("with {change}")).collect();
    Some(match with.as_slice() {
        [] => format!(
            "No single change of a decision, down to a half or up to the double as far as the scenario allows, saves path {path} ({} tried). {}.",
            count(table.rows() as u64),
            delay(table, &changed(first))
        ),
        [most @ .., last] => {
            let each = if most.is_empty() { "" } else { ", each alone" };
            let ways = if most.is_empty() { last.clone() } else { format!("{}, or {last}", most.join(", ")) };
            format!("Path {path} would have had cash to the horizon {ways}{each}.{rest}")
        }
    })
}

fn levers_table(table: &Table) -> Option<Shown> {
    let rows: Vec<Vec<Cell>> = (0..table.rows())
        .map(|row| {
            let saved = table.number("saved", row) == 1.0;
            let then = if saved {
                "saved".to_owned()
            } else {
                format!("runs out in {}", month(table.text("month_then", row)))
            };
            vec![
                capital(&lever(table.text("lever", row))).into(),
                format!("{}% {}", decimals(100.0 * table.number("change", row).abs(), 0), table.text("way", row))
                    .into(),
                then.into(),
                Cell::Code(table.text("settings", row).to_owned()),
            ]
        })
        .collect();
    (!rows.is_empty()).then(|| Shown {
        caption: "Single changes of decisions, on the same path".into(),
        head: vec![("Lever", false), ("Change", true), ("Path", false), ("Settings", false)],
        rows,
        cards: false,
        folded: true,
    })
}

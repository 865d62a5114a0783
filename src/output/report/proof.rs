//! Sections on credibility: drivers, assumptions with their sources, checks, convergence, the run record.

use std::fmt::Write as _;

use super::answer::Held;
use super::model::{Block, Cell, Section, Table, figures};
use super::words::{decimals, list, many, month, plain};
use crate::language::assumption::EVIDENCE;
use crate::output::charts::Drawing;
use crate::output::reading::Folder;

/// Which inputs are associated with which outcomes.
pub(super) fn drivers<'a>(folder: &Folder, drawings: &'a [Drawing]) -> Section<'a> {
    let table = folder.table("drivers.csv");
    let mut sentences = Vec::new();
    let mut beside = 0;
    for target in table.words("target").iter().take(3) {
        let mut rows: Vec<usize> = (0..table.rows())
            .filter(|&r| table.text("target", r) == target && table.number("spearman", r).is_finite())
            .collect();
        let size = |r: &usize| table.number("spearman", *r).abs();
        rows.sort_by(|a, b| size(b).total_cmp(&size(a)).then(a.cmp(b)));
        // Beyond three standard errors, as on the chart; of a hundred inputs without effect, hardly any would pass.
        let clear: Vec<&usize> = rows.iter().filter(|r| size(r) > 3.0 * table.number("se", **r)).collect();
        let named: Vec<String> = clear
            .iter()
            .take(3)
            .map(|r| format!("{} ({})", plain(table.text("input", **r)), signed(table.number("spearman", **r))))
            .collect();
        if named.is_empty() {
            beside += 1;
        } else {
            let target = super::words::capital(target);
            sentences.push(format!("{target} is most strongly associated with {}", list(&named)));
        }
    }
    let lead = if !sentences.is_empty() {
        format!("{}. The numbers are rank correlations, from \u{2212}1 to 1.", sentences.join(". "))
    } else if beside > 0 {
        "No input stands out from the noise of the sample.".into()
    } else {
        "No rank correlations were recorded: no input is uncertain, or no outcome varies.".into()
    };
    Section { id: "drivers", short: "Drivers", title: "What drives it", lead, blocks: figures(drawings, &[10]) }
}

fn signed(x: f64) -> String {
    format!("{}{}", if x > 0.0 { "+" } else { "" }, decimals(x, 2))
}

/// What the numbers of the scenario rest on: those with their own source or note in full, all others in a folded table.
pub(super) fn assumptions<'a>(folder: &Folder) -> Section<'a> {
    let table = folder.table("assumptions.csv");
    let (mut own, mut others) = (Vec::new(), Vec::new());
    // By evidence; the last has none.
    let mut counts = [0; EVIDENCE.len() + 1];
    let mut judged_with_range = 0;
    for row in 0..table.rows() {
        let [path, value, evidence, range, stated_at, source, url, note] =
            ["path", "value", "evidence", "range", "stated_at", "source", "url", "note"]
                .map(|c| table.text(c, row).to_owned());
        if !value.is_empty() {
            let word = EVIDENCE.iter().position(|(word, _)| *word == evidence);
            counts[word.unwrap_or(EVIDENCE.len())] += 1;
            judged_with_range += u64::from(evidence == "judgement" && !range.is_empty());
        }
        let told = [Cell::Code(path.clone()), Cell::Text(value), Cell::Text(evidence), Cell::Text(range)];
        if path == stated_at {
            let source = if source.is_empty() { url.clone() } else { source };
            own.push(told.into_iter().chain([Cell::Source(source, url), Cell::Text(note)]).collect());
        } else {
            others.push(told.into_iter().chain([Cell::Code(stated_at)]).collect());
        }
    }
    let all: u64 = counts.iter().sum();
    let [sourced, fitted, judged, chosen, bare] = counts;
    let parts = [
        (sourced, format!("{sourced} sourced")),
        (fitted, format!("{fitted} fitted")),
        (
            judged,
            format!(
                "{judged} judgement, {judged_with_range} of {} with a range",
                if judged == 1 { "which" } else { "them" }
            ),
        ),
        (chosen, format!("{chosen} a choice")),
        (bare, format!("{bare} with nothing stated")),
    ];
    let parts: Vec<&str> = parts.iter().filter(|(count, _)| *count > 0).map(|(_, words)| words.as_str()).collect();
    let mut lead = format!("The scenario states {}: {}.", many(all, "number"), parts.join("; "));
    let mut blocks = Vec::new();
    let head = [("Setting", false), ("Value", false), ("Evidence", false), ("Range", false)];
    if all == 0 && own.is_empty() {
        lead = "The scenario gives no sources and no notes.".into();
    }
    if !own.is_empty() {
        let head = head.into_iter().chain([("Source", false), ("Note", false)]).collect();
        let caption = "Assumptions with their values, sources and notes".into();
        blocks.push(Block::Table(Table { caption, head, rows: own, cards: true, folded: false }));
    }
    if !others.is_empty() {
        let head = head.into_iter().chain([("Stated at", false)]).collect();
        let caption = "All other numbers, and the section whose source or note covers them".into();
        blocks.push(Block::Table(Table { caption, head, rows: others, cards: false, folded: true }));
    }
    Section { id: "assumptions", short: "Assumptions", title: "Assumptions and their sources", lead, blocks }
}

/// Checks, and the precision of their numbers.
pub(super) fn checks<'a>(drawings: &'a [Drawing], held: &[Held]) -> Section<'a> {
    let failed: Vec<&Held> = held.iter().filter(|c| !c.holds).collect();
    let mut lead = match (held.len(), failed.len()) {
        (0, _) => "The scenario has no checks.".to_owned(),
        (1, 0) => "The one check passes.".into(),
        (n, 0) => format!("All {n} checks pass."),
        (n, _) => format!(
            "{} of {n} {}: {}.",
            failed.len(),
            if failed.len() == 1 { "checks fails" } else { "checks fail" },
            list(&failed.iter().map(|c| c.text.clone()).collect::<Vec<_>>())
        ),
    };
    let nearest = held.iter().filter_map(|c| Some((c, c.errors_away()?))).min_by(|a, b| a.1.total_cmp(&b.1));
    if let Some((check, errors)) = nearest {
        let sure = if errors < 2.0 { ", so that another seed may reverse the result" } else { "" };
        let _ = write!(
            lead,
            " The closest to its limit is {}, {} standard errors away{sure}.",
            check.text,
            decimals(errors, 1)
        );
    }
    let rows = held.iter().map(|c| {
        vec![
            Cell::Holds(c.holds),
            Cell::Code(c.text.clone()),
            Cell::Text(c.shown(c.measured)),
            Cell::Text(if c.se.is_finite() { format!("\u{b1}\u{a0}{}", c.shown(c.se)) } else { String::new() }),
            Cell::Text(c.errors_away().map_or(String::new(), |x| decimals(x, 1))),
        ]
    });
    let rows: Vec<_> = rows.collect();
    let mut blocks = Vec::new();
    if !rows.is_empty() {
        let head = vec![
            ("Result", false),
            ("Check", false),
            ("Measured", true),
            ("Standard error", true),
            ("Standard errors from the limit", true),
        ];
        blocks.push(Block::Table(Table { caption: "Checks".into(), head, rows, cards: false, folded: false }));
    }
    blocks.extend(figures(drawings, &[16]));
    Section { id: "checks", short: "Checks", title: "Checks and convergence", lead, blocks }
}

/// The name of a scenario file without its folders.
fn base_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// A word of a shell command, quoted where necessary.
fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/=+:,@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

/// The command that reproduces the same bytes.
fn command(folder: &Folder, file: &str) -> String {
    let mut words = vec!["gapcast".to_owned(), "run".into(), shell_word(file)];
    if let Some(variant) = folder.variant() {
        words.extend(["--variant".into(), shell_word(variant)]);
    }
    for set in folder.set() {
        words.extend(["--set".into(), shell_word(set)]);
    }
    words.extend(["--paths".into(), folder.paths().to_string(), "--seed".into(), folder.seed().to_string()]);
    words.join(" ")
}

/// What was run, and how to run it again. Times and threads are omitted, so that the bytes of the page do not depend on
/// them.
pub(super) fn record<'a>(folder: &Folder) -> Section<'a> {
    let run = &folder.run;
    let inputs = &run.inputs_sha256.0;
    let file = inputs.first().map_or("scenario.resolved.yaml", |f| base_name(&f.0)).to_owned();
    let lead = format!(
        "{} of {} from {}, by version {} with the seed {}: the same file, seed and version give the same bytes.",
        many(folder.paths(), "path"),
        many(folder.months() as u64, "month"),
        month(folder, 0),
        folder.version(),
        folder.seed()
    );
    let said = |text: &str| if text.is_empty() { "not recorded".to_owned() } else { text.to_owned() };
    let mut facts: Vec<(String, Cell)> = vec![
        ("Scenario".into(), Cell::Text(folder.name().to_owned())),
        ("Variant".into(), Cell::Text(folder.variant().map_or("none".into(), plain))),
        ("Version".into(), Cell::Text(format!("gapcast {}", folder.version()))),
        ("Commit".into(), Cell::Code(said(run.commit.as_deref().unwrap_or_default()))),
        ("Seed".into(), Cell::Code(folder.seed().to_string())),
        ("Paths".into(), Cell::Text(super::words::count(folder.paths()))),
        ("Sampler".into(), Cell::Text(said(&run.sampler))),
    ];
    let warnings = if run.warnings.is_empty() { "none".into() } else { run.warnings.join("; ") };
    facts.push(("Warnings".into(), Cell::Text(warnings)));
    // The page cannot contain its own hash, charts are drawn from the tables, and outcomes are still being hashed while
    // the page is drawn.
    let left_out = |file: &str| file.starts_with("charts/") || matches!(file, "report.html" | "outcomes.csv");
    let tables = run.files_sha256.0.iter().filter(|(file, _)| !left_out(file)).cloned();
    let read = inputs.iter().map(|(file, hash)| (base_name(file).to_owned(), hash.clone()));
    let rows: Vec<Vec<Cell>> =
        read.chain(tables).map(|(file, hash)| vec![Cell::Code(file), Cell::Code(hash)]).collect();
    let mut blocks = vec![Block::Facts(facts), Block::Code(command(folder, &file))];
    if !rows.is_empty() {
        let caption = "SHA-256 of what was read and of what was written".into();
        blocks.push(Block::Table(Table {
            caption,
            head: vec![("File", false), ("SHA-256", false)],
            rows,
            cards: false,
            folded: true,
        }));
    }
    Section { id: "record", short: "Run record", title: "Run record", lead, blocks }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_can_be_typed() {
        assert_eq!(shell_word("lab.demand.volatility=5%/mo"), "lab.demand.volatility=5%/mo");
        assert_eq!(shell_word("a b"), "'a b'");
        assert_eq!(shell_word("it's $HOME"), "'it'\\''s $HOME'");
        assert_eq!(shell_word(""), "''");
        assert_eq!(base_name("C:\\work\\lab.yaml"), "lab.yaml");
        assert_eq!(base_name("/home/me/lab.yaml"), "lab.yaml");
    }
}

//! Loss given default by the state of the world before the claim.

use super::capital::account;
use super::terms::Terms;
use crate::output::charts::{Divided, LossByState};
use crate::output::reading::{Folder, Table};

/// The pairs of measures of `credit.csv`: the worse side and the better one, with their names.
const PAIRS: [(&str, &str, [&str; 2]); 3] = [
    ("lgd.in_winter", "lgd.out_of_winter", ["in winter", "out of winter"]),
    ("lgd.low_multiple", "lgd.high_multiple", ["low equity multiple", "high equity multiple"]),
    ("lgd.low_resale", "lgd.high_resale", ["low resale index", "high resale index"]),
];
/// Largest number of claimants drawn.
const MOST: usize = 4;

/// A measure of a claimant: value, standard error, number of events.
fn find(table: &Table, claimant: u32, measure: &str) -> Option<(f64, f64, f64)> {
    let row = (0..table.rows())
        .find(|&row| table.word("claimant", row) == claimant && table.text("measure", row) == measure)?;
    let found = ["value", "se", "events"].map(|column| table.number(column, row));
    found.iter().all(|x| x.is_finite()).then_some((found[0], found[1], found[2]))
}

/// The claimants with the largest expected losses whose failures could be divided by a state.
pub(super) fn by_state(folder: &Folder, terms: &Terms) -> Option<LossByState> {
    let table = folder.table("credit.csv");
    let names = table.words("claimant");
    let mut ranked: Vec<(u32, f64)> = (0..u32::try_from(names.len()).unwrap_or(0))
        .filter_map(|word| Some((word, find(table, word, "expected_loss")?.0)))
        .filter(|(word, loss)| *loss > 0.0 && PAIRS.iter().any(|pair| find(table, *word, pair.0).is_some()))
        .collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut rows = Vec::new();
    for &(word, _) in ranked.iter().take(MOST) {
        let (name, of) = names[word as usize].split_once('.').unwrap_or((names[word as usize].as_str(), ""));
        for (worse, better, sides) in PAIRS {
            if let Some((worse, better)) = find(table, word, worse).zip(find(table, word, better)) {
                rows.push(Divided {
                    claimant: account(terms, name, of),
                    role: terms.role(name, of),
                    sides: sides.map(str::to_owned),
                    lgd: [worse, better],
                });
            }
        }
    }
    (!rows.is_empty()).then_some(LossByState { rows })
}

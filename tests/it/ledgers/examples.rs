//! The examples in the documentation of instruments are scenarios that run.

use crate::common::ledger::Ledger;
use crate::common::model;
use crate::common::vectors::{FLAT, bare_lab};

/// What the documentation of an instrument says under *In YAML*: each example is one line of code, broken where the text is.
fn examples(source: &str) -> Vec<String> {
    let doc: Vec<&str> = source.lines().map_while(|l| l.strip_prefix("//!")).map(str::trim).collect();
    let from = doc.iter().position(|l| *l == "# In YAML").expect("a heading");
    let part: Vec<&str> = doc[from + 1..].iter().take_while(|l| !l.starts_with('#')).copied().collect();
    let text = part.join(" ");
    text.split('`').map(str::trim).filter(|piece| piece.starts_with("- ")).map(str::to_owned).collect()
}

#[test]
fn each_runs() {
    let all = [
        (include_str!("../../../crates/model/src/instruments/revolver.rs"), 2),
        (include_str!("../../../crates/model/src/instruments/term_loan.rs"), 3),
        (include_str!("../../../crates/model/src/instruments/venture_debt/mod.rs"), 1),
        (include_str!("../../../crates/model/src/instruments/vendor_finance/mod.rs"), 2),
        (include_str!("../../../crates/model/src/instruments/strategic_tranche/mod.rs"), 1),
        (include_str!("../../../crates/model/src/instruments/spv/mod.rs"), 2),
    ];
    for (source, n) in all {
        let found = examples(source);
        assert_eq!(found.len(), n, "{found:?}");
        for example in found {
            let rest = format!(
                "world: {{sofr: {{start: 4%/yr, long_run: 4%/yr}}, credit_spread: {{level: 225 bp}}, equity_multiple: {{now: 20x, later: 20x}}, vendor_share: {{volatility: 40%/yr}}}}\ninstruments:\n  {example}\n"
            );
            let contracts = "compute: {spot_limit: 0 GW, owned: [{own: {power: 0.1 GW, supplier: maker, cost: 1B USD, delivered: 2026-12, life: 48 mo}}], contracts: [{cloud: {supplier: alpha, power: 1 GW, price: 9B USD/GW-yr, start: 2026-06, term: 5 yr}}], ";
            let text = bare_lab(24, FLAT, &rest).replace("capacity: none, ", "").replace("compute: {", contracts);
            let text = text.replace("start: 2026-01", "start: 2026-06");
            Ledger::of(&model(&text), 0);
        }
    }
}

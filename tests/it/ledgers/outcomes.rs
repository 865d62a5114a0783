//! Whatever becomes of a lab that fails, every identity of every month holds for all instruments of the small scenario.

use crate::common::{SMALL, job_with};
use gapcast::engine::books::event;
use gapcast::engine::reference::Path;
use gapcast::model::Settings;

#[test]
fn books_balance_after_each() {
    let outcomes = [
        ("rescue", event::RESCUED),
        ("restructuring", event::RESTRUCTURED),
        ("acquisition", event::ACQUIRED),
        ("liquidation", event::LIQUIDATED),
    ];
    for (outcome, bit) in outcomes {
        let odds = outcomes.map(|(name, _)| format!("{name}: {}%", if name == outcome { 100 } else { 0 })).join(", ");
        let sets = vec![format!("lab.default.outcomes={{{odds}}}"), "lab.default.acquisition=15x".to_owned()];
        let model = job_with(SMALL, &Settings { sets, ..Settings::default() });
        let mut seen = 0;
        for path in 0..192 {
            let mut run = Path::new(&model.plan, path);
            for t in 1..=model.plan.months {
                run.month(t).unwrap_or_else(|broken| panic!("{outcome}: {broken}"));
                seen += u32::from(run.lane.events & bit != 0);
            }
        }
        assert!(seen > 15, "{outcome}: only {seen}");
    }
}

//! One run: the probability that a lab runs out of cash, its peak funding need, and whether two statements hold.
//!
//! `cargo run --release --example one_run [SCENARIO]`

use gapcast::{Model, Settings};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).unwrap_or_else(|| "scenarios/small-lab.yaml".into());
    let model = Model::load(&file, &Settings { paths: Some(4096), ..Settings::default() })?;
    let outcome = model.run(0);

    let (p, se, (low, high)) = outcome.ruin();
    println!(
        "{}: cash runs out with a probability of {p:.3} ± {se:.3} (95%: {low:.3} to {high:.3})",
        model.scenario.name.as_str()
    );
    if let Some(need) = outcome.metric("peak_funding") {
        for q in [0.5, 0.9] {
            println!("peak funding, P{:.0}: {:.3e} ± {:.1e} USD", 100.0 * q, need.quantile(q), need.quantile_se(q));
        }
    }
    let months = outcome.plan().months as i32;
    for t in (11..months).step_by(12) {
        let month = outcome.plan().start.plus(t);
        if let Some(cash) = outcome.at("cash", month) {
            let [low, middle, high] = [0.05, 0.5, 0.95].map(|q| cash.quantile(q));
            println!("cash at the end of {month}: {middle:.3e} USD, 90% of paths from {low:.3e} to {high:.3e}");
        }
    }
    for line in ["p(cash_out) < 30%", "p50(stake.founders) > 20%"] {
        match outcome.check(line) {
            Some(verdict) => println!("{line}: {} ({})", if verdict.holds { "holds" } else { "fails" }, verdict.shown),
            None => println!("{line}: this run cannot say"),
        }
    }
    Ok(())
}

//! A hundred settings of one scenario on all cores, each on a single thread: how the probability of running out of cash
//! depends on opening cash and on the take-or-pay share of a contract.
//!
//! `cargo run --release --example sweep`

use gapcast::{Model, Settings};
use rayon::prelude::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let model = Model::load("scenarios/small-lab.yaml", &Settings::default())?;
    let cells: Vec<(u32, u32)> = (1..=10).flat_map(|cash| (1..=10).map(move |top| (10 * cash, 10 * top))).collect();
    let began = std::time::Instant::now();
    let all: Result<Vec<f64>, _> = cells
        .par_iter()
        .map(|(cash, share)| {
            let sets = vec![
                format!("lab.opening.cash={cash}M USD"),
                format!("lab.compute.contracts.cloud.take_or_pay={share}%"),
            ];
            model.with(&Settings { sets, paths: Some(1024), ..Settings::default() }).map(|model| model.run(1).ruin().0)
        })
        .collect();
    let all = all?;
    println!("probability of running out of cash, %: opening cash down, take-or-pay across (10% to 100%)");
    for (row, chances) in all.chunks(10).enumerate() {
        let chances: Vec<String> = chances.iter().map(|p| format!("{:5.1}", 100.0 * p)).collect();
        println!("{:4}M USD {}", 10 * (row + 1), chances.join(" "));
    }
    println!("{} runs in {:.1} s", all.len(), began.elapsed().as_secs_f64());
    Ok(())
}

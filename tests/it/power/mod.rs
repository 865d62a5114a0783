//! The market for power: how tight it is, what power then costs and how much of it there is (`market`), what idle power brings
//! (`resale`), what ordering ahead is worth (`newsvendor`), and the sign of each effect (`signs`).

mod market;
mod newsvendor;
mod resale;
mod signs;

use crate::common::{job_with, model};
use gapcast::column;
use gapcast::engine::columns::LANES;
use gapcast::engine::level::Level;
use gapcast::engine::month::Worker;
use gapcast::engine::reference::Path;
use gapcast::model::{Model, Settings};

/// Contracts, own hardware, orders and ranks with all that they can have.
const CAPACITY: &str = include_str!("../../common/capacity.yaml");

/// A lab that sells on two contracts, orders ahead, raises equity and may fail.
const LAB: &str = include_str!("../../common/power.yaml");

/// Need grows at 2% a month for ever; the market plans for `½ · 2% + ½ · 1%`.
const STEADY: &str = "
schema: 1
name: steady
time: {start: 2026-01, months: 70}
run: {paths: 1, seed: 1}
world: {compute_price: {contract: 12B USD/GW-yr, change: 5%/yr, spot: 1.5x, premium: 1, squeeze: 0.4, follows_lab: 50%, lead: 15 mo, available: 100 GW, available_growth: 25%/yr, available_elasticity: 1.5}}
lab:
  opening: {cash: 1000B USD, shares: {holders: 100%}}
  demand: {growth: {now: 2%/mo, later: 2%/mo, half_life: 12 mo}, growth_is: underlying, saturation: none, segments: [{all: {run_rate: 24B USD/yr}}]}
  compute:
    inference: {power: {power: 0.5 GW, serves: 1B USD/mo}}
";

/// The lab with other settings.
fn lab(sets: &[&str]) -> Model {
    let sets = sets.iter().map(|&s| s.to_owned()).chain(["run.metrics=all".to_owned()]).collect();
    job_with(LAB, &Settings { sets, ..Settings::default() })
}

/// Replaces pieces of a scenario, each of which occurs once.
fn patched(text: &str, patches: &[(&str, &str)]) -> Model {
    let mut text = text.to_owned();
    for (from, to) in patches {
        assert_eq!(text.matches(from).count(), 1, "{from}");
        text = text.replace(from, to);
    }
    model(&text)
}

/// The boards of a block, month by month.
fn boards(model: &Model) -> Vec<Vec<[u64; LANES]>> {
    let mut out = Vec::new();
    let mut worker = Worker::new(&model.plan, Level::best());
    worker.block(0, |w, _| out.push(w.board.iter().map(|col| col.0.map(f64::to_bits)).collect()));
    out
}

/// What a path is asked about, of columns of the board.
type Ask<'a> = &'a dyn Fn(&[f64], usize) -> f64;

/// For each of some paths the sum over months of each question; `when` is the month, and the horizon is the last.
fn sums(model: &Model, paths: usize, asks: &[Ask<'_>]) -> Vec<Vec<f64>> {
    let mut out = vec![vec![0.0; paths]; asks.len()];
    let mut worker = Worker::new(&model.plan, Level::best());
    for first in (0..paths).step_by(LANES) {
        worker.block(first as u64, |w, t| {
            let mut lane = vec![0.0; w.board.len()];
            for i in 0..LANES {
                for (x, col) in lane.iter_mut().zip(&w.board) {
                    *x = col.0[i];
                }
                for (sum, ask) in out.iter_mut().zip(asks) {
                    sum[first + i] += ask(&lane, t);
                }
            }
        });
    }
    out
}

const MONTHS: usize = 48;
const PATHS: usize = 2048;

fn idle(board: &[f64], _: usize) -> f64 {
    board[column!(ops.idle_cost)]
}
fn ruined(board: &[f64], t: usize) -> f64 {
    f64::from(u8::from(t == MONTHS && board[column!(accounts.cash_out)] > 0.0))
}

#[test]
fn every_part_in_both_engines() {
    // Whatever the columns of a block have, one path alone has too, and keeps every identity.
    let price = ", volatility: 30%/yr}\n  resale";
    let scarce = ", volatility: 30%/yr, premium: 0.5 to 2, squeeze: 0.2 to 0.8, follows_lab: 80%, lead: 9 mo, available: 0.1 GW to 0.4 GW, available_growth: 25%/yr, available_elasticity: 1.5}\n  resale";
    let contract = ("          take_or_pay: 70%\n", "          take_or_pay: 70%\n          resale: false\n");
    let resale = (
        "resale: {share: 30% to 50%, from: in_distress, in_winter: 5%, in_winter_for: 4 mo}",
        "resale: {share: 30% to 50%, follows_spot: true, after: 3 mo, in_winter: 5%, in_winter_for: 4 mo}",
    );
    let order = ("orders: {lead: 9 mo,", "orders: {policy: newsvendor, research_worth: 1.1 to 1.5, lead: 9 mo,");
    for patches in [vec![(price, scarce), contract, resale], vec![(price, scarce), contract, resale, order]] {
        let model = patched(CAPACITY, &patches);
        let known = boards(&model);
        for lane in 0..LANES {
            let mut path = Path::new(&model.plan, lane as u64);
            for (t, board) in known.iter().enumerate() {
                path.month(t + 1).unwrap_or_else(|broken| panic!("{broken}"));
                for (k, (x, col)) in path.board().iter().zip(board).enumerate() {
                    assert_eq!(x.to_bits(), col[lane], "lane {lane}, month {}, column {k}: {x}", t + 1);
                }
            }
        }
    }
}

#[test]
fn what_the_scenario_may_not_say() {
    let errors = |sets: &[&str]| -> Vec<&'static str> {
        let sets = sets.iter().map(|&s| s.to_owned()).collect();
        match Model::parse("test.yaml", LAB, &Settings { sets, ..Settings::default() }) {
            Ok(_) => Vec::new(),
            Err(invalid) => invalid.issues.iter().map(|issue| issue.code).collect(),
        }
    };
    assert!(errors(&[]).is_empty());
    let bare = "lab.compute={inference: {gross_margin: {now: 55%, later: 65%, over: 36 mo}}, capacity: none}";
    assert!(errors(&[bare]).contains(&"capacity-none"));
    let open = "world.compute_price={contract: 10B USD/GW-yr, premium: 1, available_growth: 25%/yr}";
    assert!(errors(&[open]).contains(&"unused"));
    assert!(errors(&["lab.compute.contracts={late: {power: 1 GW, start: 2026-07, term: 12 mo}}"]).contains(&"missing"));
    assert!(errors(&["world.compute_price.lead=0 mo"]).contains(&"range"));
    assert!(errors(&["world.compute_price.premium=-1"]).contains(&"range"));
}

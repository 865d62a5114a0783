//! The whole lab without randomness (A.1 of docs/model.md): each case of `tests/vectors/worked_case.json`, written as a scenario
//! in `tests/worked/`, line by line and month by month at 1e-9, in the plain engine and on the board of the other.

use std::path::Path as File;

use crate::common::vectors::{cases, near, num, pick, read, run_of, state};
use gapcast::engine::books::Lines;
use gapcast::engine::columns::Field;
use gapcast::engine::component::Lane;
use gapcast::engine::component::OPENING_SHARES;
use gapcast::engine::level::Level;
use gapcast::engine::month::Worker;
use gapcast::engine::reference::Path;
use gapcast::instruments::revolver::RevolverState;
use gapcast::instruments::term_loan::TermLoanState;
use gapcast::model::{Model, Settings};
use serde_json::Value;

fn load(id: &str) -> Model {
    let file = format!("{}/tests/worked/{id}.yaml", env!("CARGO_MANIFEST_DIR"));
    Model::load(File::new(&file), &Settings::default())
        .unwrap_or_else(|r| panic!("{}", gapcast::cli::diagnostics::render(&r.issues, &r.sources, false)))
}

/// The lines that are on the board: name in the vectors, and the value in their unit (B USD, GW).
fn board_lines(lane: &Lane, shares0: f64) -> Vec<(&'static str, f64)> {
    let (ops, lab, a, lines): (_, _, _, &Lines) = (&lane.ops, &lane.lab, &lane.accounts, &lane.lines);
    let usd = |x: gapcast::units::Usd| x.0 / 1e9;
    vec![
        ("demand", usd(ops.demand)),
        ("served", ops.served),
        ("revenue", usd(lab.revenue)),
        ("gw", ops.place_gw),
        ("used_gw", ops.used_gw),
        ("invoices", usd(lines.compute_expense)),
        ("own_opex", usd(lines.running_expense)),
        ("staff", usd(ops.staff)),
        ("other", usd(ops.other)),
        ("revshare", usd(ops.partner)),
        ("sbc", usd(ops.sbc)),
        ("depreciation", usd(lines.depreciation)),
        ("interest_income", usd(lines.interest_income)),
        ("tax", usd(ops.tax)),
        ("net_income", usd(a.net_income)),
        ("capex", usd(lines.capex_accrued)),
        ("equity_net", usd(lines.equity_in)),
        ("cash", usd(lab.cash)),
        ("receivables", usd(a.receivables)),
        ("ppe", usd(lines.ppe)),
        ("paid_in", usd(a.paid_in)),
        ("retained", usd(a.retained)),
        ("nol", usd(a.nol)),
        ("shares", lab.shares / OPENING_SHARES * shares0),
        ("gap", usd(ops.gap)),
    ]
}

/// Lines that are in the instruments.
const ROOM_LINES: [&str; 9] = [
    "t",
    "interest_loan",
    "interest_revolver",
    "undrawn_fee",
    "loan_draw",
    "loan_principal",
    "revolver_draw",
    "revolver_repay",
    "loan",
];

fn compare(what: &str, found: &[(&'static str, f64)], month: &Value) {
    for (name, x) in found {
        near(&format!("{what}: {name}"), *x, num(&month[*name]), 1e-9, 1e-9);
    }
}

#[test]
fn line_by_line_in_the_plain_engine() {
    let file = read("worked_case");
    let mut months = 0;
    for (id, input, expected) in cases(&file) {
        let model = load(id);
        let (plan, list) = (&model.plan, expected["months"].as_array().unwrap());
        assert_eq!(plan.months, list.len(), "{id}");
        let mut path = Path::new(plan, 0);
        let mut drawn = 0.0;
        for (k, month) in list.iter().enumerate() {
            path.month(k + 1).unwrap();
            let what = format!("{id} month {}", k + 1);
            let found = board_lines(&path.lane, num(&input["shares0"]));
            compare(&what, &found, month);
            // Every line of the vector is compared: these, the instruments' below, and `revolver`.
            for name in month.as_object().unwrap().keys() {
                let known =
                    found.iter().any(|f| f.0 == name) || ROOM_LINES.contains(&name.as_str()) || name == "revolver";
                assert!(known, "{what}: {name} is not compared");
            }
            let loan: TermLoanState = state(&path, plan, "loan");
            let line: RevolverState = state(&path, plan, "revolver");
            // The instrument has one amount for interest and fee; the previous balance gives its components.
            let interest = drawn * num(&input["r_rev"]);
            let instruments = [
                ("interest_loan", loan.interest.0),
                ("loan_draw", loan.draw.0),
                ("loan_principal", loan.principal.0),
                ("loan", loan.balance.0),
                ("interest_revolver", interest),
                ("undrawn_fee", line.interest.0 - interest),
                ("revolver_draw", line.draw.0),
                ("revolver_repay", line.repaid.0),
                ("revolver", line.balance.0),
            ]
            .map(|(n, x)| (n, x / 1e9));
            compare(&what, &instruments, month);
            drawn = line.balance.0;
            months += 1;
        }
    }
    assert_eq!(months, 24 + 36 + 48);
}

#[test]
fn the_same_on_the_board_of_the_block_engine() {
    let file = read("worked_case");
    for (id, input, expected) in cases(&file) {
        let model = load(id);
        for level in Level::ALL.into_iter().filter(|l| l.available()) {
            let mut worker = Worker::new(&model.plan, level);
            worker.block(0, |w, t| {
                for lane in [0, 255] {
                    let found = board_lines(&Lane::load(&w.board, lane), num(&input["shares0"]));
                    compare(
                        &format!("{id} month {t} lane {lane} {}", level.name()),
                        &found,
                        &expected["months"][t - 1],
                    );
                }
            });
        }
    }
}

#[test]
fn the_summary() {
    let file = read("worked_case");
    for (id, _, expected) in cases(&file) {
        let model = load(id);
        let plan = &model.plan;
        let (_, rows) = run_of(plan, 1, 1, Level::best());
        let end = |name: &str| pick(plan, &rows, name)[0];
        let (want, same) = (&expected["summary"], |what: &str, x: f64, v: &Value| {
            near(&format!("{id} {what}"), x, num(v), 1e-9, 1e-9);
        });
        same("peak gap", end("peak_cumulative_gap") / 1e9, &want["peak_cumulative_gap"]);
        same("gap", end("cumulative_gap") / 1e9, &want["cumulative_gap"]);
        same("run-rate", end("run_rate") / 1e9, &want["final_run_rate"]);
        same("dilution", 1.0 - end("stake.holders"), &want["existing_holder_dilution"]);
        same("suppliers", end("hhi.compute"), &want["supplier_hhi"]);
        // The vectors' minimum is over closing cash; the metric counts the opening balance too.
        let opening = num(&cases(&file).find(|c| c.0 == id).unwrap().1["cash0"]);
        let lowest = num(&want["minimum_cash"]).min(opening);
        near(&format!("{id} minimum cash"), end("minimum_cash") / 1e9, lowest, 1e-9, 1e-9);
        match want["first_month_cash_negative"].as_f64() {
            Some(t) => {
                assert_eq!(end("cash_out_month"), t, "{id}");
                assert_eq!(end("cash_out"), 1.0);
                // Negative cash is carried: the lab goes on.
                assert_eq!(end("default"), 0.0);
            }
            None => assert!(end("cash_out_month").is_nan() && end("cash_out") == 0.0, "{id}"),
        }
    }
}

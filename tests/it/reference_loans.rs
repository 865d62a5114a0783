//! Loan schedules against exact rational arithmetic (`tests/vectors/loan_schedules.csv`): every case through the
//! `term_loan` instrument, month by month, in the plain engine and in the columns of the block engine.

use crate::common::model;
use crate::common::vectors::{FLAT, bare_lab, ends, near, state};
use gapcast::engine::columns::LANES;
use gapcast::engine::level::Level;
use gapcast::engine::month::Worker;
use gapcast::engine::reference::Path;
use gapcast::instruments::term_loan::TermLoanState;
use gapcast::stats::irr::irr;

/// What each case of the file's header is in YAML; the number of its months; its nominal rate.
const CASES: [(&str, &str, usize, f64); 5] = [
    ("level-60m", "amount: 1000000 USD, term: 60 mo, rate: 7.5%/yr", 60, 0.075),
    ("io12-level-60m", "amount: 2500000 USD, term: 60 mo, rate: 11%/yr, interest_only: 12 mo", 60, 0.11),
    ("balloon-48m", "amount: 800000 USD, term: 48 mo, rate: 9%/yr, balloon: 200000 USD", 48, 0.09),
    ("straight-36m", "amount: 360000 USD, term: 36 mo, rate: 12%/yr, profile: straight", 36, 0.12),
    ("pik24-bullet-60m", "amount: 500000 USD, term: 60 mo, rate: 12%/yr, profile: bullet, in_kind: 24 mo", 60, 0.12),
];

/// Opening balance, interest, principal (negative when interest is added to it), payment, closing balance.
type Row = [f64; 5];

fn schedule(case: &str) -> Vec<Row> {
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/loan_schedules.csv")).unwrap();
    let rows = text.lines().filter(|l| !l.starts_with('#')).filter_map(|l| {
        let cells: Vec<&str> = l.split(',').collect();
        (cells[0] == case).then(|| std::array::from_fn(|k| cells[k + 2].parse().unwrap()))
    });
    rows.collect()
}

fn scenario(terms: &str, months: usize, secured: bool) -> String {
    let rest = format!("instruments:\n  - term_loan: {{name: loan, date: 2026-01, {terms}, secured: {secured}}}\n");
    bare_lab(u32::try_from(months).unwrap() + 1, FLAT, &rest)
}

/// The file says 1e-9 relative; a cent on the last balance, which is zero.
fn same(what: &str, found: f64, expected: f64) {
    near(what, found, expected, 1e-9, 1e-4);
}

#[test]
fn every_schedule_in_the_plain_engine() {
    let mut rows = 0;
    for (case, terms, months, _) in CASES {
        for secured in [false, true] {
            let model = model(&scenario(terms, months, secured));
            let table = schedule(case);
            assert_eq!(table.len(), months);
            let mut path = Path::new(&model.plan, 0);
            path.month(1).unwrap();
            let mut cash = path.lane.lab.cash.0;
            for (k, [opening, interest, principal, payment, closing]) in table.into_iter().enumerate() {
                let what = format!("{case} month {}", k + 1);
                let before: TermLoanState = state(&path, &model.plan, "loan");
                same(&what, before.balance.0, opening);
                path.month(k + 2).unwrap();
                let own: TermLoanState = state(&path, &model.plan, "loan");
                same(&what, own.accrued.0, interest);
                same(&what, own.principal.0 - own.in_kind.0, principal);
                same(&what, own.interest.0 + own.principal.0, payment);
                same(&what, own.balance.0, closing);
                assert_eq!(own.arrears.0, 0.0);
                // The lab has paid it: a billion of revenue comes in each month besides, and interest is an expense.
                let lines = &path.lane.lines;
                let paid = lines.interest + lines.principal + lines.secured_interest + lines.secured_principal;
                same(&what, paid.0, payment);
                same(&what, lines.interest_expense.0, interest);
                let now = path.lane.lab.cash.0;
                near(&what, now - cash, 1e9 - payment, 0.0, 1e-3);
                assert_eq!(lines.secured_interest.0 + lines.secured_principal.0 > 0.0, secured && payment > 0.0);
                near(&what, path.lane.lines.debt.0, own.balance.0, 0.0, 0.0);
                cash = now;
                rows += 1;
            }
        }
    }
    assert_eq!(rows, 2 * 264);
}

#[test]
fn every_schedule_in_the_block_engine() {
    for (case, terms, months, _) in CASES {
        let model = model(&scenario(terms, months, false));
        let spec = model.plan.instruments[0].spec.as_ref();
        let [interest, in_kind, principal, balance] =
            ["accrued", "in_kind", "principal", "balance"].map(|f| spec.column(f).unwrap());
        let table = schedule(case);
        for level in Level::ALL.into_iter().filter(|l| l.available()) {
            let mut worker = Worker::new(&model.plan, level);
            worker.block(0, |w, t| {
                if t >= 2 {
                    let own = w.instruments[0].own();
                    let what = format!("{case} month {} {}", t - 1, level.name());
                    for lane in [0, 100, LANES - 1] {
                        let at = |k: usize| own[k].0[lane];
                        same(&what, at(interest), table[t - 2][1]);
                        same(&what, at(principal) - at(in_kind), table[t - 2][2]);
                        same(&what, at(balance), table[t - 2][4]);
                    }
                }
            });
        }
    }
}

/// A.4 of docs/model.md: what the lender earns is the effective rate, in the plain engine and in the recorded metric.
#[test]
fn the_lender_earns_the_effective_rate() {
    for (case, terms, months, nominal) in CASES {
        let model = model(&scenario(terms, months, false));
        let effective = (1.0 + nominal / 12.0_f64).powi(12) - 1.0;
        let mut path = Path::new(&model.plan, 0);
        for t in 1..=months + 1 {
            path.month(t).unwrap();
        }
        let found = irr(&path.flows[0].iter().map(|accounts| accounts.iter().sum()).collect::<Vec<f64>>());
        assert_eq!(found.roots().len(), 1, "{case}");
        near(case, (1.0 + found.roots()[0]).powi(12) - 1.0, effective, 1e-9, 0.0);
        for x in ends(&model, 3, "loan.irr") {
            near(case, x, effective, 1e-9, 0.0);
        }
        // Cut short, the balance counts as what the position is worth: the rate is the same.
        let cut = crate::common::model(&scenario(terms, months / 2, false));
        near(case, ends(&cut, 1, "loan.irr")[0], effective, 1e-9, 0.0);
    }
}

/// A loan that was drawn before the first month goes on where its schedule stood, and brings no cash.
#[test]
fn a_loan_from_before_the_start_goes_on() {
    for (case, terms, months, _) in CASES.into_iter().filter(|c| !c.1.contains("in_kind")) {
        let table = schedule(case);
        for gone in [1, 7, 20] {
            let owed = table[gone - 1][4];
            let (amount, rest) = terms.split_once(", ").unwrap();
            let amount = amount.split(' ').nth(1).unwrap();
            let text = scenario(&format!("amount: {owed} USD, {rest}"), months - gone, false);
            // Month 0 is December 2025; instalment `gone + 1` falls into the first month.
            let date = gapcast::units::Month::new(2025, 12).plus(-(gone as i32)).to_string();
            let text = text.replace("date: 2026-01", &format!("date: {date}"));
            let model = model(&text);
            let mut path = Path::new(&model.plan, 0);
            for (k, row) in table[gone..].iter().enumerate() {
                path.month(k + 1).unwrap();
                let own: TermLoanState = state(&path, &model.plan, "loan");
                let what = format!("{case} of {amount}, {gone} months in, month {}", k + 1);
                same(&what, own.interest.0, row[1]);
                same(&what, own.principal.0, row[2]);
                same(&what, own.balance.0, row[4]);
                assert_eq!(path.lane.lines.debt_in.0, 0.0);
            }
        }
    }
}

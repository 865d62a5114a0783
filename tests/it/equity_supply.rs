//! Supply of equity to one lab: what rounds take and at which price, in what order, what fails; and the two further terms of
//! a programme, launch by firm obligations and a least size.
//!
//! Numbers hold within 1e-9 unless stated otherwise, in months of the reference engine, which checks every identity; the
//! block engine is compared with it bit for bit on the closed scenario, which has all of this (`engines`). Signs are those of
//! paired differences on the same worlds: at 4,096 paths each must exceed two paired standard errors, which chance alone
//! would do on one run in 44; seed and paths are fixed, so the result is always the same.

use crate::common::vectors::{above, board, many, near, pick, run_of, state};
use crate::common::{CLOSED, after, first_error, model_with};
use gapcast::column;
use gapcast::engine::books::event;
use gapcast::engine::level::Level;
use gapcast::engine::reference::Path;
use gapcast::instruments::equity_round::EquityRoundState;
use gapcast::model::Model;

/// The still lab with 150B USD of cash, which is worth 240B USD throughout; `rounds` are its instruments.
fn still(equity: &str, rounds: &str) -> String {
    crate::common::still(30, "150B USD", equity, rounds)
}

/// A block with this supply, beside other keys.
fn supply(terms: &str) -> String {
    format!("  capital: {{equity: {{supply: {terms}}}}}\n")
}

/// A dated round of so many billions.
fn dated(name: &str, date: &str, size: u32, more: &str) -> String {
    format!("  - equity_round: {{name: {name}, date: {date}, size: {size}B USD{more}}}\n")
}

fn round(path: &Path<'_>, model: &Model, name: &str) -> EquityRoundState {
    state(path, &model.plan, name)
}

/// Rounds of 60 and 90 where 100 of 150 a year is left: the first takes what it asks for, the second the rest, and each is
/// priced at the flow that it leaves.
#[test]
fn rounds_take_what_is_left_in_the_order_of_the_list() {
    // (raised before the start, month of the rounds, flow of the opening over that without it).
    for (before, date, month, par) in [("0 USD", "2026-05", 5, 1.0), ("75B USD", "2027-01", 13, 1.5)] {
        let earlier = if month == 5 { "2026-02" } else { "2026-04" };
        let rounds = dated("earlier", earlier, 50, ", committed: true")
            + &dated("first", date, 60, "")
            + &dated("second", date, 90, "");
        let terms = format!("150B USD/yr, impact: 0.2, raised_before: {before}");
        let model = model_with(&still(&supply(&terms), &rounds), &[]);
        let path = after(&model, month);
        let [first, second] = ["first", "second"].map(|name| round(&path, &model, name));
        near("the first raises", first.raised.0, 60e9, 1e-12, 0.0);
        near("the second raises", second.raised.0, 40e9, 1e-12, 0.0);
        let factor = |flow: f64| (flow / par).powf(-0.2);
        near("price of the first", first.pre_money.0, 240e9 * factor(1.0 + 110.0 / 150.0), 1e-9, 0.0);
        // The proceeds of the first are part of the company.
        near("price of the second", second.pre_money.0, 240e9 * factor(2.0) + 60e9, 1e-9, 0.0);
        let stated = if par == 1.0 { 0.870_550_563_3 } else { 0.944_087_511_3 };
        near("factor", factor(2.0), stated, 1e-9, 0.0);
        near("factor of the month", path.lane.market.price_factor, stated, 1e-9, 0.0);
        near("asked", path.lane.lines.equity_asked.0, 150e9, 1e-12, 0.0);
        near("filled", path.lane.lines.equity_filled.0, 100e9, 1e-12, 0.0);
        // In the other order the other is cut.
        let rounds = dated("earlier", earlier, 50, ", committed: true")
            + &dated("second", date, 90, "")
            + &dated("first", date, 60, "");
        let model = self::model_with(&still(&supply(&terms), &rounds), &[]);
        let path = after(&model, month);
        near("the second raises", round(&path, &model, "second").raised.0, 90e9, 1e-12, 0.0);
        near("the first raises", round(&path, &model, "first").raised.0, 10e9, 1e-12, 0.0);
    }
}

/// What was raised before the start counts evenly over eleven months and rolls off; supply grows; winter takes a share of it
/// and moves no price.
#[test]
fn supply_of_a_month() {
    let terms = "150B USD/yr, supply_growth: 10%/yr, in_winter: 60%, impact: 0.2, raised_before: 110B USD";
    let rounds = dated("first", "2026-04", 20, ", committed: true");
    let boom = model_with(&still(&supply(terms), &rounds), &[]);
    let winter = "  regime: {start: winter, winter: {enters: 0%/mo, leaves: 0%/mo, multiple: 1x}}\n";
    let winter = model_with(&still(&(winter.to_owned() + &supply(terms)), &rounds), &[]);
    let columns = [column!(market.equity_left), column!(market.price_factor)];
    let (boom, winter) = (board(&boom.plan, 1, &columns), board(&winter.plan, 1, &columns));
    for t in 1..=30_u32 {
        let a_year = 150e9 * 1.1_f64.powf(f64::from(t) / 12.0);
        let round = if (5..=15).contains(&t) { 20e9 } else { 0.0 };
        let raised = 10e9 * f64::from(11_u32.saturating_sub(t - 1)) + round;
        let at = |columns: &[Vec<Vec<f64>>], k: usize| columns[k][t as usize - 1][0];
        near("left", at(&boom, 0), (a_year - raised).max(0.0), 1e-9, 0.0);
        near("left in winter", at(&winter, 0), (0.6 * a_year - raised).max(0.0), 1e-9, 0.0);
        let month = if t == 4 { 20e9 } else { 0.0 };
        let flow = (1.0 + (raised + month) / a_year) / (1.0 + 110.0 / 150.0);
        near("factor", at(&boom, 1), flow.powf(-0.2).min(1.0), 1e-9, 0.0);
        assert_eq!(at(&boom, 1), at(&winter, 1), "winter moves no price of its own");
    }
}

/// Committed money, tranches and fixed prices: counted, never cut, and the price that was agreed stays.
#[test]
fn what_is_agreed_is_not_cut_but_counts() {
    let rounds = dated("signed", "2026-03", 100, ", committed: true, pre_money: 200B USD")
        + &dated("more", "2026-03", 80, "")
        + &dated("later", "2026-04", 80, "");
    let model = model_with(&still(&supply("120B USD/yr, impact: 0.5"), &rounds), &[]);
    let path = after(&model, 3);
    near("in full", round(&path, &model, "signed").raised.0, 100e9, 1e-12, 0.0);
    near("as agreed", round(&path, &model, "signed").pre_money.0, 200e9, 1e-12, 0.0);
    near("the rest", round(&path, &model, "more").raised.0, 20e9, 1e-12, 0.0);
    near("asked", path.lane.lines.equity_asked.0, 80e9, 1e-12, 0.0);
    let path = after(&model, 4);
    let later = round(&path, &model, "later");
    assert_eq!((later.raised.0, later.rounds, later.failed), (0.0, 0.0, 1.0));
}

/// `max_dilution` binds on the value after the factor; a launched round that the supply cuts closes with what there is, however
/// little, since only the book can fail it.
#[test]
fn limits_of_a_launched_round() {
    let programme = |more: &str| {
        format!(
            "  - equity_round: {{name: rounds, when: {{runway_below: 0 mo, cash_below: 1000 mo}}, covers_at_least: 1000 mo, process: 2 mo, retry: 6 mo{more}}}\n"
        )
    };
    let one =
        model_with(&still(&supply("1000B USD/yr, impact: 0.5"), &programme(", max_dilution: 20%, fill_min: 10%")), &[]);
    let path = after(&one, 3);
    // The ask is a quarter of 240B USD, on the value before the factor.
    near("asked", path.lane.lines.equity_asked.0, 60e9, 1e-12, 0.0);
    let factor = 1.06_f64.powf(-0.5);
    near("raised", round(&path, &one, "rounds").raised.0, 60e9 * factor, 1e-9, 0.0);
    near("at", round(&path, &one, "rounds").pre_money.0, 240e9 * factor, 1e-9, 0.0);
    let two = model_with(&still(&supply("1B USD/yr"), &programme(", fill_min: 90%")), &[]);
    let path = after(&two, 3);
    near("what there is", round(&path, &two, "rounds").raised.0, 1e9, 1e-12, 0.0);
    // The next, launched in month 3, finds nothing, and waits: its next try is of month 5 + 6 + 2.
    let mut path = after(&two, 4);
    for t in 5..=13 {
        path.month(t).expect("identities hold");
        let failed = path.events[0] & event::ROUND_FAILED != 0;
        assert_eq!(failed, t == 5 || t == 13, "month {t}");
    }
}

/// Without supply no round closes but a committed one, and the trace says why.
#[test]
fn no_supply_no_round() {
    let text = CLOSED.replace(
        "  - revolver:",
        "  - equity_round: {name: signed, date: 2026-09, size: 2B USD, committed: true}\n  - equity_round: {name: planned, date: 2027-03, size: 2B USD}\n  - revolver:",
    );
    let none = model_with(&text, &["world.capital.equity.supply=0 USD/yr"]);
    let all = run_of(&none.plan, 1024, 0, Level::best()).1;
    let of = |name: &str| pick(&none.plan, &all, name);
    assert!(of("rounds.rounds").iter().chain(&of("planned.rounds")).all(|&n| n == 0.0), "nothing closes");
    assert!(of("signed.rounds").iter().all(|&n| n == 1.0), "but what was committed");
    assert!(of("rounds.failed").iter().sum::<f64>() > 500.0, "they are launched and fail");
    let marks: Vec<_> = (0..40)
        .flat_map(|path| gapcast::output::trace::trace(&none, path).expect("a path").bounds)
        .filter(|mark| mark.entity == "rounds")
        .collect();
    let why = |line: &str| marks.iter().filter(|mark| mark.line == line).count();
    assert!(why("no_supply") > 0 && why("book_short") == 0, "{} {}", why("no_supply"), why("book_short"));
}

/// More supply than anybody asks for, and a price that does not move: every number as without the block, within 1e-12.
#[test]
fn endless_supply_is_no_block() {
    let block = "    equity: {supply: 15B USD/yr to 60B USD/yr, supply_growth: 10%/yr, in_winter: 60%, impact: 0.2, raised_before: 10B USD}\n";
    assert!(CLOSED.contains(block));
    let without = model_with(&CLOSED.replace(block, ""), &[]);
    let endless = "    equity: {supply: 1000000B USD/yr, impact: 0}\n";
    let with = model_with(&CLOSED.replace(block, endless), &[]);
    let (a, b) = (run_of(&without.plan, 512, 0, Level::best()), run_of(&with.plan, 512, 0, Level::best()));
    for metric in &without.plan.metrics.at_end {
        let (a, b) = (pick(&without.plan, &a.1, &metric.name), pick(&with.plan, &b.1, &metric.name));
        for (a, b) in a.iter().zip(&b) {
            assert!((a - b).abs() <= 1e-12 * a.abs() || (a.is_nan() && b.is_nan()), "{}: {a} {b}", metric.name);
        }
    }
}

/// A lab that owes 1.6B USD a month, has 1B USD a month from customers, and needs none of what it owes beyond half a gigawatt.
fn promised(when: &str, more: &str) -> String {
    let rounds =
        format!("  - equity_round: {{name: rounds, when: {{runway_below: 0 mo{when}}}, process: 1 mo{more}}}\n");
    still("  compute_price: {contract: 10B USD/GW-yr}\n  capital: {price: {floor: 15%, discount: 10%/yr, sd: 35%/yr, weight: 0%}}\n", &rounds)
        .replace("    capacity: none\n", "    contracts: [{firm: {power: 2 GW, price: 12B USD/GW-yr, start: 2026-01, term: 60 mo, take_or_pay: 80%, ramp: 1 mo}}]\n")
        .replace("  policy:", "  people: {cost: 1.2B USD/yr}\n  policy:")
}

/// A round is launched where cash covers fewer months of what firm obligations exceed operations by.
#[test]
fn firm_obligations_launch_a_round() {
    // Without a trigger, for cash at the end of the second month; 1.6B owed, 1B collected, 0.1B of staff.
    let never = model_with(&promised(", firm_cover_below: 0 mo", ""), &[]);
    let mut path = after(&never, 1);
    assert_eq!(path.lane.lab.uncovered.0, 0.0, "nothing is stated yet");
    path.month(2).expect("identities hold");
    near("uncovered", path.lane.lab.uncovered.0, 0.7e9, 1e-9, 0.0);
    let cover = path.lane.lab.cash.0 / 0.7e9;
    for (months, launched) in [(0.999 * cover, 0.0), (1.001 * cover, 1.0)] {
        let model = model_with(&promised(&format!(", firm_cover_below: {months} mo"), ""), &[]);
        let path = after(&model, 2);
        assert_eq!(round(&path, &model, "rounds").closes_in, launched, "{months}");
    }
}

/// A launched round asks for at least its minimum share of the company.
#[test]
fn a_round_sells_at_least_its_minimum() {
    let trigger = ", cash_below: 1000 mo";
    let size = |more: &str| {
        let model = model_with(&promised(trigger, &format!(", covers: 0 mo, covers_at_least: 1 mo{more}")), &[]);
        let path = after(&model, 2);
        round(&path, &model, "rounds").raised.0
    };
    let plain = size("");
    assert!(plain > 0.0 && plain < 5e9, "{plain}");
    near("4% after the round", size(", min_dilution: 4%"), 240e9 * 0.04 / 0.96, 1e-9, 0.0);
    near("no less than it needs", size(", min_dilution: 0.1%"), plain, 1e-12, 0.0);
    near("at most its limit", size(", min_dilution: 4%, max_size: 6B USD"), 6e9, 1e-12, 0.0);
}

#[test]
fn errors() {
    let (code, title) = first_error(
        &promised(", firm_cover_below: 6 mo", "")
            .replace("  capital: {price: {floor: 15%, discount: 10%/yr, sd: 35%/yr, weight: 0%}}\n", ""),
        &[],
    );
    assert!(code == "missing" && title.contains("firm_cover_below"), "{code} {title}");
    let (code, title) = first_error(&promised("", ", min_dilution: 30%"), &[]);
    assert!(code == "range" && title.contains("least share sold, 30.0%"), "{code} {title}");
    let dated = dated("one", "2026-05", 1, ", min_dilution: 4%");
    assert_eq!(first_error(&still("", &dated), &[]).0, "unused");
    assert_eq!(first_error(&still(&supply("100B USD/yr, impact: -0.2"), "  []\n"), &[]).0, "range");
    assert_eq!(first_error(&still("  capital: {equity: {impact: 0.2}}\n", "  []\n"), &[]).0, "missing");
}

#[test]
fn signs() {
    let closed = |sets: &[&str], metrics: &[&str]| many(&model_with(CLOSED, sets), metrics);
    let metrics = ["cash_out", "equity_raised", "rounds.failed", "stake.founders"];
    let base = closed(&[], &metrics);
    let scarce = closed(&["world.capital.equity.supply=8B USD/yr"], &metrics);
    above("scarce equity: more labs run out of cash", &scarce[0], &base[0]);
    above("less is raised", &base[1], &scarce[1]);
    above("more rounds fail", &scarce[2], &base[2]);
    let free = closed(&["world.capital.equity.impact=0"], &metrics);
    let steep = closed(&["world.capital.equity.impact=1"], &metrics);
    above("a price that falls with the flow dilutes", &free[3], &steep[3]);
    // Winter through supply alone.
    let open = "world.regime.winter.window_open=90%";
    let all = closed(&[open, "world.capital.equity.in_winter=100%"], &metrics);
    let none = closed(&[open, "world.capital.equity.in_winter=0%"], &metrics);
    above("no equity in winter: more labs run out of cash", &none[0], &all[0]);
}

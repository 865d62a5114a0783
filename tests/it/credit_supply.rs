//! Supply of credit to one lab and its vehicles: what draws take and at which spread, in what order, what is refused, and who
//! pays for it instead.
//!
//! Numbers hold within 1e-9 unless stated otherwise, in months of the reference engine, which checks every identity; the
//! block engine is compared with it bit for bit with every kind of debt (`engines`). Signs are those of paired differences
//! on the same worlds: at 4,096 paths each must exceed two paired standard errors, which chance alone would do on one run in
//! 44; seed and paths are fixed, so the result is always the same.

use crate::common::vectors::{above, board, many, near, pick, run_of, state};
use crate::common::{CLOSED, SMALL, after, first_error, model_with};
use gapcast::column;
use gapcast::engine::books::event;
use gapcast::engine::level::Level;
use gapcast::engine::reference::Path;
use gapcast::instruments::abs::AbsState;
use gapcast::instruments::campus::CampusState;
use gapcast::instruments::convertible::ConvertibleState;
use gapcast::instruments::ddtl::DdtlState;
use gapcast::instruments::spv::SpvState;
use gapcast::instruments::term_loan::TermLoanState;
use gapcast::model::Model;

/// The still lab with 500B USD of cash, whose SOFR is 4% throughout, with this supply of credit and these instruments.
fn still(credit: &str, instruments: &str) -> String {
    let rates =
        "  sofr: {start: 4%/yr, long_run: 4%/yr, volatility: 0%/yr}\n  compute_price: {contract: 10B USD/GW-yr}\n";
    crate::common::still(40, "500B USD", &(rates.to_owned() + credit), instruments)
}

fn supply(terms: &str) -> String {
    format!("  capital: {{credit: {{supply: {terms}}}}}\n")
}

/// A bullet loan of so many billions.
fn loan(name: &str, date: &str, amount: u32, rate: &str) -> String {
    format!(
        "  - term_loan: {{name: {name}, amount: {amount}B USD, date: {date}, term: 60 mo, rate: {rate}, profile: bullet}}\n"
    )
}

const DDTL: &str = "  - ddtl:
      name: racks
      commitment: 32B USD
      advance: 80%
      capex: 40B USD
      power: 2 GW
      deliveries: {start: 2026-03, over: 4 mo}
      margin: {investment: 300 bp}
      repayment: {tail: 2 mo, schedule_rate: 7%/yr}
      offtaker: {name: platform, grade: investment, price: 12B USD/GW-yr, term: 72 mo}
      opex: 1B USD/GW-yr
";

const SPV: &str = "  - spv:
      name: chips
      capex: 40B USD
      power: 2 GW
      deliveries: {start: 2026-03, over: 3 mo}
      lease: {term: 24 mo}
      tranches: [{a: {amount: 24B USD, rate: 7%/yr}}, {b: {amount: 6B USD, rate: 10%/yr}}]
";

const CAMPUS: &str = "  - campus:
      name: hall
      power: 1 GW
      construction: {start: 2026-03, months: 3 mo, cost: 10B USD, spend: even}
      funding: {gearing: 75%, sponsor: lab}
      debt: {rate: 6%/yr, term: 120 mo}
      equity: {lab: 100%}
      lease: {rent: 2B USD/yr, term: 120 mo}
";

const ABS: &str = "  - abs:
      name: notes
      pool: {value: 10B USD, book: 8B USD, power: 1 GW, life: 240 mo}
      tenants: {price: 1.2B USD/GW-yr, term: 200 mo}
      closing: 2026-02
      tranches: [{a: {advance: 50%, rate: 6%/yr}}, {b: {advance: 20%, rate: 12%/yr}}]
";

fn term_loan(path: &Path<'_>, model: &Model, name: &str) -> TermLoanState {
    state(path, &model.plan, name)
}

/// Two loans of 80 where there is credit for one and a half: the second gets half, and nobody anything until the eleven months
/// after are over.
#[test]
fn loans_take_what_is_left_in_the_order_of_the_list() {
    for names in [["first", "second"], ["second", "first"]] {
        let loans = loan(names[0], "2026-05", 80, "8%/yr")
            + &loan(names[1], "2026-05", 80, "8%/yr")
            + &loan("early", "2027-04", 30, "8%/yr")
            + &loan("late", "2027-05", 30, "8%/yr");
        let model = model_with(&still(&supply("120B USD/yr"), &loans), &[]);
        let path = after(&model, 5);
        let of = |name: &str| term_loan(&path, &model, name);
        near("the first", of(names[0]).draw.0, 80e9, 1e-12, 0.0);
        near("the second", of(names[1]).draw.0, 40e9, 1e-12, 0.0);
        near("refused", of(names[1]).refused.0, 40e9, 1e-12, 0.0);
        near("cash from it", path.lane.lines.debt_in.0, 120e9, 1e-12, 0.0);
        near("asked", path.lane.lines.credit_asked.0, 160e9, 1e-12, 0.0);
        near("drawn", path.lane.lines.credit_drawn.0, 120e9, 1e-12, 0.0);
        near("left before", path.lane.market.credit_left.0, 120e9, 1e-12, 0.0);
        let path = after(&model, 17);
        assert_eq!(term_loan(&path, &model, "early").drawn_total.0, 0.0, "month 16: eleven months after");
        near("month 17", term_loan(&path, &model, "late").drawn_total.0, 30e9, 1e-12, 0.0);
        near("what was lent stays", term_loan(&path, &model, names[1]).balance.0, 40e9, 1e-12, 0.0);
    }
}

/// Supply grows by month, winter takes a share of it, and the spread follows the flow relative to supply without winter.
#[test]
fn supply_and_premium_of_a_month() {
    let terms = "150B USD/yr, supply_growth: 10%/yr, in_winter: 40%, impact: 0.5";
    let loans = loan("first", "2026-04", 20, "8%/yr") + &loan("second", "2026-06", 15, "8%/yr");
    let boom = model_with(&still(&supply(terms), &loans), &[]);
    let winter = "  regime: {start: winter, winter: {enters: 0%/mo, leaves: 0%/mo, multiple: 1x}}\n";
    let winter = model_with(&still(&(winter.to_owned() + &supply(terms)), &loans), &[]);
    let columns = [column!(market.credit_left), column!(market.credit_premium)];
    let (boom, winter) = (board(&boom.plan, 1, &columns), board(&winter.plan, 1, &columns));
    for t in 1..=30_u32 {
        let a_year = 150e9 * 1.1_f64.powf(f64::from(t) / 12.0);
        let within = |month: u32| f64::from(u8::from((month + 1..=month + 11).contains(&t)));
        let drawn = 20e9 * within(4) + 15e9 * within(6);
        let at = |columns: &[Vec<Vec<f64>>], k: usize| columns[k][t as usize - 1][0];
        near("left", at(&boom, 0), a_year - drawn, 1e-9, 0.0);
        near("left in winter", at(&winter, 0), 0.4 * a_year - drawn, 1e-9, 0.0);
        near("premium", at(&boom, 1), (1.0 + drawn / a_year).sqrt() - 1.0, 1e-9, 1e-12);
        assert_eq!(at(&boom, 1), at(&winter, 1), "winter moves no spread of its own");
    }
}

/// The spread over SOFR is what rises: of a floating rate its margin, of a fixed rate its excess, of a coupon below SOFR nothing.
#[test]
fn the_spread_over_sofr_is_multiplied() {
    let loans = loan("first", "2026-03", 60, "sofr + 450 bp")
        + &loan("floating", "2026-06", 30, "sofr + 450 bp")
        + &loan("fixed", "2026-06", 10, "9%/yr")
        + &loan("low", "2026-06", 10, "3%/yr")
        + "  - convertible: {name: note, amount: 5B USD, date: 2026-06, rate: 10%/yr, term: 60 mo}\n";
    let model = model_with(&still(&supply("150B USD/yr, impact: 0.5"), &loans), &[]);
    let path = after(&model, 7);
    // 60 of 150 have been drawn before the month of the draw: √1.4 = 1.183215957 times the spread.
    let factor = 1.4_f64.sqrt();
    let accrued = |name: &str| term_loan(&path, &model, name).accrued.0;
    near("before any flow", accrued("first"), 60e9 * 0.085 / 12.0, 1e-9, 0.0);
    near("floating", accrued("floating"), 30e9 * (0.04 + 0.045 * factor) / 12.0, 1e-9, 0.0);
    near("fixed", accrued("fixed"), 10e9 * (0.04 + 0.05 * factor) / 12.0, 1e-9, 0.0);
    near("below SOFR", accrued("low"), 10e9 * 0.03 / 12.0, 1e-9, 0.0);
    let note: ConvertibleState = state(&path, &model.plan, "note");
    near("note", note.interest.0, 5e9 * (0.04 + 0.06 * factor) / 12.0, 1e-9, 0.0);
    // It stays what it was at the draw, when the flow has long passed.
    let path = after(&model, 30);
    let own = term_loan(&path, &model, "floating");
    near("two years later", own.accrued.0, 30e9 * (0.04 + 0.045 * factor) / 12.0, 1e-9, 0.0);
}

/// A loan that is drawn in several months pays the mean by draws; what is refused the lab pays for.
#[test]
fn a_loan_drawn_in_several_months() {
    // Four draws of 8: 0, 8, 16 and 24 of 64 have been drawn before each, 0.1875 on the mean.
    let all = model_with(&still(&supply("64B USD/yr, impact: 1"), DDTL), &[]);
    let own: DdtlState = state(&after(&all, 6), &all.plan, "racks");
    near("mean by draws", own.added_spread, 0.03 * 0.1875 / 12.0, 1e-9, 0.0);
    let path = after(&all, 8);
    let before: DdtlState = state(&after(&all, 7), &all.plan, "racks");
    let own: DdtlState = state(&path, &all.plan, "racks");
    near("interest", own.accrued.0, before.balance.0 * (0.04 + 0.03 * 1.1875) / 12.0, 1e-9, 0.0);
    // Credit for a delivery and a half.
    let some = model_with(&still(&supply("12B USD/yr"), DDTL), &[]);
    for (t, draw) in [(3, 8e9), (4, 4e9), (5, 0.0), (6, 0.0)] {
        let path = after(&some, t);
        let own: DdtlState = state(&path, &some.plan, "racks");
        near("drawn", own.draw.0, draw, 1e-9, 1e-3);
        near("refused", own.refused.0, 8e9 - draw, 1e-9, 1e-3);
        near("the lab pays the rest", own.contributed.0, 10e9 - draw, 1e-9, 1e-3);
        assert_eq!(path.events[0] & event::DRAW_STOPPED != 0, draw == 0.0, "month {t}");
    }
    // A facility whose deliveries began before the start was signed then: neither cut nor counted.
    let signed = DDTL.replace("2026-03", "2025-12");
    let signed = model_with(&still(&supply("1B USD/yr, impact: 1"), &signed), &[]);
    let path = after(&signed, 3);
    let own: DdtlState = state(&path, &signed.plan, "racks");
    near("all of it", own.drawn_total.0, 32e9, 1e-9, 0.0);
    assert_eq!((own.added_spread, path.lane.lines.credit_asked.0), (0.0, 0.0));
}

/// Loans that finance hardware: the rest of a delivery is paid in cash, and the added interest comes on top of the instalments.
#[test]
fn a_loan_on_hardware() {
    let rack = "  - term_loan: {name: rack, finances: 50%, term: 24 mo, rate: 10%/yr}\n";
    let text = still(&supply("10B USD/yr, impact: 1"), &(loan("first", "2026-02", 4, "8%/yr") + rack)).replace(
        "    capacity: none\n",
        "    owned: [{pod: {power: 0.5 GW, supplier: maker, cost: 16B USD, delivered: 2026-04, life: 48 mo}}]\n",
    );
    let model = model_with(&text, &[]);
    let own = term_loan(&after(&model, 4), &model, "rack");
    near("six are left for eight", own.draw.0, 6e9, 1e-9, 0.0);
    near("premium of 4 in 10", own.added_spread, 0.06 * 0.4 / 12.0, 1e-9, 0.0);
    let own = term_loan(&after(&model, 5), &model, "rack");
    near("interest", own.accrued.0, 6e9 * (0.1 + 0.024) / 12.0, 1e-9, 0.0);
    let r: f64 = 0.1 / 12.0;
    let level = 6e9 * r / (1.0 - (1.0 + r).powi(-24));
    near("principal as at the stated rate", own.principal_due.0, level - 6e9 * r, 1e-9, 0.0);
    let own = term_loan(&after(&model, 28), &model, "rack");
    near("repaid in its term", own.balance.0, 0.0, 0.0, 1.0);
}

/// A chip vehicle: refused debt is paid in as equity, the added coupons are paid by the lab, and both are repaid in full.
#[test]
fn a_vehicle() {
    let some = model_with(&still(&supply("15B USD/yr"), SPV), &[]);
    for (t, draw) in [(3, 10e9), (4, 5e9), (5, 0.0)] {
        let path = after(&some, t);
        let own: SpvState = state(&path, &some.plan, "chips");
        near("drawn", own.draw.0, draw, 1e-9, 1e-3);
        near("equity", own.equity_in.0, 40e9 / 3.0 - draw, 1e-9, 1e-3);
    }
    let own: SpvState = state(&after(&some, 40), &some.plan, "chips");
    assert!(own.balance[0].0.abs() + own.balance[1].0.abs() < 1e3 && own.ended == 0.0, "repaid");
    let first = loan("first", "2026-02", 30, "8%/yr");
    let dear = model_with(&still(&supply("150B USD/yr, impact: 1"), &(first.clone() + SPV)), &[]);
    let cheap = model_with(&still(&supply("150B USD/yr, impact: 0"), &(first + SPV)), &[]);
    // Before the draws of 10 each: 30, 40, 50 of 150; on the mean 4/15 of the excess of 3% and 6%.
    let own: SpvState = state(&after(&dear, 5), &dear.plan, "chips");
    near("a", own.added_spread[0], 0.03 * 4.0 / 15.0 / 12.0, 1e-9, 0.0);
    near("b", own.added_spread[1], 0.06 * 4.0 / 15.0 / 12.0, 1e-9, 0.0);
    let (with, without): (SpvState, SpvState) =
        (state(&after(&dear, 6), &dear.plan, "chips"), state(&after(&cheap, 6), &cheap.plan, "chips"));
    let more = own.balance[0].0 * own.added_spread[0] + own.balance[1].0 * own.added_spread[1];
    near("the lab's rent", with.rent.0 - without.rent.0, more, 1e-9, 1.0);
    near("nothing of it is the equity's", with.distributed.0, without.distributed.0, 1e-9, 1.0);
    near("principal as planned", with.balance[0].0, without.balance[0].0, 1e-9, 0.0);
    let own: SpvState = state(&after(&dear, 40), &dear.plan, "chips");
    assert!(own.balance[0].0.abs() + own.balance[1].0.abs() < 1e3 && own.ended == 0.0, "repaid");
}

/// A campus takes all that its lenders commit at financial close; what they refuse falls to equity and then to the sponsor.
#[test]
fn a_campus() {
    let all = model_with(&still("", CAMPUS), &[]);
    let whole: CampusState = state(&after(&all, 5), &all.plan, "hall");
    let debt = whole.drawn_total.0;
    assert!(debt > 5e9, "{debt}");
    let text = |billions: f64| still(&supply(&format!("{billions}B USD/yr, impact: 1")), CAMPUS);
    let much = model_with(&text(1000.0), &[]);
    let path = after(&much, 3);
    near("committed", path.lane.lines.credit_drawn.0, debt, 1e-9, 0.0);
    assert_eq!(after(&much, 4).lane.lines.credit_asked.0, 0.0, "later draws are of a commitment");
    let half = model_with(&text(0.5e-9 * debt), &[]);
    let path = after(&half, 3);
    let own: CampusState = state(&path, &half.plan, "hall");
    near("asked", path.lane.lines.credit_asked.0, debt, 1e-9, 0.0);
    near("half of it", own.lent, 0.5, 1e-9, 0.0);
    let mut path = path;
    path.month(4).and_then(|()| path.month(5)).expect("identities hold");
    let own: CampusState = state(&path, &half.plan, "hall");
    near("drawn", own.drawn_total.0, 0.5 * debt, 1e-9, 0.0);
    assert_eq!((own.ended, own.builders.0.abs() < 1.0), (0.0, true), "the lab has paid the rest");
    let none = model_with(&still(&supply("0 USD/yr"), CAMPUS), &[]);
    let own: CampusState = state(&after(&none, 6), &none.plan, "hall");
    assert_eq!((own.lent, own.drawn_total.0, own.ended), (0.0, 0.0, 0.0), "built without debt");
}

/// Notes close as a whole or wait, as they do in winter; their coupons are those of the month in which they close.
#[test]
fn notes_wait_for_the_whole_amount() {
    let text = still(&supply("8B USD/yr, impact: 1"), &(loan("first", "2026-01", 2, "8%/yr") + ABS));
    let model = model_with(&text, &[]);
    let at = |t: usize| -> AbsState { state(&after(&model, t), &model.plan, "notes") };
    near("refused", at(12).refused.0, 7e9, 1e-12, 0.0);
    assert_eq!(at(12).total.0, 0.0);
    // The loan of month 1 no longer counts in month 13.
    near("closed", at(13).total.0, 7e9, 1e-12, 0.0);
    assert_eq!(at(13).added_spread[..2], [0.0, 0.0], "without a flow before");
    let text = still(&supply("20B USD/yr, impact: 1"), &(loan("first", "2026-01", 5, "8%/yr") + ABS));
    let model = self::model_with(&text, &[]);
    let own: AbsState = state(&after(&model, 2), &model.plan, "notes");
    near("a", own.added_spread[0], 0.25 * 0.02 / 12.0, 1e-9, 0.0);
    near("b", own.added_spread[1], 0.25 * 0.08 / 12.0, 1e-9, 0.0);
    let own: AbsState = state(&after(&model, 3), &model.plan, "notes");
    near("interest", own.accrued.0, 5e9 * 0.065 / 12.0 + 2e9 * 0.14 / 12.0, 1e-9, 0.0);
}

/// A convertible is placed up to what is left; one that finds nothing is not an issue.
#[test]
fn a_convertible() {
    let notes = "  - convertible: {name: one, amount: 5B USD, date: 2026-02, term: 60 mo}\n  - convertible: {name: two, amount: 5B USD, date: 2026-02, term: 60 mo}\n  - convertible: {name: three, amount: 5B USD, date: 2026-03, term: 60 mo}\n";
    let model = model_with(&still(&supply("8B USD/yr"), notes), &[]);
    let path = after(&model, 3);
    let of = |name: &str| -> ConvertibleState { state(&path, &model.plan, name) };
    near("one", of("one").total.0, 5e9, 1e-12, 0.0);
    near("two", of("two").total.0, 3e9, 1e-12, 0.0);
    assert_eq!((of("three").total.0, of("three").count), (0.0, 0.0));
}

/// Every kind of debt with this supply.
fn small(credit: &str) -> String {
    SMALL.replacen("world:\n", &format!("world:\n  capital: {{credit: {{supply: {credit}}}}}\n"), 1)
}

/// Without supply nothing is drawn, although much is asked; with little, no twelve months draw more than a year's supply.
#[test]
fn no_twelve_months_draw_more_than_a_years_supply() {
    let columns = [column!(lines.credit_asked), column!(lines.credit_drawn), column!(lines.debt_in)];
    let none = model_with(&small("0 USD/yr"), &["instruments.revolver.limit=0 USD"]);
    let board_of = |model: &Model| board(&model.plan, 2, &columns);
    let sums = board_of(&none);
    let total = |k: usize| sums[k].iter().flatten().sum::<f64>();
    assert!(total(0) > 1e12 && total(1) == 0.0, "{} {}", total(0), total(1));
    let some = model_with(&small("6B USD/yr"), &[]);
    let sums = board_of(&some);
    let mut most = 0.0_f64;
    for path in 0..sums[1][0].len() {
        for t in 0..sums[1].len() {
            let year: f64 = (t.saturating_sub(11)..=t).map(|t| sums[1][t][path]).sum();
            assert!(year <= 6e9 * (1.0 + 1e-9) && sums[1][t][path] >= -1.0, "path {path}, month {}: {year}", t + 1);
            assert!(sums[1][t][path] <= sums[0][t][path] + 1.0, "path {path}, month {}", t + 1);
            most = most.max(year);
        }
    }
    assert!(most > 5.9e9, "it binds: {most}");
}

/// More supply than anybody asks for, and spreads that do not move: every number as without the block, within 1e-12.
#[test]
fn endless_supply_is_no_block() {
    let without = model_with(SMALL, &[]);
    let with = model_with(&small("1000000B USD/yr, impact: 0"), &[]);
    let (a, b) = (run_of(&without.plan, 512, 0, Level::best()), run_of(&with.plan, 512, 0, Level::best()));
    for metric in &without.plan.metrics.at_end {
        let (a, b) = (pick(&without.plan, &a.1, &metric.name), pick(&with.plan, &b.1, &metric.name));
        for (a, b) in a.iter().zip(&b) {
            assert!((a - b).abs() <= 1e-12 * a.abs() || (a.is_nan() && b.is_nan()), "{}: {a} {b}", metric.name);
        }
    }
    assert!(!without.plan.metrics.monthly.iter().any(|m| m.name.starts_with("credit_")), "metrics come with the block");
    assert_eq!(with.plan.metrics.monthly.iter().filter(|m| m.name.starts_with("credit_")).count(), 4);
}

/// The trace gives the reason.
#[test]
fn a_trace_says_that_there_was_no_credit() {
    let model = model_with(&still(&supply("12B USD/yr"), DDTL), &[]);
    let marks = gapcast::output::trace::trace(&model, 0).expect("a path").bounds;
    let refused: Vec<f64> =
        marks.iter().filter(|m| m.entity == "racks" && m.line == "no_credit").map(|m| m.value).collect();
    assert_eq!(refused.len(), 3, "months 4, 5 and 6");
    near("in month 4", refused[0], 4e9, 1e-9, 0.0);
    assert!(!marks.iter().any(|m| m.line == "draw_stopped"), "the reason instead of the stop");
}

#[test]
fn errors() {
    let error = |text: &str| first_error(text, &[]);
    let of = |terms: &str| error(&still(&supply(terms), &loan("first", "2026-02", 5, "8%/yr"))).0;
    assert_eq!(of("-1B USD/yr"), "range");
    assert_eq!(of("10B USD/yr, impact: -0.2"), "range");
    assert_eq!(of("10B USD/yr, in_winter: 140%"), "range");
    assert_eq!(of("10B USD/yr, raised_before: 1B USD"), "unknown-key");
    let without = "  capital: {credit: {impact: 0.5}}\n";
    assert_eq!(error(&still(without, &loan("first", "2026-02", 5, "8%/yr"))).0, "missing");
    let blind = still(&supply("10B USD/yr, impact: 0.5"), &loan("first", "2026-02", 5, "8%/yr"))
        .replace("  sofr: {start: 4%/yr, long_run: 4%/yr, volatility: 0%/yr}\n", "");
    let (code, title) = error(&blind);
    assert!(code == "missing" && title.contains("`impact` raises spreads over SOFR"), "{code} {title}");
}

/// A note that bridges a failed round.
const BRIDGE: &str = "  - convertible: {name: bridge, kind: note, amount: 1B USD, when: {round_failed: true, runway_below: 6 mo}, issues: 3, rate: 10%/yr, cap: 60B USD, term: 24 mo, at_maturity: extend, extension: 12 mo}\n";

#[test]
fn signs() {
    let metrics = ["debt_raised", "bridge.total"];
    let text = CLOSED.to_owned() + BRIDGE;
    let base = many(&model_with(&text, &["world.capital.credit.supply=20B USD/yr"]), &metrics);
    let scarce = many(&model_with(&text, &["world.capital.credit.supply=0.5B USD/yr"]), &metrics);
    above("scarce credit: less is drawn", &base[0], &scarce[0]);
    above("smaller bridges", &base[1], &scarce[1]);
    // A loan after a loan, on worlds with SOFR of their own: what it costs with the impact.
    let interest = |impact: &str| {
        let set = [format!("world.capital.credit.impact={impact}"), "world.capital.credit.supply=6B USD/yr".to_owned()];
        let sets: Vec<&str> = set.iter().map(String::as_str).collect();
        let text = CLOSED.to_owned()
            + "  - term_loan: {name: more, amount: 1B USD, date: 2027-04, term: 48 mo, rate: sofr + 450 bp}\n";
        let model = model_with(&text, &sets);
        let months = board(&model.plan, 8, &[column!(lines.interest_expense)]);
        (0..2048).map(|path| months[0].iter().map(|month| month[path]).sum::<f64>()).collect::<Vec<f64>>()
    };
    above("spreads that follow the flow cost interest", &interest("2"), &interest("0"));
}

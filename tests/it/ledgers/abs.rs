//! The securitisation: twenty-six months from closing to a default at the legal final; refinancing; the lab as tenant.

use crate::common::ledger::Ledger;
use crate::common::model;
use crate::ledgers::ESTATE;
use gapcast::engine::books::event;

/// A lab without revenue or cost, and a campus of 100M in value and 80M in the books that earns 1M a month and costs 0.1M to run.
/// Notes of 50M at 6% and 20M at 12% close in month 2; they cost 1%, two months of interest are kept in reserve, 0.25% of
/// principal is scheduled a month. They are expected to be repaid in month 14, the legal final is month 26. The leases end with
/// month 20; three months later the campus is let at half the rent.
const LAB: &str = "
schema: 1
name: landlord
time: {start: 2026-01, months: 28}
run: {paths: 1, seed: 1}
lab:
  opening: {cash: 100M USD, shares: {holders: 100%}}
  demand: {growth: {now: 0%/mo, later: 0%/mo, half_life: 12 mo}, saturation: none, segments: [{all: {run_rate: 0 USD/yr}}]}
  compute: {capacity: none, inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}}}
  policy: {minimum_cash: 0 USD, distress_below: 0 mo, grace: 3 mo}
  default: {liquidation: 0.0x, cost: 0%, delay: 12 mo}
instruments:
  - abs:
      name: notes
      pool: {value: 100M USD, book: 80M USD, power: 0.01 GW, life: 240 mo}
      tenants: {price: 1.2B USD/GW-yr, term: 20 mo, vacancy: 3 mo, relet: 50%}
      opex: 0.12B USD/GW-yr
      servicer_fee: 2%
      closing: 2026-02
      tranches: [{a: {advance: 50%, rate: 6%/yr}}, {b: {advance: 20%, rate: 12%/yr}}]
      fee: 1%
      reserve: 2 mo
      amortisation: 3%/yr
      expected: 12 mo
      final: 24 mo
      step_up: 6%/yr
      covenants: {lock_up: 1.3x, early_amortisation: 1.1x}
      refinancing: {dscr: 3x}
      grace: 24 mo
";

#[track_caller]
fn near(l: &Ledger<'_>, field: &str, from: usize, expected: &[f64]) {
    for (k, &x) in expected.iter().enumerate() {
        let found = l.at(field, from + k);
        assert!((found - x * 1e6).abs() < 1.0, "{field}, month {}: {found} instead of {x}M", from + k);
    }
}

#[test]
fn twenty_six_months() {
    let model = model(LAB);
    let l = Ledger::of(&model, 0);
    // Months 1 and 2: 1 − 0.1 = 0.9 is the lab's; 80/240 a month is written down. Closing: 70 − 0.7 − 0.9 (two months of 0.25 + 0.2)
    // = 68.4 for 79.333333 in the books; the stake is carried at 10.933333.
    assert!(
        (l.lane(1).lines.distributions.0 - 0.9e6).abs() < 1e-6 && (l.lane(1).lines.ppe.0 - 79_666_666.67).abs() < 0.01
    );
    assert!((l.lane(2).lines.asset_sales.0 - 68.4e6).abs() < 1e-6 && l.lane(2).lines.ppe.0 == 0.0);
    near(&l, "notes.carried", 2, &[10.933_333, 10.678_333, 10.419_958]);
    assert!((l.lane(2).lab.cash.0 - 170.2e6).abs() < 1e-3);
    // Month 3: 1 − 0.02 − 0.1 = 0.88; interest 0.25 + 0.2, principal 0.125 + 0.05: 0.625, cover 1.408; 0.255 is distributed. The reserve
    // is two months of interest: 0.9, 0.89775 in month 4, so that what it frees is distributed too.
    near(
        &l,
        "notes.distributed",
        3,
        &[
            0.255, 0.258_375, 0.259_5, 0.260_625, 0.261_75, 0.262_875, 0.264, 0.265_125, 0.266_25, 0.267_375, 0.268_5,
            0.0,
        ],
    );
    near(&l, "notes.reserve", 2, &[0.9, 0.9, 0.897_75, 0.895_5, 0.893_25]);
    assert!((l.at("notes.dscr", 3) - 1.408).abs() < 1e-12);
    // Month 14: cover of 1.43 does not allow new notes at 3. Interest 0.243125 + 0.1945; what is left of 0.88 and of the reserve of
    // 0.8775 beyond 0.87525 repays a: 0.444625. The step-up accrues: 0.5% of 48.625 and 19.45.
    for e in [event::REFINANCING_FAILED, event::STEPPED_UP] {
        assert!(l.happened("notes", e, 14) && !l.happened("notes", e, 15));
    }
    near(
        &l,
        "notes.balance.0",
        2,
        &[
            50.0, 49.875, 49.75, 49.625, 49.5, 49.375, 49.25, 49.125, 49.0, 48.875, 48.75, 48.625, 48.180_375,
            47.731_331, 47.279_997, 46.826_383, 46.370_479, 45.912_273, 45.451_752, 45.451_752, 45.451_752, 45.451_752,
            45.451_752, 45.451_752, 0.0,
        ],
    );
    near(&l, "notes.balance.1", 12, &[19.5, 19.45, 19.45, 19.45]);
    near(&l, "notes.stepped.0", 14, &[0.243_125, 0.484_027, 0.722_684]);
    near(&l, "notes.stepped.1", 14, &[0.097_25, 0.194_5, 0.291_75]);
    // Months 21 to 23: the leases have ended. Interest of 0.421759 comes out of the reserve of 0.848123 until it is empty.
    assert!(l.happened("notes", event::LEASE_ENDED, 21) && l.at("notes.occupied", 21) == 0.0);
    near(&l, "notes.reserve", 20, &[0.848_123, 0.426_364, 0.004_605, 0.0]);
    near(&l, "notes.unpaid.0", 22, &[0.0, 0.222_654, 0.061_026, 0.0, 0.0]);
    near(&l, "notes.unpaid.1", 22, &[0.0, 0.194_5, 0.390_945, 0.487_944]);
    // Cover of three months: 0.88/(0.424061 + 2 · 0.421759) = 0.69 in month 22, below both triggers; in month 21 1.38.
    assert!(l.happened("notes", event::COVENANT, 22) && l.happened("notes", event::LOCK_UP, 22));
    assert!(l.happened("notes", event::RELET, 24));
    near(&l, "notes.rent", 20, &[1.0, 0.0, 0.0, 0.0, 0.5, 0.5, 0.5]);
    near(&l, "notes.market_value", 20, &[100.0, 44.318_182]);
    // Month 26: the legal final. 0.5 − 0.01 − 0.1 a month, 4.68 a year at the appraisal's 10.56%, less 5%: 42.102273, all of it a's.
    assert!(l.happened("notes", event::INSTRUMENT_DEFAULT, 26) && l.happened("notes", event::SOLD, 26));
    near(&l, "notes.claim.0", 26, &[48.469_934]);
    near(&l, "notes.claim.1", 26, &[21.238_832]);
    near(&l, "notes.loss.0", 26, &[6.367_661, 6.367_661]);
    near(&l, "notes.loss.1", 26, &[21.238_832, 21.238_832]);
    assert!((l.flow("notes", 0, 26) - 0.227_259e6 - 42.102_273e6).abs() < 1.0);
    assert!((l.flow("notes", 1, 26) - 0.162_741e6).abs() < 1.0);
    // The stake of 8.043958 is lost in the month after.
    near(&l, "notes.carried", 25, &[8.043_958, 8.043_958, 0.0]);
    assert!((l.lane(27).lines.other_income.0 + 8_043_958.0).abs() < 1.0);
    assert!((l.lane(28).lab.cash.0 - 173_089_375.0).abs() < 1.0);
}

#[test]
fn refinanced_when_cover_allows() {
    let model = model(&LAB.replace("dscr: 3x", "dscr: 1.4x, fee: 1%").replace("term: 20 mo", "term: 60 mo"));
    let l = Ledger::of(&model, 0);
    // Month 14: cover 3 · 0.88/(0.616 + 0.614875 + 0.61375) = 1.431. Interest 0.437625 and principal 0.175 are paid; new notes
    // repay 48.5 + 19.4 and cost 1% of that.
    assert!(l.happened("notes", event::REFINANCED, 14) && !l.happened("notes", event::STEPPED_UP, 14));
    assert_eq!((l.at("notes.expected", 14), l.at("notes.last", 14)), (26.0, 38.0));
    near(&l, "notes.balance.0", 13, &[48.625, 48.5, 48.375]);
    near(&l, "notes.balance.1", 13, &[19.45, 19.4, 19.35]);
    // 0.88 + 0.8775 − 0.612625 = 1.144875; the fee is 0.679; 0.465875 stay in reserve. Month 15
    // adds 0.88 − 0.6115: it is filled again before the lab gets anything.
    near(&l, "notes.reserve", 14, &[0.465_875, 0.734_375]);
    near(&l, "notes.distributed", 13, &[0.268_5, 0.0, 0.0]);
    assert!(l.happened("notes", event::REFINANCED, 26));
}

#[test]
fn the_lab_as_tenant_leaves_when_it_cannot_pay() {
    // Staff of 30M a month use up what the notes bring: 100 + 68.4 less the campus' own opex of 0.1 in months 1 and 2.
    let text = LAB
        .replace("  policy:", "  people: {cost: 360M USD/yr}\n  policy:")
        .replace("capacity: none, ", "")
        .replace("tenants: {", "tenants: {who: lab, grace: 2 mo, ")
        .replace("grace: 3 mo}", "grace: 6 mo}")
        .replace("term: 20 mo", "term: 60 mo")
        .replace("\nlab:", "\nworld: {compute_price: {contract: 6B USD/GW-yr}}\nlab:");
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    assert!((l.lane(1).lines.running.0 - 0.1e6).abs() < 1e-6 && l.lane(1).lines.rent.0 == 0.0);
    assert!((l.lane(2).lines.capacity_gw - 0.01).abs() < 1e-15 && l.lane(2).lines.sunk_gw == 0.0);
    assert!((l.lane(3).lines.sunk_gw - 0.01).abs() < 1e-15 && (l.lane(3).lines.rent.0 - 1e6).abs() < 1e-6);
    // 168.4 − 0.2 − 60 = 108.2; month 3: 108.2 − 31 + 0.255 = 77.455; month 4: 46.713375; month 5: 15.972875; month 6: nothing for rent.
    assert!((l.lane(5).lab.cash.0 - 15_972_875.0).abs() < 1.0, "{}", l.lane(5).lab.cash.0);
    near(&l, "notes.arrears", 5, &[0.0, 1.0, 2.0, 2.0]);
    // After two months of owed rent it has to leave; what it owes stays owed. The campus stands empty and is let again in month 11.
    assert!(l.happened("notes", event::CONTRACT_LOST, 8) && l.lane(8).lines.rent.0 == 0.0);
    assert_eq!((l.lane(7).lines.capacity_gw > 0.0, l.lane(8).lines.capacity_gw), (true, 0.0));
    near(&l, "notes.rent", 5, &[1.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5]);
    assert!(l.happened("notes", event::RELET, 11));
}

#[test]
fn cash_is_trapped_and_released() {
    let text = LAB
        .replace("term: 20 mo, vacancy: 3 mo, relet: 50%", "term: 6 mo, vacancy: 1 mo, relet: 100%")
        .replace("amortisation: 1.1x", "amortisation: 0.5x")
        .replace("expected: 12 mo", "expected: 24 mo")
        .replace("final: 24 mo", "final: 48 mo")
        .replace("months: 28", "months: 12");
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    // Month 7 has no rent: 0.4455 of interest and 0.175 of principal leave 0.27275 of the reserve of 0.89325. Cover of three months is
    // 1.76/1.864875. Months 8 and 9 fill the reserve: + 0.88 − 0.619375, + 0.88 − 0.61825.
    near(&l, "notes.reserve", 6, &[0.893_25, 0.272_75, 0.533_375, 0.795_125, 0.884_25, 0.882]);
    assert!(l.happened("notes", event::LOCK_UP, 7) && !l.happened("notes", event::LOCK_UP, 8));
    // Month 10: 0.795125 + 0.88 − 0.617125 = 1.058, of which 0.88425 stay in reserve; cover of month 9 was 1.76/1.858, so 0.17375 are
    // trapped. It is 2.64/1.85475 at the close of month 10: month 11 distributes 0.17375 + 0.88 − 0.616 + 0.00225.
    near(&l, "notes.trapped", 9, &[0.0, 0.173_75, 0.0]);
    near(&l, "notes.distributed", 6, &[0.260_625, 0.0, 0.0, 0.0, 0.0, 0.44]);
    assert!(!l.happened("notes", event::COVENANT, 7) && l.at("notes.amortising", 11) == 0.0);
}

#[test]
fn two_missed_months_are_a_default_where_two_are_granted() {
    let model = model(&LAB.replace("grace: 24 mo", "grace: 2 mo"));
    let l = Ledger::of(&model, 0);
    // Interest is short at the close of months 23 and 24, as in the ledger of twenty-six months.
    assert!(!l.happened("notes", event::INSTRUMENT_DEFAULT, 23) && l.happened("notes", event::INSTRUMENT_DEFAULT, 24));
}

#[test]
fn what_is_let_again_pays_the_markets_rent_and_the_rest_its_own() {
    // Four tenants of whom one leaves each month, and whose quarter is let again the month after at half of the first rent.
    let text =
        LAB.replace("vacancy: 3 mo", "count: 4, lost: 99.99%/yr, vacancy: 1 mo").replace("months: 28", "months: 3");
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    // 0.75 · 1; then the level is 0.75 · 1 + 0.25 · 0.5 = 0.875, and 0.75 · 0.875 + 0.25 · 0.5 = 0.78125: 0.75 of each is charged.
    near(&l, "notes.charge", 1, &[0.75, 0.656_25, 0.585_937_5]);
}

#[test]
fn a_tenant_that_fails_owes_the_months_that_count() {
    // The lab of the ledger in which it leaves. It fails in the second month that it is short, and has a pool of 10B then that is its
    // own: the vehicle gets all that it claims, two months of arrears and six of damages.
    let text = LAB
        .replace("  policy:", "  people: {cost: 360M USD/yr}\n  policy:")
        .replace("capacity: none, ", "")
        .replace("tenants: {", "tenants: {who: lab, grace: 12 mo, ")
        .replace("grace: 3 mo}", "grace: 2 mo}")
        .replace("cost: 0%, delay: 12 mo}", "cost: 0%, delay: 0 mo, damages: 6 mo}")
        .replace("term: 20 mo", "term: 60 mo")
        .replace("\nlab:", "\nworld: {compute_price: {contract: 6B USD/GW-yr}}\nlab:");
    let model = model(&(text + ESTATE));
    let l = Ledger::of(&model, 0);
    assert_eq!(l.lane(7).accounts.ended, 7.0);
    near(&l, "notes.arrears", 5, &[0.0, 1.0, 0.0]);
    near(&l, "notes.reserve", 7, &[8.0]);
}

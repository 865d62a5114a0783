use super::*;
use crate::engine::books::{Books, RANKS};
use crate::engine::room::{Lab, Market, Room, View};
use crate::language::prelude::load;
use crate::units::Month;

#[test]
fn power_comes_along_the_ramp_and_the_price_rises_by_the_year() {
    // A ramp of 4 months from month 3: 1/8, 3/8, 5/8, 7/8, then all, to month 9.
    let share = |t: f64| delivered(t, 3.0, 9.0, 1.0 / 4.0);
    assert_eq!([2.0, 3.0, 4.0, 6.0, 7.0, 9.0, 10.0].map(share), [0.0, 0.125, 0.375, 0.875, 1.0, 1.0, 0.0]);
    // At once without a ramp.
    assert_eq!(delivered(3.0, 3.0, 9.0, 1.0 / 0.5), 1.0);
    // 3 % a year: on the anniversaries, months 13, 25, … of the service.
    let yearly = 1.03_f64.ln();
    for (month, years) in [(1, 0), (3, 0), (14, 0), (15, 1), (26, 1), (27, 2), (123, 10)] {
        let found = indexed(f64::from(month), 3.0, yearly);
        assert!((found - 1.03_f64.powi(years)).abs() < 1e-12, "{month}: {found}");
    }
}

#[test]
fn what_is_firm_rolls_to_what_it_is_by_a_sum() {
    let yaml = "{power: 2 GW, price: 12B USD/GW-yr, start: 2026-05, delay: 3 mo, ramp: 6 mo, term: 40 mo, \
                take_or_pay: 80%, indexation: 5%/yr, notice: 90 d, termination_fee: 2B USD, discount: 6%/yr}";
    let mut root = load(yaml, 0, &mut Issues::default()).unwrap();
    let mut reader = Reader::new(Month::new(2026, 1), 60);
    let part = ContractPart::read(&mut root, None, &mut reader).unwrap();
    assert!(!reader.issues.has_errors());
    let room = Contract::terms(&part, &Inputs::new(&[]));
    let mut own = room.opening();
    for t in 1..=50_i32 {
        let see = View {
            t: f64::from(t),
            ahead: f64::from(t),
            lab: Lab { alive: 1.0, paid: [1.0; RANKS], ..Lab::default() },
            market: Market { power_price: 1e9, ..Market::default() },
            ..View::default()
        };
        let mut books = Books::NONE;
        room.open(&see, &mut own, &mut books);
        room.settle(&see, &mut own, &mut books);
        room.close(&see, &mut own, &mut books);
        room.review(&see, &mut own, &mut books);
        // Until month 5, the agreed one, service is taken to run from there to month 44; then from 8 to 47.
        let start = if t >= 5 { 8 } else { 5 };
        let pays = |m: i32| {
            if m < start || m > start + 39 {
                return 0.0;
            }
            let share = ((f64::from(m - start) + 0.5) / 6.0).min(1.0);
            0.8 * 2.0 * 1e9 * share * 1.05_f64.powi((m - start) / 12)
        };
        let pv = |from: i32, to: i32| (from..=to).map(|m| pays(m) * 1.005_f64.powi(t - m)).sum::<f64>();
        let term = pv(t + 1, 60);
        let out = pv(t + 1, t + 3) + 2e9 * 1.005_f64.powi(-3);
        let expected = if t >= start + 39 { 0.0 } else { term.min(out) };
        assert!((own.firm.0 - expected).abs() < 1e-2, "month {t}: {} {expected}", own.firm.0);
    }
}

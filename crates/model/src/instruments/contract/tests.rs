use super::*;
use crate::engine::books::{Books, RANKS};
use crate::engine::instrument::{Instrument, Lab, Market, View};
use crate::language::prelude::load;
use crate::units::Month;

#[test]
fn power_comes_along_the_ramp_and_the_price_rises_by_the_year() {
    // A ramp of 4 months from month 3: 1/8, 3/8, 5/8, 7/8, then all, to month 9.
    let share = |t: f64| delivered(t, 3.0, 9.0, 1.0 / 4.0);
    assert_eq!([2.0, 3.0, 4.0, 6.0, 7.0, 9.0, 10.0].map(share), [0.0, 0.125, 0.375, 0.875, 1.0, 1.0, 0.0]);
    // At once without a ramp.
    assert_eq!(delivered(3.0, 3.0, 9.0, 1.0 / 0.5), 1.0);
    // 3% a year: on the anniversaries, months 13, 25, … of the service.
    let yearly = 1.03_f64.ln();
    for (month, years) in [(1, 0), (3, 0), (14, 0), (15, 1), (26, 1), (27, 2), (123, 10)] {
        let found = indexed(f64::from(month), 3.0, yearly);
        assert!((found - 1.03_f64.powi(years)).abs() < 1e-12, "{month}: {found}");
    }
}

fn setup(yaml: &str) -> ContractSetup {
    let mut root = load(yaml, 0, &mut Issues::default()).unwrap();
    let mut reader = Reader::new(Month::new(2026, 1), 60);
    let setup = ContractSetup::read(&mut root, None, &mut reader).unwrap();
    assert!(!reader.issues.has_errors());
    setup
}

/// A month in which everything is paid and `power` GW are needed.
fn month(t: i32, distress_months: i32, power: f64) -> View {
    View {
        t: f64::from(t),
        ahead: f64::from(t + 2),
        lab: Lab { alive: 1.0, distress_months: f64::from(distress_months), paid: [1.0; RANKS], ..Lab::default() },
        market: Market { power_price: 1e9, ..Market::default() },
        power,
        ..View::default()
    }
}

/// The month's books of an instrument.
fn run<R: Instrument>(instrument: &R, see: &View, own: &mut R::State) -> Books {
    let mut books = Books::NONE;
    instrument.open(see, own, &mut books);
    instrument.settle(see, own, &mut books);
    instrument.close(see, own, &mut books);
    instrument.review(see, own, &mut books);
    books
}

#[test]
fn what_is_firm_rolls_to_what_it_is_by_a_sum() {
    let setup = setup(
        "{power: 2 GW, price: 12B USD/GW-yr, start: 2026-05, delay: 3 mo, ramp: 6 mo, term: 40 mo, take_or_pay: 80%, \
         indexation: 5%/yr, notice: 90 d, termination_fee: 2B USD, discount_rate: 6%/yr}",
    );
    let instrument = Contract::terms(&setup, &Inputs::new(&[]));
    let mut own = instrument.opening();
    for t in 1..=50_i32 {
        run(&instrument, &month(t, 0, 0.0), &mut own);
        // Before month 5, the agreed start, service is assumed to run from month 5 to 44; from then on, from 8 to 47.
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

#[test]
fn the_instruments_of_fixed_terms_do_what_the_whole_instrument_does() {
    let terms = "power: 2 GW, price: 12B USD/GW-yr, start: 2026-05, ramp: 6 mo, term: 20 mo, take_or_pay: 80%, \
                 capacity_value: 3 GW, headline: 60B USD, credits: 1B USD, credits_until: 2026-09";
    let plain = setup(&format!("{{{terms}}}"));
    let notice = setup(&format!("{{{terms}, notice: 90 d, termination_fee: 2B USD}}"));
    let same = |a: &Books, b: &Books, t: i32| {
        let pairs = a.lab.list().into_iter().zip(b.lab.list()).zip(crate::engine::books::LINE_NAMES);
        for ((x, y), name) in pairs {
            assert!((x - y).abs() <= 1e-9 * x.abs().max(1e6), "month {t}: {name} {x} {y}");
        }
        assert_eq!(a.events, b.events, "month {t}");
    };
    // Distress from month 2, 9 or 40 on: notice before delivery, in service, and never.
    for first in [2, 9, 40] {
        let inputs = Inputs::new(&[]);
        let (a, b) = (PlainContract::terms(&plain, &inputs), Contract::terms(&plain, &inputs));
        let (c, d) = (NoticeContract::terms(&notice, &inputs), Contract::terms(&notice, &inputs));
        let (mut a_own, mut b_own, mut c_own, mut d_own) = (a.opening(), b.opening(), c.opening(), d.opening());
        for t in 1..=30 {
            let see = month(t, (t - first).max(0), 1.5);
            same(&run(&a, &see, &mut a_own), &run(&b, &see, &mut b_own), t);
            same(&run(&c, &see, &mut c_own), &run(&d, &see, &mut d_own), t);
            let rules = crate::engine::resolution::Rules { damages: 12.0 };
            let (x, y) = (c.claim(&month(t, 0, 0.0), &c_own, &rules), d.claim(&month(t, 0, 0.0), &d_own, &rules));
            assert!((x.unsecured - y.unsecured).0.abs() < 1.0, "month {t}: {x:?} {y:?}");
        }
    }
}

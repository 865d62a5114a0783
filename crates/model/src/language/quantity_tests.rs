//! Each kind, each unit, and what is not a quantity.

use super::*;
use crate::language::reader::{Read, Reader};
use crate::language::tree::Node;
use crate::units::Month;
use proptest::prelude::*;

fn reader() -> Reader {
    Reader::new(Month::new(2026, 6), 60)
}

fn value(text: &str, kind: Kind) -> Result<f64, String> {
    let mut r = reader();
    r.range = Some(Range::ANY);
    let mut node = Node::scalar(text, Place::new(0, 0, text.len()));
    let out = Quantity::read(&mut node, Some(kind), &mut r);
    match out.and_then(|q| q.known()) {
        Some(x) if r.issues.is_empty() => Ok(x),
        _ => Err(r
            .issues
            .iter()
            .map(|i| format!("{}: {} {}", i.title, i.label, i.help.join(" ")))
            .collect::<Vec<_>>()
            .join("; ")),
    }
}

#[test]
fn units_convert() {
    use Kind::{
        Growth, Hazard, Money, MoneyRate, Multiple, Number, Power, PowerCost, PowerPrice, Rate, Share, Time, Volatility,
    };
    let cases = [
        ("1.5B USD", Money, 1.5e9),
        ("250M USD", Money, 250e6),
        ("0 USD", Money, 0.0),
        ("7k USD", Money, 7e3),
        ("2.5T USD", Money, 2.5e12),
        ("1e9 USD", Money, 1e9),
        ("-3 USD", Money, -3.0),
        ("1.25B USD/mo", MoneyRate, 1.25e9),
        ("12B USD/yr", MoneyRate, 1e9),
        ("38B USD/GW", PowerCost, 38e9),
        ("12B USD/GW-yr", PowerPrice, 1e9),
        ("2B USD/GW-mo", PowerPrice, 2e9),
        ("35%", Share, 0.35),
        ("-30%", Share, -0.3),
        ("5.75%/yr", Rate, 0.0575),
        ("225 bp", Rate, 0.0225),
        ("10%/mo", Growth, 0.10),
        ("-3%/mo", Growth, -0.03),
        ("35%/yr", Growth, 1.35_f64.ln() / 12.0),
        ("2.4x/yr", Growth, 2.4_f64.ln() / 12.0),
        ("1.1x/mo", Growth, 1.1_f64.ln()),
        ("1.5%/mo", Hazard, 0.015),
        ("12%/yr", Hazard, 1.0 - 0.88_f64.powf(1.0 / 12.0)),
        ("100%/yr", Hazard, 0.9),
        ("7%/mo", Volatility, 0.07),
        ("35%/yr", Volatility, 0.35 / 12.0_f64.sqrt()),
        ("1.30x", Multiple, 1.3),
        ("0.35 GW", Power, 0.35),
        ("206 MW", Power, 0.206),
        ("18 mo", Time, 18.0),
        ("5 yr", Time, 60.0),
        ("90 d", Time, 90.0 * 12.0 / 365.0),
        ("2.5", Number, 2.5),
        ("2 * (1 + 0.5) - 1", Number, 2.0),
        ("0.8 * 1.5B USD", Money, 1.2e9),
        ("1B USD/mo + 12B USD/yr", MoneyRate, 2e9),
        ("12B USD/yr - 1B USD/mo", MoneyRate, 0.0),
        ("100% - 35%", Share, 0.65),
        ("3B USD / 6B USD", Share, 0.5),
        ("19x * 50%", Multiple, 9.5),
        ("0.3 GW * 50B USD/GW-yr", MoneyRate, 1.25e9),
        ("1.25B USD/mo * 12 mo", Money, 15e9),
        ("12B USD/yr / 1B USD/mo", Number, 1.0),
        ("5.75%/yr + 225 bp", Rate, 0.08),
        ("--1", Number, 1.0),
    ];
    for (text, kind, want) in cases {
        let got = value(text, kind).unwrap_or_else(|e| panic!("{text}: {e}"));
        let near = (got - want).abs() <= 1e-12 * want.abs().max(1.0);
        assert!(near || text == "100%/yr" && (0.89..=0.91).contains(&got), "{text}: {got} instead of {want}");
    }
}

#[test]
fn what_is_wrong_is_said() {
    use Kind::{Growth, Money, MoneyRate, Number, Power, Rate, Share, Time};
    let cases = [
        ("1.5", Money, "money requires a unit"),
        ("1.5B", Money, "money requires a unit"),
        ("5%", Money, "expected money"),
        ("5 GW", Money, "`1.5B USD`"),
        ("5", Share, "a share requires a unit"),
        ("12 mo", Number, "expected a plain number"),
        ("NaN", Number, "NaN"),
        ("inf", Number, "inf"),
        ("nan", Number, "no input `nan`"),
        ("0x10 USD", Money, "not a unit"),
        ("1_000 USD", Money, "did you mean `1k USD`?"),
        ("1,000 USD", Money, "thousands separators: did you mean `1k USD`?"),
        ("1e301", Number, "too large"),
        ("1e999 USD", Money, "too large"),
        ("1e200 * 1e200", Number, "too large"),
        ("1e300T USD", Money, "too large"),
        ("$5", Money, "did you mean `5 USD`?"),
        ("5bn USD", Money, "`5B USD`?"),
        ("5 B USD", Money, "`5B USD`?"),
        ("5 usd", Money, "`5 USD`?"),
        ("5 years", Time, "5 yr"),
        ("5 months", Time, "5 mo"),
        ("225 bps", Rate, "225 bp"),
        ("5M%", Share, "only to money"),
        ("1 GW + 1 mo", Power, "different units"),
        ("1 - 35%", Share, "`100%` for the whole"),
        ("1 GW * 1 mo", Power, "cannot multiply"),
        ("1 / 0", Number, "division by zero"),
        ("(1 + 2", Number, "not closed"),
        ("1 2", Number, "not recognised"),
        ("", Number, "missing"),
        ("5 +", Number, "missing"),
        (".5", Number, "0.5"),
        ("5.", Number, "digit is missing"),
        ("5–10%", Share, "did you mean `5% to 10%`?"),
        ("10% to 5%", Share, "reversed"),
        ("5% to 5%", Share, "no width"),
        ("5% to 5 GW", Share, "different units"),
        ("5 USD/week", MoneyRate, "not a unit"),
        ("growth_now", Growth, "not declared"),
        ("1.1 * sofr", Rate, "sofr + 225 bp"),
    ];
    for (text, kind, want) in cases {
        let got = value(text, kind);
        assert!(got.as_ref().is_err_and(|e| e.contains(want)), "{text}: {got:?} lacks {want}");
    }
}

#[test]
fn ranges_hold_for_known_values_and_cut_uncertain_ones() {
    let read = |text: &str, kind, range| {
        let mut r = reader();
        r.range = range;
        let mut node = Node::scalar(text, Place::default());
        (Quantity::read(&mut node, Some(kind), &mut r), r.issues.has_errors())
    };
    for (text, kind, range, bad) in [
        ("101%", Kind::Share, None, true),
        ("-1%", Kind::Share, None, true),
        ("-1%", Kind::Share, Some(Range::ANY), false),
        ("-5 USD", Kind::Money, None, true),
        ("0 mo", Kind::Time, Some(Range::POSITIVE), true),
        ("-100%/yr", Kind::Growth, None, false),
        ("50% to 120%", Kind::Share, None, true),
    ] {
        assert_eq!(read(text, kind, range).1, bad, "{text}");
    }
    let share = read("0% to 6%", Kind::Share, None).0.unwrap();
    for (x, want) in [(-0.01, 0.0), (0.05, 0.05), (2.0, 1.0), (f64::NAN, 0.0)] {
        assert_eq!(share.at(&Inputs::new(&[x])), want);
    }
    assert_eq!(share.at(&Inputs::new(&[])), 0.0);
    assert_eq!(share.uses(), [0]);
    let inputs = Inputs::new(&[]);
    assert_eq!((Quantity::constant(3.0).at(&inputs), inputs.was_read()), (3.0, false));
}

#[test]
fn examples_are_valid() {
    for kind in Kind::ALL {
        assert!(value(example(kind), kind).is_ok(), "{kind:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_survived(text in prop_oneof![".*", "[-0-9.eEkMBTUSDGWxyrmobpd%/*+() to]{0,30}"]) {
        for kind in Kind::ALL {
            if let Ok(x) = value(&text, kind) {
                prop_assert!(x.is_finite());
            }
        }
    }

    #[test]
    fn numbers_are_read_exactly(x in 0.0..1e15_f64) {
        prop_assert_eq!(value(&format!("{x} USD"), Kind::Money), Ok(x));
    }
}

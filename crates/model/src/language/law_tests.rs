//! Valid and invalid intervals and laws.

use super::*;
use crate::language::quantity::{Kind, Quantity};
use crate::language::reader::Read;
use crate::language::yaml::document;
use crate::units::Month;

fn read(text: &str, kind: Kind) -> Reader {
    let mut r = Reader::new(Month::new(2026, 6), 60);
    let mut node = document(text, 0, &mut r.issues).unwrap();
    r.within("a", None, |r| r.within("b", None, |r| Quantity::read(&mut node, Some(kind), r)));
    r
}

#[test]
fn laws_are_read_in_their_written_unit() {
    use LawSpec::{
        Beta, BetaShape, Discrete, Empirical, IntervalLognormal, IntervalNormal, Lognormal, Normal, Pert, Triangular,
        Uniform,
    };
    let cases = [
        ("5%/mo to 15%/mo", Kind::Growth, IntervalNormal { p5: 0.05, p95: 0.15 }, Unit::PerMonth),
        ("5 to 15%/mo", Kind::Growth, IntervalNormal { p5: 0.05, p95: 0.15 }, Unit::PerMonth),
        ("-3 to 15%/mo", Kind::Growth, IntervalNormal { p5: -0.03, p95: 0.15 }, Unit::PerMonth),
        ("4%/mo to 10%/mo", Kind::Volatility, IntervalLognormal { p5: 0.04, p95: 0.10 }, Unit::PerMonth),
        ("1.7x/yr to 3.4x/yr", Kind::Growth, IntervalLognormal { p5: 1.7, p95: 3.4 }, Unit::TimesPerYear),
        ("5 to 14x", Kind::Multiple, IntervalLognormal { p5: 5.0, p95: 14.0 }, Unit::Multiple),
        ("150B to 2.5T USD/yr", Kind::MoneyRate, IntervalLognormal { p5: 150e9, p95: 2.5e12 }, Unit::UsdPerYear),
        ("5 to 10B USD", Kind::Money, IntervalLognormal { p5: 5e9, p95: 10e9 }, Unit::Usd),
        ("0 USD to 10B USD", Kind::Money, IntervalNormal { p5: 0.0, p95: 10e9 }, Unit::Usd),
        ("6 mo to 2 yr", Kind::Time, IntervalLognormal { p5: 6.0, p95: 24.0 }, Unit::Months),
        (
            "30 to 90 d",
            Kind::Time,
            IntervalLognormal { p5: 30.0 / (1.0 / (12.0 / 365.0)), p95: 90.0 * (12.0 / 365.0) },
            Unit::Months,
        ),
        ("500 to 900 MW", Kind::Power, IntervalLognormal { p5: 0.5, p95: 0.9 }, Unit::Gw),
        ("55% to 72%", Kind::Share, IntervalNormal { p5: 0.55, p95: 0.72 }, Unit::Share),
        ("{dist: beta, p5: 42%, p95: 72%}", Kind::Share, Beta { p5: 0.42, p95: 0.72 }, Unit::Share),
        ("{dist: beta, alpha: 2, beta: 5}", Kind::Share, BetaShape { alpha: 2.0, beta: 5.0 }, Unit::Share),
        (
            "{dist: lognormal, median: 2.4x/yr, p95: 3.4x/yr}",
            Kind::Growth,
            Lognormal { median: 2.4, p95: 3.4 },
            Unit::TimesPerYear,
        ),
        ("{dist: lognormal, p5: 1x, p95: 3x}", Kind::Multiple, IntervalLognormal { p5: 1.0, p95: 3.0 }, Unit::Multiple),
        ("{dist: normal, mean: 1%/mo, sd: 2%/mo}", Kind::Growth, Normal { mean: 0.01, sd: 0.02 }, Unit::PerMonth),
        (
            "{dist: triangular, min: 1x, mode: 2x, max: 3x}",
            Kind::Multiple,
            Triangular { min: 1.0, mode: 2.0, max: 3.0 },
            Unit::Multiple,
        ),
        (
            "{dist: pert, min: 1x, mode: 2x, max: 3x}",
            Kind::Multiple,
            Pert { min: 1.0, mode: 2.0, max: 3.0 },
            Unit::Multiple,
        ),
        ("{dist: uniform, min: 1 mo, max: 1 yr}", Kind::Time, Uniform { min: 1.0, max: 12.0 }, Unit::Months),
        (
            "{dist: discrete, values: [1x, 2x], weights: [1, 3]}",
            Kind::Multiple,
            Discrete { values: vec![1.0, 2.0], weights: vec![0.25, 0.75] },
            Unit::Multiple,
        ),
        (
            "{dist: empirical, values: [1x, 2x], source: s}",
            Kind::Multiple,
            Empirical { values: vec![1.0, 2.0] },
            Unit::Multiple,
        ),
        ("{value: 5x to 14x, source: s}", Kind::Multiple, IntervalLognormal { p5: 5.0, p95: 14.0 }, Unit::Multiple),
    ];
    for (text, kind, law, unit) in cases {
        let r = read(text, kind);
        assert!(r.issues.is_empty(), "{text}: {:?}", r.issues);
        assert_eq!((r.inputs[0].name.as_str(), r.inputs.len()), ("a.b", 1), "{text}");
        assert_eq!((&r.inputs[0].law, r.inputs[0].unit), (&law, unit), "{text}");
        assert_eq!(r.assumptions.len(), usize::from(text.contains("source")), "{text}");
    }
}

#[test]
fn impossible_laws_are_told() {
    for (text, want) in [
        ("{dist: bta, p5: 42%, p95: 72%}", "unknown-law"),
        ("{dist: beta, p5: 72%, p95: 42%}", "law"),
        ("{dist: beta, p5: 42%}", "law"),
        ("{dist: beta, p5: 42%, p95: 172%}", "law"),
        ("{dist: beta, p5: 42%, p95: 72%, p50: 60%}", "unknown-key"),
        ("{dist: beta, alpha: 0, beta: 1}", "law"),
        ("{dist: beta, p5: 42%, p95: 2x}", "unit"),
        ("{dist: lognormal, median: -1%, p95: 2%}", "law"),
        ("{dist: normal, mean: 1%, sd: 0%}", "law"),
        ("{dist: triangular, min: 3%, mode: 2%, max: 4%}", "law"),
        ("{dist: uniform, min: 3%, max: 3%}", "law"),
        ("{dist: discrete, values: [], weights: []}", "law"),
        ("{dist: discrete, values: [1%], weights: [1, 2]}", "law"),
        ("{dist: discrete, values: [1%, 2%], weights: [-1, 2]}", "law"),
        ("{dist: empirical, values: 5%}", "law"),
        ("{dist: uniform, min: a, max: 3%}", "unknown-input"),
        ("{dist: uniform, min: [1], max: 3%}", "shape"),
        ("{dist: [1]}", "unknown-law"),
        ("{value: [1]}", "shape"),
        ("{value: 5%, sauce: x}", "unknown-key"),
        ("{p5: 1%}", "shape"),
        ("[1]", "shape"),
        ("5 GW to 6 GW", "unit"),
    ] {
        let r = read(text, Kind::Share);
        let codes: Vec<&str> = r.issues.iter().map(|i| i.code).collect();
        assert_eq!(codes, [want], "{text}: {:?}", r.issues);
    }
}

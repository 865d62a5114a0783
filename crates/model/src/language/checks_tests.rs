//! Valid and invalid lines.

use super::*;
use proptest::prelude::*;

fn read(text: &str) -> Result<Check, String> {
    let mut r = Reader::new(Month::new(2026, 6), 60);
    let node = Node::scalar(text, Place::new(0, 10, 10 + text.len()));
    let check = read_check(&node, &mut r);
    check.ok_or_else(|| r.issues.iter().map(|i| format!("{} ({})", i.title, i.label)).collect::<Vec<_>>().join("; "))
}

#[test]
fn lines_are_read() {
    use Comparison::{AtLeast, AtMost, Greater, Less};
    use Function::{Mean, Probability, Quantile};
    let month = Month::new;
    for (text, function, metric, time, inner, comparison, value, kind) in [
        (
            "p(cash_out by 2029-12) < 10%",
            Probability,
            "cash_out",
            Time::By(month(2029, 12)),
            None,
            Less,
            0.1,
            Kind::Share,
        ),
        (
            "p(cash at 2030-06 < 5B USD) <= 5%",
            Probability,
            "cash",
            Time::At(month(2030, 6)),
            Some((Less, 5e9)),
            AtMost,
            0.05,
            Kind::Share,
        ),
        ("p(cash min<0 USD)<1%", Probability, "cash", Time::Min, Some((Less, 0.0)), Less, 0.01, Kind::Share),
        (
            "p50(stake.founders at 2031-05) > 9%",
            Quantile(0.5),
            "stake.founders",
            Time::At(month(2031, 5)),
            None,
            Greater,
            0.09,
            Kind::Share,
        ),
        ("mean(gap max) < 3B USD/mo", Mean, "gap", Time::Max, None, Less, 3e9, Kind::MoneyRate),
        ("mean(gap) >= 36B USD/yr", Mean, "gap", Time::End, None, AtLeast, 3e9, Kind::MoneyRate),
        ("p95(peak_funding) < 300B USD", Quantile(0.95), "peak_funding", Time::End, None, Less, 300e9, Kind::Money),
        (
            "p05(tpu_lease.dscr min) ≥ 1.2x",
            Quantile(0.05),
            "tpu_lease.dscr",
            Time::Min,
            None,
            AtLeast,
            1.2,
            Kind::Multiple,
        ),
        ("p50(services-jv.irr) > 8%/yr", Quantile(0.5), "services-jv.irr", Time::End, None, Greater, 0.08, Kind::Rate),
        ("p10(runway_months) > 1.5 yr", Quantile(0.1), "runway_months", Time::End, None, Greater, 18.0, Kind::Time),
    ] {
        let check = read(text).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert_eq!((check.function, check.metric.as_str(), check.time), (function, metric, time), "{text}");
        assert_eq!(check.inner.map(|(c, b)| (c, b.value)), inner, "{text}");
        let (limit, bound) = check.limit.unwrap();
        assert_eq!((limit, bound.kind), (comparison, kind), "{text}");
        assert!((bound.value - value).abs() <= 1e-12 * value.abs(), "{text}");
        let place = check.metric_place;
        assert_eq!(&text[place.start as usize - 10..place.end as usize - 10], metric);
    }
}

#[test]
fn bad_lines_are_told() {
    for (text, want) in [
        ("", "not a function"),
        ("prob(cash_out) < 10%", "not a function"),
        ("p00(cash) < 10%", "not a function"),
        ("p5(cash) < 10%", "not a function"),
        ("p cash_out < 10%", "needs parentheses"),
        ("p() < 10%", "name of a metric"),
        ("p(cash_out by 2029) < 10%", "not a month"),
        ("p(cash_out by) < 10%", "not a month"),
        ("p(cash_out before 2029-12) < 10%", "`before` is not recognised"),
        ("p(cash_out by 2029-12 < 10%", "expected `)`"),
        ("p(cash_out) 10%", "comparison is missing"),
        ("p(cash_out)", "comparison is missing"),
        ("p(cash_out) < 0.1", "percentage"),
        ("p(cash_out) < 110%", "percentage"),
        ("p(cash_out) <", "missing"),
        ("p(cash_out) < x1", "known numbers"),
        ("p(cash_out) < 1% to 2%", "known numbers"),
        ("mean(cash < 5 USD) < 10%", "not allowed"),
        ("mean(cash) < 5 parsecs", "not a unit"),
    ] {
        let got = read(text);
        assert!(got.as_ref().is_err_and(|e| e.contains(want)), "{text}: {got:?}");
    }
}

proptest! {
    #[test]
    fn any_line_is_survived(text in prop_oneof![".*", "(p|mean|p50)\\(?[a-z.]{0,5} ?(at|by|min)? ?[-0-9]{0,7}[<>=)]{0,3} ?[0-9a-zA-Z%/]{0,6}\\)?.{0,4}"]) {
        let _ = read(&text);
    }
}

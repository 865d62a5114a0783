//! What the questions answer, on scenarios whose answer is known.

use super::{SMALL_LAB, answer, case, study};
use gapcast::study::files::Common;
use gapcast::study::sens::Method;
use gapcast::study::{Answer, Ask, StudyError, compare, frontier, sens, solve, sweep};

fn compared(text: &str, paths: u64, cases: Vec<gapcast::study::files::Case>) -> compare::Compared {
    match answer(text, paths, Ask::Compare(compare::Ask { cases, asks: vec!["p05(cash min)".into()] })) {
        Answer::Compare(compared) => compared,
        other => panic!("{other:?}"),
    }
}

/// Every difference of a case from the base, and its errors.
fn differences(of: &compare::Measure) -> Vec<f64> {
    // A metric that the base lacks, such as the balance of the instrument that is added, has no difference.
    let metrics = of.measured.metrics.0.iter().filter_map(|(_, row)| row.against.as_ref()).flat_map(|against| {
        let all = std::iter::once(against.mean).chain(against.quantiles);
        all.flat_map(|d| [d.value.0, d.se.0]).chain([against.higher.0, against.lower.0])
    });
    let asked = of.measured.asked.iter().flat_map(|a| a.against.map(|d| [d.value.0, d.se.0]).unwrap_or_default());
    // A metric that is undefined on every path differs by nothing that is defined.
    metrics.chain(asked).filter(|x| !x.is_nan()).collect()
}

#[test]
fn a_scenario_differs_from_itself_by_nothing() {
    // The file ends with its variants.
    let unused = format!("{SMALL_LAB}  unused: {{add: [{{revolver: {{name: spare, limit: 0 USD, rate: 8%/yr}}}}]}}\n");
    let cases = vec![case(None, &[]), case(None, &[]), case(Some("unused"), &[])];
    let found = compared(&unused, 2000, cases);
    for k in [1, 2] {
        let all = differences(&found.cases[k]);
        assert!(all.len() > 200 && all.iter().all(|d| *d == 0.0), "{}: {all:?}", found.cases[k].name);
    }
    assert!(found.sentence().contains("cannot be distinguished"), "{}", found.sentence());
}

#[test]
fn pairing_shrinks_errors_and_attribution_adds_up() {
    let set = ["lab.opening.cash=20M USD", "lab.people.cost=14M USD/yr", "lab.demand.segments.api.run_rate=12M USD/yr"];
    let found = compared(SMALL_LAB, 3000, vec![case(None, &[]), case(None, &set)]);
    let row = found.cases[1].measured.metrics.get("cash_out").unwrap();
    let d = row.against.as_ref().unwrap().mean;
    assert!(d.value.0 > 3.0 * d.se.0 && d.se.0 < 0.8 * d.se_unpaired.0, "{d:?}");
    let attribution = found.attribution.unwrap();
    assert_eq!((attribution.refused.clone(), attribution.orders), (None, None));
    for of in &attribution.metrics {
        let sum: f64 = of.parts.iter().map(|part| part.value.0).sum();
        let whole = of.to.value.0 - of.from.value.0;
        assert!((sum - whole).abs() <= 1e-9 * whole.abs().max(1.0), "{}: {sum} {whole}", of.metric);
        assert_eq!(of.parts.len(), 3);
    }
    // Each of the three costs lives, so each part is above zero.
    let ruin = attribution.metrics.iter().find(|of| of.metric == "cash_out").unwrap();
    assert!(ruin.parts.iter().all(|part| part.value.0 > 0.0 && part.se.0 > 0.0), "{ruin:?}");
}

fn sensitivity(text: &str, paths: u64, method: Method, target: &str) -> sens::Sens {
    let ask = sens::Ask { case: case(None, &[]), method, target: target.into(), by: sens::BY };
    match answer(text, paths, Ask::Sens(ask)) {
        Answer::Sens(sens) => sens,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_planted_number_that_decides_is_found() {
    // A fixed cost of 5B USD over the horizon, which is no input; opening cash as large as that moves by 2%, as it states.
    let cash = "lab.opening.cash={value: 6B USD, range: 5.9B USD to 6.1B USD}";
    let ask = sens::Ask {
        case: case(None, &["lab.other={cost: 1B USD/yr}", cash]),
        method: Method::Tornado,
        target: "cash".into(),
        by: 0.2,
    };
    let Answer::Sens(found) = answer(SMALL_LAB, 200, Ask::Sens(ask)) else { panic!("another answer") };
    assert_eq!(found.bars[0].name, "lab.other.cost", "{}", found.sentence());
    assert!(found.bars[0].is_clear() && found.bars[0].effect() > 3.0 * found.bars[1].effect());
    assert!(!found.without_effect.is_empty(), "some numbers have no effect");
}

#[test]
fn methods_agree_on_the_input_that_matters_most() {
    let tornado = sensitivity(SMALL_LAB, 600, Method::Tornado, "cash_out");
    let top = tornado.bars.iter().find(|bar| bar.kind == "input").unwrap();
    let tenths = sensitivity(SMALL_LAB, 4000, Method::Tenths, "p(cash_out)");
    let rank = sensitivity(SMALL_LAB, 4000, Method::Rank, "cash_out");
    let sobol = sensitivity(SMALL_LAB, 1500, Method::Sobol, "peak_funding");
    assert_eq!(tenths.bars[0].name, top.name);
    assert_eq!(rank.ranked[0].name, top.name);
    // One is not a regression on an indicator: most of its variance is noise of the months.
    assert!(rank.r_squared[0].value.0 < 0.3, "{:?}", rank.r_squared);
    let totals: Vec<&str> = sobol.indices.iter().take(2).map(|i| i.name.as_str()).collect();
    assert!(totals.contains(&"the chance of the months") && totals.contains(&top.name.as_str()), "{totals:?}");
    assert!(sobol.indices.iter().all(|i| i.total[0].0 > -0.1 && i.total[0].0 < 1.1));
    // A move that is as likely up as down costs lives on one side and saves them on the other.
    let [low, high] = [top.low.difference.value.0, top.high.difference.value.0];
    assert!(low * high < 0.0, "{low} {high}");
}

#[test]
fn questions_that_make_no_sense_are_refused() {
    let common = || Common { paths: Some(100), ..Common::default() };
    let refused = |ask: Ask| match study(SMALL_LAB, common(), ask) {
        Err(StudyError::Usage(message)) => message,
        Err(StudyError::Invalid(_, invalid)) => invalid.to_string(),
        other => panic!("{other:?}"),
    };
    let sens = |method, target: &str| sens::Ask { case: case(None, &[]), method, target: target.into(), by: 0.2 };
    assert!(refused(Ask::Sens(sens(Method::Tenths, "peak_funding"))).contains("need a probability"));
    assert!(refused(Ask::Sens(sens(Method::Rank, "p50(cash)"))).contains("no value on a single path"));
    assert!(refused(Ask::Sens(sens(Method::Tornado, "cashout"))).contains("unknown metric"));
    let vary = |text: &str, until: &str| solve::Ask {
        case: case(None, &[]),
        vary: vec![solve::Vary::read(text).unwrap()],
        until: until.into(),
        ..solve::Ask::default()
    };
    assert!(refused(Ask::Solve(vary("lab.opening.cash", "p(cash_out)"))).contains("has no bound"));
    assert!(refused(Ask::Solve(vary("lab.opening.chas", "p(cash_out) < 1%"))).contains("chas"));
    assert!(refused(Ask::Solve(vary("lab.demand.growth.now", "p(cash_out) < 1%"))).contains("give its range"));
    let axis = |text: &str| sweep::Axis::read(text, false).unwrap();
    let swept = sweep::Ask {
        case: case(None, &[]),
        axes: vec![axis("lab.compute.contracts.cloud.take_or_pay=150%,160%")],
        ..sweep::Ask::default()
    };
    assert!(!refused(Ask::Sweep(swept)).is_empty());
    let one = compare::Ask { cases: vec![case(None, &[])], asks: Vec::new() };
    assert!(refused(Ask::Compare(one)).contains("needs two cases"));
    let many = axis("lab.opening.cash=1M USD..300M USD/1M USD");
    let many = frontier::Ask { case: case(None, &[]), over: vec![many], ..frontier::Ask::default() };
    assert!(refused(Ask::Frontier(many)).contains("more than"));
}

#[test]
fn a_sample_fills_its_ranges() {
    let axis = |text: &str| sweep::Axis::read(text, true).unwrap();
    let axes = vec![axis("lab.opening.cash=20M USD..60M USD"), axis("lab.people.cost=10M USD/yr..14M USD/yr")];
    let ask = sweep::Ask { case: case(None, &[]), axes, sample: Some(7), ..sweep::Ask::default() };
    let Answer::Sweep(found) = answer(SMALL_LAB, 100, Ask::Sweep(ask)) else { panic!("another answer") };
    assert_eq!(found.points.len(), 7);
    for (k, low, step) in [(0, 20e6, 40e6 / 7.0), (1, 10e6, 4e6 / 7.0)] {
        let value = |at: &sweep::At| gapcast::study::number::Number::read(&at.values[k]).unwrap().value;
        let mut cells: Vec<usize> = found.points.iter().map(|at| ((value(at) - low) / step) as usize).collect();
        cells.sort_unstable();
        assert_eq!(cells, [0, 1, 2, 3, 4, 5, 6], "one point in each seventh");
    }
    assert!(found.points.iter().all(|at| at.measured.is_some()));
}

#[test]
fn a_sweep_has_invalid_points_and_a_frontier_its_check() {
    let axis = |text: &str| sweep::Axis::read(text, false).unwrap();
    let ask = sweep::Ask {
        case: case(None, &[]),
        axes: vec![
            axis("lab.compute.contracts.cloud.take_or_pay=150%,80%"),
            axis("lab.people.cost=5M USD/yr,20M USD/yr"),
        ],
        ..sweep::Ask::default()
    };
    let Answer::Sweep(found) = answer(SMALL_LAB, 400, Ask::Sweep(ask)) else { panic!("another answer") };
    let invalid: Vec<bool> = found.points.iter().map(|at| at.invalid.is_some()).collect();
    assert_eq!(invalid, [true, true, false, false]);
    let p = |k: usize| found.points[k].measured.as_ref().unwrap().mean("cash_out").value.0;
    assert!(p(3) > p(2), "{} {}", p(3), p(2));
    let ask = |until: &str| frontier::Ask {
        case: case(None, &[]),
        over: vec![axis("lab.opening.cash=20M USD,60M USD")],
        until: Some(until.into()),
        ..frontier::Ask::default()
    };
    let Answer::Frontier(none) = answer(SMALL_LAB, 400, Ask::Frontier(ask("p(cash_out) < 0.01%"))) else { panic!() };
    assert_eq!((none.chosen, none.fresh.len()), (None, 0));
    assert!(none.sentence().starts_with("None of 2 points"), "{}", none.sentence());
    let Answer::Frontier(all) = answer(SMALL_LAB, 400, Ask::Frontier(ask("p(cash_out) < 99%"))) else { panic!() };
    assert!(all.chosen.is_some() && all.fresh.len() == 2);
}

#[test]
fn values_at_which_nothing_can_be_measured_are_told() {
    let vary = |text: &str| solve::Vary::read(text).unwrap();
    let ask =
        |vary, until: &str| solve::Ask { case: case(None, &[]), vary, until: until.into(), ..solve::Ask::default() };
    let share = "lab.compute.contracts.cloud.take_or_pay=60%..140%";
    let Answer::Solve(found) = answer(SMALL_LAB, 400, Ask::Solve(ask(vec![vary(share)], "p(cash_out) < 50%"))) else {
        panic!("another answer")
    };
    let root = &found.roots[0];
    assert_eq!(root.value, "100%", "{root:?}");
    assert_eq!(root.rejected.len(), 4);
    assert!(root.rejected[0].setting == "110%" && root.rejected[0].why.contains("range"), "{:?}", root.rejected);
    let given = [vary(share), vary("lab.opening.cash=20M USD..60M USD")].to_vec();
    let Answer::Solve(found) = answer(SMALL_LAB, 400, Ask::Solve(ask(given, "p(cash_out) < 30%"))) else { panic!() };
    assert_eq!((found.roots.len(), found.rejected.len()), (5, 4));
}

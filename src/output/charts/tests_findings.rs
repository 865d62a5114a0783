//! What the titles and tables of charts of studies say about known data.

use super::tests::frame;
use super::tests_study::{
    CHANGES, FOUND, INPUTS, SETTINGS, frontier, heat_map, indices, level, m, overlay, scatter, shapley, solved,
    sweep_line, tornado,
};
use super::*;

fn title(chart: &Chart) -> String {
    render(chart, &frame(20_000)).title
}

#[test]
fn a_tornado_names_what_stands_out() {
    let of = |rows: &[_]| tornado(0.042, 0.01, rows);
    let drawn = render(&Chart::Tornado(of(&SETTINGS)), &frame(20_000));
    assert_eq!(drawn.title, "Monthly price of compute moves P(cash-out) most: from 1.2% to 8.4%");
    // 17 bars: two are only in the table, and 31 settings had no effect.
    assert!(drawn.svg.contains("2 more with smaller effects are in the table · 31 settings have no effect"));
    assert_eq!(drawn.table.rows.len(), 17);
    let first: Vec<&str> = drawn.table.rows[0].iter().map(String::as_str).collect();
    let low = ["Monthly price of compute", "$1.60/h", "1.2%", "±0.30\u{a0}pp", "−3.0\u{a0}pp", "±0.12\u{a0}pp"];
    assert_eq!(first[..6], low);
    // An effect of 0.2 points with an error of 0.12 is not named, nor is one that is zero with no error.
    assert_eq!(title(&Chart::Tornado(of(&SETTINGS[14..]))), "No setting stands out from noise in P(cash-out)");
    let mut flat = of(&SETTINGS[..1]);
    (flat.bars[0].low.difference, flat.bars[0].high.difference) = (m(0.0, 0.0), Measured::NONE);
    assert_eq!(title(&Chart::Tornado(flat)), "No setting stands out from noise in P(cash-out)");
    assert_eq!(title(&Chart::Tornado(of(&[]))), "None of the settings tried has an effect on P(cash-out)");
    assert_eq!(
        title(&Chart::Tornado(of(&[("Research", "10%", "60%", 0.7, 0.5)]))),
        "Research moves P(cash-out) most: from 4.2% to 4.9% at its low and 4.7% at its high setting"
    );
    let tenths = Tornado { ends: TornadoEnds::Tenths, ..of(&SETTINGS[..1]) };
    assert_eq!(
        title(&Chart::Tornado(tenths)),
        "P(cash-out) varies most with Monthly price of compute: 1.2% in its lowest tenth, 8.4% in its highest"
    );
}

#[test]
fn a_sweep_says_where_a_check_holds() {
    let line = |estimates: &[f64], se| title(&Chart::SweepLine(sweep_line(estimates, se)));
    assert_eq!(
        line(&[0.01, 0.05, 0.2], 0.004),
        "P(cash-out) rises with Power ordered ahead: 1.0% at 1 GW, 20% at 3 GW; p(cash_out) < 10% holds up to 2 GW"
    );
    assert!(line(&[0.2, 0.05, 0.01], 0.004).ends_with("20% at 1 GW, 1.0% at 3 GW; p(cash_out) < 10% holds from 2 GW"));
    assert_eq!(
        line(&[0.05, 0.051], 0.004),
        "P(cash-out) does not move with Power ordered ahead by more than its error; p(cash_out) < 10% holds at every \
         value tried"
    );
    assert!(line(&[0.05, 0.2, 0.05], 0.004).ends_with("p(cash_out) < 10% holds in 2 of 3 runs"));
    // 9.5% ± 0.4 points is closer to 10% than two standard errors.
    assert!(line(&[0.05, 0.2, 0.095], 0.004).ends_with("holds in 2 of 3 runs, 1 too close to tell"));
    assert!(line(&[f64::NAN], 0.1) == "No run of the sweep has a result");

    let map = HeatMap { levels: vec![level("p < 10%", 0.1)], ..heat_map(2, 2) };
    // Of four runs the last is invalid.
    let cells = vec![m(0.01, 0.001), m(0.2, 0.003), m(0.05, 0.002), Measured::NONE];
    assert_eq!(
        title(&Chart::HeatMap(HeatMap { cells, ..map })),
        "p < 10% holds in 2 of 3 runs; P(cash-out) runs from 1.0% (1 GW, 80%) to 20% (1.5 GW, 80%)"
    );
    let found = title(&Chart::SweepScatter(scatter()));
    assert!(
        found
            .starts_with("P(cash-out) is associated only with Power ordered ahead (+0.96); p(cash_out) < 10% holds in"),
        "{found}"
    );
}

#[test]
fn a_comparison_says_by_how_much_cases_differ() {
    let of = |names: &[&str]| overlay(names, 24);
    let base = |o: Overlay| title(&Chart::Overlay(o));
    // The second case differs by 1.4 points, the third by 2.8, each ± 0.4.
    let said = "In “C” cash runs out in 2.8\u{a0}pp fewer paths than in “A” (±0.40\u{a0}pp)";
    assert_eq!(base(of(&["A", "B", "C"])), said);
    assert_eq!(base(of(&["A"])), "Cash runs out in 11% ±0.22\u{a0}pp of paths in “A”");
    let mut close = of(&["A", "B"]);
    close.cases[1].difference = m(0.007, 0.004);
    assert_eq!(base(close.clone()), "“B” cannot be distinguished from “A” by the probability of running out of cash");
    close.cases[1].difference = m(0.009, 0.004);
    assert!(base(close).ends_with("0.90\u{a0}pp more paths than in “A” (±0.40\u{a0}pp)"));
    assert_eq!(base(of(&[])), "No case to compare");
    let names = ["A", "B", "C", "D", "E", "F", "G", "H"];
    let drawn = render(&Chart::Overlay(of(&names)), &frame(20_000));
    assert!(drawn.subtitle.contains("2 more cases only in the table"), "{}", drawn.subtitle);
    // A month, and six columns for each of the eight cases.
    assert_eq!(drawn.table.head.len(), 49);
}

#[test]
fn contributions_sum_to_the_whole() {
    let drawn = render(&Chart::Shapley(shapley(&CHANGES)), &frame(20_000));
    // 11% − 2.2 − 1.5 + 0.9 − 0.4 + 0.06 = 7.86%.
    assert_eq!(
        drawn.title,
        "P(cash-out) goes from 11% in “Base” to 7.9% in “No venture”; Opening cash contributes −2.2\u{a0}pp of −3.1\u{a0}pp"
    );
    assert!(!drawn.svg.contains("Not attributed") && drawn.table.rows.len() == 7);
    let mut short = shapley(&CHANGES);
    short.end.value += 0.02;
    let drawn = render(&Chart::Shapley(short), &frame(20_000));
    assert!(drawn.svg.contains("Not attributed") && drawn.table.rows[6][2] == "+2.0\u{a0}pp");
    let faint = title(&Chart::Shapley(shapley(&CHANGES[4..])));
    assert!(faint.starts_with("No single setting stands out from noise: P(cash-out) goes from 11%"), "{faint}");
    // Fourteen contributions: eleven are drawn, three summed.
    let many = render(&Chart::Shapley(shapley(&[("Setting", "", 0.001); 14])), &frame(20_000));
    assert!(many.svg.contains("3 others") && many.table.rows.len() == 16);
}

#[test]
fn a_choice_and_a_solution_are_said_with_their_errors() {
    assert_eq!(
        title(&Chart::Frontier(frontier())),
        "“Leases first” is chosen: P(cash-out) 3.1% at founders’ dilution 27%, not distinguishable from one other; 3.4% \
         ±0.15\u{a0}pp on 8 fresh seeds"
    );
    let open = Frontier { winner: None, ..frontier() };
    assert_eq!(
        title(&Chart::Frontier(open)),
        "5 of 8 plans are on the frontier: P(cash-out) from 12% to 1.2% as founders’ dilution goes from 17% to 41%"
    );
    let found = |answer| title(&Chart::Solved(solved(answer)));
    let up = "p(cash_out) stays below 10% up to 4.1\u{a0}GW (99% interval 3.9–4.3\u{a0}GW) of Power ordered ahead";
    assert_eq!(found(Answer::UpTo(FOUND)), up);
    let point = Crossing { low: f64::NAN, ..FOUND };
    assert_eq!(found(Answer::From(point)), "p(cash_out) stays below 10% from 4.1\u{a0}GW of Power ordered ahead on");
    assert_eq!(
        found(Answer::Everywhere),
        "p(cash_out) stays below 10% at every value tried of Power ordered ahead, 1\u{a0}GW to 8\u{a0}GW"
    );
    assert!(found(Answer::Unknown).starts_with("No value of Power ordered ahead was found at which p(cash_out) stays"));
    assert_eq!(found(Answer::UpTo(Crossing { at: f64::NAN, ..FOUND })), found(Answer::Unknown));
}

#[test]
fn indices_are_ordered_by_the_total() {
    let drawn = render(&Chart::Indices(indices(&INPUTS)), &frame(20_000));
    assert_eq!(
        drawn.title,
        "Growth of demand explains 42% of the variance of P(cash-out) alone, 55% with interactions"
    );
    let names: Vec<&str> = drawn.table.rows.iter().map(|r| r[0].as_str()).collect();
    let order = ["Growth of demand", "Prices of compute", "World", "Opening cash", "Staff", "Tax rate"];
    assert_eq!(names, order);
    let noise = title(&Chart::Indices(indices(&INPUTS[4..])));
    assert_eq!(noise, "No input stands out from noise in the variance of P(cash-out)");
}

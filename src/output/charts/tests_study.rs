//! Charts of studies of several runs, with plausible and with hostile data. `CHART_OUT=<dir>` saves the pictures.

use super::tests::{frame, keep};
use super::*;

/// A name that tries to be markup and is longer than any label.
const ODD: &str = "A & B <\"quoted\"> \u{1}\u{7f} with a name that goes on and on and on, far beyond any label";

pub(super) fn m(value: f64, se: f64) -> Measured {
    Measured::new(value, se)
}

pub(super) fn share(label: &str) -> Quantity {
    Quantity { label: label.into(), unit: Unit::Share }
}

pub(super) fn level(label: &str, bound: f64) -> Level {
    Level { label: label.into(), bound, below: true }
}

/// Settings with their texts and their differences from the base in percentage points.
pub(super) fn tornado(base: f64, scale: f64, rows: &[(&str, &str, &str, f64, f64)]) -> Tornado {
    let end = |setting: &str, d: f64| TornadoEnd {
        setting: setting.into(),
        at: m(base + scale * d, 0.3 * scale),
        difference: m(scale * d, 0.12 * scale),
    };
    let bar = |(name, low, high, a, b): &(&str, &str, &str, f64, f64)| TornadoBar {
        name: (*name).into(),
        low: end(low, *a),
        high: end(high, *b),
    };
    Tornado {
        target: "P(cash-out)".into(),
        unit: Unit::Share,
        base: m(base, 0.3 * scale),
        bars: rows.iter().map(bar).collect(),
        without_effect: 31,
        ends: TornadoEnds::Settings,
    }
}

pub(super) const SETTINGS: [(&str, &str, &str, f64, f64); 17] = [
    ("Monthly price of compute", "$1.60/h", "$2.90/h", -3.0, 4.2),
    ("Growth of demand", "40%/yr", "160%/yr", 3.1, -2.4),
    ("Opening cash", "$10B", "$40B", 1.9, -1.1),
    ("Equity supply", "$20B/yr", "$80B/yr", 1.2, -0.9),
    ("Take-or-pay share", "40%", "90%", -0.6, 0.9),
    ("Winter, monthly probability", "0.2%", "1.4%", -0.5, 0.8),
    ("Research share of revenue", "10%", "60%", 0.7, 0.5),
    ("Revolver limit", "$0", "$12B", 0.4, -0.3),
    ("Gross margin", "35%", "70%", 0.35, -0.3),
    ("Competitor step", "0.5", "2.0", -0.2, 0.3),
    ("Delay of the campus", "0 months", "12 months", -0.2, 0.26),
    ("Tax rate", "15%", "28%", -0.1, 0.2),
    ("Staff per GW", "900", "2,400", -0.1, 0.15),
    ("Notice period", "3 mo", "12 mo", 0.05, -0.12),
    ("SOFR", "2.5%", "6.5%", -0.1, 0.1),
    ("Resale price", "30%", "60%", 0.05, -0.04),
    ("Lead investor’s pro rata", "0%", "100%", 0.02, -0.01),
];

fn values(name: &str, unit: &str, at: &[f64]) -> SettingValues {
    SettingValues { name: name.into(), labels: at.iter().map(|v| format!("{v}{unit}")).collect(), at: at.into() }
}

pub(super) fn heat_map(columns: usize, rows: usize) -> HeatMap {
    let at = |n: usize, from: f64, step: f64| (0..n).map(|i| from + step * i as f64).collect::<Vec<_>>();
    let cell = |k: usize| {
        let (x, y) = ((k % columns) as f64 / columns as f64, (k / columns) as f64 / rows as f64);
        let p = 0.012 + 0.3 * (x * x + 0.3 * x * (1.0 - y) + 0.25 * (y - 0.5) * (y - 0.5));
        if k == columns + 1 { Measured::NONE } else { m(p, (p * (1.0 - p) / 20_000.0).sqrt()) }
    };
    HeatMap {
        metric: share("P(cash-out)"),
        x: values("Power ordered ahead", " GW", &at(columns, 1.0, 0.5)),
        y: values("Price of compute", "%", &at(rows, 80.0, 5.0)),
        cells: (0..columns * rows).map(cell).collect(),
        levels: vec![level("p(cash_out) < 10%", 0.1), level("p(cash_out) < 5%", 0.05)],
    }
}

pub(super) fn sweep_line(estimates: &[f64], se: f64) -> SweepLine {
    let at: Vec<f64> = (1..=estimates.len()).map(|v| v as f64).collect();
    SweepLine {
        metric: share("P(cash-out)"),
        setting: values("Power ordered ahead", " GW", &at),
        estimates: estimates.iter().map(|v| m(*v, se)).collect(),
        levels: vec![level("p(cash_out) < 10%", 0.1)],
    }
}

/// A sample of 96 runs on points that fill the square evenly.
pub(super) fn scatter() -> SweepScatter {
    let uniform = |step: f64| (0..96).map(|i| (f64::from(i) * step).fract()).collect::<Vec<f64>>();
    let (a, b) = (uniform(0.618_034), uniform(0.754_878));
    let p = a.iter().zip(&b).map(|(a, b)| m(0.02 + 0.14 * a * a + 0.03 * b, 0.006)).collect();
    let sampled =
        |label: &str, unit, at: Vec<f64>| SampledSetting { setting: Quantity { label: label.into(), unit }, at };
    SweepScatter {
        metric: share("P(cash-out)"),
        settings: vec![
            sampled("Opening cash", Unit::Money, b.iter().map(|v| 1e10 + 3e10 * v).collect()),
            sampled("Power ordered ahead", Unit::Power, a.iter().map(|v| 1.0 + 6.0 * v).collect()),
        ],
        estimates: p,
        levels: vec![level("p(cash_out) < 10%", 0.1)],
    }
}

pub(super) fn overlay(names: &[&str], months: usize) -> Overlay {
    let case = |(i, name): (usize, &&str)| {
        let (k, by) = (i as f64, |f: &dyn Fn(f64) -> f64| (0..months).map(|t| f(t as f64)).collect::<Vec<f64>>());
        let p = 0.11 - 0.014 * k;
        let cash = |q: f64| by(&move |t| 1e9 * (22.0 + 9.0 * q + 2.0 * k + (0.4 + 0.5 * q - 0.06 * k) * t));
        OverlayCase {
            name: (*name).into(),
            probability: m(p, 0.0022),
            difference: if i == 0 { m(0.0, 0.0) } else { m(-0.014 * k, 0.004) },
            survival: by(&|t| 1.0 - p * (t / months as f64) * (t / months as f64)),
            cash: cash(0.0),
            cash_p05: cash(-1.4),
            cash_p95: cash(2.2),
            gap: by(&|t| 1e9 * (2.0 + 0.1 * k) * t * (1.0 - t / 160.0)),
            founders: by(&|t| 0.2 - (0.0012 + 0.0001 * k) * t),
        }
    };
    Overlay { cases: names.iter().enumerate().map(case).collect() }
}

pub(super) fn shapley(parts: &[(&str, &str, f64)]) -> Shapley {
    let part = |(name, change, d): &(&str, &str, f64)| Contribution {
        name: (*name).into(),
        change: (*change).into(),
        value: m(*d, 0.0015),
    };
    Shapley {
        metric: share("P(cash-out)"),
        from: "Base".into(),
        start: m(0.11, 0.0022),
        to: "No venture".into(),
        end: m(0.11 + parts.iter().map(|p| p.2).sum::<f64>(), 0.002),
        parts: parts.iter().map(part).collect(),
    }
}

pub(super) const CHANGES: [(&str, &str, f64); 5] = [
    ("Opening cash", "$10B → $14B", -0.022),
    ("Joint venture", "with → without", -0.015),
    ("Equity supply", "$40B/yr → $25B/yr", 0.009),
    ("Notice period", "12 mo → 6 mo", -0.004),
    ("Tax rate", "21% → 22%", 0.0006),
];

pub(super) fn frontier() -> Frontier {
    let of = |label: &str, unit| Quantity { label: label.into(), unit };
    let plan = |(i, (label, d, p, lev, front)): (usize, &(&str, f64, f64, f64, bool))| FrontierPoint {
        label: (*label).into(),
        dilution: m(*d, 0.002),
        ruin: m(*p, 0.003),
        leverage: *lev,
        on_frontier: *front,
        alike: match i {
            2 => vec![3],
            3 => vec![2],
            _ => Vec::new(),
        },
    };
    let points = [
        ("No debt", 0.41, 0.012, 0.2, true),
        ("Small rounds", 0.33, 0.019, 1.1, true),
        ("Leases first", 0.27, 0.031, 2.4, true),
        ("Leases, revolver", 0.272, 0.033, 2.9, false),
        ("Venture debt", 0.22, 0.058, 3.8, true),
        ("All debt", 0.17, 0.124, 7.5, true),
        ("Two campuses", 0.30, 0.071, 5.2, false),
        ("Vendor finance and a convertible", 0.36, 0.044, 3.0, false),
    ];
    Frontier {
        dilution: of("Founders’ dilution", Unit::Share),
        ruin: of("P(cash-out)", Unit::Share),
        leverage: of("Look-through leverage", Unit::Multiple),
        points: points.iter().enumerate().map(plan).collect(),
        winner: Some(Winner { point: 2, dilution: m(0.268, 0.001), ruin: m(0.0335, 0.0015), seeds: 8 }),
    }
}

pub(super) fn solved(answer: Answer) -> Solved {
    let tried = [(1.0, 0.012), (8.0, 0.31), (4.5, 0.117), (2.75, 0.041), (3.6, 0.074), (4.1, 0.0995), (4.0, 0.094)];
    Solved {
        setting: Quantity { label: "Power ordered ahead".into(), unit: Unit::Named("GW".into()) },
        metric: share("p(cash_out)"),
        check: level("p(cash_out) < 10%", 0.1),
        tried: tried.iter().map(|(at, p)| Tried { at: *at, metric: m(*p, 0.003) }).collect(),
        answer,
    }
}

pub(super) const FOUND: Crossing = Crossing { at: 4.1, low: 3.9, high: 4.3 };

pub(super) fn indices(of: &[(&str, u64, f64, f64)]) -> Indices {
    let index = |v: f64| Index { value: v, low: v - 0.03, high: v + 0.03 };
    let input = |(name, members, first, total): &(&str, u64, f64, f64)| InputIndices {
        name: (*name).into(),
        members: *members,
        first: index(*first),
        total: index(*total),
    };
    Indices { target: "P(cash-out)".into(), inputs: of.iter().map(input).collect(), evaluations: 90_112 }
}

pub(super) const INPUTS: [(&str, u64, f64, f64); 6] = [
    ("Opening cash", 1, 0.05, 0.08),
    ("Growth of demand", 1, 0.42, 0.55),
    ("Prices of compute", 3, 0.18, 0.27),
    ("World", 12, 0.11, 0.24),
    ("Staff", 4, -0.01, 0.01),
    ("Tax rate", 1, 0.002, -0.004),
];

fn plausible() -> Vec<Chart> {
    vec![
        Chart::Tornado(tornado(0.042, 0.01, &SETTINGS)),
        Chart::HeatMap(heat_map(9, 7)),
        Chart::SweepLine(sweep_line(&[0.012, 0.021, 0.048, 0.083, 0.124, 0.19], 0.004)),
        Chart::SweepScatter(scatter()),
        Chart::Overlay(overlay(&["Base", "No venture", "Later equity round"], 60)),
        Chart::Shapley(shapley(&CHANGES)),
        Chart::Frontier(frontier()),
        Chart::Solved(solved(Answer::UpTo(FOUND))),
        Chart::Indices(indices(&INPUTS)),
        Chart::RareEvent(RareEvent {
            levels: [0.21, 0.04, 0.0091, 0.0012, 2.4e-4, 8.8e-5]
                .iter()
                .map(|p| (format!("{:.2} mo", 40.0 * p), Measured::new(*p, 0.1 * p)))
                .collect(),
            answer: (8.8e-5, [7.2e-5, 1.1e-4]),
            by: "multilevel splitting".into(),
        }),
    ]
}

/// Every chart with `n` of everything, all called `name`, with the value and error `v(k)`.
fn uniform(n: usize, name: &str, unit: &Unit, v: impl Fn(usize) -> Measured) -> Vec<Chart> {
    let quantity = || Quantity { label: name.into(), unit: unit.clone() };
    let end = |k: usize| TornadoEnd { setting: name.into(), at: v(k), difference: v(k + 1) };
    let at: Vec<f64> = (0..n).map(|k| v(k).value).collect();
    let settings = || SettingValues { name: name.into(), labels: vec![name.into(); n], at: at.clone() };
    let levels = || (0..4).map(|k| Level { label: name.into(), bound: v(k).value, below: k > 1 }).collect::<Vec<_>>();
    let measured = |n: usize| (0..n).map(&v).collect::<Vec<_>>();
    let bar = |k: usize| TornadoBar { name: name.into(), low: end(k), high: end(k + 2) };
    let case = |k: usize| OverlayCase {
        name: name.into(),
        probability: v(k),
        difference: v(k + 1),
        survival: at.clone(),
        cash: at.clone(),
        cash_p05: at.clone(),
        cash_p95: at.clone(),
        gap: at.clone(),
        founders: at.clone(),
    };
    let part = |k: usize| Contribution { name: name.into(), change: name.into(), value: v(k) };
    let plan = |k: usize| FrontierPoint {
        label: name.into(),
        dilution: v(k),
        ruin: v(k + 1),
        leverage: v(k).value,
        on_frontier: k.is_multiple_of(2),
        alike: (0..n + 3).collect(),
    };
    let crossing = Crossing { at: v(1).value, low: v(0).value, high: v(2).value };
    let index = |k: usize| Index { value: v(k).value, low: v(k).value - v(k).se, high: v(k).value + v(k).se };
    let input = |k: usize| InputIndices { name: name.into(), members: 1, first: index(k), total: index(k + 1) };
    vec![
        Chart::Tornado(Tornado {
            target: name.into(),
            unit: unit.clone(),
            base: v(0),
            bars: (0..n).map(bar).collect(),
            without_effect: 0,
            ends: TornadoEnds::Tenths,
        }),
        Chart::HeatMap(HeatMap {
            metric: quantity(),
            x: settings(),
            y: settings(),
            cells: measured(n * n),
            levels: levels(),
        }),
        Chart::SweepLine(SweepLine {
            metric: quantity(),
            setting: settings(),
            estimates: measured(n),
            levels: levels(),
        }),
        Chart::SweepScatter(SweepScatter {
            metric: quantity(),
            settings: vec![SampledSetting { setting: quantity(), at: at.clone() }; 2],
            estimates: measured(n),
            levels: levels(),
        }),
        Chart::RareEvent(RareEvent {
            levels: (0..n).map(|k| (name.into(), v(k))).collect(),
            answer: (v(0).value, [v(1).value, v(2).value]),
            by: name.into(),
        }),
        Chart::Overlay(Overlay { cases: (0..n).map(case).collect() }),
        Chart::Shapley(Shapley {
            metric: quantity(),
            from: name.into(),
            start: v(0),
            to: name.into(),
            end: v(1),
            parts: (0..n).map(part).collect(),
        }),
        Chart::Frontier(Frontier {
            dilution: quantity(),
            ruin: quantity(),
            leverage: quantity(),
            points: (0..n).map(plan).collect(),
            winner: Some(Winner { point: 1, dilution: v(2), ruin: v(3), seeds: 4 }),
        }),
        Chart::Solved(Solved {
            setting: quantity(),
            metric: quantity(),
            check: Level { label: name.into(), bound: v(2).value, below: false },
            tried: (0..n).map(|k| Tried { at: v(k).value, metric: v(k + 1) }).collect(),
            answer: Answer::From(crossing),
        }),
        Chart::Indices(Indices { target: name.into(), inputs: (0..n).map(input).collect(), evaluations: 0 }),
    ]
}

#[test]
fn plausible_charts_of_studies_are_sound() {
    keep("study-", &plausible(), &frame(20_000));
    let big = [Chart::HeatMap(heat_map(30, 20)), Chart::HeatMap(heat_map(3, 2))];
    keep("big-", &big[..1], &frame(20_000));
    keep("small-", &big[1..], &frame(20_000));
    let names = ["Base", "No venture", "Later equity round", "A case with a long name", "Own chips", "Leases", "More"];
    keep("six-", &[Chart::Overlay(overlay(&names, 84))], &frame(20_000));
}

#[test]
fn hostile_charts_of_studies_are_sound() {
    let mut named = frame(0);
    named.scenario = ODD.repeat(3);
    let wave = |k: usize| (k as f64 * 1.7).sin();
    for (prefix, n, name, unit, v) in [
        ("none-", 0, "x", Unit::Share, &(|_| m(0.0, 0.0)) as &dyn Fn(usize) -> Measured),
        ("zero-", 6, "Zero", Unit::Share, &|_| m(0.0, 0.0)),
        ("nan-", 6, ODD, Unit::Money, &|_| Measured::NONE),
        ("holes-", 9, ODD, Unit::Share, &|k| if k % 3 == 1 { Measured::NONE } else { m(0.03 * k as f64, f64::NAN) }),
        ("negative-", 12, "Negative", Unit::Money, &|k| m(-1e9 * (1.0 + k as f64), 4e8)),
        ("one-", 1, "One", Unit::Months, &|_| m(18.0, 0.4)),
        ("many-", 40, ODD, Unit::Named("deals of some kind".into()), &|k| m(1e4 * wave(k), 500.0)),
        ("huge-", 7, "Huge", Unit::Multiple, &|k| m(1e300 * wave(k), 1e299)),
        ("infinite-", 7, "Endless", Unit::Power, &|k| m(if k > 3 { f64::INFINITY } else { 2.0 }, f64::INFINITY)),
    ] {
        keep(prefix, &uniform(n, name, &unit, v), &named);
    }
}

#[test]
fn every_kind_has_its_own_number_and_file() {
    let mut stems: Vec<(u8, &str)> = plausible().iter().map(|c| (c.parts().0, c.parts().1)).collect();
    assert!(stems.iter().all(|(n, stem)| stem.starts_with(&format!("{n}-"))), "{stems:?}");
    stems.sort_unstable();
    assert!(stems.windows(2).all(|w| w[0].0 != w[1].0), "{stems:?}");
}

#[test]
fn series_of_a_pointer_are_in_the_picture() {
    for chart in plausible() {
        let drawing = render(&chart, &frame(20_000));
        assert!(!drawing.hover.is_empty() && !drawing.table.rows.is_empty(), "{}", drawing.stem);
        for series in drawing.hover.iter().flat_map(|p| &p.series) {
            let group = format!("data-series=\"{}\"", series.key);
            assert!(drawing.svg.contains(&group), "{}: {group}", drawing.stem);
        }
    }
}

#[test]
fn charts_of_studies_survive_json() {
    let Chart::HeatMap(map) = &plausible()[1] else { panic!("the second chart is the map") };
    let text = serde_json::to_string(map).unwrap();
    let back: HeatMap = serde_json::from_str(&text).unwrap();
    // The invalid cell is undefined again, so that the two are compared as they are drawn.
    let [a, b] = [map.clone(), back].map(|m| render(&Chart::HeatMap(m), &frame(1)));
    assert!(text.contains("null") && a == b);
}

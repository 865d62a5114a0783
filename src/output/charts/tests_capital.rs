//! Charts 7 to 16 with plausible and with degenerate data, and names that try to be markup.

use super::tests::{frame, keep};
use super::*;

fn wave(n: usize, scale: f64) -> Vec<f64> {
    (0..n).map(|i| scale * (1.2 + (i as f64 / 7.0).sin()) * (i as f64 / 24.0).exp()).collect()
}

fn banded(label: &str, months: usize, scale: f64) -> Fan {
    let at = |q: f64| wave(months, scale * q);
    let band = Band { p05: at(0.5), p25: at(0.8), p50: at(1.0), p75: at(1.4), p95: at(3.0) };
    Fan { label: label.into(), band, paths: vec![at(0.9)] }
}

/// Charts 7 to 16 with `n` of everything, all called `name` and sized `scale`.
fn capital(n: usize, months: usize, name: &str, scale: f64) -> Vec<Chart> {
    let called = |i: usize| if n > 1 { format!("{name} {i}") } else { name.to_owned() };
    let roles = [Role::Lender(0), Role::Vehicle(1), Role::Compute(2), Role::Investor(3)];
    let role = |i: usize| roles[i % 4];
    let share = |i: usize| 1.0 / (i + 2) as f64;
    let with = |k: usize| (0..n).map(|i| (0.7 * (i + k) as f64 / n as f64 - 0.3, 0.02)).collect();
    let target = |k: usize| Target { label: format!("the outcome {k}"), with: with(k) };
    let claimant = |i: usize| Claimant {
        label: called(i),
        role: role(i),
        claims: share(i),
        expected: scale * share(i),
        se: scale * 0.02,
        p95: scale * 4.0 * share(i),
        lgd: 0.5,
    };
    let provider = |i: usize| Provider {
        label: called(i),
        role: role(i),
        irr: [-0.9, -0.1, 0.08 * share(i), 0.2, 5.0],
        undefined: share(i),
        moic: 1.3,
        hurdle: i.is_multiple_of(2).then_some(0.08),
    };
    let points = |scale: f64| {
        (6..14)
            .map(|k| {
                (f64::from(1 << k), [scale, scale * (1.0 - 0.2 / f64::from(k)), scale * (1.0 + 0.2 / f64::from(k))])
            })
            .collect()
    };
    let vehicle = |i: usize| Covered {
        name: called(i),
        measure: "DSCR".into(),
        cover: banded("DSCR", months, 0.6 + i as f64),
        levels: vec![("lock-up".into(), 1.2), ("default".into(), 1.05)],
        due: (0..months).map(|m| 1.0 - m as f64 / months as f64).collect(),
        claims: 0.1 * i as f64,
    };
    vec![
        Chart::Liabilities(Liabilities {
            parts: (0..n).map(|i| (called(i), role(i), wave(months, scale * share(i)))).collect(),
            leverage: banded("Leverage", months, 2.0),
        }),
        Chart::Cover(Cover { vehicles: (0..n).map(vehicle).collect() }),
        Chart::Exceedance(Exceedance {
            points: (0..=100).map(|i| (scale * f64::from(i), 0.7 - 0.007 * f64::from(i))).collect(),
        }),
        Chart::Drivers(Drivers {
            inputs: (0..n).map(called).collect(),
            targets: vec![target(0), target(1)],
            paths: 16_384,
        }),
        Chart::Anatomy(Anatomy { causes: (0..n).map(|i| (called(i), wave(months, 1e-4 * share(i)))).collect() }),
        Chart::Losses(Losses { claimants: (0..n).map(claimant).collect() }),
        Chart::Commitments(Commitments {
            headline: wave(months, 3.0 * scale),
            firm: wave(months, 2.0 * scale),
            spent: wave(months, 0.1 * scale),
            place: wave(months, 4.0),
            used: wave(months, 3.0),
        }),
        Chart::Returns(Returns { providers: (0..n).map(provider).collect() }),
        Chart::Convergence(Convergence {
            estimates: vec![
                Estimate { label: "Probability of running out of cash".into(), share: true, points: points(0.2) },
                Estimate { label: format!("{name}, median"), share: false, points: points(scale) },
            ],
        }),
    ]
}

#[test]
fn charts_of_capital_are_sound() {
    keep("few-", &capital(3, 60, "Vehicle", 4e10), &frame(20_000));
    keep("many-", &capital(40, 60, "instrument with a rather long name that goes on", 4e10), &frame(20_000));
    keep("long-", &capital(4, 600, "Long", 2e12), &frame(20_000));
    keep("month-", &capital(2, 1, "Short", 1e6), &frame(1));
    keep("none-", &capital(0, 0, "", 0.0), &frame(0));
    keep("nil-", &capital(2, 24, "Nil", 0.0), &frame(20_000));
    keep("nan-", &capital(2, 24, "Nan", f64::NAN), &frame(20_000));
    keep("minus-", &capital(2, 24, "Minus", -4e10), &frame(20_000));
    keep("infinite-", &capital(2, 24, "Endless", f64::INFINITY), &frame(20_000));
}

#[test]
fn names_are_text_and_never_markup() {
    let name = "<script>alert(\"1\")</script> & <b>'x'</b> ]]> \u{0}\u{1b}";
    let mut said = frame(500);
    (said.scenario, said.variant) = (name.into(), Some(name.into()));
    let curve = || SurvivalCurve { label: name.into(), alive: vec![0.9, 0.4], band: None };
    let line = || Line { label: name.into(), role: Role::Other, values: vec![1e9] };
    let holder = Holder { label: name.into(), role: Role::Founders, share: vec![1.0, 1.0] };
    let mut charts = capital(3, 24, name, 1e9);
    let left_out = vec![name.to_owned()];
    charts.push(Chart::Survival(Survival { curves: vec![curve(), curve()], paired: 1, left_out }));
    let (sources, uses) = (vec![line()], vec![line()]);
    charts.push(Chart::SourcesUses(SourcesUses { years: vec![2026], months: 2, sources, uses }));
    charts.push(Chart::CapTable(CapTable { holders: vec![holder], statistic: name.into() }));
    keep("markup-", &charts, &said);
    for chart in &charts {
        let svg = render(chart, &said).svg;
        for part in ["<script", "<b>", "& <", "\u{0}", "\u{1b}"] {
            assert!(!svg.contains(part), "{part}");
        }
        assert!(svg.contains("&lt;script&gt;"));
    }
}

#[test]
fn series_of_a_pointer_are_groups_of_the_picture() {
    for chart in capital(3, 60, "Vehicle", 4e10).iter().chain(&super::tests::realistic(60, 1.0)) {
        let drawing = render(chart, &frame(20_000));
        assert!(!drawing.hover.is_empty(), "{}", drawing.stem);
        for series in drawing.hover.iter().flat_map(|p| &p.series) {
            // A series that is only reported beside others has no group.
            if ["ruin", "lgd", "claims"].contains(&series.key.as_str()) {
                continue;
            }
            let group = format!("data-series=\"{}\"", series.key);
            assert!(drawing.svg.contains(&group), "{}: {group}", drawing.stem);
        }
    }
}

#[test]
fn titles_state_what_was_found() {
    let frame = frame(20_000);
    let title = |chart: Chart| render(&chart, &frame).title;
    let amounts = |points: &[(f64, f64)]| title(Chart::Exceedance(Exceedance { points: points.into() }));
    assert_eq!(
        amounts(&[(0.0, 1.0), (1e9, 0.5), (4e9, 0.04)]),
        "Half of all paths need over $1.0B of external funding at the peak, one in twenty over $4.0B"
    );
    assert_eq!(
        amounts(&[(0.0, 0.2), (1e9, 0.1), (4e9, 0.05)]),
        "20% of paths need external funding; one in twenty more than $4.0B"
    );
    assert_eq!(amounts(&[(0.0, 0.01), (1e9, 0.0)]), "1.0% of paths need external funding");
    // Where nothing varies there is no chart.
    assert!(Exceedance::new(vec![(0.0, 0.0)]).is_none() && Exceedance::new(vec![(0.0, 1.0), (442e9, 0.0)]).is_none());
    assert!(Exceedance::new(vec![(0.0, 0.004), (1e9, 0.002), (2e9, 0.0)]).is_none());

    let covered = |p05: &[f64], levels: &[(&str, f64)], due: &[f64], claims: f64| {
        let cover = Fan { band: Band { p05: p05.into(), p50: p05.into(), ..Band::default() }, ..Fan::default() };
        let levels = levels.iter().map(|l| (l.0.to_owned(), l.1)).collect();
        let (name, measure, due) = ("Loan".into(), "DSCR".into(), due.to_vec());
        title(Chart::Cover(Cover { vehicles: vec![Covered { name, measure, cover, levels, due, claims }] }))
    };
    let levels = [("lock-up", 1.2), ("default", 1.05)];
    let all = [1.0, 1.0];
    assert_eq!(
        covered(&[1.4, 1.3], &levels, &all, 0.0),
        "DSCR holds: its lowest 5% quantile is 1.30x, Loan in July 2026"
    );
    let broken = covered(&[1.1], &levels, &all, 0.0);
    assert!(broken.ends_with("has a DSCR of 1.10x or less in June 2026, below its lock-up of 1.20x"), "{broken}");
    assert!(covered(&[0.5], &levels, &all, 0.0).ends_with("0.50x or less in June 2026, below its default of 1.05x"));
    // A cover of 1.30x on the paths that have service left does not hold while lenders have a claim on one path in
    // seven.
    assert_eq!(
        covered(&[1.3, 1.3], &levels, &all, 0.148),
        "On one path in twenty Loan has a DSCR of 1.30x or less in June 2026; its lenders have a claim in 15% of paths"
    );
    // Where service is due on fewer than half of the paths, their cover is not the vehicle's cover.
    assert_eq!(
        covered(&[1.3, 0.52], &[], &[0.98, 0.12], 0.0),
        "DSCR holds: its lowest 5% quantile is 1.30x, Loan in June 2026"
    );
    assert_eq!(covered(&[0.5], &[], &[0.4], 0.0), "No vehicle has debt service due on most paths");

    let owed = |of: &[f64]| {
        let leverage = Fan { band: Band { p50: vec![2.4, 0.1], ..Band::default() }, ..Fan::default() };
        title(Chart::Liabilities(Liabilities { parts: vec![("Debt".into(), Role::Lender(0), of.to_vec())], leverage }))
    };
    assert_eq!(
        owed(&[420e6, 3.2e3]),
        "Obligations peak at $420M in Jun 2026, 100% of it debt; $3.2K in Jul 2026; median leverage peaks at \
         2.40x in Jun 2026"
    );
    assert!(owed(&[1e9, 2e9]).starts_with("$2.0B of obligations in Jul 2026, the highest so far, 100% of it debt;"));

    let driven = |with: &[(f64, f64)]| {
        let inputs = with.iter().enumerate().map(|(i, _)| format!("input {i}")).collect();
        let targets = vec![Target { label: "running out of cash".into(), with: with.into() }];
        title(Chart::Drivers(Drivers { inputs, targets, paths: 1000 }))
    };
    assert_eq!(driven(&[(0.02, 0.03)]), "No input stands out from noise in running out of cash");
    assert_eq!(
        driven(&[(0.2, 0.03), (-0.4, 0.03), (0.05, 0.03)]),
        "Running out of cash is most strongly associated with “input 1” (\u{2212}0.40), then “input 0” (+0.20)"
    );

    let ruin = |causes: &[(&str, Vec<f64>)]| {
        title(Chart::Anatomy(Anatomy { causes: causes.iter().map(|c| (c.0.to_owned(), c.1.clone())).collect() }))
    };
    // The frame starts in June 2026: the eighth month is January 2027.
    let at = |month: usize, share: f64| (0..12).map(|i| if i == month { share } else { 0.0 }).collect::<Vec<_>>();
    assert_eq!(
        ruin(&[("winter", at(8, 0.03)), ("round_failed", at(0, 0.01))]),
        "“Winter” is the first cause of 75% of cash-outs; 75% of cash-outs fall in 2027"
    );
    assert_eq!(
        ruin(&[("none", at(0, 0.01))]),
        "No adverse event precedes 100% of cash-outs; 100% of cash-outs fall in 2026"
    );
}

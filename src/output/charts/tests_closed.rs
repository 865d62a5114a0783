//! Charts of the closed loop and of sweeps, with realistic and with degenerate data.

use super::tests::{fan, frame, keep};
use super::*;

/// Five paths around a mean that moves from `from` to `to`.
fn around(label: &str, months: usize, from: f64, to: f64, width: f64) -> Fan {
    let path = |k: usize| {
        let at = |m: usize| from + (to - from + (k as f64 - 10.0) * width) * m as f64 / months.max(2) as f64;
        (0..months).map(at).collect::<Vec<_>>()
    };
    Fan { paths: Vec::new(), ..fan(label, &(0..21).map(path).collect::<Vec<_>>()) }
}

fn realistic(months: usize) -> Vec<Chart> {
    let ramp = |from: f64, to: f64| -> Vec<f64> {
        (0..months).map(|m| from + (to - from) * m as f64 / months.max(2) as f64).collect()
    };
    vec![
        Chart::Capability(Capability {
            spend: around("Spending", months, 4e9, 9e9, 1e8),
            revenue: around("Revenue", months, 3e9, 12e9, 4e8),
            lead: around("Lead over rivals", months, 0.0, -0.3, 0.06),
            effect: around("Effect on demand", months, 0.0, -0.15, 0.05),
            served: ramp(0.3, 0.9),
        }),
        Chart::PowerMarket(PowerMarket {
            spot: around("Spot", months, 11.5e9, 10e9, 6e8),
            contract: around("Contract", months, 10e9, 9e9, 3e8),
            tightness: around("Tightness", months, 0.0, -0.05, 0.03),
            customers: ramp(1e8, 3e7),
            research: ramp(7e8, 12e8),
            revenue: ramp(3e9, 12e9),
        }),
        Chart::EquitySupply(EquitySupply {
            asked: ramp(1e8, 2e9),
            raised: ramp(1e8, 1.4e9),
            factor: around("Price factor", months, 1.0, 0.93, 0.004),
        }),
        Chart::Valuation(Valuation {
            equity: around("Valuation", months, 1e12, 1.5e12, 1.4e11),
            enterprise: around("Enterprise value", months, 1e12, 1.6e12, 1.5e11),
            burden: around("Burden", months, 5e9, 3e10, 2e9),
            ratio: ramp(1.0, 0.94),
            weight: 0.02,
        }),
        Chart::Sweep(sweep()),
    ]
}

/// Value that peaks at half, probability least at a tenth.
fn sweep() -> Sweep {
    let at: Vec<f64> = (0..12).map(|k| f64::from(k) / 10.0).collect();
    let measure = |label: &str, best_is: &str, money: bool, f: fn(f64) -> f64, se: f64| {
        let means: Vec<(f64, f64)> = at.iter().map(|a| (f(*a), 4.0 * se)).collect();
        let top = best(&means.iter().map(|m| m.0).collect::<Vec<_>>(), money).unwrap();
        let over_best = means.iter().enumerate().map(|(k, m)| (m.0 - means[top].0, if k == top { 0.0 } else { se }));
        Measure {
            label: label.into(),
            best_is: best_is.into(),
            money,
            more: money,
            over_best: over_best.collect(),
            means,
            as_it_is: Some(f(0.35)),
        }
    };
    let measures = vec![
        measure(
            "Value for today’s holders",
            "holders’ value is greatest",
            true,
            |a| 9e11 - 1e12 * (a - 0.5).powi(2),
            8e9,
        ),
        measure(
            "Probability of cash-out",
            "cash-out is least likely",
            false,
            |a| 0.04 + 0.2 * (a - 0.1).powi(2),
            0.002,
        ),
    ];
    let swept =
        |name: &str, of: &str| Swept { name: name.into(), of: of.into(), at: at.clone(), measures: measures.clone() };
    Sweep { swept: vec![swept("research", "of revenue"), swept("orders", "of forecast need")] }
}

#[test]
fn realistic_charts_are_sound() {
    keep("closed-", &realistic(60), &frame(20_000));
    keep("closed-long-", &realistic(400), &frame(20_000));
    keep("closed-short-", &realistic(2), &frame(1));
}

/// The charts with every series made of `value(month)`.
fn uniform(months: usize, label: &str, value: impl Fn(usize) -> f64) -> Vec<Chart> {
    let v: Vec<f64> = (0..months).map(value).collect();
    let band = Band { p05: v.clone(), p25: v.clone(), p50: v.clone(), p75: v.clone(), p95: v.clone() };
    let fan = || Fan { label: label.into(), band: band.clone(), paths: vec![v.clone(); 7] };
    let pairs: Vec<(f64, f64)> = v.iter().map(|x| (*x, *x)).collect();
    let measure = |money| Measure {
        label: label.into(),
        best_is: label.into(),
        money,
        more: money,
        means: pairs.clone(),
        over_best: pairs.clone(),
        as_it_is: v.first().copied(),
    };
    let swept =
        Swept { name: label.into(), of: label.into(), at: v.clone(), measures: vec![measure(true), measure(false)] };
    vec![
        Chart::Capability(Capability { spend: fan(), revenue: fan(), lead: fan(), effect: fan(), served: v.clone() }),
        Chart::PowerMarket(PowerMarket {
            spot: fan(),
            contract: fan(),
            tightness: fan(),
            customers: v.clone(),
            research: v.clone(),
            revenue: v.clone(),
        }),
        Chart::EquitySupply(EquitySupply { asked: v.clone(), raised: v.clone(), factor: fan() }),
        Chart::Valuation(Valuation {
            equity: fan(),
            enterprise: fan(),
            burden: fan(),
            ratio: v.clone(),
            weight: v.last().copied().unwrap_or(f64::NAN),
        }),
        Chart::Sweep(Sweep { swept: vec![swept; 3] }),
        Chart::Sweep(Sweep::default()),
    ]
}

#[test]
fn degenerate_charts_are_sound() {
    let odd = "A & B <\"quoted\"> \u{1}\u{7f} with a name that goes on and on and on, far beyond any label";
    keep("closed-none-", &uniform(0, "x", |_| 0.0), &frame(0));
    keep("closed-zero-", &uniform(24, "Zero", |_| 0.0), &frame(20_000));
    keep("closed-nan-", &uniform(24, odd, |_| f64::NAN), &frame(0));
    keep("closed-holes-", &uniform(24, odd, |m| if m % 5 < 2 { f64::NAN } else { m as f64 * 1e9 }), &frame(1));
    keep("closed-negative-", &uniform(24, "Negative", |m| -1e9 * m as f64), &frame(20_000));
    keep("closed-one-", &uniform(1, "One month", |_| 0.7), &frame(20_000));
    keep("closed-huge-", &uniform(600, "Huge", |m| 1e13 * (m as f64 / 9.0).sin()), &frame(20_000));
    keep("closed-endless-", &uniform(9, "Endless", |m| if m > 5 { f64::INFINITY } else { 1e300 }), &frame(20_000));
}

#[test]
fn titles_state_the_finding() {
    let frame = frame(20_000);
    let median = |v: &[f64]| Fan { band: Band { p50: v.into(), ..Band::default() }, ..Fan::default() };
    let lead = |effect: f64, served: &[f64]| {
        Capability { effect: median(&[0.0, effect]), served: served.into(), ..Capability::default() }.title(&frame)
    };
    assert_eq!(lead(0.8_f64.ln(), &[]), "Capability takes 20% off revenue at the median by July 2026");
    let both = "Capability adds 10% to revenue at the median by July 2026; there is power for 75% of research";
    assert_eq!(lead(1.1_f64.ln(), &[0.5, 1.0]), both);
    assert_eq!(lead(0.0, &[1.0, 1.0]), "Capability leaves median revenue as it is by July 2026");

    let market = |spot: &[f64], lost: f64, research: f64| {
        let market = PowerMarket {
            spot: median(spot),
            contract: median(&[10e9]),
            customers: vec![lost],
            research: vec![research],
            revenue: vec![9e9],
            ..PowerMarket::default()
        };
        market.title(&frame)
    };
    let peak = "The median spot price of power peaks at $12.5B/GW-yr in July 2026, 1.25x the first contract price";
    assert_eq!(
        market(&[11e9, 12.5e9, 12e9], 1e9, 5e9),
        format!("{peak}; 10% of demand and $5.0B of research go unserved")
    );
    assert_eq!(market(&[11e9, 12.5e9, 12e9], 0.0, 5e9), format!("{peak}; $5.0B of research goes unserved"));
    assert_eq!(market(&[11e9, 12.5e9, 12e9], 0.0, 0.0), format!("{peak}; no need goes unserved"));

    let supply = |asked: f64, raised: f64, factor: f64| {
        EquitySupply { asked: vec![asked], raised: vec![raised], factor: median(&[factor]) }.title(&frame)
    };
    assert_eq!(supply(0.0, 0.0, 1.0), "No round asks for equity by June 2026");
    assert_eq!(supply(5e9, 5e9, 1.0), "Supply covers the $5.0B of equity that rounds ask for by June 2026");
    let short = "Of $5.0B of equity that rounds ask for by June 2026, 20% is not supplied; its flow lowers the price by up to 10% (June 2026)";
    assert_eq!(supply(5e9, 4e9, 0.9), short);

    let value =
        |ratio: &[f64], weight: f64| Valuation { ratio: ratio.into(), weight, ..Valuation::default() }.title(&frame);
    let paid = "On average investors pay 94% of enterprise value in July 2026";
    assert_eq!(value(&[1.0, 0.94], 0.02), format!("{paid}; what is promised beyond its use weighs 2.0% of it"));
    assert_eq!(value(&[1.0, 0.94], 0.0), format!("{paid}; nothing promised exceeds its use"));
    assert_eq!(value(&[f64::NAN], f64::NAN), "The lab has no enterprise value in any month");
}

#[test]
fn a_sweep_marks_what_cannot_be_told_from_the_best() {
    let measure = |means: &[f64], errors: &[f64], more: bool| {
        let top = best(means, more).unwrap();
        Measure {
            more,
            means: means.iter().map(|m| (*m, 1.0)).collect(),
            over_best: means.iter().zip(errors).map(|(m, e)| (m - means[top], *e)).collect(),
            ..Measure::default()
        }
    };
    // Two paired errors are the limit; runs beyond one that differs are not of the region, though they may be like the best.
    let value = measure(&[1.0, 8.0, 9.0, 10.0, 9.5, 7.0, 9.9], &[1.0, 1.0, 0.4, 0.0, 0.25, 1.0, 0.3], true);
    assert_eq!((value.best(), value.flat()), (Some(3), Some((3, 4))));
    assert!(value.is_flat(6) && !value.is_flat(2) && value.is_flat(1));
    let ruin = measure(&[0.3, 0.1, 0.1, 0.2], &[0.01, 0.0, 0.0, 0.1], false);
    assert_eq!((ruin.best(), ruin.flat()), (Some(1), Some((1, 3))));
    assert_eq!((best(&[f64::NAN], true), best(&[], false), best(&[f64::NAN, 2.0], false)), (None, None, Some(1)));

    let drawing = render(&Chart::Sweep(sweep()), &frame(4_000));
    let title = "Holders’ value is greatest at 40–60% (research) and 40–60% (orders); cash-out is least likely at 0–20% and 0–20%";
    assert_eq!(drawing.title, title);
    assert_eq!(drawing.table.rows.len(), 48);
    assert_eq!(drawing.hover.len(), 4);
    let row = &drawing.table.rows[2];
    assert_eq!(row[..3], ["Research, % of revenue", "20%", "Value for today’s holders"]);
    assert_eq!(row[5], "−$90B");
}

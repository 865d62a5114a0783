//! Every chart with realistic and with degenerate data. `CHART_OUT=<dir>` saves the pictures for visual inspection.

use super::words::counted;
use super::*;

/// Uniforms of a linear congruential generator: the charts need data, not randomness.
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }
}

pub(super) fn frame(paths: u64) -> Frame {
    Frame {
        scenario: "frontier-lab-2026".into(),
        variant: Some("with cloud partner".into()),
        set: Vec::new(),
        seed: 42,
        version: "0.1.0".into(),
        paths,
        start: Month::new(2026, 6),
        title: None,
        height: house::HEIGHT,
        assumptions: "scenario.resolved.yaml".into(),
    }
}

/// Quantiles and five paths of `paths[path][month]`.
pub(super) fn fan(label: &str, paths: &[Vec<f64>]) -> Fan {
    let at = |q: f64| -> Vec<f64> {
        let one = |m: usize| {
            let mut column: Vec<f64> = paths.iter().map(|p| p[m]).collect();
            column.sort_by(f64::total_cmp);
            column[((column.len() - 1) as f64 * q).round() as usize]
        };
        (0..paths[0].len()).map(one).collect()
    };
    let band = Band { p05: at(0.05), p25: at(0.25), p50: at(0.5), p75: at(0.75), p95: at(0.95) };
    Fan { label: label.into(), band, paths: paths.iter().take(5).cloned().collect() }
}

fn lines(of: &[(&str, Role, f64, f64)]) -> Vec<Line> {
    let values = |a: f64, g: f64| (0..6).map(|y| a * 1e9 * g.powi(y) * if y == 0 { 0.6 } else { 1.0 }).collect();
    of.iter().map(|(label, role, a, g)| Line { label: (*label).into(), role: *role, values: values(*a, *g) }).collect()
}

/// The six charts of a plausible lab; `tail` widens the fans.
pub(super) fn realistic(months: usize, tail: f64) -> Vec<Chart> {
    let mut noise = Noise(7);
    let n = 1500;
    let (mut spend, mut revenue, mut gap, mut sum, mut cash) = (vec![], vec![], vec![], vec![], vec![]);
    let mut ruined = vec![0_u64; months];
    for _ in 0..n {
        let (mut s, mut r, mut c, mut g) = (28e9_f64, 16e9_f64, 42e9, 0.0);
        let (pace_s, pace_r) = (0.034 + 0.008 * tail * noise.normal(), 0.046 + 0.012 * tail * noise.normal());
        let mut rows = [const { Vec::new() }; 5];
        let mut dead = false;
        for (m, out) in ruined.iter_mut().enumerate() {
            let slow = (-(m as f64) / 70.0).exp();
            s *= (pace_s * slow + 0.012 * noise.normal()).exp();
            r *= (pace_r * slow + 0.025 * noise.normal()).exp();
            g += (s - r) / 12.0;
            c += (r - s) / 12.0 + if m % 14 == 9 { 9.0 * (s - r).clamp(0.0, 9e10) / 12.0 } else { 0.4e9 };
            dead |= c < 0.0;
            *out += u64::from(dead) * 20_000 / n;
            for (row, v) in rows.iter_mut().zip([s, r, (s - r) / 12.0, g, if dead { c.min(0.0) } else { c }]) {
                row.push(v);
            }
        }
        let [a, b, c, d, e] = rows;
        spend.push(a);
        revenue.push(b);
        gap.push(c);
        sum.push(d);
        cash.push(e);
    }
    let curve = |label: &str, power: f64| SurvivalCurve {
        label: label.into(),
        alive: ruined.iter().map(|k| (1.0 - *k as f64 / 20_000.0).powf(power)).collect(),
        band: None,
    };
    let mut run = curve("As planned", 1.0);
    let end = |sign: f64| run.alive.iter().map(|p| p + sign * 1.96 * (p * (1.0 - p) / 20_000.0).sqrt()).collect();
    run.band = Some((end(-1.0), end(1.0)));
    let curves = vec![
        run,
        curve("Smaller contracts", 0.4),
        curve("No joint venture", 1.4),
        curve("Later equity round", 1.6),
        curve("Vendor leases", 0.8),
    ];
    let sources = lines(&[
        ("Customer revenue", Role::Customers, 16.0, 1.9),
        ("Equity rounds", Role::Investor(0), 40.0, 1.1),
        ("Convertible notes", Role::Investor(1), 4.0, 0.7),
        ("Cloud partner credits", Role::Partner(0), 9.0, 1.05),
        ("Term loans", Role::Lender(0), 6.0, 1.5),
        ("Revolver draws", Role::Lender(1), 1.0, 1.2),
        ("Vehicle financing", Role::Vehicle(0), 5.0, 2.0),
        ("Grants", Role::State, 0.5, 1.0),
    ]);
    let mut uses = lines(&[
        ("Compute contracts", Role::Compute(0), 44.0, 1.49),
        ("Own data centres", Role::Compute(1), 8.0, 1.6),
        ("Staff", Role::Employees, 6.0, 1.3),
        ("Revenue share", Role::Partner(0), 3.0, 1.8),
        ("Interest and fees", Role::Lender(0), 1.4, 1.9),
        ("Principal", Role::Lender(1), 0.8, 2.1),
        ("Lease payments", Role::Vehicle(0), 2.0, 2.0),
        ("Taxes", Role::State, 0.2, 2.3),
    ]);
    // Cash balances the account.
    let total = |lines: &[Line], y: usize| lines.iter().map(|l| l.values[y]).sum::<f64>();
    let values = (0..6).map(|y| total(&sources, y) - total(&uses, y)).collect();
    uses.push(Line { label: "Cash built up".into(), role: Role::Cash, values });
    let holders = [
        ("Founders", Role::Founders, 14.0, 0.0),
        ("Employees", Role::Employees, 12.0, 0.10),
        ("Foundation", Role::Foundation, 26.0, 0.0),
        ("Cloud partner", Role::Partner(0), 22.0, 0.02),
        ("Series A–D", Role::Investor(2), 14.0, 0.0),
        ("Series E", Role::Investor(0), 9.0, 0.05),
        ("Series F and later", Role::Investor(1), 1.0, 0.9),
        ("Lenders’ warrants", Role::Lender(0), 0.4, 0.06),
    ];
    let share = |a: f64, b: f64| (0..months).map(|m| a + b * ((m + 3) / 7 * 5) as f64).collect();
    let holders = holders.into_iter().map(|(l, role, a, b)| Holder { label: l.into(), role, share: share(a, b) });
    vec![
        Chart::SpendRevenue(SpendRevenue {
            spend: fan("Spending", &spend),
            revenue: fan("Revenue", &revenue),
            covered: Some(9_120),
        }),
        Chart::Gap(Gap {
            gap: fan("Gap of the month", &gap),
            cumulative: fan("Cumulative gap", &sum),
            open: Some(10_880),
        }),
        Chart::Cash(Cash { cash: fan("Cash", &cash), ruined }),
        Chart::Survival(Survival { curves, paired: 2_048, left_out: vec!["Own chips".into(); 5] }),
        Chart::SourcesUses(SourcesUses { years: (2026..2032).collect(), months: 60, sources, uses }),
        Chart::CapTable(CapTable { holders: holders.collect(), statistic: "means".into() }),
    ]
}

/// The six charts with every series made of `value(month)`.
fn uniform(months: usize, names: &str, value: impl Fn(usize) -> f64) -> Vec<Chart> {
    let v: Vec<f64> = (0..months).map(value).collect();
    let band = Band { p05: v.clone(), p25: v.clone(), p50: v.clone(), p75: v.clone(), p95: v.clone() };
    let fan = || Fan { label: names.into(), band: band.clone(), paths: vec![v.clone(); 7] };
    let line = || Line { label: names.into(), role: Role::Lender(3), values: v.clone() };
    let holder = || Holder { label: names.into(), role: Role::Vehicle(0), share: v.clone() };
    let curve = || SurvivalCurve { label: names.into(), alive: v.clone(), band: Some((v.clone(), v.clone())) };
    let years = (2026..).take(months).collect();
    let (sources, uses) = (vec![line(); 30], vec![line(); 2]);
    vec![
        Chart::SpendRevenue(SpendRevenue { spend: fan(), revenue: fan(), covered: Some(0) }),
        Chart::Gap(Gap { gap: fan(), cumulative: fan(), open: Some(u64::MAX) }),
        Chart::Cash(Cash { cash: fan(), ruined: vec![0; months] }),
        Chart::Survival(Survival { curves: (0..12).map(|_| curve()).collect(), ..Survival::default() }),
        Chart::SourcesUses(SourcesUses { years, months, sources, uses }),
        Chart::CapTable(CapTable { holders: (0..40).map(|_| holder()).collect(), statistic: String::new() }),
    ]
}

/// Tags balance, text is escaped, no number is undefined, and everything lies on the sheet.
pub(super) fn assert_sound(svg: &str) {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = svg;
    while let Some(start) = rest.find('<') {
        assert!(!rest[..start].contains('>') && !rest[..start].contains("& "), "{}", &rest[..start]);
        let end = rest[start..].find('>').expect("a tag ends") + start;
        let tag = &rest[start + 1..end];
        assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        if let Some(name) = tag.strip_prefix('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') {
            open.push(tag.split_whitespace().next().unwrap());
        }
        if let Some(points) = tag.split("points=\"").nth(1) {
            for pair in points.trim_end_matches(['"', '/']).split_whitespace() {
                let (x, y) = pair.split_once(',').expect(pair);
                let (x, y): (i32, i32) = (x.parse().unwrap(), y.parse().expect(y));
                assert!((0..=9600).contains(&x) && (0..=5400).contains(&y), "{pair}");
            }
        }
        rest = &rest[end + 1..];
    }
    assert!(open.is_empty() && !svg.contains("NaN") && !svg.contains("inf"));
    assert!(svg.contains(r#"role="img""#) && svg.contains("<title id=") && svg.contains("<desc id="));
    assert!(svg.chars().all(|c| !c.is_control() || c == '\n'));
}

/// The picture is valid, its table is well-formed, and what a pointer shows is on the plot and names series of the
/// picture.
fn assert_whole(drawing: &Drawing) {
    assert_sound(&drawing.svg);
    assert!(!drawing.title.is_empty() && !drawing.alt.is_empty() && drawing.subtitle.contains("seed"));
    assert!(drawing.table.rows.iter().all(|r| r.len() == drawing.table.head.len()), "{:?}", drawing.table);
    for panel in &drawing.hover {
        let (right, bottom) = (panel.left + panel.width, panel.top + panel.height);
        assert!(panel.left >= 0.0 && right <= 9600.0 && panel.top >= 0.0 && bottom <= 5400.0, "{panel:?}");
        let (from, to) = if panel.down { (panel.top, bottom) } else { (panel.left, right) };
        let inside = |x: f64| (from - 1.0..=to + 1.0).contains(&x);
        assert!(panel.places.iter().all(|p| inside(p.0)), "{panel:?}");
        for series in &panel.series {
            assert!(series.values.len() <= panel.places.len(), "{series:?}");
            assert!(!series.values.iter().any(|v| v.contains("NaN") || v.contains("inf")), "{series:?}");
        }
    }
}

pub(super) fn keep(name: &str, charts: &[Chart], frame: &Frame) {
    for chart in charts {
        let drawing = render(chart, frame);
        assert_whole(&drawing);
        assert_eq!(drawing, render(chart, frame));
        if let Some(dir) = std::env::var_os("CHART_OUT") {
            let path = std::path::Path::new(&dir).join(format!("{name}{}", drawing.stem));
            std::fs::write(path.with_extension("svg"), &drawing.svg).unwrap();
            #[cfg(feature = "png")]
            std::fs::write(path.with_extension("png"), png(&drawing.svg, 1.0).unwrap()).unwrap();
        }
    }
}

#[test]
fn realistic_charts_are_sound() {
    keep("", &realistic(60, 1.0), &frame(20_000));
    keep("tail-", &realistic(96, 2.6), &frame(20_000));
}

#[test]
fn degenerate_charts_are_sound() {
    let odd = "A & B <\"quoted\"> \u{1}\u{7f} with a name that goes on and on and on, far beyond any label";
    let mut named = frame(0);
    named.scenario = format!("{odd} {odd} {odd}");
    keep("none-", &uniform(0, "x", |_| 0.0), &named);
    keep("zero-", &uniform(24, "Zero", |_| 0.0), &frame(20_000));
    keep("nan-", &uniform(24, odd, |_| f64::NAN), &named);
    keep("holes-", &uniform(24, odd, |m| if m % 5 < 2 { f64::NAN } else { m as f64 * 1e9 }), &frame(1));
    keep("negative-", &uniform(24, "Negative", |m| -1e9 * m as f64), &frame(20_000));
    keep("one-", &uniform(1, "One month", |_| 0.7), &frame(20_000));
    keep("huge-", &uniform(600, "Huge", |m| 1e13 * (m as f64 / 9.0).sin()), &frame(20_000));
    keep("infinite-", &uniform(9, "Endless", |m| if m > 5 { f64::INFINITY } else { 1e300 }), &frame(20_000));
}

#[test]
fn titles_state_the_finding() {
    let frame = frame(20_000);
    let median = |v: &[f64]| Fan { band: Band { p50: v.into(), ..Band::default() }, ..Fan::default() };
    let two = |s: &[f64], r: &[f64]| {
        SpendRevenue { spend: median(s), revenue: median(r), ..SpendRevenue::default() }.title(&frame)
    };
    assert_eq!(two(&[2.0, 2.0], &[1.0, 1.0]), "Median spending exceeds median revenue in every month to July 2026");
    assert_eq!(two(&[1.0, 1.0], &[1.0, 2.0]), "Median revenue covers median spending in every month to July 2026");
    assert_eq!(two(&[2.0, 2.0, 2.0], &[1.0, 3.0, 3.0]), "Median spending runs ahead of median revenue until July 2026");
    assert_eq!(two(&[1.0, 2.0], &[2.0, 1.0]), "Median spending overtakes median revenue in July 2026");
    let often = "Median spending exceeds median revenue in 2 of 3 months to August 2026";
    assert_eq!(two(&[2.0, 2.0, 2.0], &[1.0, 3.0, 1.0]), often);
    assert_eq!(two(&[f64::NAN], &[1.0]), "Spending and revenue are undefined in every month");

    let ruin = |ruined: &[u64]| Cash { ruined: ruined.into(), ..Cash::default() }.title(&frame);
    assert_eq!(ruin(&[0; 60]), "No path of 20,000 runs out of cash before June 2031");
    assert_eq!(ruin(&[4_600; 60]), "Cash runs out before June 2031 in 23% of paths");
    assert_eq!(ruin(&[1; 60]), "Cash runs out before June 2031 in <0.1% of paths");
    assert_eq!(ruin(&[20_000; 60]), "Every path of 20,000 runs out of cash before June 2031");
    assert_eq!(counted(0, 20_000), "<0.015%");
    assert_eq!(counted(20_000, 20_000), ">99.985%");
    // √(0.23 × 0.77 ÷ 19,999) = 0.298 points: one standard error, not half a 95% interval.
    assert_eq!(counted(4_600, 20_000), "23% (\u{b1}0.30\u{a0}pp)");

    let gap = |v: &[f64]| Gap { cumulative: median(v), ..Gap::default() }.title(&frame);
    assert_eq!(gap(&[1e9, 4e9]), "The median cumulative gap reaches $4.0B by July 2026 and still grows");
    assert_eq!(gap(&[4e9, 3e9]), "The median cumulative gap peaks at $4.0B in June 2026");
    assert_eq!(gap(&[-1e9, -3e9]), "At the median, revenue exceeds spending by $3.0B by July 2026");
    assert_eq!(gap(&[0.0]), "No gap to fund by June 2026 at the median");

    let curve = |label: &str, v: &[f64]| SurvivalCurve { label: label.into(), alive: v.into(), band: None };
    let alive = |curves: &[SurvivalCurve]| Survival { curves: curves.into(), ..Survival::default() }.title(&frame);
    assert_eq!(alive(&[curve("", &[1.0, 0.77])]), "77% of paths still have cash at the end of July 2026");
    let both = "77% of paths still have cash at the end of July 2026; 91% in “B”";
    assert_eq!(alive(&[curve("", &[1.0, 0.77]), curve("B", &[1.0, 0.91])]), both);
    assert_eq!(alive(&[curve("", &[0.6, 0.4])]), "Half of all paths are out of cash by July 2026");
    assert_eq!(alive(&[curve("", &[1.0])]), "No path of 20,000 runs out of cash by the end of June 2026");
    assert_eq!(alive(&[]), "The runway is undefined");

    let own = |holders: &[(&str, Role, &[f64])]| {
        let holder = |(label, role, share): &(&str, Role, &[f64])| Holder {
            label: (*label).into(),
            role: *role,
            share: share.to_vec(),
        };
        CapTable { holders: holders.iter().map(holder).collect(), statistic: String::new() }.title(&frame)
    };
    let (founders, new) = (("Founders", Role::Founders), ("New investors", Role::Investor(0)));
    assert_eq!(
        own(&[
            (founders.0, founders.1, &[0.4, 0.28]),
            ("Staff", Role::Employees, &[0.6, 0.51]),
            (new.0, new.1, &[0.0, 0.21])
        ]),
        "New investors own 21% by July 2026; founders keep 28%, down from 40%"
    );
    let rest = |v: f64| ("Fund", Role::Investor(2), [1.0 - v; 2]);
    let fund = rest(0.2);
    assert_eq!(
        own(&[(fund.0, fund.1, &fund.2), (founders.0, founders.1, &[0.2, 0.2])]),
        "Founders hold 20% in July 2026"
    );
    assert_eq!(
        own(&[("Fund", Role::Other, &[0.8, 0.9]), ("Bank", Role::Other, &[0.2, 0.1])]),
        "Fund holds 90%, up from 80% in July 2026"
    );
    assert_eq!(
        own(&[(founders.0, founders.1, &[0.2]), ("Fund", Role::Other, &[0.8])]),
        "Founders hold 20% in June 2026"
    );

    let line = |label: &str, role, v: f64| Line { label: label.into(), role, values: vec![v] };
    let flows = |equity: f64, debt: f64| {
        SourcesUses {
            years: vec![2026],
            months: 7,
            sources: vec![
                line("Customers", Role::Customers, 8e9),
                line("Equity investors", Role::Investor(0), equity),
                line("Debt drawn", Role::Lender(0), debt),
            ],
            uses: vec![line("Compute", Role::Compute(0), 8e9), line("Cash built up", Role::Cash, 5e9)],
        }
        .title(&frame)
    };
    assert_eq!(flows(0.0, 0.0), "Customers and cash pay for everything in 2026: no equity or debt is raised");
    assert_eq!(flows(2e9, 0.0), "Equity brings in $2.0B in 2026, 25% of what is spent");
    assert_eq!(flows(2e9, 2e9), "Equity brings in $2.0B and debt $2.0B in 2026, 50% of what is spent");
}

#[test]
fn survival_says_on_which_paths_and_what_is_left_out() {
    let curve = |label: &str, end: f64| SurvivalCurve { label: label.into(), alive: vec![1.0, end], band: None };
    let curves = vec![curve("base", 0.976), curve("No lease", 0.979)];
    let chart = Survival { curves, paired: 2_048, left_out: vec!["Own chips".into()] };
    let drawn = render(&Chart::Survival(chart.clone()), &frame(20_000));
    assert!(
        drawn.subtitle.contains("this run plus the difference on its first 2,048 paths · not drawn: Own chips"),
        "{}",
        drawn.subtitle
    );
    // 98% and 98% would be the same; the decimal distinguishes them.
    let rows: Vec<&str> = drawn.ends.iter().map(|e| e.rows[0].as_str()).collect();
    assert_eq!(rows, ["97.9%  No lease", "97.6%  base"]);
    let same = render(&Chart::Survival(chart), &frame(2_048)).subtitle;
    assert!(same.contains("variants on the same paths"), "{same}");
}

#[test]
fn what_was_changed_and_the_source_are_on_the_sheet() {
    let changed = Frame { set: vec!["lab.opening.cash=10B USD".into()], ..frame(2_000) };
    for chart in realistic(24, 1.0) {
        let drawing = render(&chart, &changed);
        assert!(drawing.subtitle.starts_with("Changed: lab.opening.cash=10B USD · "), "{}", drawing.subtitle);
        assert!(drawing.svg.contains("Source: simulation of frontier-lab-2026"), "{}", drawing.stem);
    }
    let titled = render(&realistic(24, 1.0)[0], &Frame { title: Some("Mine".into()), height: 700.0, ..frame(9) });
    assert!(titled.title == "Mine" && titled.svg.contains("viewBox=\"0 0 9600 7000\""));
}

#[test]
fn a_chart_takes_milliseconds() {
    let (charts, frame) = (realistic(60, 1.0), frame(20_000));
    for chart in &charts {
        let stem = render(chart, &frame).stem;
        let start = std::time::Instant::now();
        (0..10).for_each(|_| assert!(!render(chart, &frame).svg.is_empty()));
        let each = start.elapsed() / 10;
        println!("{stem}: {each:?}");
        // Many times the measured time, for busy machines and builds without optimisation.
        assert!(each.as_millis() < 200);
    }
}

#[cfg(feature = "png")]
#[test]
fn a_picture_is_the_size_asked_for_or_an_error() {
    let svg = render(&realistic(12, 1.0)[2], &frame(100)).svg;
    let bytes = png(&svg, 0.5).unwrap();
    // Width and height, big-endian, follow the 16 bytes of signature and header.
    assert_eq!(&bytes[16..24], [0, 0, 1, 224, 0, 0, 1, 14]);
    assert!(png("no picture", 1.0).is_err());
    assert!(png(&svg, 0.0).is_err() && png(&svg, f32::NAN).is_err() && png(&svg, 1e9).is_err());
}

//! What the closed loop does in the scenarios of the two labs, and whether it lies where it was expected before it was
//! built: the table of `docs/model.md`. All runs face the same worlds; differences are paired.
//!
//! `cargo run --release --example acceptance [paths]`

use gapcast::{Model, Settings};

type Failure = Box<dyn std::error::Error>;

/// A lab, and what differs between the labs.
struct Lab {
    name: &'static str,
    supply: f64,
    raised_before: f64,
    /// The largest research share that is compared with the best one.
    much: u32,
    /// Bands, in the order of the rows.
    bands: Bands,
}

/// Bands of the rows, as least and greatest; shares in percent, differences of probabilities in points.
struct Bands {
    p: (f64, f64),
    least_p: (f64, f64),
    p_none: (f64, f64),
    p_much: f64,
    best: (f64, f64),
    value_none: f64,
    best_inert: (f64, f64),
    best_orders: (f64, f64),
    orders_none: f64,
    orders_most: f64,
    order_p: (f64, f64),
    newsvendor: (f64, f64),
    blind: (f64, f64),
    ratio: (f64, f64),
    supply_50: (f64, f64),
    supply_25: (f64, f64),
    spot: (f64, f64),
    no_power: (f64, f64),
    resale: (f64, f64),
    early: (f64, f64),
    rivals: (f64, f64),
    shock: (f64, f64),
    spot_6: (f64, f64),
}

const LABS: [Lab; 2] = [
    Lab {
        name: "anthropic-2026-06",
        supply: 150.0,
        raised_before: 95.0,
        much: 85,
        bands: Bands {
            p: (2.5, 9.0),
            least_p: (5.0, 25.0),
            p_none: (1.0, 8.0),
            p_much: 10.0,
            best: (40.0, 85.0),
            value_none: 0.60,
            best_inert: (5.0, 35.0),
            best_orders: (70.0, 120.0),
            orders_none: 0.90,
            orders_most: 0.95,
            order_p: (0.7, 5.0),
            newsvendor: (-5.0, -0.7),
            blind: (-4.0, -0.6),
            ratio: (88.0, 103.0),
            supply_50: (0.0, 1.0),
            supply_25: (0.0, 2.0),
            spot: (0.8, 6.0),
            no_power: (-38.0, -10.0),
            resale: (-100.0, -33.0),
            early: (-4.0, -0.5),
            rivals: (-42.0, -12.0),
            shock: (0.5, 5.0),
            spot_6: (1.15, 1.45),
        },
    },
    Lab {
        name: "openai-2026-06",
        supply: 100.0,
        raised_before: 65.0,
        much: 110,
        bands: Bands {
            p: (20.0, 48.0),
            least_p: (45.0, 95.0),
            p_none: (4.0, 20.0),
            p_much: 4.0,
            best: (50.0, 100.0),
            value_none: 0.80,
            best_inert: (0.0, 35.0),
            best_orders: (55.0, 120.0),
            orders_none: 0.95,
            orders_most: 0.90,
            order_p: (2.0, 10.0),
            newsvendor: (-10.0, -1.0),
            blind: (-12.0, -3.0),
            ratio: (85.0, 103.0),
            supply_50: (2.0, 10.0),
            supply_25: (8.0, 28.0),
            spot: (1.5, 9.0),
            no_power: (-35.0, -8.0),
            resale: (-12.0, -3.0),
            early: (-8.0, -1.5),
            rivals: (-35.0, -8.0),
            shock: (0.5, 6.0),
            spot_6: (1.12, 1.40),
        },
    },
];

/// Settings under which every effect of the loop has its neutral value.
const NEUTRAL: [&str; 8] = [
    "lab.demand.capability.elasticity=0",
    "lab.demand.growth_shock=growth_shock",
    "world.compute_price.spot=1x",
    "world.compute_price.premium=0",
    "world.compute_price.squeeze=0",
    "world.compute_price.available=99999 GW",
    "world.capital.price={weight: 0%, margin: 0%, floor: 15%, discount: 10%/yr, sd: 35%/yr}",
    "world.capital.equity={supply: 1000T USD/yr, impact: 0}",
];
const INERT: &str = "lab.demand.capability.elasticity=0";
const PLENTY: &str = "world.compute_price.available=99999 GW";
const RESEARCH: [u32; 16] = [0, 5, 10, 15, 20, 25, 35, 45, 50, 60, 75, 85, 90, 95, 100, 110];
const ORDERS: [u32; 9] = [0, 35, 55, 70, 90, 110, 120, 130, 150];

/// Month of the run.
const DECEMBER_2028: usize = 31;
/// USD a GW-month, as both files state.
const CONTRACT_PRICE: f64 = 10e9 / 12.0;

/// What is kept of a run, path by path.
struct Kept {
    out: Vec<f64>,
    value: Vec<f64>,
    run_rate: Vec<f64>,
    raised: Vec<f64>,
    /// Mean valuation over mean enterprise value at the end of 2028.
    ratio: f64,
    /// Median spot price over the contract price without scarcity, in months 1, 6 and 24.
    spot: [f64; 3],
}

struct Runs {
    model: Model,
    settings: Settings,
}

impl Runs {
    fn new(lab: &Lab, paths: u64) -> Result<Runs, Failure> {
        let settings = Settings { variant: Some("closed_base".into()), paths: Some(paths), ..Settings::default() };
        let model = Model::load(format!("scenarios/{}.yaml", lab.name), &settings)?;
        Ok(Runs { model, settings })
    }

    fn run(&self, sets: &[&str]) -> Result<Kept, Failure> {
        let mut sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
        sets.push("checks=[]".into());
        sets.push(
            "run.metrics=[cash_out, holders_value, run_rate, equity_raised, valuation, enterprise_value, spot_price]"
                .into(),
        );
        let run = self.model.with(&Settings { sets, ..self.settings.clone() })?.run(0);
        let values = |name: &str| run.values(name).unwrap_or_default();
        let by_month = |name: &str, t: usize| run.plan().metrics.find(name).map(|metric| run.monthly(metric, t));
        let mean = |name: &str| by_month(name, DECEMBER_2028).map_or(f64::NAN, |d| d.mean());
        let spot = [1, 6, 24].map(|t| by_month("spot_price", t).map_or(f64::NAN, |d| d.quantile(0.5) / CONTRACT_PRICE));
        Ok(Kept {
            out: values("cash_out"),
            value: values("holders_value"),
            run_rate: values("run_rate"),
            raised: values("equity_raised"),
            ratio: 100.0 * mean("valuation") / mean("enterprise_value"),
            spot,
        })
    }

    fn sweep(&self, shares: &[u32], sets: &[&str], set: impl Fn(u32) -> String) -> Result<Vec<Kept>, Failure> {
        let with = |share: &u32| {
            let own = set(*share);
            self.run(&[sets, &[own.as_str()]].concat())
        };
        shares.iter().map(with).collect()
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Mean and standard error of the differences.
fn paired(a: &[f64], b: &[f64]) -> (f64, f64) {
    let d: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let (n, m) = (d.len() as f64, mean(&d));
    (m, (d.iter().map(|x| (x - m) * (x - m)).sum::<f64>() / (n * (n - 1.0))).sqrt())
}

/// Ratio of the means less one, with the standard error of the paired difference over the second mean.
fn relative(a: &[f64], b: &[f64]) -> (f64, f64) {
    let (d, se) = paired(a, b);
    (100.0 * d / mean(b), 100.0 * se / mean(b))
}

fn points(a: &Kept, b: &Kept) -> (f64, f64) {
    let (d, se) = paired(&a.out, &b.out);
    (100.0 * d, 100.0 * se)
}

fn research(share: u32) -> String {
    format!("lab.compute.research.share_of_revenue={{at_least: {share}%, at_most: {share}%, at_most_later: {share}%}}")
}
fn orders(share: u32) -> String {
    format!("lab.compute.orders.share={share}%")
}
fn supply(lab: &Lab, supply: f64) -> String {
    let before = lab.raised_before * supply / lab.supply;
    format!(
        "world.capital.equity={{supply: {supply}B USD/yr, supply_growth: 10%/yr, in_winter: 60%, impact: 0.2, raised_before: {before}B USD}}"
    )
}

/// Index of the run with the lowest value of `of`.
fn least(runs: &[Kept], of: impl Fn(&Kept) -> f64) -> usize {
    (0..runs.len()).min_by(|a, b| of(&runs[*a]).total_cmp(&of(&runs[*b]))).unwrap_or(0)
}
fn out(run: &Kept) -> f64 {
    100.0 * mean(&run.out)
}
fn minus_value(run: &Kept) -> f64 {
    -mean(&run.value)
}

/// Rows of the table: what, what was measured, and whether it lies within its band.
#[derive(Default)]
struct Table(Vec<(String, String, String, bool)>);

impl Table {
    fn row(&mut self, what: &str, measured: String, band: String, within: bool) {
        self.0.push((what.to_owned(), measured, band, within));
    }
    fn points(&mut self, what: &str, (d, se): (f64, f64), (low, high): (f64, f64)) {
        let band = if high > 99.0 { format!("at least {low:+}") } else { format!("{low:+} to {high:+}") };
        self.row(what, format!("{d:+.2} ± {se:.2} points"), band, d >= low && d <= high);
    }
    fn percent(&mut self, what: &str, (d, se): (f64, f64), (low, high): (f64, f64)) {
        self.row(what, format!("{d:+.1} ± {se:.1}%"), format!("{low:+} to {high:+}%"), d >= low && d <= high);
    }
    fn at(&mut self, what: &str, share: u32, (low, high): (f64, f64)) {
        let within = f64::from(share) >= low && f64::from(share) <= high;
        self.row(what, format!("{share}%"), format!("{low} to {high}%"), within);
    }
}

fn measure(lab: &Lab, paths: u64) -> Result<Table, Failure> {
    let runs = Runs::new(lab, paths)?;
    let mut t = Table::default();
    let base = runs.run(&[])?;
    let open = runs.run(&NEUTRAL)?;
    let (p, se) = paired(&base.out, &vec![0.0; base.out.len()]);
    let (p, se, (low, high)) = (100.0 * p, 100.0 * se, lab.bands.p);
    t.row("P(cash-out)", format!("{p:.2} ± {se:.2}%"), format!("{low} to {high}%"), p >= low && p <= high);
    t.points("… against the open loop", points(&base, &open), (0.0, 100.0));
    for part in [by_research, by_orders, by_capital, by_power, by_rounds, by_growth] {
        part(lab, &runs, &base, &mut t)?;
    }
    Ok(t)
}

/// Over the share of revenue that is spent on research.
fn by_research(lab: &Lab, runs: &Runs, _: &Kept, t: &mut Table) -> Result<(), Failure> {
    let b = &lab.bands;
    let swept = runs.sweep(&RESEARCH, &[], research)?;
    let at = |share: u32| RESEARCH.iter().position(|s| *s == share).unwrap_or(0);
    let calm = least(&swept, out);
    t.at("P over the research share: least at", RESEARCH[calm], b.least_p);
    t.points("… at 0 against the least", points(&swept[0], &swept[calm]), b.p_none);
    let much = &swept[at(lab.much)];
    t.points(&format!("… at {}% against the least", lab.much), points(much, &swept[calm]), (b.p_much, 100.0));
    let best = least(&swept, minus_value);
    t.at("mean value over the research share: greatest at", RESEARCH[best], b.best);
    let share = mean(&swept[0].value) / mean(&swept[best].value);
    t.row(
        "… at 0 over the greatest",
        format!("{share:.2}"),
        format!("at most {:.2}", b.value_none),
        share <= b.value_none,
    );

    let inert = runs.sweep(&RESEARCH, &[INERT], research)?;
    let lowest = least(&inert, out);
    let rises = inert.windows(2).all(|pair| out(&pair[1]) >= out(&pair[0]) - 0.2);
    t.row(
        "with `elasticity: 0` P: least at, rising",
        format!("{}%, {}", RESEARCH[lowest], if rises { "rising" } else { "not rising" }),
        "0, rising".into(),
        lowest == 0 && rises,
    );
    t.at("… mean value greatest at", RESEARCH[least(&inert, minus_value)], b.best_inert);
    let free = runs.sweep(&RESEARCH[..8], &[INERT, PLENTY], research)?;
    t.at("… and with unlimited power greatest at", RESEARCH[least(&free, minus_value)], (0.0, 0.0));
    let [weak, strong] = ["lab.demand.capability.elasticity=0.15", "lab.demand.capability.elasticity=0.8"]
        .map(|set| runs.sweep(&RESEARCH, &[set], research));
    let (weak, strong) = (weak?, strong?);
    for (what, of) in [("least P", out as fn(&Kept) -> f64), ("greatest value", minus_value)] {
        let (a, z) = (RESEARCH[least(&weak, of)], RESEARCH[least(&strong, of)]);
        t.row(
            &format!("`elasticity: 0.8` against 0.15: share of {what}"),
            format!("{z}% against {a}%"),
            "higher".into(),
            z > a,
        );
    }
    Ok(())
}

/// Over the share of forecast need that is ordered.
fn by_orders(lab: &Lab, runs: &Runs, base: &Kept, t: &mut Table) -> Result<(), Failure> {
    let b = &lab.bands;
    let swept = runs.sweep(&ORDERS, &[], orders)?;
    let of_orders = |share: u32| ORDERS.iter().position(|s| *s == share).unwrap_or(0);
    let best = least(&swept, minus_value);
    t.at("mean value over the order share: greatest at", ORDERS[best], b.best_orders);
    for (share, most) in [(0, b.orders_none), (150, b.orders_most)] {
        let ratio = mean(&swept[of_orders(share)].value) / mean(&swept[best].value);
        t.row(
            &format!("… at {share}% over the greatest"),
            format!("{ratio:.2}"),
            format!("at most {most:.2}"),
            ratio <= most,
        );
    }
    let tame =
        ["world.compute_price.spot=1x", "world.compute_price.premium=0", "world.compute_price.squeeze=0", PLENTY];
    let cheap = runs.sweep(&ORDERS, &tame, orders)?;
    let falls = cheap.windows(2).all(|pair| mean(&pair[1].value) <= mean(&pair[0].value));
    t.row(
        "… with power at the contract price without limit",
        (if falls { "falls from 0 on" } else { "does not fall" }).into(),
        "falls from 0 on".into(),
        falls,
    );
    let plenty = runs.sweep(&ORDERS, &[PLENTY], orders)?;
    let value = |share: u32| mean(&plenty[of_orders(share)].value);
    if lab.much == 85 {
        let d = 100.0 * (value(90) / value(0) - 1.0);
        t.row("… with unlimited power alone: 90% against 0", format!("{d:+.1}%"), "at most −3%".into(), d <= -3.0);
    } else {
        let all = [value(0), value(70), value(90)];
        let wide =
            100.0 * (all.iter().copied().fold(0.0, f64::max) / all.iter().copied().fold(f64::MAX, f64::min) - 1.0);
        t.row(
            "… with unlimited power alone: 0, 70 and 90%",
            format!("within {wide:.1}%"),
            "within 8%".into(),
            wide <= 8.0,
        );
    }
    let (none, most) = ("world.compute_price.premium=0", "world.compute_price.premium=2");
    t.percent(
        "mean value with `premium: 2` against 0",
        relative(&runs.run(&[most])?.value, &runs.run(&[none])?.value),
        (-20.0, -3.0),
    );
    let rises = swept.windows(2).all(|pair| out(&pair[1]) >= out(&pair[0]) - 0.1);
    t.row("P over the order share", (if rises { "rises" } else { "does not rise" }).into(), "rises".into(), rises);
    t.points("… 70% against 0", points(&swept[of_orders(70)], &swept[0]), b.order_p);
    t.points(
        "P under `newsvendor` against a share of 70%",
        points(&runs.run(&["lab.compute.orders.policy=newsvendor"])?, base),
        b.newsvendor,
    );
    Ok(())
}

/// What investors see, and how much they have.
fn by_capital(lab: &Lab, runs: &Runs, base: &Kept, t: &mut Table) -> Result<(), Failure> {
    let b = &lab.bands;
    let blind = "world.capital.price.weight=0%";
    t.points("P with `weight: 0%`", points(&runs.run(&[blind])?, base), b.blind);
    t.row(
        "mean valuation over mean enterprise value, 2028-12",
        format!("{:.1}%", base.ratio),
        format!("{} to {}%", b.ratio.0, b.ratio.1),
        base.ratio >= b.ratio.0 && base.ratio <= b.ratio.1,
    );
    let bullish = [
        "lab.compute.orders.growth_weight=100%",
        "lab.compute.orders.growth_cap=10%/mo",
        "lab.compute.orders.share=90%",
    ];
    let bold = runs.run(&bullish)?;
    let lower = bold.ratio - base.ratio;
    t.row(
        "… with the orders of `order_bullish`",
        format!("{lower:+.1} points"),
        "−20 to −5".into(),
        (-20.0..=-5.0).contains(&lower),
    );
    let bold_blind = runs.run(&[bullish[0], bullish[1], bullish[2], blind])?;
    t.points("… P with `weight: 0%` against 100%", points(&bold_blind, &bold), (-100.0, 0.0));
    let unlimited = runs.run(&["world.capital.equity={supply: 1000T USD/yr, impact: 0}"])?;
    let (fifty, quarter) = (supply(lab, 50.0), supply(lab, 25.0));
    t.points("P with 50B a year of equity against no limit", points(&runs.run(&[&fifty])?, &unlimited), b.supply_50);
    t.points("P with 25B a year of equity", points(&runs.run(&[&quarter])?, base), b.supply_25);
    Ok(())
}

/// Expensive power, no power, and power let to others.
fn by_power(lab: &Lab, runs: &Runs, base: &Kept, t: &mut Table) -> Result<(), Failure> {
    let b = &lab.bands;
    let dear = "world.compute_price.spot=3x";
    t.points("P with `spot: 3x`", points(&runs.run(&[dear])?, base), b.spot);
    let gross = runs.run(&["world.capital.price.margin=0%"])?;
    let gross_dear = runs.run(&["world.capital.price.margin=0%", dear])?;
    let band = if lab.much == 85 { (-100.0, 100.0) } else { (-100.0, 1.5) };
    t.points("… and `margin: 0%`, where the price does not see it", points(&gross_dear, &gross), band);
    let dry = runs.run(&["world.compute_price.available=0 GW"])?;
    t.percent("mean run-rate with no power to buy", relative(&dry.run_rate, &base.run_rate), b.no_power);
    t.points("… P", points(&dry, base), (0.0, 100.0));
    let resold = runs.run(&["lab.compute.resale={share: 40%, follows_spot: true, after: 3 mo}"])?;
    if lab.much == 85 {
        t.percent("P with resale at 40% after 3 months", relative(&resold.out, &base.out), b.resale);
    } else {
        t.points("P with resale at 40% after 3 months", points(&resold, base), b.resale);
    }
    Ok(())
}

/// Rounds while investors pay well.
fn by_rounds(lab: &Lab, runs: &Runs, base: &Kept, t: &mut Table) -> Result<(), Failure> {
    let b = &lab.bands;
    let early = runs.run(&[
        "instruments.rounds.when={runway_below: 18 mo, cash_below: 3 mo, multiple_above: 10x, gap: 12 mo}",
        "instruments.rounds.min_dilution=4%",
    ])?;
    t.points("P with rounds above 10x, 4% each", points(&early, base), b.early);
    let (d, se) = relative(&early.value, &base.value);
    t.row("… mean value", format!("{d:+.2} ± {se:.2}%"), "not higher".into(), d <= 2.0 * se);
    let raised = mean(&early.raised) / mean(&base.raised);
    if lab.much == 85 {
        t.row("… equity raised", format!("{raised:.1} times"), "at least 5 times".into(), raised >= 5.0);
    } else {
        t.row("… equity raised", format!("{raised:.1} times"), "–".into(), true);
    }
    Ok(())
}

/// Rivals, and the spread of growth.
fn by_growth(lab: &Lab, runs: &Runs, base: &Kept, t: &mut Table) -> Result<(), Failure> {
    let b = &lab.bands;
    let ahead = runs.run(&["world.rivals.research_growth=3.5x/yr"])?;
    t.percent("mean run-rate with rivals at 3.5x a year", relative(&ahead.run_rate, &base.run_rate), b.rivals);
    t.points("… P", points(&ahead, base), (0.0, 100.0));
    t.points(
        "P with `growth_shock` not lowered",
        points(&runs.run(&["lab.demand.growth_shock=growth_shock"])?, base),
        b.shock,
    );
    let apart = runs.run(&["lab.demand.growth_shock=growth_shock", INERT])?;
    let spread = |run: &Kept| {
        let logs: Vec<f64> = run.run_rate.iter().filter(|x| **x > 0.0).map(|x| x.ln()).collect();
        let m = mean(&logs);
        (logs.iter().map(|x| (x - m) * (x - m)).sum::<f64>() / (logs.len() as f64 - 1.0)).sqrt()
    };
    let ratio = spread(base) / spread(&apart);
    t.row(
        "spread of log run-rate over that without the loop",
        format!("{ratio:.3}"),
        "0.9 to 1.1".into(),
        (0.9..=1.1).contains(&ratio),
    );
    let [first, sixth, later] = base.spot;
    let within =
        (first - 1.15).abs() < 1e-6 && sixth >= b.spot_6.0 && sixth <= b.spot_6.1 && (0.85..=1.15).contains(&later);
    t.row(
        "median spot over contract price in months 1, 6, 24",
        format!("{first:.2}, {sixth:.2}, {later:.2}"),
        format!("1.15; {} to {}; 0.85 to 1.15", b.spot_6.0, b.spot_6.1),
        within,
    );
    Ok(())
}

fn main() -> Result<(), Failure> {
    let paths = std::env::args().nth(1).map_or(Ok(20_000), |n| n.parse())?;
    let [a, b] = &LABS;
    let (a, b) = (measure(a, paths)?, measure(b, paths)?);
    println!("| what | Anthropic | expected | OpenAI | expected |\n| --- | --- | --- | --- | --- |");
    let show = |within: bool, measured: &str| if within { measured.to_owned() } else { format!("**{measured}**") };
    for ((what, x, x_band, x_in), (other, y, y_band, y_in)) in a.0.iter().zip(&b.0) {
        let what = if what == other { what.clone() } else { format!("{what} / {other}") };
        println!("| {what} | {} | {x_band} | {} | {y_band} |", show(*x_in, x), show(*y_in, y));
    }
    Ok(())
}

//! What a lab's research and its orders of compute are worth: runs that differ in the share of revenue spent on research,
//! and in the share of forecast need that is ordered, on the same draws. Writes a chart of the value for today's holders
//! and of the probability of cash-out over each share, and a table to standard output.
//!
//! `cargo run --release --example optimum -- scenarios/anthropic-2026-06.yaml`
//!
//! The third sweep, with `--ahead`, is the share of the company that its `rounds` sell a year while investors pay the
//! multiple of the scenario or more; at 0 rounds are launched by need alone.
//!
//! Options: `--variant NAME`, `--paths N` (default 4000), `--set PATH=VALUE` (any number), `--csv` for a table of full
//! precision, and `--out FOLDER` (default `docs/images`), where the chart is written as `optimum-NAME.svg` and `.png`.

use std::path::{Path, PathBuf};

use gapcast::output::charts::{self, Chart, Frame, Measure, Sweep, Swept, best};
use gapcast::{Model, Outcome, Settings};
use rayon::prelude::*;

/// A key to vary: its name in the chart, what it is a share of, its values in percent, and the settings of one value.
struct Key {
    name: &'static str,
    of: &'static str,
    percent: &'static [u32],
    sets: fn(u32) -> Vec<String>,
}

const KEYS: [Key; 3] = [
    Key {
        name: "research",
        of: "of revenue",
        percent: &[0, 5, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90, 100, 110],
        sets: |a| {
            let bounds = ["at_least", "at_most", "at_most_later"];
            bounds.map(|bound| format!("lab.compute.research.share_of_revenue.{bound}={a}%")).to_vec()
        },
    },
    Key {
        name: "orders",
        of: "of forecast need",
        percent: &[0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110, 120, 130, 140, 150],
        sets: |a| vec!["lab.compute.orders.policy=forecast_share".into(), format!("lab.compute.orders.share={a}%")],
    },
    Key {
        name: "equity ahead",
        of: "of the company a year",
        percent: &[0, 1, 2, 3, 4, 5, 6, 8, 10, 12],
        sets: |a| {
            let need = "instruments.rounds.when={runway_below: 18 mo, cash_below: 3 mo, firm_cover_below: 12 mo}";
            let ahead = (a == 0).then(|| need.to_owned());
            ahead.into_iter().chain([format!("instruments.rounds.min_dilution={a}%")]).collect()
        },
    },
];

/// A metric, whether more of it is better, and its words in the chart: label, and what the best is.
const METRICS: [(&str, bool, &str, &str); 2] = [
    ("holders_value", true, "Value for today’s holders", "holders’ value is greatest"),
    ("cash_out", false, "Probability of cash-out", "cash-out is least likely"),
];

type Failure = Box<dyn std::error::Error + Send + Sync>;

struct Options {
    file: PathBuf,
    variant: Option<String>,
    paths: u64,
    sets: Vec<String>,
    csv: bool,
    ahead: bool,
    out: PathBuf,
}

fn options() -> Result<Options, Failure> {
    let mut options = Options {
        file: PathBuf::new(),
        variant: None,
        paths: 4000,
        sets: Vec::new(),
        csv: false,
        ahead: false,
        out: "docs/images".into(),
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
        match word.as_str() {
            "--variant" => options.variant = Some(value()?),
            "--paths" => options.paths = value()?.parse()?,
            "--set" => options.sets.push(value()?),
            "--out" => options.out = value()?.into(),
            "--csv" => options.csv = true,
            "--ahead" => options.ahead = true,
            flag if flag.starts_with('-') => return Err(format!("there is no option {flag}").into()),
            _ => options.file = word.into(),
        }
    }
    if options.file.as_os_str().is_empty() {
        return Err("which scenario? See the head of examples/optimum.rs".into());
    }
    Ok(options)
}

/// One metric of all runs: means, and differences from the best run on the same paths.
fn measure(
    runs: &[Outcome],
    own: &Outcome,
    (metric, more, label, best_is): (&str, bool, &str, &str),
) -> Option<Measure> {
    let mean = |run: &Outcome| run.metric(metric).map(|d| (d.mean(), d.moments.se()));
    let means = runs.iter().map(mean).collect::<Option<Vec<_>>>()?;
    let top = best(&means.iter().map(|m| m.0).collect::<Vec<_>>(), more)?;
    let over = |run: &Outcome| run.minus(&runs[top], metric).map(|d| (d.mean, d.se));
    Some(Measure {
        label: label.into(),
        best_is: best_is.into(),
        money: metric != "cash_out",
        more,
        over_best: runs.iter().map(over).collect::<Option<Vec<_>>>()?,
        means,
        as_it_is: mean(own).map(|m| m.0),
    })
}

fn main() -> Result<(), Failure> {
    let options = options()?;
    let with = |more: Vec<String>| {
        let sets = options.sets.iter().cloned().chain(more).collect();
        Settings { variant: options.variant.clone(), sets, paths: Some(options.paths), ..Settings::default() }
    };
    let told = |refused: Box<gapcast::Invalid>| -> Failure { refused.to_string().into() };
    let model = Model::load(&options.file, &with(Vec::new())).map_err(told)?;
    let own = model.run(0);
    let name = model.scenario.name.as_str().to_owned();
    if own.metric("holders_value").is_none() {
        return Err(format!("{name} has no `holders_value`: it needs `world.capital.price`").into());
    }
    let keys = &KEYS[..if options.ahead { 3 } else { 2 }];
    let swept = keys.iter().map(|key| -> Result<Swept, Failure> {
        let one = |share: &u32| model.with(&with((key.sets)(*share))).map(|model| model.run(1)).map_err(told);
        let runs = key.percent.par_iter().map(one).collect::<Result<Vec<Outcome>, Failure>>()?;
        let measures = METRICS.iter().map(|metric| measure(&runs, &own, *metric).ok_or("a run lacks a metric".into()));
        Ok(Swept {
            name: key.name.into(),
            of: key.of.into(),
            at: key.percent.iter().map(|share| f64::from(*share) / 100.0).collect(),
            measures: measures.collect::<Result<_, Failure>>()?,
        })
    });
    let sweep = Sweep { swept: swept.collect::<Result<_, Failure>>()? };
    if options.csv {
        table(&sweep);
    }
    let frame = Frame {
        scenario: name.clone(),
        variant: options.variant.clone(),
        set: options.sets.clone(),
        seed: model.plan.seed,
        version: env!("CARGO_PKG_VERSION").into(),
        paths: options.paths,
        start: model.plan.start,
        title: None,
        height: if options.ahead { 900.0 } else { 640.0 },
        assumptions: options.file.file_name().map_or_else(String::new, |file| file.to_string_lossy().into_owned()),
    };
    let drawing = charts::render(&Chart::Sweep(sweep), &frame);
    if !options.csv {
        println!("| {} |\n|{}", drawing.table.head.join(" | "), " --- |".repeat(drawing.table.head.len()));
        for row in &drawing.table.rows {
            println!("| {} |", row.join(" | "));
        }
    }
    write(&options.out.join(format!("optimum-{name}")), &drawing.svg)
}

/// The numbers of the chart in full.
fn table(sweep: &Sweep) {
    println!("key,share,metric,mean,se,over_best,over_best_se,like_best");
    for swept in &sweep.swept {
        for (measure, metric) in swept.measures.iter().zip(METRICS) {
            for (k, share) in swept.at.iter().enumerate() {
                let ((mean, se), (over, paired)) = (measure.means[k], measure.over_best[k]);
                println!("{},{share},{},{mean},{se},{over},{paired},{}", swept.name, metric.0, measure.is_flat(k));
            }
        }
    }
}

fn write(stem: &Path, svg: &str) -> Result<(), Failure> {
    if let Some(folder) = stem.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(stem.with_extension("svg"), svg)?;
    #[cfg(feature = "png")]
    std::fs::write(stem.with_extension("png"), charts::png(svg, 2.0)?)?;
    Ok(())
}

//! `gapcast trace`: the statements of one path, month by month.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Mutex;

use clap::Args;
use serde::Serialize;

use crate::cli::fault::Fault;
use crate::cli::screen::Screen;
use crate::cli::{OneScenario, exit, level};
use crate::engine::level::Level;
use crate::engine::record::Chunk;
use crate::engine::run::{CHUNK_PATHS, Observer, RunSettings, run as simulate};
use crate::issues::nearest;
use crate::model::Model;
use crate::output::record::VERSION;
use crate::output::trace::{self, Document, Trace, Who};
use crate::text;
use crate::units::Month;

/// Arguments of `trace`.
#[derive(Debug, Args)]
pub struct TraceArgs {
    #[command(flatten)]
    scenario: OneScenario,
    /// Path: its number, `p05`, `p25`, `p50`, `p75`, `p95` (ranked worst to best among the first 1024), or `first-ruin`.
    #[arg(long, value_name = "PATH", default_value = "p50")]
    path: Which,
    /// Only these months, one column each: `2027-01..2027-12`, `2027-01..`, `2027-01`. Default: years.
    #[arg(long, value_name = "A..B")]
    months: Option<Span>,
    /// Only this instrument, contract or vintage.
    #[arg(long, value_name = "NAME")]
    instrument: Option<String>,
    /// Print one long table.
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    /// Write to a file instead of the screen; `.csv` and `.json` also select the format.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// A path by number or by name.
#[derive(Clone, Copy, Debug)]
enum Which {
    Number(u64),
    Named(Who),
}

impl FromStr for Which {
    type Err = String;
    fn from_str(text: &str) -> Result<Which, String> {
        if let Ok(number) = text.parse() {
            return Ok(Which::Number(number));
        }
        let word = text.replace('-', "_");
        let named = Who::ALL.into_iter().find(|who| who.name() == word);
        named.map(Which::Named).ok_or_else(|| "a number, p05, p25, p50, p75, p95 or first-ruin".to_owned())
    }
}

/// A range of months, both ends included.
#[derive(Clone, Copy, Debug)]
struct Span {
    first: Option<Month>,
    last: Option<Month>,
}

impl FromStr for Span {
    type Err = String;
    fn from_str(text: &str) -> Result<Span, String> {
        let month = |text: &str| match text {
            "" => Ok(None),
            _ => Month::parse(text).map(Some).ok_or_else(|| format!("`{text}` is not a month such as 2027-01")),
        };
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let span = Span { first: month(first)?, last: month(last)? };
        match (span.first, span.last) {
            (None, None) if text != ".." => Err("months such as 2027-01..2027-12".to_owned()),
            (Some(first), Some(last)) if first > last => Err(format!("{first} is after {last}")),
            _ => Ok(span),
        }
    }
}

impl Span {
    /// The first and last month of a path, counted from 1, that lie in the span.
    fn within(self, trace: &Trace) -> Result<(usize, usize), Fault> {
        let t = |month: Month| i64::from(month.since(trace.start)) + 1;
        let months = trace.months() as i64;
        let first = self.first.map_or(1, t).max(1);
        let last = self.last.map_or(months, t).min(months);
        if first > last {
            let (from, to) = (trace.start, trace.month(trace.months()));
            return Err(Fault::usage(format!("`--months` contains none of the simulated months, {from} to {to}")));
        }
        Ok((first as usize, last as usize))
    }
}

/// Runs the command.
pub fn trace(args: &TraceArgs, screen: &Screen) -> u8 {
    match run(args, screen) {
        Ok(()) => exit::FINE,
        Err(fault) => fault.tell(screen, args.scenario.given.json),
    }
}

fn run(args: &TraceArgs, screen: &Screen) -> Result<(), Fault> {
    let level = level().map_err(Fault::usage)?;
    let model = args.scenario.load(screen)?;
    let path = chosen(args.path, &model, level)?;
    let mut trace = trace::trace(&model, path)?;
    if let Some(name) = &args.instrument {
        let known = trace.instruments();
        if !known.contains(&name.as_str()) {
            let near = nearest(name, known.iter().copied());
            let hint = near.map_or(format!("it has {}", known.join(", ")), |n| format!("did you mean `{n}`?"));
            return Err(Fault::usage(format!("the scenario has no instrument or contract `{name}`; {hint}")));
        }
        trace.keep(name);
    }
    let (first, last) = match args.months {
        Some(span) => span.within(&trace)?,
        None => (1, trace.months()),
    };
    let ends = |what: &str| args.output.as_ref().is_some_and(|file| file.extension().is_some_and(|e| e == what));
    let text = if args.scenario.given.json || (ends("json") && !args.csv) {
        let trace = Document::new(&trace, first, last);
        let (scenario, variant) = (model.scenario.name.as_str(), model.variant.as_deref());
        let (seed, paths) = (model.plan.seed, model.scenario.run.paths);
        text::json(&Traced { scenario, variant, version: VERSION, seed, paths, who: who(args.path), trace }, true)
    } else if args.csv || ends("csv") {
        // Names and numbers are valid UTF-8.
        String::from_utf8_lossy(&trace::csv(&trace, first, last)).into_owned()
    } else {
        let variant = model.variant.as_ref().map_or(String::new(), |v| format!(", variant {v}"));
        let named = who(args.path).map_or(String::new(), |w| format!(" ({w})"));
        let name = model.scenario.name.as_str();
        let (from, to) = (trace.month(first), trace.month(last));
        let head = format!("{name}{variant}: path {path}{named}, seed {}, {from} to {to}\n", model.plan.seed);
        head + &trace::table(&trace, first, last, args.months.is_some())
    };
    match &args.output {
        None => screen.say(&text),
        Some(file) => std::fs::write(file, &text).map_err(|e| Fault::io("write", file, &e))?,
    }
    Ok(())
}

/// JSON output.
#[derive(Serialize)]
struct Traced<'t> {
    scenario: &'t str,
    variant: Option<&'t str>,
    version: &'static str,
    seed: u64,
    paths: u64,
    who: Option<String>,
    #[serde(flatten)]
    trace: Document<'t>,
}

/// The name of a path, if it has one.
fn who(path: Which) -> Option<String> {
    match path {
        Which::Number(_) => None,
        Which::Named(who) => Some(who.name()),
    }
}

/// Keeps the first chunk of a run.
#[derive(Default)]
struct Keep(Mutex<Option<Chunk>>);

impl Observer for Keep {
    fn paths(&self, first: u64, chunk: &Chunk, _: &[u8]) {
        if first == 0
            && let Ok(mut kept) = self.0.lock()
        {
            *kept = Some(chunk.clone());
        }
    }
}

/// The number of the path; a named path is the one that a run with the same number of paths gives that name.
fn chosen(path: Which, model: &Model, level: Level) -> Result<u64, Fault> {
    let paths = model.scenario.run.paths;
    let who = match path {
        Which::Number(number) if number < paths => return Ok(number),
        Which::Number(number) => {
            let last = paths - 1;
            return Err(Fault::usage(format!(
                "there is no path {number} among {paths}: they are numbered 0 to {last}"
            )));
        }
        Which::Named(who) => who,
    };
    let keep = Keep::default();
    let few = paths.min(CHUNK_PATHS);
    simulate(&model.plan, &RunSettings { paths: few, threads: 1, level }, &keep);
    let first = keep.0.into_inner().ok().flatten();
    let first = first.ok_or_else(|| Fault::internal("the run has no first chunk"))?;
    let found = trace::named(&model.plan, &first).into_iter().find(|(named, _)| *named == who);
    found.map(|(_, path)| path).ok_or_else(|| {
        Fault::usage(format!("none of the first {few} paths runs out of cash, so there is no `first-ruin`"))
    })
}

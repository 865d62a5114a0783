//! `gapcast run`: simulate, write the run folder, print the summary.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path as FilePath, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use clap::Args;
use indicatif::ProgressBar;
use rayon::prelude::*;
use serde_json::{Map, Value, json};

use crate::answers::{Answers, Verdict};
use crate::cli::audit::{audit, balance};
use crate::cli::fault::Fault;
use crate::cli::interrupt::{self, Stops};
use crate::cli::screen::Screen;
use crate::cli::{ScenarioArgs, diagnostics, exit, level};
use crate::engine::level::Level;
use crate::engine::record::Chunk;
use crate::engine::reference::Broken;
use crate::engine::run::{Observer, Results, Settings, run as simulate};
use crate::job::{Job, Overrides, Refused};
use crate::output::findings::{self, Beside};
use crate::output::folder::{Folder, FolderError};
use crate::output::reading::{self, Reading};
use crate::output::sample::Sample;
use crate::output::summary::text as summary_text;
use crate::output::trace::{self, Who};
use crate::output::{csv, outcomes, record, report};
use crate::plan::Plan;

/// What `run` takes.
#[derive(Debug, Default, Args)]
pub struct RunArgs {
    #[command(flatten)]
    pub(super) scenario: ScenarioArgs,
    /// Threads; 0 for all cores. The numbers are the same for any.
    #[arg(short = 'j', long, value_name = "N", default_value_t = 0)]
    pub(super) threads: usize,
    /// Folder in which the run folder is written.
    #[arg(short, long, value_name = "DIR", default_value = "output")]
    pub(super) out: PathBuf,
    /// Write no charts and no report.
    #[arg(long)]
    pub(super) no_charts: bool,
    /// Format of the outcomes of all paths.
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    pub(super) format: Format,
}

/// A format of the outcomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// outcomes.csv.
    #[default]
    Csv,
    /// Not built into this program.
    Parquet,
}

/// Why a run ended without its folder.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("{0}")]
    Folder(#[from] FolderError),
    #[error("cannot write `{path}`: {source}")]
    Write { path: PathBuf, source: std::io::Error },
    #[error("{0}")]
    Read(#[from] Reading),
    #[error("{0}")]
    Broken(#[from] Broken),
    #[error("interrupted")]
    Interrupted,
    #[error("{0}")]
    Internal(String),
}

/// Runs the command; with several files, the worst exit code.
pub fn run(args: &RunArgs, screen: &Screen) -> u8 {
    let told = all(args, screen);
    told.unwrap_or_else(|fault| fault.tell(screen, args.scenario.given.json))
}

/// All files, one after the other. With `--json` one list is printed, with an entry for each file.
fn all(args: &RunArgs, screen: &Screen) -> Result<u8, Fault> {
    let level = ready(args)?;
    let json = args.scenario.given.json;
    // All files are read before the first is run: a mistake in the last costs no waiting.
    let began = Instant::now();
    let files = &args.scenario.files;
    let read: Vec<Result<Job, Fault>> = files.iter().map(|file| load(file, &args.scenario.given.overrides())).collect();
    let mut entries: Vec<Value> = Vec::new();
    if read.iter().any(Result::is_err) {
        for (file, read) in files.iter().map(|file| file.display().to_string()).zip(&read) {
            entries.push(match read {
                Ok(job) => json!({"file": file, "issues": diagnostics::json(&job.reader.issues, &job.sources)}),
                Err(fault) => json!({"file": file, "error": fault.json()}),
            });
            if let (Err(fault), false) = (read, json) {
                fault.talk(screen);
            }
        }
        if json {
            screen.say(&format!("{:#}\n", Value::Array(entries)));
        }
        return Ok(exit::INVALID);
    }
    let jobs: Vec<Job> = read.into_iter().flatten().collect();
    apart(files, &jobs, &args.out)?;
    let mut code = exit::FINE;
    for (file, job) in files.iter().map(|file| file.display().to_string()).zip(&jobs) {
        if args.scenario.given.talks() {
            screen.issues(&job.reader.issues, &job.sources);
        }
        let issues = diagnostics::json(&job.reader.issues, &job.sources);
        match one(job, args, level, screen, began) {
            Ok((mut report, holds)) => {
                let done = if holds { exit::FINE } else { exit::CHECK_FAILED };
                code = code.max(done);
                report["file"] = json!(file);
                report["folder"] = json!(args.out.join(folder_name(job)).display().to_string());
                (report["issues"], report["exit_code"]) = (issues, json!(done));
                entries.push(report);
            }
            Err(failure) => {
                let fault = Fault::from(failure);
                code = code.max(fault.exit);
                if !json {
                    fault.talk(screen);
                }
                entries.push(json!({"file": file, "issues": issues, "error": fault.json()}));
                if interrupt::asked() {
                    break;
                }
            }
        }
    }
    if json {
        screen.say(&format!("{:#}\n", Value::Array(entries)));
    }
    Ok(code)
}

/// The instruction level, with threads set and Ctrl-C heard; refuses what this program was built without.
pub(super) fn ready(args: &RunArgs) -> Result<Level, Fault> {
    if args.format == Format::Parquet {
        return Err(Fault::not_built("this program was built without Parquet; `--format csv` writes outcomes.csv"));
    }
    let level = level().map_err(Fault::usage)?;
    // Tables and charts take no more threads than the run. That a pool exists already can only be so in a test.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(args.threads).build_global();
    interrupt::listen();
    Ok(level)
}

/// Reads a scenario, with the problems that only its list of metrics can show.
pub(super) fn load(file: &FilePath, overrides: &Overrides) -> Result<Job, Fault> {
    let mut job = Job::load(file, overrides).map_err(|refused| Fault::refused(file, &refused))?;
    Answers::check_names(&job.plan, &job.checks, &mut job.reader.issues);
    if job.reader.issues.has_errors() {
        let refused = Refused { issues: job.reader.issues, sources: job.sources };
        return Err(Fault::refused(file, &refused));
    }
    Ok(job)
}

/// Refuses files of which one would replace the folder of another; letters of either case are one on some systems.
fn apart(files: &[PathBuf], jobs: &[Job], out: &FilePath) -> Result<(), Fault> {
    let names: Vec<String> = jobs.iter().map(|job| folder_name(job).to_lowercase()).collect();
    for (k, name) in names.iter().enumerate() {
        if let Some(other) = names[..k].iter().position(|n| n == name) {
            let (a, b, at) = (files[other].display(), files[k].display(), out.join(folder_name(&jobs[k])));
            let message = format!(
                "`{a}` and `{b}` would both be written to `{}`; give one of them another `name`, or run them apart with `--out`",
                at.display()
            );
            return Err(Fault::usage(message));
        }
    }
    Ok(())
}

/// Name of the run folder.
pub(super) fn folder_name(job: &Job) -> String {
    let name = job.scenario.name.as_str();
    job.variant.as_ref().map_or(name.to_owned(), |v| format!("{name}-{v}"))
}

/// Takes what the run yields while it goes on: rows of outcomes, the first chunk, progress.
struct Taker<'p> {
    plan: &'p Plan,
    bar: ProgressBar,
    rows: Mutex<BufWriter<File>>,
    first: Mutex<Option<Chunk>>,
    sample: Mutex<Sample>,
    failed: AtomicBool,
}

impl Observer for Taker<'_> {
    fn render(&self, first: u64, chunk: &Chunk) -> Vec<u8> {
        outcomes::rows(self.plan, first, chunk)
    }
    fn paths(&self, first: u64, chunk: &Chunk, rows: &[u8]) {
        if first == 0
            && let Ok(mut kept) = self.first.lock()
        {
            *kept = Some(chunk.clone());
        }
        if let Ok(mut sample) = self.sample.lock() {
            sample.take(chunk);
        }
        let written = self.rows.lock().is_ok_and(|mut file| file.write_all(rows).is_ok());
        if !written {
            self.failed.store(true, Ordering::Relaxed);
        }
    }
    fn progress(&self, done: u64) {
        self.bar.set_position(done);
    }
    fn stop(&self) -> bool {
        self.failed.load(Ordering::Relaxed) || interrupt::asked()
    }
}

/// One run into its folder: what the screen, or `--json`, says of it, and whether all its checks hold.
pub(super) fn one(
    job: &Job,
    args: &RunArgs,
    level: Level,
    screen: &Screen,
    began: Instant,
) -> Result<(Value, bool), Failure> {
    let plan = &job.plan;
    let paths = job.scenario.run.paths;
    let name = folder_name(job);
    let folder = Folder::begin(&args.out, &name)?;
    let at = folder.path("outcomes.csv");
    let write = |source| Failure::Write { path: at.clone(), source };
    let mut rows = BufWriter::with_capacity(1 << 20, File::create(&at).map_err(write)?);
    rows.write_all(outcomes::heading(plan).as_bytes()).map_err(write)?;
    let taker = Taker {
        plan,
        bar: screen.progress(paths, !args.scenario.given.talks()),
        rows: Mutex::new(rows),
        first: Mutex::new(None),
        sample: Mutex::new(Sample::new(plan)),
        failed: AtomicBool::new(false),
    };
    let ready = began.elapsed();
    let results = simulate(plan, &Settings { paths, threads: args.threads, level }, &taker);
    taker.bar.finish_and_clear();
    let simulated = began.elapsed();
    let full = || Failure::Write { path: at.clone(), source: std::io::Error::other("the disk may be full") };
    let results = results.ok_or_else(|| if interrupt::asked() { Failure::Interrupted } else { full() })?;
    let mut rows = taker.rows.into_inner().map_err(|_| Failure::Internal("a thread failed while writing".into()))?;
    rows.flush().map_err(write)?;
    drop(rows);
    let sample = taker.sample.into_inner().map_err(|_| Failure::Internal("a thread failed while keeping".into()))?;
    let first = taker.first.into_inner().ok().flatten();
    let first = first.ok_or_else(|| Failure::Internal("the run has no first chunk".into()))?;
    audit(plan, paths, &first)?;
    let answers = Answers::new(plan, &results);
    balance(&answers)?;
    let verdicts: Vec<Verdict> = job.checks.iter().filter_map(|c| answers.verdict(c)).collect();

    let summary = record::summary(&name, job, &answers, &verdicts);
    let draft = |files: &[(String, String)], timings: [f64; 3]| {
        let run = run_record(job, args, level, &results, &answers, &verdicts, files, timings);
        format!("{run:#}\n").into_bytes()
    };
    let named = trace::named(plan, &first);
    let write_rest = || -> Result<Vec<(String, String)>, Failure> {
        let beside = if args.no_charts { Vec::new() } else { beside(job, args, level) };
        let texts = [
            ("scenario.resolved.yaml".to_owned(), job.resolved_yaml().into_bytes()),
            ("summary.json".to_owned(), format!("{summary:#}\n").into_bytes()),
        ];
        let (tables, traces) = rayon::join(|| tables(&answers, job, &sample, &beside), || traces(job, &named));
        let mut files = write_all(&folder, tables.into_iter().chain(texts).chain(traces?))?;
        if !args.no_charts {
            // Charts and the report are drawn from the folder as it will stand: its record lacks times, and the hash of
            // the outcomes, which is still being taken.
            files.sort();
            folder.write("run.json", &draft(&files, [0.0; 3]))?;
            let drawn = report::files(&reading::Folder::open(&folder.path(""))?).map_err(Failure::Internal)?;
            files.extend(write_all(&folder, drawn)?);
        }
        Ok(files)
    };
    let (files, hash) = rayon::join(write_rest, || hash_file(&at));
    let mut files = files?;
    files.push(("outcomes.csv".to_owned(), hash?));
    files.sort();
    // Only what a quantile of the tables could be among is worth a word on the screen.
    for metric in answers.saturated().iter().filter(|m| m.most >= 0.05 && args.scenario.given.talks()) {
        screen.talk(&format!("warning: {metric}; quantiles among them are guesses"));
    }
    let timings = [ready, simulated, began.elapsed()].map(|d| d.as_secs_f64());
    folder.write("run.json", &draft(&files, timings))?;
    if interrupt::asked() {
        return Err(Failure::Interrupted);
    }
    let place = folder.finish()?;
    if args.scenario.verbose {
        let [ready, simulated, all] = timings;
        let (threads, level) = (results.threads, level.name());
        screen.talk(&format!(
            "{name}: read in {ready:.2} s, simulated in {:.2} s on {threads} threads ({level}), written in {:.2} s",
            simulated - ready,
            all - simulated
        ));
    }
    if args.scenario.given.talks() {
        screen.say(&summary_text(&summary, &place));
    }
    let holds = verdicts.iter().all(|v| v.holds);
    Ok((summary, holds))
}

/// Writes files into the folder; their names and hashes.
fn write_all(folder: &Folder, files: impl IntoIterator<Item = Content>) -> Result<Vec<(String, String)>, Failure> {
    let files: Vec<Content> = files.into_iter().collect();
    files
        .into_par_iter()
        .map(|(file, bytes)| {
            folder.write(&file, &bytes)?;
            let hash = record::sha256(&bytes);
            Ok((file, hash))
        })
        .collect()
}

/// The tables of a run, each made by a thread of its own.
fn tables(answers: &Answers<'_>, job: &Job, sample: &Sample, beside: &[Beside]) -> Vec<Content> {
    type Table<'a> = Box<dyn Fn() -> Vec<u8> + Sync + 'a>;
    let all: [(&str, Table<'_>); 13] = [
        ("monthly.csv", Box::new(|| csv::monthly(answers))),
        ("instruments.csv", Box::new(|| csv::instruments(answers))),
        ("summary.csv", Box::new(|| csv::summary(answers))),
        ("sources_uses.csv", Box::new(|| csv::sources_uses(answers))),
        ("events.csv", Box::new(|| csv::events(answers))),
        ("claims.csv", Box::new(|| csv::claims(answers))),
        ("survival.csv", Box::new(|| findings::survival(answers, job.variant.as_deref(), beside))),
        ("ruin.csv", Box::new(|| findings::ruin(answers, sample))),
        ("exceedance.csv", Box::new(|| findings::exceedance(answers))),
        ("drivers.csv", Box::new(|| findings::drivers(answers.plan, sample))),
        ("returns.csv", Box::new(|| findings::returns(answers))),
        ("convergence.csv", Box::new(|| findings::convergence(answers, sample))),
        ("assumptions.csv", Box::new(|| findings::assumptions(&job.reader.assumptions))),
    ];
    all.par_iter().map(|(file, table)| ((*file).to_owned(), table())).collect()
}

fn hash_file(path: &FilePath) -> Result<String, Failure> {
    File::open(path).and_then(record::sha256_of).map_err(|source| Failure::Write { path: path.to_path_buf(), source })
}

/// The statements of the named paths.
fn traces(job: &Job, named: &[(Who, u64)]) -> Result<Vec<Content>, Failure> {
    let of = |&(who, path): &(Who, u64)| -> Result<Content, Failure> {
        let trace = trace::trace(job, path)?;
        Ok((format!("trace/{}.csv", who.name()), trace::csv(&trace, 1, job.plan.months)))
    };
    named.par_iter().map(of).collect()
}

/// A file of the run folder and its bytes.
type Content = (String, Vec<u8>);

/// Variants drawn beside the run, and the paths that each of them is given at most.
const BESIDE: (usize, u64) = (6, 2048);

/// Survival of the file's first variants on the same streams, for the runway chart of a run without one.
fn beside(job: &Job, args: &RunArgs, level: Level) -> Vec<Beside> {
    if job.variant.is_some() {
        return Vec::new();
    }
    let paths = job.scenario.run.paths.min(BESIDE.1);
    // A variant that cannot be read is told when it is run itself.
    let overrides = args.scenario.given.overrides();
    let read = |name: &String| Some((name.clone(), job.in_variant(name, &overrides).ok()?.plan));
    let survival = |(variant, mut plan): (String, Plan)| {
        plan.metrics.count_ruin_only();
        let results = simulate(&plan, &Settings { paths, threads: 1, level }, &Stops)?;
        let ruined = Answers::new(&plan, &results).ruined();
        Some(Beside { variant, ruined, paths })
    };
    let mut first: Vec<(String, Plan)> = Vec::new();
    for some in job.variants.chunks(BESIDE.0) {
        first.par_extend(some.par_iter().filter_map(read));
        if first.len() >= BESIDE.0 {
            break;
        }
    }
    first.truncate(BESIDE.0);
    first.into_par_iter().filter_map(survival).collect()
}

#[allow(clippy::too_many_arguments, reason = "the record names all that a run is made of")]
fn run_record(
    job: &Job,
    args: &RunArgs,
    level: Level,
    results: &Results,
    answers: &Answers<'_>,
    verdicts: &[Verdict],
    files: &[(String, String)],
    timings: [f64; 3],
) -> Value {
    let hashes: Map<String, Value> = files.iter().map(|(f, h)| (f.clone(), json!(h))).collect();
    let inputs: Map<String, Value> =
        job.sources.iter().map(|(name, text)| (name.to_owned(), json!(record::sha256(text.as_bytes())))).collect();
    let mut warnings = record::warnings(&job.reader.issues);
    warnings.extend(answers.saturated().iter().map(ToString::to_string));
    json!({
        "program": "gapcast",
        "version": record::VERSION,
        "commit": record::COMMIT,
        "scenario": job.scenario.name.as_str(),
        "variant": job.variant,
        "set": args.scenario.given.sets,
        "seed": job.plan.seed,
        "paths": results.paths,
        "charts": !args.no_charts,
        "months": job.plan.months,
        "start": job.plan.start.to_string(),
        "sampler": "plain Monte Carlo, Threefry2x64-20 streams by name",
        "threads": results.threads,
        "level": level.name(),
        "seconds": {"ready": timings[0], "simulated": timings[1], "total": timings[2]},
        "warnings": warnings,
        "checks": record::checks(verdicts),
        "inputs_sha256": inputs,
        "files_sha256": hashes,
    })
}

//! `gapcast run`: simulate, write the run folder, print the summary.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path as FilePath, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Instant;

use clap::Args;
use indicatif::ProgressBar;
use rayon::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

use crate::cli::audit::{audit, balance};
use crate::cli::beside::Variants;
use crate::cli::fault::Fault;
use crate::cli::interrupt;
use crate::cli::screen::Screen;
use crate::cli::{ScenarioArgs, diagnostics, exit, level};
use crate::engine::level::Level;
use crate::engine::record::Chunk;
use crate::engine::reference::Broken;
use crate::engine::run::{Observer, RunSettings, run as simulate};
use crate::language::values::not_a_name;
use crate::model::{Model, Settings};
use crate::outcome::{Outcome, Verdict};
use crate::output::findings::{self, Beside};
use crate::output::folder::{Finished, Folder, FolderError, Identity};
use crate::output::outcomes::Rows;
use crate::output::reading::{self, Reading};
use crate::output::record::{CheckLine, Named, Record, Seconds, Summary};
use crate::output::sample::Sample;
use crate::output::summary::text as summary_text;
use crate::output::trace::{self, Who};
use crate::output::{csv, record, report};
use crate::text;

/// What `--json` prints of a run: `run` adds the issues and the exit code, `watch` whether all checks hold.
#[derive(Serialize)]
pub(super) struct Entry {
    #[serde(flatten)]
    pub(super) summary: Summary,
    pub(super) file: String,
    pub(super) folder: String,
    #[serde(flatten)]
    pub(super) ends: Ends,
}

/// How it ends.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Ends {
    Run {
        issues: Value,
        exit_code: u8,
    },
    #[cfg(feature = "watch")]
    Watch {
        holds: bool,
    },
}

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
    /// Name of the run folder, in place of `<scenario>[-<variant>][-<hash of the settings>]`.
    #[arg(long, value_name = "NAME")]
    pub(super) name: Option<String>,
    /// Replace a run folder of another scenario, variant or settings.
    #[arg(long)]
    pub(super) force: bool,
    /// Write no charts and no report.
    #[arg(long)]
    pub(super) no_charts: bool,
}

/// A scenario that is ready to run, and which run it is: what its folder is called, and what the record says of it.
pub(super) struct Task {
    pub(super) model: Model,
    /// Which run it is.
    pub(super) identity: Identity,
    /// Name of its folder, and what gave it: `scenario`, `settings` or `name`.
    pub(super) folder: (String, &'static str),
    /// The files that were read, by name as seen from the folder of the first, each with its text; each extends the next.
    pub(super) inputs: Vec<(String, String)>,
}

impl Task {
    pub(super) fn new(model: Model, file: &FilePath, args: &RunArgs) -> Task {
        let given = &args.scenario.given;
        let identity = Identity {
            scenario: model.scenario.name.as_str().to_owned(),
            variant: model.variant.clone(),
            set: given.sets.clone(),
            seed: given.seed,
            paths: given.paths,
            file: file.to_owned(),
        };
        let folder = args.name.clone().map_or_else(|| identity.folder_name(), |name| (name, "name"));
        let home = file.parent().unwrap_or(FilePath::new(""));
        let seen = |name: &str| {
            let name = FilePath::new(name);
            name.strip_prefix(home).unwrap_or(name).to_string_lossy().replace('\\', "/")
        };
        let inputs = model.sources.files().map(|(name, text)| (seen(name), text.to_owned())).collect();
        Task { model, identity, folder, inputs }
    }

    /// Where its folder will stand.
    pub(super) fn place(&self, out: &FilePath) -> PathBuf {
        out.join(&self.folder.0)
    }

    /// What its inputs are called in the folder: the place in the chain, and the name as far as it is plain.
    fn copies(&self) -> impl Iterator<Item = (String, &str)> {
        self.inputs.iter().enumerate().map(|(k, (name, text))| (copy_name(k, name), text.as_str()))
    }
}

/// What the copy of an input is called in a run folder.
pub(super) fn copy_name(k: usize, name: &str) -> String {
    let base = name.rsplit('/').next().unwrap_or(name);
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
    let base: String = base.chars().map(plain).take(80).collect();
    format!("inputs/{}-{}", k + 1, if base == "-" { "stdin.yaml" } else { &base })
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
    let level = ready()?;
    let json = args.scenario.given.json;
    // All files are read before the first is run: a mistake in the last costs no waiting.
    let began = Instant::now();
    let files = &args.scenario.files;
    let read: Vec<Result<Model, Fault>> =
        files.iter().map(|file| load(file, &args.scenario.given.settings())).collect();
    let mut entries: Vec<Value> = Vec::new();
    if read.iter().any(Result::is_err) {
        for (file, read) in files.iter().map(|file| file.display().to_string()).zip(&read) {
            entries.push(match read {
                Ok(model) => json!({"file": file, "issues": diagnostics::json(&model.reader.issues, &model.sources)}),
                Err(fault) => json!({"file": file, "error": fault.json()}),
            });
            if let (Err(fault), false) = (read, json) {
                fault.talk(screen);
            }
        }
        if json {
            screen.say_json(&Value::Array(entries));
        }
        return Ok(exit::INVALID);
    }
    let read = read.into_iter().flatten().zip(files);
    let tasks: Vec<Task> = read.map(|(model, file)| Task::new(model, file, args)).collect();
    apart(&tasks, args)?;
    let mut code = exit::FINE;
    for (file, task) in files.iter().map(|file| file.display().to_string()).zip(&tasks) {
        let model = &task.model;
        if args.scenario.given.talks() {
            screen.issues(&model.reader.issues, &model.sources);
        }
        let issues = diagnostics::json(&model.reader.issues, &model.sources);
        match one(task, args, level, screen, began) {
            Ok((summary, holds)) => {
                let exit_code = if holds { exit::FINE } else { exit::CHECK_FAILED };
                code = code.max(exit_code);
                let folder = task.place(&args.out).display().to_string();
                entries.push(json!(Entry { summary, file, folder, ends: Ends::Run { issues, exit_code } }));
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
        screen.say_json(&Value::Array(entries));
    }
    Ok(code)
}

/// The instruction level, with Ctrl-C heard.
pub(super) fn ready() -> Result<Level, Fault> {
    let level = level().map_err(Fault::usage)?;
    interrupt::listen();
    Ok(level)
}

/// Reads a scenario.
pub(super) fn load(file: &FilePath, settings: &Settings) -> Result<Model, Fault> {
    Model::load(file, settings).map_err(|invalid| Fault::refused(file, &invalid))
}

/// Refuses files of which one would replace the folder of another; letters of either case are one on some systems.
fn apart(tasks: &[Task], args: &RunArgs) -> Result<(), Fault> {
    if let Some((title, label)) = args.name.as_deref().and_then(not_a_name) {
        return Err(Fault::usage(format!("`--name`: {title}: {label}")));
    }
    let names: Vec<String> = tasks.iter().map(|task| task.folder.0.to_lowercase()).collect();
    for (k, name) in names.iter().enumerate() {
        if let Some(other) = names[..k].iter().position(|n| n == name) {
            let [a, b] = [other, k].map(|k| tasks[k].identity.file.display());
            let (at, hint) = (tasks[k].place(&args.out), "give one of them another `name`, or run them apart");
            let message =
                format!("`{a}` and `{b}` would both be written to `{}`; {hint} with `--name` or `--out`", at.display());
            return Err(Fault::usage(message));
        }
    }
    Ok(())
}

/// Takes what the run yields while it goes on: rows of outcomes, the first chunk, progress.
struct Taker<'p> {
    outcomes: Rows<'p>,
    bar: ProgressBar,
    rows: Mutex<BufWriter<File>>,
    first: Mutex<Option<Chunk>>,
    sample: Mutex<Sample>,
    failed: AtomicBool,
}

impl Observer for Taker<'_> {
    fn render(&self, first: u64, chunk: &Chunk) -> Vec<u8> {
        self.outcomes.of(first, chunk)
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
    task: &Task,
    args: &RunArgs,
    level: Level,
    screen: &Screen,
    began: Instant,
) -> Result<(Summary, bool), Failure> {
    let model = &task.model;
    let plan = &model.plan;
    let paths = model.scenario.run.paths;
    let name = &task.folder.0;
    let folder = Folder::begin(&args.out, name, task.identity.clone(), args.force)?;
    let at = folder.path("outcomes.csv");
    let write = |source| Failure::Write { path: at.clone(), source };
    let mut rows = BufWriter::with_capacity(1 << 20, File::create(&at).map_err(write)?);
    let outcomes = Rows::new(plan, model.scenario.run.outcomes);
    rows.write_all(outcomes.heading().as_bytes()).map_err(write)?;
    let taker = Taker {
        outcomes,
        bar: screen.progress(paths, !args.scenario.given.talks()),
        rows: Mutex::new(rows),
        first: Mutex::new(None),
        sample: Mutex::new(Sample::new(plan)),
        failed: AtomicBool::new(false),
    };
    let ready = began.elapsed();
    let results = simulate(plan, &RunSettings { paths, threads: args.threads, level }, &taker);
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
    let outcome = Outcome::new(Arc::clone(&model.plan), results);
    balance(&outcome)?;
    let verdicts: Vec<Verdict> = model.checks.iter().filter_map(|c| outcome.verdict(c)).collect();

    let variants = Variants::of(model, args, level);
    let summary = record::summary(&task.identity, &outcome, &verdicts, variants.said());
    let draft = |files: &[(String, String)], timings: [f64; 3]| {
        let record = run_record(task, args, level, &outcome, &verdicts, files, timings);
        text::json(&Record { files_bytes: sizes(&folder, files), ..record }, true).into_bytes()
    };
    let named = trace::named(plan, &first);
    let write_rest = || -> Result<Vec<(String, String)>, Failure> {
        let texts = [
            ("scenario.resolved.yaml".to_owned(), model.resolved_yaml().into_bytes()),
            ("summary.json".to_owned(), text::json(&summary, true).into_bytes()),
        ];
        let inputs = task.copies().map(|(name, text)| (name, text.as_bytes().to_vec()));
        let (tables, traces) =
            rayon::join(|| tables(&outcome, model, &sample, &variants.run), || traces(model, &named));
        let mut files = write_all(&folder, tables.into_iter().chain(texts).chain(inputs).chain(traces?))?;
        if !args.no_charts {
            // Charts and the report are drawn from the folder as it will stand: its record lacks times, and the hash of
            // the outcomes, which is still being taken.
            files.sort();
            folder.write("run.json", &draft(&files, [0.0; 3]))?;
            let drawn = report::files(&reading::Folder::open(folder.work())?).map_err(Failure::Internal)?;
            files.extend(write_all(&folder, drawn)?);
        }
        Ok(files)
    };
    let (files, hash) = rayon::join(write_rest, || hash_file(&at));
    let mut files = files?;
    files.push(("outcomes.csv".to_owned(), hash?));
    files.sort();
    // Only what a quantile of the tables could be among is worth a word on the screen.
    for metric in outcome.saturated().iter().filter(|m| m.most >= 0.05 && args.scenario.given.talks()) {
        screen.talk(&format!("warning: {metric}; quantiles among them are guesses"));
    }
    let timings = [ready, simulated, began.elapsed()].map(|d| d.as_secs_f64());
    folder.write("run.json", &draft(&files, timings))?;
    if interrupt::asked() {
        return Err(Failure::Interrupted);
    }
    let Finished { place, notes } = folder.finish()?;
    for note in notes.iter().filter(|_| !args.scenario.given.json) {
        screen.talk(&format!("warning: {note}"));
    }
    if args.scenario.verbose {
        let [ready, simulated, all] = timings;
        let (threads, level) = (outcome.results.threads, level.name());
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
fn tables(outcome: &Outcome, model: &Model, sample: &Sample, beside: &[Beside]) -> Vec<Content> {
    type Table<'a> = Box<dyn Fn() -> Vec<u8> + Sync + 'a>;
    let all: [(&str, Table<'_>); 13] = [
        ("monthly.csv", Box::new(|| csv::monthly(outcome))),
        ("instruments.csv", Box::new(|| csv::instruments(outcome))),
        ("summary.csv", Box::new(|| csv::summary(outcome))),
        ("sources_uses.csv", Box::new(|| csv::sources_uses(outcome))),
        ("events.csv", Box::new(|| csv::events(outcome))),
        ("claims.csv", Box::new(|| csv::claims(outcome))),
        ("survival.csv", Box::new(|| findings::survival(outcome, model.variant.as_deref(), sample, beside))),
        ("ruin.csv", Box::new(|| findings::ruin(outcome, sample))),
        ("exceedance.csv", Box::new(|| findings::exceedance(outcome))),
        ("drivers.csv", Box::new(|| findings::drivers(outcome.plan(), sample))),
        ("returns.csv", Box::new(|| findings::returns(outcome))),
        ("convergence.csv", Box::new(|| findings::convergence(outcome, sample))),
        ("assumptions.csv", Box::new(|| findings::assumptions(&model.reader.assumptions))),
    ];
    all.par_iter().map(|(file, table)| ((*file).to_owned(), table())).collect()
}

/// Bytes of each file.
fn sizes(folder: &Folder, files: &[(String, String)]) -> Named<u64> {
    let size = |file: &str| std::fs::metadata(folder.path(file)).map_or(0, |meta| meta.len());
    Named(files.iter().map(|(file, _)| (file.clone(), size(file))).collect())
}

fn hash_file(path: &FilePath) -> Result<String, Failure> {
    File::open(path).and_then(record::sha256_of).map_err(|source| Failure::Write { path: path.to_path_buf(), source })
}

/// The statements of the named paths.
fn traces(model: &Model, named: &[(Who, u64)]) -> Result<Vec<Content>, Failure> {
    let of = |&(who, path): &(Who, u64)| -> Result<Content, Failure> {
        let trace = trace::trace(model, path)?;
        Ok((format!("trace/{}.csv", who.name()), trace::csv(&trace, 1, model.plan.months)))
    };
    named.par_iter().map(of).collect()
}

/// A file of the run folder and its bytes.
type Content = (String, Vec<u8>);

/// The record of a run, without the sizes of its files.
fn run_record(
    task: &Task,
    args: &RunArgs,
    level: Level,
    outcome: &Outcome,
    verdicts: &[Verdict],
    files: &[(String, String)],
    [ready, simulated, total]: [f64; 3],
) -> Record {
    let (model, identity, results) = (&task.model, &task.identity, &outcome.results);
    let hash = |(name, text): &(String, String)| (name.clone(), record::sha256(text.as_bytes()));
    let mut warnings = record::warnings(&model.reader.issues);
    warnings.extend(outcome.saturated().iter().map(ToString::to_string));
    Record {
        schema: record::SCHEMA,
        program: "gapcast".to_owned(),
        version: record::VERSION.to_owned(),
        commit: record::COMMIT.map(str::to_owned),
        scenario: model.scenario.name.as_str().to_owned(),
        variant: model.variant.clone(),
        file: identity.file.display().to_string(),
        file_from_folder: identity.from_folder(&task.place(&args.out)),
        set: identity.set.clone(),
        given: identity.given(),
        named_by: task.folder.1.to_owned(),
        seed: model.plan.seed,
        paths: results.paths,
        charts: !args.no_charts,
        months: model.plan.months as u64,
        start: model.plan.start.to_string(),
        sampler: "plain Monte Carlo, Threefry2x64-20 streams by name".to_owned(),
        threads: results.threads,
        level: level.name().to_owned(),
        seconds: Seconds { ready, simulated, total },
        warnings,
        checks: verdicts.iter().map(CheckLine::of).collect(),
        inputs_sha256: Named(task.inputs.iter().map(hash).collect()),
        files_sha256: Named(files.to_vec()),
        files_bytes: Named::default(),
    }
}

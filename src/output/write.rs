//! Writes a run folder: rows of `outcomes.csv` during the run, then tables, statements of named paths, charts, the
//! report and `run.json`. A folder appears complete or not at all.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use rayon::prelude::*;

use crate::engine::level::Level;
use crate::engine::record::Chunk;
use crate::engine::reference::Broken;
use crate::engine::run::{CHUNK_PATHS, Observer, RunSettings};
use crate::model::Model;
use crate::outcome::{Outcome, Verdict};
use crate::output::audit::{audit, balance};
use crate::output::beside::Variants;
use crate::output::credit::credit;
use crate::output::findings::{self, Beside};
use crate::output::folder::{Finished, Folder, FolderError, Identity};
use crate::output::outcomes::Rows;
use crate::output::reading::{self, Reading};
use crate::output::record::{CheckLine, Named, Record, Seconds, Summary};
use crate::output::sample::Sample;
use crate::output::table::Table;
use crate::output::trace::{self, Who};
use crate::output::why::Why;
use crate::output::{record, report, tables};
use crate::stopping::simulate;
use crate::text;

/// Where and how a run is written.
#[derive(Clone, Debug)]
pub struct Writing {
    /// Folder that will contain the run folder.
    pub out: PathBuf,
    /// Name of the run folder, instead of `<scenario>[-<variant>][-<hash of the settings>]`.
    pub name: Option<String>,
    /// Whether to replace a run folder of another scenario, variant or settings.
    pub force: bool,
    /// Whether to draw charts and the report.
    pub charts: bool,
    /// Threads; 0 for all cores. The result does not depend on it.
    pub threads: usize,
    /// Instruction-set level. The result does not depend on it.
    pub level: Level,
    /// Start of the work, from which times in `run.json` are counted.
    pub began: Instant,
}

impl Default for Writing {
    /// All files, below `output`, on all cores.
    fn default() -> Writing {
        Writing {
            out: PathBuf::from("output"),
            name: None,
            force: false,
            charts: true,
            threads: 0,
            level: Level::best(),
            began: Instant::now(),
        }
    }
}

/// Observes a run and can stop it.
pub trait Watch: Sync {
    /// Called when `done` paths are finished.
    fn progress(&self, _done: u64) {}
    /// Called before the first path and before each further batch, with the number of paths that it reaches.
    fn begins(&self, _paths: u64) {}
    /// Called when the last path is finished.
    fn simulated(&self) {}
    /// Whether to stop early, in which case nothing is written.
    fn stop(&self) -> bool {
        false
    }
}
/// An observer that does nothing.
impl Watch for () {}

/// A run folder that was written.
#[derive(Debug)]
pub struct Written {
    /// The content of `summary.json`.
    pub summary: Summary,
    /// Whether all lines of `checks:` hold.
    pub holds: bool,
    /// The run folder.
    pub place: PathBuf,
    /// Notes for the user, one line each.
    pub notes: Vec<String>,
    /// Seconds from the start until the scenario was read, the paths were simulated, and everything was written.
    pub seconds: Seconds,
}

/// Why no run folder was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The folder cannot be written, or holds another run.
    #[error("{0}")]
    Folder(#[from] FolderError),
    /// A file cannot be written.
    #[error("cannot write `{path}`: {source}")]
    Write {
        /// The file.
        path: PathBuf,
        /// The underlying I/O error.
        source: std::io::Error,
    },
    /// The tables from which charts are drawn cannot be read back.
    #[error("{0}")]
    Read(#[from] Reading),
    /// An accounting identity does not hold, or the two engines differ.
    #[error("{0}")]
    Broken(#[from] Broken),
    /// The watcher asked to stop.
    #[error("interrupted")]
    Interrupted,
    /// The outcome was not produced by the model, or keeps no paths.
    #[error("the outcome is not one of this model's own runs (`Model::run`)")]
    Foreign,
    /// A bug in gapcast.
    #[error("{0}")]
    Internal(String),
}

/// A model to be run and written: the name of its folder, and its identity in `run.json`.
#[derive(Debug)]
pub struct Task<'m> {
    model: &'m Model,
    /// Identity of the run.
    identity: Identity,
    /// Name of its folder, and where the name comes from: `scenario`, `settings` or `name`.
    folder: (String, &'static str),
    /// The files that were read, each with its name relative to the folder of the first and its text; each extends the
    /// next.
    inputs: Vec<(String, String)>,
}

impl<'m> Task<'m> {
    /// A task for a model; `name` replaces the default name of the folder.
    pub fn new(model: &'m Model, name: Option<&str>) -> Task<'m> {
        let given = &model.settings;
        let identity = Identity {
            scenario: model.scenario.name.as_str().to_owned(),
            variant: given.variant.clone(),
            set: given.sets.clone(),
            seed: given.seed,
            paths: given.paths,
            until: given.until.clone(),
            file: model.file.clone(),
        };
        let folder = name.map_or_else(|| identity.folder_name(), |name| (name.to_owned(), "name"));
        let home = model.file.parent().unwrap_or(Path::new(""));
        let seen = |name: &str| {
            let name = Path::new(name);
            name.strip_prefix(home).unwrap_or(name).to_string_lossy().replace('\\', "/")
        };
        let inputs = model.sources.files().map(|(name, text)| (seen(name), text.to_owned())).collect();
        Task { model, identity, folder, inputs }
    }

    /// Number of paths; the largest allowed if the model has a target.
    pub fn paths(&self) -> u64 {
        self.model.scenario.run.paths
    }

    /// Name of its folder.
    pub fn name(&self) -> &str {
        &self.folder.0
    }

    /// Path that its folder will have.
    pub fn place(&self, out: &Path) -> PathBuf {
        out.join(&self.folder.0)
    }

    /// Names of the copies of its inputs in the folder, with their texts: the position in the chain and the file name,
    /// reduced to plain characters.
    fn copies(&self) -> impl Iterator<Item = (String, &str)> {
        self.inputs.iter().enumerate().map(|(k, (name, text))| (copy_name(k, name), text.as_str()))
    }
}

/// Name of the copy of an input in a run folder.
pub(crate) fn copy_name(k: usize, name: &str) -> String {
    let base = name.rsplit('/').next().unwrap_or(name);
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
    let base: String = base.chars().map(plain).take(80).collect();
    format!("inputs/{}-{}", k + 1, if base == "-" { "stdin.yaml" } else { &base })
}

/// Runs a model and writes its folder. Rows of paths are written as they are computed, so memory use does not grow with
/// their number.
///
/// # Errors
/// The folder cannot be written or holds another run, the watcher stops the run, or an identity does not hold.
pub fn run(task: &Task<'_>, how: &Writing, watch: &dyn Watch) -> Result<(Outcome, Written), WriteError> {
    let model = task.model;
    let work = Work::begin(task, how)?;
    let (at, rows) = work.rows()?;
    let taker = Taker {
        outcomes: Rows::new(&model.plan, model.scenario.run.outcomes),
        rows: Mutex::new(rows),
        first: Mutex::new(None),
        sample: Mutex::new(Sample::new(&model.plan)),
        failed: AtomicBool::new(false),
        watch,
    };
    let ready = how.began.elapsed().as_secs_f64();
    let settings = RunSettings { paths: model.scenario.run.paths, threads: how.threads, level: how.level };
    let begins = |paths| watch.begins(paths);
    let outcome = simulate(&model.plan, model.target.as_ref(), &settings, &taker, &begins);
    watch.simulated();
    let simulated = how.began.elapsed().as_secs_f64();
    let full = || WriteError::Write { path: at.clone(), source: std::io::Error::other("the disk may be full") };
    let outcome = outcome.ok_or_else(|| if watch.stop() { WriteError::Interrupted } else { full() })?;
    let mut rows = taker.rows.into_inner().map_err(|_| internal("a thread failed while writing"))?;
    rows.flush().map_err(|source| WriteError::Write { path: at.clone(), source })?;
    drop(rows);
    let sample = taker.sample.into_inner().map_err(|_| internal("a thread failed while keeping"))?;
    let first = taker.first.into_inner().ok().flatten().ok_or_else(|| internal("the run has no first chunk"))?;
    let written = work.finish(&outcome, &sample, &first, [ready, simulated], watch)?;
    Ok((outcome, written))
}

impl Outcome {
    /// Writes the run folder of an outcome of [`Model::run`], with the same files that `gapcast run` writes.
    ///
    /// # Errors
    /// The outcome was not produced by this model or keeps no paths, the folder cannot be written or holds another run,
    /// or an identity does not hold.
    pub fn write(&self, model: &Model, how: &Writing) -> Result<Written, WriteError> {
        let plan = self.plan();
        let own = self.paths().filter(|_| std::ptr::eq(plan, model.plan.as_ref()));
        let paths = own.ok_or(WriteError::Foreign)?;
        let task = Task::new(model, how.name.as_deref());
        let work = Work::begin(&task, how)?;
        let (at, mut file) = work.rows()?;
        let ready = how.began.elapsed().as_secs_f64();
        let rows = Rows::new(plan, model.scenario.run.outcomes).of(0, paths);
        let written = file.write_all(&rows).and_then(|()| file.flush());
        written.map_err(|source| WriteError::Write { path: at, source })?;
        drop(file);
        let mut sample = Sample::new(plan);
        sample.take(paths);
        let first = paths.first(CHUNK_PATHS as usize, plan.metrics.at_end.len());
        work.finish(self, &sample, &first, [ready; 2], &())
    }
}

fn internal(message: &str) -> WriteError {
    WriteError::Internal(message.to_owned())
}

/// Receives what the run yields as it proceeds: rows of outcomes, the first chunk, progress.
struct Taker<'p> {
    outcomes: Rows<'p>,
    rows: Mutex<BufWriter<File>>,
    first: Mutex<Option<Chunk>>,
    sample: Mutex<Sample>,
    failed: AtomicBool,
    watch: &'p dyn Watch,
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
        self.watch.progress(done);
    }
    fn stop(&self) -> bool {
        self.failed.load(Ordering::Relaxed) || self.watch.stop()
    }
}

/// A run folder being written.
struct Work<'a> {
    task: &'a Task<'a>,
    how: &'a Writing,
    folder: Folder,
}

/// A file of the run folder: its name and its bytes.
type Content = (String, Vec<u8>);

impl<'a> Work<'a> {
    fn begin(task: &'a Task<'a>, how: &'a Writing) -> Result<Work<'a>, WriteError> {
        let folder = Folder::begin(&how.out, &task.folder.0, task.identity.clone(), how.force)?;
        Ok(Work { task, how, folder })
    }

    /// Opens `outcomes.csv` and writes its header.
    fn rows(&self) -> Result<(PathBuf, BufWriter<File>), WriteError> {
        let at = self.folder.path("outcomes.csv");
        let model = self.task.model;
        let heading = Rows::new(&model.plan, model.scenario.run.outcomes).heading();
        let open = || {
            let mut rows = BufWriter::with_capacity(1 << 20, File::create(&at)?);
            rows.write_all(heading.as_bytes())?;
            Ok(rows)
        };
        match open() {
            Ok(rows) => Ok((at, rows)),
            Err(source) => Err(WriteError::Write { path: at, source }),
        }
    }

    /// Audits the run, writes everything except the rows of outcomes, and moves the folder into place.
    fn finish(
        self,
        outcome: &Outcome,
        sample: &Sample,
        first: &Chunk,
        [ready, simulated]: [f64; 2],
        watch: &dyn Watch,
    ) -> Result<Written, WriteError> {
        let model = self.task.model;
        audit(outcome.plan(), outcome.results.paths, first)?;
        balance(outcome)?;
        let verdicts: Vec<Verdict> = model.checks.iter().filter_map(|c| outcome.verdict(c)).collect();
        let variants =
            if self.how.charts { Variants::of(model, self.how.level, &|| watch.stop()) } else { Variants::default() };
        let target = record::target(model.target.as_ref(), outcome);
        let summary = record::summary(&self.task.identity, outcome, &verdicts, target, variants.said());
        let why = self.how.charts.then(|| Why::of(model, sample, first)).transpose()?;
        let told = why.as_ref().map(|why| why.told.clone()).unwrap_or_default();
        let headline = model.scenario.headline().iter().map(|entry| entry.as_str().to_owned()).collect();
        let summary = Summary { headline, why_ruined: told, ..summary };
        let credit = self.how.charts.then(|| credit(model, outcome, sample.lent())).transpose()?;
        let credit = credit.iter().filter(|table| table.rows() > 0).map(|table| ("credit.csv", table));
        let also: Vec<Content> = why
            .iter()
            .flat_map(Why::tables)
            .chain(credit)
            .map(|(file, table)| (file.to_owned(), table.csv()))
            .collect();
        let rest = || self.rest(outcome, sample, first, &verdicts, (&variants.run, also), &summary);
        let (files, hash) = rayon::join(rest, || hash_file(&self.folder.path("outcomes.csv")));
        let mut files = files?;
        files.push(("outcomes.csv".to_owned(), hash?));
        files.sort();
        let seconds = Seconds { ready, simulated, total: self.how.began.elapsed().as_secs_f64() };
        self.folder.write("run.json", &self.record(outcome, &verdicts, &files, seconds))?;
        if watch.stop() {
            return Err(WriteError::Interrupted);
        }
        let Finished { place, notes } = self.folder.finish()?;
        Ok(Written { summary, holds: verdicts.iter().all(|v| v.holds), place, notes, seconds })
    }

    /// Writes all files except the rows of outcomes and the record; returns their names and hashes. `beside` and `also`
    /// are the variants that were run alongside, and further tables.
    fn rest(
        &self,
        outcome: &Outcome,
        sample: &Sample,
        first: &Chunk,
        verdicts: &[Verdict],
        (beside, also): (&[Beside], Vec<Content>),
        summary: &Summary,
    ) -> Result<Vec<(String, String)>, WriteError> {
        let model = self.task.model;
        let texts = [
            ("scenario.resolved.yaml".to_owned(), model.resolved_of(outcome.results.paths).into_bytes()),
            ("summary.json".to_owned(), text::json(summary, true).into_bytes()),
        ];
        let inputs = self.task.copies().map(|(name, text)| (name, text.as_bytes().to_vec()));
        let named = trace::named(outcome.plan(), first);
        let (tables, traces) = rayon::join(|| all_tables(outcome, model, sample, beside), || traces(model, &named));
        let mut files = self.write_all(tables.into_iter().chain(texts).chain(inputs).chain(traces?).chain(also))?;
        if self.how.charts {
            // Charts and the report are drawn from the folder in its final state, except that its record lacks the
            // times and the hash of the outcomes, which is still being computed.
            files.sort();
            let seconds = Seconds { ready: 0.0, simulated: 0.0, total: 0.0 };
            self.folder.write("run.json", &self.record(outcome, verdicts, &files, seconds))?;
            let drawn = report::files(&reading::Folder::open(self.folder.work())?).map_err(WriteError::Internal)?;
            files.extend(self.write_all(drawn)?);
        }
        Ok(files)
    }

    /// Writes files and returns their names and hashes.
    fn write_all(&self, files: impl IntoIterator<Item = Content>) -> Result<Vec<(String, String)>, WriteError> {
        let files: Vec<Content> = files.into_iter().collect();
        files
            .into_par_iter()
            .map(|(file, bytes)| {
                self.folder.write(&file, &bytes)?;
                let hash = record::sha256(&bytes);
                Ok((file, hash))
            })
            .collect()
    }

    /// The contents of `run.json`.
    fn record(&self, outcome: &Outcome, verdicts: &[Verdict], files: &[(String, String)], seconds: Seconds) -> Vec<u8> {
        let Task { model, identity, folder, inputs } = self.task;
        let hash = |(name, text): &(String, String)| (name.clone(), record::sha256(text.as_bytes()));
        let size = |file: &str| std::fs::metadata(self.folder.path(file)).map_or(0, |meta| meta.len());
        let mut warnings = record::warnings(&model.reader.issues);
        warnings.extend(outcome.saturated().iter().map(ToString::to_string));
        let record = Record {
            named_by: folder.1.to_owned(),
            seed: model.plan.seed,
            paths: outcome.results.paths,
            target: record::target(model.target.as_ref(), outcome),
            charts: self.how.charts,
            months: model.plan.months as u64,
            start: model.plan.start.to_string(),
            threads: outcome.results.threads,
            level: self.how.level.name().to_owned(),
            seconds,
            warnings,
            checks: verdicts.iter().map(CheckLine::of).collect(),
            inputs_sha256: Named(inputs.iter().map(hash).collect()),
            files_sha256: Named(files.to_vec()),
            files_bytes: Named(files.iter().map(|(file, _)| (file.clone(), size(file))).collect()),
            ..identity.record(&self.task.place(&self.how.out))
        };
        text::json(&record, true).into_bytes()
    }
}

/// The tables of a run, built in parallel.
fn all_tables(outcome: &Outcome, model: &Model, sample: &Sample, beside: &[Beside]) -> Vec<Content> {
    type Make<'a> = Box<dyn Fn() -> Table + Sync + 'a>;
    let all: [(&str, Make<'_>); 13] = [
        ("monthly.csv", Box::new(|| tables::monthly(outcome))),
        ("instruments.csv", Box::new(|| tables::instruments(outcome))),
        ("summary.csv", Box::new(|| tables::summary(outcome))),
        ("sources_uses.csv", Box::new(|| tables::sources_uses(outcome))),
        ("events.csv", Box::new(|| tables::events(outcome))),
        ("claims.csv", Box::new(|| tables::claims(outcome))),
        ("survival.csv", Box::new(|| findings::survival(outcome, model.variant.as_deref(), sample, beside))),
        ("ruin.csv", Box::new(|| findings::ruin(outcome, sample))),
        ("exceedance.csv", Box::new(|| findings::exceedance(outcome))),
        ("drivers.csv", Box::new(|| findings::drivers(outcome.plan(), sample))),
        ("returns.csv", Box::new(|| findings::returns(outcome))),
        ("convergence.csv", Box::new(|| findings::convergence(outcome, sample))),
        ("assumptions.csv", Box::new(|| findings::assumptions(&model.reader))),
    ];
    all.par_iter().map(|(file, make)| ((*file).to_owned(), make().csv())).collect()
}

fn hash_file(path: &Path) -> Result<String, WriteError> {
    File::open(path)
        .and_then(record::sha256_of)
        .map_err(|source| WriteError::Write { path: path.to_path_buf(), source })
}

/// The statements of the named paths.
fn traces(model: &Model, named: &[(Who, u64)]) -> Result<Vec<Content>, WriteError> {
    let of = |&(who, path): &(Who, u64)| -> Result<Content, WriteError> {
        let trace = trace::trace(model, path)?;
        Ok((format!("trace/{}.csv", who.name()), trace::csv(&trace, 1, model.plan.months)))
    };
    named.par_iter().map(of).collect()
}

//! `gapcast run`: simulates, writes the run folder and prints the summary.

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use indicatif::ProgressBar;
use serde::Serialize;
use serde_json::{Value, json};

use crate::cli::fault::Fault;
use crate::cli::interrupt;
use crate::cli::screen::Screen;
use crate::cli::{ScenarioArgs, diagnostics, exit, level, study};
use crate::engine::level::Level;
use crate::language::values::not_a_name;
use crate::model::{Model, Settings};
use crate::output::record::{Seconds, Summary};
use crate::output::summary::text as summary_text;
use crate::output::write::{self, Task, Watch, WriteError, Writing, Written};

/// JSON output for a run: `run` adds the issues and the exit code, `watch` whether all checks hold.
#[derive(Serialize)]
pub(super) struct Entry {
    #[serde(flatten)]
    pub(super) summary: Summary,
    pub(super) file: String,
    pub(super) folder: String,
    #[serde(flatten)]
    pub(super) ends: Ends,
}

/// The fields that `run` or `watch` adds.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Ends {
    Run {
        issues: Vec<diagnostics::Diagnostic>,
        exit_code: u8,
    },
    #[cfg(feature = "watch")]
    Watch {
        holds: bool,
    },
}

/// Arguments of `run`.
#[derive(Debug, Default, Args)]
pub struct RunArgs {
    #[command(flatten)]
    pub(super) scenario: ScenarioArgs,
    /// Run until a standard error is small enough, as in `se(p(cash_out)) < 0.2%`; `--paths` is the largest number of
    /// paths, by default 1048576.
    #[arg(long, value_name = "TARGET")]
    pub(super) until: Option<String>,
    /// Compare these variants of the file with it instead: names, or `all`. Short for `gapcast compare FILE --variants`.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', conflicts_with_all = ["until", "variant"])]
    pub(super) variants: Vec<String>,
    /// Threads; 0 for all cores. Results do not depend on it.
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

impl RunArgs {
    /// The settings of its runs.
    fn settings(&self) -> Settings {
        Settings { until: self.until.clone(), ..self.scenario.given.settings() }
    }

    /// Settings for writing its runs.
    fn writing(&self, level: Level, began: Instant) -> Writing {
        Writing {
            out: self.out.clone(),
            name: self.name.clone(),
            force: self.force,
            charts: !self.no_charts,
            threads: self.threads,
            level,
            began,
        }
    }
}

/// Stops a run on Ctrl-C.
pub(super) struct Interrupt;
impl Watch for Interrupt {
    fn stop(&self) -> bool {
        interrupt::asked()
    }
}

/// Stops a run on Ctrl-C, and shows a progress bar that is cleared when all paths are simulated.
struct Bar(ProgressBar);

impl Watch for Bar {
    fn progress(&self, done: u64) {
        self.0.set_position(done);
    }
    fn begins(&self, paths: u64) {
        self.0.set_length(paths);
    }
    fn simulated(&self) {
        self.0.finish_and_clear();
    }
    fn stop(&self) -> bool {
        interrupt::asked()
    }
}

/// Runs the command; with several files, returns the highest exit code.
pub fn run(args: &RunArgs, screen: &Screen) -> u8 {
    if !args.variants.is_empty() {
        return study::compare_variants(args, screen);
    }
    let told = all(args, screen);
    told.unwrap_or_else(|fault| fault.tell(screen, args.scenario.given.json))
}

/// Runs all files, one after the other. With `--json` one list is printed, with an entry for each file.
fn all(args: &RunArgs, screen: &Screen) -> Result<u8, Fault> {
    let level = ready()?;
    let json = args.scenario.given.json;
    // All files are read before the first is run, so that an error in the last one is reported at once.
    let began = Instant::now();
    let files = &args.scenario.files;
    let read: Vec<Result<Model, Fault>> = files.iter().map(|file| load(file, &args.settings())).collect();
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
    let models: Vec<Model> = read.into_iter().flatten().collect();
    let tasks: Vec<Task<'_>> = models.iter().map(|model| Task::new(model, args.name.as_deref())).collect();
    apart(&tasks, args)?;
    let how = args.writing(level, began);
    let mut code = exit::FINE;
    for ((file, model), task) in files.iter().map(|file| file.display().to_string()).zip(&models).zip(&tasks) {
        if args.scenario.given.talks() {
            screen.issues(&model.reader.issues, &model.sources);
        }
        let issues = diagnostics::json(&model.reader.issues, &model.sources);
        match one(task, args, &how, screen) {
            Ok(Written { summary, holds, place, .. }) => {
                let exit_code = if holds { exit::FINE } else { exit::CHECK_FAILED };
                code = code.max(exit_code);
                let folder = place.display().to_string();
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

/// Returns the instruction level and starts listening for Ctrl-C.
pub(super) fn ready() -> Result<Level, Fault> {
    let level = level().map_err(Fault::usage)?;
    interrupt::listen();
    Ok(level)
}

/// Reads a scenario.
pub(super) fn load(file: &Path, settings: &Settings) -> Result<Model, Fault> {
    Model::load(file, settings).map_err(|invalid| Fault::refused(file, &invalid))
}

/// Rejects files that would share a run folder. Case is ignored, since some file systems ignore it.
fn apart(tasks: &[Task<'_>], args: &RunArgs) -> Result<(), Fault> {
    if let Some((title, label)) = args.name.as_deref().and_then(not_a_name) {
        return Err(Fault::usage(format!("`--name`: {title}: {label}")));
    }
    let names: Vec<String> = tasks.iter().map(|task| task.name().to_lowercase()).collect();
    for (k, name) in names.iter().enumerate() {
        if let Some(other) = names[..k].iter().position(|n| n == name) {
            let [a, b] = [other, k].map(|k| args.scenario.files[k].display());
            let (at, hint) = (tasks[k].place(&args.out), "give one of them another `name`, or run them separately");
            let message =
                format!("`{a}` and `{b}` would both be written to `{}`; {hint} with `--name` or `--out`", at.display());
            return Err(Fault::usage(message));
        }
    }
    Ok(())
}

/// Runs one scenario and writes its folder; prints warnings and, unless quiet or JSON, the summary.
fn one(task: &Task<'_>, args: &RunArgs, how: &Writing, screen: &Screen) -> Result<Written, WriteError> {
    let given = &args.scenario.given;
    let bar = Bar(screen.progress(task.paths(), !given.talks()));
    let done = write::run(task, how, &bar);
    bar.0.finish_and_clear();
    let (outcome, written) = done?;
    // A warning is printed only if a quantile of the tables could lie among the saturated values.
    for metric in outcome.saturated().iter().filter(|m| m.most >= 0.05 && given.talks()) {
        screen.talk(&format!("warning: {metric}; quantiles in that range are unreliable"));
    }
    for note in written.notes.iter().filter(|_| !given.json) {
        screen.talk(&format!("warning: {note}"));
    }
    if args.scenario.verbose {
        let Seconds { ready, simulated, total } = written.seconds;
        let (name, threads, level) = (task.name(), outcome.results.threads, how.level.name());
        screen.talk(&format!(
            "{name}: read in {ready:.2} s, simulated in {:.2} s on {threads} threads ({level}), written in {:.2} s",
            simulated - ready,
            total - simulated
        ));
    }
    if given.talks() {
        screen.say(&summary_text(&written.summary, &written.place));
    }
    Ok(written)
}

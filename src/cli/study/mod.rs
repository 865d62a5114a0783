//! The commands that ask a question of many runs: `compare`, `sens`, `solve`, `sweep`, `frontier` and `rare`.
//! Each turns its arguments into a question; what they share is here.

mod compare;
mod frontier;
mod rare;
mod sens;
mod solve;
mod sweep;

use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::cli::exit;
use crate::cli::fault::Fault;
use crate::cli::interrupt;
use crate::cli::run::ready;
use crate::cli::screen::Screen;
use crate::language::overlay::Reach;
use crate::language::values::not_a_name;
use crate::output::write::{Watch, Writing};
use crate::study::cache::Cache;
use crate::study::files::{Case, Common, File, Files};
use crate::study::runner::Runner;
use crate::study::{self, Ask, Question, Study, StudyError, folder};

pub(super) use compare::{CompareArgs, compare, compare_variants};
pub(super) use frontier::{FrontierArgs, frontier};
pub(super) use rare::{RareArgs, rare};
pub(super) use sens::{SensArgs, sens};
pub(super) use solve::{SolveArgs, solve};
pub(super) use sweep::{SweepArgs, sweep};

/// Options that all studies share.
#[derive(Clone, Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of the command line")]
pub(super) struct Shared {
    /// Override a value at an existing path in every run, as in `lab.demand.volatility=5%/mo`; `null` removes it. Repeatable.
    #[arg(long = "set", value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Number of paths of each run, overriding the file.
    #[arg(short = 'n', long, value_name = "N", value_parser = clap::value_parser!(u64).range(2..=10_000_000))]
    paths: Option<u64>,
    /// Seed, overriding the file.
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Threads; 0 for all cores. Results do not depend on it.
    #[arg(short = 'j', long, value_name = "N", default_value_t = 0)]
    pub(super) threads: usize,
    /// Folder in which the study's folder is written, and where measured points are kept.
    #[arg(short, long, value_name = "DIR", default_value = "output")]
    out: PathBuf,
    /// Name of the study's folder, in place of `<scenario>[-<variant>]-<command>-<hash of the question>`.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Replace a folder that holds something else.
    #[arg(long)]
    force: bool,
    /// Write no charts and no report.
    #[arg(long)]
    no_charts: bool,
    /// Compute every point again, and keep none.
    #[arg(long)]
    no_cache: bool,
    /// Allow `extends` to read files outside the scenario's folder.
    #[arg(long)]
    allow_outside: bool,
    /// Print the answer as JSON.
    #[arg(long)]
    json: bool,
    /// Print only errors.
    #[arg(short, long)]
    quiet: bool,
}

/// One scenario of a study.
#[derive(Clone, Debug, Args)]
pub(super) struct One {
    /// Scenario file; `-` is standard input.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Apply a variant of the file.
    #[arg(long, value_name = "NAME")]
    variant: Option<String>,
}

impl One {
    fn case(&self) -> Case {
        Case { file: 0, variant: self.variant.clone(), set: Vec::new() }
    }
}

/// The answer as JSON: `study.json` with its folder.
#[derive(Serialize)]
struct Told<'a> {
    folder: String,
    exit_code: u8,
    #[serde(flatten)]
    study: &'a Study,
}

/// Shows the points that are done, and stops on Ctrl-C.
struct Points(ProgressBar);

impl Watch for Points {
    fn progress(&self, done: u64) {
        self.0.set_position(done);
    }
    fn stop(&self) -> bool {
        interrupt::asked()
    }
}

impl Shared {
    fn common(&self) -> Common {
        Common { set: self.set.clone(), paths: self.paths, seed: self.seed }
    }

    fn files(&self, files: &[PathBuf]) -> Files {
        let reach = if self.allow_outside { Reach::Outside } else { Reach::Below };
        Files::new(files.iter().map(|file| File::Path(file.clone(), reach)).collect())
    }

    /// Asks the question, writes the folder, and prints the answer. `points` is the number of points, if it is known.
    fn answer(&self, ask: Ask, files: &[PathBuf], points: Option<u64>, screen: &Screen) -> u8 {
        let told = self.asked(ask, files, points, screen);
        told.unwrap_or_else(|fault| fault.tell(screen, self.json))
    }

    fn asked(&self, ask: Ask, paths: &[PathBuf], points: Option<u64>, screen: &Screen) -> Result<u8, Fault> {
        let began = Instant::now();
        if let Some((title, label)) = self.name.as_deref().and_then(not_a_name) {
            return Err(Fault::usage(format!("`--name`: {title}: {label}")));
        }
        let level = ready()?;
        let question = Question { common: self.common(), ask };
        let mut files = self.files(paths);
        let cache = Cache::beside(&self.out);
        let bar = if self.quiet || self.json || !screen.live() { ProgressBar::hidden() } else { bar(points) };
        let watch = Points(bar);
        let cache = (!self.no_cache).then_some(&cache);
        let runner = Runner { threads: self.threads, level, cache, watch: &watch };
        let study = study::ask(&question, &mut files, &runner);
        watch.0.finish_and_clear();
        let study = study.map_err(Fault::from)?;
        let how = Writing {
            out: self.out.clone(),
            name: self.name.clone(),
            force: self.force,
            charts: !self.no_charts,
            threads: self.threads,
            level,
            began,
        };
        let written = folder::write(&study, &question, &files, &how)?;
        for note in &written.notes {
            screen.talk(&format!("warning: {note}"));
        }
        let exit_code = if study.holds() { exit::FINE } else { exit::CHECK_FAILED };
        let place = written.place.display().to_string();
        if self.json {
            screen.say_json(&Told { folder: place, exit_code, study: &study });
        } else if !self.quiet {
            let lines = study.lines().join("\n");
            screen.say(&format!("{lines}\n± is one standard error. Files in {place}\n"));
        }
        Ok(exit_code)
    }
}

/// A progress bar over points.
fn bar(points: Option<u64>) -> ProgressBar {
    let (bar, template) = match points {
        Some(n) => (ProgressBar::new(n), "{bar:40} {human_pos} of {human_len} points, {eta} left"),
        None => (ProgressBar::new_spinner(), "{spinner} {human_pos} points, {elapsed}"),
    };
    bar.with_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()))
}

impl From<StudyError> for Fault {
    fn from(error: StudyError) -> Fault {
        match error {
            StudyError::Invalid(file, invalid) => Fault::refused(&file, &invalid),
            StudyError::Usage(message) => Fault::usage(message),
            StudyError::Interrupted => Fault::interrupted(),
            StudyError::Write(error) => error.into(),
            StudyError::Internal(message) => Fault::internal(message),
        }
    }
}

/// A scenario file and, behind a colon, a variant: `FILE:VARIANT`. A file whose name has a colon is found as it is.
fn file_and_variant(text: &str) -> (PathBuf, Option<String>) {
    if let Some((file, variant)) = text.rsplit_once(':')
        && !variant.is_empty()
        && !variant.contains(['/', '\\'])
        && !Path::new(text).exists()
    {
        return (PathBuf::from(file), Some(variant.to_owned()));
    }
    (PathBuf::from(text), None)
}

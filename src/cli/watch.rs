//! `gapcast watch`: checks and runs a scenario, with few paths, each time it or a file that it extends is saved.
//!
//! Each successful run replaces the run folder, including its charts. If the scenario has errors, they are printed
//! instead and the last good folder is kept. On a terminal the screen is redrawn; otherwise text is appended, with
//! `--json` one document per line. Ctrl-C ends the command.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use clap::Args;
use notify::{RecursiveMode, Watcher};
use serde_json::{Value, json};

use crate::cli::fault::Fault;
use crate::cli::run::{Ends, Entry, Interrupt, load, ready};
use crate::cli::screen::Screen;
use crate::cli::{OneScenario, exit, interrupt};
use crate::engine::level::Level;
use crate::issues::Issues;
use crate::language::overlay::{self, Reach};
use crate::language::tree::Sources;
use crate::model::Settings;
use crate::output::record::sha256;
use crate::output::summary::text as summary_text;
use crate::output::write::{self, Task, Writing, Written};

/// Arguments of `watch`.
#[derive(Debug, Args)]
pub struct WatchArgs {
    #[command(flatten)]
    scenario: OneScenario,
    /// Threads; 0 for all cores. Results do not depend on it.
    #[arg(short = 'j', long, value_name = "N", default_value_t = 0)]
    pub(super) threads: usize,
    /// Folder in which the run folder is created.
    #[arg(short, long, value_name = "DIR", default_value = "output")]
    out: PathBuf,
    /// Name of the run folder, instead of `<scenario>[-<variant>]-<hash of the settings>`.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Write no charts.
    #[arg(long)]
    no_charts: bool,
}

/// Number of paths of a run without `--paths`.
const FEW: u64 = 2000;
/// How long a file must remain unchanged before it is read: editors write in several steps.
const QUIET: Duration = Duration::from_millis(200);
/// Interval between checks for Ctrl-C.
const GLANCE: Duration = Duration::from_millis(100);

/// Runs the command.
pub fn watch(args: &WatchArgs, screen: &Screen) -> u8 {
    let told = run(args, screen);
    told.unwrap_or_else(|fault| fault.tell(screen, args.scenario.given.json))
}

fn run(args: &WatchArgs, screen: &Screen) -> Result<u8, Fault> {
    let s = &args.scenario;
    let level = ready()?;
    if s.file.as_os_str() == overlay::STDIN {
        return Err(Fault::usage("`watch` requires a file; it cannot watch standard input"));
    }
    if !s.file.is_file() {
        let missing = std::io::Error::from(std::io::ErrorKind::NotFound);
        return Err(Fault::io("read", &s.file, &missing));
    }
    let mut eye = Eye::open()?;
    let (mut seen, mut good) = (None, None);
    while !interrupt::asked() && screen.failed().is_none() {
        // Directories are watched before the scenario is loaded, so that no save is missed.
        let now = Texts::read(&s.file, s.given.settings().reach);
        eye.watch(&now)?;
        if seen.as_ref() == Some(&now) {
            eye.wait();
        } else {
            turn(args, level, screen, &mut good);
            seen = Some(now);
        }
    }
    Ok(exit::FINE)
}

/// One check and run; `good` is the folder of the last successful run.
fn turn(args: &WatchArgs, level: Level, screen: &Screen, good: &mut Option<PathBuf>) {
    let (file, given, began) = (&args.scenario.file, &args.scenario.given, Instant::now());
    let json = given.json;
    let settings = Settings { paths: Some(given.paths.unwrap_or(FEW)), ..given.settings() };
    let how = Writing {
        out: args.out.clone(),
        name: args.name.clone(),
        charts: !args.no_charts,
        threads: args.threads,
        level,
        began,
        force: false,
    };
    let done = load(file, &settings).and_then(|model| {
        let (_, written) = write::run(&Task::new(&model, args.name.as_deref()), &how, &Interrupt)?;
        Ok((model, written))
    });
    if interrupt::asked() {
        return;
    }
    if !json && std::io::stdout().is_terminal() {
        screen.clear();
    }
    match done {
        Ok((model, Written { summary, holds, place: at, notes, .. })) => {
            for note in notes.iter().filter(|_| !json) {
                screen.talk(&format!("warning: {note}"));
            }
            if json {
                let (file, folder) = (file.display().to_string(), at.display().to_string());
                screen.say_json_line(&json!(Entry { summary, file, folder, ends: Ends::Watch { holds } }));
            } else {
                screen.issues(&model.reader.issues, &model.sources);
                screen.say(&summary_text(&summary, &at));
            }
            *good = Some(at);
        }
        Err(fault) => {
            let kept = good.as_ref().map(|at| at.display().to_string());
            if json {
                let document: Value = json!({"file": file.display().to_string(), "error": fault.json(), "kept": kept});
                screen.say_json_line(&document);
            } else {
                fault.talk(screen);
                if let Some(kept) = kept {
                    screen.talk(&format!("the last good result is in {kept}"));
                }
            }
        }
    }
    if !json {
        let took = began.elapsed().as_secs_f64();
        screen.talk(&format!("watching {} ({took:.1} s); press Ctrl-C to stop", file.display()));
    }
}

/// A scenario and the files that it extends, each with a hash of its text; `None` if it cannot be read.
#[derive(Debug, PartialEq)]
struct Texts(BTreeMap<PathBuf, Option<String>>);

impl Texts {
    fn read(file: &Path, reach: Reach) -> Texts {
        let (mut sources, mut ignored) = (Sources::default(), Issues::default());
        overlay::load_file(file, reach, |_, _| (), &mut sources, &mut ignored);
        let read = sources.iter().map(|(name, text)| (PathBuf::from(name), Some(sha256(text.as_bytes()))));
        // A file that cannot be read is included, so that it is noticed once it can be read.
        Texts([(file.to_owned(), None)].into_iter().chain(read).collect())
    }

    /// The directories of the files.
    fn homes(&self) -> Vec<PathBuf> {
        let mut out: Vec<PathBuf> = self
            .0
            .keys()
            .map(|file| file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")))
            .filter_map(|home| home.canonicalize().ok())
            .collect();
        out.sort();
        out.dedup();
        out
    }
}

/// The watched directories. A file is watched through its directory, since editors save by writing a new file and
/// renaming it.
struct Eye {
    watcher: notify::RecommendedWatcher,
    events: Receiver<()>,
    homes: Vec<PathBuf>,
}

impl Eye {
    fn open() -> Result<Eye, Fault> {
        let (send, events) = channel();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // A read is not a change; an error of the watcher may hide one.
            if event.map_or(true, |event| !event.kind.is_access()) {
                // The receiver is gone once the command has ended.
                let _ = send.send(());
            }
        });
        let watcher = watcher.map_err(|e| Fault::internal(format!("files cannot be watched here: {e}")))?;
        Ok(Eye { watcher, events, homes: Vec::new() })
    }

    /// Watches directories that are not watched yet.
    fn watch(&mut self, texts: &Texts) -> Result<(), Fault> {
        for home in texts.homes() {
            if !self.homes.contains(&home) {
                let watched = self.watcher.watch(&home, RecursiveMode::NonRecursive);
                watched.map_err(|e| Fault::io("watch", &home, &std::io::Error::other(e)))?;
                self.homes.push(home);
            }
        }
        Ok(())
    }

    /// Waits until a file has changed and no change has followed for a while, or until the user interrupts.
    fn wait(&self) {
        loop {
            match self.events.recv_timeout(GLANCE) {
                Ok(()) => break,
                Err(RecvTimeoutError::Timeout) if !interrupt::asked() => {}
                Err(_) => return,
            }
        }
        while self.events.recv_timeout(QUIET).is_ok() && !interrupt::asked() {}
    }
}

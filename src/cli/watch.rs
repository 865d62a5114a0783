//! `gapcast watch`: the scenario is checked and run again, with few paths, whenever it or a file that it extends is saved.
//!
//! The run folder is replaced after each sound run, charts and all. The errors of a scenario are printed in place, and the last
//! good folder stays. On a terminal the screen is drawn anew; otherwise words are added at the end, and with `--json` one
//! document a line. Ctrl-C ends it.

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

/// What `watch` takes.
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

/// Paths of a run when `--paths` does not say it.
const FEW: u64 = 2000;
/// How long a file must be left alone before it is read: editors write in several steps.
const QUIET: Duration = Duration::from_millis(200);
/// How often Ctrl-C is looked for.
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
        // Directories are watched before files are read, so that no save falls between.
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

/// One check and run; `good` is the folder of the last good one.
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

/// A scenario and the files that it extends: each with a hash of its text, none where it cannot be read.
#[derive(Debug, PartialEq)]
struct Texts(BTreeMap<PathBuf, Option<String>>);

impl Texts {
    fn read(file: &Path, reach: Reach) -> Texts {
        let (mut sources, mut ignored) = (Sources::default(), Issues::default());
        overlay::load_file(file, reach, |_, _| (), &mut sources, &mut ignored);
        let read = sources.iter().map(|(name, text)| (PathBuf::from(name), Some(sha256(text.as_bytes()))));
        // A file that cannot be read is among them too, so that it is seen when it can.
        Texts([(file.to_owned(), None)].into_iter().chain(read).collect())
    }

    /// The directories in which they are.
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

/// Directories under watch. A file is watched by its directory, since editors save by writing another and renaming it.
struct Eye {
    watcher: notify::RecommendedWatcher,
    events: Receiver<()>,
    homes: Vec<PathBuf>,
}

impl Eye {
    fn open() -> Result<Eye, Fault> {
        let (send, events) = channel();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            // Reading is no change; what cannot be told may be one.
            if event.map_or(true, |event| !event.kind.is_access()) {
                // Nobody listens any more when the command ends.
                let _ = send.send(());
            }
        });
        let watcher = watcher.map_err(|e| Fault::internal(format!("files cannot be watched here: {e}")))?;
        Ok(Eye { watcher, events, homes: Vec::new() })
    }

    /// Watches what is not watched yet.
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

    /// Waits until something has changed and then been left alone, or the user wants to end.
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

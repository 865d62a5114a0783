//! `gapcast verify`: does a run folder still hold what its record says, and does the run come out the same again?

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use serde_json::{Value, json};

use crate::cli::fault::Fault;
use crate::cli::run::{RunArgs, folder_name, load, one, ready};
use crate::cli::screen::Screen;
use crate::cli::{Given, ScenarioArgs, exit};
use crate::output::charts;
use crate::output::reading::Folder;
use crate::output::record::{VERSION, sha256, sha256_of};
use crate::output::report::{RedrawError, html};

/// What `verify` takes.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// A run folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Threads; 0 for all cores. The numbers are the same for any.
    #[arg(short = 'j', long, value_name = "N", default_value_t = 0)]
    threads: usize,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Print nothing but errors.
    #[arg(short, long)]
    quiet: bool,
}

/// The scenario that is run again.
const SCENARIO: &str = "scenario.resolved.yaml";

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    /// As recorded, and the same again.
    Same,
    /// As recorded; not a file that can be made again the same.
    Recorded,
    /// Not what the record says: it was changed after the run.
    Changed,
    /// In the record, not in the folder.
    Missing,
    /// In the folder, not in the record.
    Unknown,
    /// As recorded, but the run writes something else now.
    Differs,
    /// The run does not write it now.
    NotWritten,
    /// The run writes it now, and did not then.
    New,
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Status::Same => "same",
            Status::Recorded => "recorded",
            Status::Changed => "changed",
            Status::Missing => "missing",
            Status::Unknown => "unknown",
            Status::Differs => "differs",
            Status::NotWritten => "not-written",
            Status::New => "new",
        }
    }
    /// What is said of it, when it is not as it should be.
    fn words(self) -> Option<&'static str> {
        match self {
            Status::Same | Status::Recorded => None,
            Status::Changed => Some("was changed after the run: it is not what run.json records"),
            Status::Missing => Some("is recorded in run.json and missing"),
            Status::Unknown => Some("is not part of the run"),
            Status::Differs => Some("comes out with other bytes now"),
            Status::NotWritten => Some("is not written by this program now"),
            Status::New => Some("is written by this program now, and was not then"),
        }
    }
    fn sound(self) -> bool {
        matches!(self, Status::Same | Status::Recorded | Status::Unknown)
    }
}

/// Runs the command.
pub fn verify(args: &VerifyArgs, screen: &Screen) -> u8 {
    let told = run(args, screen);
    told.unwrap_or_else(|fault| fault.tell(screen, args.json))
}

/// Names of files and their hashes.
type Hashes = BTreeMap<String, String>;

fn run(args: &VerifyArgs, screen: &Screen) -> Result<u8, Fault> {
    let record = record_of(&args.folder)?;
    let recorded = hashes_of(&record);
    let found = hashed(&args.folder)?;
    // A file of pixels can be made again only where pixels can be drawn.
    let repeats = |file: &str| cfg!(feature = "png") || Path::new(file).extension().is_none_or(|e| e != "png");
    let intact = found.get(SCENARIO).is_some_and(|hash| recorded.get(SCENARIO) == Some(hash));
    let again = if intact { Some(again(args, &record, screen)?) } else { None };
    let mut files: BTreeMap<&str, Status> = BTreeMap::new();
    for (file, hash) in &recorded {
        let status = match (found.get(file), &again) {
            (None, _) => Status::Missing,
            (Some(now), _) if now != hash => Status::Changed,
            (_, Some(again)) if repeats(file) => match again.get(file) {
                None => Status::NotWritten,
                Some(now) if now == hash => Status::Same,
                Some(_) => Status::Differs,
            },
            _ => Status::Recorded,
        };
        files.insert(file, status);
    }
    for file in found.keys().filter(|file| !recorded.contains_key(*file)) {
        files.insert(file, Status::Unknown);
    }
    for file in again.iter().flat_map(BTreeMap::keys).filter(|file| !recorded.contains_key(*file)) {
        files.insert(file, Status::New);
    }
    let same = intact && files.values().all(|status| status.sound());
    let code = if same { exit::FINE } else { exit::CHECK_FAILED };
    let list: Vec<Value> = files.iter().map(|(file, status)| json!({"file": file, "status": status.name()})).collect();
    let report = json!({"folder": args.folder.display().to_string(), "scenario": record["scenario"], "variant": record["variant"],
        "paths": record["paths"], "seed": record["seed"], "version": {"then": record["version"], "now": VERSION},
        "run_again": intact, "same": same, "files": list, "exit_code": code});
    if args.json {
        screen.say(&format!("{report:#}\n"));
    } else if !args.quiet || !same {
        screen.say(&text(&report, &files));
    }
    Ok(code)
}

fn text(report: &Value, files: &BTreeMap<&str, Status>) -> String {
    // Writing to a string cannot fail.
    let mut out = String::new();
    for (file, status) in files {
        if let Some(words) = status.words() {
            let mark = if status.sound() { "·" } else { "✗" };
            let _ = writeln!(out, "{mark} {file} {words}");
        }
    }
    let (then, now) = (&report["version"]["then"], &report["version"]["now"]);
    if then != now {
        let then = then.as_str().unwrap_or("another version");
        let _ = writeln!(out, "· the run was made by {then}, this is {VERSION}: other bytes are to be expected");
    }
    let count = |status: Status| files.values().filter(|s| **s == status).count();
    let (paths, seed) = (&report["paths"], &report["seed"]);
    if report["run_again"] != true {
        let _ = writeln!(out, "✗ {SCENARIO} is not what was run, so nothing was run again");
    } else if report["same"] == true {
        let _ = writeln!(out, "✓ {} files came out the same again: {paths} paths, seed {seed}", count(Status::Same));
    } else {
        let _ = writeln!(out, "✗ {} of {} files came out the same again", count(Status::Same), files.len());
    }
    let kept = count(Status::Recorded);
    if kept > 0 && report["run_again"] == true {
        let _ = writeln!(out, "· {kept} were only compared with run.json, since no two runs write them alike here");
    }
    out
}

fn record_of(folder: &Path) -> Result<Value, Fault> {
    let at = folder.join("run.json");
    let text = fs::read_to_string(&at).map_err(|e| Fault::io("read", &at, &e))?;
    let record: Value = serde_json::from_str(&text)
        .map_err(|e| Fault::io("understand", &at, &std::io::Error::other(format!("it is not JSON: {e}"))))?;
    if record["program"] != "gapcast" || !record["files_sha256"].is_object() {
        return Err(Fault::io("understand", &at, &std::io::Error::other("it is not the record of a run")));
    }
    Ok(record)
}

fn hashes_of(record: &Value) -> Hashes {
    let files = record["files_sha256"].as_object().into_iter().flatten();
    files.map(|(file, hash)| (file.clone(), hash.as_str().unwrap_or_default().to_owned())).collect()
}

/// The files of a folder and of the folders in it, but for the record itself.
fn hashed(folder: &Path) -> Result<Hashes, Fault> {
    fn walk(at: &Path, name: &str, out: &mut Hashes) -> Result<(), Fault> {
        let entries = fs::read_dir(at).map_err(|e| Fault::io("read", at, &e))?;
        for entry in entries {
            let entry = entry.map_err(|e| Fault::io("read", at, &e))?;
            let (path, file) = (entry.path(), entry.file_name());
            let name = format!("{name}{}", file.to_string_lossy());
            let kind = entry.file_type().map_err(|e| Fault::io("read", &path, &e))?;
            if kind.is_dir() {
                walk(&path, &format!("{name}/"), out)?;
            } else if kind.is_file() && name != "run.json" {
                let hash = fs::File::open(&path).and_then(sha256_of).map_err(|e| Fault::io("read", &path, &e))?;
                out.insert(name, hash);
            }
        }
        Ok(())
    }
    let mut out = Hashes::new();
    walk(folder, "", &mut out)?;
    Ok(out)
}

/// A folder that is gone when it is dropped.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nothing better can be done here when this fails.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Runs what the record says, elsewhere; the hashes of what comes out.
fn again(args: &VerifyArgs, record: &Value, screen: &Screen) -> Result<Hashes, Fault> {
    let at = std::env::temp_dir().join(format!("gapcast-verify-{}", std::process::id()));
    fs::create_dir(&at).map_err(|e| Fault::io("create", &at, &e))?;
    let scratch = Scratch(at);
    let given = Given { quiet: true, ..Given::default() };
    let how = RunArgs {
        scenario: ScenarioArgs { given, ..ScenarioArgs::default() },
        threads: args.threads,
        out: scratch.0.clone(),
        // Older records do not say it; then the charts in the folder do.
        no_charts: !record["charts"].as_bool().unwrap_or_else(|| args.folder.join("charts").is_dir()),
        ..RunArgs::default()
    };
    let began = Instant::now();
    let level = ready(&how)?;
    let mut job = load(&args.folder.join(SCENARIO), &how.scenario.given.overrides())?;
    // The variant is in the resolved scenario already; its name is part of what is written.
    job.variant = record["variant"].as_str().map(str::to_owned);
    one(&job, &how, level, screen, began)?;
    let at = scratch.0.join(folder_name(&job));
    let mut hashes = hashed(&at)?;
    if let Some(hash) = hashes.get_mut("report.html") {
        // The page names the file that was run, which is the resolved one here: it is drawn under the record of then.
        let record = at.join("run.json");
        fs::copy(args.folder.join("run.json"), &record).map_err(|e| Fault::io("write", &record, &e))?;
        let folder = Folder::open(&at).map_err(|e| Fault::from(RedrawError::from(e)))?;
        *hash = sha256(html(&folder, &charts::draw(&folder)).as_bytes());
    }
    Ok(hashes)
}

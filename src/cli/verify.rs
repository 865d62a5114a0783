//! `gapcast verify`: checks that a run folder still matches its record and that the run is reproduced.
//!
//! The run is repeated from the copies of its inputs in the folder, with the variant and the settings of the record.
//! Then every file is compared, and every field of the record except those that differ between any two runs, which are
//! listed. The folder may come from somebody else: nothing outside it is read, links are not followed, and no file is
//! read beyond its stated size.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::cli::exit;
use crate::cli::fault::Fault;
use crate::cli::run::{Interrupt, ready};
use crate::cli::screen::Screen;
use crate::language::yaml;
use crate::model::{Model, Settings};
use crate::output::charts;
use crate::output::folder::recover;
use crate::output::reading::{Folder, open_regular, regular};
use crate::output::record::{Named, Record, StudyRecord, VERSION, sha256, sha256_of};
use crate::output::report::{RedrawError, html};
use crate::output::write::{self, Task, Writing, copy_name};
use crate::study::runner::Runner;
use crate::study::{self, Question, folder};

/// Arguments of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// A run folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Threads; 0 for all cores. Results do not depend on it.
    #[arg(short = 'j', long, value_name = "N", default_value_t = 0)]
    pub(super) threads: usize,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Print only errors.
    #[arg(short, long)]
    quiet: bool,
}

/// The resolved scenario of the run.
const SCENARIO: &str = "scenario.resolved.yaml";

/// The result for a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Status {
    /// As recorded, and reproduced.
    Same,
    /// As recorded, but not compared with a repeated run.
    Recorded,
    /// Differs from the record: it was changed after the run.
    Changed,
    /// In the record but not in the folder.
    Missing,
    /// In the folder but not in the record.
    Unknown,
    /// As recorded, but the repeated run writes other bytes.
    Differs,
    /// As recorded, but not written by the repeated run.
    NotWritten,
    /// Written by the repeated run but not by the recorded one.
    New,
}

impl Status {
    /// The message for a file that is not as expected.
    fn words(self) -> Option<&'static str> {
        match self {
            Status::Same | Status::Recorded => None,
            Status::Changed => Some("was changed after the run: it differs from run.json"),
            Status::Missing => Some("is listed in run.json but missing"),
            Status::Unknown => Some("is not listed in run.json"),
            Status::Differs => Some("is not reproduced: its bytes differ"),
            Status::NotWritten => Some("is no longer written by this version"),
            Status::New => Some("is written by this version but was not written by the run"),
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

/// Fields of the record that are not compared: they say when, where and by which build a run was made. Hashes and sizes are
/// compared file by file.
const UNCHECKED: [&str; 9] =
    ["version", "commit", "file", "file_from_folder", "named_by", "threads", "level", "seconds", "files_sha256"];

/// A field of the record, as it was and as it is now.
#[derive(Serialize)]
struct Differing {
    field: String,
    then: Value,
    now: Value,
}

/// A file and its status.
#[derive(Serialize)]
struct Compared {
    file: String,
    status: Status,
}

/// Versions of the program.
#[derive(Serialize)]
struct Versions {
    then: String,
    now: &'static str,
}

/// The result of `verify`; `--json` prints it.
#[derive(Serialize)]
struct Report {
    folder: String,
    scenario: String,
    variant: Option<String>,
    paths: u64,
    seed: u64,
    version: Versions,
    /// Whether the run was repeated; it is if its inputs match the record.
    run_again: bool,
    same: bool,
    record_differs: Vec<Differing>,
    not_checked: &'static [&'static str],
    files: Vec<Compared>,
    exit_code: u8,
}

fn run(args: &VerifyArgs, screen: &Screen) -> Result<u8, Fault> {
    recover(&args.folder);
    let (record, fields_then) = record_of(&args.folder)?;
    let recorded: Hashes = record.files_sha256.0.iter().cloned().collect();
    let found = hashed(&args.folder, &record)?;
    // A PNG file can be reproduced only by a build that can draw it.
    let repeats = |file: &str| cfg!(feature = "png") || Path::new(file).extension().is_none_or(|e| e != "png");
    let inputs = inputs_of(&record);
    // A study has no resolved scenario: its question and its inputs are all that it follows from.
    let resolved = record.study.is_none().then_some(SCENARIO);
    let needed = inputs.iter().map(|(copy, _)| copy.as_str()).chain(resolved);
    let whole = |file: &str| found.get(file).is_some_and(|hash| recorded.get(file) == Some(hash));
    let intact = !inputs.is_empty() && needed.clone().all(whole);
    let (again, fields) = if intact {
        let (again, now) = again(args, &record, &inputs)?;
        (Some(again), differences(&fields_then, &now))
    } else {
        (None, Vec::new())
    };
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
    let same = intact && fields.is_empty() && files.values().all(|status| status.sound());
    let code = if same { exit::FINE } else { exit::CHECK_FAILED };
    let report = Report {
        folder: args.folder.display().to_string(),
        scenario: record.scenario,
        variant: record.variant,
        paths: record.paths,
        seed: record.seed,
        version: Versions { then: record.version, now: VERSION },
        run_again: intact,
        same,
        record_differs: fields,
        not_checked: &UNCHECKED[..8],
        files: files.into_iter().map(|(file, status)| Compared { file: file.to_owned(), status }).collect(),
        exit_code: code,
    };
    if args.json {
        screen.say_json(&report);
    } else if !args.quiet || !same {
        screen.say(&report.text());
    }
    Ok(code)
}

/// Fields of the record that differ in the repeated run.
fn differences(then: &Value, now: &Value) -> Vec<Differing> {
    let keys =
        |record: &Value| record.as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect::<Vec<_>>();
    let mut all = keys(then);
    all.extend(keys(now).into_iter().filter(|key| then.get(key).is_none()));
    let differs = |key: String| {
        let (then, now) = (then[&key].clone(), now[&key].clone());
        (then != now).then_some(Differing { field: key, then, now })
    };
    let compared = all.into_iter().filter(|key| !UNCHECKED.contains(&key.as_str()) && key != "files_bytes");
    compared.filter_map(differs).collect()
}

/// A value of the record, truncated to 60 characters.
fn short(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() > 60 { text.chars().take(59).chain(['…']).collect() } else { text }
}

impl Report {
    /// As text.
    fn text(&self) -> String {
        // Writing to a string cannot fail.
        let mut out = String::new();
        for Compared { file, status } in &self.files {
            if let Some(words) = status.words() {
                let mark = if status.sound() { "·" } else { "✗" };
                let _ = writeln!(out, "{mark} {file} {words}");
            }
        }
        for Differing { field, then, now } in &self.record_differs {
            let _ = writeln!(out, "✗ run.json: `{field}` is {}, but {} now", short(then), short(now));
        }
        let then = &self.version.then;
        if then != VERSION {
            let _ = writeln!(out, "· the run was made by version {then}, this is {VERSION}: differences are expected");
        }
        let count = |status: Status| self.files.iter().filter(|file| file.status == status).count();
        let (paths, seed) = (self.paths, self.seed);
        if !self.run_again {
            let _ = writeln!(out, "✗ {SCENARIO} or an input has changed since the run, so the run was not repeated");
        } else if self.same {
            let _ = writeln!(out, "✓ {} files are reproduced: {paths} paths, seed {seed}", count(Status::Same));
        } else {
            let _ = writeln!(out, "✗ {} of {} files are reproduced", count(Status::Same), self.files.len());
        }
        if self.run_again {
            let _ =
                writeln!(out, "· in run.json, commit, file path, threads, instruction level and times are not checked");
        }
        let kept = count(Status::Recorded);
        if kept > 0 && self.run_again {
            let _ = writeln!(
                out,
                "· {kept} were only compared with run.json, since they cannot be reproduced byte for byte here"
            );
        }
        out
    }
}

/// Maximum size of a record in bytes.
const LARGEST: u64 = 64 << 20;

/// The record of a folder, and all its fields, known and unknown.
fn record_of(folder: &Path) -> Result<(Record, Value), Fault> {
    let at = folder.join("run.json");
    let not = |why: &str| Fault::io("understand", &at, &std::io::Error::other(why.to_owned()));
    let bytes = regular(&at, LARGEST)?;
    let fields: Value = serde_json::from_slice(&bytes).map_err(|e| not(&format!("it is not JSON: {e}")))?;
    if fields["program"] != "gapcast" || !fields["files_sha256"].is_object() {
        return Err(not("it is not a run record"));
    }
    let record = Record::deserialize(&fields).map_err(|e| not(&e.to_string()))?;
    Ok((record, fields))
}

/// The inputs that a record lists: for each, its name in the folder and its name when it was read.
fn inputs_of(record: &Record) -> Vec<(String, String)> {
    let names = record.inputs_sha256.0.iter().map(|(name, _)| name);
    names.enumerate().map(|(k, name)| (copy_name(k, name), name.clone())).collect()
}

/// Hashes of the files in a folder and its subfolders, except the record itself. A file that is not in the record, or
/// whose size differs from it, is not read and has an empty hash.
fn hashed(folder: &Path, record: &Record) -> Result<Hashes, Fault> {
    fn walk(at: &Path, name: &str, sizes: &Named<u64>, out: &mut Hashes) -> Result<(), Fault> {
        let entries = fs::read_dir(at).map_err(|e| Fault::io("read", at, &e))?;
        for entry in entries {
            let entry = entry.map_err(|e| Fault::io("read", at, &e))?;
            let (path, file) = (entry.path(), entry.file_name());
            let name = format!("{name}{}", file.to_string_lossy());
            let kind = entry.file_type().map_err(|e| Fault::io("read", &path, &e))?;
            if kind.is_dir() {
                walk(&path, &format!("{name}/"), sizes, out)?;
            } else if name != "run.json" {
                let size = sizes.get(&name).copied().filter(|size| entry.metadata().is_ok_and(|m| m.len() == *size));
                let hash = match size.filter(|_| kind.is_file()) {
                    None => String::new(),
                    Some(size) => {
                        let file = open_regular(&path, size)?;
                        sha256_of(file).map_err(|e| Fault::io("read", &path, &e))?
                    }
                };
                out.insert(name, hash);
            }
        }
        Ok(())
    }
    let mut out = Hashes::new();
    walk(folder, "", &record.files_bytes, &mut out)?;
    Ok(out)
}

/// A folder that is deleted on drop.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        // Nothing else can be done if this fails.
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Asks the recorded question of a study again.
fn ask_again(asked: &StudyRecord, texts: Vec<(String, String)>, how: &Writing) -> Result<(Hashes, Value), Fault> {
    let question: Question = serde_json::from_value(asked.question.clone())
        .map_err(|e| Fault::usage(format!("the record's question is not understood: {e}")))?;
    let mut files = folder::files(&asked.chains, texts)?;
    // Points that were measured before are not trusted.
    let runner = Runner { threads: how.threads, level: how.level, cache: None, watch: &Interrupt };
    let answer = study::ask(&question, &mut files, &runner)?;
    let at = folder::write(&answer, &question, &files, how)?.place;
    let (now, fields) = record_of(&at)?;
    Ok((hashed(&at, &now)?, fields))
}

/// Repeats the recorded run in a temporary folder; returns the hashes of its files, and its record.
fn again(args: &VerifyArgs, record: &Record, inputs: &[(String, String)]) -> Result<(Hashes, Value), Fault> {
    let at = std::env::temp_dir().join(format!("gapcast-verify-{}", std::process::id()));
    fs::create_dir(&at).map_err(|e| Fault::io("create", &at, &e))?;
    let scratch = Scratch(at);
    let settings = Settings {
        variant: record.variant.clone(),
        sets: record.set.clone(),
        seed: record.given.seed,
        paths: record.given.paths,
        until: record.given.until.clone(),
        ..Settings::default()
    };
    let how = Writing {
        out: scratch.0.clone(),
        charts: record.charts,
        threads: args.threads,
        level: ready()?,
        ..Writing::default()
    };
    let text = |(copy, name): &(String, String)| -> Result<(String, String), Fault> {
        let at = args.folder.join(copy);
        let bytes = regular(&at, yaml::MAX_BYTES as u64)?;
        let text = String::from_utf8(bytes).map_err(|e| Fault::io("read", &at, &std::io::Error::other(e)))?;
        Ok((name.clone(), text))
    };
    let texts = inputs.iter().map(text).collect::<Result<Vec<_>, Fault>>()?;
    if let Some(study) = &record.study {
        return ask_again(study, texts, &how);
    }
    let file = PathBuf::from(texts.first().map_or(SCENARIO, |(name, _)| name));
    let model = Model::from_texts(&texts, &settings);
    let model = model.map_err(|invalid| Fault::refused(&file, &invalid))?;
    let at = write::run(&Task::new(&model, None), &how, &Interrupt)?.1.place;
    let (now, fields) = record_of(&at)?;
    let mut hashes = hashed(&at, &now)?;
    if let Some(hash) = hashes.get_mut("report.html") {
        // The page shows the version and commit of the recorded run, so it is drawn with that record.
        let record = at.join("run.json");
        fs::copy(args.folder.join("run.json"), &record).map_err(|e| Fault::io("write", &record, &e))?;
        let folder = Folder::open(&at).map_err(|e| Fault::from(RedrawError::from(e)))?;
        *hash = sha256(html(&folder, &charts::draw(&folder)).as_bytes());
    }
    Ok((hashes, fields))
}

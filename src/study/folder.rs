//! The folder of a study, of the same kind as that of a run: it appears complete or not at all, `verify` asks its
//! question again, and `report` draws it again from `study.json`.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::files::{File, Files};
use super::{Question, Study, StudyError};
use crate::output::charts::{self, Drawing, Frame};
use crate::output::folder::{Folder, FolderError, Identity};
use crate::output::reading::{Reading, regular};
use crate::output::record::{self, Named, Record, Seconds, StudyRecord};
use crate::output::report::{self, study as page};
use crate::output::write::{WriteError, Writing, copy_name};
use crate::text;
use crate::units::Month;

/// Name of the file of the answer.
pub const ANSWER: &str = "study.json";
/// Largest answer that is read, in bytes.
const LARGEST: u64 = 1 << 30;

/// A study that was written.
#[derive(Debug)]
pub struct Written {
    /// Its folder.
    pub place: PathBuf,
    /// Notes for the user, one line each.
    pub notes: Vec<String>,
}

/// A file of the folder: its name and its bytes.
type Content = (String, Vec<u8>);

/// Writes the folder of a study.
///
/// # Errors
/// The folder cannot be written, or holds something else.
pub fn write(study: &Study, question: &Question, files: &Files, how: &Writing) -> Result<Written, StudyError> {
    let asked = serde_json::to_value(question).map_err(|error| StudyError::Internal(error.to_string()))?;
    let digest = record::sha256(asked.to_string().as_bytes());
    let about = &study.about;
    let name = how.name.clone().unwrap_or_else(|| {
        let words = [Some(about.scenario.clone()), about.variant.clone(), Some(study.command().to_owned())];
        let words: Vec<String> = words.into_iter().flatten().collect();
        format!("{}-{}", words.join("-"), &digest[..8])
    });
    let file = files.read().next().map_or_else(PathBuf::new, |(path, _)| path.to_owned());
    let identity = Identity {
        scenario: about.scenario.clone(),
        variant: about.variant.clone(),
        // The question as a setting, so that the folder is replaced by the same question only.
        set: vec![format!("{}={digest}", study.command())],
        seed: question.common.seed,
        paths: question.common.paths,
        until: None,
        file,
    };
    let folder = Folder::begin(&how.out, &name, identity.clone(), how.force).map_err(WriteError::from)?;
    let inputs = inputs(files);
    let copies =
        inputs.iter().flatten().enumerate().map(|(k, (name, text))| (copy_name(k, name), text.clone().into_bytes()));
    let mut contents: Vec<Content> = copies.collect();
    contents.push((ANSWER.to_owned(), text::json(study, true).into_bytes()));
    contents.extend(study.tables().into_iter().map(|(name, table)| (name, table.csv())));
    if how.charts {
        contents.extend(drawn(study)?);
    }
    let written =
        contents.par_iter().map(|(file, bytes)| folder.write(file, bytes)).collect::<Result<Vec<()>, FolderError>>();
    written.map_err(WriteError::from)?;
    contents.sort();
    let record = Record {
        study: Some(StudyRecord { question: asked, chains: inputs.iter().map(Vec::len).collect() }),
        named_by: if how.name.is_some() { "name" } else { "settings" }.to_owned(),
        seed: about.seed,
        paths: about.paths,
        charts: how.charts,
        months: about.months,
        start: about.start.clone(),
        threads: how.threads,
        level: how.level.name().to_owned(),
        seconds: Seconds { total: how.began.elapsed().as_secs_f64(), ..Seconds::default() },
        inputs_sha256: Named(
            inputs.iter().flatten().map(|(name, text)| (name.clone(), record::sha256(text.as_bytes()))).collect(),
        ),
        files_sha256: Named(contents.iter().map(|(file, bytes)| (file.clone(), record::sha256(bytes))).collect()),
        files_bytes: Named(contents.iter().map(|(file, bytes)| (file.clone(), bytes.len() as u64)).collect()),
        ..identity.record(&how.out.join(&name))
    };
    folder.write("run.json", text::json(&record, true).as_bytes()).map_err(WriteError::from)?;
    let finished = folder.finish().map_err(WriteError::from)?;
    Ok(Written { place: finished.place, notes: finished.notes })
}

/// For each scenario file, the names and texts of the files of its chain, names relative to the folder of the first.
fn inputs(files: &Files) -> Vec<Vec<(String, String)>> {
    let chain = |(path, chain): (&Path, Vec<(&str, &str)>)| {
        let home = path.parent().unwrap_or(Path::new("")).to_owned();
        let seen = |name: &str| {
            let name = Path::new(name);
            name.strip_prefix(&home).unwrap_or(name).to_string_lossy().replace('\\', "/")
        };
        chain.into_iter().map(|(name, text)| (seen(name), text.to_owned())).collect()
    };
    files.read().map(chain).collect()
}

/// The charts and the page of a study.
///
/// # Errors
/// A chart could not be rasterised.
pub fn drawn(study: &Study) -> Result<Vec<Content>, StudyError> {
    let drawings = draw_in(study, &frame(study));
    let mut out = report::pictures(&drawings).map_err(StudyError::Internal)?;
    let about = &study.about;
    let page = page::write(&page::Page {
        name: format!("{}: {}", about.name(), study.command()),
        run: format!(
            "{} paths in every run, {} months from {}, seed {}",
            about.paths, about.months, about.start, about.seed
        ),
        changed: about.set.clone(),
        title: study.sentence(),
        lines: study.lines(),
        drawings: &drawings,
        files: study
            .tables()
            .into_iter()
            .map(|(name, table)| (name, format!("{} rows", table.rows())))
            .chain([(ANSWER.to_owned(), "the whole answer as JSON".to_owned())])
            .collect(),
    });
    out.push(("report.html".to_owned(), page.into_bytes()));
    Ok(out)
}

/// Every chart of a study, in a frame.
pub fn draw_in(study: &Study, frame: &Frame) -> Vec<Drawing> {
    study.charts().par_iter().map(|chart| charts::render(chart, frame)).collect()
}

/// What the charts state about the runs.
pub fn frame(study: &Study) -> Frame {
    let about = &study.about;
    Frame {
        scenario: about.scenario.clone(),
        variant: about.variant.clone(),
        set: about.set.clone(),
        seed: about.seed,
        version: about.version.clone(),
        paths: about.paths,
        start: Month::parse(&about.start).unwrap_or(Month::new(2000, 1)),
        title: None,
        height: charts::HEIGHT,
        assumptions: ANSWER.to_owned(),
    }
}

/// The study in a folder; `None` if the folder holds a run.
///
/// # Errors
/// Its answer cannot be read.
pub fn open(dir: &Path) -> Result<Option<Study>, Reading> {
    let path = dir.join(ANSWER);
    if std::fs::symlink_metadata(&path).is_err() {
        return Ok(None);
    }
    let bytes = regular(&path, LARGEST)?;
    serde_json::from_slice(&bytes).map(Some).map_err(|error| Reading::Io { path, source: std::io::Error::other(error) })
}

/// The files of a recorded study, from the texts of their copies in the order of the record.
///
/// # Errors
/// The record has another number of files than its chains.
pub fn files(chains: &[usize], texts: Vec<(String, String)>) -> Result<Files, StudyError> {
    let mut texts = texts.into_iter();
    let files: Vec<File> = chains.iter().map(|&n| File::Texts(texts.by_ref().take(n).collect())).collect();
    let whole = files.iter().all(|file| matches!(file, File::Texts(chain) if !chain.is_empty()));
    if !whole || texts.next().is_some() {
        return Err(StudyError::Usage("the record does not say which of its inputs belong together".into()));
    }
    Ok(Files::new(files))
}

//! Redraws charts and the report in an existing folder. Only files that differ are replaced, each atomically.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::{Content, files};
use crate::output::folder::recover;
use crate::output::reading::{Folder, Reading, raw, regular};
use crate::output::record::sha256;

/// The changes made to a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redrawn {
    /// Files that were written because they were missing or differed.
    pub written: Vec<String>,
    /// Files that already existed with the same bytes.
    pub same: Vec<String>,
    /// Charts of an earlier version that now have no data, and were removed.
    pub removed: Vec<String>,
}

/// Why a folder was not redrawn.
#[derive(Debug, thiserror::Error)]
pub enum RedrawError {
    /// It cannot be read.
    #[error("{0}")]
    Read(#[from] Reading),
    /// A file cannot be written.
    #[error("cannot {what} `{path}`: {source}")]
    Write {
        /// The operation attempted.
        what: &'static str,
        /// The path.
        path: PathBuf,
        /// The underlying I/O error.
        source: io::Error,
    },
    /// The folder of charts is a link to another place.
    #[error("`{path}` is a symbolic link; nothing is written through it")]
    Link {
        /// The path.
        path: PathBuf,
    },
    /// A chart could not be drawn.
    #[error("{0}")]
    Draw(String),
}

/// Redraws the charts and the report of `dir`, and updates their hashes in `run.json`.
///
/// # Errors
/// The folder cannot be read as a run folder, or a file cannot be written; the existing file is then unchanged.
pub fn redraw(dir: &Path) -> Result<Redrawn, RedrawError> {
    recover(dir);
    let folder = Folder::open(dir)?;
    redraw_with(dir, files(&folder).map_err(RedrawError::Draw)?)
}

/// Replaces what is drawn in a folder by `drawn`, and updates the hashes in `run.json`.
///
/// # Errors
/// As [`redraw`].
pub(crate) fn redraw_with(dir: &Path, drawn: Vec<Content>) -> Result<Redrawn, RedrawError> {
    let charts = dir.join("charts");
    if fs::symlink_metadata(&charts).is_ok_and(|m| m.file_type().is_symlink()) {
        return Err(RedrawError::Link { path: charts });
    }
    fs::create_dir_all(&charts).map_err(failed("create", &charts))?;
    // Fields recorded by a later version are preserved.
    let mut record = raw(dir, "run.json")?;
    let mut hashes = record["files_sha256"].as_object().cloned().unwrap_or_default();
    let before = hashes.clone();
    let mut out = Redrawn::default();
    for name in stale(&hashes, &drawn) {
        let path = dir.join(&name);
        if fs::symlink_metadata(&path).is_ok() {
            fs::remove_file(&path).map_err(failed("remove", &path))?;
        }
        hashes.remove(&name);
        out.removed.push(name);
    }
    for (name, bytes) in drawn {
        let path = dir.join(&name);
        hashes.insert(name.clone(), json!(sha256(&bytes)));
        // A link is replaced by a file, and a file larger than the new one must differ from it.
        let own = fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_file());
        if own && regular(&path, bytes.len() as u64).is_ok_and(|old| old == bytes) {
            out.same.push(name);
        } else {
            replace(&path, &bytes)?;
            out.written.push(name);
        }
    }
    if hashes != before {
        let mut sorted: Vec<(String, Value)> = hashes.into_iter().collect();
        sorted.sort_by(|a, b| a.0.cmp(&b.0));
        record["files_sha256"] = Value::Object(sorted.into_iter().collect());
        replace(&dir.join("run.json"), format!("{record:#}\n").as_bytes())?;
    }
    Ok(out)
}

/// Charts that the record lists and that are no longer drawn. A build without PNG support leaves existing PNG files.
fn stale(hashes: &Map<String, Value>, drawn: &[Content]) -> Vec<String> {
    let pictures = cfg!(feature = "png");
    let ours = |name: &&String| {
        let chart = name.strip_prefix("charts/").filter(|c| !c.contains(['/', '\\']) && !c.starts_with('.'));
        let ending = chart.and_then(|c| c.rsplit_once('.')).map(|c| c.1);
        (ending == Some("svg") || (ending == Some("png") && pictures)) && drawn.iter().all(|d| d.0 != **name)
    };
    hashes.keys().filter(ours).cloned().collect()
}

/// Writes to a temporary file beside `path` and renames it into place.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), RedrawError> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.partial", std::process::id()));
    let beside = path.with_file_name(name);
    // An existing temporary file was left by a call that died; it may be a link, through which nothing must be written.
    let _ = fs::remove_file(&beside);
    let written = File::create_new(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let done = written.map_err(failed("write", &beside));
    done.and_then(|()| fs::rename(&beside, path).map_err(failed("replace", path))).inspect_err(|_| {
        // If this fails too, there is nothing better to do.
        let _ = fs::remove_file(&beside);
    })
}

pub(super) fn failed(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> RedrawError {
    let path = path.to_path_buf();
    move |source| RedrawError::Write { what, path, source }
}

//! Replacing a folder by a finished one, and removing the old one without deleting files that are not ours.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_json::Value;

use crate::output::reading::regular;

/// The record of the run in a folder; `None` when there is none of ours.
pub(crate) fn record_in(dir: &Path) -> Option<Value> {
    let path = dir.join(RECORD);
    // A link to another folder's record is not a record of this folder.
    let own = fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_file());
    let record: Value = serde_json::from_slice(&own.then(|| regular(&path, LARGEST).ok())??).ok()?;
    (record["program"] == "gapcast" && record["files_sha256"].is_object()).then_some(record)
}

/// File name of the record.
pub(super) const RECORD: &str = "run.json";
/// Largest size of a record in bytes.
const LARGEST: u64 = 64 << 20;

/// Names of the files that a record lists, with `/` as separator.
fn listed(record: Option<&Value>) -> BTreeSet<String> {
    let files = record.and_then(|record| record["files_sha256"].as_object());
    files.into_iter().flatten().map(|(file, _)| file.clone()).collect()
}

/// Contents of a folder, by relative path: files (including links and anything else that is not a folder), and folders,
/// each after its parent. Links are not followed.
#[derive(Default)]
struct Entries {
    files: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

impl Entries {
    fn of(dir: &Path) -> io::Result<Entries> {
        let mut out = Entries::default();
        out.walk(dir, Path::new(""))?;
        Ok(out)
    }
    fn walk(&mut self, dir: &Path, below: &Path) -> io::Result<()> {
        for entry in fs::read_dir(dir.join(below))? {
            let entry = entry?;
            let path = below.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                self.folders.push(path.clone());
                self.walk(dir, &path)?;
            } else {
                self.files.push(path);
            }
        }
        Ok(())
    }
}

/// A path as written in records; `None` for a name that no record can hold.
fn name(path: &Path) -> Option<String> {
    let steps: Option<Vec<&str>> = path.iter().map(|step| step.to_str()).collect();
    Some(steps?.join("/"))
}

/// Flushes all contents of a folder to disk.
pub(super) fn sync(dir: &Path) -> io::Result<()> {
    let through = |path: PathBuf, folder: bool| -> io::Result<()> {
        if folder && !cfg!(unix) {
            return Ok(());
        }
        match OpenOptions::new().read(true).write(!folder && cfg!(windows)).open(path)?.sync_all() {
            // A file system that does not support this has done what it can.
            Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
            done => done,
        }
    };
    let Entries { files, folders } = Entries::of(dir)?;
    files.into_par_iter().try_for_each(|file| through(dir.join(file), false))?;
    folders.into_iter().try_for_each(|folder| through(dir.join(folder), true))?;
    through(dir.to_path_buf(), true)
}

/// Flushes the directory entries of a folder to disk, as far as the system supports it.
pub(super) fn sync_names(dir: &Path) {
    if cfg!(unix) {
        // The run is already in place; if this fails, the only risk is that a power failure undoes the move.
        let _ = File::open(dir).and_then(|dir| dir.sync_all());
    }
}

/// Exchanges two folders atomically: at no moment is either missing.
///
/// The standard library has no such call. `rustix` makes it here without `unsafe`.
#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
pub(super) fn exchange(a: &Path, b: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE).map_err(io::Error::from)
}

/// Other systems have no such call.
#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
pub(super) fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// The same in two steps where no atomic exchange exists: the old folder is set aside as `aside`, then the new one
/// takes its place. A crash in between is detected through the lock, and repaired by the next process that looks for
/// the folder.
pub(super) fn in_two_steps(new: &Path, target: &Path, aside: &Path) -> io::Result<()> {
    fs::rename(target, aside)?;
    fs::rename(new, target).inspect_err(|_| {
        // If this fails too, both folders still exist, and cleaning up restores one of them.
        let _ = fs::rename(aside, target);
    })
}

/// Hard-links every file of `old` that is not ours into the folder `new`, so that it is in both while they are
/// exchanged. A file that cannot be linked is moved afterwards, by [`retire`].
pub(super) fn carry(old: &Path, record: &Value, new: &Path) {
    if !cfg!(unix) {
        // Elsewhere it could not be determined afterwards that two names are the same file.
        return;
    }
    let ours = listed(Some(record));
    for file in Entries::of(old).unwrap_or_default().files {
        let mine = name(&file).is_some_and(|name| name == RECORD || ours.contains(&name));
        let to = new.join(&file);
        if !mine && fs::symlink_metadata(&to).is_err() {
            let _ = to.parent().map(fs::create_dir_all);
            let _ = fs::hard_link(old.join(&file), to);
        }
    }
}

/// Removes a folder that has been replaced: the files that its record lists are deleted, and everything else moves into
/// `target`. Returns the new names of files that were renamed because their own name was taken.
///
/// # Errors
/// Something could not be moved or removed; it is still there.
pub(super) fn retire(old: &Path, target: &Path) -> io::Result<Vec<String>> {
    let record = record_in(old);
    let ours = listed(record.as_ref());
    let Entries { files, folders } = Entries::of(old)?;
    let mut kept = Vec::new();
    for file in files.iter().filter(|file| file.as_os_str() != RECORD || record.is_none()) {
        if name(file).is_some_and(|name| ours.contains(&name)) {
            fs::remove_file(old.join(file))?;
        } else {
            kept.extend(keep(&old.join(file), target, file)?);
        }
    }
    for folder in folders.iter().rev() {
        let implied = name(folder).is_some_and(|name| ours.iter().any(|file| file.starts_with(&format!("{name}/"))));
        if !implied {
            fs::create_dir_all(target.join(folder))?;
        }
        fs::remove_dir(old.join(folder))?;
    }
    // The record goes last: as long as anything is left, it says which files are ours.
    if record.is_some() {
        fs::remove_file(old.join(RECORD))?;
    }
    fs::remove_dir(old)?;
    Ok(kept)
}

/// Moves a file that is not ours to the same relative path in `target`; returns its new name if its own was taken.
fn keep(from: &Path, target: &Path, file: &Path) -> io::Result<Option<String>> {
    let free = |to: &Path| fs::symlink_metadata(to).is_err();
    let mut to = target.join(file);
    if one_file(from, &to) {
        fs::remove_file(from)?;
        return Ok(None);
    }
    let mut other = None;
    let mut n = 1;
    while !free(&to) {
        let mut name = file.as_os_str().to_os_string();
        name.push(if n == 1 { ".kept".to_owned() } else { format!(".kept-{n}") });
        to = target.join(&name);
        other = Some(name.to_string_lossy().into_owned());
        n += 1;
    }
    to.parent().map_or(Ok(()), fs::create_dir_all)?;
    fs::rename(from, &to)?;
    Ok(other)
}

/// Whether two paths are the same file.
#[cfg(unix)]
fn one_file(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let id = |path: &Path| fs::symlink_metadata(path).ok().map(|meta| (meta.dev(), meta.ino()));
    id(a).is_some() && id(a) == id(b)
}
#[cfg(not(unix))]
fn one_file(_: &Path, _: &Path) -> bool {
    false
}

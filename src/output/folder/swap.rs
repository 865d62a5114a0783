//! Putting a finished folder in the place of another, and taking the other away without deleting what is not ours.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use serde_json::Value;

use crate::output::reading::regular;

/// The record of a run that stands in a folder; `None` when it is none of ours.
pub(crate) fn record_in(dir: &Path) -> Option<Value> {
    let path = dir.join(RECORD);
    // A link to somebody's record is no record of this folder.
    let own = fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_file());
    let record: Value = serde_json::from_slice(&own.then(|| regular(&path, LARGEST).ok())??).ok()?;
    (record["program"] == "gapcast" && record["files_sha256"].is_object()).then_some(record)
}

/// The record's file.
pub(super) const RECORD: &str = "run.json";
/// Bytes of a record, at most.
const LARGEST: u64 = 64 << 20;

/// Names of the files that a record lists, with `/` between their steps.
fn listed(record: Option<&Value>) -> BTreeSet<String> {
    let files = record.and_then(|record| record["files_sha256"].as_object());
    files.into_iter().flatten().map(|(file, _)| file.clone()).collect()
}

/// What stands in a folder, by its path below it: files (and links, and whatever is no folder), and folders, each after the
/// one that it is in. Links are not followed.
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

/// A path as records write it; `None` for a name that no record can hold.
fn name(path: &Path) -> Option<String> {
    let steps: Option<Vec<&str>> = path.iter().map(|step| step.to_str()).collect();
    Some(steps?.join("/"))
}

/// Writes all that was put into a folder through to the disk.
pub(super) fn sync(dir: &Path) -> io::Result<()> {
    let through = |path: PathBuf, folder: bool| -> io::Result<()> {
        if folder && !cfg!(unix) {
            return Ok(());
        }
        match OpenOptions::new().read(true).write(!folder && cfg!(windows)).open(path)?.sync_all() {
            // A file system that cannot do this has done what it can.
            Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
            done => done,
        }
    };
    let Entries { files, folders } = Entries::of(dir)?;
    files.into_par_iter().try_for_each(|file| through(dir.join(file), false))?;
    folders.into_iter().try_for_each(|folder| through(dir.join(folder), true))?;
    through(dir.to_path_buf(), true)
}

/// Writes the names in a folder through to the disk, as far as the system does that.
pub(super) fn sync_names(dir: &Path) {
    if cfg!(unix) {
        // The run stands in its place already; what can fail here is only that a power cut undoes it.
        let _ = File::open(dir).and_then(|dir| dir.sync_all());
    }
}

/// Exchanges two folders in one step: at no moment is there none.
///
/// The standard library has no such call. `rustix` makes it without `unsafe` here.
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

/// The same in two steps where it cannot be one: the old folder is set aside as `aside`, then the new one takes its place.
/// A death in between is found by its lock, and mended by whoever looks for the folder next.
pub(super) fn in_two_steps(new: &Path, target: &Path, aside: &Path) -> io::Result<()> {
    fs::rename(target, aside)?;
    fs::rename(new, target).inspect_err(|_| {
        // When this fails too, both folders still stand, and tidying puts one of them back.
        let _ = fs::rename(aside, target);
    })
}

/// Gives the folder `new` a second name for every file of `old` that is not ours, so that it stands in both while they are
/// exchanged. What cannot have one is moved afterwards, by [`retire`].
pub(super) fn carry(old: &Path, record: &Value, new: &Path) {
    if !cfg!(unix) {
        // Elsewhere it could not be seen afterwards that two names are one file.
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

/// Takes away a folder whose place another has taken: the files that its record lists go, and everything else moves into
/// `target`. Gives the names under which files were kept because their own was taken.
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
    // The record goes last: as long as anything is left, it says what is ours.
    if record.is_some() {
        fs::remove_file(old.join(RECORD))?;
    }
    fs::remove_dir(old)?;
    Ok(kept)
}

/// Moves a file that is not ours to the same place in `target`; the name that it got when its own was taken.
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

/// Whether two names are of one file.
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

//! A run folder appears complete or not at all: files are written beside it, and the finished folder takes its place.
//!
//! A folder is replaced only by a run of the same scenario, variant and settings ([`Identity`]), unless forced, and
//! only if its record was written by this program. Files that a user put into it, that is, everything the record does
//! not list, are carried over into the new one.
//!
//! A run that writes `parent/name` works in `.name.<number>.partial`. When everything is written and on disk, the work
//! folder is renamed `.name.<number>.new` and atomically exchanged with the old folder, so that there is a complete
//! folder at every moment. Where the system has no atomic exchange, the old one is first set aside as
//! `.name.<number>.old`. Then the old folder is removed.
//!
//! Meanwhile the run holds a lock on a file beside its work folder. A process that finds such a file and can lock it
//! knows that its run is dead, and cleans up: unfinished work is deleted; a complete folder is moved into place if
//! there is none, and removed otherwise. On a file system without locks nothing is cleaned up.

mod identity;
mod swap;

use std::fs;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::Value;

pub use identity::Identity;
pub(crate) use swap::record_in;
use swap::{carry, exchange, in_two_steps, retire, sync, sync_names};

/// Why a folder cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Reading or writing failed.
    #[error("cannot {what} `{path}`: {source}")]
    Io {
        /// The operation attempted.
        what: &'static str,
        /// The path.
        path: PathBuf,
        /// The underlying I/O error.
        source: io::Error,
    },
    /// The path exists and is not a run folder.
    #[error("`{path}` exists and is not a run folder (it has no run.json written by gapcast); it is left unchanged")]
    Foreign {
        /// The path.
        path: PathBuf,
    },
    /// The path is a link.
    #[error("`{path}` is a symbolic link; it is left unchanged")]
    Link {
        /// The path.
        path: PathBuf,
    },
    /// The folder holds another run.
    #[error(
        "`{path}` holds another run: {there}; this one is {here}. Name this one with `--name`, or replace the other with `--force`"
    )]
    Taken {
        /// The path.
        path: PathBuf,
        /// The run in the folder.
        there: String,
        /// The run that would replace it.
        here: String,
    },
}

impl FolderError {
    /// The path concerned.
    pub fn path(&self) -> &Path {
        match self {
            FolderError::Io { path, .. }
            | FolderError::Foreign { path }
            | FolderError::Link { path }
            | FolderError::Taken { path, .. } => path,
        }
    }
}

fn io_error(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FolderError {
    let path = path.to_path_buf();
    move |source| FolderError::Io { what, path, source }
}

/// A folder being written.
#[derive(Debug)]
pub struct Folder {
    target: PathBuf,
    /// The work folder of this run beside the target; it is removed with its contents when the run fails.
    work: Option<PathBuf>,
    identity: Identity,
    force: bool,
    lock: Option<Lock>,
}

/// A folder that is in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Its path.
    pub place: PathBuf,
    /// Notes for the user, one line each.
    pub notes: Vec<String>,
}

/// The locked file of a run in progress; it is deleted on drop.
#[derive(Debug)]
struct Lock {
    path: PathBuf,
    /// Open, and therefore locked, as long as the run lives.
    _file: File,
    /// Whether the file is kept, for the next run to clean up.
    stays: bool,
}

impl Lock {
    /// Creates and locks `path`; none where the file system has no locks.
    fn take(path: PathBuf) -> Option<Lock> {
        // It is renamed once it is locked, so that nobody finds it unlocked in between.
        let early = path.with_extension("locking");
        let file = File::create(&early).ok()?;
        if file.try_lock().is_err() || fs::rename(&early, &path).is_err() {
            let _ = fs::remove_file(&early);
            return None;
        }
        Some(Lock { path, _file: file, stays: false })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        if !self.stays {
            // What is left is cleaned up by the next run.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Cleans up after runs of `parent/name` that died; what cannot be cleaned up is left.
fn tidy(parent: &Path, name: &str) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let file = entry.file_name();
        let dead = file
            .to_str()
            .and_then(|file| file.strip_prefix(&format!(".{name}."))?.strip_suffix(".lock"))
            .filter(|pid| pid.bytes().all(|b| b.is_ascii_digit()));
        let Some(pid) = dead else { continue };
        let Ok(lock) = File::open(entry.path()) else { continue };
        if lock.try_lock().is_err() {
            continue;
        }
        let beside = |what: &str| parent.join(format!(".{name}.{pid}.{what}"));
        let target = parent.join(name);
        let _ = fs::remove_dir_all(beside("partial"));
        // Both are complete; the newer one is tried first.
        let whole = ["new", "old"].map(beside).into_iter().filter(|folder| is_folder(folder));
        let mut settled = true;
        for folder in whole {
            settled &= match fs::symlink_metadata(&target) {
                Err(_) => fs::rename(&folder, &target).is_ok(),
                Ok(meta) => meta.is_dir() && retire(&folder, &target).is_ok(),
            };
        }
        if settled {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Restores a run folder that a dead run left set aside, if there is none in its place.
pub fn recover(folder: &Path) {
    if fs::symlink_metadata(folder).is_err()
        && let Some(name) = folder.file_name().and_then(|name| name.to_str())
    {
        let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
        tidy(parent.unwrap_or(Path::new(".")), name);
    }
}

/// Whether the path is a folder, and not a link to one.
fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|meta| meta.is_dir())
}

/// Number of folders that this process has begun.
static BEGUN: AtomicU32 = AtomicU32::new(0);

/// What is already at the target.
enum Standing {
    Nothing,
    Empty,
    Run(Value),
}

impl Folder {
    /// Begins `parent/name`; an existing folder there is kept until [`Folder::finish`].
    ///
    /// # Errors
    /// The parent cannot be created, or another run or something that is not a run folder is in the way.
    pub fn begin(parent: &Path, name: &str, identity: Identity, force: bool) -> Result<Folder, FolderError> {
        fs::create_dir_all(parent).map_err(io_error("create", parent))?;
        tidy(parent, name);
        // The process id followed by a counter within the process: a number that no other run has.
        let number = format!("{}{:03}", std::process::id(), BEGUN.fetch_add(1, Ordering::Relaxed));
        let work = parent.join(format!(".{name}.{number}.partial"));
        let mut folder = Folder { target: parent.join(name), work: None, identity, force, lock: None };
        folder.standing()?;
        folder.lock = Lock::take(work.with_extension("lock"));
        if work.exists() {
            fs::remove_dir_all(&work).map_err(io_error("clear", &work))?;
        }
        fs::create_dir(&work).map_err(io_error("create", &work))?;
        folder.work = Some(work);
        Ok(folder)
    }

    /// What is at the target, if it may be replaced.
    fn standing(&self) -> Result<Standing, FolderError> {
        let path = self.target.clone();
        let Ok(meta) = fs::symlink_metadata(&path) else { return Ok(Standing::Nothing) };
        if meta.file_type().is_symlink() {
            return Err(FolderError::Link { path });
        }
        if meta.is_dir() && fs::read_dir(&path).is_ok_and(|mut d| d.next().is_none()) {
            return Ok(Standing::Empty);
        }
        let Some(record) = record_in(&path) else { return Err(FolderError::Foreign { path }) };
        if !self.force && !self.identity.is_of(&record, &path) {
            let (there, here) = (identity::words_of(&record), self.identity.words(&path));
            return Err(FolderError::Taken { path, there, here });
        }
        Ok(Standing::Run(record))
    }

    /// The folder into which files are written until the run finishes.
    pub fn work(&self) -> &Path {
        self.work.as_deref().unwrap_or(&self.target)
    }

    /// Path of a file in the work folder.
    pub fn path(&self, file: &str) -> PathBuf {
        self.work().join(file)
    }

    /// Writes a file, creating folders as needed.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, file: &str, bytes: &[u8]) -> Result<(), FolderError> {
        let path = self.path(file);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(io_error("create", parent))?;
        }
        fs::write(&path, bytes).map_err(io_error("write", &path))
    }

    /// Moves the folder into place and removes the previous run.
    ///
    /// # Errors
    /// It cannot be flushed to disk or moved; the previous run is then untouched.
    pub fn finish(mut self) -> Result<Finished, FolderError> {
        sync(self.work()).map_err(io_error("write", self.work()))?;
        let new = self.work().with_extension("new");
        if is_folder(&new) {
            // Left by a dead run with the same number as this one, on a file system without locks.
            retire(&new, &self.target).map_err(io_error("clear", &new))?;
        }
        fs::rename(self.work(), &new).map_err(io_error("move", self.work()))?;
        self.work = Some(new.clone());
        let old = self.put(&new)?;
        // From here on the run has succeeded, whatever happens to the old folder.
        self.work = None;
        let mut notes = Vec::new();
        if let Some(parent) = self.target.parent() {
            sync_names(parent);
        }
        if let Some(old) = old {
            match retire(&old, &self.target) {
                Ok(kept) => {
                    let at = self.target.display();
                    notes.extend(
                        kept.iter()
                            .map(|name| format!("a file in {at} that gapcast did not write has been renamed {name}")),
                    );
                }
                Err(error) => {
                    let old = old.display();
                    notes.push(format!(
                        "the previous folder is left in {old} ({error}); the next run with this name removes it"
                    ));
                    if let Some(lock) = &mut self.lock {
                        lock.stays = true;
                    }
                }
            }
        }
        Ok(Finished { place: self.target.clone(), notes })
    }

    /// Whether a folder taken from the target holds the same run.
    fn may_go(&self, old: &Path) -> bool {
        record_in(old).is_some_and(|record| self.identity.is_of(&record, &self.target))
    }

    /// Moves the complete folder `new` to the target; returns the path of the old one, if there was one.
    fn put(&self, new: &Path) -> Result<Option<PathBuf>, FolderError> {
        // Another run of the same identity may move its folder into place concurrently; each further iteration lost
        // that race.
        let mut last = None;
        for _ in 0..16 {
            match self.standing()? {
                Standing::Run(record) => {
                    carry(&self.target, &record, new);
                    let aside = new.with_extension("old");
                    match exchange(new, &self.target) {
                        Ok(()) if self.force || self.may_go(new) => return Ok(Some(new.to_path_buf())),
                        // Something else was put there a moment ago: it is restored, and the next iteration rejects it.
                        Ok(()) => exchange(new, &self.target).map_err(io_error("restore", &self.target))?,
                        Err(error) if error.kind() == io::ErrorKind::NotFound => last = Some(error),
                        Err(_) => match in_two_steps(new, &self.target, &aside) {
                            Ok(()) => return Ok(Some(aside)),
                            Err(error) => last = Some(error),
                        },
                    }
                }
                empty @ (Standing::Nothing | Standing::Empty) => {
                    if matches!(empty, Standing::Empty) {
                        // Some systems do not rename over an existing folder; on others this changes nothing.
                        let _ = fs::remove_dir(&self.target);
                    }
                    match fs::rename(new, &self.target) {
                        Ok(()) => return Ok(None),
                        Err(error) => last = Some(error),
                    }
                }
            }
        }
        let error = last.unwrap_or_else(|| io::ErrorKind::ResourceBusy.into());
        Err(io_error("move", new)(error))
    }
}

impl Drop for Folder {
    /// Removes everything that a failed run wrote.
    fn drop(&mut self) {
        if let Some(work) = &self.work {
            // If this fails too, there is nothing better to do.
            let _ = fs::remove_dir_all(work);
        }
        self.lock = None;
    }
}

#[cfg(test)]
mod tests;

//! A run folder appears as a whole or not at all: files are written beside it, and the finished folder takes its place.
//!
//! A folder is replaced only by a run of the same scenario, variant and settings ([`Identity`]), unless it is forced, and
//! only if its record is one of this program. What a user put into it, which is all that the record does not list, moves
//! along into the new one.
//!
//! A run that writes `parent/name` works in `.name.<number>.partial`. When all is written and on the disk, the work is called
//! `.name.<number>.new` and exchanged with the old folder in one step, so that at every moment a whole folder stands there.
//! Where the system has no such step the old one is first set aside as `.name.<number>.old`. Then the old folder is taken away.
//!
//! Meanwhile the run holds the lock of a file beside its work. Whoever finds such a file and can lock it knows that its run
//! is dead, and tidies up: unfinished work goes; a whole folder goes to its place if none stands there, and is taken away
//! otherwise. On a file system without locks nothing is tidied.

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
        /// What was tried.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Something stands there that is not a run folder.
    #[error("`{path}` exists and is not a run folder (it has no run.json written by gapcast); it is left unchanged")]
    Foreign {
        /// Where.
        path: PathBuf,
    },
    /// A link stands there.
    #[error("`{path}` is a symbolic link; it is left unchanged")]
    Link {
        /// Where.
        path: PathBuf,
    },
    /// Another run stands there.
    #[error(
        "`{path}` holds another run: {there}; this one is {here}. Name this one with `--name`, or replace the other with `--force`"
    )]
    Taken {
        /// Where.
        path: PathBuf,
        /// The run that stands there.
        there: String,
        /// The run that would replace it.
        here: String,
    },
}

impl FolderError {
    /// On what.
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
    /// The folder of this run beside the target; it is removed with whatever it holds when the run fails.
    work: Option<PathBuf>,
    identity: Identity,
    force: bool,
    lock: Option<Lock>,
}

/// A folder that is in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finished {
    /// Where it stands.
    pub place: PathBuf,
    /// What the user should know, a line each.
    pub notes: Vec<String>,
}

/// The locked file of a run that writes; it is gone when this is dropped.
#[derive(Debug)]
struct Lock {
    path: PathBuf,
    /// Open, and so locked, as long as the run lives.
    _file: File,
    /// Whether the file stays, for the next run to tidy up.
    stays: bool,
}

impl Lock {
    /// Creates and locks `path`; none where the file system has no locks.
    fn take(path: PathBuf) -> Option<Lock> {
        // It gets its name when it is locked, so that nobody finds it in between.
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
            // What is left is tidied up by the next run.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Tidies up after runs of `parent/name` that died; what cannot be tidied is left.
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
        // Both are whole; the newer one is asked first.
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

/// Puts a run folder back that a run which died has left set aside, where none stands.
pub fn recover(folder: &Path) {
    if fs::symlink_metadata(folder).is_err()
        && let Some(name) = folder.file_name().and_then(|name| name.to_str())
    {
        let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
        tidy(parent.unwrap_or(Path::new(".")), name);
    }
}

/// Whether a folder stands there, and not a link to one.
fn is_folder(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|meta| meta.is_dir())
}

/// Folders that this process has begun.
static BEGUN: AtomicU32 = AtomicU32::new(0);

/// What is in the way of a folder.
enum Standing {
    Nothing,
    Empty,
    Run(Value),
}

impl Folder {
    /// Begins `parent/name`; what stands there stays until [`Folder::finish`].
    ///
    /// # Errors
    /// The parent cannot be made, or another run or something that is not a run folder is in the way.
    pub fn begin(parent: &Path, name: &str, identity: Identity, force: bool) -> Result<Folder, FolderError> {
        fs::create_dir_all(parent).map_err(io_error("create", parent))?;
        tidy(parent, name);
        // The process, and in it the folder: a number that no other run has.
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

    /// What stands at the target, when it may be replaced.
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

    /// The folder in which files are written for now.
    pub fn work(&self) -> &Path {
        self.work.as_deref().unwrap_or(&self.target)
    }

    /// Where a file is written for now.
    pub fn path(&self, file: &str) -> PathBuf {
        self.work().join(file)
    }

    /// Writes a file, making folders on the way.
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

    /// Puts the folder in its place and removes the run that was there before.
    ///
    /// # Errors
    /// It cannot be written through to the disk or moved; the run that was there before is untouched.
    pub fn finish(mut self) -> Result<Finished, FolderError> {
        sync(self.work()).map_err(io_error("write", self.work()))?;
        let new = self.work().with_extension("new");
        if is_folder(&new) {
            // Left by a dead run with the number of this one, on a file system without locks.
            retire(&new, &self.target).map_err(io_error("clear", &new))?;
        }
        fs::rename(self.work(), &new).map_err(io_error("move", self.work()))?;
        self.work = Some(new.clone());
        let old = self.put(&new)?;
        // From here on the run has succeeded, whatever becomes of the old folder.
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

    /// Whether a folder that was at the target is one of the same run.
    fn may_go(&self, old: &Path) -> bool {
        record_in(old).is_some_and(|record| self.identity.is_of(&record, &self.target))
    }

    /// Brings the whole folder `new` to the target; where the old one is now, if there was one.
    fn put(&self, new: &Path) -> Result<Option<PathBuf>, FolderError> {
        // Another run of the same may put its own there at the same time; each turn of this loop lost to one of them.
        let mut last = None;
        for _ in 0..16 {
            match self.standing()? {
                Standing::Run(record) => {
                    carry(&self.target, &record, new);
                    let aside = new.with_extension("old");
                    match exchange(new, &self.target) {
                        Ok(()) if self.force || self.may_go(new) => return Ok(Some(new.to_path_buf())),
                        // Something else was put there a moment ago: it goes back, and the next turn refuses it.
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
                        // Some systems rename over nothing only; elsewhere this changes nothing.
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
    /// A run that failed leaves nothing behind.
    fn drop(&mut self) {
        if let Some(work) = &self.work {
            // Nothing better can be done here when this fails too.
            let _ = fs::remove_dir_all(work);
        }
        self.lock = None;
    }
}

#[cfg(test)]
mod tests;

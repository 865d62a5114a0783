//! A run folder appears as a whole or not at all: files are written beside it, and the finished folder takes its place.
//!
//! While a run writes, it holds the lock of a file beside its work. Whoever finds such a file and can lock it knows that its
//! run is dead, and tidies up: unfinished work goes, and a finished folder that was set aside when the run died goes back to
//! its place. On a file system without locks nothing is tidied.

use std::fs;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

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
    #[error("`{path}` exists and is not a run folder (it has no run.json); it is left as it is")]
    Foreign {
        /// Where.
        path: PathBuf,
    },
    /// A link stands there.
    #[error("`{path}` is a symbolic link; it is left as it is")]
    Link {
        /// Where.
        path: PathBuf,
    },
}

impl FolderError {
    /// On what.
    pub fn path(&self) -> &Path {
        match self {
            FolderError::Io { path, .. } | FolderError::Foreign { path } | FolderError::Link { path } => path,
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
    work: PathBuf,
    done: bool,
    lock: Option<Lock>,
}

/// The locked file of a run that writes; it is gone when this is dropped.
#[derive(Debug)]
struct Lock {
    path: PathBuf,
    /// Open, and so locked, as long as the run lives.
    _file: File,
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
        Some(Lock { path, _file: file })
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        // What is left is tidied up by the next run.
        let _ = fs::remove_file(&self.path);
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
        let _ = fs::remove_dir_all(beside("partial"));
        let (old, target) = (beside("old"), parent.join(name));
        if old.is_dir() && !target.exists() {
            let _ = fs::rename(&old, &target);
        } else {
            let _ = fs::remove_dir_all(&old);
        }
        let _ = fs::remove_file(entry.path());
    }
}

impl Folder {
    /// Begins `parent/name`; what stands there stays until [`Folder::finish`].
    ///
    /// # Errors
    /// The parent cannot be made, or something that is not a run folder is in the way.
    pub fn begin(parent: &Path, name: &str) -> Result<Folder, FolderError> {
        fs::create_dir_all(parent).map_err(io_error("create", parent))?;
        tidy(parent, name);
        let target = parent.join(name);
        if let Ok(meta) = fs::symlink_metadata(&target) {
            if meta.file_type().is_symlink() {
                return Err(FolderError::Link { path: target });
            }
            let empty = meta.is_dir() && fs::read_dir(&target).is_ok_and(|mut d| d.next().is_none());
            if !empty && !target.join("run.json").is_file() {
                return Err(FolderError::Foreign { path: target });
            }
        }
        let work = parent.join(format!(".{name}.{}.partial", std::process::id()));
        let lock = Lock::take(work.with_extension("lock"));
        if work.exists() {
            fs::remove_dir_all(&work).map_err(io_error("clear", &work))?;
        }
        fs::create_dir(&work).map_err(io_error("create", &work))?;
        Ok(Folder { target, work, done: false, lock })
    }

    /// Where the finished folder will stand.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Where a file is written for now.
    pub fn path(&self, file: &str) -> PathBuf {
        self.work.join(file)
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

    /// Puts the folder in its place, and removes what stood there.
    ///
    /// # Errors
    /// It cannot be moved; what stood there is still there.
    pub fn finish(mut self) -> Result<PathBuf, FolderError> {
        let old = self.work.with_extension("old");
        let had = self.target.exists();
        if had {
            fs::rename(&self.target, &old).map_err(io_error("move", &self.target))?;
        }
        if let Err(error) = fs::rename(&self.work, &self.target) {
            if had {
                fs::rename(&old, &self.target).map_err(io_error("restore", &self.target))?;
            }
            return Err(io_error("move", &self.work)(error));
        }
        self.done = true;
        if had {
            fs::remove_dir_all(&old).map_err(io_error("remove", &old))?;
        }
        Ok(self.target.clone())
    }
}

impl Drop for Folder {
    /// A run that failed leaves nothing behind.
    fn drop(&mut self) {
        if !self.done {
            // Nothing better can be done here when this fails too.
            let _ = fs::remove_dir_all(&self.work);
        }
        self.lock = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_replaced_as_a_whole_or_not_at_all() {
        let parent = tempfile::tempdir().unwrap();
        let first = Folder::begin(parent.path(), "run").unwrap();
        first.write("run.json", b"1").unwrap();
        let at = first.finish().unwrap();
        {
            let failed = Folder::begin(parent.path(), "run").unwrap();
            failed.write("run.json", b"2").unwrap();
        }
        assert_eq!(fs::read(at.join("run.json")).unwrap(), b"1");
        let second = Folder::begin(parent.path(), "run").unwrap();
        second.write("run.json", b"3").unwrap();
        second.finish().unwrap();
        assert_eq!(fs::read(at.join("run.json")).unwrap(), b"3");
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_dead_runs_left_is_tidied_up_and_living_ones_are_left_alone() {
        let parent = tempfile::tempdir().unwrap();
        let at = |name: &str| parent.path().join(name);
        let living = Folder::begin(parent.path(), "run").unwrap();
        living.write("run.json", b"1").unwrap();
        // Two dead runs: one died while it wrote, one between setting the old folder aside and putting the new one in.
        for file in [".run.11.partial/outcomes.csv", ".run.12.old/run.json", ".run.12.partial/run.json"] {
            fs::create_dir_all(at(file).parent().unwrap()).unwrap();
            fs::write(at(file), b"2").unwrap();
        }
        for file in [".run.11.lock", ".run.12.lock", ".running.13.lock"] {
            fs::write(at(file), b"").unwrap();
        }
        tidy(parent.path(), "run");
        assert!(living.path("run.json").is_file());
        assert_eq!(fs::read(at("run/run.json")).unwrap(), b"2");
        for gone in [".run.11.partial", ".run.12.partial", ".run.12.old", ".run.11.lock", ".run.12.lock"] {
            assert!(!at(gone).exists(), "{gone}");
        }
        assert!(at(".running.13.lock").exists());
        living.finish().unwrap();
        assert_eq!(fs::read(at("run/run.json")).unwrap(), b"1");
        assert_eq!(fs::read_dir(parent.path()).unwrap().count(), 2);
    }

    #[test]
    fn what_is_not_a_run_folder_is_left_alone() {
        let parent = tempfile::tempdir().unwrap();
        fs::create_dir(parent.path().join("mine")).unwrap();
        fs::write(parent.path().join("mine/thesis.txt"), b"years of work").unwrap();
        assert!(matches!(Folder::begin(parent.path(), "mine"), Err(FolderError::Foreign { .. })));
    }
}

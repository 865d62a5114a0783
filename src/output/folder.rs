//! A run folder appears as a whole or not at all: files are written beside it, and the finished folder takes its place.

use std::fs;
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
}

impl Folder {
    /// Begins `parent/name`; what stands there stays until [`Folder::finish`].
    ///
    /// # Errors
    /// The parent cannot be made, or something that is not a run folder is in the way.
    pub fn begin(parent: &Path, name: &str) -> Result<Folder, FolderError> {
        fs::create_dir_all(parent).map_err(io_error("create", parent))?;
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
        if work.exists() {
            fs::remove_dir_all(&work).map_err(io_error("clear", &work))?;
        }
        fs::create_dir(&work).map_err(io_error("create", &work))?;
        Ok(Folder { target, work, done: false })
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
    fn what_is_not_a_run_folder_is_left_alone() {
        let parent = tempfile::tempdir().unwrap();
        fs::create_dir(parent.path().join("mine")).unwrap();
        fs::write(parent.path().join("mine/thesis.txt"), b"years of work").unwrap();
        assert!(matches!(Folder::begin(parent.path(), "mine"), Err(FolderError::Foreign { .. })));
    }
}

//! Measured points on disk, so that a study that was interrupted goes on where it stopped and nothing is computed twice.
//!
//! The entries lie in `.points` beside the folders of studies, each in a file of its own that is named by the hash of
//! everything that its numbers follow from. An entry that cannot be read or understood is computed again; one that cannot
//! be written is not kept. The folder can be deleted at any time.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::output::reading::regular;

/// Name of the folder of entries.
pub const FOLDER: &str = ".points";
/// Largest entry that is read, in bytes.
const LARGEST: u64 = 64 << 20;

/// Entries below a folder.
#[derive(Clone, Debug)]
pub struct Cache {
    folder: PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Entry<T> {
    key: String,
    content: T,
}

impl Cache {
    /// The cache beside the folders of studies in `out`.
    pub fn beside(out: &Path) -> Cache {
        Cache { folder: out.join(FOLDER) }
    }

    fn path(&self, key: &str) -> PathBuf {
        self.folder.join(format!("{key}.json"))
    }

    /// The entry of this key.
    pub fn get<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        let bytes = regular(&self.path(key), LARGEST).ok()?;
        let entry: Entry<T> = serde_json::from_slice(&bytes).ok()?;
        (entry.key == key).then_some(entry.content)
    }

    /// Keeps an entry if it can be written.
    pub fn put<T: Serialize>(&self, key: &str, content: &T) {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let Ok(text) = serde_json::to_string(&Entry { key: key.to_owned(), content }) else { return };
        let early = format!("{key}.{}.{}.partial", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let early = self.folder.join(early);
        let written = fs::create_dir_all(&self.folder).and_then(|()| fs::write(&early, text));
        if written.and_then(|()| fs::rename(&early, self.path(key))).is_err() {
            // An entry that is not kept is computed again.
            let _ = fs::remove_file(&early);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_found_by_their_key_alone() {
        let dir = tempfile::tempdir().unwrap();
        let cache = Cache::beside(dir.path());
        assert_eq!(cache.get::<Vec<f64>>("a"), None);
        cache.put("a", &vec![0.1, -2.5e300]);
        assert_eq!(cache.get::<Vec<f64>>("a"), Some(vec![0.1, -2.5e300]));
        // A file under another name, a damaged one and a link are no entries.
        fs::copy(dir.path().join(".points/a.json"), dir.path().join(".points/b.json")).unwrap();
        assert_eq!(cache.get::<Vec<f64>>("b"), None);
        fs::write(dir.path().join(".points/a.json"), "{\"key\": \"a\", \"content\": [1.0, ").unwrap();
        assert_eq!(cache.get::<Vec<f64>>("a"), None);
        assert_eq!(fs::read_dir(dir.path().join(FOLDER)).unwrap().count(), 2, "no partial file is left");
    }
}

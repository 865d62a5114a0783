//! A folder in which the program is run on malicious files, within limits of memory and time.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Address space that a child may take, in KiB: 2 GiB, threads' stacks and allocator arenas included.
const SPACE: u64 = 2 << 20;
/// Most resident memory of a child that refuses a file, in MiB. The largest holds ten thousand contracts, and as many of its
/// variants as there are cores are read at once, each from a tree of its own.
pub const RESIDENT: u64 = 384;
/// Longest that a child may take; reading takes a fraction of a second, but other tests run beside it.
const PATIENCE: Duration = Duration::from_secs(60);

pub const SMALL: &str = include_str!("../../../scenarios/small-lab.yaml");

/// A folder of its own; the program runs in the folder `work` inside it.
pub struct Bench {
    pub dir: tempfile::TempDir,
}

/// How a child ended.
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
    /// Peak resident memory in MiB; 0 if the system does not report it.
    pub peak: u64,
}

impl Bench {
    pub fn new() -> Bench {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("work")).unwrap();
        Bench { dir }
    }
    /// A path inside the folder in which the program runs.
    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join("work").join(name)
    }
    pub fn file(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
    }
    pub fn gapcast(&self, arguments: &[&str]) -> Ended {
        let told = self.dir.path().join("told");
        let (out, err) = (told.with_extension("out"), told.with_extension("err"));
        let mut child = Command::new("sh")
            .arg("-c")
            .arg(format!("ulimit -v {SPACE} 2>/dev/null; exec \"$0\" \"$@\""))
            .arg(env!("CARGO_BIN_EXE_gapcast"))
            .args(arguments)
            .current_dir(self.dir.path().join("work"))
            .env_remove("GAPCAST_LEVEL")
            .stdin(Stdio::null())
            .stdout(fs::File::create(&out).unwrap())
            .stderr(fs::File::create(&err).unwrap())
            .spawn()
            .unwrap();
        let began = Instant::now();
        let mut peak = 0;
        let status = loop {
            let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kib: Option<u64> = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
            peak = peak.max(kib.unwrap_or(0) >> 10);
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if began.elapsed() > PATIENCE {
                child.kill().unwrap();
                panic!("{arguments:?} does not end");
            }
            std::thread::sleep(Duration::from_millis(2));
        };
        let read = |path: &Path| String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
        let ended = Ended { code: status.code(), out: read(&out), err: read(&err), peak };
        assert!(!ended.err.contains("panicked"), "{arguments:?}: {}", ended.err);
        assert!(!ended.err.contains("memory allocation"), "{arguments:?}: {}", ended.err);
        assert!(matches!(ended.code, Some(0 | 2 | 3 | 5)), "{arguments:?}: {status}: {}", head(&ended.err));
        ended
    }
    /// Checks and runs a file that must be refused with these words, and looks that nothing was written.
    pub fn refused(&self, name: &str, text: impl AsRef<[u8]>, word: &str) {
        self.file(name, text);
        let before = everything(self.dir.path());
        for command in ["check", "run"] {
            let ended = self.gapcast(&[command, name]);
            assert_eq!(ended.code, Some(2), "{command} {name}: {}", head(&ended.err));
            assert!(ended.err.contains(word), "{command} {name}: no `{word}` in {}", head(&ended.err));
            assert!(ended.err.len() < 2_000_000, "{command} {name}: {} bytes of message", ended.err.len());
            assert!(ended.peak <= RESIDENT, "{command} {name}: {} MiB", ended.peak);
        }
        assert_eq!(everything(self.dir.path()), before, "{name}");
        fs::remove_file(self.path(name)).unwrap();
    }
    /// Runs a file that must be accepted, into `output`; what stands beside that folder stays as it was.
    pub fn accepted(&self, name: &str, text: impl AsRef<[u8]>, arguments: &[&str]) -> Ended {
        self.file(name, text);
        let _ = fs::remove_dir_all(self.path("output"));
        let before = everything(self.dir.path());
        let ended = self.gapcast(&[&["run", name, "--no-charts"], arguments].concat());
        assert!(matches!(ended.code, Some(0 | 3)), "{name}: {:?}: {}", ended.code, head(&ended.err));
        assert!(ended.out.contains("Cash runs out"), "{name}: {}", head(&ended.out));
        let _ = fs::remove_dir_all(self.path("output"));
        assert_eq!(everything(self.dir.path()), before, "{name}");
        ended
    }
}

/// The beginning of a message.
pub fn head(text: &str) -> String {
    text.chars().take(600).collect()
}

/// Every path below a folder but what the test itself keeps there, with its length and whether it is a link.
pub fn everything(folder: &Path) -> Vec<(PathBuf, u64, bool)> {
    let mut out = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let (path, meta) = (entry.path(), fs::symlink_metadata(entry.path()).unwrap());
        if path.file_stem().is_some_and(|stem| stem == "told") {
            continue;
        }
        out.push((path.clone(), if meta.is_file() { meta.len() } else { 0 }, meta.file_type().is_symlink()));
        if meta.is_dir() {
            out.extend(everything(&path));
        }
    }
    out.sort();
    out
}

/// The small lab with a text in place of another, which must be there once.
pub fn with(from: &str, to: &str) -> String {
    assert_eq!(SMALL.matches(from).count(), 1, "{from}");
    SMALL.replacen(from, to, 1)
}

//! Files that extend each other, read and merged.

use super::paths::merge;
use super::variants::{drop_inherited, own_first, variants};
use crate::issues::{Issues, Place};
use crate::language::tree::{Node, Sources};
use crate::language::yaml::{self, MAX_BYTES};
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Longest chain of `extends`.
const MAX_CHAIN: usize = 8;

/// The path that stands for standard input.
pub const STDIN: &str = "-";

/// Where extended files may be located.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// In the scenario's folder or below it, after resolving links.
    #[default]
    Below,
    /// Anywhere.
    Outside,
}

/// A transformation of the tree of each file before it is merged with others.
pub type Prepare = fn(&mut Node, &mut Issues);

/// Reads a file and the files it extends; `-` is standard input. Texts are added to `sources`, problems to `issues`.
pub fn load_file(
    path: &Path,
    reach: Reach,
    prepare: Prepare,
    sources: &mut Sources,
    issues: &mut Issues,
) -> Option<Node> {
    let home = path.parent().and_then(real);
    chain(path, None, &mut Walk { home, reach, prepare, seen: Vec::new() }, sources, issues)
}

/// Loads a chain of files that were read before, given by name and text; the first extends the second, and so on. Their
/// location does not matter.
pub fn load_texts(
    texts: &[(String, String)],
    prepare: Prepare,
    sources: &mut Sources,
    issues: &mut Issues,
) -> Option<Node> {
    let (name, text) = texts.first()?;
    let file = sources.add(name.as_str(), text.as_str());
    let mut node = yaml::load(text, file, issues)?;
    prepare(&mut node, issues);
    if node.remove("extends").is_none() || texts.len() == 1 {
        return Some(node);
    }
    Some(extend(load_texts(&texts[1..], prepare, sources, issues)?, node))
}

/// The state while a chain of files is followed.
struct Walk {
    /// The folder of the scenario, and whether the chain may leave it.
    home: Option<PathBuf>,
    reach: Reach,
    prepare: Prepare,
    seen: Vec<PathBuf>,
}

fn chain(
    path: &Path,
    asked: Option<Place>,
    walk: &mut Walk,
    sources: &mut Sources,
    issues: &mut Issues,
) -> Option<Node> {
    let (shown, real) = (path.display(), real(path));
    let inside = |home: &PathBuf| real.as_ref().is_some_and(|real| real.starts_with(home));
    if asked.is_some() && walk.reach == Reach::Below && !walk.home.as_ref().is_some_and(inside) {
        // The message does not reveal whether such a file exists, so that files elsewhere cannot be probed.
        issues
            .error("extends", asked, format!("`{shown}` is not in the folder of the scenario"), "outside it")
            .help("only files in or below the scenario's folder can be extended; `--allow-outside` allows others");
        return None;
    }
    let real = real.unwrap_or_else(|| path.to_owned());
    if walk.seen.contains(&real) {
        issues.error(
            "extends",
            asked,
            format!("`{shown}` extends itself through the files it extends"),
            "a cycle: name another file",
        );
        return None;
    }
    if walk.seen.len() >= MAX_CHAIN {
        issues.error(
            "extends",
            asked,
            format!("more than {MAX_CHAIN} files extend each other"),
            "the chain is too long",
        );
        return None;
    }
    let text = read_text(if asked.is_some() { &real } else { path });
    walk.seen.push(real);
    let text = match text {
        Ok(text) => text,
        Err(why) => {
            let issue = issues.error("file", asked, format!("cannot read `{shown}`: {why}"), "this file");
            if asked.is_some() {
                issue.help("the path is relative to the file that extends it");
            } else {
                issue.help(if why.contains("UTF-8") {
                    "save it as UTF-8 text"
                } else {
                    "name a scenario file, as in `gapcast run scenario.yaml`"
                });
            }
            return None;
        }
    };
    if asked.is_some() && !is_scenario(&text) {
        // Its text is not added to the sources, so that no message can quote it.
        issues
            .error("extends", asked, format!("`{shown}` is not a scenario"), "this file")
            .help("an extended file must have one of the keys `schema`, `extends`, `lab`, `world`, `instruments`");
        return None;
    }
    let file = sources.add(shown.to_string(), text.as_str());
    let mut node = yaml::load(&text, file, issues)?;
    (walk.prepare)(&mut node, issues);
    let Some(base) = node.remove("extends") else { return Some(node) };
    let Some(name) = base.text().filter(|t| !t.is_empty()) else {
        issues.error("extends", base.place, "`extends` names one file", "write `extends: other.yaml`");
        return None;
    };
    let below = path.parent().unwrap_or(Path::new("")).join(name);
    Some(extend(chain(&below, Some(base.place), walk, sources, issues)?, node))
}

/// Merges a file with the one that it extends; its own variants come first.
fn extend(mut below: Node, mut node: Node) -> Node {
    drop_inherited(&mut below, &mut node);
    let own: Vec<String> = variants(&node).into_iter().map(str::to_owned).collect();
    let mut whole = merge(below, node);
    own_first(&mut whole, &own);
    whole
}

/// A path with its links resolved, as far as it exists; `None` if it cannot be resolved.
fn real(path: &Path) -> Option<PathBuf> {
    let there = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    there.canonicalize().ok().or_else(|| Some(real(there.parent()?)?.join(there.file_name()?)))
}

/// Whether a text has a key that only scenarios have, so that messages may quote it.
fn is_scenario(text: &str) -> bool {
    text.trim_start_matches('\u{feff}').split(['\n', '\r']).any(|line| {
        let key = line.trim_start_matches(['{', ' ', '"']).split([':', '"']).next().unwrap_or_default();
        matches!(key.trim_end(), "schema" | "extends" | "lab" | "world" | "instruments") && line.contains(':')
    })
}

fn read_text(path: &Path) -> Result<String, String> {
    let too_large = || format!("it is larger than {} MiB", MAX_BYTES >> 20);
    let mut bytes = Vec::new();
    if path.as_os_str() == STDIN {
        std::io::stdin().lock().take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(|e| in_words(&e))?;
    } else {
        let meta = std::fs::metadata(path).map_err(|e| in_words(&e))?;
        if !meta.is_file() {
            return Err("it is not a file".to_owned());
        }
        if meta.len() > MAX_BYTES as u64 {
            return Err(too_large());
        }
        let file = std::fs::File::open(path).map_err(|e| in_words(&e))?;
        file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).map_err(|e| in_words(&e))?;
    }
    if bytes.len() > MAX_BYTES {
        return Err(too_large());
    }
    String::from_utf8(bytes).map_err(|e| {
        let line = e.as_bytes()[..e.utf8_error().valid_up_to()].split(|b| *b == b'\n').count();
        format!("it is not UTF-8 text; the first bad byte is in line {line}")
    })
}

/// The message of the operating system, without its error number.
fn in_words(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        std::io::ErrorKind::NotADirectory => "part of the path is not a folder".to_owned(),
        _ => {
            let text = error.to_string();
            text.split(" (os error").next().unwrap_or_default().to_lowercase()
        }
    }
}

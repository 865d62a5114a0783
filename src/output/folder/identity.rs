//! Identity of the run that a folder holds. A folder is replaced only by the same scenario, variant and settings:
//! running an edited file again replaces the earlier result, and a run with other settings gets a folder of its own.

use std::fmt::Write as _;
use std::path::{Component, Path, PathBuf};

use serde_json::{Value, json};

use crate::output::record::{self, Given, Record, sha256};

/// What distinguishes a run from the one in an existing folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Name of the scenario.
    pub scenario: String,
    /// Variant.
    pub variant: Option<String>,
    /// Settings `path=value` of the command line, in order.
    pub set: Vec<String>,
    /// Seed, if set on the command line.
    pub seed: Option<u64>,
    /// Number of paths, if set on the command line.
    pub paths: Option<u64>,
    /// Target of precision, if set on the command line.
    pub until: Option<String>,
    /// Scenario file as given; `-` is standard input.
    pub file: PathBuf,
}

impl Identity {
    /// Eight hexadecimal digits that identify what the command line sets; `None` when it sets nothing.
    fn settings(&self) -> Option<String> {
        let mut text = String::new();
        for set in &self.set {
            let (path, value) = set.split_once('=').unwrap_or((set, ""));
            // Writing to a string cannot fail.
            let _ = writeln!(text, "set {}={}", path.trim(), value.trim());
        }
        for (what, value) in [("seed", self.seed), ("paths", self.paths)] {
            let _ = value.map(|value| writeln!(text, "{what} {value}"));
        }
        let _ = self.until.as_ref().map(|rule| writeln!(text, "until {}", rule.trim()));
        (!text.is_empty()).then(|| sha256(text.as_bytes())[..8].to_owned())
    }

    /// The default name of the folder, `<scenario>[-<variant>][-<settings>]`, and where it comes from.
    pub fn folder_name(&self) -> (String, &'static str) {
        let settings = self.settings();
        let by = if settings.is_some() { "settings" } else { "scenario" };
        let words = [Some(self.scenario.clone()), self.variant.clone(), settings];
        (words.into_iter().flatten().collect::<Vec<_>>().join("-"), by)
    }

    /// What the command line sets in place of the file's values.
    pub fn given(&self) -> Given {
        Given { seed: self.seed, paths: self.paths, until: self.until.clone() }
    }

    /// The part of `run.json` that says what was run, by which program, for the folder `folder`. Everything else is
    /// filled in by whoever runs it.
    pub fn record(&self, folder: &Path) -> Record {
        Record {
            schema: record::SCHEMA,
            program: "gapcast".to_owned(),
            version: record::VERSION.to_owned(),
            commit: record::COMMIT.map(str::to_owned),
            scenario: self.scenario.clone(),
            variant: self.variant.clone(),
            file: self.file.display().to_string(),
            file_from_folder: self.from_folder(folder),
            set: self.set.clone(),
            given: self.given(),
            sampler: "plain Monte Carlo, Threefry2x64-20 streams by name".to_owned(),
            ..Record::default()
        }
    }

    /// The file relative to the folder `folder`, which need not exist yet; `-` for standard input.
    pub fn from_folder(&self, folder: &Path) -> String {
        if self.file.as_os_str() == "-" { "-".to_owned() } else { relative(folder, &self.file) }
    }

    /// Whether a record in the folder `folder` is of the same run. A field that an older record lacks is not a
    /// difference.
    pub fn is_of(&self, record: &Value, folder: &Path) -> bool {
        let same = |key: &str, value: Value| record.get(key).is_none_or(|old| *old == value);
        same("scenario", json!(self.scenario))
            && same("variant", json!(self.variant))
            && same("set", json!(self.set))
            && same("given", json!(self.given()))
            && same("file_from_folder", json!(self.from_folder(folder)))
    }

    /// The run in words, with the file relative to `folder`.
    pub fn words(&self, folder: &Path) -> String {
        words(
            &json!(self.scenario),
            &json!(self.variant),
            &json!(self.set),
            &json!(self.given()),
            &self.from_folder(folder),
        )
    }
}

/// The run of a record, in words.
pub(super) fn words_of(record: &Value) -> String {
    let file = record["file_from_folder"].as_str().unwrap_or_default();
    words(&record["scenario"], &record["variant"], &record["set"], &record["given"], file)
}

fn words(scenario: &Value, variant: &Value, set: &Value, given: &Value, file: &str) -> String {
    let mut out = format!("`{}`", scenario.as_str().unwrap_or("?"));
    // Writing to a string cannot fail.
    let _ = variant.as_str().map(|variant| write!(out, ", variant `{variant}`"));
    for set in set.as_array().into_iter().flatten().filter_map(Value::as_str) {
        let _ = write!(out, ", `{set}`");
    }
    let _ = given["seed"].as_u64().map(|seed| write!(out, ", seed {seed}"));
    let _ = given["paths"].as_u64().map(|paths| write!(out, ", {paths} paths"));
    let _ = given["until"].as_str().map(|rule| write!(out, ", until `{rule}`"));
    match file {
        "" => {}
        "-" => out.push_str(", from standard input"),
        file => {
            let _ = write!(out, ", from {file}");
        }
    }
    out
}

/// Relative path from one path to another, with `/` as separator; the whole other path where there is none.
fn relative(from: &Path, to: &Path) -> String {
    // The last component is taken as written, so that a link remains a link and a folder need not exist.
    let real = |path: &Path| -> Option<PathBuf> {
        let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(parent.canonicalize().ok()?.join(path.file_name()?))
    };
    let shown = |path: &Path| path.to_string_lossy().into_owned();
    let (Some(from), Some(to)) = (real(from), real(to)) else { return shown(to) };
    let (a, b): (Vec<Component<'_>>, Vec<Component<'_>>) = (from.components().collect(), to.components().collect());
    let common = a.iter().zip(&b).take_while(|(a, b)| a == b).count();
    if common == 0 {
        return shown(&to);
    }
    let up = std::iter::repeat_n("..".to_owned(), a.len() - common);
    let down = b[common..].iter().map(|step| step.as_os_str().to_string_lossy().into_owned());
    up.chain(down).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_named_by_what_was_asked() {
        let plain = Identity { scenario: "a".into(), file: "a.yaml".into(), ..Identity::default() };
        assert_eq!(plain.folder_name(), ("a".into(), "scenario"));
        let variant = Identity { variant: Some("b".into()), ..plain.clone() };
        assert_eq!(variant.folder_name(), ("a-b".into(), "scenario"));
        let set = |sets: &[&str], seed, paths| {
            let set = sets.iter().map(|&s| s.to_owned()).collect();
            Identity { set, seed, paths, ..variant.clone() }.folder_name().0
        };
        // SHA-256 of "seed 5\n" begins with these digits: `printf 'seed 5\n' | sha256sum`.
        assert_eq!(set(&[], Some(5), None), "a-b-b93e225b");
        let names = [
            set(&["x=1"], None, None),
            set(&["x=2"], None, None),
            set(&["x=1", "y=1"], None, None),
            set(&["y=1", "x=1"], None, None),
            set(&["x=1"], Some(1), None),
            set(&["x=1"], None, Some(1)),
        ];
        for (k, name) in names.iter().enumerate() {
            assert!(name.len() == "a-b-".len() + 8 && !names[..k].contains(name), "{names:?}");
        }
        assert_eq!(set(&[" x = 1 "], None, None), names[0]);
        let until = Identity { until: Some("se(p(cash_out)) < 1%".into()), ..variant.clone() }.folder_name().0;
        assert!(until.len() == "a-b-".len() + 8 && !names.contains(&until));
    }

    #[test]
    fn another_run_is_known_by_its_record() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().join("a");
        let run = Identity {
            scenario: "a".into(),
            variant: Some("b".into()),
            set: vec!["x=1".into()],
            seed: Some(5),
            paths: None,
            until: None,
            file: dir.path().join("a.yaml"),
        };
        let record = json!({"scenario": "a", "variant": "b", "set": ["x=1"], "given": {"seed": 5}, "seed": 5,
            "file_from_folder": "../a.yaml"});
        assert!(run.is_of(&record, &folder));
        for (key, value) in [
            ("scenario", json!("a-b")),
            ("variant", Value::Null),
            ("set", json!([])),
            ("given", json!({})),
            ("given", json!({"seed": 5, "paths": 9})),
            ("given", json!({"seed": 5, "until": "se(p(cash_out)) < 1%"})),
            ("file_from_folder", json!("../copy.yaml")),
        ] {
            let mut other = record.clone();
            other[key] = value;
            assert!(!run.is_of(&other, &folder), "{other}");
        }
        assert_eq!(run.words(&folder), "`a`, variant `b`, `x=1`, seed 5, from ../a.yaml");
        assert_eq!(words_of(&record), run.words(&folder));
        let until = Identity { until: Some("se(p(cash_out)) < 1%".into()), variant: None, set: Vec::new(), ..run };
        assert_eq!(until.words(&folder), "`a`, seed 5, until `se(p(cash_out)) < 1%`, from ../a.yaml");
    }
}

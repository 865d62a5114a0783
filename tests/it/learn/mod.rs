//! What one learns from: templates, the schema, `explain`, completions, manual pages, and the pages of the language.

mod docs;
mod explain;
mod init;
mod schema;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use gapcast::model::{Model, Settings};

/// The repository.
fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The program, run in a folder.
fn gapcast(dir: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gapcast"));
    command.current_dir(dir).args(arguments).env_remove("GAPCAST_LEVEL");
    command.output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Compares a file with what it should be; `UPDATE_DOCS=1` writes it.
fn compare(file: &str, text: &str) {
    assert!(
        crate::common::is_page(&root().join(file), text),
        "{file} is stale: run `UPDATE_DOCS=1 cargo test --test it learn`"
    );
}

/// Every scenario of the repository and every template, ready to run, with each of their variants.
fn jobs() -> Vec<Model> {
    let mut out = Vec::new();
    for folder in ["scenarios", "src/cli/templates", "tests/common"] {
        let mut files: Vec<PathBuf> =
            std::fs::read_dir(root().join(folder)).unwrap().map(|e| e.unwrap().path()).collect();
        files.sort();
        for file in files.iter().filter(|f| f.extension().is_some_and(|e| e == "yaml")) {
            let load = |variant: Option<String>| {
                let settings = Settings { variant, sets: vec!["run.metrics=all".to_owned()], ..Settings::default() };
                Model::load(file, &settings).unwrap_or_else(|r| panic!("{}: {:?}", file.display(), r.issues))
            };
            let model = load(None);
            out.extend(model.variants.iter().map(|variant| load(Some(variant.clone()))));
            out.push(model);
        }
    }
    out
}

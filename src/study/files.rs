//! The scenario files of a study and the cases made of them.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::StudyError;
use crate::language::overlay::Reach;
use crate::model::{Model, Settings};

/// A case: a file of the study, a variant of it, and settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Case {
    /// Number of the file in the list of the study.
    pub file: usize,
    /// Variant.
    #[serde(default)]
    pub variant: Option<String>,
    /// Settings `path=value`, in addition to those of all cases.
    #[serde(default)]
    pub set: Vec<String>,
}

/// What applies to all cases of a study.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Common {
    /// Settings `path=value`.
    #[serde(default)]
    pub set: Vec<String>,
    /// Number of paths, overriding that of the first file.
    #[serde(default)]
    pub paths: Option<u64>,
    /// Seed, overriding that of the first file.
    #[serde(default)]
    pub seed: Option<u64>,
}

/// A scenario file.
#[derive(Clone, Debug)]
pub enum File {
    /// On disk; `-` is standard input.
    Path(PathBuf, Reach),
    /// Texts that were read before, by name, each extending the next.
    Texts(Vec<(String, String)>),
}

/// The files of a study, each read once.
#[derive(Debug, Default)]
pub struct Files {
    files: Vec<(File, Option<Model>)>,
}

impl Files {
    /// Files that have not been read.
    pub fn new(files: Vec<File>) -> Files {
        Files { files: files.into_iter().map(|file| (file, None)).collect() }
    }

    /// A case with further settings and questions.
    ///
    /// # Errors
    /// All problems of the scenario under these settings.
    pub fn model(&mut self, case: &Case, common: &Common, asks: &[String]) -> Result<Model, StudyError> {
        let settings = Settings {
            variant: case.variant.clone(),
            sets: common.set.iter().chain(&case.set).cloned().collect(),
            paths: common.paths,
            seed: common.seed,
            asks: asks.to_vec(),
            until: None,
            reach: Reach::Below,
        };
        let Some((file, known)) = self.files.get_mut(case.file) else {
            return Err(StudyError::Usage("a case refers to a file that the study does not have".into()));
        };
        let file = &*file;
        let read = match (&*known, file) {
            (Some(model), _) => model.with(&settings),
            (None, File::Path(path, reach)) => Model::load(path, &Settings { reach: *reach, ..settings }),
            (None, File::Texts(texts)) => Model::from_texts(texts, &settings),
        };
        let name = || match file {
            File::Path(path, _) => path.clone(),
            File::Texts(texts) => texts.first().map_or_else(PathBuf::new, |(name, _)| Path::new(name).into()),
        };
        let model = read.map_err(|invalid| StudyError::Invalid(name(), invalid))?;
        if known.is_none() {
            // It serves for its texts and for further settings only.
            *known = Some(model.with(&model.settings).map_err(|invalid| StudyError::Invalid(name(), invalid))?);
        }
        Ok(model)
    }

    /// For each file that was read, its path and the names and texts of the files of its chain.
    pub fn read(&self) -> impl Iterator<Item = (&Path, Vec<(&str, &str)>)> {
        self.files.iter().filter_map(|(_, model)| {
            let model = model.as_ref()?;
            Some((model.file.as_path(), model.sources.files().collect()))
        })
    }
}

//! Studies: questions that take many runs of a scenario on the same worlds.
//!
//! A study has a question ([`Question`]), which is recorded in `run.json` so that it can be asked again, and an answer
//! ([`Answer`]), which is `study.json`. The lines on the screen, the table, the charts and the report follow from the
//! answer alone. The rooms:
//!
//! - `point`, `runner`, `cache`: one setting of a scenario measured against a base, many of them in parallel, and what
//!   was measured before;
//! - `compare`, `sens`, `solve`, `sweep`, `frontier`, `rare`: one file for each question;
//! - `files`, `number`, `changes`: scenario files, numbers that are varied, and what differs between two scenarios;
//! - `folder`: the folder of a study.

pub mod attribution;
pub mod cache;
pub mod changes;
pub mod compare;
pub mod files;
pub mod folder;
pub mod frontier;
pub mod number;
pub mod pictures;
pub mod point;
pub mod rare;
pub mod runner;
pub mod sens;
pub mod solve;
pub mod sweep;
pub mod words;

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::model::{Invalid, Model};
use crate::output::charts::Chart;
use crate::output::table::Table;
use crate::output::write::WriteError;
use files::{Common, Files};
use runner::Runner;

/// Why a study has no answer.
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// A scenario has errors under the settings of a point.
    #[error("`{}`: {}", .0.display(), .1)]
    Invalid(PathBuf, Box<Invalid>),
    /// The question makes no sense for the scenario.
    #[error("{0}")]
    Usage(String),
    /// The study was stopped.
    #[error("interrupted")]
    Interrupted,
    /// The folder cannot be written.
    #[error("{0}")]
    Write(#[from] WriteError),
    /// A bug in gapcast.
    #[error("{0}")]
    Internal(String),
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// What applies to all cases.
    pub common: Common,
    /// The question itself.
    #[serde(flatten)]
    pub ask: Ask,
}

/// A question by the command that asks it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "lowercase")]
pub enum Ask {
    /// `gapcast compare`.
    Compare(compare::Ask),
    /// `gapcast frontier`.
    Frontier(frontier::Ask),
    /// `gapcast rare`.
    Rare(rare::Ask),
    /// `gapcast sens`.
    Sens(sens::Ask),
    /// `gapcast solve`.
    Solve(solve::Ask),
    /// `gapcast sweep`.
    Sweep(sweep::Ask),
}

/// The answer by command.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "lowercase")]
pub enum Answer {
    /// Of `gapcast compare`.
    Compare(compare::Compared),
    /// Of `gapcast frontier`.
    Frontier(frontier::Frontier),
    /// Of `gapcast rare`.
    Rare(rare::Rare),
    /// Of `gapcast sens`.
    Sens(sens::Sens),
    /// Of `gapcast solve`.
    Solve(solve::Solved),
    /// Of `gapcast sweep`.
    Sweep(sweep::Swept),
}

/// What every study states about its runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct About {
    /// Name of the scenario of the first case.
    pub scenario: String,
    /// Variant of the first case.
    pub variant: Option<String>,
    /// Settings of all cases.
    pub set: Vec<String>,
    /// Paths of each run.
    pub paths: u64,
    /// Seed of all runs.
    pub seed: u64,
    /// First month, `2026-06`.
    pub start: String,
    /// Months.
    pub months: u64,
    /// Last month.
    pub horizon: String,
    /// Version of the program.
    pub version: String,
}

impl About {
    /// Of a study whose first case is `model`.
    pub fn of(model: &Model, common: &Common) -> About {
        let plan = &model.plan;
        About {
            scenario: model.scenario.name.as_str().to_owned(),
            variant: model.variant.clone(),
            set: common.set.clone(),
            paths: model.scenario.run.paths,
            seed: plan.seed,
            start: plan.start.to_string(),
            months: plan.months as u64,
            horizon: plan.start.plus(plan.months as i32 - 1).to_string(),
            version: crate::output::record::VERSION.to_owned(),
        }
    }

    /// The scenario with its variant.
    pub fn name(&self) -> String {
        self.variant.as_ref().map_or_else(|| self.scenario.clone(), |v| format!("{}, variant {v}", self.scenario))
    }
}

/// A study: `study.json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Study {
    /// Schema version.
    pub schema: u64,
    /// What it states about its runs.
    pub about: About,
    /// The answer.
    #[serde(flatten)]
    pub answer: Answer,
}

/// Asks a question.
///
/// # Errors
/// A scenario is invalid, the question makes no sense for it, or the study was stopped.
pub fn ask(question: &Question, files: &mut Files, runner: &Runner<'_>) -> Result<Study, StudyError> {
    let common = &question.common;
    let (about, answer) = match &question.ask {
        Ask::Compare(ask) => compare::run(ask, common, files, runner).map(|(a, x)| (a, Answer::Compare(x)))?,
        Ask::Frontier(ask) => frontier::run(ask, common, files, runner).map(|(a, x)| (a, Answer::Frontier(x)))?,
        Ask::Rare(ask) => rare::run(ask, common, files, runner).map(|(a, x)| (a, Answer::Rare(x)))?,
        Ask::Sens(ask) => sens::run(ask, common, files, runner).map(|(a, x)| (a, Answer::Sens(x)))?,
        Ask::Solve(ask) => solve::run(ask, common, files, runner).map(|(a, x)| (a, Answer::Solve(x)))?,
        Ask::Sweep(ask) => sweep::run(ask, common, files, runner).map(|(a, x)| (a, Answer::Sweep(x)))?,
    };
    Ok(Study { schema: 1, about, answer })
}

impl Study {
    /// The command that asked.
    pub fn command(&self) -> &'static str {
        match self.answer {
            Answer::Compare(_) => "compare",
            Answer::Frontier(_) => "frontier",
            Answer::Rare(_) => "rare",
            Answer::Sens(_) => "sens",
            Answer::Solve(_) => "solve",
            Answer::Sweep(_) => "sweep",
        }
    }

    /// The answer in one sentence.
    pub fn sentence(&self) -> String {
        match &self.answer {
            Answer::Compare(x) => x.sentence(),
            Answer::Frontier(x) => x.sentence(),
            Answer::Rare(x) => x.sentence(),
            Answer::Sens(x) => x.sentence(),
            Answer::Solve(x) => x.sentence(),
            Answer::Sweep(x) => x.sentence(),
        }
    }

    /// The answer on the screen, without the place of the files: at most 24 lines.
    pub fn lines(&self) -> Vec<String> {
        match &self.answer {
            Answer::Compare(x) => x.lines(&self.about),
            Answer::Frontier(x) => x.lines(&self.about),
            Answer::Rare(x) => x.lines(&self.about),
            Answer::Sens(x) => x.lines(&self.about),
            Answer::Solve(x) => x.lines(&self.about),
            Answer::Sweep(x) => x.lines(&self.about),
        }
    }

    /// The tidy tables, by file name.
    pub fn tables(&self) -> Vec<(String, Table)> {
        match &self.answer {
            Answer::Compare(x) => x.tables(),
            Answer::Frontier(x) => x.tables(),
            Answer::Rare(x) => x.tables(),
            Answer::Sens(x) => x.tables(),
            Answer::Solve(x) => x.tables(),
            Answer::Sweep(x) => x.tables(),
        }
    }

    /// The charts.
    pub fn charts(&self) -> Vec<Chart> {
        match &self.answer {
            Answer::Compare(x) => x.charts(),
            Answer::Frontier(x) => x.charts(),
            Answer::Rare(x) => x.charts(),
            Answer::Sens(x) => x.charts(),
            Answer::Solve(x) => x.charts(),
            Answer::Sweep(x) => x.charts(),
        }
    }

    /// Whether what was asked for exists: false where no value makes a check true.
    pub fn holds(&self) -> bool {
        match &self.answer {
            Answer::Solve(x) => x.holds(),
            Answer::Frontier(x) => x.holds(),
            _ => true,
        }
    }
}

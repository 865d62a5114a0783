//! Studies: comparisons, sensitivity, solving, sweeps and frontiers, by the library and by the command line.

mod answers;
mod first_passage;
mod folders;
mod rare;

use gapcast::engine::level::Level;
use gapcast::study::files::{Case, Common, File, Files};
use gapcast::study::runner::Runner;
use gapcast::study::{Answer, Ask, Question, Study, StudyError, ask};

/// The shipped scenario of a small lab, whose points take milliseconds.
const SMALL_LAB: &str = include_str!("../../../scenarios/small-lab.yaml");

/// Asks a question of a scenario given as text, without a cache.
fn study(text: &str, common: Common, question: Ask) -> Result<Study, StudyError> {
    let mut files = Files::new(vec![File::Texts(vec![("test.yaml".into(), text.into())])]);
    let runner = Runner { threads: 0, level: Level::best(), cache: None, watch: &() };
    ask(&Question { common, ask: question }, &mut files, &runner)
}

/// The answer to a question that has one.
#[track_caller]
fn answer(text: &str, paths: u64, question: Ask) -> Answer {
    let common = Common { paths: Some(paths), ..Common::default() };
    study(text, common, question).unwrap_or_else(|error| panic!("{error}")).answer
}

fn case(variant: Option<&str>, set: &[&str]) -> Case {
    Case { file: 0, variant: variant.map(str::to_owned), set: set.iter().map(|s| (*s).to_owned()).collect() }
}

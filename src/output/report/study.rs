//! The page of a study: its answer, its charts, and where its numbers are.

use super::model::{Block, Section};
use super::{page, theme};
use crate::output::charts::Drawing;

/// What is shown of a study.
#[derive(Debug)]
pub(crate) struct Page<'a> {
    /// The scenario and the question.
    pub name: String,
    /// Paths, months and seed.
    pub run: String,
    /// Settings of all runs.
    pub changed: Vec<String>,
    /// The answer in one sentence.
    pub title: String,
    /// The answer as it is printed on the screen.
    pub lines: Vec<String>,
    /// The charts.
    pub drawings: &'a [Drawing],
    /// Files with the numbers, and what each holds.
    pub files: Vec<(String, String)>,
}

/// Writes the page.
pub(crate) fn write(of: &Page<'_>) -> String {
    let colours = theme::rules(of.drawings.iter().map(|drawing| drawing.svg.as_str()));
    let mut sections = vec![Section {
        id: "answer",
        short: "Answer",
        title: "The answer",
        lead: String::new(),
        blocks: vec![Block::Code(of.lines.join("\n"))],
    }];
    if !of.drawings.is_empty() {
        sections.push(Section {
            id: "charts",
            short: "Charts",
            title: "Charts",
            lead: String::new(),
            blocks: of.drawings.iter().map(Block::Figure).collect(),
        });
    }
    let facts = of.files.iter().map(|(file, what)| (file.clone(), what.as_str().into())).collect();
    sections.push(Section {
        id: "numbers",
        short: "Numbers",
        title: "Where the numbers are",
        lead: "All runs of a study face the same worlds: the same seed and path give the same draws under any setting, so \
               that differences have far smaller errors than the values themselves. ± is one standard error."
            .into(),
        blocks: vec![Block::Facts(facts)],
    });
    let head = page::Head {
        name: of.name.clone(),
        run: of.run.clone(),
        changed: of.changed.clone(),
        title: of.title.clone(),
        about: String::new(),
    };
    page::write(&head, &colours, &sections)
}

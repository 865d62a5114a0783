//! Warnings about method: scenarios that run, but whose results may be doubtful.
//!
//! Each family is a file, each lint a small function over the parsed scenario. Only `check` reports them, so that a run
//! does not repeat known warnings. A scenario silences one by its code and a reason:
//!
//! ```yaml
//! allow: {lint-point-estimate: "a replica of a published model, which has single numbers"}
//! ```
//!
//! Errors are out of scope; they are reported wherever a scenario is read.

mod debt;
mod decided;
mod dependence;
mod drivers;
mod growth;
mod idle;
mod open_loop;
mod ranges;

pub use growth::spread_of_revenue;

use crate::engine::inputs::InputDraws;
use crate::issues::{Issue, Issues, Place};
use crate::language::assumption::Assumption;
use crate::language::checks::Check;
use crate::language::overlay;
use crate::language::quantity::{Inputs, Quantity};
use crate::language::reader::Reader;
use crate::language::tree::Node;
use crate::scenario::Scenario;

/// What lints examine.
#[derive(Clone, Copy, Debug)]
pub struct Subject<'a> {
    /// The scenario.
    pub scenario: &'a Scenario,
    /// Its inputs, and the sources and notes of its numbers.
    pub reader: &'a Reader,
    /// Lines of `checks:`.
    pub checks: &'a [Check],
    /// Laws of the inputs and their dependence.
    pub draws: &'a InputDraws,
    /// The scenario as it was written, with defaults added.
    pub tree: &'a Node,
    /// Whether this is the file itself rather than a variant: an input that a variant leaves unused is not a defect of
    /// the file.
    pub whole: bool,
}

/// All lints that the scenario does not allow.
pub fn all(subject: &Subject<'_>) -> Issues {
    let mut lens = Lens::new(subject);
    drivers::single_numbers(&mut lens);
    drivers::unsourced(&mut lens);
    dependence::apart(&mut lens);
    debt::one_case(&mut lens);
    debt::unserved(&mut lens);
    growth::spread(&mut lens);
    growth::twice(&mut lens);
    growth::loop_gain(&mut lens);
    open_loop::open(&mut lens);
    ranges::outside(&mut lens);
    decided::decided(&mut lens);
    if subject.whole {
        idle::inputs(&mut lens);
        idle::capital(&mut lens);
        idle::allowances(&mut lens);
    }
    lens.issues
}

/// A subject, and the findings so far.
struct Lens<'a> {
    of: &'a Subject<'a>,
    medians: Vec<f64>,
    issues: Issues,
    /// Codes that were found and are allowed.
    allowed: Vec<&'static str>,
}

impl<'a> Lens<'a> {
    fn new(of: &'a Subject<'a>) -> Lens<'a> {
        Lens { of, medians: of.draws.medians(), issues: Issues::default(), allowed: Vec::new() }
    }

    /// Reports a lint, unless the scenario allows it; help may be added to the returned issue.
    fn lint(
        &mut self,
        code: &'static str,
        place: Place,
        title: impl Into<String>,
        label: impl Into<String>,
    ) -> Option<&mut Issue> {
        if self.of.scenario.allow.codes().any(|allowed| allowed == code) {
            self.allowed.push(code);
            return None;
        }
        Some(self.issues.warn(code, place, title, label))
    }

    /// The value with every input at its median, in canonical units.
    fn middle(&self, quantity: &Quantity) -> f64 {
        quantity.at(&Inputs::new(&self.medians))
    }

    /// Sources and notes of the value at a path: at the path itself, or at the inputs that it uses.
    fn said<'s>(&'s self, path: &'s str) -> impl Iterator<Item = &'a Assumption> + 's {
        let text = overlay::find(self.of.tree, path).map(written).unwrap_or_default();
        self.of
            .reader
            .assumptions
            .iter()
            .filter(move |a| a.path == path || a.path.strip_prefix("inputs.").is_some_and(|name| has_word(text, name)))
    }

    /// Whether there is a source or note at the value, within it, at an input that it uses, or at one of the two maps
    /// around it.
    fn explained(&self, path: &str) -> bool {
        let holder = path.rsplit_once('.').map_or("", |(holder, _)| holder);
        let outer = holder.rsplit_once('.').map_or("", |(outer, _)| outer);
        let near = |a: &Assumption| {
            (a.path == holder && !holder.is_empty())
                || (a.path == outer && !outer.is_empty())
                || a.path.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'))
        };
        self.said(path).next().is_some() || self.of.reader.assumptions.iter().any(near)
    }

    /// Whether there is a source or note at the value, at an input that it uses, or at any enclosing map.
    fn sourced(&self, path: &str) -> bool {
        let inside = |outer: &str| {
            outer.is_empty() || path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.said(path).next().is_some() || self.of.reader.assumptions.iter().any(|a| inside(&a.path))
    }
}

/// The text of a value, bare or with its source beside it.
fn written(node: &Node) -> &str {
    node.text().or_else(|| node.get("value").and_then(Node::text)).unwrap_or("")
}

/// Whether a text contains a word: letters, digits, `_` and `.` belong to words.
fn has_word(text: &str, word: &str) -> bool {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))).any(|part| part == word)
}

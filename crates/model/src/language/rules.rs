//! Rules between keys: constraints between the quantities of one map, which must hold on every path.
//!
//! A rule is written once, as code over the values of a path, beside the fields that it relates. The reader tests it
//! without draws, which decides it if all values that it reads are known; `plan::tried` tests the others on draws of
//! the inputs. Values that violate a rule too rarely to be found on those draws are limited to it where terms are made.

use super::quantity::Inputs;
use crate::issues::{Issues, Place};

/// A rule that is violated.
#[derive(Clone, Debug)]
struct Broken {
    code: &'static str,
    place: Option<Place>,
    title: String,
    label: String,
    /// The number of draws that violate it.
    draws: u64,
}

/// The test of rules: without draws, or on one draw after another.
#[derive(Debug)]
pub struct KeyRules<'a> {
    inputs: Inputs<'a>,
    /// Whether rules between uncertain values are tested, rather than those between known ones.
    drawn: bool,
    broken: Vec<Broken>,
    waits: bool,
}

impl<'a> KeyRules<'a> {
    /// For rules between known values.
    pub fn known() -> KeyRules<'a> {
        KeyRules { inputs: Inputs::new(&[]), drawn: false, broken: Vec::new(), waits: false }
    }
    /// For rules between uncertain values, on a draw of all inputs.
    pub fn drawn(values: &'a [f64]) -> KeyRules<'a> {
        KeyRules { inputs: Inputs::new(values), drawn: true, ..KeyRules::known() }
    }
    /// This draw, with the violations that were found on the previous ones.
    #[must_use]
    pub fn after(mut self, before: KeyRules<'_>) -> KeyRules<'a> {
        self.broken = before.broken;
        self
    }

    /// Tests a rule: `broken` returns a title and a label if the values of a path violate it. The first uncertain value
    /// that it reads is read on every path, so that a rule is uncertain on all paths or on none.
    pub fn rule(
        &mut self,
        code: &'static str,
        place: impl Into<Option<Place>>,
        broken: impl FnOnce(&Inputs<'_>) -> Option<(String, String)>,
    ) {
        self.inputs.reset_read();
        let found = broken(&self.inputs);
        let uncertain = self.inputs.was_read();
        self.waits |= uncertain;
        let Some((title, label)) = found.filter(|_| uncertain == self.drawn) else { return };
        let place = place.into();
        match self.broken.iter_mut().find(|b| b.code == code && b.place == place) {
            Some(known) => known.draws += 1,
            None => self.broken.push(Broken { code, place, title, label, draws: 1 }),
        }
    }

    /// Whether a rule reads an uncertain value.
    pub fn wait(&self) -> bool {
        self.waits
    }

    /// Reports the violated rules; `draws` is the number of draws that were tested, `None` for known values.
    pub fn report(self, draws: Option<u64>, issues: &mut Issues) {
        for rule in self.broken {
            let issue = issues.error(rule.code, rule.place, rule.title, rule.label);
            if let Some(all) = draws {
                let share = 100.0 * rule.draws as f64 / all as f64;
                issue
                    .help(format!(
                        "violated on {} of {all} draws of the uncertain values ({share:.1}%); the message shows the first",
                        rule.draws
                    ))
                    .help("it must hold on every draw: write one value as a multiple of the other, or choose laws that do not overlap");
            }
        }
    }
}

//! From a file, or from text, to a plan: load, lay over, read, compile. Every problem found on the way is reported at once.

use std::path::Path;

use rayon::prelude::*;

use crate::answers::Answers;
use crate::issues::{Issues, Place};
use crate::language::checks::Check;
use crate::language::overlay::{self, Reach};
use crate::language::reader::Reader;
use crate::language::tree::{Node, Sources};
use crate::language::write::to_yaml;
use crate::language::yaml;
use crate::plan::Plan;
use crate::scenario::{self, Scenario};

/// What may be said besides the file.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// Named variant of the file.
    pub variant: Option<String>,
    /// `path=value`, as from the command line.
    pub sets: Vec<String>,
    /// Paths in place of the file's.
    pub paths: Option<u64>,
    /// Seed in place of the file's.
    pub seed: Option<u64>,
    /// Where files that are extended may stand.
    pub reach: Reach,
}

/// A scenario ready to run.
#[derive(Debug)]
pub struct Job {
    /// Texts that were read, for messages.
    pub sources: Sources,
    /// The scenario with every default and override written out.
    pub resolved: Node,
    /// The scenario as it was laid together from files and a variant, before defaults and settings.
    pub laid: Node,
    /// Typed.
    pub scenario: Scenario,
    /// Inputs, assumptions, warnings.
    pub reader: Reader,
    /// Lines of `checks:`.
    pub checks: Vec<Check>,
    /// Numbers only.
    pub plan: Plan,
    /// Names of the file's variants.
    pub variants: Vec<String>,
    /// The variant that was laid over.
    pub variant: Option<String>,
    /// Paths that were set from the command line.
    pub sets: Vec<String>,
}

/// A scenario that cannot be run: what is wrong, and the texts it points into.
#[derive(Debug)]
pub struct Refused {
    /// Problems, errors and warnings.
    pub issues: Issues,
    /// Texts that were read.
    pub sources: Sources,
}

/// A variant and what is wrong with it.
pub type InVariant = (String, Issues);

impl Job {
    /// From a file.
    ///
    /// # Errors
    /// All problems of the scenario at once.
    pub fn load(path: &Path, overrides: &Overrides) -> Result<Job, Box<Refused>> {
        let (mut sources, mut issues) = (Sources::default(), Issues::default());
        let root = overlay::load_file(path, overrides.reach, &mut sources, &mut issues);
        Job::build(root, sources, issues, overrides)
    }

    /// From files that were read before, by name and text, each extending the next.
    ///
    /// # Errors
    /// All problems of the scenario at once.
    pub fn from_texts(texts: &[(String, String)], overrides: &Overrides) -> Result<Job, Box<Refused>> {
        let (mut sources, mut issues) = (Sources::default(), Issues::default());
        let root = overlay::load_texts(texts, &mut sources, &mut issues);
        Job::build(root, sources, issues, overrides)
    }

    /// One of its variants under the same overrides, from what was read; the job is the file itself and no variant.
    ///
    /// # Errors
    /// All problems of the variant at once.
    pub fn in_variant(&self, name: &str, overrides: &Overrides) -> Result<Job, Box<Refused>> {
        let overrides = Overrides { variant: Some(name.to_owned()), ..overrides.clone() };
        Job::laid_over(self.laid.clone(), self.sources.clone(), Issues::default(), &overrides)
    }

    /// From a file, and what is wrong with each of its variants, by name, in their order. With a variant among the
    /// overrides that one is the scenario, and no other is looked at.
    pub fn load_all(path: &Path, overrides: &Overrides) -> (Result<Job, Box<Refused>>, Vec<InVariant>) {
        let (mut sources, mut issues) = (Sources::default(), Issues::default());
        let root = overlay::load_file(path, overrides.reach, &mut sources, &mut issues);
        let sound = root.as_ref().filter(|_| overrides.variant.is_none() && !issues.has_errors());
        let of = |(root, name): (&Node, String)| {
            let overrides = Overrides { variant: Some(name.clone()), ..overrides.clone() };
            // Patches that cannot be applied are reported once, with the file itself.
            let found = match Job::laid_over(root.clone(), sources.clone(), issues.clone(), &overrides) {
                Ok(mut job) => {
                    Answers::check_names(&job.plan, &job.checks, &mut job.reader.issues);
                    job.reader.issues
                }
                Err(refused) => refused.issues,
            };
            (name, found)
        };
        let named = |root| overlay::variants(root).into_iter().map(move |name| (root, name.to_owned()));
        let variants: Vec<(&Node, String)> = sound.into_iter().flat_map(named).collect();
        let variants = variants.into_par_iter().map(of).collect();
        let mut job = Job::build(root, sources, issues, overrides);
        if let Ok(job) = &mut job {
            Answers::check_names(&job.plan, &job.checks, &mut job.reader.issues);
        }
        (job, variants)
    }

    /// From text, as a test or a template has it; `extends` is not followed.
    ///
    /// # Errors
    /// All problems of the scenario at once.
    pub fn parse(name: &str, text: &str, overrides: &Overrides) -> Result<Job, Box<Refused>> {
        let (mut sources, mut issues) = (Sources::default(), Issues::default());
        let file = sources.add(name, text);
        let root = yaml::load(text, file, &mut issues);
        Job::build(root, sources, issues, overrides)
    }

    fn build(
        root: Option<Node>,
        sources: Sources,
        mut issues: Issues,
        overrides: &Overrides,
    ) -> Result<Job, Box<Refused>> {
        // What YAML itself is ambiguous about does not hide the problems of the rest.
        let Some(root) = root else {
            return Err(Box::new(Refused { issues, sources }));
        };
        overlay::check_variants(&root, &mut issues);
        Job::laid_over(root, sources, issues, overrides)
    }

    /// From a tree whose variants were looked at.
    fn laid_over(
        mut root: Node,
        mut sources: Sources,
        mut issues: Issues,
        overrides: &Overrides,
    ) -> Result<Job, Box<Refused>> {
        let variants: Vec<String> = overlay::variants(&root).into_iter().map(str::to_owned).collect();
        if let Some(variant) = &overrides.variant {
            overlay::apply_variant(&mut root, variant, &mut issues);
            overlay::drop_checks(&mut root, variant, &mut issues);
        }
        let laid = root.clone();
        if !overrides.sets.is_empty() {
            // A first reading writes the defaults, so that any of them can be set.
            let mut filled = root.clone();
            let first = scenario::read(&mut filled, Issues::default());
            if first.scenario.is_some() {
                root = filled;
            }
            overlay::apply_sets(&mut root, &overrides.sets, &mut sources, &mut issues);
        }
        let mut put = |key: &str, value: Option<u64>| {
            if let Some(value) = value {
                let place = root.place;
                if root.get("run").is_none() {
                    root.insert("run", Node::empty_map(place));
                }
                if let Some(run) = root.get_mut("run") {
                    run.insert(key, Node::scalar(value.to_string(), Place::default()));
                }
            }
        };
        put("paths", overrides.paths);
        put("seed", overrides.seed);
        let reading = scenario::read(&mut root, issues);
        let mut reader = reading.reader;
        let mut plan = match &reading.scenario {
            Some(scenario) if !reader.issues.has_errors() => Plan::new(scenario, &mut reader, reading.waits),
            _ => None,
        };
        if let Some(plan) = &mut plan {
            plan.metrics.record_asked(&reading.checks, plan.start, plan.months);
        }
        match (reading.scenario, plan) {
            (Some(scenario), Some(plan)) if !reader.issues.has_errors() => Ok(Job {
                sources,
                resolved: root,
                laid,
                scenario,
                checks: reading.checks,
                plan,
                reader,
                variants,
                variant: overrides.variant.clone(),
                sets: overrides.sets.iter().filter_map(|s| Some(s.split_once('=')?.0.trim().to_owned())).collect(),
            }),
            _ => {
                Answers::check_names_alone(&root, &reading.checks, &mut reader.issues);
                Err(Box::new(Refused { issues: reader.issues, sources }))
            }
        }
    }

    /// The scenario as it runs, with every default: running it gives the same bytes. A file that was run without a variant
    /// keeps its variants, since charts show them beside it.
    pub fn resolved_yaml(&self) -> String {
        let mut root = self.resolved.clone();
        root.remove("extends");
        if self.variant.is_some() {
            // The patch is in it already.
            root.remove("variants");
        } else {
            overlay::settle_variants(&mut root, &self.sets);
        }
        to_yaml(&root)
    }
}

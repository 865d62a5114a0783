//! From a file or text to a plan: load, overlay, read, compile. All problems found on the way are reported at once.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use rayon::prelude::*;

use crate::engine::level::Level;
use crate::engine::record::Chunk;
use crate::engine::run::{Observer, RunSettings};
use crate::issues::{Issues, Place, Severity};
use crate::language::checks::{Check, read_question};
use crate::language::overlay::{self, Reach};
use crate::language::reader::Reader;
use crate::language::target::{Target, read_target};
use crate::language::tree::{Node, QUESTION, Sources, UNTIL};
use crate::language::write::to_yaml;
use crate::language::yaml;
use crate::lint;
use crate::outcome::Outcome;
use crate::plan::metrics::record_asked;
use crate::plan::{self, Plan, checked};
use crate::scenario::{self, Scenario, renamed};
use crate::stats::rank;
use crate::stopping;

/// Settings in addition to the file, as on the command line.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Name of a variant of the file.
    pub variant: Option<String>,
    /// Values to override, as `path=value`, as on the command line.
    pub sets: Vec<String>,
    /// Number of paths, overriding the file.
    pub paths: Option<u64>,
    /// Seed, overriding the file.
    pub seed: Option<u64>,
    /// Questions, which need not have a bound: `p(cash_out) < 10%`, `p50(stake.founders)`, or an event or a metric
    /// alone, `cash_out`. What they refer to is recorded on every path.
    pub asks: Vec<String>,
    /// Target of precision at which the run stops, such as `se(p(cash_out)) < 0.2%`. The number of paths is then the
    /// largest allowed: that of these settings, or 1,048,576.
    pub until: Option<String>,
    /// Which files `extends` may read.
    pub reach: Reach,
}

/// A scenario that can be run.
#[derive(Debug)]
pub struct Model {
    /// Texts of the files read, for messages.
    #[cfg_attr(doc, doc(hidden))]
    pub sources: Sources,
    /// The scenario with every default and override written out.
    #[cfg_attr(doc, doc(hidden))]
    pub resolved: Node,
    /// The scenario as merged from its files, before the variant, defaults and settings.
    base: Node,
    /// The same with the variant applied.
    #[cfg_attr(doc, doc(hidden))]
    pub laid: Node,
    /// The typed scenario.
    pub scenario: Scenario,
    /// Inputs, assumptions, warnings.
    #[cfg_attr(doc, doc(hidden))]
    pub reader: Reader,
    /// Lines of `checks:`.
    #[cfg_attr(doc, doc(hidden))]
    pub checks: Vec<Check>,
    /// The questions of [`Settings::asks`].
    #[cfg_attr(doc, doc(hidden))]
    pub asked: Vec<Check>,
    /// The target of precision at which a run stops.
    #[cfg_attr(doc, doc(hidden))]
    pub target: Option<Target>,
    /// The compiled scenario.
    #[cfg_attr(doc, doc(hidden))]
    pub plan: Arc<Plan>,
    /// Names of the file's variants.
    pub variants: Vec<String>,
    /// The variant that was applied.
    pub variant: Option<String>,
    /// The settings it was loaded with.
    pub settings: Settings,
    /// Path of the file as given; `-` is standard input.
    pub file: PathBuf,
}

/// A scenario that cannot be run: all its problems, and the texts that they refer to.
pub struct Invalid {
    /// Problems, errors and warnings.
    pub issues: Issues,
    /// Texts that were read.
    pub sources: Sources,
}

impl std::fmt::Display for Invalid {
    /// One line per error, with its place.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let errors = self.issues.iter().filter(|issue| issue.severity == Severity::Error);
        for (k, issue) in errors.enumerate() {
            let end = if k == 0 { "" } else { "\n" };
            if let Some(place) = issue.place
                && let Some(name) = self.sources.name(place.file)
            {
                let (line, column) = self.sources.position(place.file, place.start as usize);
                write!(f, "{end}{name}:{line}:{column}: {}: {}", issue.code, issue.title)?;
            } else {
                write!(f, "{end}{}: {}", issue.code, issue.title)?;
            }
        }
        Ok(())
    }
}
/// As shown: `main` of a program that returns it prints it in this way.
impl std::fmt::Debug for Invalid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}
impl std::error::Error for Invalid {}

/// Keeps what [`Outcome`] reports path by path, and the inputs of the first paths for the tables of a run folder.
struct Keeper<'a> {
    kept: Mutex<Chunk>,
    /// Number of paths, from the first, whose inputs are kept.
    inputs: u64,
    stop: &'a (dyn Fn() -> bool + Sync),
}

impl Observer for Keeper<'_> {
    fn paths(&self, first: u64, chunk: &Chunk, _rendered: &[u8]) {
        let mut kept = self.kept.lock().expect("no thread panics while keeping");
        kept.ends.extend(&chunk.ends);
        kept.causes.extend(&chunk.causes);
        if first < self.inputs {
            kept.inputs.extend(&chunk.inputs);
        }
    }
    fn stop(&self) -> bool {
        (self.stop)()
    }
}

/// Runs a plan and keeps the metrics at the horizon of every path and the inputs of the first `inputs` paths; `None` if
/// `stop` asked to stop.
pub(crate) fn run_kept(
    plan: &Arc<Plan>,
    target: Option<&Target>,
    how: &RunSettings,
    inputs: u64,
    stop: &(dyn Fn() -> bool + Sync),
) -> Option<Outcome> {
    let keeper = Keeper { kept: Mutex::new(Chunk::default()), inputs, stop };
    let outcome = stopping::simulate(plan, target, how, &keeper, &|_| ())?;
    let kept = keeper.kept.into_inner().ok()?;
    Some(outcome.with_paths(kept))
}

/// Reads questions of the command line.
fn questions(asks: &[String], sources: &mut Sources, reader: &mut Reader) -> Vec<Check> {
    let read = |ask: &String| {
        // An event or a metric alone.
        let alone = !ask.contains('(');
        let text = match ask.trim() {
            event if alone && checked::EVENTS.contains(&event) => format!("p({event})"),
            metric if alone => format!("mean({metric})"),
            text => text.to_owned(),
        };
        let file = sources.add(QUESTION, text.as_str());
        let place = Place::new(file, 0, text.len());
        read_question(&Node::scalar(text, place), reader)
    };
    asks.iter().filter_map(read).collect()
}

/// A variant and its problems.
pub type InVariant = (String, Issues);

impl Model {
    /// Loads a scenario from a file.
    ///
    /// # Errors
    /// All problems of the scenario at once.
    pub fn load(path: impl AsRef<Path>, settings: &Settings) -> Result<Model, Box<Invalid>> {
        let path = path.as_ref();
        let (mut sources, mut issues) = (Sources::default(), Issues::default());
        let root = overlay::load_file(path, settings.reach, renamed::keys, &mut sources, &mut issues);
        Model::build(path, root, sources, issues, settings)
    }

    /// Loads a scenario from files that have already been read, given by name and text, each extending the next.
    ///
    /// # Errors
    /// All problems of the scenario at once.
    pub fn from_texts(texts: &[(String, String)], settings: &Settings) -> Result<Model, Box<Invalid>> {
        let (mut sources, mut issues) = (Sources::default(), Issues::default());
        let root = overlay::load_texts(texts, renamed::keys, &mut sources, &mut issues);
        let file = Path::new(texts.first().map_or("", |(name, _)| name));
        Model::build(file, root, sources, issues, settings)
    }

    /// The same scenario with other settings, which replace the previous ones; no file is read again.
    ///
    /// # Errors
    /// All problems of the scenario under these settings at once.
    pub fn with(&self, settings: &Settings) -> Result<Model, Box<Invalid>> {
        Model::laid_over(&self.file, self.base.clone(), self.sources.clone(), Issues::default(), settings)
    }

    /// Warnings about method: [`lint`].
    pub fn lints(&self) -> Issues {
        lint::all(&lint::Subject {
            scenario: &self.scenario,
            reader: &self.reader,
            checks: &self.checks,
            draws: &self.plan.draws,
            tree: &self.resolved,
            whole: self.variant.is_none(),
        })
    }

    /// Runs all paths, or as many as the target of the settings needs, on `threads` threads, 0 for all cores; the result
    /// is the same for any number. Metrics at the horizon and first causes of ruin are kept for every path, 8 bytes per
    /// metric.
    pub fn run(&self, threads: usize) -> Outcome {
        let how = RunSettings { paths: self.scenario.run.paths, threads, level: Level::best() };
        let inputs = self.scenario.run.outcomes.max(rank::MOST as u64);
        run_kept(&self.plan, self.target.as_ref(), &how, inputs, &|| false).expect("nobody stops the run")
    }

    /// Loads a scenario from a file; also returns the problems of each of its variants, by name, in the order of the
    /// file. If the settings name a variant, that variant is the scenario and no other is checked.
    pub fn load_all(path: &Path, settings: &Settings) -> (Result<Model, Box<Invalid>>, Vec<InVariant>) {
        let (mut sources, mut issues) = (Sources::default(), Issues::default());
        let mut root = overlay::load_file(path, settings.reach, renamed::keys, &mut sources, &mut issues);
        if let Some(root) = &mut root {
            renamed::paths(root, &mut issues);
        }
        let sound = root.as_ref().filter(|_| settings.variant.is_none() && !issues.has_errors());
        let of = |(root, name): (&Node, String)| {
            let settings = Settings { variant: Some(name.clone()), ..settings.clone() };
            // Patches that cannot be applied are reported once, with the file itself.
            let found = match Model::laid_over(path, root.clone(), sources.clone(), issues.clone(), &settings) {
                Ok(model) => model.reader.issues,
                Err(refused) => refused.issues,
            };
            (name, found)
        };
        let named = |root| overlay::variants(root).into_iter().map(move |name| (root, name.to_owned()));
        let variants: Vec<(&Node, String)> = sound.into_iter().flat_map(named).collect();
        let variants = variants.into_par_iter().map(of).collect();
        (Model::build(path, root, sources, issues, settings), variants)
    }

    /// Loads a scenario from text, such as a test or a template; `extends` is not followed.
    ///
    /// # Errors
    /// All problems of the scenario at once.
    pub fn parse(name: &str, text: &str, settings: &Settings) -> Result<Model, Box<Invalid>> {
        let (mut sources, mut issues) = (Sources::default(), Issues::default());
        let file = sources.add(name, text);
        let mut root = yaml::load(text, file, &mut issues);
        if let Some(root) = &mut root {
            renamed::keys(root, &mut issues);
        }
        Model::build(Path::new(name), root, sources, issues, settings)
    }

    fn build(
        file: &Path,
        root: Option<Node>,
        sources: Sources,
        mut issues: Issues,
        settings: &Settings,
    ) -> Result<Model, Box<Invalid>> {
        // Ambiguous YAML does not hide the problems of the rest.
        let Some(mut root) = root else {
            return Err(Box::new(Invalid { issues, sources }));
        };
        renamed::paths(&mut root, &mut issues);
        overlay::check_variants(&root, &mut issues);
        Model::laid_over(file, root, sources, issues, settings)
    }

    /// Builds the model from a tree whose variants have been checked.
    fn laid_over(
        file: &Path,
        mut root: Node,
        mut sources: Sources,
        mut issues: Issues,
        settings: &Settings,
    ) -> Result<Model, Box<Invalid>> {
        let base = root.clone();
        let variants: Vec<String> = overlay::variants(&root).into_iter().map(str::to_owned).collect();
        if let Some(variant) = &settings.variant {
            overlay::apply_variant(&mut root, variant, &mut issues);
            overlay::drop_checks(&mut root, variant, &mut issues);
        }
        let laid = root.clone();
        if !settings.sets.is_empty() {
            // A first pass fills in the defaults, so that any of them can be set.
            let mut filled = root.clone();
            let first = scenario::read(&mut filled, Issues::default());
            if first.scenario.is_some() {
                root = filled;
            }
            overlay::apply_sets(&mut root, &settings.sets, renamed::setting, &mut sources, &mut issues);
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
        put("paths", settings.paths.or(settings.until.as_ref().map(|_| stopping::MOST_PATHS)));
        put("seed", settings.seed);
        let reading = scenario::read(&mut root, issues);
        let mut reader = reading.reader;
        let mut plan = match &reading.scenario {
            Some(scenario) if !reader.issues.has_errors() => plan::compile(scenario, &mut reader, reading.waits),
            _ => None,
        };
        let target = settings.until.as_ref().and_then(|rule| {
            let place = Place::new(sources.add(UNTIL, rule.as_str()), 0, rule.len());
            read_target(&Node::scalar(rule, place), &mut reader)
        });
        let asked = questions(&settings.asks, &mut sources, &mut reader);
        let own: Vec<Check> = reading.checks.iter().chain(&asked).cloned().collect();
        let all: Vec<Check> = own.iter().chain(target.iter().map(|Target(check)| check)).cloned().collect();
        let entries = &reading.headline;
        if let Some(plan) = &mut plan {
            record_asked(&mut plan.metrics, &all, entries, plan.start, plan.months);
        }
        // Names are checked against the list of metrics if there is one, otherwise against the metrics that any
        // scenario with these instruments has.
        match &plan {
            Some(plan) if !reader.issues.has_errors() => {
                checked::names(plan, &own, &mut reader.issues);
                checked::headline(plan, entries, &mut reader.issues);
                if let Some(target) = &target {
                    checked::target(plan, target, &mut reader.issues);
                }
            }
            _ => checked::names_alone(&root, &all, entries, &mut reader.issues),
        }
        match (reading.scenario, plan) {
            (Some(scenario), Some(plan)) if !reader.issues.has_errors() => Ok(Model {
                sources,
                resolved: root,
                base,
                laid,
                scenario,
                checks: reading.checks,
                asked,
                target,
                plan: Arc::new(plan),
                reader,
                variants,
                variant: settings.variant.clone(),
                settings: settings.clone(),
                file: file.to_owned(),
            }),
            _ => Err(Box::new(Invalid { issues: reader.issues, sources })),
        }
    }

    /// The scenario as it runs, without its variants and checks.
    pub(crate) fn runs_alone(&self) -> Node {
        let mut root = self.resolved.clone();
        for key in ["extends", "variants", "checks"] {
            root.remove(key);
        }
        root
    }

    /// The scenario as it runs, without what changes no path: name, text, variants and checks.
    pub(crate) fn of_paths(&self) -> Node {
        let mut root = self.runs_alone();
        for key in ["name", "about", "headline"] {
            root.remove(key);
        }
        root
    }

    /// The settings of a scenario that was made by [`Model::of_tree`]: nothing but its questions.
    pub(crate) fn settings_of_tree(&self) -> Settings {
        Settings { asks: self.settings.asks.clone(), reach: self.settings.reach, ..Settings::default() }
    }

    /// Another scenario with the same questions, from its tree.
    ///
    /// # Errors
    /// All its problems at once.
    pub(crate) fn of_tree(&self, root: Node) -> Result<Model, Box<Invalid>> {
        let settings = Settings { asks: self.settings.asks.clone(), reach: self.settings.reach, ..Settings::default() };
        Model::laid_over(&self.file, root, self.sources.clone(), Issues::default(), &settings)
    }

    /// The scenario as it runs, with every default: running it gives the same bytes. A file that was run without a
    /// variant keeps its variants, since charts show them alongside it.
    pub fn resolved_yaml(&self) -> String {
        self.resolved_of(self.scenario.run.paths)
    }

    /// The same for a run that stopped at `paths` paths.
    pub(crate) fn resolved_of(&self, paths: u64) -> String {
        let mut root = self.resolved.clone();
        if let Some(run) = root.get_mut("run").filter(|_| self.target.is_some()) {
            run.insert("paths", Node::scalar(paths.to_string(), Place::default()));
        }
        root.remove("extends");
        if self.variant.is_some() {
            // The patch has already been applied.
            root.remove("variants");
        } else {
            let path = |set: &String| Some(renamed::path(&root, set.split_once('=')?.0.trim()));
            let set: Vec<String> = self.settings.sets.iter().filter_map(path).collect();
            overlay::settle_variants(&mut root, &set);
        }
        to_yaml(&root)
    }
}

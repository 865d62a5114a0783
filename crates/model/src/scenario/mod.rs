//! The whole scenario, assembled from the sections defined by instruments, drivers and components, and read in one
//! pass.

pub mod allow;
pub mod dependence;
mod markets;
pub mod renamed;

use crate::drivers::WorldSpec;
use crate::instruments::InstrumentSpec;
use crate::issues::Issues;
use crate::lab::{LabSpec, capability, credit_supply, equity_supply};
use crate::language::checks::{Check, read_checks};
use crate::language::prelude::{Name, Text, Words};
use crate::language::quantity::Kind;
use crate::language::reader::{self, Read, Reader};
use crate::language::rules::KeyRules;
use crate::language::spec::Shape;
use crate::language::tree::{Node, Value};
use crate::spec;
use crate::units::Month;
use allow::Allow;
use dependence::DependenceSpec;

spec! {
    /// Simulated period.
    pub struct TimeSpec {
        /// First simulated month.
        pub start: Month,
        /// Number of months.
        pub months: u32 [Number 1.0..600.0],
    }
    /// Run settings.
    pub struct RunSpec {
        /// Number of paths.
        pub paths: u64 [Number 1.0..1e8] = "20000",
        /// Number of paths, from the first, with a row in `outcomes.csv`.
        pub outcomes: u64 [Number 0.0..1e8] = "20000",
        /// Random seed; always fixed by the file.
        pub seed: u64 = "1",
        /// Metrics recorded: `default`, `all`, or a list of monthly metrics, returns such as `spv.irr`, `sources_uses`
        /// for cash by year, and `events`; the list may include the words `default` and `all`. Metrics used by `checks`
        /// are always recorded.
        pub metrics: Words = "default",
    }
}

spec! {
    /// A scenario file.
    pub struct Scenario {
        /// Version of the language.
        pub schema: u32 [Number 1.0..1.0],
        /// Short name, used for the output folder.
        pub name: Name,
        /// What the scenario is about.
        pub about: Option<Text>,
        /// Metrics, by their names as in `checks`, and events (`cash_out`, `default`) that the summary on screen, the
        /// report and its first chart open with, in this order; 12 at most. If absent, they open with the probability
        /// that cash runs out.
        pub headline: Option<Words>,
        /// Simulated period.
        pub time: TimeSpec,
        /// Run settings.
        pub run: RunSpec = "{}",
        /// Named uncertain inputs; read first.
        pub inputs: Option<InputsSection>,
        /// Dependence between inputs and between monthly shocks.
        pub dependence: DependenceSpec = "{}",
        /// The world.
        pub world: WorldSpec = "{}",
        /// The lab.
        pub lab: LabSpec,
        /// Financing instruments, in order.
        pub instruments: Instruments = "[]",
        /// Conditions that must hold; if one fails, exit code 3.
        pub checks: Option<ChecksSection>,
        /// Lints of `check` waived for this scenario, each with a reason.
        pub allow: Allow = "{}",
        /// Named variants: changes applied to the scenario.
        pub variants: Option<VariantsSection>,
    }
}

impl Scenario {
    /// The entries of `headline:`, none if it is absent.
    pub fn headline(&self) -> &[Text] {
        self.headline.as_ref().map_or(&[], |words| &words.0)
    }

    /// Reports contracts and own hardware whose name is reserved or already in use.
    fn check_names(&self, issues: &mut Issues) {
        let compute = &self.lab.compute;
        let owned = compute.owned.0.iter().map(|(name, _)| name);
        let mut seen: Vec<&str> =
            self.instruments.0.iter().map(|instrument| instrument.name().unwrap_or(instrument.kind())).collect();
        for name in owned.chain(compute.contracts.0.iter().map(|(name, _)| name)) {
            if seen.contains(&name.as_str()) {
                let title = format!("duplicate name `{name}` among instruments, contracts and own hardware");
                issues.error("duplicate-name", name.place(), title, "names must be unique");
            }
            if KEPT_NAMES.contains(&name.as_str()) {
                let title = format!("a contract or hardware cannot be named `{name}`");
                issues.error("name", name.place(), title, "the tables reserve this word");
            }
            seen.push(name.as_str());
        }
    }

    /// Adds the rules between quantities that must hold on every path.
    pub fn key_rules(&self, rules: &mut KeyRules<'_>) {
        if let Some(price) = &self.world.equity_multiple {
            rules.rule("range", price.cap.place(), |at| {
                let (now, cap) = (price.now.at(at), price.cap.at(at));
                let title = || format!("the maximum multiple, {cap}x, is below the current one, {now}x");
                (cap < now).then(|| (title(), "`cap` must be at least `now`".to_owned()))
            });
        }
        self.lab.key_rules(rules);
        for instrument in &self.instruments.0 {
            instrument.key_rules(rules);
        }
    }
}

macro_rules! sections {
    ($($(#[$d:meta])* $Name:ident = $shape:expr;)*) => { $(
        $(#[$d])*
        #[derive(Clone, Debug)]
        pub struct $Name(pub Node);

        impl Read for $Name {
            const SHAPE: Shape = $shape;
            fn read(node: &mut Node, _: Option<Kind>, _: &mut Reader) -> Option<Self> {
                Some($Name(node.clone()))
            }
        }
        impl std::ops::Deref for $Name {
            type Target = Node;
            fn deref(&self) -> &Node { &self.0 }
        }
    )* };
}
sections! {
    /// The section `inputs:`, which is read before everything that uses it.
    InputsSection = Shape::Inputs;
    /// The section `checks:`, which is read after everything else.
    ChecksSection = Shape::Checks;
    /// The section `variants:`, which is applied to the tree before it is read.
    VariantsSection = Shape::Variants(&<Instruments as Read>::SHAPE);
}

/// Reserved names: in tables and checks they refer to something other than an instrument.
const KEPT_NAMES: [&str; 7] = ["lab", "world", "stake", "dilution", "hhi", "estate", "inputs"];

/// The instruments in the order of the file: a list of one-key maps, `- revolver: {…}`.
#[derive(Clone, Debug)]
pub struct Instruments(pub Vec<InstrumentSpec>);

impl Read for Instruments {
    const SHAPE: Shape = Shape::List(&Shape::OneOf(InstrumentSpec::ENTRIES));
    fn read(node: &mut Node, _: Option<Kind>, r: &mut Reader) -> Option<Self> {
        let Value::List(items) = &mut node.value else {
            let place = r.place_of(node);
            r.error(
                "shape",
                place,
                format!("expected a list of instruments, found {}", node.shape()),
                "write `- revolver: {…}`",
            );
            return None;
        };
        let mut out = Vec::new();
        let mut names: Vec<String> = Vec::new();
        for item in items {
            let place = item.place;
            let Value::Map(entries) = &mut item.value else {
                r.error("shape", place, "an instrument is a map with one key, its kind", "write `- revolver: {…}`");
                continue;
            };
            if let Some((second, _)) = reader::second(entries) {
                let title = format!("a list item has no dash: `{}`", second.text);
                r.issues
                    .error("shape", second.place, title, format!("write `- {}:`", second.text))
                    .help("each item of this list begins with `- `");
                continue;
            }
            if entries.len() != 1 {
                r.error(
                    "shape",
                    place,
                    "an instrument is a map with one key, its kind",
                    "indent the terms below the kind",
                );
                continue;
            }
            let (key, terms) = &mut entries[0];
            let kinds: Vec<&str> = InstrumentSpec::instruments().collect();
            if !kinds.contains(&key.text.as_str()) {
                let label = crate::issues::nearest(&key.text, kinds.iter().copied())
                    .map_or("not an instrument of this version".to_owned(), |n| format!("did you mean `{n}`?"));
                r.issues
                    .error("unknown-kind", key.place, format!("unknown instrument `{}`", key.text), label)
                    .help(format!("one of: {}", kinds.join(", ")));
                continue;
            }
            let name = terms.get("name").and_then(Node::text).unwrap_or(&key.text).to_owned();
            let named = terms.get("name").map_or(key.place, |node| node.place);
            if names.contains(&name) {
                r.error("duplicate-name", named, format!("duplicate instrument name `{name}`"), "names must be unique");
            }
            if KEPT_NAMES.contains(&name.as_str()) {
                let label = "the tables reserve this word";
                r.error("name", named, format!("an instrument cannot be named `{name}`"), label);
            }
            let (kind, at) = (key.text.clone(), key.place);
            let spec = r.within(&name, Some(at), |r| InstrumentSpec::read(&kind, terms, r));
            names.push(name);
            out.extend(spec);
        }
        Some(Instruments(out))
    }
}

/// Result of reading a scenario.
#[derive(Debug)]
pub struct Reading {
    /// The scenario; `None` if it cannot be used at all.
    pub scenario: Option<Scenario>,
    /// Uncertain inputs, assumptions and issues.
    pub reader: Reader,
    /// Lines of `checks:`.
    pub checks: Vec<Check>,
    /// Entries of `headline:`.
    pub headline: Vec<Text>,
    /// Whether some rules between keys can only be tested on draws of the inputs.
    pub waits: bool,
}

/// Reads a scenario from its tree and adds every default to the tree. `issues` are those found so far.
pub fn read(root: &mut Node, issues: Issues) -> Reading {
    // The start is needed before anything else, since dates become months of the simulation.
    let mut reader = Reader::new(Month::new(2000, 1), 1);
    reader.issues = issues;
    let time = root.get("time").cloned();
    if let Some(mut time) = time {
        let mut probe = Reader::new(Month::new(2000, 1), 1);
        if let Some(time) = TimeSpec::read(&mut time, None, &mut probe) {
            let issues = std::mem::take(&mut reader.issues);
            reader = Reader::new(time.start, time.months);
            reader.issues = issues;
        }
    }
    if let Some(inputs) = root.get_mut("inputs") {
        reader.read_inputs(inputs);
    }
    let scenario = Scenario::read(root, None, &mut reader);
    // Even if the rest cannot be read: all issues are reported at once.
    let checks = root.get("checks").map(|node| read_checks(node, &mut reader)).unwrap_or_default();
    // Its shape was checked with the scenario.
    let entries = |node: &Node| Words::read(&mut node.clone(), None, &mut Reader::new(reader.start, reader.months));
    let headline = root.get("headline").and_then(entries).map(|words| words.0).unwrap_or_default();
    if let Some(s) = &scenario {
        for instrument in &s.instruments.0 {
            instrument.check(&mut reader.issues);
        }
        s.lab.check(&mut reader.issues);
        capability::check(&s.world, &s.lab, &mut reader.issues);
        equity_supply::check(&s.world, &s.instruments.0, &mut reader.issues);
        credit_supply::check(&s.world, &mut reader.issues);
        s.check_power(&mut reader.issues);
        s.check_markets(&mut reader.issues);
        s.check_names(&mut reader.issues);
    }
    let mut rules = KeyRules::known();
    if let Some(s) = &scenario {
        s.key_rules(&mut rules);
    }
    let waits = rules.wait();
    rules.report(None, &mut reader.issues);
    Reading { scenario, reader, checks, headline, waits }
}

//! The schema of `run.json` and `summary.json`, written and read back. Fields that a file lacks take their defaults,
//! except those without which it is not a record of a run.

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// A number of a record; undefined is null in JSON and NaN here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figure(pub f64);

impl Default for Figure {
    fn default() -> Figure {
        Figure(f64::NAN)
    }
}
impl Serialize for Figure {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.0.is_finite().then_some(self.0).serialize(to)
    }
}
impl<'de> Deserialize<'de> for Figure {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Figure, D::Error> {
        Ok(Figure(Option::deserialize(from)?.unwrap_or(f64::NAN)))
    }
}

/// A JSON map whose order is significant.
#[derive(Clone, Debug, PartialEq)]
pub struct Named<T>(pub Vec<(String, T)>);

impl<T> Default for Named<T> {
    fn default() -> Named<T> {
        Named(Vec::new())
    }
}
impl<T> Named<T> {
    /// The entry with this name.
    pub fn get(&self, name: &str) -> Option<&T> {
        self.0.iter().find(|entry| entry.0 == name).map(|entry| &entry.1)
    }
}
impl<T: Serialize> Serialize for Named<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}
impl<'de, T: Deserialize<'de>> Deserialize<'de> for Named<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Named<T>, D::Error> {
        struct Entries<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
            type Value = Named<T>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a map")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Named<T>, A::Error> {
                let mut all = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    all.push(entry);
                }
                Ok(Named(all))
            }
        }
        from.deserialize_map(Entries(std::marker::PhantomData))
    }
}

/// What the command line set in place of the file's values; what it did not set is omitted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// Seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Paths.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paths: Option<u64>,
    /// Target of precision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// `run.json`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Record {
    /// Schema version, [`SCHEMA`](super::SCHEMA).
    #[serde(default)]
    pub schema: u64,
    /// `gapcast`.
    #[serde(default)]
    pub program: String,
    /// Version of the program.
    pub version: String,
    /// Commit that it was built from, where known.
    #[serde(default)]
    pub commit: Option<String>,
    /// Name of the scenario.
    pub scenario: String,
    /// Variant.
    #[serde(default)]
    pub variant: Option<String>,
    /// Scenario file as given.
    #[serde(default)]
    pub file: String,
    /// The same file, relative to the run folder.
    #[serde(default)]
    pub file_from_folder: String,
    /// Settings `path=value` of the command line.
    #[serde(default)]
    pub set: Vec<String>,
    /// Other values set by the command line.
    #[serde(default)]
    pub given: Given,
    /// For a study, what was asked, and how many of the files that were read belong to each scenario file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub study: Option<StudyRecord>,
    /// Where the folder's name comes from: `scenario`, `settings` or `name`.
    #[serde(default)]
    pub named_by: String,
    /// Seed.
    pub seed: u64,
    /// Paths.
    pub paths: u64,
    /// Target of precision, if one was set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<TargetLine>,
    /// Whether charts and a report were drawn.
    #[serde(default)]
    pub charts: bool,
    /// Months.
    pub months: u64,
    /// First month, `2026-06`.
    pub start: String,
    /// How paths are drawn.
    #[serde(default)]
    pub sampler: String,
    /// Threads.
    #[serde(default)]
    pub threads: usize,
    /// Instruction-set level.
    #[serde(default)]
    pub level: String,
    /// Seconds from the start of the program.
    #[serde(default)]
    pub seconds: Seconds,
    /// Warnings in words.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// Lines of `checks:`.
    #[serde(default)]
    pub checks: Vec<CheckLine>,
    /// SHA-256 of each file that was read, each extending the next.
    #[serde(default)]
    pub inputs_sha256: Named<String>,
    /// SHA-256 of each file of the folder except this one.
    #[serde(default)]
    pub files_sha256: Named<String>,
    /// Their sizes.
    #[serde(default)]
    pub files_bytes: Named<u64>,
}

/// What a study was asked, so that it can be asked again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct StudyRecord {
    /// The question, of which the commands know the form.
    pub question: Value,
    /// Number of files of each scenario file's chain.
    pub chains: Vec<usize>,
}

/// Seconds from the start of the program.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Seconds {
    /// Until the scenario had been read.
    pub ready: f64,
    /// Until all paths had been run.
    pub simulated: f64,
    /// Until all files had been written.
    pub total: f64,
}

/// `summary.json`, which is also what `run --json` prints of a run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// Schema version, [`SCHEMA`](super::SCHEMA).
    pub schema: u64,
    /// Name of the scenario.
    pub scenario: String,
    /// Variant.
    pub variant: Option<String>,
    /// Settings `path=value` of the command line.
    pub set: Vec<String>,
    /// Other values set by the command line.
    pub given: Given,
    /// Version of the program.
    pub version: String,
    /// Seed.
    pub seed: u64,
    /// Paths.
    pub paths: u64,
    /// Target of precision, if one was set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<TargetLine>,
    /// First month, `2026-06`.
    pub start: String,
    /// Months.
    pub months: u64,
    /// Last month.
    pub horizon: String,
    /// The metrics and events that the summary opens with, where the scenario names them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headline: Vec<String>,
    /// Probability of running out of cash by the horizon.
    pub p_cash_out: Chance,
    /// First causes of ruin, the most frequent first.
    pub first_causes: Vec<Cause>,
    /// What typically happens before cash runs out; empty where no charts are drawn.
    pub why_ruined: WhyRuined,
    /// The ends of the calendar years and of the run.
    pub years: Vec<YearEnd>,
    /// Metrics at the horizon.
    pub metrics: Named<EndMetric>,
    /// Structural benchmark of the default probability.
    pub structural_benchmark: Value,
    /// Lines of `checks:`.
    pub checks: Vec<CheckLine>,
    /// Variants run alongside the run.
    pub variants_beside: VariantsBeside,
}

/// A probability.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Chance {
    /// Estimate.
    pub value: Figure,
    /// Its standard error.
    pub se: Figure,
    /// 95% Wilson interval.
    pub wilson_95: [Figure; 2],
}

/// A first cause of ruin; `none` means no adverse event in the preceding twelve months.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Cause {
    /// Its name.
    pub cause: String,
    /// Number of paths.
    pub paths: u64,
    /// Share of the ruined paths; all shares add up to 1.
    pub share: Figure,
}

/// What typically precedes ruin.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct WhyRuined {
    /// Number of ruined paths that were compared with a survivor each.
    pub pairs: u64,
    /// Events that are more frequent before ruin than among the survivors, the earliest first.
    pub chain: Vec<RuinStep>,
}

/// An event that precedes ruin.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RuinStep {
    /// `lab`, `world`, or the instrument.
    pub entity: String,
    /// The event.
    pub event: String,
    /// Share of the ruined paths on which it happened in the twelve months up to the ruin.
    pub ruined: Figure,
    /// Share of their survivors on which it happened in the same months.
    pub survivors: Figure,
    /// Median number of months before the ruin.
    pub months_before: Figure,
}

/// The end of a year.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct YearEnd {
    /// The year.
    pub year: i32,
    /// Median cash, where it is recorded by month.
    pub cash_p50: Figure,
    /// Share of paths that have not run out of cash.
    pub with_cash: Figure,
}

/// A metric at the horizon, in its unit.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct EndMetric {
    /// Unit, as in the tables.
    pub unit: String,
    /// Number of paths on which it is defined.
    pub n_defined: u64,
    /// Mean.
    pub mean: Figure,
    /// Its standard error.
    pub se: Figure,
    /// Standard deviation.
    pub sd: Figure,
    /// 5% quantile.
    pub p05: Figure,
    /// 10% quantile.
    pub p10: Figure,
    /// 25% quantile.
    pub p25: Figure,
    /// Median.
    pub p50: Figure,
    /// 75% quantile.
    pub p75: Figure,
    /// 90% quantile.
    pub p90: Figure,
    /// 95% quantile.
    pub p95: Figure,
}

/// A line of `checks:` with the measured value, in the bound's canonical unit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct CheckLine {
    /// As written.
    pub check: String,
    /// Whether it holds.
    pub holds: bool,
    /// Measured value.
    pub measured: Figure,
    /// Its standard error.
    pub se: Figure,
    /// Share of the paths on which it is defined.
    pub defined: Figure,
    /// The measured value, formatted.
    pub shown: String,
}

/// The target of precision of a run, and the standard error when it stopped.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TargetLine {
    /// As written.
    pub rule: String,
    /// Whether it is met; if not, the run stopped at the largest number of paths.
    pub met: bool,
    /// The standard error in the bound's canonical unit; as a share of the estimate if the bound is.
    pub se: Figure,
    /// The same, formatted.
    pub shown: String,
}

/// Variants run alongside a run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VariantsBeside {
    /// Those that were run, in scenario order.
    pub run: Vec<String>,
    /// Those that were not.
    pub not_run: Vec<String>,
    /// Number of paths of each.
    pub paths: usize,
}

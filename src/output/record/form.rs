//! The form of `run.json` and `summary.json`, written and read back. Fields that a file lacks have their defaults, but for those
//! without which it is no record of a run.

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// A number of a record: null in JSON and NaN here where it is undefined.
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

/// A map of JSON whose order says something.
#[derive(Clone, Debug, PartialEq)]
pub struct Named<T>(pub Vec<(String, T)>);

impl<T> Default for Named<T> {
    fn default() -> Named<T> {
        Named(Vec::new())
    }
}
impl<T> Named<T> {
    /// The entry of that name.
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

/// What the command line gave in place of the file's; what it did not give is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// Seed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// Paths.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paths: Option<u64>,
}

/// `run.json`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Record {
    /// Version of its form, [`SCHEMA`](super::SCHEMA).
    #[serde(default)]
    pub schema: u64,
    /// `gapcast`.
    #[serde(default)]
    pub program: String,
    /// Version of the program.
    pub version: String,
    /// Commit that it was built from, when that was known.
    #[serde(default)]
    pub commit: Option<String>,
    /// Name of the scenario.
    pub scenario: String,
    /// Variant.
    #[serde(default)]
    pub variant: Option<String>,
    /// File of the scenario as given.
    #[serde(default)]
    pub file: String,
    /// The same as found from the run folder.
    #[serde(default)]
    pub file_from_folder: String,
    /// Settings `path=value` of the command line.
    #[serde(default)]
    pub set: Vec<String>,
    /// What else it gave.
    #[serde(default)]
    pub given: Given,
    /// What the folder is named by: `scenario`, `settings` or `name`.
    #[serde(default)]
    pub named_by: String,
    /// Seed.
    pub seed: u64,
    /// Paths.
    pub paths: u64,
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
    /// Instruction level.
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
    /// SHA-256 of each file of the folder but this.
    #[serde(default)]
    pub files_sha256: Named<String>,
    /// Their sizes.
    #[serde(default)]
    pub files_bytes: Named<u64>,
}

/// Seconds from the start of the program.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Seconds {
    /// Until the scenario was read.
    pub ready: f64,
    /// Until all paths were run.
    pub simulated: f64,
    /// Until all files were written.
    pub total: f64,
}

/// `summary.json`, and what `run --json` prints of a run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// Version of its form, [`SCHEMA`](super::SCHEMA).
    pub schema: u64,
    /// Name of the scenario.
    pub scenario: String,
    /// Variant.
    pub variant: Option<String>,
    /// Settings `path=value` of the command line.
    pub set: Vec<String>,
    /// What else it gave.
    pub given: Given,
    /// Version of the program.
    pub version: String,
    /// Seed.
    pub seed: u64,
    /// Paths.
    pub paths: u64,
    /// First month, `2026-06`.
    pub start: String,
    /// Months.
    pub months: u64,
    /// Last month.
    pub horizon: String,
    /// Probability of running out of cash by the horizon.
    pub p_cash_out: Chance,
    /// First causes of ruin, the commonest first.
    pub first_causes: Vec<Cause>,
    /// The ends of the calendar years and of the run.
    pub years: Vec<YearEnd>,
    /// Metrics at the horizon.
    pub metrics: Named<EndMetric>,
    /// What structural models say of the default.
    pub structural_benchmark: Value,
    /// Lines of `checks:`.
    pub checks: Vec<CheckLine>,
    /// Variants run beside the run.
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
    /// Wilson's interval of 95%.
    pub wilson_95: [Figure; 2],
}

/// A first cause of ruin; `none` is no adverse event in the twelve months before.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Cause {
    /// Its name.
    pub cause: String,
    /// Paths.
    pub paths: u64,
    /// Share of the ruined paths; all add up to 1.
    pub share: Figure,
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
    /// Paths on which it is defined.
    pub n_defined: u64,
    /// Mean.
    pub mean: Figure,
    /// Its standard error.
    pub se: Figure,
    /// Standard deviation.
    pub sd: Figure,
    /// Quantile of 5%.
    pub p05: Figure,
    /// Quantile of 10%.
    pub p10: Figure,
    /// Quantile of 25%.
    pub p25: Figure,
    /// Median.
    pub p50: Figure,
    /// Quantile of 75%.
    pub p75: Figure,
    /// Quantile of 90%.
    pub p90: Figure,
    /// Quantile of 95%.
    pub p95: Figure,
}

/// A line of `checks:` with what was measured, in the bound's canonical unit.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct CheckLine {
    /// As it was written.
    pub check: String,
    /// Whether it holds.
    pub holds: bool,
    /// What was measured.
    pub measured: Figure,
    /// Its standard error.
    pub se: Figure,
    /// Share of the paths on which it is defined.
    pub defined: Figure,
    /// The measured value as one would write it.
    pub shown: String,
}

/// Variants run beside a run.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct VariantsBeside {
    /// Those that were run, in the order of the scenario.
    pub run: Vec<String>,
    /// Those that were not.
    pub not_run: Vec<String>,
    /// Paths of each.
    pub paths: usize,
}

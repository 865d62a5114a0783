//! Monte Carlo simulation of a frontier AI lab, month by month: its compute spending, its revenue, and the capital that
//! finances the gap.
//!
//! A [`Model`] is a scenario that can be run: it is read from a YAML file, and an invalid file is rejected with all its
//! errors at once ([`Invalid`]). Running it gives an [`Outcome`]: the distribution of every metric with its Monte Carlo
//! error, the values of single paths, checks, differences between two outcomes on the same worlds, tables as typed
//! columns ([`Table`]) and the run folder ([`Outcome::write`]).
//!
//! ```
//! use gapcast::{Model, Settings};
//!
//! let model = Model::load("scenarios/small-lab.yaml", &Settings { paths: Some(1024), ..Settings::default() })?;
//! let outcome = model.run(0);
//! let (p, error, _) = outcome.ruin();
//! assert!(p > 0.05 && p < 0.5 && error < 0.02, "cash runs out on {p} ± {error} of the paths");
//!
//! // The same worlds with half the opening cash.
//! let poor = model.with(&Settings { sets: vec!["lab.opening.cash=20M USD".into()], paths: Some(1024), ..Settings::default() })?;
//! let more = poor.run(0).minus(&outcome, "cash_out").expect("both outcomes kept their paths");
//! assert!(more.mean > 3.0 * more.se);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

// The modules are public for the tests, the benchmarks and the program. Their items are documented but are not part of
// the public interface, which consists of the exports below.
#[cfg_attr(doc, doc(hidden))]
pub mod cli;
#[cfg_attr(doc, doc(hidden))]
pub mod model;
#[cfg_attr(doc, doc(hidden))]
pub mod outcome;
#[cfg_attr(doc, doc(hidden))]
pub mod output;
#[cfg_attr(doc, doc(hidden))]
pub mod stopping;
#[cfg_attr(doc, doc(hidden))]
pub mod study;
#[cfg_attr(doc, doc(hidden))]
pub mod text;
#[doc(hidden)]
pub use gapcast_model::{
    column, components, drivers, engine, instruments, issues, lab, language, lint, plan, scenario, stats, units,
};

pub use issues::{Issue, Issues, Severity};
pub use language::overlay::Reach;
pub use model::{Invalid, Model, Settings};
pub use outcome::{Difference, Distribution, Outcome, Quantile, Saturated, Verdict};
pub use output::table::{Column, Table, Values};
pub use output::write::{Task, Watch, WriteError, Writing, Written};
pub use stopping::Precision;
pub use units::Month;

/// Runs a model and writes its folder while it runs, in constant memory for any number of paths; [`Outcome::write`]
/// writes an outcome that was kept.
pub use output::write::run as run_and_write;

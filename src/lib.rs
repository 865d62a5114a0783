//! What a frontier AI lab spends on compute against what it earns, and the capital that fills the gap, month by month over
//! thousands of possible futures.
//!
//! A scenario is text: it is read into a typed [`scenario`] with every problem told at once ([`issues`]), compiled into a
//! [`plan`] of numbers, run in blocks of paths ([`engine`]) and asked questions ([`outcome`]). [`instruments`], [`lab`] and
//! [`drivers`] hold the model; [`cli`] and [`output`] are the program around it. `docs/architecture.md` is the map.
//!
//! ```
//! use gapcast::{Model, Settings};
//!
//! let model = Model::load("scenarios/small-lab.yaml", &Settings { paths: Some(1024), ..Settings::default() })?;
//! let outcome = model.run(0);
//! let (p, error, _) = outcome.ruin();
//! assert!(p > 0.05 && p < 0.5 && error < 0.02, "cash runs out in {p} of paths, give or take {error}");
//!
//! // The same worlds with half the opening cash.
//! let poor = model.with(&Settings { sets: vec!["lab.opening.cash=20M USD".into()], paths: Some(1024), ..Settings::default() })?;
//! let more = poor.run(0).minus(&outcome, "cash_out").expect("both kept their paths");
//! assert!(more.mean > 3.0 * more.se);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod cli;
pub mod drivers;
pub mod engine;
pub mod instruments;
pub mod issues;
pub mod lab;
pub mod language;
pub mod lint;
pub mod model;
pub mod outcome;
pub mod output;
pub mod parts;
pub mod plan;
pub mod scenario;
pub mod stats;
pub mod text;
pub mod units;

pub use model::{Invalid, Model, Settings};
pub use outcome::Outcome;
pub use output::table::Table;
pub use output::write::{WriteError, Writing, Written};

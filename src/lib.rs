//! What a frontier AI lab spends on compute against what it earns, and the capital that fills the gap, month by month over
//! thousands of possible futures.
//!
//! A scenario is text: it is read into a typed [`scenario`] with every problem told at once ([`issues`]), compiled into a
//! [`plan`] of numbers, run in blocks of paths ([`engine`]) and asked questions ([`answers`]). [`instruments`], [`lab`] and
//! [`drivers`] hold the model; [`cli`] and [`output`] are the program around it. `docs/architecture.md` is the map.
//!
//! ```
//! use gapcast::answers::Answers;
//! use gapcast::engine::level::Level;
//! use gapcast::engine::run::{Settings, Silent, run};
//! use gapcast::job::{Job, Overrides};
//!
//! let text = std::fs::read_to_string("scenarios/small-lab.yaml").expect("it is there");
//! let job = Job::parse("small-lab.yaml", &text, &Overrides::default()).expect("it is sound");
//! let settings = Settings { paths: 1024, threads: 1, level: Level::best() };
//! let results = run(&job.plan, &settings, &Silent).expect("nobody stops it");
//! let (p, error, _) = Answers::new(&job.plan, &results).ruin();
//! assert!(p > 0.05 && p < 0.5 && error < 0.02, "cash runs out in {p} of paths, give or take {error}");
//! ```

pub mod answers;
pub mod cli;
pub mod drivers;
pub mod engine;
pub mod inputs;
pub mod instruments;
pub mod issues;
pub mod job;
pub mod lab;
pub mod language;
pub mod lint;
pub mod output;
pub mod parts;
pub mod plan;
pub mod scenario;
pub mod stats;
pub mod text;
pub mod units;

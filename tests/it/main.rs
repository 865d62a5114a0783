//! Tests of the whole, in one program, so that it is compiled and linked once: `cargo test --test it ledgers` runs those of one
//! module. Long runs over generated scenarios (`tests/invariants`, `tests/fuzz`) are programs of their own. The cases, vectors and
//! scenarios that tests read are in the folders of `tests/` that have their names.

#[path = "../common/mod.rs"]
mod common;

mod appendix_a;
mod architecture;
mod assets;
mod assumptions;
mod broken;
mod capability;
mod capacity;
mod capital;
mod cases;
mod check_command;
mod cli;
mod codes;
mod commands;
mod credit_supply;
mod docs;
mod engines;
mod equity_supply;
mod equity_terms;
mod gallery;
mod going_concern;
mod hostile;
mod impossible;
mod instrument_docs;
mod joint_venture_terms;
mod learn;
mod ledgers;
mod library;
mod lints;
mod marks;
mod openai;
mod outcomes;
mod over_months;
mod planted;
mod power;
mod processes;
mod reference_captable;
mod reference_dependence;
mod reference_loans;
mod reference_operations;
mod reference_options;
mod reference_project_finance;
mod reference_sampling;
mod reference_sensitivity;
mod reference_stats;
mod reference_waterfall;
mod report;
mod returns;
mod scenarios_read;
mod scenarios_structured;
mod services_venture;
mod spec;
mod trace;
mod worked_case;
mod yaml_versions;

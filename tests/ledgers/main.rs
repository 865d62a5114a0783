//! A ledger for each instrument: a lab and at least twelve months of it worked by hand, compared to the cent. The hand
//! calculation stands in the comments.

#[path = "../common/mod.rs"]
mod common;

mod abs;
mod campus;
mod contract;
mod convertible;
mod ddtl;
mod equity_round;
mod examples;
mod insolvency;
mod joint_venture;
mod lab;
mod orders;
mod outcomes;
mod own_compute;
mod revolver;
mod sale_leaseback;
mod spv;
mod strategic_tranche;
mod term_loan;
mod terms;
mod vendor_finance;
mod venture_debt;
mod world;

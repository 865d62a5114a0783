//! A ledger for each instrument: a lab and at least twelve months of it worked by hand, compared to the cent. The hand
//! calculation stands in the comments.

#[path = "../common/mod.rs"]
mod common;

mod campus;
mod joint_venture;
mod revolver;
mod spv;

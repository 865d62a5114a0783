//! A ledger for each instrument: a lab and at least twelve months of it worked by hand, compared to the cent. The hand
//! calculation stands in the comments.

#[path = "../common/mod.rs"]
mod common;

mod examples;
mod outcomes;
mod revolver;
mod strategic_tranche;
mod term_loan;
mod vendor_finance;
mod venture_debt;

//! A ledger for each instrument: a lab and at least twelve months of it worked by hand, compared to the cent. The hand
//! calculation stands in the comments.

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

/// A pool of 10B that a lab still owns when it fails, so that its estate pays every claim. It stands last among the instruments.
const ESTATE: &str = "
  - abs:
      name: other
      pool: {value: 10B USD, book: 10B USD, power: 0.1 GW}
      tenants: {price: 0.012B USD/GW-yr}
      closing: 2033-01
      tranches: [{a: {advance: 50%, rate: 6%/yr}}]
";

//! Vendor financing, in one of two distinct directions.
//!
//! # What it is
//! `kind: loan`: the maker of the lab's own hardware lends a share of its price and receives penny warrants on the
//! lab's shares. `kind: warrants`: the maker grants the lab warrants on its own shares, which vest as the lab deploys
//! the maker's hardware and as the maker's share price rises; the lab sells vested shares, which reduces the cost of
//! the hardware.
//!
//! # Monthly cash flows
//! | flow | lab | vendor | third parties |
//! | --- | --- | --- | --- |
//! | loan: draw, a share of the month's deliveries | + | − | |
//! | loan: interest on the opening balance, instalments of principal | − | + | |
//! | warrants: proceeds of vested warrants, after the haircut | + | | − (buyers) |
//!
//! # In YAML
//! `- vendor_finance: {name: chip_loan, kind: loan, finances: 60%, term: 36 mo, rate: 9%/yr, warrants: {share: 2%, per: 1B USD,
//! exercise: 2029-06}}`
//!
//! `- vendor_finance: {name: chip_warrants, kind: warrants, supplier: maker, haircut: 5%, tranches: [{first: {value: 2B USD,
//! power: 1 GW}}, {second: {value: 3B USD, power: 2 GW, price: 1.5x}}]}`
//!
//! # Conventions and limits
//! *Loan.* It finances all own hardware of the scenario, up to a balance of `limit`. Each draw is repaid from the
//! following month, over its own `term`: at a fixed rate in level payments, at a floating rate in equal instalments of
//! principal plus interest on the balance. Missed principal stays in the balance and falls due again. If `secured`, it
//! ranks with secured debt in the payment waterfall and has a first lien on the lab's own hardware, which secured loans
//! share in proportion to their claims. Each draw brings warrants on `share` of all shares per `per` drawn, pro rata.
//! Their exercise price is a penny and is ignored. They become shares in the month of `exercise`, or once the lab is
//! listed, and participate if it is acquired. A penny warrant is valued as a share (Galai and Schneller with an
//! exercise price of zero); `warrant_value` adds up those values at each grant.
//!
//! *Warrants.* A tranche is stated by its `value` at the vendor's initial share price; that price is
//! `world.vendor_share`, common to all vendors. It vests in the first month in which both the power in place with the
//! supplier, at last month's close, and the price have reached its levels, and is sold at once. The proceeds are a
//! rebate: they reduce the gap like a lower price of hardware, and are deferred and credited against depreciation over
//! `life`; they are not revenue. Power counts from contracts and own hardware that name the supplier.
//!
//! Not modelled: a lien on individual deliveries, residual value, a longer holding period for the vendor's shares,
//! lock-ups, an exercise price of the vendor's warrants, default of a vendor.
//!
//! # Sources
//! [The model](../model.md); Galai & Schneller 1978.

mod loan;
mod rebate;

use crate::issues::Issues;
use crate::language::prelude::{FloatingRate, Keyed, Months, Name, When};
use crate::language::quantity::Quantity;
use crate::{choice, spec};

pub use loan::{VendorLoan, VendorLoanState};
pub use rebate::{VendorWarrants, VendorWarrantsState};

/// Maximum number of tranches of a vendor's warrants.
pub const TRANCHES: usize = 8;

spec! {
    /// Vendor financing.
    pub struct VendorFinanceSpec {
        /// Its name.
        pub name: Name,
        /// Direction of the financing.
        pub kind: VendorKind,
        /// Loan: share of own hardware delivered in a month that is financed.
        pub finances: Option<Quantity> [Share],
        /// Loan: maximum balance.
        pub limit: Option<Quantity> [Money],
        /// Loan: instalments of each draw, in months.
        pub term: Option<Months>,
        /// Loan: interest rate.
        pub rate: Option<FloatingRate>,
        /// Loan: whether it is secured: it ranks ahead of rent and has a first lien on the lab's own hardware.
        pub secured: bool = "true",
        /// Loan: warrants granted to the vendor with each draw.
        pub warrants: Option<GrantSpec>,
        /// Warrants: the supplier whose power in place counts.
        pub supplier: Option<Name>,
        /// Warrants: vesting tranches.
        pub tranches: Keyed<VestingSpec> = "[]",
        /// Warrants: haircut on the share price in a sale.
        pub haircut: Quantity [Share] = "0%",
        /// Warrants: months over which the proceeds reduce depreciation.
        pub life: Months = "60 mo",
        /// Warrants: last month in which they can vest.
        pub until: Option<When>,
    }
    /// Penny warrants on the lab's shares.
    pub struct GrantSpec {
        /// Warrants for each amount `per` drawn, as a share of all fully diluted shares.
        pub share: Quantity [Share],
        /// Amount drawn for which `share` is granted.
        pub per: Quantity [Money positive],
        /// Month of exercise; at the latest when the lab is listed.
        pub exercise: Option<When>,
    }
    /// A tranche of the vendor's warrants.
    pub struct VestingSpec {
        /// Value of its shares at the start.
        pub value: Quantity [Money],
        /// Power in place with the supplier at which it vests.
        pub power: Quantity [Power] = "0 GW",
        /// Share price at which it vests, relative to the start.
        pub price: Option<Quantity> [Multiple],
    }
}

choice! {
    /// Direction of the financing.
    pub enum VendorKind {
        /// The vendor lends and receives warrants on the lab.
        Loan = "loan",
        /// The vendor grants the lab warrants on its own shares.
        Warrants = "warrants",
    }
}

impl VendorFinanceSpec {
    /// Reports errors that `Reader` does not detect.
    fn check(&self, issues: &mut Issues) {
        let (name, place) = (&self.name, self.name.place());
        let loan = [self.finances.is_some(), self.term.is_some(), self.rate.is_some()];
        let other = self.limit.is_some() || self.warrants.is_some();
        let lends = self.kind == VendorKind::Loan;
        let grants = self.supplier.is_some() || !self.tranches.0.is_empty() || self.until.is_some();
        if lends && loan.contains(&false) {
            issues.error(
                "missing",
                place,
                format!("`{name}` does not specify the loan"),
                "a loan requires `finances`, `term` and `rate`",
            );
        }
        if !lends && (self.supplier.is_none() || self.tranches.0.is_empty()) {
            issues.error(
                "missing",
                place,
                format!("`{name}` does not specify what vests"),
                "warrants require `supplier` and `tranches`",
            );
        }
        if (lends && grants) || (!lends && (other || loan.contains(&true))) {
            issues
                .error(
                    "wrong-kind",
                    place,
                    format!("the keys of `{name}` do not match its kind"),
                    "remove those of the other kind",
                )
                .help("a loan has `finances`, `limit`, `term`, `rate`, `secured` and `warrants`")
                .help("warrants have `supplier`, `tranches`, `haircut`, `life` and `until`");
        }
        if let Some(term) = self.term.filter(|t| t.0.round() < 1.0) {
            issues.error("range", term.place(), "a loan must last at least one month", "`term` is shorter");
        }
        if self.life.0.round() < 1.0 {
            issues.error("range", self.life.place(), "the life is shorter than a month", "write `60 mo`");
        }
        if self.tranches.0.len() > TRANCHES {
            issues.error(
                "too-many",
                self.tranches.0[TRANCHES].0.place(),
                format!("`tranches` has {} entries", self.tranches.0.len()),
                format!("the engine supports {TRANCHES}"),
            );
        }
    }
}

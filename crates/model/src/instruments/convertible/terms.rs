//! What the scenario states about a convertible.

use crate::language::prelude::{Months, Name, When};
use crate::language::quantity::Quantity;
use crate::{choice, spec};

spec! {
    /// A convertible note, a SAFE, or a public convertible bond.
    pub struct ConvertibleSpec {
        /// Its name.
        pub name: Name,
        /// Type of convertible.
        pub kind: Kind = "note",
        /// Amount of each issue.
        pub amount: Quantity [Money],
        /// Month of issue; alternative to `when`.
        pub date: Option<When>,
        /// Conditions that launch an issue; alternative to `date`.
        pub when: Option<NeedSpec>,
        /// Months from launch to issue.
        pub process: Quantity [Time] = "1 mo",
        /// Maximum number of issues; no new issue while the previous one is outstanding.
        pub issues: usize = "1",
        /// Accrued interest; for a public convertible, the cash coupon.
        pub rate: Quantity [Rate >= 0.0] = "0%/yr",
        /// How interest accrues.
        pub accrual: Accrual = "simple",
        /// Valuation cap for conversion; none if absent.
        pub cap: Option<Quantity> [Money positive],
        /// Discount to the round price on conversion.
        pub conversion_discount: Quantity [Share 0.0..0.95] = "0%",
        /// Months from issue to maturity.
        pub term: Option<Months>,
        /// What happens at maturity.
        pub at_maturity: AtMaturity = "repay",
        /// Length of the extension in months.
        pub extension: Months = "12 mo",
        /// Valuation at which it converts at maturity.
        pub floor: Option<Quantity> [Money positive],
        /// Conversion premium of a public convertible over the share price at issue.
        pub premium: Option<Quantity> [Share >= 0.0],
        /// When the lab may call a public convertible, which forces conversion.
        pub call: Option<CallSpec>,
        /// Months in which holders of a public convertible may put it to the lab for repayment.
        pub puts: Vec<When> = "[]",
    }
    /// Conditions that launch an issue; any one is sufficient.
    pub struct NeedSpec {
        /// Runway at current burn below this.
        pub runway_below: Option<Quantity> [Time],
        /// Cash below this many months of gross cost.
        pub cash_below: Option<Quantity> [Time],
        /// A round has failed this month.
        pub round_failed: bool = "false",
    }
    /// When the lab may call.
    pub struct CallSpec {
        /// First month.
        pub from: When,
        /// Share price, as a share of the conversion price, at or above which the lab calls.
        pub above: Quantity [Share >= 1.0] = "130%",
    }
}

choice! {
    /// Types of convertible.
    pub enum Kind {
        /// Converts at the next round; bears interest and has a maturity.
        Note = "note",
        /// Converts at the next round; no interest and no maturity.
        Safe = "safe",
        /// Converts at a price fixed at issue; pays a cash coupon.
        Public = "public",
    }
    /// How interest accrues.
    pub enum Accrual {
        /// On principal only.
        Simple = "simple",
        /// On principal and accrued interest.
        Pik = "pik",
    }
    /// What happens to a note at maturity.
    pub enum AtMaturity {
        /// It is repaid.
        Repay = "repay",
        /// It is extended once and then repaid.
        Extend = "extend",
        /// It converts at the floor valuation.
        Convert = "convert",
    }
}

impl ConvertibleSpec {
    /// Whether its terms depend on the market price of a share.
    pub fn needs_price(&self) -> bool {
        self.kind == Kind::Public || self.cap.is_some()
    }
}

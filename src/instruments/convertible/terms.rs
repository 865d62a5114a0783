//! What the scenario says of a convertible.

use crate::language::prelude::{Months, Name, When};
use crate::language::quantity::Quantity;
use crate::{choice, spec};

spec! {
    /// A convertible note, a SAFE, or a public convertible bond.
    pub struct ConvertibleSpec {
        /// Its name.
        pub name: Name,
        /// What it is.
        pub kind: Kind = "note",
        /// Amount of an issue.
        pub amount: Quantity [Money],
        /// Month of the issue; or say `when`.
        pub date: Option<When>,
        /// What launches an issue; or say `date`.
        pub when: Option<NeedSpec>,
        /// Months from launch to issue.
        pub process: Quantity [Time] = "1 mo",
        /// Most times that it is issued; the last issue must be gone before the next.
        pub issues: usize = "1",
        /// Interest, added up; a coupon in cash for a public convertible.
        pub interest: Quantity [Rate >= 0.0] = "0%/yr",
        /// How interest is added up.
        pub accrual: Accrual = "simple",
        /// Value of the lab at which it converts at most; none when absent.
        pub cap: Option<Quantity> [Money positive],
        /// By how much it converts below the price of the round.
        pub discount: Quantity [Share 0.0..0.95] = "0%",
        /// Months from issue to maturity.
        pub term: Option<Months>,
        /// What becomes of it at maturity.
        pub at_maturity: AtMaturity = "repay",
        /// Months by which it is extended.
        pub extension: Months = "12 mo",
        /// Value of the lab at which it converts at maturity.
        pub floor: Option<Quantity> [Money positive],
        /// Conversion price of a public convertible over the price of the day of issue.
        pub premium: Option<Quantity> [Share >= 0.0],
        /// When the lab may call a public convertible, which makes the holders convert.
        pub call: Option<CallSpec>,
        /// Months in which the holders of a public convertible may ask for their money back.
        pub puts: Vec<When> = "[]",
    }
    /// What launches an issue; each is enough.
    pub struct NeedSpec {
        /// Runway at today's burn below this.
        pub runway_below: Option<Quantity> [Time],
        /// Cash below so many months of gross cost.
        pub cash_below: Option<Quantity> [Time],
        /// A round has failed this month.
        pub round_failed: bool = "false",
    }
    /// When the lab may call.
    pub struct CallSpec {
        /// First month.
        pub from: When,
        /// Price of a share over the conversion price from which it calls.
        pub above: Quantity [Share >= 1.0] = "130%",
    }
}

choice! {
    /// Kinds of convertibles.
    pub enum Kind {
        /// Converts at the next round; has interest and a maturity.
        Note = "note",
        /// Converts at the next round; has neither.
        Safe = "safe",
        /// Converts at a price fixed at issue; pays a coupon.
        Public = "public",
    }
    /// How interest is added up.
    pub enum Accrual {
        /// On the principal alone.
        Simple = "simple",
        /// On principal and interest.
        Pik = "pik",
    }
    /// What becomes of a note at maturity.
    pub enum AtMaturity {
        /// It is repaid.
        Repay = "repay",
        /// It goes on for the extension and is then repaid.
        Extend = "extend",
        /// It converts at the floor.
        Convert = "convert",
    }
}

impl ConvertibleSpec {
    /// Whether its terms compare with the market's price of a share.
    pub fn needs_price(&self) -> bool {
        self.kind == Kind::Public || self.cap.is_some()
    }
}

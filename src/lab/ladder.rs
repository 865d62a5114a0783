//! What the lab does in distress, and how soon: it acts on commitments first.
//!
//! The flag of distress is set at a month's close, so the first month that can act on it is the next one. A step with a
//! lag of 0 is taken in that month, one with a lag of 2 two months later if the distress has not ended meanwhile.

use crate::language::prelude::Months;
use crate::spec;

spec! {
    /// Months from the first month that opens in distress to each step.
    pub struct LadderSpec {
        /// No more power is ordered.
        pub orders: Months = "0 mo",
        /// Notice is given to suppliers whose contracts have one.
        pub notice: Months = "0 mo",
        /// Own hardware that may be sold is sold; idle power is resold where that is done in distress alone.
        pub resale: Months = "1 mo",
        /// Suppliers are asked for better terms.
        pub renegotiate: Months = "2 mo",
        /// Research is cut.
        pub research: Months = "0 mo",
        /// Hiring stops and staff are cut.
        pub hiring: Months = "0 mo",
    }
}

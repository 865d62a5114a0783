//! Measures of the lab in distress and their timing: commitments come first.
//!
//! The distress flag is set at month end, so the first month that can act on it is the next. A step with a lag of 0 is
//! taken in that month, one with a lag of 2 two months later if the distress has not ended.

use crate::language::prelude::Months;
use crate::spec;

spec! {
    /// Months from the first month opening in distress to each step.
    pub struct LadderSpec {
        /// Power orders stop.
        pub orders: Months = "0 mo",
        /// Notice is given to suppliers whose contracts have one.
        pub notice: Months = "0 mo",
        /// Own hardware that may be sold is sold; idle power is resold if that is done only in distress.
        pub resale: Months = "1 mo",
        /// Suppliers are asked for relief.
        pub renegotiate: Months = "2 mo",
        /// Research is cut.
        pub research: Months = "0 mo",
        /// Hiring stops and staff are cut.
        pub hiring: Months = "0 mo",
    }
}

//! What capital markets see of the lab, and what they can supply.

use crate::language::quantity::Quantity;
use crate::spec;

spec! {
    /// Capital markets that see what the lab has promised.
    pub struct CapitalSpec {
        /// Price of equity less what the lab is expected to owe; without it, equity is priced at the multiple alone.
        pub price: Option<EquityPriceSpec>,
    }
    /// From enterprise value to the value of equity.
    pub struct EquityPriceSpec {
        /// Share of the change in net obligations since the start that is deducted from enterprise value; 100% is
        /// arithmetic, 0% means that investors do not look.
        pub weight: Quantity [Share] = "100%",
        /// Share of the loss of gross margin to dear power that is deducted in the same way.
        pub margin: Quantity [Share] = "100%",
        /// Least value of equity, as a share of enterprise value: the value of the option on a recovery.
        pub floor: Quantity [Share],
        /// Discount rate of firm obligations.
        pub discount: Quantity [Rate],
        /// Standard deviation of the log of the lab's needs a year ahead, as investors see it.
        pub sd: Quantity [Volatility],
    }
}

//! What capital markets see of the lab, and what they can supply.

use crate::language::quantity::Quantity;
use crate::spec;

spec! {
    /// Capital markets that see what the lab has promised.
    pub struct CapitalSpec {
        /// Price of equity less what the lab is expected to owe; without it, equity is priced at the multiple alone.
        pub price: Option<EquityPriceSpec>,
        /// How much new equity investors supply to this lab; without it, rounds find whatever they ask for.
        pub equity: Option<EquitySupplySpec>,
        /// How much new credit lenders supply to this lab and its vehicles; without it, draws find whatever they ask for.
        pub credit: Option<CreditSupplySpec>,
    }
    /// Supply of new equity to this lab.
    pub struct EquitySupplySpec {
        /// New equity that investors supply to this lab in any twelve months, at the start.
        pub supply: Quantity [MoneyRate >= 0.0],
        /// Growth of that supply.
        pub supply_growth: Quantity [Rate -0.9..10.0] = "0%/yr",
        /// Share of the supply that remains in winter, beyond what winter does to the multiple and the window.
        pub in_winter: Quantity [Share] = "100%",
        /// Elasticity of the price of a round to the flow of new equity, relative to the flow of the opening: 0.2 means
        /// that twice the flow lowers the price by 13%.
        pub impact: Quantity [Number 0.0..5.0] = "0",
        /// New equity that this lab raised in the eleven months before the start, at whose flow the opening multiple
        /// was paid.
        pub raised_before: Quantity [Money >= 0.0] = "0 USD",
    }
    /// Supply of new credit to this lab and its vehicles.
    pub struct CreditSupplySpec {
        /// New credit that lenders supply to this lab and its vehicles in any twelve months, at the start.
        pub supply: Quantity [MoneyRate >= 0.0],
        /// Growth of that supply.
        pub supply_growth: Quantity [Rate -0.9..10.0] = "0%/yr",
        /// Share of the supply that remains in winter, beyond what winter does to spreads and to each instrument.
        pub in_winter: Quantity [Share] = "100%",
        /// Elasticity of the spread over SOFR to the flow of new credit: 0.5 means that a lab that has drawn a whole
        /// year's supply in the eleven months before pays 41% more than the stated spread.
        pub impact: Quantity [Number 0.0..5.0] = "0",
    }
    /// From enterprise value to the value of equity.
    pub struct EquityPriceSpec {
        /// Share of the change in net obligations since the start that is deducted from enterprise value; 100% is
        /// arithmetic, 0% means that investors do not look.
        pub weight: Quantity [Share] = "100%",
        /// Share of the loss of gross margin to expensive power that is deducted in the same way.
        pub margin: Quantity [Share] = "100%",
        /// Least value of equity, as a share of enterprise value: the value of the option on a recovery.
        pub floor: Quantity [Share],
        /// Discount rate of firm obligations.
        pub discount: Quantity [Rate],
        /// Standard deviation of the log of the lab's needs a year ahead, as investors see it.
        pub sd: Quantity [Volatility],
    }
}

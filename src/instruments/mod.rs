//! The rooms, one file each, and the list of them.
//!
//! A room posts what is due and never assumes that it was paid: arrears, guarantee and loss follow from the share of
//! its rank that was paid. In every phase rooms go in the order of the scenario; that order is the waterfall. Compute
//! contracts are rooms too and come first.

pub mod contract;
pub mod equity_round;
pub mod joint_venture;
pub mod own_compute;
pub mod revolver;
pub mod spv;
pub mod term_loan;
pub mod waterfall;

use crate::engine::room::Room;
use contract::Contract;
use equity_round::EquityRound;
use joint_venture::JointVenture;
use own_compute::OwnCompute;
use revolver::Revolver;
use spv::Spv;
use term_loan::TermLoan;

crate::rooms! {
    /// A compute contract.
    Contract = "contract",
    /// Hardware that the lab buys itself.
    OwnCompute = "own_compute",
    /// A priced round of equity.
    EquityRound = "equity_round",
    /// A revolving line of credit.
    Revolver = "revolver",
    /// A term loan.
    TermLoan = "term_loan",
    /// A vehicle that owns chips or a campus and leases them to the lab.
    Spv = "spv",
    /// A joint venture with capital partners.
    JointVenture = "joint_venture",
}

impl RoomSpec {
    /// Kinds that may stand in `instruments:`; the others belong to `lab.compute`.
    pub const INSTRUMENTS: &'static [&'static str] = &["equity_round", "revolver", "term_loan", "spv", "joint_venture"];

    /// The name that the scenario gives, for instruments.
    pub fn name(&self) -> Option<&str> {
        match self {
            RoomSpec::Contract(_) | RoomSpec::OwnCompute(_) => None,
            RoomSpec::EquityRound(s) => Some(s.name.as_str()),
            RoomSpec::Revolver(s) => Some(s.name.as_str()),
            RoomSpec::TermLoan(s) => Some(s.name.as_str()),
            RoomSpec::Spv(s) => Some(s.name.as_str()),
            RoomSpec::JointVenture(s) => Some(s.name.as_str()),
        }
    }

    /// Supplier of compute, for concentration; none when it supplies none.
    pub fn supplier(&self) -> Option<&str> {
        match self {
            RoomSpec::Contract(s) => s.supplier.as_ref().map(crate::language::values::Name::as_str),
            _ => None,
        }
    }
}

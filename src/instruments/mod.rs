//! The rooms, one file each, and the list of them.
//!
//! A room posts what is due and never assumes that it was paid: arrears, guarantee and loss follow from the share of
//! its rank that was paid. In every phase rooms go in the order of the scenario; that order is the waterfall. Compute
//! contracts are rooms too and come first.

pub mod campus;
pub mod contract;
pub mod equity_round;
pub mod joint_venture;
pub mod own_compute;
pub mod project_finance;
pub mod recovery;
pub mod revolver;
pub mod spv;
pub mod term_loan;
pub mod waterfall;

use crate::engine::room::Room;
use campus::Campus;
use contract::Contract;
use equity_round::EquityRound;
use joint_venture::asset::AssetVenture;
use joint_venture::distribution::DistributionVenture;
use joint_venture::spec::VentureKind;
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
    /// A vehicle that owns chips and leases them to the lab.
    Spv = "spv",
    /// A vehicle that builds a campus and leases it.
    Campus = "campus",
    /// A joint venture that owns compute, and what `joint_venture` is read as.
    AssetVenture = "joint_venture";
    /// A joint venture that brings demand.
    DistributionVenture = "joint_venture",
}

impl RoomSpec {
    /// Kinds that belong to `lab.compute`; all others may stand in `instruments:`.
    const OF_COMPUTE: [&'static str; 2] = ["contract", "own_compute"];

    /// The room of its kind, where one key of the scenario stands for two.
    #[must_use]
    pub fn sorted(self) -> RoomSpec {
        match self {
            RoomSpec::AssetVenture(spec) if spec.kind == VentureKind::Distribution => {
                RoomSpec::DistributionVenture(spec)
            }
            spec => spec,
        }
    }

    /// Kinds that may stand in `instruments:`.
    pub fn instruments() -> impl Iterator<Item = &'static str> {
        RoomSpec::KINDS.iter().copied().filter(|kind| !RoomSpec::OF_COMPUTE.contains(kind))
    }
}

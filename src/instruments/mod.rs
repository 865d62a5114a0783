//! The rooms, one file each, and the list of them.
//!
//! A room posts what is due and never assumes that it was paid: arrears, guarantee and loss follow from the share of
//! its rank that was paid. In every phase rooms go in the order of the scenario; that order is the waterfall. Compute
//! contracts are rooms too and come first.

pub mod abs;
pub mod campus;
pub mod contract;
pub mod convertible;
pub mod ddtl;
pub mod equity_round;
pub mod hardware;
pub mod joint_venture;
pub mod own_compute;
pub mod project_finance;
pub mod recovery;
pub mod revolver;
pub mod sale_leaseback;
pub mod spv;
pub mod term_loan;
pub mod waterfall;

use crate::engine::room::Room;
use abs::Abs;
use campus::Campus;
use contract::{Contract, NoticeContract, PlainContract};
use convertible::Convertible;
use ddtl::Ddtl;
use equity_round::EquityRound;
use joint_venture::JointVenture;
use own_compute::OwnCompute;
use revolver::Revolver;
use sale_leaseback::SaleLeaseback;
use spv::Spv;
use term_loan::TermLoan;

crate::rooms! {
    /// A compute contract.
    Contract = "contract",
    /// A compute contract on fixed terms.
    PlainContract = "plain_contract",
    /// A compute contract on fixed terms that can be ended by notice.
    NoticeContract = "notice_contract",
    /// Hardware that the lab buys itself.
    OwnCompute = "own_compute",
    /// A priced round of equity, or the listing of the lab.
    EquityRound = "equity_round",
    /// A convertible note, a SAFE, or a public convertible bond.
    Convertible = "convertible",
    /// A revolving line of credit.
    Revolver = "revolver",
    /// A term loan.
    TermLoan = "term_loan",
    /// A vehicle that builds a campus and leases it.
    Campus = "campus",
    /// A delayed-draw term loan of a subsidiary that rents accelerators out.
    Ddtl = "ddtl",
    /// Hardware that is sold and leased back.
    SaleLeaseback = "sale_leaseback",
    /// A vehicle that owns chips or a campus and leases them to the lab.
    Spv = "spv",
    /// A securitisation of leased data-centre capacity.
    Abs = "abs",
    /// A joint venture with capital partners.
    JointVenture = "joint_venture",
}

impl RoomSpec {
    /// Kinds that belong to `lab.compute`; all others may stand in `instruments:`.
    const OF_COMPUTE: [&'static str; 4] = ["contract", "plain_contract", "notice_contract", "own_compute"];

    /// Kinds that are forms of `contract` for scenarios that need less of it; they are written, and documented, as that.
    const LEAN: [&'static str; 2] = ["plain_contract", "notice_contract"];

    /// Kinds with a page of their own in the documentation.
    pub fn documented() -> impl Iterator<Item = &'static str> {
        RoomSpec::KINDS.iter().copied().filter(|kind| !RoomSpec::LEAN.contains(kind))
    }

    /// Kinds that may stand in `instruments:`.
    pub fn instruments() -> impl Iterator<Item = &'static str> {
        RoomSpec::KINDS.iter().copied().filter(|kind| !RoomSpec::OF_COMPUTE.contains(kind))
    }
}

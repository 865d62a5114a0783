//! The instruments, one file each, and the list of them.
//!
//! An instrument posts amounts due and never assumes that they were paid: arrears, guarantee calls and losses follow
//! from the share of its rank that was paid. In every phase instruments run in the order of the scenario; that order is
//! the waterfall. Compute contracts are instruments too and come first.

#[macro_use]
mod registry;

pub mod abs;
mod accounts;
pub mod campus;
pub mod contract;
pub mod convertible;
pub mod covenant;
pub mod cover;
pub mod credit;
pub mod ddtl;
pub mod declared;
pub mod equity_round;
pub mod floating;
pub mod hardware;
pub mod joint_venture;
pub mod mark;
pub mod own_compute;
pub mod project_finance;
pub mod recovery;
pub mod revolver;
pub mod sale_leaseback;
pub mod spv;
pub mod strategic_tranche;
pub mod term_loan;
pub mod vendor_finance;
pub mod venture_debt;
pub mod warrants;
pub mod waterfall;

use crate::engine::instrument::Instrument;
use abs::Abs;
use campus::Campus;
use contract::{Contract, NoticeContract, PlainContract};
use convertible::Convertible;
use ddtl::Ddtl;
use declared::{Declared, Facts, Need};
use equity_round::{EquityRound, LimitedRound};
use joint_venture::asset::AssetVenture;
use joint_venture::distribution::DistributionVenture;
use joint_venture::spec::VentureKind;
use own_compute::OwnCompute;
use revolver::{CovenantRevolver, Revolver};
use sale_leaseback::SaleLeaseback;
use spv::Spv;
use strategic_tranche::StrategicTranche;
use term_loan::{CovenantLoan, TermLoan};
use vendor_finance::{VendorKind, VendorLoan, VendorWarrants};
use venture_debt::VentureDebt;

instruments! {
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
    /// A priced round where the supply of equity is limited, or with further terms of size and launch.
    LimitedRound = "limited_round",
    /// A convertible note, a SAFE, or a public convertible bond.
    Convertible = "convertible",
    /// A revolving line of credit.
    Revolver = "revolver",
    /// A revolving line of credit with covenants.
    CovenantRevolver = "covenant_revolver",
    /// A term loan.
    TermLoan = "term_loan",
    /// A vehicle that builds a campus and leases it.
    Campus = "campus",
    /// A delayed-draw term loan of a subsidiary that rents accelerators out.
    Ddtl = "ddtl",
    /// Hardware that is sold and leased back.
    SaleLeaseback = "sale_leaseback",
    /// A term loan with covenants.
    CovenantLoan = "covenant_loan",
    /// A loan with warrants.
    VentureDebt = "venture_debt",
    /// A vendor's loan against the lab's own hardware, or a vendor's warrants held by the lab.
    VendorLoan = "vendor_finance",
    /// Warrants on a vendor's shares that the lab holds.
    VendorWarrants = "vendor_warrants",
    /// Equity of an investor who is also the supplier.
    StrategicTranche = "strategic_tranche",
    /// A vehicle that buys chips and leases them to the lab.
    Spv = "spv",
    /// A securitisation of leased data-centre capacity.
    Abs = "abs",
    /// A joint venture that sells the lab's product or owns compute.
    AssetVenture = "joint_venture",
    /// A joint venture that brings demand.
    DistributionVenture = "distribution_venture",
}

impl InstrumentSpec {
    /// Kinds that a scenario can name, in `lab.compute` or in `instruments:`.
    pub fn written() -> impl Iterator<Item = &'static str> {
        InstrumentSpec::KINDS
            .iter()
            .copied()
            .filter(|kind| InstrumentSpec::facts(kind).is_some_and(|f| f.written_as.is_none()))
    }
    /// Kinds that can be listed in `instruments:`.
    pub fn instruments() -> impl Iterator<Item = &'static str> {
        InstrumentSpec::KINDS
            .iter()
            .copied()
            .filter(|kind| InstrumentSpec::facts(kind).is_some_and(|facts| facts.is_instrument()))
    }
    /// The kind under which a scenario names instruments of this kind.
    pub fn named_as(kind: &str) -> &str {
        InstrumentSpec::facts(kind).and_then(|facts| facts.written_as).unwrap_or(kind)
    }

    /// The variant that the terms select, where a kind has several; `limited` says that the supply of equity is.
    #[must_use]
    pub fn by_terms(self, limited: bool) -> InstrumentSpec {
        match self {
            InstrumentSpec::EquityRound(s) if limited || s.has_limits() => InstrumentSpec::LimitedRound(s),
            InstrumentSpec::Revolver(s) if s.has_covenants() => InstrumentSpec::CovenantRevolver(s),
            InstrumentSpec::TermLoan(s) if s.has_covenants() => InstrumentSpec::CovenantLoan(s),
            InstrumentSpec::VendorLoan(s) if s.kind == VendorKind::Warrants => InstrumentSpec::VendorWarrants(s),
            InstrumentSpec::AssetVenture(s) if s.kind == VentureKind::Distribution => {
                InstrumentSpec::DistributionVenture(s)
            }
            other => other,
        }
    }
}

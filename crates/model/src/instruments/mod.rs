//! The rooms, one file each, and the list of them.
//!
//! A room posts amounts due and never assumes that they were paid: arrears, guarantee and loss follow from the share of
//! its rank that was paid. In every phase rooms run in the order of the scenario; that order is the waterfall. Compute
//! contracts are rooms too and come first.

#[macro_use]
mod registry;

pub mod abs;
mod accounts;
pub mod campus;
pub mod contract;
pub mod convertible;
pub mod covenant;
pub mod cover;
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

use crate::engine::room::Room;
use abs::Abs;
use campus::Campus;
use contract::{Contract, NoticeContract, PlainContract};
use convertible::Convertible;
use ddtl::Ddtl;
use declared::Declared;
use equity_round::EquityRound;
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

rooms! {
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
    /// A loan of a vendor against own hardware.
    VendorLoan = "vendor_finance",
    /// Warrants on a vendor's shares that the lab holds.
    VendorWarrants = "vendor_warrants",
    /// Equity of an investor who is also the supplier.
    StrategicTranche = "strategic_tranche",
    /// A vehicle that owns chips or a campus and leases them to the lab.
    Spv = "spv",
    /// A securitisation of leased data-centre capacity.
    Abs = "abs",
    /// A joint venture that owns compute.
    AssetVenture = "joint_venture",
    /// A joint venture that brings demand.
    DistributionVenture = "distribution_venture",
}

impl RoomSpec {
    /// Kinds that belong to `lab.compute`.
    pub const OF_COMPUTE: [&'static str; 2] = ["contract", "own_compute"];
    /// Kinds that nobody writes: the terms of another kind ask for them.
    const BY_TERMS: [&'static str; 6] = [
        "covenant_revolver",
        "covenant_loan",
        "vendor_warrants",
        "plain_contract",
        "notice_contract",
        "distribution_venture",
    ];

    /// Kinds that may stand in `instruments:`.
    pub fn instruments() -> impl Iterator<Item = &'static str> {
        let hidden = |kind: &&str| RoomSpec::OF_COMPUTE.contains(kind) || RoomSpec::BY_TERMS.contains(kind);
        RoomSpec::KINDS.iter().copied().filter(move |kind| !hidden(kind))
    }

    /// The kind under which a scenario names rooms of this kind.
    pub fn named_as(kind: &str) -> &str {
        match kind {
            "covenant_revolver" => "revolver",
            "covenant_loan" => "term_loan",
            "vendor_warrants" => "vendor_finance",
            "plain_contract" | "notice_contract" => "contract",
            "distribution_venture" => "joint_venture",
            other => other,
        }
    }
    /// Whether it issues shares, or warrants on them, at the market's price.
    pub fn has_market_price(&self) -> bool {
        match self {
            RoomSpec::EquityRound(s) => s.pre_money.is_none(),
            RoomSpec::Convertible(s) => s.needs_price(),
            RoomSpec::VentureDebt(s) => s.warrants.is_some(),
            RoomSpec::VendorLoan(s) => s.warrants.is_some(),
            RoomSpec::StrategicTranche(s) => s.has_market_price(),
            _ => false,
        }
    }
    /// Whether it holds shares of a vendor.
    pub fn has_vendor_share(&self) -> bool {
        matches!(self, RoomSpec::VendorLoan(s) if s.kind == VendorKind::Warrants)
    }

    /// The room that the terms ask for, where a kind has several.
    #[must_use]
    pub fn by_terms(self) -> RoomSpec {
        match self {
            RoomSpec::Revolver(s) if s.has_covenants() => RoomSpec::CovenantRevolver(s),
            RoomSpec::TermLoan(s) if s.has_covenants() => RoomSpec::CovenantLoan(s),
            RoomSpec::VendorLoan(s) if s.kind == VendorKind::Warrants => RoomSpec::VendorWarrants(s),
            RoomSpec::AssetVenture(s) if s.kind == VentureKind::Distribution => RoomSpec::DistributionVenture(s),
            other => other,
        }
    }
}

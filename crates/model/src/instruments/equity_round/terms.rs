//! What the scenario states about a round.

use crate::language::prelude::{Name, When};
use crate::language::quantity::Quantity;
use crate::{choice, spec};

spec! {
    /// A priced round of equity, a programme of them, or the listing of the lab.
    pub struct EquityRoundSpec {
        /// Its name.
        pub name: Name,
        /// Whether the round lists the lab.
        pub kind: Kind = "private",
        /// Conditions that launch a round; alternative to `date`.
        pub when: Option<Box<TriggerSpec>>,
        /// Closing month of a single round; alternative to `when`.
        pub date: Option<When>,
        /// Size of a dated round.
        pub size: Option<Quantity> [Money positive],
        /// Pre-money value of a dated round; by default multiple × run-rate.
        pub pre_money: Option<Quantity> [Money positive],
        /// Probability that a dated round takes place.
        pub probability: Quantity [Share] = "100%",
        /// Whether investors in a dated round are bound by a signed agreement, so that it closes even if the window is
        /// shut.
        pub committed: bool = "false",
        /// Whether the round can close in winter.
        pub in_winter: bool = "true",
        /// Months of burn that a launched round is sized to cover.
        pub covers: Quantity [Time] = "24 mo",
        /// Minimum round size, in months of gross cost.
        pub covers_at_least: Quantity [Time] = "6 mo",
        /// Maximum share of the company sold in one round.
        pub max_dilution: Quantity [Share 0.0001..0.99] = "20%",
        /// Minimum share of the company that a launched round is sized to sell; none if absent.
        pub min_dilution: Option<Quantity> [Share 0.0..0.99],
        /// Maximum amount raised in one round.
        pub max_size: Option<Quantity> [Money positive],
        /// Underwriting fee withheld, as a share of proceeds.
        pub fee: Quantity [Share] = "0%",
        /// Months from launch to closing.
        pub process: Quantity [Time] = "3 mo",
        /// Months before a retry after a failed round.
        pub retry: Quantity [Time] = "3 mo",
        /// Valuation discount after a failure, until a round closes.
        pub retry_discount: Quantity [Share 0.0..0.95] = "0%",
        /// Minimum fill: the round fails below this share of its target size.
        pub fill_min: Quantity [Share] = "50%",
        /// Lowest book coverage (orders over size), when value has not moved since launch.
        pub book_least: Quantity [Share >= 0.0] = "100%",
        /// Highest book coverage.
        pub book_most: Quantity [Share >= 0.0] = "100%",
        /// Unallocated option pool after the round, as a share of all shares; no top-up if absent.
        pub pool_target: Option<Quantity> [Share 0.0..0.95],
        /// Liquidation preference of the shares when the lab is sold or liquidated; common shares if absent.
        pub preference: Option<Box<SeniorSpec>>,
        /// Anti-dilution protection of holders in a later down round.
        pub anti_dilution: AntiDilution = "none",
        /// Listing cost in addition to the fee; none if absent.
        pub listing_cost: Option<Quantity> [Money],
        /// Lock-up after a listing: only shares sold in it count as free float. Affects neither prices nor cash. None
        /// if absent.
        pub ipo_lock_up: Option<Quantity> [Time],
    }
    /// Conditions that launch a round; any one is sufficient.
    pub struct TriggerSpec {
        /// Runway at current burn below this.
        pub runway_below: Quantity [Time] = "18 mo",
        /// Cash below this many months of gross cost.
        pub cash_below: Quantity [Time] = "0 mo",
        /// Cash below this many months of what firm obligations half a year ahead exceed operations by; requires
        /// `world.capital.price`; not a trigger if absent.
        pub firm_cover_below: Option<Quantity> [Time],
        /// Multiple above this while the window is open; not a trigger if absent.
        pub multiple_above: Option<Quantity> [Multiple],
        /// Minimum time since the last closing for a round triggered by a high multiple.
        pub gap: Quantity [Time] = "0 mo",
    }
    /// Liquidation preference of the shares.
    pub struct SeniorSpec {
        /// Multiple of the amount paid for the shares.
        pub multiple: Quantity [Multiple] = "1x",
        /// Rank of payment: rank 0 is paid first; equal ranks share pro rata.
        pub rank: Quantity [Number] = "0",
        /// Whether the shares also participate in the remainder.
        pub participates: bool = "false",
        /// Cap on total proceeds of participating shares, as a multiple of the amount paid; no cap if absent.
        pub cap: Option<Quantity> [Multiple],
    }
}

impl EquityRoundSpec {
    /// Whether it has terms that most rounds do without.
    pub fn has_limits(&self) -> bool {
        let covered = self.when.as_ref().is_some_and(|when| when.firm_cover_below.is_some());
        covered || self.min_dilution.is_some()
    }
}

choice! {
    /// Type of round.
    pub enum Kind {
        /// Shares are placed privately.
        Private = "private",
        /// Shares are sold to the public and listed.
        Ipo = "ipo",
    }
    /// Protection of holders in a later down round.
    pub enum AntiDilution {
        /// No protection.
        None = "none",
        /// Broad-based weighted average: the conversion price falls to the weighted average of old and new.
        WeightedAverage = "weighted_average",
        /// Full ratchet: the conversion price falls to that of the round.
        Ratchet = "ratchet",
    }
}

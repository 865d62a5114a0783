//! What the scenario says of a round.

use crate::language::prelude::{Name, When};
use crate::language::quantity::Quantity;
use crate::{choice, spec};

spec! {
    /// A priced round of equity, a programme of them, or the listing of the lab.
    pub struct EquityRoundSpec {
        /// Its name.
        pub name: Name,
        /// Whether it lists the lab.
        pub kind: Kind = "private",
        /// What launches a round; or say `date`.
        pub when: Option<Box<TriggerSpec>>,
        /// Month in which a single round closes; or say `when`.
        pub date: Option<When>,
        /// Size of a dated round.
        pub size: Option<Quantity> [Money positive],
        /// Pre-money value of a dated round; by default multiple × run-rate.
        pub pre_money: Option<Quantity> [Money positive],
        /// Probability that a dated round takes place at all.
        pub probability: Quantity [Share] = "100%",
        /// Whether the investors of a dated round are bound by a signed agreement, so that it closes whether the window is open or not.
        pub committed: bool = "false",
        /// Whether it can close in winter.
        pub in_winter: bool = "true",
        /// Months of burn that a launched round is to cover.
        pub covers: Quantity [Time] = "24 mo",
        /// Months of gross cost that it is to cover at least.
        pub covers_at_least: Quantity [Time] = "6 mo",
        /// Most of the company that is sold in one round.
        pub max_dilution: Quantity [Share 0.0001..0.99] = "20%",
        /// Most that is raised in one round.
        pub max_size: Option<Quantity> [Money positive],
        /// Share of the money that underwriters withhold.
        pub fee: Quantity [Share] = "0%",
        /// Months from launch to closing.
        pub process: Quantity [Time] = "3 mo",
        /// Months of waiting after a failure.
        pub retry: Quantity [Time] = "3 mo",
        /// By how much the value is lower after a failure, until a round closes.
        pub retry_discount: Quantity [Share 0.0..0.95] = "0%",
        /// Share of the size below which a round fails.
        pub fill_min: Quantity [Share] = "50%",
        /// Orders in the book over the size: lowest, when value has not moved since the launch.
        pub book_least: Quantity [Share >= 0.0] = "100%",
        /// Highest.
        pub book_most: Quantity [Share >= 0.0] = "100%",
        /// Unallocated pool after the round, as a share of all; no top-up when absent.
        pub pool_target: Option<Quantity> [Share 0.0..0.95],
        /// What the shares are owed before common shares when the lab is sold or broken up; common shares when absent.
        pub preference: Option<Box<SeniorSpec>>,
        /// What a later, cheaper round gives to the holders.
        pub anti_dilution: AntiDilution = "none",
        /// Cost of a listing beside the fee; none when absent.
        pub listing_cost: Option<Quantity> [Money],
        /// Time after a listing in which only what it sold counts as free float; it moves neither prices nor cash. None when absent.
        pub ipo_lock_up: Option<Quantity> [Time],
    }
    /// What launches a round; each is enough.
    pub struct TriggerSpec {
        /// Runway at today's burn below this.
        pub runway_below: Quantity [Time] = "18 mo",
        /// Cash below so many months of gross cost.
        pub cash_below: Quantity [Time] = "0 mo",
        /// Multiple above this, while the window is open; not a reason when absent.
        pub multiple_above: Option<Quantity> [Multiple],
        /// Least time since the last closing for a round because of a high multiple.
        pub gap: Quantity [Time] = "0 mo",
    }
    /// What shares are owed before common ones.
    pub struct SeniorSpec {
        /// Over the money paid for them.
        pub multiple: Quantity [Multiple] = "1x",
        /// Order of payment: rank 0 is paid first, equal ranks alike.
        pub rank: Quantity [Number] = "0",
        /// Whether they also share in the rest.
        pub participates: bool = "false",
        /// Most that they get in all when they participate, over the money paid for them; no cap when absent.
        pub cap: Option<Quantity> [Multiple],
    }
}

choice! {
    /// What a round is for the lab.
    pub enum Kind {
        /// Shares are sold to a few.
        Private = "private",
        /// Shares are sold to the public and listed.
        Ipo = "ipo",
    }
    /// Protection of holders against a later, cheaper round.
    pub enum AntiDilution {
        /// They get nothing.
        None = "none",
        /// The conversion price falls to the weighted average of old and new, broad-based.
        WeightedAverage = "weighted_average",
        /// The conversion price falls to that of the round.
        Ratchet = "ratchet",
    }
}

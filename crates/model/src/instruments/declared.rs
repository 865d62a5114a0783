//! What a kind of instrument declares about itself and about its terms as a user writes them: who provides the money, the shape of its terms,
//! their problems, the markets and the other instruments that they need. The engine, which runs instruments, knows nothing of it.

use crate::engine::instrument::Instrument;
use crate::issues::{Issues, Place};
use crate::language::prelude::FloatingRate;
use crate::language::reader::Read;
use crate::language::rules::KeyRules;

/// Whose money, or whose power, an instrument is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// A supplier who sells compute to the lab.
    Supplier,
    /// The lab itself: hardware of its own.
    Own,
    /// Buyers of shares.
    Investor,
    /// A buyer of shares who is also a supplier.
    Strategic,
    /// Holders of notes that convert.
    Noteholder,
    /// Lenders.
    Lender,
    /// A vehicle of its own between the lab and those who fund it.
    Vehicle,
    /// Partners of a joint venture.
    Partner,
}

/// What a kind of instrument is, for the lists of kinds, the metrics, the charts and the report.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Whose money it is.
    pub provider: Provider,
    /// The kind under which a scenario names it, where the terms of that kind ask for this one.
    pub written_as: Option<&'static str>,
    /// Whether it is a vehicle: an entity with its own debt or rent between the lab and the lenders.
    pub is_vehicle: bool,
    /// The field of its state that adds up the capital that its providers paid in, for the concentration of capital.
    pub capital: Option<&'static str>,
}

impl Facts {
    /// A kind that a scenario can name, no vehicle, whose providers pay in no capital.
    pub const fn of(provider: Provider) -> Facts {
        Facts { provider, written_as: None, is_vehicle: false, capital: None }
    }
    /// Named in a scenario as `kind`, whose terms ask for this one.
    #[must_use]
    pub const fn written_as(self, kind: &'static str) -> Facts {
        Facts { written_as: Some(kind), ..self }
    }
    /// Has debt or rent of its own.
    #[must_use]
    pub const fn vehicle(self) -> Facts {
        Facts { is_vehicle: true, ..self }
    }
    /// Adds up in this field of its state what its providers paid in.
    #[must_use]
    pub const fn capital(self, field: &'static str) -> Facts {
        Facts { capital: Some(field), ..self }
    }
    /// Whether it belongs to `lab.compute`, not to `instruments`.
    pub const fn of_compute(&self) -> bool {
        matches!(self.provider, Provider::Supplier | Provider::Own)
    }
    /// Whether a scenario names it in `instruments`.
    pub const fn is_instrument(&self) -> bool {
        self.written_as.is_none() && !self.of_compute()
    }
}

/// A market of the world that terms read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Market {
    /// `world.sofr`.
    Sofr,
    /// `world.credit_spread`.
    CreditSpread,
    /// `world.equity_multiple`.
    EquityMultiple,
    /// `world.compute_price`.
    ComputePrice,
    /// `world.vendor_share`.
    VendorShare,
}

/// A market that terms read, so that it must be given.
#[derive(Debug)]
pub struct Need {
    /// Which.
    pub market: Market,
    /// The term that reads it; none for the whole scenario.
    pub place: Option<Place>,
    /// What reads it, as the title of an error.
    pub title: String,
    /// What else could be written, if not the market.
    pub instead: &'static str,
}

impl Need {
    /// A market that the term at `place` reads.
    pub fn of(market: Market, place: Option<Place>, title: String) -> Need {
        Need { market, place, title, instead: "" }
    }
    /// SOFR, if one of these rates of `name` floats.
    pub fn of_rates(name: &str, rates: &[&FloatingRate], needs: &mut Vec<Need>) {
        if let Some(rate) = rates.iter().find(|rate| rate.floats) {
            let title = format!("a rate of `{name}` floats over SOFR, which is not specified");
            needs.push(Need::of(Market::Sofr, Some(rate.margin.place()), title));
        }
    }
}

/// An instrument that can be written in a scenario.
pub trait Declared: Instrument<Spec: Read> {
    /// What it is.
    const FACTS: Facts;
    /// Every problem of the terms that reading could not see, with its place.
    fn check(_spec: &Self::Spec, _issues: &mut Issues) {}
    /// What quantities of the terms must be to one another on every path.
    fn key_rules(_spec: &Self::Spec, _rules: &mut KeyRules<'_>) {}
    /// Markets that the terms read.
    fn needs(_spec: &Self::Spec, _needs: &mut Vec<Need>) {}
    /// Whether the terms issue shares, or warrants on them, at the market's price.
    fn prices_shares(_spec: &Self::Spec) -> bool {
        false
    }
    /// Names of other instruments in the terms become bits of [`Lab::defaulted`](crate::engine::instrument::Lab::defaulted); `None` for a name
    /// that no instrument has, or an instrument that never defaults.
    fn link(_spec: &mut Self::Spec, _bit: &dyn Fn(&str) -> Option<u64>, _issues: &mut Issues) {}
}

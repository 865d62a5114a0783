//! What a kind of instrument declares about itself and about its terms as a user writes them: who provides the money,
//! the shape of the terms, their validation, and the markets and other instruments that they need. The engine, which
//! runs instruments, does not depend on it.

use crate::engine::instrument::Instrument;
use crate::issues::{Issues, Place};
use crate::language::prelude::FloatingRate;
use crate::language::reader::Read;
use crate::language::rules::KeyRules;

/// Who provides the money or the power of an instrument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// A supplier who sells compute to the lab.
    Supplier,
    /// The lab itself, with its own hardware.
    Own,
    /// Equity investors.
    Investor,
    /// An equity investor who is also a supplier.
    Strategic,
    /// Holders of convertible notes.
    Noteholder,
    /// Lenders.
    Lender,
    /// A separate vehicle between the lab and its funders.
    Vehicle,
    /// Partners of a joint venture.
    Partner,
}

/// Classification of a kind of instrument, for the lists of kinds, the metrics, the charts and the report.
#[derive(Clone, Copy, Debug)]
pub struct Facts {
    /// Who provides the money.
    pub provider: Provider,
    /// The kind under which a scenario names it, if it is a variant selected by the terms of that kind.
    pub written_as: Option<&'static str>,
    /// Whether it is a vehicle: an entity with its own debt or rent between the lab and the lenders.
    pub is_vehicle: bool,
    /// The state field that accumulates the capital paid in by its providers, for the concentration of capital.
    pub capital: Option<&'static str>,
}

impl Facts {
    /// A kind that a scenario can name, that is not a vehicle, and whose providers pay in no capital.
    pub const fn of(provider: Provider) -> Facts {
        Facts { provider, written_as: None, is_vehicle: false, capital: None }
    }
    /// Marks it as a variant that a scenario names as `kind`.
    #[must_use]
    pub const fn written_as(self, kind: &'static str) -> Facts {
        Facts { written_as: Some(kind), ..self }
    }
    /// Marks it as a vehicle, with debt or rent of its own.
    #[must_use]
    pub const fn vehicle(self) -> Facts {
        Facts { is_vehicle: true, ..self }
    }
    /// Names the state field that accumulates the capital paid in by its providers.
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

/// A market of the world that terms depend on.
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

/// A market that terms depend on and that must therefore be specified.
#[derive(Debug)]
pub struct Need {
    /// The market.
    pub market: Market,
    /// The term that reads it; `None` for the whole scenario.
    pub place: Option<Place>,
    /// Title of the error, which states what reads the market.
    pub title: String,
    /// Alternatives to specifying the market, appended to the help text; may be empty.
    pub instead: &'static str,
}

impl Need {
    /// The need for a market that the term at `place` reads.
    pub fn of(market: Market, place: Option<Place>, title: String) -> Need {
        Need { market, place, title, instead: "" }
    }
    /// Adds the need for SOFR if one of these rates of `name` is floating.
    pub fn of_rates(name: &str, rates: &[&FloatingRate], needs: &mut Vec<Need>) {
        if let Some(rate) = rates.iter().find(|rate| rate.floats) {
            let title = format!("a rate of `{name}` floats over SOFR, which is not specified");
            needs.push(Need::of(Market::Sofr, Some(rate.margin.place()), title));
        }
    }
}

/// An instrument that can be written in a scenario.
pub trait Declared: Instrument<Spec: Read> {
    /// Its classification.
    const FACTS: Facts;
    /// Reports errors that `Reader` does not detect.
    fn check(_spec: &Self::Spec, _issues: &mut Issues) {}
    /// Adds the rules between quantities that must hold on every path.
    fn key_rules(_spec: &Self::Spec, _rules: &mut KeyRules<'_>) {}
    /// Adds the markets that the terms read.
    fn needs(_spec: &Self::Spec, _needs: &mut Vec<Need>) {}
    /// Whether the terms issue shares, or warrants on them, at the market price.
    fn prices_shares(_spec: &Self::Spec) -> bool {
        false
    }
    /// Resolves names of other instruments in the terms to bits of
    /// [`Lab::defaulted`](crate::engine::instrument::Lab::defaulted). The lookup returns `None` for a name that no
    /// instrument has, or for an instrument that never defaults.
    fn link(_spec: &mut Self::Spec, _bit: &dyn Fn(&str) -> Option<u64>, _issues: &mut Issues) {}
}

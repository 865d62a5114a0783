//! Markets used by a scenario must be specified: otherwise they would silently count as zero.
//!
//! Indices, such as the resale value of accelerators, are excluded: they start at 1 and stay there unless something
//! moves them.

use crate::instruments::RoomSpec;
use crate::issues::{Issues, Place};
use crate::language::prelude::FloatingRate;
use crate::scenario::Scenario;

/// What to write for SOFR.
const SOFR: &str = "write `world: {sofr: {start: 4%/yr, long_run: 3.5%/yr}}`";
/// What to write for credit spreads.
const SPREAD: &str = "write `world: {credit_spread: {level: 225 bp}}`";
/// What to write for the price of equity.
const MULTIPLE: &str = "write `world: {equity_multiple: {now: 19x, later: 8x}}`";
/// What to write for the price of power.
const POWER: &str = "write `world: {compute_price: {contract: 9B USD/GW-yr}}`";

/// A market that is read.
struct Need {
    place: Option<Place>,
    title: String,
    key: &'static str,
    help: &'static str,
}

/// Rates of an instrument that may float.
fn rates(room: &RoomSpec) -> Vec<&FloatingRate> {
    match room {
        RoomSpec::TermLoan(s) | RoomSpec::CovenantLoan(s) => vec![&s.rate],
        RoomSpec::Revolver(s) | RoomSpec::CovenantRevolver(s) => vec![&s.rate],
        RoomSpec::VentureDebt(s) => vec![&s.rate],
        RoomSpec::VendorLoan(s) => s.rate.iter().collect(),
        RoomSpec::Campus(s) => vec![&s.debt.rate, &s.debt.cash_interest],
        RoomSpec::Ddtl(s) => vec![&s.rate],
        _ => Vec::new(),
    }
}

/// What an instrument needs besides the rate that it pays.
fn of_terms(room: &RoomSpec) -> Option<(Option<Place>, String, &'static str, &'static str)> {
    match room {
        RoomSpec::Revolver(s) | RoomSpec::CovenantRevolver(s) if s.moves_with_credit => {
            let title = format!("the rate of `{}` moves with credit spreads, which are not specified", s.name);
            Some((Some(s.rate.margin.place()), title, "credit_spread", SPREAD))
        }
        RoomSpec::Campus(s) if s.is_refinanced() => {
            let title =
                format!("the balance of `{}` at maturity is refinanced over SOFR, which is not specified", s.name);
            Some((Some(s.debt.refinancing.margin.place()), title, "sofr", SOFR))
        }
        RoomSpec::VentureDebt(s) if s.warrants.is_some() => {
            let title = format!("warrants of `{}` are valued at SOFR, which is not specified", s.name);
            Some((Some(s.name.place()), title, "sofr", SOFR))
        }
        RoomSpec::Ddtl(s) if s.lets_again() => {
            let title = format!("hardware of `{}` is re-leased at a market price, which is not specified", s.name);
            Some((Some(s.enforcement.relet.place()), title, "compute_price", POWER))
        }
        _ => None,
    }
}

impl Scenario {
    /// Markets that are read and not given.
    pub(super) fn check_markets(&self, issues: &mut Issues) {
        let mut needs: Vec<Need> = Vec::new();
        for room in &self.instruments.0 {
            let name = room.name().unwrap_or(room.kind());
            for rate in rates(room).into_iter().filter(|rate| rate.floats).take(1) {
                let title = format!("a rate of `{name}` floats over SOFR, which is not specified");
                needs.push(Need { place: Some(rate.margin.place()), title, key: "sofr", help: SOFR });
            }
            if let Some((place, title, key, help)) = of_terms(room) {
                needs.push(Need { place, title, key, help });
            }
        }
        let cash = &self.lab.interest_on_cash;
        if cash.floats {
            let title = "interest on cash floats over SOFR, which is not specified".to_owned();
            needs.push(Need { place: Some(cash.margin.place()), title, key: "sofr", help: SOFR });
        }
        let odds = &self.lab.default.outcomes;
        if let Some(odds) = [&odds.rescue, &odds.restructuring].into_iter().find(|q| q.known() != Some(0.0)) {
            let title =
                "a failed lab is rescued or restructured at a price of equity, which is not specified".to_owned();
            needs.push(Need { place: Some(odds.place()), title, key: "equity_multiple", help: MULTIPLE });
        }
        let world = &self.world;
        for need in needs {
            let given = match need.key {
                "sofr" => world.sofr.is_some(),
                "credit_spread" => world.credit_spread.is_some(),
                "equity_multiple" => world.equity_multiple.is_some(),
                _ => world.compute_price.is_some(),
            };
            if !given {
                let label = format!("`world.{}` is missing", need.key);
                issues.error("missing", need.place, need.title, label).help(need.help);
            }
        }
    }
}

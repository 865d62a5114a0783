//! Debt sized on the expected case, or exceeding what its rent can service.

use super::Lens;
use crate::instruments::InstrumentSpec;
use crate::instruments::ddtl::RepaymentProfile;
use crate::instruments::joint_venture::spec::JointVentureSpec;
use crate::instruments::spv::SpvSpec;
use crate::instruments::term_loan::level_payment;
use crate::issues::Place;
use crate::language::quantity::Quantity;

/// Minimum debt service cover that leaves a margin for a case worse than the base case.
const LEAST_COVER: f64 = 1.05;

/// Debt sized on the base case, with little or no margin for a worse one.
pub(super) fn one_case(lens: &mut Lens<'_>) {
    let mut found: Vec<(Place, String, &str)> = Vec::new();
    for instrument in &lens.of.scenario.instruments.0 {
        match instrument {
            InstrumentSpec::Campus(campus) if campus.debt.amount.is_none() => {
                let debt = &campus.debt;
                let covers = [&debt.target_dscr, &debt.target_llcr];
                let covers: Vec<_> = covers.into_iter().flatten().collect();
                if covers.is_empty() {
                    let title = format!("the debt of `{}` is sized without a target DSCR or LLCR", campus.name);
                    found.push((debt.rate.margin.place(), title, "neither `target_dscr` nor `target_llcr`"));
                } else if covers.iter().all(|cover| lens.middle(cover) < LEAST_COVER) {
                    let title = format!("the debt service of `{}` takes all base-case cash flow", campus.name);
                    found.push((covers[0].place(), title, "there is no margin for a worse case"));
                }
            }
            InstrumentSpec::Ddtl(loan)
                if loan.repayment.profile == RepaymentProfile::Sculpted
                    && lens.middle(&loan.repayment.dscr) < LEAST_COVER =>
            {
                let title = format!("draws of `{}` are as large as the contract can service", loan.name);
                found.push((loan.repayment.dscr.place(), title, "there is no margin for a worse case"));
            }
            _ => {}
        }
    }
    for (place, title, label) in found {
        if let Some(issue) = lens.lint("lint-debt-on-median", place, title, label) {
            issue.help("lenders require 1.15x to 1.50x");
        }
    }
}

/// Share of a lessor's debt service that its stated rent does not cover; zero if the rent is derived from the debt.
fn short_of_lease(lens: &Lens<'_>, vehicle: &SpvSpec) -> f64 {
    let Some(rent) = &vehicle.lease.rent else { return 0.0 };
    let term = vehicle.lease.term.0.round().max(1.0);
    let service: f64 = vehicle
        .tranches
        .iter()
        .map(|(_, t)| {
            let (amount, rate, balloon) =
                (lens.middle(&t.amount), lens.middle(&t.rate) / 12.0, lens.middle(&t.balloon));
            (amount - balloon * libm::exp(-term * libm::log1p(rate))) * level_payment(rate, term)
        })
        .sum();
    if service > 0.0 { 1.0 - lens.middle(rent) / service } else { 0.0 }
}

/// The same for a venture: rent less operating cost against level payments on its debt, excluding interest during
/// construction.
fn short_of_venture(lens: &Lens<'_>, venture: &JointVentureSpec) -> f64 {
    let (Some(rent), Some(debt)) = (&venture.rent, &venture.debt) else { return 0.0 };
    let capital = lens.middle(&venture.commitment.lab) + lens.middle(&venture.commitment.partners);
    let amount = match (&debt.amount, &debt.share) {
        (Some(amount), _) => lens.middle(amount),
        (None, Some(share)) => capital * lens.middle(share) / (1.0 - lens.middle(share).min(0.999)),
        (None, None) => 0.0,
    };
    let service = amount * level_payment(lens.middle(&debt.rate) / 12.0, debt.term.0.round().max(1.0));
    if service > 0.0 { 1.0 - (lens.middle(rent) - lens.middle(&venture.opex)) / service } else { 0.0 }
}

/// Vehicles whose rent, even if paid in full, does not cover their debt service.
pub(super) fn unserved(lens: &mut Lens<'_>) {
    let mut found: Vec<(Place, String)> = Vec::new();
    for instrument in &lens.of.scenario.instruments.0 {
        let (place, name, short) = match instrument {
            InstrumentSpec::Spv(s) => {
                let rent = s.lease.rent.as_ref().map_or(s.name.place(), Quantity::place);
                (rent, &s.name, short_of_lease(lens, s))
            }
            InstrumentSpec::AssetVenture(s) => {
                let rent = s.rent.as_ref().map_or(s.name.place(), Quantity::place);
                (rent, &s.name, short_of_venture(lens, s))
            }
            _ => continue,
        };
        if short > 1e-9 {
            let title = format!("the rent of `{name}` leaves {:.0}% of its debt service unpaid", short * 100.0);
            found.push((place, title));
        }
    }
    for (place, title) in found {
        let label = "with every rent payment made in full, at the median of the inputs";
        if let Some(issue) = lens.lint("lint-debt-unserved", place, title, label) {
            issue
                .help("reduce the debt, raise the rent, or remove the `rent` of an `spv`, which is then derived from its debt");
        }
    }
}

//! What each provider of credit has committed, with uncertain terms at the medians of their inputs. Where the amount
//! follows from other terms or from the path (equity, suppliers, a campus sized by its cover), none is stated.

use crate::engine::draws::Inputs;
use crate::instruments::InstrumentSpec;
use crate::plan::{Plan, instrument_spec};

/// The commitment of each claimant that states one, in USD.
pub(super) fn all(plan: &Plan) -> Vec<(String, f64)> {
    let inputs = Inputs::new(&plan.medians);
    let mut out = Vec::new();
    for instrument in &plan.instruments {
        let name = &instrument.name;
        let mut add = |account: &str, amount: f64| {
            let name = if account.is_empty() { name.clone() } else { format!("{name}.{account}") };
            out.push((name, amount));
        };
        match instrument_spec(instrument) {
            InstrumentSpec::Revolver(spec) | InstrumentSpec::CovenantRevolver(spec) => add("", spec.limit.at(&inputs)),
            InstrumentSpec::TermLoan(spec) | InstrumentSpec::CovenantLoan(spec) => {
                spec.amount.iter().for_each(|amount| add("", amount.at(&inputs)));
            }
            InstrumentSpec::VendorLoan(spec) => spec.limit.iter().for_each(|limit| add("", limit.at(&inputs))),
            InstrumentSpec::Ddtl(spec) => add("", spec.commitment.at(&inputs)),
            InstrumentSpec::VentureDebt(spec) => add("", spec.commitment.at(&inputs)),
            InstrumentSpec::Convertible(spec) => add("", spec.amount.at(&inputs)),
            InstrumentSpec::Spv(spec) => {
                for (tranche, terms) in &spec.tranches.0 {
                    add(tranche.as_str(), terms.amount.at(&inputs));
                }
            }
            InstrumentSpec::Abs(spec) => {
                let value = spec.pool.value.at(&inputs);
                for (tranche, terms) in &spec.tranches.0 {
                    add(tranche.as_str(), value * terms.advance.at(&inputs));
                }
            }
            InstrumentSpec::Campus(spec) => {
                spec.debt.amount.iter().for_each(|amount| add("debt", amount.at(&inputs)));
                for (tranche, terms) in &spec.subordinated.0 {
                    add(tranche.as_str(), terms.amount.at(&inputs));
                }
            }
            InstrumentSpec::AssetVenture(spec) | InstrumentSpec::DistributionVenture(spec) => {
                add("partners", spec.commitment.partners.at(&inputs));
            }
            _ => {}
        }
    }
    out
}

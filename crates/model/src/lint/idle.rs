//! Declarations without effect.

use super::{Lens, has_word};
use crate::instruments::InstrumentSpec;
use crate::language::overlay;
use crate::language::tree::{Node, Value};

/// Inputs that neither the file nor one of its variants uses.
pub(super) fn inputs(lens: &mut Lens<'_>) {
    let variants = lens.of.tree.get("variants");
    for input in lens.of.reader.unused_inputs() {
        if variants.is_some_and(|node| mentions(node, &input.name)) {
            continue;
        }
        let title = format!("the input `{}` is not used", input.name);
        if let Some(issue) = lens.lint("lint-unused-input", input.place, title, "its uncertainty has no effect") {
            issue.help("use its name where the value belongs, or remove it");
        }
    }
}

/// Capital markets that state nothing, and a supply of which no instrument takes anything.
pub(super) fn capital(lens: &mut Lens<'_>) {
    let scenario = lens.of.scenario;
    let Some(capital) = &scenario.world.capital else { return };
    let any = |takes: fn(&InstrumentSpec) -> bool| scenario.instruments.0.iter().any(takes);
    let empty = capital.price.is_none() && capital.equity.is_none() && capital.credit.is_none();
    let equity = capital.equity.is_some() && !any(takes_equity);
    let credit = capital.credit.is_some() && !any(takes_credit);
    let of_credit = "no loan, vehicle or convertible draws anything from the first month on; add one, or remove it";
    for (found, path, title, label) in [
        (empty, "world.capital", "`world.capital` states nothing", "state `price`, `equity` or `credit`, or remove it"),
        (equity, "world.capital.equity", "a supply of equity without a round", "add an `equity_round`, or remove it"),
        (credit, "world.capital.credit", "a supply of credit without a borrower", of_credit),
    ] {
        if let Some(node) = overlay::find(lens.of.tree, path).filter(|_| found) {
            lens.lint("lint-unused-capital", node.place, title, label);
        }
    }
}

/// Whether an instrument takes from the supply of equity.
fn takes_equity(instrument: &InstrumentSpec) -> bool {
    matches!(instrument, InstrumentSpec::EquityRound(_) | InstrumentSpec::LimitedRound(_))
}

/// Whether an instrument takes from the supply of credit: new debt that was not agreed before the first month.
fn takes_credit(instrument: &InstrumentSpec) -> bool {
    match instrument {
        InstrumentSpec::TermLoan(s) | InstrumentSpec::CovenantLoan(s) => s.date.is_none_or(|date| date.0 >= 1.0),
        InstrumentSpec::Ddtl(s) => s.deliveries.start.0 >= 1.0,
        InstrumentSpec::Spv(_)
        | InstrumentSpec::Campus(_)
        | InstrumentSpec::Convertible(_)
        | InstrumentSpec::Abs(_) => true,
        _ => false,
    }
}

fn mentions(node: &Node, name: &str) -> bool {
    match &node.value {
        Value::Map(entries) => entries.iter().any(|(_, value)| mentions(value, name)),
        Value::List(items) => items.iter().any(|item| mentions(item, name)),
        Value::Scalar { text, .. } => has_word(text, name),
        Value::Null => false,
    }
}

/// Allowances of lints that did not arise. Runs last.
pub(super) fn allowances(lens: &mut Lens<'_>) {
    for allowance in &lens.of.scenario.allow.0 {
        if !lens.allowed.contains(&allowance.code) && allowance.code != "lint-unused-allow" {
            let title = format!("`{}` is allowed but does not arise", allowance.code);
            lens.lint("lint-unused-allow", allowance.place, title, "remove it");
        }
    }
}

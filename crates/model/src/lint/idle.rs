//! Declarations without effect.

use super::{Lens, has_word};
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

//! Keys that have no effect in combination with another.
//!
//! A key is reported only when its value is not the default: a resolved scenario writes out every default.

use super::quantity::{Quantity, Range};
use super::reader::Reader;
use super::said::read_quantity;
use super::spec::Field;
use super::tree::Node;
use crate::issues::{Issues, Place};

/// The default of a key of `fields`, in canonical units; `None` if it has none or is not a quantity.
fn default_of(fields: &[Field], key: &str) -> Option<f64> {
    let field = fields.iter().find(|field| field.name == key)?;
    let node = Node::scalar(field.default?, Place::default());
    read_quantity(&node, field.kind?, Range::ANY, &mut Reader::default())?.known()
}

/// A key that has no effect, and where it was written; `None` if its value is the default.
pub fn quantity<'k>(fields: &[Field], key: &'k str, quantity: &Quantity) -> (&'k str, Option<Place>) {
    let default = default_of(fields, key);
    (key, Some(quantity.place()).filter(|_| default.is_none() || quantity.known() != default))
}

/// A key that has no effect, and where it was written, if it was given.
pub fn given<'k>(key: &'k str, quantity: Option<&Quantity>) -> (&'k str, Option<Place>) {
    (key, quantity.map(Quantity::place))
}

/// Reports the keys that were given: `why` names what makes them ineffective, and `label` what to do.
pub fn report(keys: &[(&str, Option<Place>)], why: &str, label: &str, issues: &mut Issues) {
    for (key, at) in keys.iter().filter_map(|(key, at)| Some((key, (*at)?))) {
        issues.error("unused", at, format!("`{key}` has no effect {why}"), label);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instruments::equity_round::EquityRoundSpec;

    #[test]
    fn defaults_are_read_from_the_table_of_fields() {
        let of = |key| default_of(EquityRoundSpec::FIELDS, key);
        assert_eq!((of("max_dilution"), of("covers"), of("max_size"), of("name")), (Some(0.2), Some(24.0), None, None));
        let place = |x| quantity(EquityRoundSpec::FIELDS, "covers", &Quantity::constant(x)).1;
        assert_eq!((place(24.0), place(12.0)), (None, Some(Place::default())));
    }
}

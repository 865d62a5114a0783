//! Keys that do nothing beside another one.
//!
//! A key is reported only when its value is not the default: a resolved scenario writes every default out.

use super::quantity::{Quantity, Range};
use super::reader::Reader;
use super::said::read_quantity;
use super::spec::Field;
use super::tree::Node;
use crate::issues::{Issues, Place};

/// The default of a key of `fields`, in canonical units; none when it has none or is no quantity.
fn default_of(fields: &[Field], key: &str) -> Option<f64> {
    let field = fields.iter().find(|field| field.name == key)?;
    let node = Node::scalar(field.default?, Place::default());
    read_quantity(&node, field.kind?, Range::ANY, &mut Reader::default())?.known()
}

/// A key that does nothing, and where it stands; none when it is what stands there by default.
pub fn quantity<'k>(fields: &[Field], key: &'k str, quantity: &Quantity) -> (&'k str, Option<Place>) {
    let default = default_of(fields, key);
    (key, Some(quantity.place()).filter(|_| default.is_none() || quantity.known() != default))
}

/// A key that does nothing where it is given.
pub fn given<'k>(key: &'k str, quantity: Option<&Quantity>) -> (&'k str, Option<Place>) {
    (key, quantity.map(Quantity::place))
}

/// Reports the keys that are given: `why` says beside what they do nothing, and `label` what to do.
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

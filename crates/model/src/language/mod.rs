//! The language of scenario files: from text to typed specs, with all problems reported at once.
//!
//! ```text
//! text ─yaml::load─▶ Node ─overlay─▶ Node ─Read (spec!, choice!)─▶ specs + inputs + Issues;  the Node now shows every default
//! ```
//!
//! An instrument declares what it reads, and nothing else:
//!
//! ```
//! use gapcast_model::language::prelude::*;
//! gapcast_model::choice! {
//!     /// What a lender does when the covenant breaks.
//!     pub enum Breach { /// Nothing more is lent.
//!         Stop = "stop", /// All is due.
//!         Accelerate = "accelerate" }
//! }
//! gapcast_model::spec! {
//!     /// A line of credit.
//!     pub struct RevolverSpec {
//!         /// Most that can be drawn.
//!         pub limit: Quantity [Money],
//!         /// Interest on what is drawn.
//!         pub rate: FloatingRate,
//!         /// Fee on what is not drawn.
//!         pub commitment_fee: Quantity [Rate >= 0.0] = "0 bp",
//!         /// What is always kept.
//!         pub minimum_cash: Option<Quantity> [Money],
//!         /// What happens on a breach.
//!         pub breach: Breach as "on_breach" = "stop",
//!     }
//! }
//! let mut r = Reader::new(gapcast_model::units::Month::new(2026, 6), 60);
//! let mut node = load("{limit: 4B USD to 6B USD, rate: sofr + 200 bp}", 0, &mut r.issues).unwrap();
//! let spec = r.within("revolver", None, |r| RevolverSpec::read(&mut node, None, r)).unwrap();
//! assert_eq!(r.inputs[0].name, "revolver.limit");
//! let path = Inputs::new(&[5e9]);
//! assert_eq!((spec.limit.at(&path), path.was_read(), spec.limit.known()), (5e9, true, None));
//! assert_eq!((spec.rate.floats, spec.rate.margin.known()), (true, Some(0.02)));
//! assert_eq!(node.get("on_breach").unwrap().text(), Some("stop"));
//! ```
//!
//! - `[Kind]` is the kind of a quantity; it passes through `Option`, `Vec` and `Keyed`. Values outside the kind's range
//!   are errors: shares and hazards accept 0 to 1, growth any number, all others 0 or more. `[Kind any]`,
//!   `[Kind positive]`, `[Kind >= a]`, `[Kind <= b]`, `[Kind a..b]` (ends included, canonical units) state another
//!   range. A field that accepts negative values must say so; a test lists all such fields. Draws of an uncertain input
//!   beyond the range are set to its limit.
//! - `= "…"` is the default, in YAML; it is written into the tree. `= "{}"` stands for a map of defaults.
//! - `as "key"` gives the key a name other than the field's.
//! - Every map may carry `source`, `note`, `url`; so may `{value: …}` and `{dist: …}` in place of any quantity.
//! - `inputs:` is read first by [`reader::Reader::read_inputs`]. An interval written in place is an input named after
//!   its path.
//! - Constraints between quantities of one map are rules, stated in `key_rules` with [`rules::KeyRules`]: those between
//!   known values are checked at once, the others on draws.
//! - [`Quantity::at`](quantity::Quantity::at) never gives NaN or infinity.
//!
//! Not covered here: what the numbers mean (the instruments), how laws are sampled, and printing (`cli`).

pub mod assumption;
pub mod checks;
pub mod codes;
pub mod collections;
pub mod describe;
pub mod expr;
pub mod law;
pub mod literal;
mod meant;
pub mod origin;
pub mod overlay;
pub mod quantity;
pub mod reader;
pub mod rules;
mod said;
pub mod schema;
mod slips;
pub mod spec;
pub mod target;
mod traps;
pub mod tree;
pub mod unit;
pub mod unused;
pub mod values;
pub mod write;
pub mod yaml;

/// What an author of specs needs.
pub mod prelude {
    pub use super::assumption::Assumption;
    pub use super::checks::{Bound, Check, Comparison, Function, Time};
    pub use super::collections::Keyed;
    pub use super::law::{InputSpec, LawSpec};
    pub use super::quantity::{Inputs, Kind, Quantity, Range, Unit, example};
    pub use super::reader::{Read, Reader};
    pub use super::rules::KeyRules;
    pub use super::spec::{Entry, Field, Shape};
    pub use super::tree::{Key, Node, Sources, Value};
    pub use super::values::{FloatingRate, Months, Name, Text, When, Words};
    pub use super::write::to_yaml;
    pub use super::yaml::load;
    pub use crate::issues::{Issue, Issues, Place, Severity};
    pub use crate::{choice, spec};
}

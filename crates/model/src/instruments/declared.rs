//! What a kind of room says of its terms as a user writes them: their shape, their problems, and the other rooms that they
//! name. The engine, which runs rooms, knows nothing of it.

use crate::engine::room::Room;
use crate::issues::Issues;
use crate::language::reader::Read;
use crate::language::rules::KeyRules;

/// A room that can be written in a scenario.
pub trait Declared: Room<Spec: Read> {
    /// Every problem of the terms that reading could not see, with its place.
    fn check(_spec: &Self::Spec, _issues: &mut Issues) {}
    /// What quantities of the terms must be to one another on every path.
    fn key_rules(_spec: &Self::Spec, _rules: &mut KeyRules<'_>) {}
    /// Names of other rooms in the terms become bits of [`Lab::defaulted`](crate::engine::room::Lab::defaulted); `None` for a name
    /// that no room has, or a room that never defaults.
    fn link(_spec: &mut Self::Spec, _bit: &dyn Fn(&str) -> Option<u64>, _issues: &mut Issues) {}
}

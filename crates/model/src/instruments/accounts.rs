//! Names of provider accounts: those that a scenario gives are listed with the built-in ones, and the tables identify each by name.

use crate::issues::Issues;
use crate::language::prelude::Name;

/// Reports names that belong to the built-in accounts `taken`.
pub fn check<'n>(given: impl Iterator<Item = &'n Name>, taken: &[&str], issues: &mut Issues) {
    for name in given.filter(|name| taken.contains(&name.as_str())) {
        let label = "an account of this instrument already has this name";
        issues
            .error("name", name.place(), format!("a tranche cannot be named `{name}`"), label)
            .help("the name is reserved for an account in the tables; choose another");
    }
}

//! Names of provider accounts. Those given in a scenario are listed with the built-in ones, and the tables identify
//! each account by name.

use crate::issues::Issues;
use crate::language::prelude::Name;

/// Reports an error for each name that is `taken` by a built-in account.
pub fn check<'n>(given: impl Iterator<Item = &'n Name>, taken: &[&str], issues: &mut Issues) {
    for name in given.filter(|name| taken.contains(&name.as_str())) {
        let label = "an account of this instrument already has this name";
        issues
            .error("name", name.place(), format!("a tranche cannot be named `{name}`"), label)
            .help("the name is reserved for an account in the tables; choose another");
    }
}

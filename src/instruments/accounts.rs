//! Names of provider accounts: those that a scenario gives stand beside built-in ones, and the tables know each by its name.

use crate::issues::Issues;
use crate::language::prelude::Name;

/// Reports names that belong to the built-in accounts `taken`.
pub fn check<'n>(given: impl Iterator<Item = &'n Name>, taken: &[&str], issues: &mut Issues) {
    for name in given.filter(|name| taken.contains(&name.as_str())) {
        let label = "an account of this instrument has this name already";
        issues
            .error("name", name.place(), format!("no tranche can be called `{name}`"), label)
            .help("the tables call the lines of an account by its name; choose another");
    }
}

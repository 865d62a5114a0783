//! Layers of a scenario: `extends`, `variants` and `--set`, all merged as trees so that each value keeps its place.

mod files;
mod paths;
mod variants;

pub use files::{Prepare, Reach, STDIN, load_file, load_texts};
pub use paths::{Translate, apply_sets, find, find_mut, merge, paths, set};
pub use variants::{apply_variant, check_variants, drop_checks, settle_variants, variants};

#[cfg(test)]
mod tests;

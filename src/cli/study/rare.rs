//! `gapcast rare`: the probability of an event that few paths have.

use clap::Args;

use super::{One, Shared};
use crate::cli::screen::Screen;
use crate::study::Ask;
use crate::study::rare::Ask as Rare;

/// Arguments of `rare`.
#[derive(Clone, Debug, Args)]
pub struct RareArgs {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    pub(in crate::cli) shared: Shared,
}

/// Runs the command.
pub fn rare(args: &RareArgs, screen: &Screen) -> u8 {
    let ask = Ask::Rare(Rare { case: args.one.case() });
    args.shared.answer(ask, std::slice::from_ref(&args.one.file), None, screen)
}

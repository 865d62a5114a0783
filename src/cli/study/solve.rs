//! `gapcast solve`: the value of a setting at which a check begins or ceases to hold.

use clap::Args;

use super::{One, Shared};
use crate::cli::fault::Fault;
use crate::cli::screen::Screen;
use crate::study::Ask;
use crate::study::solve::{Ask as Solve, Sought, Vary};

/// Arguments of `solve`.
#[derive(Clone, Debug, Args)]
pub struct SolveArgs {
    #[command(flatten)]
    one: One,
    /// The setting that is varied, from a quarter of its value to four times, or between two ends. A second one gives the
    /// contour: the answer for the second at nine values of the first.
    #[arg(long, value_name = "PATH[=a..b]", required_unless_present = "reverse_stress")]
    vary: Vec<String>,
    /// The check that shall hold, such as `p(cash_out) < 10%`; with `--reverse-stress`, the event.
    #[arg(
        long,
        value_name = "CHECK",
        default_value_if("reverse_stress", "true", "cash_out"),
        required_unless_present = "reverse_stress"
    )]
    until: Option<String>,
    /// Seek the smallest value that works. Default: the end of the values that begin at the lower end of the range.
    #[arg(long, conflicts_with = "largest")]
    smallest: bool,
    /// Seek the largest value that works.
    #[arg(long)]
    largest: bool,
    /// Find the likeliest joint move of the inputs that makes the event as likely as not.
    #[arg(long, conflicts_with = "vary")]
    reverse_stress: bool,
    #[command(flatten)]
    pub(in crate::cli) shared: Shared,
}

/// Runs the command.
pub fn solve(args: &SolveArgs, screen: &Screen) -> u8 {
    let vary: Result<Vec<Vary>, String> = args.vary.iter().map(|text| Vary::read(text)).collect();
    let vary = match vary {
        Ok(vary) if vary.len() <= 2 => vary,
        Ok(_) => return Fault::usage("at most two settings are varied").tell(screen, args.shared.json),
        Err(message) => return Fault::usage(message).tell(screen, args.shared.json),
    };
    let sought = match (args.smallest, args.largest) {
        (true, _) => Some(Sought::Smallest),
        (_, true) => Some(Sought::Largest),
        _ => None,
    };
    let until = args.until.clone().unwrap_or_default();
    let ask = Solve { case: args.one.case(), vary, until, sought, stress: args.reverse_stress };
    args.shared.answer(Ask::Solve(ask), std::slice::from_ref(&args.one.file), None, screen)
}

//! `gapcast sens`: what moves a target.

use clap::Args;

use super::{One, Shared};
use crate::cli::fault::Fault;
use crate::cli::screen::Screen;
use crate::study::Ask;
use crate::study::number::Number;
use crate::study::sens::{Ask as Sens, Method};

/// Arguments of `sens`.
#[derive(Clone, Debug, Args)]
pub struct SensArgs {
    #[command(flatten)]
    one: One,
    /// How sensitivity is measured.
    #[arg(long, value_enum, default_value_t)]
    method: Method,
    /// An event, a metric (its mean), or a question such as `p05(stake.founders)` or `p(cash by 2029-12 < 0 USD)`.
    #[arg(long, value_name = "QUESTION", default_value = "cash_out")]
    target: String,
    /// How far the tornado moves known numbers that state no range.
    #[arg(long, value_name = "SHARE", default_value = "20%")]
    by: String,
    #[command(flatten)]
    pub(in crate::cli) shared: Shared,
}

/// Runs the command.
pub fn sens(args: &SensArgs, screen: &Screen) -> u8 {
    let by = Number::read(&args.by).map(|number| number.value).filter(|by| *by > 0.0 && *by < 1.0);
    let Some(by) = by else {
        let fault = Fault::usage(format!("`--by {}` is not a share between 0% and 100%", args.by));
        return fault.tell(screen, args.shared.json);
    };
    let ask = Sens { case: args.one.case(), method: args.method, target: args.target.clone(), by };
    args.shared.answer(Ask::Sens(ask), std::slice::from_ref(&args.one.file), None, screen)
}

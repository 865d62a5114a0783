//! `gapcast sweep`: a grid or a sample of settings.

use clap::Args;

use super::{One, Shared};
use crate::cli::fault::Fault;
use crate::cli::screen::Screen;
use crate::study::Ask;
use crate::study::sweep::{Ask as Sweep, Axis, MOST};

/// Arguments of `sweep`.
#[derive(Clone, Debug, Args)]
pub struct SweepArgs {
    #[command(flatten)]
    one: One,
    /// Values of a setting: `PATH=a..b/step` or `PATH=a,b,c`; with `--sample`, a range `PATH=a..b`. Repeatable.
    #[arg(long, required = true, value_name = "PATH=a..b/step")]
    grid: Vec<String>,
    /// Run this number of points of a Latin hypercube between the ends of all ranges instead of a grid.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=1_000_000))]
    sample: Option<u32>,
    /// What to measure besides the usual metrics, such as `p(cash_out by 2029-12) < 10%`; the first is what the heat map
    /// shows. Repeatable.
    #[arg(long = "ask", value_name = "QUESTION")]
    asks: Vec<String>,
    /// Run more than a thousand points without complaint.
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    pub(in crate::cli) shared: Shared,
}

/// Runs the command.
pub fn sweep(args: &SweepArgs, screen: &Screen) -> u8 {
    match ask(args) {
        Ok(ask) => {
            let points = ask.points() as u64;
            args.shared.answer(Ask::Sweep(ask), std::slice::from_ref(&args.one.file), Some(points), screen)
        }
        Err(fault) => fault.tell(screen, args.shared.json),
    }
}

fn ask(args: &SweepArgs) -> Result<Sweep, Fault> {
    let read = |text: &String| Axis::read(text, args.sample.is_some());
    let axes: Vec<Axis> = args.grid.iter().map(read).collect::<Result<_, _>>().map_err(Fault::usage)?;
    if let Some(twice) = axes.iter().enumerate().find_map(|(k, a)| axes[..k].iter().find(|b| a.path == b.path)) {
        return Err(Fault::usage(format!("`{}` is varied twice", twice.path)));
    }
    let ask = Sweep { case: args.one.case(), axes, sample: args.sample, asks: args.asks.clone() };
    let points = ask.points();
    if points > MOST && !args.yes {
        return Err(Fault::usage(format!(
            "this sweep has {points} points, more than {MOST}: choose a larger step, `--sample N`, or `--yes` to run them all"
        )));
    }
    Ok(ask)
}

//! `gapcast frontier`: ruin against dilution and leverage.

use clap::Args;

use super::{One, Shared};
use crate::cli::fault::Fault;
use crate::cli::screen::Screen;
use crate::study::Ask;
use crate::study::frontier::Ask as Frontier;
use crate::study::sweep::Axis;

/// Arguments of `frontier`.
#[derive(Clone, Debug, Args)]
pub struct FrontierArgs {
    #[command(flatten)]
    one: One,
    /// Values of a setting: `PATH=a..b/step` or `PATH=a,b,c`; every combination is a point. Repeatable.
    #[arg(long, value_name = "PATH=VALUES", required_unless_present = "variants")]
    over: Vec<String>,
    /// Structures: variants of the file, each with every combination, or `all` of them and the scenario itself.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', conflicts_with = "variant")]
    variants: Vec<String>,
    /// A check that the chosen point must pass, such as `p(cash_out) < 10%`; it then has the least dilution. Without it,
    /// the least probability of ruin is chosen.
    #[arg(long, value_name = "CHECK")]
    until: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) shared: Shared,
}

/// Runs the command.
pub fn frontier(args: &FrontierArgs, screen: &Screen) -> u8 {
    let over: Result<Vec<Axis>, String> = args.over.iter().map(|text| Axis::read(text, false)).collect();
    match over {
        Ok(over) => {
            let points = over.iter().map(|axis| axis.values.len() as u64).fold(1, u64::saturating_mul);
            let points = args.variants.is_empty().then_some(points);
            let variants = args.variants.clone();
            let ask = Frontier { case: args.one.case(), over, variants, until: args.until.clone() };
            args.shared.answer(Ask::Frontier(ask), std::slice::from_ref(&args.one.file), points, screen)
        }
        Err(message) => Fault::usage(message).tell(screen, args.shared.json),
    }
}

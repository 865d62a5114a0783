//! Large labs whose spending and revenue, power and capital do not act on each other.

use super::Lens;
use crate::drivers::compute_market::PriceSpec;
use crate::instruments::InstrumentSpec;
use crate::issues::Place;
use crate::lab::Capacity;
use crate::language::quantity::Quantity;

/// Opening run-rate in USD a year above which the market notices a lab.
const LARGE: f64 = 1e9;

/// Blocks that a large lab lacks.
pub(super) fn open(lens: &mut Lens<'_>) {
    let scenario = lens.of.scenario;
    let (lab, compute, world) = (&scenario.lab, &scenario.lab.compute, &scenario.world);
    let segments = &lab.demand.segments.0;
    let run_rate: f64 = segments.iter().map(|(_, segment)| 12.0 * lens.middle(&segment.run_rate)).sum();
    if run_rate <= LARGE {
        return;
    }
    let research = compute.research.as_ref().filter(|research| research.spend.known() != Some(0.0));
    let research = research.filter(|_| lab.demand.capability.is_none()).map(|research| research.spend.place());
    let endless = |price: &&PriceSpec| price.available.is_none() && compute.spot_limit.is_none();
    let bought = world.compute_price.as_ref().filter(|_| compute.capacity != Capacity::None);
    let power = bought.filter(endless).map(|price| price.contract.place());
    let rounds = scenario.instruments.0.iter().find_map(|instrument| match instrument {
        InstrumentSpec::EquityRound(round) if round.when.is_some() => Some(round.name.place()),
        _ => None,
    });
    let (equity, price) = world.capital.as_ref().map_or((false, false), |c| (c.equity.is_some(), c.price.is_some()));
    let liquidated = lab.default.outcomes.liquidation.as_ref().and_then(Quantity::known) == Some(1.0);
    let outcome = segments.first().filter(|_| liquidated).map(|(_, segment)| segment.run_rate.place());
    let lacks = [
        Lack {
            code: "lint-open-research",
            place: research,
            title: "research buys no revenue",
            label: "a lab that stops it grows as fast",
            help: "write `lab.demand.capability` and `world.rivals`",
        },
        Lack {
            code: "lint-endless-power",
            place: power,
            title: "the market sells unlimited power",
            label: "at the price of the month",
            help: "write `available`, the power that can be bought, with `premium` and `squeeze`",
        },
        Lack {
            code: "lint-endless-equity",
            place: rounds.filter(|_| !equity),
            title: "investors supply unlimited equity",
            label: "as many rounds as the lab asks for",
            help: "write `world.capital.equity`, what investors give this lab in a year",
        },
        Lack {
            code: "lint-blind-price",
            place: rounds.filter(|_| !price),
            title: "investors do not see what the lab owes",
            label: "the price follows run-rate alone",
            help: "write `world.capital.price`",
        },
        Lack {
            code: "lint-no-outcome",
            place: outcome,
            title: "every failure ends in liquidation",
            label: "a lab of this size is more likely to go on",
            help: "write `lab.default: {outcomes: {restructuring: 50%, acquisition: 30%, rescue: 20%}}`, with its terms",
        },
    ];
    for Lack { code, place, title, label, help } in lacks {
        if let Some(issue) = place.and_then(|place| lens.lint(code, place, title, label)) {
            issue.help(help);
        }
    }
}

/// A block that may be lacking.
struct Lack {
    code: &'static str,
    /// Where, if it is.
    place: Option<Place>,
    title: &'static str,
    label: &'static str,
    help: &'static str,
}

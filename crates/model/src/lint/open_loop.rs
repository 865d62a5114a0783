//! Large labs whose spending and revenue, power and capital do not act on each other.

use super::Lens;
use crate::instruments::InstrumentSpec;
use crate::issues::Place;
use crate::lab::Capacity;
use crate::language::quantity::Quantity;

/// Opening run-rate in USD a year above which the market notices a lab.
const LARGE: f64 = 1e9;

/// Blocks that a large lab lacks.
pub(super) fn open(lens: &mut Lens<'_>) {
    let (lab, world) = (&lens.of.scenario.lab, &lens.of.scenario.world);
    let segments = &lab.demand.segments.0;
    let run_rate: f64 = segments.iter().map(|(_, segment)| 12.0 * lens.middle(&segment.run_rate)).sum();
    let Some(place) = segments.first().map(|(_, segment)| segment.run_rate.place()) else { return };
    if run_rate <= LARGE {
        return;
    }
    let compute = &lab.compute;
    if lab.demand.capability.is_none()
        && let Some(research) = &compute.research
        && research.spend.known() != Some(0.0)
    {
        let help = "write `lab.demand.capability` and `world.rivals`";
        lens.open_lint(
            "lint-open-research",
            research.spend.place(),
            "research buys no revenue",
            "a lab that stops it grows as fast",
            help,
        );
    }
    if compute.capacity != Capacity::None
        && let Some(price) = &world.compute_price
        && price.available.is_none()
        && compute.spot_limit.is_none()
    {
        let help = "write `available`, the power that can be bought, with `premium` and `squeeze`";
        lens.open_lint(
            "lint-endless-power",
            price.contract.place(),
            "the market sells unlimited power",
            "at the price of the month",
            help,
        );
    }
    let equity = lens.of.scenario.instruments.0.iter().find_map(|instrument| match instrument {
        InstrumentSpec::EquityRound(round) if round.when.is_some() => Some(round.name.place()),
        _ => None,
    });
    let capital = world.capital.as_ref();
    if let Some(place) = equity {
        if capital.is_none_or(|capital| capital.equity.is_none()) {
            let help = "write `world.capital.equity`, what investors give this lab in a year";
            lens.open_lint(
                "lint-endless-equity",
                place,
                "investors supply unlimited equity",
                "as many rounds as the lab asks for",
                help,
            );
        }
        if capital.is_none_or(|capital| capital.price.is_none()) {
            let help = "write `world.capital.price`";
            lens.open_lint(
                "lint-blind-price",
                place,
                "investors do not see what the lab owes",
                "the price follows run-rate alone",
                help,
            );
        }
    }
    if lab.default.outcomes.liquidation.as_ref().and_then(Quantity::known) == Some(1.0) {
        let help =
            "write `lab.default: {outcomes: {restructuring: 50%, acquisition: 30%, rescue: 20%}}`, with its terms";
        lens.open_lint(
            "lint-no-outcome",
            place,
            "every failure ends in liquidation",
            "a lab of this size is more likely to go on",
            help,
        );
    }
}

impl Lens<'_> {
    fn open_lint(&mut self, code: &'static str, place: Place, title: &str, label: &str, help: &str) {
        if let Some(issue) = self.lint(code, place, title, label) {
            issue.help(help);
        }
    }
}

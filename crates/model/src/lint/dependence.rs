//! Whether growth and the price of equity can fall together.

use super::Lens;
use crate::drivers::Winters;

/// Growth and the price of equity without any dependence, and winters that do not affect demand.
pub(super) fn apart(lens: &mut Lens<'_>) {
    let scenario = lens.of.scenario;
    let (demand, world) = (&scenario.lab.demand, &scenario.world);
    let moves = |shock: &crate::language::quantity::Quantity| shock.known() != Some(0.0);
    let Some(multiple) = &world.equity_multiple else { return };
    // If growth is certain, there is nothing to correlate.
    let growth = [&demand.growth.now, &demand.growth.later];
    let grows_by_chance = growth.iter().any(|q| q.known().is_none()) || moves(&demand.growth_shock);
    if let Some(regime) = &world.regime
        && regime.winters == Winters::Together
    {
        let winter = &regime.winter;
        let bites = winter.multiple.known() != Some(1.0) || winter.window_open.is_some();
        if bites && winter.growth.known() == Some(0.0) {
            let label = "`growth` of winter is 0";
            if let Some(issue) = lens.lint(
                "lint-independent",
                winter.enters.place(),
                "winter cuts funding but does not affect demand",
                label,
            ) {
                issue.help("write for example `growth: -3%/mo` and `half_life: 4 mo` under `winter`");
            }
            return;
        }
        if bites {
            return;
        }
    }
    let inputs = &lens.of.reader.inputs;
    let names = |quantities: &[&crate::language::quantity::Quantity]| -> Vec<&str> {
        let used = quantities.iter().flat_map(|q| q.uses());
        used.filter_map(|index| inputs.get(index)).map(|input| input.name.as_str()).collect()
    };
    let (of_growth, of_price) = (names(&growth), names(&[&multiple.now, &multiple.later]));
    let dependence = &scenario.dependence;
    let crosses = |a: &str, b: &str| of_growth.contains(&a) && of_price.contains(&b);
    let mut stated = dependence.spearman.iter().chain(&dependence.kendall);
    let tied = stated.any(|p| crosses(&p.a, &p.b) || crosses(&p.b, &p.a))
        || dependence.shocks.iter().any(|p| {
            let pair = [p.a.as_str(), p.b.as_str()];
            pair.contains(&"equity_multiple") && (pair.contains(&"demand") || pair.contains(&"demand_level"))
        });
    if grows_by_chance && !tied {
        let label = "nothing lowers it together with growth";
        if let Some(issue) = lens.lint(
            "lint-independent",
            multiple.later.place(),
            "growth and the price of equity are independent",
            label,
        ) {
            issue
                .help("write `dependence: {shocks: [[demand, equity_multiple, 0.25]]}`, or a pair of inputs under `spearman`")
                .help("or a `world.regime` whose winter has both `growth` and `multiple`");
        }
    }
}

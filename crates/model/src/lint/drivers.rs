//! The few numbers that determine the result: each should be an interval, with a source or a note.

use super::Lens;
use crate::language::quantity::Quantity;

/// A number that determines the result.
struct Driver<'a> {
    path: &'static str,
    what: &'static str,
    value: &'a Quantity,
    /// Whether it cannot be known, so that it should be a range.
    open: bool,
    like: &'static str,
}

fn drivers<'a>(lens: &Lens<'a>) -> Vec<Driver<'a>> {
    let (lab, world) = (&lens.of.scenario.lab, &lens.of.scenario.world);
    let growth = &lab.demand.growth;
    let margin = lab.compute.inference.gross_margin.as_ref();
    let price = world.compute_price.as_ref();
    // A price with its own volatility is a range already.
    let moves = price.is_some_and(|p| p.volatility.known() != Some(0.0));
    let rows: [(&'static str, &'static str, Option<&Quantity>, bool, &'static str); 8] = [
        ("lab.demand.growth.now", "current growth", Some(&growth.now), true, "5%/mo to 15%/mo"),
        ("lab.demand.growth.later", "long-run growth", Some(&growth.later), true, "0.2%/mo to 2.2%/mo"),
        ("lab.demand.ceiling", "the market ceiling", lab.demand.ceiling.as_ref(), true, "150B USD/yr to 2.5T USD/yr"),
        (
            "lab.compute.inference.gross_margin.later",
            "the long-run margin",
            margin.map(|m| &m.later),
            true,
            "{dist: beta, p5: 50%, p95: 75%}",
        ),
        (
            "lab.compute.research.growth",
            "growth of research compute",
            lab.compute.research.as_ref().map(|r| &r.growth),
            true,
            "1.7x/yr to 3.4x/yr",
        ),
        (
            "world.equity_multiple.now",
            "the current price of equity",
            world.equity_multiple.as_ref().map(|m| &m.now),
            false,
            "19x",
        ),
        (
            "world.equity_multiple.later",
            "the long-run price of equity",
            world.equity_multiple.as_ref().map(|m| &m.later),
            true,
            "5x to 14x",
        ),
        (
            "world.compute_price.contract",
            "the price of power",
            price.map(|p| &p.contract),
            !moves,
            "8B USD/GW-yr to 12B USD/GW-yr",
        ),
    ];
    // A zero is not an estimate: it means that the effect is absent.
    let given = |(path, what, value, open, like): (_, _, Option<&'a Quantity>, _, _)| {
        let value = value.filter(|q| q.known() != Some(0.0))?;
        Some(Driver { path, what, value, open, like })
    };
    rows.into_iter().filter_map(given).collect()
}

/// Point estimates of numbers that cannot be known, without a source or note.
pub(super) fn single_numbers(lens: &mut Lens<'_>) {
    for driver in drivers(lens) {
        if driver.open && driver.value.known().is_some() && !lens.explained(driver.path) {
            let title = format!("{} is a point estimate", driver.what);
            if let Some(issue) = lens.lint(
                "lint-point-estimate",
                driver.value.place(),
                title,
                format!("`{}` on every path", driver.path),
            ) {
                issue
                    .help(format!("write a 90% interval, such as `{}`", driver.like))
                    .help("or add a `source` or `note` that says why it is known");
            }
        }
    }
}

/// Numbers that determine the result, without a source or note at the value, its inputs or any enclosing map.
pub(super) fn unsourced(lens: &mut Lens<'_>) {
    for driver in drivers(lens) {
        if !lens.sourced(driver.path) {
            let title = format!("{} has no source", driver.what);
            let label = "no `source` or `note` here, at its input or at an enclosing map";
            if let Some(issue) = lens.lint("lint-no-source", driver.value.place(), title, label) {
                issue.help("write `{value: …, source: \"…\"}`, or `note: \"judgement: …\"`");
            }
        }
    }
}

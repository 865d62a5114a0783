//! Problems of a venture's terms that reading could not see.

use super::spec::{CallsBy, JointVentureSpec, VentureKind};
use crate::instruments::waterfall::{DEALS, TIERS};
use crate::issues::{Issues, Place};
use crate::language::quantity::Quantity;

/// All of them.
pub fn check(spec: &JointVentureSpec, issues: &mut Issues) {
    kinds(spec, issues);
    waterfall(spec, issues);
    match spec.kind {
        VentureKind::Asset => asset(spec, issues),
        VentureKind::Distribution => distribution(spec, issues),
    }
}

/// Where to point when a part of the spec has no place of its own.
fn place(spec: &JointVentureSpec) -> Place {
    spec.commitment.partners.place()
}

/// Keys of the other kind.
fn kinds(spec: &JointVentureSpec, issues: &mut Issues) {
    let name = spec.name.as_str();
    let of = |q: &Option<Quantity>| q.as_ref().map(Quantity::place);
    let of_asset = [
        ("power", of(&spec.power)),
        ("rent", of(&spec.rent)),
        ("build", spec.build.as_ref().map(|b| b.start.place())),
        ("debt", spec.debt.as_ref().map(|d| d.rate.place())),
        ("minimum_return", spec.minimum_return.as_ref().map(|m| m.rate.place())),
        ("put", spec.put.as_ref().map(|p| p.rate.place())),
        ("buy_out", spec.buy_out.as_ref().map(|b| b.from.place())),
        ("exit", spec.exit.as_ref().map(|w| w.place())),
        ("step_in", spec.step_in.as_ref().map(|s| s.rent.place())),
        ("political", spec.political.as_ref().map(|p| p.hazard.place())),
        ("waterfall.deals", spec.waterfall.deals.first().map(|d| d.share.place())),
    ];
    let of_distribution = [
        ("demand_uplift", of(&spec.demand_uplift)),
        ("portfolio", spec.portfolio.as_ref().map(|p| p.companies.place())),
        ("income_in_winter", of(&spec.income_in_winter)),
        ("floor", spec.floor.as_ref().map(|f| f.rate.place())),
        ("exit_multiple", of(&spec.exit_multiple)),
    ];
    let (kind, strangers): (_, &[(&str, Option<Place>)]) = match spec.kind {
        VentureKind::Asset => ("asset", &of_distribution),
        VentureKind::Distribution => ("distribution", &of_asset),
    };
    for (key, at) in strangers.iter().filter_map(|(key, at)| at.map(|at| (key, at))) {
        issues
            .error(
                "wrong-kind",
                at,
                format!("`{key}` does not fit the kind of `{name}`"),
                format!("a venture of kind `{kind}` has no `{key}`"),
            )
            .help("an asset venture has `power` and `rent`; a distribution venture brings demand");
    }
    if spec.kind == VentureKind::Asset {
        for (key, missing) in [("power", spec.power.is_none()), ("rent", spec.rent.is_none())] {
            if missing {
                issues
                    .error(
                        "wrong-kind",
                        place(spec),
                        format!("the keys of `{name}` do not fit its kind"),
                        format!("an asset venture needs `{key}`"),
                    )
                    .help("write for example `power: 0.5 GW` and `rent: 5B USD/yr`");
            }
        }
    }
}

fn waterfall(spec: &JointVentureSpec, issues: &mut Issues) {
    let name = spec.name.as_str();
    let w = &spec.waterfall;
    let at = w.promote.place();
    if let (Some(catch_up), Some(promote)) = (w.catch_up.known(), w.promote.known())
        && catch_up > 0.0
        && catch_up <= promote
    {
        issues.error(
            "catch-up-never-ends",
            w.catch_up.place(),
            format!(
                "the catch-up of `{name}` never completes: {:.0} % is not above the promote of {:.0} %",
                catch_up * 100.0,
                promote * 100.0
            ),
            "`catch_up` must exceed `promote`, or be 0 %",
        );
    }
    if w.look_back.len() > TIERS {
        let title = format!("`look_back` has {} tiers", w.look_back.len());
        issues.error("too-many", at, title, format!("the engine holds {TIERS}"));
    }
    let hurdles: Vec<f64> = w.look_back.iter().filter_map(|t| t.hurdle.known()).collect();
    if hurdles.windows(2).any(|h| h[0] >= h[1]) {
        issues.error("tiers-order", at, "hurdles of `look_back` do not rise", "list the lowest hurdle first");
    }
    let forms = [("look_back", !w.look_back.is_empty()), ("flip", w.flip.is_some()), ("deals", !w.deals.is_empty())];
    let given: Vec<&str> = forms.iter().filter(|f| f.1).map(|f| f.0).collect();
    if given.len() > 1 {
        let title = format!("the waterfall of `{name}` has {}", given.join(" and "));
        issues
            .error("one-of", at, title, "a waterfall has one form")
            .help("keep one of `look_back`, `flip` and `deals`");
    }
}

fn asset(spec: &JointVentureSpec, issues: &mut Issues) {
    let name = spec.name.as_str();
    let (_, last_call) = spec.called();
    let (build, over) = spec.built();
    let first_rent = build + over;
    if spec.term.0.round() < 1.0 {
        issues.error("out-of-range", spec.term.place(), "the rent runs for no month", "write for example `60 mo`");
    }
    if build < 1.0 {
        let at = spec.build.as_ref().map_or(place(spec), |b| b.start.place());
        issues.error(
            "date-outside",
            at,
            "it is built before the first month",
            "only ventures that begin in the simulation are modelled",
        );
    }
    if let Some(debt) = &spec.debt {
        if debt.amount.is_some() == debt.share.is_some() {
            issues
                .error(
                    "one-of",
                    debt.rate.place(),
                    "the debt needs `amount` or `share`, and not both",
                    "say once how much is lent",
                )
                .help("write `share: 60%` of what is spent, or `amount: 3B USD` when all is built");
        }
        if debt.share.as_ref().and_then(Quantity::known).is_some_and(|s| s >= 1.0) {
            let at = debt.share.as_ref().map(Quantity::place);
            issues.error("out-of-range", at, "the debt leaves nothing to capital", "write less than 100%");
        }
        if debt.term.0.round() < 1.0 {
            issues.error("out-of-range", debt.term.place(), "a debt lasts at least one month", "write `60 mo`");
        }
    }
    // Stakes change hands once they are paid in.
    let dates = [
        ("put.from", spec.put.as_ref().map(|p| p.from)),
        ("buy_out.from", spec.buy_out.as_ref().map(|b| b.from)),
        ("minimum_return.at", spec.minimum_return.as_ref().and_then(|m| m.at)),
    ];
    for (key, when) in dates.into_iter().filter_map(|(key, when)| when.map(|w| (key, w))) {
        if when.0 <= last_call {
            issues
                .error(
                    "dates-order",
                    when.place(),
                    format!("`{key}` of `{name}` comes before its last call"),
                    "a stake changes hands after it is paid in",
                )
                .help("write a month after the last of `calls`");
        }
    }
    if let Some(exit) = &spec.exit
        && exit.0 < first_rent
    {
        issues
            .error(
                "dates-order",
                exit.place(),
                format!("`{name}` is sold before it is built"),
                "rent begins in the month after it is built",
            )
            .help("write a later month, or leave `exit` out: it is sold at the end of `term`");
    }
    deals(spec, first_rent, issues);
}

fn deals(spec: &JointVentureSpec, first_rent: f64, issues: &mut Issues) {
    let deals = &spec.waterfall.deals;
    let Some(first) = deals.first() else { return };
    let at = first.share.place();
    if deals.len() > DEALS {
        issues.error(
            "too-many",
            at,
            format!("`deals` has {} entries", deals.len()),
            format!("the engine holds {DEALS}"),
        );
    }
    let sum: Option<f64> = deals.iter().map(|d| d.share.known()).sum();
    if let Some(sum) = sum.filter(|sum| (sum - 1.0).abs() > 1e-9) {
        let title = format!("the shares of `deals` add up to {:.4}%", sum * 100.0);
        issues.error("shares-sum", at, title, "the deals are all of the venture: write shares that add up to 100%");
    }
    let mut before = first_rent - 1.0;
    for deal in deals {
        if deal.until.0 <= before {
            issues.error(
                "dates-order",
                deal.until.place(),
                "a deal is sold before rent begins, or not after the one above",
                "list the deal that is sold first first, each in a later month",
            );
        }
        before = deal.until.0;
    }
    if spec.debt.is_some() {
        issues
            .error(
                "unsupported",
                at,
                "a venture with `deals` has no `debt`",
                "what a lender releases on each sale is not modelled",
            )
            .help("leave one of them out");
    }
}

fn distribution(spec: &JointVentureSpec, issues: &mut Issues) {
    if spec.calls.by == CallsBy::Need && spec.portfolio.is_none() {
        issues
            .error(
                "missing-key",
                place(spec),
                "capital is called for need, and nothing says what is needed",
                "`portfolio` is missing",
            )
            .help("give the cost of people under `portfolio`, or write `calls: {by: schedule}`");
    }
    if spec.builds_up.0.round() < 1.0 {
        issues.error("out-of-range", spec.builds_up.place(), "the rise builds up in no month", "write at least `1 mo`");
    }
}

//! Errors in a venture's terms that `Reader` does not detect.

use super::spec::{CallsBy, CapitalUse, JointVentureSpec, PlacedUse, VentureKind, WaterfallSpec};
use crate::instruments::waterfall::{DEALS, TIERS};
use crate::issues::{Issues, Place};
use crate::language::prelude::Months;
use crate::language::quantity::Quantity;
use crate::language::rules::KeyRules;
use crate::language::unused;

/// Reports all of them.
pub fn check(spec: &JointVentureSpec, issues: &mut Issues) {
    kinds(spec, issues);
    calls(spec, issues);
    waterfall(spec, issues);
    match spec.kind {
        VentureKind::Asset => asset(spec, issues),
        VentureKind::Distribution => distribution(spec, issues),
    }
}

/// Adds the rules between quantities that must hold on every path.
pub fn key_rules(spec: &JointVentureSpec, rules: &mut KeyRules<'_>) {
    let (name, w) = (spec.name.as_str(), &spec.waterfall);
    rules.rule("waterfall-never-ends", w.catch_up.place(), |at| {
        let (catch_up, promote) = (w.catch_up.at(at), w.promote.at(at));
        let title = || {
            let [catch_up, promote] = [catch_up, promote].map(|share| share * 100.0);
            format!(
                "the catch-up of `{name}` never completes: {catch_up:.0}% is not above the promote of {promote:.0}%"
            )
        };
        let label = || "`catch_up` must exceed `promote`, or be 0%".to_owned();
        (catch_up > 0.0 && catch_up <= promote).then(|| (title(), label()))
    });
    for tiers in w.look_back.windows(2) {
        rules.rule("tiers-order", tiers[1].hurdle.place(), |at| {
            let label = || "list the lowest hurdle first".to_owned();
            (tiers[0].hurdle.at(at) >= tiers[1].hurdle.at(at))
                .then(|| ("hurdles of `look_back` are not in ascending order".to_owned(), label()))
        });
    }
    for tier in &w.look_back {
        rules.rule("waterfall-never-ends", tier.share.place(), |at| {
            let title = || "the partners have no share in this tier".to_owned();
            let label = || "they never earn its hurdle, so it never ends: write their share within the tier".to_owned();
            (tier.share.at(at) <= 0.0).then(|| (title(), label()))
        });
    }
    if let Some(first) = w.deals.first() {
        rules.rule("shares-sum", first.share.place(), |at| {
            let sum: f64 = w.deals.iter().map(|d| d.share.at(at)).sum();
            let title = || format!("the shares of `deals` add up to {:.4}%", sum * 100.0);
            let label = || "the deals make up the whole venture: write shares that add up to 100%".to_owned();
            ((sum - 1.0).abs() > 1e-9).then(|| (title(), label()))
        });
    }
}

/// Place of an error in a component of the spec that has no place of its own.
fn place(spec: &JointVentureSpec) -> Place {
    spec.commitment.partners.place()
}

/// Keys of the other kind, and required keys of an asset venture.
fn kinds(spec: &JointVentureSpec, issues: &mut Issues) {
    let name = spec.name.as_str();
    let of = |q: &Option<Quantity>| q.as_ref().map(Quantity::place);
    let of_asset = [
        ("power", of(&spec.power)),
        ("rent", of(&spec.rent)),
        ("build", spec.build.as_ref().map(|b| b.start.place())),
        ("debt", spec.debt.as_ref().map(|d| d.rate.place())),
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
        ("acquisitions", spec.acquisitions.as_ref().map(|a| a.amount.place())),
        ("keeps", of(&spec.keeps)),
        ("distributes_from", spec.distributes_from.map(Months::place)),
        ("capital_for", spec.capital_for.as_ref().and_then(|uses| uses.first()).map(|what| what.1)),
        ("exit_multiple", of(&spec.exit_multiple)),
        ("exit_in_winter", of(&spec.exit_in_winter)),
    ];
    let (kind, strangers): (_, &[(&str, Option<Place>)]) = match spec.kind {
        VentureKind::Asset => ("asset", &of_distribution),
        VentureKind::Distribution => ("distribution", &of_asset),
    };
    let key = |key, q| unused::quantity(JointVentureSpec::FIELDS, key, q).1;
    let of_both = match spec.kind {
        VentureKind::Asset => [
            ("commission", key("commission", &spec.commission)),
            ("income", key("income", &spec.income)),
            ("", None),
            ("", None),
            ("", None),
        ],
        VentureKind::Distribution => [
            ("take_or_pay", key("take_or_pay", &spec.take_or_pay)),
            ("opex", key("opex", &spec.opex)),
            ("discount_rate", key("discount_rate", &spec.discount_rate)),
            ("residual", key("residual", &spec.residual)),
            ("exposure", key("exposure", &spec.exposure)),
        ],
    };
    for (key, at) in strangers.iter().chain(&of_both).filter_map(|(key, at)| at.map(|at| (key, at))) {
        issues
            .error(
                "wrong-kind",
                at,
                format!("`{key}` does not apply to this kind of venture: `{name}`"),
                format!("a venture of kind `{kind}` has no `{key}`"),
            )
            .help("an asset venture has `power` and `rent`; a distribution venture adds demand");
    }
    if spec.kind == VentureKind::Asset {
        for (key, missing) in [("power", spec.power.is_none()), ("rent", spec.rent.is_none())] {
            if missing {
                issues
                    .error(
                        "wrong-kind",
                        place(spec),
                        format!("the keys of `{name}` do not match its kind"),
                        format!("an asset venture requires `{key}`"),
                    )
                    .help("write for example `power: 0.5 GW` and `rent: 5B USD/yr`");
            }
        }
    }
}

fn calls(spec: &JointVentureSpec, issues: &mut Issues) {
    let name = spec.name.as_str();
    let over = spec.calls.over;
    if over.0.round() < 1.0 {
        issues.error("range", over.place(), "the call period is shorter than a month", "write at least `1 mo`");
    }
    if let Some(start) = &spec.calls.start
        && start.0 < 1.0
    {
        issues
            .error(
                "date-outside",
                start.place(),
                format!("calls of `{name}` begin before the first month"),
                "earlier calls cannot be stated",
            )
            .help("state only the remaining commitment, called from the first month on");
    }
}

/// First and last month of rent of an asset venture.
fn rented(spec: &JointVentureSpec) -> (f64, f64) {
    let (build, over) = spec.built();
    let first = build + over;
    let last = first + spec.term.0.round().max(1.0) - 1.0;
    let exit = spec.exit.as_ref().map_or(last, |w| w.0.min(last));
    (first, spec.waterfall.deals.last().map_or(exit, |d| d.until.0.min(exit)))
}

fn waterfall(spec: &JointVentureSpec, issues: &mut Issues) {
    let name = spec.name.as_str();
    let w = &spec.waterfall;
    if w.look_back.len() > TIERS {
        let title = format!("`look_back` has {} tiers", w.look_back.len());
        issues.error("too-many", w.look_back[TIERS].hurdle.place(), title, format!("the engine supports {TIERS}"));
    }
    let key = |key, q| unused::quantity(WaterfallSpec::FIELDS, key, q);
    if w.look_back.is_empty() {
        let label = "it is the share above the last tier of `look_back`";
        unused::report(&[key("beyond", &w.beyond)], "without `look_back`", label, issues);
    }
    if !w.look_back.is_empty() || w.flip.is_some() {
        let keys = [key("hurdle", &w.hurdle), key("catch_up", &w.catch_up), key("promote", &w.promote)];
        let label = "`look_back` and `flip` replace hurdle, catch-up and promote";
        unused::report(&keys, "with `look_back` or `flip`", label, issues);
    }
    let forms = [
        ("look_back", w.look_back.first().map(|t| t.hurdle.place())),
        ("flip", w.flip.as_ref().map(|f| f.target.place())),
        ("deals", w.deals.first().map(|d| d.share.place())),
    ];
    let given: Vec<(&str, Place)> = forms.into_iter().filter_map(|(form, at)| at.map(|at| (form, at))).collect();
    if given.len() > 1 {
        let words: Vec<&str> = given.iter().map(|f| f.0).collect();
        let (title, at) = (format!("the waterfall of `{name}` has {}", words.join(" and ")), given[1].1);
        issues
            .error("one-of", at, title, "a waterfall must have a single form")
            .help("keep one of `look_back`, `flip` and `deals`");
    }
}

fn asset(spec: &JointVentureSpec, issues: &mut Issues) {
    let name = spec.name.as_str();
    let (_, last_call) = spec.called();
    let (build, _) = spec.built();
    let (first_rent, last) = rented(spec);
    if spec.term.0.round() < 1.0 {
        issues.error("range", spec.term.place(), "the rent term is shorter than a month", "write for example `60 mo`");
    }
    if build < 1.0 {
        let at = spec.build.as_ref().map_or(place(spec), |b| b.start.place());
        issues.error(
            "date-outside",
            at,
            "it is built before the first month",
            "only ventures that begin during the simulation are modelled",
        );
    }
    if let Some(debt) = &spec.debt {
        if debt.amount.is_some() == debt.share.is_some() {
            issues
                .error(
                    "one-of",
                    debt.rate.place(),
                    "the debt requires either `amount` or `share`",
                    "specify the amount once",
                )
                .help("write `share: 60%` of spending, or `amount: 3B USD` when fully built");
        }
        if debt.term.0.round() < 1.0 {
            issues.error("range", debt.term.place(), "debt must last at least one month", "write `60 mo`");
        }
    }
    // Stakes can be transferred only once they are fully paid in.
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
                    format!("`{key}` of `{name}` is before its last capital call"),
                    "a stake can be transferred only once it is fully paid in",
                )
                .help("write a month after the last of `calls`");
        }
    }
    for (key, when) in dates.into_iter().take(2).filter_map(|(key, when)| when.map(|w| (key, w))) {
        if when.0 >= last && when.0 > last_call {
            issues
                .error(
                    "dates-order",
                    when.place(),
                    format!("`{key}` of `{name}` is after the venture has ended"),
                    "the stake no longer exists",
                )
                .help("write a month before the end of `term` and before `exit`, or remove the right");
        }
    }
    if let Some(exit) = &spec.exit
        && exit.0 < first_rent
    {
        issues
            .error(
                "dates-order",
                exit.place(),
                format!("`{name}` is sold before completion"),
                "rent begins in the month after it is built",
            )
            .help("write a later month, or remove `exit`: it is then sold at the end of `term`");
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
            format!("the engine supports {DEALS}"),
        );
    }
    let mut before = first_rent - 1.0;
    for deal in deals {
        if deal.until.0 <= before {
            issues.error(
                "dates-order",
                deal.until.place(),
                "a deal is sold before rent begins, or not after the previous deal",
                "list deals in order of sale, each in a later month",
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
                "the lender's release price on each sale is not modelled",
            )
            .help("remove one of them");
    }
}

fn distribution(spec: &JointVentureSpec, issues: &mut Issues) {
    let name = spec.name.as_str();
    if spec.calls.by == CallsBy::Need && spec.portfolio.is_none() {
        issues
            .error(
                "missing",
                place(spec),
                "capital is called as needed, but the need is not specified",
                "`portfolio` is missing",
            )
            .help("state the staff cost under `portfolio`, or write `calls: {by: schedule}`");
    }
    if let (Some(uplift), Some(_)) = (&spec.demand_uplift, &spec.portfolio) {
        issues
            .error(
                "one-of",
                uplift.place(),
                format!("`{name}` has `demand_uplift` and `portfolio`"),
                "both state the demand that the venture brings",
            )
            .help("keep `portfolio`, which states companies and what they buy, or `demand_uplift`");
    }
    if let Some(until) = spec.floor.as_ref().and_then(|f| f.until)
        && until.0 < spec.called().0
    {
        issues
            .error(
                "dates-order",
                until.place(),
                "the floor ends before the first capital call",
                "a floor applies to capital paid in",
            )
            .help("write a later month, or remove `until`");
    }
    // Capital called as needed has no last call: the date must lie after the first.
    let paid_in = if spec.calls.by == CallsBy::Need { spec.called().0 } else { spec.called().1 };
    if let Some(at) = spec.minimum_return.as_ref().and_then(|m| m.at)
        && at.0 <= paid_in
    {
        issues
            .error(
                "dates-order",
                at.place(),
                format!("the minimum return of `{name}` is tested before capital has been paid in"),
                "it applies to capital paid in",
            )
            .help("write a later month, or remove `at`: it is then measured at the horizon");
    }
    if spec.builds_up.0.round() < 1.0 {
        issues.error(
            "range",
            spec.builds_up.place(),
            "the uplift builds up over less than a month",
            "write at least `1 mo`",
        );
    }
    if spec.exit_multiple.is_none() {
        let keys = [unused::given("exit_in_winter", spec.exit_in_winter.as_ref())];
        unused::report(&keys, "without `exit_multiple`", "it is a factor on that multiple", issues);
    }
    capital(spec, issues);
}

/// The uses of capital, and what a venture does with its earnings.
fn capital(spec: &JointVentureSpec, issues: &mut Issues) {
    let uses = spec.capital_for.as_deref().unwrap_or(&[]);
    if spec.capital_for.is_some() && uses.is_empty() {
        issues
            .error("range", place(spec), "`capital_for` is empty", "capital that may pay for nothing is never spent")
            .help("write for example `capital_for: [deployment, people]`");
    }
    for (k, PlacedUse(what, at)) in uses.iter().enumerate() {
        if uses[..k].iter().any(|before| before.0 == *what) {
            let title = format!("`capital_for` names `{}` twice", what.word());
            issues.error("duplicate-name", *at, title, "the second occurrence; remove it");
        }
    }
    let restricted =
        [CapitalUse::Deployment, CapitalUse::People, CapitalUse::Acquisitions].iter().any(|what| !spec.pays_for(*what));
    let buys = uses.iter().find(|what| what.0 == CapitalUse::Acquisitions);
    if let Some(PlacedUse(_, at)) = buys.filter(|_| restricted && spec.acquisitions.is_none()) {
        issues
            .error(
                "missing",
                *at,
                "capital may pay for acquisitions, of which there are none",
                "`acquisitions` is missing",
            )
            .help("write `acquisitions: {amount: 300M USD, date: 2027-03, brings: 40}`, or leave them out of `capital_for`");
    }
    if let Some(bought) = &spec.acquisitions {
        if spec.portfolio.is_none() {
            issues
                .error(
                    "missing",
                    bought.amount.place(),
                    "what the companies of an acquisition buy is not specified",
                    "`portfolio` is missing",
                )
                .help("state under `portfolio` what each company buys and costs");
        }
        if bought.date.0 < spec.called().0 {
            issues
                .error(
                    "dates-order",
                    bought.date.place(),
                    "the acquisition is before the first capital call",
                    "there is nothing to pay it with",
                )
                .help("write the month of the first call, or a later one");
        }
    }
    let Some(portfolio) = &spec.portfolio else {
        let mut keys = vec![unused::given("keeps", spec.keeps.as_ref())];
        keys.push(("capital_for", uses.first().map(|what| what.1).filter(|_| restricted)));
        unused::report(&keys, "without `portfolio`", "without a portfolio the venture has no costs", issues);
        return;
    };
    if let (Some(share), Some(_)) = (&portfolio.in_winter, &portfolio.adopts_in_winter) {
        issues
            .error(
                "one-of",
                share.place(),
                "`portfolio` has `in_winter` and `adopts_in_winter`",
                "both state adoption in winter",
            )
            .help("keep `in_winter`, a share of `adopts`, or `adopts_in_winter`");
    }
}

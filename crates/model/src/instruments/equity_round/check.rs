//! Errors in a round's terms that `Reader` does not detect.

use super::{AntiDilution, EquityRoundSpec, Kind};
use crate::issues::Issues;
use crate::language::rules::KeyRules;
use crate::language::unused;
use crate::language::values::When;

pub(super) fn check(spec: &EquityRoundSpec, issues: &mut Issues) {
    let place = spec.name.place();
    if spec.when.is_some() == spec.date.is_some() {
        issues
            .error(
                "one-of",
                spec.date.map_or(place, When::place),
                "a round requires either `when` or `date`",
                "specify once what launches it",
            )
            .help("write `when: {runway_below: 18 mo}` for a programme, or `date: 2027-03` for a single round");
    }
    if let Some(date) = spec.date.filter(|d| d.0 < 1.0) {
        issues.error(
            "date-outside",
            date.place(),
            "the round closes before the first month",
            "expected a simulated month",
        );
    }
    if spec.date.is_some() && spec.size.is_none() {
        let at = spec.date.map_or(place, When::place);
        issues.error("missing", at, "a dated round requires a `size`", "write `size: 10B USD`");
    }
    if spec.committed && spec.date.is_none() {
        issues
            .error(
                "unused",
                place,
                "`committed` applies only to a dated round",
                "investors cannot be bound to a round that is not yet agreed",
            )
            .help("write `date` and `size`, or remove `committed`");
    }
    let key = |key, q| unused::quantity(EquityRoundSpec::FIELDS, key, q);
    if spec.date.is_some() {
        let of_programmes = [
            key("covers", &spec.covers),
            key("covers_at_least", &spec.covers_at_least),
            unused::given("min_dilution", spec.min_dilution.as_ref()),
            key("max_dilution", &spec.max_dilution),
            unused::given("max_size", spec.max_size.as_ref()),
            key("process", &spec.process),
            key("retry", &spec.retry),
            key("retry_discount", &spec.retry_discount),
        ];
        let label = "its `size` is sold at its `date`; remove the key, or write `when` instead of `date`";
        unused::report(&of_programmes, "in a dated round", label, issues);
    }
    if spec.when.is_some() {
        let of_dated = [
            unused::given("size", spec.size.as_ref()),
            unused::given("pre_money", spec.pre_money.as_ref()),
            key("probability", &spec.probability),
        ];
        let label = "`covers` and the limits determine its size, at the market price; remove the key, or write `date`";
        unused::report(&of_dated, "in a round launched by `when`", label, issues);
    }
    let gap = spec.when.as_ref().filter(|t| t.multiple_above.is_none() && t.gap.known() != Some(0.0)).map(|t| &t.gap);
    if let Some(gap) = gap {
        issues
            .error("unused", gap.place(), "`gap` applies to rounds launched by a high multiple", "there are none")
            .help("add `multiple_above: 25x`, or remove `gap`");
    }
    if let Some(senior) = &spec.preference
        && let Some(cap) = senior.cap.as_ref().filter(|_| !senior.participates)
    {
        issues
            .error("unused", cap.place(), "`cap` on shares that do not participate", "it has no effect")
            .help("write `participates: true`, or remove `cap`");
    }
    if spec.kind == Kind::Private {
        for (key, given) in [("listing_cost", &spec.listing_cost), ("ipo_lock_up", &spec.ipo_lock_up)] {
            if let Some(given) = given {
                issues
                    .error(
                        "unused",
                        given.place(),
                        format!("`{key}` applies only to a listing"),
                        "this round is private",
                    )
                    .help("write `kind: ipo`");
            }
        }
    } else if spec.preference.is_some() || spec.anti_dilution != AntiDilution::None {
        issues.error(
            "unsupported",
            place,
            "a listing sells common shares",
            "`preference` and `anti_dilution` apply to private rounds",
        );
    }
}

/// Adds the rules between quantities that must hold on every path.
pub(super) fn key_rules(spec: &EquityRoundSpec, rules: &mut KeyRules<'_>) {
    if let Some(senior) = &spec.preference
        && let Some(cap) = &senior.cap
    {
        rules.rule("range", cap.place(), |at| {
            let multiple = senior.multiple.at(at);
            let label = || format!("at least `{multiple}x`: it limits total proceeds of the shares");
            (cap.at(at) < multiple).then(|| ("the cap is below the preference".to_owned(), label()))
        });
    }
    if let Some(least) = &spec.min_dilution {
        rules.rule("range", least.place(), |at| {
            let (least, most) = (least.at(at), spec.max_dilution.at(at));
            let [low, high] = [least, most].map(|share| 100.0 * share);
            let title = || format!("the least share sold, {low:.1}%, is above the largest, {high:.1}%");
            (least > most).then(|| (title(), "`max_dilution` must be at least `min_dilution`".to_owned()))
        });
    }
    // The pool and the new investors together must hold less than the whole company after the round.
    if let Some(pool) = &spec.pool_target {
        rules.rule("range", pool.place(), |at| {
            let sold = match (&spec.size, &spec.pre_money, spec.date) {
                (Some(size), Some(value), Some(_)) => size.at(at) / (size.at(at) + value.at(at)),
                (_, _, Some(_)) => 0.0,
                _ => spec.max_dilution.at(at),
            };
            let pool = pool.at(at);
            let title = || {
                let [pool, sold] = [pool, sold].map(|share| 100.0 * share);
                format!("a pool of {pool:.1}% does not fit with the {sold:.1}% sold in the round")
            };
            let label = || "the two must add up to less than 100% of the company".to_owned();
            (pool + sold >= 1.0).then(|| (title(), label()))
        });
    }
    rules.rule("range", spec.book_most.place(), |at| {
        let label = || "`book_most` must be at least `book_least`".to_owned();
        (spec.book_most.at(at) < spec.book_least.at(at))
            .then(|| ("the bounds of the order book are reversed".to_owned(), label()))
    });
}

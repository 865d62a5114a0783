//! Problems of a round's terms that reading cannot see.

use super::{AntiDilution, EquityRoundSpec, Kind};
use crate::issues::Issues;
use crate::language::values::When;

pub(super) fn check(spec: &EquityRoundSpec, issues: &mut Issues) {
    let place = spec.name.place();
    if spec.when.is_some() == spec.date.is_some() {
        issues
            .error(
                "one-of",
                spec.date.map_or(place, When::place),
                "a round has either `when` or `date`",
                "say once what launches it",
            )
            .help("write `when: {runway_below: 18 mo}` for a programme, or `date: 2027-03` for a single round");
    }
    if let Some(date) = spec.date.filter(|d| d.0 < 1.0) {
        issues.error(
            "date-outside",
            date.place(),
            "the round closes before the first month",
            "a month of the simulation",
        );
    }
    if spec.date.is_some() && spec.size.is_none() {
        let at = spec.date.map_or(place, When::place);
        issues.error("missing", at, "a dated round needs its `size`", "write `size: 10B USD`");
    }
    if spec.committed && spec.date.is_none() {
        issues
            .error(
                "unused",
                place,
                "`committed` belongs to a dated round",
                "nobody is bound to a round that is not agreed",
            )
            .help("write `date` and `size`, or remove `committed`");
    }
    if spec.max_dilution.known().is_some_and(|d| d >= 1.0) {
        issues.error(
            "range",
            spec.max_dilution.place(),
            "a round cannot sell all of the company",
            "write less than 100%",
        );
    }
    let gap = spec.when.as_ref().filter(|t| t.multiple_above.is_none() && t.gap.known() != Some(0.0)).map(|t| &t.gap);
    if let Some(gap) = gap {
        issues
            .error("unused", gap.place(), "`gap` is the time between rounds launched by a high multiple", "none is")
            .help("write `multiple_above: 25x` beside it, or remove `gap`");
    }
    if let Some(senior) = &spec.preference {
        if let Some(cap) = senior.cap.as_ref().filter(|_| !senior.participates) {
            issues
                .error("unused", cap.place(), "these shares have a `cap` and do not participate", "it caps nothing")
                .help("write `participates: true`, or remove `cap`");
        }
        if let (Some(cap), Some(multiple)) = (&senior.cap, senior.multiple.known())
            && cap.known().is_some_and(|x| x < multiple)
        {
            issues.error(
                "range",
                cap.place(),
                "the cap lies below the preference itself",
                format!("at least `{multiple}x`: it counts all that the shares get"),
            );
        }
    }
    if spec.kind == Kind::Private {
        for (key, given) in [("listing_cost", &spec.listing_cost), ("lock_up", &spec.lock_up)] {
            if let Some(given) = given {
                issues
                    .error("unused", given.place(), format!("`{key}` belongs to a listing"), "this round is private")
                    .help("write `kind: ipo`");
            }
        }
    } else if spec.preference.is_some() || spec.anti_dilution != AntiDilution::None {
        issues.error(
            "unsupported",
            place,
            "a listing sells common shares",
            "`preference` and `anti_dilution` belong to private rounds",
        );
    }
}

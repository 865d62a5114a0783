//! Errors in a convertible's terms that `Reader` does not detect.

use super::{AtMaturity, ConvertibleSpec, Kind, PUTS};
use crate::issues::{Issues, Place};
use crate::language::quantity::Quantity;
use crate::language::unused;
use crate::language::values::When;

pub(super) fn check(spec: &ConvertibleSpec, issues: &mut Issues) {
    let place = spec.name.place();
    if spec.when.is_some() == spec.date.is_some() {
        issues
            .error(
                "one-of",
                spec.date.map_or(place, When::place),
                "a convertible requires either `when` or `date`",
                "specify once when it is issued",
            )
            .help("write `when: {round_failed: true}` for a bridge, or `date: 2027-03`");
    }
    if let Some(need) = &spec.when
        && need.runway_below.is_none()
        && need.cash_below.is_none()
        && !need.round_failed
    {
        issues.error(
            "missing",
            place,
            "`when` has no trigger",
            "write `runway_below`, `cash_below` or `round_failed: true`",
        );
    }
    if let Some(date) = spec.date.filter(|d| d.0 < 1.0) {
        issues.error("date-outside", date.place(), "it is issued before the first month", "expected a simulated month");
    }
    if spec.issues == 0 {
        issues.error("range", place, "it is never issued", "`issues` must be at least 1");
    }
    if spec.puts.len() > PUTS {
        let title = format!("`puts` has {} dates", spec.puts.len());
        issues.error("too-many", spec.puts[PUTS].place(), title, format!("the engine supports {PUTS}"));
    }
    match (&spec.term, spec.kind) {
        (None, Kind::Note | Kind::Public) => {
            issues.error("missing", place, "this convertible requires a `term`", "write `term: 24 mo`");
        }
        (Some(term), Kind::Safe) => {
            issues.error("unused", term.place(), "a SAFE has no maturity", "remove `term`, or write `kind: note`");
        }
        (Some(term), _) if term.0 < 1.0 => {
            issues.error("range", term.place(), "it must last at least one month", "`term` is shorter");
        }
        _ => {}
    }
    if spec.kind == Kind::Safe && spec.rate.known() != Some(0.0) {
        let label = "remove `rate`, or write `kind: note`";
        issues.error("unused", spec.rate.place(), "a SAFE bears no interest", label);
    }
    if let Some(date) = spec.date {
        let again = [("issues", Some(date.place()).filter(|_| spec.issues > 1))];
        unused::report(
            &again,
            "together with a `date`",
            "it is issued once, at its date; write `when` instead of `date`",
            issues,
        );
        let process = [unused::quantity(ConvertibleSpec::FIELDS, "process", &spec.process)];
        unused::report(&process, "together with a `date`", "it is issued in that month", issues);
    }
    if spec.at_maturity == AtMaturity::Extend && spec.extension.0 < 1.0 {
        issues.error("range", spec.extension.place(), "an extension must last at least one month", "it is shorter");
    }
    of_kinds(spec, issues);
    let floor = spec.floor.as_ref();
    if (spec.at_maturity == AtMaturity::Convert) != floor.is_some() {
        issues
            .error(
                "missing",
                floor.map_or(place, Quantity::place),
                "`floor` and `at_maturity: convert` require each other",
                "the floor is the valuation at which it converts at maturity",
            )
            .help("write `at_maturity: convert, floor: 20B USD`");
    }
}

/// Keys that belong to other kinds.
fn of_kinds(spec: &ConvertibleSpec, issues: &mut Issues) {
    let place = spec.name.place();
    let public = spec.kind == Kind::Public;
    if public && spec.premium.is_none() {
        let label = "write `premium: 30%`";
        issues.error("missing", place, "a public convertible requires a `premium`", label);
    }
    let mut given = |key: &str, at: Option<Place>, belongs: &str| {
        if let Some(at) = at {
            issues.error("unused", at, format!("`{key}` belongs to {belongs}"), "remove it, or change `kind`");
        }
    };
    if public {
        given("cap", spec.cap.as_ref().map(Quantity::place), "notes and SAFEs");
        let discount = Some(spec.conversion_discount.place()).filter(|_| spec.conversion_discount.known() != Some(0.0));
        given("conversion_discount", discount, "notes and SAFEs");
    } else {
        given("premium", spec.premium.as_ref().map(Quantity::place), "public convertibles");
        given("call", spec.call.as_ref().map(|c| c.from.place()), "public convertibles");
        given("puts", spec.puts.first().map(|p| p.place()), "public convertibles");
    }
    if spec.kind != Kind::Note && spec.at_maturity != AtMaturity::Repay {
        given("at_maturity", Some(place), "notes: others are repaid unless converted");
    }
}

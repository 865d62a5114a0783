//! Terms of rounds, convertibles, preferences and control: the examples of the documentation are valid, and invalid
//! terms are reported at their place.

use crate::common::vectors::{FLAT, bare_lab};
use gapcast::cli::diagnostics::render;
use gapcast::model::{Model, Settings};

/// The example under "In YAML" in the documentation of a module.
fn example(source: &str) -> String {
    let lines = source.lines().map(|l| l.strip_prefix("//!").map_or("", |l| l.strip_prefix(' ').unwrap_or(l)));
    let block: Vec<&str> = lines.skip_while(|l| *l != "```yaml").skip(1).take_while(|l| *l != "```").collect();
    assert!(!block.is_empty(), "no example");
    block.join("\n")
}

fn read(text: &str) -> Result<Model, String> {
    Model::parse("test.yaml", text, &Settings::default()).map_err(|r| render(&r.issues, &r.sources, false))
}

fn with(instruments: &str) -> Result<Model, String> {
    let world = "world: {equity_multiple: {now: 10x, later: 10x}}";
    read(&bare_lab(72, FLAT, &format!("{world}\ninstruments:\n{instruments}\n")))
}

#[test]
fn the_examples_of_the_documentation_read() {
    for source in [
        include_str!("../../crates/model/src/instruments/equity_round/mod.rs"),
        include_str!("../../crates/model/src/instruments/convertible/mod.rs"),
    ] {
        with(&example(source)).unwrap_or_else(|told| panic!("{told}"));
    }
}

#[test]
fn what_cannot_be_meant_is_told() {
    for (terms, told) in [
        (
            "equity_round: {name: a, date: 2026-03, size: 1B USD, ipo_lock_up: 6 mo}",
            "`ipo_lock_up` applies only to a listing",
        ),
        ("equity_round: {name: a, date: 2026-03, size: 1B USD, listing_cost: 1M USD}", "`listing_cost` applies only"),
        (
            "equity_round: {name: a, kind: ipo, date: 2026-03, size: 1B USD, anti_dilution: ratchet}",
            "a listing sells common shares",
        ),
        ("equity_round: {name: a, kind: ipo, date: 2026-03, size: 1B USD, preference: {}}", "a listing sells common"),
        ("equity_round: {name: a, date: 2026-03, size: 1B USD, preference: {cap: 3x}}", "do not participate"),
        (
            "equity_round: {name: a, date: 2026-03, size: 1B USD, preference: {multiple: 2x, participates: true, cap: 1x}}",
            "the cap is below the preference",
        ),
        ("equity_round: {name: a, when: {gap: 3 mo}}", "launched by a high multiple"),
        ("equity_round: {name: a, date: 2025-03, size: 1B USD}", "before the first month"),
        ("equity_round: {name: a, when: {}, retry_discount: 100%}", "retry_discount"),
        ("equity_round: {name: a, date: 2026-03, size: 1B USD, anti_dilution: rachet}", "did you mean `ratchet`?"),
        ("convertible: {name: a, amount: 1B USD, term: 2 yr}", "either `when` or `date`"),
        ("convertible: {name: a, amount: 1B USD, term: 2 yr, when: {}}", "`when` has no trigger"),
        ("convertible: {name: a, amount: 1B USD, date: 2026-03}", "requires a `term`"),
        ("convertible: {name: a, amount: 1B USD, date: 2025-03, term: 2 yr}", "before the first month"),
        ("convertible: {name: a, amount: 1B USD, date: 2026-03, term: 2 yr, issues: 0}", "never issued"),
        ("convertible: {name: a, amount: 1B USD, date: 2026-03, term: 0 mo}", "at least one month"),
        ("convertible: {name: a, kind: safe, amount: 1B USD, date: 2026-03, term: 2 yr}", "a SAFE has no maturity"),
        ("convertible: {name: a, kind: safe, amount: 1B USD, date: 2026-03, rate: 5%/yr}", "bears no interest"),
        ("convertible: {name: a, kind: public, amount: 1B USD, date: 2026-03, term: 5 yr}", "requires a `premium`"),
        (
            "convertible: {name: a, kind: public, amount: 1B USD, date: 2026-03, term: 5 yr, premium: 30%, cap: 9B USD}",
            "`cap` belongs to notes and SAFEs",
        ),
        (
            "convertible: {name: a, kind: public, amount: 1B USD, date: 2026-03, term: 5 yr, premium: 30%, conversion_discount: 9%}",
            "`conversion_discount` belongs to notes and SAFEs",
        ),
        (
            "convertible: {name: a, amount: 1B USD, date: 2026-03, term: 5 yr, puts: [2027-01]}",
            "`puts` belongs to public",
        ),
        (
            "convertible: {name: a, amount: 1B USD, date: 2026-03, term: 5 yr, call: {from: 2027-01}}",
            "`call` belongs to public",
        ),
        (
            "convertible: {name: a, kind: public, amount: 1B USD, date: 2026-03, term: 5 yr, premium: 30%, puts: [2027-01, 2027-02, 2027-03, 2027-04, 2027-05]}",
            "the engine supports 4",
        ),
        (
            "convertible: {name: a, amount: 1B USD, date: 2026-03, term: 5 yr, at_maturity: convert}",
            "`floor` and `at_maturity: convert` require each other",
        ),
        (
            "convertible: {name: a, amount: 1B USD, date: 2026-03, term: 5 yr, floor: 2B USD}",
            "`floor` and `at_maturity: convert` require each other",
        ),
        (
            "convertible: {name: a, amount: 1B USD, date: 2026-03, term: 5 yr, at_maturity: extend, extension: 0 mo}",
            "an extension must last at least one month",
        ),
    ] {
        let found = with(&format!("  - {terms}")).expect_err(terms);
        assert!(found.contains(told), "{terms}\n{found}");
        assert!(found.contains("test.yaml:"), "no place: {found}");
    }
}

#[test]
fn a_cap_is_compared_with_a_price() {
    let note = |terms: &str| {
        let instrument = format!("{{name: a, amount: 1B USD, date: 2026-03, term: 5 yr, {terms}}}");
        read(&bare_lab(12, FLAT, &format!("instruments:\n  - convertible: {instrument}\n")))
    };
    note("conversion_discount: 20%").unwrap_or_else(|told| panic!("{told}"));
    for terms in ["cap: 9B USD", "kind: public, premium: 30%"] {
        let found = note(terms).expect_err(terms);
        assert!(found.contains("`world.equity_multiple` is missing"), "{found}");
    }
}

#[test]
fn holders_before_the_start() {
    let lab = bare_lab(12, FLAT, "");
    let opening =
        |more: &str| read(&lab.replace("holders: 100%}}", &format!("founders: 60%, employees: 40%}}, {more}}}")));
    opening("control: {holders: [founders], votes: 10x}, preferences: [seed: {share: 10%, amount: 1B USD}]")
        .unwrap_or_else(|told| panic!("{told}"));
    for (more, told) in [
        ("control: {holders: [fouders]}", "did you mean `founders`?"),
        ("control: {holders: [employees]}", "cannot be among the holders in `control`"),
        ("control: {holders: [founders], votes: 5x to 10x}", "must be known"),
        ("preferences: [a: {share: 70%, amount: 1B USD}, b: {share: 40%, amount: 1B USD}]", "hold 110.0000%"),
        ("preferences: [a: {share: 70%, amount: 1B USD, cap: 3x}]", "does not participate"),
    ] {
        let found = opening(more).expect_err(more);
        assert!(found.contains(told), "{more}\n{found}");
    }
}

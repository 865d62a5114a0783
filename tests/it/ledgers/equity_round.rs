//! Priced rounds: protection against cheaper rounds, preferences in an estate, a programme that fails and tries again, and a
//! listing.

use crate::common::ledger::Ledger;
use crate::common::{model, vectors};
use gapcast::engine::books::event;

/// Revenue of 1B a month, a multiple of ten: 120B, without cost or burn.
fn rich(months: u32, growth: &str, rest: &str) -> String {
    format!(
        "
schema: 1
name: rich
time: {{start: 2026-01, months: {months}}}
run: {{paths: 1, seed: 1}}
world:
  equity_multiple: {{now: 10x, later: 10x}}
  listed_window: {{open: 0%}}
lab:
  opening: {{cash: 1000B USD, shares: {{founders: 30%, others: 70%}}, control: {{holders: [founders], votes: 10x, threshold: 80%}}}}
  demand: {{growth: {growth}, growth_is: underlying, saturation: none, segments: [{{all: {{run_rate: 12B USD/yr}}}}]}}
  compute: {{capacity: none, inference: {{gross_margin: {{now: 100%, later: 100%, over: 12 mo}}}}}}
  policy: {{distress_below: 0 mo}}
{rest}"
    )
}

const FLAT: &str = "{now: 0%/mo, later: 0%/mo, half_life: 12 mo}";

#[test]
fn protection() {
    let text = rich(
        14,
        FLAT,
        "instruments:
  - equity_round: {name: a, date: 2026-02, size: 30B USD, anti_dilution: weighted_average}
  - equity_round: {name: c, date: 2026-03, size: 15B USD, pre_money: 187.5B USD, anti_dilution: ratchet}
  - equity_round: {name: b, date: 2026-05, size: 21.6B USD, pre_money: 108B USD}
  - equity_round: {name: d, date: 2026-08, size: 12B USD, pre_money: 206664705882 USD}
  - equity_round: {name: e, date: 2026-08, size: 11.8B USD, pre_money: 215020294117 USD}
  - equity_round: {name: f, date: 2026-12, size: 12B USD}
  - equity_round: {name: g, date: 2026-12, size: 6B USD, anti_dilution: ratchet}
",
    );
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    let near = |name: &str, t: usize, expected: f64| {
        let found = l.at(name, t);
        assert!((found - expected).abs() < 1e-8 * expected.abs().max(1.0), "{name}, month {t}: {found}");
    };
    // Month 2: 120B over 1e9 shares is 120; 30B buy 250M. Month 3: 187.5B over 1.25e9 is 150; 15B buy 100M.
    near("a.price", 2, 120.0);
    near("a.shares", 2, 250e6);
    near("c.price", 3, 150.0);
    near("c.shares", 4, 100e6);
    // No cheaper round yet: nobody is protected from anything, a round least of all from itself.
    assert_eq!((l.at("a.adjusted", 4), l.at("c.adjusted", 4)), (0.0, 0.0));
    // Month 5: 108B over 1.35e9 is 80; 21.6B buy 270M. At 120 that money buys 180M: the price of 120 becomes
    // 120 · (1350 + 180)/(1350 + 270) = 113.333…, and 30B convert into 264,705,882.353. The ratchet: 15B at 80 are 187.5M.
    near("b.price", 5, 80.0);
    near("b.shares", 5, 270e6);
    near("a.shares", 5, 264_705_882.352_941);
    near("a.adjusted", 5, 14_705_882.352_941);
    near("c.shares", 5, 187.5e6);
    let all: f64 = 1e9 + 264_705_882.352_941 + 187.5e6 + 270e6;
    assert!((l.lane(5).lab.shares - all).abs() < 1.0, "{}", l.lane(5).lab.shares);
    // Month 8: d is priced on 1,722,205,882 shares, at 120; e on these and the 100M of d, at 118: 100M too. Their mean of
    // 119 is above 113.33 and 80.
    near("d.price", 8, 120.0);
    near("e.price", 8, 118.0);
    near("e.shares", 8, 100e6);
    near("a.shares", 11, 264_705_882.352_941);
    near("c.shares", 11, 187.5e6);
    // Month 12, at the market: f and g sell at one price, 120B over all shares; the 12B of f are part of the company that g
    // buys into.
    let all = all + 200e6;
    let price = 120e9 / all;
    near("f.price", 12, price);
    near("g.price", 12, price);
    near("g.pre_money", 12, 132e9);
    near("f.shares", 12, 12e9 / price);
    near("g.shares", 12, 6e9 / price);
    // 18B were sold at 62.43 a share: a goes from 113.33 to the weighted average, c to the price; g bought at it.
    let (sold, old) = (18e9 / price, 30e9 / 264_705_882.352_941);
    let average = old * (all + 18e9 / old) / (all + sold);
    near("a.shares", 12, 30e9 / average);
    near("c.shares", 12, 15e9 / price);
    assert_eq!(l.at("g.adjusted", 14), 0.0);
    // Ownership adds up: 1e9 shares of the old holders, and those of the instruments.
    let instruments: f64 = ["a", "b", "c", "d", "e", "f", "g"].iter().map(|r| l.at(&format!("{r}.shares"), 14)).sum();
    let shares = l.lane(14).lab.shares;
    assert!(((1e9 + instruments) / shares - 1.0).abs() < 1e-12, "{instruments} {shares}");
    // Founders hold 300M of them with ten votes each.
    let (_, rows) = vectors::run_of(&model.plan, 1, 1, gapcast::engine::level::Level::best());
    let end = |name: &str| vectors::pick(&model.plan, &rows, name)[0];
    assert!((end("dilution.founders") - (1.0 - 1e9 / shares)).abs() < 1e-12);
    let votes = 3e9 / (3e9 + shares - 300e6);
    assert!((end("control") - votes).abs() < 1e-12, "{votes}");
    assert!(votes < 0.8 && end("control_lost") == 1.0);
    // What a's shares are worth at the horizon, over what was paid.
    assert!((end("a.moic") - 120e9 * l.at("a.shares", 14) / shares / 30e9).abs() < 1e-9);
}

/// Revenue of 60M a month and staff of 100M: 40M go out. A multiple of ten: 7.2B. Cash of 250M and 230M from rounds last
/// for twelve months; then wages of 40, 80, 120M are owed, and in month 15 the lab is sold for half its run-rate, 360M.
/// Wages first: 240M are left to shares.
const FAILING: &str = "
schema: 1
name: failing
time: {start: 2026-01, months: 18}
run: {paths: 1, seed: 1}
world: {equity_multiple: {now: 10x, later: 10x}}
lab:
  opening: {cash: 250M USD, shares: {holders: 100%}}
  demand: {growth: {now: 0%/mo, later: 0%/mo, half_life: 12 mo}, saturation: none, segments: [{all: {run_rate: 720M USD/yr}}]}
  compute: {capacity: none, inference: {gross_margin: {now: 100%, later: 100%, over: 12 mo}}}
  people: {cost: 1.2B USD/yr, cut_in_distress: 0%}
  policy: {minimum_cash: 0 USD, distress_below: 0 mo, grace: 3 mo}
  default: {outcomes: {acquisition: 100%, liquidation: 0%}, acquisition: 0.5x, cost: 0%, delay: 0 mo}
instruments:
  - equity_round: {name: a, date: 2026-01, size: 100M USD, preference: {multiple: 1.5x}}
  - equity_round: {name: b, date: 2026-02, size: 50M USD}
  - equity_round: {name: c, date: 2026-03, size: 80M USD, preference: {rank: 1, participates: true, cap: 3x}}
";

/// Shares of the three rounds, and all: each sells its size over 7.2B of what there is.
fn bought() -> ([f64; 3], f64) {
    let (mut all, mut out) = (1e9, [0.0; 3]);
    for (slot, size) in out.iter_mut().zip([100.0, 50.0, 80.0]) {
        *slot = all * size / 7200.0;
        all += *slot;
    }
    (out, all)
}

#[test]
fn preferences() {
    let model = model(FAILING);
    let l = Ledger::of(&model, 0);
    let ([a, b, c], all) = bought();
    for (name, shares) in [("a.shares", a), ("b.shares", b), ("c.shares", c)] {
        assert!((l.at(name, 4) - shares).abs() < 1e-3, "{name}");
    }
    assert_eq!((l.lane(14).accounts.ended, l.lane(15).accounts.ended), (0.0, 15.0));
    assert!((l.lane(15).accounts.to_shares.0 - 240e6).abs() < 1e-2);
    // First a: 150M. Then c: 80M, and with all shares but a's it gets its part of the 10M that are left.
    let rest = 10e6 / (all - a);
    let cents = |instrument: &str, expected: f64| {
        let got = l.flow(instrument, 0, 15);
        assert!((got - expected).abs() < 0.005, "{instrument}: {got:.2} instead of {expected:.2}");
    };
    cents("a", 150e6);
    cents("b", rest * b);
    cents("c", 80e6 + rest * c);
    assert!((l.lane(15).accounts.to_common.0 - rest * (1e9 + b)).abs() < 0.005);
    // What was paid in, and what of it is lost; nobody loses less than nothing.
    assert_eq!((l.at("a.claim", 15), l.at("a.loss", 15)), (100e6, 0.0));
    assert!((l.at("b.loss", 18) - (50e6 - rest * b)).abs() < 0.005);
    assert_eq!((l.at("c.claim", 18), l.at("c.loss", 18)), (80e6, 0.0));
    let (_, rows) = vectors::run_of(&model.plan, 1, 1, gapcast::engine::level::Level::best());
    assert!((vectors::pick(&model.plan, &rows, "a.moic")[0] - 1.5).abs() < 1e-12);
    assert_eq!(vectors::pick(&model.plan, &rows, "a.rvpi")[0], 0.0);
}

#[test]
fn preferences_from_before_the_start() {
    // A class of rank 0 with a tenth of the company that is owed 30M: 180M to rank 0, and the 60M that are left to c.
    let text =
        FAILING.replace("holders: 100%}}", "holders: 100%}, preferences: [seed: {share: 10%, amount: 30M USD}]}");
    let poor = model(&text);
    let l = Ledger::of(&poor, 0);
    let got = |l: &Ledger<'_>, instrument: &str| l.flow(instrument, 0, 15);
    let near = |found: f64, expected: f64| assert!((found - expected).abs() < 0.01, "{found:.2} {expected:.2}");
    near(got(&l, "a"), 150e6);
    near(got(&l, "b"), 0.0);
    near(got(&l, "c"), 60e6);
    near(l.at("c.loss", 15), 20e6);
    near(l.lane(15).accounts.to_common.0, 0.0);
    // 160M in all: 40M to shares, shared by the 150M and 30M of rank 0.
    let model = model(&text.replace("acquisition: 0.5x", "acquisition: 0.222222222222222222x"));
    let l = Ledger::of(&model, 0);
    near(got(&l, "a"), 40e6 * 150.0 / 180.0);
    // Sold for twenty times: a and seed convert, since 14,280M over all shares are more than their preferences. c takes
    // 80M and its part of the other 14,200M, which stays below its cap of 240M.
    let rich = crate::common::model(&text.replace("acquisition: 0.5x", "acquisition: 20x"));
    let l = Ledger::of(&rich, 0);
    let ([a, b, c], all) = bought();
    let each = 14_200e6 / all;
    assert!(each * a > 150e6 && 80e6 + each * c < 240e6);
    near(got(&l, "a"), each * a);
    near(got(&l, "b"), each * b);
    near(got(&l, "c"), 80e6 + each * c);
    // Seed's tenth is not with the common shares: it has a preference, though it did not use it.
    near(l.lane(15).accounts.to_common.0, each * (0.9e9 + b));
}

#[test]
fn a_listing_ends_preferences() {
    let text = FAILING.to_owned() + "  - equity_round: {name: listing, kind: ipo, date: 2026-04, size: 1M USD}\n";
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    // One more million of cash: 119M of wages in the end, 241M to shares, all alike.
    let ([a, b, c], all) = bought();
    let each = 241e6 / (all * (1.0 + 1.0 / 7200.0));
    for (instrument, shares) in [("a", a), ("b", b), ("c", c)] {
        assert!((l.flow(instrument, 0, 15) - each * shares).abs() < 0.01, "{instrument}");
    }
    assert!((l.lane(15).accounts.to_common.0 - 241e6).abs() < 0.01);
}

#[test]
fn a_programme_fails_waits_and_lists() {
    // Log growth of revenue is −10%, −5%, −2.5%, … in months 1, 2, 3: it falls by 1 − e^{−0.2 (1 − 2^−t)}. Staff cost 100M a
    // month; a round is to bring ten times that.
    let text = rich(
        14,
        "{now: -20%/mo, later: 0%/mo, half_life: 1 mo}",
        "  people: {cost: 1.2B USD/yr}
instruments:
  - equity_round: {name: rounds, when: {runway_below: 0 mo, multiple_above: 9x, gap: 3 mo}, covers: 0 mo, covers_at_least: 10 mo,
      process: 1 mo, retry: 2 mo, retry_discount: 10%, fill_min: 97%, fee: 1%}
  - equity_round: {name: listing, kind: ipo, date: 2026-11, size: 20B USD, fee: 2%, listing_cost: 50M USD, ipo_lock_up: 2 mo}
  - equity_round: {name: late, date: 2027-01, size: 1B USD}
",
    );
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    let value = |t: i32| 120e9 * libm::exp(-0.2 * (1.0 - 0.5_f64.powi(t)));
    let near = |name: &str, t: usize, expected: f64| {
        let found = l.at(name, t);
        assert!((found - expected).abs() <= 1e-9 * expected.abs(), "{name}, month {t}: {found} instead of {expected}");
    };
    // Launched in month 1, since ten is above nine. In month 2 the book is e^{−0.05} = 95% of the size: it fails.
    near("rounds.target", 1, 1e9);
    near("rounds.closes_in", 1, 1.0);
    assert!(l.happened("rounds", event::ROUND_FAILED, 2));
    near("rounds.raised", 2, 0.0);
    // Two months of waiting; launched again in month 4 at nine tenths of the value, closed in month 5 with a book of
    // e^{−0.00625}: 99.4%.
    near("rounds.wait", 3, 1.0);
    near("rounds.closes_in", 3, 0.0);
    near("rounds.launch_value", 4, 0.9 * value(4));
    let first = 1e9 * libm::exp(-0.00625);
    near("rounds.raised", 5, first);
    near("rounds.pre_money", 5, 0.9 * value(5));
    near("rounds.price", 5, 0.9 * value(5) / 1e9);
    near("rounds.fee", 5, 0.01 * first);
    assert!(l.happened("rounds", event::ROUND_CLOSED, 5));
    let mut shares = 1e9 * (1.0 + first / (0.9 * value(5)));
    // Three months after that closing the next is launched; it closes in month 9 at the whole value.
    near("rounds.closes_in", 7, 0.0);
    near("rounds.closes_in", 8, 1.0);
    let second = 1e9 * libm::exp(-0.2 / 512.0);
    near("rounds.raised", 9, second);
    near("rounds.price", 9, value(9) / shares);
    near("rounds.total", 9, first + second);
    shares *= 1.0 + second / value(9);
    // Month 11: 20B, of which 400M and 50M are withheld.
    near("listing.raised", 11, 20e9);
    near("listing.fee", 11, 450e6);
    assert!((l.lane(11).lines.equity_in.0 - 19.55e9).abs() < 0.01);
    assert!(l.happened("listing", event::LISTED, 11) && l.lane(11).lab.listed == 1.0 && l.lane(10).lab.listed == 0.0);
    let sold = shares * 20e9 / value(11);
    for (t, months, free) in [(11, 2.0, sold / (shares + sold)), (12, 1.0, sold / (shares + sold)), (13, 0.0, 1.0)] {
        near("listing.lock_up", t, months);
        near("listing.free_float", t, free);
    }
    // The window of the listed lab is never open here: nothing is launched in month 12, and the round of month 13 fails.
    near("rounds.rounds", 14, 2.0);
    near("rounds.closes_in", 14, 0.0);
    assert!(l.happened("late", event::ROUND_FAILED, 13));
}

#[test]
fn control_can_be_asked() {
    // Founders: 300M shares with ten votes each against 700M: 81%. A round of 60B sells 500M more: 3/(3 + 1.2) = 71%.
    let text = rich(
        4,
        FLAT,
        "instruments:
  - equity_round: {name: a, date: 2026-03, size: 60B USD}
checks:
  - p(control at 2026-02 < 80%) < 1%
  - p(control < 80%) > 99%
  - mean(control) < 71.43%
  - p50(control at 2026-03) > 71.42%
  - mean(control_lost at 2026-02) < 1%
  - p(control_lost > 50%) > 99%
  - mean(dilution.founders) > 33.3%
",
    );
    let model = model(&text);
    let (results, _) = vectors::run_of(&model.plan, 16, 1, gapcast::engine::level::Level::best());
    let outcome = gapcast::outcome::Outcome::new(model.plan.clone(), results);
    assert_eq!(model.checks.len(), 7);
    for check in &model.checks {
        let verdict = outcome.verdict(check).expect("a metric of the run");
        assert!(verdict.holds, "{}: {}", verdict.text, verdict.shown);
    }
}

#[test]
fn protection_within_a_programme_until_the_listing() {
    // 1B in each closing, at 120B over all shares: 120 in month 2, and a little less in month 5, since the value does not
    // count the first billion. Then a listing, and a round at half the value.
    let text = rich(
        12,
        FLAT,
        "  people: {cost: 1.2B USD/yr}
instruments:
  - equity_round: {name: rounds, when: {runway_below: 0 mo, multiple_above: 9x, gap: 2 mo}, covers: 0 mo, covers_at_least: 10 mo,
      process: 1 mo, anti_dilution: weighted_average}
  - equity_round: {name: listing, kind: ipo, date: 2026-06, size: 1B USD}
  - equity_round: {name: cheap, date: 2026-08, size: 6B USD, pre_money: 60B USD}
",
    )
    .replace("open: 0%", "open: 100%");
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    let near = |name: &str, t: usize, expected: f64| {
        let found = l.at(name, t);
        assert!((found - expected).abs() < 1e-3, "{name}, month {t}: {found} instead of {expected}");
    };
    // 8,333,333.33 shares; then 1B buys 1,008,333,333.33/120 = 8,402,777.78 of them, at 119.008.
    let (first, second) = (1e9 / 120.0, 1_008_333_333.333_333 / 120.0);
    near("rounds.sold", 2, first);
    near("rounds.sold", 5, second);
    // The first holders alone: 120 (A + B)/(A + C), A = 1,008,333,333.33, B = 8,333,333.33, C = 8,402,777.78: 569.2 shares.
    let more = first * (second - first) / (1_008_333_333.333_333 + first);
    assert!((more - 569.2).abs() < 0.1);
    near("rounds.adjusted", 5, more);
    // In the month of the listing, at 120B over 1,016.7M shares, both closings are protected, as one class.
    let (held, all) = (first + second + more, 1e9 + first + second + more);
    let sold = all / 120.0;
    let protected = held * (all + sold) / (all + 1e9 * held / 2e9);
    near("listing.sold", 6, sold);
    near("rounds.shares", 6, protected);
    // Afterwards nobody is: 60B buys twice as much. (The programme goes on in month 8, at 120B with the 6B in it.)
    near("rounds.adjusted", 12, protected - held + more);
    assert!(l.at("cheap.price", 8) < 60.0 && l.at("rounds.rounds", 12) > 2.0);
}

#[test]
fn a_pool_that_two_rounds_fill() {
    // Both want a pool of a twentieth after the round; the second sees what the first added.
    let text = rich(
        3,
        FLAT,
        "instruments:
  - equity_round: {name: a, date: 2026-02, size: 12B USD, pool_target: 5%}
  - equity_round: {name: b, date: 2026-02, size: 6B USD, pool_target: 5%}
",
    );
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    let lab = &l.lane(2).lab;
    // First: 12/132 to a and 5% to the pool leave 85.909…% to 1e9 shares. Then 6/138 to b, and the pool is brought to 5%
    // again: a twentieth of all, and 138B are the price of all.
    let after_first = 1e9 / (1.0 - 0.05 - 12.0 / 132.0);
    assert!((l.at("a.price", 2) - 132e9 / after_first).abs() < 1e-9);
    let others = after_first * 0.95;
    let all = others / (1.0 - 0.05 - 6.0 / 138.0);
    assert!((lab.shares / all - 1.0).abs() < 1e-12 && (lab.pool / all - 0.05).abs() < 1e-12, "{} {all}", lab.shares);
    assert!((l.at("b.price", 2) * all / 138e9 - 1.0).abs() < 1e-12);
}

/// A window that never opens stops a round, and not one whose money was signed for.
#[test]
fn committed_money_comes_through_a_shut_window() {
    let text = FAILING
        .replace(
            "equity_multiple: {now: 10x, later: 10x}",
            "equity_multiple: {now: 10x, later: 10x}, equity_window: {open: 0%}",
        )
        .replace("date: 2026-02, size: 50M USD", "date: 2026-02, size: 50M USD, committed: true");
    let model = model(&text);
    let l = Ledger::of(&model, 0);
    assert_eq!((l.at("a.total", 3), l.at("b.total", 3), l.at("c.total", 3)), (0.0, 50e6, 0.0));
    assert!(l.happened("a", event::ROUND_FAILED, 1) && l.happened("b", event::ROUND_CLOSED, 2));
    // 50M of a company worth 7.2B.
    assert!((l.at("b.shares", 3) - 1e9 * 50.0 / 7200.0).abs() < 1e-3);
}

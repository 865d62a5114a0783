//! The shipped scenarios of structured finance: who loses by a guarantee, a lease, a bridge, and who does not. Variants run
//! on the same worlds, so differences are taken path by path; each stated difference is larger than three of its standard
//! errors (n = 2,048; false alarm about 1e-3 where there is no difference at all, and 0 for a fixed seed).

use crate::common::job_with;
use crate::common::vectors::{pick, run_of};
use gapcast::engine::level::Level;
use gapcast::model::{Model, Settings};
use gapcast::outcome::Outcome;
use gapcast::stats::moments::Moments;

const PATHS: u64 = 2_048;
const HYPERION: &str = include_str!("../../scenarios/hyperion-campus.yaml");
const XAI: &str = include_str!("../../scenarios/xai-colossus-spv.yaml");
const SMALL_LAB: &str = include_str!("../../scenarios/small-lab.yaml");

/// A run of a scenario, path by path.
struct Ran {
    model: Model,
    ends: Vec<f64>,
}

impl Ran {
    fn new(text: &str, variant: &str, sets: &[&str]) -> Ran {
        let variant = (!variant.is_empty()).then(|| variant.to_owned());
        let sets = sets.iter().map(|&s| s.to_owned()).collect();
        let model = job_with(text, &Settings { variant, sets, ..Settings::default() });
        let (_, ends) = run_of(&model.plan, PATHS, 0, Level::best());
        Ran { model, ends }
    }
    fn of(&self, metric: &str) -> Vec<f64> {
        pick(&self.model.plan, &self.ends, metric)
    }
    fn mean(&self, metric: &str) -> f64 {
        Moments::of(&self.of(metric)).mean
    }
}

/// `more − less` of one metric, path by path: the mean is above zero by more than three standard errors.
#[track_caller]
fn rises(metric: &str, less: &Ran, more: &Ran) {
    let both = less.of(metric).into_iter().zip(more.of(metric));
    let differences: Vec<f64> = both.map(|(a, b)| b - a).filter(|d| !d.is_nan()).collect();
    let d = Moments::of(&differences);
    assert!(d.mean > 3.0 * d.se() && d.mean > 0.0, "{metric}: {} ± {}", d.mean, d.se());
}

#[test]
fn the_guarantee_moves_the_loss_of_the_campus_from_noteholders_to_the_tenant() {
    let base = Ran::new(HYPERION, "", &[]);
    let without = Ran::new(HYPERION, "no_guarantee", &[]);
    rises("hyperion.senior.loss", &base, &without);
    rises("hyperion.called_total", &without, &base);
    assert!(without.of("hyperion.called_total").iter().all(|&x| x == 0.0));
    // The tenant leaves as often, and the equity loses the same: the guarantee is of the notes.
    assert!((base.mean("hyperion.equity.loss") / without.mean("hyperion.equity.loss") - 1.0).abs() < 0.01);
    // Where the tenant pays what is called, noteholders lose nothing.
    let paid = base.of("hyperion.senior.loss").into_iter().zip(base.of("default"));
    assert!(paid.filter(|&(_, default)| default == 0.0).all(|(loss, _)| loss < 1.0));
    // One who cannot is worth little as a guarantor.
    rises("hyperion.senior.loss", &base, &Ran::new(HYPERION, "weak_tenant", &[]));
    rises("hyperion.called_total", &base, &Ran::new(HYPERION, "never_renewed", &[]));
    rises("hyperion.called_total", &base, &Ran::new(HYPERION, "resale_minus_70", &[]));
    let winter = Ran::new(HYPERION, "joint_winter", &[]);
    rises("hyperion.senior.loss", &winter, &Ran::new(HYPERION, "joint_winter_no_guarantee", &[]));
}

#[test]
fn the_guarantee_is_what_the_tenant_owes_beside_its_rent() {
    // In December 2031, in the third year of service, before anybody can leave.
    let early = ["time.months=75", "checks=[]"];
    let base = Ran::new(HYPERION, "", &early);
    let without = Ran::new(HYPERION, "no_guarantee", &early);
    let insured = Ran::new(HYPERION, "third_party_guarantee", &early);
    for metric in ["look_through_leverage", "look_through_leverage_most"] {
        rises(metric, &without, &base);
        rises(metric, &insured, &base);
    }
    // Nothing of it is debt in its books; the rent of the term is the same in all.
    assert!(base.of("debt").iter().all(|&x| x == 0.0));
    assert_eq!(base.of("off_balance"), without.of("off_balance"));
}

#[test]
fn what_the_vehicle_of_chips_loses() {
    let base = Ran::new(XAI, "", &[]);
    rises("colossus_2.debt.loss", &Ran::new(XAI, "chip_maker_guarantees", &[]), &base);
    let halved = Ran::new(XAI, "resale_halved", &[]);
    rises("colossus_2.debt.loss", &base, &halved);
    rises("colossus_2.equity.loss", &base, &halved);
    assert_eq!(base.of("default"), halved.of("default"));
    let winter = Ran::new(XAI, "winter_now", &[]);
    for metric in ["default", "colossus_2.debt.loss", "colossus_2.equity.loss", "x_loans.loss"] {
        rises(metric, &base, &winter);
    }
    rises("default", &Ran::new(XAI, "no_lease", &[]), &base);
    rises("default", &base, &Ran::new(XAI, "no_series_e", &[]));
    // On every path the senior part loses less of what it is owed than the junior part; what an estate pays late is a loss of both.
    let parts = Ran::new(XAI, "two_tranches", &[]);
    let [senior, junior] = ["senior", "junior"].map(|name| {
        let of = |what| parts.of(&format!("colossus_2.{name}.{what}"));
        of("loss").into_iter().zip(of("claim")).map(|(x, claim)| if claim > 0.0 { x / claim } else { 0.0 })
    });
    let pairs: Vec<(f64, f64)> = senior.zip(junior).collect();
    assert!(pairs.iter().all(|(senior, junior)| senior <= junior));
    assert!(pairs.iter().any(|&(senior, _)| senior > 0.0));
}

#[test]
fn a_lease_that_ends_early_is_paid_by_the_equity() {
    let early = Ran::new(XAI, "lease_ends_after_two_years", &[]);
    let (debt, equity, default) =
        (early.of("colossus_2.debt.loss"), early.of("colossus_2.equity.moic"), early.of("default"));
    // Two years of rent and the sale repay the debt with interest on what was late, unless chips fetch very little. What
    // is late is paid with interest before the equity gets anything.
    for k in (0..debt.len()).filter(|&k| default[k] == 0.0) {
        assert!(debt[k] < 1.0 || equity[k] < 0.01, "{} {}", debt[k], equity[k]);
    }
    rises("colossus_2.equity.moic", &early, &Ran::new(XAI, "", &[]));
    // Capital that did not come back is worth nothing once the last chip is sold.
    assert!(early.of("colossus_2.equity.moic").iter().filter(|&&x| x < 0.99).count() as u64 > PATHS / 2);
}

#[test]
fn the_lease_stands_beside_the_debt_of_the_lab() {
    let early = ["time.months=18", "checks=[]"];
    let base = Ran::new(XAI, "", &early);
    let without = Ran::new(XAI, "no_lease", &early);
    rises("look_through_leverage", &without, &base);
    rises("off_balance", &without, &base);
    assert!(base.mean("off_balance") > 15e9, "{}", base.mean("off_balance"));
    // No creditor of a restructured lab gets more than it gives up.
    let cut = ["lab.default.outcomes={rescue: 0%, restructuring: 100%, acquisition: 0%, liquidation: 0%}", "checks=[]"];
    let cut = Ran::new(XAI, "winter_now", &cut);
    let losses = cut.of("x_loans.loss");
    assert!(losses.iter().all(|&x| x > -1.0), "{}", losses.iter().fold(0.0_f64, |a, &b| a.min(b)));
    assert!(losses.iter().any(|&x| x > 1e9));
}

#[test]
fn what_keeps_a_small_lab_alive() {
    let base = Ran::new(SMALL_LAB, "", &[]);
    let no_bridge = Ran::new(SMALL_LAB, "no_bridge", &[]);
    rises("default", &base, &no_bridge);
    rises("default", &Ran::new(SMALL_LAB, "notice_90_days", &[]), &base);
    let slow = Ran::new(SMALL_LAB, "half_growth", &[]);
    rises("default", &base, &slow);
    rises("stake.founders", &slow, &base);
    rises("stake.founders", &base, &no_bridge);
    rises("debt_raised", &Ran::new(SMALL_LAB, "no_venture_debt", &[]), &base);
    // No value is too large for its column: shares, of which a failing lab issues many, have one of their own.
    let (results, _) = run_of(&base.model.plan, PATHS, 0, Level::best());
    let outcome = Outcome::new(base.model.plan.clone(), results);
    assert_eq!(outcome.saturated(), []);
    let shares = outcome.metric("safe.shares").expect("a metric");
    let largest = base.of("safe.shares").into_iter().fold(0.0, f64::max);
    assert!(shares.quantile(0.5) > 0.0 && shares.quantile(0.95) < largest);
}

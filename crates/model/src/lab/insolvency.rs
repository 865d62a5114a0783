//! Failure of the lab: its outcome, and recoveries.
//!
//! A lab in arrears for longer than the grace period fails. There are four outcomes. *Rescue*: new funding at a
//! distressed price; all claims continue. *Restructuring*: creditors exchange part of their claims for shares; the lab
//! continues. *Acquisition*: the business is sold as a going concern. *Liquidation*: the assets are sold. The scenario
//! states the probabilities for a lab whose value covers its claims; otherwise rescue and acquisition become
//! proportionally less likely: our assumption. What is left of the probability goes to liquidation; or, where the
//! scenario leaves liquidation to the value of the lab, to a restructuring while the business is worth more as a going
//! concern than broken up.
//!
//! An estate is distributed by absolute priority: collateral to its lenders, wages and tax, then all unsecured claims
//! pari passu, including deficiency claims and damages for rejected commitments; then shares by their preferences, each
//! class converting if in the money; then common shares.

use crate::engine::books::event;
use crate::engine::columns::Columns;
use crate::engine::component::OPENING_SHARES;
use crate::engine::component::{Accounts, Lane, OWN};
use crate::engine::resolution::{Award, Claim, Class, Insolvency, Outcome, Resolver, Rules};
use crate::language::prelude::{KeyRules, Keyed};
use crate::language::quantity::{Inputs, Quantity};
use crate::units::Usd;
use crate::{posts, spec};

spec! {
    /// What happens when the lab fails.
    pub struct DefaultSpec {
        /// Price of the business over run-rate when sold as a going concern.
        pub acquisition: Quantity [Multiple] = "2x",
        /// Proceeds of the business over run-rate in a liquidation, excluding hardware and receivables.
        pub liquidation: Quantity [Multiple] = "0.3x",
        /// Share of receivables collected in a liquidation.
        pub receivables: Quantity [Share] = "80%",
        /// Cost of the proceedings, as a share of the estate.
        pub cost: Quantity [Share] = "5%",
        /// Time until creditors are paid.
        pub delay: Quantity [Time] = "12 mo",
        /// Period of a rejected commitment that counts as damages.
        pub damages: Quantity [Time] = "36 mo",
        /// Probabilities of each outcome for a lab whose value covers its claims.
        pub outcomes: OutcomesSpec = "{rescue: 0%, restructuring: 0%, acquisition: 0%, liquidation: 100%}",
        /// Terms of a rescue.
        pub rescue: RescueSpec = "{}",
        /// Terms of a restructuring.
        pub restructuring: RestructuringSpec = "{}",
    }
    /// Probabilities of each outcome for a failed lab; they add up to 100%. Without `liquidation` they may add up to
    /// less: the rest is restructured while the lab is worth more as a going concern than broken up, and otherwise
    /// liquidated. If none is stated every failed lab is liquidated.
    pub struct OutcomesSpec {
        /// New money at a distressed price; by default 0%.
        pub rescue: Option<Quantity> [Share],
        /// Claims exchanged for shares; by default 0%.
        pub restructuring: Option<Quantity> [Share],
        /// Sold as a going concern; by default 0%.
        pub acquisition: Option<Quantity> [Share],
        /// Liquidated; left out beside other outcomes, what the lab is worth decides between restructuring and liquidation.
        pub liquidation: Option<Quantity> [Share],
    }
    /// New money at a distressed price.
    pub struct RescueSpec {
        /// Share price relative to the price at the market multiple.
        pub price: Quantity [Share] = "30%",
        /// Months of burn funded, in addition to all arrears.
        pub covers: Quantity [Time] = "12 mo",
        /// Maximum share of the company sold; if that does not raise the arrears, the rescue fails.
        pub max_dilution: Quantity [Share 0.0..0.99] = "80%",
    }
    /// Claims exchanged for shares.
    pub struct RestructuringSpec {
        /// Haircut on unsecured claims and on commitments.
        pub haircut: Quantity [Share] = "60%",
        /// Maximum share of the company issued to creditors; less if that would exceed the value of their haircut.
        pub creditors: Quantity [Share 0.0..0.99] = "75%",
    }
    /// A class of preferred shares issued before the first month.
    pub struct PreferenceSpec {
        /// Share of the company, fully diluted.
        pub share: Quantity [Share],
        /// Liquidation preference ahead of common shares.
        pub amount: Quantity [Money],
        /// Rank of payment: rank 0 is paid first; equal ranks share pro rata.
        pub rank: Quantity [Number] = "0",
        /// Whether the class also participates in the remainder.
        pub participates: bool = "false",
        /// Cap on total proceeds of a participating class, over the amount; no cap if absent.
        pub cap: Option<Quantity> [Multiple],
    }
}

impl OutcomesSpec {
    /// The outcomes other than liquidation.
    fn others(&self) -> [Option<&Quantity>; 3] {
        [self.rescue.as_ref(), self.restructuring.as_ref(), self.acquisition.as_ref()]
    }

    /// Whether the value of the lab decides between restructuring and liquidation: other outcomes are stated, and
    /// liquidation is not.
    pub fn by_value(&self) -> bool {
        self.liquidation.is_none() && self.others().into_iter().any(|q| q.is_some())
    }

    /// Whether a failed lab may be restructured.
    pub fn may_restructure(&self) -> bool {
        self.by_value() || self.restructuring.as_ref().is_some_and(|q| q.known() != Some(0.0))
    }

    /// A stated outcome that is priced at the market multiple, if there may be one.
    pub fn priced(&self) -> Option<&Quantity> {
        let possible = |q: &&Quantity| q.known() != Some(0.0);
        let stated = [&self.rescue, &self.restructuring].into_iter().flatten().find(possible);
        stated.or_else(|| self.others().into_iter().flatten().next().filter(|_| self.by_value()))
    }
}

impl DefaultSpec {
    /// Adds the rules between quantities that must hold on every path.
    pub fn key_rules(&self, rules: &mut KeyRules<'_>) {
        let o = &self.outcomes;
        let stated: Vec<&Quantity> = o.others().into_iter().chain([o.liquidation.as_ref()]).flatten().collect();
        let Some(place) = o.liquidation.as_ref().or(stated.last().copied()).map(Quantity::place) else { return };
        rules.rule("shares-sum", place, |at| {
            let sum: f64 = stated.iter().map(|q| q.at(at)).sum();
            let title = || format!("the probabilities of `outcomes` add up to {:.4}%", sum * 100.0);
            let label = || {
                if o.by_value() {
                    "rescue, restructuring and acquisition must add up to at most 100%".to_owned()
                } else {
                    "rescue, restructuring, acquisition and liquidation must add up to 100%".to_owned()
                }
            };
            let wrong = if o.by_value() { sum - 1.0 > 1e-9 } else { (sum - 1.0).abs() > 1e-9 };
            wrong.then(|| (title(), label()))
        });
    }
}

/// Spec of the resolution of a failure.
#[derive(Clone, Debug)]
pub struct InsolvencySpec {
    /// What happens when the lab fails.
    pub default: DefaultSpec,
    /// Classes of shares with a preference.
    pub preferences: Keyed<PreferenceSpec>,
}

/// Terms on one path.
#[derive(Clone, Debug)]
pub struct Terms {
    /// What instruments need to know when they state claims.
    pub rules: Rules,
    acquisition: f64,
    liquidation: f64,
    receivables: f64,
    cost: f64,
    delay: f64,
    /// Probabilities of rescue, restructuring and acquisition.
    odds: [f64; 3],
    /// Whether the rest is restructured where the lab is worth more as a going concern.
    by_value: bool,
    rescue_price: f64,
    rescue_covers: f64,
    rescue_dilution: f64,
    haircut: f64,
    creditors: f64,
    preferences: Vec<Class>,
}

/// Distribution of an estate: recovery rates of claims, and the remainder for shareholders.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Shared {
    /// Share of wages and tax that is paid.
    pub first: f64,
    /// Share of unsecured claims that is paid.
    pub unsecured: f64,
    /// Remainder for shareholders.
    pub left: Usd,
}

/// Recovery of a secured claim from its collateral, surplus of the collateral for the estate, and deficiency claim,
/// which ranks as unsecured (zero without recourse).
pub fn secured(claim: &Claim) -> (Usd, Usd, Usd) {
    let paid = if claim.secured < claim.collateral { claim.secured } else { claim.collateral };
    let short = claim.secured - paid;
    (paid, claim.collateral - paid, if claim.recourse { short } else { Usd::ZERO })
}

/// Distributes `value`, net of costs and excluding collateral, by absolute priority. Surplus collateral is added;
/// `first` (wages and tax) is paid before `others` and the instruments' unsecured claims.
pub fn absolute_priority(value: Usd, first: Usd, others: Usd, claims: &[Claim]) -> Shared {
    let (mut left, mut unsecured) = (value, others);
    for claim in claims {
        let (_, surplus, deficiency) = secured(claim);
        left += surplus;
        unsecured += claim.unsecured + deficiency;
    }
    let share = |left: Usd, claim: Usd| if claim > Usd::ZERO { (left / claim).clamp(0.0, 1.0) } else { 1.0 };
    let mut out = Shared { first: share(left, first), ..Shared::default() };
    left -= first * out.first;
    out.unsecured = share(left, unsecured);
    left -= unsecured * out.unsecured;
    out.left = if left > Usd::ZERO { left } else { Usd::ZERO };
    out
}

/// Distributes `proceeds` among classes with preferences and a number of `common` shares: returns the payout of each
/// class, and that of the common shares.
///
/// Preferences are paid by rank, 0 first, pro rata within a rank; the remainder goes to common shares, to classes that
/// have converted and to those that participate, up to their caps, in proportion to shares. A class converts if it then
/// gets strictly more, given the decisions of the others (best responses, starting without conversions).
pub fn liquidation(proceeds: Usd, common: f64, classes: &[Class]) -> (Vec<Usd>, Usd) {
    let mut converts = vec![false; classes.len()];
    // Each pass that changes something converts at least one more class, so this ends.
    for _ in 0..=classes.len() {
        let mut changed = false;
        for k in 0..classes.len() {
            if !converts[k] && classes[k].shares > 0.0 {
                let before = payout(proceeds, common, classes, &converts).0[k];
                converts[k] = true;
                let after = payout(proceeds, common, classes, &converts).0[k];
                let better = after.0 > before.0 * (1.0 + 1e-12);
                converts[k] = better;
                changed |= better;
            }
        }
        if !changed {
            break;
        }
    }
    payout(proceeds, common, classes, &converts)
}

/// Payouts when the classes of `converts` have become common shares.
fn payout(proceeds: Usd, common: f64, classes: &[Class], converts: &[bool]) -> (Vec<Usd>, Usd) {
    let mut paid = vec![Usd::ZERO; classes.len()];
    let mut left = proceeds;
    let mut ranks: Vec<f64> = classes.iter().map(|c| c.rank).collect();
    ranks.sort_by(f64::total_cmp);
    ranks.dedup();
    for rank in ranks {
        let here = |k: usize| classes[k].rank == rank && !converts[k];
        let due = (0..classes.len()).filter(|&k| here(k)).fold(Usd::ZERO, |sum, k| sum + classes[k].preference);
        let share = if due > Usd::ZERO { (left / due).min(1.0) } else { 0.0 };
        for k in (0..classes.len()).filter(|&k| here(k)) {
            paid[k] = classes[k].preference * share;
        }
        left -= due * share;
    }
    // The remainder is shared in proportion to shares; a class that reaches its cap drops out, and the rest is shared
    // again.
    let mut open: Vec<bool> = (0..classes.len()).map(|k| converts[k] || classes[k].participates).collect();
    let mut rest = Usd::ZERO;
    while left > Usd::ZERO {
        let shares = common + (0..classes.len()).filter(|&k| open[k]).map(|k| classes[k].shares).sum::<f64>();
        if shares <= 0.0 {
            break;
        }
        // Payout per share until the next class reaches its cap.
        let mut step = left / shares;
        let mut capped = None;
        for k in (0..classes.len()).filter(|&k| open[k] && !converts[k] && classes[k].cap.0.is_finite()) {
            let until_cap = ((classes[k].cap - paid[k]) / classes[k].shares).0.max(0.0);
            if until_cap < step.0 {
                (step, capped) = (Usd(until_cap), Some(k));
            }
        }
        for k in (0..classes.len()).filter(|&k| open[k]) {
            paid[k] += step * classes[k].shares;
        }
        rest += step * common;
        left -= step * shares;
        match capped {
            Some(k) => open[k] = false,
            None => break,
        }
    }
    (paid, rest)
}

/// The lines that the resolution of a failure posts for the lab itself.
pub const POSTS: Columns = posts![equity_in, estate];

/// Whether each of the lab's own payments ranks ahead of unsecured claims: wages and tax do.
const FIRST: [bool; OWN] = [true, false, false, true, false];

impl Terms {
    /// Terms on the path with these inputs.
    pub fn new(spec: &InsolvencySpec, inputs: &Inputs<'_>) -> Terms {
        let (spec, preferences) = (&spec.default, &spec.preferences);
        let o = &spec.outcomes;
        Terms {
            rules: Rules { damages: spec.damages.at(inputs) },
            acquisition: spec.acquisition.at(inputs),
            liquidation: spec.liquidation.at(inputs),
            receivables: spec.receivables.at(inputs),
            cost: spec.cost.at(inputs),
            delay: spec.delay.at(inputs),
            odds: o.others().map(|q| q.map_or(0.0, |q| q.at(inputs))),
            by_value: o.by_value(),
            rescue_price: spec.rescue.price.at(inputs),
            rescue_covers: spec.rescue.covers.at(inputs),
            rescue_dilution: spec.rescue.max_dilution.at(inputs).min(0.99),
            haircut: spec.restructuring.haircut.at(inputs),
            creditors: spec.restructuring.creditors.at(inputs).min(0.99),
            preferences: preferences
                .0
                .iter()
                .map(|(_, p)| {
                    let amount = Usd(p.amount.at(inputs));
                    Class {
                        rank: p.rank.at(inputs),
                        preference: amount,
                        shares: p.share.at(inputs) * OPENING_SHARES,
                        participates: p.participates,
                        cap: p.cap.as_ref().map_or(Usd(f64::INFINITY), |q| amount * q.at(inputs)),
                    }
                })
                .collect(),
        }
    }

    /// Value of the estate if the lab is sold as a going concern (`runs`) or broken up, net of costs and excluding
    /// collateral: a going concern is sold with its hardware, so collateral that goes to lenders is deducted from its
    /// price.
    fn estate(&self, lane: &Lane, claims: &[Claim], runs: bool) -> Usd {
        let cash = if lane.lab.cash > Usd::ZERO { lane.lab.cash } else { Usd::ZERO };
        let value = if runs {
            let pledged = claims.iter().fold(Usd::ZERO, |sum, c| sum + c.collateral);
            let business = lane.lab.run_rate * self.acquisition - pledged;
            if business > Usd::ZERO { business } else { Usd::ZERO }
        } else {
            let assets = claims.iter().fold(Usd::ZERO, |sum, c| sum + c.assets);
            lane.lab.run_rate * self.liquidation + lane.accounts.receivables * self.receivables + assets
        };
        (value + cash) * (1.0 - self.cost)
    }

    /// Wages and tax owed, and the lab's other own liabilities: bills, payables to suppliers, damages on orders.
    fn own(a: &Accounts) -> (Usd, Usd) {
        let (mut first, mut others) = (Usd::ZERO, a.payables + a.order_damages);
        for (is_first, &owed) in FIRST.iter().zip(&a.owed) {
            *if *is_first { &mut first } else { &mut others } += owed;
        }
        (first, others)
    }

    /// Raises new money at a distressed price; returns false if that would not cover the arrears.
    fn rescue(&self, lane: &mut Lane, claims: &[Claim]) -> bool {
        let owed = lane.accounts.owed.iter().fold(Usd::ZERO, |sum, &x| sum + x);
        let arrears = claims.iter().fold(owed, |sum, c| sum + c.arrears);
        let burn = if lane.lab.burn > Usd::ZERO { lane.lab.burn } else { Usd::ZERO };
        let value = lane.lab.run_rate * (lane.market.multiple * self.rescue_price);
        let most = value * (self.rescue_dilution / (1.0 - self.rescue_dilution));
        let wanted = arrears + burn * self.rescue_covers;
        let money = if wanted < most { wanted } else { most };
        if money < arrears || money <= Usd::ZERO {
            return false;
        }
        let shares = lane.lab.shares * (money / value);
        lane.lines.equity_in += money;
        lane.lab.cash += money;
        lane.lab.shares += shares;
        let a = &mut lane.accounts;
        a.new_shares += shares;
        a.equity_raised += money;
        a.paid_in += money;
        true
    }

    /// Share of the company that creditors get for the claims they give up: never worth more than those claims.
    fn creditors_of(&self, given_up: Usd, value: Usd) -> f64 {
        if value > Usd::ZERO { self.creditors.min(given_up / value) } else { self.creditors }
    }

    /// Exchanges part of the unsecured claims for shares; the lab continues.
    fn restructure(&self, lane: &mut Lane, claims: &[Claim], unsecured: Usd) -> Vec<Award> {
        let given_up = unsecured * self.haircut;
        let value = lane.lab.run_rate * lane.market.multiple;
        let after = lane.lab.shares / (1.0 - self.creditors_of(given_up, value));
        let shares = after - lane.lab.shares;
        let shares_per_usd = if given_up > Usd::ZERO { shares / given_up.0 } else { 0.0 };
        // The lab's own creditors: payables, bills, commission and orders are cut; wages and tax are not.
        let a = &mut lane.accounts;
        let mut cut = a.order_damages * self.haircut;
        a.order_cut = self.haircut;
        for k in (0..OWN).filter(|&k| !FIRST[k]) {
            let part = a.owed[k] * self.haircut;
            a.owed[k] -= part;
            a.claim[k] = a.loss[k] + a.owed[k] + part;
            a.loss[k] += part;
            a.paid_in += part;
            cut += part;
        }
        let part = a.payables * self.haircut;
        a.payables -= part;
        a.paid_in += part;
        cut += part;
        // Amounts due that are given up are no longer payable; wages, tax and prepayments are.
        let whole = a.owed[0] + a.owed[3] + a.unpaid_ahead;
        for unpaid in [&mut a.unpaid[0], &mut a.unpaid_operating[0]] {
            *unpaid = whole + (*unpaid - whole) * (1.0 - self.haircut);
        }
        let issued = cut.0 * shares_per_usd;
        a.new_shares += issued;
        lane.lab.shares += issued;
        let price = if after > 0.0 { value / after } else { Usd::ZERO };
        let award = |claim: &Claim| Award {
            outcome: Outcome::Restructured,
            claim: *claim,
            haircut: self.haircut,
            shares_per_usd,
            price,
            ..Award::default()
        };
        claims.iter().map(award).collect()
    }

    /// Ends the lab and distributes its estate.
    fn end(&self, outcome: Outcome, lane: &mut Lane, claims: &[Claim], first: Usd, others: Usd) -> Vec<Award> {
        let value = self.estate(lane, claims, outcome == Outcome::Acquired);
        let shared = absolute_priority(value, first, others, claims);
        let classes: Vec<Class> = self.preferences.iter().copied().chain(claims.iter().map(|c| c.class)).collect();
        let listed = lane.lab.listed > 0.0;
        let classes = if listed {
            classes.iter().map(|c| Class { shares: c.shares, ..Class::default() }).collect()
        } else {
            classes
        };
        let common = (lane.lab.shares - classes.iter().map(|c| c.shares).sum::<f64>()).max(0.0);
        let (payouts, rest) = liquidation(shared.left, common, &classes);
        let a = &mut lane.accounts;
        for (k, is_first) in FIRST.into_iter().enumerate() {
            let share = if is_first { shared.first } else { shared.unsecured };
            let extra = if k == OWN - 1 { a.payables + a.order_damages } else { Usd::ZERO };
            // Including losses in earlier restructurings.
            let owed = a.owed[k] + extra;
            a.claim[k] = a.loss[k] + owed;
            a.loss[k] += owed * (1.0 - share);
        }
        a.estate = value;
        a.to_shares = shared.left;
        // A class without a preference is common, whoever holds it.
        let common_too = classes.iter().zip(&payouts).filter(|(class, _)| class.preference == Usd::ZERO);
        a.to_common = common_too.fold(rest, |sum, (_, &paid)| sum + paid);
        claims
            .iter()
            .zip(&payouts[self.preferences.len()..])
            .map(|(claim, &shares)| {
                let (paid, _, deficiency) = secured(claim);
                Award {
                    outcome,
                    claim: *claim,
                    secured: paid,
                    unsecured: (claim.unsecured + deficiency) * shared.unsecured,
                    shares,
                    delay: self.delay,
                    ..Award::default()
                }
            })
            .collect()
    }
}

impl Resolver for Terms {
    fn rules(&self) -> &Rules {
        &self.rules
    }
    fn decide(&self, uniforms: f64, lane: &mut Lane, claims: &[Claim]) -> Vec<Award> {
        let (first, others) = Terms::own(&lane.accounts);
        let all = claims.iter().fold(first + others, |sum, c| {
            let (_, _, deficiency) = secured(c);
            sum + c.unsecured + deficiency
        });
        let runs = self.estate(lane, claims, true);
        let covered = if all > Usd::ZERO { (runs / all).clamp(0.0, 1.0) } else { 1.0 };
        let weights = [self.odds[0] * covered, self.odds[1], self.odds[2] * covered];
        // Collateral goes to its lenders in either case and is in neither value, so this compares the whole business.
        let rest = if self.by_value && runs > self.estate(lane, claims, false) {
            Outcome::Restructured
        } else {
            Outcome::Liquidated
        };
        let mut outcome = rest;
        let mut below = 0.0;
        for (weight, which) in weights.into_iter().zip([Outcome::Rescued, Outcome::Restructured, Outcome::Acquired]) {
            below += weight;
            if uniforms < below {
                outcome = which;
                break;
            }
        }
        if outcome == Outcome::Rescued && !self.rescue(lane, claims) {
            outcome = rest;
        }
        lane.accounts.outcome = f64::from(outcome as u8);
        match outcome {
            Outcome::Acquired | Outcome::Liquidated => self.end(outcome, lane, claims, first, others),
            Outcome::Restructured => self.restructure(lane, claims, all - first),
            _ => claims.iter().map(|&claim| Award { outcome, claim, ..Award::default() }).collect(),
        }
    }
    fn conclude(&self, lane: &mut Lane) {
        let outcome = lane.accounts.outcome;
        let is = |which: Outcome| outcome == f64::from(which as u8);
        let (lab, a) = (&mut lane.lab, &mut lane.accounts);
        a.short_months = 0.0;
        lab.distress = 1.0;
        for (which, bit) in [
            (Outcome::Rescued, event::RESCUED),
            (Outcome::Restructured, event::RESTRUCTURED),
            (Outcome::Acquired, event::ACQUIRED),
            (Outcome::Liquidated, event::LIQUIDATED),
        ] {
            lane.events |= if is(which) { bit } else { 0 };
        }
        if is(Outcome::Acquired) || is(Outcome::Liquidated) {
            lane.lines.estate += lab.cash;
            lab.cash = Usd::ZERO;
            lab.alive = 0.0;
            a.ended = a.default;
            (a.unpaid, a.unpaid_operating, a.unpaid_ahead) = ([Usd::ZERO; 2], [Usd::ZERO; 2], Usd::ZERO);
        }
    }
    fn unshared(&self, lane: &Lane, awards: &[Award]) -> Usd {
        let a = &lane.accounts;
        if !awards.iter().any(|award| award.outcome.ends()) {
            return Usd::ZERO;
        }
        let own = (0..OWN).fold(Usd::ZERO, |sum, k| sum + a.claim[k] - a.loss[k]);
        awards.iter().fold(a.estate - own - a.to_shares, |left, award| {
            let (_, surplus, _) = secured(&award.claim);
            left + surplus - award.unsecured
        })
    }
}

impl Insolvency for InsolvencySpec {
    fn rules(&self, inputs: &Inputs<'_>) -> Box<dyn Resolver> {
        Box::new(Terms::new(self, inputs))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(rank: f64, preference: f64, shares: f64) -> Class {
        Class { rank, preference: Usd(preference), shares, participates: false, cap: Usd(f64::INFINITY) }
    }

    #[test]
    fn nothing_is_lost_between_claims() {
        let secured_claim = Claim { secured: Usd(30.0), collateral: Usd(18.0), recourse: true, ..Claim::default() };
        let plain = Claim { unsecured: Usd(60.0), ..Claim::default() };
        for value in [0.0, 3.0, 40.0, 80.0, 200.0] {
            let s = absolute_priority(Usd(value), Usd(4.0), Usd(5.0), &[secured_claim, plain]);
            let paid = 4.0 * s.first + (5.0 + 60.0 + 12.0) * s.unsecured + s.left.0;
            assert!((paid - value).abs() < 1e-12, "{value}: {paid}");
        }
    }

    #[test]
    fn shares_get_all_that_is_left_and_no_more() {
        let classes = [
            class(1.0, 400.0, 25.0),
            class(0.0, 100.0, 20.0),
            Class { participates: true, cap: Usd(300.0), ..class(1.0, 150.0, 10.0) },
        ];
        for proceeds in [0.0, 100.0, 550.0, 700.0, 1200.0, 5000.0, 1e6] {
            let (paid, rest) = liquidation(Usd(proceeds), 45.0, &classes);
            let sum = paid.iter().fold(rest, |a, &b| a + b).0;
            assert!((sum - proceeds).abs() <= 1e-9 * proceeds, "{proceeds}: {sum}");
            assert!(paid.iter().all(|p| p.0 >= 0.0) && rest.0 >= 0.0);
        }
        // Far above all preferences everybody converts: shares alone count.
        let (paid, rest) = liquidation(Usd(1e6), 45.0, &classes);
        assert!((paid[1].0 - 2e5).abs() < 1e-6 && (rest.0 - 4.5e5).abs() < 1e-6);
    }
}

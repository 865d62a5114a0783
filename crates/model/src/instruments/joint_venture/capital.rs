//! Capital paid in by the lab and the partners, and the lab's resulting stake: common to both kinds of venture.

use super::spec::{CallsBy, Gap, JointVentureSpec};
use crate::engine::instrument::View;
use crate::engine::math::{max, select};
use crate::language::quantity::Inputs;
use crate::row;
use crate::units::Usd;

row! {
    /// Terms of the capital calls, and of the stakes that follow from them.
    pub struct Calls {
        /// Committed by the lab.
        pub lab: f64,
        /// Committed by the partners.
        pub partners: f64,
        /// Reciprocal of total commitments.
        pub per_capital: f64,
        /// First month of the call period.
        pub start: f64,
        /// Length of the call period in months.
        pub over: f64,
        /// 1 if capital is called as needed.
        pub need: f64,
        /// The lab's monthly call if capital is called in equal parts.
        lab_part: f64,
        /// The partners' monthly call if capital is called in equal parts.
        partners_part: f64,
        /// Monthly probability that the partners miss a call, in boom and in winter.
        unanswered: [f64; 2],
        /// Share of the partners' missed calls that the lab is asked to cover.
        covers: f64,
        /// The lab's share of distributions once fully paid in.
        pub stake: f64,
        /// Weight of a dollar paid in by the partners, or by the lab in their place.
        partners_weight: f64,
        /// Weight of a dollar paid in by the lab on its own account.
        lab_weight: f64,
        /// The lab's weight per dollar paid in by the partners, if it commits nothing itself.
        free_weight: f64,
        /// Monthly fee rate.
        fee: f64,
    }
}

impl Calls {
    /// Terms from the spec, on the path of these inputs.
    pub fn new(spec: &JointVentureSpec, inputs: &Inputs<'_>) -> Calls {
        let (lab, partners) = (spec.commitment.lab.at(inputs), spec.commitment.partners.at(inputs));
        let c = &spec.calls;
        let over = c.over.0.round().max(1.0);
        let boom = c.unanswered.at(inputs);
        let stake = spec.stake.as_ref().map_or(lab / (lab + partners).max(f64::MIN_POSITIVE), |q| q.at(inputs));
        let flag = |yes: bool| f64::from(u8::from(yes));
        Calls {
            lab,
            partners,
            per_capital: if lab + partners > 0.0 { 1.0 / (lab + partners) } else { 0.0 },
            start: c.start.as_ref().map_or(1.0, |w| w.0),
            over,
            need: flag(c.by == CallsBy::Need),
            lab_part: lab / over,
            partners_part: partners / over,
            unanswered: [boom, c.unanswered_in_winter.as_ref().map_or(boom, |q| q.at(inputs))],
            covers: flag(c.gap == Gap::LabCovers),
            stake,
            partners_weight: 1.0 - stake,
            lab_weight: if lab > 0.0 { stake * (partners / lab) } else { 0.0 },
            free_weight: if lab > 0.0 { 0.0 } else { stake },
            fee: spec.fee.at(inputs) / 12.0,
        }
    }

    /// Whether month `t` is in the scheduled call period.
    #[inline(always)]
    pub fn on(&self, t: f64) -> bool {
        let age = t - self.start;
        (age >= 0.0) & (age < self.over)
    }

    /// The month's scheduled calls on the lab and on the partners; zero unless `calls`.
    #[inline(always)]
    pub fn parts(&self, calls: bool) -> (Usd, Usd) {
        (select(calls, Usd(self.lab_part), Usd::ZERO), select(calls, Usd(self.partners_part), Usd::ZERO))
    }

    /// Amount of the call that the partners pay, and whether they missed it.
    #[inline(always)]
    pub fn answer(&self, see: &View, call: Usd) -> (Usd, bool) {
        let chance = select(see.market.winter > 0.0, self.unanswered[1], self.unanswered[0]);
        let answered = see.uniforms[0] >= chance;
        (select(answered, call, Usd::ZERO), !answered & (call > Usd::ZERO))
    }

    /// Amount that the lab is asked to cover for the partners.
    #[inline(always)]
    pub fn covered(&self, call: Usd, called: Usd) -> Usd {
        (call - called) * self.covers
    }

    /// The lab's share of distributions, by capital paid in, each dollar at the weight of the commitment that it pays;
    /// `lab` includes `covered`.
    #[inline(always)]
    pub fn stake_of(&self, partners: Usd, lab: Usd, covered: Usd) -> f64 {
        let theirs = partners * self.partners_weight;
        let ours = (lab - covered) * self.lab_weight + covered * self.partners_weight + partners * self.free_weight;
        let all = theirs + ours;
        select(all > Usd::ZERO, ours / max(all, Usd(f64::MIN_POSITIVE)), self.stake)
    }

    /// The month's fee: on the partners' commitment during the call period, then on unreturned capital.
    #[inline(always)]
    pub fn fee(&self, t: f64, outstanding: Usd) -> Usd {
        let calls = t < self.start + self.over;
        select(calls, Usd(self.partners), max(outstanding, Usd::ZERO)) * select(t >= self.start, self.fee, 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 200 from the lab, 800 from the partners, equal rights per dollar.
    fn calls() -> Calls {
        Calls { lab: 200.0, partners: 800.0, stake: 0.2, partners_weight: 0.8, lab_weight: 0.8, ..Calls::default() }
    }

    #[test]
    fn stakes_follow_what_was_paid() {
        let near = |x: f64, y: f64| assert!((x - y).abs() < 1e-12, "{x} {y}");
        let c = calls();
        near(c.stake_of(Usd(0.0), Usd(0.0), Usd(0.0)), 0.2);
        near(c.stake_of(Usd(800.0), Usd(200.0), Usd(0.0)), 0.2);
        // Partners paid half: 400 against 200.
        near(c.stake_of(Usd(400.0), Usd(200.0), Usd(0.0)), 1.0 / 3.0);
        // And the lab paid the other half in their place: 600 of 1 000.
        near(c.stake_of(Usd(400.0), Usd(600.0), Usd(400.0)), 0.6);
        // A stake that is not pro rata: the lab has 50% for a fifth of the money, so its dollar has four times the
        // weight.
        let even = Calls { stake: 0.5, partners_weight: 0.5, lab_weight: 2.0, ..calls() };
        near(even.stake_of(Usd(800.0), Usd(200.0), Usd(0.0)), 0.5);
        near(even.stake_of(Usd(400.0), Usd(200.0), Usd(0.0)), 400.0 / 600.0);
        // A stake granted for nothing stays constant.
        let free = Calls { lab: 0.0, stake: 0.1, partners_weight: 0.9, lab_weight: 0.0, free_weight: 0.1, ..calls() };
        near(free.stake_of(Usd(400.0), Usd(0.0), Usd(0.0)), 0.1);
    }

    #[test]
    fn the_fee_is_on_the_commitment_first() {
        let c = Calls { start: 3.0, over: 2.0, fee: 0.01, ..calls() };
        let fees: Vec<f64> = (2..=5).map(|t| c.fee(f64::from(t), Usd(300.0)).0).collect();
        assert_eq!(fees, [0.0, 8.0, 8.0, 3.0]);
        assert_eq!(c.fee(9.0, Usd(-5.0)).0, 0.0);
    }
}

//! Capital paid in by the lab and the partners, and the lab's resulting stake: common to both kinds of venture.

use super::spec::{CallsBy, Gap, JointVentureSpec};
use crate::engine::instrument::View;
use crate::engine::math::{max, select};
use crate::language::quantity::Inputs;
use crate::row;
use crate::units::Usd;

row! {
    /// Terms of the calls, and of the stakes that follow from them.
    pub struct Calls {
        /// Committed by the lab.
        pub lab: f64,
        /// Committed by the partners.
        pub partners: f64,
        /// One over all capital.
        pub per_capital: f64,
        /// First month of the calls.
        pub start: f64,
        /// Months of the calls.
        pub over: f64,
        /// 1 when capital is called as it is needed.
        pub need: f64,
        /// The lab's call of a month, in equal parts.
        lab_part: f64,
        /// The partners' call of a month, in equal parts.
        partners_part: f64,
        /// Probability that the partners do not answer, in boom and in winter.
        unanswered: [f64; 2],
        /// Of what partners do not pay, the share that the lab is asked for.
        covers: f64,
        /// The lab's share of distributions when all has been paid.
        pub stake: f64,
        /// Weight of a dollar of the partners, and of one that the lab pays in their place.
        partners_weight: f64,
        /// Weight of a dollar of the lab's own.
        lab_weight: f64,
        /// The lab's weight for each dollar of the partners, when it commits nothing itself.
        free_weight: f64,
        /// A month of the fee.
        fee: f64,
    }
}

impl Calls {
    /// From the spec.
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

    /// Whether month `t` is one of those in which capital is called by the plan.
    #[inline(always)]
    pub fn on(&self, t: f64) -> bool {
        let age = t - self.start;
        (age >= 0.0) & (age < self.over)
    }

    /// The equal parts of a month, to the lab and to the partners.
    #[inline(always)]
    pub fn parts(&self, calls: bool) -> (Usd, Usd) {
        (select(calls, Usd(self.lab_part), Usd::ZERO), select(calls, Usd(self.partners_part), Usd::ZERO))
    }

    /// What the partners pay of a call, and whether they left one unanswered.
    #[inline(always)]
    pub fn answer(&self, see: &View, call: Usd) -> (Usd, bool) {
        let chance = select(see.market.winter > 0.0, self.unanswered[1], self.unanswered[0]);
        let answered = see.uniforms[0] >= chance;
        (select(answered, call, Usd::ZERO), !answered & (call > Usd::ZERO))
    }

    /// What the lab is asked for in place of the partners.
    #[inline(always)]
    pub fn covered(&self, call: Usd, called: Usd) -> Usd {
        (call - called) * self.covers
    }

    /// The lab's share of distributions: by what was paid, each dollar at the weight of its side.
    #[inline(always)]
    pub fn stake_of(&self, partners: Usd, lab: Usd, covered: Usd) -> f64 {
        let theirs = partners * self.partners_weight;
        let ours = (lab - covered) * self.lab_weight + covered * self.partners_weight + partners * self.free_weight;
        let all = theirs + ours;
        select(all > Usd::ZERO, ours / max(all, Usd(f64::MIN_POSITIVE)), self.stake)
    }

    /// The month's fee: on the commitment while capital is called, then on what was paid in and is not yet returned.
    #[inline(always)]
    pub fn fee(&self, t: f64, outstanding: Usd) -> Usd {
        let calls = t < self.start + self.over;
        select(calls, Usd(self.partners), max(outstanding, Usd::ZERO)) * select(t >= self.start, self.fee, 0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 200 of the lab, 800 of the partners, equal rights a dollar.
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
        // A stake that is not pro rata: the lab has 50% for a fifth of the money, so its dollar weighs four.
        let even = Calls { stake: 0.5, partners_weight: 0.5, lab_weight: 2.0, ..calls() };
        near(even.stake_of(Usd(800.0), Usd(200.0), Usd(0.0)), 0.5);
        near(even.stake_of(Usd(400.0), Usd(200.0), Usd(0.0)), 400.0 / 600.0);
        // A stake for nothing stays what it is.
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

//! Scenario keys of venture debt, and the terms derived from them.

use crate::instruments::covenant::{BreachSpec, Covenant, CrossDefault};
use crate::instruments::floating::Floating;
use crate::instruments::term_loan::Profile;
use crate::instruments::venture_debt::{DRAWS, Draw, VentureDebt};
use crate::issues::Issues;
use crate::language::prelude::{FloatingRate, KeyRules, Months, Name, When};
use crate::language::quantity::{Inputs, Quantity};
use crate::units::Usd;
use crate::{choice, spec};

spec! {
    /// A loan with warrants.
    pub struct VentureDebtSpec {
        /// Its name.
        pub name: Name,
        /// Total commitment.
        pub commitment: Quantity [Money],
        /// Month from which the term and the interest-only months run.
        pub start: When,
        /// Dated draws; without them the lab draws as it needs cash.
        pub draws: Vec<DrawSpec> = "[]",
        /// Availability period in months from the start for draws as needed; by default the interest-only months.
        pub available: Option<Months>,
        /// Interest rate.
        pub rate: FloatingRate,
        /// Upfront fee withheld from each draw.
        pub fee: Quantity [Share 0.0..0.99] = "0%",
        /// Interest-only months at the start.
        pub interest_only: Months = "12 mo",
        /// Months to the last instalment.
        pub term: Months,
        /// Repayment profile after the interest-only months.
        pub profile: Profile = "level",
        /// End-of-term payment, as a share of the amount drawn.
        pub end_payment: Quantity [Share] = "0%",
        /// Warrants granted to the lender with each draw.
        pub warrants: Option<WarrantSpec>,
        /// Probability that a draw is refused in winter.
        pub refused_in_winter: Quantity [Share] = "0%",
        /// Minimum-liquidity covenant: breached below this closing cash.
        pub minimum_cash: Quantity [Money] = "0 USD",
        /// Consequences of a breach or a missed payment; if absent, only draws stop.
        pub breach: Option<BreachSpec>,
        /// Instruments whose default allows the lender to accelerate the loan.
        pub cross_default: CrossDefault = "[]",
    }
    /// A dated draw.
    pub struct DrawSpec {
        /// Its amount.
        pub amount: Quantity [Money],
        /// Its month.
        pub date: When,
    }
    /// Warrants of a lender.
    pub struct WarrantSpec {
        /// Warrant coverage: value of the shares under warrant at the exercise price, as a share of the draw.
        pub cover: Quantity [Share >= 0.0],
        /// Exercise price.
        pub price: ExercisePrice = "last_round",
        /// Volatility used to value the warrants.
        pub volatility: Quantity [Volatility] = "60%/yr",
    }
}

choice! {
    /// Exercise price of warrants.
    pub enum ExercisePrice {
        /// Price of the last round; the market price before the first.
        LastRound = "last_round",
        /// Market price in the month of the draw.
        Market = "market",
    }
}

impl VentureDebtSpec {
    /// Adds the rules between quantities that must hold on every path.
    pub(super) fn key_rules(&self, rules: &mut KeyRules<'_>) {
        rules.rule("draws-sum", self.draws.last().map(|d| d.amount.place()), |at| {
            let drawn: f64 = self.draws.iter().map(|d| d.amount.at(at)).sum();
            let commitment = self.commitment.at(at);
            let label = || format!("more than the commitment of {:.3}B USD", commitment / 1e9);
            (drawn > commitment * (1.0 + 1e-9)).then(|| (format!("draws sum to {:.3}B USD", drawn / 1e9), label()))
        });
    }

    /// Reports errors that `Reader` does not detect.
    pub(super) fn check(&self, issues: &mut Issues) {
        if self.start.0 < 1.0 {
            issues.error(
                "date-outside",
                self.start.place(),
                "the loan starts before the first month",
                "expected a simulated month",
            );
        }
        if self.draws.len() > DRAWS {
            issues.error(
                "too-many",
                self.draws[DRAWS].amount.place(),
                format!("`draws` has {} entries", self.draws.len()),
                format!("the engine supports {DRAWS}"),
            );
        }
        for draw in &self.draws {
            if draw.date.0 < self.start.0 || draw.date.0 >= self.start.0 + self.term.0.round() {
                issues.error(
                    "date-outside",
                    draw.date.place(),
                    "this draw is outside the loan's term",
                    "from `start` to the month before the last instalment",
                );
            }
        }
        if let Some(available) = self.available.filter(|_| !self.draws.is_empty()) {
            issues.error(
                "one-of",
                available.place(),
                "a loan has either dated `draws` or an availability period (`available`)",
                "remove one of them",
            );
        }
        if self.available.is_some_and(|a| a.0.round() > self.term.0.round()) {
            issues.error(
                "range",
                self.term.place(),
                "the availability period exceeds the term",
                "`available` is longer than `term`",
            );
        }
        if self.term.0.round() < 1.0 || (self.interest_only.0 >= self.term.0 && self.profile != Profile::Bullet) {
            issues.error(
                "range",
                self.term.place(),
                "this loan never repays principal",
                "`interest_only` must be shorter than `term`",
            );
        }
    }

    /// Terms on the path of these inputs.
    pub(super) fn terms(&self, inputs: &Inputs<'_>) -> VentureDebt {
        let flag = |yes: bool| f64::from(u8::from(yes));
        let mut draw = [Draw { amount: Usd::ZERO, date: 0.0 }; DRAWS];
        // On a draw of the inputs too rare to be sampled in validation, the sum may exceed the commitment; all are then
        // scaled down pro rata.
        let commitment = self.commitment.at(inputs);
        let asked: f64 = self.draws.iter().map(|d| d.amount.at(inputs)).sum();
        let granted = if asked > commitment { commitment / asked } else { 1.0 };
        for (slot, d) in draw.iter_mut().zip(&self.draws) {
            *slot = Draw { amount: Usd(d.amount.at(inputs) * granted), date: d.date.0 };
        }
        let on_need = self.available.unwrap_or(self.interest_only).0.round();
        let fee = self.fee.at(inputs).min(0.99);
        VentureDebt {
            commitment: Usd(commitment),
            start: self.start.0,
            available: if self.draws.is_empty() { on_need } else { 0.0 },
            draw,
            rate: Floating::new(&self.rate, inputs),
            fee,
            gross: 1.0 / (1.0 - fee),
            interest_only: self.interest_only.0.round(),
            term: self.term.0.round().max(1.0),
            straight: flag(self.profile == Profile::Straight),
            bullet: flag(self.profile == Profile::Bullet),
            end: self.end_payment.at(inputs),
            refused: self.refused_in_winter.at(inputs),
            cover: self.warrants.as_ref().map_or(0.0, |w| w.cover.at(inputs).max(0.0)),
            at_round: flag(self.warrants.as_ref().is_some_and(|w| w.price == ExercisePrice::LastRound)),
            volatility: self.warrants.as_ref().map_or(0.0, |w| w.volatility.at(inputs)) * 12.0_f64.sqrt(),
            covenant: Covenant::new(
                self.minimum_cash.at(inputs),
                0.0,
                self.breach.as_ref(),
                &self.cross_default,
                inputs,
            ),
        }
    }
}

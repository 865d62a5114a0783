//! Mark of the positions if the run ends before the venture does: the present value of future cash flows, from the
//! venture's own monthly phases, assuming that the lab pays and nothing goes wrong.

use super::super::{LENDER, MANAGER, PARTNERS};
use super::{AssetVenture, AssetVentureState};
use crate::engine::books::{ACCOUNTS, Books, RANKS};
use crate::engine::instrument::{Instrument, Lab, Market, View};
use crate::instruments::mark::{after, own_rate};
use crate::units::Usd;

impl AssetVenture {
    /// Simulates the venture from the end of month `from`: all calls are answered, all amounts due are paid, the resale
    /// index is 1, power is used in full, and the lab does not buy the partners out. Passes each month's payments to
    /// the providers to `month` and returns the final state.
    #[inline(never)]
    fn runs_on(
        &self,
        own: &AssetVentureState,
        from: f64,
        alive: f64,
        mut month: impl FnMut([f64; ACCOUNTS]),
    ) -> AssetVentureState {
        let mut own = *own;
        let mut see = View {
            lab: Lab { alive, paid: [1.0; RANKS], cash: Usd(f64::MIN), ..Lab::default() },
            market: Market { resale: 1.0, ..Market::default() },
            uniforms: [1.0; 2],
            power: f64::MAX,
            ..View::default()
        };
        // An amount that is determined at the end is due in the following month.
        let last = if self.last > from { self.last } else { from } + 1.0;
        let mut t = from + 1.0;
        while t <= last {
            (see.t, see.ahead) = (t, t);
            let mut books = Books::NONE;
            self.brings(&see, &mut own, &mut books);
            self.asks(&see, &mut own, &mut books);
            self.runs(&see, &mut own, &mut books);
            self.weighs(&see, &mut own, &mut books);
            month(books.provider);
            t += 1.0;
        }
        own
    }

    /// The partners' monthly return if everything goes as planned.
    pub(super) fn partners_rate(&self) -> f64 {
        let mut flows = Vec::new();
        self.runs_on(&self.opening(), 0.0, 1.0, |paid| flows.push(paid[PARTNERS]));
        own_rate(0.0, |rate| flows.iter().rev().fold(0.0, |sum, flow| (sum + flow) / (1.0 + rate)))
    }

    /// Marks. The partners and the manager: future cash flows, discounted at the partners' planned return. The lender:
    /// the debt less the present value, at its rate, of the amount that the venture is not expected to pay.
    pub(super) fn marks(&self, see: &View, own: &AssetVentureState) -> [Usd; ACCOUNTS] {
        let (mut factor, mut sums, mut months) = (1.0, [0.0; ACCOUNTS], 0.0);
        let end = self.runs_on(own, see.t, see.lab.alive, |paid| {
            factor /= 1.0 + self.own;
            months += 1.0;
            for (sum, paid) in sums.iter_mut().zip(paid) {
                *sum += paid * factor;
            }
        });
        let mut out = [Usd::ZERO; ACCOUNTS];
        out[PARTNERS] = Usd(sums[PARTNERS].max(0.0));
        out[MANAGER] = Usd(sums[MANAGER].max(0.0));
        let lost = end.loss[LENDER] * after(self.rate, months);
        if own.ended == 0.0 && own.debt > lost {
            out[LENDER] = own.debt - lost;
        }
        out
    }
}

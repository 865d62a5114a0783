//! Construction: the uses of each month and their funding.

use super::{Campus, CampusState};
use crate::engine::books::{Books, CAPEX, event};
use crate::engine::instrument::View;
use crate::engine::math::{clamp, max, min, select};
use crate::instruments::credit;
use crate::instruments::project_finance::{Build, Step, Uses};
use crate::instruments::recovery::TRANCHES;
use crate::units::Usd;

/// Uses and funding of a month of construction, before any payment.
#[derive(Clone, Copy, Debug)]
struct Month {
    uses: Uses,
    /// Total uses.
    total: f64,
    /// Interest on all drawn debt, and interest earned on unspent proceeds.
    interest: f64,
    earned: f64,
    /// From subordinated tranches and equity, within the sized amount.
    equity: f64,
    /// From standby equity.
    standby: f64,
    /// From the sponsor.
    support: f64,
}

impl Campus {
    /// Share of junior tranches in the planned funding below the senior debt.
    #[inline(always)]
    pub(super) fn junior_share(&self) -> f64 {
        self.junior[0].share + self.junior[1].share + self.junior[2].share
    }
    /// Share of equity in it, which pays in what lenders of junior tranches refused.
    #[inline(always)]
    fn equity_share(&self, own: &CampusState) -> f64 {
        1.0 - self.junior_share() * own.lent
    }
    /// Financial close: lenders commit, at the spread of the month, as much of the debt as there is credit for.
    #[inline(always)]
    pub(super) fn closes_debt(&self, see: &View, own: &mut CampusState, books: &mut Books) {
        let closes = (see.t == self.start) & (own.ended == 0.0);
        let asked = select(closes, Usd(self.debt + self.equity * self.junior_share()), Usd::ZERO);
        let lent = credit::drawn(see, true, asked, books);
        own.refused = asked - lent;
        own.lent = select(lent < asked, lent / max(asked, Usd(f64::MIN_POSITIVE)), own.lent);
        own.margin += select(closes, credit::added_spread(see, self.rate(see, own)), 0.0);
        for k in 0..self.junior.len() {
            own.added_spread[k] = select(closes, credit::added_spread(see, self.junior[k].rate), own.added_spread[k]);
        }
    }
    /// Senior debt spent on construction.
    #[inline(always)]
    fn spent(own: &CampusState) -> f64 {
        (own.balance[0] - own.proceeds).0
    }

    /// Senior debt for construction: the whole commitment or, once it has been drawn at financial close, the part not
    /// prepaid.
    #[inline(always)]
    fn committed(&self, see: &View, own: &CampusState) -> f64 {
        select((self.build.at_once > 0.0) & (see.t > self.start), own.balance[0].0, self.debt * own.lent)
    }

    /// Uses of the month and who should fund them.
    #[inline(always)]
    fn month(&self, see: &View, own: &CampusState) -> Month {
        let k = see.t - self.start + 1.0;
        let on = select(self.builds(see.t, own), 1.0, 0.0);
        let at_once = self.build.at_once > 0.0;
        let rate = self.rate(see, own);
        let earns = self.cash_floats * see.market.sofr + self.cash_margin;
        let now = Build { rate, idle: select(at_once, rate - earns, self.commitment), ..self.build };
        let spend = self.spends * (self.spend.by(k * self.per_month) - self.spend.by((k - 1.0) * self.per_month));
        let (spent, committed) = (Campus::spent(own), self.committed(see, own));
        let last = see.t == self.serves - 1.0;
        let uses =
            now.uses(Step { k, last, spend }, spent, committed, max(0.0, self.equity - own.paid.0), self.gearing);
        let total = uses.total() * on;
        let (debt_left, equity_left) = (committed - spent, self.equity - own.paid.0);
        let (debt, equity) = self.build.split(total, debt_left, equity_left, self.gearing);
        let rest = max(total - debt - equity, 0.0);
        let standby = clamp(rest, 0.0, max(self.standby - own.stood.0, 0.0));
        let unspent = select(at_once, own.proceeds.0, 0.0);
        Month {
            uses,
            total,
            interest: (uses.interest + select(at_once, unspent * rate, 0.0)) * on,
            earned: unspent * earns * on,
            equity,
            standby,
            support: (rest - standby) * self.sponsor,
        }
    }

    /// Calls the lab's share of the month's funding.
    #[inline(always)]
    pub(super) fn calls(&self, see: &View, own: &mut CampusState, books: &mut Books) {
        let m = self.month(see, own);
        let alive = see.lab.alive;
        own.call = Usd(self.lab * (m.equity * self.equity_share(own) + m.standby) + m.support) * alive;
        own.call_due = own.call + own.call_owed * alive;
        books.lab.contributions += own.call_due;
    }

    /// Draws the month's funding; what remains unfunded is owed to contractors.
    #[inline(always)]
    pub(super) fn draws(&self, see: &View, own: &mut CampusState, books: &mut Books) {
        let zero = Usd::ZERO;
        let building = self.builds(see.t, own);
        let m = self.month(see, own);
        let on = select(building, 1.0, 0.0);
        let by_lab = own.call_due * see.lab.paid[CAPEX];
        own.call_owed = select(see.lab.alive > 0.0, own.call_due - by_lab, zero);
        own.carried += by_lab;
        let provider = Usd((m.equity * self.equity_share(own) + m.standby) * (1.0 - self.lab));
        own.uses = Usd(m.total);
        own.paid += Usd(m.equity);
        own.grown = own.grown * (1.0 + self.own) + Usd(m.equity * (self.equity_share(own) * (1.0 - self.lab)));
        own.stood += Usd(m.standby);
        let mut raised = provider + by_lab;
        for k in 0..self.junior.len() {
            let x = &self.junior[k];
            let draw = Usd(m.equity * x.share) * own.lent;
            // During construction a junior tranche capitalises its interest.
            let interest = own.balance[k + 1] * (x.rate + own.added_spread[k]) * on;
            own.balance[k + 1] += draw + interest;
            own.draw += draw;
            own.accrued += interest;
            raised += draw;
            books.pay(k + 1, -draw);
        }
        // Debt funds what equity leaves, within the commitment.
        let need = Usd(m.total) + own.builders - raised;
        let left = Usd(self.committed(see, own) - Campus::spent(own));
        // Net cash earned in a month repays debt; late payments by the lab do not.
        let back = max(Usd(min(m.total, 0.0)), Usd(-Campus::spent(own)));
        let spent = select(building, clamp(need, back, max(left, zero)), zero);
        let at_once = self.build.at_once > 0.0;
        let closes = see.t == self.start;
        let drawn = select(at_once, select(closes & building, Usd(self.debt) * own.lent, zero), spent);
        let builders = select(building, need - spent, own.builders);
        // Late payments by the lab go to the vehicle.
        own.trapped += select(building, zero, by_lab);
        let last = see.t == self.serves - 1.0;
        let unspent = own.proceeds + drawn - spent;
        // Unspent proceeds of a debt drawn at financial close repay it.
        let back = select(building & last, unspent, zero);
        let interest = Usd(m.interest);
        let fees = Usd((m.uses.upfront + select(at_once, 0.0, m.uses.idle)) * on);
        own.proceeds = unspent - back;
        own.balance[0] += drawn - back;
        own.draw += drawn;
        own.accrued += interest;
        own.service += interest + back;
        own.reserve += Usd(m.uses.reserve * on);
        own.balance[TRANCHES] += provider;
        own.drawn_total += own.draw + provider;
        books.pay(0, interest + fees + back - drawn);
        books.pay(TRANCHES, -provider);
        books.third(
            Usd((m.uses.spend + m.uses.letter) * on - m.earned) - (max(builders, zero) - max(own.builders, zero)),
        );
        // When service begins, contractors become ordinary creditors, and their cash in hand goes to the vehicle.
        let hands_over = building & last;
        own.opex_owed += select(hands_over, max(builders, zero), zero);
        own.trapped += select(hands_over, max(-builders, zero), zero);
        own.builders = select(hands_over, zero, builders);
        let waits = building & (builders > Usd(self.cost * 1e-9));
        own.waits = select(waits, own.waits + 1.0, 0.0);
        let fails = waits & (own.waits > self.patience);
        own.failing = select(fails, 2.0, own.failing);
        books.event(fails, event::INSTRUMENT_DEFAULT);
    }
}

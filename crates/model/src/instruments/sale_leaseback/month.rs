//! The phases of a month, and the resolution of a failure of the lab.

use super::terms::{SaleLeaseback, SaleLeasebackState};
use crate::engine::books::{ACCOUNTS, Books, CAPEX, RENT, RUNNING, event};
use crate::engine::instrument::{View, first};
use crate::engine::math::{max, min, select};
use crate::engine::resolution::{Award, Claim, Outcome, Rules};
use crate::instruments::hardware::at_one;
use crate::units::Usd;

const ZERO: Usd = Usd::ZERO;
/// Values of `stage`.
const OWNED: f64 = 0.0;
const LEASED: f64 = 1.0;
const BOUGHT: f64 = 2.0;
const GONE: f64 = 3.0;

impl SaleLeaseback {
    /// Rent that the lab would owe in a later month.
    #[inline(always)]
    pub(super) fn rent_in(see: &View, own: &SaleLeasebackState, month: f64) -> Usd {
        let on = (own.stage == LEASED) & (see.lab.alive > 0.0) & (month <= see.t + own.left);
        select(on, own.level, ZERO)
    }
    /// Whether month `t` is within the hardware's useful life.
    #[inline(always)]
    fn lives(&self, t: f64) -> bool {
        (t >= self.delivered) & (t < self.delivered + self.life)
    }

    /// `open`: capacity.
    #[inline(always)]
    pub(super) fn bring(&self, see: &View, own: &mut SaleLeasebackState, books: &mut Books) {
        let here = (own.stage != GONE) & (see.lab.alive > 0.0);
        let leased = own.stage == LEASED;
        own.power = select(self.lives(see.t) & here, self.power, 0.0);
        let on = own.power > 0.0;
        books.lab.capacity_gw += own.power;
        books.lab.sunk_gw += select(leased, own.power, 0.0);
        let cost = select(leased, own.level, select(see.t > self.delivered, own.wear, self.cost / self.life));
        books.lab.capacity_cost += Usd(own.power * self.running) + select(on, cost, ZERO);
        let stays = !leased | (see.ahead <= see.t + own.left - 1.0) | (self.buys + self.renews > 0.0);
        books.lab.ahead_gw += select(self.lives(see.ahead) & here & stays, self.power, 0.0);
    }

    /// `settle`: delivery, depreciation, operating cost, rent; the sale; the end of the lease.
    #[inline(always)]
    pub(super) fn post(&self, see: &View, own: &mut SaleLeasebackState, books: &mut Books) {
        let alive = see.lab.alive > 0.0;
        let leased = (own.stage == LEASED) & alive;
        let age = see.t - self.delivered;
        own.used = select(leased, 0.0, min(max(see.power, 0.0), own.power));
        let arrives = (age == 0.0) & alive;
        let price = select(arrives, self.cost, ZERO);
        own.at_one = select(arrives, at_one(self.cost, see.market.resale), own.at_one * self.decline.month(age));
        own.market_value = select(self.lives(see.t), own.at_one * see.market.resale, ZERO);
        // The opening book value is recorded against paid-in capital.
        let opening = select((see.t == 1.0) & (age >= 1.0), own.book, ZERO);
        own.depreciation = select(age >= 1.0, min(own.wear, own.book), ZERO);
        own.book += price - own.depreciation;
        let running = Usd(self.running * own.power);
        // The sale: the lessor pays a share of market value, which rent and residual repay.
        let due = (own.waits == 1.0) | (see.t == self.date);
        own.waits = max(own.waits - 1.0, 0.0);
        let lasts = self.lives(see.t + self.term) & (age > 0.0);
        let sells = due & lasts & (own.stage == OWNED) & alive;
        let paid = select(sells, own.market_value * self.advance, ZERO);
        let fee = paid * self.fee;
        let gain = select(sells, paid - fee - own.book, ZERO);
        own.gain = max(gain, ZERO);
        own.total += paid;
        // Rent of a month under lease, and the deferred gain recognised in it.
        own.rent = select(leased, own.level, ZERO);
        own.left = select(leased, own.left - 1.0, own.left);
        let ends = leased & (own.left <= 0.0);
        own.released = select(ends, own.deferred, select(leased, min(own.release, own.deferred), ZERO));
        own.deferred += own.gain - own.released;
        own.rent_due = select(alive, own.rent + own.arrears, ZERO);
        // The lessor's net investment earns its return and falls by rent, paid or not: arrears are separate.
        own.net_investment = select(
            leased,
            max(own.net_investment * (1.0 + self.returns) - own.rent, ZERO),
            select(sells, paid, own.net_investment),
        );
        // The end: the hardware is bought, the lease renewed while life lasts, or the hardware returned and sold by the
        // lessor.
        let buys = ends & (self.buys > 0.0);
        let renews = ends & (self.renews > 0.0) & self.lives(see.t + self.renewal);
        let returns = ends & !buys & !renews;
        let buy = select(buys, select(self.fair > 0.0, own.market_value, own.total * self.residual), ZERO);
        let sale = select(returns, own.market_value * self.kept, ZERO);
        let months = max(self.delivered + self.life - 1.0 - see.t, 1.0);
        own.wear = select(buys, buy / months, own.wear);
        own.book = select(sells, ZERO, own.book) + buy;
        own.level = select(sells, paid * self.rent, select(renews, own.market_value * self.rent_renewed, own.level));
        own.left = select(sells, self.term, select(renews, self.renewal, own.left));
        own.release = select(sells, own.gain / self.term, own.release);
        let later = own.firm_rent * (1.0 + self.discount) - own.rent;
        let renewed = own.market_value * self.firm_renewed;
        own.firm_rent = select(sells, paid * self.firm, select(renews, renewed, max(later, ZERO)));
        let stage = select(buys, BOUGHT, select(returns, GONE, own.stage));
        own.stage = select(sells, LEASED, stage);
        own.net_investment = select(buys | returns, ZERO, own.net_investment);
        own.firm_rent = select((own.stage == LEASED) & alive, own.firm_rent, ZERO);
        books.event(renews, event::RENEWED);
        books.event(returns, event::LEASE_ENDED);
        books.event(returns, event::SOLD);
        own.charged = price + running + own.rent + buy;
        own.price_due = price + own.price_owed;
        own.buy_due = buy + own.buy_owed;
        own.running_due = running + own.running_owed;
        books.lab.capex += own.price_due + own.buy_due;
        books.lab.capex_accrued += price + buy;
        books.lab.running += own.running_due;
        books.lab.running_expense += running;
        books.lab.depreciation += own.depreciation;
        books.lab.used_gw += own.used;
        books.lab.asset_sales += paid - fee;
        books.lab.rent += own.rent_due;
        books.lab.lease_expense += own.rent;
        books.lab.other_income += own.released + min(gain, ZERO);
        books.lab.paid_in += opening;
        books.pay(0, sale - paid);
        books.third(fee - sale);
    }

    /// `close`: payments; unpaid amounts stay owed.
    #[inline(always)]
    pub(super) fn pay(see: &View, own: &mut SaleLeasebackState, books: &mut Books) {
        let paid = &see.lab.paid;
        let price = own.price_due * paid[CAPEX];
        let buy = own.buy_due * paid[CAPEX];
        let running = own.running_due * paid[RUNNING];
        let rent = own.rent_due * paid[RENT];
        own.price_owed = own.price_due - price;
        own.buy_owed = own.buy_due - buy;
        own.running_owed = own.running_due - running;
        own.arrears = select(see.lab.alive > 0.0, own.rent_due - rent, own.arrears);
        own.paid = price + buy + running + rent;
        books.pay(0, buy + rent);
        books.third(price + running);
    }

    /// `review`: a sale may be decided; closing balances.
    #[inline(always)]
    pub(super) fn look(&self, see: &View, own: &mut SaleLeasebackState, books: &mut Books) {
        let may = (own.stage == OWNED) & (own.waits == 0.0) & (see.lab.alive > 0.0) & (see.t >= self.delivered);
        let asks = may & (see.lab.runway < self.runway) & self.lives(see.t + self.process + self.term);
        own.waits = select(asks, self.process, own.waits);
        own.leased = select(own.stage == LEASED, 1.0, 0.0);
        books.lab.pending += select(own.waits > 0.0, own.market_value * (self.advance * (1.0 - self.fee)), ZERO);
        books.lab.ppe += own.book;
        books.lab.deferred += own.deferred;
        books.lab.arrears += own.owed();
        books.lab.off_balance += own.firm_rent;
    }

    /// The claim: amounts owed, and damages for the rejected lease. Hardware owned by the lab belongs to the estate.
    pub(super) fn claims(&self, see: &View, own: &SaleLeasebackState, rules: Rules) -> Claim {
        let owns = own.stage == OWNED || own.stage == BOUGHT;
        let value = self.sale_value(see, own);
        Claim {
            unsecured: own.owed() + Self::damages(own, rules, value),
            arrears: own.owed(),
            assets: if owns { value } else { ZERO },
            hardware: if owns { value } else { ZERO },
            ..Claim::default()
        }
    }

    pub(super) fn learn(&self, see: &View, own: &mut SaleLeasebackState, award: &Award, books: &mut Books) {
        let owed = own.owed();
        match award.outcome {
            Outcome::Going | Outcome::Rescued => {}
            Outcome::Restructured => {
                let settled = award.settle(owed, self.returns);
                let lessor = own.arrears + own.buy_owed;
                own.claim = award.claimed(own.claim, own.loss, lessor);
                own.loss += if owed > ZERO { settled.loss * (lessor / owed) } else { ZERO };
                own.given_up += settled.written_off;
                let kept = 1.0 - award.haircut;
                own.arrears = own.arrears * kept;
                own.buy_owed = own.buy_owed * kept;
                own.price_owed = own.price_owed * kept;
                own.running_owed = own.running_owed * kept;
                settled.post(0, books);
            }
            Outcome::Acquired | Outcome::Liquidated => {
                let sale = if own.stage == LEASED { self.sale_value(see, own) } else { ZERO };
                // The estate pays the same share of all the instrument's claims; the maker and the operator receive
                // theirs.
                let others = own.price_owed + own.running_owed;
                let all = award.claim.unsecured;
                let share = if all > ZERO { award.cash() / all } else { 0.0 };
                let to_lessor = award.cash() - others * share;
                let claim = own.arrears + own.buy_owed + own.net_investment;
                own.claim = award.claimed(own.claim, own.loss, claim);
                // Sale proceeds in excess of the claim belong to the lessor; the loss is not negative.
                own.loss += max(claim - sale - to_lessor * award.discount(self.returns), ZERO);
                books.pay(0, sale + to_lessor);
                books.third(-sale - to_lessor);
                if sale > ZERO {
                    books.events |= event::SOLD;
                }
                own.given_up += owed;
                (own.arrears, own.buy_owed, own.price_owed, own.running_owed) = (ZERO, ZERO, ZERO, ZERO);
                (own.net_investment, own.firm_rent, own.book, own.deferred) = (ZERO, ZERO, ZERO, ZERO);
                (own.stage, own.left, own.waits) = (GONE, 0.0, 0.0);
            }
        }
    }

    /// Net proceeds if the hardware is sold now.
    fn sale_value(&self, see: &View, own: &SaleLeasebackState) -> Usd {
        if self.lives(see.t) { own.at_one * see.market.resale * self.kept } else { ZERO }
    }

    /// Damages for a rejected lease: net investment less sale proceeds, at most the remaining firm rent and the rent
    /// for the months that count.
    fn damages(own: &SaleLeasebackState, rules: Rules, sale: Usd) -> Usd {
        if own.stage != LEASED {
            return ZERO;
        }
        let rent = min(own.firm_rent, own.level * rules.damages);
        max(min(own.net_investment - sale, rent), ZERO)
    }

    /// Mark of the lessor's position: its net investment and amounts owed to it.
    #[inline(always)]
    pub(super) fn position(own: &SaleLeasebackState) -> [Usd; ACCOUNTS] {
        first(own.net_investment + own.arrears + own.buy_owed)
    }

    /// Audit: amounts charged are paid, owed or written off; the deferred gain rolls forward.
    pub(super) fn rolls(was: &SaleLeasebackState, now: &SaleLeasebackState) -> Usd {
        let given_up = now.given_up - was.given_up;
        let owed = was.owed() + now.charged - now.paid - given_up - now.owed();
        let gone = was.stage != GONE && now.stage == GONE;
        let gain = was.deferred + now.gain - now.released - now.deferred;
        Usd(owed.0.abs() + if gone { 0.0 } else { gain.0.abs() })
    }
}

impl SaleLeasebackState {
    /// Total owed by the lab.
    #[inline(always)]
    fn owed(&self) -> Usd {
        self.arrears + self.buy_owed + self.price_owed + self.running_owed
    }
}

//! Instrument for a venture that owns compute rented by the lab: terms and state. Its monthly phases are in `month`,
//! its marks in `mark`, the resolution of a failure of the lab in `failure`.

mod failure;
mod mark;
mod month;

use super::capital::Calls;
use super::spec::{JointVentureSpec, PutRule};
use super::{LENDER, MANAGER, PARTNERS, SIDES, check};
use crate::engine::books::{ACCOUNTS, Books, event};
use crate::engine::columns::Columns;
use crate::engine::instrument::{
    CLOSE, Instrument, Line, OPEN, REVIEW, SETTLE, Unit, View, by_account, flow, line, total,
};
use crate::engine::math::select;
use crate::engine::resolution::{Award, Claim, Rules};
use crate::instruments::declared::{Declared, Facts, Provider};
use crate::instruments::term_loan::level_payment;
use crate::instruments::waterfall::{DEALS, Deals, Sharing, Standing, monthly};
use crate::issues::Issues;
use crate::language::quantity::{Inputs, Quantity};
use crate::language::rules::KeyRules;
use crate::units::Usd;
use crate::{fields, posts, row};

/// Indices of the rates at which the partners' cash flows are compounded: minimum return, put, buy-out.
const MINIMUM: usize = 0;
const PUT: usize = 1;
const BUY_OUT: usize = 2;

row! {
    /// Terms; money in USD, monthly rates, dates as months of the simulation.
    pub struct AssetVenture {
        calls: Calls,
        sharing: Sharing,
        // Construction and rent.
        equity: f64, debt_per_equity: f64, build: f64, per_build: f64, first: f64, last: f64, exit: f64,
        power: f64, rent: f64, per_gw: f64, top: f64, running: f64, discount: f64, firm: f64, outlook: f64,
        term: f64, wear: f64, exposure: f64,
        // Deals, which are sold at different times, and the reciprocal of the share left after each sale.
        share: [f64; DEALS], until: [f64; DEALS], after: [f64; DEALS],
        // Debt.
        rate: f64, level: f64, repaid: f64, grace: f64,
        // Rights of the partners and of the lab; a right that does not exist has a date beyond all months.
        growth: [f64; 3], has_minimum: f64, tested_at: f64, most: f64, put_from: f64, stress: f64,
        buy_from: f64, moic: f64, keeps: f64,
        steps_in: f64, step_after: f64, vacancy: f64, relet: f64, hazard: f64, recovers: f64,
        manager: f64,
        // The partners' monthly return if everything goes as planned.
        own: f64,
    }
    /// State of the venture in a month.
    pub struct AssetVentureState {
        /// State of the waterfall.
        pub standing: Standing,
        /// The account of each deal.
        pub deals: Deals,
        /// The lab's new capital call of the month, including calls it covers for the partners.
        pub call: Usd,
        /// Part of `call` that covers calls missed by the partners.
        pub covered: Usd,
        /// The lab's calls due, including those missed earlier.
        pub call_due: Usd,
        /// The lab's unpaid calls.
        pub call_owed: Usd,
        /// Paid in by the lab this month.
        pub paid_in: Usd,
        /// Paid in by the lab so far.
        pub paid_in_total: Usd,
        /// Paid in by the lab on behalf of the partners so far.
        pub covered_total: Usd,
        /// Paid in by the partners this month.
        pub called: Usd,
        /// Paid in by the partners so far.
        pub called_total: Usd,
        /// The lab's share of distributions.
        pub stake: f64,
        /// Share of their stake still held by the partners.
        pub held: f64,
        /// Paid in and not yet spent.
        pub unspent: Usd,
        /// Capital spent so far, excluding debt.
        pub spent: Usd,
        /// Share of the plan that is built.
        pub built: f64,
        /// Share of planned power and rent that the lab has this month.
        pub share: f64,
        /// Power that the lab rents, GW.
        pub power: f64,
        /// Share of the rent remaining after restructurings of the lab.
        pub kept: f64,
        /// Rent of the month.
        pub charge: Usd,
        /// Rent due, including arrears.
        pub due: Usd,
        /// Rent paid.
        pub paid: Usd,
        /// Rent in arrears.
        pub arrears: Usd,
        /// Consecutive months of arrears.
        pub late: f64,
        /// Months since the partners stepped in, counted from 1; 0 before.
        pub stepped: f64,
        /// Rent from a replacement tenant.
        pub relet: Usd,
        /// Operating cost of the month.
        pub running: Usd,
        /// Sale proceeds of the month.
        pub sale: Usd,
        /// Debt outstanding.
        pub debt: Usd,
        /// Drawn this month.
        pub draw: Usd,
        /// Interest of the month.
        pub interest: Usd,
        /// Debt service paid.
        pub service: Usd,
        /// Missed debt service, due again.
        pub missed: Usd,
        /// Monthly level payment.
        pub level: Usd,
        /// Consecutive months of missed service.
        pub missed_months: f64,
        /// 1 once the debt is accelerated.
        pub accelerated: f64,
        /// Interest and scheduled principal of the month, before the venture ends.
        pub debt_service: Usd,
        /// DSCR, where debt service is due; 0 while it would be due from a venture that left its lender unpaid.
        pub dscr: f64,
        /// 1 where the DSCR is defined.
        pub has_dscr: f64,
        /// Cash flow available for debt service (CFADS): rent less opex.
        pub cfads: Usd,
        /// Fee in arrears.
        pub fee_owed: Usd,
        /// Distributions to partners as if they held their whole stake, this month and so far.
        pub shared_total: Usd,
        /// Distributed to the partners this month.
        pub distributed: Usd,
        /// Distributed to the partners so far.
        pub distributed_total: Usd,
        /// Paid to the lab this month: stake, promote and fee.
        pub to_lab: Usd,
        /// Carrying amount of the lab's stake.
        pub carried: Usd,
        /// Partners' calls less distributions, compounded at the rates of the minimum return, the put and the buy-out.
        pub value: [Usd; 3],
        /// Due next month under guarantees, puts and clawback.
        pub falls: Usd,
        /// Part of `falls` that acquires the partners' stake, at its share of net asset value.
        pub buys: Usd,
        /// Due and unpaid under guarantees, puts and clawback.
        pub owed: Usd,
        /// Paid this month under guarantees, puts and clawback.
        pub guaranteed: Usd,
        /// Paid so far under guarantees, puts and clawback.
        pub guaranteed_total: Usd,
        /// 1 once the minimum return has been tested.
        pub tested: f64,
        /// 1 once the partners have put their stake to the lab.
        pub put: f64,
        /// Price at which the lab buys the partners out next month.
        pub price: Usd,
        /// Buy-out price paid this month.
        pub bought: Usd,
        /// Received by the partners so far, from the venture and from the lab.
        pub received_total: Usd,
        /// Net asset value: hardware and cash less debt, at least 0.
        pub nav: Usd,
        /// The partners' share of net asset value.
        pub nav_partners: Usd,
        /// Cost of the guarantees if they were called now.
        pub guarantee_now: Usd,
        /// Present value of the remaining firm rent.
        pub firm_rent: Usd,
        /// Present value of the remaining firm rent, if built as planned.
        pub firm: Usd,
        /// Present value of rent less operating cost and of future sales, if built as planned.
        pub outlook: Usd,
        /// 1 once it has been wound up.
        pub ended: f64,
        /// Received from the lab's estate and not yet distributed.
        pub cash: Usd,
        /// Rent written off so far after a failure of the lab.
        pub rent_written_off: Usd,
        /// Guarantee payments due that were written off so far.
        pub owed_written_off: Usd,
        /// Claim on the lab's estate.
        pub claimed: Usd,
        /// Recovered on that claim, in present value, with shares at their price.
        pub recovered: Usd,
        /// Outstanding to partners and lender when the venture failed.
        pub claim: [Usd; SIDES],
        /// The part of it not recovered once the venture is wound up.
        pub loss: [Usd; SIDES],
    }
}

/// Date of an event that never occurs.
const NEVER: f64 = f64::MAX;

impl AssetVenture {
    fn new(spec: &JointVentureSpec, inputs: &Inputs<'_>) -> AssetVenture {
        let at = |q: &Option<Quantity>| q.as_ref().map_or(0.0, |q| q.at(inputs));
        let flag = |yes: bool| f64::from(u8::from(yes));
        let calls = Calls::new(spec, inputs);
        let equity = calls.lab + calls.partners;
        let (build, over) = spec.built();
        let (first, term) = (build + over, spec.term.0.round().max(1.0));
        let (power, rent, running) = (at(&spec.power), at(&spec.rent), spec.opex.at(inputs));
        let (rate, level, grace, debt, repaid) = match &spec.debt {
            None => (0.0, 0.0, NEVER, 0.0, 0.0),
            Some(d) => {
                let share = d.share.as_ref().map(|q| q.at(inputs));
                let amount = d.amount.as_ref().map_or(0.0, |q| q.at(inputs));
                let rate = d.rate.at(inputs) / 12.0;
                let months = d.term.0.round().max(1.0);
                let debt = share.map_or(amount * calls.per_capital, |s| s / (1.0 - s));
                (rate, level_payment(rate, months), d.grace.at(inputs).max(1.0), debt, first + months - 1.0)
            }
        };
        let deals = &spec.waterfall.deals;
        let (mut share, mut until, mut after) = ([0.0; DEALS], [NEVER; DEALS], [1.0; DEALS]);
        share[0] = 1.0;
        let mut left = 1.0;
        // On a draw too rare to be sampled in validation, the shares may not add up to 100%.
        let sum: f64 = deals.iter().map(|deal| deal.share.at(inputs)).sum();
        for (k, deal) in deals.iter().take(DEALS).enumerate() {
            (share[k], until[k]) = (deal.share.at(inputs) / sum.max(f64::MIN_POSITIVE), deal.until.0);
            left -= share[k];
            after[k] = if left > 1e-9 { 1.0 / left } else { 1.0 };
        }
        let last = deals.last().map_or(NEVER, |d| d.until.0).min(first + term - 1.0);
        let exit = spec.exit.as_ref().map_or(NEVER, |w| w.0);
        let (put, buy, step, political) = (&spec.put, &spec.buy_out, &spec.step_in, &spec.political);
        let minimum = spec.minimum_return.as_ref();
        let compound = |q: Option<&Quantity>| 1.0 + monthly(q.map_or(0.0, |q| q.at(inputs)));
        let mut out = AssetVenture {
            calls,
            sharing: spec.waterfall.terms(inputs),
            equity,
            debt_per_equity: debt,
            build,
            per_build: 1.0 / over,
            first,
            last,
            exit: exit.min(last),
            power,
            rent,
            per_gw: if power > 0.0 { rent / power } else { 0.0 },
            top: spec.take_or_pay.at(inputs),
            running,
            discount: spec.discount_rate.at(inputs) / 12.0,
            firm: 0.0,
            outlook: 0.0,
            term,
            wear: (1.0 - spec.residual.at(inputs)) / term,
            exposure: spec.exposure.at(inputs),
            share,
            until,
            after,
            rate,
            level,
            repaid,
            grace,
            growth: [
                compound(minimum.map(|m| &m.rate)),
                compound(put.as_ref().map(|p| &p.rate)),
                compound(buy.as_ref().map(|b| &b.irr)),
            ],
            has_minimum: flag(minimum.is_some()),
            tested_at: minimum.and_then(|m| m.at).map_or(NEVER, |w| w.0),
            most: minimum.and_then(|m| m.most.as_ref()).map_or(NEVER, |q| q.at(inputs)),
            put_from: put.as_ref().map_or(NEVER, |p| p.from.0),
            stress: flag(put.as_ref().is_some_and(|p| p.exercised == PutRule::UnderStress)),
            buy_from: buy.as_ref().map_or(NEVER, |b| b.from.0.max(first)),
            moic: buy.as_ref().map_or(0.0, |b| b.moic.at(inputs)),
            keeps: buy.as_ref().map_or(0.0, |b| b.keeps.at(inputs)),
            steps_in: flag(step.is_some()),
            step_after: step.as_ref().map_or(NEVER, |s| s.after.at(inputs).max(1.0)),
            vacancy: step.as_ref().map_or(NEVER, |s| s.vacancy.at(inputs)),
            relet: step.as_ref().map_or(0.0, |s| s.rent.at(inputs)),
            hazard: political.as_ref().map_or(0.0, |p| p.hazard.at(inputs)),
            recovers: political.as_ref().map_or(1.0, |p| p.recovers.at(inputs)),
            manager: flag(spec.has_manager()),
            own: 0.0,
        };
        // Present values at the end of the month before rent begins: each deal pays until it is sold.
        for (share, until) in out.share.into_iter().zip(out.until).filter(|part| part.0 > 0.0) {
            let months = until.min(out.last) - first + 1.0;
            out.firm +=
                share * rent * out.top / level_payment(out.discount, (months.min(out.exit - first + 1.0)).max(1.0));
            out.outlook += share * (rent - running) / level_payment(out.discount, months);
            let sale = equity * (1.0 + debt) * (1.0 - out.wear * months.min(term));
            out.outlook += share * sale * libm::exp(-months * libm::log1p(out.discount));
        }
        out.own = out.partners_rate();
        out
    }
}

impl Instrument for AssetVenture {
    type Spec = JointVentureSpec;
    type State = AssetVentureState;
    const FIRM: bool = true;
    const PHASES: u8 = OPEN | SETTLE | CLOSE | REVIEW;
    const UNIFORMS: bool = true;
    const POSTS: Columns = posts![
        capacity_gw,
        sunk_gw,
        used_gw,
        capacity_cost,
        ahead_gw,
        contributions,
        rent,
        guarantees,
        lease_expense,
        distributions,
        other_income,
        investment,
        arrears,
        off_balance,
        vehicle_debt,
        guarantee,
        guarantee_now,
        issued,
        paid_in,
    ];
    const EVENTS: u64 = event::PARTNER_DEFAULT
        | event::GUARANTEE_CALLED
        | event::CONTRACT_LOST
        | event::PUT
        | event::BOUGHT_OUT
        | event::STEP_IN
        | event::RELET
        | event::SOLD
        | event::INSTRUMENT_DEFAULT;
    const RETURNS: bool = true;
    const LINES: &'static [Line] = &[
        flow("paid_in", Unit::Usd),
        flow("called", Unit::Usd).seldom(),
        line("stake", Unit::Share),
        line("held", Unit::Share).seldom(),
        flow("charge", Unit::Usd).seldom(),
        line("arrears", Unit::Usd).seldom(),
        flow("distributed", Unit::Usd).seldom(),
        flow("to_lab", Unit::Usd).seldom(),
        line("debt", Unit::Usd),
        flow("cfads", Unit::Usd).seldom(),
        flow("debt_service", Unit::Usd).seldom(),
        line("dscr", Unit::Ratio).where_positive("has_dscr"),
        line("nav_partners", Unit::Usd),
        line("guarantee_now", Unit::Usd),
        line("owed", Unit::Usd).seldom(),
        total("called_total", Unit::Usd),
        total("distributed_total", Unit::Usd),
        total("guaranteed_total", Unit::Usd),
        total("claimed", Unit::Usd),
        total("recovered", Unit::Usd),
        by_account("claim", Unit::Usd).at_end(),
        by_account("loss", Unit::Usd).at_end(),
    ];

    #[inline(always)]
    fn posts(phase: u8) -> Columns {
        match phase {
            OPEN => posts![capacity_gw, sunk_gw, capacity_cost, ahead_gw],
            SETTLE => posts![used_gw, contributions, rent, guarantees, lease_expense, other_income],
            CLOSE => posts![distributions, other_income],
            _ => posts![guarantee, guarantee_now, investment, arrears, vehicle_debt, off_balance],
        }
    }
    #[inline(always)]
    fn changes(phase: u8) -> Columns {
        type S = AssetVentureState;
        match phase {
            OPEN => fields![S: share, power],
            SETTLE => fields![S: call, covered, call_due, called, charge, due, carried, falls, buys, owed],
            CLOSE => fields![
                S: standing, deals, call_owed, paid_in, paid_in_total, covered_total, called_total, stake, held, unspent,
                spent, built, paid, arrears, late, stepped, relet, running, sale, debt, draw, interest, service, missed,
                level, missed_months, accelerated, debt_service, dscr, has_dscr, cfads, fee_owed, shared_total, distributed,
                distributed_total, to_lab, carried, value, falls, owed, guaranteed, guaranteed_total, tested, price, bought,
                received_total, ended, cash, claim, loss,
            ],
            _ => fields![
                S: stepped, falls, buys, tested, put, price, nav, nav_partners, guarantee_now, firm_rent, firm, outlook,
            ],
        }
    }

    fn name(spec: &JointVentureSpec) -> Option<&str> {
        Some(spec.name.as_str())
    }
    fn accounts(spec: &JointVentureSpec) -> Vec<(String, usize)> {
        let all = [
            ("partners", PARTNERS, true),
            ("lender", LENDER, spec.debt.is_some()),
            ("manager", MANAGER, spec.has_manager()),
        ];
        all.into_iter().filter(|(.., is)| *is).map(|(name, k, _)| (name.to_owned(), k)).collect()
    }
    fn terms(spec: &JointVentureSpec, inputs: &Inputs<'_>) -> Self {
        AssetVenture::new(spec, inputs)
    }
    fn opening(&self) -> AssetVentureState {
        AssetVentureState { held: 1.0, kept: 1.0, stake: self.calls.stake, ..Default::default() }
    }

    #[inline(always)]
    fn open(&self, see: &View, own: &mut AssetVentureState, books: &mut Books) {
        self.brings(see, own, books);
    }
    #[inline(always)]
    fn settle(&self, see: &View, own: &mut AssetVentureState, books: &mut Books) {
        self.asks(see, own, books);
    }
    #[inline(always)]
    fn close(&self, see: &View, own: &mut AssetVentureState, books: &mut Books) {
        self.runs(see, own, books);
    }
    #[inline(always)]
    fn review(&self, see: &View, own: &mut AssetVentureState, books: &mut Books) {
        self.weighs(see, own, books);
    }

    fn claim(&self, see: &View, own: &AssetVentureState, rules: &Rules) -> Claim {
        self.claims(see, own, *rules)
    }
    fn resolve(&self, see: &View, own: &mut AssetVentureState, award: &Award, books: &mut Books) {
        self.resolved(see, own, award, books);
    }
    #[inline(always)]
    fn firm_in(&self, see: &View, own: &AssetVentureState, month: f64) -> Usd {
        let on = (own.firm_rent > Usd::ZERO) & (see.lab.alive > 0.0) & self.rents(month);
        select(on, Usd(self.rent * self.top * self.active(month) * own.built * own.kept), Usd::ZERO)
    }
    #[inline(always)]
    fn worth(&self, see: &View, own: &AssetVentureState) -> [Usd; ACCOUNTS] {
        self.marks(see, own)
    }
    fn audit(&self, was: &AssetVentureState, now: &AssetVentureState) -> Usd {
        self.audited(was, now)
    }
    fn vehicle_cash(own: &AssetVentureState) -> Usd {
        own.unspent + own.cash
    }
}
impl Declared for AssetVenture {
    const FACTS: Facts = Facts::of(Provider::Partner).vehicle().capital("called_total");

    fn key_rules(spec: &JointVentureSpec, rules: &mut KeyRules<'_>) {
        check::key_rules(spec, rules);
    }
    fn check(spec: &JointVentureSpec, issues: &mut Issues) {
        check::check(spec, issues);
    }
}

//! Instrument for a venture that brings demand: it sells and deploys the lab's product in the partners' companies.

use super::capital::Calls;
use super::spec::{CapitalUse, JointVentureSpec};
use super::{MANAGER, PARTNERS, SIDES, check};
use crate::engine::books::{ACCOUNTS, Books, CAPEX, GUARANTEES, RENT, event};
use crate::engine::columns::Columns;
use crate::engine::instrument::{
    CLOSE, Instrument, LAGS, Line, OPEN, REVIEW, SETTLE, Unit, View, by_account, flow, line, total,
};
use crate::engine::math::{max, min, select};
use crate::engine::resolution::{Award, Claim, Outcome, Rules};
use crate::instruments::declared::{Declared, Facts, Provider};
use crate::instruments::waterfall::{Sharing, Standing, monthly};
use crate::issues::Issues;
use crate::language::quantity::{Inputs, Quantity};
use crate::language::rules::KeyRules;
use crate::units::Usd;
use crate::{fields, posts, row};

const ZERO: Usd = Usd::ZERO;
/// Date of an event that never occurs.
const NEVER: f64 = f64::MAX;
/// Months over which earnings are measured.
const YEAR: usize = 12;

row! {
    /// Terms; money in USD, monthly rates.
    pub struct DistributionVenture {
        calls: Calls,
        sharing: Sharing,
        uplift: f64, builds_up: f64, commission: f64,
        has_portfolio: f64, companies: f64, adopts: [f64; 2], stays: f64, sales: f64, sales_growth: f64,
        services: f64, services_growth: f64, deployment: f64, people: f64, people_share: f64, overhead: f64,
        income: [f64; 2], per_partner: f64,
        // What capital may pay for: 1 if so; `restricted` is 1 unless it may pay for all.
        pays_people: f64, pays_deployment: f64, pays_acquisition: f64, restricted: f64,
        // The purchase of a firm.
        price: f64, bought_at: f64, brings: f64,
        // Earnings: `retains` is 1 if some are retained; the reserve; the first month of distributions.
        retains: f64, reserve: f64, distributes_from: f64,
        floor: f64, floor_most: f64, floor_until: f64, multiple: [f64; 2], has_multiple: f64, manager: f64,
        // Minimum return of the partners: monthly growth, limit, month of the test.
        has_minimum: f64, growth: f64, most: f64, tested_at: f64,
    }
    /// State of the venture in a month. The first two fields are recorded in the history, for sums over twelve months.
    pub struct DistributionVentureState {
        /// Earnings of the month: commission, services and other income, less staff cost. Deployment at new users is an
        /// investment, as a purchase is.
        pub earnings: Usd,
        /// Income of the month: commission, services and other income.
        pub turnover: Usd,
        /// Earnings of the last twelve months.
        pub earnings_12m: Usd,
        /// Income of the last twelve months.
        pub turnover_12m: Usd,
        /// Earnings over income of the last twelve months.
        pub margin: f64,
        /// State of the waterfall.
        pub standing: Standing,
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
        /// Called from the lab and the partners so far.
        pub asked_total: Usd,
        /// Calls that the partners missed and nobody covers.
        pub missing_total: Usd,
        /// Share of called capital that was paid in; with a portfolio, share of last month's cost that was paid.
        pub funded: f64,
        /// The lab's share of distributions.
        pub stake: f64,
        /// Paid in and not yet spent.
        pub unspent: Usd,
        /// Earnings retained and not yet spent.
        pub retained: Usd,
        /// Uplift of the lab's demand.
        pub uplift: f64,
        /// Companies that use the product.
        pub adopters: f64,
        /// Companies that come next month with a purchase.
        pub joins: f64,
        /// Companies that came with purchases so far.
        pub joined: f64,
        /// Cumulative growth of what a company buys.
        pub index: f64,
        /// Cumulative growth of what a company pays for services.
        pub services_index: f64,
        /// Paid for services this month.
        pub serviced: Usd,
        /// Demand brought to the lab this month, at list price.
        pub brought: Usd,
        /// Staff and deployment cost of the month.
        pub cost: Usd,
        /// Staff cost of the month.
        pub staff: Usd,
        /// Part of the cost for which capital may pay.
        pub payable: Usd,
        /// Paid for a firm this month.
        pub acquired: Usd,
        /// Commission of the month.
        pub charge: Usd,
        /// Commission due, including arrears.
        pub due: Usd,
        /// Commission paid.
        pub paid: Usd,
        /// Commission in arrears.
        pub arrears: Usd,
        /// Earnings of the month less staff cost, at least 0.
        pub earned: Usd,
        /// Fee in arrears.
        pub fee_owed: Usd,
        /// Distributed to the partners this month.
        pub distributed: Usd,
        /// Distributed to the partners so far.
        pub distributed_total: Usd,
        /// Paid to the lab this month: stake, promote and fee.
        pub to_lab: Usd,
        /// Carrying amount of the lab's stake.
        pub carried: Usd,
        /// Shortfall of the return against the floor so far this year; negative if the partners received more.
        pub short: Usd,
        /// Months of the current floor year so far.
        pub floor_months: f64,
        /// Top-up due next month.
        pub falls: Usd,
        /// Top-ups due and unpaid.
        pub owed: Usd,
        /// Top-ups paid this month.
        pub guaranteed: Usd,
        /// Top-ups paid so far.
        pub guaranteed_total: Usd,
        /// Partners' calls less receipts, compounded at the rate of the minimum return.
        pub promised: Usd,
        /// 1 once the minimum return has been tested.
        pub tested: f64,
        /// Cost of the floor and of the minimum return if they were called now.
        pub guarantee_now: Usd,
        /// Received by the partners so far, from the venture and from the lab.
        pub received_total: Usd,
        /// 1 once it has been wound up.
        pub ended: f64,
        /// Received from the lab's estate and not yet distributed.
        pub cash: Usd,
        /// Commission written off so far after a failure of the lab.
        pub charge_written_off: Usd,
        /// Top-ups due that were written off so far.
        pub owed_written_off: Usd,
        /// Claim on the lab's estate.
        pub claimed: Usd,
        /// Recovered on that claim, in present value, with shares at their price.
        pub recovered: Usd,
        /// Outstanding to the partners when the lab failed.
        pub claim: [Usd; SIDES],
        /// The part of it not recovered.
        pub loss: [Usd; SIDES],
    }
}

impl DistributionVenture {
    fn new(spec: &JointVentureSpec, inputs: &Inputs<'_>) -> DistributionVenture {
        let flag = |yes: bool| f64::from(u8::from(yes));
        let at = |q: &Option<Quantity>| q.as_ref().map_or(0.0, |q| q.at(inputs));
        let calls = Calls::new(spec, inputs);
        let income = spec.income.at(inputs);
        let floor = spec.floor.as_ref();
        let minimum = spec.minimum_return.as_ref();
        let multiple = at(&spec.exit_multiple);
        let all_uses = [CapitalUse::Deployment, CapitalUse::People, CapitalUse::Acquisitions];
        let mut out = DistributionVenture {
            sharing: spec.waterfall.terms(inputs),
            uplift: at(&spec.demand_uplift),
            builds_up: spec.builds_up.0.round().max(1.0),
            commission: spec.commission.at(inputs),
            stays: 1.0,
            sales_growth: 1.0,
            services_growth: 1.0,
            pays_people: flag(spec.pays_for(CapitalUse::People)),
            pays_deployment: flag(spec.pays_for(CapitalUse::Deployment)),
            pays_acquisition: flag(spec.pays_for(CapitalUse::Acquisitions)),
            bought_at: spec.acquisitions.as_ref().map_or(NEVER, |a| a.date.0),
            price: spec.acquisitions.as_ref().map_or(0.0, |a| a.amount.at(inputs)),
            brings: spec.acquisitions.as_ref().map_or(0.0, |a| a.brings.at(inputs)),
            retains: flag(spec.retains()),
            distributes_from: calls.start + spec.distributes_from.map_or(0.0, |months| months.0.round()),
            has_minimum: flag(minimum.is_some()),
            growth: 1.0 + monthly(minimum.map_or(0.0, |m| m.rate.at(inputs))),
            most: minimum.and_then(|m| m.most.as_ref()).map_or(NEVER, |q| q.at(inputs)),
            tested_at: minimum.and_then(|m| m.at).map_or(NEVER, |w| w.0),
            income: [income, spec.income_in_winter.as_ref().map_or(income, |q| q.at(inputs))],
            per_partner: if calls.partners > 0.0 { 1.0 / calls.partners } else { 0.0 },
            floor: floor.map_or(0.0, |f| f.rate.at(inputs) / 12.0),
            floor_most: floor.map_or(0.0, |f| f.most.as_ref().map_or(f64::MAX, |q| q.at(inputs) * 12.0)),
            floor_until: floor.map_or(0.0, |f| f.until.map_or(f64::MAX, |w| w.0)),
            multiple: [multiple, multiple * spec.exit_in_winter.as_ref().map_or(1.0, |q| q.at(inputs))],
            has_multiple: flag(spec.exit_multiple.is_some()),
            manager: flag(spec.has_manager()),
            restricted: flag(all_uses.iter().any(|what| !spec.pays_for(*what))),
            calls,
            ..DistributionVenture::default()
        };
        if let Some(p) = &spec.portfolio {
            let boom = p.adopts.at(inputs);
            out.has_portfolio = 1.0;
            out.companies = p.companies.at(inputs);
            let share = p.in_winter.as_ref().map_or(1.0, |q| q.at(inputs));
            out.adopts = [boom, p.adopts_in_winter.as_ref().map_or(boom * share, |q| q.at(inputs))];
            out.stays = 1.0 - p.churns.at(inputs);
            out.sales = p.sales.at(inputs);
            out.sales_growth = libm::exp(p.sales_growth.at(inputs));
            out.services = p.services.at(inputs);
            out.services_growth = libm::exp(p.services_growth.at(inputs));
            out.deployment = p.deployment.at(inputs);
            (out.people, out.people_share) = p.people.at(inputs);
            out.overhead = p.overhead.at(inputs);
            out.reserve = out.overhead * spec.keeps.as_ref().map_or(0.0, |q| q.at(inputs));
        }
        out
    }

    /// Capital to which the floor applies.
    #[inline(always)]
    fn floored(&self, own: &DistributionVentureState) -> Usd {
        select(self.sharing.pooled(), own.standing.account.capital, own.called_total)
    }
}

/// The lines of a venture with a portfolio: what it brings and is paid for is told by month without request.
static OF_PORTFOLIO: [Line; DistributionVenture::LINES.len()] = {
    let mut lines = [DistributionVenture::LINES[0]; DistributionVenture::LINES.len()];
    let mut at = 0;
    while at < lines.len() {
        lines[at] = DistributionVenture::LINES[at];
        at += 1;
    }
    lines[BROUGHT] = flow("brought", Unit::Usd);
    lines[CHARGE] = flow("charge", Unit::Usd);
    lines
};
/// Positions of two lines.
const BROUGHT: usize = 5;
const CHARGE: usize = 6;

impl Instrument for DistributionVenture {
    type Spec = JointVentureSpec;
    type State = DistributionVentureState;
    const PHASES: u8 = OPEN | SETTLE | CLOSE | REVIEW;
    const UNIFORMS: bool = true;
    const POSTS: Columns = posts![
        uplift,
        brought,
        contributions,
        rent,
        guarantees,
        commission_expense,
        distributions,
        other_income,
        investment,
        arrears,
        guarantee,
        guarantee_now,
        issued,
        paid_in,
    ];
    const EVENTS: u64 = event::PARTNER_DEFAULT | event::GUARANTEE_CALLED;
    const RETURNS: bool = true;
    const REMEMBERED: usize = 2;
    const LINES: &'static [Line] = &[
        flow("paid_in", Unit::Usd),
        flow("called", Unit::Usd).seldom(),
        line("stake", Unit::Share),
        line("uplift", Unit::Share).seldom(),
        line("adopters", Unit::Count).seldom(),
        flow("brought", Unit::Usd).seldom(),
        flow("charge", Unit::Usd).seldom(),
        line("arrears", Unit::Usd).seldom(),
        flow("earned", Unit::Usd).seldom(),
        flow("distributed", Unit::Usd).seldom(),
        flow("to_lab", Unit::Usd).seldom(),
        line("guarantee_now", Unit::Usd),
        line("owed", Unit::Usd).seldom(),
        total("called_total", Unit::Usd),
        total("distributed_total", Unit::Usd),
        total("guaranteed_total", Unit::Usd),
        total("claimed", Unit::Usd),
        total("recovered", Unit::Usd),
        by_account("claim", Unit::Usd).at_end(),
        by_account("loss", Unit::Usd).at_end(),
        line("earnings_12m", Unit::Usd).seldom(),
        line("margin", Unit::Share).where_positive("turnover_12m").at_end().seldom(),
        line("retained", Unit::Usd).seldom(),
    ];

    fn name(spec: &JointVentureSpec) -> Option<&str> {
        Some(spec.name.as_str())
    }
    fn lines(spec: &JointVentureSpec) -> &'static [Line] {
        // The last three belong to a venture with a portfolio, a price or earnings that it retains.
        let priced = spec.portfolio.is_some() || spec.exit_multiple.is_some();
        let lines = Self::LINES.len();
        let all = if spec.portfolio.is_some() { &OF_PORTFOLIO } else { Self::LINES };
        &all[..if spec.retains() {
            lines
        } else if priced {
            lines - 1
        } else {
            lines - 3
        }]
    }
    fn lags(_: &JointVentureSpec) -> [usize; LAGS] {
        [YEAR, 0, 0]
    }
    fn accounts(spec: &JointVentureSpec) -> Vec<(String, usize)> {
        let manager = spec.has_manager().then(|| ("manager".to_owned(), MANAGER));
        std::iter::once(("partners".to_owned(), PARTNERS)).chain(manager).collect()
    }
    fn terms(spec: &JointVentureSpec, inputs: &Inputs<'_>) -> Self {
        DistributionVenture::new(spec, inputs)
    }
    fn opening(&self) -> DistributionVentureState {
        DistributionVentureState {
            funded: 1.0,
            index: 1.0,
            services_index: 1.0,
            stake: self.calls.stake,
            ..Default::default()
        }
    }

    #[inline(always)]
    fn changes(phase: u8) -> Columns {
        type S = DistributionVentureState;
        match phase {
            OPEN => fields![
                S: uplift, joined, adopters, joins, brought, index, serviced, services_index, staff, cost, payable,
            ],
            SETTLE => fields![
                S: charge, due, called, covered, call, asked_total, missing_total, call_due, owed, falls,
            ],
            CLOSE => fields![
                S: earnings, turnover, earnings_12m, turnover_12m, margin, standing, call_owed, paid_in, paid_in_total,
                covered_total, called_total, funded, stake, unspent, retained, joins, acquired, paid, arrears, earned,
                fee_owed, distributed, distributed_total, to_lab, carried, short, floor_months, falls, owed, guaranteed,
                guaranteed_total, promised, received_total, ended, cash, loss,
            ],
            _ => fields![S: falls, tested, guarantee_now],
        }
    }
    #[inline(always)]
    fn open(&self, see: &View, own: &mut DistributionVentureState, books: &mut Books) {
        let going = (own.ended == 0.0) & (see.lab.alive > 0.0);
        let on = select(going, 1.0, 0.0);
        let built = max(0.0, min((see.t - self.calls.start + 1.0) / self.builds_up, 1.0));
        own.uplift = self.uplift * built * on * own.funded;
        // Churn applies to last month's users, adoption to companies that were not yet users.
        let chance = select(see.market.winter > 0.0, self.adopts[1], self.adopts[0]);
        let begun = going & (see.t >= self.calls.start);
        own.joined += own.joins;
        let free = self.companies + own.joined - own.joins - own.adopters;
        let come = select(begun, max(0.0, free) * chance * own.funded, 0.0);
        own.adopters = (own.adopters * self.stays + come + own.joins) * on;
        own.joins = 0.0;
        own.brought = Usd(own.adopters * self.sales * own.index);
        own.index *= self.sales_growth;
        own.serviced = Usd(self.services * own.adopters * own.services_index);
        own.services_index *= self.services_growth;
        let people = self.people * own.adopters + self.overhead * select(begun, 1.0, 0.0);
        let people = people + own.serviced.0 * self.people_share;
        let deployment = self.deployment * come;
        own.staff = Usd(people);
        own.cost = Usd(people + deployment);
        own.payable = Usd(people * self.pays_people + deployment * self.pays_deployment);
        books.lab.uplift += own.uplift;
        books.lab.brought += own.brought;
    }

    #[inline(always)]
    fn settle(&self, see: &View, own: &mut DistributionVentureState, books: &mut Books) {
        let (alive, c) = (see.lab.alive, &self.calls);
        let going = (own.ended == 0.0) & (alive > 0.0);
        // Commission on the revenue that the venture brought. A negative uplift earns and costs no commission.
        let (served, raises) = (own.brought * see.lab.served, max(own.uplift, 0.0));
        let raised = max(ZERO, see.lab.revenue - served) * (raises / (1.0 + raises));
        own.charge = (raised + served) * self.commission * alive;
        own.due = own.charge + own.arrears * alive;
        // As needed: the month's cost beyond income, earnings retained and unspent capital, as far as capital may pay
        // for it, and the purchase of a firm, up to the remaining commitments.
        let need = (c.need > 0.0) & (see.t >= c.start);
        let income = own.charge + self.others(see, own);
        let beyond = own.cost - income - own.retained;
        let beyond = select(self.restricted > 0.0, min(beyond, own.payable), beyond);
        let purchase = self.purchase(see, own) * self.pays_acquisition;
        let short = max(ZERO, max(ZERO, beyond) + purchase - own.unspent);
        let left = max(ZERO, Usd(c.partners) - own.called_total - own.covered_total);
        let lab_left = max(ZERO, Usd(c.lab) - (own.paid_in_total - own.covered_total + own.call_owed));
        let part = min(short * (c.partners * c.per_capital), left);
        let lab_need = min(short * (c.lab * c.per_capital), lab_left);
        let (lab_part, partners_part) = c.parts(c.on(see.t));
        let lab_call = select(going, select(c.need > 0.0, select(need, lab_need, ZERO), lab_part), ZERO);
        let partners_call = select(going, select(c.need > 0.0, select(need, part, ZERO), partners_part), ZERO);
        let (called, unanswered) = c.answer(see, partners_call);
        own.called = called;
        own.covered = c.covered(partners_call, called);
        own.call = lab_call + own.covered;
        own.asked_total += partners_call + lab_call;
        own.missing_total += partners_call - called - own.covered;
        own.call_due = (own.call + own.call_owed) * alive;
        books.event(unanswered, event::PARTNER_DEFAULT);
        own.owed += own.falls;
        books.lab.other_income -= own.falls * alive;
        own.falls = ZERO;
        books.lab.contributions += own.call_due;
        books.lab.rent += own.due;
        books.lab.commission_expense += own.charge;
        books.lab.guarantees += own.owed * alive;
    }

    #[inline(always)]
    fn close(&self, see: &View, own: &mut DistributionVentureState, books: &mut Books) {
        let alive = see.lab.alive > 0.0;
        let going = own.ended == 0.0;
        own.paid_in = own.call_due * see.lab.paid[CAPEX];
        own.call_owed = select(alive, own.call_due - own.paid_in, own.call_owed);
        own.paid_in_total += own.paid_in;
        own.covered_total += own.covered * see.lab.paid[CAPEX];
        let others = self.others(see, own);
        own.called_total += own.called;
        own.stake = self.calls.stake_of(own.called_total, own.paid_in_total, own.covered_total);
        own.paid = own.due * see.lab.paid[RENT];
        own.arrears = select(alive, own.due - own.paid, own.arrears);
        own.guaranteed = own.owed * see.lab.paid[GUARANTEES];
        own.owed -= own.guaranteed;
        own.guaranteed_total += own.guaranteed;
        // What the lab pays under a minimum return also stands for capital.
        self.sharing.receive(own.guaranteed, own.tested, &mut own.standing);

        // Staff are paid from earnings of the month, then from those retained, then from capital as far as it may pay
        // for them. Without a portfolio, capital is spent as it is paid in.
        let ending = going & !alive;
        let portfolio = self.has_portfolio > 0.0;
        let income = own.paid + others;
        let there = own.unspent + own.called + own.paid_in;
        let cost = select(going, own.cost, ZERO);
        let from_income = select(portfolio, min(cost, income), ZERO);
        let from_retained = select(portfolio, min(cost - from_income, own.retained), ZERO);
        let rest = cost - from_income - from_retained;
        let allowed = select(self.restricted > 0.0, min(rest, own.payable), rest);
        let from_capital = select(portfolio, min(allowed, there), there);
        let unpaid = own.cost - from_income - from_retained - from_capital;
        let lacks = select(portfolio, unpaid, own.missing_total + own.call_owed);
        let of = max(select(portfolio, own.cost, own.asked_total), Usd(f64::MIN_POSITIVE));
        own.funded = 1.0 - min(lacks / of, 1.0);
        // A firm is bought as far as there is money for it, and brings as large a part of its companies.
        let purchase = self.purchase(see, own);
        let left = there - from_capital;
        let by_capital = min(purchase * self.pays_acquisition, left);
        let by_retained = min(purchase - by_capital, own.retained - from_retained);
        own.acquired = by_capital + by_retained;
        own.joins = self.brings * (own.acquired / max(purchase, Usd(f64::MIN_POSITIVE)));
        let back = select(ending, left - by_capital, ZERO);
        own.unspent = left - by_capital - back;
        own.earned = income - from_income;

        // Earnings of twelve months, as accrued.
        let runs = going & alive;
        own.turnover = select(runs, own.charge + others, ZERO);
        own.earnings = select(runs, own.charge + others - own.staff, ZERO);
        own.turnover_12m = select(runs, own.turnover_12m + own.turnover - Usd(see.past[0][1]), ZERO);
        own.earnings_12m = select(runs, own.earnings_12m + own.earnings - Usd(see.past[0][0]), ZERO);
        let margin = own.earnings_12m / max(own.turnover_12m, Usd(f64::MIN_POSITIVE));
        own.margin = select(own.turnover_12m > ZERO, margin, 0.0);

        // Preferred return accrues on balances at the start of the month; this month's call earns it from the next.
        let was = own.standing.account;
        self.sharing.accrue(&mut own.standing);
        let base = max(ZERO, own.called_total - own.called - own.received_total);
        let fee_due = select(going, self.calls.fee(see.t, base), ZERO) + own.fee_owed;
        let available = own.earned + (own.retained - from_retained - by_retained);
        let fee = min(fee_due, available);
        own.fee_owed = select(ending, ZERO, fee_due - fee);
        // Retained: all of it before distributions begin, then what the reserve lacks beside unspent capital.
        let reserve = max(ZERO, Usd(self.reserve) - own.unspent);
        let retains = select(see.t < self.distributes_from, available, reserve);
        own.retained = select((self.retains > 0.0) & runs, min(available - fee, retains), ZERO);
        let all = available - own.retained + own.cash + back;
        own.cash = ZERO;
        let pool = (all - fee) * (1.0 - own.stake);
        let (shared, capital) = self.sharing.partners(pool, &mut own.standing);
        let manager = self.manager > 0.0;
        own.distributed = shared;
        own.distributed_total += own.distributed;
        let to_manager = select(manager, pool - shared + fee, ZERO);
        own.to_lab = all - own.distributed - to_manager;
        self.sharing.end(shared, own.called, &mut own.standing);

        // The floor: return on capital at the start of the month, less distributions beyond returned capital; tested
        // every twelfth month.
        let floored = select(self.sharing.pooled(), was.capital, own.called_total - own.called);
        let returned = select(self.sharing.pooled(), capital, ZERO);
        let owes = going & alive & (see.t <= self.floor_until) & (self.floor > 0.0);
        own.short += select(owes, floored * self.floor - (shared - returned), ZERO);
        let starts = see.t >= self.calls.start;
        own.floor_months += select(owes & starts, 1.0, 0.0);
        let year = (own.floor_months >= 12.0) | (owes & (see.t == self.floor_until));
        let top_up = max(ZERO, min(own.short, Usd(self.floor_most)));
        own.falls += select(year & owes, top_up, ZERO);
        own.short = select(year, min(own.short, ZERO), own.short);
        own.floor_months = select(year, 0.0, own.floor_months);
        books.event(year & owes & (top_up > ZERO), event::GUARANTEE_CALLED);

        own.received_total += own.distributed + own.guaranteed;
        own.promised = own.promised * self.growth - own.distributed - own.guaranteed + own.called;
        own.ended = select(ending, 1.0, own.ended);
        let over = own.ended > 0.0;
        own.call_owed = select(over, ZERO, own.call_owed);
        own.loss[PARTNERS] = select(over, max(ZERO, own.called_total - own.received_total), ZERO);
        own.carried += own.paid_in;
        let returned = min(own.to_lab, own.carried);
        own.carried -= returned;
        books.lab.distributions += select(alive, own.to_lab, ZERO);
        books.lab.other_income += select(alive, own.to_lab - returned, ZERO);
        books.pay(PARTNERS, own.distributed + own.guaranteed - own.called);
        books.pay(MANAGER, to_manager);
        let spent = from_income + from_capital + (from_retained + own.acquired);
        books.third(spent - others + select(alive, ZERO, own.to_lab));
    }

    #[inline(always)]
    fn review(&self, see: &View, own: &mut DistributionVentureState, books: &mut Books) {
        // A minimum return is tested on its date and paid in the following month, with that month's return.
        let short = self.below_minimum(self.position(see, own), own) * see.lab.alive;
        let tests = see.t == self.tested_at;
        let called = select(tests, min(short * self.growth, Usd(self.most)), ZERO);
        own.falls += called;
        own.tested = select(tests, 1.0, own.tested);
        books.event(called > ZERO, event::GUARANTEE_CALLED);
        let minimum_now = select(tests, ZERO, short);
        let minimum = (self.has_minimum > 0.0) & (own.tested == 0.0) & (own.ended == 0.0) & (see.lab.alive > 0.0);
        let most = select(minimum, max(ZERO, min(own.promised, Usd(self.most))), ZERO);
        books.lab.investment += own.carried;
        books.lab.arrears += own.arrears + own.owed;
        let on = (own.ended == 0.0) & (see.lab.alive > 0.0) & (see.t < self.floor_until);
        let now = select(on, max(ZERO, min(own.short, Usd(self.floor_most))), ZERO);
        own.guarantee_now = now + own.falls + minimum_now;
        // The maximum: a full top-up for the floor's remaining life, or for one year if it has no end.
        let year = min(self.floored(own) * (self.floor * 12.0), Usd(self.floor_most));
        let years =
            min(self.floor_until - see.t, select(self.floor_until < f64::MAX, self.floor_until, 12.0)) * (1.0 / 12.0);
        books.lab.guarantee += own.guarantee_now + select(on, year * years, ZERO) + (most - minimum_now);
        books.lab.guarantee_now += own.guarantee_now;
    }

    fn claim(&self, _: &View, own: &DistributionVentureState, _: &Rules) -> Claim {
        let short = if own.ended == 0.0 { self.accrued(own) + self.minimum_claim(own) } else { ZERO };
        // The lab's part of retained earnings, which are distributed as the venture is wound up.
        let pool = own.retained * (1.0 - own.stake);
        let partners = self.sharing.would_get(pool, own.standing);
        let managers = if self.manager > 0.0 { pool - partners } else { ZERO };
        Claim {
            unsecured: own.arrears + own.owed + own.falls + short,
            arrears: own.arrears + own.owed,
            assets: own.retained - partners - managers,
            ..Claim::default()
        }
    }
    fn resolve(&self, _: &View, own: &mut DistributionVentureState, award: &Award, books: &mut Books) {
        let claim = award.claim.unsecured;
        match award.outcome {
            Outcome::Going | Outcome::Rescued => {}
            Outcome::Restructured => {
                let (kept, h) = (1.0 - award.haircut, award.haircut);
                let shares = claim.0 * h * award.shares_per_usd;
                own.claimed += claim;
                own.recovered += claim * kept + award.price * shares;
                own.charge_written_off += own.arrears * h;
                own.owed_written_off += own.owed * h;
                books.lab.issued += shares;
                books.lab.paid_in += (own.arrears + own.owed) * h;
                own.arrears = own.arrears * kept;
                own.owed = own.owed * kept;
                own.falls = own.falls * kept;
                own.short -= self.accrued(own) * h;
                own.promised -= self.minimum_claim(own) * h;
            }
            Outcome::Acquired | Outcome::Liquidated => {
                // The recovery on commission goes through the waterfall next month, when the venture is wound up; that
                // on top-ups belongs to the partners.
                let share = if claim > ZERO { (claim - own.arrears) / claim } else { 0.0 };
                let to_partners = award.unsecured * share;
                own.claimed += claim;
                own.recovered += award.unsecured * award.discount(0.0);
                own.claim[PARTNERS] = max(ZERO, own.called_total - own.received_total);
                own.received_total += to_partners;
                own.charge_written_off += own.arrears;
                own.owed_written_off += own.owed;
                own.cash += award.unsecured - to_partners;
                books.pay(PARTNERS, to_partners);
                books.third(-award.unsecured);
                (own.arrears, own.owed, own.falls, own.short, own.call_owed) = (ZERO, ZERO, ZERO, ZERO, ZERO);
                own.tested = 1.0;
            }
        }
    }

    /// The mark: what a sale of the venture would bring, shared by the waterfall; without a multiple, unreturned
    /// capital. Amounts owed by the lab are added, among them the shortfall against a minimum return.
    #[inline(always)]
    fn worth(&self, see: &View, own: &DistributionVentureState) -> [Usd; ACCOUNTS] {
        let position = self.position(see, own);
        let going = own.ended == 0.0;
        let minimum = self.below_minimum(position, own) * see.lab.alive;
        let managed = going & (self.manager > 0.0) & (self.has_multiple > 0.0);
        let mut worth = [ZERO; ACCOUNTS];
        worth[PARTNERS] = position + own.falls + own.owed + minimum;
        worth[MANAGER] = select(managed, self.sold(see, own) - position, ZERO);
        worth
    }

    fn audit(&self, was: &DistributionVentureState, now: &DistributionVentureState) -> Usd {
        // Commission charged is paid, written off or still owed, and so are top-ups; the pooled account follows from
        // calls and payments.
        let given_up = now.charge_written_off - was.charge_written_off;
        let charge = was.arrears + now.charge - now.paid - given_up - now.arrears;
        let given_up = now.owed_written_off - was.owed_written_off;
        let owed = was.owed + was.falls - now.guaranteed - given_up - now.owed;
        let pooled =
            |s: &DistributionVentureState| s.standing.account.capital + s.distributed_total - s.standing.account.profit;
        let capital = pooled(now) - pooled(was) - now.called + now.guaranteed;
        let capital = if self.sharing.pooled() { capital } else { ZERO };
        [charge, owed, capital].iter().fold(ZERO, |sum, x| sum + Usd(x.0.abs()))
    }
    fn vehicle_cash(own: &DistributionVentureState) -> Usd {
        own.unspent + own.cash + own.retained
    }
}
impl Declared for DistributionVenture {
    const FACTS: Facts = Facts::of(Provider::Partner).written_as("joint_venture").vehicle().capital("called_total");

    fn key_rules(spec: &JointVentureSpec, rules: &mut KeyRules<'_>) {
        check::key_rules(spec, rules);
    }
    fn check(spec: &JointVentureSpec, issues: &mut Issues) {
        check::check(spec, issues);
    }
}

impl DistributionVenture {
    /// Payments of third parties to the venture this month.
    #[inline(always)]
    fn others(&self, see: &View, own: &DistributionVentureState) -> Usd {
        let income = select(see.market.winter > 0.0, self.income[1], self.income[0]);
        let paid_in = own.called_total.0 * self.per_partner;
        let going = (own.ended == 0.0) & (see.lab.alive > 0.0);
        select(going, Usd(income * paid_in + own.serviced.0), ZERO)
    }
    /// Price of a firm that is bought this month.
    #[inline(always)]
    fn purchase(&self, see: &View, own: &DistributionVentureState) -> Usd {
        let buys = (see.t == self.bought_at) & (own.ended == 0.0) & (see.lab.alive > 0.0);
        select(buys, Usd(self.price), ZERO)
    }
    /// Proceeds of a sale of the venture now, without the lab's stake: earnings of the last twelve months at the
    /// multiple, and its cash.
    #[inline(always)]
    fn sold(&self, see: &View, own: &DistributionVentureState) -> Usd {
        let multiple = select(see.market.winter > 0.0, self.multiple[1], self.multiple[0]);
        let value = max(ZERO, own.earnings_12m) * multiple + own.unspent + own.retained;
        value * (1.0 - own.stake)
    }
    /// The partners' position: their part of a sale, or without a multiple their unreturned capital; zero once the
    /// venture has ended.
    #[inline(always)]
    fn position(&self, see: &View, own: &DistributionVentureState) -> Usd {
        let theirs = self.sharing.would_get(self.sold(see, own), own.standing);
        let out = max(ZERO, own.called_total - own.received_total);
        let cost = select(self.sharing.pooled(), own.standing.account.capital, out);
        select(own.ended == 0.0, select(self.has_multiple > 0.0, theirs, cost), ZERO)
    }
    /// Shortfall against a minimum return that has not been tested yet, given the partners' position.
    #[inline(always)]
    fn below_minimum(&self, position: Usd, own: &DistributionVentureState) -> Usd {
        let open = (self.has_minimum > 0.0) & (own.tested == 0.0) & (own.ended == 0.0);
        select(open, max(ZERO, min(own.promised - position, Usd(self.most))), ZERO)
    }
    /// The same if the venture is wound up now: its cash alone is shared.
    fn minimum_claim(&self, own: &DistributionVentureState) -> Usd {
        let cash = (own.unspent + own.retained) * (1.0 - own.stake);
        self.below_minimum(self.sharing.would_get(cash, own.standing), own)
    }
    /// Shortfall against the floor, up to the annual limit.
    fn accrued(&self, own: &DistributionVentureState) -> Usd {
        max(ZERO, min(own.short, Usd(self.floor_most)))
    }
}

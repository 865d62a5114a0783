//! Instrument for a venture that brings demand: it sells and deploys the lab's product in the partners' companies. Its
//! terms and state are in `rows` and `terms`, its monthly phases in `month`, what the lab owes to the partners in `owed`,
//! its marks in `mark`, the resolution of a failure of the lab in `failure`.

mod failure;
mod mark;
mod month;
mod owed;
mod rows;
mod terms;

pub use rows::{DistributionVenture, DistributionVentureState};

use super::spec::JointVentureSpec;
use super::{MANAGER, PARTNERS, check};
use crate::engine::books::{ACCOUNTS, Books, event};
use crate::engine::columns::Columns;
use crate::engine::instrument::{
    CLOSE, Instrument, LAGS, Line, OPEN, REVIEW, SETTLE, Unit, View, by_account, flow, line, total,
};
use crate::engine::resolution::{Award, Claim, Rules};
use crate::instruments::declared::{Declared, Facts, Provider};
use crate::issues::Issues;
use crate::language::quantity::Inputs;
use crate::language::rules::KeyRules;
use crate::units::Usd;
use crate::{fields, posts};

const ZERO: Usd = Usd::ZERO;
/// Months over which earnings are measured.
const YEAR: usize = 12;

/// The lines of a venture with a portfolio: the demand that it brings and its commission are recorded by month without
/// request.
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
        self.sells(see, own, books);
    }
    #[inline(always)]
    fn settle(&self, see: &View, own: &mut DistributionVentureState, books: &mut Books) {
        self.asks(see, own, books);
    }
    #[inline(always)]
    fn close(&self, see: &View, own: &mut DistributionVentureState, books: &mut Books) {
        self.runs(see, own, books);
    }
    #[inline(always)]
    fn review(&self, see: &View, own: &mut DistributionVentureState, books: &mut Books) {
        self.weighs(see, own, books);
    }

    fn claim(&self, _: &View, own: &DistributionVentureState, _: &Rules) -> Claim {
        self.claims(own)
    }
    fn resolve(&self, _: &View, own: &mut DistributionVentureState, award: &Award, books: &mut Books) {
        self.resolved(own, award, books);
    }
    #[inline(always)]
    fn worth(&self, see: &View, own: &DistributionVentureState) -> [Usd; ACCOUNTS] {
        self.marks(see, own)
    }
    fn audit(&self, was: &DistributionVentureState, now: &DistributionVentureState) -> Usd {
        self.audited(was, now)
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

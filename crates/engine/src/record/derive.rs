//! Metrics computed from several columns: stakes, concentration, leverage, returns of providers.

use std::ops::Range;

use crate::block::Flows;
use crate::books::ACCOUNTS;
use crate::column;
use crate::columns::{Col, LANES};
use crate::component::{NO_BURN, OPENING_SHARES};
use crate::level::{Kernel, Level};
use crate::math::max;
use crate::metrics::{Metric, Peak, Place, Return, Source};
use crate::month::Worker;
use crate::plan::Plan;
use crate::stats::irr::{Row, TOGETHER, invested_rows, irr, irr_rows};

/// Computes the values of a metric, one per lane.
pub(super) fn derive(worker: &Worker<'_>, level: Level, source: &Source, out: &mut [f64; LANES]) {
    let board = |at: usize| &worker.board[at].0;
    let rate = board(column!(lab.run_rate));
    match source {
        Source::Board(at) => *out = *board(*at),
        Source::Instrument(instrument, at) => *out = worker.instruments[*instrument].own()[*at].0,
        Source::Month(at) => {
            let month = board(*at);
            map(level, out, |i| if month[i] > 0.0 { month[i] } else { f64::NAN });
        }
        Source::Runway(at) => {
            let months = board(*at);
            map(level, out, |i| if months[i] < NO_BURN { months[i] } else { f64::NAN });
        }
        Source::Defined(instrument, at, by) => {
            let own = worker.instruments[*instrument].own();
            let (value, by) = (&own[*at].0, &own[*by].0);
            map(level, out, |i| if by[i] > 0.0 { value[i] } else { f64::NAN });
        }
        Source::Happened(at) => {
            let month = board(*at);
            map(level, out, |i| if month[i] > 0.0 { 1.0 } else { 0.0 });
        }
        Source::Over(of, over) => {
            let (of, over) = (board(*of), board(*over));
            map(level, out, |i| if over[i] > 0.0 { of[i] / over[i] } else { f64::NAN });
        }
        Source::LostMargin => {
            let (unserved, revenue) = (board(column!(ops.unserved)), board(column!(lab.revenue)));
            let (partner, power) = (board(column!(ops.partner)), board(column!(ops.inference_spend)));
            map(level, out, |i| {
                let margin = 1.0 - (partner[i] + power[i]) / revenue[i];
                let lost = if revenue[i] > 0.0 { unserved[i] * margin } else { f64::NAN };
                if unserved[i] > 0.0 { lost } else { 0.0 }
            });
        }
        Source::Scarcity => {
            derive(worker, level, &Source::LostMargin, out);
            let dear = board(column!(ops.scarcity_cost));
            for (value, dear) in out.iter_mut().zip(dear) {
                *value += dear;
            }
        }
        Source::EnterpriseValue => {
            let multiple = board(column!(market.enterprise_multiple));
            map(level, out, |i| rate[i] * multiple[i]);
        }
        Source::HoldersValue => {
            let (multiple, shares) = (board(column!(market.multiple)), board(column!(lab.shares)));
            let (ended, common) = (board(column!(accounts.ended)), board(column!(accounts.to_common)));
            map(level, out, |i| {
                let all = if ended[i] > 0.0 { common[i] } else { rate[i] * multiple[i] };
                all * (OPENING_SHARES / shares[i])
            });
        }
        Source::Valuation => {
            let multiple = board(column!(market.multiple));
            map(level, out, |i| rate[i] * multiple[i]);
        }
        Source::Holder(_)
        | Source::Employees(_)
        | Source::NewInvestors
        | Source::Dilution(..)
        | Source::Control { .. }
        | Source::ControlLost { .. } => ownership(worker, level, source, out),
        Source::Leverage { most } => {
            let debt = board(column!(lines.debt));
            let (off, firm) = (board(column!(lines.off_balance)), board(column!(lines.firm)));
            let at = if *most { column!(lines.guarantee) } else { column!(lines.guarantee_now) };
            let guarantee = board(at);
            map(level, out, |i| {
                let leverage = (debt[i] + off[i] + firm[i] + guarantee[i]) / rate[i];
                if rate[i] > 0.0 { leverage } else { f64::NAN }
            });
        }
        Source::Alive(of) => {
            derive(worker, level, of, out);
            let ended = board(column!(accounts.ended));
            for (value, &ended) in out.iter_mut().zip(ended) {
                *value = if ended > 0.0 { f64::NAN } else { *value };
            }
        }
        Source::Peak { of, month } => peak(worker, level, *of, *month, out),
        Source::PeakFunding => {
            let (peak, opening) = (board(column!(accounts.peak_gap)), board(column!(accounts.opening_cash)));
            map(level, out, |i| max(peak[i] - opening[i], 0.0));
        }
        Source::Concentration(groups) => concentration(worker, groups, out),
        Source::Return(..) | Source::Watched(_) => unreachable!("returns and what is watched are kept by the recorder"),
    }
}

/// The highest value of a stock so far, or its month.
fn peak(worker: &Worker<'_>, level: Level, of: Peak, month: Option<usize>, out: &mut [f64; LANES]) {
    let board = |at: usize| &worker.board[at].0;
    let (before, when) = match of {
        Peak::Debt => (column!(accounts.peak_debt), column!(accounts.peak_debt_month)),
        Peak::Leverage => (column!(accounts.peak_leverage), column!(accounts.peak_leverage_month)),
    };
    match of {
        Peak::Debt => *out = *board(column!(lines.debt)),
        Peak::Leverage => derive(worker, level, &Source::Leverage { most: false }, out),
    }
    let (before, when) = (board(before), board(when));
    for (i, slot) in out.iter_mut().enumerate() {
        let more = *slot > before[i];
        *slot = match month {
            None => {
                if more {
                    *slot
                } else {
                    before[i]
                }
            }
            Some(now) => {
                let when = if more { now as f64 } else { when[i] };
                if when > 0.0 { when } else { f64::NAN }
            }
        };
    }
}

/// Stakes, their dilution, and votes.
fn ownership(worker: &Worker<'_>, level: Level, source: &Source, out: &mut [f64; LANES]) {
    let board = |at: usize| &worker.board[at].0;
    let (shares, new) = (board(column!(lab.shares)), board(column!(accounts.new_shares)));
    match source {
        Source::Holder(share) => {
            let opening = share * OPENING_SHARES;
            map(level, out, |i| opening / shares[i]);
        }
        Source::Employees(share) => {
            let opening = share * OPENING_SHARES;
            map(level, out, |i| (opening + (shares[i] - OPENING_SHARES - new[i])) / shares[i]);
        }
        Source::NewInvestors => map(level, out, |i| new[i] / shares[i]),
        Source::Dilution(stake, opening) => {
            derive(worker, level, stake, out);
            for stake in &mut *out {
                *stake = if *opening > 0.0 { 1.0 - *stake / opening } else { f64::NAN };
            }
        }
        Source::Control { share, votes } => {
            let pool = board(column!(lab.pool));
            map(level, out, |i| votes_of(*share, *votes, shares[i], pool[i]));
        }
        Source::ControlLost { share, votes, below } => {
            let pool = board(column!(lab.pool));
            map(level, out, |i| if votes_of(*share, *votes, shares[i], pool[i]) < *below { 1.0 } else { 0.0 });
        }
        _ => unreachable!("a source of ownership"),
    }
}

/// Share of the votes of holders with an opening share, if each of their shares has `votes` votes and every other
/// outstanding share has one. Shares of the pool do not vote.
#[inline(always)]
fn votes_of(opening: f64, votes: f64, shares: f64, pool: f64) -> f64 {
    let held = opening * OPENING_SHARES;
    let theirs = held * votes;
    theirs / (theirs + shares - pool - held)
}

/// Herfindahl index of groups of columns: the sum of the squared group totals over the square of their sum.
fn concentration(worker: &Worker<'_>, groups: &[Vec<Place>], out: &mut [f64; LANES]) {
    let (mut all, mut squares) = ([0.0; LANES], [0.0; LANES]);
    for group in groups {
        let mut part = [0.0; LANES];
        for place in group {
            let column = match *place {
                Place::Board(at) => &worker.board[at].0,
                Place::Instrument(instrument, at) => &worker.instruments[instrument].own()[at].0,
            };
            for i in 0..LANES {
                part[i] += column[i];
            }
        }
        for i in 0..LANES {
            all[i] += part[i];
            squares[i] += part[i] * part[i];
        }
    }
    for i in 0..LANES {
        out[i] = if all[i] > 0.0 { squares[i] / (all[i] * all[i]) } else { f64::NAN };
    }
}

/// One value per lane.
struct Map<'a, F> {
    out: &'a mut [f64; LANES],
    f: F,
}

impl<F: Fn(usize) -> f64> Kernel for Map<'_, F> {
    #[inline(always)]
    fn run(self) {
        for (i, slot) in self.out.iter_mut().enumerate() {
            *slot = (self.f)(i);
        }
    }
}

fn map(level: Level, out: &mut [f64; LANES], f: impl Fn(usize) -> f64) {
    level.run(Map { out, f });
}

/// For some lanes of an account, or of several together: amounts paid in, amounts received, and the rate of return of
/// the monthly flows, taken as an investment, with a mark at the end.
struct Rates<'a> {
    all: &'a Flows,
    accounts: Range<usize>,
    mark: &'a Col,
    first: usize,
    flows: &'a mut Vec<Row>,
    found: &'a mut Found,
}

/// Results for some lanes.
#[derive(Default)]
struct Found {
    given: Row,
    got: Row,
    rate: Row,
    again: Row,
}

impl Kernel for Rates<'_> {
    #[inline(always)]
    fn run(self) {
        let Rates { all, accounts, mark, first, flows, found } = self;
        let lanes = |column: &Col| -> Row {
            let mut row = [0.0; TOGETHER];
            row.copy_from_slice(&column.0[first..first + TOGETHER]);
            row
        };
        let (mut given, mut got) = ([0.0; TOGETHER], [0.0; TOGETHER]);
        flows.clear();
        for month in all.months() {
            let mut flow = lanes(&month[accounts.start]);
            for column in &month[accounts.start + 1..accounts.end] {
                let more = lanes(column);
                for l in 0..TOGETHER {
                    flow[l] += more[l];
                }
            }
            for l in 0..TOGETHER {
                got[l] += max(flow[l], 0.0);
                given[l] += max(-flow[l], 0.0);
            }
            flows.push(flow);
        }
        if let Some(last) = flows.last_mut() {
            let mark = lanes(mark);
            for l in 0..TOGETHER {
                last[l] += mark[l];
            }
        }
        invested_rows(flows);
        let (rate, again) = irr_rows(flows);
        *found = Found { given, got, rate, again };
    }
}

/// Returns of an instrument's providers, of one account or of all: all measures are computed at once.
#[derive(Debug, Default)]
pub(super) struct Returns {
    of: Option<(usize, Option<usize>)>,
    measures: Vec<Col>,
    /// Buffer in which the flows of some lanes are added up; kept so that it is allocated once.
    flows: Vec<Row>,
}

impl Returns {
    /// Begins another block.
    pub(super) fn forget(&mut self) {
        self.of = None;
    }
    /// One measure; the measures of one account should be requested one after the other, since only the last account is
    /// kept.
    pub(super) fn of(
        &mut self,
        plan: &Plan,
        worker: &Worker<'_>,
        level: Level,
        which: (usize, Option<usize>),
        what: Return,
    ) -> &Col {
        if self.of != Some(which) {
            self.measures.resize(Return::COUNT, Col::ZERO);
            // The rate without the mark is a second search for a root: only where it is recorded.
            let to_date = (Return::IrrToDate, which);
            let asked = |m: &Metric| matches!(m.source, Source::Return(k, slot, what) if (what, (k, slot)) == to_date);
            let twice = plan.metrics.at_end.iter().any(asked);
            measures(plan, worker, level, which, twice, &mut self.flows, &mut self.measures);
            self.of = Some(which);
        }
        &self.measures[what as usize]
    }
}

/// A monthly rate whose sign agrees with that of the gain on the amounts paid in. If they disagree because of rounding,
/// the rate is 0; otherwise it is where the present value touches zero without crossing it, and there is no rate (NaN).
fn of_gain(rate: f64, gain: f64, paid_in: f64) -> f64 {
    let agrees = (rate > 0.0) == (gain > 0.0);
    let none = if gain.abs() <= 1e-9 * paid_in { 0.0 } else { f64::NAN };
    if agrees || rate.is_nan() { rate } else { none }
}

/// All measures of an account, or of all accounts together, from their flows and the mark of the position at the
/// horizon, in the order of [`Return`]. Rates are effective annual rates of flows that begin as an investment
/// ([`invested`](crate::stats::irr::invested)).
fn measures(
    plan: &Plan,
    worker: &Worker<'_>,
    level: Level,
    (instrument, account): (usize, Option<usize>),
    to_date: bool,
    flows: &mut Vec<Row>,
    out: &mut [Col],
) {
    let accounts = account.map_or(0..plan.instruments[instrument].accounts, |a| a..a + 1);
    let mut worths = [Col::ZERO; ACCOUNTS];
    worker.instruments[instrument].worth(level, plan.months, &worker.board, &mut worths);
    let mut mark = worths[accounts.start];
    for column in &worths[accounts.start + 1..accounts.end] {
        for (sum, x) in mark.0.iter_mut().zip(&column.0) {
            *sum += x;
        }
    }
    let all = worker.instruments[instrument].flows();
    for first in (0..LANES).step_by(TOGETHER) {
        let mut found = Found::default();
        level.run(Rates { all, accounts: accounts.clone(), mark: &mark, first, flows, found: &mut found });
        for l in 0..TOGETHER {
            let (lane, given, got, worth) = (first + l, found.given[l], found.got[l], mark.0[first + l]);
            let (rate, roots) = one_rate(&found, l, flows);
            let over = |x: f64| if given > 0.0 { x / given } else { f64::NAN };
            let all = got + worth;
            let mut set = |what: Return, value: f64| out[what as usize].0[lane] = value;
            set(Return::Irr, yearly(of_gain(rate, got + worth - given, given)));
            set(Return::Several, f64::from(u8::from(roots > 1)));
            set(Return::Moic, over(got + worth));
            set(Return::Dpi, over(got));
            set(Return::Rvpi, over(worth));
            set(Return::Marked, if all > 0.0 { worth / all } else { f64::NAN });
        }
        if to_date {
            let mut found = Found::default();
            level.run(Rates { all, accounts: accounts.clone(), mark: &Col::ZERO, first, flows, found: &mut found });
            for l in 0..TOGETHER {
                let (given, got) = (found.given[l], found.got[l]);
                let (rate, _) = one_rate(&found, l, flows);
                out[Return::IrrToDate as usize].0[first + l] = yearly(of_gain(rate, got - given, given));
            }
        }
    }
}

/// The rate a month of one lane and the number of its rates; NaN without exactly one.
fn one_rate(found: &Found, l: usize, flows: &[Row]) -> (f64, usize) {
    if found.again[l] > 0.0 {
        // Several changes of sign: all roots are sought; more than one is no rate of return.
        let all = irr(&flows.iter().map(|row| row[l]).collect::<Vec<f64>>());
        let rate = if let [one] = all.roots() { *one } else { f64::NAN };
        return (rate, all.roots().len());
    }
    (found.rate[l], usize::from(!found.rate[l].is_nan()))
}

/// The effective annual rate of a rate a month.
fn yearly(rate: f64) -> f64 {
    let q = 1.0 + rate;
    let q4 = q * q * q * q;
    q4 * q4 * q4 - 1.0
}

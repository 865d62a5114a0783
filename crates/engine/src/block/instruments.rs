//! Instruments bound to their columns.

use super::{History, Terms, past_at};
use crate::books::{ACCOUNTS, Books, Lines, event};
use crate::columns::{Col, Field, LANES, columns};
use crate::component::Lane;
use crate::instrument::{
    CLOSE, FUND, HISTORY, Instrument, LAGS, Lab, Market, OPEN, REVIEW, SETTLE, View, YEARS, middle_of,
};
use crate::level::{Kernel, Level};
use crate::math::select;
use crate::objects::{BlockInstrument, Bound, ScalarInstrument, state_of};
use crate::plan::PlannedInstrument;
use crate::streams::{Paths, Stream, pairs2};
use crate::units::Usd;

/// One phase of one instrument for one lab: the only way in which either engine runs an instrument.
#[inline(always)]
pub fn step_instrument<R: Instrument, const PHASE: u8>(instrument: &R, see: &View, own: &mut R::State) -> Books {
    let mut books = Books::NONE;
    match PHASE {
        OPEN => instrument.open(see, own, &mut books),
        SETTLE => instrument.settle(see, own, &mut books),
        FUND => instrument.fund(see, own, &mut books),
        CLOSE => instrument.close(see, own, &mut books),
        _ => instrument.review(see, own, &mut books),
    }
    books
}

/// Amount left for the instruments further down the list.
#[inline(always)]
pub fn run_down<const PHASE: u8>(left: Usd, books: &Lines) -> Usd {
    match PHASE {
        FUND => left - books.cash(),
        CLOSE => left + books.cash(),
        REVIEW => left + books.pending,
        _ => left,
    }
}

/// Cash that instruments have moved since payment.
#[inline(always)]
pub fn moved_by<const PHASE: u8>(moved: Usd, books: &Lines) -> Usd {
    match PHASE {
        CLOSE => moved + books.cash(),
        _ => moved,
    }
}

/// Power left for the instruments further down the list.
#[inline(always)]
pub fn power_down<const PHASE: u8>(power: f64, books: &Lines) -> f64 {
    match PHASE {
        SETTLE => power - books.used_gw,
        _ => power,
    }
}

/// An instrument bound to its columns.
#[derive(Debug)]
pub struct BoundBlock<'p, R: Instrument> {
    spec: &'p R::Spec,
    terms: Terms<R>,
    /// Its state.
    own: Box<[Col]>,
    stream: Stream,
    uniforms: Box<[[[f64; LANES]; 2]; 2]>,
    history: History,
    /// Its bit in [`Lab::defaulted`].
    bit: u64,
    /// Events of the month.
    events: Box<Col>,
    /// The lab's purchases from the supplier that it names.
    supplier: Box<[Col; SALES]>,
    /// Provider flows of the month, or of all months so far if they are not kept by month.
    paid: Box<[Col; ACCOUNTS]>,
    /// Provider flows of all months, if they are kept.
    flows: Flows,
}

/// Provider flows of the accounts that an instrument has, by month.
#[derive(Debug)]
pub struct Flows {
    accounts: usize,
    months: Vec<Col>,
}

impl Flows {
    fn new(accounts: usize, months: usize) -> Flows {
        Flows { accounts, months: vec![Col::ZERO; accounts * months] }
    }
    /// The accounts of each month.
    pub fn months(&self) -> impl Iterator<Item = &[Col]> {
        self.months.chunks_exact(self.accounts)
    }
    /// Stores the flows of month `t`, which is over.
    fn keep(&mut self, t: usize, paid: &[Col; ACCOUNTS]) {
        if let Some(month) = self.months.chunks_exact_mut(self.accounts).nth(t - 1) {
            month.copy_from_slice(&paid[..self.accounts]);
        }
    }
}

/// What an instrument sees of a supplier: invoiced, power in place, firm commitment, headline commitment.
pub const SALES: usize = 4;

const NO_FLOWS: [Col; ACCOUNTS] = [Col::ZERO; ACCOUNTS];

impl<'p, R: Instrument> BoundBlock<'p, R> {
    /// Allocates the columns for `months` months.
    pub fn new(spec: &'p R::Spec, planned: &PlannedInstrument, medians: &[f64], months: usize) -> Self {
        BoundBlock {
            spec,
            terms: Terms::new(medians, |inputs| R::terms(spec, inputs)),
            own: columns(R::State::WIDTH),
            stream: planned.stream,
            uniforms: Box::new([[[0.0; LANES]; 2]; 2]),
            history: History::new(R::REMEMBERED, R::lags(spec), months),
            bit: planned.bit,
            events: Box::new(Col::ZERO),
            supplier: Box::new([Col::ZERO; SALES]),
            paid: Box::new(NO_FLOWS),
            flows: Flows::new(planned.accounts, if planned.keeps_flows { months } else { 0 }),
        }
    }

    /// One phase of month `t` for the whole block.
    #[inline(never)]
    fn phase<const P: u8>(&mut self, level: Level, paths: Paths<'_>, t: usize, ahead: f64, board: &mut [Col]) {
        if P == OPEN && R::EVENTS != 0 {
            *self.events = Col::ZERO;
        }
        if P == OPEN && !self.flows.months.is_empty() {
            self.paid[..self.flows.accounts].fill(Col::ZERO);
        }
        if const { R::PHASES & P != 0 } && R::phases(self.spec) & P != 0 {
            // Uniforms of two months at once, in the first phase that can use them.
            let first_phase = if R::PHASES & R::phases(self.spec) & OPEN != 0 { OPEN } else { SETTLE };
            if const { R::UNIFORMS } && P == first_phase && t % 2 == 1 {
                level.run(Uniforms { stream: self.stream, paths, group: (t as u64 - 1) / 2, out: &mut self.uniforms });
            }
            level.run(InstrumentSweep::<R, P> {
                terms: &self.terms,
                around: InstrumentAround {
                    t: t as f64,
                    ahead,
                    bit: self.bit,
                    uniforms: &self.uniforms[(t - 1) % 2],
                    supplier: &self.supplier,
                    past: self.history.past(t),
                },
                own: &mut self.own,
                events: &mut self.events,
                flow: &mut self.paid,
                board,
            });
        }
    }
}

impl<R: Instrument> BlockInstrument for BoundBlock<'_, R> {
    fn begin(&mut self, level: Level, draws: &[Vec<f64>]) {
        let spec = self.spec;
        self.terms.draw(draws, |inputs| R::terms(spec, inputs));
        level.run(InstrumentOpening { terms: &self.terms, own: &mut self.own });
    }
    fn sweep(&mut self, phase: u8, level: Level, paths: Paths<'_>, t: usize, ahead: f64, board: &mut [Col]) {
        match phase {
            OPEN => self.phase::<OPEN>(level, paths, t, ahead, board),
            SETTLE => self.phase::<SETTLE>(level, paths, t, ahead, board),
            FUND => self.phase::<FUND>(level, paths, t, ahead, board),
            CLOSE => self.phase::<CLOSE>(level, paths, t, ahead, board),
            _ => self.phase::<REVIEW>(level, paths, t, ahead, board),
        }
    }
    fn history(&mut self, t: usize) {
        self.history.write(t, &self.own);
        self.flows.keep(t, &self.paid);
    }
    fn own(&self) -> &[Col] {
        &self.own
    }
    fn flows(&self) -> &Flows {
        &self.flows
    }
    fn events(&self) -> &Col {
        &self.events
    }
    fn supplier(&mut self) -> &mut [Col; SALES] {
        &mut self.supplier
    }
    fn take(&self, lane: usize) -> Box<dyn ScalarInstrument> {
        Box::new(Bound(self.terms.at(lane), R::State::load(&self.own, lane)))
    }
    fn put(&mut self, lane: usize, one: &dyn ScalarInstrument, books: &Books) {
        state_of::<R>(one).store(&mut self.own, lane);
        if R::EVENTS != 0 {
            (u64::load(std::slice::from_ref(&*self.events), lane) | books.events)
                .store(std::slice::from_mut(&mut *self.events), lane);
        }
        for (flow, paid) in self.paid.iter_mut().zip(books.provider) {
            flow.0[lane] += paid;
        }
    }
    fn worth(&self, level: Level, t: usize, board: &[Col], out: &mut [Col; ACCOUNTS]) {
        if const { R::RETURNS } {
            level.run(Worth { block: self, t: t as f64, board, out });
        }
    }
    fn obligations(&self, level: Level, t: usize, board: &mut [Col]) {
        if const { R::FIRM } {
            level.run(Obligations { block: self, t: t as f64, board });
        }
    }
}

struct Obligations<'a, 'p, R: Instrument> {
    block: &'a BoundBlock<'p, R>,
    t: f64,
    board: &'a mut [Col],
}

impl<R: Instrument> Kernel for Obligations<'_, '_, R> {
    #[inline(always)]
    fn run(self) {
        let own = &self.block.own[..R::State::WIDTH];
        let (seen, sums) = self.board[..Lane::WIDTH].split_at_mut(FIRM_AT);
        for i in 0..LANES {
            let see = View {
                t: self.t,
                lab: Lab::load(&seen[LAB_AT..], i),
                market: Market::load(seen, i),
                ..View::default()
            };
            let (terms, own) = (self.block.terms.at(i), R::State::load(own, i));
            for (year, sum) in sums[..YEARS].iter_mut().enumerate() {
                sum.0[i] += terms.firm_in(&see, &own, see.t + middle_of(year)).0;
            }
            sums[YEARS].0[i] += terms.firm_guarantee(&see, &own).0;
        }
    }
}

struct InstrumentOpening<'a, R: Instrument> {
    terms: &'a Terms<R>,
    own: &'a mut [Col],
}

impl<R: Instrument> Kernel for InstrumentOpening<'_, R> {
    #[inline(always)]
    fn run(self) {
        let own = &mut self.own[..R::State::WIDTH];
        for i in 0..LANES {
            self.terms.at(i).opening().store(own, i);
        }
    }
}

struct Uniforms<'a> {
    stream: Stream,
    paths: Paths<'a>,
    group: u64,
    out: &'a mut [[[f64; LANES]; 2]; 2],
}

impl Kernel for Uniforms<'_> {
    #[inline(always)]
    fn run(self) {
        pairs2(&self.stream, self.paths, self.group, self.out);
    }
}

struct Worth<'a, 'p, R: Instrument> {
    block: &'a BoundBlock<'p, R>,
    t: f64,
    board: &'a [Col],
    out: &'a mut [Col; ACCOUNTS],
}

impl<R: Instrument> Kernel for Worth<'_, '_, R> {
    #[inline(always)]
    fn run(self) {
        let own = &self.block.own[..R::State::WIDTH];
        let board = &self.board[..Lane::WIDTH];
        for i in 0..LANES {
            let see = View {
                t: self.t,
                lab: Lab::load(&board[LAB_AT..], i),
                market: Market::load(board, i),
                ..View::default()
            };
            self.block.terms.at(i).worth(&see, &R::State::load(own, i)).store(self.out, i);
        }
    }
}

struct InstrumentSweep<'a, R: Instrument, const P: u8> {
    terms: &'a Terms<R>,
    around: InstrumentAround<'a>,
    own: &'a mut [Col],
    events: &'a mut Col,
    flow: &'a mut [Col; ACCOUNTS],
    board: &'a mut [Col],
}

/// The read-only arguments of an instrument's sweep.
struct InstrumentAround<'a> {
    t: f64,
    ahead: f64,
    bit: u64,
    uniforms: &'a [[f64; LANES]; 2],
    supplier: &'a [Col; SALES],
    past: [&'a [Col; HISTORY]; LAGS],
}

impl<R: Instrument, const P: u8> Kernel for InstrumentSweep<'_, R, P> {
    #[inline(always)]
    fn run(self) {
        let InstrumentSweep { terms, around, own, events, flow, board } = self;
        let InstrumentAround { uniforms, supplier, past, .. } = around;
        let around = (around.t, around.ahead, around.bit);
        if let Some(instrument) = &terms.same {
            instrument_lanes::<R, P, false>(
                instrument,
                &[],
                around,
                uniforms,
                supplier,
                past,
                own,
                events,
                flow,
                board,
            );
        } else {
            instrument_lanes::<R, P, true>(
                &R::default(),
                &terms.drawn,
                around,
                uniforms,
                supplier,
                past,
                own,
                events,
                flow,
                board,
            );
        }
    }
}

/// The loop over lanes of an instrument's sweep. All columns, including the read-only ones, are separate arguments:
/// only then does the compiler know that they do not overlap, so that it needs no run-time checks and need not assume
/// that a store changes another column. Where it needs checks, it gives up vectorising beyond about a hundred columns.
#[inline(always)]
#[expect(clippy::too_many_arguments, clippy::needless_range_loop, reason = "see above; a lane indexes every column")]
fn instrument_lanes<R: Instrument, const P: u8, const DRAWN: bool>(
    same: &R,
    drawn: &[Col],
    (t, ahead, bit): (f64, f64, u64),
    uniforms: &[[f64; LANES]; 2],
    supplier: &[Col; SALES],
    past: [&[Col; HISTORY]; LAGS],
    own: &mut [Col],
    own_events: &mut Col,
    flow: &mut [Col; ACCOUNTS],
    board: &mut [Col],
) {
    let (same, own) = (*same, &mut own[..R::State::WIDTH]);
    let drawn = if DRAWN { &drawn[..R::WIDTH] } else { &[] };
    let own_events = std::slice::from_mut(own_events);
    let (market, rest) = board[..Lane::WIDTH].split_at_mut(Market::WIDTH);
    let (lab, rest) = rest.split_at_mut(Lab::WIDTH);
    let (between, rest) = rest.split_at_mut(LINES_AT - OPS_AT);
    let (lines, rest) = rest.split_at_mut(Lines::WIDTH);
    let (left, rest) = rest.split_at_mut(1);
    let (power, rest) = rest.split_at_mut(1);
    let (moved, events) = rest.split_at_mut(1);
    for i in 0..LANES {
        let see = View {
            t,
            ahead,
            lab: Lab::load(lab, i),
            market: Market::load(market, i),
            uniforms: if R::UNIFORMS { [uniforms[0][i], uniforms[1][i]] } else { [0.0; 2] },
            left: Usd::load(left, i),
            power: f64::load(power, i),
            receivables: Usd::load(&between[RECEIVABLES_AT..], i),
            supplier: if R::SUPPLIER { (Usd(supplier[0].0[i]), supplier[1].0[i]) } else { View::NO_SALES },
            events: u64::load(events, i),
            supplier_firm: if R::SUPPLIER { Usd(supplier[2].0[i]) } else { Usd::ZERO },
            supplier_headline: if R::SUPPLIER { Usd(supplier[3].0[i]) } else { Usd::ZERO },
            past: if R::REMEMBERED > 0 { past_at(past, i) } else { [[0.0; HISTORY]; LAGS] },
            ..View::default()
        }
        .with(&Lines::load(lines, i));
        let mut row = R::State::load(own, i);
        // Two calls rather than one on a copy of the terms: a copy made in the loop would be loaded in every iteration.
        let books = if DRAWN {
            step_instrument::<R, P>(&R::load(drawn, i), &see, &mut row)
        } else {
            step_instrument::<R, P>(&same, &see, &mut row)
        };
        row.store_some(R::changes(P), 0, own, i);
        // Loaded again: only with the load right before its store can the compiler tell that an unchanged line need not
        // be stored.
        Lines::load(lines, i).plus(books.lab).store_some(R::posts(P), 0, lines, i);
        if R::EVENTS != 0 {
            (u64::load(events, i) | books.events).store(events, i);
            (u64::load(own_events, i) | books.events).store(own_events, i);
        }
        if R::EVENTS & event::INSTRUMENT_DEFAULT != 0 {
            let defaulted = &mut lab[DEFAULTED_AT..];
            let mine = select(books.events & event::INSTRUMENT_DEFAULT != 0, bit, 0);
            (u64::load(defaulted, i) | mine).store(defaulted, i);
        }
        if P == FUND || P == CLOSE || P == REVIEW {
            run_down::<P>(see.left, &books.lab).store(left, i);
        }
        if P == CLOSE {
            moved_by::<P>(Usd::load(moved, i), &books.lab).store(moved, i);
        }
        if P == SETTLE {
            power_down::<P>(see.power, &books.lab).store(power, i);
        }
        for (flow, paid) in flow.iter_mut().zip(books.provider) {
            flow.0[i] += paid;
        }
    }
}

/// First column of the board's groups.
const LAB_AT: usize = Market::WIDTH;
const OPS_AT: usize = LAB_AT + Lab::WIDTH;
const ACCOUNTS_AT: usize = OPS_AT + crate::component::Ops::WIDTH;
const LINES_AT: usize = ACCOUNTS_AT + crate::component::Accounts::WIDTH;
/// Column of the lab's receivables between its own group and the lines.
const RECEIVABLES_AT: usize = crate::column!(accounts.receivables) - OPS_AT;
/// First column of the obligations by year; that of the guarantees in support of them follows.
const FIRM_AT: usize = crate::column!(accounts.firm_by_year);
/// Column of [`Lab::defaulted`] in its group.
const DEFAULTED_AT: usize = crate::column!(lab.defaulted) - LAB_AT;

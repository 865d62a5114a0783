//! Rooms and parts with their columns: owned by one worker, reused for every block.

use crate::engine::books::{Books, Lines};
use crate::engine::columns::{Col, Field, LANES, Row, columns};
use crate::engine::level::{Kernel, Level};
use crate::engine::part::{Accounts, Lane, Now, Ops, Part, group, stage};
use crate::engine::room::{CLOSE, FUND, LAGS, Lab, Market, OPEN, REVIEW, Room, SETTLE, TAPE, View};
use crate::engine::streams::{Stream, pairs2};
use crate::language::quantity::Inputs;
use crate::units::Usd;

/// One phase of one room for one lab: all that either engine knows of rooms.
#[inline(always)]
pub fn step_room<R: Room, const PHASE: u8>(room: &R, see: &View, own: &mut R::State) -> Books {
    let mut books = Books::NONE;
    match PHASE {
        OPEN => room.open(see, own, &mut books),
        SETTLE => room.settle(see, own, &mut books),
        FUND => room.fund(see, own, &mut books),
        CLOSE => room.close(see, own, &mut books),
        _ => room.review(see, own, &mut books),
    }
    books
}

/// What is left for the rooms further down the list.
#[inline(always)]
pub fn run_down<const PHASE: u8>(left: Usd, books: &Lines) -> Usd {
    match PHASE {
        FUND => left - books.cash(),
        CLOSE => left + books.cash(),
        REVIEW => left + books.pending,
        _ => left,
    }
}

/// Power left for the rooms further down the list.
#[inline(always)]
pub fn power_down<const PHASE: u8>(power: f64, books: &Lines) -> f64 {
    match PHASE {
        SETTLE => power - books.used_gw,
        _ => power,
    }
}

/// Terms of a row: the same on every path, or drawn for each.
#[derive(Debug)]
struct Terms<R: Row> {
    same: Option<R>,
    drawn: Box<[Col]>,
}

impl<R: Row> Terms<R> {
    fn new(medians: &[f64], terms: impl Fn(&Inputs<'_>) -> R) -> Self {
        let probe = Inputs::new(medians);
        let one = terms(&probe);
        if probe.was_read() {
            Terms { same: None, drawn: columns(R::WIDTH) }
        } else {
            Terms { same: Some(one), drawn: columns(0) }
        }
    }
    fn draw(&mut self, draws: &[Vec<f64>], terms: impl Fn(&Inputs<'_>) -> R) {
        if self.same.is_none() {
            for (lane, values) in draws.iter().enumerate() {
                terms(&Inputs::new(values)).store(&mut self.drawn, lane);
            }
        }
    }
}

/// Months of the first `taped` state fields, for delays.
#[derive(Debug)]
struct Tape {
    taped: usize,
    lags: [usize; LAGS],
    months: Vec<[Col; TAPE]>,
}

const BLANK: [Col; TAPE] = [Col::ZERO; TAPE];

impl Tape {
    fn new(taped: usize, lags: [usize; LAGS], months: usize) -> Self {
        assert!(taped <= TAPE, "a tape has {TAPE} fields, {taped} asked for");
        Tape { taped, lags, months: vec![BLANK; if taped == 0 { 0 } else { months }] }
    }
    /// The columns written `lag` months before month `t` (1 for the first).
    fn back(&self, t: usize, k: usize) -> &[Col; TAPE] {
        if self.taped == 0 || self.lags[k] == 0 || t <= self.lags[k] {
            &BLANK
        } else {
            &self.months[t - 1 - self.lags[k]]
        }
    }
    fn past(&self, t: usize) -> [&[Col; TAPE]; LAGS] {
        [self.back(t, 0), self.back(t, 1), self.back(t, 2)]
    }
    fn write(&mut self, t: usize, own: &[Col]) {
        if self.taped > 0 {
            self.months[t - 1][..self.taped].copy_from_slice(&own[..self.taped]);
        }
    }
}

/// One lane of the taped columns.
#[inline(always)]
fn past_at(past: [&[Col; TAPE]; LAGS], lane: usize) -> [[f64; TAPE]; LAGS] {
    [<[f64; TAPE]>::load(past[0], lane), <[f64; TAPE]>::load(past[1], lane), <[f64; TAPE]>::load(past[2], lane)]
}

/// A room with its columns.
#[derive(Debug)]
pub struct RoomBlock<'p, R: Room> {
    spec: &'p R::Spec,
    terms: Terms<R>,
    /// Its state.
    pub own: Box<[Col]>,
    stream: Stream,
    luck: Box<[[[f64; LANES]; 2]; 2]>,
    tape: Tape,
    /// Provider flows by month, when they are kept.
    pub flows: Vec<Col>,
}

impl<'p, R: Room> RoomBlock<'p, R> {
    /// Columns for `months` months; provider flows are kept when `keep_flows`.
    pub fn new(spec: &'p R::Spec, stream: Stream, medians: &[f64], months: usize, keep_flows: bool) -> Self {
        RoomBlock {
            spec,
            terms: Terms::new(medians, |inputs| R::terms(spec, inputs)),
            own: columns(R::State::WIDTH),
            stream,
            luck: Box::new([[[0.0; LANES]; 2]; 2]),
            tape: Tape::new(R::TAPED, R::lags(spec), months),
            flows: vec![Col::ZERO; if keep_flows { months + 1 } else { 0 }],
        }
    }

    /// Terms and opening state of a new block.
    pub fn begin(&mut self, draws: &[Vec<f64>]) {
        let spec = self.spec;
        self.terms.draw(draws, |inputs| R::terms(spec, inputs));
        if let Some(room) = &self.terms.same {
            let opening = room.opening();
            for lane in 0..LANES {
                opening.store(&mut self.own, lane);
            }
        } else {
            for lane in 0..LANES {
                R::load(&self.terms.drawn, lane).opening().store(&mut self.own, lane);
            }
        }
        self.flows.fill(Col::ZERO);
    }

    /// One phase of month `t` for the whole block.
    #[inline(never)]
    pub fn sweep<const P: u8>(&mut self, level: Level, first: u64, t: usize, ahead: f64, board: &mut [Col]) {
        if R::PHASES & P != 0 {
            if R::LUCK && P == SETTLE && t % 2 == 1 {
                level.run(Luck { stream: self.stream, first, group: (t as u64 - 1) / 2, out: &mut self.luck });
            }
            level.run(RoomSweep::<R, P> {
                t: t as f64,
                ahead,
                terms: &self.terms,
                own: &mut self.own,
                luck: &self.luck[(t - 1) % 2],
                past: self.tape.past(t),
                flow: self.flows.get_mut(t),
                board,
            });
        }
        if P == REVIEW {
            self.tape.write(t, &self.own);
        }
    }
}

struct Luck<'a> {
    stream: Stream,
    first: u64,
    group: u64,
    out: &'a mut [[[f64; LANES]; 2]; 2],
}

impl Kernel for Luck<'_> {
    #[inline(always)]
    fn run(self) {
        pairs2(&self.stream, self.first, self.group, self.out);
    }
}

struct RoomSweep<'a, R: Room, const P: u8> {
    t: f64,
    ahead: f64,
    terms: &'a Terms<R>,
    own: &'a mut [Col],
    luck: &'a [[f64; LANES]; 2],
    past: [&'a [Col; TAPE]; LAGS],
    flow: Option<&'a mut Col>,
    board: &'a mut [Col],
}

impl<R: Room, const P: u8> Kernel for RoomSweep<'_, R, P> {
    #[inline(always)]
    fn run(self) {
        let groups = Groups::of(self.board);
        let own = &mut self.own[..R::State::WIDTH];
        let drawn = &self.terms.drawn[..];
        let [one, two] = self.luck;
        let [a, b, c] = self.past;
        let mut nowhere = Col::ZERO;
        macro_rules! lanes {
            ($drawn:literal, $flows:literal, $same:expr, $flow:expr) => {
                room_lanes::<R, P, $drawn, $flows>(
                    self.t,
                    self.ahead,
                    $same,
                    drawn,
                    own,
                    one,
                    two,
                    a,
                    b,
                    c,
                    $flow,
                    groups.market,
                    groups.lab,
                    groups.lines,
                    groups.left,
                    groups.power,
                    groups.events,
                )
            };
        }
        match (self.terms.same, self.flow) {
            (Some(room), Some(flow)) => lanes!(false, true, &room, flow),
            (Some(room), None) => lanes!(false, false, &room, &mut nowhere),
            (None, Some(flow)) => lanes!(true, true, &R::default(), flow),
            (None, None) => lanes!(true, false, &R::default(), &mut nowhere),
        }
    }
}

/// The lane loop of a room. Each group of columns is a parameter of its own, because the compiler then knows that they
/// do not overlap: with one slice it would have to prove it, fail, and leave the loop scalar.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "separate references are what makes the loop vectorise")]
fn room_lanes<R: Room, const P: u8, const DRAWN: bool, const FLOWS: bool>(
    t: f64,
    ahead: f64,
    same: &R,
    drawn: &[Col],
    own: &mut [Col],
    one: &[f64; LANES],
    two: &[f64; LANES],
    a: &[Col; TAPE],
    b: &[Col; TAPE],
    c: &[Col; TAPE],
    flow: &mut Col,
    market: &[Col],
    lab: &[Col],
    lines: &mut [Col],
    left: &mut [Col],
    power: &mut [Col],
    events: &mut [Col],
) {
    let (market, lab, lines) = (&market[..Market::WIDTH], &lab[..Lab::WIDTH], &mut lines[..Lines::WIDTH]);
    let drawn = &drawn[..if DRAWN { R::WIDTH } else { 0 }];
    for i in 0..LANES {
        let see = View {
            t,
            ahead,
            lab: Lab::load(lab, i),
            market: Market::load(market, i),
            luck: if R::LUCK { [one[i], two[i]] } else { [0.0; 2] },
            left: Usd::load(left, i),
            power: f64::load(power, i),
            capex: Lines::load(lines, i).capex_accrued,
            past: if R::TAPED > 0 { past_at([a, b, c], i) } else { [[0.0; TAPE]; LAGS] },
        };
        let room = if DRAWN { R::load(drawn, i) } else { *same };
        let mut row = R::State::load(own, i);
        let books = step_room::<R, P>(&room, &see, &mut row);
        row.store(own, i);
        Lines::load(lines, i).plus(books.lab).store(lines, i);
        (u64::load(events, i) | books.events).store(events, i);
        if P == FUND || P == CLOSE || P == REVIEW {
            run_down::<P>(see.left, &books.lab).store(left, i);
        }
        if P == SETTLE {
            power_down::<P>(see.power, &books.lab).store(power, i);
        }
        if FLOWS {
            flow.0[i] += books.provider.iter().fold(-0.0, |sum, x| sum + x);
        }
    }
}

/// The board's columns by group.
struct Groups<'a> {
    market: &'a mut [Col],
    lab: &'a mut [Col],
    ops: &'a mut [Col],
    accounts: &'a mut [Col],
    lines: &'a mut [Col],
    left: &'a mut [Col],
    power: &'a mut [Col],
    events: &'a mut [Col],
}

impl<'a> Groups<'a> {
    #[inline(always)]
    fn of(board: &'a mut [Col]) -> Groups<'a> {
        let (market, rest) = board[..Lane::WIDTH].split_at_mut(Market::WIDTH);
        let (lab, rest) = rest.split_at_mut(Lab::WIDTH);
        let (ops, rest) = rest.split_at_mut(Ops::WIDTH);
        let (accounts, rest) = rest.split_at_mut(Accounts::WIDTH);
        let (lines, rest) = rest.split_at_mut(Lines::WIDTH);
        let (left, rest) = rest.split_at_mut(1);
        let (power, events) = rest.split_at_mut(1);
        Groups { market, lab, ops, accounts, lines, left, power, events }
    }
}

/// A part with its columns.
#[derive(Debug)]
pub struct PartBlock<'p, P: Part> {
    spec: &'p P::Spec,
    terms: Terms<P>,
    own: Box<[Col]>,
    normals: Vec<usize>,
    uniforms: Vec<usize>,
    tape: Tape,
}

/// The month's noise: columns of correlated normals and of uniforms, in the order of the plan.
#[derive(Clone, Copy, Debug)]
pub struct Noise<'a> {
    /// Correlated standard normals.
    pub normals: &'a [Col],
    /// Uniforms.
    pub uniforms: &'a [Col],
}

static NOTHING: Col = Col::ZERO;

impl<'p, P: Part> PartBlock<'p, P> {
    /// Columns; `normals` and `uniforms` are the places of the part's shocks among the plan's.
    pub fn new(spec: &'p P::Spec, medians: &[f64], months: usize, normals: Vec<usize>, uniforms: Vec<usize>) -> Self {
        assert!(normals.len() <= 2 && uniforms.len() <= 2, "a part has at most two normals and two uniforms");
        PartBlock {
            spec,
            terms: Terms::new(medians, |inputs| P::terms(spec, inputs)),
            own: columns(P::State::WIDTH),
            normals,
            uniforms,
            tape: Tape::new(P::TAPED, P::lags(spec), months),
        }
    }

    /// Terms and opening values of a new block.
    pub fn begin(&mut self, level: Level, draws: &[Vec<f64>], board: &mut [Col]) {
        let spec = self.spec;
        self.terms.draw(draws, |inputs| P::terms(spec, inputs));
        level.run(Opening { terms: &self.terms, own: &mut self.own, board });
    }

    /// One stage of month `t` for the whole block.
    #[inline(never)]
    pub fn sweep<const S: u8>(&mut self, level: Level, t: usize, ahead: f64, noise: Noise<'_>, board: &mut [Col]) {
        if P::STAGES & (1 << S) != 0 {
            let normal = |k: usize| self.normals.get(k).map_or(&NOTHING, |&at| &noise.normals[at]);
            let uniform = |k: usize| self.uniforms.get(k).map_or(&NOTHING, |&at| &noise.uniforms[at]);
            level.run(PartSweep::<P, S> {
                t: t as f64,
                ahead,
                terms: &self.terms,
                normal: [normal(0), normal(1)],
                uniform: [uniform(0), uniform(1)],
                past: self.tape.past(t),
                own: &mut self.own,
                board,
            });
        }
        if S == stage::BOOK {
            self.tape.write(t, &self.own);
        }
    }

    /// Its state.
    pub fn own(&self) -> &[Col] {
        &self.own
    }
}

struct Opening<'a, P: Part> {
    terms: &'a Terms<P>,
    own: &'a mut [Col],
    board: &'a mut [Col],
}

impl<P: Part> Kernel for Opening<'_, P> {
    #[inline(always)]
    fn run(self) {
        let (own, board) = (&mut self.own[..P::State::WIDTH], &mut self.board[..Lane::WIDTH]);
        for i in 0..LANES {
            let part = match self.terms.same {
                Some(part) => part,
                None => P::load(&self.terms.drawn[..P::WIDTH], i),
            };
            let mut lane = Lane::load(board, i);
            part.opening(&mut lane).store(own, i);
            lane.store(board, i);
        }
    }
}

struct PartSweep<'a, P: Part, const S: u8> {
    t: f64,
    ahead: f64,
    terms: &'a Terms<P>,
    normal: [&'a Col; 2],
    uniform: [&'a Col; 2],
    past: [&'a [Col; TAPE]; LAGS],
    own: &'a mut [Col],
    board: &'a mut [Col],
}

impl<P: Part, const S: u8> Kernel for PartSweep<'_, P, S> {
    #[inline(always)]
    fn run(self) {
        let own = &mut self.own[..P::State::WIDTH];
        let drawn = &self.terms.drawn[..];
        let ([one, two], [chance, other], [a, b, c]) = (self.normal, self.uniform, self.past);
        let g = Groups::of(self.board);
        macro_rules! lanes {
            ($drawn:literal, $same:expr) => {
                part_lanes::<P, S, $drawn>(
                    self.t, self.ahead, $same, drawn, own, one, two, chance, other, a, b, c, g.market, g.lab, g.ops,
                    g.accounts, g.lines, g.left, g.power, g.events,
                )
            };
        }
        match self.terms.same {
            Some(part) => lanes!(false, &part),
            None => lanes!(true, &P::default()),
        }
    }
}

/// The lane loop of a part; its parameters are separate for the reason given at [`room_lanes`].
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "separate references are what makes the loop vectorise")]
fn part_lanes<P: Part, const S: u8, const DRAWN: bool>(
    t: f64,
    ahead: f64,
    same: &P,
    drawn: &[Col],
    own: &mut [Col],
    one: &Col,
    two: &Col,
    chance: &Col,
    other: &Col,
    a: &[Col; TAPE],
    b: &[Col; TAPE],
    c: &[Col; TAPE],
    market: &mut [Col],
    lab: &mut [Col],
    ops: &mut [Col],
    accounts: &mut [Col],
    lines: &mut [Col],
    left: &mut [Col],
    power: &mut [Col],
    events: &mut [Col],
) {
    let (market, lab, ops) = (&mut market[..Market::WIDTH], &mut lab[..Lab::WIDTH], &mut ops[..Ops::WIDTH]);
    let (accounts, lines) = (&mut accounts[..Accounts::WIDTH], &mut lines[..Lines::WIDTH]);
    let drawn = &drawn[..if DRAWN { P::WIDTH } else { 0 }];
    let writes = P::writes(S);
    for i in 0..LANES {
        let now = Now {
            t,
            ahead,
            normal: [one.0[i], two.0[i]],
            uniform: [chance.0[i], other.0[i]],
            past: if P::TAPED > 0 { past_at([a, b, c], i) } else { [[0.0; TAPE]; LAGS] },
        };
        let mut lane = Lane {
            market: Market::load(market, i),
            lab: Lab::load(lab, i),
            ops: Ops::load(ops, i),
            accounts: Accounts::load(accounts, i),
            lines: Lines::load(lines, i),
            left: Usd::load(left, i),
            power: f64::load(power, i),
            events: u64::load(events, i),
        };
        let part = if DRAWN { P::load(drawn, i) } else { *same };
        let mut row = P::State::load(own, i);
        part.step::<S>(&now, &mut row, &mut lane);
        row.store(own, i);
        // What a part does not say that it writes is not stored; the plain engine would show the difference.
        if writes & group::MARKET != 0 {
            lane.market.store(market, i);
        }
        if writes & group::LAB != 0 {
            lane.lab.store(lab, i);
        }
        if writes & group::OPS != 0 {
            lane.ops.store(ops, i);
        }
        if writes & group::ACCOUNTS != 0 {
            lane.accounts.store(accounts, i);
        }
        if writes & group::LINES != 0 {
            lane.lines.store(lines, i);
        }
        if writes & group::RUN != 0 {
            lane.left.store(left, i);
            lane.power.store(power, i);
            lane.events.store(events, i);
        }
    }
}

//! The plain engine: the same components and instruments, one path at a time, without columns, with every identity
//! checked in every month. It is used by the tests, by the audit of every run, for individual paths in charts, and by
//! `trace`.

pub mod derive;

use crate::block::{SALES, moved_by, power_down, run_down};
use crate::books::{ACCOUNTS, Books, Lines, event};
use crate::column;
use crate::component::{Lane, Now, imbalance, stage};
use crate::draws::Inputs;
use crate::instrument::{CLOSE, FUND, HISTORY, LAGS, REVIEW, View, YEARS};
use crate::lineage::Lineage;
use crate::month::{inputs_of, view_of};
use crate::objects::{ScalarComponent, ScalarInstrument};
use crate::plan::Plan;
use crate::resolution::{Resolver, resolve};
use crate::schedule::Schedule;
use crate::units::Usd;

/// An accounting identity that does not hold: a bug.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("accounting identity broken: {identity} (seed {seed}, path {path}, month {month}): off by {amount:.6} USD")]
pub struct Broken {
    /// The identity.
    pub identity: String,
    /// Seed of the run.
    pub seed: u64,
    /// Path.
    pub path: u64,
    /// Month, 1 for the first.
    pub month: usize,
    /// The difference, USD.
    pub amount: f64,
}

/// Cash of an instrument in a month: amounts due before payment, cash moved after it, and the counterparties' side.
#[derive(Clone, Copy, Debug)]
struct Net {
    due: Lines,
    after: Lines,
    others: f64,
    /// Whether it wrote to a line or recorded an event that it does not declare.
    strayed: bool,
}

impl Net {
    const NONE: Net = Net { due: Lines::NONE, after: Lines::NONE, others: 0.0, strayed: false };

    /// Adds the entries of an instrument in phase `P`: before payment they are due, afterwards they are paid.
    fn add<const P: u8>(&mut self, books: &Books) {
        let side = if P < CLOSE { &mut self.due } else { &mut self.after };
        *side = side.plus(books.lab);
        self.others += books.provider.iter().fold(-0.0, |a, x| a + x) + books.third;
    }
}

/// One path through the plain engine.
#[derive(Debug)]
#[expect(clippy::struct_field_names, reason = "its number is called a path everywhere")]
pub struct Path<'p> {
    plan: &'p Plan,
    path: u64,
    /// The path in the streams of the months.
    lineage: Lineage,
    /// The lane after the last month.
    pub lane: Lane,
    /// The components after the last month.
    pub components: Vec<Box<dyn ScalarComponent>>,
    /// The instruments after the last month.
    pub instruments: Vec<Box<dyn ScalarInstrument>>,
    /// Provider flows of each instrument by month and account.
    pub flows: Vec<Vec<[f64; ACCOUNTS]>>,
    /// Events of each instrument in the last month.
    pub events: Vec<u64>,
    /// The books of the last month before payment: cash in, and what was due.
    pub due: Lines,
    /// Cash shortfall of the last month before and after instruments provided funds; below zero if there was more than
    /// the minimum.
    pub missing: [Usd; 2],
    component_histories: Vec<Vec<[f64; HISTORY]>>,
    instrument_histories: Vec<Vec<[f64; HISTORY]>>,
    normals: Vec<f64>,
    uniforms: Vec<f64>,
    terms: Box<dyn Resolver>,
    /// The lab's purchases from the supplier that each instrument names.
    suppliers: Vec<[f64; SALES]>,
    /// The part of an estate that was not distributed.
    unshared: Usd,
    net: Vec<Net>,
    /// The largest amount that a balance or a flow of the lab has had so far: rounding error in a balance is relative
    /// to what has passed through it, not to what is left.
    largest: f64,
}

impl<'p> Path<'p> {
    /// The path before its first month.
    pub fn new(plan: &'p Plan, path: u64) -> Self {
        Path::of(plan, Lineage::of(path))
    }

    /// A lineage before its first month; its number is that of the path in which it begins.
    pub fn of(plan: &'p Plan, lineage: Lineage) -> Self {
        let path = lineage.root();
        let values = inputs_of(plan, path);
        let inputs = Inputs::new(&values);
        let mut lane = Lane::default();
        let components: Vec<Box<dyn ScalarComponent>> =
            plan.components.iter().map(|p| p.spec.scalar(&inputs, &mut lane)).collect();
        let instruments: Vec<Box<dyn ScalarInstrument>> =
            plan.instruments.iter().map(|r| r.spec.scalar(&inputs)).collect();
        Path {
            plan,
            path,
            lineage,
            lane,
            component_histories: vec![Vec::new(); components.len()],
            instrument_histories: vec![Vec::new(); instruments.len()],
            flows: vec![vec![[0.0; ACCOUNTS]; plan.months + 1]; instruments.len()],
            events: vec![0; instruments.len()],
            due: Lines::default(),
            missing: [Usd::ZERO; 2],
            terms: plan.insolvency.rules(&inputs),
            suppliers: vec![[0.0; SALES]; instruments.len()],
            unshared: Usd::ZERO,
            components,
            instruments,
            normals: Vec::new(),
            uniforms: Vec::new(),
            net: Vec::new(),
            largest: 0.0,
        }
    }

    /// The path for which the noise of month `t` is drawn.
    fn noise(&self, t: usize) -> u64 {
        self.plan.noise_of(self.lineage.at(t))
    }

    /// Runs one month, `t` from 1, and checks every accounting identity.
    ///
    /// # Errors
    /// An accounting identity does not hold.
    pub fn month(&mut self, t: usize) -> Result<(), Broken> {
        let (before, was) = (self.lane, self.instruments.clone());
        Schedule::month(self, t);
        self.check(t, &before, &was)
    }

    /// Updates what instrument `k` sees of the lab's purchases from the supplier that it names.
    fn look_at_supplier(&mut self, k: usize) {
        for (sum, columns) in self.suppliers[k].iter_mut().zip(&self.plan.instruments[k].sales) {
            *sum = columns
                .iter()
                .fold(0.0, |sum, &(instrument, field)| sum + self.instruments[instrument].values()[field]);
        }
    }

    /// The lane's values in the order of the board's columns.
    pub fn board(&self) -> Vec<f64> {
        crate::columns::Row::values(self.lane)
    }

    /// The state of each instrument, in the order of its columns.
    pub fn states(&self) -> Vec<Vec<f64>> {
        self.instruments.iter().map(|instrument| instrument.values()).collect()
    }

    fn phase<const P: u8>(&mut self, t: usize) {
        for k in 0..self.instruments.len() {
            if P == REVIEW {
                self.look_at_supplier(k);
            }
            let [invoiced, power, firm, headline] = self.suppliers[k];
            let noise = self.noise(t);
            let instrument = &mut self.instruments[k];
            let r = &self.plan.instruments[k];
            let (remembered, lags) = r.spec.history();
            let uniforms = if instrument.uniforms() { r.stream.pair(noise, t as u64 - 1) } else { [0.0; 2] };
            let see = View {
                t: t as f64,
                ahead: self.plan.ahead(t),
                lab: self.lane.lab,
                market: self.lane.market,
                uniforms,
                left: self.lane.left,
                power: self.lane.power,
                receivables: self.lane.accounts.receivables,
                supplier: (Usd(invoiced), power),
                supplier_firm: Usd(firm),
                supplier_headline: Usd(headline),
                events: self.lane.events,
                past: past(&self.instrument_histories[k], remembered, lags, t),
                ..View::default()
            }
            .with(&self.lane.lines);
            let books: Books = instrument.step(P, &see);
            let lane = &mut self.lane;
            lane.lines = lane.lines.plus(books.lab);
            lane.events |= books.events;
            self.events[k] |= books.events;
            lane.lab.defaulted |= if books.events & event::INSTRUMENT_DEFAULT != 0 { r.bit } else { 0 };
            lane.left = run_down::<P>(lane.left, &books.lab);
            lane.power = power_down::<P>(lane.power, &books.lab);
            lane.moved = moved_by::<P>(lane.moved, &books.lab);
            let net = &mut self.net[k];
            net.add::<P>(&books);
            let named = r.spec.posts();
            net.strayed |= books.lab.list().iter().enumerate().any(|(line, &x)| x != 0.0 && !named.has(line));
            net.strayed |= books.events & !r.spec.events() != 0;
            for (flow, paid) in self.flows[k][t].iter_mut().zip(books.provider) {
                *flow += paid;
            }
        }
    }

    /// Checks the identities of `docs/model.md`, each to 1e-9 of the size of the amounts compared, or of what has
    /// passed through them.
    fn check(&mut self, t: usize, before: &Lane, was: &[Box<dyn ScalarInstrument>]) -> Result<(), Broken> {
        let size = size_of(&self.lane, before);
        // Losses accumulated over the years may far exceed what is left.
        self.largest = self.largest.max(size).max(self.lane.accounts.retained.0.abs());
        let (lane, seed, path) = (&self.lane, self.plan.seed, self.path);
        let near = |identity: &str, amount: f64, size: f64| {
            let sound =
                amount.is_finite() && amount.abs() <= 1e-9 * size.abs().max(before.lab.revenue.0.abs()).max(1e-300);
            if sound { Ok(()) } else { Err(Broken { identity: identity.to_owned(), seed, path, month: t, amount }) }
        };
        near(
            "cash is opening cash and the month's flows",
            (lane.lab.cash - before.lab.cash - lane.lines.cash()).0,
            size,
        )?;
        if before.lab.alive > 0.0 && lane.lab.alive > 0.0 {
            near("assets are liabilities and equity", imbalance(lane).0.0, self.largest)?;
            let used = lane.ops.used_gw;
            let taken = lane.lines.used_gw + lane.lines.sunk_gw.min(used);
            near("power used is power taken", (used - taken) * lane.ops.power_price, size)?;
            let over = (used - lane.ops.place_gw).max(0.0) + (-used).max(0.0);
            near("no more is used than stands", over * lane.ops.power_price, size)?;
            if !(0.0..=1.0).contains(&lane.ops.served) {
                return near("no more is served than asked for", f64::NAN, 1.0);
            }
        }
        let a = &lane.accounts;
        // Payments to creditors are reported as claims less losses.
        let claims = a.claim.iter().map(|claim| claim.0.abs()).fold(size.max(a.estate.0), f64::max);
        near("an estate is shared out whole", self.unshared.0, claims)?;
        let shares = lane.lab.shares;
        if !(shares.is_finite() && shares > 0.0 && lane.lab.pool >= 0.0 && a.new_shares >= 0.0) {
            return near("holdings are not negative", f64::NAN, 1.0);
        }
        for (k, instrument) in self.instruments.iter().enumerate() {
            let name = &self.plan.instruments[k].name;
            let off = instrument.audit(was[k].as_ref()).0;
            // What a vehicle owes may have outgrown the lab; its columns are considered only then.
            let own = || instrument.values().into_iter().chain(was[k].values()).map(f64::abs).fold(size, f64::max);
            let outgrown = |off: f64| if off.abs() <= 1e-9 * size { size } else { own() };
            near(&format!("{name}: balances roll"), off, outgrown(off))?;
            let net = &self.net[k];
            if net.strayed {
                return near(&format!("{name}: posts only the lines and events that it names"), f64::NAN, 1.0);
            }
            let beyond = &self.flows[k][t][self.plan.instruments[k].accounts..];
            if beyond.iter().any(|&paid| paid != 0.0) {
                return near(&format!("{name}: pays only the accounts that it names"), f64::NAN, 1.0);
            }
            let lab = net.due.paid(&lane.lab.paid).cash() + net.after.cash();
            let vehicle = instrument.vehicle_cash() - was[k].vehicle_cash();
            let off = lab.0 + net.others + vehicle.0;
            near(&format!("{name}: both sides net to zero"), off, outgrown(off).max(net.others.abs()))?;
        }
        Ok(())
    }
}

impl Schedule for Path<'_> {
    fn begin_month(&mut self, t: usize) {
        self.normals = self.plan.shocks.normals(self.noise(t), t);
        self.uniforms = self.plan.shocks.uniforms(self.noise(t), t);
        self.net = vec![Net::NONE; self.instruments.len()];
        let lane = &mut self.lane;
        if self.plan.carried.iter().any(|&(from, _)| from == column!(lines.notes)) {
            (lane.lab.notes, lane.lab.note_shares) = (lane.lines.notes, lane.lines.note_shares);
        }
        let lines = &lane.lines;
        lane.accounts.stocks = [lines.debt, lines.off_balance, lines.firm, lines.guarantee_now];
        lane.accounts.last_run_rate = lane.lab.run_rate;
        (lane.lines, lane.left, lane.power, lane.events) = (Lines::default(), Usd::ZERO, 0.0, 0);
        self.events.fill(0);
        (0..self.instruments.len()).for_each(|k| self.look_at_supplier(k));
    }
    fn components<const S: u8>(&mut self, t: usize) {
        for (k, component) in self.components.iter_mut().enumerate() {
            let p = &self.plan.components[k];
            let select = |from: &[f64], places: &[usize]| {
                let mut out = [0.0; 2];
                for (slot, &place) in out.iter_mut().zip(places) {
                    *slot = from[place];
                }
                out
            };
            let (remembered, lags) = p.spec.history();
            let now = Now {
                t: t as f64,
                ahead: self.plan.ahead(t),
                normal: select(&self.normals, &p.normals),
                uniform: select(&self.uniforms, &p.uniforms),
                past: past(&self.component_histories[k], remembered, lags, t),
            };
            component.step(S, &now, &mut self.lane);
        }
    }
    /// The shortfall before and after funds are raised is kept for the identities.
    fn instruments<const P: u8>(&mut self, t: usize) {
        let asked = self.lane.left;
        self.phase::<P>(t);
        if P == FUND {
            (self.missing, self.due) = ([asked, self.lane.left], self.lane.lines);
        }
    }
    fn short(&mut self, t: usize) {
        if self.lane.ops.unpaid > 0.0 {
            self.components::<{ stage::SHORT }>(t);
        }
    }
    fn resolve(&mut self, t: usize) {
        self.unshared = Usd::ZERO;
        if self.lane.events & event::FAILURES == 0 {
            return;
        }
        let uniforms = self.plan.fate.uniform(self.noise(t), t as u64 - 1);
        let ahead = self.plan.ahead(t);
        let see = |lane: &Lane| view_of(lane, t, ahead);
        let resolved = resolve(self.terms.as_ref(), uniforms, &mut self.lane, &mut self.instruments, see);
        self.unshared = self.terms.unshared(&self.lane, &resolved.awards);
        for (k, books) in resolved.books.iter().enumerate() {
            self.events[k] |= books.events;
            self.net[k].add::<CLOSE>(books);
            for (flow, paid) in self.flows[k][t].iter_mut().zip(books.provider) {
                *flow += paid;
            }
        }
    }
    fn obligations(&mut self, t: usize) {
        if self.plan.states_obligations(t) {
            let a = &mut self.lane.accounts;
            (a.firm_by_year, a.firm_guarantees) = ([Usd::ZERO; YEARS], Usd::ZERO);
            let see = View { t: t as f64, lab: self.lane.lab, market: self.lane.market, ..View::default() };
            for instrument in &self.instruments {
                instrument.obligations(&see, &mut a.firm_by_year, &mut a.firm_guarantees);
            }
        }
    }
    fn is_quarter(&self, t: usize) -> bool {
        self.plan.is_quarter(t)
    }
    fn end_month(&mut self, _: usize) {
        let remembered = |values: Vec<f64>, n: usize| {
            let mut out = [0.0; HISTORY];
            out[..n].copy_from_slice(&values[..n]);
            out
        };
        for (k, component) in self.components.iter().enumerate() {
            let n = self.plan.components[k].spec.history().0;
            if n > 0 {
                self.component_histories[k].push(remembered(component.values(), n));
            }
        }
        for (k, instrument) in self.instruments.iter().enumerate() {
            let n = self.plan.instruments[k].spec.history().0;
            if n > 0 {
                self.instrument_histories[k].push(remembered(instrument.values(), n));
            }
        }
    }
}

/// The largest amount of a month: assets, flows, opening cash, paid-in capital.
fn size_of(lane: &Lane, before: &Lane) -> f64 {
    let flow: f64 = lane.lines.list().iter().map(|x| x.abs()).fold(0.0, f64::max);
    imbalance(lane).1.0.abs().max(flow).max(before.lab.cash.0.abs()).max(lane.accounts.paid_in.0.abs())
}

/// The remembered fields at each of `lags` months ago; zero before the start.
fn past(history: &[[f64; HISTORY]], remembered: usize, lags: [usize; LAGS], t: usize) -> [[f64; HISTORY]; LAGS] {
    let mut out = [[0.0; HISTORY]; LAGS];
    if remembered > 0 {
        for (slot, lag) in out.iter_mut().zip(lags) {
            if lag > 0 && t > lag {
                *slot = history[t - 1 - lag];
            }
        }
    }
    out
}

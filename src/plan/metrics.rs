//! What a run records: by month, at the horizon, and by year, each with its name, unit and where it stands.

pub mod words;

use crate::engine::books::{KINDS, Kind, LINE_NAMES, Lines, Section, event};
use crate::engine::columns::{Field, Row};
use crate::engine::part::{Accounts, OWN, Ops};
use crate::engine::room::{Lab, Market, Unit};
use crate::instruments::RoomSpec;
use crate::issues::{Issues, nearest};
use crate::lab::Capacity;
use crate::lab::demand::Saturation;
use crate::lab::treasury::OPENING_SHARES;
use crate::language::checks::{Check, Comparison, Time};
use crate::language::prelude::Text;
use crate::plan::PlannedRoom;
use crate::scenario::Scenario;
use crate::stats::histogram::Grid;
use crate::units::Month;

/// Where a value stands, or how it is made.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// A column of the board.
    Board(usize),
    /// A column of a room's state.
    Room(usize, usize),
    /// A column of the board, undefined where it is zero: months that did not come.
    Month(usize),
    /// A column of the board, undefined at or above the stand-in for "nothing is burnt".
    Runway(usize),
    /// Pre-money value, multiple × run-rate.
    Valuation,
    /// Stake of an opening holder with this share.
    Holder(f64),
    /// Stake of the employees, who also get what is granted and what tops up the pool.
    Employees(f64),
    /// Stake of investors who came after the start.
    NewInvestors,
    /// What a stake has lost against the start: `1 − stake/opening stake`, of a source of stakes and its opening share.
    Dilution(Box<Source>, f64),
    /// Share of the votes of holders with this opening share, each of whose shares has so many votes.
    Control {
        /// Opening share.
        share: f64,
        /// Votes a share.
        votes: f64,
    },
    /// 1 where that share is below a threshold.
    ControlLost {
        /// Opening share.
        share: f64,
        /// Votes a share.
        votes: f64,
        /// Threshold.
        below: f64,
    },
    /// Look-through leverage: own debt, off-balance obligations, firm take-or-pay and guarantees over run-rate; guarantees
    /// at what they would cost now, or at the most they can.
    Leverage {
        /// At the most.
        most: bool,
    },
    /// Herfindahl index over groups of room columns.
    Concentration(Vec<Vec<(usize, usize)>>),
    /// A column of a room's state, undefined where another is not above zero, such as cover where no service is due.
    Defined(usize, usize, usize),
    /// 1 where a column is above zero.
    Happened(usize),
    /// A column of the board over another, undefined where that is zero.
    Over(usize, usize),
    /// What demand that was not served would have brought after partners and the power that it takes, on the terms of what
    /// was served.
    LostMargin,
    /// A return of a room's providers: of one account, or of all together.
    Return(usize, Option<usize>, Return),
    /// The extreme of a monthly metric over the months, by its place among the extremes.
    Extreme(usize),
    /// Funding needed beyond opening cash: `max(0, peak cumulative gap − opening cash)`.
    PeakFunding,
}

/// The smallest or largest value of a monthly metric on a path, over the months in which it is defined.
#[derive(Clone, Debug)]
pub struct Extreme {
    /// Where the metric comes from.
    pub source: Source,
    /// Whether the largest is kept.
    pub most: bool,
    /// The last month that counts.
    pub until: usize,
}

/// A measure of what a provider made of its money.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Return {
    /// Effective annual internal rate of return; undefined without one, or with several.
    Irr,
    /// 1 on a path whose flows have several rates of return.
    Several,
    /// Multiple of invested capital: paid out and worth, over paid in.
    Moic,
    /// Paid out over paid in.
    Dpi,
    /// Worth at the horizon over paid in.
    Rvpi,
}

impl Return {
    /// Measures in all.
    pub const COUNT: usize = Return::ALL.len();
    /// The first two of them are also told of each account of a room with several.
    const ALL: [(Return, &'static str, Unit); 5] = [
        (Return::Irr, "irr", Unit::AnnualRate),
        (Return::Moic, "moic", Unit::Ratio),
        (Return::Dpi, "dpi", Unit::Ratio),
        (Return::Rvpi, "rvpi", Unit::Ratio),
        (Return::Several, "irr_several", Unit::Share),
    ];
}

/// An event whose paths are counted by month.
#[derive(Clone, Debug)]
pub struct EventCount {
    /// Whose event it is: `world`, `lab`, or a room's name.
    pub entity: String,
    /// The room, when it is a room's.
    pub room: Option<usize>,
    /// Its bit.
    pub bit: u64,
    /// Its name.
    pub name: &'static str,
}

/// A recorded quantity.
#[derive(Clone, Debug)]
pub struct Metric {
    /// `revenue`, `stake.founders`, `revolver.balance`.
    pub name: String,
    /// Its unit.
    pub unit: Unit,
    /// Where it stands.
    pub source: Source,
    /// Bins of its histogram.
    pub grid: Grid,
    /// The room it belongs to, when it is an instrument's line.
    pub room: Option<usize>,
}

impl Metric {
    /// The room of whose providers it is a return.
    fn returns_of(&self) -> Option<usize> {
        match self.source {
            Source::Return(room, ..) => Some(room),
            _ => None,
        }
    }
}

/// A line of sources and uses.
#[derive(Clone, Debug)]
pub struct CashLine {
    /// Name of the line.
    pub name: &'static str,
    /// Column of the board.
    pub column: usize,
    /// Whether it is cash in.
    pub source: bool,
    /// Section of the cash-flow statement.
    pub section: Section,
}

/// All that a run records.
#[derive(Clone, Debug)]
pub struct Metrics {
    /// By month.
    pub monthly: Vec<Metric>,
    /// At the horizon, one value a path.
    pub at_end: Vec<Metric>,
    /// What checks ask for over several months; each has a metric at the horizon.
    pub extremes: Vec<Extreme>,
    /// Events counted by month; none when metrics were named and `events` was not among them.
    pub events: Vec<EventCount>,
    /// By year; none when metrics were named and `sources_uses` was not among them.
    pub cash: Vec<CashLine>,
    /// Bins of yearly cash.
    pub cash_grid: Grid,
    /// Opening holders and their shares.
    pub holders: Vec<(String, f64)>,
}

/// What the list of metrics calls the cash lines by year.
const BY_YEAR: &str = "sources_uses";
/// What it calls the events.
const EVENTS: &str = "events";
/// Events of the world.
const OF_WORLD: u64 = event::WINTER | event::COMPETITOR;
/// Events of the lab itself.
const OF_LAB: u64 = event::IDLE
    | event::OVERRUN
    | event::LUMP
    | event::SHORT
    | event::DEFAULT
    | event::RELEASE
    | event::WATCH
    | event::DISTRESS
    | event::RESCUED
    | event::ACQUIRED
    | event::RESTRUCTURED
    | event::LIQUIDATED;

const LAB_AT: usize = Market::WIDTH;
const OPS_AT: usize = LAB_AT + Lab::WIDTH;
const ACCOUNTS_AT: usize = OPS_AT + Ops::WIDTH;
/// First column of the books' lines.
pub const LINES_AT: usize = ACCOUNTS_AT + Accounts::WIDTH;

/// Column of a field of a group of the board.
fn column<R: Row>(at: usize, field: &str) -> usize {
    at + R::offset(field).unwrap_or_else(|| unreachable!("no field `{field}`"))
}

/// Column of a field of [`Market`].
pub fn market(field: &str) -> usize {
    column::<Market>(0, field)
}
/// Column of a field of [`Lab`].
pub fn lab(field: &str) -> usize {
    column::<Lab>(LAB_AT, field)
}
/// Column of a field of [`Ops`].
pub fn ops(field: &str) -> usize {
    column::<Ops>(OPS_AT, field)
}
/// Column of a field of [`Accounts`].
pub fn accounts(field: &str) -> usize {
    column::<Accounts>(ACCOUNTS_AT, field)
}

/// Column of a line of the books, which stand until the next month begins.
pub fn lines(field: &str) -> usize {
    column::<Lines>(LINES_AT, field)
}

impl Metrics {
    /// What a scenario records: everything, or only what `run: {metrics: […]}` names. That is so by month, for cash by
    /// year and for returns of providers; the rest of what is known at the horizon costs little and is always there.
    pub fn new(scenario: &Scenario, rooms: &[PlannedRoom], issues: &mut Issues) -> Option<Metrics> {
        let mut metrics = Metrics::all(scenario, rooms);
        if let Some(names) = &scenario.run.metrics {
            metrics.keep(names, issues)?;
        }
        Some(metrics)
    }

    /// Keeps what is named, in its own order, not in that of the names.
    fn keep(&mut self, names: &[Text], issues: &mut Issues) -> Option<()> {
        let known: Vec<&str> =
            self.monthly.iter().chain(&self.at_end).map(|m| m.name.as_str()).chain([BY_YEAR, EVENTS]).collect();
        let mut sound = Some(());
        for name in names.iter().filter(|n| !known.contains(&n.as_str())) {
            let label = nearest(name, known.iter().copied())
                .map_or("not a metric of this scenario".to_owned(), |n| format!("did you mean `{n}`?"));
            issues
                .error("unknown-name", Some(name.place()), format!("unknown metric `{name}`"), label)
                .help(format!("metrics: {}", known.join(", ")));
            sound = None;
        }
        let named = |name: &str| names.iter().any(|n| n.as_str() == name);
        self.monthly.retain(|m| named(&m.name));
        self.at_end.retain(|m| m.returns_of().is_none() || named(&m.name));
        if !named(BY_YEAR) {
            self.cash.clear();
        }
        if !named(EVENTS) {
            self.events.clear();
        }
        sound
    }

    /// Whether a room's provider flows must be kept, for their returns.
    pub fn needs_flows(&self, room: usize) -> bool {
        self.at_end.iter().any(|m| m.returns_of() == Some(room))
    }

    /// What a scenario records.
    #[expect(clippy::too_many_lines, reason = "a list")]
    fn all(scenario: &Scenario, rooms: &[PlannedRoom]) -> Metrics {
        let known = |q: &crate::language::quantity::Quantity| q.known();
        // Revenue a month; a segment whose run-rate is uncertain counts as a billion, since only the scale matters.
        let revenue: f64 = scenario.lab.demand.segments.0.iter().map(|(_, s)| known(&s.run_rate).unwrap_or(1e9)).sum();
        // A power of two well below it: scaling all money scales every bin with it. The last bin lies at half a million times it.
        let money = if revenue > 0.0 { power_of_two_below(revenue / 8_192.0) } else { 1.0 };
        let grid = |unit: Unit| match unit {
            Unit::Usd | Unit::UsdPerYear => Grid::new(money, false),
            Unit::Share => Grid::new(2.0_f64.powi(-20), true),
            Unit::Ratio => Grid::new(2.0_f64.powi(-12), true),
            // Annual rates of return on a few months reach the millions.
            Unit::AnnualRate => Grid::new(2.0_f64.powi(-8), false),
            Unit::Gigawatt => Grid::new(2.0_f64.powi(-20), false),
            Unit::Months | Unit::Count => Grid::new(2.0_f64.powi(-10), true),
            // A company of a billion shares may issue thousands of times as many before it ends.
            Unit::Stock => Grid::new(power_of_two_below(OPENING_SHARES / 8_192.0), false),
        };
        let metric = |name: &str, unit: Unit, source: Source| Metric {
            name: name.to_owned(),
            unit,
            source,
            grid: grid(unit),
            room: None,
        };
        let holders: Vec<(String, f64)> = scenario
            .lab
            .opening
            .shares
            .0
            .iter()
            .map(|(n, s)| (n.as_str().to_owned(), s.known().unwrap_or(0.0)))
            .collect();
        let (mut stakes, mut dilutions): (Vec<Metric>, Vec<Metric>) = (Vec::new(), Vec::new());
        for (name, share) in &holders {
            let source = if name == "employees" { Source::Employees(*share) } else { Source::Holder(*share) };
            let lost = Source::Dilution(Box::new(source.clone()), *share);
            stakes.push(metric(&format!("stake.{name}"), Unit::Share, source));
            dilutions.push(metric(&format!("dilution.{name}"), Unit::Share, lost));
        }
        if holders.iter().all(|(n, _)| n != "employees") {
            stakes.push(metric("stake.employees", Unit::Share, Source::Employees(0.0)));
        }
        stakes.push(metric("stake.new_investors", Unit::Share, Source::NewInvestors));
        if let Some(control) = &scenario.lab.opening.control {
            let among = |name: &str| control.holders.iter().any(|h| h.as_str() == name);
            let share = holders.iter().filter(|(name, _)| among(name)).map(|(_, share)| share).sum();
            let (votes, below) = (control.votes, control.threshold);
            stakes.push(metric("control", Unit::Share, Source::Control { share, votes }));
            stakes.push(metric("control_lost", Unit::Share, Source::ControlLost { share, votes, below }));
        }

        let compute = &scenario.lab.compute;
        // Whether some power in place does not serve.
        let cut = [&compute.availability, &compute.u_max].iter().any(|q| known(q) != Some(1.0));
        let mut monthly = vec![
            metric("revenue", Unit::Usd, Source::Board(lab("revenue"))),
            metric("run_rate", Unit::UsdPerYear, Source::Board(lab("run_rate"))),
            metric("compute_spend", Unit::Usd, Source::Board(ops("compute_spend"))),
            metric("training_spend", Unit::Usd, Source::Board(ops("training_spend"))),
            metric("inference_spend", Unit::Usd, Source::Board(ops("inference_spend"))),
            metric("spend", Unit::Usd, Source::Board(ops("spend"))),
            metric("gap", Unit::Usd, Source::Board(ops("gap"))),
            metric("cumulative_gap", Unit::Usd, Source::Board(accounts("cumulative_gap"))),
            metric("cash", Unit::Usd, Source::Board(lab("cash"))),
            metric("net_flow", Unit::Usd, Source::Board(ops("net_flow"))),
            metric("net_income", Unit::Usd, Source::Board(accounts("net_income"))),
            metric("burn_months", Unit::Months, Source::Runway(lab("runway"))),
            metric("debt", Unit::Usd, Source::Board(lines("debt"))),
            metric("off_balance", Unit::Usd, Source::Board(lines("off_balance"))),
            metric("vehicle_debt", Unit::Usd, Source::Board(lines("vehicle_debt"))),
            metric("look_through_leverage", Unit::Ratio, Source::Leverage { most: false }),
            metric("look_through_leverage_most", Unit::Ratio, Source::Leverage { most: true }),
            metric("guarantees", Unit::Usd, Source::Board(lines("guarantee"))),
            metric("capacity_gw", Unit::Gigawatt, Source::Board(ops("place_gw"))),
            metric("used_gw", Unit::Gigawatt, Source::Board(ops(if cut { "serving_gw" } else { "used_gw" }))),
            metric("utilisation", Unit::Share, Source::Over(ops("used_gw"), ops("place_gw"))),
            metric("spot_gw", Unit::Gigawatt, Source::Board(ops("spot_gw"))),
            metric("idle_cost", Unit::Usd, Source::Board(ops("idle_cost"))),
            metric("unserved_revenue", Unit::Usd, Source::Board(ops("unserved"))),
            metric("lost_margin", Unit::Usd, Source::LostMargin),
            metric("firm_commitments", Unit::Usd, Source::Board(lines("firm"))),
            metric("headline_commitments", Unit::Usd, Source::Board(lines("headline"))),
            metric("valuation", Unit::Usd, Source::Valuation),
            metric("equity_raised", Unit::Usd, Source::Board(accounts("equity_raised"))),
            metric("winter", Unit::Share, Source::Board(market("winter"))),
            metric("equity_multiple", Unit::Ratio, Source::Board(market("multiple"))),
            metric("sofr", Unit::AnnualRate, Source::Board(market("sofr"))),
            metric("resale_index", Unit::Ratio, Source::Board(market("resale"))),
            metric("cash_out", Unit::Share, Source::Happened(accounts("cash_out"))),
            metric("default", Unit::Share, Source::Happened(accounts("default"))),
            metric("ended", Unit::Share, Source::Happened(accounts("ended"))),
        ];
        if cut {
            monthly.push(metric("unavailable_gw", Unit::Gigawatt, Source::Board(ops("unavailable_gw"))));
        }
        if scenario.lab.demand.has_contracted() && compute.capacity == Capacity::Contracted {
            for name in ["served_contracted", "served_others"] {
                monthly.push(metric(name, Unit::Share, Source::Board(ops(name))));
            }
        }
        if scenario.world.vendor_share.is_some() {
            monthly.push(metric("vendor_share", Unit::Ratio, Source::Board(market("vendor_share"))));
        }
        monthly.extend(stakes.iter().cloned());

        let mut at_end = vec![
            metric("cash_out", Unit::Share, Source::Happened(accounts("cash_out"))),
            metric("default", Unit::Share, Source::Happened(accounts("default"))),
            metric("ended", Unit::Share, Source::Happened(accounts("ended"))),
            metric("cash_out_month", Unit::Months, Source::Month(accounts("cash_out"))),
            metric("default_month", Unit::Months, Source::Month(accounts("default"))),
            metric("runway_months", Unit::Months, Source::Month(accounts("first_short"))),
            metric("break_even", Unit::Months, Source::Month(accounts("even_since"))),
            metric("peak_funding", Unit::Usd, Source::PeakFunding),
            metric("peak_cumulative_gap", Unit::Usd, Source::Board(accounts("peak_gap"))),
            metric("cumulative_gap", Unit::Usd, Source::Board(accounts("cumulative_gap"))),
            metric("short_without_new_money", Unit::Usd, Source::Board(accounts("short_without_new_money"))),
            metric("opening_cash", Unit::Usd, Source::Board(accounts("opening_cash"))),
            metric("minimum_cash", Unit::Usd, Source::Board(accounts("minimum_cash"))),
            metric("cash", Unit::Usd, Source::Board(lab("cash"))),
            metric("run_rate", Unit::UsdPerYear, Source::Board(lab("run_rate"))),
            metric("valuation", Unit::Usd, Source::Valuation),
            metric("debt", Unit::Usd, Source::Board(lines("debt"))),
            metric("off_balance", Unit::Usd, Source::Board(lines("off_balance"))),
            metric("firm_commitments", Unit::Usd, Source::Board(lines("firm"))),
            metric("look_through_leverage", Unit::Ratio, Source::Leverage { most: false }),
            metric("look_through_leverage_most", Unit::Ratio, Source::Leverage { most: true }),
            metric("equity_raised", Unit::Usd, Source::Board(accounts("equity_raised"))),
            metric("debt_raised", Unit::Usd, Source::Board(accounts("debt_raised"))),
            metric("clamped_growth", Unit::Count, Source::Board(ops("clamps"))),
        ];
        if scenario.lab.demand.ceiling.is_some() && scenario.lab.demand.saturation != Saturation::None {
            at_end.push(metric("ceiling_floored", Unit::Share, Source::Happened(ops("floored"))));
        }
        at_end.extend(stakes);
        at_end.extend(dilutions);
        at_end.push(metric("hhi.compute", Unit::Share, Source::Concentration(suppliers(rooms))));
        at_end.push(metric("hhi.capital", Unit::Share, Source::Concentration(capital(rooms))));

        for (k, room) in rooms.iter().enumerate() {
            let accounts = room.spec.accounts();
            let column = |field: &str| room.spec.column(field).unwrap_or_else(|| unreachable!("no field `{field}`"));
            for line in room.spec.lines() {
                let first = column(line.field);
                let names: Vec<(String, usize)> = if line.by_account {
                    let name = |(account, slot): &(String, usize)| {
                        (format!("{}.{account}.{}", room.name, line.field), first + slot)
                    };
                    accounts.iter().map(name).collect()
                } else {
                    vec![(format!("{}.{}", room.name, line.field), first)]
                };
                for (name, at) in names {
                    let source = line.defined.map_or(Source::Room(k, at), |by| Source::Defined(k, at, column(by)));
                    let mut m = metric(&name, line.unit, source);
                    m.room = Some(k);
                    if line.at_end {
                        at_end.push(m.clone());
                    }
                    monthly.push(m);
                }
            }
            if room.keeps_flows {
                let each = accounts
                    .iter()
                    .filter(|_| accounts.len() > 1)
                    .map(|(name, slot)| (format!(".{name}"), Some(*slot)));
                for (account, slot) in std::iter::once((String::new(), None)).chain(each) {
                    let told = if slot.is_none() { Return::COUNT } else { 2 };
                    for (what, name, unit) in Return::ALL.into_iter().take(told) {
                        let name = format!("{}{account}.{name}", room.name);
                        let mut m = metric(&name, unit, Source::Return(k, slot, what));
                        m.room = Some(k);
                        at_end.push(m);
                    }
                }
            }
        }
        for (k, name) in OWN_NAMES.iter().enumerate() {
            for (what, first) in [("claim", accounts("claim")), ("loss", accounts("loss"))] {
                at_end.push(metric(&format!("{name}.{what}"), Unit::Usd, Source::Board(first + k)));
            }
        }
        for (name, field) in
            [("estate", "estate"), ("estate.to_shares", "to_shares"), ("estate.to_common", "to_common")]
        {
            at_end.push(metric(name, Unit::Usd, Source::Board(accounts(field))));
        }
        let cash = KINDS
            .iter()
            .enumerate()
            .filter_map(|(k, kind)| {
                let (source, section) = match kind {
                    Kind::In(section) => (true, *section),
                    Kind::Out(_, section) => (false, *section),
                    Kind::Memo => return None,
                };
                Some(CashLine { name: LINE_NAMES[k], column: LINES_AT + k, source, section })
            })
            .collect();
        let events = events_of(rooms);
        let extremes = Vec::new();
        Metrics { monthly, at_end, extremes, events, cash, cash_grid: Grid::new(money, false), holders }
    }

    /// Records what these lines of `checks:` ask for over several months, behind all other metrics at the horizon.
    pub fn record_extremes(&mut self, checks: &[Check], start: Month, months: usize) {
        for check in checks {
            let (Some(name), Some(metric)) = (extreme_name(check), self.find(&check.metric)) else { continue };
            if self.find_end(&name).is_some() {
                continue;
            }
            let until = match check.time {
                Time::By(month) => usize::try_from(month.since(start) + 1).unwrap_or(0).min(months),
                _ => months,
            };
            let (source, unit, grid) =
                (self.monthly[metric].source.clone(), self.monthly[metric].unit, self.monthly[metric].grid);
            self.at_end.push(Metric { name, unit, source: Source::Extreme(self.extremes.len()), grid, room: None });
            self.extremes.push(Extreme { source, most: is_most(check), until });
        }
    }

    /// Records nothing but who runs out of cash when.
    pub fn count_ruin_only(&mut self) {
        self.monthly.clear();
        self.at_end.clear();
        self.extremes.clear();
        self.cash.clear();
        self.events.clear();
    }

    /// Place of a monthly metric.
    pub fn find(&self, name: &str) -> Option<usize> {
        self.monthly.iter().position(|m| m.name == name)
    }
    /// Place of a metric at the horizon.
    pub fn find_end(&self, name: &str) -> Option<usize> {
        self.at_end.iter().position(|m| m.name == name)
    }
}

/// Whether a check looks at the largest value rather than the smallest: that a metric ever exceeds a bound is so when its
/// largest value does.
fn is_most(check: &Check) -> bool {
    match (check.time, &check.inner) {
        (Time::By(_), Some((comparison, _))) => matches!(comparison, Comparison::Greater | Comparison::AtLeast),
        (time, _) => time == Time::Max,
    }
}

/// The metric at the horizon that holds what a check asks for over several months; none when it looks at one.
pub fn extreme_name(check: &Check) -> Option<String> {
    let until = match (check.time, &check.inner) {
        (Time::Min | Time::Max, _) => String::new(),
        (Time::By(month), Some(_)) => format!("_by_{month}"),
        _ => return None,
    };
    Some(match (check.metric.as_str(), is_most(check), until.as_str()) {
        // These are always there.
        ("cash", false, "") => "minimum_cash".to_owned(),
        ("cumulative_gap", true, "") => "peak_cumulative_gap".to_owned(),
        (metric, most, until) => format!("{metric}.{}{until}", if most { "max" } else { "min" }),
    })
}

/// The lab's own creditors, in the order of its own payments.
const OWN_NAMES: [&str; OWN] =
    ["lab.employees", "lab.other_costs", "lab.cloud_partners", "lab.tax", "lab.compute_suppliers"];

/// Events of the world, of the lab and of each room, entity by entity.
pub fn events_of(rooms: &[PlannedRoom]) -> Vec<EventCount> {
    let entities = [("world", None, OF_WORLD), ("lab", None, OF_LAB)];
    let of_rooms = rooms.iter().enumerate().map(|(k, r)| (r.name.as_str(), Some(k), r.spec.events()));
    entities
        .into_iter()
        .chain(of_rooms)
        .flat_map(|(entity, room, mask)| {
            let listed = event::ALL.iter().filter(move |(bit, _)| mask & bit != 0);
            listed.map(move |&(bit, name)| EventCount { entity: entity.to_owned(), room, bit, name })
        })
        .collect()
}

fn suppliers(rooms: &[PlannedRoom]) -> Vec<Vec<(usize, usize)>> {
    let mut groups: Vec<(String, Vec<(usize, usize)>)> = Vec::new();
    for (k, room) in rooms.iter().enumerate() {
        let contract =
            matches!(room.spec, RoomSpec::Contract(_) | RoomSpec::PlainContract(_) | RoomSpec::NoticeContract(_));
        if let Some(at) = room.spec.column("billed").filter(|_| contract) {
            let name = room.spec.supplier().unwrap_or(&room.name).to_owned();
            match groups.iter_mut().find(|g| g.0 == name) {
                Some(group) => group.1.push((k, at)),
                None => groups.push((name, vec![(k, at)])),
            }
        }
    }
    groups.into_iter().map(|g| g.1).collect()
}

fn capital(rooms: &[PlannedRoom]) -> Vec<Vec<(usize, usize)>> {
    rooms
        .iter()
        .enumerate()
        .filter_map(|(k, room)| {
            ["total", "drawn_total", "called_total"].iter().find_map(|f| room.spec.column(f)).map(|at| vec![(k, at)])
        })
        .collect()
}

/// The largest power of two not above `x`, for positive normal `x`.
fn power_of_two_below(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & 0x7ff0_0000_0000_0000)
}

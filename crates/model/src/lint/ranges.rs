//! Numbers outside the range of public reports.
//!
//! The limits are plausibility limits for a warning, from public reports to mid-2026; nothing is computed from them.
//! The median of a value is compared, with its inputs at their medians. A value with a source or a note is assumed to
//! be intended and is not reported.

use super::Lens;
use crate::instruments::InstrumentSpec;
use crate::instruments::joint_venture::spec::VentureKind;
use crate::issues::Place;
use crate::lab::market::ResaleSpec;
use crate::language::quantity::Quantity;

/// How a number in canonical units is displayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    /// `1.5%/mo`.
    Monthly,
    /// `2.4x/yr`, from log growth per month.
    Yearly,
    /// `35%`.
    Share,
    /// `5.75%/yr`.
    Rate,
    /// `18 mo`.
    Months,
    /// `19x`.
    Multiple,
    /// `1.3`.
    Number,
    /// `500B USD/yr`, from money per month.
    MoneyRate,
    /// `9B USD/GW-yr`, from money per GW-month.
    Price,
}

impl Shown {
    fn text(self, x: f64) -> String {
        let billions = 12.0 * x / 1e9;
        match self {
            Shown::Monthly => format!("{}%/mo", short(100.0 * x)),
            Shown::Yearly => format!("{}x/yr", short(libm::exp(12.0 * x))),
            Shown::Share => format!("{}%", short(100.0 * x)),
            Shown::Rate => format!("{}%/yr", short(100.0 * x)),
            Shown::Months => format!("{} mo", short(x)),
            Shown::Multiple => format!("{}x", short(x)),
            Shown::Number => short(x),
            Shown::MoneyRate => format!("{}B USD/yr", short(billions)),
            Shown::Price => format!("{}B USD/GW-yr", short(billions)),
        }
    }
}

/// About three significant digits, without trailing zeros.
fn short(x: f64) -> String {
    let digits = if x.abs() >= 100.0 {
        0
    } else if x.abs() >= 10.0 {
        1
    } else {
        2
    };
    let text = format!("{x:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A plausible range in canonical units, both ends included.
struct Limit {
    what: &'static str,
    low: f64,
    high: f64,
    shown: Shown,
    why: &'static str,
}

/// Constructs a [`Limit`].
const fn limit(what: &'static str, low: f64, high: f64, shown: Shown, why: &'static str) -> Limit {
    Limit { what, low, high, shown, why }
}

/// `ln(2.0)/12` and `ln(3.1)/12`.
const DOUBLES: (f64, f64) = (0.057_762, 0.094_284);
/// Divisor that converts annual money to monthly.
const YEAR: f64 = 12.0;

static GROWTH_LATER: Limit =
    limit("long-run growth", 0.0, 0.02, Shown::Monthly, "0 to 27% a year once the market is mature");
static GROWTH_HALF_LIFE: Limit = limit(
    "the half-life of growth",
    6.0,
    18.0,
    Shown::Months,
    "from the persistence of growth in run-rates of two labs",
);
const GROWTH_SHOCK: Limit = limit(
    "the growth shock",
    0.005,
    0.02,
    Shown::Monthly,
    "at a half-life of 9 months the sd of log revenue after five years is 0.4 to 1.7",
);
const NOISE: Limit = limit("the noise in the level", 0.02, 0.10, Shown::Monthly, "fitted to run-rates of two labs");
const CEILING: Limit = limit(
    "the market ceiling",
    0.0,
    2e12 / YEAR,
    Shown::MoneyRate,
    "forecasts of the AI market in 2030 are up to 2T; a niche market has no lower bound",
);
static EVERY: Limit = limit("the time between releases", 3.0, 9.0, Shown::Months, "releases of frontier labs");
static UPLIFT: Limit = limit("the uplift of a release", 0.05, 0.40, Shown::Share, "increase of log demand at releases");
const ELASTICITY: Limit = limit("the elasticity of volume", 0.8, 2.0, Shown::Number, "of volume to the blended price");
const MARGIN_NOW: Limit =
    limit("the current gross margin", 0.30, 0.65, Shown::Share, "planned 46%, reported 33% at one lab in 2025");
const MARGIN_LATER: Limit = limit("the long-run gross margin", 0.50, 0.75, Shown::Share, "company plans");
static RESEARCH: Limit = limit(
    "growth of research compute",
    DOUBLES.0,
    DOUBLES.1,
    Shown::Yearly,
    "the cost of training has grown 2.4 times a year since 2016",
);
static FINAL_RUN: Limit = limit("the share of final runs", 0.1, 0.3, Shown::Share, "of research compute");
const PARTNERS: Limit = limit("the partner share", 0.0, 0.2, Shown::Share, "reported revenue shares");
static LEAD: Limit = limit("the lead time of orders", 12.0, 36.0, Shown::Months, "from order to power in place");
static PRICE: Limit =
    limit("the price of power", 8e9 / YEAR, 15e9 / YEAR, Shown::Price, "contracts reported for 2025 and 2026");
const IDLE: Limit =
    limit("the resale of idle power", 0.3, 0.5, Shown::Share, "of its own price; zero in the first months of winter");
const LIFE: Limit = limit("the life of accelerators", 48.0, 72.0, Shown::Months, "book lives of 4 to 6 years");
const MULTIPLE: Limit =
    limit("the current price of equity", 8.0, 30.0, Shown::Multiple, "pre-money value over run-rate");
const ENTERS: Limit =
    limit("the probability of a winter", 0.008, 0.03, Shown::Monthly, "one begins every 3 to 10 years");
const LEAVES: Limit =
    limit("the probability that a winter ends", 0.03, 0.10, Shown::Monthly, "it lasts 10 to 33 months");
const WINTER_GROWTH: Limit =
    limit("the drag of winter on growth", -0.04, -0.02, Shown::Monthly, "of log demand a month");
const WINTER_MULTIPLE: Limit = limit("the price of equity in winter", 0.4, 0.6, Shown::Multiple, "relative to boom");
const GOOD: Limit = limit(
    "the margin on an investment-grade contract",
    0.0225,
    0.065,
    Shown::Rate,
    "delayed-draw loans of 2024 to 2026",
);
const POOR: Limit = limit(
    "the margin on a contract below investment grade",
    0.045,
    0.13,
    Shown::Rate,
    "delayed-draw loans of 2024 to 2026",
);
const GEARING: Limit = limit("gearing", 0.70, 0.92, Shown::Share, "of vehicles leasing to a strong tenant");
const COVER: Limit = limit("the target DSCR", 1.15, 1.5, Shown::Multiple, "required by lenders to data centres");
const HURDLE: Limit = limit("the preferred return", 0.06, 0.12, Shown::Rate, "of partners in joint ventures");
const FLOOR: Limit = limit("the guaranteed return", 0.06, 0.175, Shown::Rate, "17.5% was reported at one venture");

/// Limits from reports on frontier labs only: growth, releases and training, and prices and lead times for large buyers
/// of power.
static FRONTIER: [&Limit; 8] =
    [&GROWTH_LATER, &GROWTH_HALF_LIFE, &EVERY, &UPLIFT, &RESEARCH, &FINAL_RUN, &LEAD, &PRICE];
/// Run-rate below which a lab is not a frontier lab, USD per month: the labs in the reports earn more than a billion a
/// year.
const FRONTIER_FROM: f64 = 1e9 / YEAR;

/// A value to compare with its limit.
struct Held<'a> {
    path: String,
    value: f64,
    place: Place,
    limit: &'a Limit,
}

fn held(lens: &Lens<'_>) -> Vec<Held<'static>> {
    let (lab, world) = (&lens.of.scenario.lab, &lens.of.scenario.world);
    let (demand, c) = (&lab.demand, &lab.compute);
    let mut out: Vec<Held<'static>> = Vec::new();
    // A zero switches most features off and is not an estimate.
    let mut hold = |path: &str, quantity: Option<&Quantity>, limit: &'static Limit| {
        if let Some(q) = quantity.filter(|q| q.known() != Some(0.0)) {
            out.push(Held { path: path.to_owned(), value: lens.middle(q), place: q.place(), limit });
        }
    };
    hold("lab.demand.growth.later", Some(&demand.growth.later), &GROWTH_LATER);
    hold("lab.demand.growth.half_life", Some(&demand.growth.half_life), &GROWTH_HALF_LIFE);
    hold("lab.demand.growth_shock", Some(&demand.growth_shock), &GROWTH_SHOCK);
    hold("lab.demand.volatility", Some(&demand.volatility), &NOISE);
    hold("lab.demand.ceiling", demand.ceiling.as_ref(), &CEILING);
    let releases = demand.releases.as_ref();
    hold("lab.demand.releases.every", releases.map(|r| &r.every), &EVERY);
    hold("lab.demand.releases.uplift", releases.map(|r| &r.uplift), &UPLIFT);
    hold("lab.demand.price.elasticity", demand.price.as_ref().map(|p| &p.elasticity), &ELASTICITY);
    let margin = c.inference.gross_margin.as_ref();
    hold("lab.compute.inference.gross_margin.now", margin.map(|m| &m.now), &MARGIN_NOW);
    hold("lab.compute.inference.gross_margin.later", margin.map(|m| &m.later), &MARGIN_LATER);
    hold("lab.compute.inference.partner_share", Some(&c.inference.partner_share), &PARTNERS);
    let research = c.research.as_ref();
    hold("lab.compute.research.growth", research.map(|r| &r.growth), &RESEARCH);
    hold("lab.compute.research.final_run_share", research.map(|r| &r.final_run_share), &FINAL_RUN);
    if let ResaleSpec::Share(share) = &c.resale {
        hold("lab.compute.resale", Some(share), &IDLE);
    }
    hold("world.compute_price.contract", world.compute_price.as_ref().map(|p| &p.contract), &PRICE);
    hold("world.equity_multiple.now", world.equity_multiple.as_ref().map(|m| &m.now), &MULTIPLE);
    let winter = world.regime.as_ref().map(|r| &r.winter);
    hold("world.regime.winter.enters", winter.map(|w| &w.enters), &ENTERS);
    hold("world.regime.winter.leaves", winter.map(|w| &w.leaves), &LEAVES);
    hold("world.regime.winter.growth", winter.map(|w| &w.growth), &WINTER_GROWTH);
    // If winter does not affect the price of equity, there is no estimate to compare.
    let multiple = winter.map(|w| &w.multiple).filter(|q| q.known() != Some(1.0));
    hold("world.regime.winter.multiple", multiple, &WINTER_MULTIPLE);
    for instrument in &lens.of.scenario.instruments.0 {
        let at = |key: &str| format!("instruments.{}.{key}", instrument.name().unwrap_or(instrument.kind()));
        match instrument {
            InstrumentSpec::Ddtl(s) => {
                hold(&at("margin.investment"), s.margin.investment.as_ref(), &GOOD);
                hold(&at("margin.other"), s.margin.other.as_ref(), &POOR);
            }
            InstrumentSpec::Campus(s) => {
                hold(&at("debt.target_dscr"), s.debt.target_dscr.as_ref(), &COVER);
                hold(&at("funding.gearing"), s.funding.gearing.as_ref(), &GEARING);
            }
            InstrumentSpec::AssetVenture(s) if s.kind == VentureKind::Asset => {
                hold(&at("waterfall.hurdle"), Some(&s.waterfall.hurdle), &HURDLE);
            }
            InstrumentSpec::AssetVenture(s) => hold(&at("floor.rate"), s.floor.as_ref().map(|f| &f.rate), &FLOOR),
            _ => {}
        }
    }
    // Values derived from several keys, or that are always known.
    let mut give = |path: String, value: f64, place: Place, limit| out.push(Held { path, value, place, limit });
    if let Some(orders) = &c.orders {
        give("lab.compute.orders.lead".to_owned(), orders.lead.0, orders.lead.place(), &LEAD);
    }
    for (name, contract) in &c.contracts.0 {
        // A contract's price is compared per GW of effective power (`capacity_value`), not per contracted GW.
        let power = lens.middle(&contract.power);
        let value = contract.capacity_value.as_ref().map_or(power, |q| lens.middle(q));
        if let Some(stated) = contract.price.as_ref().filter(|_| value > 0.0) {
            let price = lens.middle(stated) * power / value;
            give(format!("lab.compute.contracts.{name}.price"), price, stated.place(), &PRICE);
        }
    }
    for (name, owned) in &c.owned.0 {
        give(format!("lab.compute.owned.{name}.life"), owned.life.0, owned.life.place(), &LIFE);
    }
    for instrument in &lens.of.scenario.instruments.0 {
        if let InstrumentSpec::Spv(vehicle) = instrument {
            let debt: f64 = vehicle.tranches.0.iter().map(|(_, t)| lens.middle(&t.amount)).sum();
            let capex = lens.middle(&vehicle.capex);
            if let (Some((_, first)), true) = (vehicle.tranches.0.first(), capex > 0.0) {
                give(format!("instruments.{}.tranches", vehicle.name), debt / capex, first.amount.place(), &GEARING);
            }
        }
    }
    out
}

/// Values whose median is outside its limit, without a source or note.
pub(super) fn outside(lens: &mut Lens<'_>) {
    let segments = &lens.of.scenario.lab.demand.segments.0;
    let earns: f64 = segments.iter().map(|(_, segment)| lens.middle(&segment.run_rate)).sum();
    let small = earns < FRONTIER_FROM;
    for Held { path, value, place, limit } in held(lens) {
        if small && FRONTIER.iter().any(|frontier| std::ptr::eq(*frontier, limit)) {
            continue;
        }
        let slack = 1e-6 * limit.high.abs().max(limit.low.abs());
        let within = value >= limit.low - slack && value <= limit.high + slack;
        if within || lens.explained(&path) {
            continue;
        }
        let shown = |x: f64| limit.shown.text(x);
        let title = format!("{} is {}, outside the range of public reports", limit.what, shown(value));
        let span = if limit.low == 0.0 && limit.shown == Shown::MoneyRate {
            format!("up to {}", shown(limit.high))
        } else {
            format!("{} to {}", shown(limit.low), shown(limit.high))
        };
        if let Some(issue) = lens.lint("lint-range", place, title, format!("{span}: {}", limit.why)) {
            issue.help(format!("`{path}`: if intended, say why in a `source` or `note`"));
        }
    }
}

//! Scenario keys of a joint venture.

use crate::instruments::waterfall::{European, Flip, Form, LookBack, Sharing, TIERS, monthly};
use crate::issues::Place;
use crate::language::prelude::{Months, Name, When};
use crate::language::quantity::{Inputs, Kind, Quantity, Unit};
use crate::language::reader::{Read, Reader};
use crate::language::spec::Shape;
use crate::language::tree::Node;
use crate::{choice, spec};

spec! {
    /// A joint venture with capital partners.
    pub struct JointVentureSpec {
        /// Its name.
        pub name: Name,
        /// Type of venture.
        pub kind: VentureKind,
        /// Capital commitments.
        pub commitment: CommitmentSpec,
        /// Timing of capital calls.
        pub calls: CallsSpec = "{}",
        /// The lab's share of distributions once fully paid in; by default its share of commitments.
        pub stake: Option<Quantity> [Share],
        /// Distribution waterfall between the partners and the promote holder.
        pub waterfall: WaterfallSpec = "{}",
        /// Annual fee to the promote holder, on the partners' commitment during the call period and on their unreturned
        /// capital thereafter.
        pub fee: Quantity [Rate >= 0.0] = "0%/yr",

        /// Distribution: uplift of the lab's demand once the venture is built up; alternative to `portfolio`.
        pub demand_uplift: Option<Quantity> [Share >= -1.0],
        /// Distribution: months over which the uplift builds, from the first call.
        pub builds_up: Months = "24 mo",
        /// Distribution: companies that adopt the lab's product over time; alternative to `demand_uplift`.
        pub portfolio: Option<PortfolioSpec>,
        /// Distribution: what capital may pay for (the rest is paid from earnings alone); by default all of it.
        pub capital_for: Option<Vec<PlacedUse>>,
        /// Distribution: purchase of a firm together with its customers.
        pub acquisitions: Option<AcquisitionsSpec>,
        /// Distribution: commission the lab pays the venture (or discount on its list price), as a share of the demand
        /// brought.
        pub commission: Quantity [Share] = "0%",
        /// Distribution: net income of the venture from others once all capital is called; in addition to or instead of
        /// a portfolio.
        pub income: Quantity [MoneyRate] = "0 USD/yr",
        /// Distribution: the same in winter; by default as in boom.
        pub income_in_winter: Option<Quantity> [MoneyRate],
        /// Distribution: return floor for the partners, topped up by the lab each year.
        pub floor: Option<FloorSpec>,
        /// Distribution: earnings are distributed as far as the venture's cash exceeds this many months of overhead; by
        /// default all of them.
        pub keeps: Option<Quantity> [Time],
        /// Distribution: months from the first call during which nothing is distributed.
        pub distributes_from: Option<Months>,
        /// Distribution: mark of the partners' position at the horizon, as a multiple of the venture's earnings of the
        /// last twelve months; by default their unreturned capital.
        pub exit_multiple: Option<Quantity> [Multiple],
        /// Distribution: factor on `exit_multiple` if the run ends in winter; by default that of the price of equity,
        /// `world.regime.winter.multiple`.
        pub exit_in_winter: Option<Quantity> [Multiple],

        /// Asset: power leased to the lab once fully built.
        pub power: Option<Quantity> [Power],
        /// Asset: rent.
        pub rent: Option<Quantity> [MoneyRate],
        /// Asset: take-or-pay share of the rent; the rest is charged by use.
        pub take_or_pay: Quantity [Share] = "100%",
        /// Asset: operating cost, paid by the venture.
        pub opex: Quantity [MoneyRate] = "0 USD/yr",
        /// Asset: months of rent.
        pub term: Months = "60 mo",
        /// Asset: discount rate for firm rent.
        pub discount_rate: Quantity [Rate] = "8%/yr",
        /// Asset: residual value at the end of the term, as a share of cost; the value declines to it linearly.
        pub residual: Quantity [Share] = "0%",
        /// Asset: sensitivity of its value to the resale index of accelerators.
        pub exposure: Quantity [Share] = "100%",
        /// Asset: construction spending schedule; by default as capital is called.
        pub build: Option<BuildSpec>,
        /// Asset: term debt of the venture.
        pub debt: Option<DebtSpec>,
        /// Minimum return that the lab guarantees to the partners at the end, or, of a distribution venture, at the
        /// horizon.
        pub minimum_return: Option<MinimumSpec>,
        /// Asset: the partners' put option on their stake against the lab.
        pub put: Option<PutSpec>,
        /// Asset: the lab's call option on the partners' stake.
        pub buy_out: Option<BuyOutSpec>,
        /// Asset: month in which the partners' stake is sold, if they still hold it.
        pub exit: Option<When>,
        /// Asset: step-in right of the partners over capacity for which the lab does not pay; without it the venture is
        /// wound up when the lab ends.
        pub step_in: Option<StepInSpec>,
        /// Asset: expropriation or termination by a state.
        pub political: Option<PoliticalSpec>,
    }
    /// Capital commitments.
    pub struct CommitmentSpec {
        /// The lab's commitment.
        pub lab: Quantity [Money] = "0 USD",
        /// The partners' commitment.
        pub partners: Quantity [Money],
    }
    /// Timing of capital calls.
    pub struct CallsSpec {
        /// First month; by default the first of the scenario.
        pub start: Option<When>,
        /// Length of the call period in months.
        pub over: Months = "6 mo",
        /// Whether capital is called in equal parts or as needed.
        pub by: CallsBy = "schedule",
        /// Monthly probability that the partners miss a call.
        pub unanswered: Quantity [Hazard] = "0%/mo",
        /// The same in winter; by default as in boom.
        pub unanswered_in_winter: Option<Quantity> [Hazard],
        /// What happens when the partners miss a call.
        pub gap: Gap = "dilutes",
    }
    /// Distribution waterfall between the partners and the promote holder.
    pub struct WaterfallSpec {
        /// Hurdle: the preferred return.
        pub hurdle: Quantity [Rate >= 0.0] = "8%/yr",
        /// How the preferred return accrues.
        pub accrual: Accrual = "compound",
        /// Order of capital and preferred return.
        pub order: TierOrder = "capital_first",
        /// Catch-up: share of each dollar to the promote holder until the promote is complete; 0% for none (a hard
        /// hurdle).
        pub catch_up: Quantity [Share] = "0%",
        /// Promote: share of profit to the promote holder.
        pub promote: Quantity [Share] = "0%",
        /// Who manages the venture and receives the promote and the fee.
        pub promote_to: PromoteHolder = "lab",
        /// Look-back tiers by the partners' own return; replaces the terms above.
        pub look_back: Vec<TierSpec> = "[]",
        /// Partners' share above the last tier.
        pub beyond: Quantity [Share] = "100%",
        /// A share that flips once the partners have earned a target return; replaces the terms above.
        pub flip: Option<FlipSpec>,
        /// Asset: deals sold at different times, each with its own account on the terms above; excess promote is clawed
        /// back at the end.
        pub deals: Vec<DealSpec> = "[]",
    }
    /// A look-back tier.
    pub struct TierSpec {
        /// Partners' return at which the tier ends.
        pub hurdle: Quantity [Rate],
        /// Partners' share within the tier.
        pub share: Quantity [Share],
    }
    /// A share that flips in the month after the partners have earned a target return.
    pub struct FlipSpec {
        /// Partners' return at which it flips.
        pub target: Quantity [Rate],
        /// Partners' share before the flip.
        pub before: Quantity [Share],
        /// Partners' share after the flip.
        pub after: Quantity [Share],
    }
    /// A part of an asset venture that is sold separately.
    pub struct DealSpec {
        /// Its share of capital, power and rent.
        pub share: Quantity [Share],
        /// Month at the end of which it is sold.
        pub until: When,
    }
    /// Companies that adopt the lab's product through a venture.
    pub struct PortfolioSpec {
        /// Number of companies.
        pub companies: Quantity [Number >= 0.0],
        /// Monthly adoption probability of each company, from the first call.
        pub adopts: Quantity [Hazard],
        /// Adoption in winter as a share of that in boom; by default all of it.
        pub in_winter: Option<Quantity> [Share],
        /// Monthly adoption probability in winter; alternative to `in_winter`.
        pub adopts_in_winter: Option<Quantity> [Hazard],
        /// Monthly churn probability of a user.
        pub churns: Quantity [Hazard] = "0%/mo",
        /// What each user buys from the lab, at list price.
        pub sales: Quantity [MoneyRate],
        /// Growth of those purchases.
        pub sales_growth: Quantity [Growth] = "0%/mo",
        /// What each user pays the venture for services.
        pub services: Quantity [MoneyRate] = "0 USD/mo",
        /// Growth of those payments.
        pub services_growth: Quantity [Growth] = "0%/mo",
        /// Deployment cost of each new user.
        pub deployment: Quantity [Money] = "0 USD",
        /// Staff cost: money for each user, or a share of what users pay for services.
        pub people: StaffCost = "0 USD/mo",
        /// Fixed staff cost.
        pub overhead: Quantity [MoneyRate] = "0 USD/mo",
    }
    /// Purchase of a firm by a distribution venture.
    pub struct AcquisitionsSpec {
        /// Price, paid in one month.
        pub amount: Quantity [Money],
        /// Month of payment.
        pub date: When,
        /// Companies that it brings: they use the product from the following month, in addition to `portfolio.companies`.
        pub brings: Quantity [Number >= 0.0] = "0",
    }
    /// Return floor for the partners, topped up by the lab.
    pub struct FloorSpec {
        /// Annual return, simple, on unreturned capital.
        pub rate: Quantity [Rate >= 0.0],
        /// Maximum top-up for a year; no limit if absent.
        pub most: Option<Quantity> [MoneyRate],
        /// Last month covered by the floor; the horizon if absent.
        pub until: Option<When>,
    }
    /// Construction spending schedule.
    pub struct BuildSpec {
        /// First month.
        pub start: When,
        /// Months of spending, in equal parts; rent begins in the following month.
        pub over: Months,
    }
    /// Term debt of a venture, drawn as capital is spent.
    pub struct DebtSpec {
        /// Amount when fully built; alternative to `share`.
        pub amount: Option<Quantity> [Money],
        /// Share of spending financed by debt; alternative to `amount`.
        pub share: Option<Quantity> [Share 0.0..0.99],
        /// Fixed interest rate; capitalised until rent begins.
        pub rate: Quantity [Rate],
        /// Months over which it is repaid in level payments, from the first month of rent.
        pub term: Months,
        /// Consecutive months of missed service after which the debt is accelerated.
        pub grace: Quantity [Time] = "3 mo",
    }
    /// Minimum return guaranteed by the lab.
    pub struct MinimumSpec {
        /// Annual return, compounding.
        pub rate: Quantity [Rate],
        /// Month at the end of which it is tested once against the partners' share of net assets (of a distribution
        /// venture, against its mark); by default at the end of the venture, or at the horizon.
        pub at: Option<When>,
        /// Maximum payment by the lab.
        pub most: Option<Quantity> [Money],
    }
    /// The partners' put option on their stake against the lab.
    pub struct PutSpec {
        /// First month.
        pub from: When,
        /// Annual return to the partners at the put price, compounding.
        pub rate: Quantity [Rate],
        /// When the partners exercise, provided the put price is above their share of net assets.
        pub exercised: PutRule = "when_worth",
    }
    /// The lab's call option on the partners' stake.
    pub struct BuyOutSpec {
        /// First month.
        pub from: When,
        /// Minimum IRR to the partners at the buy-out price.
        pub irr: Quantity [Rate] = "0%/yr",
        /// Minimum MOIC to the partners at the buy-out price.
        pub moic: Quantity [Multiple] = "1x",
        /// Minimum cash of the lab after the buy-out, in months of gross cost.
        pub keeps: Quantity [Time] = "6 mo",
    }
    /// The partners' step-in right over capacity that the lab rents.
    pub struct StepInSpec {
        /// Consecutive months of rent arrears before step-in; immediate if the lab ends.
        pub after: Quantity [Time] = "3 mo",
        /// Months until a replacement tenant is found.
        pub vacancy: Quantity [Time] = "6 mo",
        /// Rent from a replacement tenant, as a share of the lab's; above 100% if the lab rents below market.
        pub rent: Quantity [Share >= 0.0] = "60%",
    }
    /// Expropriation or termination by a state.
    pub struct PoliticalSpec {
        /// Probability of the event.
        pub hazard: Quantity [Hazard],
        /// Recovery, as a share of value.
        pub recovers: Quantity [Share] = "50%",
    }
}

/// Cost of staff: money for each user, or a share of what users pay for services.
#[derive(Clone, Debug, PartialEq)]
pub struct StaffCost {
    /// The amount for each user, or the share.
    pub value: Quantity,
    /// Whether it is a share.
    pub is_share: bool,
}

impl StaffCost {
    /// Money for each user, and the share of services; one of them is zero.
    pub fn at(&self, inputs: &Inputs<'_>) -> (f64, f64) {
        let x = self.value.at(inputs);
        if self.is_share { (0.0, x) } else { (x, 0.0) }
    }
}

/// A use of capital and where it was written.
#[derive(Clone, Copy, Debug)]
pub struct PlacedUse(pub CapitalUse, pub Place);

impl Read for PlacedUse {
    const SHAPE: Shape = CapitalUse::SHAPE;
    fn read(node: &mut Node, kind: Option<Kind>, reader: &mut Reader) -> Option<Self> {
        let place = node.place;
        CapitalUse::read(node, kind, reader).map(|what| PlacedUse(what, place))
    }
}

impl Read for StaffCost {
    const SHAPE: Shape = Shape::MoneyRateOrShare;
    fn read(node: &mut Node, _: Option<Kind>, reader: &mut Reader) -> Option<Self> {
        // The unit decides; anything else is read, and reported, as money.
        let text = |node: &Node| node.text().unwrap_or("").trim().to_owned();
        let law = ["value", "p5", "median", "mean", "mode", "min"].iter().find_map(|key| node.get(key));
        let written = text(law.unwrap_or(node));
        let named = reader.inputs.iter().any(|input| input.name == written && input.unit == Unit::Share);
        let is_share = named || (written.contains('%') && !written.contains("USD"));
        let kind = if is_share { Kind::Share } else { Kind::MoneyRate };
        Some(StaffCost { value: Quantity::read(node, Some(kind), reader)?, is_share })
    }
}

choice! {
    /// What the capital of a distribution venture may pay for.
    pub enum CapitalUse {
        /// Deployment at new users.
        Deployment = "deployment",
        /// Staff and overhead.
        People = "people",
        /// The purchase of a firm.
        Acquisitions = "acquisitions",
    }
    /// Type of venture.
    pub enum VentureKind {
        /// Sells and deploys the lab's product.
        Distribution = "distribution",
        /// Owns compute that the lab rents.
        Asset = "asset",
    }
    /// When capital is called.
    pub enum CallsBy {
        /// In equal parts.
        Schedule = "schedule",
        /// When the venture has payments to make.
        Need = "need",
    }
    /// What happens when the partners miss a call.
    pub enum Gap {
        /// The venture is smaller and the partners are diluted to what they have paid.
        Dilutes = "dilutes",
        /// The lab covers the call and the partners are diluted likewise.
        LabCovers = "lab_covers",
    }
    /// How a preferred return accrues.
    pub enum Accrual {
        /// On capital and on what has accrued, at `(1 + h)^(1/12) − 1` a month.
        Compound = "compound",
        /// On capital only, at `h/12` a month.
        Simple = "simple",
    }
    /// Order of capital and preferred return.
    pub enum TierOrder {
        /// Capital, then preferred return.
        CapitalFirst = "capital_first",
        /// Preferred return, then capital.
        PreferredFirst = "preferred_first",
    }
    /// Who receives the promote and the fee.
    pub enum PromoteHolder {
        /// The lab.
        Lab = "lab",
        /// A manager, with its own account.
        Manager = "manager",
    }
    /// When the partners exercise their put.
    pub enum PutRule {
        /// In the first month in which it is in the money.
        WhenWorth = "when_worth",
        /// In the first such month in which it is winter or the lab is in distress.
        UnderStress = "under_stress",
    }
}

impl JointVentureSpec {
    /// First and last month of the call period.
    pub fn called(&self) -> (f64, f64) {
        let start = self.calls.start.as_ref().map_or(1.0, |w| w.0);
        (start, start + self.calls.over.0.round().max(1.0) - 1.0)
    }
    /// First month of construction of an asset venture, and number of construction months.
    pub fn built(&self) -> (f64, f64) {
        match &self.build {
            Some(b) => (b.start.0, b.over.0.round().max(1.0)),
            None => (self.called().0, self.calls.over.0.round().max(1.0)),
        }
    }
    /// Whether the capital of a distribution venture may pay for this.
    pub fn pays_for(&self, what: CapitalUse) -> bool {
        self.capital_for.as_ref().is_none_or(|uses| uses.iter().any(|PlacedUse(named, _)| *named == what))
    }
    /// Whether a distribution venture retains earnings.
    pub fn retains(&self) -> bool {
        self.keeps.is_some() || self.distributes_from.is_some()
    }
    /// Whether the promote goes to a manager.
    pub fn has_manager(&self) -> bool {
        self.waterfall.promote_to == PromoteHolder::Manager
    }
}

impl WaterfallSpec {
    /// The form in force; the check leaves at most one of the alternatives.
    pub fn form(&self) -> Form {
        if !self.deals.is_empty() {
            Form::Deals
        } else if self.flip.is_some() {
            Form::Flip
        } else if !self.look_back.is_empty() {
            Form::LookBack
        } else {
            Form::European
        }
    }
    /// Terms on the path of these inputs.
    pub fn terms(&self, inputs: &Inputs<'_>) -> Sharing {
        let simple = self.accrual == Accrual::Simple;
        let hurdle = self.hurdle.at(inputs);
        let european = European::new(
            if simple { hurdle / 12.0 } else { monthly(hurdle) },
            simple,
            self.order == TierOrder::PreferredFirst,
            self.catch_up.at(inputs),
            self.promote.at(inputs),
        );
        let tiers: Vec<(f64, f64)> = match &self.flip {
            Some(flip) => vec![(monthly(flip.target.at(inputs)), 0.0)],
            None => {
                self.look_back.iter().take(TIERS).map(|t| (monthly(t.hurdle.at(inputs)), t.share.at(inputs))).collect()
            }
        };
        let flip = self
            .flip
            .as_ref()
            .map_or(Flip::default(), |f| Flip { before: f.before.at(inputs), after: f.after.at(inputs) });
        Sharing::new(self.form(), european, LookBack::new(&tiers, self.beyond.at(inputs)), flip)
    }
}

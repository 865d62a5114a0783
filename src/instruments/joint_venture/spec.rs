//! What the user writes about a venture.

use crate::instruments::waterfall::{European, Flip, Form, LookBack, Sharing, TIERS, monthly};
use crate::language::prelude::{Months, Name, When};
use crate::language::quantity::{Inputs, Quantity};
use crate::{choice, spec};

spec! {
    /// A joint venture with capital partners.
    pub struct JointVentureSpec {
        /// Its name.
        pub name: Name,
        /// What it does.
        pub kind: VentureKind,
        /// Capital committed.
        pub commitment: CommitmentSpec,
        /// When it is called.
        pub calls: CallsSpec = "{}",
        /// The lab's share of distributions once all is paid in; by default its share of the commitment.
        pub stake: Option<Quantity> [Share],
        /// How the partners' part is shared.
        pub waterfall: WaterfallSpec = "{}",
        /// Yearly fee to the holder of the promote, on the partners' commitment while it is called and then on their capital not yet returned.
        pub fee: Quantity [Rate >= 0.0] = "0%/yr",

        /// Distribution: rise of the lab's demand once the venture is built up.
        pub demand_uplift: Option<Quantity> [Share >= -1.0],
        /// Distribution: months in which the rise builds up, from the first call.
        pub builds_up: Months = "24 mo",
        /// Distribution: companies that come to use the lab's product, one by one.
        pub portfolio: Option<PortfolioSpec>,
        /// Distribution: share of the demand brought that the lab pays to the venture: a commission, or the discount on its list price.
        pub commission: Quantity [Share] = "0%",
        /// Distribution: what the venture earns from others, net, once all is called; beside a portfolio or in place of it.
        pub income: Quantity [MoneyRate] = "0 USD/yr",
        /// Distribution: the same in winter; by default as in boom.
        pub income_in_winter: Option<Quantity> [MoneyRate],
        /// Distribution: a return of the partners that the lab tops up every year.
        pub floor: Option<FloorSpec>,
        /// Distribution: what the partners' position is worth at the horizon, as a multiple of a year's earnings of the venture; by default their capital not yet returned.
        pub exit_multiple: Option<Quantity> [Multiple],

        /// Asset: power that the lab rents once all is built.
        pub power: Option<Quantity> [Power],
        /// Asset: rent.
        pub rent: Option<Quantity> [MoneyRate],
        /// Asset: share of the rent that is paid whether the power is used or not; the rest by use.
        pub take_or_pay: Quantity [Share] = "100%",
        /// Asset: running cost, paid by the venture.
        pub running: Quantity [MoneyRate] = "0 USD/yr",
        /// Asset: months of rent.
        pub term: Months = "60 mo",
        /// Asset: rate at which firm rent is discounted.
        pub discount: Quantity [Rate] = "8%/yr",
        /// Asset: value left at the end of the term, as a share of cost; it falls to it in a straight line.
        pub residual: Quantity [Share] = "0%",
        /// Asset: how far its value follows the resale index of accelerators.
        pub exposure: Quantity [Share] = "100%",
        /// Asset: when capital is spent; by default as it is called.
        pub build: Option<BuildSpec>,
        /// Asset: term debt of the venture.
        pub debt: Option<DebtSpec>,
        /// Asset: a return that the lab guarantees to the partners at the end.
        pub minimum_return: Option<MinimumSpec>,
        /// Asset: the partners' right to sell their stake to the lab.
        pub put: Option<PutSpec>,
        /// Asset: the lab's right to buy the partners out.
        pub buy_out: Option<BuyOutSpec>,
        /// Asset: month in which the partners have it sold, if they still hold their stake.
        pub exit: Option<When>,
        /// Asset: the partners' right to take over what the lab rents when it does not pay; without it the venture is wound up on the lab's end.
        pub step_in: Option<StepInSpec>,
        /// Asset: the venture can be ended by a state.
        pub political: Option<PoliticalSpec>,
    }
    /// Capital committed.
    pub struct CommitmentSpec {
        /// By the lab.
        pub lab: Quantity [Money] = "0 USD",
        /// By the partners.
        pub partners: Quantity [Money],
    }
    /// When capital is called.
    pub struct CallsSpec {
        /// First month; by default the first of the scenario.
        pub start: Option<When>,
        /// Months.
        pub over: Months = "6 mo",
        /// Whether it is called in equal parts, or when the venture needs it.
        pub by: CallsBy = "schedule",
        /// Probability a month that the partners do not answer.
        pub unanswered: Quantity [Hazard] = "0%/mo",
        /// The same in winter; by default as in boom.
        pub unanswered_in_winter: Option<Quantity> [Hazard],
        /// What becomes of what the partners do not pay.
        pub gap: Gap = "dilutes",
    }
    /// How the partners' part of distributions is shared with the holder of the promote.
    pub struct WaterfallSpec {
        /// Preferred return.
        pub hurdle: Quantity [Rate >= 0.0] = "8%/yr",
        /// Whether it compounds.
        pub accrual: Accrual = "compound",
        /// What is paid first.
        pub order: TierOrder = "capital_first",
        /// Share of each dollar that goes to the promote holder until the promote is complete; 0% for none (a hard hurdle).
        pub catch_up: Quantity [Share] = "0%",
        /// Share of profit for the promote holder.
        pub promote: Quantity [Share] = "0%",
        /// Who runs the venture and gets the promote and the fee.
        pub promote_to: PromoteHolder = "lab",
        /// Tiers by the partners' own return, in place of the terms above.
        pub look_back: Vec<TierSpec> = "[]",
        /// Partners' share beyond the last tier.
        pub beyond: Quantity [Share] = "100%",
        /// A share that changes once the partners have earned a target, in place of the terms above.
        pub flip: Option<FlipSpec>,
        /// Asset: parts that are sold at different times, each with its own account of the terms above; what promote was then paid too much is given back at the end.
        pub deals: Vec<DealSpec> = "[]",
    }
    /// A look-back tier.
    pub struct TierSpec {
        /// Return of the partners up to which it reaches.
        pub hurdle: Quantity [Rate],
        /// Partners' share within it.
        pub share: Quantity [Share],
    }
    /// A share that changes in the month after the one in which the partners have earned a target.
    pub struct FlipSpec {
        /// Return of the partners after which it changes.
        pub target: Quantity [Rate],
        /// Partners' share before.
        pub before: Quantity [Share],
        /// Partners' share after.
        pub after: Quantity [Share],
    }
    /// A part of an asset venture that is sold by itself.
    pub struct DealSpec {
        /// Its share of the capital, the power and the rent.
        pub share: Quantity [Share],
        /// Month at whose end it is sold.
        pub until: When,
    }
    /// Companies that come to use the lab's product through a venture.
    pub struct PortfolioSpec {
        /// How many there are.
        pub companies: Quantity [Number >= 0.0],
        /// Probability a month that one of them begins, from the first call on.
        pub adopts: Quantity [Hazard],
        /// The same in winter; by default as in boom.
        pub adopts_in_winter: Option<Quantity> [Hazard],
        /// Probability a month that a user leaves.
        pub churns: Quantity [Hazard] = "0%/mo",
        /// What each buys from the lab, at list price.
        pub sales: Quantity [MoneyRate],
        /// Growth of that.
        pub sales_growth: Quantity [Growth] = "0%/mo",
        /// What each pays to the venture for services.
        pub services: Quantity [MoneyRate] = "0 USD/mo",
        /// Cost of bringing one on.
        pub deployment: Quantity [Money] = "0 USD",
        /// Cost of people for each that uses it.
        pub people: Quantity [MoneyRate] = "0 USD/mo",
        /// Cost of people apart from that.
        pub overhead: Quantity [MoneyRate] = "0 USD/mo",
    }
    /// A return of the partners that the lab tops up.
    pub struct FloorSpec {
        /// Return a year, simple, on capital not yet returned.
        pub rate: Quantity [Rate >= 0.0],
        /// Most that the lab pays for a year; no limit when absent.
        pub most: Option<Quantity> [MoneyRate],
        /// Last month for which it is owed; the horizon when absent.
        pub until: Option<When>,
    }
    /// When capital is spent.
    pub struct BuildSpec {
        /// First month.
        pub start: When,
        /// Months, in equal parts; rent begins in the month after the last.
        pub over: Months,
    }
    /// Term debt of a venture, drawn as its capital is spent.
    pub struct DebtSpec {
        /// Its amount when all is built; or say `share`.
        pub amount: Option<Quantity> [Money],
        /// Its share of what is spent; or say `amount`.
        pub share: Option<Quantity> [Share 0.0..0.99],
        /// Interest, fixed; added to the debt until rent begins.
        pub rate: Quantity [Rate],
        /// Months over which it is repaid by level payments, from the first month of rent.
        pub term: Months,
        /// Months with missed service, one after the other, after which all of it is due.
        pub grace: Quantity [Time] = "3 mo",
    }
    /// A return that the lab guarantees.
    pub struct MinimumSpec {
        /// Return a year, compounding.
        pub rate: Quantity [Rate],
        /// Month at whose end it is tested against the partners' share of net assets, once; by default at the end of the venture.
        pub at: Option<When>,
        /// Most that the lab pays.
        pub most: Option<Quantity> [Money],
    }
    /// The partners' right to sell their stake to the lab.
    pub struct PutSpec {
        /// First month.
        pub from: When,
        /// Return a year, compounding, that its price gives to the partners.
        pub rate: Quantity [Rate],
        /// When the partners use it, if its price is above their share of net assets.
        pub exercised: PutRule = "when_worth",
    }
    /// The lab's right to buy the partners out.
    pub struct BuyOutSpec {
        /// First month.
        pub from: When,
        /// Return a year that the price must give to the partners at least.
        pub irr: Quantity [Rate] = "0%/yr",
        /// Multiple of their capital that the partners must have got at least.
        pub moic: Quantity [Multiple] = "1x",
        /// Months of gross cost that the lab's cash must cover after it.
        pub keeps: Quantity [Time] = "6 mo",
    }
    /// The partners' right to take over what the lab rents.
    pub struct StepInSpec {
        /// Months with rent in arrears, one after the other, after which they do; at once on the lab's end.
        pub after: Quantity [Time] = "3 mo",
        /// Time until there is another tenant.
        pub vacancy: Quantity [Time] = "6 mo",
        /// Rent of another tenant, as a share of the lab's; above 100% when the lab rents below the market.
        pub rent: Quantity [Share >= 0.0] = "60%",
    }
    /// The venture can be ended by a state.
    pub struct PoliticalSpec {
        /// Probability that it happens.
        pub hazard: Quantity [Hazard],
        /// Share of its value that is paid.
        pub recovers: Quantity [Share] = "50%",
    }
}

choice! {
    /// What a venture does.
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
        /// When the venture has to pay for something.
        Need = "need",
    }
    /// What becomes of what the partners do not pay.
    pub enum Gap {
        /// The venture is smaller, and their share falls to what they have paid.
        Dilutes = "dilutes",
        /// The lab pays it too, and their share falls likewise.
        LabCovers = "lab_covers",
    }
    /// How a preferred return accrues.
    pub enum Accrual {
        /// On capital and on what has accrued, at `(1 + h)^(1/12) − 1` a month.
        Compound = "compound",
        /// On capital alone, at `h/12` a month.
        Simple = "simple",
    }
    /// What a waterfall pays first.
    pub enum TierOrder {
        /// Capital, then preferred return.
        CapitalFirst = "capital_first",
        /// Preferred return, then capital.
        PreferredFirst = "preferred_first",
    }
    /// Who gets the promote and the fee.
    pub enum PromoteHolder {
        /// The lab.
        Lab = "lab",
        /// A manager, who has an account of its own.
        Manager = "manager",
    }
    /// When partners use their put.
    pub enum PutRule {
        /// In the first month in which it is worth something.
        WhenWorth = "when_worth",
        /// In the first such month in which it is winter or the lab is in distress.
        UnderStress = "under_stress",
    }
}

impl JointVentureSpec {
    /// First and last month of the calls.
    pub fn called(&self) -> (f64, f64) {
        let start = self.calls.start.as_ref().map_or(1.0, |w| w.0);
        (start, start + self.calls.over.0.round().max(1.0) - 1.0)
    }
    /// First month of the building of an asset, and how many there are.
    pub fn built(&self) -> (f64, f64) {
        match &self.build {
            Some(b) => (b.start.0, b.over.0.round().max(1.0)),
            None => (self.called().0, self.calls.over.0.round().max(1.0)),
        }
    }
    /// Whether the promote goes to a manager.
    pub fn has_manager(&self) -> bool {
        self.waterfall.promote_to == PromoteHolder::Manager
    }
}

impl WaterfallSpec {
    /// The form in force, as the check leaves one.
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
    /// Terms on one path.
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

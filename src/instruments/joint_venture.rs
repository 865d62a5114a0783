//! A joint venture of the lab with capital partners, of one of two kinds that must not be confused.
//!
//! # What it is
//! `kind: distribution` sells and deploys the lab's product in the partners' companies: its capital funds people, and
//! the lab gains demand. `kind: asset` owns compute that the lab rents. Both call capital, and share what they can
//! distribute by a waterfall.
//!
//! # Monthly cash flows
//! | flow | lab | partners | third parties |
//! | --- | --- | --- | --- |
//! | calls | − its part | − | + (deployment, or hardware) |
//! | asset: rent, with arrears | − | to the waterfall | + running cost |
//! | distribution: commission on the demand brought | − | to the waterfall | |
//! | distributions | + its stake, and the promote | + | |
//! | asset: sale of what is left, at the end or on the lab's default | | to the waterfall | − (buyer) |
//!
//! # In YAML
//! `- joint_venture: {name: services_jv, kind: distribution, commitment: {lab: 300M USD, partners: 1.2B USD},
//! demand_uplift: 0% to 6%, waterfall: {hurdle: 8%/yr, catch_up: 50%, promote: 20%}}`
//!
//! # Conventions and limits
//! Calls fall evenly into the months of `calls`. A call of the partners may go unanswered with a stated probability a
//! month; the lab's own call is paid in its rank. The lab's stake is a share of distributions pari passu with the
//! partners, who then share by the waterfall; the promote goes to the lab. The stake is carried at cost; distributions
//! reduce it first and are income beyond. No vehicle debt, no put, no guarantee, no clawback.
//!
//! # Sources
//! MODEL §7.8; vectors `jv_waterfall.json`.

use crate::engine::books::{ACCOUNTS, Books, CAPEX, RENT, event};
use crate::engine::columns::Columns;
use crate::engine::math::{max, min, pick};
use crate::engine::room::{CLOSE, Line, OPEN, REVIEW, Room, SETTLE, Unit, View, first, line, total};
use crate::instruments::term_loan::level_payment;
use crate::instruments::waterfall::{Account, Balances, European, LookBack, TIERS};
use crate::issues::Issues;
use crate::language::prelude::{Months, Name, When};
use crate::language::quantity::{Inputs, Quantity};
use crate::units::Usd;
use crate::{choice, posts, row, spec};

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
        /// The lab's share of distributions; by default its share of the commitment.
        pub stake: Option<Quantity> [Share],
        /// How the partners' part is shared.
        pub waterfall: WaterfallSpec = "{}",
        /// Distribution: rise of the lab's demand once the venture is built up.
        pub demand_uplift: Option<Quantity> [Share any],
        /// Distribution: months in which the rise builds up, from the first call.
        pub builds_up: Months = "24 mo",
        /// Distribution: share of the demand brought that the lab pays to the venture.
        pub commission: Quantity [Share] = "0%",
        /// Asset: power that the lab rents once all is called.
        pub power: Option<Quantity> [Power],
        /// Asset: rent.
        pub rent: Option<Quantity> [MoneyRate],
        /// Asset: running cost, paid by the venture.
        pub running: Quantity [MoneyRate] = "0 USD/yr",
        /// Asset: months of rent.
        pub term: Months = "60 mo",
        /// Asset: rate at which firm rent is discounted.
        pub discount: Quantity [Rate] = "8%/yr",
        /// Asset: value left at the end of the term, as a share of the commitment.
        pub residual: Quantity [Share] = "0%",
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
        /// Probability a month that the partners do not answer.
        pub unanswered: Quantity [Hazard] = "0%/mo",
    }
    /// How the partners' part of distributions is shared with the holder of the promote.
    pub struct WaterfallSpec {
        /// Preferred return.
        pub hurdle: Quantity [Rate] = "8%/yr",
        /// Whether it compounds.
        pub accrual: Accrual = "compound",
        /// What is paid first.
        pub order: TierOrder = "capital_first",
        /// Share of each dollar that goes to the promote holder until the promote is complete; 0 % for none.
        pub catch_up: Quantity [Share] = "0%",
        /// Share of profit for the promote holder.
        pub promote: Quantity [Share] = "0%",
        /// Tiers by the partners' own return, in place of the terms above.
        pub look_back: Vec<TierSpec> = "[]",
        /// Partners' share beyond the last tier.
        pub beyond: Quantity [Share] = "100%",
    }
    /// A look-back tier.
    pub struct TierSpec {
        /// Return of the partners up to which it reaches.
        pub hurdle: Quantity [Rate],
        /// Partners' share within it.
        pub share: Quantity [Share],
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
}

row! {
    /// Terms.
    pub struct JointVenture {
        lab: f64, partners: f64, start: f64, over: f64, unanswered: f64, stake: f64, uplift: f64, builds_up: f64,
        commission: f64, power: f64, rent: f64, running: f64, term: f64, residual: f64, discount: f64, firm: f64,
        asset: f64, tiers: f64, european: European, look_back: LookBack,
    }
    /// The venture's month.
    pub struct JointVentureState {
        /// Account of the European form.
        pub account: Account,
        /// Balances of the look-back form.
        pub balances: Balances,
        /// The lab's call due, with what it missed before.
        pub call_due: Usd,
        /// Of the lab's calls, not paid.
        pub call_owed: Usd,
        /// The lab's new call of the month.
        pub call: Usd,
        /// Paid in by the lab this month.
        pub paid_in: Usd,
        /// Paid in by the partners this month.
        pub called: Usd,
        /// Paid in by the partners so far.
        pub called_total: Usd,
        /// Rent or commission of the month.
        pub charge: Usd,
        /// Rent or commission due, with arrears.
        pub due: Usd,
        /// Paid of it.
        pub paid: Usd,
        /// Owed of it.
        pub arrears: Usd,
        /// Distributed to the partners this month.
        pub distributed: Usd,
        /// Distributed to the partners so far.
        pub distributed_total: Usd,
        /// To the lab this month: stake and promote.
        pub to_lab: Usd,
        /// Paid in by the lab so far.
        pub paid_in_total: Usd,
        /// Carrying amount of the lab's stake.
        pub carried: Usd,
        /// Running cost of the month.
        pub running: Usd,
        /// Sale of what is left.
        pub sale: Usd,
        /// Share by which the lab's demand is raised.
        pub uplift: f64,
        /// 1 once it has been wound up.
        pub ended: f64,
        /// Present value of the rent to come.
        pub firm_rent: Usd,
    }
}

impl JointVenture {
    /// Whether the rent of an asset venture runs in month `t`.
    #[inline(always)]
    fn rents(&self, t: f64) -> bool {
        let age = t - self.start - self.over;
        (self.asset > 0.0) & (age >= 0.0) & (age < self.term)
    }
}

impl Room for JointVenture {
    type Spec = JointVentureSpec;
    type State = JointVentureState;
    const PHASES: u8 = OPEN | SETTLE | CLOSE | REVIEW;
    const LUCK: bool = true;
    const POSTS: Columns = posts![
        uplift,
        capacity_gw,
        sunk_gw,
        capacity_cost,
        ahead_gw,
        contributions,
        rent,
        lease_expense,
        commission_expense,
        distributions,
        other_income,
        investment,
        arrears,
        off_balance,
    ];
    const EVENTS: u64 = event::PARTNER_DEFAULT;
    const RETURNS: bool = true;
    const LINES: &'static [Line] = &[
        line("paid_in", Unit::Usd),
        line("called", Unit::Usd),
        line("charge", Unit::Usd),
        line("distributed", Unit::Usd),
        line("to_lab", Unit::Usd),
        line("uplift", Unit::Share),
        line("arrears", Unit::Usd),
        total("called_total", Unit::Usd),
        total("distributed_total", Unit::Usd),
    ];

    fn name(spec: &JointVentureSpec) -> Option<&str> {
        Some(spec.name.as_str())
    }

    fn check(spec: &JointVentureSpec, issues: &mut Issues) {
        let name = spec.name.as_str();
        let w = &spec.waterfall;
        let place = Some(w.promote.place());
        if let (Some(catch_up), Some(promote)) = (w.catch_up.known(), w.promote.known())
            && catch_up > 0.0
            && catch_up <= promote
        {
            issues.error(
                "catch-up-never-ends",
                Some(w.catch_up.place()),
                format!(
                    "the catch-up of `{name}` never completes: {:.0} % is not above the promote of {:.0} %",
                    catch_up * 100.0,
                    promote * 100.0
                ),
                "`catch_up` must exceed `promote`, or be 0 %",
            );
        }
        if w.look_back.len() > TIERS {
            issues.error(
                "too-many",
                place,
                format!("`look_back` has {} tiers", w.look_back.len()),
                format!("the engine holds {TIERS}"),
            );
        }
        let hurdles: Vec<f64> = w.look_back.iter().filter_map(|t| t.hurdle.known()).collect();
        if hurdles.windows(2).any(|h| h[0] >= h[1]) {
            issues.error("tiers-order", place, "hurdles of `look_back` do not rise", "list the lowest hurdle first");
        }
        let wrong = match spec.kind {
            VentureKind::Distribution => spec.power.is_some() || spec.rent.is_some(),
            VentureKind::Asset => spec.demand_uplift.is_some() || spec.power.is_none() || spec.rent.is_none(),
        };
        if wrong {
            issues.error(
                "wrong-kind",
                Some(spec.commitment.partners.place()),
                format!("the keys of `{name}` do not fit its kind"),
                "an asset venture has `power` and `rent`; a distribution venture has `demand_uplift`",
            );
        }
    }
    fn accounts(_: &JointVentureSpec) -> Vec<(String, usize)> {
        vec![("partners".into(), 0)]
    }
    fn terms(spec: &JointVentureSpec, inputs: &Inputs<'_>) -> Self {
        let at = |q: &Option<Quantity>| q.as_ref().map_or(0.0, |q| q.at(inputs));
        let flag = |yes: bool| f64::from(u8::from(yes));
        let (lab, partners) = (spec.commitment.lab.at(inputs), spec.commitment.partners.at(inputs));
        let w = &spec.waterfall;
        let monthly = |annual: f64| libm::expm1(libm::log1p(annual.max(-0.999)) / 12.0);
        let simple = w.accrual == Accrual::Simple;
        let hurdle = w.hurdle.at(inputs);
        let mut look_back = LookBack { beyond: w.beyond.at(inputs), ..Default::default() };
        for (k, tier) in w.look_back.iter().take(TIERS).enumerate() {
            look_back.hurdle[k] = monthly(tier.hurdle.at(inputs));
            look_back.share[k] = tier.share.at(inputs);
        }
        JointVenture {
            lab,
            partners,
            start: spec.calls.start.as_ref().map_or(1.0, |w| w.0),
            over: spec.calls.over.0.round().max(1.0),
            unanswered: spec.calls.unanswered.at(inputs),
            stake: spec.stake.as_ref().map_or(lab / (lab + partners).max(f64::MIN_POSITIVE), |q| q.at(inputs)),
            uplift: at(&spec.demand_uplift),
            builds_up: spec.builds_up.0.round().max(1.0),
            commission: spec.commission.at(inputs),
            power: at(&spec.power),
            rent: at(&spec.rent),
            running: spec.running.at(inputs),
            term: spec.term.0.round(),
            residual: spec.residual.at(inputs),
            discount: spec.discount.at(inputs) / 12.0,
            firm: at(&spec.rent) / level_payment(spec.discount.at(inputs) / 12.0, spec.term.0.round().max(1.0)),
            asset: flag(spec.kind == VentureKind::Asset),
            tiers: flag(!w.look_back.is_empty()),
            european: European {
                hurdle: if simple { hurdle / 12.0 } else { monthly(hurdle) },
                simple: flag(simple),
                preferred_first: flag(w.order == TierOrder::PreferredFirst),
                catch_up: w.catch_up.at(inputs),
                promote: w.promote.at(inputs),
            },
            look_back,
        }
    }

    #[inline(always)]
    fn open(&self, see: &View, own: &mut JointVentureState, books: &mut Books) {
        let on = pick((own.ended == 0.0) & (see.lab.alive > 0.0), 1.0, 0.0);
        let built = max(0.0, min((see.t - self.start + 1.0) / self.builds_up, 1.0));
        own.uplift = self.uplift * built * on;
        let power = pick(self.rents(see.t), self.power, 0.0) * on;
        books.lab.uplift += own.uplift;
        books.lab.capacity_gw += power;
        books.lab.sunk_gw += power;
        books.lab.capacity_cost += Usd(pick(power > 0.0, self.rent, 0.0));
        books.lab.ahead_gw += pick(self.rents(see.ahead), self.power, 0.0) * on;
    }

    #[inline(always)]
    fn settle(&self, see: &View, own: &mut JointVentureState, books: &mut Books) {
        let alive = see.lab.alive;
        let age = see.t - self.start;
        let calls = (age >= 0.0) & (age < self.over) & (own.ended == 0.0) & (alive > 0.0);
        own.call = pick(calls, Usd(self.lab / self.over), Usd::ZERO);
        own.call_due = (own.call + own.call_owed) * alive;
        let answered = see.luck[0] >= self.unanswered;
        own.called = pick(calls & answered, Usd(self.partners / self.over), Usd::ZERO);
        // Commission on the part of revenue that the venture brought.
        let brought = see.lab.revenue * (own.uplift / (1.0 + own.uplift));
        // A venture that costs the lab demand earns nothing and owes nothing.
        let commission = max(brought * self.commission, Usd::ZERO);
        let rent = pick(self.rents(see.t) & (own.ended == 0.0), Usd(self.rent), Usd::ZERO);
        own.charge = (commission + rent) * alive;
        own.due = own.charge + own.arrears * alive;
        let asset = self.asset > 0.0;
        books.lab.contributions += own.call_due;
        books.lab.rent += own.due;
        books.lab.lease_expense += pick(asset, own.charge, Usd::ZERO);
        books.lab.commission_expense += pick(asset, Usd::ZERO, own.charge);
        books.event(calls & !answered, event::PARTNER_DEFAULT);
    }

    #[inline(always)]
    fn close(&self, see: &View, own: &mut JointVentureState, books: &mut Books) {
        let zero = Usd::ZERO;
        let alive = see.lab.alive > 0.0;
        own.paid_in = own.call_due * see.lab.paid[CAPEX];
        own.call_owed = pick(alive, own.call_due - own.paid_in, own.call_owed);
        own.paid = own.due * see.lab.paid[RENT];
        own.arrears = pick(alive, own.due - own.paid, own.arrears);
        // Wound up at the end of its term, or on the lab's default; what is left of the hardware is sold.
        let over = see.t >= self.start + self.over + self.term - 1.0;
        let ending = (own.ended == 0.0) & (!alive | ((self.asset > 0.0) & over));
        own.ended = pick(ending, 1.0, own.ended);
        let age = max(0.0, min((see.t - self.start - self.over + 1.0) / max(self.term, 1.0), 1.0));
        let left = 1.0 - (1.0 - self.residual) * age;
        own.paid_in_total += own.paid_in;
        let built = (own.called_total + own.called + own.paid_in_total)
            / max(Usd(self.lab + self.partners), Usd(f64::MIN_POSITIVE));
        let hardware = (self.lab + self.partners) * min(built, 1.0) * left * self.asset * see.market.resale;
        own.sale = pick(ending, Usd(hardware), zero);
        own.running = pick(self.rents(see.t), min(Usd(self.running), own.paid), zero);
        let x = own.paid + own.sale - own.running;
        let to_partners = x * (1.0 - self.stake);
        // Preferred return accrues on what stood at the start of the month; a call of this month is next month's.
        self.european.accrue(&mut own.account);
        self.look_back.accrue(zero, &mut own.balances);
        let shared = self.european.distribute(to_partners, &mut own.account);
        let (tier_partners, tier_promote) = self.look_back.distribute(to_partners, &mut own.balances);
        let tiers = self.tiers > 0.0;
        own.distributed = pick(tiers, tier_partners, shared.partners());
        own.to_lab = x * self.stake + pick(tiers, tier_promote, shared.promote());
        own.account.capital += own.called;
        for k in 0..TIERS {
            own.balances.b[k] += own.called;
        }
        own.called_total += own.called;
        own.distributed_total += own.distributed;
        own.carried += own.paid_in;
        let back = min(own.to_lab, own.carried);
        own.carried -= back;
        books.lab.distributions += own.to_lab;
        books.lab.other_income += own.to_lab - back;
        books.pay(0, own.distributed - own.called);
        // Calls are spent as they come: on people, or on the hardware.
        books.third(own.called + own.paid_in + own.running - own.sale);
    }

    #[inline(always)]
    fn review(&self, see: &View, own: &mut JointVentureState, books: &mut Books) {
        let on = own.ended == 0.0;
        books.lab.investment += own.carried;
        books.lab.arrears += own.arrears;
        let begins = (self.asset > 0.0) & (see.t == self.start + self.over - 1.0);
        let rest = max(own.firm_rent * (1.0 + self.discount) - own.charge, Usd::ZERO);
        own.firm_rent = pick(begins, Usd(self.firm), rest) * pick(on & (see.lab.alive > 0.0), 1.0, 0.0);
        books.lab.off_balance += pick(self.asset > 0.0, own.firm_rent, Usd::ZERO);
    }

    /// Partners' capital not yet returned; of an asset venture with the preferred return not yet paid.
    #[inline(always)]
    fn worth(&self, _: &View, own: &JointVentureState) -> [Usd; ACCOUNTS] {
        let preferred = pick(self.asset > 0.0, own.account.preferred, Usd::ZERO);
        first(pick(own.ended == 0.0, own.account.capital + preferred, Usd::ZERO))
    }

    fn audit(&self, was: &JointVentureState, now: &JointVentureState) -> Usd {
        // What was charged is paid or still owed; what the partners' account holds follows from calls and capital paid.
        let capital =
            |s: &JointVentureState| s.account.capital + s.distributed_total - s.account.profit - s.called_total;
        let owed = was.arrears + now.charge - now.paid - now.arrears;
        owed + pick(self.tiers > 0.0, Usd::ZERO, capital(now) - capital(was))
    }
}

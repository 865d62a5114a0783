//! What a scenario says of a vehicle that builds a campus.

use crate::instruments::accounts;
use crate::instruments::project_finance::PARTS;
use crate::issues::{Issues, Place};
use crate::language::prelude::{FloatingRate, KeyRules, Keyed, Months, Name, Quantity, When};
use crate::language::unused;
use crate::{choice, spec};

/// Subordinated tranches, at most.
pub const JUNIOR: usize = 3;

spec! {
    /// A vehicle that builds a campus, finances it on its own rent and leases it.
    pub struct CampusSpec {
        /// Its name.
        pub name: Name,
        /// Power that the tenant gets.
        pub power: Quantity [Power],
        /// When it is built and what that costs.
        pub construction: ConstructionSpec,
        /// In which order debt and equity pay for it.
        pub funding: FundingSpec = "{}",
        /// The senior debt.
        pub debt: DebtSpec,
        /// Tranches below it, at stated amounts, drawn with the equity; most senior first.
        pub subordinated: Keyed<JuniorSpec> = "[]",
        /// Who holds the equity.
        pub equity: EquitySpec = "{}",
        /// The lease.
        pub lease: CampusLeaseSpec,
        /// Cost of running the campus: the tenant's under a net lease, the vehicle's under a gross one and while it is empty.
        pub opex: Quantity [MoneyRate] = "0 USD/yr",
        /// By which it grows each year of service.
        pub opex_growth: Quantity [Rate -0.5..1.0] = "0%/yr",
        /// Tax that the vehicle pays itself; none by default, when its owners are taxed.
        pub tax: VehicleTaxSpec = "{}",
        /// Reserve for major maintenance.
        pub maintenance: MaintenanceSpec = "{}",
        /// Chips, power and operation, which a lab that rents pays itself.
        pub site: Quantity [PowerPrice] = "0 USD/GW-yr",
        /// What the campus would fetch.
        pub value: ValueSpec = "{}",
        /// Who pays what a sale would leave of the debt when the tenant goes.
        pub guarantee: Option<ResidualGuaranteeSpec>,
        /// What becomes of it without its tenant.
        pub tail: TailSpec = "{}",
        /// Rate at which firm rent is discounted.
        pub discount: Quantity [Rate] = "8%/yr",
    }
    /// When a campus is built and what that costs.
    pub struct ConstructionSpec {
        /// Month of the close, and of the first spending.
        pub start: When,
        /// Months of construction; service begins in the month after the last.
        pub months: Months,
        /// Planned cost, without interest and fees.
        pub cost: Quantity [Money],
        /// How it is spread over these months.
        pub spend: Curve = "s_curve",
        /// Shares of the cost, each spent evenly over its part of the months; in place of `spend`.
        pub shares: Vec<Quantity> [Share] = "[]",
        /// Cost beyond plan, as a share of it.
        pub overrun: Quantity [Share -0.9..10.0] = "0%",
        /// Months by which service comes late; known when the planned month has come.
        pub delay: Quantity [Time] = "0 mo",
    }
    /// In which order debt and equity pay for construction.
    pub struct FundingSpec {
        /// Most that senior debt is of all uses; needed where the debt's `amount` is not stated.
        pub gearing: Option<Quantity> [Share],
        /// When equity is paid in.
        pub order: Order = "pro_rata",
        /// Fee on equity not yet paid in, while a letter of credit stands for it; under `equity_last`.
        pub letter_of_credit: Quantity [Rate] = "0 bp",
        /// Equity that stands by for uses beyond what was sized.
        pub standby: Quantity [Money] = "0 USD",
        /// Who pays what is still missing.
        pub sponsor: Sponsor = "none",
        /// Months for which builders wait for what the lab owes; after them the vehicle fails.
        pub patience: Months = "3 mo",
    }
    /// The senior debt of a campus.
    pub struct DebtSpec {
        /// Its amount; by default the least that gearing, cover and balloon allow.
        pub amount: Option<Quantity> [Money],
        /// Interest.
        pub rate: FloatingRate,
        /// SOFR in the lenders' base case, for a rate that floats.
        pub base_sofr: Option<Quantity> [Rate -0.1..1.0],
        /// Months from service to maturity.
        pub term: Months,
        /// How principal is repaid.
        pub profile: CampusProfile = "sculpted",
        /// Months of service at the start in which interest alone is due.
        pub interest_only: Months = "0 mo",
        /// Cover of service by the base case's cash flow, in every month.
        pub target_dscr: Option<Quantity> [Multiple positive],
        /// Cover of the debt by the present value of that cash flow to maturity.
        pub target_llcr: Option<Quantity> [Multiple positive],
        /// Share of the debt left for maturity.
        pub balloon: Quantity [Share] = "0%",
        /// Most that may be left for maturity, as a share of the planned cost.
        pub balloon_limit: Option<Quantity> [Share],
        /// Fee at the close, as a share of the debt.
        pub upfront_fee: Quantity [Share] = "0%",
        /// Fee on what is not drawn.
        pub commitment_fee: Quantity [Rate] = "0 bp",
        /// On which balance interest runs in construction.
        pub interest_on: InterestOn = "opening",
        /// Whether all is drawn at the close, as with bonds.
        pub prefunded: bool = "false",
        /// What unspent proceeds earn.
        pub cash_interest: FloatingRate = "0%/yr",
        /// Months of the next service that the reserve holds.
        pub reserve: Months = "6 mo",
        /// Share of what is left after service and reserves that prepays the debt.
        pub sweep: Quantity [Share] = "0%",
        /// Cover over the last twelve months below which nothing is distributed.
        pub lock_up: Quantity [Multiple] = "0.0x",
        /// Cover over the last twelve months below which a missed payment is a default.
        pub default: Quantity [Multiple] = "1x",
        /// What is done about what is left at maturity.
        pub refinancing: RefinancingSpec = "{}",
    }
    /// What is done about debt that is left at maturity.
    pub struct RefinancingSpec {
        /// Most that a new lender gives, as a share of what a sale would bring.
        pub ltv: Quantity [Share] = "60%",
        /// Its margin over SOFR at the credit spreads of the first month.
        pub margin: Quantity [Rate] = "300 bp",
        /// Rise of credit spreads since the first month above which nobody lends; in winter nobody does.
        pub spread_below: Quantity [Rate] = "200 bp",
        /// Months of the new loan, which is repaid in equal parts.
        pub term: Months = "120 mo",
        /// Months for which the old lenders wait; all cash prepays them meanwhile.
        pub extension: Months = "0 mo",
        /// By which their rate rises then.
        pub step_up: Quantity [Rate] = "0 bp",
    }
    /// A tranche below the senior debt.
    pub struct JuniorSpec {
        /// Its amount.
        pub amount: Quantity [Money],
        /// Its interest, fixed; added to what is owed in construction.
        pub rate: Quantity [Rate],
        /// Months from service over which it is repaid by level payments.
        pub term: Months,
    }
    /// Who holds the equity of a campus.
    pub struct EquitySpec {
        /// The lab's share; the rest is one provider's.
        pub lab: Quantity [Share] = "0%",
    }
    /// The lease of a campus.
    pub struct CampusLeaseSpec {
        /// `lab`, or the name of a third party.
        pub tenant: Name = "lab",
        /// Rent in the first year of service.
        pub rent: Quantity [MoneyRate],
        /// By which it rises each year of service.
        pub escalation: Quantity [Rate -0.5..1.0] = "0%/yr",
        /// Who pays for running the campus.
        pub basis: Basis = "net",
        /// Months of the lease, and of each renewal.
        pub term: Months,
        /// How often the tenant may renew it.
        pub renewals: u32 = "0",
        /// When the tenant does.
        pub renew: Renew = "if_cheaper",
        /// Probability a month that a third party fails as tenant.
        pub tenant_fails: Quantity [Hazard] = "0%/mo",
        /// The same in winter; by default no higher.
        pub tenant_fails_in_winter: Option<Quantity> [Hazard],
    }
    /// Tax that a vehicle pays itself, on rent less running cost and depreciation.
    pub struct VehicleTaxSpec {
        /// Rate.
        pub rate: Quantity [Share] = "0%",
        /// Months over which the planned cost is depreciated for it.
        pub life: Months = "240 mo",
    }
    /// Reserve for major maintenance.
    pub struct MaintenanceSpec {
        /// Set aside.
        pub set_aside: Quantity [MoneyRate] = "0 USD/yr",
        /// Months after which what was set aside is spent, again and again.
        pub every: Months = "60 mo",
    }
    /// What a campus would fetch: the planned cost, worn by age.
    pub struct ValueSpec {
        /// Change in the first year of service.
        pub first_year: Quantity [Share -1.0..1.0] = "0%",
        /// Change in each later year.
        pub later: Quantity [Share -1.0..1.0] = "0%",
        /// Share of a move of the resale index that it follows.
        pub follows_resale: Quantity [Share] = "0%",
        /// Cost of a sale, as a share of the price.
        pub sale_cost: Quantity [Share] = "5%",
        /// What an unfinished campus fetches of what was spent on it.
        pub unfinished: Quantity [Share] = "50%",
    }
    /// A guarantee of what a sale would leave of the debt.
    pub struct ResidualGuaranteeSpec {
        /// `lab`, or the name of a third party.
        pub by: Name,
        /// Share of the shortfall that is covered.
        pub covers: Quantity [Share] = "100%",
        /// Most that is paid, in the first month of service.
        pub cap: Option<Quantity> [Money],
        /// Share of the first cap by which it falls each year of service.
        pub cap_falls: Quantity [Rate] = "0%/yr",
    }
    /// What becomes of a campus without its tenant.
    pub struct TailSpec {
        /// Whether it is let again or sold.
        pub empty: Empty = "relet",
        /// Months until it is let again.
        pub vacancy: Quantity [Time] = "6 mo",
        /// Rent that it then brings, as a share of the price of contracted power.
        pub market_rent: Quantity [Share] = "50%",
    }
}

choice! {
    /// How the cost of construction is spread.
    pub enum Curve {
        /// Slow at both ends: `x²(3 − 2x)` is spent by the share `x` of the time.
        SCurve = "s_curve",
        /// The same each month.
        Even = "even",
    }
    /// When equity is paid in.
    pub enum Order {
        /// With the debt, in proportion.
        ProRata = "pro_rata",
        /// Before the debt.
        EquityFirst = "equity_first",
        /// After the debt.
        EquityLast = "equity_last",
    }
    /// Who pays what construction still misses.
    pub enum Sponsor {
        /// Nobody: the vehicle fails.
        Nobody = "none",
        /// The lab.
        Lab = "lab",
    }
    /// How the senior debt of a campus is repaid.
    pub enum CampusProfile {
        /// Service is a constant share of the base case's cash flow.
        Sculpted = "sculpted",
        /// Service is level.
        Level = "level",
        /// Principal is level.
        Straight = "straight",
        /// All at maturity.
        Bullet = "bullet",
    }
    /// On which balance interest runs.
    pub enum InterestOn {
        /// That at the opening of the month.
        Opening = "opening",
        /// The mean of opening and closing balance.
        Average = "average",
    }
    /// Who pays for running a campus.
    pub enum Basis {
        /// The tenant, on top of the rent.
        Net = "net",
        /// The vehicle, out of the rent.
        Gross = "gross",
    }
    /// When a tenant renews.
    pub enum Renew {
        /// When rent and what it pays on top cost no more than the market and, for the lab, it uses all its rented power and is not in distress.
        IfCheaper = "if_cheaper",
        /// As often as it may.
        Always = "always",
        /// Not at all.
        Never = "never",
    }
    /// What becomes of a campus without its tenant.
    pub enum Empty {
        /// It is let again after a vacancy.
        Relet = "relet",
        /// It is sold.
        Sell = "sell",
    }
}

/// The name that stands for the lab among tenants and guarantors.
const LAB: &str = "lab";

impl CampusSpec {
    /// Whether the lab is the tenant.
    pub fn leases_to_lab(&self) -> bool {
        self.lease.tenant.as_str() == LAB
    }
    /// Whether the lab guarantees.
    pub fn lab_guarantees(&self) -> bool {
        self.guarantee.as_ref().is_some_and(|g| g.by.as_str() == LAB)
    }
    /// Whether a part of the senior debt is left for maturity by its plan, and so has to find a new lender.
    pub fn is_refinanced(&self) -> bool {
        self.debt.profile == CampusProfile::Bullet || self.debt.balloon.known() != Some(0.0)
    }
    /// Whether it asks for the price of contracted power.
    pub fn needs_price(&self) -> bool {
        self.tail.empty == Empty::Relet || (self.lease.renewals > 0 && self.lease.renew == Renew::IfCheaper)
    }

    /// What quantities must be to one another on every path.
    pub fn key_rules(&self, rules: &mut KeyRules<'_>) {
        let shares = &self.construction.shares;
        if let Some(first) = shares.first() {
            rules.rule("shares-sum", first.place(), |at| {
                let sum: f64 = shares.iter().map(|share| share.at(at)).sum();
                let title = || format!("`shares` of construction add up to {:.3}%", sum * 100.0);
                let label = || "they are shares of the cost and add up to 100%".to_owned();
                ((sum - 1.0).abs() > 1e-9).then(|| (title(), label()))
            });
        }
    }

    /// Problems that reading could not see.
    pub fn check(&self, issues: &mut Issues) {
        let mut error = |place: Place, code, title: String, label: String| {
            issues.error(code, Some(place), title, label);
        };
        let (c, d, l) = (&self.construction, &self.debt, &self.lease);
        let whole = self.name.place();
        if c.start.0 < 1.0 {
            let label = "only construction during the simulation is modelled";
            error(c.start.place(), "date-outside", "construction begins before the first month".into(), label.into());
        }
        for (what, months) in [("months", c.months), ("debt.term", d.term), ("lease.term", l.term)] {
            if months.0.round() < 1.0 {
                let label = "write `48 mo`, `5 yr`";
                error(months.place(), "range", format!("`{what}` is less than a month"), label.into());
            }
        }
        if c.shares.len() > PARTS {
            let title = format!("`shares` has {} entries", c.shares.len());
            error(c.shares[PARTS].place(), "too-many", title, format!("the engine holds {PARTS}"));
        }
        if d.amount.is_none() && self.funding.gearing.is_none() {
            let label = "write `funding: {gearing: 80%}`, or the debt's `amount`";
            error(whole, "missing", "nothing says how much debt there is".into(), label.into());
        }
        let target = d.target_dscr.as_ref().or(d.target_llcr.as_ref()).or(d.balloon_limit.as_ref());
        if let (Some(_), Some(target)) = (&d.amount, target) {
            let label = "a debt of stated `amount` is not sized; leave one of them out";
            error(target.place(), "one-of", "the debt has an amount and a limit to it".into(), label.into());
        }
        if (d.rate.floats || (d.prefunded && d.cash_interest.floats)) && d.base_sofr.is_none() {
            let label = "write `base_sofr: 3.5%/yr`, the SOFR at which lenders sized the debt";
            let (rate, title) = if d.rate.floats {
                (&d.rate, "the debt floats and has no base case")
            } else {
                (&d.cash_interest, "what unspent proceeds earn floats and has no base case")
            };
            error(rate.margin.place(), "missing", title.into(), label.into());
        }
        if d.interest_only.0.round() >= d.term.0.round() && d.profile != CampusProfile::Bullet {
            let label = "`interest_only` must be shorter than `term`";
            error(d.interest_only.place(), "range", "this debt never repays principal".into(), label.into());
        }
        if d.interest_on == InterestOn::Average && (d.prefunded || self.funding.order != Order::ProRata) {
            let label = "write `interest_on: opening`, or draw debt and equity in proportion";
            let title = "interest on the average balance needs draws in proportion";
            error(whole, "unsupported", title.into(), label.into());
        }
        accounts::check(self.subordinated.0.iter().map(|(name, _)| name), &["senior", "equity"], issues);
        if self.funding.order != Order::EquityLast {
            let letter = [unused::quantity(FundingSpec::FIELDS, "letter_of_credit", &self.funding.letter_of_credit)];
            unused::report(&letter, "unless equity is paid in last", "write `order: equity_last`", issues);
        }
        if self.tail.empty == Empty::Sell {
            let key = |key, q| unused::quantity(TailSpec::FIELDS, key, q);
            let tail = [key("vacancy", &self.tail.vacancy), key("market_rent", &self.tail.market_rent)];
            unused::report(&tail, "where an empty campus is sold", "write `empty: relet`, or remove it", issues);
        }
        if !self.leases_to_lab() {
            let site = [unused::quantity(CampusSpec::FIELDS, "site", &self.site)];
            unused::report(&site, "where the lab is not the tenant", "a third party pays its own", issues);
        }
        if !d.rate.floats && !d.cash_interest.floats {
            let base = [unused::given("base_sofr", d.base_sofr.as_ref())];
            unused::report(&base, "beside a fixed rate", "remove it, or write `rate: sofr + 225 bp`", issues);
        }
        let mut error = |place: Place, code, title: String, label: String| {
            issues.error(code, Some(place), title, label);
        };
        if self.subordinated.0.len() > JUNIOR {
            let title = format!("`subordinated` has {} entries", self.subordinated.0.len());
            let at = self.subordinated.0[JUNIOR].0.place();
            error(at, "too-many", title, format!("the engine holds {JUNIOR}"));
        }
        for (what, months) in [("maintenance.every", self.maintenance.every), ("tax.life", self.tax.life)] {
            if months.0.round() < 1.0 {
                error(months.place(), "range", format!("`{what}` is less than a month"), "write `60 mo`".into());
            }
        }
        let hazard = l.tenant_fails.known() != Some(0.0) || l.tenant_fails_in_winter.is_some();
        if self.leases_to_lab() && hazard {
            let label = "a lab fails when its cash does; name a third party as `tenant`, or leave this out";
            error(l.tenant_fails.place(), "unsupported", "the lab as tenant has no hazard".into(), label.into());
        }
    }
}

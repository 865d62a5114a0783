//! What a scenario states about a vehicle that builds a campus.

use crate::instruments::accounts;
use crate::instruments::project_finance::PARTS;
use crate::issues::{Issues, Place};
use crate::language::prelude::{FloatingRate, KeyRules, Keyed, Months, Name, Quantity, When};
use crate::language::unused;
use crate::{choice, spec};

/// Maximum number of subordinated tranches.
pub const JUNIOR: usize = 3;

spec! {
    /// A vehicle that builds a campus, finances it against its own rent and leases it.
    pub struct CampusSpec {
        /// Its name.
        pub name: Name,
        /// Power leased to the tenant.
        pub power: Quantity [Power],
        /// Construction schedule and cost.
        pub construction: ConstructionSpec,
        /// How debt and equity fund construction.
        pub funding: FundingSpec = "{}",
        /// The senior debt.
        pub debt: DebtSpec,
        /// Subordinated tranches of stated amounts, drawn with the equity; most senior first.
        pub subordinated: Keyed<JuniorSpec> = "[]",
        /// Who holds the equity.
        pub equity: EquitySpec = "{}",
        /// The lease.
        pub lease: CampusLeaseSpec,
        /// Operating cost of the campus: borne by the tenant under a net lease, by the vehicle under a gross lease and
        /// during vacancy.
        pub opex: Quantity [MoneyRate] = "0 USD/yr",
        /// Growth of operating cost in each year of service.
        pub opex_growth: Quantity [Rate -0.5..1.0] = "0%/yr",
        /// Tax paid by the vehicle itself; none by default, when its owners are taxed.
        pub tax: VehicleTaxSpec = "{}",
        /// Major maintenance reserve.
        pub maintenance: MaintenanceSpec = "{}",
        /// Chips, power and operation, paid directly by the lab when it is the tenant.
        pub site: Quantity [PowerPrice] = "0 USD/GW-yr",
        /// Sale value of the campus.
        pub value: ValueSpec = "{}",
        /// Residual value guarantee: covers the debt shortfall after a sale when the tenant leaves.
        pub guarantee: Option<ResidualGuaranteeSpec>,
        /// What happens to the campus without its tenant.
        pub tail: TailSpec = "{}",
        /// Discount rate for firm rent.
        pub discount_rate: Quantity [Rate] = "8%/yr",
    }
    /// Construction schedule and cost.
    pub struct ConstructionSpec {
        /// Month of financial close and of the first spending.
        pub start: When,
        /// Months of construction; service begins in the following month.
        pub months: Months,
        /// Budgeted cost, excluding interest and fees.
        pub cost: Quantity [Money],
        /// Spending profile over the construction period.
        pub spend: Curve = "s_curve",
        /// Shares of the cost, each spent evenly over an equal part of the construction period; replaces `spend`.
        pub shares: Vec<Quantity> [Share] = "[]",
        /// Cost overrun, as a share of the budget.
        pub overrun: Quantity [Share -0.9..10.0] = "0%",
        /// Delay of service in months; known when the planned month has come.
        pub delay: Quantity [Time] = "0 mo",
    }
    /// How debt and equity fund construction.
    pub struct FundingSpec {
        /// Maximum senior debt as a share of total uses; required unless the debt's `amount` is stated.
        pub gearing: Option<Quantity> [Share],
        /// When equity is paid in relative to debt.
        pub order: Order = "pro_rata",
        /// Fee on unfunded equity backed by a letter of credit; under `equity_last`.
        pub letter_of_credit: Quantity [Rate] = "0 bp",
        /// Standby equity for uses beyond the sized funding.
        pub standby: Quantity [Money] = "0 USD",
        /// Who covers a remaining shortfall.
        pub sponsor: Sponsor = "none",
        /// Months for which contractors wait for amounts the lab owes; then the vehicle fails.
        pub patience: Months = "3 mo",
    }
    /// The senior debt of a campus.
    pub struct DebtSpec {
        /// Its amount; by default the lowest of the limits set by gearing, DSCR and balloon.
        pub amount: Option<Quantity> [Money],
        /// Interest rate.
        pub rate: FloatingRate,
        /// SOFR in the lenders' base case, for a floating rate.
        pub base_sofr: Option<Quantity> [Rate -0.1..1.0],
        /// Months from the start of service to maturity.
        pub term: Months,
        /// Repayment profile.
        pub profile: CampusProfile = "sculpted",
        /// Interest-only months from the start of service.
        pub interest_only: Months = "0 mo",
        /// Target DSCR on base-case CFADS, in every month.
        pub target_dscr: Option<Quantity> [Multiple positive],
        /// Target LLCR: present value of base-case CFADS to maturity over the debt.
        pub target_llcr: Option<Quantity> [Multiple positive],
        /// Balloon at maturity, as a share of the debt.
        pub balloon: Quantity [Share] = "0%",
        /// Maximum balloon, as a share of the budgeted cost.
        pub balloon_limit: Option<Quantity> [Share],
        /// Upfront fee at financial close, as a share of the debt.
        pub upfront_fee: Quantity [Share] = "0%",
        /// Commitment fee on the undrawn amount.
        pub commitment_fee: Quantity [Rate] = "0 bp",
        /// Balance on which interest accrues during construction.
        pub interest_on: InterestOn = "opening",
        /// Whether the debt is fully drawn at financial close, as with bonds.
        pub prefunded: bool = "false",
        /// Interest earned on unspent proceeds.
        pub cash_interest: FloatingRate = "0%/yr",
        /// Debt service reserve, in months of upcoming service.
        pub reserve: Months = "6 mo",
        /// Cash sweep: share of cash after debt service and reserves that prepays the debt.
        pub sweep: Quantity [Share] = "0%",
        /// Covenants on the 12-month DSCR.
        pub covenants: CovenantsSpec = "{}",
        /// Refinancing of the balance left at maturity.
        pub refinancing: RefinancingSpec = "{}",
    }
    /// Covenants of the senior debt, tested on the 12-month DSCR.
    pub struct CovenantsSpec {
        /// Lock-up: no distributions below this 12-month DSCR.
        pub lock_up: Quantity [Multiple] = "0.0x",
        /// Default: below this 12-month DSCR a missed payment is an event of default.
        pub default: Quantity [Multiple] = "1x",
    }
    /// Refinancing of the balance left at maturity.
    pub struct RefinancingSpec {
        /// Maximum new loan, as a share of estimated sale proceeds.
        pub ltv: Quantity [Share] = "60%",
        /// Margin over SOFR at the credit spreads of the first month.
        pub margin: Quantity [Rate] = "300 bp",
        /// Widening of credit spreads since the first month above which refinancing is unavailable; it is never
        /// available in winter.
        pub spread_below: Quantity [Rate] = "200 bp",
        /// Term of the new loan in months, repaid in equal instalments.
        pub term: Months = "120 mo",
        /// Months for which the existing lenders wait; meanwhile all cash prepays them.
        pub extension: Months = "0 mo",
        /// Rate step-up during the extension.
        pub step_up: Quantity [Rate] = "0 bp",
    }
    /// A subordinated tranche.
    pub struct JuniorSpec {
        /// Its amount.
        pub amount: Quantity [Money],
        /// Its fixed interest rate; capitalised during construction.
        pub rate: Quantity [Rate],
        /// Months from the start of service over which it is repaid in level payments.
        pub term: Months,
    }
    /// Who holds the equity of a campus.
    pub struct EquitySpec {
        /// The lab's share; a single third party holds the rest.
        pub lab: Quantity [Share] = "0%",
    }
    /// The lease of a campus.
    pub struct CampusLeaseSpec {
        /// `lab`, or the name of a third party.
        pub tenant: Name = "lab",
        /// Rent in the first year of service.
        pub rent: Quantity [MoneyRate],
        /// Rent escalation in each year of service.
        pub escalation: Quantity [Rate -0.5..1.0] = "0%/yr",
        /// Who pays the operating cost of the campus.
        pub basis: Basis = "net",
        /// Months of the lease and of each renewal.
        pub term: Months,
        /// Number of renewal options.
        pub renewals: u32 = "0",
        /// When the tenant renews.
        pub renew: Renew = "if_cheaper",
        /// Monthly probability that a third-party tenant defaults.
        pub tenant_fails: Quantity [Hazard] = "0%/mo",
        /// The same in winter; by default no higher.
        pub tenant_fails_in_winter: Option<Quantity> [Hazard],
    }
    /// Tax paid by the vehicle itself, on rent less operating cost and depreciation.
    pub struct VehicleTaxSpec {
        /// Tax rate.
        pub rate: Quantity [Share] = "0%",
        /// Months over which the budgeted cost is depreciated for tax.
        pub life: Months = "240 mo",
    }
    /// Major maintenance reserve.
    pub struct MaintenanceSpec {
        /// Amount set aside.
        pub set_aside: Quantity [MoneyRate] = "0 USD/yr",
        /// Interval in months at which the reserve is spent.
        pub every: Months = "60 mo",
    }
    /// Sale value of a campus: the budgeted cost, less the effect of age.
    pub struct ValueSpec {
        /// Change in the first year of service.
        pub first_year: Quantity [Share -1.0..1.0] = "0%",
        /// Change in each subsequent year.
        pub later: Quantity [Share -1.0..1.0] = "0%",
        /// Share of a move in the resale index that passes through to the value.
        pub follows_resale: Quantity [Share] = "0%",
        /// Cost of a sale, as a share of the price.
        pub sale_cost: Quantity [Share] = "5%",
        /// Sale value of an unfinished campus, as a share of the cost spent.
        pub unfinished: Quantity [Share] = "50%",
    }
    /// Residual value guarantee: covers the debt shortfall after a sale.
    pub struct ResidualGuaranteeSpec {
        /// Guarantor: `lab`, or the name of a third party.
        pub by: Name,
        /// Share of the shortfall covered.
        pub covers: Quantity [Share] = "100%",
        /// Maximum payment, in the first month of service.
        pub cap: Option<Quantity> [Money],
        /// Reduction of the cap in each year of service, as a share of the initial cap.
        pub cap_falls: Quantity [Rate] = "0%/yr",
    }
    /// What happens to a campus without its tenant.
    pub struct TailSpec {
        /// Whether it is re-leased or sold.
        pub empty: Empty = "relet",
        /// Months until it is re-leased.
        pub vacancy: Quantity [Time] = "6 mo",
        /// Re-leasing rent, as a share of the price of contracted power.
        pub market_rent: Quantity [Share] = "50%",
    }
}

choice! {
    /// Spending profile of construction.
    pub enum Curve {
        /// Slow at both ends: `x²(3 − 2x)` is spent by share `x` of the time.
        SCurve = "s_curve",
        /// The same amount each month.
        Even = "even",
    }
    /// When equity is paid in.
    pub enum Order {
        /// Pro rata with the debt.
        ProRata = "pro_rata",
        /// Before the debt.
        EquityFirst = "equity_first",
        /// After the debt.
        EquityLast = "equity_last",
    }
    /// Who covers a construction shortfall.
    pub enum Sponsor {
        /// Nobody: the vehicle fails.
        Nobody = "none",
        /// The lab.
        Lab = "lab",
    }
    /// Repayment profile of the senior debt of a campus.
    pub enum CampusProfile {
        /// Debt service is a constant share of base-case CFADS.
        Sculpted = "sculpted",
        /// Level debt service.
        Level = "level",
        /// Equal principal instalments.
        Straight = "straight",
        /// All principal at maturity.
        Bullet = "bullet",
    }
    /// Balance on which interest accrues.
    pub enum InterestOn {
        /// The opening balance of the month.
        Opening = "opening",
        /// The mean of the opening and closing balances.
        Average = "average",
    }
    /// Who pays the operating cost of a campus.
    pub enum Basis {
        /// The tenant, in addition to the rent.
        Net = "net",
        /// The vehicle, out of the rent.
        Gross = "gross",
    }
    /// When a tenant renews.
    pub enum Renew {
        /// When rent plus costs borne by the tenant do not exceed the market price and, if the tenant is the lab, it
        /// uses all its leased power and is not in distress.
        IfCheaper = "if_cheaper",
        /// Whenever it has an option.
        Always = "always",
        /// Never.
        Never = "never",
    }
    /// What happens to a campus without its tenant.
    pub enum Empty {
        /// It is re-leased after a vacancy.
        Relet = "relet",
        /// It is sold.
        Sell = "sell",
    }
}

/// Name of the lab as tenant or guarantor.
const LAB: &str = "lab";

impl CampusSpec {
    /// Whether the lab is the tenant.
    pub fn leases_to_lab(&self) -> bool {
        self.lease.tenant.as_str() == LAB
    }
    /// Whether the lab is the guarantor.
    pub fn lab_guarantees(&self) -> bool {
        self.guarantee.as_ref().is_some_and(|g| g.by.as_str() == LAB)
    }
    /// Whether the repayment profile of the senior debt leaves a balance at maturity, which must then be refinanced.
    pub fn is_refinanced(&self) -> bool {
        self.debt.profile == CampusProfile::Bullet || self.debt.balloon.known() != Some(0.0)
    }
    /// Whether it needs the price of contracted power.
    pub fn needs_price(&self) -> bool {
        self.tail.empty == Empty::Relet || (self.lease.renewals > 0 && self.lease.renew == Renew::IfCheaper)
    }

    /// Adds the rules between quantities that must hold on every path.
    pub fn key_rules(&self, rules: &mut KeyRules<'_>) {
        let shares = &self.construction.shares;
        if let Some(first) = shares.first() {
            rules.rule("shares-sum", first.place(), |at| {
                let sum: f64 = shares.iter().map(|share| share.at(at)).sum();
                let title = || format!("`shares` of construction add up to {:.3}%", sum * 100.0);
                let label = || "shares of the cost must add up to 100%".to_owned();
                ((sum - 1.0).abs() > 1e-9).then(|| (title(), label()))
            });
        }
    }

    /// Reports errors that `Reader` does not detect.
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
            error(c.shares[PARTS].place(), "too-many", title, format!("the engine supports {PARTS}"));
        }
        if d.amount.is_none() && self.funding.gearing.is_none() {
            let label = "write `funding: {gearing: 80%}`, or the debt's `amount`";
            error(whole, "missing", "the amount of debt is not specified".into(), label.into());
        }
        let target = d.target_dscr.as_ref().or(d.target_llcr.as_ref()).or(d.balloon_limit.as_ref());
        if let (Some(_), Some(target)) = (&d.amount, target) {
            let label = "debt of a stated `amount` is not sized; remove one of them";
            error(target.place(), "one-of", "the debt has both an amount and a sizing limit".into(), label.into());
        }
        if (d.rate.floats || (d.prefunded && d.cash_interest.floats)) && d.base_sofr.is_none() {
            let label = "write `base_sofr: 3.5%/yr`, the SOFR at which lenders sized the debt";
            let (rate, title) = if d.rate.floats {
                (&d.rate, "floating-rate debt without a base case")
            } else {
                (&d.cash_interest, "floating interest on unspent proceeds without a base case")
            };
            error(rate.margin.place(), "missing", title.into(), label.into());
        }
        if d.interest_only.0.round() >= d.term.0.round() && d.profile != CampusProfile::Bullet {
            let label = "`interest_only` must be shorter than `term`";
            error(d.interest_only.place(), "range", "this debt never repays principal".into(), label.into());
        }
        if d.interest_on == InterestOn::Average && (d.prefunded || self.funding.order != Order::ProRata) {
            let label = "write `interest_on: opening`, or draw debt and equity pro rata";
            let title = "interest on the average balance requires pro rata draws";
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
            unused::report(&tail, "if an empty campus is sold", "write `empty: relet`, or remove it", issues);
        }
        if !self.leases_to_lab() {
            let site = [unused::quantity(CampusSpec::FIELDS, "site", &self.site)];
            unused::report(&site, "if the lab is not the tenant", "a third party pays its own site cost", issues);
        }
        if !d.rate.floats && !d.cash_interest.floats {
            let base = [unused::given("base_sofr", d.base_sofr.as_ref())];
            unused::report(&base, "with a fixed rate", "remove it, or write `rate: sofr + 225 bp`", issues);
        }
        let mut error = |place: Place, code, title: String, label: String| {
            issues.error(code, Some(place), title, label);
        };
        if self.subordinated.0.len() > JUNIOR {
            let title = format!("`subordinated` has {} entries", self.subordinated.0.len());
            let at = self.subordinated.0[JUNIOR].0.place();
            error(at, "too-many", title, format!("the engine supports {JUNIOR}"));
        }
        for (what, months) in [("maintenance.every", self.maintenance.every), ("tax.life", self.tax.life)] {
            if months.0.round() < 1.0 {
                error(months.place(), "range", format!("`{what}` is less than a month"), "write `60 mo`".into());
            }
        }
        let hazard = l.tenant_fails.known() != Some(0.0) || l.tenant_fails_in_winter.is_some();
        if self.leases_to_lab() && hazard {
            let label = "the lab fails when its cash runs out; name a third party as `tenant`, or remove this key";
            error(
                l.tenant_fails.place(),
                "unsupported",
                "the lab as tenant does not default at random".into(),
                label.into(),
            );
        }
    }
}

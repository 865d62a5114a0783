//! Project finance: construction cost of a vehicle, debt sizing on its cash flow, and debt service.
//!
//! Pure functions called by vehicle instruments: once per path to size the debt, each month to service it. A step is a
//! month there; in the reference vectors it is a month or a year, and rates are per step.
//!
//! No circularity is solved by iteration. Interest and fees during construction are funded by the debt on which they
//! are owed, so the debt is affine in itself, `D = a/(1 − b)`. Where a cover ratio sizes the debt, the share of each
//! use that debt funds is the unknown instead, and uses fall as it falls: one bracketed root. Interest on the average
//! balance of a month, `I = r (B + x/2)/(1 − r/2)` for a need `x` that is borrowed in full, is solved for `I`.
//!
//! Sources: `docs/model.md`; vectors `pf_singleowner.json` and `operations_structuring.json`.

use crate::engine::math::{clamp, max, min, select};
use crate::row;
use crate::units::Usd;

/// Maximum number of parts of a listed spending curve.
pub const PARTS: usize = 8;

row! {
    /// Spending profile of construction.
    pub struct Spend {
        /// 0 for even, 1 for an S-curve, 2 for listed parts.
        pub form: f64,
        /// Number of listed parts.
        pub parts: f64,
        /// Share of the cost in each listed part, spent evenly over an equal part of the construction period.
        pub share: [f64; PARTS],
    }
    /// Financing costs of construction, and the order in which it is funded. Rates are per step.
    pub struct Build {
        /// Interest rate of the drawn debt.
        pub rate: f64,
        /// Commitment fee on the undrawn amount; for a debt fully drawn at financial close, the negative carry on
        /// unspent proceeds: interest less what cash earns.
        pub idle: f64,
        /// Upfront fee at financial close, as a share of the debt.
        pub upfront: f64,
        /// Reserve funded at the end of construction, as a share of the debt.
        pub reserve: f64,
        /// Fee on unfunded equity that is backed by a letter of credit.
        pub letter: f64,
        /// 1 when all debt is drawn at financial close.
        pub at_once: f64,
        /// 1 when interest accrues on the average of a step's opening and closing balances.
        pub average: f64,
        /// Equity is paid in with the debt (0), before it (1) or after it (2).
        pub order: f64,
    }
    /// Repayment schedule of a debt after construction; amounts scale with the size of the debt.
    pub struct Schedule {
        /// Base-case interest rate per step.
        pub rate: f64,
        /// Interest-only steps at the start.
        pub grace: f64,
        /// Steps to maturity.
        pub term: f64,
        /// Debt service as a share of base-case cash flow: the inverse of the DSCR.
        pub share: f64,
        /// Level debt service per step.
        pub level: f64,
        /// Level principal per step, with interest in addition.
        pub principal: f64,
        /// 1 when interest is due in addition.
        pub on_top: f64,
    }
    /// A debt during repayment.
    pub struct Loan {
        /// Outstanding balance.
        pub balance: Usd,
        /// Scheduled balance.
        pub planned: Usd,
    }
}

impl Spend {
    /// Share of the cost spent by the share `x` of the construction period, from 0 to 1.
    #[inline(always)]
    pub fn by(&self, x: f64) -> f64 {
        let x = clamp(x, 0.0, 1.0);
        let mut listed = 0.0;
        for k in 0..PARTS {
            listed += self.share[k] * clamp(x * self.parts - k as f64, 0.0, 1.0);
        }
        select(self.form == 2.0, listed, select(self.form == 1.0, x * x * (3.0 - 2.0 * x), x))
    }
}

/// Uses of funds in a step of construction.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Uses {
    /// Paid to contractors and suppliers.
    pub spend: f64,
    /// Interest on debt drawn and spent.
    pub interest: f64,
    /// Commitment fee on undrawn debt, or negative carry on unspent proceeds.
    pub idle: f64,
    /// Upfront fee at financial close.
    pub upfront: f64,
    /// Funding of the reserve.
    pub reserve: f64,
    /// Letter-of-credit fee.
    pub letter: f64,
}

impl Uses {
    /// Total uses.
    #[inline(always)]
    pub fn total(&self) -> f64 {
        self.spend + self.interest + self.idle + self.upfront + self.reserve + self.letter
    }
    #[inline(always)]
    fn plus(&self, o: &Uses) -> Uses {
        Uses {
            spend: self.spend + o.spend,
            interest: self.interest + o.interest,
            idle: self.idle + o.idle,
            upfront: self.upfront + o.upfront,
            reserve: self.reserve + o.reserve,
            letter: self.letter + o.letter,
        }
    }
}

/// Funding committed to construction.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Funding {
    /// Senior debt.
    pub debt: f64,
    /// Everything that ranks below it: subordinated tranches and equity.
    pub equity: f64,
}

impl Funding {
    /// Debt over total funding.
    #[inline(always)]
    pub fn gearing(&self) -> f64 {
        self.debt / max(self.debt + self.equity, f64::MIN_POSITIVE)
    }
}

/// Time from the contribution of funds to the start of service, in months.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Waits {
    /// Mean.
    pub mean: f64,
    /// Variance around the mean.
    pub variance: f64,
}

impl Waits {
    /// Value of 1 compounded to the start of service at a monthly rate; neglects moments of third and higher order.
    pub fn grown(&self, rate: f64) -> f64 {
        let r = libm::log1p(rate);
        libm::exp(r * self.mean) * (1.0 + 0.5 * r * r * self.variance)
    }
}

/// A step of construction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Step {
    /// Number of the step, 1 for the first.
    pub k: f64,
    /// Whether it is the last.
    pub last: bool,
    /// Paid to contractors.
    pub spend: f64,
}

/// Minimum share of a debt that is left for construction after the debt's own interest, fees and reserve; our
/// assumption. Debt sized by gearing is therefore at most the inverse of this share times the other uses that it funds.
const LEAST: f64 = 0.05;

impl Build {
    /// Uses of a step. `spent` is the part of `debt` used up to then, `waiting` the equity not yet paid in, and
    /// `gearing` the share of each use funded by debt when debt and equity are paid in pro rata.
    #[inline(always)]
    pub fn uses(&self, step: Step, spent: f64, debt: f64, waiting: f64, gearing: f64) -> Uses {
        let Step { k, last, spend } = step;
        let unspent = debt - spent;
        let mut out = Uses {
            spend,
            interest: 0.0,
            // A debt drawn at financial close bears carry from the following step.
            idle: unspent * self.idle * select((self.at_once > 0.0) & (k == 1.0), 0.0, 1.0),
            upfront: select(k == 1.0, self.upfront * debt, 0.0),
            reserve: select(last, self.reserve * debt, 0.0),
            letter: waiting * self.letter * select(self.order == 2.0, 1.0, 0.0),
        };
        let half = 0.5 * gearing * self.average;
        out.interest = self.rate * (spent + half * out.total()) / (1.0 - half * self.rate);
        out
    }

    /// Amounts of a use funded by debt and by equity, given what is left of each; any remainder is unfunded. A negative
    /// use, which is cash earned during construction, repays debt.
    #[inline(always)]
    pub fn split(&self, uses: f64, debt_left: f64, equity_left: f64, gearing: f64) -> (f64, f64) {
        let first = max(0.0, uses - equity_left);
        let wanted = select(self.order == 0.0, gearing * uses, select(self.order == 1.0, first, uses));
        let debt = clamp(wanted, 0.0, max(debt_left, 0.0));
        let equity = clamp(uses - debt, 0.0, max(equity_left, 0.0));
        // Once equity is used up, debt funds the rest.
        let more = clamp(uses - debt - equity, 0.0, max(debt_left - debt, 0.0));
        (debt + more + min(uses, 0.0), equity)
    }

    /// Total uses of a construction of `n` steps with this funding, and the debt that they draw.
    pub fn run(&self, n: usize, spend: impl Fn(usize) -> f64, funding: &Funding) -> (Uses, f64) {
        let (mut all, mut spent, mut paid) = (Uses::default(), 0.0, 0.0);
        let gearing = funding.gearing();
        for k in 1..=n {
            let waiting = (funding.equity - paid).max(0.0);
            let uses =
                self.uses(Step { k: k as f64, last: k == n, spend: spend(k) }, spent, funding.debt, waiting, gearing);
            // No limits here: the funding is the unknown.
            let total = uses.total();
            let debt = match self.order {
                1.0 => (total - waiting).max(0.0),
                2.0 => total.min((funding.debt - spent).max(0.0)),
                _ => gearing * total,
            };
            spent += debt;
            paid += total - debt;
            all = all.plus(&uses);
        }
        (all, spent)
    }

    /// Mean and variance of the months from the contribution of everything that ranks below the debt to the end of
    /// construction.
    pub fn waits(&self, n: usize, spend: impl Fn(usize) -> f64, funding: &Funding) -> Waits {
        let (mut spent, mut paid, mut first, mut second) = (0.0, 0.0, 0.0, 0.0);
        let gearing = funding.gearing();
        for k in 1..=n {
            let left = (funding.equity - paid).max(0.0);
            let step = Step { k: k as f64, last: k == n, spend: spend(k) };
            let total = self.uses(step, spent, funding.debt, left, gearing).total();
            let (debt, equity) = self.split(total, funding.debt - spent, left, gearing);
            let wait = (n - k) as f64;
            spent += debt;
            paid += equity;
            first += equity * wait;
            second += equity * wait * wait;
        }
        if paid <= 0.0 {
            return Waits::default();
        }
        let mean = first / paid;
        Waits { mean, variance: (second / paid - mean * mean).max(0.0) }
    }

    /// Coefficients `a` and `b` of `D = a + bD`, the debt that funds `gearing` of each use when debt and equity are
    /// paid in pro rata.
    pub fn affine(&self, n: usize, spend: impl Fn(usize) -> f64, gearing: f64) -> (f64, f64) {
        let (mut a, mut b) = (0.0, 0.0);
        for k in 1..=n {
            let uses = |spend: f64, spent: f64, debt: f64| {
                self.uses(Step { k: k as f64, last: k == n, spend }, spent, debt, 0.0, gearing).total()
            };
            a += gearing * uses(spend(k), a, 0.0);
            b += gearing * uses(0.0, b, 1.0);
        }
        (a, b)
    }

    /// Debt and equity when debt is `gearing` of total uses.
    pub fn geared(&self, n: usize, spend: impl Fn(usize) -> f64, gearing: f64) -> Funding {
        let gearing = gearing.clamp(0.0, 1.0);
        let (a, b) = self.affine(n, &spend, gearing);
        // Fees, interest and reserve may consume nearly all of a debt, or more: additional debt then funds nothing
        // more.
        let debt = a / (1.0 - b).max(LEAST);
        if gearing <= 0.0 {
            return self.with_debt(n, spend, 0.0, 0.0);
        }
        let equity_of = |debt: f64| debt * ((1.0 - gearing) / gearing);
        if self.order == 0.0 {
            return Funding { debt, equity: equity_of(debt) };
        }
        // When debt and equity are paid in one after the other, the debt is higher or lower than pro rata: uses in
        // excess of the funding fall as it grows.
        let short = |debt: f64| {
            let funding = Funding { debt, equity: equity_of(debt) };
            self.run(n, &spend, &funding).0.total() - debt / gearing
        };
        let mut high = debt.max(f64::MIN_POSITIVE);
        for _ in 0..14 {
            if short(high) <= 0.0 {
                break;
            }
            high *= 1.25;
        }
        let debt = root(0.0, high, short);
        Funding { debt, equity: equity_of(debt) }
    }

    /// Funding with a given debt, which is at most `gearing` of total uses; equity covers the uses in excess of it. One
    /// bracketed root, since uses less equity fall as equity rises.
    pub fn with_debt(&self, n: usize, spend: impl Fn(usize) -> f64, debt: f64, gearing: f64) -> Funding {
        let short = |equity: f64| self.run(n, &spend, &Funding { debt, equity }).0.total() - debt - equity;
        let low = if gearing > 0.0 { debt * ((1.0 - gearing) / gearing).max(0.0) } else { 0.0 };
        let missing = short(low);
        if missing <= 0.0 {
            return Funding { debt, equity: low };
        }
        // The letter-of-credit fee rises with equity, so adding the shortfall once may not be enough.
        let mut high = low + missing;
        for _ in 0..60 {
            if short(high) <= 0.0 {
                break;
            }
            high += missing;
        }
        Funding { debt, equity: root(low, high, short) }
    }
}

/// Root of a function that decreases from `low` to `high`, by the Illinois variant of false position; `low` if the
/// function is not positive there, `high` if it is not negative there.
pub fn root(low: f64, high: f64, f: impl Fn(f64) -> f64) -> f64 {
    let (mut a, mut b) = (low, high);
    let (mut fa, mut fb) = (f(a), f(b));
    if fa <= 0.0 {
        return a;
    }
    if fb >= 0.0 {
        return b;
    }
    let mut x = b;
    for _ in 0..100 {
        x = b - fb * (b - a) / (fb - fa);
        let fx = f(x);
        if fx == 0.0 || (b - a).abs() <= 1e-15 * b.abs() {
            break;
        }
        if (fx < 0.0) == (fb < 0.0) {
            fa *= 0.5;
        } else {
            (a, fa) = (b, fb);
        }
        if (x - b).abs() <= 1e-15 * x.abs() {
            break;
        }
        (b, fb) = (x, fx);
    }
    x
}

/// Repayment profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Debt service is a constant share of base-case cash flow.
    Sculpted,
    /// Debt service is level.
    Level,
    /// Principal is level.
    Straight,
    /// All principal is due at maturity.
    Bullet,
}

/// Present value, at the end of step `from`, of the later flows, `flow(from + 1)` to `flow(n)`.
pub fn present_value(rate: f64, from: usize, n: usize, flow: impl Fn(usize) -> f64) -> f64 {
    // Backwards from the last flow: needs no powers, and adds small amounts first.
    let v = 1.0 / (1.0 + rate);
    (from + 1..=n).rev().fold(0.0, |sum, j| (sum + flow(j)) * v)
}

/// Loan life cover ratio (LLCR): present value of the cash flow to maturity plus the reserve, over the balance.
#[inline(always)]
pub fn llcr(present_value: f64, reserve: f64, balance: f64) -> f64 {
    (present_value + reserve) / max(balance, f64::MIN_POSITIVE)
}

impl Schedule {
    /// Schedule of a debt of 1 over `term` steps, of which the first `grace` are interest-only, with `balloon` left at
    /// maturity; `cash(j)` is the base-case cash flow.
    pub fn unit(
        shape: Shape,
        rate: f64,
        (term, grace): (usize, usize),
        balloon: f64,
        cash: impl Fn(usize) -> f64,
    ) -> Schedule {
        let n = term.saturating_sub(grace).max(1) as f64;
        let later = libm::exp(-n * libm::log1p(rate));
        let mut out = Schedule { rate, grace: grace as f64, term: term as f64, ..Schedule::default() };
        match shape {
            Shape::Sculpted => {
                let value = present_value(rate, grace, term, |j| cash(j).max(0.0));
                out.share = if value > 0.0 { (1.0 - balloon * later) / value } else { 0.0 };
            }
            Shape::Level => {
                let annuity = if rate.abs() < 1e-12 { n } else { (1.0 - later) / rate };
                out.level = (1.0 - balloon * later) / annuity;
            }
            Shape::Straight => (out.principal, out.on_top) = ((1.0 - balloon) / n, 1.0),
            Shape::Bullet => out.on_top = 1.0,
        }
        out
    }

    /// Schedule of a debt of this size.
    #[must_use]
    pub fn times(mut self, debt: f64) -> Schedule {
        self.share *= debt;
        self.level *= debt;
        self.principal *= debt;
        self
    }

    /// Debt service due in step `j` (1 for the first), given base-case cash flow `cash` and scheduled balance
    /// `planned`.
    #[inline(always)]
    pub fn service(&self, j: f64, cash: Usd, planned: Usd) -> Usd {
        let interest = planned * self.rate;
        let later = max(cash, Usd::ZERO) * self.share + Usd(self.level + self.principal) + interest * self.on_top;
        select(j > self.term, Usd::ZERO, select(j <= self.grace, interest, later))
    }

    /// Maximum debt whose service `cash` covers `cover` times in every step; this schedule is that of a debt of 1.
    pub fn covered(&self, cover: f64, cash: impl Fn(usize) -> f64) -> f64 {
        let (mut planned, mut most) = (1.0, f64::INFINITY);
        for j in 1..=self.term as usize {
            let service = self.service(j as f64, Usd(cash(j)), Usd(planned)).0;
            if service > 0.0 {
                most = most.min(cash(j).max(0.0) / (cover * service));
            }
            planned -= service - planned * self.rate;
        }
        if most.is_finite() { most } else { 0.0 }
    }
}

/// Debt service due in a step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Due {
    /// Interest on the balance.
    pub interest: Usd,
    /// Scheduled principal, at most the balance.
    pub principal: Usd,
}

/// Debt service paid in a step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Paid {
    /// Interest.
    pub interest: Usd,
    /// Principal.
    pub principal: Usd,
    /// Shortfall: due and not paid.
    pub short: Usd,
}

impl Loan {
    /// A debt whose balance is on schedule.
    pub fn new(debt: f64) -> Loan {
        Loan { balance: Usd(debt), planned: Usd(debt) }
    }
    /// Service due in step `j` at the current `rate`, given the base-case cash flow. Principal follows the schedule as
    /// sized: prepayments shorten it from the end, and missed principal is not caught up before maturity.
    #[inline(always)]
    pub fn due(&mut self, plan: &Schedule, j: f64, cash: Usd, rate: f64) -> Due {
        let service = plan.service(j, cash, self.planned);
        let principal = select(j > plan.term, Usd::ZERO, service - self.planned * plan.rate);
        self.planned -= principal;
        Due { interest: self.balance * rate, principal: clamp(principal, Usd::ZERO, max(self.balance, Usd::ZERO)) }
    }
    /// Pays what is due out of `cash`, interest first; unpaid interest is added to the balance.
    #[inline(always)]
    pub fn pay(&mut self, due: &Due, cash: Usd) -> Paid {
        let cash = max(cash, Usd::ZERO);
        let interest = min(due.interest, cash);
        let principal = min(due.principal, cash - interest);
        self.balance += due.interest - interest - principal;
        Paid { interest, principal, short: due.interest - interest + (due.principal - principal) }
    }
    /// Prepays with a share of the cash left after service; returns the amount prepaid.
    #[inline(always)]
    pub fn sweep(&mut self, share: f64, excess: Usd) -> Usd {
        let paid = clamp(excess * share, Usd::ZERO, max(self.balance, Usd::ZERO));
        self.balance -= paid;
        paid
    }
}

/// Target of a reserve of `months` of the next service, when a step has `step` months.
#[inline(always)]
pub fn reserve_target(months: f64, step: f64, next_service: Usd) -> Usd {
    next_service * (months / step)
}

/// Payment under a guarantee of the shortfall between debt and asset value: `min(cap, cover · max(0, owed − value))`.
#[inline(always)]
pub fn guaranteed(owed: Usd, value: Usd, cover: f64, cap: Usd) -> Usd {
    max(Usd::ZERO, min(cap, max(owed - value, Usd::ZERO) * cover))
}

/// Present value of the rent and of the amount guaranteed at the end, `at_end`; rent falls due at the end of each step,
/// or in advance.
pub fn lease_value(rent: impl Fn(usize) -> f64, steps: usize, rate: f64, in_advance: bool, at_end: f64) -> f64 {
    let ends = present_value(rate, 0, steps, |j| rent(j) + if j == steps { at_end } else { 0.0 });
    let end = if in_advance && steps > 0 { at_end * libm::exp(-(steps as f64) * libm::log1p(rate)) } else { 0.0 };
    if in_advance { (ends - end) * (1.0 + rate) + end } else { ends }
}

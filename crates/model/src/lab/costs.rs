//! Staff, stock compensation, sales and other costs, and partner share.

use crate::engine::books::event;
use crate::engine::columns::Columns;
use crate::engine::component::{Component, Lane, Now, stage};
use crate::engine::math::{exp, max, min, select};
use crate::language::quantity::{Inputs, Quantity};
use crate::language::values::When;
use crate::units::Usd;
use crate::{posts, row, spec, written};

spec! {
    /// Staff.
    pub struct PeopleSpec {
        /// Cash cost before the first month.
        pub cost: Quantity [MoneyRate] = "0 USD/yr",
        /// Its growth.
        pub growth: Quantity [Growth] = "0%/yr",
        /// Stock compensation, as a share of the cash cost and in addition to it.
        pub stock_compensation: Quantity [Share >= 0.0] = "0%",
        /// Share of staff cost cut in distress, when hiring also stops.
        pub cut_in_distress: Quantity [Share] = "15%",
    }
    /// Sales, data, legal, settlements.
    pub struct OtherSpec {
        /// Fixed cost before the first month.
        pub cost: Quantity [MoneyRate] = "0 USD/yr",
        /// Its growth.
        pub growth: Quantity [Growth] = "0%/yr",
        /// Share of revenue.
        pub share_of_revenue: Quantity [Share] = "0%",
        /// Settlements and other lump-sum costs.
        pub lumps: Option<LumpSpec>,
    }
    /// Lump-sum costs of lognormal size.
    pub struct LumpSpec {
        /// Monthly probability of a lump.
        pub chance: Quantity [Hazard],
        /// Median size.
        pub median: Quantity [Money],
        /// Standard deviation of the log size.
        pub spread: Quantity [Number 0.0..5.0] = "0.8",
    }
}

/// Spec of the component.
#[derive(Clone, Debug)]
pub struct CostsSpec {
    /// Staff.
    pub people: PeopleSpec,
    /// Other.
    pub other: OtherSpec,
    /// Partners' share of revenue.
    pub partner_share: Quantity,
    /// Cap on total partner share ever paid.
    pub partner_cap: Option<Quantity>,
    /// Last month of the partners' share.
    pub partner_until: Option<When>,
    /// Months of distress after which hiring stops and staff are cut.
    pub cut_after: f64,
}

row! {
    /// Terms; money is per month.
    pub struct Costs {
        staff: f64, staff_growth: f64, sbc: f64, cut: f64, cut_after: f64, other: f64, other_growth: f64, other_share: f64,
        partner: f64, partner_cap: f64, partner_until: f64,
    }
    /// Staff cost before cuts, and fixed other cost.
    pub struct CostsState { staff: f64, other: f64 }
    /// Monthly probability, median size, standard deviation of the log size.
    pub struct Lumps { chance: f64, median: f64, spread: f64 }
    /// Empty.
    pub struct LumpsState {}
}

/// Maximum stock granted in a month, as a share of all shares: our assumption.
const MOST_GRANTED: f64 = 0.1;

impl Component for Costs {
    type Spec = CostsSpec;
    type State = CostsState;
    const STAGES: u16 = 1 << stage::OPERATE;
    const SETS: Columns = posts![payroll, other, partner_share];

    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written![
            ops.staff,
            ops.other,
            ops.partner,
            ops.sbc,
            accounts.share_paid,
            accounts.employee_shares,
            accounts.own_due,
            lab.pool,
            lab.shares,
            lines.payroll,
            lines.other,
            lines.partner_share,
        ]
    }
    fn terms(spec: &CostsSpec, inputs: &Inputs<'_>) -> Self {
        Costs {
            staff: spec.people.cost.at(inputs),
            staff_growth: libm::exp(spec.people.growth.at(inputs)),
            sbc: spec.people.stock_compensation.at(inputs),
            cut: spec.people.cut_in_distress.at(inputs),
            cut_after: spec.cut_after,
            other: spec.other.cost.at(inputs),
            other_growth: libm::exp(spec.other.growth.at(inputs)),
            other_share: spec.other.share_of_revenue.at(inputs),
            partner: spec.partner_share.at(inputs),
            partner_cap: spec.partner_cap.as_ref().map_or(f64::MAX, |q| q.at(inputs)),
            partner_until: spec.partner_until.map_or(f64::MAX, |month| month.0),
        }
    }
    #[inline(always)]
    fn opening(&self, _: &mut Lane) -> CostsState {
        CostsState { staff: self.staff, other: self.other }
    }
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, own: &mut CostsState, lane: &mut Lane) {
        let (ops, accounts, lab) = (&mut lane.ops, &mut lane.accounts, &mut lane.lab);
        let calm = lab.distress_months <= self.cut_after;
        own.staff *= select(calm, self.staff_growth, 1.0);
        own.other *= self.other_growth;
        ops.staff = Usd(own.staff * select(calm, 1.0, 1.0 - self.cut) * lab.alive);
        ops.other = (lab.revenue * self.other_share + Usd(own.other) + ops.lump) * lab.alive;
        let partner = select(now.t <= self.partner_until, self.partner, 0.0);
        let share = min((lab.revenue * partner).0, max(0.0, self.partner_cap - accounts.share_paid.0));
        ops.partner = Usd(share);
        accounts.share_paid += ops.partner;
        // Stock compensation: granted from the unallocated pool first, newly issued once it is empty; none while the
        // lab has no value, and at most a tenth of all shares a month when its value is small.
        ops.sbc = ops.staff * self.sbc;
        let value = lab.run_rate * lane.market.multiple;
        ops.sbc = min(ops.sbc, value * MOST_GRANTED);
        let granted = select(value > Usd::ZERO, ops.sbc.0 * lab.shares / max(value.0, f64::MIN_POSITIVE), 0.0);
        ops.sbc = select(value > Usd::ZERO, ops.sbc, Usd::ZERO);
        let from_pool = min(granted, lab.pool);
        lab.pool -= from_pool;
        lab.shares += granted - from_pool;
        accounts.employee_shares += granted;
        accounts.own_due[0] = ops.staff + accounts.owed[0];
        accounts.own_due[1] = ops.other + accounts.owed[1];
        accounts.own_due[2] = ops.partner + accounts.owed[2];
        accounts.own_due[4] = Usd::ZERO;
        lane.lines.payroll = accounts.own_due[0];
        lane.lines.other = accounts.own_due[1];
        lane.lines.partner_share = accounts.own_due[2];
    }
}

impl Component for Lumps {
    type Spec = LumpSpec;
    type State = LumpsState;
    const STAGES: u16 = 1 << stage::OPERATE;

    #[inline(always)]
    fn writes(_: u8) -> Columns {
        written!(ops.lump, events)
    }
    fn normals(_: &LumpSpec) -> Vec<String> {
        vec!["lump_size".into()]
    }
    fn uniforms(_: &LumpSpec) -> Vec<String> {
        vec!["lump".into()]
    }
    fn terms(spec: &LumpSpec, inputs: &Inputs<'_>) -> Self {
        Lumps { chance: spec.chance.at(inputs), median: spec.median.at(inputs), spread: spec.spread.at(inputs) }
    }
    #[inline(always)]
    fn opening(&self, _: &mut Lane) -> LumpsState {
        LumpsState {}
    }
    #[inline(always)]
    fn step<const S: u8>(&self, now: &Now, _: &mut LumpsState, lane: &mut Lane) {
        let lump = select(now.uniform[0] < self.chance, self.median * exp(self.spread * now.normal[0]), 0.0);
        lane.ops.lump = Usd(lump);
        lane.events |= select(lump > 0.0, event::LUMP, 0);
    }
}

//! A joint venture of the lab with capital partners, of one of two kinds that must not be confused.
//!
//! # What it is
//! `kind: distribution` sells and deploys the lab's product in the partners' companies: its capital funds people, and
//! the lab gains demand. `kind: asset` owns compute that the lab rents. Both call capital, and share what they can
//! distribute by a waterfall. The cap table is not touched; puts, guarantees and floors bring cash back later.
//!
//! # Monthly cash flows
//! | flow | lab | partners | lender | third parties |
//! | --- | --- | --- | --- | --- |
//! | calls | − its part | − | | + (people, or hardware) |
//! | asset: debt, drawn as capital is spent | | | − | + (hardware) |
//! | asset: rent, with arrears | − | to the lender, then the waterfall | + | + running cost |
//! | distribution: commission on the demand brought, with arrears | − | to the waterfall | | |
//! | distribution: services and income from others, less people | | to the waterfall | | − |
//! | distributions, after the fee | + its stake | + | | |
//! | promote and fee | + when it runs the venture | | | + to a manager otherwise |
//! | distribution: top-up of the floor, the month after each year | − | + | | |
//! | asset: minimum return, put, clawback, the month after | − | + | | |
//! | asset: buy-out, the month after | − | + | | |
//! | asset: sale at the end | | what the lender leaves, to the waterfall | + first | − (buyer) |
//!
//! # In YAML
//! `- joint_venture: {name: services_jv, kind: distribution, commitment: {lab: 300M USD, partners: 1.2B USD},
//! demand_uplift: 0% to 6%, waterfall: {hurdle: 8%/yr, catch_up: 50%, promote: 20%}}`
//!
//! `- joint_venture: {name: campus, kind: asset, commitment: {lab: 400M USD, partners: 1.6B USD},
//! calls: {start: 2026-09, over: 18 mo, unanswered: 1%/mo}, power: 0.2 GW, rent: 1.6B USD/yr, running: 150M USD/yr,
//! debt: {share: 60%, rate: 7%/yr, term: 60 mo}, residual: 30%, put: {from: 2029-09, rate: 12%/yr},
//! step_in: {vacancy: 6 mo, rent: 60%}}`
//!
//! # Conventions and limits
//! *Capital.* Calls fall evenly into the months of `calls`, or with `by: need` when the venture has to pay. What the partners
//! leave unanswered is gone, or with `by: need` is asked for again; the venture is smaller by it (power, rent and uplift
//! alike), and stakes follow what was paid. With `gap: lab_covers` the lab is asked for it in the same month. The lab's own
//! call is paid in its rank; until it is paid, its stake is smaller. Cash that waits earns nothing.
//!
//! *Waterfall.* The lab's stake shares pari passu with the partners, who then share with the holder of the promote. A hard
//! hurdle is `catch_up: 0%`. A flip is tested at a month's end and takes effect in the next. Deals are parts of an asset venture,
//! at most four, with their own accounts; the promote that the pooled account would not have paid is given back at the end, by
//! the lab a month later, by a manager at once. The fee comes out of what the operation leaves after debt service.
//!
//! *Asset.* Value falls in a straight line from cost to `residual` over the term, times what `exposure` takes of the resale
//! index; interest before rent begins is added to the debt. Net assets are that value and cash, less debt; the partners' share
//! of them is what the waterfall would give to them. The minimum return is what brings the partners' flows at its rate to zero,
//! less their share of net assets; it is owed once, at the end or on its date, not on political termination. A put sells the stake at the price
//! that gives the partners their rate, when that exceeds their share; the stake passes as the price is paid. A buy-out costs the largest of the
//! partners' share of net assets and the amounts for its rate and multiple, when the rent less running cost and the sale to come, less debt, are worth more to the
//! lab. On a put, a floor or a minimum return the lab pays as for guarantees, in the month after, and what it does not pay stays owed. What
//! a put, a minimum return or a buy-out gives for its rate bears that rate until then.
//! When service is missed for `grace` months all of the debt is due, and the lender gets all cash; it does not sell the hardware before the end.
//! After stepping in the rent of a new tenant is a stated share of the lab's; it does not move.
//!
//! *Distribution.* Companies come and leave in expectation, not one by one. Commission and discount are the same cash: revenue
//! is at list price. Of several ventures each takes its uplift for the only one. The floor counts what the partners got beyond returned capital; an
//! excess counts for later years, what exceeds the limit of a year lapses. A venture whose people are not paid brings on fewer companies.
//!
//! *Failure.* The venture claims arrears, damages for rejected rent, and what is owed to the partners. On the lab's end a
//! distribution venture is wound up; an asset venture too, unless `step_in` lets it find another tenant. The lab's stake belongs to the estate.
//!
//! *Mark.* When the run ends first, the position in an asset venture is worth what is still to come when the lab pays and nothing
//! goes wrong, at the rate that the plan gives to the partners: rent, the sale, a minimum return, a put that is worth something. Its lender is
//! owed its debt, less what the venture is not expected to pay of it. A distribution venture has no end and no price, so that it is worth
//! a stated multiple of its earnings, and without one the partners' capital not yet returned.
//!
//! Not modelled: exclusivity, boards and reserved matters, capacity reserved for others, taxes of the venture, a reserve account, floating or refinanced debt,
//! recourse of the lender to the lab, debt beside deals, interest on clawback, exit of a distribution venture before the horizon, exchange of the stake into shares of the lab.
//!
//! # Sources
//! [The model](../model.md); `jv_waterfall.json` and `pf_partnership_flip.json` in `tests/vectors/`.

// Two rooms share this module and one spec: what an asset venture remembers is some ninety numbers, of which a distribution
// venture needs a third. A sweep loads and computes what its room has, so a venture that only brings demand should not pay for
// debt, hardware and deals. The scenario knows one key, `joint_venture`.

pub mod asset;
mod capital;
mod check;
pub mod distribution;
pub mod spec;

/// Account of the partners.
const PARTNERS: usize = 0;
/// Account of the lender.
const LENDER: usize = 1;
/// Account of a manager.
const MANAGER: usize = 2;
/// Accounts of a venture.
const SIDES: usize = 3;

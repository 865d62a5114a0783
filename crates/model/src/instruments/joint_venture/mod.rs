//! A joint venture of the lab with capital partners, of one of two distinct kinds.
//!
//! # What it is
//! `kind: distribution` sells and deploys the lab's product in the partners' companies: its capital funds staff, and
//! the lab gains demand. `kind: asset` owns compute that the lab rents. Both call capital and distribute cash through a
//! waterfall. The cap table is unaffected; puts, guarantees and floors cost cash later.
//!
//! # Monthly cash flows
//! | flow | lab | partners | lender | third parties |
//! | --- | --- | --- | --- | --- |
//! | calls | − its share | − | | + (staff, or hardware) |
//! | asset: debt, drawn as capital is spent | | | − | + (hardware) |
//! | asset: rent, with arrears | − | to the lender, then the waterfall | + | + operating cost |
//! | distribution: commission on demand brought, with arrears | − | to the waterfall | | |
//! | distribution: services and third-party income, less staff cost | | to the waterfall | | − |
//! | distribution: purchase of a firm | | | | + (its owners) |
//! | distributions, after the fee | + its stake | + | | |
//! | promote and fee | + if it manages the venture | | | + to a manager otherwise |
//! | distribution: top-up of the floor, the month after each year | − | + | | |
//! | minimum return, the month after; asset: put, clawback | − | + | | |
//! | asset: buy-out, the month after | − | + | | |
//! | asset: sale at the end | | remainder after the lender, to the waterfall | + first | − (buyer) |
//!
//! # In YAML
//! `- joint_venture: {name: services_jv, kind: distribution, commitment: {lab: 300M USD, partners: 1.2B USD},
//! demand_uplift: 0% to 6%, waterfall: {hurdle: 8%/yr, catch_up: 50%, promote: 20%}}`
//!
//! `- joint_venture: {name: services_jv, kind: distribution, commitment: {lab: 300M USD, partners: 1.2B USD},
//! calls: {by: need}, portfolio: {companies: 1200, adopts: 0.4%/mo to 1.4%/mo, in_winter: 40%, services: 2M USD/yr to
//! 5M USD/yr, people: 75%, deployment: 3M USD, overhead: 150M USD/yr, sales: 1M USD/yr to 4M USD/yr},
//! commission: 5%, keeps: 3 mo, distributes_from: 18 mo, exit_multiple: 8x to 14x}`
//!
//! `- joint_venture: {name: campus, kind: asset, commitment: {lab: 400M USD, partners: 1.6B USD},
//! calls: {start: 2026-09, over: 18 mo, unanswered: 1%/mo}, power: 0.2 GW, rent: 1.6B USD/yr, opex: 150M USD/yr,
//! debt: {share: 60%, rate: 7%/yr, term: 60 mo}, residual: 30%, put: {from: 2029-09, rate: 12%/yr},
//! step_in: {vacancy: 6 mo, rent: 60%}}`
//!
//! # Conventions and limits
//! *Capital.* Calls fall evenly in the months of `calls`, or with `by: need` when the venture has payments to make. A
//! call that the partners miss lapses, or with `by: need` is repeated; the venture is smaller by that amount (power,
//! rent and uplift alike), and stakes follow the capital paid. With `gap: lab_covers` the lab is asked for it in the
//! same month. The lab's own call is paid in its rank; until it is paid, its stake is smaller. Uninvested cash earns
//! nothing.
//!
//! *Waterfall.* The lab's stake shares pari passu with the partners, who then share with the promote holder. A hard
//! hurdle is `catch_up: 0%`. A flip is tested at month end and takes effect in the next month. Deals are parts of an
//! asset venture, at most four, with their own accounts; promote in excess of the pooled account is clawed back at the
//! end, from the lab a month later, from a manager at once. The fee is paid from operating cash after debt service.
//!
//! *Asset.* Value declines linearly from cost to `residual` over the term, times `1 + exposure × (resale index − 1)`;
//! interest before rent begins is capitalised. Net assets are that value and cash, less debt; the partners' share is
//! what the waterfall would pay them. The minimum return is the amount that brings the partners' cash flows to zero NPV
//! at its rate, less their share of net assets; it is owed once, at the end or on its date, but not on political
//! termination. A put sells the stake at the price that earns the partners their rate, when that exceeds their share;
//! the stake passes as the price is paid. A buy-out costs the highest of the partners' share of net assets and the
//! amounts for its rate and multiple; the lab buys when the remaining rent less operating cost and the future sale,
//! less debt, are worth more to it. Puts, floors and minimum returns are paid by the lab in the rank of guarantees, in
//! the following month; unpaid amounts stay owed. The amount of a put, a minimum return or a buy-out earns its rate
//! until then. When service is missed for `grace` months the debt is accelerated and the lender receives all cash; it
//! does not sell the hardware before the end. After step-in, a new tenant's rent is a fixed share of the lab's.
//!
//! *Distribution.* Companies adopt and churn in expectation, not one by one. Commission and discount are the same cash:
//! revenue is at list price. With several ventures, each measures its uplift as if it were the only one. The floor
//! counts what the partners received beyond returned capital; an excess carries forward to later years, while any
//! shortfall above a year's limit lapses. A venture that does not pay its staff adds fewer companies. Costs are paid
//! from the month's income, then from earnings retained, then from capital if `capital_for` allows it. A purchase is paid
//! from capital, or else from earnings retained; with too little money a part of the firm is bought, and the companies
//! that it brings are not deployed at. Earnings, which the exit values, are income less staff: deployment at new users
//! and a purchase are investments (costs to fulfil contracts are capitalised). Earnings are retained until
//! `distributes_from` has passed since the first call, then as far as `keeps` months of overhead are not covered by the
//! venture's cash. A minimum return without a date is measured at the horizon: what the position lacks then is marked as
//! owed by the lab, which carries it among its guarantees before; a failure of the lab makes it a claim.
//!
//! *Failure.* The venture claims arrears, damages for rejected rent, and amounts owed to the partners. When the lab
//! ends, a distribution venture is wound up; so is an asset venture, unless `step_in` lets it find another tenant. The
//! lab's stake belongs to the estate.
//!
//! *Mark.* If the run ends first, the position in an asset venture is marked at its future cash flows assuming that the
//! lab pays and nothing goes wrong, at the partners' return implied by the plan: rent, the sale, a minimum return, a
//! put that is in the money. Its lender is marked at the debt less expected loss. A distribution venture has no end, so
//! it is marked as if it were sold: at a stated multiple of its earnings of the last twelve months (in winter times the
//! factor of winter on the price of equity), with its cash, through the waterfall. Without a multiple it has no price,
//! and is marked at cost: the partners' unreturned capital.
//!
//! Not modelled: exclusivity, boards and reserved matters, capacity reserved for others, taxes of the venture, a
//! reserve account, floating or refinanced debt, recourse of the lender to the lab, debt alongside deals, interest on
//! clawback, exit from a distribution venture before the horizon, exchange of the stake into shares of the lab.
//!
//! # Sources
//! [The model](../model.md); `jv_waterfall.json` and `pf_partnership_flip.json` in `tests/vectors/`.

// Two instruments share this module and one spec: the state of an asset venture is some ninety numbers, of which a
// distribution venture needs a third. A sweep loads and computes the whole state of its instrument, so a venture that
// only brings demand should not pay for debt, hardware and deals. The scenario knows a single key, `joint_venture`.

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
/// Number of accounts of a venture.
const SIDES: usize = 3;

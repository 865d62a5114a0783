//! Small scenarios of what generated ones have found once.

/// A lab that burns its cash and fails again and again, in this world, with these odds and instruments.
fn failing(world: &str, outcomes: &str, compute: &str, instruments: &str) -> String {
    format!(
        "schema: 1
name: found
time: {{start: 2026-01, months: 36}}
run: {{paths: 256, seed: 11}}
world:
  equity_multiple: {{now: 8x, later: 6x, volatility: 40%/yr}}
  compute_price: {{contract: 9B USD/GW-yr, volatility: 20%/yr}}
  credit_spread: {{level: 400 bp, volatility: 80%/yr}}
{world}lab:
  opening: {{cash: 0.3B USD, shares: {{founders: 50%, investors: 50%}}}}
  demand: {{growth: {{now: 1%/mo, later: 0%/mo, half_life: 6 mo}}, volatility: 8%/mo, segments: [{{all: {{run_rate: 1B USD/yr}}}}]}}
  compute:
    inference: {{gross_margin: {{now: 40%, later: 50%, over: 12 mo}}}}
{compute}  people: {{cost: 0.7B USD/yr, stock_compensation: 50%}}
  policy: {{grace: 1 mo}}
  default: {{outcomes: {{{outcomes}}}, restructuring: {{haircut: 100%}}}}
instruments:
  - revolver: {{name: line, limit: 0.2B USD, rate: sofr + 300 bp}}
{instruments}"
    )
}

const SOFR: &str = "  sofr: {start: 3.7%/yr, long_run: 3.5%/yr, volatility: 1%/yr}\n";
const RESTRUCTURED: &str = "restructuring: 100%, liquidation: 0%";

/// What was found, and a scenario in which it was.
pub fn scenarios() -> Vec<(&'static str, String)> {
    let campus = |terms: &str| {
        format!(
            "  - campus: {{name: hall, power: 0.01 GW, construction: {{start: 2026-03, months: 12 mo, cost: 200M USD}}, {terms}, equity: {{lab: 50%}}, lease: {{rent: 40M USD/yr, term: 60 mo}}}}\n"
        )
    };
    let orders = "    orders: {share: 80%, lead: 3 mo, every: 1 mo, take_or_pay: 60%, term: 12 mo}\n";
    vec![
        ("orders of which all is given up, again and again", failing(SOFR, RESTRUCTURED, orders, "")),
        ("claims after several restructurings", failing(SOFR, "restructuring: 60%, liquidation: 40%", "", "")),
        (
            "a fee for a waiver in a month of interest in kind",
            failing(
                SOFR,
                RESTRUCTURED,
                "",
                "  - term_loan: {name: kind, amount: 0.2B USD, date: 2026-02, term: 30 mo, in_kind: 12 mo, rate: 9%/yr, minimum_cash: 0.4B USD, breach: {waiver: 40%/mo, fee: 2%}}\n",
            ),
        ),
        (
            "coupons that fall with spreads below zero",
            failing(
                SOFR,
                RESTRUCTURED,
                "",
                "  - abs: {name: notes, pool: {value: 0.5B USD, book: 0.4B USD, power: 0.03 GW}, tenants: {price: 2B USD/GW-yr}, closing: 2026-06, tranches: [{a: {advance: 60%, coupon: 0.5%/yr}}], reserve: 6 mo}\n",
            ),
        ),
        (
            "a debt drawn at the close and prepaid in construction",
            failing(
                SOFR,
                RESTRUCTURED,
                "",
                &campus(
                    "funding: {gearing: 80%, sponsor: lab}, debt: {rate: 7%/yr, term: 60 mo, prefunded: true, cash_interest: sofr}",
                ),
            ),
        ),
        (
            "a reserve of more than the debt",
            failing(
                SOFR,
                RESTRUCTURED,
                "",
                &campus("funding: {gearing: 90%}, debt: {rate: 12%/yr, term: 3 mo, profile: straight, reserve: 24 mo}"),
            ),
        ),
        (
            "a base case below zero",
            failing(
                "  sofr: {start: -1%/yr, long_run: -2%/yr, volatility: 1%/yr}\n",
                RESTRUCTURED,
                "",
                &campus(
                    "funding: {gearing: 60%}, debt: {rate: sofr + 50 bp, base_sofr: -1%/yr, term: 60 mo, profile: bullet, reserve: 6 mo}",
                ),
            ),
        ),
    ]
}

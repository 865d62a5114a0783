//! Small scenarios that reproduce defects found by generated ones.

/// A lab that burns its cash, fails and is restructured, in this world and with these instruments.
fn failing(world: &str, instruments: &str) -> String {
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
  people: {{cost: 0.7B USD/yr, stock_compensation: 50%}}
  policy: {{grace: 1 mo}}
  default: {{outcomes: {{restructuring: 100%, liquidation: 0%}}, restructuring: {{haircut: 100%}}}}
instruments:
  - revolver: {{name: line, limit: 0.2B USD, rate: sofr + 300 bp}}
{instruments}"
    )
}

/// What was found, and a scenario in which it was.
pub fn scenarios() -> Vec<(&'static str, String)> {
    vec![
        (
            "a fee for a waiver in a month of interest in kind",
            failing(
                "  sofr: {start: 3.7%/yr, long_run: 3.5%/yr, volatility: 1%/yr}\n",
                "  - term_loan: {name: kind, amount: 0.2B USD, date: 2026-02, term: 30 mo, in_kind: 12 mo, rate: 9%/yr, minimum_cash: 0.4B USD, breach: {waiver: 40%/mo, fee: 2%}}\n",
            ),
        ),
        (
            "a base case below zero",
            failing(
                "  sofr: {start: -1%/yr, long_run: -2%/yr, volatility: 1%/yr}\n",
                "  - campus: {name: hall, power: 0.01 GW, construction: {start: 2026-03, months: 12 mo, cost: 200M USD}, funding: {gearing: 60%}, debt: {rate: sofr + 50 bp, base_sofr: -1%/yr, term: 60 mo, profile: bullet, reserve: 6 mo}, equity: {lab: 50%}, lease: {rent: 40M USD/yr, term: 60 mo}}\n",
            ),
        ),
    ]
}

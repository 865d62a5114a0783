"""The scenario `benchmark` in numpy, written from docs/benchmark-model.md; it reads nothing of the engine.

    python3 tests/numpy/benchmark_model.py [paths] [seed]     prints quantiles of eight metrics and the time taken
        --csv                                                 writes mean, sd and quantiles of every metric and month instead
        --set NAME=VALUE                                      with one parameter changed, see PARAMETERS
"""

import argparse
import time

import numpy as np

H = 120
METRICS = ["revenue", "compute_spend", "gap", "cash", "debt", "stake.founders", "valuation", "off_balance"]
LEVELS = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99]
Z95 = 1.6448536269514722
B = 1e9

# Parameters that `--set` changes; the values are those of the scenario. The last two are rules that this program had wrong:
# most of the company's value that is granted in a month, and whether debt outlives a lab that has ended.
PARAMETERS = {
    "growth_shock": 0.01,
    "winter_leaves": 0.06,
    "margin_least": 0.58,
    "multiple_volatility": 0.35,
    "loan_rate": 0.095,
    "most_granted": 0.1,
    "debt_after_the_end": 0.0,
}


def level(r, n):
    return r / -np.expm1(-n * np.log1p(r))


def reversion(half_life, sd_year):
    k = np.log(2.0) / half_life
    a = np.exp(-k)
    return a, sd_year / np.sqrt(12.0) * np.sqrt((1 - a * a) / (2 * k))


def run(n, seed, changed=None):
    p = {**PARAMETERS, **(changed or {})}
    rng = np.random.default_rng(seed)
    out = np.empty((H + 1, len(METRICS), n))

    # Inputs. Order of the correlated ones: growth_now, research_growth, ceiling.
    spearman = np.array([[1, 0.5, 0.3], [0.5, 1, 0], [0.3, 0, 1]])
    rho = 2 * np.sin(np.pi * spearman / 6)
    np.fill_diagonal(rho, 1.0)
    z = np.linalg.cholesky(rho) @ rng.standard_normal((3, n))
    normal = lambda z, lo, hi: 0.5 * (lo + hi) + (hi - lo) / (2 * Z95) * z
    lognormal = lambda z, lo, hi: np.exp(normal(z, np.log(lo), np.log(hi)))
    growth_now = normal(z[0], 0.03, 0.09)
    research_now = np.log(lognormal(z[1], 1.3, 2.2)) / 12
    ceiling = lognormal(z[2], 60 * B, 600 * B) / 12
    growth_later = normal(rng.standard_normal(n), -0.002, 0.012)
    half_life = lognormal(rng.standard_normal(n), 8, 20)
    multiple_later = lognormal(rng.standard_normal(n), 5, 12)
    margin_later = rng.uniform(p["margin_least"], 0.80, n)
    partner_share = rng.triangular(0.05, 0.10, 0.18, n)

    # Shocks: demand, demand_level, equity_multiple, sofr, compute_price.
    corr = np.eye(5)
    for i, j, r in [(0, 2, 0.4), (0, 4, 0.3), (2, 3, -0.2), (0, 1, 0.2)]:
        corr[i, j] = corr[j, i] = r
    factor = np.linalg.cholesky(corr)

    # Terms.
    a_sofr, s_sofr = reversion(18, 0.01)
    a_mult, s_mult = reversion(12, p["multiple_volatility"])
    a_spot, s_spot = reversion(6, 0.25)
    slope = (np.log(18) - np.log(multiple_later)) / (0.06 - 0.005)
    intercept = np.log(multiple_later) - slope * 0.005
    keep_growth = 2 ** (-1 / half_life)
    keep_pull = 2 ** (-1 / 4)
    keep_research = 2 ** (-1 / 18)
    research_later = np.log(1.1) / 12
    price = 9.6 * B / 12
    rent_full = 6 * B * level(0.07 / 12, 84) + 1 * B * level(1.13 ** (1 / 12) - 1, 84)
    senior_level = 6 * B * level(0.07 / 12, 84)
    site_gw = 2.2 * B / 12
    rent_annuity = 1 / level(0.08 / 12, 84)
    delivered = lambda t: max(0.0, min(t - 7, 6.0)) / 6
    leased = lambda t: delivered(t) - delivered(t - 84)

    # State before the first month.
    full = lambda x: np.full(n, float(x))
    zero = full(0)
    winter = zero > 1
    sofr, log_mult, spot = full(0.037), full(np.log(18)), zero.copy()
    x, pull, demand = growth_now.copy(), zero.copy(), full(1 * B)
    limit = np.maximum(ceiling, 1.05 * B)
    r_growth, plan = research_now.copy(), full(4.5 * B / 12)
    staff, other = full(1.6 * B / 12), full(0.8 * B / 12)
    revenues = [full(B), full(B) * np.exp(-growth_now), full(B) * np.exp(-2 * growth_now)]
    growth = growth_now.copy()
    cash, receivables, payables, nol = full(8 * B), full(1.3 * B), full(0.7 * B), full(5 * B)
    shares, alive, distress = full(1e9), zero > -1, zero > 1
    gross_cost, runway = zero.copy(), full(1e6)
    burns, costs, seen = [zero, zero], [zero, zero], 0
    year_income, short_months, unpaid = zero.copy(), zero.copy(), zero.copy()
    owed = {k: zero.copy() for k in ("payroll", "other", "partner", "tax", "spot")}
    contract_arrears, rent_arrears, site_owed = zero.copy(), zero.copy(), zero.copy()
    revolver, stopped = zero.copy(), zero > 1
    loan, loan_arrears, loan_missed = zero.copy(), zero.copy(), zero.copy()
    closes_in, wait, target, launch_value = zero.copy(), zero.copy(), zero.copy(), zero.copy()
    firm_rent, senior, senior_missed = zero.copy(), zero.copy(), zero.copy()

    for t in range(1, H + 1):
        # The world.
        e = factor @ rng.standard_normal((5, n))
        change = rng.random(n) < np.where(winter, p["winter_leaves"], 0.02)
        winter = winter ^ change
        sofr = 0.035 + a_sofr * (sofr - 0.035) + s_sofr * e[3]
        mean = intercept + slope * np.clip(growth, -0.05, 0.20) + np.log(0.5) * winter
        log_mult = mean + a_mult * (log_mult - mean) + s_mult * e[2]
        multiple = np.minimum(np.exp(log_mult), 60)
        window = rng.random(n) < np.where(winter, 0.20, 0.95)
        power_price = 10 * B / 12 * np.exp(np.log(0.97) / 12 * t)
        mean = np.log(0.7) * winter
        spot = mean + a_spot * (spot - mean) + s_spot * e[4]
        spot_price = power_price * 1.05 * np.exp(spot)

        # Capacity.
        cloud = 0.8 * min(1.0, (t - 1 + 0.5) / 24) * alive if t <= 108 else zero
        share = leased(t) * alive
        lease_gw, rent, site = 0.2 * share, rent_full * share, site_gw * 0.2 * share
        place = cloud + lease_gw
        in_place_cost = cloud * price + rent + site
        mean_price = np.where(place > 0, in_place_cost / np.where(place > 0, place, 1), power_price)

        # Operations.
        pull = keep_pull * pull + (1 - keep_pull) * -0.025 * winter
        x = growth_later + keep_growth * (x - growth_later) + p["growth_shock"] * e[0]
        limit = limit * 1.05 ** (1 / 12)
        v = x + pull
        filled = demand / limit
        slowed = -np.log(np.maximum(filled + (1 - filled) * np.exp(-v), 1e-300))
        g = np.where(v > 0, slowed, v) + 0.04 * e[1] - 0.5 * 0.04**2
        demand = demand * np.exp(np.clip(g, -1, 1))
        revenue = demand * alive
        r_growth = research_later + keep_research * (r_growth - research_later)
        plan = plan * np.exp(r_growth)
        trailing = (revenues[0] + revenues[1] + revenues[2]) / 3
        most = 0.45 + (0.30 - 0.45) * min(t / 48, 1.0)
        research = np.maximum(np.minimum(plan, most * trailing), 0.15 * trailing)
        research = research * np.where(distress, 0.6, 1.0) * alive
        low = 1 / (1 + np.exp(4))
        at = 1 / (1 + np.exp(8 * (0.5 - min(t / 36, 1.0))))
        margin = 0.55 + (margin_later - 0.55) * ((at - low) / (1 - 2 * low))
        inference = np.maximum(0, 1 - margin) * revenue
        power = np.maximum(0, (inference + research) / mean_price - lease_gw)
        staff = staff * np.where(distress, 1.0, 1.25 ** (1 / 12))
        other = other * 1.08 ** (1 / 12)
        staff_cost = staff * np.where(distress, 0.85, 1.0) * alive
        other_cost = (0.06 * revenue + other) * alive
        partner = partner_share * revenue
        value = 12 * revenue * multiple
        valued = value > 0
        sbc = np.where(valued, np.minimum(0.5 * staff_cost, p["most_granted"] * value), 0)
        shares = shares + np.where(valued, sbc * shares / np.where(valued, value, 1), 0)

        # What falls due.
        taken = np.minimum(power, cloud)
        invoice = price * np.maximum(0.9 * cloud, taken)
        contract_due = invoice + contract_arrears
        power = power - taken
        rent_due = rent + rent_arrears * alive
        site_due = site + site_owed * alive
        rate = 0.025 / 12 + sofr / 12
        revolver_due = (revolver * rate + np.maximum(3 * B - revolver, 0) * 0.005 / 12) * alive
        r = p["loan_rate"] / 12
        k = t - 13
        accrued = (loan + loan_arrears) * r * alive
        loan_interest = accrued + loan_arrears
        draw = (2 * B if k == 0 else 0.0) * alive
        if k >= 60:
            loan_principal = loan * alive
        elif k >= 1:
            left_over = 60 - k + 1
            scheduled = np.maximum(loan - loan_missed, 0) * (level(r, left_over) - r)
            loan_principal = np.minimum(scheduled + loan_missed, loan) * alive
        else:
            loan_principal = zero
        due = (closes_in == 1) & alive
        moved = np.where(launch_value > 0, value / np.where(launch_value > 0, launch_value, 1), 1e6)
        can = window & (moved >= 0.5) & valued
        done = due & can
        ask = target * np.minimum(1, moved)
        most_raised = np.minimum(value * 0.15 / 0.85, 30 * B)
        raised = np.where(done, np.maximum(np.minimum(ask, most_raised), 0), 0)
        issued = np.where(done, raised * shares / np.where(valued, value, 1), 0)
        wait = np.where(due & ~can, 3, np.maximum(0, wait - 1))
        closes_in = np.maximum(0, closes_in - 1)
        equity_in = raised * 0.98

        # The lab's bills.
        bought = power * spot_price * alive
        compute_expense = invoice + bought
        compute_spend = compute_expense + rent + site
        income = cash * (sofr - 0.001) / 12 * alive
        new_receivables = np.where(alive, 1.3 * revenue, receivables)
        new_payables = np.where(alive, compute_expense, payables)
        receipts = revenue - (new_receivables - receivables)
        credit = np.maximum(new_payables - payables, 0)
        fall = np.maximum(payables - new_payables, 0)
        receivables, payables = new_receivables, new_payables
        interest_expense = revolver_due + accrued
        taxable = revenue + income - staff_cost - other_cost - partner - sbc - compute_spend - interest_expense
        year_income = year_income + taxable * alive
        tax = zero
        if t % 12 == 0:
            profit = np.maximum(0, year_income)
            used = np.minimum(nol, 0.8 * profit)
            tax = (profit - used) * 0.25 * alive
            nol = np.where(year_income < 0, nol - year_income, nol - used)
            year_income = zero.copy()
        spend = staff_cost + other_cost + partner + compute_spend
        gap = (spend - receipts - credit + fall) * alive

        # Payment by rank.
        own = {"payroll": staff_cost, "other": other_cost, "partner": partner, "tax": tax, "spot": bought + fall}
        own = {name: amount + owed[name] for name, amount in own.items()}
        ranks = [
            own["payroll"],
            own["other"] + site_due,
            own["partner"] + own["tax"],
            zero,
            rent_due + contract_due + own["spot"],
            revolver_due,
            loan_interest,
            zero,
            loan_principal,
        ]
        money_in = receipts + income + credit + equity_in + draw
        missing = (0.5 * gross_cost - (cash + money_in - sum(ranks))) * alive
        revolver_draw = np.where(stopped | ~alive, 0, np.maximum(0, np.minimum(missing, 3 * B - revolver)))
        opening = cash
        left = np.maximum(cash + money_in + revolver_draw, 0)
        paid, short = [], zero > 1
        for amount in ranks:
            whole = left >= amount
            part = np.where(whole, 1.0, left / np.where(amount > 0, amount, 1))
            short |= part < 1
            paid.append(part * alive)
            left = np.where(whole, left - amount, 0)
        spent = sum(part * amount for part, amount in zip(paid, ranks))
        cash = cash + money_in + revolver_draw - spent
        unpaid_before, unpaid = unpaid, (sum(ranks) - spent) * alive
        short &= alive
        rank_of = {"payroll": 0, "other": 1, "partner": 2, "tax": 2, "spot": 4}
        owed = {name: own[name] * (1 - paid[rank_of[name]]) * alive for name in own}

        # After payment.
        contract_arrears = contract_due * (1 - paid[4])
        rent_paid = rent_due * paid[4]
        rent_arrears = np.where(alive, rent_due - rent_paid, rent_arrears)
        site_owed = np.where(alive, site_due * (1 - paid[1]), site_owed)
        owing = senior * (1 + 0.07 / 12)
        senior_due = np.minimum(owing, senior_level * leased(t) + senior_missed)
        senior_paid = np.minimum(senior_due, rent_paid)
        senior_missed = senior_due - senior_paid
        senior = owing - senior_paid + (B if 7 <= t < 13 else 0) * alive
        surplus = np.maximum(0, (cash - 3 * gross_cost) * alive)
        owing = revolver + revolver_draw + revolver_due * (1 - paid[5])
        prepaid = np.minimum(surplus, owing)
        revolver = owing - prepaid
        cash = cash - prepaid
        loan_arrears = loan_interest * (1 - paid[6])
        loan_missed = loan_principal * (1 - paid[8])
        loan = loan + draw - loan_principal * paid[8]

        # Burn, runway, default.
        shares = shares + issued
        net_flow = cash + prepaid - opening - equity_in - draw - revolver_draw  # what is prepaid at will is no burn
        gross = spend + tax + interest_expense
        seen = min(seen + 1, 3)
        burned = unpaid - unpaid_before - net_flow  # what is due burns whether it is paid or not, and what was owed burns once
        burn = (burned + burns[0] + burns[1]) / seen
        gross_cost = (gross + costs[0] + costs[1]) / seen
        burns, costs = [burned, burns[0]], [gross, costs[0]]
        burning = burn > 0
        runway = np.where(burning, np.maximum(0, cash) / np.where(burning, burn, 1), 1e6)
        growth = np.where(revenue > 0, np.log(np.maximum(revenue, 1e-300) / np.maximum(revenues[2], 1e-300)) / 3, 0)
        revenues = [revenue, revenues[0], revenues[1]]
        short_months = np.where(short, short_months + 1, 0)
        defaults = alive & (short_months >= 3)
        distress = (runway < 6) | short
        alive = alive & ~defaults
        # A lab that has ended hands its cash over, and what it owed is written off.
        cash, unpaid = np.where(defaults, 0, cash), np.where(defaults, 0, unpaid)
        kept = np.where(defaults, p["debt_after_the_end"], 1)
        revolver, loan, loan_arrears = revolver * kept, loan * kept, loan_arrears * kept

        # Stocks and launches.
        stopped = cash < -1e-3
        rest = firm_rent * (1 + 0.08 / 12) - rent + rent_full * (delivered(t + 1) - delivered(t)) * rent_annuity
        firm_rent = np.where(alive, np.maximum(rest, 0), 0)
        idle = (closes_in == 0) & (wait == 0) & alive
        launch = idle & ((cash < 3 * gross_cost) | (cash < 12 * np.maximum(burn, 0)))
        wanted = np.maximum(24 * np.maximum(burn, 0), 6 * gross_cost)
        target = np.where(launch, np.minimum(np.minimum(wanted, value * 0.15 / 0.85), 30 * B), target)
        launch_value = np.where(launch, value, launch_value)
        closes_in = np.where(launch, 3, closes_in)
        debt = revolver + loan
        out[t] = [revenue, compute_spend, gap, cash, debt, 0.2 * 1e9 / shares, value, firm_rent]
    return out, alive


def write_csv(out):
    """Mean, sd and quantiles of every metric and month, all digits."""
    print("metric,month,n,mean,sd," + ",".join(f"q{100 * level:02.0f}" for level in LEVELS))
    for k, name in enumerate(METRICS):
        quantiles = np.quantile(out[1:, k], LEVELS, axis=1).T
        for t in range(1, H + 1):
            values = out[t, k]
            numbers = [values.mean(), values.std(ddof=1), *quantiles[t - 1]]
            print(f"{name},{t},{values.size}," + ",".join(repr(float(x)) for x in numbers))


def setting(text):
    name, _, value = text.partition("=")
    if name not in PARAMETERS:
        raise argparse.ArgumentTypeError(f"unknown parameter `{name}`; there are {', '.join(PARAMETERS)}")
    return name, float(value)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("paths", nargs="?", type=int, default=20_000)
    arguments.add_argument("seed", nargs="?", type=int, default=1)
    arguments.add_argument("--csv", action="store_true", help="write mean, sd and quantiles of every metric and month")
    arguments.add_argument("--set", type=setting, action="append", default=[], help="change one parameter: NAME=VALUE")
    given = arguments.parse_args()
    n, seed = given.paths, given.seed
    begun = time.perf_counter()
    out, alive = run(n, seed, dict(given.set))
    taken = time.perf_counter() - begun
    if given.csv:
        return write_csv(out)
    print(f"{n} paths, seed {seed}: {taken:.2f} s; in default at the end: {100 * (1 - alive.mean()):.2f} %\n")
    print("| metric | unit | month | p05 | p50 | p95 |")
    print("| --- | --- | --- | --- | --- | --- |")
    for k, name in enumerate(METRICS):
        unit, scale = ("%", 100) if name.startswith("stake") else ("B USD", 1e-9)
        for t in (12, 60, 120):
            q = np.quantile(out[t, k], [0.05, 0.5, 0.95]) * scale
            print(f"| {name} | {unit} | {t} | " + " | ".join(f"{v:.4g}" for v in q) + " |")


if __name__ == "__main__":
    main()

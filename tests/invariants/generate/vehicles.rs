//! Vehicles and asset-based financing: chips, campuses, securities, leasebacks.

use std::fmt::Write as _;

use super::{Dice, Frame};

/// A change of value in a year.
fn decline(d: &mut Dice) -> String {
    match d.whole(0, 5) {
        0 => "0%".to_owned(),
        1 => "-100%".to_owned(),
        2 => "20%".to_owned(),
        _ => format!("-{:.0}%", d.between(1.0, 90.0)),
    }
}

pub fn spv(d: &mut Dice, f: &Frame, name: &str) -> String {
    let capex = f.scale * d.between(0.05, 1.0) + 10.0;
    let senior = capex * d.between(0.0, 0.8);
    // A guarantee may cover more than everything.
    let cap = d.money(capex * 3.0);
    let mut tranches = format!(
        "{{a: {{amount: {senior:.0} USD, rate: {}, guarantee: {{by: maker, covers: {}, cap: {cap}}}}}}}",
        d.fixed_rate(),
        d.share(),
    );
    if d.yes(0.5) {
        let _ = write!(tranches, ", {{b: {{amount: {:.0} USD, rate: {}}}}}", capex * 0.15, d.fixed_rate());
    }
    let rent = if d.yes(0.3) { format!(", rent: {}/yr", d.money(f.scale * 0.3)) } else { String::new() };
    let rent = if rent.contains("dist") { String::new() } else { rent };
    format!(
        "spv: {{name: {name}, capex: {capex:.0} USD, power: {:.6} GW, deliveries: {{start: {}, over: {} mo}}, lease: {{term: {} mo, at_end: {}{rent}}}, tranches: [{tranches}], equity_return: {}, opex: 2B USD/GW-yr, value: {{first_year: {}, later: {}}}}}",
        f.gw() * d.between(0.0, 1.0),
        d.month(0, f.months + 3),
        d.months(18),
        d.months(72),
        d.one_of(&["nothing", "sell"]),
        d.fixed_rate(),
        decline(d),
        decline(d)
    )
}

/// The senior debt of a campus, and how the rest is paid for.
fn campus_debt(d: &mut Dice, cost: f64) -> String {
    let term = d.months(60);
    let profile = d.one_of(&["sculpted", "level", "straight", "bullet"]);
    let order = d.one_of(&["pro_rata", "equity_first", "equity_last"]);
    let prefunded = order == "pro_rata" && d.yes(0.3);
    let mut debt = format!(
        "term: {term} mo, profile: {profile}, interest_only: {} mo, balloon: {}, upfront_fee: {}%, commitment_fee: {} bp, prefunded: {prefunded}, reserve: {} mo, sweep: {}, covenants: {{lock_up: {:.2}x, default: {:.2}x}}",
        d.whole(0, term - 1),
        d.share(),
        d.whole(0, 5),
        d.whole(0, 300),
        d.whole(0, 24),
        d.share(),
        d.between(0.0, 3.0),
        d.between(0.0, 2.0)
    );
    let (rate, earns) = (d.rate(), d.rate());
    if rate.contains("sofr") || (prefunded && earns.contains("sofr")) {
        let _ = write!(debt, ", base_sofr: {}/yr", d.one_of(&["-1%", "0%", "3.5%"]));
    }
    let _ = write!(debt, ", rate: {rate}");
    if !prefunded && order == "pro_rata" && d.yes(0.5) {
        debt += ", interest_on: average";
    }
    if prefunded {
        let _ = write!(debt, ", cash_interest: {earns}");
    }
    let mut funding =
        format!("order: {order}, sponsor: {}, patience: {} mo", d.one_of(&["none", "lab"]), d.whole(0, 6));
    if order == "equity_last" && d.yes(0.5) {
        funding += ", letter_of_credit: 150 bp";
    }
    if d.yes(0.5) {
        let _ = write!(funding, ", standby: {}", d.money(cost * 0.1));
    }
    if d.yes(0.3) {
        let _ = write!(debt, ", amount: {:.0} USD", cost * d.between(0.0, 0.9));
    } else {
        let _ = write!(funding, ", gearing: {}", d.share());
        for key in ["target_dscr", "target_llcr"] {
            if d.yes(0.4) {
                let _ = write!(debt, ", {key}: {:.2}x", d.between(1.0, 3.0));
            }
        }
        if d.yes(0.3) {
            let _ = write!(debt, ", balloon_limit: {}", d.share());
        }
    }
    if d.yes(0.5) {
        let _ = write!(
            debt,
            ", refinancing: {{ltv: {}, margin: {} bp, spread_below: {} bp, term: {} mo, extension: {} mo, step_up: {} bp}}",
            d.share(),
            d.whole(0, 900),
            d.whole(0, 600),
            d.months(60),
            d.whole(0, 8),
            d.whole(0, 500)
        );
    }
    format!("funding: {{{funding}}}, debt: {{{debt}}}")
}

pub fn campus(d: &mut Dice, f: &Frame, name: &str) -> String {
    let cost = f.scale * d.between(0.02, 1.0) + 10.0;
    let months = d.months(24);
    let mut building = format!(
        "start: {}, months: {months} mo, cost: {cost:.0} USD, overrun: {}, delay: {}",
        d.month(0, f.months + 3),
        d.quantity(-30.0, 100.0, "%"),
        if d.yes(0.5) { "{dist: uniform, min: 0 mo, max: 8 mo}" } else { "0 mo" }
    );
    building += match d.whole(0, 2) {
        0 => ", spend: even",
        1 => ", shares: [10%, 0%, 90%]",
        _ => "",
    };
    let by_lab = d.yes(0.5);
    let rent = cost * d.between(0.0, 0.4);
    let mut lease = format!(
        "tenant: {}, rent: {}, escalation: {}%/yr, basis: {}, term: {} mo, renewals: {}, renew: {}",
        if by_lab { "lab" } else { "cloud" },
        d.quantity(rent, rent * 1.5, " USD/yr"),
        d.whole(0, 5),
        d.one_of(&["net", "gross"]),
        d.months(60),
        d.whole(0, 4),
        d.one_of(&["if_cheaper", "always", "never"])
    );
    if !by_lab {
        let _ = write!(lease, ", tenant_fails: {}, tenant_fails_in_winter: {}", d.hazard(), d.hazard());
    }
    let mut terms = format!(
        "name: {name}, power: {:.6} GW, construction: {{{building}}}, {}, equity: {{lab: {}}}, lease: {{{lease}}}, opex: {:.0} USD/yr, opex_growth: {}%/yr, site: 2B USD/GW-yr",
        f.gw() * d.between(0.0, 0.5),
        campus_debt(d, cost),
        d.share(),
        cost * d.between(0.0, 0.2),
        d.whole(0, 10)
    );
    if d.yes(0.4) {
        let _ = write!(
            terms,
            ", subordinated: [mezzanine: {{amount: {}, rate: {}, term: {} mo}}]",
            d.money(cost * 0.1),
            d.fixed_rate(),
            d.months(60)
        );
    }
    if d.yes(0.3) {
        let _ = write!(terms, ", tax: {{rate: {}, life: {} mo}}", d.share(), d.months(240));
    }
    if d.yes(0.4) {
        let _ = write!(
            terms,
            ", maintenance: {{set_aside: {:.0} USD/yr, every: {} mo}}",
            cost * d.between(0.0, 0.1),
            d.months(24)
        );
    }
    if d.yes(0.7) {
        let _ = write!(
            terms,
            ", value: {{first_year: {}, later: {}, follows_resale: {}, sale_cost: {}, unfinished: {}}}",
            decline(d),
            decline(d),
            d.share(),
            d.share(),
            d.share()
        );
    }
    if d.yes(0.6) {
        let cap = if d.yes(0.6) { format!(", cap: {}", d.money(cost * 2.0)) } else { String::new() };
        let _ = write!(
            terms,
            ", guarantee: {{by: {}, covers: {}{cap}, cap_falls: {}%/yr}}",
            d.one_of(&["lab", "maker"]),
            d.share(),
            d.one_of(&["0", "10", "100"])
        );
    }
    if d.yes(0.7) {
        let _ = write!(
            terms,
            ", tail: {{empty: {}, vacancy: {} mo, market_rent: {}}}",
            d.one_of(&["relet", "sell"]),
            d.whole(0, 24),
            d.share()
        );
    }
    format!("campus: {{{terms}}}")
}

pub fn ddtl(d: &mut Dice, f: &Frame, name: &str) -> String {
    let capex = f.scale * d.between(0.05, 1.0) + 10.0;
    let gw = f.gw() * d.between(0.001, 0.5);
    let term = d.whole(12, 60);
    let tail = if d.yes(0.3) { 0 } else { d.whole(0, term - 1) };
    let by_lab = d.yes(0.4);
    // Rent that pays the hardware back in so many years.
    let price = capex / gw / d.between(1.0, 8.0);
    let mut offtaker = format!(
        "name: {}, grade: {}, price: {price:.0} USD/GW-yr, escalation: {}%/yr, term: {term} mo, grace: {} mo",
        if by_lab { "lab" } else { "startup" },
        d.one_of(&["investment", "other"]),
        d.one_of(&["-10", "0", "5"]),
        d.months(6)
    );
    if !by_lab {
        let _ =
            write!(offtaker, ", lost: {}, lost_in_winter: {}, lost_with_lab: {}", d.hazard(), d.hazard(), d.share());
    }
    let start = if d.yes(0.2) { format!("2025-{:02}", d.whole(6, 12)) } else { d.month(0, f.months + 3) };
    let mut terms = format!(
        "name: {name}, commitment: {}, advance: {}, capex: {capex:.0} USD, power: {gw:.9} GW, deliveries: {{start: {start}, over: {} mo}}, margin: {{investment: {} bp, other: {} bp}}, commitment_fee: {} bp, offtaker: {{{offtaker}}}, opex: {:.0} USD/GW-yr, reserve: {} mo, sweep: {}, refused_in_winter: {}, recourse: {}, value: {{first_year: {}, later: {}}}",
        d.money(capex),
        d.share(),
        d.months(18),
        d.whole(0, 300),
        d.whole(0, 900),
        d.whole(0, 200),
        price * d.between(0.0, 0.9),
        d.whole(0, 6),
        d.share(),
        d.share(),
        d.flag(),
        decline(d),
        decline(d)
    );
    if d.yes(0.5) {
        let _ = write!(terms, ", available: {} mo", d.months(24));
    }
    let profile = if d.yes(0.5) { "sculpted, dscr: 1.3x" } else { "level" };
    let _ =
        write!(terms, ", repayment: {{tail: {tail} mo, schedule_rate: {}%/yr, profile: {profile}}}", d.whole(0, 15));
    match d.whole(0, 2) {
        0 => {
            let _ = write!(terms, ", rate: {}", d.fixed_rate());
        }
        1 => {
            let _ = write!(terms, ", rate: sofr, floor: {}%/yr", d.whole(0, 6));
        }
        _ => {}
    }
    if d.yes(0.6) {
        let _ = write!(
            terms,
            ", covenants: {{ltv: {}, ltv_later: {}, over: {} mo, lock_up: {:.2}x, default: {:.2}x, cure: {} mo}}",
            d.share(),
            d.share(),
            d.months(36),
            d.between(0.0, 3.0),
            d.between(0.0, 2.0),
            d.months(6)
        );
    }
    if d.yes(0.7) {
        let _ = write!(
            terms,
            ", enforcement: {{lender: {}, vacancy: {} mo, relet: {}, sale_cost: {}}}",
            d.one_of(&["holds", "sells"]),
            d.whole(0, 12),
            d.share(),
            d.share()
        );
    }
    format!("ddtl: {{{terms}}}")
}

pub fn sale_leaseback(d: &mut Dice, f: &Frame, name: &str) -> String {
    let month = |n: u32| format!("{}-{:02}", 2026 + n / 12, n % 12 + 1);
    let delivered = d.whole(0, f.months);
    let before = d.yes(0.4);
    let life = d.whole(15, 72);
    let from = if before { 0 } else { delivered };
    let cost = f.scale * d.between(0.001, 0.6) + 1.0;
    let term = d.months(life.saturating_sub(14).max(1));
    let sale = if d.yes(0.5) {
        // In the month after delivery or later, and so that the lease ends before the hardware's life.
        let slack = life.saturating_sub(term + 14 + u32::from(before) * 3);
        format!("date: {}", month(from + 1 + d.whole(0, slack.min(12))))
    } else {
        format!("runway_below: {} mo, process: {} mo", d.whole(0, 60), d.months(6))
    };
    format!(
        "sale_leaseback: {{name: {name}, hardware: {{power: {:.6} GW, cost: {}, delivered: {}, life: {life} mo, opex: 1.2B USD/GW-yr}}, sale: {{{sale}, advance: {}, fee: {}}}, lease: {{term: {term} mo, return: {}, residual: {}, at_end: {}, price: {}, renewal: {} mo}}, sale_cost: {}, value: {{first_year: {}, later: {}}}}}",
        f.gw() * d.between(0.0, 0.3),
        d.quantity(cost, cost * 2.0, " USD"),
        if before { "2025-11".to_owned() } else { month(delivered) },
        d.share(),
        d.share(),
        d.fixed_rate(),
        d.share(),
        d.one_of(&["buy", "renew", "return"]),
        d.one_of(&["residual", "fair"]),
        d.months(24),
        d.share(),
        decline(d),
        decline(d)
    )
}

pub fn abs(d: &mut Dice, f: &Frame, name: &str) -> String {
    let value = f.scale * d.between(0.02, 1.0) + 10.0;
    let gw = f.gw() * d.between(0.001, 0.5);
    let price = value / gw * d.between(0.05, 0.3);
    let by_lab = d.yes(0.4);
    let mut tenants = format!(
        "who: {}, count: {}, price: {price:.0} USD/GW-yr, escalation: {}%/yr, term: {} mo, vacancy: {} mo, relet: {}, grace: {} mo",
        if by_lab { "lab" } else { "others" },
        if by_lab { 1 } else { d.whole(1, 40) },
        d.one_of(&["-10", "0", "5"]),
        d.months(120),
        d.whole(0, 24),
        d.one_of(&["0%", "80%", "100%", "150%"]),
        d.months(6)
    );
    if !by_lab {
        let _ = write!(tenants, ", lost: {}, lost_in_winter: {}", d.hazard(), d.hazard());
    }
    let mut left = 100.0;
    let mut tranches = Vec::new();
    for k in 0..d.whole(1, 3) {
        let advance = left * d.between(0.0, 0.9);
        left -= advance;
        tranches.push(format!("{{t_{k}: {{advance: {advance:.3}%, rate: {}}}}}", d.fixed_rate()));
    }
    let expected = d.months(40);
    let mut terms = format!(
        "name: {name}, pool: {{value: {value:.0} USD, book: {}, power: {gw:.9} GW, life: {} mo}}, tenants: {{{tenants}}}, opex: {:.0} USD/GW-yr, servicer_fee: {}%, closing: {}, tranches: [{}], fee: {}, reserve: {} mo, amortisation: {}, expected: {expected} mo, final: {} mo, grace: {} mo",
        d.money(value),
        d.months(240),
        price * d.between(0.0, 0.8),
        d.whole(0, 9),
        d.month(0, f.months + 3),
        tranches.join(", "),
        d.one_of(&["0%", "2%", "100%"]),
        d.whole(0, 12),
        d.one_of(&["0%/yr", "1%/yr", "50%/yr"]),
        expected + d.months(40),
        d.months(6)
    );
    if d.yes(0.6) {
        let _ = write!(
            terms,
            ", covenants: {{lock_up: {:.2}x, early_amortisation: {:.2}x}}",
            d.between(0.0, 3.0),
            d.between(0.0, 2.0)
        );
    }
    if d.yes(0.6) {
        let _ = write!(
            terms,
            ", refinancing: {{dscr: {:.2}x, fee: {}, open_in_winter: {}}}",
            d.between(0.0, 2.0),
            d.one_of(&["0%", "2%", "100%"]),
            d.share()
        );
    }
    if d.yes(0.3) {
        let _ = write!(terms, ", step_up: {} bp, sale_cost: {}", d.whole(0, 900), d.share());
    }
    format!("abs: {{{terms}}}")
}

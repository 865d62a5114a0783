//! Compute of the lab: contracts, own hardware, orders, the ladder of distress.

use std::fmt::Write as _;

use super::{Dice, Frame};

pub fn compute(d: &mut Dice, frame: &Frame, releases: bool, out: &mut String) {
    let s = frame.scale;
    // Power that the whole revenue would pay for at 10B USD/GW-yr.
    let gw = s / 1e10;
    *out += "  compute:\n";
    if d.yes(0.15) {
        let _ = writeln!(
            out,
            "    capacity: none\n    inference: {{gross_margin: {{now: {}, later: {}, over: 24 mo, volatility: 2%}}}}",
            d.drawn_share(),
            d.share()
        );
        return;
    }
    if d.yes(0.3) {
        let _ = writeln!(
            out,
            "    inference: {{power: {{power: {:.6} GW, serves: {s:.0} USD/yr, progress: 2%/mo, learning: 15%}}, partner_share: {}}}",
            gw * d.between(0.1, 1.5),
            d.share()
        );
    } else {
        let _ = writeln!(
            out,
            "    inference: {{gross_margin: {{now: {}, later: {}, over: {} mo}}, partner_share: {}, partner_cap: {}{}}}",
            d.drawn_share(),
            d.share(),
            d.whole(1, 60),
            d.share(),
            d.money(s),
            if d.yes(0.3) { ", partner_until: 2027-06" } else { "" }
        );
    }
    if d.yes(0.7) {
        let _ = writeln!(
            out,
            "    research: {{spend: {:.0} USD/yr, growth: {:.1}x/yr, growth_later: 1.1x/yr, half_life: 12 mo, final_run_share: {}, share_of_revenue: {{at_most: {:.0}%}}{}, overruns: {{spread: 0.5, restart: 20%}}}}",
            s * d.between(0.0, 2.0),
            d.between(0.3, 4.0),
            d.share(),
            d.between(1.0, 200.0),
            if releases && d.yes(0.5) {
                format!(", slows_releases: {:.1}", d.between(0.0, 3.0))
            } else {
                String::new()
            }
        );
    } else if d.yes(0.5) {
        let _ = writeln!(out, "    training: {{power: {:.6} GW, months: [2, 3, 7]}}", gw * d.between(0.0, 1.0));
    }
    let least_cost = d.yes(0.2);
    if d.yes(0.5) {
        *out += "    owned:\n";
        for k in 0..d.whole(1, 2) {
            let _ = writeln!(out, "      - pod_{k}: {}", pod(d, frame, gw));
        }
    }
    if d.yes(0.8) {
        *out += "    contracts:\n";
        for k in 0..d.whole(1, 3) {
            let _ = writeln!(out, "      - contract_{k}: {}", contract(d, gw, s, least_cost));
        }
    }
    if d.yes(0.6) {
        let _ = writeln!(out, "    orders: {}", orders(d, frame, gw, least_cost));
    }
    if d.yes(0.3) {
        let _ = writeln!(out, "    spot_limit: {:.6} GW", gw * d.between(0.0, 0.5));
    }
    if d.yes(0.4) {
        let _ = writeln!(
            out,
            "    availability: {:.1}%\n    u_max: {:.1}% to {:.1}%",
            d.between(1.0, 100.0),
            d.between(1.0, 50.0),
            d.between(51.0, 100.0)
        );
    }
    let resale = if d.yes(0.4) {
        format!(
            "{{share: {}, from: {}, in_winter: {}, in_winter_for: {} mo}}",
            d.share(),
            d.one_of(&["always", "in_distress"]),
            d.share(),
            d.whole(0, 12)
        )
    } else {
        d.share()
    };
    let _ = writeln!(
        out,
        "    resale: {resale}\n    allocation: {}\n    attribution: {}",
        d.one_of(&["inference_first", "training_first", "all_training_first"]),
        if least_cost { "least_cost" } else { "listed" }
    );
}

/// How soon steps are taken in distress.
pub fn ladder(d: &mut Dice) -> String {
    if d.yes(0.5) {
        return String::new();
    }
    let months: Vec<u32> = (0..6).map(|_| d.whole(0, 5)).collect();
    let [orders, notice, resale, better, research, hiring] = months[..] else { return String::new() };
    format!(
        ", ladder: {{orders: {orders} mo, notice: {notice} mo, resale: {resale} mo, renegotiate: {better} mo, research: {research} mo, hiring: {hiring} mo}}"
    )
}

/// Own hardware: delivered before the start, ordered with a prepaid share, sold in distress, without residual value.
fn pod(d: &mut Dice, f: &Frame, gw: f64) -> String {
    let delivered = d.whole(0, f.months + 12);
    let date = |n: u32| format!("{}-{:02}", 2025 + n / 12, n % 12 + 1);
    let mut terms = format!(
        "power: {:.6} GW, cost: {}, delivered: {}, life: {} mo, opex: 1.2B USD/GW-yr",
        gw * d.between(0.0, 0.5),
        d.money(f.scale),
        date(delivered),
        d.whole(1, 60)
    );
    if d.yes(0.5) {
        let ordered = date(d.whole(0, delivered));
        let _ = write!(terms, ", ordered: {ordered}, share_prepaid: {}", d.drawn_share());
    }
    if d.yes(0.5) {
        let _ = write!(terms, ", salvage: {}, sold_in_distress: true, sale_discount: {}", d.share(), d.share());
    }
    if d.yes(0.4) {
        let _ = write!(
            terms,
            ", value: {{first_year: {:.0}%, later: {:.0}%, at_release: {}, at_competitor: {}}}",
            d.between(-99.0, 20.0),
            d.between(-99.0, 20.0),
            d.share(),
            d.share()
        );
    }
    format!("{{{terms}}}")
}

fn orders(d: &mut Dice, f: &Frame, gw: f64, least_cost: bool) -> String {
    let policy = d.one_of(&["forecast_share", "forecast_share", "newsvendor", "match_bullish", "fixed_plan", "none"]);
    let mut terms = format!(
        "policy: {policy}, share: {}, lead: {} mo, every: {} mo, take_or_pay: {}, term: {} mo, in_winter: {}",
        d.drawn_share(),
        d.whole(1, 30),
        d.whole(1, 6),
        if least_cost { "100%".to_owned() } else { d.share() },
        d.whole(1, 60),
        d.one_of(&["none", "same"])
    );
    if policy == "fixed_plan" {
        let plan: Vec<String> = (0..d.whole(1, 4))
            .map(|_| format!("{{date: {}, power: {:.6} GW}}", d.month(0, f.months), gw * d.between(0.0, 3.0)))
            .collect();
        let _ = write!(terms, ", plan: [{}]", plan.join(", "));
    }
    if policy == "newsvendor" {
        let _ = write!(terms, ", future_customers: {:.0}%", d.between(0.0, 500.0));
    }
    if d.yes(0.4) {
        let _ =
            write!(terms, ", bias: {:.0}%, forecast_error: {:.0}%", d.between(-100.0, 150.0), d.between(0.0, 150.0));
    }
    if d.yes(0.3) {
        let _ = write!(terms, ", supplier_limit: {:.6} GW", gw * d.between(0.0, 1.0));
    }
    if d.yes(0.3) {
        let _ = write!(terms, ", cover_cash: {:.1} mo", d.between(0.0, 60.0));
    }
    format!("{{{terms}}}")
}

fn contract(d: &mut Dice, gw: f64, s: f64, least_cost: bool) -> String {
    // Signed, paid for and begun in that order, from the year before the first month on.
    let date = |n: u32| format!("{}-{:02}", 2025 + n / 12, n % 12 + 1);
    let start = d.whole(0, 36);
    let term = d.whole(1, 90);
    let mut terms = format!(
        "supplier: {}, power: {:.6} GW, price: {:.1}B USD/GW-yr, start: {}, ramp: {} mo, take_or_pay: {}",
        d.one_of(&["alpha", "beta"]),
        gw * d.between(0.0, 1.5),
        d.between(1.0, 50.0),
        date(start),
        d.whole(0, 24),
        d.drawn_share(),
    );
    if d.yes(0.3) {
        let _ = write!(terms, ", end: {}", date(start + term - 1));
    } else {
        let _ = write!(terms, ", term: {term} mo");
    }
    if d.yes(0.4) {
        let _ = write!(terms, ", notice: {} d, termination_fee: {}", d.whole(0, 400), d.money(s * 0.1));
    }
    if d.yes(0.3) {
        let _ = write!(terms, ", credits: {}, credits_until: {}", d.money(s * 0.2), d.month(3, 30));
    }
    if d.yes(0.2) {
        let _ = write!(terms, ", capacity_value: {:.6} GW", gw * d.between(0.0, 2.0));
    }
    if d.yes(0.2) {
        let _ = write!(terms, ", headline: {}", d.money(s * 3.0));
    }
    let ordered = d.whole(0, start);
    if d.yes(0.3) {
        let _ = write!(terms, ", ordered: {}", date(ordered));
    }
    if d.yes(0.3) {
        let _ = write!(terms, ", delay: {} mo to {} mo", d.whole(0, 3), d.whole(4, 40));
    }
    if d.yes(0.3) && !least_cost {
        let _ = write!(terms, ", indexation: {:.0}%/yr, follows_market: {}", d.between(-20.0, 40.0), d.share());
    }
    if d.yes(0.3) {
        let _ = write!(
            terms,
            ", prepayment: {{amount: {}, date: {}, recovered_over: {} mo}}",
            d.money(s * 0.3),
            date(d.whole(ordered, start)),
            d.whole(1, 60)
        );
    }
    if d.yes(0.3) {
        let _ = write!(
            terms,
            ", renegotiable: {{probability: {}%/mo, cut: {}, fee: {}, extends: {} mo, fee_months: {} mo}}",
            d.whole(0, 100),
            d.share(),
            d.money(s * 0.05),
            d.one_of(&["0", "1", "17", "60"]),
            d.one_of(&["0", "3"]),
        );
    }
    format!("{{{terms}}}")
}

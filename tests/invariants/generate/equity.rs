//! Rounds, listings, convertibles and strategic tranches.

use std::fmt::Write as _;

use super::{Dice, Frame};

/// What a round's shares are owed, and what a cheaper round gives them.
fn preferred(d: &mut Dice) -> String {
    let mut out = String::new();
    if d.yes(0.6) {
        let multiple = d.between(0.0, 3.0);
        let _ = write!(out, ", preference: {{multiple: {multiple:.2}x, rank: {}", d.whole(0, 2));
        if d.yes(0.4) {
            out += ", participates: true";
            if d.yes(0.6) {
                let _ = write!(out, ", cap: {:.2}x", multiple + d.between(0.01, 3.0));
            }
        }
        out += "}";
    }
    let _ = write!(out, ", anti_dilution: {}", d.one_of(&["none", "weighted_average", "ratchet"]));
    out
}

pub fn programme(d: &mut Dice, f: &Frame, name: &str) -> String {
    // What is sold and the pool that is topped up have room in the company together.
    let most = d.between(1.0, 99.0).floor();
    format!(
        "equity_round: {{name: {name}, when: {{runway_below: {} mo, cash_below: {} mo}}, covers: {} mo, covers_at_least: {} mo, max_dilution: {:.0}%, max_size: {}, fee: {}, process: {} mo, retry: {} mo, retry_discount: {}, fill_min: {}, book_least: {:.0}%, book_most: {:.0}%, pool_target: {:.0}%{}}}",
        d.whole(0, 36),
        d.whole(0, 6),
        d.whole(0, 36),
        d.whole(0, 12),
        most,
        d.some_money(f.scale * 3.0),
        d.one_of(&["0%", "3%", "20%", "100%"]),
        d.whole(0, 8),
        d.whole(0, 8),
        d.one_of(&["0%", "10%", "90%"]),
        d.share(),
        d.between(0.0, 100.0),
        d.between(100.0, 300.0),
        d.between(0.0, (99.0 - most).min(40.0)).floor(),
        preferred(d)
    )
}

pub fn opportunistic(d: &mut Dice, _: &Frame, name: &str) -> String {
    format!(
        "equity_round: {{name: {name}, when: {{runway_below: 0 mo, multiple_above: {}, gap: {} mo}}, covers: {} mo, max_dilution: {}, process: {} mo, fee: 2%{}}}",
        d.quantity(0.0, 30.0, "x"),
        d.whole(0, 12),
        d.whole(0, 24),
        d.quantity(1.0, 40.0, "%"),
        d.whole(1, 6),
        preferred(d)
    )
}

pub fn dated_round(d: &mut Dice, f: &Frame, name: &str) -> String {
    let pre_money = if d.yes(0.7) {
        format!(", pre_money: {:.0} USD", f.scale * d.between(0.01, 30.0) + 1.0)
    } else {
        String::new()
    };
    format!(
        "equity_round: {{name: {name}, date: {}, size: {}{pre_money}, probability: {}, in_winter: {}, fee: 3%{}}}",
        d.month(0, f.months + 6),
        d.some_money(f.scale),
        d.share(),
        d.flag(),
        preferred(d)
    )
}

pub fn listing(d: &mut Dice, f: &Frame, name: &str) -> String {
    let starts = if d.yes(0.5) {
        format!("date: {}, size: {}", d.month(0, f.months), d.some_money(f.scale))
    } else {
        format!("when: {{runway_below: {} mo, multiple_above: {:.1}x}}", d.whole(0, 60), d.between(0.0, 20.0))
    };
    format!(
        "equity_round: {{name: {name}, kind: ipo, {starts}, max_dilution: {}, process: {} mo, fee: 4%, listing_cost: {}, ipo_lock_up: {} mo}}",
        d.quantity(1.0, 45.0, "%"),
        d.whole(1, 12),
        d.money(f.scale * 0.01),
        d.whole(0, 12)
    )
}

/// What issues a convertible.
fn issued(d: &mut Dice, f: &Frame) -> String {
    if d.yes(0.5) {
        return format!("date: {}", d.month(0, f.months + 6));
    }
    let mut when = format!("round_failed: {}", d.one_of(&["true", "false"]));
    if when.ends_with("false") || d.yes(0.4) {
        let _ = write!(when, ", runway_below: {} mo", d.whole(0, 36));
    }
    if d.yes(0.4) {
        let _ = write!(when, ", cash_below: {} mo", d.whole(0, 6));
    }
    format!("when: {{{when}}}, process: {} mo, issues: {}", d.whole(0, 4), d.whole(1, 4))
}

fn valued(d: &mut Dice, f: &Frame) -> String {
    let mut out = String::new();
    if d.yes(0.6) {
        let _ = write!(out, ", cap: {}", d.quantity(f.scale * 0.01 + 1.0, f.scale * 50.0, " USD"));
    }
    if d.yes(0.5) {
        let _ = write!(out, ", conversion_discount: {}", d.quantity(0.0, 45.0, "%"));
    }
    out
}

pub fn note(d: &mut Dice, f: &Frame, name: &str) -> String {
    let end = match d.whole(0, 2) {
        0 => "at_maturity: repay".to_owned(),
        1 => format!("at_maturity: extend, extension: {} mo", d.months(12)),
        _ => format!("at_maturity: convert, floor: {}", d.quantity(f.scale * 0.01 + 1.0, f.scale * 20.0, " USD")),
    };
    format!(
        "convertible: {{name: {name}, amount: {}, {}, rate: {}, accrual: {}, term: {} mo, {end}{}}}",
        d.money(f.scale * 0.3),
        issued(d, f),
        d.fixed_rate(),
        d.one_of(&["simple", "pik"]),
        d.months(40),
        valued(d, f)
    )
}

pub fn safe(d: &mut Dice, f: &Frame, name: &str) -> String {
    format!(
        "convertible: {{name: {name}, kind: safe, amount: {}, {}{}}}",
        d.money(f.scale * 0.3),
        issued(d, f),
        valued(d, f)
    )
}

pub fn public(d: &mut Dice, f: &Frame, name: &str) -> String {
    let mut terms = format!(
        "name: {name}, kind: public, amount: {}, {}, rate: {}, term: {} mo, premium: {}",
        d.money(f.scale * 0.3),
        issued(d, f),
        d.fixed_rate(),
        d.months(60),
        d.share()
    );
    if d.yes(0.5) {
        let _ = write!(terms, ", call: {{from: {}, above: {}%}}", d.month(0, 40), d.one_of(&["100", "130", "1000"]));
    }
    if d.yes(0.5) {
        let _ = write!(terms, ", puts: [{}, {}]", d.month(0, 12), d.month(13, 40));
    }
    format!("convertible: {{{terms}}}")
}

/// A strategic investor is a supplier; without one an investor of another kind comes.
pub fn strategic(d: &mut Dice, f: &Frame, name: &str) -> String {
    if f.suppliers.is_empty() {
        return dated_round(d, f, name);
    }
    let mut tranches = Vec::new();
    for k in 0..d.whole(1, 4) {
        let mut t = format!("amount: {}, probability: {}, in_winter: {}", d.money(f.scale * 0.3), d.share(), d.flag());
        let date = d.whole(0, f.months + 3);
        let month = |n: u32| format!("{}-{:02}", 2026 + n / 12, n % 12 + 1);
        let milestone = d.whole(0, 2);
        if milestone == 0 || d.yes(0.3) {
            let _ = write!(t, ", date: {}", month(date));
        }
        if milestone == 1 || d.yes(0.3) {
            let _ = write!(t, ", power: {:.6} GW", f.gw() * d.between(0.0, 1.0));
        }
        if milestone == 2 || d.yes(0.3) {
            let _ = write!(t, ", run_rate: {:.0} USD/yr", f.scale * d.between(0.0, 3.0));
        }
        if d.yes(0.5) {
            let _ = write!(t, ", pre_money: {:.0} USD", f.scale * d.between(0.01, 30.0) + 1.0);
        } else if d.yes(0.4) {
            let _ = write!(t, ", discount: {:.0}%", d.between(0.0, 99.0));
        }
        if d.yes(0.5) {
            let _ = write!(t, ", lapses: {}", month(date + d.whole(0, 24)));
        }
        tranches.push(format!("{{t_{k}: {{{t}}}}}"));
    }
    let mut terms = format!("name: {name}, supplier: {}, tranches: [{}]", d.one_of(&f.suppliers), tranches.join(", "));
    if d.yes(0.5) {
        let _ = write!(
            terms,
            ", minimum_spend: {{amount: {}, from: {}, to: {}}}",
            d.money(f.scale * 2.0),
            d.month(0, 6),
            d.month(6, 40)
        );
    }
    if d.yes(0.5) {
        let _ = write!(terms, ", investor: {{fails: {}, fails_in_winter: {}}}", d.hazard(), d.hazard());
    }
    format!("strategic_tranche: {{{terms}}}")
}

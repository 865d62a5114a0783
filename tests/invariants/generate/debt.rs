//! Debts of the lab itself.

use std::fmt::Write as _;

use super::{Dice, Frame};

/// What follows a breach, and whose default is one; nothing when neither is drawn.
fn breach(d: &mut Dice, f: &Frame, chance: f64) -> String {
    let mut out = String::new();
    if d.yes(chance) {
        let _ = write!(
            out,
            ", breach: {{cure: {} mo, waiver: {}, fee: {}, holds: {} mo}}",
            d.whole(0, 6),
            d.hazard(),
            d.one_of(&["0%", "1%", "100%"]),
            d.whole(0, 12)
        );
    }
    if !f.defaulters.is_empty() && d.yes(chance) {
        let others: Vec<&str> = f.defaulters.iter().map(String::as_str).collect();
        let _ = write!(
            out,
            ", cross_default: [{}]",
            if d.yes(0.5) { d.one_of(&others).to_owned() } else { others.join(", ") }
        );
    }
    out
}

pub fn revolver(d: &mut Dice, f: &Frame, name: &str) -> String {
    format!(
        "revolver: {{name: {name}, limit: {}, rate: {}, commitment_fee: {} bp, minimum_cash: {}, until: {}}}",
        d.money(f.scale * 0.3),
        d.rate(),
        d.whole(0, 200),
        d.money(f.scale * 0.05),
        d.month(2, 60)
    )
}

pub fn covenant_revolver(d: &mut Dice, f: &Frame, name: &str) -> String {
    let mut terms = format!(
        "name: {name}, limit: {}, rate: {}, moves_with_credit: {}, minimum_revenue: {:.0} USD/yr, refused_in_winter: {}",
        d.money(f.scale * 0.3),
        d.rate(),
        d.flag(),
        f.scale * d.between(0.0, 1.5),
        d.share()
    );
    if d.yes(0.5) {
        let _ = write!(terms, ", base: {}", d.share());
    }
    if d.yes(0.5) {
        let _ = write!(terms, ", minimum_cash: {}", d.money(f.scale * 0.2));
    }
    if d.yes(0.5) {
        let every = d.whole(1, 18);
        let _ = write!(terms, ", clean_down: {{months: {}, every: {every} mo}}", d.whole(1, every));
    }
    if d.yes(0.5) {
        let _ = write!(terms, ", until: {}", d.month(0, 60));
    }
    format!("revolver: {{{terms}{}}}", breach(d, f, 0.7))
}

pub fn term_loan(d: &mut Dice, f: &Frame, name: &str) -> String {
    let term = d.months(80);
    let (io, pik) = (d.whole(0, term / 3), d.whole(0, term / 3));
    let profile = d.one_of(&["level", "straight", "bullet"]);
    let date = if d.yes(0.2) {
        // Drawn before the start, and still owed.
        format!("2025-{:02}", 13 - d.whole(1, term.min(12)))
    } else {
        d.month(0, f.months + 6)
    };
    // What is left for the last payment is a part of the amount.
    let (amount, balloon) = if profile == "bullet" {
        (d.money(f.scale), String::new())
    } else {
        let amount = f.scale * d.between(0.01, 1.0) + 10.0;
        (format!("{amount:.0} USD"), format!("balloon: {:.0} USD, ", (amount * d.between(0.0, 1.0)).floor()))
    };
    let breach = breach(d, f, 0.4);
    let covenant =
        if breach.contains("breach") { format!(", minimum_cash: {}", d.money(f.scale * 0.3)) } else { String::new() };
    format!(
        "term_loan: {{name: {name}, amount: {amount}, date: {date}, term: {term} mo, rate: {}, profile: {profile}, interest_only: {io} mo, in_kind: {pik} mo, {balloon}secured: {}{covenant}{breach}}}",
        d.rate(),
        d.flag()
    )
}

pub fn rack_loan(d: &mut Dice, f: &Frame, name: &str) -> String {
    format!(
        "term_loan: {{name: {name}, finances: {}, term: {} mo, rate: {}, secured: {}{}}}",
        d.share(),
        d.months(60),
        d.fixed_rate(),
        d.flag(),
        breach(d, f, 0.3)
    )
}

pub fn venture_debt(d: &mut Dice, f: &Frame, name: &str) -> String {
    let term = d.months(60);
    let start = d.whole(0, f.months);
    let month = |n: u32| format!("{}-{:02}", 2026 + n / 12, n % 12 + 1);
    let profile = d.one_of(&["level", "straight", "bullet"]);
    let interest_only = d.whole(0, term - 1);
    let commitment = f.scale * d.between(0.01, 1.0) + 10.0;
    let mut terms = format!(
        "name: {name}, commitment: {commitment:.0} USD, start: {}, rate: {}, fee: {}%, interest_only: {interest_only} mo, term: {term} mo, profile: {profile}, end_payment: {}, refused_in_winter: {}",
        month(start),
        d.rate(),
        d.one_of(&["0", "1", "99"]),
        d.share(),
        d.share()
    );
    if d.yes(0.5) {
        let second = start + d.whole(0, term - 1);
        let _ = write!(
            terms,
            ", draws: [{{amount: {}, date: {}}}, {{amount: {:.0} USD, date: {}}}]",
            d.one_of(&["0 USD", "1 USD", "5 USD"]),
            month(start),
            commitment * d.between(0.0, 0.5),
            month(second)
        );
    } else if d.yes(0.4) {
        let _ = write!(terms, ", available: {} mo", d.whole(0, term));
    }
    if d.yes(0.6) {
        let _ = write!(
            terms,
            ", warrants: {{cover: {}, price: {}, volatility: {}%/yr}}",
            d.share(),
            d.one_of(&["last_round", "market"]),
            d.one_of(&["0", "60", "300"])
        );
    }
    let breach = breach(d, f, 0.5);
    if d.yes(0.5) {
        let _ = write!(terms, ", minimum_cash: {}", d.money(f.scale * 0.3));
    }
    format!("venture_debt: {{{terms}{breach}}}")
}

pub fn vendor_loan(d: &mut Dice, f: &Frame, name: &str) -> String {
    let mut terms = format!(
        "name: {name}, kind: loan, finances: {}, term: {} mo, rate: {}, secured: {}",
        d.share(),
        d.months(60),
        d.rate(),
        d.flag()
    );
    if d.yes(0.5) {
        let _ = write!(terms, ", limit: {}", d.money(f.scale * 0.3));
    }
    if d.yes(0.6) {
        let exercise = if d.yes(0.5) { format!(", exercise: {}", d.month(0, 60)) } else { String::new() };
        let _ = write!(
            terms,
            ", warrants: {{share: {}%, per: {:.0} USD{exercise}}}",
            d.one_of(&["0", "0.5", "5"]),
            f.scale * d.between(0.01, 1.0) + 1.0
        );
    }
    format!("vendor_finance: {{{terms}}}")
}

/// Warrants need a supplier; without one the vendor lends.
pub fn vendor_warrants(d: &mut Dice, f: &Frame, name: &str) -> String {
    if f.suppliers.is_empty() {
        return vendor_loan(d, f, name);
    }
    let mut tranches = format!("{{t_0: {{value: {}}}}}", d.money(f.scale * 0.2));
    for k in 1..d.whole(1, 3) {
        let price = if d.yes(0.5) { format!(", price: {:.2}x", d.between(0.1, 3.0)) } else { String::new() };
        let _ = write!(
            tranches,
            ", {{t_{k}: {{value: {}, power: {:.6} GW{price}}}}}",
            d.money(f.scale * 0.2),
            f.gw() * d.between(0.0, 1.0)
        );
    }
    let until = if d.yes(0.5) { format!(", until: {}", d.month(0, 60)) } else { String::new() };
    format!(
        "vendor_finance: {{name: {name}, kind: warrants, supplier: {}, haircut: {}, life: {} mo, tranches: [{tranches}]{until}}}",
        d.one_of(&f.suppliers),
        d.share(),
        d.months(72)
    )
}

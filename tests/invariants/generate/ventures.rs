//! Joint ventures of both kinds.

use std::fmt::Write as _;

use super::{Dice, Frame};

pub fn services_venture(d: &mut Dice, f: &Frame, name: &str) -> String {
    let mut out = format!(
        "joint_venture: {{name: {name}, kind: distribution, commitment: {{lab: {}, partners: {}}}, waterfall: {}",
        d.money(f.scale * 0.1),
        d.money(f.scale * 0.3),
        waterfall(d)
    );
    let portfolio = d.yes(0.5);
    let need = portfolio && d.yes(0.5);
    let calls = calls(d, 0, need);
    let _ = write!(out, ", calls: {calls}, commission: {}", d.drawn_share());
    if portfolio {
        let companies = d.whole(0, 5000);
        let each = f.scale / 1e4;
        let _ = write!(
            out,
            ", portfolio: {{companies: {companies}, adopts: {:.1}%/mo, {}, churns: {:.1}%/mo, sales: {:.0} USD/yr, sales_growth: {:.1}%/mo, services: {:.0} USD/yr, services_growth: {:.1}%/mo, deployment: {}, people: {}, overhead: {:.0} USD/yr}}",
            d.between(0.0, 30.0),
            if d.yes(0.5) {
                format!("adopts_in_winter: {:.1}%/mo", d.between(0.0, 30.0))
            } else {
                format!("in_winter: {}", d.drawn_share())
            },
            d.between(0.0, 20.0),
            each * d.between(0.0, 3.0),
            d.between(-5.0, 5.0),
            each * d.between(0.0, 1.0),
            d.between(-5.0, 5.0),
            d.money(each * 0.3),
            if d.yes(0.5) { format!("{:.0} USD/yr", each * d.between(0.0, 1.0)) } else { d.drawn_share() },
            f.scale * d.between(0.0, 0.02)
        );
    }
    if !portfolio || d.yes(0.3) {
        let uplift = d.one_of(&["-2% to 8%", "0%", "6%", "-100%", "-90% to 200%", "300%"]);
        let builds_up = d.whole(1, 48);
        // One or the other; the dice fall as before.
        if !portfolio {
            let _ = write!(out, ", demand_uplift: {uplift}, builds_up: {builds_up} mo");
        }
    }
    if d.yes(0.4) {
        let _ = write!(out, ", income: {:.0} USD/yr", f.scale * d.between(0.0, 0.2));
    }
    if d.yes(0.2) {
        let _ = write!(out, ", income_in_winter: {:.0} USD/yr", f.scale * d.between(0.0, 0.2));
    }
    if d.yes(0.4) {
        let most =
            if d.yes(0.5) { format!(", most: {:.0} USD/yr", f.scale * d.between(0.0, 0.05)) } else { String::new() };
        let until = if d.yes(0.4) { format!(", until: {}", d.month(7, 50)) } else { String::new() };
        let _ = write!(out, ", floor: {{rate: {}{most}{until}}}", d.fixed_rate());
    }
    if d.yes(0.3) {
        let _ = write!(out, ", exit_multiple: {:.1}x", d.between(0.0, 30.0));
        if d.yes(0.3) {
            let _ = write!(out, ", exit_in_winter: {:.1}x", d.between(0.0, 2.0));
        }
    }
    earnings(d, f, &mut out, portfolio);
    stakes(d, &mut out);
    out + "}"
}

/// What capital pays for, what a venture does with its earnings, and a minimum return.
fn earnings(d: &mut Dice, f: &Frame, out: &mut String, portfolio: bool) {
    let buys = portfolio && d.yes(0.3);
    if buys {
        let (date, brings) = (d.month(7, 30), d.whole(0, 200));
        let amount = d.money(f.scale * 0.1);
        let _ = write!(out, ", acquisitions: {{amount: {amount}, date: {date}, brings: {brings}}}");
    }
    if portfolio && d.yes(0.3) {
        let uses: &[&str] = if buys {
            &["[people, acquisitions]", "[acquisitions]", "[people]"]
        } else {
            &["[people]", "[deployment]"]
        };
        let _ = write!(out, ", capital_for: {}", d.one_of(uses));
    }
    if portfolio && d.yes(0.4) {
        let _ = write!(out, ", keeps: {:.1} mo", d.between(0.0, 12.0));
    }
    if d.yes(0.3) {
        let _ = write!(out, ", distributes_from: {} mo", d.whole(0, 30));
    }
    if d.yes(0.3) {
        let at = if d.yes(0.5) { format!(", at: {}", d.month(26, 44)) } else { String::new() };
        let most = if d.yes(0.5) { format!(", most: {}", d.money(f.scale * 0.2)) } else { String::new() };
        let _ = write!(out, ", minimum_return: {{rate: {}{at}{most}}}", d.fixed_rate());
    }
}

/// When capital is called, from month `first` on.
fn calls(d: &mut Dice, first: u32, need: bool) -> String {
    let mut out = format!(
        "{{start: {}, over: {} mo, unanswered: {}, gap: {}",
        d.month(first, 6),
        d.whole(1, 18),
        d.one_of(&["0%/mo", "5%/mo", "30%/mo", "100%/mo"]),
        d.one_of(&["dilutes", "lab_covers"])
    );
    if d.yes(0.3) {
        out += ", unanswered_in_winter: 40%/mo";
    }
    if need {
        out += ", by: need";
    }
    out + "}"
}

/// The lab's stake and the fee.
fn stakes(d: &mut Dice, out: &mut String) {
    if d.yes(0.3) {
        let _ = write!(out, ", stake: {}", d.drawn_share());
    }
    if d.yes(0.3) {
        let _ = write!(out, ", fee: {:.1}%/yr", d.between(0.0, 10.0));
    }
}

pub fn asset_venture(d: &mut Dice, f: &Frame, name: &str) -> String {
    let mut out = format!(
        "joint_venture: {{name: {name}, kind: asset, commitment: {{lab: {}, partners: {}}}, power: {:.6} GW, rent: {:.0} USD/yr, opex: {:.0} USD/yr, residual: {}",
        d.money(f.scale * 0.2),
        d.money(f.scale * 0.5),
        f.scale / 1e10 * d.between(0.0, 0.8),
        f.scale * d.between(0.0, 0.5),
        f.scale * d.between(0.0, 0.1),
        d.drawn_share()
    );
    // Calls end by month 24 at the latest, counted from 0; building begins by 12 and takes at most 18 months.
    let need = d.yes(0.3);
    let _ = write!(out, ", calls: {}", calls(d, 0, need));
    let built = d.yes(0.5);
    if built {
        let (start, over) = (d.month(0, 12), d.whole(1, 18));
        let _ = write!(out, ", build: {{start: {start}, over: {over} mo}}");
    }
    // Deals are sold after all is built, in rising months, and rule out debt.
    let deals = d.yes(0.25);
    let term = d.whole(26, 60);
    let _ = write!(out, ", term: {term} mo, take_or_pay: {}, exposure: {}", d.drawn_share(), d.share());
    let sharing = if deals {
        let count = d.whole(1, 4);
        let mut list = Vec::new();
        for k in 0..count {
            let share = if k + 1 == count { 100 - 22 * k } else { 22 };
            list.push(format!("{{share: {share}%, until: {}}}", d.month(31 + 4 * k, 34 + 4 * k)));
        }
        format!(
            "{{hurdle: {:.0}%/yr, catch_up: 60%, promote: 20%, promote_to: {}, deals: [{}]}}",
            d.between(0.0, 20.0),
            d.one_of(&["lab", "manager"]),
            list.join(", ")
        )
    } else {
        waterfall(d)
    };
    let _ = write!(out, ", waterfall: {sharing}");
    if !deals && d.yes(0.6) {
        let size = if d.yes(0.5) {
            format!("share: {:.0}%", d.between(0.0, 99.0))
        } else {
            format!("amount: {}", d.money(f.scale * 0.4))
        };
        let grace = if d.yes(0.3) { format!(", grace: {} mo", d.whole(0, 6)) } else { String::new() };
        let _ = write!(out, ", debt: {{{size}, rate: {}, term: {} mo{grace}}}", d.fixed_rate(), d.whole(1, 80));
    }
    // Rights begin after the last call and before the venture ends, which is month 26 or later.
    if d.yes(0.4) {
        let most = if d.yes(0.5) { format!(", most: {}", d.money(f.scale * 0.1)) } else { String::new() };
        let at = if d.yes(0.4) { format!(", at: {}", d.month(24, 45)) } else { String::new() };
        let _ = write!(out, ", minimum_return: {{rate: {}{most}{at}}}", d.fixed_rate());
    }
    if d.yes(0.4) {
        let rule = d.one_of(&["when_worth", "under_stress"]);
        let _ = write!(out, ", put: {{from: {}, rate: {}, exercised: {rule}}}", d.month(24, 25), d.fixed_rate());
    }
    if d.yes(0.4) {
        let _ = write!(
            out,
            ", buy_out: {{from: {}, irr: {}, moic: {:.2}x, keeps: {} mo}}",
            d.month(24, 25),
            d.fixed_rate(),
            d.between(0.0, 2.0),
            d.whole(0, 12)
        );
    }
    if d.yes(0.3) {
        let _ = write!(out, ", exit: {}", d.month(31, 60));
    }
    if d.yes(0.4) {
        let _ = write!(
            out,
            ", step_in: {{after: {} mo, vacancy: {} mo, rent: {}}}",
            d.whole(0, 6),
            d.whole(0, 24),
            d.share()
        );
    }
    if d.yes(0.3) {
        let _ = write!(out, ", political: {{hazard: {:.0}%/yr, recovers: {}}}", d.between(0.0, 60.0), d.share());
    }
    stakes(d, &mut out);
    out + "}"
}

fn waterfall(d: &mut Dice) -> String {
    let to = d.one_of(&["lab", "manager"]);
    match d.whole(0, 4) {
        0 => format!("{{promote_to: {to}}}"),
        1 => format!(
            "{{look_back: [{{hurdle: {:.0}%/yr, share: 95%}}, {{hurdle: 12%/yr, share: 80%}}], beyond: {}, promote_to: {to}}}",
            d.between(0.0, 11.0),
            d.share()
        ),
        2 => format!(
            "{{hurdle: {:.0}%/yr, accrual: simple, order: preferred_first, promote: {:.0}%, promote_to: {to}}}",
            d.between(0.0, 20.0),
            d.between(0.0, 100.0)
        ),
        3 => {
            let promote = d.between(0.0, 40.0);
            format!(
                "{{hurdle: {:.0}%/yr, catch_up: {:.1}%, promote: {promote:.1}%, promote_to: {to}}}",
                d.between(0.0, 20.0),
                promote + d.between(0.2, 60.0)
            )
        }
        _ => format!(
            "{{flip: {{target: {:.0}%/yr, before: {}, after: {}}}, promote_to: {to}}}",
            d.between(0.0, 30.0),
            d.drawn_share(),
            d.share()
        ),
    }
}
